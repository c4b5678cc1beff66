"""Linking over articles: cases/link.json and cases/statements.json say which texts and which names
are the same."""

from __future__ import annotations

import random
import time
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from quotedex.errors import InputError
from quotedex.link import (
    ArticleSpeaker,
    ListedSpeaker,
    blocking_key,
    co_mentioned_names,
    compare,
    entries_by_name,
    fingerprints,
    link_speakers,
    link_statements,
    normalized_name,
    read_people,
    write_people,
)
from quotedex.text.names import parse_name
from quotedex.text.namesakes import claims, exclude, is_common
from quotedex.text.wording import normalized_wording
from tests.helpers import case_params, load_cases

CASES = load_cases("link")
PAIRS = load_cases("statements")["pairs"]


@pytest.mark.parametrize("case", case_params([*CASES["statements"], *PAIRS]))
def test_statement(case: dict[str, Any]) -> None:
    texts = {"1": case["left"], "2": case["right"]}
    left, right = map(normalized_wording, texts.values())
    assert bool(compare(left, right)) is bool(compare(right, left)) is case["same"]
    assert (len(link_statements(texts)) == 1) is case["same"]
    if case["same"]:
        assert fingerprints(left) & fingerprints(right)


@pytest.mark.parametrize("case", case_params(CASES["people"]))
def test_people(case: dict[str, Any]) -> None:
    speakers = [
        ArticleSpeaker(
            article,
            name,
            case.get("kind", "person"),
            description,
            frozenset(*others[:1]),
            *others[1:],
        )
        for article, name, description, *others in case["speakers"]
    ]
    expected = {frozenset(speakers[i] for i in group) for group in case["groups"]}
    for seed in range(5):
        random.Random(seed).shuffle(speakers)
        assert {frozenset(group) for group in link_speakers(speakers)} == expected


@pytest.mark.parametrize(
    ("name", "common"),
    [
        ("John Smith", True),
        ("J. Smith", True),
        ("Mohammed Khan", True),
        ("Kim Lee", True),
        ("John Q. Smith", False),
        ("John Smith Jr.", False),
        ("Mara Smith", False),
        ("John Ilves", False),
        ("Smith", False),
    ],
)
def test_common_names(name: str, common: bool) -> None:
    assert is_common(parse_name(name)) is common


@pytest.mark.parametrize(
    ("description", "expected"),
    [
        (None, set()),
        ("a plumber", {"building"}),
        ("an Ashby bus driver", {"transport"}),
        ("the mayor of Old Ashby, Ohio", {"politics", "mayor of old ashby"}),
        ("Sen.", {"politics"}),
        ("a cellist and composer", {"stage", "arts"}),
        ("a friend of the mayor", set()),
        ("the mayor’s brother", set()),
        ("a former mayor", set()),
        ("ex-goalkeeper", set()),
        ("the president", set()),
        ("counsel to the inquiry", {"law"}),
        ("the attorney general", {"law"}),
        ("the auditor general", set()),
        ("a front-runner for mayor", set()),
        ("a rugby star", {"sport"}),
        ("a lorry driver until 2019", set()),
        ("a harbour pilot before he went into politics", set()),
        ("a mother of three who drives a delivery van", {"transport"}),
        ("a neighbour who works as a night nurse", {"care"}),
        ("a mother of two who drives her children to school", set()),
    ],
)
def test_claims_of_a_description(description: str | None, expected: set[str]) -> None:
    assert claims(description) == expected


@pytest.mark.parametrize(
    ("left", "right", "excluded"),
    [
        ("a plumber", "a senator", True),
        ("a plumber", "a joiner", False),
        ("a lawyer", "a senator", False),
        ("a plumber and senator", "a senator", False),
        ("the mayor of Ashby", "the mayor of Derrow", True),
        ("the mayor of Ashby", "the mayor", False),
        ("the mayor of Ashby", "a lawyer", False),
        ("a plumber", None, False),
        ("a plumber", "a resident", False),
        ("the captain", "an engineer", True),
        ("the captain", "a footballer", False),
        ("the captain", "a detective", False),
        ("a councillor", "a marine biologist", False),
    ],
)
def test_descriptions_that_exclude_each_other(left: str, right: str | None, excluded: bool) -> None:
    assert exclude(claims(left), claims(right)) is exclude(claims(right), claims(left)) is excluded


def test_words_for_one_family_role_join_those_who_are_not_told_apart() -> None:
    counsel, driver, mum = (
        ArticleSpeaker(article, "Isolde Farrant", "person", description)
        for article, description in (
            ("a", "counsel to the inquiry"),
            ("b", "a mother of two who drives a bus"),
            ("c", "Mum-of-two"),
        )
    )
    assert link_speakers([counsel, driver, mum]) == [[counsel], [driver, mum]]


def test_linked_speakers_share_a_blocking_key() -> None:
    speakers = [
        ArticleSpeaker("a", "Mara Ilves", "person", "the mayor"),
        ArticleSpeaker("b", "Mara D. Ilves", "person", "the mayor"),
        ArticleSpeaker("c", "Ilves", "person", "the mayor"),
    ]
    assert link_speakers(speakers) == [speakers]
    assert len({blocking_key(speaker, {}) for speaker in speakers}) == 1


