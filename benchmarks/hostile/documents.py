"""Documents that try to take the memory or the time of whoever reads them."""

from __future__ import annotations

import gzip
import io
import json
import sqlite3
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Must = Literal["fail", "pass", "either"]

SAID = "“The lamp burns,” Ada Poole said.\n"
WORD_TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels"'
    ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/word/document.xml" ContentType="application/'
    'vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)
WORD_RELATIONS = (
    '<?xml version="1.0"?><Relationships'
    ' xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="a"'
    ' Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"'
    ' Target="word/document.xml"/></Relationships>'
)
WORD_SCHEMA = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
BLANK_MEMBER = 19_000_000  # bytes; under the limit of a document
RATIO = 190  # under the limit of an archive


@dataclass(frozen=True, slots=True)
class Hostile:
    """A hostile document, made in a folder.

    It must "fail" with a row of `failures`, or "pass" as an article, or may do "either"; in any
    case the documents around it are stored. `web` documents come from a server on this machine.
    `make` writes the file, and returns what else to index: a path, an address or nothing.
    """

    name: str
    kind: Literal["memory", "time", "records", "web"]
    make: Callable[[Path], str | None]
    must: Must = "fail"


def _file(name: str, data: bytes | str) -> Callable[[Path], str | None]:
    def make(folder: Path) -> None:
        path = folder / name
        path.write_bytes(data if isinstance(data, bytes) else data.encode())

    return make


def _made(name: str, data: Callable[[], bytes | str]) -> Callable[[Path], str | None]:
    """As `_file`, for data that is made only when it is needed."""
    return lambda folder: _file(name, data())(folder)


def word(body: str) -> bytes:
    """A .docx with this body."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", WORD_TYPES)
        archive.writestr("_rels/.rels", WORD_RELATIONS)
        document = f'<w:document xmlns:w="{WORD_SCHEMA}"><w:body>{body}</w:body></w:document>'
        archive.writestr("word/document.xml", document)
    return packed.getvalue()


def _word_span() -> bytes:
    cell = '<w:tc><w:tcPr><w:gridSpan w:val="2000000000"/></w:tcPr><w:p/></w:tc>'
    return word(f"<w:tbl><w:tr>{cell}</w:tr></w:tbl>")


def _word_paragraphs() -> bytes:
    """Many empty paragraphs, with enough that does not compress to keep the ratio."""
    packed = word("<w:p/>" * 41_000_000)
    with zipfile.ZipFile(file := io.BytesIO(packed), "a", zipfile.ZIP_STORED) as archive:
        archive.writestr("word/media/image1.png", b"\0" * 1_300_000)
    return file.getvalue()


def _parquet(folder: Path) -> None:
    """256 rows of one value of 32 MB, stored once in the dictionary of the column."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    column = pa.DictionaryArray.from_arrays(pa.array([0] * 256, pa.int32()), ["a " * 16_000_000])
    table = pa.table({"text": column})
    pq.write_table(table, folder / "m.parquet", compression="zstd", use_dictionary=True)


def _subject() -> str:
    words = "\n ".join(["=?utf-8?q?lamp?="] * 20_000)
    return f"From: a@news.example\nSubject: {words}\nContent-Type: text/plain\n\n{SAID}"


def _view(folder: Path) -> str:
    path = folder.parent / "view.db"
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as db:
        columns = ", ".join(f"hex(zeroblob(1e8)) AS c{n}" for n in range(20))
        db.execute(f"CREATE VIEW articles AS SELECT 'a' AS text, {columns}")
    return f"sqlite:{path}?table=articles&text=text"


def _endless_tar() -> bytes:
    """One member that claims 2^40 bytes."""
    info = tarfile.TarInfo("a.txt")
    info.size = 1 << 40
    return info.tobuf(tarfile.GNU_FORMAT) + SAID.encode()


def _sparse_tar(folder: Path) -> None:
    """The same, and the file is as long as it claims to be, without taking space."""
    with (folder / "m.tar").open("wb") as file:
        file.write(_endless_tar())
        file.truncate(1 << 36)


def _header(folder: Path) -> None:
    with (folder / "m.warc").open("wb") as file:
        file.write(b"WARC/1.0\r\nWARC-Type: response\r\nX-Long: ")
        for _ in range(200):
            file.write(b"a" * 1_000_000)
        file.write(b"\r\nContent-Length: 0\r\n\r\n\r\n\r\n")


