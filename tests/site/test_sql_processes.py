"""SQL that readers write runs in processes, within bounds, and gives what Datasette would give."""

from __future__ import annotations

import asyncio
import logging
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from datasette import hookimpl
from datasette.app import Datasette
from datasette.database import Database, QueryInterrupted
from datasette.plugins import pm
from datasette.utils import StartupError

from datasette_quotedex import pages, sql
from datasette_quotedex.lanes import TooBusy
from datasette_quotedex.sql import kinds, pauses
from datasette_quotedex.sql.gates import Gate
from datasette_quotedex.sql.kinds import Kind
from datasette_quotedex.sql.processes import Died, Process, ProcessLimits
from datasette_quotedex.sql.runner import Runner
from tests.helpers.site_client import get
from tests.helpers.site_fixture import build, register

register()
LINE = "1.0" if hasattr(Datasette, "set_resource_metadata") else "0.65"
SQL = "/news/-/query" if LINE == "1.0" else "/news"
LIMITS = ProcessLimits(memory=128_000_000, heap=40_000_000, result=1_000_000, nice=10)

ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
STUCK = "SELECT instr(zeroblob(2000000), zeroblob(1000000) || x'01')"
"""One function call that takes minutes, in which SQLite does not look at the time."""

HUNGRY = {
    "ten values": "SELECT " + ", ".join(["zeroblob(19999000)"] * 10),
    "fifty values": "SELECT " + ", ".join(["zeroblob(19999000)"] * 50),
    "marks": "SELECT highlight(quote_search, 0, hex(zeroblob(90000)), hex(zeroblob(90000)))"
    " || hex(zeroblob(5000000)) FROM quote_search WHERE quote_search MATCH 'rent'",
    "many rows": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
    " SELECT zeroblob(1000000) FROM n",
    "many cells": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT "
    + ", ".join(["i"] * 300)
    + " FROM n",
    "long names": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
    f' SELECT i AS "{"x" * 9_000}" FROM n',
    "one array": "SELECT json_group_array(value)"
    " FROM json_each('[' || replace(hex(zeroblob(4000000)), '00', '1,') || '1]')",
}
SENTENCE = re.compile(
    r"needs more than the \d+ MB of memory|result is larger than \d MB|value .* larger than 20 MB"
)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("processes") / "news.db")


def site_of(path: Path, limit_ms: int = 500, **settings: int) -> Datasette:
    metadata = {"plugins": {"datasette-quotedex": settings}}
    return Datasette([str(path)], settings={"sql_time_limit_ms": limit_ms}, metadata=metadata)


@pytest.fixture
def site(path: Path) -> Iterator[Datasette]:
    made = site_of(path)
    yield made
    runner_of(made).close()


def runner_of(site: Datasette) -> Runner:
    found = sql.runner_of(site)
    assert found
    return found


async def ask(site: Datasette, statement: str, format_: str = ".json", **parameters: str) -> Any:
    return await site.client.get(
        f"{SQL}{format_}?{urlencode({'sql': statement, '_shape': 'objects', **parameters})}"
    )


async def execute(site: Datasette, statement: str, *arguments: Any, **options: Any) -> Any:
    """`Database.execute` as in a request of a reader."""
    await site.invoke_startup()
    token = kinds.current.set(kinds.Answering(Kind.READERS, "json"))
    try:
        return await site.get_database("news").execute(statement, *arguments, **options)
    finally:
        kinds.current.reset(token)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "statement",
    [
        "SELECT 1 AS a, 2.5 AS b, 'x' AS c, x'00ff' AS d, NULL AS e",
        "SELECT 'twice' AS a, 'the same' AS a",
        'SELECT 1 AS "a ""name"" of words", count(*) FROM quotes',
        "SELECT * FROM quotes ORDER BY id",
        "SELECT * FROM quotes WHERE 0",
        "SELECT CAST(x'ff41' AS TEXT)",
        "PRAGMA table_info(quotes)",
        "SELECT escape_fts('a \"b c\" d')",
        "SELECT :word || 1",
    ],
)
@pytest.mark.parametrize("truncate", [True, False])
async def test_results_are_those_of_datasette(
    site: Datasette, statement: str, truncate: bool
) -> None:
    parameters = {"word": "rent"} if ":word" in statement else None
    options = {"truncate": truncate, "page_size": 2}
    found = await execute(site, statement, parameters, **options)
    assert runner_of(site).pools[Kind.READERS].numbers()
    expected = await Database.execute(site.get_database("news"), statement, parameters, **options)
    assert [tuple(row) for row in found.rows] == [tuple(row) for row in expected.rows]
    assert [row.keys() for row in found.rows] == [row.keys() for row in expected.rows]
    assert all(isinstance(row, sqlite3.Row) for row in found.rows)
    assert found.description == expected.description
    assert found.truncated == expected.truncated


