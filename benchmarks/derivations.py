"""The reverse derivation of the unrolled cell, function to derivation, no text: beside everybody's."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from functools import partial
from importlib import import_module
from types import ModuleType

from benchmarks import agreement as a
from benchmarks import array_cells, cells
from benchmarks.clock import TapeWork, elsewhere, in_turn, processor_time, seconds
from benchmarks.record import Curve, Figure, Found, compared, growth

WORK = "reverse derivation of the unrolled cell"
NO_TEXT = "no steps, names or LaTeX"
LACKS = {
    "jax": f"a jaxpr: {NO_TEXT}",
    "casadi": f"an SX graph: {NO_TEXT}",
    "symengine": "by U and W only, nested expressions: no steps",
    "sympy": "by U and W only, nested expressions: no steps",
    "autograd": "numbers at one point only",
    "torch": "numbers at one point only",
}
ARRAYS = "reverse derivation of the vector RNN with a loss at each time"
LACKS_ON_ARRAYS = {
    "jax": f"a jaxpr for one size: {NO_TEXT}",
    "casadi": f"an MX graph for one size: {NO_TEXT}",
    "autograd": "numbers at one point only",
    "torch": "numbers at one point only",
}
DEEP = 100_000


def derivations(short: bool) -> Iterator[Found]:
    """Equal results first; then the times in turn; then growth."""
    sys.setrecursionlimit(DEEP)
    if not short:
        yield from _beside_peers()
    yield from _growth(WORK, cells, (100, 1000, 10_000) if short else (10, 100, 1000, 10_000, 100_000))
    yield from _on_arrays(short)
    if not short:
        yield _curve()


def _beside_peers() -> Iterator[Found]:
    _check(50)
    yield _beside("symengine", 300, 3)
    yield _beside("jax", 1000, 1 / 30)
    yield _beside("casadi", 1000, 1)
    yield _beside("autograd", 300, None)
    yield _beside("torch", 1000, None)
    yield _beside("sympy", 40, None)
    yield _all_inputs_of_symengine()
    yield _from_a_text()


def _check(length: int) -> None:
    at = cells.flat(cells.point(length))
    ours = a.of_symdiff(cells.symdiff(length), at)
    a.check_equal("recurrence", ours, a.of_symdiff(cells.symdiff_recurrence(length), at))
    a.check_equal("jax", ours, a.of_jax(length, cells.jax(length)), digits=5)
    a.check_equal("casadi", ours, a.of_casadi(length, cells.casadi(length)))
    a.check_equal("symengine", ours, a.of_symbols(length, cells.symengine(length)))
    a.check_equal("autograd", ours, a.of_arrays(cells.autograd(length)))
    a.check_equal("torch", ours, a.of_arrays(cells.torch(length)))
    a.check_equal("sympy", a.of_symdiff(cells.symdiff(8), at[:10]), a.of_symbols(8, cells.sympy(8)))


def _beside(peer: str, length: int, bound: float | None) -> Figure:
    theirs = getattr(cells, peer)
    works: dict[str, TapeWork] = {"symdiff": partial(cells.symdiff, length), peer: partial(theirs, length)}
    times = in_turn(works, 3 if peer == "sympy" else 9)
    return compared(WORK, f"T = {length:,}", peer, times, bound, LACKS[peer], margin=2)


def _on_arrays(short: bool) -> Iterator[Found]:
    """Arrays as numbers are; SymEngine and SymPy have no derivation of these."""
    if not short:
        _check_arrays(5)
        for peer, length in (("jax", 100), ("casadi", 300), ("autograd", 100), ("torch", 300)):
            build = partial(getattr(array_cells, peer), length)
            works: dict[str, TapeWork] = {"symdiff": partial(array_cells.symdiff, length), peer: build}
            size, lacks = f"T = {length:,}", LACKS_ON_ARRAYS[peer]
            yield compared(ARRAYS, size, peer, in_turn(works, 5), None, lacks)
    yield from _growth(ARRAYS, array_cells, (100, 1000) if short else (10, 100, 1000, 10_000))


def _check_arrays(length: int) -> None:
    ours = a.of_symdiff_on_arrays(length)
    a.check_equal("jax on arrays", ours, a.of_jax_on_arrays(length), digits=4)
    a.check_equal("casadi on arrays", ours, a.of_casadi_on_arrays(length))
    a.check_equal("autograd on arrays", ours, a.flattened(array_cells.autograd(length)))
    a.check_equal("torch on arrays", ours, a.flattened(array_cells.torch(length)))


def _all_inputs_of_symengine(length: int = 100) -> Figure:
    """The whole gradient, as ours and CasADi's is: SymEngine differentiates once for each input."""
    works: dict[str, TapeWork] = {
        "symdiff": partial(cells.symdiff, length),
        "symengine": partial(cells.symengine, length, length + 2),
    }
    times = in_turn(works, 3)
    lacks = "nested expressions: no steps"
    return compared(f"{WORK}, by every input", f"T = {length:,}", "symengine", times, None, lacks)


def _from_a_text(length: int = 1000) -> Figure:
    """The same from the recurrence in the language of the command, beside CasADi."""
    works: dict[str, TapeWork] = {
        "symdiff": partial(cells.symdiff_recurrence, length),
        "casadi": partial(cells.casadi, length),
    }
    work = f"{WORK}, from the text of a recurrence"
    return compared(work, f"T = {length:,}", "casadi", in_turn(works, 5), None, LACKS["casadi"])


def _growth(work: str, of: ModuleType, lengths: tuple[int, ...]) -> Iterator[Found]:
    """Each length in a process that holds nothing else, since it is compared with no peer."""
    found = {length: elsewhere("benchmarks.derivations", of.__name__, length) for length in lengths}
    yield from growth(work, found)


def _curve() -> Curve:
    """Each program as far as it goes in a few seconds."""
    reach = {
        "symdiff": (10, 100, 1000, 10_000, 100_000),
        "jax": (10, 100, 1000),
        "casadi": (10, 100, 1000, 10_000),
        "symengine": (10, 100, 1000),
        "sympy": (10, 20, 40),
        "autograd": (10, 100, 300),
        "torch": (10, 100, 1000, 10_000),
    }
    lines = {}
    for name, lengths in reach.items():
        build = getattr(cells, name)
        build(lengths[0])
        lines[name] = tuple((float(length), seconds(partial(build, length))) for length in lengths)
    return Curve("Reverse derivation of the unrolled cell", "T", "seconds", lines)


def main() -> None:
    """The processor time of one derivation."""
    of, length = import_module(sys.argv[1]), int(sys.argv[2])
    taken = processor_time(partial(of.symdiff, length), 5 if length < 10_000 else 3)
    sys.stdout.write(json.dumps(taken))


if __name__ == "__main__":
    main()
