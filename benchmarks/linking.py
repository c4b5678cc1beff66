"""Measure linking: are copies of a statement found, is a person one over articles, at what cost?

    python -m benchmarks.linking                     # print the figures
    python -m benchmarks.linking --gate              # fail under the floors
    python -m benchmarks.linking --cost 1000000      # the cost too, up to so many quotations
    python -m benchmarks.linking --write-docs        # and rewrite the table of docs/linking.md

Statements: sentences of seeds/, each in made-up variants; a pair is right if both come from one
sentence. Speakers: the annotated corpus with its speakers (--corpus or QUOTEDEX_CORPUS, see
benchmarks.accuracy; skipped without), whose people recur over its articles; B-cubed.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import combinations, islice
from math import log2
from pathlib import Path
from typing import Any

from rapidfuzz.fuzz import partial_token_set_ratio

from benchmarks.synthetic import articles
from evaluation.gold import GoldSet, polnear
from quotedex.link import Sighting, company, link_speakers, link_statements, plain_name
from quotedex.store import Store
from quotedex.store import statements as stored_statements
from quotedex.store.file import connect
from quotedex.text.names import parse_name

ROOT = Path(__file__).parents[1]
RESULTS = Path(__file__).parent / "linking.json"
DOCS = ROOT / "docs" / "linking.md"
FLOORS = {"statements": (0.99, 0.90), "speakers": (0.98, 0.90)}
STEPS = (10_000, 100_000, 1_000_000)
BATCH = 320  # quotations of a transaction, about what an indexing run writes at once


@dataclass(frozen=True, slots=True)
class Figure:
    """Of `items` sorted into groups."""

    items: int
    precision: float
    recall: float


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status is 1 when a figure is under its floor and --gate is given."""
    options = _parser().parse_args(arguments)
    known = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    figures, missed = statements()
    known["statements"] = as_row(figures) | {"missed": missed}
    wrong = under("statements", figures)
    if options.corpus and (options.corpus / options.split / "text").is_dir():
        measured = speakers(polnear(options.corpus, options.split), options.corpus, options.split)
        known["speakers"] = as_row(measured)
        wrong += under("speakers", measured)
    else:
        print("skipped: speakers: there is no annotated corpus")
    if options.cost:
        known["cost"] = cost(options.cost)
    print(table(known))
    if options.write_docs:
        RESULTS.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")
        write_docs(known)
    for sentence in wrong if options.gate else ():
        print(sentence, file=sys.stderr)
    return int(bool(wrong) and options.gate)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    corpus = os.environ.get("QUOTEDEX_CORPUS")
    parser.add_argument("--corpus", type=Path, default=Path(corpus) if corpus else None)
    parser.add_argument("--split", default="dev")
    parser.add_argument("--gate", action="store_true", help="fail under the floors")
    parser.add_argument("--cost", type=int, help="measure the cost up to so many quotations")
    parser.add_argument(
        "--write-docs", action="store_true", help="keep the figures, write the page"
    )
    return parser


