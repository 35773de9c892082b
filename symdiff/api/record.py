"""A proved page as JSON: what is derived, every line with its proof, results. Nothing localised.

Of a tape: inputs, steps, the lines of each sweep. Of a recurrence: the cell, every equality with its times.
Expressions are strings in symdiff's own language, so that a program can read them back: `wbar_4` is the
adjoint of w_4, `wdot_4` its tangent, `partial(w_5, w_4)` a local partial; `h[t-1]` is a state one step
before, `derivative(h[t], U)` a total derivative, `sum(…, t=0..T-1)` a sum over time.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from fractions import Fraction
from itertools import chain as joined
from itertools import product
from math import isfinite
from typing import Any

from symdiff.algebra.tidy import tidy
from symdiff.derivation.answers import answer
from symdiff.derivation.author_names import in_names
from symdiff.derivation.closed_form import closed_form, in_inputs
from symdiff.derivation.compact_form import way_to_compact_form
from symdiff.derivation.derivation import FREE, Derivation, Line
from symdiff.derivation.jacobian_entries import entries_in_inputs
from symdiff.derivation.line_writer import RenamedLine
from symdiff.derivation.short_forms import way_to_short_form
from symdiff.derivation.sweeps import reverse
from symdiff.derivation.ways import WayStep
from symdiff.document.blocks import Chain, Row, Unseen
from symdiff.document.repeats import RepeatedChain, Repeats
from symdiff.errors import EntriesError
from symdiff.explain.recurrence.adjoints import by_value
from symdiff.explain.recurrence.cell_work import CellWork
from symdiff.explain.shared.work import TapeWork, Work
from symdiff.expr.memory import cached_by_identity
from symdiff.expr.numbers import ZERO_POWER, rounded
from symdiff.expr.operations import IMMEDIATE, MAPPED, MAPPED_BACK
from symdiff.expr.patterns import Pattern
from symdiff.expr.shapes import Shape, is_number
from symdiff.expr.tree import PARTIAL, Expr, Sym, count_operations, entry, substitute
from symdiff.language.reader import entry_by_name
from symdiff.language.recurrence import Recurrence
from symdiff.proof.balls import Undecided, bounds, double
from symdiff.proof.cell_model import cell_values
from symdiff.proof.entry_model import check_entries
from symdiff.proof.judge import Certificate, Checked, Judge
from symdiff.proof.values import evaluate
from symdiff.rules.arrays import flat, is_array
from symdiff.tape.partials import LocalPartial, local_partials
from symdiff.tape.tape import Step, StepKind, Tape

LONGEST_FORMULA = 2000
DIGITS_OF_DOUBLES = 17


SCHEMA = "symdiff/1"
"""The meaning of the keys (docs/language.md); a change that breaks a reader has a new number."""


def to_json(work: Work, certificate: Certificate) -> str:
    """The record of `work` as indented JSON; of the exercise alone what is given, and no answer."""
    body = _given(work)
    if not work.sections.statement:
        found = _of_tape(work, certificate) if isinstance(work, TapeWork) else _of_cell(work, certificate)
        body |= found
    text = json.dumps({"schema": SCHEMA, **body}, indent=2, ensure_ascii=False, allow_nan=False)
    return _HELD.sub(r"\1", text) + "\n"


def _given(work: Any) -> dict[str, Any]:
    """What the exercise gives."""
    if not isinstance(work, TapeWork):
        return {"recurrence": _recurrence(work.recurrence)}
    tape = work.tape
    return {
        "inputs": [_variable(name, var) for var, name in tape.inputs],
        **_indices(tape),
        "output": _variable(tape.result, tape.output),
        "definitions": {str(name): _formula(formula) for name, formula in tape.definitions},
    }


def _indices(of: Tape | Recurrence) -> dict[str, Any]:
    """The indices that are names, each with its shape and the size that it counts; nothing without any."""
    found = [
        {"name": index.name, "shape": list(index.shape), "limit": index.limit}
        for index in of.indices.values()
    ]
    return {"indices": found} if found else {}


def _of_tape(work: TapeWork, certificate: Certificate) -> dict[str, Any]:
    digits = _digits_of_lines(work, certificate)
    return {
        "steps": [_step(work, step) for step in _with_partials_proved(work)],
        "derivations": [_derivation(work, derivation, digits) for derivation in work.derivations],
        "results": {name.name: _result(work, name) for name in _asked(work)},
        "proof": _proof(certificate),
    }


def _digits_of_lines(work: TapeWork, certificate: Certificate) -> dict[Chain, int]:
    """To how many digits each line agrees; those that the page leaves out, or cuts, are proved here."""
    digits = {item.chain: item.digits for item in certificate.checked}
    every = (line for derivation in work.derivations for sweep in derivation.sweeps for line in sweep.lines)
    repeats = Repeats()
    rows = [_row(line, repeats) for line in every if _equality_of(line) not in digits]
    return digits | {item.chain: item.digits for item in work.judge.checked((Unseen(tuple(rows)),))}


def _row(line: Line, repeats: Repeats) -> Row:
    def row() -> Row:
        return Row(Chain(line.var, line.members))

    return repeats.row(line.pattern, line.names, row) if isinstance(line, RenamedLine) else row()


def _of_cell(work: Any, certificate: Certificate) -> dict[str, Any]:
    return {
        "steps": work.steps,
        "equalities": [_equality(item) for item in certificate.checked],
        "results": _results(work),
        "proof": _proof(certificate),
    }


def _proved(judge: Judge, left: Expr, form: Expr) -> Expr:
    """A formula that stands in no line of the page, once it is proved to be `left`."""
    judge.check(Chain(left, (form,)))
    return form


def _variable(name: Sym, var: Sym) -> dict[str, Any]:
    """An input or the output: the author's name, the tape's, the shape."""
    return {"name": str(name), "step": str(var), "shape": shape_in_json(name.shape)}


def _formula(formula: Expr) -> str | None:
    return str(formula) if count_operations(formula) <= LONGEST_FORMULA else None


def _with_partials_proved(work: TapeWork) -> Sequence[Step]:
    """The steps; what is said of their partials is proved once for each kind."""
    kinds: set[StepKind] = set()
    for step in work.tape.steps:
        if step.kind not in kinds:
            kinds.add(step.kind)
            for partial in local_partials(step):
                for left, form in _statements(partial):
                    _proved(work.judge, left, form)
    return work.tape.steps


def _statements(partial: LocalPartial) -> Iterator[tuple[Expr, Expr]]:
    """What `maps_in_json` says of a partial, with tangents and adjoints that may be anything."""
    local = Expr(IMMEDIATE, partial.step, partial.operand)
    if partial.is_scalar:
        yield local, partial.short.matrix()
        return
    tangent = Sym(partial.operand.name, "dot", seed=FREE, shape=partial.operand.shape)
    adjoint = Sym(partial.step.name, "bar", seed=FREE, shape=partial.step.shape)
    yield Expr(MAPPED, local, tangent), tidy(partial.short.apply(tangent))
    yield Expr(MAPPED_BACK, local, adjoint), tidy(partial.short.transpose(adjoint))


def _step(work: TapeWork, step: Any) -> dict[str, Any]:
    partials = {str(p.operand): maps_in_json(p) for p in local_partials(step)}
    label = None if step.label is None else str(step.label)
    found: dict[str, Any] = {
        "name": str(step.var),
        "label": label,
        "expr": str(step.body),
        "shape": shape_in_json(step.var.shape),
        "partials": partials,
    }
    return found | _value(work, step.var)


def _derivation(work: TapeWork, derivation: Derivation, digits: dict[Chain, int]) -> dict[str, Any]:
    return {
        "mode": derivation.mode,
        "sweeps": [
            {
                "by" if derivation.mode == "forward" else "of": str(sweep.seed),
                "lines": [_line(work, line, digits) for line in sweep.lines],
            }
            for sweep in derivation.sweeps
        ],
    }


def _line(work: TapeWork, line: Line, digits: dict[Chain, int]) -> dict[str, Any]:
    agreed = digits[_equality_of(line)]
    found: dict[str, Any] = {
        "name": str(line.var),
        "members": [str(member) for member in line.members],
        "shape": shape_in_json(line.var.shape),
        "proof": {"proved": True, "digits": agreed},
    }
    return found | _value(work, line.var)


def _equality_of(line: Line) -> Chain:
    """What a line says; one that repeats a pattern stays unwritten, as on the page."""
    if isinstance(line, RenamedLine):
        return RepeatedChain(_pattern_of_equality(line.pattern), line.names)
    return Chain(line.var, line.members)


@cached_by_identity
def _pattern_of_equality(pattern: Pattern[Line]) -> Pattern[Chain]:
    return Pattern(Chain(pattern.record.var, pattern.record.members), pattern.names)


def _asked(work: TapeWork) -> list[Sym]:
    """The inputs that there are results for, then the names on the way that were asked for."""
    found = [name for _, name in work.tape.inputs if any(name.name in d.results for d in work.derivations)]
    return list(dict.fromkeys([*found, *work.wrt]))


def _result(work: TapeWork, name: Sym) -> dict[str, Any]:
    if work.tape.has_arrays:
        return array_result(work, name)
    line = next(d.results[name.name] for d in reversed(work.derivations) if name.name in d.results)
    closed = closed_form(work.tape, line)
    steps = _way(work, name, closed)
    short = steps[-1].form if steps else closed
    if not steps and work.reading == "chain" and line.primal is not None:
        short = in_names(work.tape, line.primal)
    texts = {"expr": closed, "compact": short}
    found: dict[str, Any] = {
        "line": str(line.var),
        **{
            key: None if form is None else str(_proved(work.judge, line.var, form))
            for key, form in texts.items()
        },
        "shape": [],
        "steps": [_step_of_way(work, step) for step in steps],
    }
    return found | _value(work, line.var)


def _way(work: TapeWork, name: Sym, closed: Expr | None) -> tuple[WayStep, ...]:
    """The way to the form people write: in the names of earlier values where there are any."""
    found = answer(work.tape, name)
    if found is not None:
        return found.steps
    return () if closed is None or work.reading == "chain" else way_to_compact_form(work.tape, closed)


def _value(work: TapeWork, node: Expr) -> dict[str, Any]:
    """The value at the reader's point, in double precision, if there is a point."""
    return {} if work.model is None else {"value": _numbers(work.model, node)}


