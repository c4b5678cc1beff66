"""A folder with all that plain `datasette` needs to show a file elsewhere."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from hashlib import file_digest
from pathlib import Path
from typing import Any

import datasette_quotedex
from quotedex._version import __version__
from quotedex.errors import QuotedexError
from quotedex.site.serve import SETTINGS
from quotedex.store.excerpts import shorten
from quotedex.store.file import connect, open_index, said_plainly


def publish(path: str | Path, folder: str | Path, excerpts: int | None = None) -> Path:
    """Write the folder, made if it is not there, and return the path of the file's copy in it.

    With `excerpts` the copy has, of each article's text, only the quotations, so many words on
    either side of them, and the words that name their sources; its offsets count in that.
    Raises DatabaseError for a file that is no index, QuotedexError where the copy would overwrite
    the file itself.
    """
    path, folder = Path(path), Path(folder)
    open_index(path).close()
    copy = folder / f"{path.stem}.db"
    if copy.exists() and copy.samefile(path):
        raise QuotedexError(f"{folder} is where {path.name} lies itself: choose another folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _copy(path, copy, excerpts)
        write_host_files(folder, copy)
    except OSError as error:
        raise QuotedexError(f"{folder} cannot be written to: {error.strerror}") from error
    return copy


def _copy(path: Path, copy: Path, excerpts: int | None) -> None:
    """VACUUM writes afresh what the file holds: no page with the words of a text that was cut."""
    whole = copy.with_name(f".{copy.name}.whole")
    whole.unlink(missing_ok=True)
    try:
        _vacuum(path, whole)
        if excerpts is not None:
            with said_plainly(whole), closing(connect(whole, "mode=rw")) as connection:
                shorten(connection, excerpts)
            cut = copy.with_name(f".{copy.name}.cut")
            cut.unlink(missing_ok=True)
            _vacuum(whole, cut)
            cut.replace(copy)
        else:
            whole.replace(copy)
    finally:
        whole.unlink(missing_ok=True)


def _vacuum(path: Path, into: Path) -> None:
    with said_plainly(path), closing(connect(path, "mode=ro")) as connection:
        connection.execute("VACUUM INTO ?", [str(into)])
    with said_plainly(into), closing(sqlite3.connect(into)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")


PUBLIC_SETTINGS: Mapping[str, int] = {
    **SETTINGS,
    # A published copy does not change; what replaces it comes with another inspect-data.json.
    "default_cache_ttl": 3600,
}


def write_host_files(folder: Path, database: Path) -> None:
    """Write them into `folder`, in which `database` lies."""
    for name, content in _FILES.items():
        (folder / name).write_text(content(database), encoding="utf-8")
    _copy_plugin(folder / "plugin")


def _inspected(database: Path) -> str:
    """What `datasette inspect` would say: by it Datasette takes the file for one that stays as it
    is, and need not count its rows."""
    with database.open("rb") as file:
        digest = file_digest(file, "sha256").hexdigest()
    with closing(sqlite3.connect(f"{database.resolve().as_uri()}?immutable=1", uri=True)) as conn:
        names = conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        tables = {
            name: {"count": conn.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]}
            for (name,) in names
        }
    about: dict[str, Any] = {"hash": digest, "size": database.stat().st_size}
    return _json({database.stem: {**about, "file": database.name, "tables": tables}})


def _json(value: Any) -> str:
    return json.dumps(value, indent=2) + "\n"


def _yaml_settings() -> str:
    """JSON's true and numbers are YAML's."""
    lines = (f"  {name}: {json.dumps(value)}\n" for name, value in PUBLIC_SETTINGS.items())
    return "settings:\n" + "".join(lines)


def _copy_plugin(folder: Path) -> None:
    """The plugin alone, as a package that can be installed where quotedex is not."""
    source = Path(datasette_quotedex.__file__).parent
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(
        source, folder / source.name, ignore=shutil.ignore_patterns("__pycache__", "*.pyc")
    )
    (folder / "pyproject.toml").write_text(_PYPROJECT, encoding="utf-8")


_PYPROJECT = f"""[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"

[project]
name = "datasette-quotedex"
version = "{__version__}"
description = "Shows a file that quotedex wrote as a searchable site"
requires-python = ">=3.11"
license = "Apache-2.0"
dependencies = ["datasette>=0.65.5,<2", "pluggy>=1.5", "rapidfuzz>=3.9"]

[project.entry-points.datasette]
quotedex = "datasette_quotedex"

[tool.setuptools.packages.find]
include = ["datasette_quotedex*"]

[tool.setuptools.package-data]
datasette_quotedex = ["accuracy.json", "templates/**/*", "static/**/*", "py.typed"]
"""

_DOCKERFILE = """FROM python:3.13-slim
WORKDIR /site
COPY . .
RUN pip install --no-cache-dir ./plugin && useradd --system datasette
USER datasette
EXPOSE 8001
CMD ["sh", "-c", "exec datasette serve . --host 0.0.0.0 --port ${PORT:-8001}"]
"""

_README = """# A site of quotations

This folder is all that a host needs; `quotedex publish-config` wrote it.

    pip install ./plugin
    datasette serve . --host 0.0.0.0 --port 8001

does it on any machine with Python 3.11 or newer, and `docker build -t quotations .` with
`docker run -p 8001:8001 quotations` in a container. Behind a proxy that serves the site below a
path, add `--setting base_url /that/path/`.

| file | for |
| --- | --- |
| `{database}` | the quotations |
| `inspect-data.json` | its hash and counts: Datasette takes the file for one that never changes |
| `metadata.json` | the site's title; a description, source and licence can be added |
| `settings.json` | the settings, for Datasette 0.65 |
| `datasette.yaml` | the same, for Datasette 1.0 |
| `plugin/` | the pages, as a Python package without the rest of quotedex |
| `Dockerfile` | the container |

Everything in the file can be read by everyone who can reach the site, and downloaded. The column
`location` of `articles` says where an article was read from: a path of your disk, where it was one;
`metadata` has what else came with it, such as the other columns of a table.
To publish new articles, index them and run `quotedex publish-config` again.
"""

_FILES: dict[str, Callable[[Path], str]] = {
    "inspect-data.json": _inspected,
    "metadata.json": lambda database: _json({"title": "Quotations"}),
    "settings.json": lambda database: _json(dict(PUBLIC_SETTINGS)),
    "datasette.yaml": lambda database: _yaml_settings(),
    "Dockerfile": lambda database: _DOCKERFILE,
    ".dockerignore": lambda database: "__pycache__\nREADME.md\n",
    "README.md": lambda database: _README.format(database=database.name),
}
