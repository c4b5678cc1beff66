"""The command line: the only package that prints or exits.

What a command needs is imported when it runs, so that `--help` answers at once.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Literal

import click

from quotedex._version import __version__
from quotedex.cli.options import (
    DATABASE,
    PATHS,
    TIMEOUT,
    extraction_options,
    reading_options,
)
from quotedex.cli.output import (
    document_as_json,
    hit_as_json,
    print_hits,
    print_summary,
    progress,
)
from quotedex.errors import QuotedexError

if TYPE_CHECKING:
    from quotedex.options import Options
    from quotedex.read import ReadOptions
    from quotedex.store import Failure

# Below this many files, other processes cost more to start than they save.
FILES_WORTH_PROCESSES = 100


class Commands(click.Group):
    """Commands whose known errors end as one line, "Error: ...", and exit status 1."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except QuotedexError as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="quotedex")
def main() -> None:
    """News text in, an index of who said what out."""


@main.command()
@DATABASE
@PATHS
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    help="Processes that read and judge; as many as cores for a hundred files or more.",
)
@click.option(
    "--cluster",
    metavar="ADDRESS",
    help="Have the workers of a Dask scheduler read and judge; local starts them here.",
)
@TIMEOUT
@click.option("--retry", is_flag=True, help="Try again what failed before with the same text.")
@click.option("--again", is_flag=True, help="Read anew what another version or model has read.")
@click.option("--prune", is_flag=True, help="Remove the articles below PATH whose files are gone.")
@click.option(
    "--people",
    metavar="CSV",
    type=click.Path(dir_okay=False),
    help="A list of who is who, as `quotedex people` prints it; it wins over guesses.",
)
@extraction_options
@reading_options
def index(
    database: str,
    paths: tuple[str, ...],
    workers: int | None,
    cluster: str | None,
    timeout: float,
    retry: bool,
    again: bool,
    prune: bool,
    people: str | None,
    options: Options,
    read_options: ReadOptions,
) -> None:
    """Find the quotations in files and folders and keep them in DB.

    PATH is a file (text, web page, table, mail, Word, PDF, feed, crawl, archive: docs/formats.md
    lists them), a folder with such files, an address (https://...) of a page or feed, a table
    (sqlite:FILE?table=NAME&text=COLUMN), or "-" for one article from standard input. Articles
    that DB has already are skipped, changed ones replaced; a run that was stopped goes on where it
    was. Inputs that cannot be read are listed at the end.
    """
    from quotedex.index import index
    from quotedex.link import read_people
    from quotedex.read import count_files, may_hold_many_articles, read

    listed = None if people is None else read_people(people)
    documents = read(paths, read_options)
    files = count_files(paths, read_options)
    many = files >= FILES_WORTH_PROCESSES or any(map(may_hold_many_articles, paths))
    with progress(files) as tell:
        summary = index(
            database,
            documents,
            options,
            workers=workers or (_cores() if many else 0),
            cluster=cluster,
            timeout=timeout,
            retry=retry,
            again=again,
            prune=_on_disk(paths) if prune else (),
            people=listed,
            progress=tell,
        )
    print_summary(summary)
    for failure in summary.failed:
        _print_failure(failure)
    if summary.failures and summary.failures == summary.documents:
        raise SystemExit(1)


@main.command()
@PATHS
@extraction_options
@TIMEOUT
@click.option(
    "--format",
    "format_",
    type=click.Choice(["jsonl", "parquet"]),
    default="jsonl",
    show_default=True,
    help="parquet: files for quotedex load, in the folder of -o.",
)
@click.option("-o", "--output", metavar="DIR", type=click.Path(file_okay=False))
@reading_options
def extract(
    paths: tuple[str, ...],
    options: Options,
    timeout: float,
    format_: Literal["jsonl", "parquet"],
    output: str | None,
    read_options: ReadOptions,
) -> None:
    """Print the quotations in files and folders as JSON Lines.

    A line is a document; offsets count characters of its text as given. No database is made.
    Inputs that cannot be read are named on standard error, and the exit status is 1.
    """
    from quotedex.extract import Extractor
    from quotedex.index.work import each_result
    from quotedex.read import read

    if (format_ == "parquet") != (output is not None):
        raise click.UsageError("--format parquet and -o DIR belong together")
    extractor = Extractor(options)
    failures: list[Failure] = []

    def report(failure: Failure) -> None:
        _print_failure(failure)
        failures.append(failure)

    documents = read(paths, read_options)
    if output is not None:
        from quotedex.index.parquet import write_shards

        written = write_shards(each_result(extractor, documents, timeout, report), output)
        click.echo(f"{written:,} documents written", err=True)
    else:
        lines = each_result(
            lambda document: document_as_json(document, extractor.as_given(document)),
            documents,
            timeout,
            report,
        )
        for line in lines:
            click.echo(json.dumps(line, ensure_ascii=False))
    if failures:
        raise SystemExit(1)


