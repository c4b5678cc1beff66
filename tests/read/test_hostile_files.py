"""XML that asks for other files or grows, names that point elsewhere, links: none is followed."""

from __future__ import annotations

import io
import os
import re
import tarfile
import threading
import zipfile
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from benchmarks.hostile.documents import word
from quotedex.errors import InputError
from quotedex.models import Document
from quotedex.read import read

SECRET = "the combination is seventeen"
SAID = "“The lamp burns all night,” said Ada Poole, who keeps the lamp on the pier at Ashby."
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
LONGEST = 1_000_000  # characters; the entities below would be 10^9
TIMES = 9


def rss(doctype: str, text: str) -> str:
    return (
        f'<?xml version="1.0"?>{doctype}<rss version="2.0"><channel><title>t</title><item>'
        f"<title>Lamps</title><guid>1</guid><description>{SAID} {text}</description></item>"
        "</channel></rss>"
    )


def atom(doctype: str, text: str) -> str:
    return (
        f'<?xml version="1.0"?>{doctype}<feed xmlns="http://www.w3.org/2005/Atom"><title>t</title>'
        f"<id>f</id><updated>2024-05-01T00:00:00Z</updated><entry><title>Lamps</title><id>1</id>"
        f"<updated>2024-05-01T00:00:00Z</updated><content>{SAID} {text}</content></entry></feed>"
    )


def xhtml(doctype: str, text: str) -> str:
    return (
        f'<?xml version="1.0"?>{doctype}<html xmlns="http://www.w3.org/1999/xhtml"><head><title>L'
        f"</title></head><body><article><p>{SAID}</p><p>{SAID} {text}</p></article></body></html>"
    )


def docx(doctype: str, text: str) -> bytes:
    body = f"<w:p><w:r><w:t>{SAID} {text}</w:t></w:r></w:p>"
    packed = io.BytesIO(word(body))
    with zipfile.ZipFile(packed) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["word/document.xml"] = doctype.encode() + parts["word/document.xml"]
    with zipfile.ZipFile(packed := io.BytesIO(), "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return packed.getvalue()


XML: dict[str, Callable[[str, str], str | bytes]] = {
    ".rss": rss,
    ".atom": atom,
    ".xhtml": xhtml,
    ".html": xhtml,
    ".docx": docx,
}


@pytest.fixture
def requests() -> Iterator[tuple[str, list[str]]]:
    """The address of a web server, and what was asked of it."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(f'<!ENTITY x "{SECRET}">'.encode())

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()


def read_one(path: Path, data: str | bytes) -> list[Document | InputError]:
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return list(read([path]))


@pytest.mark.parametrize("suffix", XML)
def test_external_entities_are_not_fetched(
    tmp_path: Path, suffix: str, requests: tuple[str, list[str]]
) -> None:
    address, asked = requests
    secret = tmp_path / "secret.txt"
    secret.write_text(SECRET, encoding="utf-8")
    doctypes = {
        f'<!DOCTYPE a [<!ENTITY x SYSTEM "{secret.as_uri()}">]>': "&x;",
        f'<!DOCTYPE a [<!ENTITY x SYSTEM "{secret.name}">]>': "&x;",
        f'<!DOCTYPE a [<!ENTITY x SYSTEM "{address}/entity">]>': "&x;",
        f'<!DOCTYPE a [<!ENTITY % p SYSTEM "{address}/parameter"> %p;]>': "&x;",
        f'<!DOCTYPE a SYSTEM "{address}/doctype">': "&x;",
        "": f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{secret.as_uri()}"'
        ' parse="text"/>',
    }
    for number, (doctype, text) in enumerate(doctypes.items()):
        (result,) = read_one(tmp_path / f"a{number}{suffix}", XML[suffix](doctype, text))
        assert SECRET not in repr(result), doctype
    assert asked == []


@pytest.mark.parametrize("suffix", XML)
def test_entities_of_entities_do_not_grow(tmp_path: Path, suffix: str) -> None:
    names = "abcdefghij"
    entities = f'<!ENTITY a "{"lamp " * 2}">' + "".join(
        f'<!ENTITY {names[n + 1]} "{f"&{names[n]};" * 10}">' for n in range(TIMES)
    )
    data = XML[suffix](f"<!DOCTYPE a [{entities}]>", f"&{names[TIMES]};")
    for result in read_one(tmp_path / f"a{suffix}", data):
        assert isinstance(result, InputError) or len(result.text) < LONGEST


@pytest.mark.parametrize("suffix", XML)
def test_one_long_entity_used_often_does_not_grow(tmp_path: Path, suffix: str) -> None:
    doctype = f'<!DOCTYPE a [<!ENTITY a "{"lamp " * 4_000}">]>'
    for result in read_one(tmp_path / f"a{suffix}", XML[suffix](doctype, "&a;" * 20_000)):
        assert isinstance(result, InputError) or len(result.text) < LONGEST


def test_a_link_in_an_archive_is_not_followed_by_the_file_after_it(tmp_path: Path) -> None:
    """The classic of archives that are unpacked: a link to a folder, and a file in it."""
    packed, outside = io.BytesIO(), tmp_path / "outside"
    outside.mkdir()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        link = tarfile.TarInfo("out")
        link.type, link.linkname = tarfile.SYMTYPE, str(outside)
        archive.addfile(link)
        data = SAID.encode()
        member = tarfile.TarInfo("out/a.txt")
        member.size = len(data)
        archive.addfile(member, io.BytesIO(data))
    results = read_one(tmp_path / "a.tar", packed.getvalue())
    assert [isinstance(result, Document) for result in results] == [False, True]
    assert list(outside.iterdir()) == []


def test_a_link_in_a_zip_is_the_text_of_its_target(tmp_path: Path) -> None:
    packed = io.BytesIO()
    secret = tmp_path / "secret.txt"
    secret.write_text(SECRET, encoding="utf-8")
    with zipfile.ZipFile(packed, "w") as archive:
        link = zipfile.ZipInfo("link.txt")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, str(secret))
    for result in read_one(tmp_path / "a.zip", packed.getvalue()):
        assert SECRET not in repr(result)


def test_links_that_lead_in_circles_end(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(SAID, encoding="utf-8")
    (tmp_path / "here").symlink_to(tmp_path)
    (tmp_path / "one").symlink_to(tmp_path / "two")
    (tmp_path / "two").symlink_to(tmp_path / "one")
    (tmp_path / "self.txt").symlink_to(tmp_path / "self.txt")
    assert [str(result) for result in read([tmp_path]) if isinstance(result, InputError)] == []
    assert len(list(read([tmp_path]))) == 1


def test_pipes_and_devices_are_skipped(tmp_path: Path) -> None:
    """Opening a pipe that nobody writes to would wait forever."""
    (tmp_path / "a.txt").write_text(SAID, encoding="utf-8")
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "zero.txt").symlink_to("/dev/zero")
    names = [
        re.sub(r".*/", "", str(result.id))
        for result in read([tmp_path])
        if isinstance(result, Document)
    ]
    assert names == ["a.txt"]
