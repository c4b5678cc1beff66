"""Index documents: skip what the file has, extract the rest, and store it in batches."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from quotedex._version import __version__
from quotedex.errors import DatabaseError, InputError
from quotedex.extract import ENGLISH
from quotedex.index.topics import update_topics
from quotedex.index.work import Engine, Extract, ExtractorSpec
from quotedex.index.workers import extract_all, worker_processes
from quotedex.limits import DEFAULT_MAX_MEMORY
from quotedex.link import ListedSpeaker
from quotedex.locations import absolute_path
from quotedex.models import Correction, Document, Extraction
from quotedex.options import Options
from quotedex.read.reader import LimitError
from quotedex.read.reading import Reading
from quotedex.store import ExtractedBy, Failure, Outcome, Store
from quotedex.store.articles import Known
from quotedex.store.identity import location

logger = logging.getLogger(__name__)

# A batch is one transaction. Its size is counted, not timed, so that the same input always gives
# the same file. A run that is killed has to repeat at most one batch.
_BATCH_ARTICLES = 32
_BATCH_CHARACTERS = 1_000_000


@dataclass(frozen=True, slots=True)
class Progress:
    """Counters of a running job. `documents` counts every document processed.

    `articles` and `quotes` are those stored by this run, `attributed` the quotations with a
    speaker; `high_confidence`, `medium_confidence` and `low_confidence` add up to `quotes`.
    `replaced` of the articles took the place of one stored before: an earlier version, or another
    text with the same URL or id. `foreign` are those that are not in English, `unchanged` the
    documents that the file already held, `duplicates` those whose text is stored under another
    location.
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
    replaced: int = 0


Stage = Literal["models", "topics"]
"""What a run does apart from documents: it loads the models, and makes topics of speakers."""

OnStage = Callable[[Stage, int, int], None]
"""Called with a stage, how many steps of it are done, and how many there are."""


@dataclass(frozen=True, slots=True)
class Summary(Progress):
    """The result of a run.

    `failed` lists the `failures`, including those that the file listed before. `pruned` counts
    articles removed because their files are gone, `speakers` the speakers in the articles stored.
    `run_id` is the run's row in `runs`, None if there was nothing to write.
    """

    failed: tuple[Failure, ...] = ()
    pruned: int = 0
    speakers: int = 0
    seconds: float = 0.0
    run_id: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """The summary as JSON values."""
        return asdict(self)


def index(
    path: str | Path,
    documents: Iterable[Document | InputError],
    options: Options | None = None,
    *,
    workers: int = 0,
    cluster: str | None = None,
    timeout: float | None = None,
    max_memory: int | None = DEFAULT_MAX_MEMORY,
    retry: bool = False,
    re_extract: bool = False,
    prune: Collection[str] = (),
    people: Collection[ListedSpeaker] | None = None,
    corrections: Collection[Correction] = (),
    progress: Callable[[Progress], None] | None = None,
    on_stage: OnStage | None = None,
    extract: Extract | None = None,
    topics: bool | None = None,
) -> Summary:
    """Bring the file at `path` up to date with `documents`.

    Unchanged documents are skipped before anything is parsed; a changed one replaces its article.
    Documents in other languages than English are stored without quotations, unless
    `options.any_language`. A document that cannot be read or extracted is listed in `failures`, and
    the run continues; it is not tried again while its text is the same, unless `retry`.

    `workers` is the number of worker processes; with 0 this process does the work, and a document
    that crashes it ends the run. `cluster` is the address of a Dask scheduler, or "local".
    `timeout` is in seconds per document, `max_memory` the bytes that a worker process may use.
    Without workers, it is what this process may use for a document in addition to what it has,
    which only Linux limits, and only in the main thread. None sets no limit. If `documents` is a
    `Reading`, it holds reading to limits of its own. `re_extract` also extracts articles again that
    another version or model extracted, or all if `extract` is given. `prune` are locations;
    articles at or below them that are not among the documents are removed. `people` replaces the
    file's list of people (None keeps it) and also applies to stored articles. `corrections` are
    added to those that the file has. `progress` is called
    after each document, `on_stage` before the models load and while topics are made. `extract`
    replaces an Extractor and must be picklable if there are `workers`. `topics` is whether to
    update the topics of speakers, by default unless `extract` is given.

    The result does not depend on the number of workers. A run that changes nothing writes nothing,
    not even its row in `runs`. If a run is interrupted or fails, everything stored so far stays,
    its row says so, and the exception propagates. Raises DatabaseError, ModelError and
    CorrectionError.
    """
    began = time.monotonic()
    options = options or Options()
    spec = ExtractorSpec(options, extract, timeout, max_memory)
    with Store(path) as store:
        model = None if extract else f"{options.model} + {options.spacy_model}"
        extracted_by = (__version__, model or "") if re_extract else None
        run = _IndexingRun(store, model, progress, on_stage, retry, extracted_by, tuple(prune))
        logger.info("indexing into %s", path)
        try:
            run.use_canonical_locations()
            if people is not None:
                run.use_people(people)
            store.correct(corrections)
            todo = run.documents_to_extract(documents)
            with worker_processes(spec, workers, cluster) as engine:
                for result in extract_all(todo, spec, engine):
                    run.handle(result)
                run.remove_missing()
                store.settle_corrections()
                if topics if topics is not None else extract is None:
                    run.update_topics(options.spacy_model, engine)
            run.finish("completed")
        except KeyboardInterrupt:
            run.finish("interrupted")
            raise
        except Exception:
            with suppress(DatabaseError):  # report the first error, not the one that follows
                run.finish("failed")
            raise
        summary = Summary(
            **asdict(run.counts),
            failed=tuple(run.failed),
            pruned=run.pruned,
            speakers=0 if run.id is None else store.count_speakers(run.id),
            seconds=time.monotonic() - began,
            run_id=run.id,
        )
        logger.info(
            "finished %s: %d documents, %d articles stored, %d failures, %.1f s",
            path,
            summary.documents,
            summary.articles,
            summary.failures,
            summary.seconds,
        )
        return summary