def test_list_of_people_overrides_the_rules() -> None:
    speakers = [
        ArticleSpeaker("a", "M. Ilves", "person", "a plumber"),
        ArticleSpeaker("b", "Mara Ilves", "person", "a senator"),
        ArticleSpeaker("c", "Tom Okoro", "person"),
        ArticleSpeaker("d", "an aide", "anonymous"),
    ]
    listed = {normalized_name(name): "Q1" for name in ("Mara Ilves", "M. Ilves", "an aide")}
    assert link_speakers(speakers, listed) == [speakers[:2], speakers[2:3], speakers[3:]]


def test_list_can_separate_one_article() -> None:
    speakers = [ArticleSpeaker(a, "Mara Ilves", "person", "the mayor") for a in ("a.txt", "b.txt")]
    assert link_speakers(speakers) == [speakers]
    listed = [
        ListedSpeaker("Mara Ilves", (), "Q1"),
        ListedSpeaker("M. Ilves", ("Mara Ilves @ b.txt",)),
    ]
    names = {name: line.name for name, line in entries_by_name(listed).items()}
    assert link_speakers(speakers, names) == [speakers[:1], speakers[1:]]


def test_name_on_two_lines_is_ignored() -> None:
    lines = [
        ListedSpeaker("Tom Okoro", ("T. Okoro",), "Q1"),
        ListedSpeaker("The Tom Okoro", (), "Q2"),
    ]
    assert entries_by_name(lines) == {"t okoro": lines[0]}


LIST = """name,aliases,wikidata,description
Mara Ilves,Mara D. Ilves|M. Ilves @ news/a;b.txt,Q42,"mayor, and a plumber"
Ashby Council,,,
"""


def test_a_list_is_read_as_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("\ufeff" + LIST.replace("\n", "\r\n"), encoding="utf-8", newline="")
    people = read_people(path)
    assert people == [
        ListedSpeaker(
            "Mara Ilves",
            ("Mara D. Ilves", "M. Ilves @ news/a;b.txt"),
            "Q42",
            "mayor, and a plumber",
        ),
        ListedSpeaker("Ashby Council"),
    ]
    assert write_people(people) == LIST


def test_columns_may_be_in_any_order_or_missing(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("Age, Name ,wikidata\n4, Mara  Ilves ,\n\n,,\n5,Tom Okoro\n", encoding="utf-8")
    assert read_people(path) == [ListedSpeaker("Mara Ilves"), ListedSpeaker("Tom Okoro")]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the first line of a list of people needs a column name"),
        (b"Mara Ilves,Q42\n", "the first line of a list of people needs a column name"),
        (b"name\nMara Ilves, the mayor\n", "line 2 has 2 fields, but the first line has 1"),
        (b"name,wikidata\n,Q42\n", "line 2 has no name"),
        (b"name,wikidata\nMara Ilves,42\n", "line 2: '42' is not a Wikidata item, such as Q42"),
        (b"name,wikidata\nA B,Q4\nC D,Q4\n", "two lines have the Wikidata item Q4"),
        (b'name\n"Mara', "line 2: unexpected end of data"),
        (b"name,aliases\nMara Ilves,M. Ilves; Ilves\n", "line 2: separate aliases with |"),
        ("name\nMåra".encode("latin-1"), "must be a CSV file in UTF-8"),
        (None, "No such file"),
    ],
)
def test_error_in_a_list_is_one_sentence(
    tmp_path: Path, content: bytes | None, reason: str
) -> None:
    path = tmp_path / "people.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_people(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


def test_co_mentioned_names_have_several_words() -> None:
    text = "In Old Ashby Mara Ilves of the Ashby Council met Tom Okoro. On Monday Mr Osei was out."
    assert co_mentioned_names(text) == {"Old Ashby Mara Ilves", "Ashby Council", "Tom Okoro"}


@pytest.mark.parametrize("text", ["", "…", "“”", "?!", "no"])
def test_texts_without_words(text: str) -> None:
    assert link_statements({"1": text}) == [["1"]]
    assert compare(normalized_wording(text), normalized_wording(text)) == "same"


def test_statement_with_many_parts_stays_one() -> None:
    """Its fingerprints of few words are all shared by too many wordings and ignored."""
    whole = made_up(2, seed=5)["1.0"].rstrip(".").split()
    misprints = {
        f"{i}-{c}": " ".join(f"{w[:2]}{c}{w[2:]}" if k == i else w for k, w in enumerate(whole))
        for i in range(8, len(whole))
        for c in "bcdfghjklmnpqrstvwxz"
        if len(whole[i]) >= 5  # a letter more makes "of" another word
    }
    assert len(misprints) > 64
    assert len(link_statements({"0": " ".join(whole), **misprints})) == 1


def test_order_does_not_matter() -> None:
    texts = made_up(300, seed=1)
    expected = link_statements(texts)
    for seed in range(3):
        items = list(texts.items())
        random.Random(seed).shuffle(items)
        assert link_statements(dict(items)) == expected


@pytest.mark.slow
def test_pairs_of_synthetic_copies() -> None:
    texts = made_up(600, seed=2)
    found = {pair for group in link_statements(texts) for pair in combinations(sorted(group), 2)}
    true = {pair for pair in combinations(sorted(texts), 2) if origin(pair[0]) == origin(pair[1])}
    assert len(found & true) >= 0.99 * len(found)
    assert len(found & true) >= 0.90 * len(true)


@pytest.mark.slow
def test_cost_is_nearly_linear_in_the_number_of_texts() -> None:
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
    """Sentences of invented words, every second one with three slightly changed copies."""
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
