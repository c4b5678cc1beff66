"""The command line: the only package that prints or exits.

A command imports what it needs when it runs, so that `--help` is quick.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click

from quotedex._version import __version__
from quotedex.cli.alerting import digest
from quotedex.cli.correcting import corrections
from quotedex.cli.extracting import extract
from quotedex.cli.options import (
    DATABASE,
    DATABASES_USED,
    FORMATS,
    MAX_MEMORY,
    PATHS,
    TABLES,
    TIMEOUT,
    extraction_options,
    reading_options,
)
from quotedex.cli.output import (
    logging_to_stderr,
    print_failures,
    print_json,
    print_line,
    print_summary,
    print_text,
    printable,
    progress_bar,
)
from quotedex.cli.publishing import publish_config, search, serve
from quotedex.errors import QuotedexError
from quotedex.locations import absolute_path

if TYPE_CHECKING:
    from quotedex.options import Options
    from quotedex.read import ReadOptions

logger = logging.getLogger(__name__)

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
            raise click.ClickException(printable(str(error))) from error
        except click.ClickException as error:
            # Its own kind, because that of a wrong option also prints how to use the command.
            vars(error)["message"] = printable(error.message)
            raise
        except (click.exceptions.Exit, click.Abort, OSError):
            raise
        except Exception as error:
            # A damaged file may hold a value of any kind anywhere, so any code may fail on it.
            if (sentence := _damage(ctx)) is None:
                raise
            logger.debug("the error", exc_info=error)
            raise click.ClickException(printable(sentence)) from error


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


@click.command()
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
@MAX_MEMORY
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
@click.option(
    "--corrections",
    "corrections_file",
    metavar="CSV",
    type=click.Path(dir_okay=False),
    help="Corrections in the format of `quotedex corrections`, added to those of DB.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
@click.option("--strict", is_flag=True, help="Exit with status 1 if any document failed.")
@extraction_options
@reading_options
@click.option("--format", "input_format", type=click.Choice(FORMATS), help="As --input-format.")
@click.option("--nl", "input_format", flag_value="jsonl", help="As --input-format jsonl.")
@click.option("--csv", "input_format", flag_value="csv", help="As --input-format csv.")
@click.option("--tsv", "input_format", flag_value="tsv", help="As --input-format tsv.")
def index(
    database: str,
    paths: tuple[str, ...],
    workers: int | None,
    cluster: str | None,
    timeout: float,
    max_memory: int,
    retry: bool,
    again: bool,
    prune: bool,
    people: str | None,
    corrections_file: str | None,
    as_json: bool,
    strict: bool,
    options: Options,
    read_options: ReadOptions,
) -> None:
    """Find quotations in news articles and store them in DB.

    PATH is a file (text, HTML, table, email, Word, PDF, feed, web crawl or archive; see
    docs/formats.md), a folder of such files, the URL of a page or feed, a database table
    (sqlite:FILE?table=NAME&text=COLUMN), or "-" for standard input: an article, JSON Lines, CSV...

    DB is created if it does not exist. Articles already in DB are skipped and changed ones
    replaced, so an interrupted run resumes where it stopped. Documents that cannot be read are
    listed at the end.
    """
    from quotedex.read import count_files, may_hold_many_articles
    from quotedex.read.reading import Reading

    # Its process starts while this one imports the rest.
    documents = Reading(paths, read_options, timeout=timeout, max_memory=max_memory)
    from quotedex.index import index
    from quotedex.link import read_corrections, read_people

    people_list = None if people is None else read_people(people)
    correcting = [] if corrections_file is None else read_corrections(corrections_file)
    files = count_files(paths, read_options)
    many = files >= MIN_FILES_FOR_WORKERS or any(map(may_hold_many_articles, paths))
    many = many or read_options.input_format in TABLES
    with documents, progress_bar(files) as view:
        summary = index(
            database,
            documents,
            options,
            workers=workers or (_cores() if many else 0),
            cluster=cluster,
            timeout=timeout,
            max_memory=max_memory,
            retry=retry,
            re_extract=again,
            prune=_local_roots(paths) if prune else (),
            people=people_list,
            corrections=correcting,
            progress=view.documents,
            on_stage=view.stage,
        )
    if as_json:
        print_json(summary.to_dict())
    else:
        print_summary(summary)
    print_failures(summary.failed)
    if summary.failures and (strict or summary.failures == summary.documents):
        raise SystemExit(1)


@click.command()
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


@click.command()
@DATABASE
def people(database: str) -> None:
    """List the speakers in DB as CSV, most quoted first.

    Edit the list and pass it to `quotedex index DB PATH... --people people.csv` to correct how
    speakers are linked: names separated by | on one line belong to one person. Anonymous sources
    are left out.
    """
    from quotedex.link import write_people
    from quotedex.store.people_list import list_people

    print_text(write_people(list_people(database)))


@click.command()
@DATABASE
def check(database: str) -> None:
    """Check the integrity of DB.

    Prints one line per check. The exit status is 1 if any fails.
    """
    from quotedex.check import check

    results = check(database)
    for result in results:
        verdict = "ok" if result.ok else f"FAILED: {result.detail}"
        print_line(f"{result.name}: {verdict}")
    if not all(result.ok for result in results):
        raise SystemExit(1)


def _damage(ctx: click.Context) -> str | None:
    """What is wrong with the files that a command uses; None if nothing is."""
    from quotedex.check import damage

    files = ctx.find_root().meta.get(DATABASES_USED, ())
    return next(filter(None, map(damage, filter(os.path.exists, files))), None)


def _local_roots(paths: Iterable[str]) -> list[str]:
    """The locations that all documents of files, folders and tables are at or below."""
    from quotedex.read import STANDARD_INPUT
    from quotedex.read.fetch import SCHEMES
    from quotedex.read.sqlite import SCHEME, parse_table_address

    return [
        parse_table_address(path).location if path.startswith(SCHEME) else absolute_path(path)
        for path in paths
        if path != STANDARD_INPUT and not path.startswith(SCHEMES)
    ]


def _cores() -> int:
    """The number of processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


for command in (
    *(index, serve, search, digest, extract, load),
    *(people, corrections, publish_config, check),
):
    main.add_command(command)
