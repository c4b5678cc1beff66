"""Gold standards and scoring, on an invented corpus whose scores can be counted by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from evaluation.gold import GoldDocument, GoldQuote, GoldSet, passages, polnear
from evaluation.polnear import double_quoted
from evaluation.scoring import PRF, PredictedQuote, match, same_mention, same_name, score
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


def test_everything_correct() -> None:
    report = score(
        GOLD,
        {
            "pier": [
                PredictedQuote(span("The pier is shut,"), POOLE, "Ms. Ada Poole", 0.95),
                PredictedQuote(span("minor"), SHE, "Ada Poole", 0.85),
                PredictedQuote(span("No,"), span("clerk"), "clerk at the gate", 0.82),
            ]
        },
    )
    # "clerk at the gate" is "a clerk at the gate": a leading article makes no difference.
    scores = report.detection, report.mention, report.speaker, report.high_confidence
    assert scores == (PRF(3, 3, 3),) * 4
    assert (report.negatives, report.false_positives) == (1, 0)
    assert report.by_source == {"name": (1, 1), "nominal": (1, 1), "pronoun": (1, 1)}
    assert [(b.low, b.count, b.correct) for b in report.reliability] == [(0.8, 2, 2), (0.9, 1, 1)]
    assert report.errors == ()


def test_confidence_includes_the_speaker() -> None:
    named, unnamed = (PredictedQuote(PIER, POOLE, name, 0.9) for name in ("Karl Enver", None))
    for prediction, correct in ((named, 0), (unnamed, 1)):
        (entry,) = score(GOLD, {"pier": [prediction]}).reliability
        assert entry.correct == correct


def test_each_error_lowers_its_score() -> None:
    report = score(
        GOLD,
        {
            "pier": [
                PredictedQuote(PIER, SHE, "the clerk", 0.9),  # wrong source, wrong speaker
                PredictedQuote(BOOK, POOLE, "Ada Poole", 0.4),  # not a quotation
                PredictedQuote(NO, None, None, 0.6),  # source not found
            ]
        },
    )
    assert report.detection == PRF(2, 3, 3)
    assert report.mention == PRF(0, 2, 3)
    assert report.speaker == PRF(0, 2, 3)
    assert report.high_confidence == PRF(0, 1, 3)
    assert report.false_positives == 1
    assert sum(entry.correct for entry in report.reliability) == 0
    assert [(e.found, e.predicted_mention) for e in report.errors] == [
        (True, "She"),
        (False, None),
        (True, None),
    ]


def test_in_a_document_without_predictions_nothing_was_found() -> None:
    assert score(GOLD, {}).detection == PRF(0, 0, 3)


def test_precision_recall_f1() -> None:
    prf = PRF(correct=6, predicted=8, annotated=12)
    assert (prf.precision, prf.recall) == (0.75, 0.5)
    assert prf.f1 == pytest.approx(0.6)
    assert PRF(0, 0, 0).f1 == 0


def test_a_prediction_matches_only_once() -> None:
    one = PredictedQuote(PIER, None, None)
    gold = [GoldQuote(PIER, True), GoldQuote(PIER, True)]
    assert match(gold, [one]) == [0, None]
    half = PredictedQuote(Span(PIER.start, PIER.start + 9), None, None)
    assert match([GoldQuote(PIER, True)], [half]) == [None]


@pytest.mark.parametrize(
    ("predicted", "same"),
    [(POOLE, True), (span("Poole"), True), (SHE, False), (None, False)],
)
def test_same_mention(predicted: Span | None, same: bool) -> None:
    assert same_mention(TEXT, predicted, [POOLE]) is same


def test_a_mention_elsewhere_is_the_same_if_its_last_word_is() -> None:
    text = "Ada Poole came. “No,” said Ms Poole."
    assert same_mention(text, span("Ada Poole", text), [span("Ms Poole", text)])


@pytest.mark.parametrize(
    ("predicted", "annotated", "same"),
    [
        ("Ada Poole", "ada poole", True),
        ("Sen. Ada Poole", "Ada Poole", True),
        ("Ada  Poole’s", "Ada Poole", True),
        ("the Pier Board", "Pier Board", True),
        ("Poole", "Ada Poole", False),
        (None, "Ada Poole", False),
    ],
)
def test_same_name(predicted: str | None, annotated: str, same: bool) -> None:
    assert same_name(predicted, annotated) is same


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ('"One," he said. "Two."', ['"One,"', '"Two."']),
        ("“Left open\nand gone", ["“Left open"]),
        ("“First “second” end", ["“First ", "“second”"]),
        ("no ” marks ' here", []),
        ('an empty "" pair', []),
    ],
)
def test_double_quoted_spans(text: str, spans: list[str]) -> None:
    assert [text[start:end] for start, end, _closed in double_quoted(text)] == spans


def test_polnear_layout(tmp_path: Path) -> None:
    """Quotations with and without a source, and a negative. Spans may be defined after the roles
    that use them, and of two annotators the first counts."""
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


def test_every_eighth_passage_of_a_file_is_held_out(tmp_path: Path) -> None:
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


def test_passages_on_topics_and_hard_cases(tmp_path: Path) -> None:
    block = "“{q1|No,}” {s:q1|Ada} said.\n---\nq1 = Ada | person\n\n"
    for name in ("courts", "layouts-nested"):
        page = "".join(f"=== {name}-{number} | basic\n{block}" for number in range(8))
        (tmp_path / f"{name}.txt").write_text(page, encoding="utf-8")
    gold_sets = {hard: passages(tmp_path, hard=hard) for hard in (None, False, True)}
    assert {hard: [d.name for d in gold.documents] for hard, gold in gold_sets.items()} == {
        None: ["courts-7", "layouts-nested-7"],
        False: ["courts-7"],
        True: ["layouts-nested-7"],
    }
    assert len({gold.name for gold in gold_sets.values()}) == len(gold_sets)


def test_the_hash_covers_text_and_annotation() -> None:
    other = GoldDocument("pier", TEXT, DOCUMENT.quotes[:-1])
    assert GOLD.sha256 == GoldSet("other name", (DOCUMENT,), True).sha256
    assert GOLD.sha256 != GoldSet("piers", (other,), True).sha256


def test_unannotated_nested_quotations_are_not_scored() -> None:
    nested = PredictedQuote(span("pier"), POOLE, "Ada Poole", 0.9, nested=True)
    for annotated, count in ((True, 1), (False, 0)):
        report = score(GoldSet("piers", (DOCUMENT,), annotated), {"pier": [nested]})
        assert sum(entry.count for entry in report.reliability) == count


def test_the_hash_of_a_gold_set_is_of_offsets() -> None:
    """Whether a span knows its words makes no other annotation of it."""

    def gold(span: Span) -> GoldSet:
        document = GoldDocument("a", "“No,” said Ada.", (GoldQuote(span, True),))
        return GoldSet("set", (document,), nested_annotated=True)

    assert gold(Span(1, 4)).sha256 == gold(Span(1, 4, "No,")).sha256
    assert gold(Span(1, 4)).sha256 != gold(Span(1, 3)).sha256
