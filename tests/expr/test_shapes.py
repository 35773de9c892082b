"""Shapes: what fits, what does not, and errors that name both operands and their shapes."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import Any

import pytest

from symdiff.errors import InputError
from symdiff.expr import shapes
from symdiff.expr.shapes import LARGEST, SMALL
from symdiff.expr.tree import Sym


@dataclass(frozen=True)
class Arg:
    """An argument that has a shape and is written as a name."""

    shape: Any
    name: str = "x"

    def __str__(self) -> str:
        return self.name


def shape(rule: Any, *given: Any) -> Any:
    return rule("op", [Arg(one, name) for one, name in zip(given, "abcd", strict=False)])


S, N, M, R, C, X, Y = (), ("n",), ("m",), (1, "n"), ("m", 1), ("m", "n"), ("n", "n")
GOOD = [
    (shapes.elementwise, [S, S], S),
    (shapes.elementwise, [S, N], N),
    (shapes.elementwise, [X, S], X),
    (shapes.elementwise, [N, N], N),
    (shapes.elementwise, [X, N], X),
    (shapes.elementwise, [X, R], X),
    (shapes.elementwise, [C, X], X),
    (shapes.elementwise, [C, R], X),
    (shapes.elementwise, [C, N], X),
    (shapes.elementwise, [N, (1,)], N),
    (shapes.elementwise, [N, X, S], X),
    (shapes.elementwise, [(3,), (2, 3)], (2, 3)),
    (shapes.matmul, [X, N], M),
    (shapes.matmul, [M, X], N),
    (shapes.matmul, [N, N], S),
    (shapes.matmul, [X, ("n", "k")], ("m", "k")),
    (shapes.matmul, [("100", 3), (3, "100")], ("100", "100")),
    (shapes.transposed, [X], ("n", "m")),
    (shapes.transposed, [N], N),
    (shapes.transposed, [S], S),
    (shapes.vector, [N], N),
    (shapes.vector, [X], X),
    (shapes.scalar_of, [N], S),
    (shapes.scalar_of, [X], S),
    (shapes.scalar_of_vector, [N], S),
    (shapes.scalar_of_two, [N, N], S),
    (shapes.scalar_of_two, [X, X], S),
    (shapes.scalar_of_vectors, [N, N], S),
    (shapes.jacobian, [M, N], X),
    (shapes.jacobian, [S, X], X),
    (shapes.mapped, [("m", "n", "k"), ("n", "k")], M),
    (shapes.mapped, [X, N], M),
    (shapes.mapped_back, [X, M], N),
    (shapes.square, [Y], Y),
    (shapes.scalar_of_square, [Y], S),
    (shapes.outer, [M, N], X),
    (shapes.diagonal, [N], Y),
    (shapes.diagonal, [Y], N),
    (shapes.without_axis(0), [X], N),
    (shapes.without_axis(1), [X], M),
    (shapes.as_column, [M], C),
    (shapes.as_row, [N], R),
    (shapes.stacked, [S, S, S], (3,)),
    (shapes.stacked, [N, N], (2, "n")),
    (shapes.joined, [(2,), (3,)], ("5",)),
    (shapes.joined, [N, (2,)], ("n+2",)),
    (shapes.joined, [N, M], ("m+n",)),
    (shapes.kronecker, [X, (2, 3)], ("2*m", "3*n")),
    (shapes.kronecker, [R, ("m", "m")], ("m", "m*n")),
    (shapes.kronecker, [N, ("m", "m")], ("m*n", "m")),
    (shapes.kronecker, [("m", "m"), N], ("m*n", "m")),
    (shapes.kronecker, [N, M], ("m*n",)),
    (shapes.stacked_columns, [X], ("m*n",)),
    (shapes.stacked_columns, [N], N),
]
BAD = [
    (shapes.elementwise, [N, M]),
    (shapes.elementwise, [X, M]),
    (shapes.elementwise, [X, ("n", "m")]),
    (shapes.elementwise, [(2,), (3,)]),
    (shapes.elementwise, [N, (2,)]),
    (shapes.matmul, [X, M]),
    (shapes.matmul, [N, X]),
    (shapes.matmul, [S, N]),
    (shapes.matmul, [X, S]),
    (shapes.matmul, [X, X]),
    (shapes.matmul, [N, M]),
    (shapes.vector, [S]),
    (shapes.scalar_of, [S]),
    (shapes.scalar_of_vector, [X]),
    (shapes.scalar_of_vector, [S]),
    (shapes.scalar_of_two, [N, M]),
    (shapes.scalar_of_two, [S, S]),
    (shapes.scalar_of_two, [X, N]),
    (shapes.scalar_of_vectors, [X, X]),
    (shapes.scalar_of_vectors, [N, M]),
    (shapes.square, [X]),
    (shapes.square, [N]),
    (shapes.square, [S]),
    (shapes.scalar_of_square, [X]),
    (shapes.outer, [X, N]),
    (shapes.outer, [N, S]),
    (shapes.diagonal, [X]),
    (shapes.diagonal, [S]),
    (shapes.without_axis(0), [N]),
    (shapes.without_axis(1), [S]),
    (shapes.as_column, [X]),
    (shapes.as_row, [S]),
    (shapes.stacked, [N, M]),
    (shapes.stacked, [S, N]),
    (shapes.stacked, [X, X]),
    (shapes.joined, [N, S]),
    (shapes.joined, [X, N]),
    (shapes.kronecker, [S, X]),
    (shapes.kronecker, [X, S]),
    (shapes.stacked_columns, [S]),
]


def case_name(value: Any) -> str:
    return getattr(value, "__name__", str(value))


@pytest.mark.parametrize(("rule", "given", "wanted"), GOOD, ids=case_name)
def test_the_shape_of_a_result(rule: Any, given: Any, wanted: Any) -> None:
    assert shape(rule, *given) == wanted


@pytest.mark.parametrize(("rule", "given"), BAD, ids=case_name)
def test_what_does_not_fit_is_refused_with_a_way_out(rule: Any, given: Any) -> None:
    with pytest.raises(InputError) as error:
        shape(rule, *given)
    of_numbers = not any(given)
    start = "op is for vectors and matrices" if of_numbers else "the shapes do not fit in op"
    assert error.value.what.startswith((start, "the shapes do not fit in the list"))
    said = "a and b are numbers" if of_numbers and len(given) > 1 else f"a is {shapes.in_words(given[0])}"
    assert said in error.value.what
    assert error.value.way_out


def test_an_error_names_both_operands_and_their_shapes() -> None:
    with pytest.raises(InputError, match="W is a matrix of n×d and x is a vector of m entries"):
        Sym("W", shape=("n", "d")) @ Sym("x", shape=("m",))
    with pytest.raises(InputError, match="x is a vector of n entries and s is a number"):
        Sym("x", shape=N) @ Sym("s")
    with pytest.raises(InputError, match="the list: x is a vector of n entries and s is a number"):
        shapes.stacked("stack", [Arg(N), Arg(S, "s")])


def test_a_long_operand_is_shortened_in_an_error() -> None:
    long = Arg(N, "x" * 500)
    with pytest.raises(InputError) as error:
        shapes.elementwise("+", [long, Arg(M)])
    assert len(str(error.value)) < 300


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (S, "a number"),
        (N, "a vector of n entries"),
        ((1,), "a vector of 1 entry"),
        (X, "a matrix of m×n"),
        (("100", 3), "a matrix of 100×3"),
        ((2, 3, 4), "2×3×4"),
    ],
    ids=str,
)
def test_a_shape_in_words(given: Any, wanted: str) -> None:
    assert shapes.in_words(given) == wanted


@pytest.mark.parametrize(
    ("value", "kept"), [(1, 1), (SMALL, SMALL), (SMALL + 1, "5"), (LARGEST, "10000"), ("n", "n"), ("7", "7")]
)
def test_large_numbers_are_kept_as_text(value: Any, kept: Any) -> None:
    assert shapes.size(value) == kept


@pytest.mark.parametrize(
    ("value", "number"),
    [
        *((3, 3), ("n", 2), ("100", 4), ("50", 50), ("n+3", 5), ("m+n", 9), ("n+m+100", 13), ("m*n", 14)),
        *(("2*3", 6), ("3*100", 12), ("2*50", 100), ("m*n+2*n+3", 21), ("m+-1", 6), ("m*n+-1*n", 12)),
    ],
)
def test_what_a_size_is_worth(value: Any, number: int) -> None:
    assert shapes.size_value(value, {"n": 2, "m": 7, "100": 4}) == number


@pytest.mark.parametrize(
    ("parts", "whole"),
    [
        ((1, 2), 3),
        ((2, 3), "5"),
        (("100", 3), "103"),
        (("n", 2), "n+2"),
        ((2, "n"), "n+2"),
        (("n", "m"), "m+n"),
    ],
    ids=str,
)
def test_sizes_add(parts: Any, whole: Any) -> None:
    assert shapes.plus(*parts) == whole


@pytest.mark.parametrize("parts", [("n+2", 3), ("n", 2, 3), (2, "n+3")], ids=str)
def test_sums_of_sizes_are_written_alike(parts: Any) -> None:
    assert shapes.plus(*parts) == "n+5"


def test_what_is_a_number() -> None:
    assert all(map(shapes.is_number, (0, 3, "5", "100")))
    assert not any(map(shapes.is_number, ("n", "n+2", "n1")))


@pytest.mark.parametrize(
    ("factors", "whole"),
    [
        ((), 1),
        ((1, 1), 1),
        ((2, 2), 4),
        ((1, "n"), "n"),
        (("n", 1), "n"),
        ((1, "100"), "100"),
        (("n", "d"), "d*n"),
        (("n", "n"), "n*n"),
        ((2, "n"), "2*n"),
        ((2, 3), "2*3"),
        ((3, "100"), "100*3"),
        ((3, 2, 2), "3*4"),
        (("n+1", "d"), "d+d*n"),
        (("n+2", 3), "2*3+3*n"),
        (("n+-1", "d"), "d*n+-1*d"),
        ((0, "n"), 0),
    ],
    ids=str,
)
def test_sizes_multiply(factors: Any, whole: Any) -> None:
    assert shapes.times(*factors) == whole
    assert shapes.times(*factors[::-1]) == whole


SIZES = [1, 2, 3, 4, "5", "100", "n", "d", "n+1", "m+n", "2*n", "2*3", "d*n+2"]


@pytest.mark.parametrize("first", SIZES, ids=str)
def test_equal_products_of_sizes_are_written_alike_and_worth_their_product(first: Any) -> None:
    known = {"n": 3, "d": 2, "m": 5, "100": 4}
    for second, third in itertools.product(SIZES, SIZES):
        whole = shapes.times(first, second, third)
        assert shapes.times(shapes.times(third, first), second) == whole
        assert shapes.times(shapes.times(first, shapes.times(second, third))) == whole
        parts = [shapes.size_value(size, known) for size in (first, second, third)]
        assert shapes.size_value(whole, known) == math.prod(parts)


def test_the_names_in_a_size() -> None:
    assert shapes.names_in("2*n+d*n+100") == ["n", "d", "100"]
    assert shapes.names_in(3) == shapes.names_in("2*3") == []


def test_products_of_sizes_are_no_numbers() -> None:
    assert not any(map(shapes.is_number, ("2*3", "d*n")))
