"""The measure itself, on an invented corpus whose figures can be counted by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from evaluation.gold import GoldDocument, GoldQuote, GoldSet, double_marked, passages, polnear
from evaluation.scoring import Figure, Prediction, match, mention_right, same_name, score
from quotedex.models import Span

TEXT = """“The pier is shut,” Ada Poole said.

She called it a “minor” closure. Her book, “Piers”, sold out. “No,” said a clerk at the gate.
"""


def span(words: str, text: str = TEXT) -> Span:
    start = text.index(words)
    return Span(start, start + len(words))


PIER, MINOR, BOOK, NO = (span(w) for w in ("“The pier is shut,”", "“minor”", "“Piers”", "“No,”"))
POOLE, SHE, CLERK = span("Ada Poole"), span("She"), span("a clerk at the gate")
DOCUMENT = GoldDocument(
    "pier",
    TEXT,
    (
        GoldQuote(PIER, True, (POOLE,), "Ada Poole"),
        GoldQuote(MINOR, True, (SHE,), "Ada Poole"),
        GoldQuote(BOOK, False),
        GoldQuote(NO, True, (CLERK,), "a clerk at the gate"),
    ),
)
GOLD = GoldSet("piers", (DOCUMENT,), nested_annotated=True)


def test_all_right() -> None:
    report = score(
        GOLD,
        {
            "pier": [
                Prediction(span("The pier is shut,"), POOLE, "Ms. Ada Poole", 0.95),
                Prediction(span("minor"), SHE, "Ada Poole", 0.85),
                Prediction(span("No,"), span("clerk"), "clerk at the gate", 0.82),
            ]
        },
    )
    # "clerk at the gate" for "a clerk at the gate": a leading article is no difference.
    assert report.detect == report.mention == report.speaker == report.sure == Figure(3, 3, 3)
    assert (report.negatives, report.negatives_reported) == (1, 0)
    assert report.by_source == {"name": (1, 1), "nominal": (1, 1), "pronoun": (1, 1)}
    assert [(b.low, b.count, b.right) for b in report.reliability] == [(0.8, 2, 2), (0.9, 1, 1)]
    assert report.misses == ()


def test_confidence_speaks_of_the_speaker_too() -> None:
    named, unnamed = (Prediction(PIER, POOLE, name, 0.9) for name in ("Karl Enver", None))
    for prediction, right in ((named, 0), (unnamed, 1)):
        (entry,) = score(GOLD, {"pier": [prediction]}).reliability
        assert entry.right == right


def test_each_error_costs_its_figure() -> None:
    report = score(
        GOLD,
        {
            "pier": [
                Prediction(PIER, SHE, "the clerk", 0.9),  # wrong source, wrong speaker
                Prediction(BOOK, POOLE, "Ada Poole", 0.4),  # nobody says it
                Prediction(NO, None, None, 0.6),  # source not found
            ]
        },
    )
    assert report.detect == Figure(2, 3, 3)
    assert report.mention == Figure(0, 2, 3)
    assert report.speaker == Figure(0, 2, 3)
    assert report.sure == Figure(0, 1, 3)
    assert report.negatives_reported == 1
    assert sum(entry.right for entry in report.reliability) == 0
    assert [(m.found, m.got_mention) for m in report.misses] == [
        (True, "She"),
        (False, None),
        (True, None),
    ]


def test_a_document_without_predictions_counts_as_missed() -> None:
    assert score(GOLD, {}).detect == Figure(0, 0, 3)


def test_figure() -> None:
    figure = Figure(right=6, given=8, wanted=12)
    assert (figure.precision, figure.recall) == (0.75, 0.5)
    assert figure.f1 == pytest.approx(0.6)
    assert Figure(0, 0, 0).f1 == 0


def test_match_takes_each_prediction_once() -> None:
    one = Prediction(PIER, None, None)
    gold = [GoldQuote(PIER, True), GoldQuote(PIER, True)]
    assert match(gold, [one]) == [0, None]
    half = Prediction(Span(PIER.start, PIER.start + 9), None, None)
    assert match([GoldQuote(PIER, True)], [half]) == [None]


@pytest.mark.parametrize(
    ("given", "right"),
    [(POOLE, True), (span("Poole"), True), (SHE, False), (None, False)],
)
def test_mention(given: Span | None, right: bool) -> None:
    assert mention_right(TEXT, given, [POOLE]) is right


def test_mention_elsewhere_is_right_by_its_last_word() -> None:
    text = "Ada Poole came. “No,” said Ms Poole."
    assert mention_right(text, span("Ada Poole", text), [span("Ms Poole", text)])


@pytest.mark.parametrize(
    ("given", "annotated", "same"),
    [
        ("Ada Poole", "ada poole", True),
        ("Sen. Ada Poole", "Ada Poole", True),
        ("Ada  Poole’s", "Ada Poole", True),
        ("the Pier Board", "Pier Board", True),
        ("Poole", "Ada Poole", False),
        (None, "Ada Poole", False),
    ],
)
def test_names(given: str | None, annotated: str, same: bool) -> None:
    assert same_name(given, annotated) is same


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ('"One," he said. "Two."', ['"One,"', '"Two."']),
        ("“Left open\nand gone", ["“Left open"]),
        ("“First “second” end", ["“First ", "“second”"]),
        ("no ” marks ' here", []),
        ('an empty "" pair', []),
    ],
)
def test_double_marked(text: str, marked: list[str]) -> None:
    assert [text[start:end] for start, end, _closed in double_marked(text)] == marked


def test_polnear_layout(tmp_path: Path) -> None:
    """An article with a said, a merely marked and a sourceless span; roles may be bound to spans
    that stand later in the file, and of two annotators the first counts."""
    (tmp_path / "dev" / "text").mkdir(parents=True)
    (tmp_path / "dev" / "attributions").mkdir()
    (tmp_path / "dev" / "text" / "pier.txt").write_text(TEXT, encoding="utf-8", newline="")
    rows = [
        f"T1\tSource {POOLE.start} {POOLE.end}\tAda Poole",
        "E1\tAttribution:T9 Source:T1 Content:T2",
        f"T2\tContent {PIER.start} {PIER.start + 9};{PIER.start + 10} {PIER.end}\tThe pier",
        f"T3\tContent {NO.start} {NO.end}\tNo",
        "E2\tAttribution:T8 Content:T3",
    ]
    folder = tmp_path / "dev" / "attributions"
    (folder / "pier_0a1b.ann").write_text("\n".join(rows), encoding="utf-8")
    (folder / "pier_ff00.ann").write_text("", encoding="utf-8")
    speakers = '{"pier": {"Q0": {"speaker": "Ada Poole", "kind": "person"}}}'
    (tmp_path / "dev-speakers.json").write_text(speakers, encoding="utf-8")
    (document,) = polnear(tmp_path, "dev").documents
    assert document.quotes == (
        GoldQuote(PIER, True, (POOLE,), "Ada Poole"),
        GoldQuote(MINOR, False),
        GoldQuote(BOOK, False),
        GoldQuote(NO, True),
    )


def test_passages_are_every_eighth_of_a_file(tmp_path: Path) -> None:
    block = "“{q1|No,}” {s:q1|Ada} said of {x|“it”}.\n---\nq1 = Ada | person\n\n"
    page = "".join(f"=== p-{number} | basic\n{block}" for number in range(16))
    (tmp_path / "some.txt").write_text(page, encoding="utf-8")
    gold = passages(tmp_path)
    assert [document.name for document in gold.documents] == ["p-7", "p-15"]
    text = gold.documents[0].text
    assert gold.documents[0].quotes == (
        GoldQuote(span("No,", text), True, (span("Ada", text),), "Ada"),
        GoldQuote(span("“it”", text), False),
    )


def test_passages_of_fields_and_hard_ones(tmp_path: Path) -> None:
    block = "“{q1|No,}” {s:q1|Ada} said.\n---\nq1 = Ada | person\n\n"
    for name in ("courts", "layouts-nested"):
        page = "".join(f"=== {name}-{number} | basic\n{block}" for number in range(8))
        (tmp_path / f"{name}.txt").write_text(page, encoding="utf-8")
    held = {hard: passages(tmp_path, hard=hard) for hard in (None, False, True)}
    assert {hard: [d.name for d in gold.documents] for hard, gold in held.items()} == {
        None: ["courts-7", "layouts-nested-7"],
        False: ["courts-7"],
        True: ["layouts-nested-7"],
    }
    assert len({gold.name for gold in held.values()}) == len(held)


def test_the_hash_names_text_and_annotation() -> None:
    other = GoldDocument("pier", TEXT, DOCUMENT.quotes[:-1])
    assert GOLD.sha256 == GoldSet("other name", (DOCUMENT,), True).sha256
    assert GOLD.sha256 != GoldSet("piers", (other,), True).sha256


def test_unannotated_nesting_is_judged_neither_way() -> None:
    nested = Prediction(span("pier"), POOLE, "Ada Poole", 0.9, nested=True)
    for annotated, judged in ((True, 1), (False, 0)):
        report = score(GoldSet("piers", (DOCUMENT,), annotated), {"pier": [nested]})
        assert sum(entry.count for entry in report.reliability) == judged
