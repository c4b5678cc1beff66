"""The command line: the only package that prints or exits.

A command imports what it needs when it runs, so that `--help` is quick.
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
    logging_to_stderr,
    print_failures,
    print_hits,
    print_summary,
    progress_bar,
)
from quotedex.errors import QuotedexError

if TYPE_CHECKING:
    from quotedex.models import Document
    from quotedex.options import Options
    from quotedex.read import ReadOptions
    from quotedex.store import Failure

# For fewer files than this, starting worker processes takes longer than it saves.
MIN_FILES_FOR_WORKERS = 100


class Commands(click.Group):
    """Lists commands in the order of their definition, and prints known errors as one line."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except QuotedexError as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="quotedex")
@click.option("-v", "--verbose", is_flag=True, help="Log what is fetched and skipped.")
@click.pass_context
def main(ctx: click.Context, verbose: bool) -> None:
    """Find out who said what in news articles.

    quotedex finds direct quotations and their speakers, stores them in one SQLite file (DB), and
    shows that file as a searchable website.
    """
    if verbose:
        ctx.with_resource(logging_to_stderr())


@main.command()
@DATABASE
@PATHS
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    show_default=f"one per core, none for fewer than {MIN_FILES_FOR_WORKERS} files",
    help="Number of worker processes.",
)
@click.option(
    "--cluster",
    metavar="ADDRESS",
    help='Extract on a Dask cluster; "local" starts one on this machine.',
)
@TIMEOUT
@click.option("--retry", is_flag=True, help="Retry documents that failed in an earlier run.")
@click.option(
    "--again", is_flag=True, help="Re-extract articles processed by another version or model."
)
@click.option(
    "--prune", is_flag=True, help="Remove articles below PATH whose files no longer exist."
)
@click.option(
    "--people",
    metavar="CSV",
    type=click.Path(dir_okay=False),
    help="List of people in the format of `quotedex people`; overrides automatic linking.",
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
    """Find quotations in news articles and store them in DB.

    PATH is a file (text, HTML, table, email, Word, PDF, feed, web crawl or archive; see
    docs/formats.md), a folder of such files, the URL of a page or feed, a database table
    (sqlite:FILE?table=NAME&text=COLUMN), or "-" for one article from standard input.

    DB is created if it does not exist. Articles already in DB are skipped and changed ones
    replaced, so an interrupted run resumes where it stopped. Documents that cannot be read are
    listed at the end.
    """
    from quotedex.index import index
    from quotedex.link import read_people
    from quotedex.read import count_files, may_hold_many_articles, read

    people_list = None if people is None else read_people(people)
    documents = read(paths, read_options)
    files = count_files(paths, read_options)
    many = files >= MIN_FILES_FOR_WORKERS or any(map(may_hold_many_articles, paths))
    with progress_bar(files) as show_progress:
        summary = index(
            database,
            documents,
            options,
            workers=workers or (_cores() if many else 0),
            cluster=cluster,
            timeout=timeout,
            retry=retry,
            re_extract=again,
            prune=_local_paths(paths) if prune else (),
            people=people_list,
            progress=show_progress,
        )
    print_summary(summary)
    print_failures(summary.failed)
    if summary.failures and summary.failures == summary.documents:
        raise SystemExit(1)


@main.command()
@DATABASE
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8001,
    show_default=True,
    help="Port to listen on; 0 picks a free one.",
)
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="Address of this machine to listen on."
)
@click.option("--open", "open_browser", is_flag=True, help="Open the site in a browser.")
def serve(database: str, port: int, host: str, open_browser: bool) -> None:
    """Serve DB as a searchable website, read-only, until Ctrl-C."""
    from quotedex.site.serve import serve

    def on_start(url: str) -> None:
        click.echo(f"Serving {database} at {url} (Ctrl-C to stop)")
        if open_browser:
            click.launch(url)

    with suppress(KeyboardInterrupt):
        serve(database, host, port, on_start)


@main.command()
@DATABASE
@click.argument("query", nargs=-1, required=True)
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=20,
    show_default=True,
    help="Maximum number of quotations.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON Lines, one quotation per line.")
