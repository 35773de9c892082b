"""Members that are wrong by very little: a part in 10²⁰ to 10⁵⁰ is enough to be refused on a short tape."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from functools import cache

import pytest
from pages import some

from symdiff.api.wishes import Wishes
from symdiff.api.works import work_of
from symdiff.document.blocks import Chain, chains
from symdiff.errors import ProofError
from symdiff.exercises import read
from symdiff.exercises.problem import Problem
from symdiff.explain import parts
from symdiff.expr.tree import Expr, Num
from symdiff.language.program import parse_program
from symdiff.proof.judge import Judged

CLASSES = {"W": ("n", "m"), "x": ("m",), "y": ("n",)}
PAGES: dict[str, tuple[str, str, dict[str, tuple[str, ...]] | None]] = {
    "sigmoid": ("y = 1/(1 + exp(-a*x))", "both", None),
    "numbers": ("h = tanh(a*x) + log(2 + x**2)\ny = h*sin(a)/sqrt(1 + h**2)", "both", None),
    "kinks": ("y = relu(a*x) + max(a, x)*abs(a - x)", "both", None),
    "arrays": ("h = tanh(W @ x + b)\nL = sqnorm(h)/2", "both", {"W": ("n", "m"), "x": ("m",), "b": ("n",)}),
    "softmax": ("p = softmax(W @ x)\nL = -dot(y, log(p))", "reverse", CLASSES),
    "matrices": ("L = logdet(A) + trace(inv(A) @ B)", "reverse", {"A": ("n", "n"), "B": ("n", "n")}),
    "jacobian": ("y = softmax(A @ x)", "jacobian", {"A": ("n", "m"), "x": ("m",)}),
    "recurrence": ("h[-1] = 0; h[t] = tanh(U*x[t] + W*h[t-1]); L = sum(h**2)", "bptt", None),
    "rnn": ("rnn", "bptt", None),
}
POWERS = (20, 29, 31, 40, 50)
CASES = [(name, power) for name in PAGES for power in POWERS]


@cache
def written(name: str) -> list[Judged]:
    """The parts of a page, each with its judge."""
    source, mode, shapes = PAGES[name]
    problem = read(source) if shapes is None else Problem(name, parse_program(source, tuple(shapes), shapes))
    return list(parts(work_of(problem, Wishes(mode))))


def claims(name: str) -> Iterator[tuple[Judged, Chain]]:
    for part in written(name):
        for chain in dict.fromkeys(chains(part.blocks)):
            yield part, chain


def is_zero(part: Judged, chain: Chain) -> bool:
    """Whether a member may be multiplied by what you like: it is zero at every point."""
    try:
        part.judge.check(replace(chain, members=(chain.left * 2,)))
    except ProofError:
        return False
    return True


@pytest.mark.parametrize(("name", "power"), some(CASES, 2))
def test_a_member_wrong_by_very_little_is_refused(name: str, power: int) -> None:
    factor: Expr = Num(Fraction(10**power + 1, 10**power))
    found = 0
    for part, chain in list(claims(name))[:: 1 if "bptt" not in PAGES[name] else 3]:
        for place, member in enumerate(chain.members):
            if member.op.name == "number" or is_zero(part, chain):
                continue
            members = (*chain.members[:place], member * factor, *chain.members[place + 1 :])
            with pytest.raises(ProofError):
                part.judge.check(replace(chain, members=members))
            found += 1
    assert found > 5
