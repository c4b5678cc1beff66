"""The commands that use an index: serve it, search it, publish it."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import click
from click.core import ParameterSource

from quotedex.cli.options import DATABASE, SPREADSHEET, note_databases
from quotedex.cli.output import print_csv, print_hits, print_json, print_line

PUBLIC_URL = click.option(
    "--public-url",
    metavar="URL",
    help="Address of the site for permalinks and feeds; by default, as in the request.",
)


@click.command(context_settings={"help_option_names": ["--help"]})
@click.argument(
    "databases",
    metavar="DB...",
    nargs=-1,
    required=True,
    type=click.Path(dir_okay=False),
    callback=note_databases,
)
@click.option(
    "-h",
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Address of this machine to listen on; 0.0.0.0 for all.",
)
@click.option(
    "-p",
    "--port",
    type=click.IntRange(0, 65535),
    show_default="8001, or the next free one",
    help="Port to listen on; 0 picks a free one.",
)
@click.option("-o", "--open", "open_browser", is_flag=True, help="Open the site in a browser.")
@click.option("--cors", is_flag=True, help="Let scripts of other sites read the JSON.")
@click.option(
    "-s",
    "--setting",
    "settings",
    nargs=2,
    multiple=True,
    metavar="NAME VALUE",
    help="A setting of Datasette, such as sql_time_limit_ms 5000.",
)
@click.option(
    "-m",
    "--metadata",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False),
    help="Datasette metadata as JSON or YAML, for example with the title of the site.",
)
@click.option(
    "--plugins-dir",
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False),
    help="Folder with more Datasette plugins.",
)
@click.option(
    "--edit",
    is_flag=True,
    help="Let whoever opens the printed link correct quotations and speakers.",
)
@PUBLIC_URL
def serve(
    databases: tuple[str, ...],
    host: str,
    port: int | None,
    open_browser: bool,
    cors: bool,
    settings: tuple[tuple[str, str], ...],
    metadata: str | None,
    plugins_dir: str | None,
    edit: bool,
    public_url: str | None,
) -> None:
    """Serve DB as a searchable website until Ctrl-C.

    Articles that `quotedex index` adds to DB meanwhile appear without a restart. With several
    files, one site shows them all. Without --edit, the site is read-only. Most options are those of
    `datasette serve`.
    """
    from quotedex.site.serve import SiteOptions
    from quotedex.site.serve import serve as serve_site

    def on_start(url: str) -> None:
        print_line(f"Serving {', '.join(databases)} at {url} (Ctrl-C to stop)")
        if open_browser:
            click.launch(url)

    def on_edit(link: str) -> None:
        print_line(f"To correct quotations, open this link, which works once: {link}")

    options = SiteOptions(dict(settings), metadata, plugins_dir, cors, public_url, edit)
    with suppress(KeyboardInterrupt):
        serve_site(databases, host, port, options, on_start, on_edit)


class _SearchCommand(click.Command):
    """Takes `-pipe promise` as words to search for, not as options -p, -i, -p and -e."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        takes_value = {
            name
            for option in self.params
            if isinstance(option, click.Option) and not option.is_flag
            for name in option.opts
        }
        previous, marked = "", []
        for arg in args:
            is_word = arg[:1] == "-" and arg[1:2] not in ("", "-") and arg != "-h"
            marked.append(_MINUS + arg[1:] if is_word and previous not in takes_value else arg)
            previous = arg
        return super().parse_args(ctx, marked)


_MINUS = "\0"
"""Stands for the minus of an excluded word while click looks for options."""


def _query(ctx: click.Context, param: click.Parameter, words: tuple[str, ...]) -> str:
    return " ".join(word.replace(_MINUS, "-") for word in words)


@click.command(cls=_SearchCommand)
@DATABASE
@click.argument("query", nargs=-1, required=True, callback=_query)
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    default=20,
    show_default=True,
    help="Maximum number of quotations; 0 for all.",
)
@click.option(
    "--offset",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="Skip this many quotations.",
)
@click.option("--json", "form", flag_value="json", help="Print JSON Lines, as in the site's JSON.")
@click.option("--nl", "form", flag_value="nl", help="Print JSON Lines with the columns of --csv.")
@click.option("--csv", "form", flag_value="csv", help="Print CSV.")
@SPREADSHEET
def search(
    database: str, query: str, limit: int, offset: int, form: str | None, spreadsheet: bool
) -> None:
    """Search DB for quotations, best matches first.

    QUERY takes words, "a phrase", prefix*, -without, OR, speaker:name, outlet:name, after:2024-05
    and before:2025, as on the website.
    """
    from datasette_quotedex.search import EXPORT_COLUMNS, Hit
    from quotedex.site.search import search as search_index

    hits = search_index(database, query, limit, offset)
    to_row: Callable[[Hit], dict[str, Any]] = Hit.to_row
    if form == "csv" or spreadsheet:
        print_csv(EXPORT_COLUMNS, map(to_row, hits), for_spreadsheet=spreadsheet)
    elif form:
        for hit in hits:
            print_json(hit.to_dict() if form == "json" else hit.to_row())
    elif hits:
        print_hits(hits)
    else:
        click.echo("No quotations found.", err=True)


@click.command("publish-config")
@DATABASE
@click.option(
    "-o",
    "--output",
    "folder",
    metavar="DIR",
    required=True,
    type=click.Path(file_okay=False),
    help="Folder to write; created if missing.",
)
@click.option(
    "--excerpts",
    metavar="N",
    type=click.IntRange(min=0),
    default=30,
    show_default=True,
    help="Keep only N words of article text around each quotation.",
)
@click.option(
    "--full-text", is_flag=True, help="Keep whole articles, which you may need permission for."
)
@PUBLIC_URL
def publish_config(
    database: str, folder: str, excerpts: int, full_text: bool, public_url: str | None
) -> None:
    """Write a folder for hosting DB with Datasette.

    It contains a copy of DB, settings for Datasette 0.65 and 1.0, the plugin as a package, a
    Dockerfile and a README with instructions. The copy has excerpts of the articles, unless
    --full-text is given, and no paths of this machine.
    """
    from quotedex.site.publish import publish

    given = click.get_current_context().get_parameter_source("excerpts")
    if full_text and given is not ParameterSource.DEFAULT:
        raise click.UsageError("--excerpts and --full-text exclude each other")
    copy = publish(database, folder, None if full_text else excerpts, public_url)
    texts = "whole articles" if full_text else f"quotations and {excerpts} words around each"
    print_line(f"Wrote {copy} with {texts}")
    print_line(f"See {os.path.join(folder, 'README.md')} for how to host it")
