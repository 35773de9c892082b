"""What can be neither proved nor refuted is said to be so: another word, another status, nothing written."""

from __future__ import annotations

from functools import reduce
from pathlib import Path

import flint
import pytest
from tools import run_here

import symdiff as sd
from symdiff.document.blocks import Chain
from symdiff.errors import Status
from symdiff.expr.tree import Num, Sym
from symdiff.proof.agreement import confirm, holds
from symdiff.proof.sample_points import models_of

UNKNOWN = reduce(lambda inner, _: f"sin(10**900*{inner})", range(12), "1")
"""A number of which 36,000 bits are needed to know the first digit."""
SOURCES = (f"y = x*{UNKNOWN}", f"y = relu(x + {UNKNOWN})", f"y = x + cos({UNKNOWN})")


@pytest.mark.parametrize("source", SOURCES, ids=lambda text: text[:8])
def test_an_equality_that_no_number_of_bits_decides(source: str) -> None:
    before = flint.ctx.prec
    with pytest.raises(sd.UndecidedError, match=r"undecided: .* neither proved nor refuted"):
        sd.render(sd.reverse(sd.trace(source)), "text")
    assert flint.ctx.prec == before


@pytest.mark.parametrize("source", SOURCES[:2], ids=lambda text: text[:8])
def test_the_command_has_a_status_of_its_own_and_writes_nothing(source: str, tmp_path: Path) -> None:
    file = tmp_path / "page.tex"
    for arguments in ([], ["-o", str(file)]):
        done = run_here("derive", source, "--mode", "reverse", *arguments)
        error = done.stderr.decode()
        assert done.returncode == Status.UNDECIDED == 6
        assert done.stdout == b""
        assert error.count("\n") == 1
        assert "undecided" in error
        assert "false" not in error
        assert "nothing was written" in error
    assert [*tmp_path.iterdir()] == []


def test_a_number_on_an_edge_that_nobody_knows_is_not_printed() -> None:
    with pytest.raises(sd.UndecidedError):
        sd.render(sd.reverse(sd.trace(f"y = x + {UNKNOWN}")), "text", at={"x": 1})


def test_overlap_alone_is_no_agreement() -> None:
    """Wide balls overlap with everything: neither a false nor a true member is confirmed by them."""
    (model, *_) = models_of(sd.trace(f"y = x*{UNKNOWN}"))
    y, x = Sym("y"), Sym("x")
    for member in (y, y * Num(2), x * 0, y + 0):
        with pytest.raises(sd.UndecidedError):
            confirm(Chain(y, (member,)), member, model, {})
    assert not holds(y, x * 10 + 10**9, model)
