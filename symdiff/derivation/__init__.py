"""From tape to derivation: forward and reverse mode, Jacobians, derivatives through a recurrent cell.

Knows how local partials are put together, and the forms in which results are written. Knows no words and no
markup: what is said about a derivation is in `explain`. Read `sweeps` first, then `line_writer`;
`cell_forward` and `cell_reverse` do the same for a generic cell, `closed_form` writes results.
"""
