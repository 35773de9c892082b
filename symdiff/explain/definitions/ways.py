"""The way from one variable to the result through the author's definitions, and its Jacobians."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from symdiff.derivation.jacobian import Jacobian, jacobian, laid_out, way
from symdiff.explain.shared.work import Work
from symdiff.expr.leaves import Applied, Nabla
from symdiff.expr.tree import MATMUL, Expr, Sym
from symdiff.tape.tape import Step


@dataclass(frozen=True)
class Way:
    """The definitions from one variable to the result, with the functions' names where they have some."""

    work: Work
    start: Sym

    @cached_property
    def steps(self) -> list[Step]:
        return way(self.work.tape, self.start)

    @cached_property
    def points(self) -> list[Sym]:
        """x, then the value of each definition."""
        return [self.start, *(step.var for step in self.steps)]

    @cached_property
    def jacobians(self) -> list[Jacobian]:
        return [jacobian(step, under) for step, under in zip(self.steps, self.points, strict=False)]

    @property
    def layout(self) -> str:
        return self.work.layout or "numerator"

    def words(self, first: int, last: int) -> tuple[Sym, ...]:
        """The functions first … last, the one applied last in front; none if they have no names."""
        return tuple(stage.name for stage in self.work.stages[first : last + 1])[::-1]

    def nabla(self, number: int) -> Nabla:
        """The Jacobian of one stage."""
        return Nabla(
            self.points[number + 1],
            self.points[number],
            self.words(number, number),
            layout=self.layout,
        )

    def at_values(self) -> list[Expr]:
        """The Jacobian of each stage at the value of the ones before: ∇f(x), ∇g(f(x)), …"""
        found: list[Expr] = []
        for number in range(len(self.steps)):
            nabla = self.nabla(number)
            at = Applied(self.points[number], self.start, self.words(0, number - 1)) if number else None
            if nabla.words and at is not None:
                nabla = Nabla(nabla.over, nabla.under, nabla.words, layout=self.layout, at=at)
            found.append(nabla)
        return found

    def whole(self, first: int = 0) -> Nabla:
        """The Jacobian of the stages from `first` to the last."""
        last = len(self.steps) - 1
        return Nabla(self.points[-1], self.points[first], self.words(first, last), True, self.layout)

    def product(self, factors: list[Expr]) -> Expr:
        """Factors given in the order of application, multiplied as the layout wants them."""
        ordered = factors[::-1] if self.layout == "numerator" else factors
        found = ordered[0]
        for factor in ordered[1:]:
            found = Expr(MATMUL, found, factor) if found.shape and factor.shape else found * factor
        return found

    def laid_out(self, form: Expr) -> Expr:
        return laid_out(form, self.layout)

    @property
    def has_entries(self) -> bool:
        return all(found.entries is not None for found in self.jacobians)

    @property
    def can_be_written(self) -> bool:
        """Whether there is a form, in whole arrays or by entries, for at least one stage."""
        return any(found.structure is not None or found.entries is not None for found in self.jacobians)

    @property
    def is_explicit(self) -> bool:
        """Whether some stage is given by components, so that only entries can be written."""
        return any(found.structure is None for found in self.jacobians)


def jacobian_ways(work: Work) -> list[Way]:
    """The ways that the page follows: from each vector or number asked for that leads on alone."""
    if work.stages:
        return [Way(work, work.stages[0].argument)]
    names = [name for name in work.wrt if len(name.shape) < 2 and name in work.tape.uses]
    vectors = [name for name in names if name.shape] or names
    return [Way(work, name) for name in (names if work.tape.output.shape else vectors[:1])]
