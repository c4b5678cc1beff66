"""Say what is one over many articles: a speaker under several names, words printed again.

Both answers are partitions of everything given: who gives the same sightings or the same texts in
another order gets the same groups, with the same keys. A store that holds `block` and
`statement_keys` of what it has need only link the blocks that a new article touches.

The store does not call this yet: it takes equal names, and equal words, for one.
"""

from __future__ import annotations

from quotedex.link.people import Authority, Linked, Sighting, block, company, link_speakers
from quotedex.link.statements import link_statements, same_statement, statement_keys

__all__ = [
    "Authority",
    "Linked",
    "Sighting",
    "block",
    "company",
    "link_speakers",
    "link_statements",
    "same_statement",
    "statement_keys",
]
