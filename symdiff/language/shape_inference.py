"""Shapes that a text does not say: inferred where its formulas leave one possibility, and said.

    softmax(W @ x)      W m×n, x n

A text that reads as one about numbers is one: nothing is inferred. Otherwise each undeclared name is tried as
what custom allows, a capital letter as a matrix or a number, a small one as a vector or a number; every axis
has a size of its own, and two sizes are made equal where an operation asks for it. What custom says besides:

    a name is an array only if an operation takes it for one;
    what is added to an array, or subtracted from one, is an array; what divides one is a number;
    what multiplies an array right under sum or mean is an array, as a number would stand before the sum;
    a Greek letter that multiplies an array is a number.

Where several readings are left they are refused and shown, the likeliest first.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import field
from itertools import chain, count, islice, product
from typing import Any

from symdiff.errors import InputError, ShapeError, did_you_mean
from symdiff.expr import operations as a
from symdiff.expr import tree as e
from symdiff.expr.names import GREEK, split_name
from symdiff.expr.notation import Op
from symdiff.expr.operations import is_array
from symdiff.expr.records import dataclass
from symdiff.expr.shapes import Shape, Size, minus, plus
from symdiff.expr.timed import Series, all_leaves
from symdiff.expr.tree import Expr, Sym, postorder
from symdiff.language.liberties import understood
from symdiff.language.marks import Turned
from symdiff.language.paper_products import is_transposed
from symdiff.language.program import Program, parse_program, shaped_names
from symdiff.language.reader import FILLED_ARRAYS, counted
from symdiff.language.reading import holding, tell
from symdiff.language.recurrence import Recurrence
from symdiff.language.recurrence_parser import HORIZONS, parse_recurrence, sequences_in, target_of
from symdiff.language.second_reading import CONSTANTS, names_on_the_left
from symdiff.language.syntax import spelled
from symdiff.rules.table import functions

Shapes = dict[str, Shape]
Definitions = Sequence[tuple[Sym, Expr]]
MOST_READINGS = 1500
_MATRIX_AND_VECTOR = re.compile(r"[A-Z][a-zA-Z]")
MOST_SHOWN = 4


def program_of_text(
    text: str,
    inputs: tuple[str, ...] | None = None,
    shapes: Mapping[str, Shape] | None = None,
    assumed: Mapping[str, str] | None = None,
    at: Mapping[str, Any] | None = None,
) -> Program:
    """The definitions in `text`, with the shapes that are given and, where they are needed, inferred.

    Values in lists `at` a point say that a name is an array.

    Raises:
        InputError: the text cannot be read, or a shape is given to what is no input.
        ShapeError: no shapes fit, or several do.
    """

    def read(found: Mapping[str, Shape], sizes: Collection[str] = ()) -> tuple[Program, Definitions]:
        program = parse_program(text, inputs, found, assumed, sizes)
        return program, program.definitions

    found: Program = _read(read, lambda: _names_of_program(text, shapes or {}), shapes or {}, at or {})
    _check_given(shapes or {}, [*(name.name for name in found.inputs), *found.indices])
    return found


def recurrence_of_text(
    text: str,
    shapes: Mapping[str, Shape] | None = None,
    assumed: Mapping[str, str] | None = None,
    at: Mapping[str, Any] | None = None,
) -> Recurrence:
    """The recurrence that `text` is, with shapes as for a program; of a sequence `at` is a list of values."""

    def read(found: Mapping[str, Shape], sizes: Collection[str] = ()) -> tuple[Recurrence, Definitions]:
        recurrence = parse_recurrence(text, None, found, assumed, sizes)
        initial = tuple(recurrence.initial.items())
        return recurrence, (*initial, *recurrence.cell, *recurrence.after)

    found: Recurrence = _read(read, lambda: _names_of_recurrence(text, shapes or {}), shapes or {}, at or {})
    _check_given(shapes or {}, [*(name.name for name in found.inputs), *found.stems, *found.indices])
    return found


def _check_given(shapes: Mapping[str, Shape], inputs: Sequence[str]) -> None:
    """Refuse a shape of what is no input: with a misspelt name the input that is meant would be a number."""
    unknown = next((name for name in shapes if name not in inputs), None)
    if unknown is not None:
        way_out = did_you_mean(unknown, inputs)
        raise InputError(f"{unknown!r} is not an input", where="shapes", way_out=way_out)


@dataclass
class _Names:
    """The undeclared names of a text in order, those of them that can be no number, and names that are taken.

    `sizes` are names that ones(n) and the like say to be sizes, `ends` those in i:j; `sequences` have a
    value for each time.
    """

    names: list[str]
    arrays: set[str]
    taken: set[str]
    sizes: list[str] = field(default_factory=list)
    ends: set[str] = field(default_factory=set)
    sequences: Collection[str] = ()


Reading = Callable[..., tuple[Any, Definitions]]


def _read(
    read: Reading, names: Callable[[], _Names], shapes: Mapping[str, Shape], at: Mapping[str, Any]
) -> Any:
    """What `read` gives with the shapes that are known, else with those that are inferred."""
    if not any(isinstance(value, tuple | list) for name, value in at.items() if name not in shapes):
        try:
            with holding() as kept:
                found, _ = read(shapes)
        except ShapeError as error:
            refused = error
        else:
            for what, line in kept:
                tell(what, line)
            return found
    else:
        refused = None
    known = names()
    if not known.names:
        if refused is not None:
            raise refused
        return read(shapes)[0]
    inferred = _Inference(read, known, shapes, at).found()
    return read({**shapes, **inferred}, known.sizes)[0]


def _names_of_program(text: str, shapes: Mapping[str, Shape]) -> _Names:
    body = understood(text, shaped_names(shapes, {}))
    assigned = [target for each in body if isinstance(each, ast.Assign) for target in each.targets]
    # The arguments in f(x, a) = … are inputs.
    defined = {spelled(t.id) for each in assigned for t in _heads(each)}
    return _names(body, defined, names_on_the_left(assigned), shapes)


def _heads(target: ast.expr) -> Iterator[ast.Name]:
    head = target.value if isinstance(target, ast.Subscript) else target
    if isinstance(head, ast.Name):
        yield head


def _names_of_recurrence(text: str, shapes: Mapping[str, Shape]) -> _Names:
    body = understood(text, shaped_names(shapes, {}))
    lefts = [ast.unparse(each.targets[0]) for each in body if isinstance(each, ast.Assign)]
    targets = [target_of(spelled(left)) for left in lefts]
    timed = {target.stem for target in targets if target.index}
    known_first = {target.stem for target in targets if target.fixed is not None}
    plain = {target.stem for target in targets} - timed
    taken = {*shapes, *timed, *plain}
    horizon = next(name for name in HORIZONS if name not in taken)
    index = {target.index for target in targets if target.index}
    sequences = sequences_in(body, timed)
    states = timed & known_first
    found = _names(body, (timed - states) | plain | index | {horizon}, taken, shapes, {*sequences, *states})
    found.sequences = sequences
    return found


def _names(
    body: Sequence[ast.stmt],
    defined: Collection[str],
    own: Collection[str],
    shapes: Mapping[str, Shape],
    timed: Collection[str] = (),
) -> _Names:
    """The names that the text leaves open; `timed` ones have a first index that is a time."""
    given_sizes = {str(part) for shape in shapes.values() for part in shape}
    closed = {*defined, *shapes, *given_sizes, *(set(CONSTANTS) - {*own})}
    found: dict[str, None] = {}
    sizes: dict[str, None] = {}
    arrays: set[str] = set()
    held: set[str] = set()
    ends: set[str] = set()
    words = functions()
    for node in (node for each in body for node in _read_in_order(each)):
        match node:
            case ast.Name(id=name):
                found.setdefault(spelled(name))
            case ast.Call(func=ast.Name(id=name), args=args) if name in FILLED_ARRAYS:
                sizes |= {
                    spelled(n.id): None for arg in args for n in ast.walk(arg) if isinstance(n, ast.Name)
                }
            case ast.Call(func=ast.Name(id=name), args=args) if name in words and is_array(words[name].op):
                arrays |= {base for arg in args if (base := _base(arg, timed)) and name not in _OF_NUMBERS}
            case Turned(value=value):
                arrays |= {base for base in [_base(value, timed)] if base}
            case ast.BinOp(left=left) if is_transposed(node):
                arrays |= {base for base in [_base(left, timed)] if base}
            case ast.BinOp(op=ast.Mult() as op, left=Turned(), right=right) if type(op) is ast.Mult:
                # x'*A may be a product of matrices, and so may x'*(A*b): no name there is taken for a number.
                arrays |= {spelled(name.id) for name in _joined(right)}
            case ast.BinOp(op=ast.MatMult(), left=left, right=right):
                arrays |= {base for arg in (left, right) if (base := _base(arg, timed))}
            case ast.Subscript(value=value) if _base(value, ()) not in timed:
                arrays |= {base for base in [_base(value, ())] if base}
                # A name alone is an index that is held, z[y]; in n - 1 or i:j it is a size.
                picks = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
                held |= {spelled(pick.id) for pick in picks if isinstance(pick, ast.Name)}
                others = (counted(pick) or pick for pick in picks if not isinstance(pick, ast.Name))
                inside = [n for pick in others if not isinstance(pick, ast.Call) for n in ast.walk(pick)]
                named = {spelled(part.id): None for part in inside if isinstance(part, ast.Name)}
                sizes |= named
                ends |= named.keys() if any(isinstance(pick, ast.Slice) for pick in picks) else set()
            case ast.Subscript(value=ast.Name(id=name), slice=ast.Tuple(elts=[_, _, *_])):
                arrays.add(spelled(name))
    names = [name for name in found if name not in {*closed, *sizes, *held}]
    return _Names(names, arrays & {*names}, {*found, *own, *given_sizes}, list(sizes), ends)


_OF_NUMBERS = ("stack", "concat")


def _base(node: ast.expr, timed: Collection[str]) -> str:
    """The name that an operand is, be it transposed or at a time; "" for any other operand."""
    while isinstance(node, ast.Attribute):
        node = node.value
    if (
        isinstance(node, ast.Subscript)
        and isinstance(node.value, ast.Name)
        and spelled(node.value.id) in timed
    ):
        node = node.value if not isinstance(node.slice, ast.Tuple) else node
    return spelled(node.id) if isinstance(node, ast.Name) else ""


def _joined(node: ast.expr) -> Iterator[ast.Name]:
    """The names in sums and products."""
    if isinstance(node, ast.BinOp):
        yield from _joined(node.left)
        yield from _joined(node.right)
    elif isinstance(node, ast.Name):
        yield node


def _read_in_order(statement: ast.stmt) -> Iterator[ast.AST]:
    """The nodes of a formula; the arguments in f(x, a) = … come before it."""
    if isinstance(statement, ast.Assign):
        targets = [target for target in statement.targets if isinstance(target, ast.Subscript)]
        yield from (n for target in targets for n in ast.walk(target.slice) if isinstance(n, ast.Name))
        yield from _in_order(statement.value)
    else:
        yield from _in_order(statement)


def _in_order(root: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a syntax tree as they are read, without the names of functions that are called."""
    stack: list[ast.AST] = [root]
    while stack:
        node = stack.pop()
        yield node
        parts = list(ast.iter_child_nodes(node))
        if isinstance(node, ast.Call):
            parts = [part for part in parts if part is not node.func]
        if isinstance(node, ast.BinOp) and is_transposed(node):
            parts = [node.left]
        stack.extend(reversed(parts))


