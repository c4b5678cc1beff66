"""The pages that the site adds to Datasette's own."""

from datasette_quotedex.context import View, or_missing
from datasette_quotedex.pages.about import about_page
from datasette_quotedex.pages.article import article_page
from datasette_quotedex.pages.compare import compare_page
from datasette_quotedex.pages.home import home, home_data
from datasette_quotedex.pages.quotation import quotation_page
from datasette_quotedex.pages.row_link import row_link
from datasette_quotedex.pages.search import search_page
from datasette_quotedex.pages.speaker import speaker_page
from datasette_quotedex.pages.statement import statement_page

ROUTES: list[tuple[str, View]] = [
    (r"/-/quotes(?:\.(?P<format>json|csv|atom))?$", search_page),
    (r"/-/quotes/(?P<id>\d+)(?:\.(?P<format>json))?$", or_missing(quotation_page)),
    (r"/-/articles/(?P<id>\d+)(?:\.(?P<format>json))?$", or_missing(article_page)),
    (r"/-/speakers/(?P<id>\d+)(?:\.(?P<format>json|atom))?$", or_missing(speaker_page)),
    (r"/-/statements/(?P<id>\d+)(?:\.(?P<format>json))?$", or_missing(statement_page)),
    (r"/-/compare(?:\.(?P<format>json))?$", compare_page),
    (r"/-/home\.json$", home_data),
    (r"/-/about(?:\.(?P<format>json))?$", about_page),
]

__all__ = ["ROUTES", "home", "row_link"]
