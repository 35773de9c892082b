"""Shapes: the shape of an operation's result, with NumPy's rules. Knows no value and no derivative.

A shape is a tuple of sizes: () a scalar, (n,) a vector, (m, n) a matrix. A size is a number, or text: a
name, a sum such as "n+2", a product such as "d*n". Products of sums are multiplied out, "d*n+2*d" for
(n+2)·d, so that equal sizes are equal text. Numbers above `SMALL` are text too, "100", and treated like
names, so that what holds for them is proved at other sizes as well.

First the arithmetic of sizes, then a `ShapeRule` for each kind of operation: it takes the operation's name
and its arguments and gives the result's shape, or an InputError that names both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import product
from math import prod
from typing import NoReturn, Protocol

from symdiff.errors import InputError, ShapeError, shorten

Size = int | str
SMALL = 4
"""Numbers above this one are kept as text: a proof may put another number in their place."""
LARGEST = 10_000
"""The largest size that may be given."""
MOST_ENTRIES = 10**6
"""Entries up to which an array is computed at its own size."""


def size(value: Size) -> Size:
    """A size as it is kept: 3 as a number, 100 as "100"."""
    return str(value) if isinstance(value, int) and value > SMALL else value


def size_value(value: Size, sizes: Mapping[str, int]) -> int:
    """The number that a size stands for, sizes such as "n+2" and "d*n" included."""
    if isinstance(value, int):
        return value
    terms = ([sizes[part] if part in sizes else int(part) for part in term] for term in terms_of(value))
    return sum(map(prod, terms))


def is_number(value: Size) -> bool:
    """Whether a size is a number."""
    return isinstance(value, int) or value.isdigit()


def is_integer(part: str) -> bool:
    """Whether a part of a size is a number, in a sum also one that is taken away."""
    return part.removeprefix("-").isdigit()


def terms_of(value: Size) -> list[list[str]]:
    """The terms of a sum, each as its factors: "2*n+3" as [["2", "n"], ["3"]]."""
    return [term.split("*") for term in str(value).split("+")]


def names_in(value: Size) -> list[str]:
    """The names in a size, and its numbers that are kept as text."""
    parts = (part for term in terms_of(value) for part in term)
    return list(dict.fromkeys(part for part in parts if not is_integer(part) or int(part) > SMALL))


def plus(*sizes: Size) -> Size:
    """The sum of sizes: numbers added, names in alphabetical order, so that equal sums are written alike."""
    return sum_of([part for one in sizes for part in str(one).split("+")])


def minus(whole: Size, part: Size) -> Size:
    """whole − part; n − k is "n+-1*k"."""
    return plus(whole, sum_of(map(_negative, str(part).split("+"))))


def largest(value: Size) -> int | None:
    """The largest number that a size may be, names being 1 at least: 0 of 1 − n; None if there is none."""
    terms = terms_of(value)
    if any(term[0] != "-1" and not all(map(is_integer, term)) for term in terms):
        return None
    return sum(prod(int(part) if is_integer(part) else 1 for part in term) for term in terms)


def _negative(term: str) -> str:
    """A term with the other sign: −k of k, as a product."""
    if is_integer(term):
        return str(-int(term))
    factors = term.split("*")
    if "-1" in factors:
        factors.remove("-1")
        return "*".join(factors)
    return "*".join(sorted(["-1", *factors]))


def sum_of(parts: Iterable[str]) -> Size:
    """The sum of terms that are no sums themselves, those that are taken away after the others."""
    total, names = 0, list[str]()
    for term in parts:
        if is_integer(term):
            total += int(term)
        elif (opposite := _negative(term)) in names:
            names.remove(opposite)
        else:
            names.append(term)
    names.sort(key=lambda term: (term.startswith("-"), term))
    return size(total) if not names else "+".join([*names, *([str(total)] if total else [])])


def times(*sizes: Size) -> Size:
    """The product of sizes: n·d as "d*n"; the product of none is 1.

    Numbers are multiplied where the product is small. 2·5 stays "2*5": proofs may draw another size for 5.
    """
    return plus(
        *(_product([part for term in terms for part in term]) for terms in product(*map(terms_of, sizes)))
    )


def _product(factors: list[str]) -> Size:
    small = [part for part in factors if is_integer(part) and int(part) <= SMALL]
    others = [part for part in factors if part not in small]
    number = prod(map(int, small))
    return "*".join(sorted([*_small_factors(number), *others])) or 1 if number else 0


def _small_factors(number: int) -> list[str]:
    """A product of small numbers as small numbers, always the same ones: 12 as 3·4, 8 as 2·4."""
    found = ["-1"] if number < 0 else []
    for factor in range(SMALL, 1, -1):
        while not number % factor:
            found.append(str(factor))
            number //= factor
    return found


Shape = tuple[Size, ...]


class Shaped(Protocol):
    """Anything with a shape: an expression."""

    @property
    def shape(self) -> Shape: ...


ShapeRule = Callable[[str, Sequence[Shaped]], Shape]
Sizes = tuple[Size, Size]
"""Two sizes that would have to be equal."""


def in_words(shape: Shape) -> str:
    """A shape in words for an error: `a number`, `a vector of n entries`, `a matrix of n×d`."""
    if not shape:
        return "a number"
    if len(shape) == 1:
        return f"a vector of {shape[0]} {'entry' if str(shape[0]) == '1' else 'entries'}"
    return ("a matrix of " if len(shape) == 2 else "") + "×".join(map(str, shape))


def refuse(name: str, args: Sequence[Shaped], wanted: str, equal: Iterable[Sizes] = ()) -> NoReturn:
    """The error for arguments whose shapes do not fit; with the sizes in `equal` being equal they would."""
    if not any(arg.shape for arg in args):
        names = " and ".join(shorten(str(arg), 40) for arg in args[:3])
        what = (
            f"{name} is for vectors and matrices, and {names} {'are numbers' if args[1:] else 'is a number'}"
        )
        raise ShapeError(what, way_out=f'{wanted}; say the shapes, as --shape "A=m,n x=n"')
    what = " and ".join(f"{shorten(str(arg), 40)} is {in_words(arg.shape)}" for arg in args[:3])
    raise ShapeError(f"the shapes do not fit in {name}: {what}", way_out=wanted, equal=equal)


def different(one: Shape, other: Shape) -> list[Sizes]:
    """The sizes in which two shapes of one rank differ."""
    return [(a, b) for a, b in zip(one, other, strict=True) if a != b] if len(one) == len(other) else []


def elementwise(name: str, args: Sequence[Shaped]) -> Shape:
    """NumPy's broadcasting: sizes aligned from the right, equal, or 1, or absent."""
    shape: Shape = ()
    for arg in args:
        if not arg.shape or shape == arg.shape:  # as nearly all are
            continue
        merged = _broadcast(shape, arg.shape) if shape else arg.shape
        if merged is None:
            wanted = "shapes must be equal, or one a scalar, or one a row of the other"
            refuse(name, args, wanted, _spread(shape, arg.shape))
        shape = merged
    return shape