class _Inference:
    """The search for shapes: ranks are tried, sizes unified."""

    def __init__(
        self, read: Reading, known: _Names, shapes: Mapping[str, Shape], at: Mapping[str, Any]
    ) -> None:
        self.read, self.known, self.shapes, self.at = read, known, shapes, at
        self.stem = next(
            stem
            for stem in map("axis{}of".format, count(1))
            if not any(n.startswith(stem) for n in known.taken)
        )
        self.refused: InputError | None = None

    def found(self) -> Shapes:
        """The shapes of the undeclared names that are arrays, said on standard error.

        Raises:
            ShapeError: no shapes fit, or several do.
        """
        for ranks in (self._by_custom(), self._by_any()):
            fitting = self._fitting(ranks)
            customary = [shapes for shapes, ok in fitting if ok] or [shapes for shapes, _ in fitting]
            fewest = min(map(self._unusual, customary), default=0)
            customary = [shapes for shapes in customary if self._unusual(shapes) == fewest]
            if len(customary) == 1:
                others = self._with_numbers_added(customary[0])
                if others:
                    raise self._several([customary[0], *others])
                return self._said(self._with_sizes_said(customary[0]))
            if customary:
                raise self._several(sorted(customary, key=lambda s: -sum(map(len, s.values()))))
        assert self.refused is not None
        raise self.refused

    def _by_custom(self) -> list[tuple[int, ...]]:
        return [self._ranks(name, (2,) if name[0].isupper() else (1,)) for name in self.known.names]

    def _by_any(self) -> list[tuple[int, ...]]:
        return [self._ranks(name, (2, 1) if name[0].isupper() else (1, 2)) for name in self.known.names]

    def _ranks(self, name: str, arrays: tuple[int, ...]) -> tuple[int, ...]:
        """The ranks that a name may have, that of its value at the point if it has one."""
        value = self.at.get(name)
        if value is not None:
            return (max(0, _depth(value) - (name in self.known.sequences)),)
        return arrays if name in self.known.arrays else (*arrays, 0)

    def _unusual(self, shapes: Shapes) -> int:
        """How many names have an array that their letters are not for."""
        return sum(len(shape) == (1 if name[0].isupper() else 2) for name, shape in shapes.items())

    def _fitting(self, ranks: Sequence[tuple[int, ...]]) -> list[tuple[Shapes, bool]]:
        """The shapes that can be read, each with whether they are customary."""
        found = []
        for chosen in islice(product(*ranks), MOST_READINGS):
            fitted = self._fit(dict(zip(self.known.names, chosen, strict=True)))
            if fitted is not None:
                shapes, formulas = fitted
                found.append((shapes, _Customs(shapes, formulas).hold()))
        return found

    def _fit(self, ranks: Mapping[str, int]) -> tuple[Shapes, Definitions] | None:
        """The shapes of these ranks with which the text can be read, and its formulas; else None."""
        sizes = _Sizes(self.stem)
        fresh = (f"{self.stem}{number}" for number in count())
        open_shapes = {name: self._open_shape(name, rank, fresh) for name, rank in ranks.items()}
        while True:
            shapes = {name: sizes.shape(shape) for name, shape in open_shapes.items()}
            try:
                with holding():
                    _, formulas = self.read({**self.shapes, **shapes}, self.known.sizes)
                return shapes, formulas
            except ShapeError as error:
                if not error.equal or not all(sizes.unify(*pair) for pair in error.equal):
                    self._keep(shapes)
                    return None
            except InputError as error:
                self.refused = self.refused or error
                return None

    def _open_shape(self, name: str, rank: int, fresh: Iterator[str]) -> Shape:
        """A size of its own for every axis; 1 where the value at the point has one row or column only."""
        value = self.at.get(name)
        if name in self.known.sequences and value:
            value = value[0]
        found: list[Size] = []
        for _ in range(rank):
            value = value if isinstance(value, tuple | list) else None
            found.append(1 if value is not None and len(value) == 1 else next(fresh))
            value = value[0] if value else None
        return tuple(found)

    def _keep(self, shapes: Shapes) -> None:
        """Keep the error of the first reading that was tried, its sizes in letters."""
        if self.refused is None:
            named = self._lettered(shapes)
            try:
                with holding():
                    self.read({**self.shapes, **named}, self.known.sizes)
            except InputError as error:
                way_out = f'{error.way_out}; shapes are taken as --shape "{as_option(named)}"'
                self.refused = ShapeError(error.what, way_out=way_out, picture=error.picture)

    def _with_numbers_added(self, shapes: Shapes) -> list[Shapes]:
        """The same with one of several names that are added to a product as a number: X @ w + b - y."""
        fitted = self._fit({name: len(shape) for name, shape in shapes.items()})
        assert fitted is not None
        found = []
        for name in _added_beside_others(shapes, fitted[1]):
            other = self._fit({n: len(shape) * (n != name) for n, shape in shapes.items()})
            found += [other[0]] if other and name not in self.at else []
        return found

    def _with_sizes_said(self, shapes: Shapes) -> Shapes:
        """The same where the text names a size that no operation asks for, as x[n - 1] does: the open one.

        Raises:
            ShapeError: which size has the name is not said.
        """
        sizes = list(dict.fromkeys(part for shape in shapes.values() for part in shape))
        known = {part for shape in self.shapes.values() for part in shape}
        unused = [name for name in self.known.sizes if name not in {*sizes, *known}]
        fresh = [part for part in sizes if str(part).startswith(self.stem) and "+" not in str(part)]
        if not unused:
            return shapes
        if len(unused) > 1 or len(fresh) != 1 or unused[0] in self.known.ends:
            example = as_option(self._lettered(shapes))
            way_out = f'say the shapes, as --shape "{example}"'
            raise ShapeError(f"nothing says which size {unused[0]} is", way_out=way_out)
        meaning = {str(fresh[0]): unused[0]}
        return {name: tuple(_renamed(part, meaning) for part in shape) for name, shape in shapes.items()}

    def _said(self, shapes: Shapes) -> Shapes:
        named = self._lettered(shapes)
        self._refuse_products(named)
        arrays = ", ".join(f"{name} {'×'.join(map(str, s))}" for name, s in named.items() if s)
        numbers = ", ".join(name for name, shape in named.items() if not shape)
        if arrays:
            tell(f"shapes: {arrays}" + (f"; numbers: {numbers}" if numbers else ""))
        return named

    def _refuse_products(self, shapes: Shapes) -> None:
        """Refuse Xw as an array beside sums, where X w may be meant; in Wx @ x it is a name."""
        for name, shape in shapes.items():
            if shape and _MATRIX_AND_VECTOR.fullmatch(name) and name not in {*self.known.arrays, *self.at}:
                way_out = (
                    f'write {name[0]} {name[1]} for the product, or --shape "{as_option({name: shape})}"'
                )
                raise ShapeError(f"{name} may be a product, or a name", way_out=way_out)

    def _several(self, found: Sequence[Shapes]) -> ShapeError:
        shown = [f'--shape "{as_option(self._lettered(shapes))}"' for shapes in found[:MOST_SHOWN]]
        more = " or others" if len(found) > MOST_SHOWN else ""
        return ShapeError("the formula leaves several shapes", way_out=f"say {' or '.join(shown)}{more}")

    def _lettered(self, shapes: Shapes) -> Shapes:
        """The same with letters for the sizes: m×n for the first matrix, n for the first vector."""
        found = [part for shape in shapes.values() for size in shape for part in str(size).split("+")]
        fresh = list(dict.fromkeys(part for part in found if part.startswith(self.stem)))
        first = next((shape for shape in shapes.values() if shape), ())
        wide = len(first) == 2 and first[0] != first[1] and 1 not in first
        order = "mnkdpqrsl" if wide else "nmkdpqrsl"
        taken = {split_name(name) for name in self.known.taken}
        free = (n for n in chain(order, map("n_{}".format, count(1))) if split_name(n) not in taken)
        letters = dict(zip(fresh, free, strict=False))
        return {name: tuple(_renamed(size, letters) for size in shape) for name, shape in shapes.items()}


