"""What pages are made of: marked text, timelines, diffs, citations, feeds."""
