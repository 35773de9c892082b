"""Expressions to formulas in LaTeX, Typst and text, and how wide these are.

Read `formula_printer` first: the walk that decides about brackets. `typesetting` lists what a notation gives;
`latex`, `typst` and `unicode` give it. Knows no line, no page and no file.
"""
