"""Text for pages and exports: marked articles, timelines, wording differences, citations, feeds."""