def statements() -> tuple[Figure, dict[str, int]]:
    """Pairs of variants that are put together, and how many of each kind are not with their
    sentence."""
    texts = variants(pieces())
    groups = link_statements(texts)
    origin = {identity: identity.partition("/")[0] for identity in texts}
    found = [pair for group in groups for pair in combinations(group, 2)]
    right = sum(origin[left] == origin[right] for left, right in found)
    sizes = Counter(origin.values())
    pairs = sum(size * (size - 1) // 2 for size in sizes.values())
    group_of = {identity: index for index, group in enumerate(groups) for identity in group}
    missed = Counter(
        identity.partition("/")[2]
        for identity in texts
        if not identity.startswith("not ")
        and group_of[identity] != group_of[f"{origin[identity]}/as printed"]
    )
    kinds = sorted({identity.partition("/")[2] for identity in texts} - {"another statement"})
    figure = Figure(len(texts), right / max(1, len(found)), right / pairs)
    return figure, {kind: missed[kind] for kind in kinds}


def pieces() -> list[str]:
    """Sentences of the seeds of six words or more, of which none is much like another: the seeds
    print each other's sentences, and then nobody could say what is a copy."""
    kept: list[str] = []
    for path in sorted((ROOT / "seeds").glob("*.txt")):
        for paragraph in re.split(r"\n\s*\n", path.read_text(encoding="utf-8")):
            for sentence in re.split(r"(?<=[.!?])\s+", " ".join(paragraph.split())):
                clean = re.sub(r"[^\w\s.,;'-]", "", sentence)
                if 6 <= len(clean.split()) <= 45 and not any(
                    partial_token_set_ratio(clean, other) == 100
                    and len(set(clean.lower().split()) & set(other.lower().split())) > 5
                    for other in kept
                ):
                    kept.append(clean)
    return kept


SPELLINGS = {"center": "centre", "organiz": "organis", "color": "colour", "labor": "labour"}


def variants(sentences: Iterable[str], seed: int = 1) -> dict[str, str]:
    """Each sentence as printed and in its variants, by "number/kind"; "another statement" is the
    sentence turned round, which belongs to nothing."""
    chance = random.Random(seed)
    made: dict[str, str] = {}
    for number, sentence in enumerate(sentences):
        words = sentence.rstrip(".!?").split()
        size = len(words)
        middle = max(2, size // 3)
        kinds = {
            "as printed": sentence,
            "punctuation": " ".join(words).replace(",", " --").replace("'", "\N{PRIME}") + ",",
            "case": sentence.upper(),
            "misprint": " ".join(_misprinted(words, chance)),
            "extended": f"{' '.join(words)}, and that is what we told them last week",
            "spelling": _british(sentence),
        }
        if number % 3 == 0:
            # A part of a sentence is one of the sentence turned round, too.
            made[f"not {number}/another statement"] = " ".join([*words[:2], "never", *words[2:]])
        else:
            kinds["cut short"] = " ".join(words[: max(5, size * 2 // 3)])
            kinds["begun later"] = " ".join(words[min(size - 5, size // 3) :])
        if number % 3 and size > 9:
            kinds["ellipsis"] = " ".join([*words[:middle], "...", *words[-middle - 2 :]])
        made |= {f"{number}/{kind}": text for kind, text in kinds.items()}
    return made


def _misprinted(words: Sequence[str], chance: random.Random) -> list[str]:
    """A letter less in one of the longer words."""
    longest = chance.choice(sorted(range(len(words)), key=lambda i: -len(words[i]))[:2])
    word = words[longest]
    at = chance.randrange(1, len(word))
    return [*words[:longest], word[:at] + word[at + 1 :], *words[longest + 1 :]]


def _british(sentence: str) -> str:
    for american, british in SPELLINGS.items():
        sentence = sentence.replace(american, british)
    return re.sub(r"iz(e[sd]?|ing|ation)\b", r"is\1", sentence)


def speakers(gold: GoldSet, corpus: Path, split: str) -> Figure:
    """B-cubed over the annotated speakers of each article."""
    named = json.loads((corpus / f"{split}-speakers.json").read_text(encoding="utf-8"))
    sightings = [
        Sighting(document.name, name, kind, None, company(document.text))
        for document in gold.documents
        for name, kind in sorted(
            {(each["speaker"], each["kind"]) for each in named.get(document.name, {}).values()}
        )
    ]
    found = {
        sighting: number
        for number, group in enumerate(link_speakers(sightings))
        for sighting in group
    }
    return b_cubed(found, true_keys(sightings))


def true_keys(sightings: Sequence[Sighting]) -> dict[Sighting, str]:
    """Who the annotators mean: a person by given and family name, where only the surname is given
    the only one of that name; others by name, and nameless ones within their article."""
    whole: dict[str, set[str]] = defaultdict(set)
    for each in sightings:
        name = parse_name(each.name)
        if each.kind == "person" and len(name.words) > 1:
            whole[name.surname].add(f"{name.words[0]} {name.surname}")
    return {each: _true_key(each, whole) for each in sightings}


def _true_key(sighting: Sighting, whole: Mapping[str, set[str]]) -> str:
    words = sighting.name.split()
    if sighting.kind == "person":
        name = parse_name(sighting.name)
        if len(name.words) > 1:
            return f"{name.words[0]} {name.surname}"
        if len(whole[name.surname]) == 1:
            return next(iter(whole[name.surname]))
    proper = any(word[0].isupper() for word in words[1:])
    if sighting.kind == "organization":
        proper = proper or words[0][0].isupper()
    if sighting.kind in ("organization", "group") and proper:
        return plain_name(sighting.name)
    return f"{sighting.article}: {sighting.name}"


def b_cubed(found: Mapping[Sighting, int], true: Mapping[Sighting, str]) -> Figure:
    """For each sighting, how much of its group is right and how much of the right is in it."""
    by_group: dict[int, set[Sighting]] = defaultdict(set)
    by_key: dict[str, set[Sighting]] = defaultdict(set)
    for each in found:
        by_group[found[each]].add(each)
        by_key[true[each]].add(each)
    precision = recall = 0.0
    for each in found:
        group, right = by_group[found[each]], by_key[true[each]]
        precision += len(group & right) / len(group)
        recall += len(group & right) / len(right)
    return Figure(len(found), precision / len(found), recall / len(found))


def cost(most: int) -> list[tuple[int, float]]:
    """Processor seconds to link so many made-up quotations, in one growing file."""
    spent, done, rows = 0.0, 0, []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "made-up.db"
        Store(path).close()
        with closing(connect(path, "mode=rw")) as conn:
            conn.execute("PRAGMA journal_mode = WAL")
            conn.execute("PRAGMA cache_size = -65536")
            texts = (quote.text for article in articles(most) for quote in article.quotes)
            while batch := list(islice(texts, BATCH)):
                began = time.process_time()
                conn.execute("BEGIN IMMEDIATE")
                stored_statements.put(conn, batch)
                conn.execute("COMMIT")
                spent += time.process_time() - began
                before, done = done, done + len(batch)
                rows += [(step, round(spent, 1)) for step in STEPS if before < step <= done]
    return rows


def as_row(figure: Figure) -> dict[str, float]:
    return {
        "items": figure.items,
        "precision": round(figure.precision, 4),
        "recall": round(figure.recall, 4),
    }


def under(name: str, figure: Figure) -> list[str]:
    """What is wrong with a figure, a sentence each."""
    return [
        f"{name}: {what} is {value:.4f}, under its floor {floor:.2f}"
        for what, value, floor in zip(
            ("precision", "recall"), (figure.precision, figure.recall), FLOORS[name], strict=True
        )
        if value < floor
    ]


def table(known: Mapping[str, Any]) -> str:
    """What is known, as Markdown."""
    lines = ["| linked | of | precision | recall |", "| --- | ---: | ---: | ---: |"]
    for name, items in (("statements", "variants"), ("speakers", "speakers of articles")):
        if name in known:
            row = known[name]
            figures = f"{row['precision']:.3f} | {row['recall']:.3f}"
            lines.append(f"| {name} | {row['items']:,} {items} | {figures} |")
    missed = {kind: count for kind, count in known["statements"]["missed"].items() if count}
    told = ", ".join(f"{kind} {count}" for kind, count in missed.items()) or "none"
    lines += ["", f"Variants not put with their sentence: {told}."]
    if known.get("cost"):
        lines += [
            "",
            "| quotations | seconds | microseconds each | divided by log2 n |",
            "| ---: | ---: | ---: | ---: |",
        ]
        for number, seconds in known["cost"]:
            each = 1e6 * seconds / number
            lines.append(
                f"| {number:,} | {seconds:,.0f} | {each:,.0f} | {each / log2(number):.1f} |"
            )
    return "\n".join(lines)


def write_docs(known: Mapping[str, Any]) -> None:
    """Put the table between its marks in docs/linking.md."""
    page = DOCS.read_text(encoding="utf-8")
    begin, end = "<!-- begin figures -->\n", "<!-- end figures -->"
    head, _, rest = page.partition(begin)
    DOCS.write_text(f"{head}{begin}{table(known)}\n{end}{rest.partition(end)[2]}", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