def _renamed(size: Size, letters: Mapping[str, str]) -> Size:
    if isinstance(size, int):
        return size
    return plus(*(letters.get(part, part) for part in size.split("+")))


def as_option(shapes: Mapping[str, Shape]) -> str:
    """Shapes as the option --shape takes them: X=m,n w=n b=."""
    return " ".join(f"{name}={','.join(map(str, shape))}" for name, shape in shapes.items())


def _depth(value: Any) -> int:
    """How deep lists stand in one another."""
    depth = 0
    while isinstance(value, tuple | list) and value:
        value, depth = value[0], depth + 1
    return depth


class _Sizes:
    """Sizes that are equal to others: each open one stands for a size, a sum, or for itself."""

    def __init__(self, stem: str) -> None:
        self.stem = stem
        self.meaning: dict[str, Size] = {}

    def shape(self, shape: Shape) -> Shape:
        return tuple(map(self.of, shape))

    def of(self, size: Size) -> Size:
        """A size, with what its open parts stand for."""
        if isinstance(size, int) or "*" in size:
            return size
        if "+" in size:
            return plus(*map(self.of, size.split("+")))
        return self.of(self.meaning[size]) if size in self.meaning else size

    def unify(self, one: Size, other: Size) -> bool:
        """Make two sizes equal; False if they are different ones that are both given."""
        one, other = self.of(one), self.of(other)
        if one == other:
            return True
        for size, value in ((one, other), (other, one)):
            for part in str(size).split("+"):
                solved = minus(value, minus(size, part)) if part.startswith(self.stem) else ""
                if part.startswith(self.stem) and "*" not in part and _is_size(solved, part):
                    self.meaning[part] = solved
                    return True
        return False


