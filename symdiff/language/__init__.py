"""From text, or SymPy, to programs and recurrences.

Knows the syntax of the language, and what several equations mean together. Knows no tape and no derivative;
nothing is evaluated. Read `program` first; a formula is read by `reader`, from Python's syntax tree
(`syntax`). Equations with times are read by `recurrence_parser` and give a `recurrence`.
"""
