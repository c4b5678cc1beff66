"""What the user may set about reading: the text column, and limits that keep bad input harmless."""

from __future__ import annotations

from dataclasses import dataclass

MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Settings:
    """How to read, and how much of it.

    `text_column` names the column of tables that holds the article; None: a name such as "text"
    or "body" is looked for. `max_size` is the largest document in bytes, as a file, a record or an
    answer from the web. `max_ratio` is how many times its packed size an archive may unpack to,
    `max_depth` how many archives may stand around a file, `max_files` how many files a folder or
    an archive may hold. `follow_links` reads links that lead out of the folder given. `web_pause`
    is the least time in seconds between two requests to a host, `web_timeout` the longest for an
    answer.
    """

    text_column: str | None = None
    max_size: int = 20 * MEGABYTE
    max_ratio: int = 200
    max_depth: int = 2
    max_files: int = 1_000_000
    follow_links: bool = False
    web_pause: float = 1.0
    web_timeout: float = 20.0
