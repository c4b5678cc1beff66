"""Corrections that an editor makes on the site."""

from __future__ import annotations

import getpass
from dataclasses import fields
from typing import Any

from datasette_quotedex.editing import Rejected
from quotedex.errors import QuotedexError
from quotedex.models import Correction
from quotedex.store import Store


class StoreEditor:
    """Makes corrections as the command line does, at once (a `datasette_quotedex.editing.Editor`).

    A correction that could not be applied at once is rejected: an editor sees what it is about.
    """

    def __init__(self) -> None:
        self.local_name = _user()

    def correct(self, path: str, values: dict[str, str]) -> str | None:
        """Make a correction; the key that it leads to. Raises Rejected."""
        given: dict[str, Any] = {name: value.strip() or None for name, value in values.items()}
        names = {field.name for field in fields(Correction)}
        given = {name: value for name, value in given.items() if name in names}
        given |= {"what": given["what"] or "", "key": given["key"] or ""}
        try:
            with Store(path) as store:
                (done,) = store.correct([Correction(**given)], must_apply=True)
        except QuotedexError as error:
            raise Rejected(_sentence(error)) from error
        return done.leads_to

    def undo(self, path: str, number: int, who: str, why: str) -> None:
        """Undo a correction. Raises Rejected."""
        try:
            with Store(path) as store:
                store.undo_correction(number, who, why or None)
        except QuotedexError as error:
            raise Rejected(_sentence(error)) from error


def _sentence(error: QuotedexError) -> str:
    words = str(error)
    return f"{words[:1].upper()}{words[1:]}."


def _user() -> str:
    """The name of the user of this machine."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "the editor"
