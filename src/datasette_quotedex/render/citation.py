"""A quotation as a citation to copy: plain text, Markdown, BibTeX."""

from __future__ import annotations

import re
from dataclasses import dataclass

from datasette_quotedex.render.text import CONTROL, one_line, readable_date

MAX_QUOTED_CHARS = 600
"""Characters of the quotation; a citation is not a copy of the article."""


@dataclass(frozen=True, slots=True)
class Citation:
    """The parts of a citation. `permalink` is the address of the quotation's page."""

    key: str
    text: str
    speaker: str | None
    title: str
    byline: str | None
    outlet: str | None
    published: str | None
    article_url: str | None
    permalink: str

    def formats(self) -> dict[str, str]:
        """The citation in every format."""
        return {"plain": plain(self), "markdown": markdown(self), "bibtex": bibtex(self)}


def plain(citation: Citation) -> str:
    """`Ana Okafor: “We will.” in “Rents hold”, Herald, 14 March 2024, https://…`"""
    speaker = f"{one_line(citation.speaker)}: " if citation.speaker else ""
    url = _escape_url(citation.article_url)
    title, outlet = f"“{one_line(citation.title)}”", one_line(citation.outlet)
    article = ", ".join(part for part in (title, outlet, _date(citation), url) if part)
    return f"{speaker}“{_quoted_words(citation)}” in {article}. Quotation: {citation.permalink}"


def markdown(citation: Citation) -> str:
    """A block quotation with its source below; nothing in the text acts as markup."""
    title = f"“{_escape_markdown(one_line(citation.title))}”"
    url = _escape_url(citation.article_url)
    link = f"[{title}](<{url}>)" if url else title
    outlet = f"*{_escape_markdown(one_line(citation.outlet))}*" if citation.outlet else ""
    speaker = _escape_markdown(one_line(citation.speaker or "Unknown speaker"))
    article = ", ".join(part for part in (link, outlet, _date(citation)) if part)
    words = _escape_markdown(_quoted_words(citation))
    permalink = f"[quotation](<{_escape_url(citation.permalink)}>)"
    return f"> “{words}”\n>\n> — {speaker}, {article} ({permalink})"


def bibtex(citation: Citation) -> str:
    """An entry `@misc` for BibTeX and biblatex, with LaTeX's special characters escaped."""
    speaker = f" by {one_line(citation.speaker)}" if citation.speaker else ""
    date = re.fullmatch(r"(\d{4})-(\d{2})-(\d{2}).*", citation.published or "")
    fields = {
        "author": _authors(citation.byline),
        "title": "{" + _escape_latex(one_line(citation.title)) + "}",
        "howpublished": _escape_latex(one_line(citation.outlet)),
        "year": date[1] if date else "",
        "month": str(int(date[2])) if date else "",
        "day": str(int(date[3])) if date else "",
        "url": _escape_url(citation.article_url or citation.permalink),
        "note": _escape_latex(f"Quotation{speaker}: “{_quoted_words(citation)}”"),
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@misc{{quotation-{citation.key},", *lines, "}"])


def _quoted_words(citation: Citation) -> str:
    """The quotation in one line; the end of a very long one is cut off."""
    text = one_line(citation.text)
    if len(text) <= MAX_QUOTED_CHARS:
        return text
    return text[:MAX_QUOTED_CHARS].rpartition(" ")[0].rstrip(" ,;:") + " […]"


def _date(citation: Citation) -> str:
    return one_line(readable_date(citation.published))


def _authors(byline: str | None) -> str:
    """`By Mira Castellanos and Jo Hale` -> `Mira Castellanos and Jo Hale`, as BibTeX expects."""
    names = re.sub(r"^by\s+", "", one_line(byline), flags=re.IGNORECASE)
    return _escape_latex(names.replace(", ", " and "))


def _escape_markdown(text: str) -> str:
    return _MARKUP.sub(r"\\\g<0>", text)


def _escape_url(url: str | None) -> str:
    """Percent-encodes characters that would end the address in Markdown or BibTeX."""
    return _UNSAFE.sub(lambda found: "".join(f"%{b:02X}" for b in found[0].encode()), url or "")


def _escape_latex(text: str) -> str:
    return "".join(_LATEX.get(character, character) for character in text)


_MARKUP = re.compile(r"[\\`*_{}\[\]<>()#+!|~&$]")
_UNSAFE = re.compile(f'[\\s<>{{}}\\\\^`|"{CONTROL}]')
_LATEX = {
    **{character: f"\\{character}" for character in "&%$#_{}"},
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}
