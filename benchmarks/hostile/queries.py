"""Requests that try to fill the memory of a site or to keep its threads busy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal
from urllib.parse import quote, urlencode

Address = Callable[[str], str]
"""From an SQL query to the address that runs it, which differs between versions of Datasette."""

ENDLESS = "WITH RECURSIVE n(i) AS (SELECT {} UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
LETTERS = "abcdefghijklmnopqrstuvwz"


@dataclass(frozen=True, slots=True)
class Attack:
    """Requests that `clients` send at the same time.

    Each sends the next of `paths`, and with `again` one after another until time is up. With
    `reads` False it does not read the answers, with `finishes` False not even its request is whole.
    """

    name: str
    kind: Literal["memory", "time", "threads"]
    paths: tuple[str, ...]
    clients: int = 1
    again: bool = False
    reads: bool = True
    finishes: bool = True


def attacks(sql: Address) -> list[Attack]:
    """All attacks on the pages of a site."""
    return [*_memory(sql), *_time(sql), *_threads(sql)]


def _memory(sql: Address) -> list[Attack]:
    blob = "zeroblob(19999000)"
    marks = "hex(zeroblob(90000))"
    wide = "SELECT " + ", ".join(f"hex(zeroblob({n})) AS c{n}" for n in range(40_000, 40_200))
    sorted_blobs = (
        "WITH RECURSIVE n(i, b) AS (SELECT {}, randomblob(10000000) UNION ALL"
        " SELECT i + 1, randomblob(10000000) FROM n LIMIT 60) SELECT i FROM n ORDER BY b"
    )
    rows = "SELECT hex(zeroblob(50000)) AS a FROM quotes LIMIT 1000"
    nested = ["a AS (SELECT 1 AS x)"] + [
        f"{after} AS (SELECT 1 AS x FROM {before}, {before} AS other)"
        for before, after in pairwise(LETTERS)
    ]
    one = {
        "10 columns of 20 MB": f"SELECT {', '.join([blob] * 10)}",
        "50 columns of 20 MB": f"SELECT {', '.join([blob] * 50)}",
        "1,000 rows with marks of 180 kB": (
            f"SELECT highlight(quote_search, 0, {marks}, {marks}) FROM quote_search"
            " WHERE quote_search MATCH 'always' LIMIT 1000"
        ),
        "1,000 rows of 100 kB": rows,
        "1,000 rows of 200 columns of 80 kB": f"{wide} FROM quotes LIMIT 1000",
        "one list of all texts": "SELECT json_group_array(text || text || text) FROM articles",
        "23 nested WITH clauses": f"WITH {', '.join(nested)} SELECT count(*) FROM {LETTERS[-1]}",
    }
    many = {
        "20 times 10 columns of 20 MB": [
            f"SELECT {n}, {', '.join([blob] * 10)}" for n in range(20)
        ],
        "20 sorts of 10 MB blobs": [sorted_blobs.format(n) for n in range(20)],
        "20 times 1,000 rows of 100 kB": [rows.replace("AS a", f"AS a{n}") for n in range(20)],
    }
    return [
        *(Attack(name, "memory", (sql(query),)) for name, query in one.items()),
        *(
            Attack(name, "memory", tuple(map(sql, queries)), clients=20)
            for name, queries in many.items()
        ),
    ]


def _time(sql: Address) -> list[Attack]:
    """A progress handler interrupts a query only between two functions, never inside one."""
    queries = {
        "instr() of 1.4 MB": "SELECT {}, instr(zeroblob(1400000), zeroblob(700000) || x'01')",
        "trim() of 160 kB": (
            "SELECT {}, length(trim(hex(zeroblob(80000)),"
            " replace(hex(zeroblob(40000)), '0', '1') || '0'))"
        ),
        "replace() in 800 kB": (
            "SELECT {}, length(replace(hex(zeroblob(400000)), hex(zeroblob(200000)) || '1', 'x'))"
        ),
        "LIKE of 18 MB": (
            "SELECT {}, hex(zeroblob(9000000)) LIKE '%' || hex(zeroblob(990)) || '1'"
        ),
        "GLOB of 18 MB": (
            "SELECT {}, hex(zeroblob(9000000)) GLOB '*' || hex(zeroblob(990)) || '1'"
        ),
    }
    return [
        Attack(name, "time", tuple(sql(query.format(n)) for n in range(3)), clients=3)
        for name, query in queries.items()
    ]


def _threads(sql: Address) -> list[Attack]:
    phrases = [f'"always plenty" OR "plenty {a}{b}"' for a in "bcdfg" for b in "aeiou"]
    prefixes = "+OR+".join(f"{letter}*" for letter in LETTERS[:8])
    endless = tuple(sql(ENDLESS.format(n)) for n in range(60))
    export = f"/-/quotes.csv?q={prefixes}"
    return [
        Attack("20 endless queries", "threads", endless[:20], clients=20, again=True),
        Attack("60 endless queries", "threads", endless, clients=60, again=True),
        Attack(
            "20 phrase searches with OR",
            "threads",
            tuple(f"/-/quotes?{urlencode({'q': phrase})}" for phrase in phrases),
            clients=20,
            again=True,
        ),
        Attack(
            "20 searches of 8 prefixes",
            "threads",
            tuple(f"/-/quotes?sort=date&year={n}&q={prefixes}" for n in range(2010, 2030)),
            clients=20,
            again=True,
        ),
        Attack(
            "20 searches of 2,000 words",
            "threads",
            tuple(f"/-/quotes?q={n}+OR+{'+OR+'.join(['always', 'a*'] * 1000)}" for n in range(20)),
            clients=20,
            again=True,
        ),
        Attack("an export of 8 prefixes", "threads", (export,), again=True),
        Attack(
            "20 exports of all",
            "threads",
            tuple(f"/-/quotes.csv?q={letter}*+OR+always" for letter in LETTERS),
            clients=20,
            again=True,
        ),
        Attack(
            "20 exports that nobody reads",
            "threads",
            tuple(f"/-/quotes.csv?q={letter}*+OR+always" for letter in LETTERS),
            clients=20,
            reads=False,
        ),
        Attack("400 unfinished requests", "threads", ("/",), clients=400, finishes=False),
    ]


def tables(database: str) -> list[Attack]:
    """Datasette's own pages of tables, which anybody can filter, sort and export."""
    name = quote(database)
    filters = "text__contains=", "text__like=%25", "text__glob=*", "text__endswith="
    return [
        Attack(
            "20 filters of all texts",
            "threads",
            tuple(
                f"/{name}/articles?{filters[n % 4]}{LETTERS[n]}zz&_sort_desc=text&_facet=text"
                for n in range(20)
            ),
            clients=20,
            again=True,
        ),
        Attack(
            "20 streams of a table",
            "memory",
            tuple(f"/{name}/articles.csv?_stream=1&_size=max&x={n}" for n in range(20)),
            clients=20,
        ),
    ]
