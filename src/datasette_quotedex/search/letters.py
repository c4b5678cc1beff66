"""Letters that readers type as others: "soren" finds Søren, "strauss" Strauß, "kosmos" κόσμος.

The tokenizer of FTS5 takes accents off letters, but leaves those that Unicode does not decompose.
They are replaced in a copy of the text, which the index holds before the text itself, so a search
finds either. Both copies have the same words, so the n-th word found in the copy is the n-th word
of the text, and FTS5 marks the original letters. A search is looked up with its letters replaced.
"""

from __future__ import annotations

_LOWER = {
    "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ð": "d", "đ": "d", "þ": "th", "ħ": "h", "ı": "i",
    "ĳ": "ij", "ĸ": "k", "ł": "l", "ŋ": "n", "ŧ": "t", "ə": "a", "ɓ": "b", "ɖ": "d", "ɗ": "d",
    "ɛ": "e", "ɣ": "g", "ɩ": "i", "ƙ": "k", "ɲ": "n", "ɔ": "o", "ʋ": "v", "ƴ": "y", "ƶ": "z",
    # Greek, as passports and news write it.
    "α": "a", "β": "v", "γ": "g", "δ": "d", "ε": "e", "ζ": "z", "η": "i", "θ": "th", "ι": "i",
    "κ": "k", "λ": "l", "μ": "m", "ν": "n", "ξ": "x", "ο": "o", "π": "p", "ρ": "r", "ς": "s",
    "σ": "s", "τ": "t", "υ": "y", "φ": "f", "χ": "ch", "ψ": "ps", "ω": "o", "ά": "a", "έ": "e",
    "ή": "i", "ί": "i", "ό": "o", "ύ": "y", "ώ": "o", "ϊ": "i", "ϋ": "y", "ΐ": "i", "ΰ": "y",
}  # fmt: skip

REPLACEMENTS = {
    **_LOWER,
    # Capitals with one of their own: not "ß", whose is "SS", nor "ı", whose is an ordinary "I".
    **{
        low.upper(): plain
        for low, plain in _LOWER.items()
        if len(low.upper()) == 1 and not low.upper().isascii()
    },
    "\N{LATIN CAPITAL LETTER SHARP S}": "ss",
}
"""Replacements by letter, in lower case, because the index does not tell one from the other."""

_TABLE = str.maketrans(REPLACEMENTS)


def replace_letters(text: str) -> str:
    """`Søren Kjær` -> `soren kjaer`, but for case and accents."""
    return text.translate(_TABLE)


def indexed_text(text: str | None) -> str | None:
    """What the index holds of a text: with other letters, if it has such, and then as it is."""
    replaced = text and replace_letters(text)
    return text if replaced == text else f"{replaced} {text}"
