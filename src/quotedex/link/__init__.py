"""Say what is one over many articles: a speaker under several names, words printed again.

Both answers are partitions of everything given: who gives the same sightings or the same texts in
another order gets the same groups. What can be in one group shares a number (`ties`,
`statement_keys`), so that a store which keeps them need only look at what a new article touches.
"""

from __future__ import annotations

from quotedex.link.people_list import (
    Authority,
    in_article,
    line_of,
    read_people,
    whose,
    write_people,
)
from quotedex.link.speakers import (
    IN_ARTICLE,
    LISTED,
    Sighting,
    block,
    company,
    is_of_people,
    is_whole,
    link_speakers,
    name_classes,
    plain_name,
    spelled,
    ties,
    whom_most,
)
from quotedex.link.statements import link_statements, most_holders, same_statement, statement_keys
from quotedex.text.wording import normalized_wording, word_count

__all__ = [
    "IN_ARTICLE",
    "LISTED",
    "Authority",
    "Sighting",
    "block",
    "company",
    "in_article",
    "is_of_people",
    "is_whole",
    "line_of",
    "link_speakers",
    "link_statements",
    "most_holders",
    "name_classes",
    "normalized_wording",
    "plain_name",
    "read_people",
    "same_statement",
    "spelled",
    "statement_keys",
    "ties",
    "whom_most",
    "whose",
    "word_count",
    "write_people",
]
