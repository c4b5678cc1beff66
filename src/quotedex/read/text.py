"""Plain text, and decoding bytes without a guess that could spoil the text."""

from __future__ import annotations

import codecs
import logging
import re
from collections.abc import Iterator

from quotedex.errors import InputError
from quotedex.models import Document
from quotedex.read.source import Source

# UTF-32 before UTF-16: the little-endian mark of UTF-32 starts with that of UTF-16.
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Control characters that do not occur in text. Tab, newlines, form feed and Ctrl-Z (DOS) do.
BINARY = re.compile(rb"[\x00-\x08\x0e-\x19\x1c-\x1f]")
NON_ASCII = re.compile("[^\x00-\x7f\N{REPLACEMENT CHARACTER}]")

logger = logging.getLogger(__name__)


def read_text(source: Source) -> Iterator[Document]:
    """The decoded text, otherwise unchanged. Markdown is read as plain text."""
    text = decode(source.data(), source.display_name)
    yield Document(source.id, text, source.location, url=source.url)


def decode(data: bytes, name: str) -> str:
    """Decode text by its byte order mark, else as UTF-8, else as Windows-1252.

    Newlines are kept, the byte order mark is not. Raises InputError about `name` for empty or
    binary data and for other encodings.
    """
    text = _decode_marked(data, name)
    if text is None:
        if BINARY.search(data):
            raise InputError(name, "a binary file, not text")
        text = _decode_unmarked(data, name)
    if not text.strip():
        raise InputError(name, "the file is empty")
    return text


def _decode_marked(data: bytes, name: str) -> str | None:
    for mark, encoding in BYTE_ORDER_MARKS:
        if data.startswith(mark):
            try:
                return data[len(mark) :].decode(encoding)
            except UnicodeDecodeError as error:
                reason = f"has a byte order mark of {encoding} but is not valid {encoding}"
                raise InputError(name, reason) from error
    return None


def _decode_unmarked(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        if _is_windows_1252(data):
            logger.debug("%s: decoded as Windows-1252", name)
            return data.decode("windows-1252")
        raise InputError(name, "neither UTF-8 nor Windows-1252 text") from error


def is_utf_8(data: bytes) -> bool:
    """Whether text is UTF-8, perhaps damaged: then most of its longer sequences are valid."""
    text = data.decode("utf-8", errors="replace")
    return len(NON_ASCII.findall(text)) >= text.count("\N{REPLACEMENT CHARACTER}")


def _is_windows_1252(data: bytes) -> bool:
    r"""Accents and quotation marks among ASCII letters: b"caf\xe9", b"\x93No,\x94 she said."

    Damaged UTF-8 is rejected. So are other alphabets, which have more bytes above 0x7f than ASCII
    letters (b"\xcf\xf0\xe8\xe2\xe5\xf2").
    """
    if is_utf_8(data):
        return False
    try:
        text = data.decode("windows-1252")
    except UnicodeDecodeError:
        return False
    high = sum(character > "\x7f" for character in text)
    letters = sum(character.isascii() and character.isalpha() for character in text)
    return high * 3 <= letters
