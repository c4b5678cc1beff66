"""What keys are made from: hashes, names as parts of addresses, URLs that identify articles.

Addresses that people have copied depend on every function here. Changing what one of them returns
breaks these addresses.
"""

from __future__ import annotations

import re
from hashlib import blake2b, sha256
from unicodedata import combining, normalize
from urllib.parse import parse_qsl, urlencode, urlsplit

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
KEY_LENGTH = 13
"""Of 65 bits: among ten million keys, two are equal with a probability of one in a million."""

MAX_SLUG_LENGTH = 60
_ARTICLES = ("the-", "a-", "an-")
# Letters that Unicode does not take apart into a letter and a mark.
_LETTERS = str.maketrans(
    {
        **{"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th"},
        **{"ı": "i", "ħ": "h", "ŋ": "ng", "ŧ": "t"},
    }
)
_NOT_IN_SLUG = re.compile(r"[^a-z0-9]+")
_IN_WORD = re.compile("['.`´‘’ʼ′]")
_WORD = re.compile(r"[^\W_]+")
# Parameters that say where a reader came from, not which page it is.
_TRACKING = re.compile(r"utm_\w+|fbclid|gclid|dclid|msclkid|mc_cid|mc_eid|igshid|cmpid|ocid")
_EVERYWHERE_UNIQUE = re.compile(
    r"(?:urn|tag|doi|oai):\S+|https?://\S+"
    r"|<?[^\s<>@]+@[^\s<>@]+>?"
    r"|\{?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\}?",
    re.IGNORECASE,
)


def key_of(*parts: object) -> str:
    """A key made from the parts: 13 letters and digits, without i, l, o and u."""
    words = "\0".join(map(str, parts)).encode("utf-8", "surrogatepass")
    number = int.from_bytes(blake2b(words, digest_size=16).digest())
    return "".join(_ALPHABET[number >> 5 * place & 31] for place in range(KEY_LENGTH))


def slug(name: str) -> str:
    """A name as part of an address: "The Łódź Council" -> "lodz-council", "D’Arcy" -> "darcy".

    Empty for a name without letters that have a form in ASCII.
    """
    plain = normalize("NFKD", _IN_WORD.sub("", name.casefold()).translate(_LETTERS))
    plain = "".join(c for c in plain if not combining(c))
    words = _NOT_IN_SLUG.sub("-", plain).strip("-")
    for article in _ARTICLES:
        words = words.removeprefix(article)
    if len(words) > MAX_SLUG_LENGTH:
        words = words[: MAX_SLUG_LENGTH + 1].rpartition("-")[0] or words[:MAX_SLUG_LENGTH]
    return words


def folded_words(text: str) -> str:
    """The words without case, accents and punctuation: "We’ll see …" -> "well see".

    A text without words is returned as it is.
    """
    plain = _IN_WORD.sub("", text.casefold())
    if not plain.isascii():
        plain = "".join(c for c in normalize("NFKD", plain) if not combining(c))
    return " ".join(_WORD.findall(plain)) or text


def article_url(url: str | None) -> str | None:
    """The URL in the one form that identifies an article; None if it identifies none.

    "http://News.example/a/?utm_source=x#top" -> "https://news.example/a". A home page is not an
    article, although some sites give its address as the canonical one of every page.
    """
    try:
        parts = urlsplit((url or "").strip())
        port = parts.port
    except ValueError:
        return None
    if parts.scheme.lower() not in ("http", "https") or not parts.hostname:
        return None
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    query = urlencode([pair for pair in pairs if not _TRACKING.fullmatch(pair[0].lower())])
    path = parts.path.rstrip("/")
    if not path and not query:
        return None
    host = parts.hostname + (f":{port}" if port not in (None, 80, 443) else "")
    return f"https://{host}{path}" + (f"?{query}" if query else "")


def text_name(text: str) -> str:
    """A name made from a text, for a document that has no other."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def is_unique_everywhere(guid: str) -> bool:
    """Whether an id is made not to be given twice by anybody: a URN, a tag URI, a UUID, a
    Message-ID. "4711" may be the id of an article in any table."""
    return _EVERYWHERE_UNIQUE.fullmatch(guid) is not None
