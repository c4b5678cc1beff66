"""The pages that the site adds to Datasette's own."""

from .about import about_page
from .article import article_page
from .compare import compare_page
from .home import home, home_data
from .place import View, or_missing
from .quotation import quotation_page
from .rows import row_link
from .searching import search_page
from .speaker import speaker_page
from .statement import statement_page

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
