"""Many documents into one file: skip what is known, extract the rest, store it batch by batch."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from quotedex._version import __version__
from quotedex.errors import DatabaseError, InputError
from quotedex.extract import ENGLISH
from quotedex.index.topics import renew
from quotedex.index.work import Extract, ExtractorSpec
from quotedex.index.workers import extract_all
from quotedex.link import Authority
from quotedex.models import Document, Extraction
from quotedex.options import Options
from quotedex.store import Failure, Known, Outcome, Reader, Store
from quotedex.store.articles import location, text_hash

# A batch is one transaction. Its size is counted, never timed, so that the same input always
# gives the same file; a run that is killed has to repeat at most this much.
_BATCH_ARTICLES = 32
_BATCH_CHARACTERS = 1_000_000


@dataclass(frozen=True, slots=True)
class Progress:
    """Counters of a running job. `documents` counts every document processed.

    `articles` and `quotes` are those stored by this run, `attributed` the quotations with a
    speaker; `high_confidence`, `medium_confidence` and `low_confidence` add up to `quotes`.
    `foreign` are the articles that are not in English, `unchanged` the documents that the file
    already held, `duplicates` those whose text is stored under another location.
    """

    documents: int = 0
    articles: int = 0
    quotes: int = 0
    attributed: int = 0
    high_confidence: int = 0
    medium_confidence: int = 0
    low_confidence: int = 0
    failures: int = 0
    foreign: int = 0
    unchanged: int = 0
    duplicates: int = 0


@dataclass(frozen=True, slots=True)
class Summary(Progress):
    """What a run did.

    `failed` says what the `failures` were, those that the file listed already among them; `pruned`
    are the articles removed because their files are gone; `speakers` are those that its articles
    quote; `run_id` is its row in `runs`, None when there was nothing to write.
    """

    failed: tuple[Failure, ...] = ()
    pruned: int = 0
    speakers: int = 0
    seconds: float = 0.0
    run_id: int | None = None


def index(
    path: str | Path,
    documents: Iterable[Document | InputError],
    options: Options | None = None,
    *,
    workers: int = 0,
    cluster: str | None = None,
    timeout: float | None = None,
    retry: bool = False,
    again: bool = False,
    prune: Collection[str] = (),
    people: Collection[Authority] | None = None,
    progress: Callable[[Progress], None] | None = None,
    extract: Extract | None = None,
    topics: bool | None = None,
) -> Summary:
    """Bring the file at `path` up to date with `documents`, and say what was done.

    Documents that the file holds unchanged are skipped before anything is parsed; a changed one
    replaces its article. One that is not in English is stored without quotations, unless
    `options.any_language`. A document that cannot be read or extracted is listed in `failures` and
    the run goes on; as long as its text is the same it is not tried again, unless `retry`. With
    `again`, articles processed by another version or model are extracted again, and with `extract`
    all. A run that changes nothing writes nothing, not even its row in `runs`. `progress` is
    called after each document. `extract` takes the place of an Extractor; with `workers` it must be
    picklable. `topics` says whether to update the topics of speakers; by default unless `extract`
    is given.

    `workers` are other processes; with none, this one reads, and a document that brings it down
    ends the run. `cluster` is the address of a Dask scheduler whose workers read, or "local". A
    document that takes longer than `timeout` seconds is a failure. Articles of
    locations at or below those of `prune` that are not among the documents are removed.

    `people` say who is who, in the place of the list that the file was given before (None: that
    one), in articles stored before too.

    The file comes out the same with any number of workers. When a run is interrupted, or ends
    in an error, what was stored stays, the row in `runs` says so, and the exception goes on.
    Raises `DatabaseError` and `ModelError`.
    """
    began = time.monotonic()
    options = options or Options()
    spec = ExtractorSpec(options, extract, timeout)
    with Store(path) as store:
        read_by = None if extract else f"{options.model} + {options.spacy_model}"
        reader = (__version__, read_by or "") if again else None
        run = _Run(store, read_by, progress, retry, reader, tuple(prune))
        try:
            if people is not None:
                run.use_people(people)
            with closing(extract_all(run.to_do(documents), spec, workers, cluster)) as results:
                for result in results:
                    run.take(result)
            run.remove_gone()
            if topics if topics is not None else extract is None:
                run.renew_topics(options.spacy_model, workers)
            run.finish("completed")
        except KeyboardInterrupt:
            run.finish("interrupted")
            raise
        except Exception:
            with suppress(DatabaseError):  # the first error is the one to tell
                run.finish("failed")
            raise
        return Summary(
            **asdict(run.so_far),
            failed=tuple(run.failed),
            pruned=run.pruned,
            speakers=0 if run.id is None else store.speakers_of(run.id),
            seconds=time.monotonic() - began,
            run_id=run.id,
        )


@dataclass(slots=True)
class _Run:
    """One run's way into the store: what is waiting to be written, and what happened so far."""

    store: Store
    model: str | None
    progress: Callable[[Progress], None] | None
    retry: bool = False
    reader: Reader | None = None
    roots: tuple[str, ...] = ()
    id: int | None = None
    pruned: int = 0
    so_far: Progress = field(default_factory=Progress)
    batch: list[Extraction] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    failed: list[Failure] = field(default_factory=list)
    # Locations on their way from `to_do` to the file: what the file says of them is out of date.
    pending: set[str] = field(default_factory=set)

    def use_people(self, people: Collection[Authority]) -> None:
        if self.store.use_people(people):
            self.id = self.store.start_run(self.model)

    def to_do(
        self, documents: Iterable[Document | InputError]
    ) -> Iterator[Document | Failure | Known]:
        """The documents to extract; in the place of the others, why not."""
        for document in documents:
            if self.roots:
                self._note(document)
            if isinstance(document, InputError):
                yield Failure(document.location, document.reason)
            elif not self.retry and (failure := self.store.listed_failure(document)):
                yield failure
            elif known := self.store.known(document, self.pending, self.reader):
                yield known
            else:
                self.pending.add(location(document))
                yield document

    def take(self, result: Extraction | Failure | Known) -> None:
        """Count one document's result; put what is to be written with the batch."""
        if isinstance(result, Extraction):
            self.batch.append(result)
            self._count(foreign=int(result.document.language not in (None, ENGLISH)))
        elif isinstance(result, Failure):
            self.failures.append(result)
            self.failed.append(result)
            self._count(failures=1)
        elif result == "unchanged":
            self._count(unchanged=1)
        else:
            self._count(duplicates=1)
        self._count(documents=1)
        if len(self.batch) >= _BATCH_ARTICLES or _characters(self.batch) >= _BATCH_CHARACTERS:
            self.flush()
        if self.progress:
            self.progress(self.so_far)

    def flush(self) -> None:
        """Write what is waiting. Failures that the file lists already wait for other news."""
        if self.id is None:
            if not self.batch and all(map(self.store.has_failure, self.failures)):
                return
            self.id = self.store.start_run(self.model)
        if self.batch:
            written = self.store.write(self.batch, self.id)
            self._count(**asdict(written))
        if self.failures:
            self.store.fail(self.failures, self.id)
        self.batch, self.failures = [], []
        self.pending.clear()

    def remove_gone(self) -> None:
        """Remove the articles whose files are no more, some at a time."""
        self.flush()
        gone = self.store.gone(self.roots) if self.roots else []
        for start in range(0, len(gone), _BATCH_ARTICLES):
            if self.id is None:
                self.id = self.store.start_run(self.model)
            batch = gone[start : start + _BATCH_ARTICLES]
            self.pruned += self.store.prune(batch, self.id)

    def renew_topics(self, spacy_model: str, workers: int) -> None:
        """Bring the topics of speakers up to date, also where a run before this was killed."""
        if not (due := self.store.speakers_due()):
            return
        if self.id is None:
            self.id = self.store.start_run(self.model)
        renew(self.store, due, spacy_model, workers)

    def finish(self, outcome: Outcome) -> None:
        """Write what is waiting and close the run's row, if there is anything to tell."""
        self.flush()
        if self.id is None and outcome != "completed":
            self.id = self.store.start_run(self.model)
        if self.id is not None:
            self.store.finish_run(self.id, outcome)

    def _note(self, document: Document | InputError) -> None:
        if isinstance(document, InputError):
            self.store.saw(document.location)
            self.store.saw(str(Path(document.location).absolute()))
        else:
            self.store.saw(location(document), text_hash(document))

    def _count(self, **more: int) -> None:
        self.so_far = replace(
            self.so_far, **{name: getattr(self.so_far, name) + n for name, n in more.items()}
        )


def _characters(batch: Iterable[Extraction]) -> int:
    return sum(len(extraction.text) for extraction in batch)
