"""How a page is set: boilerplate to skip, standalone quotations, pull-quotes."""
