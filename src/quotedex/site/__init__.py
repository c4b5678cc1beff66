"""Using an index: search it, serve it as a web site, and publish it on another host."""
