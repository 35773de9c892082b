"""What our own pages print is read again: definitions and results, from text and from Markdown.

The definitions of a page, pasted below the exercise's inputs, must be worth what the exercise's own are, and
a boxed result what differences give: both are evaluated by Python itself on numbers drawn at random.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from functools import cache, partial
from typing import Any

import pytest
from array_helpers import Sizes, drawn, flat, jacobian, same, shape_of, tree

from symdiff.api.solution import solved
from symdiff.api.wishes import Wishes
from symdiff.errors import InputError, NoFormError, SymdiffError
from symdiff.exercises import FOLDER, load, names, read
from symdiff.exercises.problem import Problem
from symdiff.expr.names import split_name
from symdiff.expr.shapes import is_number
from symdiff.expr.tree import Expr, Sym
from symdiff.language.program import Program, parse_expression, parse_program
from symdiff.language.reading import Reading, read_as

TIMED = [name for name in names() if load(name).recurrence]
PLAIN = [name for name in names() if name not in TIMED]
FORMATS = ("text", "markdown")
MORE = {
    "squares": {"inputs": {"A": ["n", "n"], "x": ["n"]}, "f": "sum(A**2) + sqnorm(A @ x) + norm(x)**3"},
    "functions": {
        "inputs": {"x": [], "a": []},
        "f": "sin(a*x)**2*exp(-x) + log(x)/sqrt(a) - abs(x - a)**1.5",
    },
    "sums": {"inputs": {"X": ["m", "n"], "w": ["n"]}, "f": "sum(X @ w) - sum(X**3)/m"},
    "spread": {"inputs": {"X": ["m", "n"], "b": ["n"]}, "f": "sum((X + b)/(1 + X**2)) + sum(X @ b)"},
    "inverse": {"inputs": {"A": ["n", "n"], "b": ["n"]}, "f": "dot(b, inv(A) @ b) + trace(A @ A)"},
    "outer": {"inputs": {"u": ["m"], "v": ["n"], "A": ["m", "n"]}, "f": "sqnorm(A - outer(u, v))/2"},
    "entries": {"inputs": {"x": [3]}, "f": "x[0]*x[1]**2 + sin(x[2]) + sum(x)"},
    "accents": {
        "inputs": {"xhat": [], "hbar_0": [], "sigma": [], "e1": []},
        "f": "xhat*hbar_0/sigma + e1**2",
    },
    "words": {"inputs": {"rate": [], "eps": [], "w1A": []}, "f": "rate*eps**2/(rate + w1A)"},
    "weights": {"inputs": {"s": ["n"], "y": ["n"]}, "f": "sum(y*log_softmax(s)) + logsumexp(2*s)"},
    "diagonal": {"inputs": {"A": ["n", "n"], "x": ["n"]}, "f": "dot(diag(x) @ x, diag(A)) + det(A)"},
    "kinks": {"inputs": {"x": [], "y": []}, "f": "relu(x)*max(x, y)*sign(y) + min(x, 2*y)*abs(x)"},
    "decimals": {"inputs": {"x": [], "y": []}, "f": "0.5*x**2 + 1.25*max(x, 0.75*y) - 2.5e-7*y/3.0"},
    "products": {"inputs": {"A": ["n", "n"], "B": ["n", "n"], "x": ["n"]}, "f": "dot(x, (A*B) @ (2*A @ x))"},
}
"""Exercises of more kinds than the built-in ones: inputs with their shapes, and a formula."""


@cache
def problem_of(name: str) -> Problem:
    if name not in MORE:
        return load(name)
    table = MORE[name]
    inputs = "\n".join(f"{key} = {shape!s}" for key, shape in table["inputs"].items())
    return read(f'output = "f"\n[inputs]\n{inputs}\n[definitions]\nf = "{table["f"]}"\n')


def sizes_of(program: Program) -> Sizes:
    """Numbers for sizes, each another one."""
    parts = {part for name in program.inputs for part in name.shape}
    parts = sorted(str(part) for part in parts if not is_number(part))
    return {part: number for number, part in enumerate(parts, 2)}


def point_of(program: Program, sizes: Sizes) -> dict[str, Any]:
    def shape(name: Sym) -> tuple[int, ...]:
        return tuple(sizes.get(str(part), 0) or int(part) for part in name.shape)

    square = {s for s in program.inputs if len(s.shape) == 2 and s.shape[0] == s.shape[1]}
    return {
        s.name: drawn(
            shape(s), s.name, s.assume or ("regular" if s in square else "" if s.shape else "positive")
        )
        for s in program.inputs
    }


def values(program: Program, point: dict[str, Any], sizes: Sizes) -> dict[str, Any]:
    """The values of all names, definition by definition."""
    at = dict(point)
    for name, formula in program.definitions:
        at[name.name] = tree(formula, at, sizes)
    return at


def _result(program: Program, point: dict[str, Any], sizes: Sizes, name: str, value: Any) -> Any:
    """The result with another value of one input."""
    return values(program, {**point, name: value}, sizes)[program.definitions[-1][0].name]


def block(page: str, format: str) -> str:
    """The definitions of the statement."""
    if format == "markdown":
        return re.search(r"\$\$\n(.*?)\n\$\$", page, re.DOTALL)[0]
    lines = page.split("\n")
    start = next(i for i, line in enumerate(lines) if line.startswith("  "))
    end = next(i for i in range(start, len(lines)) if not lines[i].strip())
    return "\n".join(lines[start:end])


def parsed_again(text: str, of: Program) -> Program:
    shapes = {s.name: s.shape for s in of.inputs if s.shape}
    assumed = {s.name: s.assume for s in of.inputs if s.assume}
    return parse_program(text, tuple(s.name for s in of.inputs), shapes, assumed)


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("name", [*PLAIN, *MORE])
def test_definitions_are_read_again(name: str, format: str) -> None:
    problem = problem_of(name)
    program = problem.program
    text = block(solved(problem, Wishes(detail="brief")).render(format), format)
    again = parsed_again(text, program)
    sizes = sizes_of(program)
    point = point_of(program, sizes)
    one, other = (values(each, point, sizes) for each in (program, again))
    for (target, _), (found, _) in zip(program.definitions, again.definitions, strict=True):
        assert split_name(target.name) == split_name(found.name)
        assert same(other[found.name], one[target.name]), (name, target.name, text)


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("name", TIMED)
def test_recurrences_are_read_again(name: str, format: str) -> None:
    source = (FOLDER / f"{name}.toml").read_text(encoding="utf-8")
    table = tomllib.loads(source)
    text = block(solved(load(name), Wishes(detail="brief")).render(format), format)
    sides = [side.split("=", 1) for side in re.split(r"\\\\|\n", text) if "=" in side]
    times = [left for left in table["recurrence"] if "[t]" in left]
    lines = [f"'{left}' = '{table['recurrence'][left]}'" for left in table["recurrence"] if "[t]" not in left]
    assert len(sides) == len(times)
    for left, (_, right) in zip(times, sides, strict=True):
        formula = re.sub(r"\\end\{.*|\s*\$\$", "", right, flags=re.DOTALL).strip()
        lines.append(f"'{left}' = '''{formula}'''")
    head, _, rest = source.partition("[recurrence]\n")
    rest = rest[match.start() :] if (match := re.search(r"(?m)^\[", rest)) else ""
    again = read(head + "[recurrence]\n" + "\n".join(lines) + "\n" + rest).recurrence
    one, other = (Program(*each.unrolled(3)) for each in (load(name).recurrence, again))
    sizes = sizes_of(one)
    at = point_of(one, sizes)
    true, found = values(one, at, sizes), values(other, at, sizes)
    assert all(same(found[key], true[key]) for key in true), (name, text)


def boxes(page: str, format: str) -> Iterator[tuple[str, str]]:
    """What each boxed result is the derivative by, and what is boxed, unless derivatives stand in it."""
    by = ""
    rows = re.split(r"\\\\|\n", page) if format == "markdown" else page.split("\n")
    for i, row in enumerate(rows):
        if format == "markdown":
            found = re.match(r"\s*\\frac\{\\partial [^ ]*\}\{\\partial (.*)\} &=", row)
            boxed = re.search(r"\\boxed\{(.*)\}", row)
            inside = _balanced(row[row.index(r"\boxed{") + 7 :]) if boxed else ""
        else:
            found = re.match(r" +∂\S+/∂(\S+) +=", row)
            boxed = re.search(r"│ (.*) │", row) if "┌" in rows[i - 1] else None
            inside = boxed[1] if boxed else ""
        by = found[1] if found else by
        if inside and not re.search(r"e[₁₂₃]|e_\{[123]|∂|partial|mathrm\{d\}|\bd\S/d|⎡|\[B|\[A", inside):
            yield by, inside


def _balanced(text: str) -> str:
    depth = 1
    for i, sign in enumerate(text):
        depth += (sign == "{") - (sign == "}")
        if not depth:
            return text[:i]
    return text


def _read(text: str, names: dict[str, Sym], sizes: Sizes) -> Expr | None:
    """A formula read again; None where a vector of ones has no size, or sums of rows stand for a column."""
    if re.search(r"(𝟏|mathbf\{1\}) |^𝟏|\)( |\\,)(𝟏|\\mathbf\{1\})", text):
        with suppress(InputError):
            return parse_expression(text, names, sizes)
        return None
    return parse_expression(text, names, sizes)


FRENCH = ("functions", "sigmoid", "fog", "layer-norm", "softmax-regression", "perceptron", "decimals")


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("name", FRENCH)
def test_french_pages_are_read_again_with_their_commas(name: str, format: str) -> None:
    program = problem_of(name).program
    page = solved(problem_of(name), Wishes(detail="brief")).render(format, "fr")
    with read_as(Reading(decimal="comma")):
        again = parsed_again(block(page, format), program)
    sizes = sizes_of(program)
    point = point_of(program, sizes)
    one, other = (values(each, point, sizes) for each in (program, again))
    for (target, _), (found, _) in zip(program.definitions, again.definitions, strict=True):
        assert same(other[found.name], one[target.name]), page


@pytest.mark.parametrize("mode", ["reverse", "chain", "entries"])
@pytest.mark.parametrize("name", [*PLAIN, *MORE])
def test_results_are_read_again(name: str, mode: str) -> None:
    problem = problem_of(name)
    try:
        found = solved(
            problem,
            Wishes(mode, detail="standard", sizes=sizes_of(problem.program) if mode == "entries" else {}),
        )
    except (SymdiffError, NoFormError):
        pytest.skip("the mode is not for this exercise")
    if mode == "entries" and problem.at:
        pytest.skip("the sizes are those of the exercise's point")
    program = problem.program
    sizes = sizes_of(program)
    point = point_of(program, sizes)
    at = values(program, point, sizes)
    names = {s.name: s for s in (*program.inputs, *(target for target, _ in program.definitions))}
    inputs = {split_name(s.name): s.name for s in program.inputs}
    for format in FORMATS:
        for by, text in boxes(found.render(format), format):
            variable = inputs.get(split_name(str(parse_expression(by + "^1").args[0])))
            if variable is None:
                continue
            true = jacobian(partial(_result, program, point, sizes, variable), point[variable])
            formula = _read(text, names, sizes)
            if formula is None:
                continue
            read_again = tree(formula, at, sizes)
            assert len(flat(read_again)) == true.size, (by, text)
            if shape_of(read_again) == shape_of(point[variable]):
                assert all(abs(a - b) < 1e-20 for a, b in zip(flat(read_again), true.ravel(), strict=True)), (
                    by,
                    text,
                )
