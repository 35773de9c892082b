"""The results: closed form, the form people write and how it follows, and what one sweep gives besides.

What pages on arrays say besides: spaces, conventions, maps, results in the author's names.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from math import prod

from symdiff.algebra.tidy import tidy
from symdiff.derivation.closed_form import CompactForm, closed_form, compact_form, in_inputs, in_names
from symdiff.derivation.derivation import FREE, Derivation, Line, bar, dot
from symdiff.derivation.line_writer import RenamedLine
from symdiff.derivation.sweeps import reverse
from symdiff.document.blocks import (
    Block,
    Chain,
    Equations,
    Formula,
    Heading,
    Paragraph,
    Row,
    Text,
    Unseen,
    text,
)
from symdiff.document.repeats import Repeats
from symdiff.explain.shared.folding import folded
from symdiff.explain.shared.phrases import MOST, listed, notations
from symdiff.explain.shared.work import ELEMENT, TapeWork, space
from symdiff.expr import tree as e
from symdiff.expr.leaves import entry_count
from symdiff.expr.notation import Binding, pattern
from symdiff.expr.operations import MAPPED, MAPPED_BACK, inner, is_array
from symdiff.expr.shapes import Shape, is_number
from symdiff.expr.tree import PARTIAL, Expr, Num, Sym, postorder
from symdiff.proof.values import evaluate
from symdiff.tape.partials import LocalPartial


def results(work: TapeWork) -> Iterator[Block]:
    """The derivatives asked for; then those that the reverse sweep has already given."""
    yield Heading(text("result.heading"))
    if work.tape.has_arrays:
        yield from array_results(work)
        return
    first, others = _asked(work)
    yield from _all(work, first)
    if not others:
        return
    yield Heading(text("others.heading"))
    if len(others) > MOST and len(work.wrt) < len(work.tape.inputs):
        yield Paragraph(text("others.many", count=len(others)))
    else:
        yield Paragraph(text("others.intro", names=listed(others)))
        yield from _all(work, others)


def _all(work: TapeWork, names: tuple[Sym, ...]) -> Iterator[Block]:
    """Each result with its forms; of very many, how the sweep leaves them."""
    if len(names) <= MOST:
        for name in names:
            yield from _result(work, name)
        return
    lines = {
        name: [d.results[name.name] for d in work.derivations if name.name in d.results] for name in names
    }
    repeats = Repeats()
    rows = [_as_left(work, name, found[-1], repeats) for name, found in lines.items()]
    yield folded(rows, work.tape, work.full, MOST)
    if work.model is not None:
        values = (
            Chain(symbol, (work.value(symbol),), at_point=True) for symbol in map(work.derivative, names)
        )
        yield folded(list(map(Row, values)), work.tape, work.full)


def _as_left(work: TapeWork, name: Sym, line: Line, repeats: Repeats) -> Row:
    """A derivative as the sweep leaves it."""

    def row() -> Row:
        return Row(Chain(work.derivative(name), tuple(dict.fromkeys((line.var, line.local)))))

    return repeats.row(line.pattern, (name, *line.names), row) if isinstance(line, RenamedLine) else row()


def _asked(work: TapeWork) -> tuple[tuple[Sym, ...], tuple[Sym, ...]]:
    """The results proper, and those that reverse mode gives without any new computation."""
    if work.mode("forward") is not None:
        return work.wrt, _rest(work, work.wrt) if work.mode("reverse") else ()
    everything = len(work.wrt) == len(work.tape.inputs)
    first = work.wrt[:1] if everything else work.wrt
    return first, _rest(work, first)


def _rest(work: TapeWork, first: tuple[Sym, ...]) -> tuple[Sym, ...]:
    return tuple(name for _, name in work.tape.inputs if name not in first)


def _result(work: TapeWork, name: Sym) -> Iterator[Block]:
    """One derivative: where it stands, its closed form, its compact form with the way there."""
    lines = [(d, d.results[name.name]) for d in work.derivations if name.name in d.results]
    symbol, (_, last) = work.derivative(name), lines[-1]
    closed = closed_form(work.tape, last)
    compact = compact_form(work.tape, closed) if closed is not None else None
    forms: list[Expr] = [_marked(work, derivation, line.var) for derivation, line in lines]
    forms += _forms(work, last, closed)
    members = tuple(dict.fromkeys(forms))
    rows = [Row(Chain(symbol, members, boxed=compact is None and closed is not None))]
    if compact is not None:
        yield Equations(tuple(rows))
        yield Paragraph(text("result.compact", pieces=tuple(Chain(p, (v,)) for p, v in compact.pieces)))
        assert closed is not None
        rows = [Row(Chain(symbol, _way(closed, compact), boxed=True))]
    if work.model is not None:
        rows.append(Row(Chain(symbol, (work.value(symbol),), at_point=True)))
    yield Equations(tuple(rows))
    if closed is None:
        yield Paragraph(text("result.long"))


def _marked(work: TapeWork, derivation: Derivation, var: Sym) -> Sym:
    """The tangent of the result, marked with its pass where there are several passes."""
    if derivation.mode == "reverse" or len(derivation.sweeps) == 1:
        return var
    return Sym(var.name, var.accent, f"({var.seed})", var.seed)


def _forms(work: TapeWork, line: Line, closed: Expr | None) -> list[Expr]:
    """The value in primal names, written out in the inputs, and simplified: each from the one before."""
    if closed is None or line.primal is None:
        return [line.local]
    written = in_inputs(work.tape, line.primal)
    return [line.primal, *([written] if written is not None else []), closed]


def _way(closed: Expr, compact: CompactForm) -> tuple[Expr, ...]:
    return (closed, *([compact.between] if compact.between is not None else []), compact.form)


FORWARD_RULE = pattern(
    "array forward rule",
    r"{0} = \sum_{{j}} \frac{{\partial {1}}}{{\partial {2}}}\left[{3}\right]",
    "{0} = Σ_j (∂{1}/∂{2})[{3}]",
    Binding.SUM,
    arity=4,
)
REVERSE_RULE = pattern(
    "array reverse rule",
    r"{0} = \sum_{{i}} \left(\frac{{\partial {1}}}{{\partial {2}}}\right)^{{\!\top}}\!\left[{3}\right]",
    "{0} = Σ_i (∂{1}/∂{2})ᵀ[{3}]",
    Binding.SUM,
    arity=4,
)


def belongs(name: Sym) -> Expr:
    """x ∈ ℝⁿ."""
    return Expr(ELEMENT, Sym(name.name), space(name.shape))


def space_of(work: TapeWork, var: Sym) -> Expr | None:
    """The space of a variable on a page with arrays."""
    return space(var.shape) if work.tape.has_arrays else None


def conventions(work: TapeWork) -> Iterator[Block]:
    """How formulas with arrays are to be read, as far as this page needs it, and what is assumed."""
    if not work.tape.has_arrays:
        return
    found = [text("arrays.columns"), *conventions_of(work), *notations(work)]
    if not work.tape.output.shape:
        key = "numerator" if work.layout == "numerator" else "denominator"
        found.append(text(f"arrays.layout_{key}", result=work.tape.result))
    yield Paragraph(text("arrays.conventions", parts=tuple(found)))


def conventions_of(work: TapeWork) -> list[Text]:
    """What the formulas of this page need to be said about entries, rows and assumptions."""
    return reading_of(
        [formula for _, formula in work.tape.definitions], [name for _, name in work.tape.inputs]
    )


def reading_of(formulas: Sequence[Expr], inputs: Sequence[Sym]) -> list[Text]:
    """What these formulas need to be said about entries, rows and assumptions."""
    nodes = [node for formula in formulas for node in postorder(formula)]
    found = []
    if any(node.shape and node.args and not is_array(node.op) for node in nodes):
        found.append(text("arrays.entrywise"))
    if any(
        len(node.shape) == 2 and any(len(arg.shape) == 1 for arg in node.args)
        for node in nodes
        if _adds(node)
    ):
        found.append(text("arrays.rows"))
    for what in ("simplex", "symmetric"):
        names = tuple(name for name in inputs if name.assume == what)
        rows = any(len(name.shape) == 2 for name in names)
        if names:
            found.append(text(f"arrays.{what}{'_rows' if rows and what == 'simplex' else ''}", names=names))
    return found


def _adds(node: Expr) -> bool:
    return bool(node.args) and not is_array(node.op)


def map_rows(partial: LocalPartial, modes: Collection[str]) -> Iterator[Row]:
    """A local partial: a number, or a map between arrays by what the sweeps in `modes` use of it.

    Forward mode applies the map to a tangent, reverse mode its transpose to an adjoint.
    """
    symbol = Expr(PARTIAL, partial.step, partial.operand)
    if partial.is_scalar:
        written, short = tidy(partial.written.matrix()), tidy(partial.short.matrix())
        yield Row(Chain(symbol, (written,) if written == short else (written, short)))
        return
    tangent = Sym(partial.operand.name, "dot", seed=FREE, shape=partial.operand.shape)
    adjoint = Sym(partial.step.name, "bar", seed=FREE, shape=partial.step.shape)
    forth = Chain(Expr(MAPPED, symbol, tangent), (tidy(partial.short.apply(tangent)),))
    back = Chain(Expr(MAPPED_BACK, symbol, adjoint), (tidy(partial.short.transpose(adjoint)),))
    first, *others = [chain for mode, chain in (("forward", forth), ("reverse", back)) if mode in modes]
    yield Row(first, tuple(others))


def array_rule(work: TapeWork, derivation: Derivation, i: Sym, j: Sym) -> Iterator[Block]:
    """The accumulation rule where partials are maps."""
    indices = {"i": Sym("i"), "j": Sym("j")}
    mode, result = derivation.mode, work.tape.result
    own = Sym(i.name, "dot") if mode == "forward" else Sym(j.name, "bar")
    other = Sym(j.name, "dot") if mode == "forward" else Sym(i.name, "bar")
    turned = mode == "reverse" and work.layout == "numerator"
    yield Paragraph(text(f"arrays.{mode}{'_numerator' if turned else ''}", own=own, result=result))
    rule = FORWARD_RULE if mode == "forward" else REVERSE_RULE
    yield Formula(Expr(rule, own, i, j, other), text(f"{mode}.range", **indices))


def array_results(work: TapeWork) -> Iterator[Block]:
    """Each derivative in the author's names; after a forward pass it is read off the tangent."""
    back = work.mode("reverse") or reverse(work.tape)
    if len(work.wrt) > 1 and work.mode("reverse"):
        yield Paragraph(text("arrays.results"))
    for name in work.wrt:
        yield from _array_result(work, back, name)


