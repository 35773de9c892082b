"""Mathematics as people type it, in plain text or in LaTeX, to a tree in which each part knows its place.

Tokens, spans and precedences, once for every reader of typed mathematics. What a name or a function means is
not known here: that is the business of who asks.
"""
