"""Press releases as they come by mail: .eml, and many of them in an .mbox."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from email.utils import parseaddr

from quotedex.errors import InputError
from quotedex.models import Document
from quotedex.read.dates import iso_date
from quotedex.read.html import article
from quotedex.read.source import Source, check_size, reading

# A line of a letter that begins like a letter's first line is stored with a ">" before it.
ESCAPED_FROM = re.compile(rb"^>(?=>*From )", re.MULTILINE)


def letter(source: Source) -> Iterator[Document]:
    """One message: its plain text, or the main text of its HTML; attachments are left aside."""
    yield _document(source.data(), source)


def mailbox(source: Source) -> Iterator[Document | InputError]:
    """The messages of an mbox, each behind a line that begins with "From "."""
    for number, message in enumerate(_messages(source), 1):
        held = source.part(number)
        try:
            check_size(len(message), held.place, source.settings)
            with reading(held.place):
                document = _document(message, held)
            yield document
        except InputError as error:
            yield error


def _messages(source: Source) -> Iterator[bytes]:
    lines: list[bytes] = []
    size, blank = 0, True
    for number, line in enumerate(source.lines()):
        if not number and not line.startswith(b"From "):
            raise InputError(source.place, 'this is no mailbox: it does not begin with "From "')
        if blank and line.startswith(b"From "):
            if lines:
                yield ESCAPED_FROM.sub(b"", b"".join(lines))
            lines, size = [], 0
        # Past the limit it is refused whatever comes, and need not be held.
        elif size <= source.settings.max_size:
            lines.append(line)
            size += len(line)
        blank = not line.strip()
    if lines:
        yield ESCAPED_FROM.sub(b"", b"".join(lines))


def _document(message: bytes, source: Source) -> Document:
    parsed = BytesParser(policy=default).parsebytes(message)
    body = parsed.get_body(("plain", "html"))
    if body is None:
        raise InputError(source.place, "this message has no text")
    text = body.get_content()
    if body.get_content_type() == "text/html":
        text = article(text, source).text
    name, address = parseaddr(_header(parsed, "From"))
    return Document(
        id=source.id,
        text=text.replace("\r\n", "\n"),
        location=source.location,
        title=_header(parsed, "Subject") or None,
        byline=name or address or None,
        publication=_header(parsed, "Organization") or None,
        published=iso_date(_header(parsed, "Date")),
    )


def _header(message: EmailMessage, name: str) -> str:
    return " ".join(str(message.get(name, "")).split())
