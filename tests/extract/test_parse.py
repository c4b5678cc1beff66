"""The short way through the pipeline: what resolution reads comes out as by the long one."""

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
from quotedex.options import DEFAULT_SPACY_MODEL

NEWS = """Harbour board drops its plan

Mara Ilves, who leads the harbour board, said on Tuesday that “the boats have left”. Its two
engineers were asked to leave too, and the mayor's children wrote better letters.

“Nobody is coming,” a spokeswoman for the Port Authority (PA) told reporters.
"""


@pytest.fixture(scope="module")
def parser() -> Parser:
    return Parser(DEFAULT_SPACY_MODEL)


def told(token: Token) -> tuple[Any, ...]:
    names = "i text dep_ tag_ pos_ lemma_ ent_type_ is_sent_start"
    told = [getattr(token, name) for name in names.split()]
    return (*told, token.head.i, str(token.morph))


def test_tags_and_names_as_the_pipeline_itself(parser: Parser, nlp: Language) -> None:
    expected = nlp(NEWS)
    seen = "i text tag_ ent_iob_ ent_type_"
    for ours, its in zip(parser(NEWS), expected, strict=True):
        assert [getattr(ours, n) for n in seen.split()] == [getattr(its, n) for n in seen.split()]
    assert expected.ents


def test_a_paragraph_as_the_pipeline_itself(parser: Parser, nlp: Language) -> None:
    for paragraph in NEWS.split("\n\n"):
        paragraph = " ".join(paragraph.split())
        assert list(map(told, parser(paragraph))) == list(map(told, nlp(paragraph)))


def test_words_known_and_forgotten(parser: Parser, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = list(map(told, parser(NEWS)))
    for most in (10, 10**6):
        monkeypatch.setattr(fast_lemmas, "MAX_CACHED", most)
        monkeypatch.setattr(fast_tok2vec, "MAX_CACHED", most)
        assert list(map(told, parser(NEWS))) == expected


def test_steps_side_by_side_are_steps_alone(
    parser: Parser, monkeypatch: pytest.MonkeyPatch
) -> None:
    told_by = []
    for least in (0, 10**6):
        monkeypatch.setattr(fast_parser, "MIN_PARALLEL", least)
        told_by.append(list(map(told, parser(NEWS))))
    assert told_by[0] == told_by[1]


def test_the_texts_before_change_nothing(parser: Parser) -> None:
    parser("Nobody is coming to the harbour, the engineers wrote.")
    after = parser(NEWS).tensor
    assert np.array_equal(after, Parser(DEFAULT_SPACY_MODEL)(NEWS).tensor)


def test_paragraphs_are_clauses_apart(parser: Parser) -> None:
    doc = parser("The board of the\n\nharbour met on Tuesday.\n\nIts plan for the boats\n")
    breaks = [token.i for token in doc if "\n" in token.text]
    for token in doc:
        assert not any(
            min(token.i, token.head.i) <= at < max(token.i, token.head.i)
            for at in breaks
            if at not in (token.i, token.head.i)
        )


def test_a_clause_goes_on_in_a_wrapped_line(parser: Parser) -> None:
    doc = parser("The board of the\nharbour met on Tuesday.\n")
    assert next(token for token in doc if token.text == "board").head.text == "met"


def test_no_text(parser: Parser) -> None:
    assert len(parser("")) == 0


def test_a_pipeline_of_another_make(tmp_path: Any) -> None:
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
