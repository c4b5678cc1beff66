"""One invented article in every supported format, written without the code under test."""

from __future__ import annotations

import csv
import gzip
import io
import json
import sqlite3
import tarfile
import zipfile
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import docx
import pyarrow as pa
import pyarrow.parquet as pq
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

TITLE = "Council shuts the old bridge"
BYLINE = "Ada Brook"
OUTLET = "Ashby Courier"
DATE = "2022-05-03"
URL = "https://ashby.example/news/old-bridge"
SAID = "“We lost the bridge,” said Mara Ilves, who leads the council. “It was old.”"
PARAGRAPHS = (
    "The bridge over the Ash has been shut since Tuesday, when an inspector found that two of its"
    " piers were hollow and that the road above them had begun to sink.",
    SAID,
    "There is no money for a new one before next year, and the ferry will run until then.",
)
TEXT = "\n\n".join(PARAGRAPHS)
HTML = f"""<!doctype html>
<html lang="en-GB"><head><meta charset="utf-8"><title>{TITLE} | {OUTLET}</title>
<meta property="og:site_name" content="{OUTLET}"><meta name="author" content="{BYLINE}">
<meta property="article:published_time" content="{DATE}T09:30:00+01:00">
<link rel="canonical" href="{URL}"></head><body>
<nav><ul><li><a href="/">Home</a></li><li><a href="/sport">Sport</a></li></ul></nav>
<div class="cookie-banner"><p>We use cookies. Choose “Accept all” to go on.</p></div>
<article><h1>{TITLE}</h1>{"".join(f"<p>{one}</p>" for one in PARAGRAPHS)}</article>
<footer><p>© {OUTLET}</p></footer></body></html>"""
ROW = {
    "Headline": TITLE, "author": BYLINE, "outlet": OUTLET, "publish_date": f"{DATE} 09:30:00",
    "url": URL, "body": TEXT, "section": "Local",
}  # fmt: skip
LETTER = f"""From: {BYLINE} <press@ashby.example>
To: desk@courier.example
Subject: {TITLE}
Date: Tue, 03 May 2022 09:30:00 +0100
Organization: {OUTLET}
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

{TEXT}
"""
FEED = f"""<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>{OUTLET}</title>
<item><title>{TITLE}</title><link>{URL}</link><dc:creator>{BYLINE}</dc:creator>
<pubDate>Tue, 03 May 2022 09:30:00 +0100</pubDate><description>In short.</description>
<content:encoded><![CDATA[{"".join(f"<p>{one}</p>" for one in PARAGRAPHS * 2)}]]></content:encoded>
</item></channel></rss>"""


def table(separator: str, rows: Iterable[dict[str, str]] = (ROW,)) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(ROW), delimiter=separator)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def parquet() -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.Table.from_pylist([ROW]), file)
    return file.getvalue()


def word_file() -> bytes:
    file = io.BytesIO()
    document = docx.Document()
    for paragraph in (TITLE, f"By {BYLINE}, {OUTLET}", "3 May 2022", *PARAGRAPHS):
        document.add_paragraph(paragraph)
    document.save(file)
    return file.getvalue()


def pdf(lines: Iterable[str]) -> bytes:
    """A page of lines, set in a font of the standard fourteen."""
    shown = b"".join(b"(" + line.encode("cp1252") + b") Tj T*\n" for line in lines)
    content = b"BT /F 10 Tf 14 TL 40 780 Td\n" + shown + b"ET"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R"
        b" /Resources << /Font << /F 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    data, places = b"%PDF-1.4\n", []
    for number, one in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    rows = b"".join(b"%010d 00000 n \n" % place for place in places)
    return data + (
        b"xref\n0 6\n0000000000 65535 f \n%strailer << /Size 6 /Root 1 0 R >>\n"
        b"startxref\n%d\n%%%%EOF\n" % (rows, len(data))
    )


def warc(
    pages: Iterable[tuple[str, str, str]] = ((URL, "200 OK", HTML),), *, packed: bool
) -> bytes:
    """A crawl of pages, each with its address, its status and its markup."""
    file = io.BytesIO()
    writer = WARCWriter(file, gzip=packed)
    for url, status, html in pages:
        headers = StatusAndHeaders(
            status, [("Content-Type", "text/html; charset=utf-8")], protocol="HTTP/1.1"
        )
        writer.write_record(
            writer.create_warc_record(
                url, "response", payload=io.BytesIO(html.encode()), http_headers=headers
            )
        )
    return file.getvalue()


def zipped(files: dict[str, bytes], **options: Any) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data, **options)
    return file.getvalue()


def tarred(files: dict[str, bytes], mode: str = "w") -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=mode) as archive:  # type: ignore[call-overload]
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return file.getvalue()


def sqlite_file(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db, db:
        names = ", ".join(f'"{name}"' for name in ROW)
        db.execute(f"CREATE TABLE articles ({names})")
        db.execute(f"INSERT INTO articles VALUES ({', '.join('?' * len(ROW))})", [*ROW.values()])


PLAIN = f"{TITLE}\n\nBy {BYLINE}, {OUTLET}\n3 May 2022\n\n{TEXT}\n".encode()
# For each suffix: the content of the file, and the metadata that its document must have.
ALL = frozenset({"title", "byline", "outlet", "published", "url"})
TOP = frozenset({"title", "byline", "outlet", "published"})
FILES: dict[str, tuple[bytes, frozenset[str]]] = {
    ".txt": (PLAIN, TOP),
    ".md": (b"# " + PLAIN, TOP),
    ".html": (HTML.encode(), ALL),
    ".htm": (HTML.encode(), ALL),
    ".xhtml": (HTML.encode(), ALL),
    ".jsonl": (json.dumps(ROW).encode() + b"\n", ALL),
    ".ndjson": (json.dumps(ROW).encode(), ALL),
    ".json": (json.dumps({"status": "ok", "articles": [ROW]}).encode(), ALL),
    ".csv": (table(","), ALL),
    ".tsv": (table("\t"), ALL),
    ".parquet": (parquet(), ALL),
    ".eml": (LETTER.encode(), ALL - {"url"}),
    ".mbox": (f"From - Tue May  3 09:30:00 2022\n{LETTER}".encode(), ALL - {"url"}),
    ".docx": (word_file(), TOP),
    ".pdf": (pdf([TITLE, "", f"By {BYLINE}, {OUTLET}", "3 May 2022", "", *PARAGRAPHS]), TOP),
    ".rss": (FEED.encode(), ALL),
    ".atom": (FEED.encode(), ALL),
    ".warc": (warc(packed=False), ALL),
    ".warc.gz": (warc(packed=True), ALL),
    ".zip": (zipped({"may/a.html": HTML.encode()}), ALL),
    ".tar": (tarred({"./may/a.html": HTML.encode()}), ALL),
    ".tgz": (tarred({"may/a.html": HTML.encode()}, "w:gz"), ALL),
    ".tar.gz": (tarred({"may/a.html": HTML.encode()}, "w:gz"), ALL),
    ".tar.bz2": (tarred({"may/a.html": HTML.encode()}, "w:bz2"), ALL),
    ".tar.xz": (tarred({"may/a.html": HTML.encode()}, "w:xz"), ALL),
    ".txt.gz": (gzip.compress(PLAIN), TOP),
}
