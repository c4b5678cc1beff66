"""How a page is set: boilerplate, standalone quotations, pull-quotes, turns, posts."""
