"""Sizes: numbers and names, their sums and products, each written in one way. Knows no shape and no value.

A size is a number or a name. Numbers above `SMALL` are kept as text, "100", and treated like names. A sum
is text such as "n+2", a product "d*n"; products of sums are multiplied out, so that equal sizes are
written alike: "d*n+2*d" for (n+2)·d.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import product
from math import prod

Size = int | str
SMALL = 4


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
    """What a size is made of besides small numbers: its names, and the numbers that are kept as text."""
    parts = (part for term in terms_of(value) for part in term)
    return list(dict.fromkeys(part for part in parts if not is_integer(part) or int(part) > SMALL))


def plus(*sizes: Size) -> Size:
    """The sum of sizes: numbers added, names in alphabetical order, so that equal sums are written alike."""
    return sum_of([part for one in sizes for part in str(one).split("+")])


def sum_of(parts: Iterable[str]) -> Size:
    """The sum of terms that are no sums themselves."""
    terms = sorted(parts)
    total = sum(int(part) for part in terms if is_integer(part))
    names = [part for part in terms if not is_integer(part)]
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
