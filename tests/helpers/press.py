"""Two years of an invented town's press, for the tests of pages and for the pictures in docs/.

Deterministic: the same articles each time, in which statements are repeated by several outlets,
whole, shortened and reworded, and quotations are split, nested and fragmentary.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from tests.helpers import load_cases

EVENTS: dict[str, Any] = load_cases("press")


def press(number: int = 44) -> list[dict[str, Any]]:
    """This many articles, one or two a month from March 2023 on, by each outlet in turn."""
    return [_article(n) for n in range(number)]


def _article(n: int) -> dict[str, Any]:
    events, outlets, wordings = (EVENTS[name] for name in ("events", "outlets", "wordings"))
    event = events[n * 3 % len(events)]
    day = date(2023, 3, 6) + timedelta(days=n * 16 + (n * n) % 11)
    quotes = [list(quotation) for quotation in event["said"]]
    if quotes[0][0] == wordings[0]:
        wording = wordings[0 if n < 5 else n % 3]
        quotes[0][0], quotes[0][2] = wording, "partial" if wording == wordings[1] else "full"
    return {
        "title": event["title"],
        "outlet": outlets[n % len(outlets)],
        "published": day.isoformat(),
        "location": f"https://news.example/{day}/{n}",
        "byline": ("By Mira Castellanos", "By Jonas Adeyemi", None)[n % 3],
        "text": _text(event["opening"], quotes, n),
        "quotes": quotes,
    }


def _text(opening: str, quotes: list[list[Any]], n: int) -> str:
    """A paragraph for each quotation that is not inside another."""
    paragraphs = [f"{opening} It was number {n + 1} of its kind."]
    for words, _, kind, mention, cue, *more in quotes:
        if more and "parent" in more[0]:
            continue
        said = f"“{words}” {mention} {cue}."
        if kind == "partial":
            said = (
                f"The plan, {mention} {cue} it on the steps, is “{words}”, and no more than that."
            )
        paragraphs.append(f"{said} The room was quiet for a moment.")
    return "\n\n".join([*paragraphs, "The council will meet again in a fortnight."])
