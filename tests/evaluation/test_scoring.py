"""Gold standards and scoring, on an invented corpus whose scores can be counted by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from evaluation.gold import (
    GoldDocument,
    GoldQuote,
    GoldSet,
    from_json,
    newer_passages,
    passages,
    polnear,
)
from evaluation.polnear import double_quoted
from evaluation.scoring import (
    PRF,
    PredictedQuote,
    match,
    outcomes,
    predicted,
    same_mention,
    same_name,
    score,
)
from quotedex.models import Quote, Span, Speaker

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
        GoldQuote(NO, True, (CLERK,), "a clerk at the gate", "anonymous"),
    ),
)
GOLD = GoldSet("piers", (DOCUMENT,), complete=True)


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
    assert report.confident_share == 1
    scores = report.detection, report.mention, report.speaker, report.high_confidence
    assert scores == (PRF(3, 3, 3),) * 4
    assert (report.negatives, report.false_positives) == (1, 0)
    assert report.by_source == {"name": (1, 1, 1), "nominal": (1, 1, 1), "pronoun": (1, 1, 1)}
    assert [(b.low, b.count, b.correct) for b in report.reliability] == [(0.8, 2, 2), (0.9, 1, 1)]
    assert report.errors == ()


@pytest.mark.parametrize(
    ("mention", "speaker", "right"),
    [
        (POOLE, "Ada Poole", True),
        (SHE, "Ada Poole", True),  # the right speaker by another mention
        (POOLE, "Karl Enver", False),
        (POOLE, None, True),
        (CLERK, None, False),
    ],
)
def test_confidence_is_that_of_the_speaker_or_else_of_the_mention(
    mention: Span, speaker: str | None, right: bool
) -> None:
    prediction = PredictedQuote(PIER, mention, speaker, 0.9)
    (entry,) = score(GOLD, {"pier": [prediction]}).reliability
    assert entry.correct == right
    assert outcomes(DOCUMENT, [prediction], complete=True) == [right]


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
    # Two name a source; "nobody is named" is a wrong answer, too.
    assert report.mention == PRF(0, 3, 3)
    assert report.speaker == PRF(0, 3, 3)
    assert report.high_confidence == PRF(0, 1, 3)
    assert report.confident_share == pytest.approx(1 / 3)
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
    around = GoldQuote(Span(PIER.start - 1, PIER.end + 1), False)
    assert match([around, GoldQuote(PIER, True)], [one]) == [None, 0]


@pytest.mark.parametrize(
    ("predicted", "same", "any_mention"),
    [
        (POOLE, True, True),
        (span("Poole"), True, True),
        (SHE, False, True),
        (None, False, False),
    ],
)
def test_same_mention(predicted: Span | None, same: bool, any_mention: bool) -> None:
    assert same_mention(TEXT, predicted, GoldQuote(PIER, True, (POOLE,))) is same
    anything = GoldQuote(PIER, True, (POOLE,), any_mention=True)
    assert same_mention(TEXT, predicted, anything) is any_mention


def test_no_mention_is_right_where_nobody_is_named() -> None:
    assert same_mention(TEXT, None, GoldQuote(PIER, True))
    assert not same_mention(TEXT, POOLE, GoldQuote(PIER, True))


def test_a_mention_elsewhere_is_the_same_if_its_last_word_is() -> None:
    text = "Ada Poole came. “No,” said Ms Poole."
    quote = GoldQuote(span("No,", text), True, (span("Ms Poole", text),))
    assert same_mention(text, span("Ada Poole", text), quote)


@pytest.mark.parametrize(
    ("predicted", "annotated", "same"),
    [
        ("Ada Poole", "ada poole", True),
        ("Sen. Ada Poole", "Ada Poole", True),
        ("Ada  Poole’s", "Ada Poole", True),
        ("the Pier Board", "Pier Board", True),
        ("Mayor Dr. Ada Poole", "Ada Poole", True),
        ("The Mayor", "mayor", True),
        ("Poole", "Ada Poole", False),
        (None, "Ada Poole", False),
        ("Ada Poole", None, False),
        (None, None, True),
    ],
)
def test_same_name(predicted: str | None, annotated: str | None, same: bool) -> None:
    assert same_name(predicted, annotated) is same


@pytest.mark.parametrize(
    ("predicted", "kind", "same"),
    [
        ("pier official", "anonymous", True),
        ("a senior pier official in Ashby", "anonymous", True),
        ("pier official", "organization", False),
        ("officials", "group", False),
        ("", "anonymous", False),
    ],
)
def test_part_of_a_description_is_enough(predicted: str, kind: str, same: bool) -> None:
    assert same_name(predicted, "a senior pier official", kind) is same


def test_other_names_of_a_speaker() -> None:
    quote = GoldQuote(PIER, True, (POOLE,), "Ada Poole", "person", also=("Lady Ashby",))
    gold = GoldSet("piers", (GoldDocument("pier", TEXT, (quote,)),), complete=True)
    prediction = PredictedQuote(PIER, POOLE, "Lady Ashby", 0.9)
    assert score(gold, {"pier": [prediction]}).speaker == PRF(1, 1, 1)


def test_ignored_spans_count_neither_way() -> None:
    document = GoldDocument("pier", TEXT, DOCUMENT.quotes[:1], ignored=(MINOR,))
    predictions = [PredictedQuote(MINOR, SHE, "Ada Poole", 0.9), PredictedQuote(PIER, POOLE, None)]
    report = score(GoldSet("piers", (document,), complete=True), {"pier": predictions})
    assert report.detection == PRF(1, 1, 1)
    assert outcomes(document, predictions, complete=True) == [None, True]


def test_a_source_that_is_not_annotated_counts_for_detection_only() -> None:
    """PolNeAR leaves some out, and there a prediction without a mention is not an answer."""
    quotes = (GoldQuote(PIER, True), GoldQuote(NO, True, (CLERK,)))
    document = GoldDocument("pier", TEXT, quotes)
    predictions = [PredictedQuote(PIER, None, None, 0.9), PredictedQuote(NO, CLERK, None, 0.9)]
    for complete, mentions, counted in ((False, PRF(1, 1, 1), 1), (True, PRF(2, 2, 2), 2)):
        report = score(GoldSet("piers", (document,), complete), {"pier": predictions})
        assert report.detection == PRF(2, 2, 2)
        assert report.mention == mentions
        assert sum(entry.count for entry in report.reliability) == counted
    assert report.by_source == {"nominal": (1, 1, 1), "none": (1, 1, 1)}


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
        GoldQuote(PIER, True, (POOLE,), "Ada Poole", "person"),
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
        GoldQuote(span("No,", text), True, (span("Ada", text),), "Ada", "person"),
        GoldQuote(span("“it”", text), False),
    )


def test_the_sets_of_passages(tmp_path: Path) -> None:
    block = "“{q1|No,}” {s:q1|Ada} said.\n---\nq1 = Ada | person\n\n"
    for name in ("courts", "layouts-nested", "more-roles"):
        page = "".join(f"=== {name}-{number} | basic\n{block}" for number in range(8))
        (tmp_path / f"{name}.txt").write_text(page, encoding="utf-8")
    gold_sets = [passages(tmp_path, hard=hard) for hard in (None, False, True)]
    gold_sets.append(newer_passages(tmp_path))
    assert [[d.name for d in gold.documents] for gold in gold_sets] == [
        ["courts-7", "layouts-nested-7", "more-roles-7"],
        ["courts-7"],
        ["layouts-nested-7"],
        ["more-roles-7"],
    ]
    assert len({gold.name for gold in gold_sets}) == len(gold_sets)


def test_real_articles(tmp_path: Path) -> None:
    """Everything has offsets; names, mentions and spans may be exempt."""
    quote = {
        "text": "The pier is shut,",
        "start": PIER.start + 1,
        "end": PIER.end - 1,
        "mention": "Ada Poole",
        "mention_start": POOLE.start,
        "mention_end": POOLE.end,
        "speaker": "Ada Poole",
        "kind": "person",
        "also": ["Lady Ashby"],
        "any_mention": True,
    }
    unnamed = {"text": "No,", "start": NO.start + 1, "end": NO.end - 1}
    unnamed |= {"mention": None, "mention_start": None, "mention_end": None}
    row = {
        "id": "pier",
        "category": "local",
        "text": TEXT,
        "quotes": [quote, {**unnamed, "speaker": None, "kind": None}],
        "not_quotes": [{"start": BOOK.start, "end": BOOK.end}],
        "ignore": [{"start": MINOR.start, "end": MINOR.end}],
    }
    gold = from_json(_written(tmp_path, row), "real")
    (document,) = gold.documents
    poole = GoldQuote(
        span("The pier is shut,"), True, (POOLE,), "Ada Poole", "person", ("Lady Ashby",), True
    )
    nobody = GoldQuote(span("No,"), True, kind="unknown")
    assert document.quotes == (poole, GoldQuote(BOOK, False), nobody)
    assert (gold.name, gold.complete, document.ignored) == ("real", True, (MINOR,))


def test_cases_have_words_instead_of_offsets(tmp_path: Path) -> None:
    """Equal words are different quotations; the mention is the nearest one outside."""
    text = "Poole came. “No,” Poole said. “No, Poole,” he said. “No,” said Poole of “it”."
    quotes = [
        {"text": words, "mention": mention, "speaker": "Poole", "kind": "person"}
        for words, mention in (("No,", "Poole"), ("No, Poole,", "he"), ("No,", "Poole"))
    ]
    row = {"id": "p", "category": "pronoun", "text": text, "quotes": quotes, "not_quotes": ["“it”"]}
    (document,) = from_json(_written(tmp_path, row), "cases").documents
    starts = [quote.span.start for quote in document.quotes]
    assert starts == [text.index("No,"), text.index("No, P"), text.rindex("No,"), len(text) - 5]
    assert [text[: quote.source[0].start] for quote in document.quotes[:3]] == [
        "Poole came. “No,” ",
        "Poole came. “No,” Poole said. “No, Poole,” ",
        "Poole came. “No,” Poole said. “No, Poole,” he said. “No,” said ",
    ]
    quotes[0]["mention"] = "Enver"
    with pytest.raises(ValueError, match="'Enver' is not in the text"):
        from_json(_written(tmp_path, row), "cases")


def _written(folder: Path, row: dict[str, Any]) -> Path:
    path = folder / "documents.json"
    path.write_text(json.dumps([row]), encoding="utf-8")
    return path


def test_the_hash_covers_text_and_annotation() -> None:
    other = GoldDocument("pier", TEXT, DOCUMENT.quotes[:-1])
    assert GOLD.sha256 == GoldSet("other name", (DOCUMENT,), True).sha256
    assert GOLD.sha256 != GoldSet("piers", (other,), True).sha256


def test_unannotated_nested_quotations_are_not_scored() -> None:
    nested = PredictedQuote(span("pier"), POOLE, "Ada Poole", 0.9, nested=True)
    for annotated, count in ((True, 1), (False, 0)):
        report = score(GoldSet("piers", (DOCUMENT,), annotated), {"pier": [nested]})
        assert sum(entry.count for entry in report.reliability) == count


def test_turns_of_a_transcript_are_not_scored() -> None:
    quote = Quote("No,", 1, 4, "full", 0, 0, 0.9, None, POOLE, Speaker("Ada Poole", "person"), "")
    assert predicted([quote, replace(quote, kind="turn")]) == [
        PredictedQuote(Span(1, 4), POOLE, "Ada Poole", 0.9, nested=True)
    ]


def test_the_hash_of_a_gold_set_is_of_offsets() -> None:
    """Whether a span knows its words makes no other annotation of it."""

    def gold(span: Span) -> GoldSet:
        document = GoldDocument("a", "“No,” said Ada.", (GoldQuote(span, True),))
        return GoldSet("set", (document,), complete=True)

    assert gold(Span(1, 4)).sha256 == gold(Span(1, 4, "No,")).sha256
    assert gold(Span(1, 4)).sha256 != gold(Span(1, 3)).sha256
