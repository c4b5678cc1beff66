"""Who wrote the SQL that a request runs: we, Datasette for a table, or a reader."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, MutableMapping
from contextvars import ContextVar
from dataclasses import dataclass
from enum import Enum
from typing import Any
from urllib.parse import parse_qsl

from datasette.utils import tilde_decode


class Kind(Enum):
    """`OURS`: our pages and the home page, whose SQL nobody else writes. `TABLES`: Datasette's
    pages of tables and rows. `READERS`: whatever a reader has a hand in, and all that we do not
    know."""

    OURS = "ours"
    TABLES = "tables"
    READERS = "readers"


@dataclass(slots=True)
class Answering:
    """A request that is being answered, whose answer has a `format` such as "csv" or "html".

    `is_gated`: it is about a database, so its answer may be large. `has_exceeded`: its SQL took
    more than it may. `cells` counts those of its page.
    """

    kind: Kind
    format: str
    is_gated: bool = False
    has_exceeded: bool = False
    cells: int = 0


current: ContextVar[Answering | None] = ContextVar("datasette_quotedex_answering", default=None)
"""The request that is being answered; None outside of requests."""

_WITHOUT_READERS_SQL = re.compile(r"/(?:\.jsono?|favicon\.ico|-/static(?:-plugins)?/.*)?$")
"""The home page, and files."""

_PLAIN_PARAMETERS = {
    *("_next", "_size", "_sort", "_sort_desc", "_sort_by_desc", "_col", "_nocol", "_extra"),
    *("_facet", "_facet_array", "_facet_date", "_facet_size", "_nofacet", "_nosuggest", "_nocount"),
    *("_label", "_labels", "_shape", "_json", "_json_infinity", "_nl", "_header", "_dl", "_stream"),
    *("_ttl", "_trace"),
}
"""Of the parameters of a table page, those that cannot make a query much slower. Not `_where`,
which is SQL, nor `_search`, which may be a hundred phrases."""


def answering(
    scope: MutableMapping[str, Any],
    base_url: str,
    routes: Iterable[re.Pattern[str]],
    tables: Mapping[str, Collection[str]],
) -> Answering:
    """What a request asks for. `tables` has the tables and views of databases, by their route."""
    path = _path(scope, base_url)
    parameters = parse_qsl(_query(scope), keep_blank_values=True)
    last = path.rpartition("/")[2]
    format_ = dict(parameters).get("_format") or last.partition(".")[2] or "html"
    names = [name for name, _ in parameters]
    if scope.get("method") in ("GET", "HEAD"):
        kind = _kind(path, names, routes, tables)
    else:
        kind = Kind.READERS
    # Pages such as `/-/login` must not wait for SQL.
    return Answering(kind, format_, kind is not Kind.OURS and not path.startswith("/-/"))


def _kind(
    path: str,
    parameters: list[str],
    routes: Iterable[re.Pattern[str]],
    tables: Mapping[str, Collection[str]],
) -> Kind:
    if _WITHOUT_READERS_SQL.match(path) or any(route.match(path) for route in routes):
        return Kind.OURS
    database, *rest = [tilde_decode(part.partition(".")[0]) for part in path[1:].split("/")]
    is_table = database in tables and (not rest or rest[0] in tables[database])
    return Kind.TABLES if is_table and all(map(_is_plain, parameters)) else Kind.READERS


def _path(scope: MutableMapping[str, Any], base_url: str) -> str:
    """The path as Datasette's router takes it: as sent, below the site's own."""
    raw = scope.get("raw_path")
    path = raw.decode("ascii", "replace") if raw else str(scope.get("path", ""))
    path = path.partition("?")[0]
    return "/" + path[len(base_url) :] if path.startswith(base_url) else path


def _query(scope: MutableMapping[str, Any]) -> str:
    return bytes(scope.get("query_string", b"")).decode("latin-1")


def _is_plain(name: str) -> bool:
    """`speaker_id` is a value that a column must have; `text__glob` is a pattern."""
    if name.startswith("_"):
        return name in _PLAIN_PARAMETERS
    return "__" not in name and name != "sql"
