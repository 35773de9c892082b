"""The options --shape, X=m,d w=d y=, and --assume, y=simplex: what the inputs of a text are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from symdiff.errors import UsageError
from symdiff.expr.shapes import Shape

EXAMPLE = 'write --shape "X=m,d w=d y="; a number has no size'
_NAMED = re.compile(r"([^\W\d]\w*)\s*[=:∈]\s*")
_BRACKETS = {"(": ")", "[": "]"}
_NO_SIZES = ("number", "scalar", "vector", "matrix")
_TIMES = re.compile(r"(\d+|[A-Za-z])x(\d+|[A-Za-z])")


def parse_shapes(given: Sequence[str] | None) -> dict[str, Shape] | None:
    """X=m,d w=d y= as shapes: sizes are names or whole numbers, as m,d or (m,d) or [m,d] or 2×3."""
    if given is None:
        return None
    shapes: dict[str, Shape] = {}
    for name, text in _values(given, "--shape", EXAMPLE):
        shapes[name] = _shape(name, text)
    return shapes


def parse_assumed(given: Sequence[str] | None) -> dict[str, str] | None:
    """y=simplex C=symmetric as what is assumed of each name."""
    example = 'write --assume "y=simplex C=symmetric"'
    return None if given is None else dict(_values(given, "--assume", example))


def _values(given: Sequence[str], option: str, example: str) -> Iterator[tuple[str, str]]:
    """The names in texts as name=value name=value, each with its value; commas may stand between."""
    seen: set[str] = set()
    for text in given:
        starts = list(_NAMED.finditer(text))
        if not starts or text[: starts[0].start()].strip(" ,;"):
            raise UsageError(f"{text[:40]!r} says nothing of a name", where=option, way_out=example)
        ends = [found.start() for found in starts[1:]] + [len(text)]
        for found, end in zip(starts, ends, strict=True):
            if found[1] in seen:
                raise UsageError(f"{found[1]} is given twice", where=option, way_out="say it once")
            seen.add(found[1])
            yield found[1], text[found.end() : end].strip(" ,;")


def _shape(name: str, text: str) -> Shape:
    inside = text
    if text[:1] in _BRACKETS:
        if text[-1] != _BRACKETS[text[0]]:
            raise UsageError(f"the brackets in {text!r} do not fit", where="--shape", way_out=EXAMPLE)
        inside = text[1:-1].rstrip(", ")
    sizes = [part.strip() for part in re.split("[,×]", _without_x(name, inside))] if inside.strip() else []
    for size in sizes:
        _check_size(name, size, text)
    return tuple(int(size) if size.isdecimal() else size for size in sizes)


def _without_x(name: str, text: str) -> str:
    """2x3 and 2xn as 2×3 and 2×n; mxn may be m×n or a size of that name."""
    found = _TIMES.fullmatch(text.replace(" ", ""))
    if found is None:
        return text
    if not found[1].isdigit():
        way_out = f'write "{name}={found[1]},{found[2]}" for the matrix, "{name}=({text},)" for the vector'
        what = f"{name}={text} is a matrix of {found[1]}×{found[2]} or a vector of {text} entries"
        raise UsageError(what, where="--shape", way_out=way_out)
    return f"{found[1]},{found[2]}"


def _check_size(name: str, size: str, text: str) -> None:
    """Refuse what is no size: a word for what the name is, or two sizes without a comma."""
    if size in _NO_SIZES:
        way_out = f'write "{name}=" for a number, "{name}=n" for a vector, "{name}=m,n" for a matrix'
        raise UsageError(f"{size!r} is no size of {name}", where="--shape", way_out=way_out)
    if not size:
        raise UsageError(f"a size is missing in {name}={text}", where="--shape", way_out=EXAMPLE)
    if " " in size and "+" not in size:
        way_out = f'write "{name}={",".join(size.split())}"'
        raise UsageError(f"a comma is missing in {name}={text}", where="--shape", way_out=way_out)
