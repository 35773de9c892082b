"""From a document to text and pictures, in any format and language.

`formulas` prints expressions, `formats` knows the formats, languages and templates, `lines` breaks equalities
into lines that fit, `pictures` draws computation graphs, `pages` puts a page together; each imports only
those before it. Words stand in templates/messages, markup in templates/<format>. Knows documents and
expressions; knows no derivative, no value and no proof. Read `pages/engine.py` first.
"""
