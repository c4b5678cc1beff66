"""Lists to browse: speakers, outlets, articles and topics.

A new list is a module with a `Listing`, a template and an entry in LISTINGS.
"""

from datasette_quotedex.pages.browse.articles import ARTICLES
from datasette_quotedex.pages.browse.listing import Listing, listing_page
from datasette_quotedex.pages.browse.outlets import OUTLETS
from datasette_quotedex.pages.browse.speakers import SPEAKERS
from datasette_quotedex.pages.browse.topics import TOPICS

LISTINGS: tuple[Listing, ...] = (SPEAKERS, OUTLETS, ARTICLES, TOPICS)

__all__ = ["LISTINGS", "listing_page"]