def _array_result(work: TapeWork, back: Derivation, name: Sym) -> Iterator[Block]:
    ahead = work.mode("forward")
    line = back.results[name.name]
    if ahead is not None and name.name in ahead.results:
        yield from _read_off(work, ahead.results[name.name], line, name)
    rows = [(_of_map if work.tape.output.shape else _gradient)(work, line, name)]
    if work.model is not None and not work.tape.output.shape:
        symbol = work.derivative(name)
        rows.append(Row(Chain(symbol, (work.value(symbol),), at_point=True)))
    yield Equations(tuple(rows))


def _read_off(work: TapeWork, ahead: Line, line: Line, name: Sym) -> Iterator[Block]:
    """ẏ = … = ⟨∂y/∂x, ẋ⟩: the tangent is linear in the direction, its factor the derivative."""
    if not name.shape or work.tape.output.shape:
        return
    written = in_names(work.tape, ahead.primal or ahead.local)
    factor = _named(work, line)
    seed = dot(name, name)
    members = [written] if written is not None else [ahead.local]
    yield Paragraph(text("arrays.read_off", direction=seed, tangent=ahead.var))
    yield Equations((Row(Chain(ahead.var, (*members, inner(factor, seed)))),))


def _named(work: TapeWork, line: Line) -> Expr:
    """The derivative in the author's names, or as the sweep leaves it."""
    form = line.primal or line.local
    return in_names(work.tape, form) or form


