"""What JSON says is read back: every formula in it by the library, and worth there what the record says.

The names of a record and their shapes are enough to read its formulas. Values come from another route: what
has been read is evaluated by NumPy, in 50 digits, at the values that the record gives for the names.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from array_helpers import drawn, flat, nested, shape_of, tree
from helpers import M

import symdiff as sd
from symdiff.exercises import load, names, read
from symdiff.exercises.problem import Problem
from symdiff.expr.tree import Expr, Sym
from symdiff.language.program import parse_expression
from symdiff.language.reader import SYMBOLS_OF_DERIVATIVES

SIZES = {"m": 3, "n": 2, "d": 3, "k": 2}
CASES = [(name, mode) for name in names() for mode in load(name).modes if mode != "bptt"]
LONG = {"rnn3x3", "lstm", "gru", "rnn-loss", "attention", "batch", "softmax-regression"}
SYMBOL = re.compile(rf"\b({'|'.join(SYMBOLS_OF_DERIVATIVES)})\(")


def point_of(problem: Problem) -> dict[str, Any]:
    """A number for every entry of every input; what is assumed of an input holds exactly."""
    if problem.at is not None and problem.recurrence is None:
        return dict(problem.at)
    found = {}
    for name in problem.program.inputs:
        shape = tuple(
            SIZES.get(str(part), 3) if not str(part).isdigit() else int(part) for part in name.shape
        )
        kind = {"symmetric": "symmetric", "": ""}.get(name.assume, "")
        value = nested(drawn(shape, name.name, "positive" if name.name in ("eps", "lambda") else kind))
        if name.assume == "simplex":
            row = tuple(Fraction(i + 1, shape[-1] * (shape[-1] + 1) // 2) for i in range(shape[-1]))
            value = row if len(shape) == 1 else (row,) * shape[0]
        found[name.name] = value
    return found


def texts(value: Any) -> Iterator[str]:
    """The formulas in nested lists or tables."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for part in value.values() if isinstance(value, dict) else value:
            yield from texts(part)


def with_accent(name: str, accent: str) -> str:
    letter, mark, index = name.partition("_")
    return letter + accent + mark + index


def value_of(value: Any) -> Any:
    """What JSON or a point says: a number of 50 digits, or an array of them."""
    if not isinstance(value, list | tuple):
        return M.mpf(value.numerator) / value.denominator if isinstance(value, Fraction) else M.mpf(value)
    rows = [value_of(part) for part in value]
    found = np.empty((len(rows), *shape_of(rows[0])), dtype=object)
    for place, row in enumerate(rows):
        found[place] = row
    return found


def value_at(point: dict[str, Any], name: str) -> Any:
    """The value of an input; W12 and x1 are entries in the mode of entries."""
    if name in point:
        return value_of(point[name])
    stem = max((known for known in point if name.startswith(known)), key=len)
    array, index = value_of(point[stem]), name.removeprefix(stem)
    places = re.findall("[0-9]+" if len(shape_of(array)) == 1 else "[0-9]", index)
    return array[tuple(int(place) - 1 for place in places)]


class Record:
    """A record, the names that it speaks of, and what they are worth."""

    def __init__(self, name: str, mode: str) -> None:
        problem = load(name)
        point = point_of(problem)
        self.json = json.loads(sd.derive(problem, mode, at=point).render("json"))
        self.shapes: dict[str, tuple[Any, ...]] = {}
        self.values: dict[str, Any] = {}
        self.sizes: dict[str, int] = {}
        for given in self.json["inputs"]:
            value = value_at(point, given["name"])
            self.learn(given["name"], given["shape"], value)
            self.learn(given["step"], given["shape"], value)
        self.learn(self.json["output"]["name"], self.json["output"]["shape"], None)
        for step in self.json["steps"]:
            for own in filter(None, (step["name"], step["label"])):
                self.learn(own, step["shape"], value_of(step["value"]))

    def learn(self, name: str, shape: list[Any], value: Any) -> None:
        """A name with its shape; its tangent and its adjoint may be anything."""
        self.shapes[name] = tuple(shape)
        for accent in ("dot", "bar"):
            self.shapes.setdefault(with_accent(name, accent), tuple(shape))
        if value is not None:
            self.values[name] = value
            for part, length in zip(shape, shape_of(value), strict=True):
                self.sizes |= {} if isinstance(part, int) else {part: length}

    def read(self, text: str) -> Expr:
        parts = {str(part) for shape in self.shapes.values() for part in shape}
        sizes = {one for part in parts for one in re.findall(r"[A-Za-z_]\w*", part)}
        return parse_expression(text, {n: Sym(n, shape=shape) for n, shape in self.shapes.items()}, sizes)

    def worth(self, text: str) -> Any:
        return tree(self.read(text), self.values, self.sizes)


