"""Local partials between matrices as matrices, ∂vec(h)/∂vec(U), for use on traced steps.

from symdiff.vec_forms import vec_partial
vec_partial(tape.steps[-1], operand)
"""

from symdiff.derivation.jacobian import vec_partial

__all__ = ["vec_partial"]
