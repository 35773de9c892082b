"""The lines of a sweep as people write them, one after another.

A line is the chain rule of one variable, its partials put in, known seeds dropped, tidied, and in primal
names while that is short. Lines that differ in names only are written once and renamed, so that a long tape
costs little. Both modes use this; what they do differently is handed in.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import field, replace
from typing import Any

from symdiff.algebra.monomials import natural_key, same_up_to_order
from symdiff.algebra.tidy import tidy, tidy_without_assumptions
from symdiff.derivation.derivation import Contribution, Line
from symdiff.expr import tree as e
from symdiff.expr.leaves import Filled, zeros
from symdiff.expr.memory import cached_by_identity
from symdiff.expr.operations import simplex_names_summed
from symdiff.expr.patterns import Pattern, Repeated, record_of
from symdiff.expr.records import dataclass
from symdiff.expr.tree import Expr, Num, Sym, count_operations, substitute, total
from symdiff.rules.linear_maps import LinearMap
from symdiff.tape.tape import Step, StepOfKind

LONGEST_CARRIED = 60
"""Operations up to which a line is also kept in primal names, from which the closed form is made."""
LONGEST_SHOWN = 14
"""Operations up to which the form in primal names is a member of the line."""
MOST_PATHS = 12
"""Paths up to which a sum of contributions is looked up among those written before."""


@dataclass(slots=True)
class LineWriter:
    """Writes one line after another and remembers what later lines may substitute.

    `product` multiplies a partial by an incoming tangent or adjoint; `symbol` writes the same with the
    partial not yet computed. They are all that the two modes do differently in a line. Of the tangents or
    adjoints so far, `numbers` are those with a known value, as a seed, and `primal` the forms in primal
    names. `kinds` are lines that others of the same kind may rename.
    """

    product: Callable[[LinearMap, Sym], Expr]
    symbol: Callable[[Contribution], Expr]
    numbers: dict[Expr, Expr] = field(default_factory=dict)
    primal: dict[Expr, PrimalForm] = field(default_factory=dict)
    kinds: dict[Hashable, Pattern[Line]] = field(default_factory=dict)

    def seed(self, var: Sym, value: Expr, *before: Expr) -> Line:
        """The line that starts a sweep: var = … = value."""
        return self._finish(var, (), [*before, value], value)

    def line(self, var: Sym, contributions: Iterable[Contribution]) -> Line:
        """var = Σ ∂·incoming; a line of a kind that was written before is that one renamed."""
        terms = tuple(contributions)
        step = terms[0].partial.of if terms else None
        if step is None or any(c.partial.of is not step for c in terms):
            return self._new_line(var, terms)
        incoming = [c.incoming for c in terms]
        known = tuple([self.numbers.get(c.incoming) for c in terms])
        kind, operands = _kind_and_operands(terms)
        names = (var, step.var, *operands, *incoming)
        # All that decides the form of a line, besides names.
        inside = terms[0].result == step.var and tuple([c.other_ways for c in terms])
        key = kind, known, inside, _name_order(step, operands)
        return self._line_of_kind(key, names, incoming, terms, lambda: self._new_line(var, terms))

    def _line_of_kind(
        self,
        key: Hashable,
        names: tuple[Sym, ...],
        incoming: Sequence[Sym],
        terms: tuple[Contribution, ...],
        write: Callable[[], Line],
    ) -> Line:
        """The line of the kind `key` in these names, renamed unless it is the first.

        Where all that is incoming has a form in primal names, so has the line: then these forms are part of
        its kind, and their names are names of the line.
        """
        unknown = [s for s in incoming if s not in self.numbers]
        forms = [self.primal[s] for s in unknown if s in self.primal]
        if forms and len(forms) == len(unknown):
            own_key, own_names = _with_forms(key, names, forms)
            found = self.kinds.get(own_key)
            if found is None:
                line = self._first_with_forms(key, names, terms, write)
                return self._kept(own_key, own_names, line)
            return self._renamed(found, own_names, terms)
        found = self.kinds.get(key)
        return self._kept(key, names, write()) if found is None else self._renamed(found, names, terms)

    def _renamed(self, kind: Pattern[Line], names: tuple[Sym, ...], terms: tuple[Contribution, ...]) -> Line:
        """The line of a kind in other names."""
        local = kind.record.local
        if isinstance(local, Num | Filled):
            self.numbers[names[0]] = local
        if kind.record.primal is not None and (form := self.primal.get(kind.names[0])) is not None:
            values = dict(zip(kind.names, names, strict=True))
            self.primal[names[0]] = PrimalForm(form.pattern, tuple([values[name] for name in form.names]))
        return RenamedLine(kind, names, terms)

    def _kept(self, key: Hashable, names: tuple[Sym, ...], line: Line) -> Line:
        """The first line of a kind, kept as a pattern for others."""
        form = self.primal.get(names[0])
        if form is not None:
            own = tuple([name for name in form.names if name in names])  # others are held constant
            self.primal[names[0]] = PrimalForm(Pattern(form.written, own), own)
        self.kinds[key] = Pattern(line, names)
        return line

    def _first_with_forms(
        self,
        key: Hashable,
        names: tuple[Sym, ...],
        terms: tuple[Contribution, ...],
        write: Callable[[], Line],
    ) -> Line:
        """A line with a form in primal names: a new one; if that form is no member, the one of its kind."""
        found = self.kinds.get(key)
        if found is None:
            line = write()
            if line.primal is None or _operations(line.primal) > LONGEST_SHOWN:
                self.kinds[key] = Pattern(replace(line, primal=None), names)
            return line
        own = self._in_primal_names(found.record.local, dict(zip(found.names, names, strict=True)))
        if own is not None and _operations(own) <= LONGEST_SHOWN:
            return write()  # a member in primal names that the pattern lacks
        if own is not None:
            self.primal[names[0]] = _as_form(own)
        return RenamedLine(found, names, terms, own)

    def _new_line(self, var: Sym, terms: tuple[Contribution, ...]) -> Line:
        if not terms:
            return self._finish(var, (), [zeros(var.shape)], zeros(var.shape))
        chain = total(map(self.symbol, terms))
        put_in = [self.product(c.partial.written, c.incoming) for c in terms]
        short = [self.product(c.partial.short, c.incoming) for c in terms]
        if var.shape or not all(c.partial.is_scalar for c in terms):
            return self._finish(var, terms, [chain, tidy(total(short))], total(short))
        return self._finish(var, terms, [chain, _signed_total(put_in), _signed_total(short)], total(short))

    def fork(self, var: Sym, paths: list[Line]) -> Line:
        """var = varᵃ + varᵇ + …: the sum of the paths of a variable that several steps use."""
        names = (var, *(path.var for path in paths))
        terms = tuple(c for path in paths for c in path.contributions)
        joined = total(names[1:])
        if len(paths) > MOST_PATHS:
            return self._finish(var, terms, [joined], joined)
        key = "fork", var.shape, tuple([self.numbers.get(name) for name in names[1:]])
        return self._line_of_kind(
            key, names, names[1:], terms, lambda: self._finish(var, terms, [joined], joined)
        )

    def _finish(self, var: Sym, terms: tuple[Contribution, ...], members: list[Expr], last: Expr) -> Line:
        if isinstance(last, Sym) and last.accent and not terms:
            self.primal[last] = _as_form(last)
        used = {c.incoming for c in terms} | {s for s in e.symbols(last) if s.accent}
        local = tidy(substitute(last, {s: self.numbers[s] for s in used if s in self.numbers}))
        if isinstance(local, Num | Filled):
            self.numbers[var] = local
        primal = self._in_primal_names(local, {})
        because: tuple[Sym, ...] = ()
        if not same_up_to_order(members[-1], local):
            members.append(local)
        if primal is not None:
            self.primal[var] = _as_form(primal)
            if _operations(primal) <= LONGEST_SHOWN:
                before, because = self._before_assuming(local, primal)
                members += [*before, primal]
        return Line(var, terms, tuple(dict.fromkeys(members)), last, local, primal, because)

    def _before_assuming(self, local: Expr, primal: Expr) -> tuple[list[Expr], tuple[Sym, ...]]:
        """The form in primal names before it is used that entries add up to 1, if that makes a difference."""
        put_in = substitute(local, {s: self.primal[s].written for s in e.symbols(local) if s.accent})
        if not any(name.assume for name in e.symbols(put_in)):
            return [], ()
        found = tidy_without_assumptions(put_in)
        if count_operations(found) <= count_operations(primal) or count_operations(found) > LONGEST_SHOWN:
            return [], ()
        return [found], simplex_names_summed(found)

    def _in_primal_names(self, local: Expr, names: Mapping[Expr, Expr]) -> Expr | None:
        """`local` in other names, what is incoming in primal names; None if that is long."""
        incoming = {s: self.primal.get(names.get(s, s)) for s in _accented(local)}
        forms = {s: form for s, form in incoming.items() if form is not None}
        if len(forms) < len(incoming):
            return None
        lengths = [_operations(form.pattern.record) for form in forms.values()]
        if _operations(local) + sum(lengths) > LONGEST_CARRIED:
            return None
        put_in: dict[Expr, Expr] = {s: form.written for s, form in forms.items()}
        found = substitute(local, {**names, **put_in})
        return found if isinstance(local, Sym) else tidy(found)


def _signed_total(terms: Sequence[Expr]) -> Expr:
    """A sum in which what has a negative number in front is subtracted: 1·ẇ₁ − 3·ẇ₂, no 1·ẇ₁ + (−3)·ẇ₂."""
    if len(terms) > MOST_TERMS:
        return total(terms)
    found: Expr | None = None
    for term in terms:
        number = term.args[0] if term.op is e.MUL else None
        if isinstance(number, Num) and number.value < 0:
            positive = Num(-number.value, number.text.removeprefix("-")) * term.args[1]
            found = -positive if found is None else found - positive
        else:
            found = term if found is None else found + term
    return e.ZERO if found is None else found


MOST_TERMS = 12
"""Terms of a sum that are all written."""


class PrimalForm(Repeated[Expr]):
    """A tangent or an adjoint in primal names."""

    __slots__ = ("names", "pattern")


def _as_form(written: Expr) -> PrimalForm:
    """A form that no other line is known to have."""
    names = tuple(e.symbols(written))
    return PrimalForm(Pattern(written, names), names)


def _with_forms(
    key: Hashable, names: tuple[Sym, ...], forms: Sequence[PrimalForm]
) -> tuple[Hashable, tuple[Sym, ...]]:
    """The kind and the names of a line together with the forms of what is incoming.

    Which names are the same, and their order, in which factors are written, are part of the kind.
    """
    used = [name for form in forms for name in form.names]
    together = tuple(dict.fromkeys((*names, *used)))
    place = {name: i for i, name in enumerate(together)}
    order = tuple(sorted(range(len(together)), key=[natural_key(n.name) for n in together].__getitem__))
    return (key, *[form.pattern for form in forms], *[place[name] for name in used], order), together


_operations = cached_by_identity(count_operations)


@cached_by_identity
def _accented(root: Expr) -> tuple[Sym, ...]:
    """The adjoints and tangents in `root`."""
    return tuple(s for s in e.symbols(root) if s.accent)


def _kind_and_operands(terms: tuple[Contribution, ...]) -> tuple[Hashable, tuple[Sym, ...]]:
    """What terms of one step share with others but for names, and the operands that occur in them."""
    first = terms[0].partial
    if len(terms) == 1:
        return first.kind, first.names
    return (first.of.kind, *[c.partial.place for c in terms]), first.of.operands


def _name_order(step: Step, operands: tuple[Sym, ...]) -> tuple[int, ...]:
    """The alphabetical order of the names in a step, which decides that of factors in its lines.

    It is part of a kind; on a traced tape it is always the same, that of the numbers.
    """
    if isinstance(step, StepOfKind):
        return ()
    names = [natural_key(name.name) for name in (step.var, *operands)]
    return tuple(sorted(range(len(names)), key=names.__getitem__))


class RenamedLine(Line, Repeated[Line], given=("var", "contributions")):
    """A line of a pattern. `own` is its form in primal names, if that is no part of the pattern."""

    __slots__ = ("names", "pattern")

    def __init__(
        self,
        pattern: Pattern[Line],
        names: tuple[Sym, ...],
        contributions: tuple[Contribution, ...],
        own: Expr | None = None,
    ) -> None:
        Repeated.__init__(self, pattern, names)
        put = object.__setattr__
        put(self, "var", names[0])
        put(self, "contributions", contributions)
        if own is not None:
            put(self, "primal", own)

    def __reduce__(self) -> tuple[Any, ...]:
        return RenamedLine, (self.pattern, self.names, self.contributions, self.primal)


def one_of_each_kind(lines: Iterable[Line]) -> list[Line]:
    """Lines without those that are another one in other names."""
    return list({id(line): line for line in map(record_of, lines)}.values())
