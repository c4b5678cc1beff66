"""Measure linking: how well copies of a statement and mentions of a person are found, and the cost.

    python -m benchmarks.linking                     # print the scores
    python -m benchmarks.linking --gate              # fail if a score is under its floor
    python -m benchmarks.linking --cost 1000000      # also the cost, up to a million quotations
    python -m benchmarks.linking --write-docs        # also rewrite the table of docs/linking.md

Statements are sentences of seeds/, each in several variants; precision and recall are of pairs, and
a pair is correct if both come from one sentence. Speakers are those annotated in a corpus
(--corpus or QUOTEDEX_CORPUS, see benchmarks.accuracy; skipped without one), where the same people
speak in many articles; precision and recall are B-cubed. Namesakes are invented: 33 names of two
people each, and 33 people of whom the articles say little, in namesakes.json.
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
from benchmarks.tables import DOCS, Table, markdown, write
from evaluation.gold import GoldSet, polnear
from quotedex.link import (
    ArticleSpeaker,
    co_mentioned_names,
    link_speakers,
    link_statements,
    normalized_name,
)
from quotedex.store import Store, fingerprints
from quotedex.store import statements as stored_statements
from quotedex.store.file import connect
from quotedex.text.names import parse_name

ROOT = Path(__file__).parents[1]
NAMESAKES = Path(__file__).parent / "namesakes.json"
RESULTS = Path(__file__).parent / "linking.json"
PAGE = DOCS / "linking.md"
FLOORS = {"statements": (0.99, 0.90), "speakers": (0.99, 0.97), "namesakes": (0.97, 0.97)}
STEPS = (10_000, 100_000, 1_000_000)
BATCH = 320  # quotations in a transaction, about as many as an indexing run writes at once


@dataclass(frozen=True, slots=True)
class LinkingScore:
    """Precision and recall of `items` put into groups."""

    items: int
    precision: float
    recall: float


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; with --gate the exit status is 1 if a score is under its floor."""
    options = _parser().parse_args(arguments)
    known = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    score, missed = score_statements()
    known["statements"] = as_row(score) | {"missed": missed}
    failures = under_floor("statements", score)
    score = score_namesakes()
    known["namesakes"] = as_row(score)
    failures += under_floor("namesakes", score)
    if options.corpus and (options.corpus / options.split / "text").is_dir():
        gold = polnear(options.corpus, options.split)
        score = score_speakers(gold, options.corpus / f"{options.split}-speakers.json")
        known["speakers"] = as_row(score)
        failures += under_floor("speakers", score)
    else:
        print("skipped: speakers (there is no annotated corpus)")
    if options.cost:
        known["cost"] = cost(options.cost)
    print(table(known))
    if options.write_docs:
        RESULTS.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")
        write(PAGE, {"scores": table(known)})
    for failure in failures if options.gate else ():
        print(failure, file=sys.stderr)
    return int(bool(failures) and options.gate)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    corpus = os.environ.get("QUOTEDEX_CORPUS")
    parser.add_argument(
        "--corpus",
        type=Path,
        default=Path(corpus) if corpus else None,
        help="folder of the annotated corpus (default: QUOTEDEX_CORPUS)",
    )
    parser.add_argument("--split", default="dev", help="split of the corpus (default: dev)")
    parser.add_argument("--gate", action="store_true", help="fail if a score is under its floor")
    parser.add_argument(
        "--cost", type=int, metavar="N", help="also measure the cost of up to N quotations"
    )
    parser.add_argument(
        "--write-docs", action="store_true", help="keep the results and rewrite docs/linking.md"
    )
    return parser


