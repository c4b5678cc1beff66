"""The lexicon: derived forms are right, sections agree, sources are named."""

from __future__ import annotations

import tomllib
from importlib.resources import files

import pytest

from quotedex.text.lexicon import lexicon

DATA = tomllib.loads((files("quotedex") / "lexicons" / "en.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("form", "lemma"),
    [
        ("said", "say"),
        ("says", "say"),
        ("told", "tell"),
        ("wrote", "write"),
        ("written", "write"),
        ("replies", "reply"),
        ("replied", "reply"),
        ("replying", "reply"),
        ("announced", "announce"),
        ("announcing", "announce"),
        ("quipped", "quip"),
        ("admitted", "admit"),
        ("confesses", "confess"),
        ("confirmed", "confirm"),
        ("published", "publish"),
        ("publishes", "publish"),
        ("emailed", "email"),
        ("conveyed", "convey"),
    ],
)
def test_cue_forms(form: str, lemma: str) -> None:
    assert lexicon().cues[form] == lemma


@pytest.mark.parametrize("not_a_form", ["quiped", "saied", "replyed", "tweetted", "the", ""])
def test_wrong_forms_are_absent(not_a_form: str) -> None:
    assert not_a_form not in lexicon().cues


@pytest.mark.parametrize(
    ("noun", "lemma", "gender", "number"),
    [
        ("spokeswoman", "spokeswoman", "feminine", "singular"),
        ("spokeswomen", "spokeswoman", "feminine", "plural"),
        ("officials", "official", "any", "plural"),
        ("allies", "ally", "any", "plural"),
        ("witnesses", "witness", "any", "plural"),
        ("people", "person", "any", "plural"),
        ("grandchildren", "grandchild", "any", "plural"),
        ("wives", "wife", "feminine", "plural"),
    ],
)
def test_roles(noun: str, lemma: str, gender: str, number: str) -> None:
    role = lexicon().roles[noun]
    assert (role.lemma, role.gender, role.number) == (lemma, gender, number)


def test_titles_and_pronouns() -> None:
    words = lexicon()
    assert words.titles["mr"] == "masculine"
    assert words.titles["mrs"] == "feminine"
    assert words.titles["sen"] == "any"
    assert words.pronouns["she"].gender == "feminine"
    assert words.pronouns["they"].number == "any"
    assert words.pronouns["we"].person == 1


def test_irregular_and_doubling_lemmas_are_used() -> None:
    verbs = set(DATA["cues"]["verbs"])
    assert set(DATA["inflection"]) <= verbs
    assert set(DATA["inflection_rules"]["doubling"]) <= verbs


def test_no_word_twice_in_a_section_and_all_lower_case() -> None:
    for section in (DATA["cues"], DATA["titles"], DATA["roles"], DATA["organizations"]):
        for words in section.values():
            listed = list(words)
            assert len(listed) == len(set(listed))
            assert listed == [word.lower() for word in listed]


def test_sources_are_named() -> None:
    assert "textacy" in DATA["sources"]["cues.verbs, first block"]


def test_read_once() -> None:
    assert lexicon() is lexicon()


def test_unknown_language() -> None:
    with pytest.raises(FileNotFoundError):
        lexicon("tlh")