def _is_size(value: Size, unknown: str) -> bool:
    """Whether what an unknown size would be is one: a number or a sum in which nothing is taken away."""
    parts = str(value).split("+")
    return unknown not in parts and not any("*" in part or part.startswith(("-", "0")) for part in parts)


NUMBERS = {*GREEK, "lam", "eps", "lr"}
"""Names that are numbers where they multiply an array."""


class _Customs:
    """What custom says of names that could be numbers or arrays, looked up in formulas as they were read."""

    def __init__(self, shapes: Shapes, formulas: Definitions) -> None:
        self.shapes, self.formulas = shapes, formulas
        self.inside: dict[str, set[str]] = {}
        self.needed: set[str] = set()

    def hold(self) -> bool:
        for name, formula in self.formulas:
            if not all(map(self._holds, _nodes(formula))):
                return False
            self.inside[_stem(name)] = self._arrays_in(formula)
        return {name for name, shape in self.shapes.items() if shape} <= self.needed

    def _arrays_in(self, root: Expr) -> set[str]:
        """The undeclared arrays in a formula, those in the definitions of its names included."""
        found: set[str] = set()
        for name in (_stem(symbol) for symbol in _symbols(root) if symbol.shape):
            found |= {name} if name in self.shapes else self.inside.get(name, set())
        return found

    def _alone(self, node: Expr) -> str:
        """The undeclared name that is all that a formula holds, besides numbers and functions; else ""."""
        names = {_stem(symbol) for symbol in _symbols(node)}
        return names.pop() if len(names) == 1 and names <= self.shapes.keys() else ""

    def _holds(self, node: Expr) -> bool:
        if is_array(node.op):
            for arg in node.args:
                self.needed |= self._arrays_in(arg) if arg.shape else set()
            return node.op not in (a.SUM, a.MEAN) or self._holds_of_factors(node.args[0])
        if len(node.args) != 2:
            return True
        arrays = [arg for arg in node.args if arg.shape]
        if len(arrays) == 2:
            self.needed |= self._arrays_in(arrays[0]) | self._arrays_in(arrays[1])
        return not arrays or self._holds_of_two(node.op, *node.args)

    def _holds_of_two(self, op: Op, one: Expr, other: Expr) -> bool:
        pairs = ((one, other), (other, one))
        if op in (e.ADD, e.SUB):
            return not any(self._alone(u) and not u.shape and v.shape for u, v in pairs)
        if op in (e.DIV, e.POW):
            return not (self._alone(other) and other.shape and _symbols(one))
        if op is e.MUL:
            return not any(self._alone(u) in NUMBERS and u.shape and v.shape for u, v in pairs)
        return True

    def _holds_of_factors(self, summed: Expr) -> bool:
        """Whether the factors of what is summed are arrays, Greek letters apart."""
        factors = _factors(summed)
        names = [self._alone(factor) for factor in factors if not factor.shape]
        return not any(name and name not in NUMBERS for name in names)


