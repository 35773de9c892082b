"""Records of a kind say what they would say if each were made on its own."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace
from fractions import Fraction

import pytest

import symdiff as sd
from symdiff.algebra.tidy import tidy
from symdiff.api.record import to_json
from symdiff.derivation import counts, line_writer
from symdiff.derivation.derivation import Derivation
from symdiff.derivation.line_writer import RenamedLine
from symdiff.document.blocks import Chain, Document, Equations, Row, text
from symdiff.document.repeats import RepeatedChain, RepeatedRow, Repeats, claims
from symdiff.errors import DomainError, InputError, ProofError
from symdiff.explain import explain
from symdiff.explain.shared.work import TapeWork
from symdiff.expr.patterns import Pattern
from symdiff.expr.tree import Expr, Sym, substitute, total
from symdiff.language.program import parse_program
from symdiff.proof.balls import bounds
from symdiff.proof.judge import prove
from symdiff.proof.sample_points import models_of
from symdiff.rendering.pages.engine import render
from symdiff.tape.tape import StepColumns, Tape
from symdiff.tape.tracing import trace_definitions

CELLS = {
    "tanh": "\n".join(["h_0 = tanh(U*x_0)", *(f"h_{t} = tanh(U*x_{t} + W*h_{t - 1})" for t in range(1, 30))]),
    "gate": "\n".join(
        ["c_0 = a*x_0", *(f"c_{t} = c_{t - 1}*sigmoid(a*x_{t}) + exp(-x_{t})/3" for t in range(1, 14))]
    ),
    "two states": "\n".join(
        [
            "c_0 = b + x_0\nh_0 = a*x_0",
            *(
                f"c_{t} = h_{t - 1}*c_{t - 1}/2 + x_{t}\nh_{t} = (1 - a)*h_{t - 1} + a*tanh(c_{t}*h_{t - 1})"
                for t in range(1, 9)
            ),
            "L = h_8*c_8",
        ]
    ),
    "kink": "\n".join(["h_0 = relu(a*x)", *(f"h_{t} = max(h_{t - 1}, 2*h_{t - 1}/a)" for t in range(1, 9))]),
    "loss at each time": "\n".join(
        [
            "h_0 = tanh(U*x_0)",
            *(f"h_{t} = tanh(U*x_{t} + W*h_{t - 1})" for t in range(1, 14)),
            "L = sum([" + ", ".join(f"(h_{t} - y_{t})**2" for t in range(14)) + "])",
        ]
    ),
    "arrays": "\n".join(
        [
            "h_0 = tanh(U @ x_0)",
            *(f"h_{t} = tanh(U @ x_{t} + W @ h_{t - 1})" for t in range(1, 9)),
            *(f"l_{t} = sum((softmax(V @ h_{t}) - y_{t})**2)" for t in range(9)),
            "L = " + " + ".join(f"l_{t}" for t in range(9)),
        ]
    ),
    "on the simplex": "\n".join(
        [
            *(f"l_{t} = -sum(y_{t}*log(softmax(V @ x_{t})))" for t in range(5)),
            "L = l_0 + l_1 + l_2 + l_3 + l_4",
        ]
    ),
}
SHAPES = {"U": ("n", "d"), "W": ("n", "n"), "V": ("k", "n")}


def derivations(name: str) -> tuple[Derivation, ...]:
    of = SHAPES | {f"x_{t}": ("d" if "U" in CELLS[name] else "n",) for t in range(9)}
    of |= {f"y_{t}": ("k",) for t in range(9)}
    shapes = {key: shape for key, shape in of.items() if key in CELLS[name]} if "@" in CELLS[name] else {}
    program = parse_program(CELLS[name], None, shapes)
    on_simplex = [one for one in program.inputs if name == "on the simplex" and one.name[0] == "y"]
    known = {one: Sym(one.name, shape=one.shape, assume="simplex") for one in on_simplex}
    definitions = [(left, substitute(formula, known)) for left, formula in program.definitions]
    tape = trace_definitions(definitions, [known.get(one, one) for one in program.inputs])
    return sd.forward(tape, tape.inputs[0][1].name), sd.reverse(tape)


def one_by_one(document: Document) -> Document:
    """The document with each row of a kind written out."""
    blocks = [
        replace(b, rows=tuple(r.written if isinstance(r, RepeatedRow) else r for r in b.rows))
        if isinstance(b, Equations)
        else b
        for b in document.blocks
    ]
    return replace(document, blocks=tuple(blocks))


@pytest.mark.parametrize("format", ["latex", "markdown", "text", "html", "typst"])
@pytest.mark.parametrize("name", CELLS)
def test_a_page_by_kinds_is_the_page_row_by_row(name: str, format: str) -> None:
    document = explain(TapeWork(derivations(name), full=True))
    assert any(isinstance(row, RepeatedRow) for b in document.blocks for row in getattr(b, "rows", ()))
    assert render(document, format) == render(one_by_one(document), format)


@pytest.mark.parametrize("name", CELLS)
def test_a_line_of_a_kind_is_the_line_written_on_its_own(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    by_kinds = [line for d in derivations(name) for line in d.sweeps[0].lines]
    assert any(isinstance(line, RenamedLine) for line in by_kinds)
    monkeypatch.setattr(line_writer.LineWriter, "_line_of_kind", lambda *given: given[-1]())
    alone = [line for d in derivations(name) for line in d.sweeps[0].lines]
    assert not any(isinstance(line, RenamedLine) for line in alone)
    for one, other in zip(by_kinds, alone, strict=True):
        assert (one.var, one.members, one.general) == (other.var, other.members, other.general)
        assert (one.local, one.primal) == (other.local, other.primal)


@pytest.mark.parametrize("name", CELLS)
def test_operations_counted_by_kinds_are_those_of_the_lines(name: str) -> None:
    found = [
        sum(counts.operations(tidy(line.general)) for line in d.sweeps[0].lines if line.contributions)
        for d in derivations(name)
    ]
    assert tuple(found) == counts.both_passes(derivations(name)[0].tape)


def test_a_false_row_of_a_true_kind_is_refused() -> None:
    lines = ["h_0 = tanh(U*x)", *(f"h_{t} = tanh(U*x + W*h_{t - 1})" for t in range(1, 90))]
    derived = sd.reverse(sd.trace("\n".join(lines)))
    document = explain(TapeWork((derived,), full=True))
    prove(document, (derived,))
    for number, block in enumerate(document.blocks):
        rows = list(getattr(block, "rows", ()))
        alike = [i for i, row in enumerate(rows) if isinstance(row, RepeatedRow) and len(row.names) > 2]
        if not alike:
            continue
        row = rows[alike[-1]]
        other = next(rows[i].names[-1] for i in alike[2:] if rows[i].names[-1] != row.names[-1])
        rows[alike[-1]] = RepeatedRow(row.pattern, (*row.names[:-1], other))
        blocks = list(document.blocks)
        blocks[number] = replace(block, rows=tuple(rows))
        with pytest.raises((ProofError, DomainError)):
            prove(replace(document, blocks=tuple(blocks)), (derived,))


def unwritten(chain: Chain) -> bool:
    """Whether the members of an equality were never made."""
    try:
        Chain.__dict__["members"].__get__(chain)
    except AttributeError:
        return True
    return False


def test_equalities_that_repeat_a_pattern_are_found_unwritten() -> None:
    lines = ["h_0 = tanh(U*x)", *(f"h_{t} = tanh(U*x + W*h_{t - 1})" for t in range(1, 40))]
    work = TapeWork((sd.reverse(sd.trace("\n".join(lines))),), full=True)
    certificate = prove(explain(work), work.derivations)
    repeated = [item.chain for item in certificate.checked if isinstance(item.chain, RepeatedChain)]
    known = set(repeated)
    derived = json.loads(to_json(work, certificate))["derivations"][0]["sweeps"][0]["lines"]
    assert all(line["proof"]["proved"] for line in derived)
    assert all(map(unwritten, repeated))
    for chain in repeated:
        alone = Chain(chain.left, chain.members, chain.at_point, chain.boxed, chain.times)
        assert alone in known
        assert chain in {alone}
        assert Chain(chain.left, (*chain.members, chain.left)) not in known
    assert len(known) == len(set(map(repr, repeated)))


@pytest.mark.parametrize("name", ["tanh", "two states", "arrays"])
def test_what_repeats_a_pattern_survives_pickling(name: str) -> None:
    derived = derivations(name)
    document = explain(TapeWork(derived, full=True))
    rows = list(claims(document.blocks))
    assert pickle.loads(pickle.dumps(rows)) == rows
    for lines in (d.sweeps[0].lines for d in derived):
        for one, other in zip(pickle.loads(pickle.dumps(lines)), lines, strict=True):
            assert (one.var, one.members, one.local, one.primal) == (
                other.var,
                other.members,
                other.local,
                other.primal,
            )


@pytest.mark.parametrize(("format", "last"), [("latex", "v_{4999}"), ("text", "v₄₉₉₉")])
def test_a_row_of_very_many_names_is_printed_with_all_of_them(format: str, last: str) -> None:
    names = tuple(Sym(f"v_{i}") for i in range(5000))
    row = Repeats().row("sum", names, lambda: Row(Chain(names[0], (total(names[1:]),))))
    page = render(Document(text("steps.heading"), (Equations((row,)),)), format)
    assert last in page
    assert page == render(Document(text("steps.heading"), (Equations((row.written,)),)), format)


def test_a_pattern_puts_names_in_all_at_once() -> None:
    u, v = Sym("u"), Sym("v")
    form: Expr = u * v + u
    assert Pattern(form, (u, v)).put(form, (v, u)) == v * u + v


def test_columns_with_a_step_before_its_operand_are_refused() -> None:
    tape = sd.trace("tanh(a*x)")
    columns = tape.steps
    assert isinstance(columns, StepColumns)
    with pytest.raises(InputError):
        Tape(tape.inputs, replace(columns, operands=((3,), (2,))), tape.output, tape.result, tape.definitions)


def rows_of(definitions: list[str]) -> tuple[Derivation, Document, list[RepeatedRow]]:
    derived = sd.reverse(sd.trace("\n".join(definitions)))
    document = explain(TapeWork((derived,), full=True))
    return derived, document, [row for row in claims(document.blocks) if isinstance(row, RepeatedRow)]


@pytest.mark.parametrize("cell", ["sin(h_{}*exp(-20 - a**2))", "h_{}*(100 + a**2)"])
def test_rows_whose_values_no_double_holds_are_proved_and_refused_alike(cell: str) -> None:
    derived, document, rows = rows_of(["h_0 = x", *(f"h_{t} = {cell.format(t - 1)}" for t in range(1, 260))])
    (model, *_) = models_of(derived.tape)

    def is_beyond(row: RepeatedRow) -> bool:
        ends = [max(map(abs, bounds(model(n)))) for n in row.names if not n.accent]
        return any(not Fraction(1, 10**300) < end < 10**300 for end in ends)

    prove(document, (derived,))
    beyond = [row for row in rows if is_beyond(row) and len(row.names) > 1]
    assert beyond
    for row in (beyond[0], beyond[-1]):
        other = next(one.names[-1] for one in rows if one.pattern == row.pattern and one is not row)
        false = RepeatedRow(row.pattern, (*row.names[:-1], other))
        with pytest.raises((ProofError, DomainError)):
            prove(replace(document, blocks=(Equations((false,)),)), (derived,))


def test_a_false_step_is_refused_where_all_values_vanish_on_one_side_of_a_kink() -> None:
    derived, document, rows = rows_of(
        ["h_0 = relu(x)*a", *(f"h_{t} = h_{t - 1}*sin({t}*a) + h_{t - 1}" for t in range(1, 110))]
    )
    prove(document, (derived,))
    steps = [
        row
        for row in rows
        if row.pattern.record.chain.left is row.pattern.names[0]
        and not row.names[0].accent
        and len(row.names) > 2
    ]
    for row in steps[-6:]:
        false = RepeatedRow(row.pattern, (row.names[0], steps[4].names[0], *row.names[2:]))
        with pytest.raises(ProofError):
            prove(replace(document, blocks=(Equations((*steps, false)),)), (derived,))
