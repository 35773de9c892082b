"""How a short form follows from a longer one: steps, each with its reason and the facts that it uses.

A reason is a key of the messages `way.…`; words are not known here. A fact is an equality that follows from
the definitions, such as mean(x̂) = 0 and μ = mean(x).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from symdiff.expr.memory import cached_by_identity
from symdiff.expr.operations import COLUMN, MEAN_ACROSS, SUM_ACROSS
from symdiff.expr.records import dataclass
from symdiff.expr.tree import (
    ADD,
    DIV,
    MATMUL,
    MUL,
    NEG,
    ONE,
    SUB,
    TRANSPOSE,
    Expr,
    Num,
    count_operations,
    postorder,
    symbols,
)

Fact = tuple[Expr, Expr]
MOST_STEPS = 4


@dataclass(frozen=True, slots=True)
class WayStep:
    """One more form of a result, equal to the one before by `reason`, which uses `facts`."""

    form: Expr
    reason: str
    facts: tuple[Fact, ...] = ()


def taken_out(form: Expr) -> Expr | None:
    """What stands in front of a form's widest sum and below it: 1/s of (a − b)/s; None where nothing does."""
    above, below = _parts(form)
    sums = [factor for factor in above if factor.op.notation.kind in ("infix", "elided")]
    if not sums:
        return None
    widest = max(sums, key=count_operations)
    rest = [factor for factor in above if factor is not widest and not isinstance(factor, Num)]
    found: Expr | None = None
    for factor in rest:
        found = factor if found is None else found * factor if _scalar(found, factor) else None
        if found is None:
            return None
    for factor in below:
        found = (ONE if found is None else found) / factor
    return found


@cached_by_identity
def operations(root: Expr) -> int:
    """The operations of a formula as code: operators, calls, attributes and indices."""
    count, stack = 0, [root]
    while stack:
        node = stack.pop()
        stack += node.args
        if node.op is COLUMN and node.args[0].op in (SUM_ACROSS, MEAN_ACROSS):
            continue  # keepdims=True
        count += bool(node.args) or isinstance(getattr(node, "what", None), str)
        count += isinstance(node, Num) and node.value < 0
    return count


def inside_of(mean: Expr) -> Expr:
    """The array that a mean is of, that of each row kept as a column included."""
    return inside_of(mean.args[0]) if mean.op is COLUMN else mean.args[0]


def is_about(facts: Iterable[Expr], *forms: Expr) -> bool:
    """Whether each formula has a name that occurs in one of the forms."""
    known = {name for form in forms for name in symbols(form)}
    return all(any(name in known for name in symbols(fact)) for fact in facts)


def is_collected(form: Expr, before: Expr) -> bool:
    """Whether a form is another one than that before, and not longer by more than one operation."""
    is_short = count_operations(form) <= count_operations(before) + 1
    return form != before and (is_short or operations(form) <= operations(before))


def has_same_sums(form: Expr, before: Expr) -> bool:
    """Whether a form has no other sums than that before: factors have cancelled, nothing else."""
    return _sums_in(form) <= _sums_in(before)


def _sums_in(form: Expr) -> set[Expr]:
    return {node for node in postorder(form) if node.op in (ADD, SUB)}


def as_seen(step: WayStep, before: Expr) -> WayStep:
    """A step whose facts are about names in its form or in that before; without facts where some are not."""
    if is_about((left for left, _ in step.facts), step.form, before):
        return step
    return WayStep(step.form, "collected")


def with_facts_seen(before: Expr, steps: Iterable[WayStep]) -> Iterator[WayStep]:
    """The steps from a form on, each with those of its facts that have a name in its form or in that before.

    A name that one fact brings in and a later one takes out again stands in neither. A step that has no fact
    left is one of collecting terms, or none where the form is no other one or no shorter.
    """
    for step in steps:
        facts = tuple(
            dict.fromkeys(f for f in step.facts if any(is_about([s], step.form, before) for s in f))
        )
        reason = step.reason if facts or not step.facts else "collected"
        if step.form != before and (facts or not step.facts or is_collected(step.form, before)):
            yield WayStep(step.form, reason, facts)
            before = step.form


def _scalar(one: Expr, other: Expr) -> bool:
    return not one.shape or not other.shape or one.shape == other.shape


def _parts(form: Expr) -> tuple[list[Expr], list[Expr]]:
    """The factors of a product above the fraction bar and below it."""
    if form.op is NEG:
        return _parts(form.args[0])
    if form.op is DIV:
        above, below = _parts(form.args[0])
        return above, [*below, form.args[1]]
    if form.op in (MUL, MATMUL):
        (a, b), (c, d) = map(_parts, form.args)
        return [*a, *c], [*b, *d]
    return [form], []


def transposes(form: Expr) -> int:
    """How many operations are transposed in a form: (AB)ᵀ has one, BᵀAᵀ none."""
    count, stack = 0, [form]
    while stack:
        node = stack.pop()
        count += node.op is TRANSPOSE and bool(node.args[0].args)
        stack.extend(node.args)
    return count
