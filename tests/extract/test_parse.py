"""The faster components give what resolution needs as the pipeline's own do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Token
from threadpoolctl import threadpool_info  # type: ignore[import-untyped]  # has no types

from quotedex.extract.parse import fast_lemmas, fast_parser, fast_tok2vec
from quotedex.extract.parse.parser import Parser
from quotedex.extract.parse.row_cache import RowCache
from quotedex.options import DEFAULT_SPACY_MODEL

NEWS = """Harbour board drops its plan

Mara Ilves, who leads the harbour board, said on Tuesday that “the boats have left”. Its two
engineers were asked to leave too, and the mayor's children wrote better letters.

“Nobody is coming,” a spokeswoman for the Port Authority (PA) told reporters.
"""


@pytest.fixture(scope="module")
def parser() -> Parser:
    return Parser(DEFAULT_SPACY_MODEL)


@pytest.fixture(scope="module")
def own_nlp() -> Language:
    """A pipeline whose components these tests may change."""
    return spacy.load(DEFAULT_SPACY_MODEL)


def token_values(token: Token) -> tuple[Any, ...]:
    names = "i text dep_ tag_ pos_ lemma_ ent_type_ is_sent_start"
    values = [getattr(token, name) for name in names.split()]
    return (*values, token.head.i, str(token.morph))


def test_tags_and_names_are_those_of_the_pipeline(parser: Parser, nlp: Language) -> None:
    expected = nlp(NEWS)
    seen = "i text tag_ ent_iob_ ent_type_"
    for ours, its in zip(parser(NEWS), expected, strict=True):
        assert [getattr(ours, n) for n in seen.split()] == [getattr(its, n) for n in seen.split()]
    assert expected.ents


def test_a_paragraph_is_parsed_as_by_the_pipeline(parser: Parser, nlp: Language) -> None:
    for paragraph in NEWS.split("\n\n"):
        paragraph = " ".join(paragraph.split())
        assert list(map(token_values, parser(paragraph))) == list(map(token_values, nlp(paragraph)))


def test_the_size_of_the_cache_changes_nothing(
    parser: Parser, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = list(map(token_values, parser(NEWS)))
    monkeypatch.setattr(fast_lemmas, "MAX_CACHED", 10)
    monkeypatch.setattr(fast_tok2vec, "MAX_CACHED", 10)
    forgetful = Parser(DEFAULT_SPACY_MODEL)
    for _ in range(2):
        assert list(map(token_values, forgetful(NEWS))) == expected


def test_each_row_is_computed_once_until_there_are_too_many() -> None:
    asked: list[list[int]] = []

    def double(attributes: Any) -> Any:
        asked.append(attributes[:, 0].tolist())
        return attributes * 2

    rows = RowCache(double, np.zeros((0, 2), np.uint64), most=3)

    def of(*numbers: int) -> Any:
        return rows(np.array([(number, 0) for number in numbers], np.uint64))[:, 0].tolist()

    assert of(1, 2, 1) == [2, 4, 2]
    assert of(2, 3, 4, 5) == [4, 6, 8, 10]
    assert of(1) == [2]
    assert asked == [[1, 2], [3, 4, 5], [1]]


@pytest.mark.parametrize(
    "condition",
    [
        {"LOWER": "boats"},
        {"LOWER": {"IN": ["boats", "engineers"]}},
        {"LOWER": {"NOT_IN": ["boats", "plan"]}, "TAG": "NNS"},
        {"LOWER": {"REGEX": "^b.*s$"}},
        {"LOWER": {"REGEX": "^un|s$"}},
        {"ORTH": "boats"},
        {"SHAPE": "xxxx", "TAG": "NNS"},
    ],
)
def test_patterns_of_one_word_apply(condition: dict[str, Any], own_nlp: Language) -> None:
    ruler: Any = own_nlp.get_pipe("attribute_ruler")
    known = ruler.patterns
    before = own_nlp(NEWS)
    ruler.add([[condition]], {"POS": "X", "LEMMA": "marked"})
    expected = own_nlp(NEWS)
    bare = own_nlp(NEWS, disable=["attribute_ruler", "lemmatizer"])
    component = fast_lemmas.fast_component(own_nlp)
    assert component
    ours = list(map(token_values, component(bare)))
    ruler.clear()
    ruler.add_patterns(known)
    assert ours == list(map(token_values, expected)) != list(map(token_values, before))


def test_a_batch_of_paragraphs_is_parsed_as_the_text(
    parser: Parser, monkeypatch: pytest.MonkeyPatch
) -> None:
    parses = []
    for least in (0, 10**6):
        monkeypatch.setattr(fast_parser, "MIN_PARALLEL", least)
        parses.append(list(map(token_values, parser(NEWS))))
    assert parses[0] == parses[1]


def test_earlier_texts_change_nothing(parser: Parser) -> None:
    parser("Nobody is coming to the harbour, the engineers wrote.")
    after = parser(NEWS).tensor
    assert np.array_equal(after, Parser(DEFAULT_SPACY_MODEL)(NEWS).tensor)


def test_no_clause_crosses_the_end_of_a_paragraph(parser: Parser) -> None:
    doc = parser("The board of the\n\nharbour met on Tuesday.\n\nIts plan for the boats\n")
    breaks = [token.i for token in doc if "\n" in token.text]
    for token in doc:
        assert not any(
            min(token.i, token.head.i) <= at < max(token.i, token.head.i)
            for at in breaks
            if at not in (token.i, token.head.i)
        )


def test_a_clause_continues_on_a_wrapped_line(parser: Parser) -> None:
    doc = parser("The board of the\nharbour met on Tuesday.\n")
    assert next(token for token in doc if token.text == "board").head.text == "met"


def test_no_text(parser: Parser) -> None:
    assert len(parser("")) == 0


def test_components_of_another_architecture_run_as_they_are(tmp_path: Any) -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    nlp.to_disk(tmp_path)
    assert len(list(Parser(str(tmp_path))(NEWS).sents)) > 2


def test_one_blas_thread(parser: Parser, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    product = np.dot

    def counted(*args: Any, **more: Any) -> Any:
        seen.append(threads())
        return product(*args, **more)

    monkeypatch.setattr(np, "dot", counted)
    parser(NEWS)
    assert set(seen) == {1}


def threads() -> Any:
    return max(pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas")
