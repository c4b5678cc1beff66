"""Resolution: cases/resolve.json marks the sources, one for each quotation in its order.

`[he]` is a source, `<Ana Osei>` what the attribution model took for its antecedent; `order` gives
the source of each quotation where they do not run side by side.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from spacy.language import Language

from quotedex.extract.find import find
from quotedex.extract.resolve import person_classifier, resolve_doc
from quotedex.extract.resolve.appositions import describe
from quotedex.extract.resolve.article import ParsedArticle
from quotedex.models import Attribution, MarkedSpan, Span, Speaker
from quotedex.text.names import given_gender, parse_name, same_person, short_form_score
from tests.helpers import case_params, load_cases

CASES = load_cases("resolve")


@pytest.mark.parametrize("case", case_params(CASES))
def test_case(case: dict[str, Any], nlp: Language) -> None:
    text, sources, pointers = unmarked(case["text"])
    spans = find(text)[case.get("spans", 0) :]
    order = case.get("order", range(len(sources)))
    attributions = [Attribution(sources[i], None, 1.0, "", pointers) for i in order]
    speakers = resolve_doc(nlp(text), spans, attributions)
    assert [speaker and speaker.name for speaker in speakers] == case["speakers"]
    if "kinds" in case:
        assert [speaker and speaker.kind for speaker in speakers] == case["kinds"]


def test_work_is_linear(nlp: Language, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each occurrence of a name is examined a few times, however many others there are."""
    looked: list[int] = []

    def counted(*occurrence: Any) -> Any:
        looked.append(1)
        return describe(*occurrence)

    monkeypatch.setattr(person_classifier, "describe", counted)
    work = []
    for count in (20, 40):
        text, sources, _ = unmarked("“Yes,” [he] said. " * count)
        looked.clear()
        resolve_doc(nlp(text), find(text), [Attribution(s, None, 1.0, "") for s in sources])
        work.append(len(looked))
    assert 0 < work[1] <= 2 * work[0]


def unmarked(marked: str) -> tuple[str, list[Span], tuple[tuple[Span, float], ...]]:
    """The text without brackets, the spans in square ones, a pointer to that in pointed ones."""
    text, sources = "", []
    pointers: tuple[tuple[Span, float], ...] = ()
    for part in re.split(r"([\[<].*?[\]>])", marked):
        if part[:1] not in ("[", "<"):
            text += part
            continue
        span = Span(len(text), len(text) + len(part) - 2)
        text += part[1:-1]
        if part[0] == "[":
            sources.append(span)
        else:
            pointers = ((span, 0.9),)
    return text, sources, pointers


def test_nobody_speaks(nlp: Language) -> None:
    text = "Tom Okoro read “Rain” aloud."
    assert resolve_doc(nlp(text), find(text), [None]) == [None]
    without = Attribution(None, None, 0.9, "")
    assert resolve_doc(nlp(text), find(text), [without]) == [None]


def test_no_quotations(nlp: Language) -> None:
    assert resolve_doc(nlp("It rained."), [], []) == []


@pytest.mark.parametrize("mention", [(0, 1), (0, 6), (2, 3), (5, 14)])
def test_a_mention_of_odd_words_does_no_harm(nlp: Language, mention: tuple[int, int]) -> None:
    text = "—, “rain”, 5 x"
    spans = [MarkedSpan(4, 8, 3, 9)]
    answers = resolve_doc(nlp(text), spans, [Attribution(Span(*mention), None, 1.0, "")])
    assert len(answers) == 1


def test_description_is_the_articles_own_words(nlp: Language) -> None:
    text = "“It rained,” said Mara Ilves, 45, a retired plumber from Ashby."
    source = Span(text.index("Mara"), text.index(", 45"))
    (speaker,) = resolve_doc(nlp(text), find(text), [Attribution(source, None, 1.0, "")])
    assert speaker == Speaker("Mara Ilves", "person", "a retired plumber from Ashby")


