"""Programs on arrays written out as programs on numbers, entry by entry, where sizes are numbers.

A vector x of 3 becomes x_1, x_2, x_3, a definition z = W @ x + b one definition for each entry of z. How an
operation on arrays is written is said by its row in the rule table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import product as places_of
from math import prod
from typing import Any

from symdiff.errors import EntriesError, InputError, shorten
from symdiff.expr import tree as e
from symdiff.expr.leaves import Filled, Grid, HeldIndex, OneHot
from symdiff.expr.names import check_name
from symdiff.expr.notation import Op
from symdiff.expr.operations import is_array as is_array_operation
from symdiff.expr.shapes import Shape, Size, is_number, names_in, size_value
from symdiff.expr.text import text_of_size
from symdiff.expr.tree import Dim, Expr, Num, Sym, postorder, symbols
from symdiff.expr.unspecified import Unspecified
from symdiff.language.program import Program
from symdiff.rules import array_values
from symdiff.rules.arrays import Array, as_array, broadcast, flat, is_array, shape_of, spread
from symdiff.rules.entrywise import CONTEXT, added, is_value, joined_sum, negated, product, quotient, terms_of
from symdiff.rules.table import RULES

_SIMPLEX, _ENTRY_OF = "simplex", "simplex of "
"""What is assumed of an array whose rows add up to 1; of an entry of the one that is then named."""

Entries = Any
"""An `Array` of scalar expressions, or one expression for a scalar."""


def scalar_program(program: Program, sizes: Mapping[str, int]) -> Program:
    """`program` on scalars: each array input its entries, each array definition one for each entry.

    A definition uses the names of the entries before it, z_1, z_2, …; where the result is an array, its
    entries are the last definitions.
    """
    names: dict[Sym, Entries] = {name: entry_names(name, sizes) for name in program.inputs}
    inputs = [entry for name in program.inputs for entry in flat(names[name])]
    definitions: list[tuple[Sym, Expr]] = []
    for target, formula in program.definitions:
        found = entries_of(formula, names, sizes)
        names[target] = entry_names(target, sizes)
        definitions += zip(flat(names[target]), flat(found), strict=True)
    operation_limit(formula for _, formula in definitions)
    check_entry_names(names)
    return Program(tuple(inputs), tuple(definitions))


def check_entry_names(names: Mapping[Sym, Entries]) -> None:
    """Refuse an array x beside a name x1, as its first entry is called.

    Raises:
        EntriesError: two of the arrays and numbers would have entries of one name.
    """
    owners: dict[str, Sym] = {}
    for name, entries in names.items():
        for entry in flat(entries):
            other = owners.setdefault(entry.name, name)
            if other != name:
                array, single = (name, other) if name.shape else (other, name)
                what = f"an entry of {array.name} would be called {entry.name}, as {single.name} is"
                raise EntriesError(what, way_out=f"rename {single.name}, or take another mode")


def entry_names(name: Sym, sizes: Mapping[str, int]) -> Entries:
    """x_1, x_2, … of a vector, W_11, W_12, … of a matrix, W_10_2 of a large one; a scalar is itself."""
    shape = lengths(name.shape, sizes)
    size_limit(name, shape)
    if not shape:
        return name
    joint = "" if max(shape) < 10 else "_"
    indices = (joint.join(str(i + 1) for i in place) for place in places_of(*map(range, shape)))
    return as_array([_entry_name(name, index) for index in indices], shape)


def _entry_name(name: Sym, index: str) -> Sym:
    joint = "" if name.name.isalpha() and "_" not in index else "_"
    assumed = _group(name, index) if name.assume == _SIMPLEX else ""
    return Sym(check_name(f"{name.name}{joint}{index}"), name.accent, name.label, name.seed, (), assumed)


def _group(name: Sym, index: str) -> str:
    """What is assumed of entries that add up to 1 together: those of a vector, or of a row."""
    row = "" if len(name.shape) == 1 else index[0] if "_" not in index else index.partition("_")[0]
    return f"{_ENTRY_OF}{name.name}{row}"


def adding_up(inputs: Iterable[Sym]) -> list[tuple[Sym, ...]]:
    """The inputs that are assumed to add up to 1 together, as entries of one array."""
    groups: dict[str, list[Sym]] = {}
    for name in inputs:
        if name.assume.startswith(_ENTRY_OF):
            groups.setdefault(name.assume, []).append(name)
    return list(map(tuple, groups.values()))


def entries_of(root: Expr, names: Mapping[Sym, Entries], sizes: Mapping[str, int]) -> Entries:
    """`root` written out: an array of scalar expressions in its shape, or one expression."""
    done: dict[int, Entries] = {}
    used = symbols(root)
    if any(name.shape for name in used):
        check_entry_names({name: _leaf(name, names, sizes) for name in used})
    for node in postorder(root):
        size_limit(node, lengths(node.shape, sizes))
        if node.args:
            done[id(node)] = _applied(node, [done[id(arg)] for arg in node.args])
        else:
            done[id(node)] = _leaf(node, names, sizes)
    found = done[id(root)]
    if found is not root:
        operation_limit(flat(found))
    return found


def _leaf(node: Expr, names: Mapping[Sym, Entries], sizes: Mapping[str, int]) -> Entries:
    if isinstance(node, Sym):
        return names[node] if node in names else entry_names(node, sizes)
    if isinstance(node, Dim):
        return Num(_length(node.name, sizes))
    if isinstance(node, Filled):
        index = size_value(node.index, sizes)
        return array_values.filled(CONTEXT, node.what, lengths(node.shape, sizes), index)
    if isinstance(node, HeldIndex | OneHot):
        what = f"which entry the index {node} is has no number"
        raise EntriesError(what, way_out="give numbers at a point")
    if isinstance(node, Grid):
        return _grid(node, lengths(node.shape, sizes))
    return node


def _grid(node: Grid, shape: tuple[int, ...]) -> Entries:
    numbers = [number for row in node.entries for number in row]
    if len(numbers) != prod(shape):
        raise EntriesError("only some entries of an array of numbers are known", way_out=_SMALLER)
    return as_array(numbers, shape)


def _applied(node: Expr, args: Sequence[Entries]) -> Entries:
    """The operation of `node` on entries."""
    plain = isinstance(node.op, Unspecified) and not any(arg.shape for arg in node.args)
    if plain or not is_array_operation(node.op):
        return _entry_by_entry(node, args)
    row = RULES.get(node.op.name)
    if row is None or row.entries is None:
        raise EntriesError(f"{node.op.name} is not written out entry by entry", where=shorten(str(node)))
    operation_limit(entry for arg in args for entry in flat(arg))
    try:
        return row.entries(*args)
    except IndexError:
        raise EntriesError(f"there is no {shorten(str(node))} with these sizes") from None


def _entry_by_entry(node: Expr, args: Sequence[Entries]) -> Entries:
    """An operation on numbers, entry by entry, with NumPy's broadcasting; an unchanged node stays itself."""
    if not any(map(is_array, args)):
        same = all(new is old for new, old in zip(args, node.args, strict=True))
        return node if same else _entry_of(node, args)
    shapes = list(map(shape_of, args))
    shape = broadcast(*shapes)
    cells = [spread(arg, own, shape) for arg, own in zip(args, shapes, strict=True)]
    return Array([_entry_of(node, entries) for entries in zip(*cells, strict=True)], shape)


