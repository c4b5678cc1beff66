"""Arguments and options that several commands share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields
from functools import wraps
from typing import Any

import click

from quotedex.options import DEFAULT_SPACY_MODEL, Options

PATHS = click.argument("paths", metavar="PATH...", nargs=-1, required=True)
DATABASE = click.argument("database", metavar="DB", type=click.Path(dir_okay=False))
# What becomes `Options`; names and defaults are those of its fields.
EXTRACTION = (
    click.option(
        "--min-confidence",
        type=click.FloatRange(0, 1),
        default=0.0,
        show_default=True,
        help="Leave out quotations with a lower confidence.",
    ),
    click.option(
        "--marks",
        type=click.Choice(["all", "double"]),
        default="all",
        show_default=True,
        help="double: only outermost quotations in double marks, as most corpora annotate them.",
    ),
    click.option(
        "--model",
        type=click.Choice(["default", "small"]),
        default="default",
        show_default=True,
        help="small: about 1.5x faster, less accurate.",
    ),
    click.option(
        "--spacy-model",
        metavar="NAME",
        default=DEFAULT_SPACY_MODEL,
        show_default=True,
        help="An installed English spaCy pipeline, or the path of one.",
    ),
    click.option(
        "--any-language",
        is_flag=True,
        help="Also look for quotations in articles that are not in English.",
    ),
)
TIMEOUT = click.option(
    "--timeout",
    metavar="SECONDS",
    type=click.FloatRange(min=0, min_open=True),
    default=300,
    show_default=True,
    help="Give up a document that takes longer.",
)
# What becomes the settings of reading; their names and defaults are those of its fields.
READING = (
    click.option(
        "--text-column",
        metavar="NAME",
        help="The column of tables, or JSON key, that holds the article.",
    ),
    click.option(
        "--max-size",
        metavar="MB",
        type=click.FloatRange(min=0, min_open=True),
        default=20,
        show_default=True,
        callback=lambda ctx, param, megabytes: int(megabytes * 1_000_000),
        help="Refuse documents that are larger.",
    ),
    click.option(
        "--max-ratio",
        type=click.IntRange(min=1),
        default=200,
        show_default=True,
        help="Refuse archives that unpack to more than so many times their size.",
    ),
    click.option(
        "--max-depth",
        type=click.IntRange(min=0),
        default=2,
        show_default=True,
        help="How many archives may be packed into one another.",
    ),
    click.option(
        "--max-files",
        type=click.IntRange(min=1),
        default=1_000_000,
        show_default=True,
        help="The most files of one folder or archive.",
    ),
    click.option("--follow-links", is_flag=True, help="Read links that lead out of a folder."),
    click.option(
        "--web-pause",
        metavar="SECONDS",
        type=click.FloatRange(min=0),
        default=1,
        show_default=True,
        help="Let so much time pass between two requests to a host.",
    ),
    click.option(
        "--web-timeout",
        metavar="SECONDS",
        type=click.FloatRange(min=0, min_open=True),
        default=20,
        show_default=True,
        help="Wait no longer for a server's answer.",
    ),
)


def extraction_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of extraction; it gets them as `options`."""
    return _gathered(command, EXTRACTION, "options", lambda: Options)


def reading_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of reading; it gets them as `read_options`."""
    return _gathered(command, READING, "read_options", _read_options)


def _read_options() -> Any:
    from quotedex.read import ReadOptions

    return ReadOptions


def _gathered(
    command: Callable[..., None],
    options: Sequence[Callable[[Any], Any]],
    name: str,
    load: Callable[[], Any],
) -> Callable[..., None]:
    """`command` with `options` gathered into one argument: the dataclass that `load` returns."""

    @wraps(command)
    def gathered(**given: Any) -> None:
        made = load()
        chosen = {field.name: given.pop(field.name) for field in fields(made)}
        command(**{name: made(**chosen)}, **given)

    for option in reversed(options):
        gathered = option(gathered)
    return gathered