def _gradient(work: TapeWork, line: Line, name: Sym) -> Row:
    symbol = work.derivative(name)
    forms: list[Expr] = [line.var] if work.mode("reverse") else []
    forms.append(_named(work, line))
    if work.model is not None:
        evaluate(work.model.m, forms[-1], {}, work.model)  # det(A)·A⁻ᵀ has no value where A is singular
    members = tuple(dict.fromkeys(work.laid_out(form) for form in forms))
    return Row(Chain(symbol, members, boxed=True), space=space(symbol.shape))


def _of_map(work: TapeWork, line: Line, name: Sym) -> Row:
    """For a result that is an array: the transposed derivative at work on any adjoint."""
    whole = Expr(PARTIAL, work.tape.result, name)
    left = Expr(MAPPED_BACK, whole, bar(work.tape.result))
    return Row(Chain(left, (line.var, _named(work, line)), boxed=True), space=space(name.shape))


def array_values(work: TapeWork) -> Iterator[Block]:
    """The numbers of every variable, then of every adjoint."""
    names = work.tape.names
    rows = []
    for var in work.tape.order:
        members = (names[var],) if var in names else ()
        rows.append(Row(Chain(var, (*members, work.value(var)), at_point=True)))
    yield Equations(tuple(rows))
    back = work.mode("reverse")
    if back is not None and not work.tape.output.shape:
        yield Paragraph(text("arrays.adjoint_values"))
        lines = [line for line in back.sweeps[0].lines if not line.var.label]
        yield Equations(tuple(Row(Chain(line.var, (work.value(line.var),), at_point=True)) for line in lines))


def unseen_lines(work: TapeWork) -> Iterator[Block]:
    """The lines of the sweep behind a page that shows results only: proved with the others."""
    lines = [line for derivation in work.derivations for sweep in derivation.sweeps for line in sweep.lines]
    yield Unseen(tuple(Row(Chain(line.var, line.members)) for line in lines))


def entries_of_all(shapes: Sequence[Shape]) -> Expr:
    """How many entries arrays of these shapes have together, a number where the sizes are numbers."""
    if all(is_number(part) for shape in shapes for part in shape):
        return Num(sum(prod(int(part) for part in shape) for shape in shapes))
    return tidy(e.total(map(entry_count, shapes)))


def array_cost(work: TapeWork) -> Iterator[Block]:
    """How many passes each mode takes for the whole derivative."""
    inputs = entries_of_all([name.shape for name in work.wrt])
    outputs = entries_of_all([work.tape.output.shape])
    yield Heading(text("cost.heading"))
    key = "arrays.cost_number" if not work.tape.output.shape else "arrays.cost"
    yield Paragraph(text(key, wrt=work.wrt, inputs=inputs, outputs=outputs))
