"""What the commands print: progress, summaries, JSON Lines, hits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from datasette_quotedex.search import Hit
    from quotedex.index import Progress, Summary
    from quotedex.models import Document, Quote, Span, Speaker

# A piped run says so often how far it has come.
PLAIN_PROGRESS_EVERY = 100


@contextmanager
def progress(files: int) -> Iterator[Callable[[Progress], None]]:
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


def print_summary(summary: Summary) -> None:
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


def document_as_json(document: Document, quotes: Iterable[Quote]) -> dict[str, Any]:
    """A line that `extract` prints, of quotations with offsets into the text as given."""
    return {
        "document": document.id,
        "quotes": [_quote_as_json(quote, document.text) for quote in quotes],
    }


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
        "repeats": quote.repeats,
        "confidence": round(quote.confidence, 4),
        "cue": words(quote.cue),
        "mention": words(quote.mention),
        "speaker": quote.speaker and _speaker_as_json(quote.speaker),
    }


def _speaker_as_json(speaker: Speaker) -> dict[str, Any]:
    return {
        "name": speaker.name,
        "kind": speaker.kind,
        "description": speaker.description,
        "why": speaker.why,
    }


def hit_as_json(hit: Hit) -> dict[str, Any]:
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


def print_hits(hits: Iterable[Hit]) -> None:
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
