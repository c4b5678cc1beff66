"""The five seed articles, checked against annotations made by reading them (cases/seeds.json).

Each check has a name ("002-4 mention"). cases/seeds_known_failures.json lists those that fail, with
the reason; such a check must fail, and its entry must go once it passes. "002-4" alone stands for
all checks of a quotation that is not found. `python -m tests.extract.test_seeds` prints the entries
that are needed now, with the reasons known so far.
"""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

import pytest
from _pytest.mark.structures import ParameterSet

from quotedex.extract import extract
from quotedex.models import Quote, Span
from tests.helpers import ROOT

CASES = ROOT / "tests" / "cases"
ARTICLES: list[dict[str, Any]] = json.loads((CASES / "seeds.json").read_text(encoding="utf-8"))
KNOWN: dict[str, str] = json.loads(
    (CASES / "seeds_known_failures.json").read_text(encoding="utf-8")
)
ANNOTATED = {entry["id"]: (article, entry) for article in ARTICLES for entry in article["quotes"]}
ASPECTS = ("found", "kind", "utterance", "parent", "mention", "speaker")
KINDS = {"person", "organization", "group", "anonymous"}
UNNAMED = {"group", "anonymous"}
SAME_SPAN = 0.5


def checks(names: dict[str, tuple[Any, ...]]) -> list[ParameterSet]:
    """The checks as parameters, the known failures marked."""
    return [
        pytest.param(
            *arguments,
            id=name,
            marks=[pytest.mark.xfail(reason=reason)] if (reason := known_failure(name)) else [],
        )
        for name, arguments in names.items()
    ]


def known_failure(name: str) -> str | None:
    return KNOWN.get(name) or KNOWN.get(name.split()[0])


QUOTATIONS = {f"{key} {aspect}": (key, aspect) for key in ANNOTATED for aspect in ASPECTS}
NOBODY = {
    f"{article['document'][:3]} negative {entry['start']}": (article, entry)
    for article in ARTICLES
    for entry in article["not_quotes"]
}
NOTHING_ELSE = {f"{article['document'][:3]} nothing else": (article,) for article in ARTICLES}


@pytest.mark.parametrize(("key", "aspect"), checks(QUOTATIONS))
def test_quotation(key: str, aspect: str) -> None:
    article, annotated = ANNOTATED[key]
    found = matching(annotated, quotes_of(article["document"]))
    assert found is not None, f"not found: {annotated['text']}"
    compare = {
        "found": same_words,
        "kind": same_kind,
        "utterance": same_utterance,
        "parent": same_parent,
        "mention": same_mention,
        "speaker": same_speaker,
    }
    compare[aspect](article, annotated, found)


@pytest.mark.parametrize(("article", "entry"), checks(NOBODY))
def test_spans_that_nobody_says_are_left_out(
    article: dict[str, Any], entry: dict[str, Any]
) -> None:
    assert matching(entry, quotes_of(article["document"])) is None


@pytest.mark.parametrize("article", checks(NOTHING_ELSE))
def test_nothing_else_is_reported(article: dict[str, Any]) -> None:
    entries = article["quotes"] + article["not_quotes"]
    annotated = [(entry["start"], entry["end"]) for entry in entries]
    others = [
        quote.text
        for quote in quotes_of(article["document"])
        if not any(likeness(quote, *bounds) >= SAME_SPAN for bounds in annotated)
    ]
    assert others == []


def test_known_failures_name_checks() -> None:
    assert set(KNOWN) <= {*ANNOTATED, *QUOTATIONS, *NOBODY, *NOTHING_ELSE}
    assert all(KNOWN.values()), "a reason is missing"


@pytest.mark.parametrize("article", ARTICLES, ids=lambda article: article["document"][:3])
def test_annotation_agrees_with_the_article(article: dict[str, Any]) -> None:
    text = text_of(article["document"])
    for entry in article["quotes"] + article["not_quotes"]:
        assert text[entry["start"] : entry["end"]] == entry["text"]
    assert [q["start"] for q in article["quotes"]] == sorted(q["start"] for q in article["quotes"])
    for entry in article["quotes"]:
        assert entry["kind"] in {"full", "partial"}
        assert (entry["speaker"] is None) == (entry["speaker_kind"] is None)
        assert entry["speaker"] is None or entry["speaker_kind"] in KINDS
        if mention := entry["mention"]:
            assert text[mention["start"] : mention["end"]] == mention["text"]
        if parent := entry["parent"] and ANNOTATED[entry["parent"]][1]:
            assert parent["start"] <= entry["start"] < entry["end"] <= parent["end"]


