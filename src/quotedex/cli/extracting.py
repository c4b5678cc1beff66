"""The command that extracts quotations without a database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Literal

import click

from quotedex.cli.options import (
    MAX_MEMORY,
    PATHS,
    SPREADSHEET,
    TIMEOUT,
    extraction_options,
    reading_options,
)
from quotedex.cli.output import print_csv, print_failures, print_json

if TYPE_CHECKING:
    from quotedex.models import Document
    from quotedex.options import Options
    from quotedex.read import ReadOptions
    from quotedex.store import Failure


@click.command()
@PATHS
@extraction_options
@TIMEOUT
@MAX_MEMORY
@click.option(
    "--format",
    "format_",
    type=click.Choice(["jsonl", "flat", "csv", "parquet"]),
    default="jsonl",
    show_default=True,
    help="What to print. parquet: files for `quotedex load`, written to the folder of -o.",
)
@click.option(
    "--flat",
    "format_",
    flag_value="flat",
    help="Print a quotation per line, with the fields of its document.",
)
@click.option("--csv", "format_", flag_value="csv", help="Print the same as CSV.")
@SPREADSHEET
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
    max_memory: int,
    format_: Literal["jsonl", "flat", "csv", "parquet"],
    spreadsheet: bool,
    output: str | None,
    read_options: ReadOptions,
) -> None:
    """Print quotations as JSON Lines, without a database.

    Each line is a document, or, with --flat, a quotation. Offsets refer to its text as given.
    Documents that cannot be read are reported on standard error; the exit status is then 1.
    """
    from quotedex.extract import Extractor
    from quotedex.extract.flat import FLAT_COLUMNS, document_to_dict, flat_rows
    from quotedex.index.work import each_result
    from quotedex.read.reading import Reading

    if spreadsheet:
        format_ = "csv"
    if (format_ == "parquet") != (output is not None):
        raise click.UsageError("--format parquet and -o DIR must be used together")
    extractor = Extractor(options)
    failures: list[Failure] = []

    def report(failure: Failure) -> None:
        print_failures([failure])
        failures.append(failure)

    def each(made: Callable[[Document], Any]) -> Iterator[Any]:
        return each_result(made, documents, timeout, max_memory, report)

    reading = Reading(paths, read_options, timeout=timeout, max_memory=max_memory)
    documents = click.get_current_context().with_resource(reading)
    if output is not None:
        from quotedex.index.parquet import write_shards

        written = write_shards(each(extractor), output)
        click.echo(f"{written:,} documents written", err=True)
    elif format_ == "jsonl":
        for line in each(lambda one: document_to_dict(one, extractor.as_given(one))):
            print_json(line)
    else:
        by_document = each(lambda one: flat_rows(one, extractor.as_given(one)))
        rows = (row for rows in by_document for row in rows)
        if format_ == "csv":
            print_csv(FLAT_COLUMNS, rows, for_spreadsheet=spreadsheet)
        else:
            for row in rows:
                print_json(row)
    if failures:
        raise SystemExit(1)
