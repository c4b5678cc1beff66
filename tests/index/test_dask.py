"""Runs on a local Dask cluster: the same file; documents of a dead worker are tried again; no port
is open to other machines."""

from __future__ import annotations

import http.client
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import dask
import psutil
import pytest
from distributed import Client, LocalCluster

from quotedex.check import check
from quotedex.errors import QuotedexError
from quotedex.index import Progress, index
from quotedex.index import topics as stage
from quotedex.index.dask import LOCAL, Cluster
from quotedex.index.work import ExtractorSpec
from quotedex.models import Document
from tests.helpers import toy_extractor as toy
from tests.index.test_index import contents, news

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None}
    with LocalCluster(**options) as started:  # type: ignore[no-untyped-call]
        yield started.scheduler_address


def test_cluster_writes_the_same_file_as_one_process(tmp_path: Path, cluster: str) -> None:
    documents = [*map(news, range(40)), toy.document("odd", "#odd")]
    one, many = tmp_path / "one.db", tmp_path / "many.db"
    index(one, documents, extract=toy.extract)
    index(many, documents, extract=toy.extract, cluster=cluster)
    assert contents(many) == contents(one)
    assert [result for result in check(many) if not result.ok] == []


def test_topics_are_made_in_the_cluster(
    path: Path, cluster: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage, "topics_of", partial(toy.topics_elsewhere, os.getpid()))
    documents = [
        toy.document(f"{n}.txt", f"Day {n}. “We agreed {n} times,” Ada Okafor said.")
        for n in range(6)
    ]
    index(path, documents, extract=toy.extract, cluster=cluster, topics=True)
    with closing(sqlite3.connect(path)) as conn:
        assert conn.execute("SELECT term FROM topics").fetchall() == [("We",)]


def test_documents_of_a_killed_worker_are_tried_again(tmp_path: Path, cluster: str) -> None:
    killed: list[int] = []
    ahead: list[int] = []
    taken = 0

    def supply() -> Iterator[Document]:
        nonlocal taken
        for number in range(40):
            taken += 1
            yield news(number)

    def progress(so_far: Progress) -> None:
        ahead.append(taken - so_far.documents)
        if so_far.documents == 10:
            with Client(cluster) as client:  # type: ignore[no-untyped-call]
                process, *_ = client.run(os.getpid).values()
            os.kill(process, 9)
            killed.append(process)

    path = tmp_path / "quotes.db"
    summary = index(path, supply(), extract=toy.slow, cluster=cluster, progress=progress)
    assert killed
    assert (summary.articles, summary.failures) == (40, 0)
    assert max(ahead) <= 10, "few documents are in flight"


def test_unreachable_cluster_is_an_error(tmp_path: Path) -> None:
    quickly = dask.config.set({"distributed.comm.timeouts.connect": "1s"})
    with quickly, pytest.raises(QuotedexError, match="cannot be reached"):
        index(tmp_path / "q.db", [news(1)], extract=toy.extract, cluster="tcp://127.0.0.1:1")


def test_local_cluster_is_reached_from_this_machine_alone() -> None:
    others = listening()
    running = Cluster(ExtractorSpec(extract=toy.extract), 2, LOCAL)
    try:
        places = listening() - others
        answers = {path: [status(*place, path) for place in places] for path in STATUS_PAGES}
    finally:
        running.kill()
    assert {address for address, _ in places} == {"127.0.0.1"}
    assert 8787 not in {port for _, port in places}, "no dashboard"
    # Scheduler and two workers have a server each that answers.
    assert all(sorted(filter(None, found)) == [404] * 3 for found in answers.values()), answers


STATUS_PAGES = ("/", "/status", "/health", "/metrics", "/json/counts.json", "/info/logs.html")


def listening() -> set[tuple[str, int]]:
    """Address and port of the sockets that wait for connections, in this process and below it."""
    here = psutil.Process()
    return {
        (found.laddr.ip, found.laddr.port)
        for process in (here, *here.children(recursive=True))
        for found in process.net_connections(kind="inet")
        if found.status == psutil.CONN_LISTEN
    }


def status(address: str, port: int, path: str) -> int | None:
    """The status of the answer to an HTTP request; None if it is no HTTP server."""
    connection = http.client.HTTPConnection(address, port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (http.client.HTTPException, OSError):
        return None
    finally:
        connection.close()