def _broadcast(one: Shape, other: Shape) -> Shape | None:
    length = max(len(one), len(other))
    padded = [(1,) * (length - len(shape)) + shape for shape in (one, other)]
    if any(a != b and 1 not in (a, b) for a, b in zip(*padded, strict=True)):
        return None
    return tuple(b if a == 1 else a for a, b in zip(*padded, strict=True))


def _spread(one: Shape, other: Shape) -> list[Sizes]:
    """The sizes of two shapes, aligned from the right, that are different and not 1."""
    pairs = zip(reversed(one), reversed(other), strict=False)
    return [(a, b) for a, b in pairs if a != b and 1 not in (a, b)]


def matmul(name: str, args: Sequence[Shaped]) -> Shape:
    """(m, k) @ (k, n) is (m, n); a vector counts as a row on the left and a column on the right."""
    left, right = (arg.shape for arg in args)
    if not left or not right or left[-1] != right[0]:
        equal = [(left[-1], right[0])] if left and right else []
        refuse(name, args, "the last size on the left must be the first on the right", equal)
    return left[:-1] + right[1:]


def transposed(name: str, args: Sequence[Shaped]) -> Shape:
    return args[0].shape[::-1]


def vector(name: str, args: Sequence[Shaped]) -> Shape:
    """The shape of the argument, a vector or a matrix."""
    if not args[0].shape:
        refuse(name, args, "a vector or a matrix is expected")
    return args[0].shape


