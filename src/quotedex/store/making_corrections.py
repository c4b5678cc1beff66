"""Make, undo and apply corrections within one transaction of a `Store`."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from quotedex.errors import CorrectionError
from quotedex.link import OF_QUOTATIONS, problem
from quotedex.models import Correction
from quotedex.store import correction_rows, corrections, people_list
from quotedex.store.articles import Batch, now
from quotedex.store.correction_rows import load_corrections


@dataclass(frozen=True, slots=True)
class CorrectionMaker:
    """`batch` begins the changes of the transaction and `commit` completes them, any number of
    times."""

    conn: sqlite3.Connection
    batch: Callable[[], Batch]
    commit: Callable[[Batch], None]

    def make(self, new: Iterable[Correction], *, must_apply: bool) -> list[Correction]:
        """Add corrections and apply them; see `Store.correct`."""
        ids, reasons = [], []
        for correction in new:
            try:
                ids.append(self._make_one(correction))
            except ValueError as error:
                line = f"line {correction.line}: " if correction.line else ""
                reasons.append(f"{line}{error}")
        made = [load_corrections(self.conn, "id = ?", row_id)[0] for row_id in ids]
        if must_apply:
            reasons += [_waits(each) for each in made if each.state == "waiting"]
        if reasons:
            raise CorrectionError(reasons)
        return made

    def undo(self, row_id: int, who: str | None, why: str | None) -> None:
        """Undo a correction. Raises CorrectionError if there is none to undo."""
        found = load_corrections(self.conn, "id = ?", row_id)
        if not found or found[0].undone_at is not None:
            state = "has been undone already" if found else "does not exist"
            raise CorrectionError([f"correction {row_id} {state}"])
        self._undo(found[0], who, now(), why)

    def apply(self, correction: Correction) -> None:
        """Bring the file up to date with a correction that is new or has been undone."""
        changes = self.batch()
        changes.use_people(people_list.load(self.conn))
        if correction.what in OF_QUOTATIONS:
            article = corrections.article_of(self.conn, correction)
            changes.to_correct |= set() if article is None else {article}
        self.commit(changes)

    def _make_one(self, given: Correction) -> int:
        """The id of the row of a correction. Raises ValueError with the reason why not."""
        if (reason := problem(given)) is not None:
            raise ValueError(reason)
        for other in load_corrections(self.conn, "what = ?", given.what):
            if given.is_same(other):
                if given.undone_at and other.undone_at is None:
                    self._undo(other, given.undone_by, given.undone_at, given.undone_why)
                return other.id or 0
        correction = replace(given, made_at=given.made_at or now(), leads_to=None)
        if correction.undone_at is None:
            correction = replace(corrections.resolve(self.conn, correction), state="waiting")
        else:
            correction = replace(correction, state="undone")
        correction = replace(correction, id=correction_rows.insert(self.conn, correction))
        if correction.undone_at is None:
            self.apply(correction)
        return correction.id or 0

    def _undo(self, correction: Correction, who: str | None, when: str, why: str | None) -> None:
        undone = replace(
            correction,
            undone_by=who,
            undone_at=when,
            undone_why=why,
            state="undone",
            leads_to=None,
        )
        correction_rows.update(self.conn, undone)
        self.apply(undone)


def _waits(correction: Correction) -> str:
    about = "quotation" if correction.what in OF_QUOTATIONS else "speaker"
    if correction.what in ("speaker", "merge") and not correction.names:
        return f"no {about} has the key {correction.key}, or no speaker {correction.new_value}"
    return f"no {about} has the key {correction.key}"
