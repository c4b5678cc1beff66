"""A quotation as something to copy: plain text, Markdown, BibTeX."""

from __future__ import annotations

import re
from dataclasses import dataclass

from datasette_quotedex.layout import readable_date

MOST_CHARACTERS = 600
"""Of the quotation itself; a citation is no copy of the article."""


@dataclass(frozen=True, slots=True)
class Source:
    """What a citation tells of a quotation; `address` is that of its page, `link` the article's."""

    id: int
    text: str
    speaker: str | None
    title: str
    byline: str | None
    outlet: str | None
    published: str | None
    link: str | None
    address: str


def plain(source: Source) -> str:
    """`Ana Okafor: “We will.” In: “Rents hold”, Herald, 14 March 2024, https://…`"""
    who = f"{_line(source.speaker)}: " if source.speaker else ""
    link = _address(source.link)
    details = [f"“{_line(source.title)}”", _line(source.outlet), _date(source), link]
    where = ", ".join(detail for detail in details if detail)
    return f"{who}“{_words(source)}” In: {where}. Quotation: {source.address}"


def markdown(source: Source) -> str:
    """A block quotation with its source below, in which no character of the text is markup."""
    title = f"“{_literal(_line(source.title))}”"
    link = f"[{title}](<{_address(source.link)}>)" if source.link else title
    outlet = f"*{_literal(_line(source.outlet))}*" if source.outlet else ""
    who = _literal(_line(source.speaker)) if source.speaker else "Nobody named"
    where = ", ".join(detail for detail in (link, outlet, _date(source)) if detail)
    permalink = f"[quotation](<{_address(source.address)}>)"
    return f"> “{_literal(_words(source))}”\n>\n> — {who}, {where} ({permalink})"


def bibtex(source: Source) -> str:
    """An entry `@misc` that BibTeX and biblatex read, LaTeX's special characters escaped."""
    said = f" of {_line(source.speaker)}" if source.speaker else ""
    published = source.published or ""
    date = re.fullmatch(r"(\d{4})-(\d{2})-(\d{2}).*", published)
    fields = {
        "author": _names(source.byline),
        "title": "{" + _latex(_line(source.title)) + "}",
        "howpublished": _latex(_line(source.outlet)),
        "year": date[1] if date else "",
        "month": str(int(date[2])) if date else "",
        "day": str(int(date[3])) if date else "",
        "url": _address(source.link or source.address),
        "note": _latex(f"Quotation{said}: “{_words(source)}”"),
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@misc{{quotation-{source.id},", *lines, "}"])


def _words(source: Source) -> str:
    """The quotation in one line, its end cut off where it is very long."""
    text = _line(source.text)
    if len(text) <= MOST_CHARACTERS:
        return text
    return text[:MOST_CHARACTERS].rpartition(" ")[0].rstrip(" ,;:") + " […]"


def _line(text: str | None) -> str:
    """Without line ends and without controls, some of which turn the direction of writing."""
    return _CONTROLS.sub("", " ".join((text or "").split()))


def _date(source: Source) -> str:
    return _line(readable_date(source.published))


def _names(byline: str | None) -> str:
    """`By Mira Castellanos and Jo Hale` -> `Mira Castellanos and Jo Hale`, as BibTeX wants them."""
    names = re.sub(r"^by\s+", "", _line(byline), flags=re.IGNORECASE)
    return _latex(names.replace(", ", " and "))


def _literal(text: str) -> str:
    return _MARKUP.sub(r"\\\g<0>", text)


def _address(url: str | None) -> str:
    """Percent-encoded where an address would end the Markdown or BibTeX around it."""
    return _UNSAFE.sub(lambda found: "".join(f"%{b:02X}" for b in found[0].encode()), url or "")


def _latex(text: str) -> str:
    return "".join(_LATEX.get(character, character) for character in text)


_CONTROL = "\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff"
_MARKUP = re.compile(r"[\\`*_{}\[\]<>()#+!|~&$]")
_UNSAFE = re.compile(f'[\\s<>{{}}\\\\^`|"{_CONTROL}]')
_CONTROLS = re.compile(f"[{_CONTROL}]")
_LATEX = {
    **{character: f"\\{character}" for character in "&%$#_{}"},
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}
