"""What one attack did, and whether the program held."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from benchmarks.tables import Table

HEAD = ("attack", "peak memory, MB", "longest page, s", "seconds", "answers", "verdict")


@dataclass(frozen=True, slots=True)
class Outcome:
    """The cost of an attack. `fell` lists the bounds that it broke: none, if the program held.

    `memory` is the peak of all processes together in MB, `page` the longest wait for an ordinary
    page in seconds (None for an indexing run), `seconds` the duration of the attack, `answers` what
    the attacker got.
    """

    attack: str
    kind: str
    memory: float
    seconds: float
    page: float | None = None
    answers: str = ""
    fell: list[str] = field(default_factory=list)

    @property
    def row(self) -> tuple[str, ...]:
        page = "" if self.page is None else f"{self.page:.2f}"
        verdict = "fell: " + "; ".join(self.fell) if self.fell else "held"
        numbers = f"{self.memory:,.0f}", page, f"{self.seconds:.0f}"
        return (f"{self.kind}: {self.attack}", *numbers, self.answers, verdict)


def table(outcomes: Sequence[Outcome]) -> Table:
    """A row for each outcome; without the column of pages if there was no visitor."""
    rows: Table = [HEAD, *(outcome.row for outcome in outcomes)]
    if any(outcome.page is not None for outcome in outcomes):
        return rows
    return [row[:2] + row[3:] for row in rows]
