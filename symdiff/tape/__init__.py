"""From program to tape: a function as elementary steps w_i = φ(operands).

Knows how steps are found and stored, the local partials of one step, and points in the tape's inputs. Knows
no sweep: nothing here goes from step to step. Read `tape` first, then `tracing`, which makes tapes, and
`partials`; `entries` writes arrays out as numbers.
"""
