"""The inputs of an exercise: their shapes, the sizes these name, and what the author assumes of them."""

from __future__ import annotations

from typing import Any

from symdiff.errors import InputError, did_you_mean, shorten
from symdiff.expr.names import check_distinct
from symdiff.expr.shapes import LARGEST, Shape, Size, in_words, is_number, size
from symdiff.expr.tree import Sym
from symdiff.problems.file import File
from symdiff.problems.scope import Scope
from symdiff.problems.table import check_keys, check_word, kind, section, text_at

ASSUMPTIONS = ("simplex", "symmetric")
MOST_SIZES = 2


def read_inputs(file: File) -> Scope:
    """The inputs in the order of the file, with their shapes."""
    if "inputs" not in file.table:
        raise file.error("there is no section [inputs]", way_out="write [inputs] and x = [] for a number x")
    names, sizes = _read(file)
    return Scope({name: names[name] for name in file.table["inputs"]}, sizes)


def read_sequences(file: File) -> dict[str, Sym]:
    """The inputs with a value for each time, each with the shape of one value."""
    names, _ = _read(file)
    return {name: names[name] for name in file.table.get("sequences", ())}


def _read(file: File) -> tuple[dict[str, Sym], tuple[str, ...]]:
    """All names with their shapes, and the sizes that these name."""
    shapes: dict[str, Shape] = {}
    for key in ("inputs", "sequences"):
        for name, value in (section(file, key) or {}).items():
            if name in shapes:
                raise file.error(f"{name!r} is an input and a sequence", key, name, way_out="rename one")
            shapes[name] = _shape(file, key, name, value)
    sizes = _sizes(file, shapes)
    assumed = _assumptions(file, shapes)
    with file.placing("inputs"):
        check_distinct([*shapes, *sizes])
    return {n: Sym(n, shape=shape, assume=assumed.get(n, "")) for n, shape in shapes.items()}, sizes


def _shape(file: File, key: str, name: str, value: Any) -> Shape:
    way_out = 'write [] for a number, ["n"] or [3] for a vector, ["m", "n"] for a matrix'
    with file.placing(key, name):
        check_word(name)
        if not isinstance(value, list):
            raise InputError(f"{kind(value)} where a shape is expected", way_out=way_out)
        if len(value) > MOST_SIZES:
            raise InputError(f"a shape of {len(value)} sizes", way_out=way_out)
        return tuple(map(_size, value))


def _size(value: Any) -> Size:
    if isinstance(value, str):
        return check_word(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise InputError(
            f"{kind(value)} where a size is expected", way_out="a size is a whole number or a name"
        )
    if not 1 <= value <= LARGEST:
        raise InputError(f"a size is a whole number from 1 to {LARGEST}")
    return size(value)


def _sizes(file: File, shapes: dict[str, Shape]) -> tuple[str, ...]:
    """The sizes that are names, each once; none may also be an input."""
    found = {s: name for name, shape in reversed(shapes.items()) for s in shape if not is_number(s)}
    for part, name in found.items():
        if part in shapes:
            what = f"{part!r} is the name of an input and of a size"
            raise file.error(what, "inputs", name, way_out="rename one")
    return tuple(dict.fromkeys(str(s) for shape in shapes.values() for s in shape if not is_number(s)))


def _assumptions(file: File, shapes: dict[str, Shape]) -> dict[str, str]:
    """What is assumed of each input, once it is possible for an input of its shape."""
    given = section(file, "assume") or {}
    check_keys(file, given, shapes, "assume")
    for name, value in given.items():
        what = text_at(file, value, "assume", name)
        with file.placing("assume", name):
            _check_assumption(name, what, shapes[name])
    return given


def _check_assumption(name: str, what: str, shape: Shape) -> None:
    if what not in ASSUMPTIONS:
        raise InputError(f"unknown assumption {shorten(what, 30)!r}", way_out=did_you_mean(what, ASSUMPTIONS))
    if what == "simplex" and not shape:
        raise InputError(
            f"{name} is {in_words(shape)}", way_out="a simplex holds vectors, or a matrix's rows"
        )
    if what == "symmetric" and (len(shape) != 2 or shape[0] != shape[1]):
        raise InputError(f"{name} is {in_words(shape)}", way_out="a symmetric matrix is square")
