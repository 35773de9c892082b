"""The command `symdiff`: its options, notebook magics, the gallery, how failures end.

Knows what people type and where text goes; knows no derivative and no sentence of a page. To read first:
`commands`; `page` is what `derive` and notebooks share, `options` reads points and sizes, `failures` turns
whatever goes wrong into one line and an exit status.
"""
