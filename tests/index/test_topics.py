"""Topics in the file: updated at the end of a run, for speakers whose quotations have changed."""

from __future__ import annotations

import os
import random
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from quotedex.check import check
from quotedex.errors import ModelError
from quotedex.index import index
from quotedex.index import topics as stage
from quotedex.index.work import ExtractorSpec
from quotedex.index.workers import worker_processes
from quotedex.models import Document
from quotedex.options import Options
from quotedex.store import Store
from quotedex.text.keyterms import Topic
from tests.helpers import toy_extractor as toy

SUBJECTS = ("the old pier", "a fishing permit", "the harbour wall", "the night ferry")


def run(
    path: Path, documents: Sequence[Document], options: Options | None = None, **more: Any
) -> Any:
    return index(path, documents, options, extract=toy.extract, **{"topics": True, **more})


def news(number: int) -> Document:
    """Ada Okafor talks about something; Bo Lind is always mentioned, which links the articles."""
    subject = SUBJECTS[number % 3]
    text = (
        f"Item {number}. Bo Lind was there. “We looked at {subject} for {number} days,”"
        f" Ada Okafor said. “He wants {subject} in May,” an aide said. “No {number},” Bo Lind said."
    )
    return toy.document(f"{number:02}.txt", text, f"2024-05-{number % 28 + 1:02}")


def topics(path: Path) -> dict[str, list[str]]:
    sql = "SELECT name, term FROM topics JOIN speakers ON id = speaker_id ORDER BY name, score DESC"
    found: dict[str, list[str]] = {}
    with closing(sqlite3.connect(path)) as conn:
        for name, term in conn.execute(sql):
            found.setdefault(name, []).append(term)
    return found


def scores(path: Path) -> list[tuple[Any, ...]]:
    sql = "SELECT key, term, score FROM topics JOIN speakers ON id = speaker_id ORDER BY 1, 2"
    with closing(sqlite3.connect(path)) as conn:
        return conn.execute(sql).fetchall()


def test_progress_of_the_stages(path: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    run(path, [news(n) for n in range(9)], on_stage=lambda *stage: seen.append(stage))
    topics = [(done, of) for name, done, of in seen if name == "topics"]
    assert topics[0] == (0, topics[0][1])
    assert topics[-1] == (topics[0][1], topics[0][1])
    assert len(topics) > 2
    assert topics == sorted(topics)
    assert "models" not in {name for name, *_ in seen}, "the toy extractor has none"


def test_often_quoted_speakers_have_topics(path: Path) -> None:
    run(path, [news(n) for n in range(9)])
    found = topics(path)
    assert set(found) == {"Ada Okafor"}, "Bo Lind says nothing, and an aide is nobody"
    assert set(found["Ada Okafor"]) == {"old pier", "fishing permit", "harbour wall"}


def test_four_quotations_are_too_few(path: Path) -> None:
    run(path, [news(n) for n in range(4)])
    assert topics(path) == {}


def test_the_same_in_any_order_and_number_of_runs(path: Path, tmp_path: Path) -> None:
    documents = [news(n) for n in range(12)]
    run(path, documents)
    other = tmp_path / "other.db"
    random.Random(7).shuffle(documents)
    for start in range(0, 12, 3):
        run(other, documents[start : start + 3])
    assert scores(other) == scores(path) != []


def test_topics_are_not_made_again_without_a_change(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents = [news(n) for n in range(6)]
    run(path, documents)
    before = path.read_bytes()
    monkeypatch.setattr(stage, "topics_of", None)
    run(path, documents)
    assert path.read_bytes() == before


def test_topics_change_with_the_quotations_and_go_with_the_speaker(path: Path) -> None:
    documents = [news(n) for n in range(6)]
    run(path, documents)
    changed = [
        toy.document(d.id, d.text.replace("old pier", "night ferry"), d.published)
        for d in documents
    ]
    run(path, changed)
    assert set(topics(path)["Ada Okafor"]) == {"night ferry", "fishing permit", "harbour wall"}
    run(path, [toy.document(d.id, "Nothing was said.", d.published) for d in documents[:3]])
    assert topics(path) == {}


def test_run_makes_the_topics_that_an_earlier_one_left(path: Path) -> None:
    documents = [news(n) for n in range(6)]
    index(path, documents, extract=toy.extract)
    assert topics(path) == {}
    assert run(path, documents).run_id == 2
    assert "old pier" in topics(path)["Ada Okafor"]
    assert run(path, documents).run_id is None


def test_a_change_outside_the_sample_changes_no_topics(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "quotes.db"
    made: list[Sequence[str]] = []

    def none_of(spacy_model: str, statements: Sequence[str]) -> list[Topic]:
        made.append(statements)
        return []

    monkeypatch.setattr(stage, "topics_of", none_of)
    monkeypatch.setattr("quotedex.store.topics._MAX_STATEMENTS", 0)
    run(path, [news(n) for n in range(6)])
    run(path, [news(6)])
    assert made == [(), ()], "of Ada Okafor and Bo Lind, once"
    with Store(path) as store:
        assert store.stale_speakers() == []


def test_worker_processes_make_the_same_topics(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage, "topics_of", toy.topics_of)
    run(path, [news(n) for n in range(6)], workers=2)
    assert topics(path) == {"Ada Okafor": ["We"], "Bo Lind": ["No"]}


def test_pool_works_on_many_items_in_order_and_in_other_processes() -> None:
    numbers = list(range(150))
    with worker_processes(ExtractorSpec(), 2) as engine:
        assert engine
        assert list(engine.map(toy.number_and_process, numbers[:5])) == [
            (number, os.getpid()) for number in numbers[:5]
        ], "no worker starts for so few"
        made = list(engine.map(toy.number_and_process, numbers))
    assert [number for number, _ in made] == numbers
    processes = {process for _, process in made}
    assert len(processes) == 2
    assert os.getpid() not in processes


def test_a_missing_pipeline_ends_the_run(path: Path) -> None:
    with pytest.raises(ModelError, match="'no_such_pipeline' is not installed"):
        run(path, [news(n) for n in range(6)], Options(spacy_model="no_such_pipeline"), workers=2)


def test_topics_of_a_worker_that_dies_are_made_here(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage, "topics_of", toy.topics_here_alone)
    monkeypatch.setenv("TOY_PARENT", str(os.getpid()))
    run(path, [news(n) for n in range(6)], workers=2)
    assert topics(path) == {"Ada Okafor": ["We"], "Bo Lind": ["No"]}


def test_run_survives_errors_of_textacy(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def upset(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(stage, "topics", upset)
    run(path, [news(n) for n in range(6)])
    assert topics(path) == {}


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE topics SET term = 'casino' WHERE term = 'old pier'",
        "UPDATE _topic_samples SET digest = 'x'",
        "DELETE FROM _topic_samples",
    ],
)
def test_topics_of_other_words_are_reported(tmp_path: Path, change: str) -> None:
    path = tmp_path / "broken.db"
    run(path, [news(n) for n in range(6)])
    with closing(sqlite3.connect(path)) as conn, conn:
        conn.execute(change)
    assert [result.name for result in check(path) if not result.ok] == ["other hashes", "topics"]
