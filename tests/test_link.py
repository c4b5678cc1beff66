"""Linking over articles: cases/link.json tells which texts are one, which names one person."""

from __future__ import annotations

import json
import random
import time
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from quotedex.link import (
    Authority,
    Sighting,
    block,
    company,
    link_speakers,
    link_statements,
    same_statement,
    statement_keys,
)

CASES = json.loads((Path(__file__).parent / "cases" / "link.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES["statements"], ids=lambda case: str(case["label"]))
def test_statement(case: dict[str, Any]) -> None:
    left, right = case["left"], case["right"]
    assert same_statement(left, right) is same_statement(right, left) is case["same"]
    assert (len(link_statements({"1": left, "2": right})) == 1) is case["same"]
    if case["same"]:
        assert statement_keys(left) & statement_keys(right)


@pytest.mark.parametrize("case", CASES["people"], ids=lambda case: str(case["label"]))
def test_people(case: dict[str, Any]) -> None:
    sightings = [
        Sighting(article, name, case.get("kind", "person"), description, (), frozenset(*others))
        for article, name, description, *others in case["sightings"]
    ]
    expected = {frozenset(sightings[i] for i in group) for group in case["groups"]}
    for seed in range(5):
        random.Random(seed).shuffle(sightings)
        assert {frozenset(linked.sightings) for linked in link_speakers(sightings)} == expected


def test_speakers_keep_their_keys_when_more_are_seen() -> None:
    first = [
        Sighting("b", "Mara Ilves", "person", "the mayor"),
        Sighting("c", "Tom Okoro", "person"),
    ]
    before = {linked.name: linked.key for linked in link_speakers(first)}
    more = [*first, Sighting("d", "Mara D. Ilves", "person", "mayor of Ashby")]
    after = {linked.key: linked.name for linked in link_speakers(more)}
    assert after[before["Tom Okoro"]] == "Tom Okoro"
    assert len(after) == 2


def test_what_is_linked_lies_in_one_block() -> None:
    sightings = [
        Sighting("a", "Mara Ilves", "person", "the mayor"),
        Sighting("b", "Mara D. Ilves", "person", "the mayor"),
        Sighting("c", "Ilves", "person", "the mayor"),
    ]
    (linked,) = link_speakers(sightings)
    assert len({block(sighting) for sighting in linked.sightings}) == 1
    assert linked.name == "Mara D. Ilves"
    assert linked.aliases == {"Ilves": 1, "Mara D. Ilves": 1, "Mara Ilves": 1}


def test_an_authority_wins_over_guesses() -> None:
    authority = Authority("Mara Ilves", ("Mayor Ilves", "M. Ilves"), "Q1", "mayor of Ashby")
    sightings = [
        Sighting("a", "M. Ilves", "person", "a plumber"),
        Sighting("b", "Mara Ilves", "person", "a senator"),
        Sighting("c", "Tom Okoro", "person"),
    ]
    linked = {speaker.name: speaker for speaker in link_speakers(sightings, [authority])}
    assert len(linked["Mara Ilves"].sightings) == 2
    assert linked["Mara Ilves"].wikidata == "Q1"
    assert linked["Mara Ilves"].description == "mayor of Ashby"
    assert linked["Tom Okoro"].wikidata is None


def test_a_name_on_two_lines_of_the_authority_names_neither() -> None:
    lines = [Authority("Tom Okoro", (), "Q1"), Authority("Tom Okoro", (), "Q2")]
    (linked,) = link_speakers([Sighting("a", "Tom Okoro", "person")], lines)
    assert linked.wikidata is None


def test_company_is_the_names_of_several_words() -> None:
    text = "Mara Ilves of the Ashby Council met Tom Okoro. It rained in Ashby."
    assert company(text) == {"Mara Ilves", "Ashby Council", "Tom Okoro"}


def test_what_two_people_said_is_two_statements_if_it_is_short() -> None:
    texts = {"1": "It rained all night.", "2": "It rained all night", "3": "it rained all night"}
    assert link_statements(texts) == [["1", "2", "3"]]
    assert link_statements(texts, {"1": "Ilves", "2": "Ilves"}) == [["1", "2", "3"]]
    assert link_statements(texts, {"1": "Ilves", "2": "Okoro"}) == [["1"], ["2"], ["3"]]


def test_what_two_people_said_is_one_statement_if_it_is_long() -> None:
    words = "It rained all night and the roof of the old hall gave way."
    assert link_statements({"1": words, "2": words}, {"1": "Ilves", "2": "Okoro"}) == [["1", "2"]]


@pytest.mark.parametrize("text", ["", "…", "“”", "?!", "no"])
def test_texts_of_no_words(text: str) -> None:
    assert link_statements({"1": text}) == [["1"]]
    assert same_statement(text, text)


def test_order_does_not_matter() -> None:
    texts = made_up(300, seed=1)
    expected = link_statements(texts)
    for seed in range(3):
        items = list(texts.items())
        random.Random(seed).shuffle(items)
        assert link_statements(dict(items)) == expected


def test_pairs_of_made_up_copies() -> None:
    texts = made_up(600, seed=2)
    found = {pair for group in link_statements(texts) for pair in combinations(sorted(group), 2)}
    true = {pair for pair in combinations(sorted(texts), 2) if origin(pair[0]) == origin(pair[1])}
    assert len(found & true) >= 0.99 * len(found)
    assert len(found & true) >= 0.90 * len(true)


def test_cost_grows_about_as_the_number_of_texts() -> None:
    small, large = made_up(500, seed=3), made_up(4_000, seed=4)
    link_statements(small)
    assert seconds(large) < 8 * 3 * max(seconds(small), 0.05)


def seconds(texts: dict[str, str]) -> float:
    start = time.process_time()
    link_statements(texts)
    return time.process_time() - start


def origin(identity: str) -> str:
    return identity.partition(".")[0]


def made_up(number: int, seed: int) -> dict[str, str]:
    """Sentences of made-up words; of every second one three copies, each changed a little."""
    chance = random.Random(seed)
    syllables = [c + v for c in "bdfgklmnprstvz" for v in "aeiou"]
    words = ["".join(chance.choices(syllables, k=chance.randint(2, 4))) for _ in range(2_000)]
    small = ["the", "of", "and", "to", "a", "in", "we", "that", "it", "was"]
    texts = {}
    for index in range(number):
        length = chance.randint(6, 30)
        sentence = [chance.choice(small if chance.random() < 0.4 else words) for _ in range(length)]
        texts[f"{index}.0"] = " ".join(sentence).capitalize() + "."
        if index % 2:
            texts[f"{index}.1"] = " ".join(sentence) + ","
            texts[f"{index}.2"] = misprinted(sentence, chance)
            texts[f"{index}.3"] = " ".join(sentence[: max(6, length * 2 // 3)])
    return texts


def misprinted(sentence: list[str], chance: random.Random) -> str:
    longest = max(range(len(sentence)), key=lambda i: len(sentence[i]))
    word = sentence[longest]
    at = chance.randrange(1, len(word))
    return " ".join([*sentence[:longest], word[:at] + word[at + 1 :], *sentence[longest + 1 :]])
