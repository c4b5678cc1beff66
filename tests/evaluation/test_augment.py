"""Other forms of a training document: the words that labels hold stay the same."""

from __future__ import annotations

import random

import pytest

from evaluation.labels import Example, Label, Reported
from quotedex.extract.find import find
from quotedex.models import Span
from training.augment import quoted, renamed

TEXT = (
    "“Nobody asked us,” Ada Poole said. Poole added that the pier had been sold in the spring.\n"
    "The council, said Karl Enver, will answer in May. They saw “Piers” twice."
)


def span(words: str) -> Span:
    start = TEXT.index(words)
    return Span(start, start + len(words))


def label(source: str, cue: str) -> Label:
    return Label(True, [span(source)], span(source), [span(cue)])


SPOKEN = label("Ada Poole", "said")
POOLE = Span(span("Poole added").start, span("Poole added").start + len("Poole"))
EXAMPLE = Example(
    "pier",
    TEXT,
    find(TEXT),
    [SPOKEN, Label(said=False)],
    frozenset({"Ada Poole", "Karl Enver"}),
    (
        Reported([span("that the pier had been sold in the spring")], Label(True, [POOLE], POOLE)),
        Reported([span("The council"), span("will answer in May")], label("Karl Enver", "said")),
    ),
)


def spoken(example: Example) -> dict[str, str]:
    """The words in marks that somebody says -> the words that name who."""
    return {
        example.text[marked.start : marked.end]: example.text[source.start : source.end]
        for marked, known in zip(example.spans, example.labels, strict=True)
        if known.said and known.source
        for source in known.source
    }


def test_marks_around_reported_speech(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.augment.PARTIAL", 0.0)
    monkeypatch.setattr("training.augment.FEWEST_WORDS", 2)
    varied = quoted(EXAMPLE, 1.0, random.Random(1))
    assert spoken(varied) == {
        "Nobody asked us,": "Ada Poole",
        "the pier had been sold in the spring.": "Poole",
        "The council,": "Karl Enver",
        "will answer in May.": "Karl Enver",
    }
    assert [known.said for known in varied.labels].count(False) == 1


def test_no_share_changes_nothing() -> None:
    assert quoted(EXAMPLE, 0.0, random.Random(1)).text == TEXT


@pytest.mark.parametrize("seed", range(20))
def test_only_marks_are_put_in(seed: int) -> None:
    varied = quoted(EXAMPLE, 0.7, random.Random(seed))
    marks = str.maketrans("", "", "“”")
    assert varied.text.translate(marks) == TEXT.translate(marks)
    assert varied.spans == find(varied.text)
    assert spoken(varied).items() >= {("Nobody asked us,", "Ada Poole")}


def test_speech_that_holds_its_source_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.augment.PARTIAL", 0.0)
    inside = Reported(
        [span("Poole added that the pier had been sold")], Label(True, [POOLE], POOLE)
    )
    example = Example("pier", TEXT, EXAMPLE.spans, EXAMPLE.labels, reported=(inside,))
    assert quoted(example, 1.0, random.Random(1)).text == TEXT


def test_renaming_moves_every_label() -> None:
    varied = renamed(EXAMPLE, ["Bellinghausen", "Zu"], random.Random(1))
    assert "Poole" not in varied.text
    assert "Enver" not in varied.text
    (name,) = spoken(varied).values()
    assert name in {"Ada Bellinghausen", "Ada Zu"}
    for reported in varied.reported:
        assert all(0 <= c.start < c.end <= len(varied.text) for c in reported.contents)
    assert [varied.text[s.start : s.end] for s in varied.spans] == ["Nobody asked us,", "Piers"]