def agree(one: Any, other: Any) -> bool:
    """Whether values agree to the digits of a double."""
    assert shape_of(one) == shape_of(other)
    pairs = list(zip(flat(one), flat(other), strict=True))
    scale = max([M.mpf(1), *(abs(b) for _, b in pairs)])
    return all(abs(a - b) < scale / 10**11 for a, b in pairs)


def check(name: str, mode: str) -> None:
    record = Record(name, mode)
    for step in record.json["steps"]:
        assert agree(record.worth(step["expr"]), value_of(step["value"]))
    for formula in record.json["definitions"].values():
        record.read(formula)
    check_partials(record)
    for derivation in record.json["derivations"]:
        for sweep in derivation["sweeps"]:
            check_sweep(record, sweep["lines"])
    for result in record.json["results"].values():
        check_result(record, result)


def check_partials(record: Record) -> None:
    """A factor is read; the two sides of a map are each other's transpose: ⟨a, L·t⟩ = ⟨Lᵀ·a, t⟩."""
    for step in record.json["steps"]:
        for operand, partial in step["partials"].items():
            if isinstance(partial, str):
                record.worth(partial)
                continue
            tangent, adjoint = with_accent(operand, "dot"), with_accent(step["name"], "bar")
            record.values[tangent] = drawn(shape_of(record.values[operand]), "t")
            record.values[adjoint] = drawn(shape_of(record.values[step["name"]]), "a")
            forward, back = record.worth(partial["forward"]), record.worth(partial["reverse"])
            ahead = sum(a * b for a, b in zip(flat(forward), flat(record.values[adjoint]), strict=True))
            behind = sum(a * b for a, b in zip(flat(back), flat(record.values[tangent]), strict=True))
            assert agree(ahead, behind), partial


def check_sweep(record: Record, lines: list[Any]) -> None:
    """Each line has a member without a symbol of a derivative, and all such members have its value."""
    for line in lines:
        record.learn(line["name"], line["shape"], value_of(line["value"]))
        for seed in line["members"]:  # a tangent or an adjoint that may be anything
            if seed in record.shapes:
                record.values.setdefault(seed, value_of(line["value"]))
    for line in lines:
        plain = [member for member in line["members"] if not SYMBOL.search(member)]
        assert plain, line
        for member in plain:
            assert agree(record.worth(member), value_of(line["value"])), line


def check_result(record: Record, result: Any) -> None:
    for key in ("expr", "compact"):
        if result.get(key) is None or SYMBOL.search(str(result[key])):
            continue
        entries = [record.worth(text) for text in texts(result[key])]
        values = flat(value_of(result["value"]))
        if len(entries) == 1:
            entries = flat(entries[0])
        assert all(agree(a, b) for a, b in zip(entries, values, strict=True)), result[key]
    for step in result.get("steps", ()):
        if not SYMBOL.search(step["form"]):
            assert agree(record.worth(step["form"]), value_of(result["value"])), step
        for left, right in step["facts"]:
            if not SYMBOL.search(left + right):
                assert agree(record.worth(left), record.worth(right)), step


@pytest.mark.parametrize(("name", "mode"), [case for case in CASES if case[0] not in LONG], ids=str)
def test_every_formula_of_a_record_is_read_back(name: str, mode: str) -> None:
    check(name, mode)