@pytest.mark.asyncio
async def test_truncated_results(path: Path) -> None:
    site = Datasette([str(path)], settings={"max_returned_rows": 3})
    numbers = "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < {})"
    for most, is_truncated in ((3, False), (4, True)):
        statement = numbers.format(most) + " SELECT i FROM n"
        found = await execute(site, statement, truncate=True)
        assert [row["i"] for row in found.rows] == [1, 2, 3]
        assert found.truncated is is_truncated
        assert len(await execute(site, statement)) == most


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("statement", "error"),
    [
        ("SELECT nothing FROM quotes", sqlite3.OperationalError),
        ("SELEC", sqlite3.OperationalError),
        ("DELETE FROM quotes", sqlite3.OperationalError),
        ("ATTACH ':memory:' AS other", sqlite3.OperationalError),
        ("SELECT median(1)", sqlite3.OperationalError),
        ("SELECT :missing", sqlite3.ProgrammingError),
        (ENDLESS, QueryInterrupted),
        (STUCK, QueryInterrupted),
    ],
)
async def test_errors_are_those_of_datasette(
    site: Datasette, statement: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        await execute(site, statement, custom_time_limit=100)


@pytest.mark.asyncio
@pytest.mark.parametrize("format_", ["", ".json", ".csv"])
@pytest.mark.parametrize("statement", HUNGRY.values(), ids=HUNGRY)
async def test_too_much_is_a_clear_answer(path: Path, statement: str, format_: str) -> None:
    site = site_of(path, limit_ms=5000)
    answer = await ask(site, statement, format_)
    assert answer.status_code == 400
    assert SENTENCE.search(answer.text)
    assert len(answer.content) < 100_000
    assert (await ask(site, "SELECT 1", format_)).status_code == 200


@pytest.mark.asyncio
@pytest.mark.parametrize("format_", ["", ".json", ".csv"])
@pytest.mark.parametrize("statement", [ENDLESS, STUCK], ids=["endless", "stuck"])
async def test_too_long_is_a_clear_answer(site: Datasette, statement: str, format_: str) -> None:
    began = time.monotonic()
    answer = await ask(site, statement, format_)
    assert answer.status_code == 400
    assert "took too long" in answer.text
    assert time.monotonic() - began < 10


@pytest.mark.asyncio
async def test_the_same_on_pages_of_tables(site: Datasette) -> None:
    for where in ("zeroblob(900000000)", STUCK.removeprefix("SELECT"), f"({ENDLESS})"):
        for format_ in ("", ".json", ".csv"):
            address = f"/news/quotes{format_}?{urlencode({'_where': where})}"
            assert (await site.client.get(address)).status_code == 400


@pytest.mark.asyncio
async def test_a_process_that_had_to_be_ended_is_replaced(site: Datasette) -> None:
    assert (await ask(site, "SELECT 1")).status_code == 200
    pool = runner_of(site).pools[Kind.READERS]
    before = pool.numbers()
    assert (await ask(site, STUCK)).status_code == 400
    assert not set(before) & set(pool.numbers())
    assert (await ask(site, "SELECT 1")).status_code == 200
    (number,) = pool.numbers()
    os.kill(number, signal.SIGKILL)
    assert (await ask(site, "SELECT 1")).status_code == 200
    assert pool.numbers() != [number]


@pytest.mark.slow
@pytest.mark.asyncio
@pytest.mark.parametrize("statement", [ENDLESS, STUCK, HUNGRY["many rows"]])
async def test_twenty_at_once(path: Path, statement: str) -> None:
    """All are answered in bounded time, and an ordinary page does not wait for them."""
    site = site_of(path)
    await get(site, "/-/quotes?q=rent")
    began = time.monotonic()
    attack = asyncio.gather(*(ask(site, statement) for _ in range(20)))
    while not attack.done():
        began_page = time.monotonic()
        await get(site, "/-/quotes?q=rent")
        assert time.monotonic() - began_page < 3
        assert len(runner_of(site).pools[Kind.READERS].numbers()) <= 2
        await asyncio.sleep(0.1)
    assert {answer.status_code for answer in await attack} <= {400, 503}
    assert time.monotonic() - began < 30


@pytest.mark.asyncio
@pytest.mark.parametrize("format_", ["", ".json", ".csv"])
async def test_more_than_may_wait_are_sent_away(path: Path, format_: str) -> None:
    site = site_of(path, sql_processes=1, sql_waiting=0)
    await get(site, "/-/quotes?q=rent")
    answers = await asyncio.gather(*(ask(site, ENDLESS, format_) for _ in range(5)))
    assert {answer.status_code for answer in answers} == {400, 503}
    away = next(answer for answer in answers if answer.status_code == 503)
    assert int(away.headers["retry-after"]) > 0
    assert "busy" in away.text
    assert (await ask(site, "SELECT 1", format_)).status_code == 200


@pytest.mark.asyncio
async def test_what_needs_no_sql_does_not_wait(site: Datasette) -> None:
    await get(site, "/-/quotes?q=rent")
    attack = asyncio.gather(*(ask(site, ENDLESS) for _ in range(8)))
    await asyncio.sleep(0.1)
    for address in ("/-/static/app.css", "/favicon.ico", "/-/versions.json", "/robots.txt"):
        await get(site, address)
    assert not attack.done()
    await attack


@pytest.mark.asyncio
async def test_tables_do_not_wait_for_readers(site: Datasette) -> None:
    await get(site, "/news/quotes")
    attack = asyncio.gather(*(ask(site, STUCK) for _ in range(4)))
    await asyncio.sleep(0.1)
    await get(site, "/news/quotes/1")
    assert not attack.done()
    await attack


@pytest.mark.asyncio
async def test_without_processes(path: Path) -> None:
    site = site_of(path, sql_processes=0)
    assert (await ask(site, "SELECT 'rent' AS a")).json()["rows"] == [{"a": "rent"}]
    assert not runner_of(site).pools


@pytest.mark.asyncio
async def test_a_host_without_processes(
    path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sys, "executable", "/nothing/here")
    site = site_of(path)
    with caplog.at_level(logging.WARNING, "datasette_quotedex"):
        for _ in range(2):
            answer = await ask(site, "SELECT 'rent' AS a")
            assert answer.json()["rows"] == [{"a": "rent"}]
    assert [record.message for record in caplog.records if "no process" in record.message] == [
        caplog.records[0].message
    ]
    for statement in (HUNGRY["many cells"], "SELECT zeroblob(200000)", ENDLESS):
        assert (await ask(site, statement)).status_code == 400
    await get(site, "/news/quotes")
    assert len((await get(site, "/-/quotes.json?q=rent")).json()["hits"]) > 0


class Statistics:
    """A plugin that defines functions, and a collation."""

    __name__ = "Statistics"

    class Middle:
        def __init__(self) -> None:
            self.values: list[float] = []

        def step(self, value: float) -> None:
            self.values.append(value)

        def finalize(self) -> float:
            return sorted(self.values)[len(self.values) // 2]

    @hookimpl  # type: ignore[untyped-decorator]
    def prepare_connection(self, conn: sqlite3.Connection) -> None:
        conn.create_function("shout", 1, lambda text: f"{text.upper()}!")
        conn.create_function("process", 0, os.getpid)
        conn.create_function("fail", 0, lambda: 1 / 0)
        conn.create_aggregate("middle", 1, self.Middle)  # type: ignore[arg-type]
        conn.create_collation("longest", lambda a, b: len(a) - len(b))


@pytest.fixture
def statistics() -> Iterator[None]:
    plugin = Statistics()
    pm.register(plugin, name="statistics")
    yield
    pm.unregister(plugin)


@pytest.mark.asyncio
@pytest.mark.usefixtures("statistics")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_functions_of_other_plugins(site: Datasette) -> None:
    """They run here, and the rest of their statement in a process."""
    answer = await ask(site, "SELECT shout('rent') AS a, process() AS b")
    assert answer.json()["rows"] == [{"a": "RENT!", "b": os.getpid()}]
    assert (await ask(site, "SELECT fail()")).status_code == 400
    assert (await ask(site, STUCK.replace("SELECT", "SELECT shout('x'),"))).status_code == 400
    assert (await ask(site, "SELECT shout(hex(zeroblob(5000000)))")).status_code == 400


@pytest.mark.asyncio
@pytest.mark.usefixtures("statistics")
async def test_what_a_process_cannot_have_runs_here(site: Datasette) -> None:
    numbers = "SELECT 1 AS i UNION SELECT 5 UNION SELECT 2"
    answer = await ask(site, f"SELECT middle(i) AS a FROM ({numbers})")
    assert answer.json()["rows"] == [{"a": 2}]
    words = "SELECT 'rent' AS word UNION SELECT 'a' UNION SELECT 'pier house'"
    answer = await ask(site, f"SELECT word FROM ({words}) ORDER BY word COLLATE longest")
    assert [row["word"] for row in answer.json()["rows"]] == ["a", "rent", "pier house"]
    # With shorter values than in a process, since nothing could end a single function.
    assert (await ask(site, "SELECT middle(length(zeroblob(200000)))")).status_code == 400
    assert (await ask(site, "SELECT median(1)")).status_code == 400


@pytest.mark.asyncio
async def test_magic_parameters(path: Path) -> None:
    query = {"sql": "SELECT :_now_date_utc AS today, ':nothing' AS text, :word AS word"}
    databases = {"databases": {"news": {"queries": {"today": query}}}}
    site = Datasette([str(path)], **{"config" if LINE == "1.0" else "metadata": databases})
    answer = await get(site, "/news/today.json?_shape=objects&word=rent")
    (row,) = answer.json()["rows"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", row["today"])
    assert (row["text"], row["word"]) == (":nothing", "rent")


@pytest.mark.asyncio
async def test_parameters_that_only_this_process_knows(site: Datasette) -> None:
    class Word(str):
        pass

    found = await execute(site, "SELECT ? || ?", [Word("pier "), "house"])
    assert found.single_value() == "pier house"
    buffer = memoryview(b"pier")
    assert (await execute(site, "SELECT :b AS b", {"b": buffer})).single_value() == b"pier"


@pytest.mark.asyncio
async def test_a_growing_file(tmp_path: Path) -> None:
    """A process sees what was written since it opened the file."""
    path = build(tmp_path / "news.db")
    site = site_of(path)
    count = "SELECT count(*) AS n FROM failures"
    before = (await ask(site, count)).json()["rows"][0]["n"]
    with sqlite3.connect(path) as connection:
        connection.execute("INSERT INTO failures VALUES ('x', 'x', 'x', 1)")
    assert (await ask(site, count)).json()["rows"][0]["n"] == before + 1


@pytest.mark.asyncio
async def test_databases_stay_what_they_are(path: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    sqlite3.connect(other).executescript("CREATE TABLE t (id INTEGER PRIMARY KEY)")
    fixed = build(tmp_path / "fixed.db")
    site = Datasette([str(other), str(path)], immutables=[str(fixed)])
    before = list(site.databases.values())
    await site.invoke_startup()
    assert list(site.databases.values()) == before
    classes = {database.name: type(database).__name__ for database in site.databases.values()}
    assert classes["other"] == "Database"
    assert classes["news"] == classes["fixed"] == "QuotationsDatabase"
    assert (site.get_database("news").is_mutable, site.get_database("fixed").is_mutable) == (1, 0)
    for name in ("fixed", "news", "other"):
        await get(site, f"/{name}")
    await get(site, "/other/t")
    await get(site, "/fixed/quotes")


TABLES = {"news": frozenset(["quotes", "odd.name"])}
ROUTES = [re.compile(pattern) for pattern, _ in pages.ROUTES]


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("/", "ours"),
        ("/.json", "ours"),
        ("/-/quotes?q=rent", "ours"),
        ("/-/quotes.csv?q=rent", "ours"),
        ("/-/speakers/ana-okafor.json", "ours"),
        ("/-/static/app.css", "ours"),
        ("/-/static-plugins/quotedex/quotedex.css", "ours"),
        ("/favicon.ico", "ours"),
        ("/news", "tables"),
        ("/news.json", "tables"),
        ("/news/quotes", "tables"),
        ("/news/quotes.csv?_size=max&_sort=id", "tables"),
        ("/news/quotes?kind=full&_facet=cue", "tables"),
        ("/news/quotes/1.json", "tables"),
        ("/news/odd~2Ename", "tables"),
        ("/news?sql=select+1", "readers"),
        ("/news/-/query?sql=select+1", "readers"),
        ("/news/most-quoted", "readers"),
        ("/news/quotes?_where=1", "readers"),
        ("/news/quotes?_search=rent", "readers"),
        ("/news/quotes?_search_text=rent", "readers"),
        ("/news/quotes?text__glob=*a*", "readers"),
        ("/news/quotes?sql=1", "readers"),
        ("/other/quotes", "readers"),
        ("/-/search", "readers"),
        ("/news/%2d/quotes", "readers"),
        ("/%2D/quotes", "readers"),
    ],
)
def test_kinds_of_requests(address: str, kind: str) -> None:
    path, _, query = address.partition("?")
    scope = {"method": "GET", "raw_path": path.encode(), "query_string": query.encode()}
    assert kinds.answering(scope, "/", ROUTES, TABLES).kind.value == kind
    scope["raw_path"] = b"/below/it" + path.encode()
    assert kinds.answering(scope, "/below/it/", ROUTES, TABLES).kind.value == kind
    scope["method"] = "POST"
    assert kinds.answering(scope, "/below/it/", ROUTES, TABLES).kind is Kind.READERS


@pytest.mark.asyncio
@pytest.mark.parametrize("value", ["two", -1, True, 1.5])
async def test_settings_are_checked(path: Path, value: Any) -> None:
    with pytest.raises(StartupError, match=r"datasette-quotedex: sql_processes must be a whole"):
        await site_of(path, sql_processes=value).invoke_startup()


def test_a_process_ends_with_the_server() -> None:
    """Even in the middle of a function."""
    process = Process(LIMITS)
    process._send(_statement(STUCK, 600))
    time.sleep(0.2)
    assert process._process.poll() is None
    assert process._process.stdin
    process._process.stdin.close()
    assert process._process.wait(10) is not None
    process.end()


def test_a_process_that_is_ended_from_outside() -> None:
    process = Process(LIMITS)
    process.kill()
    with pytest.raises(Died):
        process.answer(_statement(ENDLESS, 10), lambda name, arguments: None)
    process.end()


def test_a_process_that_is_ended_while_it_waits_for_a_function() -> None:
    process = Process(LIMITS)

    def end(name: str, arguments: tuple[Any, ...]) -> str:
        process.end()
        return name

    statement = {**_statement("SELECT shout('rent')", 10), "functions": [("shout", 1)]}
    with pytest.raises(Died):
        process.answer(statement, end)


@pytest.mark.asyncio
async def test_sql_stays_in_its_bounds_when_a_host_is_overloaded(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where processes once started, a reader who keeps others from starting gets no thread."""
    site = site_of(path)
    assert (await ask(site, "SELECT 1")).status_code == 200
    (number,) = runner_of(site).pools[Kind.READERS].numbers()
    with monkeypatch.context() as patch:
        patch.setattr(sys, "executable", "/nothing/here")
        os.kill(number, signal.SIGKILL)
        answer = await ask(site, "SELECT 1")
        assert answer.status_code == 503
        assert answer.headers["retry-after"]
        # Pages of tables have other processes, of which none started yet.
        assert (await site.client.get("/news/quotes")).status_code == 503
    assert (await ask(site, "SELECT 1")).status_code == 200
    assert (await site.client.get("/news/quotes")).status_code == 200


def _statement(text: str, seconds: float) -> dict[str, Any]:
    return {
        **{"sql": text, "parameters": {}, "seconds": seconds, "rows": None, "cell_bytes": 40},
        **{"uri": "file::memory:", "extensions": [], "cache_kb": 0, "limits": [], "functions": []},
    }


@pytest.mark.asyncio
async def test_a_long_answer_is_sent_in_pieces() -> None:
    gate = Gate(1, 0)
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    place = await gate.enter()
    with pytest.raises(TooBusy):
        await gate.enter()
    body = bytes(range(256)) * 1000
    await place.sender(send)({"type": "http.response.body", "body": body})
    assert b"".join(message["body"] for message in sent) == body
    assert [message["more_body"] for message in sent] == [*[True] * (len(sent) - 1), False]
    assert len(sent) > 1
    # One that is not in memory as a whole lets others in, however long its parts are.
    for part in (b"x", body):
        place.leave()
        place = await gate.enter()
        await place.sender(send)({"type": "http.response.body", "body": part, "more_body": True})
        (await gate.enter()).leave()


@pytest.mark.asyncio
async def test_long_pages_pause(site: Datasette, monkeypatch: pytest.MonkeyPatch) -> None:
    """And are the same as without."""
    page = f"{SQL}?{urlencode({'sql': 'SELECT * FROM quotes, speakers LIMIT 100'})}"
    whole = (await get(site, page)).text
    others = 0

    async def count() -> None:
        nonlocal others
        while True:
            others += 1
            await asyncio.sleep(0)

    monkeypatch.setattr(pauses, "CELLS_BEFORE_PAUSE", 1)
    monkeypatch.setattr(pauses, "PARTS_BEFORE_PAUSE", 1)
    other = asyncio.create_task(count())
    assert re.sub(r"[\d.]+ms", "", (await get(site, page)).text) == re.sub(r"[\d.]+ms", "", whole)
    other.cancel()
    assert others > 1000


@pytest.mark.skipif(LINE == "0.65", reason="only Datasette 1.0 analyzes SQL")
@pytest.mark.asyncio
async def test_analyzing_takes_no_longer_than_running(site: Datasette) -> None:
    """A view of views of views takes SQLite hours to compile."""
    await site.invoke_startup()
    tables = ", ".join(
        f"a{n + 1} AS (SELECT * FROM a{n} AS p, a{n} AS q, a{n} AS r, a{n} AS s)" for n in range(14)
    )
    bomb = f"WITH a0 AS (SELECT 1 AS x), {tables} SELECT count(*) FROM a14"
    token = kinds.current.set(kinds.Answering(Kind.READERS, "json"))
    try:
        with pytest.raises(sqlite3.OperationalError):
            await site.get_database("news").analyze_sql(bomb)
        assert await site.get_database("news").analyze_sql("SELECT text FROM quotes")
    finally:
        kinds.current.reset(token)


@pytest.mark.slow
@pytest.mark.parametrize("statement", [ENDLESS, STUCK], ids=["endless", "stuck"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_server_ends_when_it_is_told_to(path: Path, statement: str, number: int) -> None:
    """With its processes, whatever they do."""
    command = [sys.executable, "-m", "quotedex", "serve", str(path), "--port", "0"]
    options = ["--setting", "sql_time_limit_ms", "60000"]
    with subprocess.Popen([*command, *options], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        address = re.search(r"http://\S+?/", server.stdout.readline())
        assert address
        url = f"{address[0].rstrip('/')}{SQL}.json?{urlencode({'sql': statement})}"
        client = "import sys, urllib.request; urllib.request.urlopen(sys.argv[1])"
        asking = [
            subprocess.Popen([sys.executable, "-c", client, url], stderr=subprocess.DEVNULL)
            for _ in range(4)
        ]
        time.sleep(2)
        children = _children(server.pid)
        assert len(children) == 2
        began = time.monotonic()
        server.send_signal(number)
        server.wait(20)
        assert time.monotonic() - began < 5
    for each in asking:
        each.wait(10)
    time.sleep(0.5)
    assert not [child for child in children if Path(f"/proc/{child}").exists()]


def _children(process: int) -> list[int]:
    tasks = Path(f"/proc/{process}/task")
    texts = [(task / "children").read_text(encoding="ascii") for task in tasks.iterdir()]
    return [int(child) for text in texts for child in text.split()]