@main.command()
@DATABASE
@click.argument("folder", metavar="DIR", type=click.Path(exists=True, file_okay=False))
@click.option("--again", is_flag=True, help="Take in what DB has already, too.")
def load(database: str, folder: str, again: bool) -> None:
    """Bring into DB what quotedex extract --format parquet has written to DIR.

    On other machines, or by many jobs at once. What DB has already is skipped, and what has changed
    is replaced.
    """
    from quotedex.index.load import load

    summary = load(database, folder, again)
    print_summary(summary)
    for failure in summary.failed:
        _print_failure(failure)
    if summary.failures:
        raise SystemExit(1)


@main.command()
@DATABASE
@click.option("--port", type=click.IntRange(0, 65535), default=8001, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--open", "open_browser", is_flag=True, help="Open the site in the browser.")
def serve(database: str, port: int, host: str, open_browser: bool) -> None:
    """Show DB as a searchable site, read-only, until Ctrl-C."""
    from quotedex.site.serve import serve

    def ready(url: str) -> None:
        click.echo(f"{database} is served at {url} (Ctrl-C ends it)")
        if open_browser:
            click.launch(url)

    with suppress(KeyboardInterrupt):  # the way to end it, and no failure
        serve(database, host, port, ready)


@main.command("publish-config")
@DATABASE
@click.option(
    "-o",
    "--output",
    "folder",
    metavar="DIR",
    required=True,
    type=click.Path(file_okay=False),
    help="The folder to write; made if it is not there.",
)
@click.option(
    "--excerpts",
    metavar="N",
    type=click.IntRange(min=0),
    help="Of the articles' texts, keep only N words around each quotation.",
)
def publish_config(database: str, folder: str, excerpts: int | None) -> None:
    """Write all that plain `datasette` needs to show DB elsewhere.

    DIR gets a copy of DB, settings for Datasette 0.65 and 1.0, counts, the plugin as a package of
    its own, a Dockerfile and a README that says how to use them.
    """
    from quotedex.site.publish import publish

    copy = publish(database, folder, excerpts)
    click.echo(f"{copy} is ready to be served: {os.path.join(folder, 'README.md')} says how")


@main.command()
@DATABASE
@click.argument("query", nargs=-1, required=True)
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON Lines, a quotation a line.")
def search(database: str, query: tuple[str, ...], limit: int, as_json: bool) -> None:
    """Search DB for quotations, the best first, as the site does.

    QUERY is words, "a phrase", prefix*, -without, OR, speaker:name, outlet:name, after:2024-05,
    before:2025.
    """
    from quotedex.site.search import search

    hits = search(database, " ".join(query), limit)
    if as_json:
        for hit in hits:
            click.echo(json.dumps(hit_as_json(hit), ensure_ascii=False))
    elif hits:
        print_hits(hits)
    else:
        click.echo("No quotation was found.", err=True)


@main.command()
@DATABASE
def people(database: str) -> None:
    """Print the speakers of DB as a CSV list, the most quoted first.

    Edit it and give it to `quotedex index DB PATH... --people people.csv`: whom a line lists under
    several names, with | between them, is one. Nameless sources are left out.
    """
    from quotedex.link import write_people
    from quotedex.store.people_list import people

    click.echo(write_people(people(database)), nl=False)


@main.command()
@DATABASE
def check(database: str) -> None:
    """Verify every promise about DB, a line each.

    The exit status is 1 if one is broken.
    """
    from quotedex.check import check

    promises = check(database)
    for promise in promises:
        verdict = "ok" if promise.ok else f"FAILED: {promise.detail}"
        click.echo(f"{promise.name}: {verdict}")
    if not all(promise.ok for promise in promises):
        raise SystemExit(1)


def _print_failure(failure: Failure) -> None:
    click.echo(f"Error: {failure.location}: {failure.error}", err=True)


def _on_disk(paths: Iterable[str]) -> list[str]:
    """Where the articles of these paths are from: not the standard input, nor the web."""
    return [os.path.abspath(path) for path in paths if path != "-" and "://" not in path]


def _cores() -> int:
    """The processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
