"""Both modes for users of the library: derivations whose results are also given in SymPy.

    d.gradient["x"], d.compact["x"]      for d = reverse(trace("1/(1+exp(-a*x))", inputs=("x", "a")))

SymPy is imported when a result is asked for. What is handed out is proved first, as it stands in SymPy.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from symdiff.algebra.tidy import tidy
from symdiff.api.in_short import results_in_short
from symdiff.derivation import derivation as record
from symdiff.derivation import sweeps
from symdiff.derivation.closed_form import closed_form, in_inputs, unfolded
from symdiff.derivation.compact_form import compact_form
from symdiff.derivation.derivation import Line
from symdiff.document.blocks import Chain
from symdiff.errors import InputError, UsageError, did_you_mean, shorten
from symdiff.expr.arguments import Kind, of, told_clearly
from symdiff.expr.shapes import in_words, is_number
from symdiff.expr.tree import Expr
from symdiff.language.sympy_border import from_sympy, to_sympy
from symdiff.proof.entry_model import check_entries
from symdiff.proof.judge import DerivationJudge
from symdiff.rules.arrays import flat
from symdiff.tape.tape import Tape

if TYPE_CHECKING:
    import sympy


A_TAPE = Kind("a tape, as trace returns it", of(Tape))


class Derivation(record.Derivation):
    """All sweeps of one mode over one tape, with the results in SymPy, by input name."""

    @cached_property
    def judge(self) -> DerivationJudge:
        """Who says whether a result is true."""
        return DerivationJudge((self,))

    def __repr__(self) -> str:
        names = ", ".join(map(str, self.wrt))
        head = shorten(f"{self.mode} derivation of {self.tape.result} by {names}", 100)
        return "\n".join([head, *(f"  {line}" for line in results_in_short(self, self.judge))])

    @cached_property
    def gradient(self) -> Mapping[str, sympy.Expr]:
        """∂output/∂x in the inputs; short ones simplified, long ones as the sweep gives them."""
        return _Results(self, compact=False)

    @cached_property
    def compact(self) -> Mapping[str, sympy.Expr]:
        """∂output/∂x in inputs and the author's names where that is shorter: a·y·(1 − y)."""
        return _Results(self, compact=True)


@told_clearly(tape=A_TAPE)
def forward(tape: Tape, wrt: str | Sequence[str] | None = None) -> Derivation:
    """The forward derivation of `tape` by each input in `wrt` (default: all), one sweep each.

    ẇ_i = Σ_j (∂w_i/∂w_j)·ẇ_j over the operands j of each step i.
    """
    return _public(sweeps.forward(tape, wrt))


@told_clearly(tape=A_TAPE)
def reverse(tape: Tape, wrt: str | Sequence[str] | None = None) -> Derivation:
    """The reverse derivation of `tape`, every adjoint: w̄_j = Σ_i w̄_i·(∂w_i/∂w_j) over the steps i that use j.

    Names in `wrt` are inputs, or names that the author has defined on the way to the result.
    """
    return _public(sweeps.reverse(tape, wrt))


def _public(found: record.Derivation) -> Derivation:
    return Derivation(found.mode, found.tape, found.sweeps, found.wrt)


class _Results(Mapping[str, "sympy.Expr"]):
    """Results in SymPy by input name, each computed when it is asked for."""

    def __init__(self, derivation: Derivation, compact: bool) -> None:
        self.derivation, self.short = derivation, compact
        self.found: dict[str, sympy.Expr] = {}

    def __getitem__(self, name: str) -> sympy.Expr:
        if not isinstance(name, str) or name not in self.derivation.results:
            way_out = did_you_mean(str(name), self.derivation.results)
            raise UsageError(f"no derivative by {shorten(repr(name), 30)} here", way_out=way_out)
        if name not in self.found:
            self.found[name] = self._in_sympy(self.derivation.results[name])
        return self.found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.derivation.results)

    def __len__(self) -> int:
        return len(self.derivation.results)

    def _in_sympy(self, line: Line) -> sympy.Expr:
        tape = self.derivation.tape
        if tape.has_arrays:
            return self._array_in_sympy(line)
        form = self._form(line)
        found = to_sympy(form, tape.symbols)
        self.derivation.judge.check(Chain(line.var, (form, *_read_again(found))))
        return found

    def _array_in_sympy(self, line: Line) -> Any:
        found = array_in_sympy(self.derivation.tape, line)
        if line.primal is not None:
            self.derivation.judge.check(Chain(line.var, (line.primal,)))
        return found

    def _form(self, line: Line) -> Expr:
        """The closed form, or the lines put into one another; the compact form where it is asked for."""
        form = closed_form(self.derivation.tape, line)
        if form is None:
            return unfolded(self.derivation, line)
        shorter = compact_form(self.derivation.tape, form) if self.short else None
        return shorter.form if shorter else form


def _read_again(found: sympy.Expr) -> tuple[Expr, ...]:
    """A SymPy expression in our terms; nothing where it holds a function that has no row."""
    try:
        return (from_sympy(found),)
    except (InputError, TypeError, ValueError, AttributeError):
        return ()


def array_in_sympy(tape: Tape, line: Line) -> Any:
    """The derivative that a line holds, in SymPy: a number's as an expression, an array's as an Array.

    Entries are named x1, x2, …, W11, W12, …

    Raises:
        UsageError: a size is a name, the result is an array, or the formula is too long.
    """
    import sympy  # start-up: pages do not need SymPy

    from symdiff.tape.entries import entries_of

    sizes = [part for name in (*dict(tape.inputs).values(), tape.result) for part in name.shape]
    if not all(map(is_number, sizes)) or tape.result.shape:
        what = f"the derivative of {tape.result}, {in_words(tape.result.shape)}, has no entries in SymPy"
        raise UsageError(what, way_out="give sizes as numbers, or use render(…, format='json')")
    closed = None if line.primal is None else in_inputs(tape, line.primal)
    if closed is None:
        raise UsageError("the formula is too long to be written out", way_out="use render(…, format='json')")
    entries = entries_of(closed, {}, {})
    found = [to_sympy(tidy(entry), tape.symbols) for entry in flat(entries)]
    read = [form for entry in found for form in _read_again(entry)]
    if len(read) == len(found):
        check_entries(tape, line.var, read)
    return sympy.Array(found, entries.shape) if line.var.shape else found[0]
