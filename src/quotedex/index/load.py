"""What was extracted elsewhere, brought into a file as if it were extracted here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from quotedex.errors import InputError
from quotedex.index import Progress, Summary, index
from quotedex.index.parquet import read_shards
from quotedex.models import Document, Extraction


def load(
    path: str | Path,
    folder: str | Path,
    again: bool = False,
    progress: Callable[[Progress], None] | None = None,
) -> Summary:
    """Bring the file at `path` up to date with a folder that `shards.write_shards` has written.

    As with `index`, what the file holds already is skipped, unless `again`, and what has changed is
    replaced;
    topics are made by the usual spaCy pipeline.
    """
    ready: dict[str, Extraction] = {}

    def documents() -> Iterator[Document | InputError]:
        for item in read_shards(folder):
            ready.clear()
            if isinstance(item, Extraction):
                ready[item.document.id] = item
                yield item.document
            else:
                yield item

    return index(
        path,
        documents(),
        topics=True,
        again=again,
        progress=progress,
        extract=lambda document: ready[document.id],
    )
