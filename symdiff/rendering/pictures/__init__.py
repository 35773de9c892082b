"""Computation graphs as pictures: sizes of labels, places of nodes and edges, and the text of an emitter.

Read `emit` first. `labels` measures formulas, `layered` lays out any graph and `grid` a network through time,
both with `geometry`; templates/graph/ writes the result as SVG, TikZ and so on. Knows no calculus: what a
node or an edge says is given as equalities.
"""