def search(database: str, query: tuple[str, ...], limit: int, as_json: bool) -> None:
    """Search DB for quotations, best matches first.

    QUERY takes words, "a phrase", prefix*, -without, OR, speaker:name, outlet:name, after:2024-05
    and before:2025, as on the website. Put it after "--" if it starts with a minus.
    """
    from quotedex.site.search import search

    hits = search(database, " ".join(query), limit)
    if as_json:
        for hit in hits:
            _print_json(hit.to_dict())
    elif hits:
        print_hits(hits)
    else:
        click.echo("No quotations found.", err=True)


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
    help="parquet: files for `quotedex load`, written to the folder of -o.",
)
@click.option(
    "-o",
    "--output",
    metavar="DIR",
    type=click.Path(file_okay=False),
    help="Folder for Parquet files; created if missing.",
)
@reading_options
def extract(
    paths: tuple[str, ...],
    options: Options,
    timeout: float,
    format_: Literal["jsonl", "parquet"],
    output: str | None,
    read_options: ReadOptions,
) -> None:
    """Print quotations as JSON Lines, without a database.

    Each line is a document. Offsets refer to its text as given. Documents that cannot be read are
    reported on standard error; the exit status is then 1.
    """
    from quotedex.extract import Extractor
    from quotedex.index.work import each_result
    from quotedex.read import read

    if (format_ == "parquet") != (output is not None):
        raise click.UsageError("--format parquet and -o DIR must be used together")
    extractor = Extractor(options)
    failures: list[Failure] = []

    def report(failure: Failure) -> None:
        print_failures([failure])
        failures.append(failure)

    documents = read(paths, read_options)
    if output is not None:
        from quotedex.index.parquet import write_shards

        written = write_shards(each_result(extractor, documents, timeout, report), output)
        click.echo(f"{written:,} documents written", err=True)
    else:

        def as_json(document: Document) -> dict[str, Any]:
            quotes = [quote.to_dict(document.text) for quote in extractor.as_given(document)]
            return {"document": document.id, "quotes": quotes}

        for line in each_result(as_json, documents, timeout, report):
            _print_json(line)
    if failures:
        raise SystemExit(1)


@main.command()
@DATABASE
@click.argument("folder", metavar="DIR", type=click.Path(exists=True, file_okay=False))
@click.option("--again", is_flag=True, help="Also replace articles that have not changed.")
def load(database: str, folder: str, again: bool) -> None:
    """Load Parquet files written by `quotedex extract` into DB.

    Use it to combine what several machines have extracted. Articles already in DB are skipped and
    changed ones replaced.
    """
    from quotedex.index.load import load

    summary = load(database, folder, again)
    print_summary(summary)
    print_failures(summary.failed)
    if summary.failures:
        raise SystemExit(1)


@main.command()
@DATABASE
def people(database: str) -> None:
    """List the speakers in DB as CSV, most quoted first.

    Edit the list and pass it to `quotedex index DB PATH... --people people.csv` to correct how
    speakers are linked: names separated by | on one line belong to one person. Anonymous sources
    are left out.
    """
    from quotedex.link import write_people
    from quotedex.store.people_list import list_people

    click.echo(write_people(list_people(database)), nl=False)


@main.command("publish-config")
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
    help="Keep only N words of article text around each quotation.",
)
def publish_config(database: str, folder: str, excerpts: int | None) -> None:
    """Write a folder for hosting DB with Datasette.

    It contains a copy of DB, settings for Datasette 0.65 and 1.0, the plugin as a package, a
    Dockerfile and a README with instructions.
    """
    from quotedex.site.publish import publish

    copy = publish(database, folder, excerpts)
    click.echo(f"Wrote {copy}; see {os.path.join(folder, 'README.md')} for how to host it")


@main.command()
@DATABASE
def check(database: str) -> None:
    """Check the integrity of DB.

    Prints one line per check. The exit status is 1 if any fails.
    """
    from quotedex.check import check

    results = check(database)
    for result in results:
        verdict = "ok" if result.ok else f"FAILED: {result.detail}"
        click.echo(f"{result.name}: {verdict}")
    if not all(result.ok for result in results):
        raise SystemExit(1)


def _print_json(value: dict[str, Any]) -> None:
    click.echo(json.dumps(value, ensure_ascii=False))


def _local_paths(paths: Iterable[str]) -> list[str]:
    """The absolute paths of files and folders, without standard input and URLs."""
    return [os.path.abspath(path) for path in paths if path != "-" and "://" not in path]


def _cores() -> int:
    """The number of processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