@dataclass(slots=True)
class _IndexingRun:
    """One run: its documents, results waiting to be written, and counters."""

    store: Store
    model: str | None
    progress: Callable[[Progress], None] | None
    on_stage: OnStage | None = None
    retry: bool = False
    extracted_by: ExtractedBy | None = None
    roots: tuple[str, ...] = ()
    id: int | None = None
    pruned: int = 0
    loads_models: bool = False
    counts: Progress = field(default_factory=Progress)
    batch: list[Extraction] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    failed: list[Failure] = field(default_factory=list)
    # Locations of documents that are being extracted or wait to be written: their rows in the file
    # are out of date.
    pending: set[str] = field(default_factory=set)

    def use_canonical_locations(self) -> None:
        """Change locations that an earlier version stored in another form."""
        if old := self.store.old_locations():
            self._start()
            self.store.use_canonical_locations(old)

    def use_people(self, people: Collection[ListedSpeaker]) -> None:
        """Give the file a list of people."""
        if self.store.use_people(people):
            self._start()

    def documents_to_extract(
        self, documents: Iterable[Document | InputError]
    ) -> Iterator[Document | Failure | Known]:
        """The documents to extract, and in place of each other document why it is skipped."""
        if isinstance(documents, Reading) and not self.retry and self.extracted_by is None:
            documents = documents.documents(self.store.listed_errors)
        for document in documents:
            if self.roots:
                self._mark_seen(document)
            if isinstance(document, LimitError):
                yield Failure(document.location, document.reason, document.fingerprint)
            elif isinstance(document, InputError):
                yield Failure(document.location, document.reason)
            elif not self.retry and (failure := self.store.find_failure(document)):
                yield failure
            elif known := self.store.known(document, self.pending, self.extracted_by):
                yield known
            else:
                if self.model and not self.loads_models:
                    self.loads_models = True
                    self._show_stage("models", 0, 1)
                self.pending.add(location(document))
                yield document

    def handle(self, result: Extraction | Failure | Known) -> None:
        """Count the result for one document, and write the batch if it is full."""
        if isinstance(result, Extraction):
            self.batch.append(result)
            self._count(foreign=int(result.document.language not in (None, ENGLISH)))
        elif isinstance(result, Failure):
            logger.warning("%s: %s", result.location, result.error)
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
            self.progress(self.counts)

    def flush(self) -> None:
        """Write the batch. Failures that the file lists already wait until there is other news."""
        if self.id is None and not self.batch and all(map(self.store.has_failure, self.failures)):
            return
        run_id = self._start()
        if self.batch:
            written = self.store.write(self.batch, run_id)
            logger.debug("stored %d articles, %d quotations", written.articles, written.quotes)
            self._count(**asdict(written))
        if self.failures:
            self.store.add_failures(self.failures, run_id)
        self.batch, self.failures = [], []
        self.pending.clear()

    def remove_missing(self) -> None:
        """Remove the articles whose files are gone, in batches."""
        self.flush()
        missing = self.store.missing(self.roots) if self.roots else []
        for start in range(0, len(missing), _BATCH_ARTICLES):
            batch = missing[start : start + _BATCH_ARTICLES]
            self.pruned += self.store.prune(batch, self._start())

    def update_topics(self, spacy_model: str, engine: Engine | None) -> None:
        """Update the topics of speakers, including those that a killed run left."""
        if stale := self.store.stale_speakers():
            self._start()
            self._show_stage("topics", 0, len(stale))
            update_topics(
                self.store,
                stale,
                spacy_model,
                engine,
                lambda done: self._show_stage("topics", done, len(stale)),
            )

    def finish(self, outcome: Outcome) -> None:
        """Write the rest and complete the run's row. A completed run that changed nothing has no
        row."""
        self.flush()
        if self.id is not None or outcome != "completed":
            self.store.finish_run(self._start(), outcome)

    def _start(self) -> int:
        """The id of the run's row, which is added when it is first needed."""
        if self.id is None:
            self.id = self.store.start_run(self.model)
        return self.id

    def _show_stage(self, stage: Stage, done: int, of: int) -> None:
        if self.on_stage:
            self.on_stage(stage, done, of)

    def _mark_seen(self, document: Document | InputError) -> None:
        if isinstance(document, InputError):
            self.store.mark_unread(document.location)
            self.store.mark_unread(absolute_path(document.location))
        else:
            self.store.mark_seen(document)

    def _count(self, **more: int) -> None:
        self.counts = replace(
            self.counts, **{name: getattr(self.counts, name) + n for name, n in more.items()}
        )


def _characters(batch: Iterable[Extraction]) -> int:
    return sum(len(extraction.text) for extraction in batch)
