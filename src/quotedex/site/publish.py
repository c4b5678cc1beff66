"""Write a folder with everything that a host needs to serve an index with plain Datasette."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from hashlib import file_digest
from pathlib import Path
from typing import Any

import datasette_quotedex
from quotedex._version import __version__
from quotedex.errors import QuotedexError
from quotedex.site.serve import SETTINGS, with_public_url
from quotedex.store import Store
from quotedex.store.excerpts import excerpt_words
from quotedex.store.file import connect, friendly_errors, open_index, reading_mode

PUBLIC_SETTINGS: Mapping[str, int] = {
    **SETTINGS,
    # A published copy never changes. Its replacement comes with another inspect-data.json.
    "default_cache_ttl": 3600,
}

DOCKERFILE = """FROM python:3.13-slim
WORKDIR /site
COPY . .
RUN pip install --no-cache-dir ./plugin && useradd --system datasette
USER datasette
EXPOSE 8001
CMD ["sh", "-c", "exec datasette serve . --host 0.0.0.0 --port ${PORT:-8001}"]
"""

README = """# A site of quotations

Everything that a host needs to serve `{database}` as a searchable web site, written by
`quotedex publish-config`.

On any machine with Python 3.11 or newer:

    pip install ./plugin
    datasette serve . --host 0.0.0.0 --port 8001

In a container:

    docker build -t quotations .
    docker run -p 8001:8001 quotations

Behind a proxy that serves the site under a path, add `--setting base_url /that/path/` to the
`datasette` command.

| file | purpose |
| --- | --- |
| `{database}` | the quotations |
| `inspect-data.json` | hash and row counts of the database; Datasette then opens it as immutable |
| `metadata.json` | the title of the site; you can add a description, source and license |
| `settings.json` | settings for Datasette 0.65 |
| `datasette.yaml` | the same settings for Datasette 1.0 |
| `plugin/` | the pages, as a Python package that does not need the rest of quotedex |
| `Dockerfile` | builds the container |

## Before you publish

Visitors can read and download the whole database. {texts}

To add articles, index them and run `quotedex publish-config` again.
"""

PYPROJECT = f"""[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"

[project]
name = "datasette-quotedex"
version = "{__version__}"
description = "Datasette plugin that shows a quotedex database as a searchable site"
requires-python = ">=3.11"
license = "Apache-2.0"
dependencies = [
    "datasette>=0.65.5,<2", "jinja2>=3.1", "markupsafe>=2.1", "pluggy>=1.5", "rapidfuzz>=3.9",
]

[project.entry-points.datasette]
quotedex = "datasette_quotedex"

[tool.setuptools.packages.find]
include = ["datasette_quotedex*"]

[tool.setuptools.package-data]
datasette_quotedex = ["accuracy.json", "templates/**/*", "static/**/*", "py.typed"]
"""


EXCERPT_WORDS = 30
"""Words around each quotation in a copy: about its sentence and those next to it."""


def publish(
    path: str | Path,
    folder: str | Path,
    excerpts: int | None = EXCERPT_WORDS,
    public_url: str | None = None,
) -> Path:
    """Write a host's folder for the index at `path`; return the path of the copy in it.

    `folder` is created if missing. Articles belong to somebody, so the copy keeps only the
    quotations, `excerpts` words on either side of each, and the words that name the sources; its
    offsets refer to that text. With None, it has whole articles. `public_url` is the address at
    which readers will find the site. Raises DatabaseError if `path` is
    not an index, QuotedexError if the folder cannot be written or is where the index itself is.
    """
    path, folder = Path(path), Path(folder)
    open_index(path).close()
    copy = folder / f"{path.stem}.db"
    if copy.exists() and copy.samefile(path):
        raise QuotedexError(f"{folder} contains {path.name} itself: choose another folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _copy_database(path, copy, excerpts)
        write_host_files(folder, copy, public_url)
    except OSError as error:
        raise QuotedexError(f"cannot write to {folder}: {error.strerror}") from error
    return copy


def write_host_files(folder: Path, database: Path, public_url: str | None = None) -> None:
    """Write everything but the database, which is in `folder` already."""
    files = {
        "inspect-data.json": _json(_inspect_data(database)),
        "metadata.json": _json(with_public_url({"title": "Quotations"}, public_url)),
        "settings.json": _json(dict(PUBLIC_SETTINGS)),
        "datasette.yaml": _yaml_settings(),
        "Dockerfile": DOCKERFILE,
        ".dockerignore": "__pycache__\nREADME.md\n",
        "README.md": README.format(database=database.name, texts=_texts(database)),
    }
    for name, content in files.items():
        (folder / name).write_text(content, encoding="utf-8")
    _copy_plugin(folder / "plugin")


def _texts(database: Path) -> str:
    """What the copy has of each article, in words for the README."""
    with closing(connect(database, "immutable=1")) as connection:
        words = excerpt_words(connection)
    if words is None:
        return (
            "It has whole articles, which you need permission to publish, and in the column"
            "\n`metadata` of `articles` everything else that came with them, such as the other"
            " columns of a table."
        )
    return (
        f"It has the quotations of each article and {words} words on\neither side of each, but no"
        " whole articles (see `quotedex publish-config --full-text`)."
    )


def _copy_database(path: Path, copy: Path, excerpts: int | None) -> None:
    """Copy the index, without paths of this machine and shortened to excerpts if asked for, and
    replace `copy` when it is complete.

    VACUUM writes a new file, so that no page of it still holds what was taken out.
    """
    whole = copy.with_name(f".{copy.name}.whole")
    whole.unlink(missing_ok=True)
    try:
        _vacuum(path, whole)
        with Store(whole) as store:
            store.hide_local_paths()
            if excerpts is not None:
                store.shorten_articles(excerpts)
        clean = copy.with_name(f".{copy.name}.clean")
        clean.unlink(missing_ok=True)
        _vacuum(whole, clean)
        clean.replace(copy)
    finally:
        whole.unlink(missing_ok=True)


def _vacuum(path: Path, into: Path) -> None:
    with friendly_errors(path), closing(connect(path, reading_mode(path))) as connection:
        connection.execute("VACUUM INTO ?", [str(into)])
    with friendly_errors(into), closing(sqlite3.connect(into)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")


def _inspect_data(database: Path) -> dict[str, Any]:
    """What `datasette inspect` prints. With it Datasette opens the file as immutable and need not
    count rows."""
    with database.open("rb") as file:
        digest = file_digest(file, "sha256").hexdigest()
    with closing(connect(database, "immutable=1")) as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        tables = {
            name: {"count": connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]}
            for (name,) in names
        }
    return {
        database.stem: {
            "hash": digest,
            "size": database.stat().st_size,
            "file": database.name,
            "tables": tables,
        }
    }


def _json(value: Any) -> str:
    return json.dumps(value, indent=2) + "\n"


def _yaml_settings() -> str:
    """YAML writes true and numbers as JSON does."""
    lines = (f"  {name}: {json.dumps(value)}\n" for name, value in PUBLIC_SETTINGS.items())
    return "settings:\n" + "".join(lines)


def _copy_plugin(folder: Path) -> None:
    """Copy the plugin as a package of its own, to be installed on hosts without quotedex."""
    source = Path(datasette_quotedex.__file__).parent
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(
        source, folder / source.name, ignore=shutil.ignore_patterns("__pycache__", "*.pyc")
    )
    (folder / "pyproject.toml").write_text(PYPROJECT, encoding="utf-8")
