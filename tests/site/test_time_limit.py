"""Queries end when their time is up, wherever they are, and others go on."""

from __future__ import annotations

import sqlite3
import threading
import time

import pytest

from datasette_quotedex.time_limit import LOOK_SECONDS, time_limit

ENDLESS = """WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
    SELECT count(*) FROM n"""


@pytest.fixture
def connection() -> sqlite3.Connection:
    return sqlite3.connect(":memory:", check_same_thread=False)


@pytest.mark.parametrize("with_threads", [True, False])
def test_an_endless_query_ends(connection: sqlite3.Connection, with_threads: bool) -> None:
    began = time.monotonic()
    with (
        pytest.raises(sqlite3.OperationalError, match="interrupted"),
        time_limit(connection, 0.1, with_threads),
    ):
        connection.execute(ENDLESS).fetchone()
    assert 0.1 <= time.monotonic() - began < 5


def test_the_next_query_of_the_connection_has_its_own_time(connection: sqlite3.Connection) -> None:
    with pytest.raises(sqlite3.OperationalError), time_limit(connection, 0.05):
        connection.execute(ENDLESS).fetchone()
    with time_limit(connection, 60):
        assert connection.execute("SELECT 1").fetchone() == (1,)
    time.sleep(3 * LOOK_SECONDS)
    assert connection.execute("SELECT 2").fetchone() == (2,)


def test_each_connection_has_its_own_deadline() -> None:
    ends: dict[float, float] = {}

    def run(seconds: float) -> None:
        connection = sqlite3.connect(":memory:")
        began = time.monotonic()
        with pytest.raises(sqlite3.OperationalError), time_limit(connection, seconds):
            connection.execute(ENDLESS).fetchone()
        ends[seconds] = time.monotonic() - began

    threads = [threading.Thread(target=run, args=(seconds,)) for seconds in (0.05, 0.8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ends[0.05] < ends[0.8]
    assert ends[0.8] >= 0.8