def test_every_seed_is_annotated() -> None:
    files = sorted(path.name for path in (ROOT / "seeds").iterdir())
    assert [article["document"] for article in ARTICLES] == files


@cache
def text_of(document: str) -> str:
    with (ROOT / "seeds" / document).open(encoding="utf-8", newline="") as file:
        return file.read()


@cache
def quotes_of(document: str) -> list[Quote]:
    return extract(text_of(document))


def matching(annotated: dict[str, Any], quotes: list[Quote]) -> Quote | None:
    """The reported quotation at the place of the annotated one."""
    start, end = annotated["start"], annotated["end"]
    best = max(quotes, key=lambda quote: likeness(quote, start, end), default=None)
    return best if best and likeness(best, start, end) >= SAME_SPAN else None


def likeness(quote: Quote, start: int, end: int) -> float:
    shared = min(quote.end, end) - max(quote.start, start)
    return max(0, shared) / (max(quote.end, end) - min(quote.start, start))


def same_words(article: dict[str, Any], annotated: dict[str, Any], found: Quote) -> None:
    assert (found.start, found.end) == (annotated["start"], annotated["end"])
    assert found.text == annotated["text"]


def same_kind(article: dict[str, Any], annotated: dict[str, Any], found: Quote) -> None:
    assert found.kind == annotated["kind"]


def same_utterance(article: dict[str, Any], annotated: dict[str, Any], found: Quote) -> None:
    """The same quotations share its utterance as in the annotation."""
    quotes = quotes_of(article["document"])
    reported, wanted = set(), set()
    for entry in article["quotes"]:
        other = matching(entry, quotes)
        if other is not None and other.utterance == found.utterance:
            reported.add(entry["id"])
        if entry["utterance"] == annotated["utterance"]:
            wanted.add(entry["id"])
    assert reported == wanted


def same_parent(article: dict[str, Any], annotated: dict[str, Any], found: Quote) -> None:
    quotes = quotes_of(article["document"])
    parent = None if found.parent is None else quotes[found.parent]
    wanted = annotated["parent"] and matching(ANNOTATED[annotated["parent"]][1], quotes)
    assert parent == wanted


def same_mention(article: dict[str, Any], annotated: dict[str, Any], found: Quote) -> None:
    """One may contain the other: "Etienne's spokesman Ashley Etienne" is as good."""
    wanted = annotated["mention"]
    if wanted is None or found.mention is None:
        assert found.mention == wanted
        return
    got, text = found.mention, text_of(article["document"])
    inner = Span(max(got.start, wanted["start"]), min(got.end, wanted["end"]))
    assert inner in (got, Span(wanted["start"], wanted["end"])), text[got.start : got.end]


def same_speaker(article: dict[str, Any], annotated: dict[str, Any], found: Quote) -> None:
    """Names are equal except for a leading article; a description may contain the other."""
    if annotated["speaker"] is None or found.speaker is None:
        assert found.speaker is None, found.speaker
        assert annotated["speaker"] is None
        return
    got, wanted = bare(found.speaker.name), bare(annotated["speaker"])
    if annotated["speaker_kind"] in UNNAMED:
        assert got in wanted or wanted in got
    else:
        assert got == wanted
    assert found.speaker.kind == annotated["speaker_kind"]


def bare(name: str) -> str:
    words = " ".join(name.split()).lower()
    return re.sub(r"^(?:the|an?) ", "", words)


def failures() -> list[str]:
    """The names of the checks that fail now."""
    unfound = [
        key
        for key, (article, entry) in ANNOTATED.items()
        if matching(entry, quotes_of(article["document"])) is None
    ]
    runs = [
        *((name, test_quotation, args) for name, args in QUOTATIONS.items()),
        *((name, test_spans_that_nobody_says_are_left_out, args) for name, args in NOBODY.items()),
        *((name, test_nothing_else_is_reported, args) for name, args in NOTHING_ELSE.items()),
    ]
    failing = []
    for name, test, arguments in runs:
        try:
            test(*arguments)
        except AssertionError:
            failing.append(name)
    return unfound + [name for name in failing if name.split()[0] not in unfound]


if __name__ == "__main__":
    needed = {name: known_failure(name) or "" for name in sorted(failures())}
    print(json.dumps(needed, indent=1, ensure_ascii=False))
