"""The settings of this plugin that bound what readers ask for."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from datasette.utils import StartupError

PLUGIN = "datasette-quotedex"
"""The name under which Datasette's `plugins` has the settings."""


@dataclass(frozen=True, slots=True)
class Settings:
    """As in docs/publishing.md. With `sql_processes` 0, SQL runs in Datasette's threads."""

    sql_processes: int = 2
    table_processes: int = 2
    sql_waiting: int = 20
    sql_memory_mb: int = 128
    sql_result_mb: int = 8
    body_mb: int = 2


def settings_of(datasette: Any) -> Settings:
    """The settings that somebody gave this site. Raises StartupError for others than numbers."""
    given = datasette.plugin_config(PLUGIN) or {}
    found = {}
    for field in fields(Settings):
        value = given.get(field.name, field.default)
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise StartupError(f"{PLUGIN}: {field.name} must be a whole number, not {value!r}")
        found[field.name] = value
    return Settings(**found)