@pytest.mark.parametrize(
    ("text", "name", "words", "role"),
    [
        ("He met Mara Ilves, a tired plumber.", "Mara Ilves", "a tired plumber", "plumber"),
        ("He met the novelist Mara Ilves.", "Mara Ilves", "the novelist", "novelist"),
        ("A police spokesman, Tom Okoro, came.", "Tom Okoro", "A police spokesman", "spokesman"),
        ("He met Tom Okoro (D-Ohio), head of the board.", "Tom Okoro", "head of the board", "head"),
        ("He met Tom Okoro, 61, aide to the mayor.", "Tom Okoro", "aide to the mayor", "aide"),
    ],
)
def test_describe(nlp: Language, text: str, name: str, words: str, role: str) -> None:
    start = text.index(name)
    article = ParsedArticle.from_doc(nlp(text), [], [])
    description = describe(article, start, start + len(name), start)
    assert description.text == words
    assert role in description.roles
    assert "mayor" not in description.roles


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("In the afternoon Mara Ilves read.", None),
        ("The next day Mara Ilves left.", None),
        ("From the gallery, Mara Ilves shouted.", None),
        ("By the gate stood the sexton Mara Ilves.", "the sexton"),
        ("The candidate beat the sitting mayor, Mara Ilves, by a vote.", "the sitting mayor"),
        ("The two who stayed were Mr Okoro and the clerk, Mara Ilves.", "the clerk"),
        ("The woman who runs the bakery, Mara Ilves, left.", "The woman who runs the bakery"),
        ("The poet, 61, claims director Mara Ilves, stole it.", "director"),
        ("Claims director Mara Ilves left.", "Claims director"),
        ("Front-runner Mara Ilves left.", "Front-runner"),
        ("On the last day a structural engineer called Mara Ilves left.", "a structural engineer"),
        ("She grew up in a village called Mara Ilves.", None),
        ("The 18-year-old pupil Mara Ilves left.", "The 18-year-old pupil"),
        ("It ended after a Derrow summit Mara Ilves had called.", None),
        ("Mara Ilves, a senior law lord - said the rules were old.", "a senior law lord"),
        ("It hurt, but Mara Ilves, 34, stood by her man.", None),
        ("Mara Ilves, in the chair, agreed.", None),
        ("Mara Ilves, the same, agreed.", None),
        ("Mara Ilves was the victim of a hoax in May.", None),
        ("Mara Ilves was the author of the report.", "the author of the report"),
        ("Mara Ilves, who told the mayor of it, left.", None),
        ("Mara Ilves, who heads the union of actors, left.", "who heads the union of actors"),
    ],
)
def test_what_describes_nobody(nlp: Language, text: str, words: str | None) -> None:
    start = text.index("Mara")
    article = ParsedArticle.from_doc(nlp(text), [], [])
    assert describe(article, start, start + len("Mara Ilves"), start).text == words


@pytest.mark.parametrize(
    ("mention", "words"),
    [
        ("The opposition leader Sir Tom Okoro", "The opposition leader"),
        ("Secretary of State Tom Okoro", "Secretary of State"),
        ("the head of the School of Mines Prof. Ada Okoro", "head of the School of Mines"),
        ("the novelist Pieter van den Okoro", "the novelist"),
        ("van den Okoro", None),
        ("Ashby Mayor Tom Okoro", "Ashby Mayor"),
    ],
)
def test_description_ends_before_the_name(nlp: Language, mention: str, words: str | None) -> None:
    text = f"“It rained,” said {mention}."
    source = Span(text.index(mention), text.index("Okoro") + len("Okoro"))
    (speaker,) = resolve_doc(nlp(text), find(text), [Attribution(source, None, 1.0, "")])
    assert speaker is not None
    assert speaker.description == words


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ("John Podd", "John D. Podd", True),
        ("J.K. Osei", "Joan Osei", True),
        ("Robert C. “Bobby” Scott", "Bobby Scott", True),
        ("Bill Osei", "Hilda Osei", False),
        ("John A. Osei", "John B. Osei", False),
        ("Clarence Dubey Jr.", "Clarence Dubey Sr.", False),
        ("Clarence Dubey Jr.", "Clarence Dubey", True),
        ("Ana Osei", "Ana Bell", False),
    ],
)
def test_same_person(left: str, right: str, same: bool) -> None:
    assert same_person(parse_name(left), parse_name(right)) is same
    assert same_person(parse_name(right), parse_name(left)) is same


@pytest.mark.parametrize(
    ("short", "full", "fit"),
    [
        ("van Aalst", "Clarence van Aalst", 2),
        ("Aalst", "Clarence van Aalst", 2),
        ("Clarence", "Clarence van Aalst", 1),
        ("Ban", "Ban Ki-moon", 1),
        ("Bell", "Tamsin Okoro-Bell", 2),
        ("Dubey Sr.", "Clarence Dubey Jr.", 0),
        ("Osei", "Clarence van Aalst", 0),
    ],
)
def test_short_form_score(short: str, full: str, fit: int) -> None:
    assert short_form_score(parse_name(short), parse_name(full)) == fit


def test_given_names_have_a_gender_or_none() -> None:
    genders = [given_gender(parse_name(name)) for name in ("Tom Osei", "Mara Osei", "Zzyzx Osei")]
    assert genders == ["masculine", "feminine", None]
