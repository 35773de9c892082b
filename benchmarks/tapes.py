"""Long tapes: a chain, and the cell h_t = tanh(U·x_t + W·h_{t−1}) unrolled, h_0 = tanh(U·x_0).

`python -m benchmarks.tapes cell 1000` derives and proves both sweeps of h_999 by U, writes them in LaTeX,
and prints the time and the memory it took.
"""

from __future__ import annotations

import json
import resource
import sys
from functools import partial

from benchmarks.ratio import best
from symdiff.expr import Expr, Sym
from symdiff.parse import Program
from symdiff.problems import Problem, read
from symdiff.rules import RULES
from symdiff.solve import solve


def unrolled(length: int) -> Program:
    """The cell unrolled so many times, its last value the result."""
    tanh = RULES["tanh"].op
    first, again = Sym("U"), Sym("W")
    inputs = [Sym(f"x_{t}") for t in range(length)]
    values = [Sym(f"h_{t}") for t in range(length)]
    definitions = [(values[0], Expr(tanh, first * inputs[0]))]
    for t in range(1, length):
        definitions.append((values[t], Expr(tanh, first * inputs[t] + again * values[t - 1])))
    return Program((first, again, *inputs), tuple(definitions))


def cell(length: int) -> str:
    """Both sweeps by U, derived, proved and written."""
    return solve(Problem("cell", unrolled(length)), "both", ["U"]).render()


def chain(steps: int) -> str:
    """The reverse sweep of tanh(a·tanh(a·…)), derived, proved and written."""
    lines = ["h0 = tanh(a*x)", *(f"h{i + 1} = tanh(a*h{i})" for i in range(steps // 2 - 1))]
    return solve(read("\n".join(lines)), "reverse").render()


def main() -> None:
    """Measure one length; a short page first, so that what is loaded once counts for none."""
    page, length = {"cell": cell, "chain": chain}[sys.argv[1]], int(sys.argv[2])
    page(10)
    before = _memory()
    time = best(partial(page, length), 2 if length <= 1000 else 1)
    sys.stdout.write(json.dumps({"time": time, "memory": max(1, _memory() - before)}))


def _memory() -> int:
    """The most memory so far; what is inherited from the process that started this one counts too."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    main()