def _exact(value: Any) -> Any:
    """A number of a point as text, nested lists for an array."""
    return [_exact(part) for part in value] if isinstance(value, tuple) else str(value)


def _proof(certificate: Certificate) -> dict[str, Any]:
    found: dict[str, Any] = {
        "equalities": len(certificate.checked),
        "members": certificate.members,
        "digits": certificate.digits,
    }
    if certificate.lengths:
        return found | {"steps": list(certificate.lengths), "sizes": [dict(s) for s in certificate.sizes]}
    points = [{name: _exact(value) for name, value in point.items()} for point in certificate.points]
    if certificate.confirmed_by_sympy is None:
        return found | {"points": points}
    return found | {"points": points, "confirmed_by_sympy": list(certificate.confirmed_by_sympy)}


def shape_in_json(shape: Shape) -> list[int | str]:
    """Sizes, numbers as numbers."""
    return [int(part) if is_number(part) else str(part) for part in shape]


_HELD = re.compile(r'"\\u0000(-?[0-9.]+e-?[0-9]+)\\u0000"')
"""A number that is no double, as `json` writes the text that stands for it until the end."""


def _numbers(values: Any, node: Expr) -> Any:
    """The value of a formula in double precision, an array as lists; no 0 or ∞ where it is neither.

    Where an enclosure is too wide to tell the double, more bits are taken.
    """
    while True:
        found = evaluate(values.m, node, {}, values)
        if all(map(_tells_its_double, flat(found))):
            return _doubles(found)
        try:
            values = values.sharper
        except Undecided:
            return _doubles(found)


