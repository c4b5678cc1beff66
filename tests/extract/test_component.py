"""The spaCy component in pipelines with and without what it needs, streamed and serialized."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import spacy
from spacy import displacy
from spacy.language import Language
from spacy.tokens import Doc

import quotedex.component
from quotedex import component, extract
from quotedex.errors import ModelError
from quotedex.extract.parse import parser
from quotedex.optional import load_pipeline
from quotedex.options import DEFAULT_SPACY_MODEL

NEWS = "“It rained all day,” said Mara Ilves. “We are wet.”"
MANGLED = NEWS.encode().decode("windows-1252", errors="replace")


@pytest.fixture(scope="module")
def whole() -> Language:
    nlp = spacy.load(DEFAULT_SPACY_MODEL)
    nlp.add_pipe("quotedex")
    return nlp


@pytest.fixture(scope="module")
def blank() -> Language:
    nlp = spacy.blank("en")
    nlp.add_pipe("quotedex")
    return nlp


def test_quotes_and_spans(whole: Language) -> None:
    doc = whole(NEWS)
    assert list(doc._.quotes) == extract(NEWS)
    assert [span.text for span in doc.spans["quotes"]] == ["It rained all day,", "We are wet."]
    assert [span.label_ for span in doc.spans["quotes"]] == ["Mara Ilves"] * 2


def test_a_whole_pipeline_is_not_parsed_again(
    whole: Language, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parser, "Parser", None)
    monkeypatch.setattr(component, "resolve", None)
    assert len(whole(NEWS)._.quotes) == 2


def test_blank_pipeline_gets_help(blank: Language) -> None:
    doc = blank(NEWS)
    assert list(doc._.quotes) == extract(NEWS)
    assert not doc.has_annotation("DEP")


def test_text_that_needs_cleaning_keeps_its_own_offsets(whole: Language) -> None:
    doc = whole(MANGLED)
    assert [MANGLED[quote.start : quote.end] for quote in doc._.quotes] == [
        "It rained all day,",
        "We are wet.",
    ]


@pytest.mark.parametrize("text", ["", "It rained.", "“”"])
def test_nothing_quoted(whole: Language, text: str) -> None:
    doc = whole(text)
    assert doc._.quotes == ()
    assert len(doc.spans["quotes"]) == 0


def test_nobody_named(blank: Language) -> None:
    doc = blank("“It rained all day in Ashby.”")
    assert [span.label_ for span in doc.spans["quotes"]] == ["(unknown speaker)"]


def test_streams(whole: Language) -> None:
    counts = [len(doc._.quotes) for doc in whole.pipe([NEWS, "It rained.", NEWS])]
    assert counts == [2, 0, 2]


def test_quotes_survive_bytes(whole: Language) -> None:
    doc = whole(NEWS)
    again = Doc(whole.vocab).from_bytes(doc.to_bytes())
    assert again._.quotes == doc._.quotes


def test_configuration() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("quotedex", config={"min_confidence": 1.0, "spacy_model": "no_such_pipeline"})
    assert nlp(NEWS)._.quotes == ()
    sure = spacy.blank("en")
    sure.add_pipe("quotedex", config={"spacy_model": "no_such_pipeline"})
    with pytest.raises(ModelError):
        sure(NEWS)


def test_what_it_assigns_is_declared() -> None:
    assert Language.get_factory_meta("quotedex").assigns == [
        *("doc._.quotes", "doc.spans", "span._.quote", "span._.speaker")
    ]


def test_extensions_are_installed_once() -> None:
    quotedex.component.install_extensions()
    quotedex.component.install_extensions()
    assert Doc.has_extension("quotes")


def test_displacy_draws_the_spans(whole: Language) -> None:
    html = displacy.render(whole(NEWS), style="span", options={"spans_key": "quotes"}, page=True)
    assert "Mara Ilves" in html


def test_spans_know_their_quotation_and_speaker(whole: Language) -> None:
    doc = whole(NEWS)
    first, second = doc.spans["quotes"]
    assert (first._.quote, second._.quote) == doc._.quotes
    assert second._.speaker.name == "Mara Ilves"
    assert (doc[0:3]._.quote, doc[0:3]._.speaker) == (None, None)
    unnamed = whole("“It rained all day,” it said.\n\nThe “wet op” begins in May.")
    assert all(span._.speaker is None for span in unnamed.spans["quotes"])


def test_documents_are_piped_in_batches(blank: Language) -> None:
    finder = blank.get_pipe("quotedex")
    assert isinstance(finder, component.QuotationFinder)
    read: list[int] = []

    def docs() -> Iterator[Doc]:
        for number in range(5):
            read.append(number)
            yield blank.make_doc(NEWS)

    found = finder.pipe(docs(), batch_size=2)
    assert len(next(found)._.quotes) == 2
    assert read == [0, 1]
    assert len(list(found)) == 4


def test_the_pipeline_decides_about_documents_that_fail(
    blank: Language, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(text: str) -> None:
        raise ValueError("odd text")

    monkeypatch.setattr(component, "clean", fail)
    finder = blank.get_pipe("quotedex")
    assert isinstance(finder, component.QuotationFinder)
    with pytest.raises(ValueError, match="odd text"):
        list(finder.pipe([blank.make_doc(NEWS)]))
    handled: list[str] = []
    monkeypatch.setattr(
        component.QuotationFinder,
        "get_error_handler",
        lambda self: lambda name, proc, docs, error: handled.append(str(error)),
    )
    assert list(finder.pipe([blank.make_doc(NEWS)])) == []
    assert handled == ["odd text"]


def test_spacys_own_pipeline_serves_where_the_default_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loaded: list[str] = []
    installed = {"en_core_web_sm"}
    monkeypatch.setattr(spacy.util, "is_package", lambda name: name in installed)
    monkeypatch.setattr(spacy, "load", loaded.append)
    load_pipeline(DEFAULT_SPACY_MODEL)
    load_pipeline("en_other")
    installed.add(DEFAULT_SPACY_MODEL)
    load_pipeline(DEFAULT_SPACY_MODEL)
    assert loaded == ["en_core_web_sm", "en_other", DEFAULT_SPACY_MODEL]
