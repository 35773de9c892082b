"""A document as a whole page in one format and language.

Read `engine` first: it gives the templates what they use. `html` is what only a page in HTML asks for.
"""