def _tells_its_double(value: Any) -> bool:
    """Whether an enclosure is that of zero, or narrower than the distance of two doubles."""
    low, high = bounds(value)
    if low <= 0 <= high:
        return bool(high - low < Fraction(10) ** ZERO_POWER)
    return bool(high - low <= abs(low) / 10**DIGITS_OF_DOUBLES)


def _doubles(value: Any) -> Any:
    if is_array(value):
        return [_doubles(part) for part in value]
    low, high = bounds(value)
    found = double(value)
    if isfinite(found) and (found or low <= 0 <= high):
        return found
    shown = rounded(low, high, DIGITS_OF_DOUBLES)
    return found if shown is None else f"\0{shown.text}\0"


def nested(value: Any) -> Any:
    """A number, or an array as lists, in double precision."""
    if is_array(value):
        return [nested(part) for part in value]
    return double(value)


def maps_in_json(partial: LocalPartial) -> Any:
    """A local partial: a factor, or what the map and its transpose do to a tangent and to an adjoint."""
    if partial.is_scalar:
        return str(partial.short.matrix())
    tangent = Sym(partial.operand.name, "dot", shape=partial.operand.shape)
    adjoint = Sym(partial.step.name, "bar", shape=partial.step.shape)
    return {
        "forward": str(tidy(partial.short.apply(tangent))),
        "reverse": str(tidy(partial.short.transpose(adjoint))),
    }