def scalar_of(name: str, args: Sequence[Shaped]) -> Shape:
    """A scalar made from an array."""
    if not args[0].shape:
        refuse(name, args, "a vector or a matrix is expected")
    return ()


def scalar_of_vector(name: str, args: Sequence[Shaped]) -> Shape:
    if len(args[0].shape) != 1:
        refuse(name, args, "a vector is expected; for each row of a matrix say axis=1")
    return ()


def scalar_of_two(name: str, args: Sequence[Shaped]) -> Shape:
    """A scalar made from two arrays of one shape."""
    if args[0].shape != args[1].shape or not args[0].shape:
        equal = different(args[0].shape, args[1].shape)
        refuse(name, args, "two vectors, or two matrices, of the same shape are expected", equal)
    return ()


def scalar_of_vectors(name: str, args: Sequence[Shaped]) -> Shape:
    """A scalar made from two vectors of one size."""
    if args[0].shape != args[1].shape or len(args[0].shape) != 1:
        equal = different(args[0].shape, args[1].shape) if len(args[0].shape) == 1 else ()
        wanted = "two vectors of one size are expected; for matrices write A @ B or sum(A*B)"
        refuse(name, args, wanted, equal)
    return ()


def three_entries(name: str, args: Sequence[Shaped]) -> Shape:
    """The shape of two vectors of 3 entries, as ×, the vector product, has them."""
    if any(arg.shape != (3,) for arg in args):
        refuse(name, args, "two vectors of 3 entries are expected")
    return (3,)


def jacobian(name: str, args: Sequence[Shaped]) -> Shape:
    """∂u/∂v has the indices of u, then those of v."""
    return args[0].shape + args[1].shape


def numerator(name: str, args: Sequence[Shaped]) -> Shape:
    """The derivative of a scalar in numerator layout: a row for a vector, transposed for a matrix."""
    shape = args[1].shape
    return (1, *shape) if len(shape) == 1 else shape[::-1]


def mapped(name: str, args: Sequence[Shaped]) -> Shape:
    """A derivative ∂u/∂v applied to a tangent of v has the shape of u."""
    whole, operand = args[0].shape, args[1].shape
    return whole[: len(whole) - len(operand)]


def mapped_back(name: str, args: Sequence[Shaped]) -> Shape:
    """The transpose of ∂u/∂v applied to an adjoint of u has the shape of v."""
    return args[0].shape[len(args[1].shape) :]


def square(name: str, args: Sequence[Shaped]) -> Shape:
    shape = args[0].shape
    if len(shape) != 2 or shape[0] != shape[1]:
        refuse(name, args, "a square matrix is expected", [shape[:2]] if len(shape) == 2 else ())
    return shape


def scalar_of_square(name: str, args: Sequence[Shaped]) -> Shape:
    return square(name, args)[2:]


def outer(name: str, args: Sequence[Shaped]) -> Shape:
    if len(args[0].shape) != 1 or len(args[1].shape) != 1:
        refuse(name, args, "two vectors are expected")
    return args[0].shape + args[1].shape


def diagonal(name: str, args: Sequence[Shaped]) -> Shape:
    """diag of a vector is a matrix, diag of a square matrix the vector of its diagonal."""
    shape = args[0].shape
    if len(shape) == 1:
        return shape * 2
    return square(name, args)[:1]


