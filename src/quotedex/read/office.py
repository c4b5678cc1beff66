"""Word files and PDFs. They require quotedex[documents].

The title and author in their properties are ignored: mostly they are those of a template or of the
owner of the computer. As with plain text, metadata is inferred from the text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from typing import Any
from zipfile import ZipFile

from quotedex.errors import InputError
from quotedex.models import Document
from quotedex.optional import import_extra
from quotedex.read.archives import check_zip
from quotedex.read.source import Source, check_size, quiet_logger

DOCX_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PARAGRAPH_END = "\n\n"
# How much larger than the largest file a Word file may be when expanded, pictures included.
MAX_TIMES_LARGER = 5
# A novel has a few hundred thousand.
MAX_TAGS = 2_000_000


def read_docx(source: Source) -> Iterator[Document]:
    """The paragraphs and table cells of a .docx, in their order."""
    docx = import_extra("docx", "documents", "reading .docx files")
    file = BytesIO(source.data())
    _check_parts(ZipFile(file), replace(source, stream=file))
    body = docx.Document(file)
    yield Document(source.id, PARAGRAPH_END.join(_paragraphs(body)), source.location)


def _check_parts(archive: ZipFile, source: Source) -> None:
    """Raise InputError for parts that would take too much memory: python-docx reads all of them."""
    total = check_zip(archive, source)
    source.expansion.add(total, source.options)
    check_size(total // MAX_TIMES_LARGER, source.display_name, source.options)
    elements = 0
    for info in archive.infolist():
        if info.filename.lower().endswith((".xml", ".rels")):
            check_size(info.file_size, source.display_name, source.options)
            elements += archive.read(info).count(b"<")
            if elements > MAX_TAGS:
                reason = f"a Word file of more than {MAX_TAGS:,} XML tags"
                raise InputError(source.display_name, reason)


def read_pdf(source: Source) -> Iterator[Document]:
    """The text of a PDF. Raises InputError for scanned pages without a text layer."""
    pypdf = import_extra("pypdf", "documents", "reading .pdf files")
    with quiet_logger("pypdf"):
        file = pypdf.PdfReader(BytesIO(source.data()))
        if file.is_encrypted and not file.decrypt(""):
            raise InputError(source.display_name, "the PDF is password-protected")
        text = "\n".join(page.extract_text() for page in file.pages)
    if not text.strip():
        raise InputError(source.display_name, "the PDF has no text, only images of pages")
    yield Document(source.id, text, source.location)


def _paragraphs(part: Any) -> Iterator[str]:
    table = import_extra("docx.table", "documents", "reading .docx files")
    for item in part.iter_inner_content():
        if hasattr(item, "rows"):
            for row in item.rows:
                # Not row.cells, a list with as many entries as a cell says that it spans columns.
                for cell in row._tr.tc_lst:
                    if cell.vMerge != "continue":
                        yield from _paragraphs(table._Cell(cell, item))
        elif item.text.strip():
            yield item.text
