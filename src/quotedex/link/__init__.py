"""Link over many articles: one speaker under several names, one statement printed again.

`link_speakers` and `link_statements` partition everything they are given, independently of its
order. Anything that can be linked shares a hash (`link_evidence`, `fingerprints`), so a store that
keeps these hashes only has to look at what a new article touches.
"""

from __future__ import annotations

from quotedex.link.people_list import (
    ListedSpeaker,
    alias_in_article,
    entries_by_name,
    entry_key,
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
    fingerprints,
    is_distinctive,
    link_statements,
    max_postings,
    same_statement,
)

__all__ = [
    "IN_ARTICLE",
    "LISTED",
    "ArticleSpeaker",
    "Bearer",
    "ListedSpeaker",
    "alias_in_article",
    "bearer",
    "blocking_key",
    "can_be",
    "choice_evidence",
    "closest_wording",
    "co_mentioned_names",
    "comparable_wording",
    "entries_by_name",
    "entry_key",
    "fingerprints",
    "is_distinctive",
    "is_full_name",
    "is_person_key",
    "is_unnamed_key",
    "link_evidence",
    "link_speakers",
    "link_statements",
    "majority_speaker",
    "max_postings",
    "name_classes",
    "name_label",
    "normalized_name",
    "read_people",
    "same_statement",
    "write_people",
]
