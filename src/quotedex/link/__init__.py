"""Link over many articles: one speaker under several names, one statement printed again.

`link_speakers` and `link_statements` partition everything they are given, independently of its
order. Anything that can be linked shares a hash (`link_evidence`, `fingerprints`), so a store that
keeps these hashes only has to look at what a new article touches.
"""

from __future__ import annotations

from quotedex.link.correcting import CorrectedArticle, correct_quotes, find_quote, find_words
from quotedex.link.corrections import (
    OF_QUOTATIONS,
    OF_SPEAKERS,
    corrected_list,
    problem,
    read_corrections,
    write_corrections,
)
from quotedex.link.parts import statements_of
from quotedex.link.people_list import (
    ListedSpeaker,
    alias_in_article,
    entries_by_name,
    entry_key,
    lookup_name,
    read_people,
    write_people,
)
from quotedex.link.speakers import (
    IN_ARTICLE,
    LISTED,
    ArticleSpeaker,
    Bearer,
    bearer,
    blocking_key,
    can_be,
    choice_evidence,
    co_mentioned_names,
    is_full_name,
    is_person_key,
    is_unnamed_key,
    link_evidence,
    link_speakers,
    majority_speaker,
    name_classes,
    name_label,
    normalized_name,
)
from quotedex.link.statements import (
    closest_wording,
    comparable_wording,
    compare,
    fingerprints,
    is_distinctive,
    link_statements,
    max_postings,
)

__all__ = [
    "IN_ARTICLE",
    "LISTED",
    "OF_QUOTATIONS",
    "OF_SPEAKERS",
    "ArticleSpeaker",
    "Bearer",
    "CorrectedArticle",
    "ListedSpeaker",
    "alias_in_article",
    "bearer",
    "blocking_key",
    "can_be",
    "choice_evidence",
    "closest_wording",
    "co_mentioned_names",
    "comparable_wording",
    "compare",
    "correct_quotes",
    "corrected_list",
    "entries_by_name",
    "entry_key",
    "find_quote",
    "find_words",
    "fingerprints",
    "is_distinctive",
    "is_full_name",
    "is_person_key",
    "is_unnamed_key",
    "link_evidence",
    "link_speakers",
    "link_statements",
    "lookup_name",
    "majority_speaker",
    "max_postings",
    "name_classes",
    "name_label",
    "normalized_name",
    "problem",
    "read_corrections",
    "read_people",
    "statements_of",
    "write_corrections",
    "write_people",
]
