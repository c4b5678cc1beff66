"""Email, as press releases arrive: one message in an .eml, many in an .mbox."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import EmailPolicy
from email.utils import parseaddr
from typing import cast

from quotedex.errors import InputError
from quotedex.models import Document
from quotedex.read.dates import iso_date
from quotedex.read.html import extract_article
from quotedex.read.source import RowNames, Source, as_input_errors, check_size

# An mbox writes ">" before a line of a message that looks like the start of another message.
ESCAPED_FROM = re.compile(rb"^>(?=>*From )", re.MULTILINE)
MAX_HEADER = 4_000


class _Policy(EmailPolicy):
    """Headers are cut off: parsing one takes a time that grows with the square of its length."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        return name, value[:MAX_HEADER]


def read_eml(source: Source) -> Iterator[Document]:
    """One message: its plain text, or the main text of its HTML. Attachments are ignored."""
    yield _document(source.data(), source)


def read_mbox(source: Source) -> Iterator[Document | InputError]:
    """The messages of an mbox, each after a line that starts with "From "."""
    names = RowNames()
    for number, message in enumerate(_messages(source), 1):
        item = source.item(number)
        try:
            check_size(len(message), item.display_name, source.options)
            with as_input_errors(item.display_name):
                document = _document(message, item)
            yield names.name(document)
        except InputError as error:
            yield error


def _messages(source: Source) -> Iterator[bytes]:
    lines: list[bytes] = []
    size, blank = 0, True
    for number, line in enumerate(source.lines()):
        if not number and not line.startswith(b"From "):
            raise InputError(source.display_name, 'not a mailbox: it does not start with "From "')
        if blank and line.startswith(b"From "):
            if lines:
                yield ESCAPED_FROM.sub(b"", b"".join(lines))
            lines, size = [], 0
        # A message over the limit will be rejected, so the rest of it need not be kept.
        elif size <= source.options.max_size:
            lines.append(line)
            size += len(line)
        blank = not line.strip()
    if lines:
        yield ESCAPED_FROM.sub(b"", b"".join(lines))


def _document(message: bytes, source: Source) -> Document:
    parsed = cast(EmailMessage, BytesParser(policy=_Policy()).parsebytes(message))
    body = parsed.get_body(("plain", "html"))
    if body is None:
        raise InputError(source.display_name, "this message has no text")
    text = body.get_content()
    if body.get_content_type() == "text/html":
        text = extract_article(text, source).text
    name, address = parseaddr(_header(parsed, "From"))
    return Document(
        id=source.id,
        text=text.replace("\r\n", "\n"),
        location=source.location,
        title=_header(parsed, "Subject") or None,
        byline=name or address or None,
        outlet=_header(parsed, "Organization") or None,
        published=iso_date(_header(parsed, "Date")),
        guid=_header(parsed, "Message-ID") or None,
    )


def _header(message: EmailMessage, name: str) -> str:
    return " ".join(str(message.get(name, "")).split())
