"""Word files and PDFs, which need quotedex[documents].

Their titles and authors as properties are left aside: they are mostly a template's, or those of
whoever's computer it was. What the text itself tells is used, as with plain text.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from io import BytesIO
from typing import Any
from zipfile import ZipFile

from quotedex.errors import InputError
from quotedex.models import Document
from quotedex.read.archives import check_zip
from quotedex.read.source import Source, extra

WORD_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PARAGRAPH_END = "\n\n"


def word_file(source: Source) -> Iterator[Document]:
    """The paragraphs of a .docx in their order, the cells of its tables among them."""
    docx = extra("docx", "documents", ".docx files", source)
    packed = BytesIO(source.data())
    check_zip(ZipFile(packed), len(packed.getvalue()), source)
    body = docx.Document(packed)
    yield Document(source.id, PARAGRAPH_END.join(_paragraphs(body)), source.location)


def _paragraphs(part: Any) -> Iterator[str]:
    for item in part.iter_inner_content():
        if hasattr(item, "rows"):
            # Merged cells come once for each place that they fill.
            for cell in dict.fromkeys(cell for row in item.rows for cell in row.cells):
                yield from _paragraphs(cell)
        elif item.text.strip():
            yield item.text


def pdf(source: Source) -> Iterator[Document]:
    """The lines of a PDF's pages; a scanned page without a text layer has none."""
    pypdf = extra("pypdf", "documents", ".pdf files", source)
    # Its warnings are about the inside of files, and would stand among our output.
    logging.getLogger("pypdf").setLevel(logging.ERROR)
    file = pypdf.PdfReader(BytesIO(source.data()))
    if file.is_encrypted and not file.decrypt(""):
        raise InputError(source.place, "this PDF is locked with a password")
    text = "\n".join(page.extract_text() for page in file.pages)
    if not text.strip():
        raise InputError(source.place, "there is no text in this PDF, only pictures of pages")
    yield Document(source.id, text, source.location)
