"""Long tapes: each kind of step proved once in high precision, each line then evaluated in fewer digits.

A tape that repeats a cell ten thousand times has a handful of kinds of step. The partials of a kind are
compared with measured ones like any result, in 60 digits at random points; what is proved for the kind
holds for each of its steps. The model of a long tape may therefore use them, and needs 20 digits. A sum of
very many terms is one step too: its partials are compared along a few directions.

Rows of a kind in double precision: what they say is compiled once, and run on the true values of all rows.

On a long tape each kind of step has been proved in full precision, and the first row of each kind of row
with the model's 20 digits. The others are the same forms on other values, where 12 digits of a double tell
true from false; they are evaluated together, operation by operation. Tangents and adjoints that a double
cannot hold are scaled, which a chain rule, being linear in them, allows. A row that does not clearly agree is
left to the model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from math import frexp, ldexp
from typing import Any, NamedTuple

from symdiff.document.blocks import Chain, Row
from symdiff.document.repeats import RepeatedRow
from symdiff.expr.tree import PARTIAL, Expr, Num, Pattern, Sym, postorder, substitute
from symdiff.proof.model import Conventions, Model, Point
from symdiff.proof.values import Doubles, Program, Value, agree
from symdiff.rules.table import rule_of
from symdiff.tape.partials import local_partials, partials_of
from symdiff.tape.tape import Step, StepKind, Tape

LONG = 200
"""Steps above which a tape is proved by kinds."""
WIDE = 64
"""Operands of one step above which its tape is proved by kinds."""
DIGITS = 20


@lru_cache(maxsize=4096)
def _partials(kind: StepKind) -> Program:
    """The claimed partials of a kind of step, to be evaluated at each."""
    return Program(*[written.matrix() for written, _ in partials_of(kind)])


class ClaimedModel(Model):
    """A model whose local partials are those that the derivation claims, nothing being measured."""

    def measured(self, step: Step, operand: Sym) -> Value:
        kind = step.kind
        known: dict[Expr, Value] = {
            slot: self.primal[u] for slot, u in zip(kind.slots, step.operands, strict=True)
        }
        known[kind.output] = self.primal[step.var]
        for u, value in zip(step.operands, _partials(kind)(self.m, known), strict=True):
            self.slopes[step.var, u] = value
        return self.slopes[step.var, operand]


class LongModel(ClaimedModel):
    """The model of a tape whose kinds of step are proved, in 20 digits."""

    def __init__(self, tape: Tape, point: Point, conventions: Conventions | None = None) -> None:
        super().__init__(tape, point, conventions, DIGITS)

    @cached_property
    def sharper(self) -> Model:
        return self


def is_long(tape: Tape) -> bool:
    """Whether a tape is proved by kinds of step."""
    return len(tape.steps) > LONG or is_wide(tape)


def is_wide(tape: Tape) -> bool:
    """Whether some step has very many operands."""
    return any(len(kind.slots) > WIDE for kind in tape.kinds)


@lru_cache(maxsize=4096)
def tape_of_kind(kind: StepKind) -> tuple[Tape, tuple[Chain, ...]]:
    """A tape with one step of the kind, and the equalities that its partials claim."""
    body, slots = kind.body, kind.slots
    names = tuple(Sym(f"x_{i}") for i in range(len(slots)))
    origin = substitute(body, dict(zip(slots, names, strict=True)))
    step = Step(Sym("u_out"), body, slots, origin, Sym("y"))
    tape = Tape(tuple(zip(slots, names, strict=True)), (step,), step.var, Sym("y"), ((Sym("y"), origin),))
    claims = (
        Chain(Expr(PARTIAL, p.step, p.operand), (p.written.matrix(), p.short.matrix()))
        for p in local_partials(step)
    )
    return tape, tuple(claims)


RANGE = 900
"""Exponents of two between which a double, and products of a few, are exact enough."""
CONTEXT = Doubles()
Columns = list[list[float]]


class Part(NamedTuple):
    """The value of a name, mantissa·2^size; `double` is None where it has to be scaled, which tangents and
    adjoints may be."""

    double: float | None
    mantissa: float
    size: int
    scales: bool
    name: Sym

    def divided(self, shift: int) -> float:
        """The value, a tangent or an adjoint divided by 2^shift."""
        return ldexp(self.mantissa, self.size - shift * self.scales)


@dataclass(frozen=True, slots=True)
class Claims:
    """A pattern's equalities as a program: what to look up, what to compute, which results must agree.

    `slopes` are pairs of places among the row's names, ∂(first)/∂(second); `whole` are places of names
    by which the result is differentiated. Values stand in this order: names, slopes, derivatives,
    constants, results.
    """

    slopes: tuple[tuple[int, int], ...]
    whole: tuple[int, ...]
    constants: tuple[float, ...]
    program: tuple[tuple[Callable[..., float], tuple[int, ...]], ...]
    equal: tuple[tuple[int, int], ...]

    def hold(self, columns: Columns) -> list[bool]:
        """For each row whether all members agree with their left side, on columns of values."""
        values = [*columns, *([number] * len(columns[0]) for number in self.constants)]
        for value, places in self.program:
            values.append(list(map(value, *[values[place] for place in places])))
        found = [list(map(agree, values[left], values[member])) for left, member in self.equal]
        return list(map(all, zip(*found, strict=True)))


class InDoubles:
    """The rows of a long tape at the point of its model."""

    def __init__(self, model: LongModel) -> None:
        self.model = model
        self._parts: dict[int, Part] = {}
        self._slopes: dict[tuple[int, int], float] = {}

    def holding(self, rows: Iterable[RepeatedRow]) -> set[int]:
        """The rows, by the object, that clearly agree; the first of each kind is for the model itself."""
        groups: dict[Pattern[Row], list[RepeatedRow]] = {}
        for row in rows:
            groups.setdefault(row.pattern, []).append(row)
        found: set[int] = set()
        for pattern, (_, *alike) in groups.items():
            claims = compiled(pattern, self.model.tape.result)
            if claims is not None and alike:
                found |= self._holding(claims, alike)
        return found

    def _holding(self, claims: Claims, rows: Sequence[RepeatedRow]) -> set[int]:
        """All rows of a kind at once; where one of them has no value, those before and after it apart."""
        try:
            holds = claims.hold(self._columns(claims, rows))
        except (ArithmeticError, ValueError, AttributeError, TypeError):
            half = len(rows) // 2
            if not half:
                return set()
            return self._holding(claims, rows[:half]) | self._holding(claims, rows[half:])
        return {id(row) for row, true in zip(rows, holds, strict=True) if true}

    def _columns(self, claims: Claims, rows: Sequence[RepeatedRow]) -> Columns:
        """The true values of the rows' names, of the partials and of the derivatives in them.

        Tangents and adjoints that no double holds are divided by a power of two, all of a row by the same.
        """
        names = list(zip(*[row.names for row in rows], strict=True))
        known = self._parts
        parts = [[known.get(id(name)) or self._part(name) for name in column] for column in names]
        parts += [list(map(self._adjoint, names[place])) for place in claims.whole]
        columns: list[list[Any]] = [[part.double for part in column] for column in parts]
        if any(None in column for column in columns):
            shifts = list(map(_shift, zip(*parts, strict=True)))
            columns = [list(map(Part.divided, column, shifts)) for column in parts]
        slopes = [list(map(self._slope, names[over], names[under])) for over, under in claims.slopes]
        return [*columns[: len(names)], *slopes, *columns[len(names) :]]

    def _part(self, name: Sym) -> Part:
        """The value of a name, kept with it by the object."""
        found = self._parts[id(name)] = self._split(self.model(name), name, bool(name.accent))
        return found

    def _adjoint(self, name: Sym) -> Part:
        return self._split(self.model.adjoints[self.model.tape.by_name[name]], name, True)

    def _split(self, value: Any, name: Sym, scales: bool) -> Part:
        m = self.model.m
        if scales and value and abs(m.mag(value)) > RANGE:
            mantissa, size = m.frexp(value)
            return Part(None, float(mantissa), int(size), scales, name)
        double = self._as_double(value)
        return Part(double, *frexp(double), scales, name)

    def _as_double(self, value: Any) -> float:
        """A value as a double; an ArithmeticError, which leaves the row to the model, where that is none."""
        if value and abs(self.model.m.mag(value)) > RANGE:
            raise ArithmeticError("a value that no double holds")
        return float(value)

    def _slope(self, over: Sym, under: Sym) -> float:
        key = id(over), id(under)
        found = self._slopes.get(key)
        if found is None:
            found = self._slopes[key] = self._as_double(self.model.slope(over, under))
        return found


def _shift(parts: Sequence[Part]) -> int:
    """The power of two that the tangents and adjoints of a row are divided by."""
    if all(part.double is not None for part in parts):
        return 0
    return max(part.size for part in parts if part.scales)


def compiled(pattern: Pattern[Row], result: Sym) -> Claims | None:
    """The claims of a pattern; None where it speaks of more than names, partials and operations."""
    chains = (pattern.record.chain, *pattern.record.beside)
    forms = [form for chain in chains for form in (chain.left, *chain.members)]
    if any(chain.at_point for chain in chains):
        return None
    nodes = list(dict.fromkeys(node for form in forms for node in postorder(form, _is_partial)))
    place: dict[Expr, int] = {name: i for i, name in enumerate(pattern.names)}
    partials = [node for node in nodes if _is_partial(node)]
    local = [node for node in partials if node.args[0] in place and node.args[1] in place]
    whole = [node for node in partials if node.args[0] == result and node.args[1] in place]
    numbers = [node for node in nodes if isinstance(node, Num) and not node.rounded]
    for node in (*local, *whole, *numbers):
        place[node] = len(place)
    rest = [node for node in nodes if node not in place]
    if any(not node.args or node.shape or _is_partial(node) for node in rest):
        return None
    program = []
    for node in rest:
        program.append((partial(rule_of(node).value, CONTEXT), tuple(place[arg] for arg in node.args)))
        place[node] = len(place)
    return Claims(
        tuple((place[node.args[0]], place[node.args[1]]) for node in local),
        tuple(place[node.args[1]] for node in whole),
        tuple(float(node.value) for node in numbers),
        tuple(program),
        tuple((place[chain.left], place[member]) for chain in chains for member in chain.members),
    )


def _is_partial(node: Expr) -> bool:
    return node.op is PARTIAL
