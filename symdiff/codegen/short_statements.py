"""Backward statements as short as people write them: adjoints that only lead on to others are put in there.

x̄ = μ̄/n + 2v̄·(x − μ)/n + x̂̄/s takes three sums over x; with μ̄ and v̄ put in, the definitions make two of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

from symdiff.codegen.statements import Statement, adjoint_statements, needed, results_of
from symdiff.derivation.derivation import Derivation
from symdiff.derivation.entry_writing import is_reduced
from symdiff.derivation.short_forms import shortest_form
from symdiff.derivation.sweeps import reverse
from symdiff.derivation.ways import operations
from symdiff.document.blocks import Chain, Document, Equations, Row, text
from symdiff.errors import InputError
from symdiff.exercises.problem import Problem
from symdiff.expr.tree import Expr, Sym, count_operations, postorder, substitute, symbols
from symdiff.proof.judge import prove
from symdiff.tape.points import checked_point
from symdiff.tape.tape import LONGEST_FORMULA, Tape, named_tape

MOST_STATEMENTS = 40
WORTH_OF_A_SUM = 2
"""Operations that a sum over an axis counts for besides its own."""
Statements = Mapping[Sym, Statement]


def derived(problem: Problem, wrt: str | Sequence[str] | None = None) -> Derivation:
    """The derivation whose statements are written as code.

    Raises:
        ProofError: a statement is false.
    """
    program = problem.program
    if not program.inputs:
        raise InputError("the expression has no variable", way_out="write for instance f(x) = 3")
    tape = named_tape(program.definitions, program.inputs, distinct=False)
    derivation = reverse(tape, problem.wrt if wrt is None else wrt)
    rows = tuple(Row(Chain(s.name, (s.value,))) for s in backward_statements(derivation))
    prove(Document(text("title"), (Equations(rows),)), (derivation,), checked_point(tape, problem.at))
    return derivation


def backward_statements(derivation: Derivation) -> list[Statement]:
    """The adjoints that the results need, in the order of the sweep, as short as they were found."""
    return shortened(derivation.tape, adjoint_statements(derivation), results_of(derivation))


def shortened(tape: Tape, statements: Sequence[Statement], results: Sequence[Sym]) -> list[Statement]:
    """The statements that the results rest on, each in the form that makes the whole shortest."""
    found = {statement.name: statement for statement in statements}
    if len(found) > MOST_STATEMENTS or not any(name.shape for name in found):
        return list(statements)
    for name in found:
        tries = [{**found, name: each} for each in _forms(tape, found, name, results)]
        found = min([found, *tries], key=lambda each: _cost(each, results))
    return needed(found, results)


def _cost(statements: Statements, results: Sequence[Sym]) -> int:
    cost = 0
    for statement in needed(dict(statements), results):
        sums = sum(map(is_reduced, postorder(statement.value)))
        cost += operations(statement.value) + WORTH_OF_A_SUM * sums
    return cost


def _forms(tape: Tape, statements: Statements, name: Sym, results: Sequence[Sym]) -> Iterator[Statement]:
    """A statement as it is, with adjoints of another shape put in, with those put in that only it uses."""
    uses = Counter(s for statement in statements.values() for s in set(symbols(statement.value)))
    rules: list[Callable[[Sym], bool]] = [
        lambda adjoint: False,
        lambda adjoint: adjoint.shape != name.shape,
        lambda adjoint: uses[adjoint] == 1 and adjoint not in results,
    ]
    seen: set[Expr] = set()
    for is_put_in in rules:
        value = _with_adjoints(statements, statements[name].value, is_put_in)
        if value is None or value in seen:
            continue
        seen.add(value)
        short, because = shortest_form(tape, value)
        if short.shape == name.shape:
            yield Statement(name, short, tuple(dict.fromkeys((*statements[name].because, *because))))


def _with_adjoints(statements: Statements, value: Expr, is_put_in: Callable[[Sym], bool]) -> Expr | None:
    """A value with some adjoints written out; None where it becomes too long."""
    while True:
        own = {s: statements[s].value for s in symbols(value) if s in statements and is_put_in(s)}
        if not own:
            return value
        value = substitute(value, dict(own.items()))
        if count_operations(value, 2 * LONGEST_FORMULA) >= 2 * LONGEST_FORMULA:
            return None
