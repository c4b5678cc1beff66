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
from quotedex.read.source import Source, quiet_logger

DOCX_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PARAGRAPH_END = "\n\n"


def read_docx(source: Source) -> Iterator[Document]:
    """The paragraphs and table cells of a .docx, in their order."""
    docx = import_extra("docx", "documents", "reading .docx files")
    file = BytesIO(source.data())
    source.expansion.add(check_zip(ZipFile(file), replace(source, stream=file)), source.options)
    body = docx.Document(file)
    yield Document(source.id, PARAGRAPH_END.join(_paragraphs(body)), source.location)


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
    for item in part.iter_inner_content():
        if hasattr(item, "rows"):
            # A merged cell is listed once for each position that it covers.
            for cell in dict.fromkeys(cell for row in item.rows for cell in row.cells):
                yield from _paragraphs(cell)
        elif item.text.strip():
            yield item.text
