"""`Speaker.why` for each way in which a speaker is found.

`[he]` is a source, one for each quotation in its order; `<Ana Osei>` is what the attribution model
took for its antecedent.
"""

from __future__ import annotations

import pytest
from spacy.language import Language

from quotedex.extract import extract
from quotedex.extract.find import find
from quotedex.extract.resolve import resolve_doc
from quotedex.models import Attribution, Speaker
from tests.extract.test_resolve import unmarked

NAMES = [
    ("“It rained,” said [Mara Ilves].", "named in full"),
    ("“It rained,” said [Tom].", "the fullest name in the article"),
    (
        "Mara Ilves came. “It rained,” said [Ms Ilves].",
        "the surname of Mara Ilves, named before",
    ),
    (
        "“It rained,” said [Ilves]. A day later Mara Ilves went home.",
        "the surname of Mara Ilves, named later",
    ),
    ("Mara Ilves came. “It rained,” said [Mara].", "the first name of Mara Ilves, named before"),
    (
        "Robert “Bobby” Okoro came. “It rained,” said [Bobby].",
        "the nickname of Robert “Bobby” Okoro, named before",
    ),
    (
        "Mara D. Ilves came. “It rained,” said [Mara Ilves].",
        "another form of Mara D. Ilves, named before",
    ),
    (
        "Harold Bornstein came. “It rained,” said [Bornsten].",
        "probably a misspelling of Harold Bornstein, named before",
    ),
    (
        "Mara Ilves met Tom Ilves. “It rained,” said [Ilves].",
        "the likeliest of 2 people named Ilves",
    ),
    ("“It rained,” said [Mara Ilves and Tom Okoro].", "two people named together"),
    ("“It rained,” said [a police spokesman], Tom Okoro.", "named right next to these words"),
    (
        "The Ashby Harbour Board (AHB) met. “It rained,” the [AHB] said.",
        "short for Ashby Harbour Board, named before",
    ),
    (
        "The Ashby Harbour Board met. “It rained,” [the Harbour Board] said.",
        "a short form of Ashby Harbour Board, named before",
    ),
]
PRONOUNS = [
    ("Mara Ilves met Mr Okoro. “It rained,” [she] said.", "the only woman named so far"),
    ("Mara Ilves met Mr Okoro. “It rained,” [he] said.", "the likeliest of 2 people named so far"),
    ("Mrs Ilves met Mr Okoro. “It rained,” [he] said.", "the only man named so far"),
    (
        "Zzyzx Okoro came, tired and late. “It rained,” [he] said.",
        "the only person named so far who may be a man",
    ),
    (
        "John Ilves met Paul Okoro. Okoro sat down. “It rained,” [he] said.",
        "the likeliest of 2 men named so far",
    ),
    (
        "John Ilves met <Paul Okoro>. Okoro sat down. “It rained,” [he] said.",
        "the likeliest of 2 men named so far, and the one that the model points to",
    ),
    (
        "The Ashby Harbour Board met. “It rained,” [it] said.",
        "the only organization named so far",
    ),
    (
        "The Ashby Harbour Board met. “It rained,” [they] said.",
        "the only person or organization named so far",
    ),
    (
        "Alex Okoro, who uses they, met Mr Ilves. “It rained,” [they] said.",
        "the only person named so far who uses “they”",
    ),
    (
        "He met Mara Ilves of Ohio, [who] called it “rain”.",
        "the last person mentioned before “who”",
    ),
    ("By Mara Ilves\n\n“It rained,” [I] said.", "the author, named in the byline"),
    (
        "“It rained,” [I] said.\n\nMara Ilves is a writer.",
        "the author, introduced in the last line",
    ),
]
DESCRIPTIONS = [
    ("Sen. Mara Ilves came. “It rained,” [the senator] said.", "the only senator mentioned so far"),
    (
        "Mayor Mara Ilves met Mayor Tom Okoro. “It rained,” [the mayor] said.",
        "the likeliest of 2 that “mayor” can mean",
    ),
    (
        "A retired lawyer met a young lawyer. “It rained,” [the retired lawyer] said.",
        "of the 2 mentioned so far, the best match for these words",
    ),
    (
        "The Washington Post came out. “It rained,” [the Post] said.",
        "the only organization mentioned with “post” in its name",
    ),
    (
        "Mara Ilves, 45, met Tom Okoro. “It rained,” [the 45-year-old] said.",
        "the only 45-year-old mentioned so far",
    ),
    (
        "“It rained,” said [a tribunal judge] on Monday in the harbour of Ashby, after a long day"
        " in court with many people.\n\nJudge Harriet Osei had come by boat.",
        "the only judge named later",
    ),
    (
        "“It rained,” said [a retired plumber] on Monday in the harbour of Ashby, after a long day"
        " in court with many people.\n\nColin Osei, 71, had come by boat.",
        "no name was found for this source",
    ),
    (
        "Tom Okoro came. “It rained,” [the businessman] said.",
        "the only one that “businessman” can mean",
    ),
    ("“It rained,” [a senior official] said.", "no name was found for this source"),
    ("“It rained,” [two officials] said.", "no name was found for this group"),
    ("“It rained,” [the union] said.", "no name was found for this organization"),
    ("“It rained,” [the report] said.", "a document whose issuer is not named"),
    (
        "“It rained,” [the White House statement] said.",
        "named as the issuer of the statement",
    ),
    (
        "Mara Ilves wrote. “It rained,” [her letter] said.",
        "a document whose issuer is not named",
    ),
    (
        "“It rained,” said [the insurer’s report].",
        "a document whose issuer is not named",
    ),
]


@pytest.mark.parametrize(("marked", "why"), [*NAMES, *PRONOUNS, *DESCRIPTIONS])
def test_why(nlp: Language, marked: str, why: str) -> None:
    text, sources, pointers = unmarked(marked)
    spans = find(text)[-len(sources) :]
    attributions = [Attribution(source, None, 1.0, "", pointers) for source in sources]
    speakers = resolve_doc(nlp(text), spans, attributions)
    assert [speaker and speaker.why for speaker in speakers] == [why]


def test_i_inside_a_quotation_is_its_speaker(nlp: Language) -> None:
    text, sources, _ = unmarked(
        "“My mother asked and [I] said, ‘It rained,’” [Tom Okoro] recalled."
    )
    attributions = [Attribution(source, None, 1.0, "") for source in reversed(sources)]
    _, speaker = resolve_doc(nlp(text), find(text), attributions)
    assert speaker
    assert speaker.why == "the speaker of the quotation that contains “I”"


def test_a_pull_quote_has_the_speaker_of_the_quotation_it_repeats() -> None:
    text = (
        "“We lost the bridge, and nobody came to mend it for a year,” said Mara Ilves.\n\n"
        "“We lost the bridge, and nobody came to mend it”\n\nIt rained."
    )
    first, second = extract(text)
    assert (first.speaker, first.repeats, second.repeats) == (second.speaker, None, 0)
    assert second.speaker
    assert second.speaker.why == "the speaker of the quotation that this one repeats"


def test_speakers_that_differ_only_in_the_reason_are_equal() -> None:
    assert Speaker("Mara Ilves", "person", why="named") == Speaker("Mara Ilves", "person", why="")