def array_result(work: TapeWork, name: Sym) -> dict[str, Any]:
    """∂result/∂name: a gradient in its variable's shape, or a Jacobian with the result's indices first."""
    line = (work.mode("reverse") or reverse(work.tape)).results[name.name]
    whole = Expr(PARTIAL, work.tape.result, name)
    found: dict[str, Any] = {"line": str(line.var), "shape": shape_in_json(whole.shape)}
    if work.tape.output.shape:
        found["expr"] = _jacobian(work, name)
    else:
        found |= _gradient(work, line, name)
    if work.model is not None:
        found["value"] = _numbers(work.model, whole)
    return found


def _gradient(work: TapeWork, line: Line, name: Sym) -> dict[str, Any]:
    """The formula in the inputs and in the author's names; by components where the sweep's is too long."""
    if line.primal is None:
        rows = _jacobian(work, name)
        found = rows[0] if isinstance(rows, list) else rows
        return {"expr": found, "compact": found, "steps": []}
    whole_by_name = Expr(PARTIAL, work.tape.result, name)
    closed, named = in_inputs(work.tape, line.primal), in_names(work.tape, line.primal)
    steps = () if named is None else way_to_short_form(work.tape, named)
    for form in (closed, named, *(step.form for step in steps)):
        if form is not None:
            _proved(work.judge, whole_by_name, form)
    named = steps[-1].form if steps else named
    whole = None if closed is None else str(closed)
    return {
        "expr": _written(work, closed, name) or whole or (None if named is None else str(named)),
        "compact": whole if named is None else str(named),
        "steps": [_step_of_way(work, step) for step in steps],
    }


def _step_of_way(work: TapeWork, step: WayStep) -> dict[str, Any]:
    """One form on the way to the shortest, why it follows, and the equalities used."""
    facts = [[str(left), str(_proved(work.judge, left, right))] for left, right in step.facts]
    return {"form": str(step.form), "reason": step.reason, "facts": facts}


