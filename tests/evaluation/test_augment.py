"""Data augmentation moves labels with the words they are on."""

from __future__ import annotations

import random

import pytest

from quotedex.extract.find import find
from quotedex.models import Span
from training.augment import add_quotation_marks, replace_surnames
from training.labels import Example, IndirectSpeech, Label

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
    [SPOKEN, Label(spoken=False)],
    frozenset({"Ada Poole", "Karl Enver"}),
    (
        IndirectSpeech(
            [span("that the pier had been sold in the spring")], Label(True, [POOLE], POOLE)
        ),
        IndirectSpeech(
            [span("The council"), span("will answer in May")], label("Karl Enver", "said")
        ),
    ),
)


def spoken(example: Example) -> dict[str, str]:
    """Quotation -> the words that name its source."""
    return {
        example.text[marked.start : marked.end]: example.text[source.start : source.end]
        for marked, label in zip(example.spans, example.labels, strict=True)
        if label.spoken and label.source
        for source in label.source
    }


def test_marks_around_indirect_speech(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.augment.PARTIAL", 0.0)
    monkeypatch.setattr("training.augment.MIN_WORDS", 2)
    varied = add_quotation_marks(EXAMPLE, 1.0, random.Random(1))
    assert spoken(varied) == {
        "Nobody asked us,": "Ada Poole",
        "the pier had been sold in the spring.": "Poole",
        "The council,": "Karl Enver",
        "will answer in May.": "Karl Enver",
    }
    assert [label.spoken for label in varied.labels].count(False) == 1


def test_a_share_of_none_changes_nothing() -> None:
    assert add_quotation_marks(EXAMPLE, 0.0, random.Random(1)).text == TEXT


@pytest.mark.parametrize("seed", range(20))
def test_only_marks_are_added(seed: int) -> None:
    varied = add_quotation_marks(EXAMPLE, 0.7, random.Random(seed))
    marks = str.maketrans("", "", "“”")
    assert varied.text.translate(marks) == TEXT.translate(marks)
    assert varied.spans == find(varied.text)
    assert spoken(varied).items() >= {("Nobody asked us,", "Ada Poole")}


def test_speech_around_its_source_gets_no_marks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.augment.PARTIAL", 0.0)
    inside = IndirectSpeech(
        [span("Poole added that the pier had been sold")], Label(True, [POOLE], POOLE)
    )
    example = Example("pier", TEXT, EXAMPLE.spans, EXAMPLE.labels, indirect=(inside,))
    assert add_quotation_marks(example, 1.0, random.Random(1)).text == TEXT


def test_replacing_surnames_moves_every_label() -> None:
    varied = replace_surnames(EXAMPLE, ["Bellinghausen", "Zu"], random.Random(1))
    assert "Poole" not in varied.text
    assert "Enver" not in varied.text
    (name,) = spoken(varied).values()
    assert name in {"Ada Bellinghausen", "Ada Zu"}
    for indirect in varied.indirect:
        assert all(0 <= c.start < c.end <= len(varied.text) for c in indirect.contents)
    assert [varied.text[s.start : s.end] for s in varied.spans] == ["Nobody asked us,", "Piers"]
