"""What `print` says of a derivation or a solution: its results, a line each, in the language of formulas.

The forms are those of the page, found and proved in the same way; one that is too long is left to the page.
"""

from __future__ import annotations

from collections.abc import Iterator

from symdiff.derivation.answers import answer
from symdiff.derivation.author_names import in_names
from symdiff.derivation.closed_form import closed_form
from symdiff.derivation.compact_form import compact_form
from symdiff.derivation.derivation import Derivation, Line
from symdiff.derivation.short_forms import way_to_short_form
from symdiff.document.blocks import Chain
from symdiff.errors import SymdiffError, shorten
from symdiff.expr.tree import Expr
from symdiff.proof.judge import Judge

MOST_STEPS = 200
"""Of a longer tape the results are not looked for: `print` answers at once."""
MOST_RESULTS = 8
WIDTH = 100


def results_in_short(derivation: Derivation, judge: Judge) -> Iterator[str]:
    """dy/dx = …, a line for each input; nothing of a long tape."""
    tape = derivation.tape
    if len(tape.steps) > MOST_STEPS:
        return
    asked = [name for name in derivation.wrt if name.name in derivation.results]
    for name in asked[:MOST_RESULTS]:
        form = _proved_form(derivation, derivation.results[name.name], judge)
        if form is not None:
            yield shorten(f"d{tape.result}/d{name} = {form}", WIDTH)
    if len(asked) > MOST_RESULTS:
        yield f"… and {len(asked) - MOST_RESULTS} more"


def _proved_form(derivation: Derivation, line: Line, judge: Judge) -> Expr | None:
    """The form that people write, where there is one; a text for `print` never fails."""
    try:
        form = _form(derivation, line)
        if form is not None:
            judge.check(Chain(line.var, (form,)))
    except SymdiffError:
        return None
    return form


def _form(derivation: Derivation, line: Line) -> Expr | None:
    tape = derivation.tape
    if tape.has_arrays:
        named = None if line.primal is None else in_names(tape, line.primal)
        steps = () if named is None else way_to_short_form(tape, named)
        return steps[-1].form if steps else named
    name = next((name for name in derivation.wrt if derivation.results.get(name.name) is line), None)
    found = None if name is None else answer(tape, name)
    if found is not None and found.steps:
        return found.steps[-1].form
    closed = closed_form(tape, line)
    shorter = None if closed is None else compact_form(tape, closed)
    return closed if shorter is None else shorter.form
