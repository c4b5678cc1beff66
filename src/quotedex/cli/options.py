"""Arguments and options that several commands share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields
from functools import wraps
from typing import Any

import click

from quotedex.limits import DEFAULT_MAX_MEMORY
from quotedex.options import DEFAULT_SPACY_MODEL, Options

# Those of `quotedex.read.stdin`, which --help need not import.
FORMATS = ("text", "html", "jsonl", "json", "csv", "tsv", "eml", "feed", "pdf")
TABLES = ("jsonl", "json", "csv", "tsv")
GIGABYTE = 1_000_000_000
# A worker process cannot load the models in less, in gigabytes.
MIN_MAX_MEMORY = 0.5


def _iso_date(ctx: click.Context, param: click.Parameter, given: str | None) -> str | None:
    """Any date that articles print: 2024-05-03, 3 May 2024."""
    if given is None:
        return None
    from quotedex.read.dates import iso_date

    found = iso_date(given)
    if found is None:
        raise click.BadParameter(f"{given!r} is not a date such as 2024-05-03")
    return found


PATHS = click.argument("paths", metavar="PATH...", nargs=-1, required=True)
DATABASES_USED = "quotedex.databases"


def note_databases(ctx: click.Context, param: click.Parameter, given: Any) -> Any:
    """Remember which files a command uses: one of them may be the reason for its errors."""
    ctx.find_root().meta[DATABASES_USED] = (given,) if isinstance(given, str) else given
    return given


DATABASE = click.argument(
    "database", metavar="DB", type=click.Path(dir_okay=False), callback=note_databases
)
TIMEOUT = click.option(
    "--timeout",
    metavar="SECONDS",
    type=click.FloatRange(min=0, min_open=True),
    default=300,
    show_default=True,
    help="Skip documents that take longer than this to process.",
)
MAX_MEMORY = click.option(
    "--max-memory",
    metavar="GB",
    type=click.FloatRange(min=MIN_MAX_MEMORY),
    default=DEFAULT_MAX_MEMORY // GIGABYTE,
    show_default=True,
    callback=lambda ctx, param, gigabytes: int(gigabytes * GIGABYTE),
    help="Skip documents for which a process needs more memory than this.",
)
SPREADSHEET = click.option(
    "--spreadsheet",
    is_flag=True,
    help="Print CSV for a spreadsheet: with a byte order mark, and without formulas.",
)
# Each has the name and the default of a field of `Options`.
EXTRACTION = (
    click.option(
        "--min-confidence",
        type=click.FloatRange(0, 1),
        default=0.0,
        show_default=True,
        help="Omit quotations with a lower confidence.",
    ),
    click.option(
        "--marks",
        type=click.Choice(["all", "double"]),
        default="all",
        show_default=True,
        help="double: only outermost quotations in double quotation marks.",
    ),
    click.option(
        "--model",
        type=click.Choice(["default", "small"]),
        default="default",
        show_default=True,
        help="small: a quarter faster, slightly less accurate.",
    ),
    click.option(
        "--spacy-model",
        metavar="NAME",
        default=DEFAULT_SPACY_MODEL,
        show_default=True,
        help="Name or path of an English spaCy pipeline.",
    ),
    click.option(
        "--any-language", is_flag=True, help="Also find quotations in articles not in English."
    ),
)
# Each has the name and the default of a field of `ReadOptions`.
READING = (
    click.option(
        "--text-column", metavar="NAME", help="Table column or JSON key that holds the article."
    ),
    click.option(
        "--id-column",
        metavar="NAME",
        help='Table column that identifies articles without a URL.  [default: "id" or "guid"]',
    ),
    click.option(
        "--input-format",
        type=click.Choice(FORMATS),
        show_default="recognized",
        help="Format of standard input, and of files whose names do not say it.",
    ),
    click.option("--title", help="Title of the article on standard input."),
    click.option("--date", metavar="YYYY-MM-DD", callback=_iso_date, help="Its date."),
    click.option("--outlet", help="Its outlet."),
    click.option("--url", help="Its address on the web."),
    click.option(
        "--max-size",
        metavar="MB",
        type=click.FloatRange(min=0, min_open=True),
        default=20,
        show_default=True,
        callback=lambda ctx, param, megabytes: int(megabytes * 1_000_000),
        help="Maximum size of a document.",
    ),
    click.option(
        "--max-ratio",
        type=click.IntRange(min=1),
        default=200,
        show_default=True,
        help="Maximum compression ratio of an archive.",
    ),
    click.option(
        "--max-depth",
        type=click.IntRange(min=0),
        default=2,
        show_default=True,
        help="Maximum archive nesting depth.",
    ),
    click.option(
        "--max-files",
        type=click.IntRange(min=1),
        default=1_000_000,
        show_default=True,
        help="Maximum number of files in a folder or archive.",
    ),
    click.option("--follow-links", is_flag=True, help="Follow symbolic links out of a folder."),
    click.option(
        "--web-pause",
        metavar="SECONDS",
        type=click.FloatRange(min=0),
        default=1,
        show_default=True,
        help="Delay between requests to the same host.",
    ),
    click.option(
        "--web-timeout",
        metavar="SECONDS",
        type=click.FloatRange(min=0, min_open=True),
        default=20,
        show_default=True,
        help="Maximum time to fetch a URL, with its redirects.",
    ),
    click.option(
        "--allow-private-hosts",
        is_flag=True,
        help="Also fetch from this computer and its local network.",
    ),
)


def extraction_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of extraction to a command, which receives them as `options`."""
    return _collect(command, EXTRACTION, "options", lambda: Options)


def reading_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of reading to a command, which receives them as `read_options`."""
    return _collect(command, READING, "read_options", _read_options)


def _collect(
    command: Callable[..., None],
    options: Sequence[Callable[[Any], Any]],
    name: str,
    load: Callable[[], Any],
) -> Callable[..., None]:
    """Add `options` to `command` and pass their values in one argument `name`.

    `load` returns the dataclass to pass; it is called when the command runs.
    """

    @wraps(command)
    def collected(**given: Any) -> None:
        dataclass = load()
        chosen = {field.name: given.pop(field.name) for field in fields(dataclass)}
        command(**{name: dataclass(**chosen)}, **given)

    for option in reversed(options):
        collected = option(collected)
    return collected


def _read_options() -> Any:
    from quotedex.read import ReadOptions

    return ReadOptions
