"""The command that prints what is new, for a mail."""

from __future__ import annotations

import html
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode, urlsplit

import click

from quotedex.cli.options import DATABASE
from quotedex.cli.output import print_json, printable

if TYPE_CHECKING:
    from datasette_quotedex.search import Hit
    from quotedex.site.digest import Digest


def _site(ctx: click.Context, param: click.Parameter, given: str | None) -> str | None:
    if given is None:
        return None
    try:
        parts = urlsplit(given)
    except ValueError:
        parts = urlsplit("")
    is_plain = given.isascii() and given.isprintable() and not set(given) & set(" <>\"'")
    web = parts.scheme in ("http", "https") and parts.hostname
    if not (web and is_plain) or parts.query or parts.fragment:
        raise click.BadParameter(f"{given!r} is not an address such as https://quotes.example")
    return given.rstrip("/")


@click.command()
@DATABASE
@click.option("--query", default="", metavar="QUERY", help="A search; by default everything.")
@click.option(
    "--since",
    metavar="TIME",
    default="1d",
    show_default=True,
    help="12h, 1d or 2w ago, or a date or time in UTC.",
)
@click.option(
    "--state",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Continue where the last digest ended, as FILE remembers; --since is for the first.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(("text", "html", "json")),
    default="text",
    show_default=True,
    help="What to print.",
)
@click.option("--site", metavar="URL", callback=_site, help="Address of the site, for links.")
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    default=100,
    show_default=True,
    help="Maximum number of quotations; 0 for all.",
)
@click.option("--unsure", is_flag=True, help="Include quotations that the program is unsure of.")
def digest(
    database: str,
    query: str,
    since: str,
    state: Path | None,
    form: str,
    site: str | None,
    limit: int,
    unsure: bool,
) -> None:
    """Print quotations that are new in DB, to send by mail.

    QUERY is a search as on the website. A quotation is new if DB did not have it before, whatever
    the date of its article. If nothing is new, prints nothing, so that cron sends no mail.
    """
    from quotedex.site.digest import moment, read_digest

    try:
        begin = moment(_remembered(state) or since, datetime.now(UTC))
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--since") from error
    found = read_digest(database, query, begin, limit, unsure=unsure)
    if found.hits and form == "json":
        print_json(_to_dict(found, site))
    elif found.hits:
        click.echo(_html(found, site) if form == "html" else _text(found, site), nl=False)
    if state:
        _remember(state, found.until)


def _remembered(state: Path | None) -> str | None:
    """The time in a file of --state; None if there is no such file yet."""
    if state is None or not state.exists():
        return None
    try:
        text = state.read_text(encoding="utf-8", errors="replace").strip()
        datetime.fromisoformat(text)
    except OSError as error:
        raise click.FileError(str(state), error.strerror) from error
    except ValueError:
        message = f"{state} does not hold a time, so no digest wrote it"
        raise click.BadParameter(message, param_hint="--state") from None
    return text


def _remember(state: Path, until: str) -> None:
    """Replace the file at once: a digest that is interrupted is printed again."""
    new = state.with_name(f"{state.name}.new")
    try:
        new.write_text(f"{until}\n", encoding="utf-8")
        os.replace(new, state)
    except OSError as error:
        raise click.FileError(str(new), error.strerror) from error


def _text(found: Digest, site: str | None) -> str:
    """The digest as plain text; characters that could take over a terminal are replaced."""
    lines = [_heading(found), ""]
    for hit in found.hits:
        lines += [f"“{hit.text}”", f"    {_source(hit)}"]
        lines += [f"    {url}" for url in [_url(hit, site)] if url]
        lines.append("")
    lines += [line for line in (_rest(found), _search_url(found, site)) if line]
    return "\n".join(map(printable, lines)).rstrip() + "\n"


def _html(found: Digest, site: str | None) -> str:
    """The digest as a page; the style is in its elements' names, since mails drop style sheets."""
    heading = _escape(_heading(found))
    lines = [
        f'<!DOCTYPE html>\n<html lang="en">\n<meta charset="utf-8">\n<title>{heading}</title>',
        f"<h1>{heading}</h1>",
    ]
    for hit in found.hits:
        source = _linked(_source(hit), _url(hit, site))
        lines.append(f"<blockquote><p>“{_escape(hit.text)}”</p></blockquote>\n<p>{source}</p>")
    if rest := _rest(found):
        lines.append(f"<p>{rest}</p>")
    if search := _search_url(found, site):
        lines.append(f"<p>{_linked('All results on the site', search)}</p>")
    return "\n".join(lines) + "\n</html>\n"


def _to_dict(found: Digest, site: str | None) -> dict[str, object]:
    return {
        "query": found.query,
        "since": found.since,
        "until": found.until,
        "total": found.total,
        "url": _search_url(found, site),
        "quotations": [{**hit.to_dict(), "page": _page(hit, site)} for hit in found.hits],
    }


def _heading(found: Digest) -> str:
    number = f"{found.total:,} new quotation{'' if found.total == 1 else 's'}"
    return f"{number} for {found.query}" if found.query else number


def _rest(found: Digest) -> str:
    more = found.total - len(found.hits)
    return f"and {more:,} more" if more else ""


def _source(hit: Hit) -> str:
    """`Ana Okafor, 2024-05-03, Ashby Herald, Rents hold`"""
    speaker = hit.speaker_shown or hit.mention or "unknown speaker"
    article = hit.title or hit.location or f"article {hit.article_key}"
    label = "pull-quote" if hit.repeats_key else None
    return ", ".join(filter(None, [speaker, hit.published, hit.outlet, article, label]))


def _page(hit: Hit, site: str | None) -> str | None:
    return f"{site}/-/quotes/{quote(hit.key)}" if site else None


def _url(hit: Hit, site: str | None) -> str | None:
    """The quotation's page, or without a site the article, if that is on the web."""
    # Here, because the plugin imports Datasette.
    from datasette_quotedex.render.text import web_link

    article = web_link(hit.url) or web_link(hit.location)
    return _page(hit, site) or (article and quote(article, safe="%/:?#[]@!$&'()*+,;=~"))


def _search_url(found: Digest, site: str | None) -> str | None:
    words = {"q": found.query} if found.query else {}
    return f"{site}/-/quotes?{urlencode({**words, 'sort': 'indexed'})}" if site else None


def _linked(text: str, url: str | None) -> str:
    return f'<a href="{html.escape(url)}">{_escape(text)}</a>' if url else _escape(text)


def _escape(text: str) -> str:
    return html.escape(printable(text))
