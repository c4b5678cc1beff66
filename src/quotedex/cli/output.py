"""What the commands print: progress, summaries, failures, search results and log messages."""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from datasette_quotedex.search import Hit
    from quotedex.index import OnStage, Progress, Stage, Summary
    from quotedex.store import Failure

# If standard error is not a terminal, progress is a line for this many documents.
PLAIN_PROGRESS_EVERY = 100

# All but tabs and line breaks: ESC starts a command to the terminal, CSI (0x9B) too, and marks of
# direction reorder what follows.
_CONTROL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]"
)

LOADING_MODELS = "loading models"
MAKING_TOPICS = "making topics"


@dataclass(frozen=True, slots=True)
class ProgressView:
    """How a run is shown: its documents, and its other stages."""

    documents: Callable[[Progress], None]
    stage: OnStage


@contextmanager
def progress_bar(files: int) -> Iterator[ProgressView]:
    """Show a progress bar on a terminal, plain lines elsewhere."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    console = Console(stderr=True)
    if not console.is_terminal:
        yield ProgressView(lambda so_far: _print_progress(so_far, files), _print_stage)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Bar(*columns, console=console, transient=True) as bar:
        task = bar.add_task("reading", total=files)

        def show_documents(so_far: Progress) -> None:
            quotations = f"{so_far.quotes:,} quotations"
            bar.update(task, completed=so_far.documents, description=quotations)

        def show_stage(stage: Stage, done: int, of: int) -> None:
            if stage == "models":
                bar.update(task, description=LOADING_MODELS)
            else:
                bar.update(task, completed=done, total=of, description=MAKING_TOPICS)

        yield ProgressView(show_documents, show_stage)


def _print_stage(stage: Stage, done: int, of: int) -> None:
    if not done:
        what = LOADING_MODELS if stage == "models" else f"{MAKING_TOPICS} of {of:,} speakers"
        click.echo(what, err=True)


def _print_progress(so_far: Progress, files: int) -> None:
    if so_far.documents % PLAIN_PROGRESS_EVERY == 0 or so_far.documents == files:
        click.echo(f"{so_far.documents:,} of {files:,} files processed", err=True)


def print_summary(summary: Summary) -> None:
    """Print the counts of a run, one per line, without those that are rare and zero."""
    always = {"articles", "quotations", "speakers", "failures"}
    counts = {
        "articles": summary.articles,
        "  replaced": summary.replaced,
        "duplicates": summary.duplicates,
        "unchanged": summary.unchanged,
        "removed": summary.pruned,
        "not English": summary.foreign,
        "quotations": summary.quotes,
        "  high confidence": summary.high_confidence,
        "  medium confidence": summary.medium_confidence,
        "  low confidence": summary.low_confidence,
        "speakers": summary.speakers,
        "failures": summary.failures,
    }
    for name, count in counts.items():
        if count or name in always or (summary.quotes and "confidence" in name):
            click.echo(f"{name:<20}{count:>10,}")
    click.echo(f"{'seconds':<20}{summary.seconds:>10.1f}")


def print_line(text: str, *, err: bool = False) -> None:
    """Print a message; names of files, titles and quotations in it may come from anybody."""
    click.echo(printable(text), err=err)


def print_json(value: Mapping[str, Any]) -> None:
    """Print a line of JSON Lines. Control characters are escaped, also those that JSON allows."""
    line = json.dumps(value, ensure_ascii=False)
    click.echo(_CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", line))


def print_csv(
    columns: Sequence[str], rows: Iterable[Mapping[str, Any]], *, for_spreadsheet: bool = False
) -> None:
    """Print rows as CSV after a line with the names of the columns."""
    # Here, because the plugin imports Datasette.
    from datasette_quotedex.render.csv_lines import BYTE_ORDER_MARK, csv_lines

    mark = BYTE_ORDER_MARK if for_spreadsheet else ""
    click.echo(mark + csv_lines([columns]), nl=False)
    for row in rows:
        values = [row[name] for name in columns]
        print_text(csv_lines([values], for_spreadsheet=for_spreadsheet))


def print_text(text: str) -> None:
    """Print lines of a file format as they are, but without control characters on a terminal."""
    if sys.stdout.isatty():
        text = _CONTROL.sub(" ", text)
    # With `color`, since click would take what looks like colors out of the text.
    click.echo(text, nl=False, color=True)


def print_failures(failures: Iterable[Failure]) -> None:
    """Print documents that could not be read or processed, one per line, on standard error."""
    for failure in failures:
        print_line(f"Error: {failure.location}: {failure.error}", err=True)


def print_hits(hits: Iterable[Hit]) -> None:
    """Print quotations with their speaker, date, outlet and article.

    On a terminal, matching words are highlighted.
    """
    from rich.console import Console
    from rich.padding import Padding
    from rich.text import Text

    console = Console(highlight=False)
    for hit in hits:
        quotation = Text("“")
        for words, matched in hit.marked:
            quotation.append(printable(words), "bold yellow" if matched else "")
        quotation.append("”")
        speaker = hit.speaker_shown or "unknown speaker"
        article = hit.title or hit.location or f"article {hit.article_key}"
        label = "pull-quote" if hit.repeats_key else None
        details = [speaker, hit.published, hit.outlet, article, label]
        line = printable(", ".join(filter(None, details)))
        if console.is_terminal:
            console.print(quotation)
            console.print(Padding(Text(line, "dim"), (0, 0, 1, 4)))
        else:
            click.echo(f"{quotation.plain}\n    {line}\n")


@contextmanager
def logging_to_stderr() -> Iterator[None]:
    """Print all log messages of quotedex in the block."""
    logger = logging.getLogger("quotedex")
    handler, level = _EchoHandler(), logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)


class _EchoHandler(logging.Handler):
    """Writes to `sys.stderr` as it is at the time: a progress bar replaces it while it is shown."""

    def emit(self, record: logging.LogRecord) -> None:
        click.echo(printable(self.format(record)), err=True)


def printable(text: str) -> str:
    """Replace line breaks and control characters, which could take over a terminal."""
    return "".join(c if c.isprintable() else " " for c in text)
