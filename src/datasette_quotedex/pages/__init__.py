"""The pages that the site adds to Datasette's own."""

from .home import home
from .searching import search_page

__all__ = ["home", "search_page"]