def _entry_of(node: Expr, entries: Sequence[Expr]) -> Expr:
    """One entry; numbers, signs and sums that came from writing out are merged into it, the author's stay."""
    join, kinds = _JOINED.get(node.op, (None, ()))
    pairs = zip(entries, node.args, strict=True)
    if join and any(entry.op is not arg.op and entry.op in kinds for entry, arg in pairs):
        return join(*entries)
    return Expr(node.op, *entries)


def _sum(u: Expr, v: Expr) -> Expr:
    """u + v without brackets, zeros and double signs: u stays as it is written."""
    if is_value(u, 0) or is_value(v, 0):
        return v if is_value(u, 0) else u
    return added((u, v)) if isinstance(v, Num) else joined_sum([u, *terms_of(v)])


def _difference(u: Expr, v: Expr) -> Expr:
    if is_value(u, 0) or is_value(v, 0):
        return negated(v) if is_value(u, 0) else u
    return _sum(u, negated(v)) if isinstance(v, Num) or v.op is e.NEG else u - v


_SIGNED = (e.NUM, e.NEG)
_JOINED: dict[Op, tuple[Callable[..., Expr], tuple[Op, ...]]] = {
    e.ADD: (_sum, (*_SIGNED, e.ADD, e.SUB, e.TOTAL)),
    e.SUB: (_difference, _SIGNED),
    e.NEG: (negated, _SIGNED),
    e.MUL: (product, _SIGNED),
    e.DIV: (quotient, _SIGNED),
}
"""How an operation is written if one of its arguments became an operation of these kinds."""


def lengths(shape: Shape, sizes: Mapping[str, int]) -> tuple[int, ...]:
    """A shape in numbers; a size without one is an EntriesError."""
    return tuple(_length(size, sizes) for size in shape)


def _length(size: Size, sizes: Mapping[str, int]) -> int:
    for part in names_in(size):
        if not is_number(part) and part not in sizes:
            way_out = f"say --size {part}=3, or give numbers at a point"
            raise EntriesError(f"no number for the size {part}", way_out=way_out)
    found = size_value(size, sizes)
    if found < 1:
        raise InputError(f"the size {text_of_size(size)} is {found}", way_out="a size is at least 1")
    return found


MOST_ENTRIES, MOST_OPERATIONS = 64, 4000
_SMALLER = "give smaller sizes, or use the matrix reading"


def size_limit(node: Expr, shape: Iterable[int]) -> None:
    """Refuse an array of more entries than anyone would write."""
    entries = prod(shape)
    if entries > MOST_ENTRIES:
        raise EntriesError(f"{shorten(str(node))} has {entries} entries", way_out=_SMALLER)


def operation_limit(formulas: Iterable[Expr]) -> None:
    """Refuse formulas with more operations, written out, than anyone would read."""
    left = MOST_OPERATIONS
    for formula in formulas:
        left -= e.count_operations(formula, left + 1)
        if left < 0:
            raise EntriesError(f"more than {MOST_OPERATIONS} operations, written out", way_out=_SMALLER)