def score_statements() -> tuple[LinkingScore, dict[str, int]]:
    """The score of pairs of variants, and for each kind of variant how many are not linked to the
    sentence as printed."""
    texts = variants(sentences())
    origin = {key: key.partition("/")[0] for key in texts}
    # All variants of a sentence have one speaker: otherwise, common words are never linked.
    groups = link_statements(texts, {key: origin[key].removeprefix("not ") for key in texts})
    pairs = [pair for group in groups for pair in combinations(group, 2)]
    correct = sum(origin[left] == origin[right] for left, right in pairs)
    true_pairs = sum(size * (size - 1) // 2 for size in Counter(origin.values()).values())
    group_of = {key: index for index, group in enumerate(groups) for key in group}
    missed = Counter(
        key.partition("/")[2]
        for key in texts
        if not key.startswith("not ") and group_of[key] != group_of[f"{origin[key]}/as printed"]
    )
    kinds = sorted({key.partition("/")[2] for key in texts} - {"another statement"})
    score = LinkingScore(len(texts), correct / max(1, len(pairs)), correct / true_pairs)
    return score, {kind: missed[kind] for kind in kinds}


def sentences() -> list[str]:
    """Sentences of the seed articles with at least six words. Near-duplicates are left out, because
    the articles repeat each other, and then it is unclear which variants belong together."""
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


def variants(texts: Iterable[str], seed: int = 1) -> dict[str, str]:
    """Each sentence as printed and in its variants, by "number/kind". "another statement" is the
    negated sentence, which must not be linked to it."""
    chance = random.Random(seed)
    by_key: dict[str, str] = {}
    for number, sentence in enumerate(texts):
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
            # No variants that are parts: they would be parts of the negated sentence, too.
            by_key[f"not {number}/another statement"] = " ".join([*words[:2], "never", *words[2:]])
        else:
            kinds["cut short"] = " ".join(words[: max(5, size * 2 // 3)])
            kinds["begun later"] = " ".join(words[min(size - 5, size // 3) :])
        if number % 3 and size > 9:
            kinds["ellipsis"] = " ".join([*words[:middle], "...", *words[-middle - 2 :]])
        by_key |= {f"{number}/{kind}": text for kind, text in kinds.items()}
    return by_key


def _misprinted(words: Sequence[str], chance: random.Random) -> list[str]:
    """With one letter missing in one of the longest words."""
    longest = chance.choice(sorted(range(len(words)), key=lambda i: -len(words[i]))[:2])
    word = words[longest]
    at = chance.randrange(1, len(word))
    return [*words[:longest], word[:at] + word[at + 1 :], *words[longest + 1 :]]


def _british(sentence: str) -> str:
    for american, british in SPELLINGS.items():
        sentence = sentence.replace(american, british)
    return re.sub(r"iz(e[sd]?|ing|ation)\b", r"is\1", sentence)


def score_speakers(gold: GoldSet, speakers_file: Path) -> LinkingScore:
    """The B-cubed score of the annotated speakers of each article."""
    speakers = json.loads(speakers_file.read_text(encoding="utf-8"))
    speakers = [
        ArticleSpeaker(document.name, name, kind, None, co_mentioned_names(document.text))
        for document in gold.documents
        for name, kind in sorted(
            {(each["speaker"], each["kind"]) for each in speakers.get(document.name, {}).values()}
        )
    ]
    groups = {
        speaker: number for number, group in enumerate(link_speakers(speakers)) for speaker in group
    }
    return b_cubed(groups, true_keys(speakers))


def score_namesakes() -> LinkingScore:
    """The B-cubed score of the invented people, all linked together."""
    sets = json.loads(NAMESAKES.read_text(encoding="utf-8"))
    true = {
        ArticleSpeaker(
            f"{entry['name']}, {person}.{number}",
            entry["name"],
            "person",
            description,
            frozenset(others),
            outlet,
        ): f"{entry['name']}, {person}"
        for entry in (*sets["namesakes"], *sets["single"])
        for person, articles_of in enumerate(entry["people"])
        for number, (description, outlet, others) in enumerate(articles_of)
    }
    groups = {
        speaker: number for number, group in enumerate(link_speakers(true)) for speaker in group
    }
    return b_cubed(groups, true)


def true_keys(speakers: Sequence[ArticleSpeaker]) -> dict[ArticleSpeaker, str]:
    """The true speaker behind each speaker. People are the same if their first name and surname
    are; a surname alone means the only person who has it. Organizations and groups are the same
    if their names are, anonymous sources only within an article."""
    full_names: dict[str, set[str]] = defaultdict(set)
    for each in speakers:
        name = parse_name(each.name)
        if each.kind == "person" and len(name.words) > 1:
            full_names[name.surname].add(f"{name.words[0]} {name.surname}")
    return {each: _true_key(each, full_names) for each in speakers}


def _true_key(speaker: ArticleSpeaker, full_names: Mapping[str, set[str]]) -> str:
    words = speaker.name.split()
    if speaker.kind == "person":
        name = parse_name(speaker.name)
        if len(name.words) > 1:
            return f"{name.words[0]} {name.surname}"
        if len(full_names[name.surname]) == 1:
            return next(iter(full_names[name.surname]))
    proper = any(word[0].isupper() for word in words[1:])
    if speaker.kind == "organization":
        proper = proper or words[0][0].isupper()
    if speaker.kind in ("organization", "group") and proper:
        return normalized_name(speaker.name)
    return f"{speaker.article}: {speaker.name}"


def b_cubed(
    groups: Mapping[ArticleSpeaker, int], true: Mapping[ArticleSpeaker, str]
) -> LinkingScore:
    """The mean over all speakers of the precision and the recall of each one's group."""
    by_group: dict[int, set[ArticleSpeaker]] = defaultdict(set)
    by_key: dict[str, set[ArticleSpeaker]] = defaultdict(set)
    for each in groups:
        by_group[groups[each]].add(each)
        by_key[true[each]].add(each)
    precision = recall = 0.0
    for each in groups:
        group, correct = by_group[groups[each]], by_key[true[each]]
        precision += len(group & correct) / len(group)
        recall += len(group & correct) / len(correct)
    return LinkingScore(len(groups), precision / len(groups), recall / len(groups))


def cost(most: int) -> list[tuple[int, float]]:
    """Quotations and CPU seconds: the time to link synthetic quotations in one growing file."""
    spent, done, rows = 0.0, 0, []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "made-up.db"
        Store(path).close()
        with closing(connect(path, "mode=rw")) as conn:
            conn.execute("PRAGMA journal_mode = WAL")
            conn.execute("PRAGMA cache_size = -65536")
            fingerprints.attach(conn)
            texts = (quote.text for article in articles(most) for quote in article.quotes)
            while batch := list(islice(texts, BATCH)):
                began = time.process_time()
                conn.execute("BEGIN IMMEDIATE")
                fingerprints.load(conn)
                stored_statements.add_wordings(conn, batch)
                fingerprints.put_in_place(conn, above=fingerprints.MAX_WAITING)
                conn.execute("COMMIT")
                spent += time.process_time() - began
                before, done = done, done + len(batch)
                rows += [(step, round(spent, 1)) for step in STEPS if before < step <= done]
    return rows


def as_row(score: LinkingScore) -> dict[str, float]:
    return {
        "items": score.items,
        "precision": round(score.precision, 4),
        "recall": round(score.recall, 4),
    }


def under_floor(name: str, score: LinkingScore) -> list[str]:
    """The failures of a score, one sentence each."""
    return [
        f"{name}: {measure} is {value:.4f}, under its floor {floor:.2f}"
        for measure, value, floor in zip(
            ("precision", "recall"), (score.precision, score.recall), FLOORS[name], strict=True
        )
        if value < floor
    ]


def table(known: Mapping[str, Any]) -> str:
    """The results as Markdown."""
    rows: Table = [("linked", "items", "precision", "recall")]
    for name, items in (
        ("statements", "variants"),
        ("speakers", "speakers of articles"),
        ("namesakes", "invented speakers of articles"),
    ):
        if name in known:
            row = known[name]
            shares = f"{row['precision']:.3f}", f"{row['recall']:.3f}"
            rows.append((name, f"{row['items']:,} {items}", *shares))
    missed = {kind: count for kind, count in known["statements"]["missed"].items() if count}
    kinds = ", ".join(f"{kind} {count}" for kind, count in missed.items()) or "none"
    blocks = [markdown(rows), f"Variants not linked to their sentence: {kinds}."]
    if known.get("cost"):
        rows = [("quotations", "CPU seconds", "microseconds each", "divided by log2 n")]
        for number, seconds in known["cost"]:
            each = 1e6 * seconds / number
            rows.append(
                (f"{number:,}", f"{seconds:,.0f}", f"{each:,.0f}", f"{each / log2(number):.1f}")
            )
        blocks.append(markdown(rows))
    return "\n\n".join(blocks)


if __name__ == "__main__":
    sys.exit(main())