def _written(work: TapeWork, closed: Expr | None, name: Sym) -> Any:
    """The formula as nested lists of scalar formulas, where the sizes are small numbers."""
    if closed is None or not name.shape:
        return None if closed is None else str(closed)
    if not all(map(is_number, name.shape)):
        return None
    try:
        from symdiff.tape.entries import entries_of  # start-up: it loads NumPy

        found = entries_of(closed, {}, {})
        check_entries(work.tape, Expr(PARTIAL, work.tape.result, name), flat(found))
    except EntriesError:
        return None
    return _texts(found, _indexed(work.tape))


def _texts(entries: Any, indexed: Mapping[Expr, Expr]) -> Any:
    if is_array(entries):
        return [_texts(part, indexed) for part in entries]
    return str(substitute(tidy(entries), indexed))


def _indexed(tape: Tape) -> Mapping[Expr, Expr]:
    """x_0[1] for the second entry of a vector x_0, and so on where the reader knows no name for an entry."""
    from symdiff.tape.entries import entry_names  # start-up: it loads NumPy

    names = {name.name: name for name in tape.by_name}
    found: dict[Expr, Expr] = {}
    for name in names.values():
        if name.shape and all(map(is_number, name.shape)):
            with suppress(EntriesError):  # one with too many entries is never written out
                places = product(*(range(int(part)) for part in name.shape))
                found |= zip(
                    flat(entry_names(name, {})), (entry(name, place) for place in places), strict=True
                )
    return {own: form for own, form in found.items() if entry_by_name(str(own), names) is None}


def _jacobian(work: TapeWork, name: Sym) -> Any:
    """The entries of a Jacobian of a vector, written out in the inputs where that is possible."""
    try:
        rows = entries_in_inputs(work.tape, name)
        if rows is None:
            return None
        check_entries(work.tape, Expr(PARTIAL, work.tape.result, name), joined.from_iterable(rows))
    except EntriesError:
        return None
    indexed = _indexed(work.tape)
    texts = [[str(substitute(form, indexed)) for form in row] for row in rows]
    return texts if name.shape else [row[0] for row in texts]


def _recurrence(of: Recurrence) -> dict[str, Any]:
    return {
        "index": of.index,
        "first": of.first,
        "steps": of.horizon,
        "inputs": [_named(name) for name in of.inputs],
        **_indices(of),
        "sequences": [_named(name) for name in of.sequences],
        "states": [str(name) for name in of.states],
        "initial": {of.in_language(name): of.in_language(formula) for name, formula in of.initial.items()},
        **(
            {"ending": {of.in_language(n): of.in_language(f) for n, f in of.ending.items()}}
            if of.ending
            else {}
        ),
        "cell": {str(name): of.in_language(formula) for name, formula in of.cell},
        "definitions": {str(name): of.in_language(formula) for name, formula in of.after},
    }


def _named(name: Sym) -> dict[str, Any]:
    return {"name": name.name, "shape": shape_in_json(name.shape)}


def _equality(item: Checked) -> dict[str, Any]:
    chain = item.chain
    found: dict[str, Any] = {"left": str(chain.left), "members": [str(member) for member in chain.members]}
    if chain.times is not None:
        found["times"] = [str(time) for time in chain.times]
    return found | {"proof": {"proved": True, "digits": item.digits}}


def _results(work: CellWork) -> dict[str, Any]:
    """The gradient of the result by each name asked for, where the result is a number."""
    if work.loss is not work:
        return {}
    forms = {name: work.adjoints.gradient(name) for name in work.wrt}
    forms |= {name: by_value(work, name)[1][-1] for name in work.values}
    return {name.name: _result_for_every_time(work, name, form) for name, form in forms.items()}


def _result_for_every_time(work: CellWork, name: Sym, form: Expr) -> dict[str, Any]:
    symbol = Expr(PARTIAL, work.recurrence.result, name)
    found = {"expr": str(_proved(work.judge, symbol, form)), "shape": shape_in_json(name.shape)}
    model = work.judge.here
    if model is None:
        return found
    here = cell_values(model, work.recurrence, work.steps, {}, {})
    return found | {"value": _numbers(here, symbol)}
