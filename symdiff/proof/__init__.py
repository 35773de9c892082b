"""Is every printed equality true? The engine that shares no rule of differentiation with its author.

Knows expressions, tapes, values and what a document claims; reads no derivative from the table and writes no
sentence. To read first: `judge`, the one way in, where a false line is refused; `model` is the true value of
every name at a point, `sample_points` where it is looked at, `cell_judge` and `cell_model` the same for
recurrences.
"""
