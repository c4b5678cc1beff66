"""The pages that this plugin adds to Datasette's own.

A new page is a module here, a template, and an entry in ROUTES.
"""

from datasette_quotedex.context import View
from datasette_quotedex.pages.about import about_page
from datasette_quotedex.pages.article import article_page
from datasette_quotedex.pages.browse import LISTINGS, listing_page
from datasette_quotedex.pages.browse.outlet import outlet_page
from datasette_quotedex.pages.compare import compare_page
from datasette_quotedex.pages.corrections import corrections_page
from datasette_quotedex.pages.former import with_former_pages
from datasette_quotedex.pages.home import front_page, home_json, home_values
from datasette_quotedex.pages.not_found import not_found_answer
from datasette_quotedex.pages.pictures.network import network_page
from datasette_quotedex.pages.pictures.outlets import outlets_and_speakers_page
from datasette_quotedex.pages.quotation import quotation_page
from datasette_quotedex.pages.robots import robots_page
from datasette_quotedex.pages.row_link import row_link_values
from datasette_quotedex.pages.search import search_page
from datasette_quotedex.pages.search.exports import EXPORTS
from datasette_quotedex.pages.speaker import speaker_page
from datasette_quotedex.pages.statement import statement_page
from datasette_quotedex.pages.suggest import suggest_names

ROUTES: list[tuple[str, View]] = [
    (rf"/-/quotes(?:\.(?P<format>{'|'.join(EXPORTS)}))?$", search_page),
    (r"/-/quotes/(?P<key>[^/.]+)(?:\.(?P<format>json|svg))?$", with_former_pages(quotation_page)),
    (r"/-/articles/(?P<key>[^/.]+)(?:\.(?P<format>json|csv))?$", with_former_pages(article_page)),
    (
        r"/-/speakers/(?P<key>[^/.]+)(?:\.(?P<format>json|atom|csv))?$",
        with_former_pages(speaker_page),
    ),
    (r"/-/statements/(?P<key>[^/.]+)(?:\.(?P<format>json))?$", with_former_pages(statement_page)),
    *((rf"/-/{one.name}(?:\.(?P<format>json|csv))?$", listing_page(one)) for one in LISTINGS),
    (r"/-/outlets/(?P<key>[^/.]+)(?:\.(?P<format>json))?$", with_former_pages(outlet_page)),
    (r"/-/compare(?:\.(?P<format>json))?$", compare_page),
    (r"/-/network(?:\.(?P<format>json|csv))?$", network_page),
    (r"/-/outlets-and-speakers(?:\.(?P<format>json|csv))?$", outlets_and_speakers_page),
    (r"/-/corrections(?:\.(?P<format>json))?$", corrections_page),
    (r"/-/home\.(?P<format>json)$", home_json),
    (r"/-/about(?:\.(?P<format>json))?$", about_page),
    (r"/-/suggest\.(?P<format>json)$", suggest_names),
    (r"/robots\.txt$", robots_page),
]
"""The addresses as regular expressions, and the functions that answer them."""

FRONT: tuple[str, View] = (r"/(?P<format>(?!))?$", front_page)
"""The home page, whose address is Datasette's."""

__all__ = ["FRONT", "ROUTES", "home_values", "not_found_answer", "row_link_values"]
