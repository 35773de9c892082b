"""The proof of lines with letters for their time refuses what is wrong by little, or at one time only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import pytest

from symdiff.document.blocks import Chain, chains
from symdiff.errors import ProofError
from symdiff.exercises import read
from symdiff.exercises.recurrent import steps_said
from symdiff.explain import parts
from symdiff.explain.recurrence.cell_work import CellWork
from symdiff.expr.operations import DIRECT, KRON
from symdiff.expr.timed import Series
from symdiff.expr.tree import Dim, Expr, Num, Sym, postorder, substitute
from symdiff.proof.judge import Judged

LITTLE = Num(1001) / Num(1000)


def work_of(name: str) -> CellWork:
    problem = read(name)
    of = problem.recurrence
    assert of is not None
    asked = problem.wrt or tuple(n.name for n in of.inputs)
    wrt = tuple(n for n in of.inputs if n.name in asked)
    return CellWork(of, wrt, steps_said(of, None))


def claims(name: str) -> list[tuple[Judged, Chain]]:
    return [(part, chain) for part in parts(work_of(name)) for chain in dict.fromkeys(chains(part.blocks))]


CLAIMS = {name: claims(name) for name in ("rnn", "rnn-loss", "lstm", "linear-recurrence")}


@pytest.mark.parametrize("name", CLAIMS)
def test_a_member_wrong_by_a_thousandth_is_refused(name: str) -> None:
    refused = 0
    for part, chain in CLAIMS[name][::3]:
        last = chain.members[-1]
        if any(isinstance(node, Num) and not node.value for node in [last]) or str(last).startswith("zeros"):
            continue
        with pytest.raises(ProofError):
            part.judge.check(replace(chain, members=(*chain.members[:-1], last * LITTLE)))
        refused += 1
    assert refused > 5


def tampered(change: Callable[[Expr], Expr | None], name: str) -> list[tuple[Judged, Chain]]:
    """The claims in which some member changes under `change`, with the change made."""
    found = []
    for part, chain in CLAIMS[name]:
        for position, member in enumerate(chain.members):
            other = change(member)
            if other is not None:
                found.append((part, replace(chain, members=(*chain.members[:position], other))))
    return found


def swapped(member: Expr) -> Expr | None:
    """The factors of ⊗ in the other order."""
    pairs = {n: Expr(KRON, *n.args[::-1]) for n in postorder(member) if n.op is KRON}
    return substitute(member, dict(pairs)) if pairs else None


def later_start(member: Expr) -> Expr | None:
    """A sum over time that leaves its first term out; with h_{−1} = 0 only one of inputs is false then."""
    sums = {
        n: Series("sum", n.index, n.low.plus(1), n.high, n.body)
        for n in postorder(member)
        if isinstance(n, Series) and n.kind == "sum" and "x[" in str(n.body)
    }
    return substitute(member, dict(sums)) if sums else None


def only_immediate(member: Expr) -> Expr | None:
    """∂⁺ in place of a sum that begins with it."""
    first = member.args[0] if member.op.name == "+" else member
    return first if first.op is DIRECT and first is not member else None


@pytest.mark.parametrize("change", [swapped, later_start, only_immediate])
def test_classic_mistakes_are_refused(change: Callable[[Expr], Expr | None]) -> None:
    found = tampered(change, "rnn")
    assert found
    for part, chain in found:
        with pytest.raises(ProofError):
            part.judge.check(chain)


def test_a_line_true_at_one_time_only_is_refused() -> None:
    work = work_of("h[-1] = 0; h[t] = tanh(w*h[t-1] + x[t]); L = sum(h)")
    last = next(line for line in work.adjoints.lines if line.low == line.high)
    everywhere = (work.start.as_expr(), work.recurrence.last.as_expr())
    here = (line_end := last.low.as_expr(), line_end)
    form = Num(1)
    assert work.judge.check(Chain(last.left, (form,), times=here))
    general = next(line for line in work.adjoints.lines if line.low != line.high)
    with pytest.raises(ProofError):
        work.judge.check(Chain(general.left, (form,), times=everywhere))


def test_a_line_for_no_time_is_refused() -> None:
    work = work_of("h[-1] = 0; h[t] = tanh(w*h[t-1] + x[t]); L = sum(h)")
    line = next(line for line in work.adjoints.lines if line.low != line.high)
    with pytest.raises(ProofError, match="claimed for no time"):
        work.judge.check(Chain(line.left, (line.form,), times=(Num(5), Num(4))))


def test_a_brace_must_say_what_is_above_it() -> None:
    from symdiff.expr.timed import Braced

    work = work_of("rnn")
    name, other = Sym("h_1", shape=("n",)), Sym("h_0", shape=("n",))
    with pytest.raises(ProofError):
        work.judge.fixed().check(Chain(name, (Braced(name, other),)))


def test_the_numbers_of_steps_and_the_sizes_are_those_of_the_note() -> None:
    work = work_of("rnn")
    assert tuple(work.judge.lengths) == tuple(range(1, 9))
    assert len({tuple(model.sizes_of.values()) for model in work.judge.models}) == 2
    work.judge.check_whole()
    assert Dim("T") == Dim(str(work.recurrence.horizon))


@pytest.mark.parametrize("name", ["U", "W", "x_3"])
def test_a_result_wrong_by_little_is_told_from_the_whole_program(name: str) -> None:
    work = work_of("rnn")
    (model, *_) = work.judge.by_length[8]
    (var,) = (var for var in model.adjoints if var.name == name)
    with model.m:
        model.adjoints[var] = model.adjoints[var] * model.m.number(1 + Fraction(1, 10**20))
    with pytest.raises(ProofError, match=rf"the derivative by {name} is"):
        work.judge.check_whole()
