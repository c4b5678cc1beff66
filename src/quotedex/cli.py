"""The command line: the only module that prints or exits.

What a command needs is imported when it runs, so that `--help` answers at once.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import wraps
from typing import TYPE_CHECKING, Any, Literal

import click

from quotedex import __version__
from quotedex.errors import InputError, QuotedexError

if TYPE_CHECKING:
    from datasette_quotedex.search import Hit
    from quotedex.index import Progress, Summary
    from quotedex.models import Extraction, Quote, Span
    from quotedex.read import Settings

# Below this many files, other processes cost more to start than they save.
FILES_WORTH_PROCESSES = 100
# A piped run says so often how far it has come.
PLAIN_PROGRESS_EVERY = 100


class Commands(click.Group):
    """Commands whose known errors end as one line, "Error: ...", and exit status 1."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except QuotedexError as error:
            raise click.ClickException(str(error)) from error


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
ANY_LANGUAGE = click.option(
    "--any-language",
    is_flag=True,
    help="Look for quotations in articles that are not in English too.",
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
@click.option(
    "--timeout",
    metavar="SECONDS",
    type=click.FloatRange(min=0, min_open=True),
    default=300,
    show_default=True,
    help="Give up a document that takes longer.",
)
@click.option("--retry", is_flag=True, help="Try again what failed before with the same text.")
@click.option("--prune", is_flag=True, help="Remove the articles below PATH whose files are gone.")
@click.option(
    "--people",
    metavar="CSV",
    type=click.Path(dir_okay=False),
    help="A list of who is who, as `quotedex people` prints it; it wins over guesses.",
)
@MIN_CONFIDENCE
@SPACY_MODEL
@ANY_LANGUAGE
@reading
def index(
    database: str,
    paths: tuple[str, ...],
    workers: int | None,
    cluster: str | None,
    timeout: float,
    retry: bool,
    prune: bool,
    people: str | None,
    min_confidence: float,
    spacy_model: str | None,
    any_language: bool,
    settings: Settings,
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
    from quotedex.read import count, holds_many, read

    listed = None if people is None else read_people(people)
    documents = read(paths, settings)
    files = count(paths, settings)
    many = files >= FILES_WORTH_PROCESSES or any(map(holds_many, paths))
    with _progress(files) as progress:
        summary = index(
            database,
            documents,
            workers=workers or (_cores() if many else 0),
            cluster=cluster,
            timeout=timeout,
            retry=retry,
            prune=_on_disk(paths) if prune else (),
            min_confidence=min_confidence,
            spacy_model=spacy_model,
            any_language=any_language,
            people=listed,
            progress=progress,
        )
    _print_summary(summary)
    for failure in summary.failed:
        click.echo(f"Error: {failure.location}: {failure.error}", err=True)
    if summary.failures and summary.failures == summary.documents:
        raise SystemExit(1)


@main.command()
@PATHS
@MIN_CONFIDENCE
@click.option(
    "--marks",
    type=click.Choice(["all", "double"]),
    default="all",
    show_default=True,
    help="double: only outermost quotations in double marks, as most corpora annotate them.",
)
@SPACY_MODEL
@ANY_LANGUAGE
@click.option(
    "--format",
    "format_",
    type=click.Choice(["jsonl", "parquet"]),
    default="jsonl",
    show_default=True,
    help="parquet: files for quotedex load, in the folder of -o.",
)
@click.option("-o", "--output", metavar="DIR", type=click.Path(file_okay=False))
@reading
def extract(
    paths: tuple[str, ...],
    min_confidence: float,
    marks: Literal["all", "double"],
    spacy_model: str | None,
    any_language: bool,
    format_: Literal["jsonl", "parquet"],
    output: str | None,
    settings: Settings,
) -> None:
    """Print the quotations in files and folders as JSON Lines.

    A line is a document; offsets count characters of its text as given. No database is made.
    Inputs that cannot be read are named on standard error, and the exit status is 1.
    """
    from quotedex.extract import Extractor
    from quotedex.read import read

    if (format_ == "parquet") != (output is not None):
        raise click.UsageError("--format parquet and -o DIR belong together")
    extractor = Extractor(spacy_model, min_confidence, marks, any_language)
    unread: list[InputError] = []

    def extractions() -> Iterator[Extraction]:
        for document in read(paths, settings):
            if isinstance(document, InputError):
                click.echo(f"Error: {document}", err=True)
                unread.append(document)
            else:
                yield extractor(document)

    if output is not None:
        from quotedex.shards import write_shards

        click.echo(f"{write_shards(extractions(), output):,} documents written", err=True)
    else:
        for extraction in extractions():
            click.echo(json.dumps(_extraction_as_json(extraction), ensure_ascii=False))
    if unread:
        raise SystemExit(1)


@main.command()
@DATABASE
@click.argument("folder", metavar="DIR", type=click.Path(exists=True, file_okay=False))
def load(database: str, folder: str) -> None:
    """Bring into DB what quotedex extract --format parquet has written to DIR.

    On other machines, or by many jobs at once. What DB has already is skipped, and what has changed
    is replaced.
    """
    from quotedex.index.loading import load

    summary = load(database, folder)
    _print_summary(summary)
    for failure in summary.failed:
        click.echo(f"Error: {failure.location}: {failure.error}", err=True)
    if summary.failures:
        raise SystemExit(1)


@main.command()
@DATABASE
@click.option("--port", type=click.IntRange(0, 65535), default=8001, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--open", "open_browser", is_flag=True, help="Open the site in the browser.")
def serve(database: str, port: int, host: str, open_browser: bool) -> None:
    """Show DB as a searchable site, read-only, until Ctrl-C."""
    from quotedex.serve import serve

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
    from quotedex.publish import publish

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
    from quotedex.search import search

    hits = search(database, " ".join(query), limit)
    if as_json:
        for hit in hits:
            click.echo(json.dumps(_hit_as_json(hit), ensure_ascii=False))
    elif hits:
        _print_hits(hits)
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
    from quotedex.store.authorities import people

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


def _on_disk(paths: Iterable[str]) -> list[str]:
    """Where the articles of these paths are from: not the standard input, nor the web."""
    return [os.path.abspath(path) for path in paths if path != "-" and "://" not in path]


def _cores() -> int:
    """The processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def _progress(files: int) -> Iterator[Callable[[Progress], None]]:
    """A bar on a terminal, now and then a line where output is piped."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda so_far: _plain_progress(so_far, files)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Bar(*columns, console=console, transient=True) as bar:
        task = bar.add_task("reading", total=files)
        yield lambda so_far: bar.update(
            task, completed=so_far.documents, description=f"{so_far.quotes:,} quotations"
        )


def _plain_progress(so_far: Progress, files: int) -> None:
    if so_far.documents % PLAIN_PROGRESS_EVERY == 0 or so_far.documents == files:
        click.echo(f"{so_far.documents:,} of {files:,} files read", err=True)


def _print_summary(summary: Summary) -> None:
    share = f"{summary.attributed / summary.quotes:.0%}" if summary.quotes else "-"
    rows = [
        ("articles", f"{summary.articles:,}"),
        ("quotations", f"{summary.quotes:,}"),
        ("attributed", share),
        ("speakers", f"{summary.speakers:,}"),
        ("failures", f"{summary.failures:,}"),
        ("seconds", f"{summary.seconds:.1f}"),
    ]
    if summary.foreign:
        rows.insert(1, ("not English", f"{summary.foreign:,}"))
    if summary.pruned:
        rows.insert(1, ("removed", f"{summary.pruned:,}"))
    if summary.unchanged:
        rows.insert(1, ("unchanged", f"{summary.unchanged:,}"))
    if summary.duplicates:
        rows.insert(1, ("duplicates", f"{summary.duplicates:,}"))
    for name, value in rows:
        click.echo(f"{name:<12}{value:>10}")


def _extraction_as_json(extraction: Extraction) -> dict[str, Any]:
    """A line that `extract` prints."""
    from quotedex.extract import quotes_as_given

    text = extraction.document.text
    quotes = [_quote_as_json(quote, text) for quote in quotes_as_given(extraction)]
    return {"document": extraction.document.id, "quotes": quotes}


def _quote_as_json(quote: Quote, text: str) -> dict[str, Any]:
    """One of the "quotes" of a line that `extract` prints."""

    def words(span: Span | None) -> dict[str, Any] | None:
        if span is None:
            return None
        return {"text": text[span.start : span.end], "start": span.start, "end": span.end}

    return {
        "text": quote.text,
        "start": quote.start,
        "end": quote.end,
        "kind": quote.kind,
        "utterance": quote.utterance,
        "parent": quote.parent,
        "confidence": round(quote.confidence, 4),
        "cue": words(quote.cue),
        "mention": words(quote.mention),
        "speaker": quote.speaker and {"name": quote.speaker.name, "kind": quote.speaker.kind},
    }


def _hit_as_json(hit: Hit) -> dict[str, Any]:
    """The same keys as a hit of the site's `/-/quotes.json`, but for what only a page needs."""
    plain = ("id", "text", "kind", "before", "after", "mention", "cue", "confidence", "published")
    speaker = {
        "id": hit.speaker_id,
        "name": hit.speaker,
        "kind": hit.speaker_kind,
        "description": hit.speaker_description,
    }
    return {
        **{name: getattr(hit, name) for name in plain},
        "speaker": speaker if hit.speaker_id else None,
        "article": {
            "id": hit.article_id,
            "title": hit.title,
            "outlet": hit.outlet,
            "location": hit.location,
        },
    }


def _print_hits(hits: Iterable[Hit]) -> None:
    """The words, with what matched highlighted on a terminal, and below them who, when, where."""
    from rich.console import Console
    from rich.padding import Padding
    from rich.text import Text

    console = Console(highlight=False)
    for hit in hits:
        quotation = Text("“")
        for words, matched in hit.marked:
            quotation.append(_printable(words), "bold yellow" if matched else "")
        quotation.append("”")
        source = [hit.speaker or "nobody named", hit.published, hit.outlet]
        place = hit.title or hit.location or f"article {hit.article_id}"
        told = ", ".join(part for part in [*source, place] if part)
        if console.is_terminal:
            console.print(quotation)
            console.print(Padding(Text(_printable(told), "dim"), (0, 0, 1, 4)))
        else:
            click.echo(f"{quotation.plain}\n    {_printable(told)}\n")


def _printable(text: str) -> str:
    """Without line breaks and control characters, which could take over a terminal."""
    return "".join(c if c.isprintable() else " " for c in text)
