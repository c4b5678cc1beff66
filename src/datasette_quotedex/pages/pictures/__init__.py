"""Pictures of the whole file: who is quoted together, and whom each outlet quotes.

`counted` reads what they show, `network` and `outlets` are the pages.
"""