def _nested_zip() -> bytes:
    """15 GB in two archives, each of which stays under the limit of an archive."""
    blank = " " * BLANK_MEMBER
    inner = _zip({f"{n}.txt": blank for n in range(4)}, 4 * BLANK_MEMBER // RATIO)
    return _zip({f"{n}.zip": inner for n in range(200)}, 200 * len(inner) // RATIO)


def _zip(members: Mapping[str, str | bytes], at_least: int) -> bytes:
    """An archive padded to this size."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
        missing = at_least - len(packed.getvalue())
        if missing > 0:
            archive.writestr(
                zipfile.ZipInfo(".padding"), b"\0" * missing, compress_type=zipfile.ZIP_STORED
            )
    return packed.getvalue()


def _deep_author() -> str:
    deep = "[" * 100_000 + "]" * 100_000
    rows = [json.dumps({"id": n, "text": f"{SAID} Lamp {n}."}) for n in range(3)]
    return "\n".join(
        [rows[0], f'{{"id": 9, "text": "{SAID.strip()}", "author": {deep}}}', *rows[1:]]
    )


def _number_first() -> str:
    rows = [json.dumps({"id": n, "text": f"{SAID} Lamp {n}."}) for n in range(3)]
    return "\n".join(['{"text": 5}', *rows])


def _invalid_row(folder: Path) -> str:
    path = folder.parent / "rows.db"
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("CREATE TABLE articles (text)")
        for n in range(3):
            value = f"'{SAID.strip()} Lamp {n}.'" if n != 1 else "CAST(x'FF41' AS TEXT)"
            db.execute(f"INSERT INTO articles VALUES ({value})")
    return f"sqlite:{path}?table=articles&text=text"


def _pdf_stream() -> bytes:
    """A page whose content is 500 MB of spaces, compressed twice."""
    packer = zlib.compressobj()
    once = b"".join(packer.compress(b" " * 10_000_000) for _ in range(50)) + packer.flush()
    stream = zlib.compress(once)
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R>>",
        b"<</Filter[/FlateDecode/FlateDecode]/Length %d>>stream\n%b\nendstream"
        % (len(stream), stream),
    ]
    data, places = b"%PDF-1.4\n", []
    for number, each in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj%b\nendobj\n" % (number, each)
    rows = b"".join(b"%010d 00000 n \n" % place for place in places)
    trailer = (
        b"xref\n0 5\n0000000000 65535 f \n%btrailer<</Size 5/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF"
    )
    return data + trailer % (rows, len(data))


def _gzip_of_gzip() -> bytes:
    """An article in a .gz in a .gz."""
    return gzip.compress(gzip.compress(SAID.encode() * 3))


_ENTITIES = (
    '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "lamp lamp lamp lamp lamp">'
    + "".join(
        f'<!ENTITY {after} "{f"&{before};" * 10}">'
        for before, after in zip("abcdefghi", "bcdefghij", strict=True)
    )
    + "]><rss version='2.0'><channel><title>t</title><item><title>&j;</title>"
    "<description>&j;</description></item></channel></rss>"
)

DOCUMENTS = [
    Hostile("Word, a cell over 2,000,000,000 columns", "memory", _made("m.docx", _word_span)),
    Hostile("Word, 41,000,000 paragraphs", "memory", _made("m.docx", _word_paragraphs)),
    Hostile("Parquet, 256 rows of one value of 32 MB", "memory", _parquet),
    Hostile("SQLite, a view of 20 columns of 200 MB", "memory", _view),
    Hostile("PDF, a page of 500 MB compressed twice", "memory", _made("m.pdf", _pdf_stream)),
    Hostile("feed, entities of entities", "memory", _file("m.rss", _ENTITIES), "either"),
    Hostile("zip in zip, 15 GB", "time", _made("m.zip", _nested_zip)),
    Hostile("email, 20,000 words in the subject", "time", _made("m.eml", _subject), "either"),
    Hostile("tar, a member of 2^40 bytes", "time", _made("m.tar", _endless_tar)),
    Hostile("tar, 64 GB of nothing", "time", _sparse_tar),
    Hostile("web crawl, a header of 200 MB", "time", _header, "either"),
    Hostile(
        "HTML, <p>a</p> × 200,000", "time", _made("m.html", lambda: "<p>a</p>" * 200_000), "either"
    ),
    Hostile(
        "HTML, <q>a</q> × 200,000", "time", _made("m.html", lambda: "<q>a</q>" * 200_000), "either"
    ),
    Hostile("HTML, <div> × 100,000", "time", _made("m.html", lambda: "<div>a" * 100_000), "either"),
    Hostile("text, !? × 20,000", "time", _file("m.txt", f"“Yes,” said {'!?' * 20_000}"), "pass"),
    Hostile("text, emoji × 20,000", "time", _file("m.txt", f"“Yes,” said {'😀' * 20_000}"), "pass"),
    Hostile(
        "text, Anna × 20,000", "time", _file("m.txt", f"“Yes,” said {'Anna ' * 20_000}"), "pass"
    ),
    Hostile("text, O' × 20,000", "time", _file("m.txt", "“Yes,” said " + "O'" * 20_000), "pass"),
    Hostile("text, “ × 200,000", "time", _file("m.txt", "“" * 200_000), "either"),
    Hostile("gz of a gz", "records", _made("m.txt.gz.gz", _gzip_of_gzip), "either"),
    Hostile(
        "JSON Lines, a deeply nested author", "records", _made("m.jsonl", _deep_author), "fail"
    ),
    Hostile(
        "JSON Lines, a number as first text", "records", _made("m.jsonl", _number_first), "fail"
    ),
    Hostile("SQLite, a row of invalid UTF-8", "records", _invalid_row, "fail"),
]
