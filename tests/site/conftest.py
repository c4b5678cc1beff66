"""What makes Datasette quicker in tests, where a new one is started for nearly every test."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import datasette.app
import datasette.handle_exception
import jinja2
import pytest
from jinja2.bccache import Bucket

from datasette_quotedex import layout
from datasette_quotedex.sql.runner import Runner
from datasette_quotedex.sql.settings import Settings


class MemoryCache(jinja2.BytecodeCache):
    """Keeps compiled templates for all environments of this process."""

    def __init__(self) -> None:
        self.compiled: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.compiled:
            bucket.bytecode_from_string(self.compiled[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.compiled[bucket.key] = bucket.bytecode_to_string()


@pytest.fixture(scope="session", autouse=True)
def quick_datasette() -> Iterator[None]:
    """Compile each template once, and do not print tracebacks of errors that tests provoke."""
    environment = partial(jinja2.Environment, bytecode_cache=MemoryCache())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(datasette.app, "Environment", environment)
        patch.setattr(layout, "BYTECODE_CACHE", MemoryCache())
        patch.setattr(datasette.handle_exception, "rich", None)
        yield


@pytest.fixture(scope="module", autouse=True)
def ended_processes() -> Iterator[None]:
    """End the SQL processes of a module's sites, which a test has no server to end."""
    made: list[Runner] = []
    begin = Runner.__init__

    def begin_and_note(runner: Runner, settings: Settings) -> None:
        begin(runner, settings)
        made.append(runner)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Runner, "__init__", begin_and_note)
        yield
    for runner in made:
        runner.close()