def _nodes(root: Expr) -> Iterator[Expr]:
    """Every node of a formula, those under sums over time included."""
    for node in postorder(root):
        if isinstance(node, Series):
            yield from _nodes(node.body)
        yield node


def _symbols(root: Expr) -> list[Sym]:
    return [leaf for leaf in all_leaves(root) if isinstance(leaf, Sym)]


def _stem(name: Sym) -> str:
    """A name without its time."""
    return name.name.partition("@")[0]


def _factors(root: Expr) -> list[Expr]:
    found: list[Expr] = []
    stack = [root]
    while stack:
        node = stack.pop()
        if node.op in (e.MUL, e.NEG):
            stack.extend(node.args)
        elif node.op is e.DIV:
            stack.append(node.args[0])
        else:
            found.append(node)
    return found


def _added_beside_others(shapes: Shapes, formulas: Definitions) -> list[str]:
    """The undeclared arrays that are added, two or more of them, to what is no such name."""
    for _, formula in formulas:
        for node in _nodes(formula):
            if node.op in (e.ADD, e.SUB) and node.shape:
                terms = _terms(node)
                names = [_stem(t) for t in terms if isinstance(t, Sym) and shapes.get(_stem(t))]
                if 2 <= len(names) < len(terms):
                    return names
    return []


def _terms(root: Expr) -> list[Expr]:
    found: list[Expr] = []
    stack = [root]
    while stack:
        node = stack.pop()
        if node.op in (e.ADD, e.SUB, e.NEG):
            stack.extend(reversed(node.args))
        else:
            found.append(node)
    return found
