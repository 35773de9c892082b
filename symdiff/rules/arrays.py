"""Small arrays whose entries are numbers of any kind: balls, jets, exact fractions, expressions.

An array has the shape (n,) or (m, n) and its entries in a list, row by row. Operators act entry by entry and
broadcast as NumPy's do. Nothing is known here of what an entry is.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Any

Sizes = tuple[int, ...]


class Array:
    """Entries in a list, row by row, and a shape."""

    __slots__ = ("entries", "shape")

    def __init__(self, entries: list[Any], shape: Sizes) -> None:
        self.entries, self.shape = entries, shape

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> int:
        return len(self.entries)

    def __len__(self) -> int:
        return self.shape[0]

    @property
    def rows(self) -> list[list[Any]]:
        """The entries of each row of a matrix; of a vector its entries as the only row."""
        if len(self.shape) == 1:
            return [self.entries]
        width = self.shape[1]
        return [self.entries[at * width : (at + 1) * width] for at in range(self.shape[0])]

    @property
    def columns(self) -> list[list[Any]]:
        """The entries of each column of a matrix; of a vector its entries as the only column."""
        if len(self.shape) == 1:
            return [self.entries]
        width = self.shape[1]
        return [self.entries[at::width] for at in range(width)]

    @property
    def T(self) -> Array:  # noqa: N802 - the name it has in the language and in NumPy
        """The transpose; a vector is its own."""
        if len(self.shape) == 1:
            return self
        return Array([entry for column in self.columns for entry in column], self.shape[::-1])

    def __iter__(self) -> Iterator[Any]:
        """The entries of a vector, the rows of a matrix as vectors, else the parts along the first axis."""
        rest = self.shape[1:]
        if not rest:
            return iter(self.entries)
        size = len(self.entries) // self.shape[0]
        return (Array(self.entries[at : at + size], rest) for at in range(0, len(self.entries), size))

    def __getitem__(self, key: Any) -> Any:
        """An entry, a row, or a piece: integers and slices as in NumPy."""
        picks = key if isinstance(key, tuple) else (key,)
        first = _picked(picks[0], self.shape[0])
        if len(self.shape) == 1:
            return self.entries[first] if isinstance(first, int) else _vector(self.entries[i] for i in first)
        rest = _picked(picks[1] if len(picks) > 1 else slice(None), self.shape[1])
        width = self.shape[1]
        if isinstance(first, int) and isinstance(rest, int):
            return self.entries[first * width + rest]
        if isinstance(first, int):
            return _vector(self.entries[first * width + j] for j in rest)  # type: ignore[union-attr]
        if isinstance(rest, int):
            return _vector(self.entries[i * width + rest] for i in first)
        return Array([self.entries[i * width + j] for i in first for j in rest], (len(first), len(rest)))

    def __add__(self, other: Any) -> Any:
        return each(operator.add, self, other)

    def __radd__(self, other: Any) -> Any:
        return each(operator.add, other, self)

    def __sub__(self, other: Any) -> Any:
        return each(operator.sub, self, other)

    def __rsub__(self, other: Any) -> Any:
        return each(operator.sub, other, self)

    def __mul__(self, other: Any) -> Any:
        return each(operator.mul, self, other)

    def __rmul__(self, other: Any) -> Any:
        return each(operator.mul, other, self)

    def __truediv__(self, other: Any) -> Any:
        return each(operator.truediv, self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return each(operator.truediv, other, self)

    def __neg__(self) -> Array:
        return Array([-entry for entry in self.entries], self.shape)

    def __repr__(self) -> str:
        return f"Array({self.entries!r}, {self.shape!r})"


def _vector(entries: Iterable[Any]) -> Array:
    found = list(entries)
    return Array(found, (len(found),))


def _picked(pick: Any, length: int) -> int | range:
    """A place, or the places of a slice.

    Raises:
        IndexError: there is no such place.
    """
    found: int | range = range(length)[pick]
    return found


def as_array(values: Iterable[Any], shape: Sizes) -> Any:
    """Numbers in row order as an array of `shape`; a plain number for a scalar."""
    found = list(values)
    return Array(found, shape) if shape else found[0]


def flat(value: Any) -> list[Any]:
    """The numbers of a value, row by row."""
    if type(value) is Array:
        return value.entries
    return value if isinstance(value, list) else [value]


def is_array(value: Any) -> bool:
    return type(value) is Array


def shape_of(value: Any) -> Sizes:
    """The shape of an array, () of a number."""
    return value.shape if type(value) is Array else ()


def each(function: Callable[..., Any], *args: Any) -> Any:
    """`function` of numbers applied entry by entry, numbers and smaller arrays broadcast.

    Raises:
        ValueError: the shapes do not go together.
    """
    shapes = [arg.shape if type(arg) is Array else () for arg in args]
    if len(args) == 1:
        return Array(list(map(function, args[0].entries)), shapes[0])
    shape = max(shapes, key=len)
    if all(own == shape for own in shapes):
        return Array(list(map(function, *[arg.entries for arg in args])), shape)
    shape = broadcast(*shapes)
    return Array(
        list(map(function, *[spread(arg, own, shape) for arg, own in zip(args, shapes, strict=True)])), shape
    )


@lru_cache(maxsize=1024)
def broadcast(*shapes: Sizes) -> Sizes:
    """The common shape: sizes are equal or 1, missing ones stand in front.

    Raises:
        ValueError: the shapes do not go together.
    """
    depth = max(map(len, shapes))
    filled = [(1,) * (depth - len(shape)) + shape for shape in shapes]
    found = []
    for sizes in zip(*filled, strict=True):
        different = {size for size in sizes if size != 1}
        if len(different) > 1:
            raise ValueError(f"shapes {shapes} do not go together")
        found.append(different.pop() if different else 1)
    return tuple(found)


def spread(arg: Any, own: Sizes, shape: Sizes) -> list[Any]:
    """The entries of an argument at each place of a larger shape."""
    if own == shape:
        return list(arg.entries)
    if not own:
        return [arg] * _count(shape)
    return [arg.entries[place] for place in _places(own, shape)]


def _count(shape: Sizes) -> int:
    found = 1
    for size in shape:
        found *= size
    return found


@lru_cache(maxsize=1024)
def _places(own: Sizes, shape: Sizes) -> tuple[int, ...]:
    """Which entry of an array of shape `own` stands at each place of `shape`."""
    if len(shape) == 1:
        return (0,) * shape[0] if own[0] != shape[0] else tuple(range(shape[0]))
    rows, columns = (1,) * (2 - len(own)) + own
    return tuple(
        (i if rows > 1 else 0) * columns + (j if columns > 1 else 0)
        for i in range(shape[0])
        for j in range(shape[1])
    )
