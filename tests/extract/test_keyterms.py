"""Topics of a speaker: terms that recur, in the speaker's own words."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest
from spacy.tokens import Doc

from quotedex.extract.parse.parser import Parser
from quotedex.options import DEFAULT_SPACY_MODEL
from quotedex.text.keyterms import MAX_TOPICS, MIN_STATEMENTS, Topic, topics

Tag = Callable[[str], Doc]

HARBOUR = [
    "The old pier needs new timber, and the children need the old pier.",
    "Whoever sells an old pier sells a harbour.",
    "Fishing permits cost more than the fish.",
    "We asked for one thing: a fishing permit that a family can pay.",
    "Children learn to swim below it. That's the thing.",
    "A child who can swim is a safe child.",
    "Nobody in Ashby Harbour wants a casino.",
    "Ashby Harbour has room for all of us, and a way to show it.",
]


@pytest.fixture(scope="module")
def tag() -> Tag:
    return Parser(DEFAULT_SPACY_MODEL).tag


def terms(found: list[Topic]) -> list[str]:
    return [topic.term for topic in found]


@pytest.mark.slow
def test_terms_that_recur_are_topics(tag: Tag) -> None:
    found = terms(topics(HARBOUR, tag))
    assert {"old pier", "Ashby Harbour"} <= set(found)
    assert "casino" not in found


def test_vague_nouns_and_adjectives_are_no_topics(tag: Tag) -> None:
    found = terms(topics(HARBOUR, tag))
    assert not {"thing", "way", "safe"} & set(found)


def test_forms_of_one_word_are_one_topic_in_the_form_used(tag: Tag) -> None:
    said = ["Rents rise.", "I never saw the rent fall.", "These rents ruin us.", "Low rents help."]
    found = terms(topics(said, tag))
    assert "rents" in found
    assert not {"rent", "Rents"} & set(found)


def test_scores_are_shares_in_descending_order(tag: Tag) -> None:
    scores = [topic.score for topic in topics(HARBOUR, tag)]
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score <= 1 for score in scores)


def test_there_are_at_most_ten(tag: Tag) -> None:
    nouns = ["pier", "ferry", "school", "road", "bridge", "tax", "park", "dog", "library", "garden"]
    said = [f"We all need a {noun} here." for noun in [*nouns, "lamp", "boat"]] * MIN_STATEMENTS
    assert len(topics(said, tag)) == MAX_TOPICS


@pytest.mark.parametrize(
    "said",
    [[], [""], ["…"], ["No."] * 5, ["\n\n", "\t"], ["¿?", "‮rents", "rents\u200b"], ["😀"] * 3],
    ids=repr,
)
def test_statements_without_terms_have_no_topics(tag: Tag, said: list[str]) -> None:
    assert topics(said, tag) == []


@pytest.mark.parametrize(
    ("said", "imported"),
    [(["The pier is old.", "Rents rise."], False), (["The pier is old.", "Sell the pier."], True)],
)
def test_textacy_is_imported_only_for_nouns_that_recur(said: list[str], imported: bool) -> None:
    program = (
        "import sys; from quotedex.text.keyterms import topics; "
        "from quotedex.extract.parse.parser import Parser; "
        f"topics({said!r}, Parser({DEFAULT_SPACY_MODEL!r}).tag); print('textacy' in sys.modules)"
    )
    printed = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert printed.stdout.decode().strip() == str(imported)


def test_results_are_reproducible(tag: Tag) -> None:
    assert topics(HARBOUR, tag) == topics(list(HARBOUR), Parser(DEFAULT_SPACY_MODEL).tag)
