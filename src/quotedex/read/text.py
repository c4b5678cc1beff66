"""Bytes -> text, without a guess that could spoil it."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from quotedex.errors import InputError
from quotedex.models import Document
from quotedex.read.source import Source

# The longer mark first: UTF-32's little-endian mark begins with UTF-16's.
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Control characters that no text has: not tab, newlines, form feed, Ctrl-Z (DOS).
BINARY = re.compile(rb"[\x00-\x08\x0e-\x19\x1c-\x1f]")
MULTIBYTE = re.compile("[^\x00-\x7f\N{REPLACEMENT CHARACTER}]")


def decode(data: bytes, location: str) -> str:
    """The text in UTF-8, in the encoding that a byte order mark names, or in Windows-1252.

    Newlines are kept, the byte order mark is not. Raises InputError for what is empty, binary or
    in another encoding; `location` is for its message.
    """
    text = _decode_marked(data, location)
    if text is None:
        if BINARY.search(data):
            raise InputError(location, "this is a binary file, not text")
        text = _decode_unmarked(data, location)
    if not text.strip():
        raise InputError(location, "the file is empty")
    return text


def _decode_marked(data: bytes, location: str) -> str | None:
    for mark, encoding in BYTE_ORDER_MARKS:
        if data.startswith(mark):
            try:
                return data[len(mark) :].decode(encoding)
            except UnicodeDecodeError as error:
                reason = f"it starts as {encoding} text but cannot be decoded as such"
                raise InputError(location, reason) from error
    return None


def _decode_unmarked(data: bytes, location: str) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        if _is_windows_1252(data):
            return data.decode("windows-1252")
        reason = "its bytes are neither UTF-8 nor Windows-1252 text"
        raise InputError(location, reason) from error


def _is_windows_1252(data: bytes) -> bool:
    r"""Marks and accents among plain letters: b"caf\xe9", b"\x93No,\x94 she said."

    UTF-8 with a spoiled byte is not (it has more good sequences than bad ones), nor is another
    alphabet (b"\xcf\xf0\xe8\xe2\xe5\xf2", Russian, has more high bytes than plain letters).
    """
    as_utf8 = data.decode("utf-8", errors="replace")
    spoiled = as_utf8.count("\N{REPLACEMENT CHARACTER}")
    if len(MULTIBYTE.findall(as_utf8)) >= spoiled:
        return False
    try:
        text = data.decode("windows-1252")
    except UnicodeDecodeError:
        return False
    high = sum(character > "\x7f" for character in text)
    plain = sum(character.isascii() and character.isalpha() for character in text)
    return high * 3 <= plain


def plain_text(source: Source) -> Iterator[Document]:
    """The text as it stands but for a byte order mark; markdown is the plain text that it is."""
    yield Document(source.id, decode(source.data(), source.place), source.location, url=source.url)
