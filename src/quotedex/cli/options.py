"""Arguments and options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

PATHS = click.argument("paths", metavar="PATH...", nargs=-1, required=True)
DATABASE = click.argument("database", metavar="DB", type=click.Path(dir_okay=False))
MIN_CONFIDENCE = click.option(
    "--min-confidence",
    type=click.FloatRange(0, 1),
    default=0.0,
    show_default=True,
    help="Leave out quotations that are less sure than this.",
)
SPACY_MODEL = click.option(
    "--spacy-model",
    metavar="NAME",
    help="Another installed English spaCy pipeline, or the path of one.",
)
MODEL = click.option(
    "--model",
    type=click.Choice(["default", "small"]),
    default="default",
    show_default=True,
    help="small: faster by half, less often right.",
)
ANY_LANGUAGE = click.option(
    "--any-language",
    is_flag=True,
    help="Look for quotations in articles that are not in English too.",
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


def reading(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of reading; it gets them as `settings`."""

    @wraps(command)
    def with_settings(**given: Any) -> None:
        from dataclasses import fields

        from quotedex.read import Settings

        given["max_size"] = int(given["max_size"] * 1_000_000)
        chosen = {field.name: given.pop(field.name) for field in fields(Settings)}
        command(settings=Settings(**chosen), **given)

    for option in reversed(READING):
        with_settings = option(with_settings)
    return with_settings
