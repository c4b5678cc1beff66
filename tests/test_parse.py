"""The short way through the pipeline: what resolution reads comes out as by the long one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import spacy
from spacy.tokens import Doc, Token
from threadpoolctl import threadpool_info  # type: ignore[import-untyped]  # has no types

import quotedex.parse
from quotedex.extract import DEFAULT_SPACY_MODEL
from quotedex.parse import Parser

NEWS = """Harbour board drops its plan

Mara Ilves, who leads the harbour board, said on Tuesday that “the boats have left”. Its two
engineers were asked to leave too, and the mayor's children wrote better letters.

“Nobody is coming,” a spokeswoman for the Port Authority (PA) told reporters.
"""


@pytest.fixture(scope="module")
def parser() -> Parser:
    return Parser(DEFAULT_SPACY_MODEL)


@pytest.fixture(scope="module")
def expected() -> Doc:
    return spacy.load(DEFAULT_SPACY_MODEL)(NEWS)


def told(token: Token) -> tuple[Any, ...]:
    names = "i text dep_ tag_ pos_ lemma_ ent_type_ is_sent_start"
    told = [getattr(token, name) for name in names.split()]
    return (*told, token.head.i, str(token.morph))


def test_as_the_pipeline_itself(parser: Parser, expected: Doc) -> None:
    assert list(map(told, parser(NEWS))) == list(map(told, expected))


def test_words_known_and_forgotten(
    parser: Parser, expected: Doc, monkeypatch: pytest.MonkeyPatch
) -> None:
    for most in (10, 10**6):
        monkeypatch.setattr(quotedex.parse, "MOST_REMEMBERED", most)
        assert list(map(told, parser(NEWS))) == list(map(told, expected))


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
