"""The displayed expression: its form is kept, and depth costs no recursion."""

from __future__ import annotations

from fractions import Fraction

import pytest
from helpers import EXPRESSIONS, close, points_of, value

from symdiff.expr import tree as e
from symdiff.expr.tree import Expr, Num, Sym, count_operations, postorder, substitute, symbols, total
from symdiff.language.program import parse_expression
from symdiff.rendering.formulas.latex import LatexPrinter

DEPTH = 20_000
X, Y = Sym("x"), Sym("y")


def tower(depth: int, leaf: Expr = X) -> Expr:
    """leaf + 1 − 1 + 1 …, as a new object every time."""
    root = leaf
    for level in range(depth):
        root = root + 1 if level % 2 else root - 1
    return root


def test_form_is_kept_when_a_tree_is_built() -> None:
    assert str(X - 2 * X) == "x - 2*x"
    assert str(1 + X * 1 + 0) == "1 + x*1 + 0"
    assert count_operations(X - 2 * X) == 2


def test_python_numbers_become_exact_numbers() -> None:
    assert (X + Fraction(1, 3)).args[1] == Num(Fraction(1, 3))
    assert (2 - X).args[0] == Num(2)


def test_equality_is_structural_and_not_mathematical() -> None:
    assert Sym("x") + Sym("y") == X + Y
    assert X + Y != Y + X
    assert X - Y != X + Y
    assert Num(2) != Num(2, rounded=True)
    assert Sym("w_1", "bar") != Sym("w_1", "dot")
    assert Sym("w_1", "dot", seed="x") != Sym("w_1", "dot", seed="a")


def test_equality_and_hash_of_deep_trees_need_no_recursion() -> None:
    one, other = tower(DEPTH), tower(DEPTH)
    assert one == other
    assert hash(one) == hash(other)
    assert one != tower(DEPTH, Y)
    assert len({one, other, tower(DEPTH, Y)}) == 2


def test_walks_over_deep_trees_need_no_recursion() -> None:
    root = tower(DEPTH)
    assert sum(1 for node in postorder(root) if node.args) == DEPTH
    assert count_operations(root, DEPTH + 1) == DEPTH
    assert symbols(root) == [X]
    assert symbols(substitute(root, {X: Y})) == [Y]
    assert str(tower(3)) == "x - 1 + 1 - 1"
    assert str(root).startswith("x - 1 + 1")


def test_a_shared_node_is_walked_once() -> None:
    root: Expr = X
    for _ in range(200):
        root = root + root
    assert sum(1 for node in postorder(root) if node.args) == 200


@pytest.mark.parametrize("source", EXPRESSIONS)
def test_code_read_back_is_the_same_tree(source: str) -> None:
    root = parse_expression(source)
    assert parse_expression(str(root)) == root


@pytest.mark.parametrize("source", EXPRESSIONS)
def test_code_has_the_value_of_the_source(source: str) -> None:
    for point in points_of(source):
        assert close(value(parse_expression(source), point), value(source, point))


@pytest.mark.parametrize(
    "source",
    [
        "x - (y - x)",
        "x/(y/x)",
        "(x/y)/x",
        "(x**y)**x",
        "x**y**x",
        "(-x)**2",
        "-x**2",
        "x*(-y)",
        "(x + y)*x",
        "x**-y",
    ],
)
def test_code_has_the_brackets_it_needs(source: str) -> None:
    point = {"x": Fraction(13, 10), "y": Fraction(7, 10)}
    root = parse_expression(source)
    assert close(value(str(root), point), value(source, point))
    assert parse_expression(str(root)) == root


def test_code_has_no_bracket_it_does_not_need() -> None:
    assert str(parse_expression("((x)*(y)) + ((x)**(2))")) == "x*y + x**2"


def test_fractions_and_negative_numbers_are_bracketed_in_code() -> None:
    assert close(value(str(Num(Fraction(2, 3)) ** X), {"x": 2}), value("4/9", {}), 40)
    assert value(str(Num(-2) ** X), {"x": 2}) == 4
    assert value(str(X / Num(Fraction(2, 3))), {"x": 2}) == 3


def test_substitute_replaces_whole_subtrees_and_keeps_the_rest() -> None:
    root = parse_expression("sin(x*y) + x*y*2")
    assert str(substitute(root, {X * Y: Sym("z")})) == "sin(z) + z*2"
    assert substitute(root, {Sym("a"): Y}) is root


def test_substitute_does_not_replace_in_what_it_put_in() -> None:
    assert str(substitute(X + Y, {X: Y, Y: X})) == "y + x"


def test_total_writes_a_plain_sum_and_above_twelve_terms_one_node() -> None:
    names = [Sym(f"x_{i}") for i in range(13)]
    assert total([]) == Num(0)
    assert total([X]) == X
    assert total([X, Y, X]) == X + Y + X
    assert total(names[:12]).op is e.ADD
    assert total(names).op is e.TOTAL
    assert value(str(total(names)), {s.name: i for i, s in enumerate(names)}) == 78


@pytest.mark.parametrize(
    ("factors", "written"),
    [
        (("end", "graph"), r"\mathit{end} \cdot \mathit{graph}"),
        (("x", "rate"), r"x\,\mathit{rate}"),
        (("rate", "x"), r"\mathit{rate}\,x"),
        (("alpha", "x"), r"\alpha x"),
        (("x_1", "y"), "x_{1} y"),
    ],
)
def test_names_of_several_letters_do_not_run_together(factors: tuple[str, str], written: str) -> None:
    one, other = map(Sym, factors)
    assert LatexPrinter(".")(one * other) == written