@pytest.mark.long
@pytest.mark.parametrize(("name", "mode"), [case for case in CASES if case[0] in LONG], ids=str)
def test_every_formula_of_a_long_record_is_read_back(name: str, mode: str) -> None:
    check(name, mode)


OWN = {
    "max(x, y)*relu(x)*abs(y)": {},
    "sum(relu(A @ x))": {"A": ("m", "n"), "x": ("n",)},
    "sum(max(x, y)*x)": {"x": (3,), "y": (3,)},
    "sum(mean(A, axis=1, keepdims=True)*A)": {"A": ("m", "n")},
    "norm(A - b)**2 + logdet(S)": {"A": ("m", "n"), "b": ("n",), "S": ("n", "n")},
    "x[0]*x[1] + sum(x[1:])": {"x": (3,)},
    "sum([x, y]*A)": {"x": ("n",), "y": ("n",), "A": (2, "n")},
    "sum(concat(x, y)**2)": {"x": (2,), "y": (3,)},
}
"""Formulas whose derivatives need what no exercise of ours does."""


@pytest.mark.parametrize("text", OWN)
def test_the_results_of_a_text_are_read_by_the_library(text: str) -> None:
    """The public way: the claim that the record makes is read, and is true."""
    shapes: Any = OWN[text]
    tape = sd.trace(text, shapes=shapes)
    found = json.loads(sd.render(sd.reverse(tape), "json"))["results"]
    for name, result in found.items():
        if isinstance(result["compact"], str):
            assert sd.check_derivative(result["compact"], text, name, shapes).ok, result


WRITTEN = (
    "inner(A, B)",
    "column(x)",
    "row(x)",
    "unit(3, 1)",
    "positive(x)",
    "greater(x, x**2)",
    "unit(n, 0)*sum(x)",
)


@pytest.mark.parametrize("text", WRITTEN)
def test_what_derivatives_are_written_with_can_be_differentiated(text: str) -> None:
    shapes: Any = {"A": ("m", "n"), "B": ("m", "n"), "x": ("n",)}
    used = {name: shape for name, shape in shapes.items() if re.search(rf"\b{name}\b", f"{text} x")}
    assert sd.render(
        sd.reverse(
            sd.trace(f"y = sum({text})*sum(x)" if text[0] != "i" else f"y = {text}*sum(x)", shapes=used)
        ),
        "text",
    )


@pytest.mark.parametrize("word", ["inner", "column", "row", "unit", "positive", "greater"])
def test_such_a_word_alone_is_a_name_of_the_authors(word: str) -> None:
    assert [str(name) for _, name in sd.trace(f"y = {word}*x", ("x", word)).inputs] == ["x", word]


@pytest.mark.parametrize("word", SYMBOLS_OF_DERIVATIVES)
def test_a_symbol_of_a_derivative_is_refused_in_words(word: str) -> None:
    refused = r"(\(…\) stands on a page for a derivative| is not read; write the function alone)"
    with pytest.raises(sd.InputError, match=word + refused):
        sd.trace(f"{word}(u, v)*u")


@pytest.mark.parametrize("name", [name for name in names() if load(name).recurrence is not None])
def test_the_recurrence_of_a_record_is_an_exercise_again(name: str) -> None:
    problem = load(name)
    found = json.loads(sd.derive(problem, "bptt", statement=True).render("json"))["recurrence"]
    sections = {
        "inputs": {row["name"]: row["shape"] for row in found["inputs"]},
        "sequences": {row["name"]: row["shape"] for row in found["sequences"]},
        "assume": {
            s.name: s.assume for s in (*problem.recurrence.inputs, *problem.recurrence.sequences) if s.assume
        },
        "recurrence": {**found["initial"], **found["cell"]},
        "definitions": found["definitions"],
    }
    lines = [f"steps = {json.dumps(problem.recurrence.length or found['steps'])}"]
    for section, rows in sections.items():
        lines += (
            [f"[{section}]", *(f"{json.dumps(key)} = {json.dumps(value)}" for key, value in rows.items())]
            if rows
            else []
        )
    again = read("\n".join(lines))
    assert again.program == problem.program
    assert again.recurrence.cell == problem.recurrence.cell
