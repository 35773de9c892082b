"""Exercises as files: the built-in ones, every key, and what a wrong or hostile file is told."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from tools import ROOT, is_said

from symdiff.derivation.sweeps import reverse
from symdiff.errors import InputError
from symdiff.exercises import load, names, read, titles
from symdiff.exercises.build import applied, build
from symdiff.exercises.file import MOST_BYTES, from_bytes
from symdiff.exercises.keys import schema
from symdiff.exercises.modes import MODES
from symdiff.exercises.problem import Problem
from symdiff.exercises.recurrent import written_out
from symdiff.expr.tree import Sym, symbols
from symdiff.proof.balls import double
from symdiff.proof.sample_points import model_at
from symdiff.tape.tracing import trace_definitions

SCHEMA = json.loads((ROOT / "symdiff" / "exercises" / "schema.json").read_text(encoding="utf-8"))
XA = '[inputs]\nx = []\na = ["n"]\n'
YES = '[definitions]\ny = "x*sum(a)"\n'
X2 = "[inputs]\nx = [2]\n"
R = '[inputs]\nw = []\n[recurrence]\n"h[-1]" = "0"\n"h[t]" = "w*h[t-1] + 1"\n'
MATRIX = '[inputs]\nA = ["m", "n"]\nb = ["n"]\n[definitions]\ny = "A @ b"\n[at]\n'


def problem(text: str) -> Problem:
    return build(from_bytes("my.toml", text.encode()), "my")


def written(found: Problem) -> list[str]:
    return [f"{name} = {formula}" for name, formula in found.program.definitions]


@pytest.mark.parametrize("name", names())
def test_a_built_in_exercise_is_whole(name: str) -> None:
    found = load(name)
    tape = trace_definitions(found.program.definitions, found.program.inputs, first=found.first)
    derivation = reverse(tape, found.wrt)
    assert derivation.sweeps[0].lines
    known = set(found.program.inputs)
    for target, formula in found.program.definitions:
        assert target.shape == formula.shape
        assert set(symbols(formula)) <= known
        known.add(target)
    assert set(titles(name)) == {"en", "fr"}
    assert (ROOT / "symdiff" / "exercises" / f"{name}.toml").read_text(encoding="utf-8").startswith("# ")


@pytest.mark.parametrize("name", [n for n in names() if load(n).at])
def test_the_numbers_of_a_built_in_exercise_are_in_its_domain(name: str) -> None:
    found = written_out(load(name), None)
    assert found.at is not None
    tape = trace_definitions(found.program.definitions, found.program.inputs)
    assert model_at(tape, dict(found.at)).adjoints


def test_the_network_by_hand_has_the_known_numbers() -> None:
    found = load("mlp")
    assert found.at is not None
    assert found.rate == 1
    tape = trace_definitions(found.program.definitions, found.program.inputs)
    model = model_at(tape, dict(found.at))
    assert double(model.primal[tape.output]) == pytest.approx(0.03361733364809126, rel=1e-14)
    wanted = {"b1": 0.006476632057881494, "w2A": 0.018516563291228024, "w32": 0.08238154845665446}
    got = {name: double(model.adjoints[tape.variables[name]]) for name in wanted}
    assert got == pytest.approx(wanted, rel=1e-14)


@pytest.mark.parametrize("name", ["gof", "fog", "logistic"])
def test_stages_and_definitions_say_the_same(name: str) -> None:
    found = load(name)
    assert found.mode == "jacobian"
    assert [(s.value, applied(s)) for s in found.stages] == list(found.program.definitions)
    for before, after in zip(found.stages, found.stages[1:], strict=False):
        assert before.value == after.argument
    assert found.stages[0].argument in found.program.inputs


def test_the_stages_of_the_logistic_exercise() -> None:
    found = load("logistic")
    assert [str(s.name) for s in found.stages] == ["f", "softmax", "loss"]
    assert written(found) == ["z = W @ x", "p = softmax(z)", "F = -dot(y, log(p))"]
    assert found.wrt == ("x", "W")
    assert found.program.inputs[2] == Sym("y", shape=(2,), assume="simplex")


@pytest.mark.parametrize(
    ("text", "definitions"),
    [
        (
            'composition = "f o f"\n[inputs]\nx = []\nu = []\n[functions]\nf = { of = "x", is = "u*x" }',
            ["v = u*x", "y = u*v"],
        ),
        (
            'composition = "h∘g"\noutput = "F"\n' + X2 + "[functions]\n"
            'g = { of = ["a", "b"], is = ["a*b", "b"] }\nh = { of = ["a", "b"], is = "a - b" }',
            ["u = [x[0]*x[1], x[1]]", "F = u[0] - u[1]"],
        ),
        (
            'composition = "g∘f"\n[inputs]\nx = []\n[functions]\nf = "x**2"\ng = "sin(x)"',
            ["u = x**2", "y = sin(u)"],
        ),
        ('components = ["x1*x_2", "x[0]"]\n' + X2, ["y = [x[0]*x[1], x[0]]"]),
        (
            '[inputs]\nlambda = []\n[definitions]\nt = "2*lambda"\ny = """\n  t +\n  1"""',
            ["t = 2*lambda", "y = t + 1"],
        ),
    ],
)
def test_the_ways_to_say_a_function(text: str, definitions: list[str]) -> None:
    assert written(problem(text)) == definitions


def test_numbers_are_exact_as_written() -> None:
    found = problem(XA + YES + '[at]\nx = 0.1000000000000000000000001\na = [1_000.5, "-1/3", 0x10, 2e-3]')
    assert found.at == {
        "x": Fraction(10**24 + 1, 10**25),
        "a": (Fraction(2001, 2), Fraction(-1, 3), Fraction(16), Fraction(1, 500)),
    }


def test_every_key_is_kept() -> None:
    keys = 'title = "T"\nsource = "S"\noutput = "y"\nwrt = ["x"]\nmode = "chain"\nrate = 0.5\nfirst = 0\n'
    found = problem(keys + XA + YES + '[assume]\na = "simplex"\n[at]\nx = 1\na = [0.25, "3/4"]')
    assert (found.titles, found.wrt, found.mode) == ({"en": "T"}, ("x",), "chain")
    assert (found.rate, found.first, found.name) == (Fraction(1, 2), 0, "my")
    assert found.program.inputs[1].assume == "simplex"


def test_large_sizes_are_kept_as_text() -> None:
    found = problem('[inputs]\nA = [100, 4]\nx = [4]\n[definitions]\ny = "A @ x"')
    assert found.program.definitions[0][0].shape == ("100",)


C = 'composition = "f"\n[inputs]\nx = []\n[functions]\n'
NUMBERS = XA + YES + "[at]\n"
WRONG = [
    ("", "my.toml … no section [inputs];"),
    (XA, "nothing says what to differentiate"),
    ("inputs = 3\n" + YES, "my.toml, line 1, inputs … a number where a section [inputs] is expected"),
    ("outptu = 'y'\n" + XA + YES, "line 1, outptu … ; did you mean 'output'?"),
    ('output = "q"\n' + XA + YES, "my.toml, line 1, output … 'q' is not defined"),
    (
        'output = "z"\n' + XA + '[definitions]\nz = "x"\ny = "z"',
        "my.toml, line 7 … 'y' comes after the output 'z'",
    ),
    ('wrt = [\n "x",\n "b",\n]\n' + XA + YES, "my.toml, line 3, wrt, item 2 … 'b' is not an input"),
    ("wrt = []\n" + XA + YES, "my.toml, line 1, wrt … an empty list"),
    ('mode = "jacobean"\n' + XA + YES, "line 1, mode … ; did you mean 'jacobian'?"),
    ("rate = 1\n" + XA + YES, "my.toml, line 1, rate … no numbers to update"),
    ("rate = 0\n" + NUMBERS + "x = 1\na = [1]", "my.toml, line 1, rate … not positive"),
    ("first = true\n" + XA + YES, "my.toml, line 1, first … whole number from 0 to 1000"),
    ("title = 3\n" + XA + YES, "my.toml, line 1, title … a number where a text in quotes is expected"),
    ('title = { en = "a\\nb" }\n' + XA + YES, "one line of at most 200 characters"),
    ('[inputs]\nx = "n"\n' + YES, 'line 2, inputs.x … ; write [] for a number, ["n"]'),
    ('[inputs]\nx = ["a", "b", "c"]\n' + YES, "my.toml, line 2, inputs.x … a shape of 3 sizes"),
    ("[inputs]\nx = [0]\n" + YES, "my.toml, line 2, inputs.x … from 1 to 10000"),
    ("[inputs]\nx = [true]\n" + YES, "true or false where a size is expected"),
    ('[inputs]\nx = ["x"]\n' + YES, "my.toml, line 2 … name of an input and of a size"),
    ('[inputs]\n"x y" = []\n' + YES, "my.toml, line 2 … 'x y' is not a name"),
    (
        '[inputs]\né = []\n[definitions]\ny = "2*é"',
        'my.toml, line 2 … the key é is not in quotes; write "é" = …',
    ),
    (XA + '[definitions]\nz = "x"\n\ny = "foo*x"', "my.toml, line 7, definitions.y … unknown name 'foo'"),
    (XA + '[definitions]\ny = "x +"', "my.toml, line 5, definitions.y … something is missing after +"),
    (XA + '[definitions]\ny = """\nx +\n foo"""', "my.toml, line 6 … unknown name 'foo'"),
    (XA + '[definitions]\ny = "z"\nz = "x"', "my.toml, line 5 … 'z' is used before it is defined"),
    (XA + '[definitions]\ny = "x; x"', "one formula without = or ;"),
    (XA + '[definitions]\ny = "x # no"', "a formula has no comments"),
    (XA + "[definitions]\ny = 3", "a number where a formula in quotes is expected"),
    (XA + '[definitions]\nn = "x"', "my.toml, line 5 … 'n' is also an input or a size"),
    (XA + '[definitions]\ny = "x\\u0000"', "my.toml, line 5 … an invisible character"),
    (XA + '[definitions]\ny = "(x +\\r foo)"', "unknown name 'foo'"),
    (XA + '[definitions]\ny = "__import__(os)"', "unknown function '__import__'"),
    (XA + f'[definitions]\ny = "{"-" * 9000}x"', "nested too deeply"),
    ('components = ["x"]\n' + XA + YES, "my.toml, line 1 … definitions and components exclude each other"),
    (
        'components = [\n  "x",\n  "a[0",\n]\n' + XA,
        "my.toml, line 3, components, item 2 … the bracket [ is not closed",
    ),
    ('components = ["x", "a"]\n' + XA, "a vector of n entries where a number is expected"),
    ('composition = "g∘f"\n' + XA, "my.toml, line 1 … composition without functions"),
    ('composition = "g∘f"\n' + X2 + '[functions]\ng = "x"', "my.toml, line 1 … unknown function 'f'"),
    ('composition = "g"\n' + XA + '[functions]\ng = "x"', "my.toml, line 6 … the function is a function of"),
    (
        'composition = "g"\n' + X2 + '[functions]\ng = { of = "x" }',
        "my.toml, line 5, functions.g … no formula",
    ),
    ('composition = "g"\n' + X2 + '[functions]\ng = { on = "x", is = "x" }', "unknown key 'on'"),
    (
        'composition = "g"\n[inputs]\nx = ["n"]\n[functions]\ng = { of = ["x1", "x2"], is = "x1" }',
        "add an input that is a vector of 2",
    ),
    (
        'composition = "g"\n[inputs]\nx1 = []\nx2 = []\n[functions]\ng = { of = ["x1", "x2"], is = "x1" }',
        "make one vector of them, as in x = [2]",
    ),
    ('composition = "f∘f"\n' + X2 + '[functions]\nf = "sum(x)"', "my.toml, line 5 … x is a number"),
    (NUMBERS + "x = 1", "my.toml, line 6, at … no value for a"),
    (NUMBERS + "x = 1\na = [1]\nq = 3", "my.toml, line 9, at.q … unknown key 'q'"),
    (NUMBERS + "x = 1\na = 1", "a is a vector of n"),
    (NUMBERS + "x = inf\na = [1]", "my.toml, line 7, at.x … 'inf' is not a number"),
    (NUMBERS + "x = 1e301\na = [1]", "too long or too large"),
    (NUMBERS + f"x = {'1' * 5000}\na = [1]", "my.toml, line 7 … too many digits"),
    (NUMBERS + 'x = "1/0"\na = [1]', "divides by zero"),
    (NUMBERS + "x = 2020-01-01\na = [1]", "a date or a time where a number is expected"),
    (MATRIX + "A = [[1, 2], [3]]\nb = [1, 2]", "my.toml, line 7, at.A … different lengths"),
    (MATRIX + "A = [\n  [1],\n  [2]\n]\nb = [1, 2]", "my.toml, line 11 … the size n is 1 in A and 2 in b"),
    (XA + YES + '[assume]\nx = "simplex"', "my.toml, line 7, assume.x … x is a number"),
    (XA + YES + '[assume]\na = "simplx"', "did you mean 'simplex'?"),
    (XA + YES + '[assume]\na = "symmetric"', "a symmetric matrix is square"),
    (
        XA + YES + '[assume]\na = "simplex"\n[at]\nx = 1\na = [0.5, 0.6]',
        "my.toml, line 10 … must be a probability vector",
    ),
    ("title = {}\n" + XA + YES, "my.toml, line 1, title … no language has a title; write title ="),
    ("steps = 0\n" + R, "my.toml, line 1, steps … 0 steps cannot be written out; a recurrence has from 1"),
    ("steps = [3]\n" + R, "my.toml, line 1, steps … a list where a number of steps or its name is expected"),
    ("steps = 3\n" + XA + YES, "my.toml, line 1, steps … steps without a recurrence; write [recurrence]"),
    ('output = "h"\n' + R, "my.toml, line 1, output … output and a recurrence exclude each other"),
    ('components = ["w"]\n' + R, "my.toml, line 1 … recurrence and components exclude each other"),
    (
        "[inputs]\nx = [\n 2,\n 1.5]\n" + YES,
        "my.toml, line 2, inputs.x, item 2 … a number where a size is expected",
    ),
    ("[[inputs]]\nx = []\n" + YES, "my.toml, line 1, inputs … a list where a section [inputs] is expected"),
    (XA + "[definitions]\n", "my.toml, line 4, definitions … the section is empty"),
    (C + "f = 3", "my.toml, line 5 … a number where a formula in quotes or a list of them is expected"),
    (
        C + 'f = ["x", 3]',
        "my.toml, line 5, functions.f, item 2 … a number where a formula in quotes is expected",
    ),
    (
        C + 'f = { of = 3, is = "x" }',
        "my.toml, line 5, functions.f.of … a name or a list of names is expected",
    ),
    (C + 'f = { of = [], is = "x" }', "my.toml, line 5, functions.f.of … an empty list"),
    (C + 'f = "  "', "my.toml, line 5, functions.f … an empty text where a formula is expected"),
    ("first = 1001\n" + XA + YES, "my.toml, line 1, first … whole number from 0 to 1000"),
    ("x = 1\nx = 2", "my.toml, line 2 … a key is given twice"),
    ("x = " + "[" * 5000, "nested too deeply"),
    (".".join("a" * 5000) + " = 1", "my.toml, line 1 … too many dots in one line"),
]


@pytest.mark.parametrize(("text", "says"), WRONG, ids=range(len(WRONG)))
def test_a_wrong_file_is_told_what_and_where(text: str, says: str) -> None:
    with pytest.raises(InputError) as caught:
        problem(text)
    assert is_said(says, str(caught.value))
    assert "my.toml" in caught.value.where


def test_an_error_in_a_formula_keeps_its_picture() -> None:
    with pytest.raises(InputError) as caught:
        problem(XA + '[definitions]\ny = "x + foo"')
    assert caught.value.picture == "  x + foo\n      ^"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"\xff\xfe[\x00", "my.toml, line 1 … not UTF-8 text"),
        (b"\n\n\x80", "my.toml, line 3 … not UTF-8 text"),
        (b"\x00" * 100, "not valid TOML"),
        (b"#" * (MOST_BYTES + 1), "my.toml … larger than 1000 kB"),
    ],
)
def test_a_file_that_is_no_text(tmp_path: Path, data: bytes, says: str) -> None:
    (tmp_path / "my.toml").write_bytes(data)
    with pytest.raises(InputError) as caught:
        read(str(tmp_path / "my.toml"))
    assert is_said(says, str(caught.value))


def test_a_file_is_read_with_any_line_ends_and_a_mark_in_front(tmp_path: Path) -> None:
    (tmp_path / "my.toml").write_bytes(b"\xef\xbb\xbf" + (XA + YES).replace("\n", "\r\n").encode())
    found = read(str(tmp_path / "my.toml"))
    assert (found.name, written(found)) == ("my", ["y = x*sum(a)"])


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "folder.toml").mkdir()
    for target, says in [
        (str(tmp_path / "no.toml"), "there is no file"),
        (str(tmp_path / "folder.toml"), "is a folder"),
        ("a\0.toml", "cannot be read"),
        ("a" * 5000 + ".toml", "cannot be read|there is no file"),
        ("sigmoid.toml", "the built-in exercise is called 'sigmoid'"),
    ]:
        with pytest.raises(InputError, match=says):
            read(target)


def test_titles_are_read_without_the_language_of_formulas() -> None:
    code = (
        "import sys; from symdiff.exercises import names, titles; "
        "[titles(n) for n in names()]; print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert not {"sympy", "mpmath", "numpy", "symdiff.rules.scalar_rows", "symdiff.language.program"} & set(
        done.stdout.split()
    )


def test_the_schema_is_the_one_that_the_keys_give() -> None:
    assert schema() == SCHEMA, "run python -m symdiff.exercises.keys > symdiff/exercises/schema.json"
    assert set(SCHEMA["properties"]["mode"]["enum"]) == set(MODES)
    assert SCHEMA["additionalProperties"] is SCHEMA["$defs"]["Function"]["additionalProperties"] is False
    assert all(entry["description"] for entry in SCHEMA["properties"].values())


@pytest.mark.parametrize("name", names())
def test_a_built_in_exercise_is_valid_by_the_schema(name: str) -> None:
    import tomllib

    text = (ROOT / "symdiff" / "exercises" / f"{name}.toml").read_text(encoding="utf-8")
    assert is_valid(tomllib.loads(text), SCHEMA)


@pytest.mark.parametrize(
    "table", [{}, {"inputs": {"x": []}}, {"inputs": {"x": ["n", "n", "n"]}, "components": ["x"]}]
)
def test_the_schema_refuses_what_the_reader_refuses(table: dict[str, Any]) -> None:
    assert not is_valid(table, SCHEMA)


def test_every_example_in_the_documentation_is_read() -> None:
    page = (ROOT / "docs" / "exercises.md").read_text(encoding="utf-8")
    examples = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    assert len(examples) == 5
    assert all(problem(example).program.definitions for example in examples)
    assert all(f"`{key}`" in page or f"`[{key}]`" in page for key in SCHEMA["properties"])


def is_valid(value: Any, schema: dict[str, Any]) -> bool:
    """Whether a value satisfies the part of JSON Schema that ours uses."""
    schema = {**SCHEMA["$defs"][schema["$ref"].split("/")[-1]], **schema} if "$ref" in schema else schema
    if "enum" in schema and value not in schema["enum"]:
        return False
    if "anyOf" in schema and not any(is_valid(value, one) for one in schema["anyOf"]):
        return False
    if "oneOf" in schema and sum(is_valid(value, one) for one in schema["oneOf"]) != 1:
        return False
    if not all(key in value for key in schema.get("required", [])):
        return False
    types = {"object": dict, "array": list, "string": str, "integer": int, "number": int | float}
    listed = schema.get("type", [])
    allowed = [listed] if isinstance(listed, str) else listed
    if allowed and not any(isinstance(value, types[kind]) for kind in allowed):
        return False
    return _parts_are_valid(value, schema)


def _parts_are_valid(value: Any, schema: dict[str, Any]) -> bool:
    if isinstance(value, str):
        return re.search(schema.get("pattern", ""), value) is not None and len(value) <= schema.get(
            "maxLength", 300
        )
    if isinstance(value, list):
        fits = schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", 1000)
        return fits and all(is_valid(item, schema.get("items", {})) for item in value)
    if not isinstance(value, dict):
        return bool(schema.get("minimum", value) <= value <= schema.get("maximum", value))
    known, other = schema.get("properties", {}), schema.get("additionalProperties", True)
    for key, item in value.items():
        found = known.get(key, other)
        if found is False or (isinstance(found, dict) and not is_valid(item, found)):
            return False
    return all(is_valid(key, schema.get("propertyNames", {})) for key in value)
