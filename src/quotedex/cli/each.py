"""Documents worked on one after another: one that fails is told and passed over."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from quotedex.errors import InputError, QuotedexError
from quotedex.models import Document

Made = TypeVar("Made")


def of_each(
    work: Callable[[Document], Made],
    documents: Iterable[Document | InputError],
    timeout: float,
    refuse: Callable[[InputError], None],
) -> Iterator[Made]:
    """What `work` makes of each document within `timeout` seconds; `refuse` hears of the others.

    Raises QuotedexError where nothing can be made of any document: a model is missing.
    """
    from quotedex.index.limits import TookTooLong, time_limit

    for document in documents:
        if isinstance(document, InputError):
            refuse(document)
            continue
        place = document.location or document.id
        try:
            with time_limit(timeout):
                made = work(document)
        except InputError as error:
            refuse(error)
        except QuotedexError:
            raise
        except TookTooLong:
            refuse(InputError(place, f"it took longer than {timeout:g} seconds"))
        except Exception as error:  # a bad document must not stop the others, whatever it does
            refuse(InputError(place, f"{type(error).__name__}: {error}"))
        else:
            yield made