def without_axis(axis: int) -> ShapeRule:
    """The shape of a matrix that one axis has been summed out of."""

    def shape(name: str, args: Sequence[Shaped]) -> Shape:
        if len(args[0].shape) != 2:
            refuse(name, args, "a matrix is expected where axis is given")
        return args[0].shape[1 - axis : 2 - axis]

    return shape


def as_column(name: str, args: Sequence[Shaped]) -> Shape:
    return (*_of_vector(name, args), 1)


def as_row(name: str, args: Sequence[Shaped]) -> Shape:
    return (1, *_of_vector(name, args))


def _of_vector(name: str, args: Sequence[Shaped]) -> Shape:
    if len(args[0].shape) != 1:
        refuse(name, args, "a vector is expected")
    return args[0].shape


def stacked(name: str, args: Sequence[Shaped]) -> Shape:
    """Scalars make a vector, vectors of one size the rows of a matrix."""
    first = args[0].shape
    if len(first) > 1 or any(arg.shape != first for arg in args):
        other = next((arg for arg in args if arg.shape != first), args[0])
        wanted = "its members must be scalars, or vectors of one size"
        refuse("the list", (args[0], other), wanted, different(first, other.shape))
    return (size(len(args)), *first)


def joined(name: str, args: Sequence[Shaped]) -> Shape:
    """Vectors one after the other, matrices of one width below one another."""
    first = args[0].shape
    if not first or any(len(arg.shape) != len(first) for arg in args):
        refuse(name, args, "vectors are expected, or matrices")
    for arg in args:
        if arg.shape[1:] != first[1:]:
            wanted = "matrices below one another have the same number of columns"
            refuse(name, (args[0], arg), wanted, [(first[1], arg.shape[1])])
    return (plus(*(arg.shape[0] for arg in args)), *first[1:])


def joined_across(name: str, args: Sequence[Shaped]) -> Shape:
    """Matrices of one height side by side."""
    if any(len(arg.shape) != 2 for arg in args):
        refuse(name, args, "matrices are expected where axis=1 is given")
    first = args[0].shape
    for arg in args:
        if arg.shape[0] != first[0]:
            wanted = "matrices side by side have the same number of rows"
            refuse(name, (args[0], arg), wanted, [(first[0], arg.shape[0])])
    return (first[0], plus(*(arg.shape[1] for arg in args)))


def block(name: str, whole: Shape, places: Sequence[tuple[Size, Size]]) -> Shape:
    """The shape of the entries start … stop − 1 along each axis of an array.

    Raises:
        InputError: there is no such entry, as far as the sizes are known.
    """
    if len(whole) != len(places):
        raise ShapeError(f"{name} is {in_words(whole)}", way_out="a piece is x[i:j] of a vector")
    found = []
    for length, (start, stop) in zip(whole, places, strict=True):
        size_of_part, rest = minus(stop, start), minus(length, stop)
        outside = is_integer(str(start)) and int(start) < 0
        if outside or _is_below(size_of_part, 1) or _is_below(rest, 0):
            raise InputError(f"no piece {start}:{stop} of {name}, which is {in_words(whole)}")
        found.append(size_of_part)
    return tuple(found)


def _is_below(value: Size, least: int) -> bool:
    most = largest(value)
    return most is not None and most < least


def kronecker(name: str, args: Sequence[Shaped]) -> Shape:
    """(m, n) ⊗ (p, q) is (mp, nq); beside a matrix a vector counts as a column; two vectors give a vector."""
    left, right = (arg.shape for arg in args)
    if not left or not right:
        refuse(name, args, "vectors or matrices are expected")
    rank = max(len(left), len(right))
    padded = [(*shape, 1)[:rank] for shape in (left, right)]
    return tuple(times(*pair) for pair in zip(*padded, strict=True))


def stacked_columns(name: str, args: Sequence[Shaped]) -> Shape:
    """vec(A): the columns of an array below one another."""
    return (times(*vector(name, args)),)
