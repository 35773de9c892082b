"""Every formula is read twice, by two rules: a reader that is spoiled writes no page."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import symdiff as sd
from symdiff.exercises import load, names, read
from symdiff.expr import tree as e
from symdiff.expr.operations import COS, SIN
from symdiff.expr.tree import Expr, Num, Sym, substitute
from symdiff.language.program import parse_program
from symdiff.language.reader import Reader
from symdiff.language.second_reading import Binding, confirm
from symdiff.language.timed_reader import TimedReader

leaf, build = Reader.leaf, Reader.build


def constants_first(self: Reader, node: ast.Name) -> Expr:
    """The defect that this is for: a word of the language comes before a name of the author's."""
    rule = self.known.get(node.id)
    return Expr(rule.op) if rule is not None and not rule.op.arity else leaf(self, node)


def names_first(self: Reader, node: ast.Name) -> Expr:
    """Its opposite: no constant and no size is one."""
    return self.names.get(node.id) or Sym(node.id)


def another_name(self: Reader, node: ast.Name) -> Expr:
    found = leaf(self, node)
    return Sym("q", shape=found.shape) if isinstance(found, Sym) and found.name == "x" else found


def spoiled(change: Callable[[Expr], Expr]) -> Callable[..., Expr]:
    """A reader that changes what it has built."""
    return lambda self, node, args: change(build(self, node, args))


def of(op: Any, made: Callable[..., Expr]) -> Callable[[Expr], Expr]:
    return lambda node: made(*node.args) if node.op is op else node


LEAVES = {
    "constants first": (constants_first, "f(x, e) = x*e**2"),
    "constants first, defined": (constants_first, "pi = 2*x; L = pi**2"),
    "names first": (names_first, "f(x) = pi*x"),
    "another name": (another_name, "f(x, q) = x*q + x"),
}
NODES = {
    "difference turned round": (of(e.SUB, lambda u, v: v - u), "x - y"),
    "sign lost": (of(e.NEG, lambda u: u), "-x*y"),
    "sine for cosine": (of(COS, lambda u: Expr(SIN, u)), "cos(x)"),
    "quotient turned round": (of(e.DIV, lambda u, v: v / u), "x/y"),
    "power turned round": (of(e.POW, lambda u, v: v**u), "x**y"),
    "sum for product": (of(e.MUL, lambda u, v: u + v), "x*y"),
    "factor lost": (of(e.MUL, lambda u, v: u), "x*y"),
    "another number": (lambda node: Num(3) if isinstance(node, Num) else node, "2*x"),
    "transpose lost": (of(e.TRANSPOSE, lambda u: u), "sum(A.T @ A)"),
}


@pytest.mark.parametrize("case", LEAVES)
def test_a_reader_that_takes_a_name_for_another_thing_is_caught(
    case: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    spoil, text = LEAVES[case]
    sd.trace(text)
    monkeypatch.setattr(Reader, "leaf", spoil)
    with pytest.raises(sd.ProofError, match="two readings of"):
        sd.trace(text)


@pytest.mark.parametrize("case", NODES)
def test_a_reader_that_builds_something_else_is_caught(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    change, text = NODES[case]
    shapes = {"A": ("n", "n")} if "A" in text else None
    sd.trace(text, shapes=shapes)  # type: ignore[arg-type]
    monkeypatch.setattr(Reader, "build", spoiled(change))
    with pytest.raises(sd.ProofError, match="two readings of"):
        sd.trace(text, shapes=shapes)  # type: ignore[arg-type]


def test_files_claims_and_recurrences_are_read_twice_too(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "own.toml").write_text('[inputs]\nx = []\ne = []\n[definitions]\ny = "x*e**2"\n')
    text = "h[-1] = 0; h[t] = w*h[t-1] + e[t]; c = 2*w; L = h[1]*c"
    read(str(tmp_path / "own.toml")), read(text)
    monkeypatch.setattr(Reader, "leaf", constants_first)
    with pytest.raises(sd.ProofError, match="two readings of y differ"):
        read(str(tmp_path / "own.toml"))
    monkeypatch.undo()
    timed = TimedReader._timed
    early = lambda self, node, stem: substitute(  # noqa: E731
        timed(self, node, stem), {Sym("h@t-1"): Sym("h@t-2")}
    )
    monkeypatch.setattr(TimedReader, "_timed", early)
    with pytest.raises(sd.ProofError, match=r"two readings of h\[t\] differ"):
        read(text)


def test_the_two_readings_of_every_exercise_agree() -> None:
    for name in names():
        load(name)


@pytest.mark.parametrize(
    "text",
    [
        "-a*x",
        "-a*b*x/c",
        "-(a*x)",
        "-(-a)*x",
        "a - -b*c",
        "+x",
        "e**x",
        "exp(x)",
        "2**-x",
        "-x**2",
        "(-x)**2",
    ],
)
def test_signs_and_powers_of_e_are_one_form(text: str) -> None:
    assert sd.trace(f"y = {text} + x").length


INDEXED = (
    "x[0]*z[-1]*z1*z_2",
    "sum(A, axis=0) @ x",
    "sum(softmax(A, axis=0).T @ z)",
    "A[0] @ x",
    "sum(A[:, 0])",
    "z[0:2] @ [1, 2]",
    "sum(mean(A, axis=1, keepdims=True))",
    "ones(n) @ x",
    "sum(eye(3) @ z)",
    "n*sum(x)",
)


def test_indices_axes_and_entries_by_name_agree() -> None:
    shapes: dict[str, Any] = {"x": ("n",), "A": (3, "n"), "z": (3,)}
    for text in INDEXED:
        parse_program(text, shapes=shapes)


def test_a_deep_formula_is_compared_without_recursion() -> None:
    text = " + ".join(["x"] * 800)
    tree = ast.parse(text, mode="eval").body
    formula: Expr = Sym("x")
    for _ in range(799):
        formula = formula + Sym("x")
    confirm("y", tree, formula, Binding({"x"}))
    with pytest.raises(sd.ProofError):
        confirm("y", tree, formula + Sym("x"), Binding({"x"}))


@pytest.mark.parametrize("text", ["-1*a - 1*b", "-1*a*b", "-1*(-a)", "1*a/b", "-1*sin(-1*a)"])
def test_a_factor_of_one_agrees_with_and_without_a_sign(text: str) -> None:
    assert str(parse_program(text).definitions[0][1]).startswith(text[:2])
