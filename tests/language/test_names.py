"""A name that the author declares or defines is the author's: e and pi too, in every way of writing."""

from __future__ import annotations

import json
import subprocess
import sys
import warnings
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import sympy

import symdiff as sd
from symdiff.api.drawing import draw
from symdiff.api.solution import solve
from symdiff.errors import NameNotice
from symdiff.exercises import read
from symdiff.exercises.problem import Problem
from symdiff.functions import exp, tanh
from symdiff.rules.table import functions

CONSTANTS = [name for name, rule in functions().items() if rule.op.arity == 0]


def gradient(tape: sd.Tape) -> dict[str, Any]:
    return dict(sd.reverse(tape).gradient)


def of_file(text: str, folder: Path) -> Problem:
    (folder / "own.toml").write_text(text, encoding="utf-8")
    return read(str(folder / "own.toml"))


@pytest.mark.parametrize("name", CONSTANTS)
def test_what_is_defined_or_declared_is_the_authors(name: str) -> None:
    x, own = sympy.symbols(f"x {name}")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert gradient(sd.trace(f"{name} = 2*x; L = {name}**2")) == {"x": 8 * x}
        for tape in (
            sd.trace(f"f(x, {name}) = x*{name}**2"),
            sd.trace(f"x*{name}**2", inputs=("x", name)),
            sd.trace(x * own**2),
        ):
            assert gradient(tape) == {"x": own**2, name: 2 * x * own}
        assert sd.check_derivative(f"2*x*{name}", f"f(x, {name}) = x*{name}**2", name)
        assert not sd.check_derivative(f"2*{name}", f"f(x, {name}) = x*{name}**2", name)


def test_a_function_of_pythons_names_its_arguments() -> None:
    def energy(x: Any, e: Any) -> Any:
        return exp(x) * tanh(e)

    x, e = sympy.symbols("x e")
    assert sympy.simplify(gradient(sd.trace(energy))["e"] - sympy.exp(x) * (1 - sympy.tanh(e) ** 2)) == 0


@pytest.mark.parametrize("name", CONSTANTS)
def test_files_take_it_for_inputs_sequences_and_definitions(name: str, tmp_path: Path) -> None:
    problem = of_file(f'[inputs]\nx = []\n{name} = []\n[definitions]\ny = "x*{name}**2"\n', tmp_path)
    at = {"x": Fraction(2), name: Fraction(3)}
    found = json.loads(solve(problem, "reverse", [name], at).render("json"))["results"][name]
    assert set(found["expr"].split("*")) == {"2", "x", name}
    assert found["value"] == 12.0
    problem = of_file(f'[inputs]\nx = []\n[definitions]\n{name} = "2*x"\ny = "{name}**2"\n', tmp_path)
    record = json.loads(solve(problem, "reverse", at={"x": Fraction(3, 2)}).render("json"))
    assert record["results"]["x"]["value"] == 12.0


@pytest.mark.parametrize("name", CONSTANTS)
def test_recurrences_take_it_for_states_and_sequences(name: str) -> None:
    text = f"h[-1] = 0; h[t] = w*h[t-1] + {name}[t]; L = h[1]"
    found = json.loads(solve(read(text), "reverse", steps=2).render("json"))["results"]
    assert found["w"]["expr"] == f"{name}_0"
    text = f"{name}[-1] = c; {name}[t] = w*{name}[t-1]; L = {name}[1]"
    found = json.loads(solve(read(text), "reverse", steps=2).render("json"))["results"]
    assert sympy.sympify(found["w"]["expr"]) == sympy.sympify("2*c*w")


@pytest.mark.parametrize("name", CONSTANTS)
def test_before_its_definition_it_is_no_constant(name: str, tmp_path: Path) -> None:
    with pytest.raises(sd.InputError, match=f"'{name}'"):
        sd.trace(f"y = {name}*x; {name} = 2*x; L = y*{name}")
    with pytest.raises(sd.InputError, match=f"'{name}' is used before it is defined"):
        of_file(f'[inputs]\nx = []\n[definitions]\ny = "{name}*x"\n{name} = "x"\nL = "y*{name}"\n', tmp_path)
    with pytest.raises(sd.InputError, match=f"'{name}'"):
        read(f"h[-1] = 0; h[t] = w*h[t-1] + {name}; {name} = 2*w; L = h[1]*{name}")


WORDS = sorted({*functions()} - {*CONSTANTS})


@pytest.mark.parametrize("name", WORDS)
def test_a_functions_name_is_the_authors_where_it_is_not_called(name: str, tmp_path: Path) -> None:
    x, own = sympy.symbols(f"x {name}")
    assert gradient(sd.trace(f"{name} = 2*x; L = {name}**2")) == {"x": 8 * x}
    assert gradient(sd.trace(f"f(x, {name}) = x*{name}**2")) == {"x": own**2, name: 2 * x * own}
    assert gradient(sd.trace(own**2)) == {name: 2 * own}
    with pytest.warns(NameNotice, match=f"{name} is a name of yours here"):
        assert gradient(sd.trace(f"x*{name}")) == {"x": own, name: x}
    recurrence = solve(read(f"{name}[-1] = c; {name}[t] = w*{name}[t-1]; L = {name}[1]"), "reverse", steps=2)
    found = json.loads(recurrence.render("json"))["results"]["w"]["expr"]
    assert sympy.simplify(sympy.sympify(found) - sympy.sympify("2*c*w")) == 0
    problem = of_file(f'[inputs]\n{name} = ["n"]\nx = ["n"]\n[definitions]\ny = "{name} @ x"\n', tmp_path)
    assert json.loads(solve(problem, "reverse").render("json"))["results"]["x"]["expr"] == name


@pytest.mark.parametrize("name", ["exp", "max", "sum"])
def test_a_name_that_is_also_called_has_two_readings(name: str, tmp_path: Path) -> None:
    called = {"exp": "exp(x)", "max": "max(x, 2)", "sum": "sum([x, x])"}[name]
    for text in (f"{name} = 2*x; L = {called}*{name}", f"f(x, {name}) = {called}*{name}"):
        with pytest.raises(
            sd.InputError, match=f"'{name}' is a name here, and a function where it is called"
        ):
            sd.trace(text)
    with pytest.raises(sd.InputError, match=f"'{name}' is a function; write {name}"):
        sd.trace(f"{called}*{name}")
    with pytest.raises(sd.InputError, match=f"'{name}' is a name here, and a function"):
        read(f"{name}[-1] = 0; {name}[t] = {called}*{name}[t-1]")
    text = f'[inputs]\n{name} = []\nx = []\n[definitions]\ny = "{called}*{name}"\n'
    with pytest.raises(sd.InputError, match=f"'{name}' is a name here, and a function"):
        of_file(text, tmp_path)


def test_the_name_of_a_function_alone_is_no_formula() -> None:
    with pytest.raises(sd.InputError, match="'tanh' is a function"):
        sd.trace("tanh")


@pytest.mark.parametrize("name", CONSTANTS)
def test_no_constant_names_a_size(name: str, tmp_path: Path) -> None:
    with pytest.raises(sd.InputError, match="cannot be a size"):
        sd.trace("sum(x)", shapes={"x": (name,)})
    with pytest.raises(sd.InputError, match="cannot be a size"):
        of_file(f'[inputs]\nx = ["{name}"]\n[definitions]\ny = "sum(x)"\n', tmp_path)
    with pytest.raises(sd.InputError, match="cannot be a size"):
        read(f"h[-1] = 0; h[{name}] = w*h[{name}-1]")


def test_a_name_is_not_called() -> None:
    for name in ("eye", "ones"):
        with pytest.raises(sd.InputError, match=f"'{name}' is a name here, no function"):
            sd.trace(f"{name} = 2*x; L = {name}(3)")
    with pytest.raises(sd.InputError, match=r"e\(3\) may be a product, or a function"):
        sd.trace("e = 2*x; L = e(3)")


def test_a_function_of_a_file_is_not_mistaken_for_that_of_the_language(tmp_path: Path) -> None:
    text = 'composition = "g∘exp"\n[inputs]\nx = []\n[functions]\nexp = "{0}"\ng = "exp(x)"\n'
    with pytest.raises(sd.InputError, match="exp is a function of this file"):
        of_file(text.format("x**2"), tmp_path)
    of_file(text.format("exp(x)"), tmp_path)  # it is that of the language


def test_a_number_that_would_print_like_a_name_is_refused() -> None:
    pi = sympy.Symbol("pi")
    for attempt in (
        lambda: sd.trace(pi * sympy.pi),
        lambda: sd.trace("f(x, pi) = erf(x)*pi"),
        lambda: read("f(x, pi) = erf(x)*pi"),
    ):
        with pytest.raises(sd.InputError, match="prints alike; rename pi"):
            attempt()


def test_eulers_number_beside_the_name_is_exp_of_1() -> None:
    e, x = sympy.symbols("e x")
    tape = sd.trace(e * x + sympy.E)
    assert str(tape.definitions[0][1]).replace(" ", "") in ("exp(1)+e*x", "e*x+exp(1)")
    assert gradient(tape) == {"e": x, "x": e}


@pytest.mark.parametrize(
    ("format", "wanted", "power"),
    [
        ("latex", r"\exp(e x)", "e^{"),
        ("text", "exp(e·x)", "e^"),
        ("typst", 'op("exp")(e x)', "e^("),
        ("markdown", r"\exp(e x)", "e^{"),
    ],
)
def test_beside_the_name_the_exponential_function_is_written_in_words(
    format: str, wanted: str, power: str
) -> None:
    for text in ("f(e, x) = exp(e*x)", "e = 2*x; L = exp(e*x)"):
        page = solve(read(text), "reverse").render(format)
        assert wanted in page
        assert power not in page
    plain = solve(read("f(a, x) = exp(a*x)"), "reverse").render(format)
    assert power in plain


def test_pictures_and_pages_that_compute_write_it_in_words_too() -> None:
    problem = read("f(e, x) = exp(e*x)")
    assert "exp" in str(draw(problem).render("mermaid"))
    assert r"\exp(w" in solve(problem, "reverse").render("html")
    for format in ("tikz", "dot", "mermaid"):
        assert "e^" not in str(draw(problem).render(format))


def test_emitted_code_computes_with_the_name() -> None:
    space: dict[str, Any] = {}
    exec(sd.emit("f(x, e, pi) = x*e**2*pi"), space)
    value, found = space["value_and_gradients"](2.0, 3.0, 5.0)
    assert (value, found["e"], found["pi"]) == (90.0, 60.0, 18.0)


def command(*arguments: str, text: str = "") -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "symdiff", *arguments]
    return subprocess.run(line, capture_output=True, text=True, input=text)


def test_an_undefined_e_is_told_in_one_line_on_standard_error() -> None:
    run = command("derive", "M = E - e*sin(E) + e**2", "--mode", "reverse", "--format", "text")
    assert run.returncode == 0
    assert run.stderr == (
        "symdiff: e is Euler's number here, as nothing defines it; for a name of yours, define or declare e\n"
    )
    assert command("derive", "f(E, e) = E - e*sin(E)", "--wrt", "e", "--at", "e=1/2,E=1").stderr == ""
    assert command("derive", "y = 1/(1 + e^(-x))", "--format", "text").stderr == ""


def test_the_library_warns_in_one_line() -> None:
    with pytest.warns(NameNotice, match="Euler's number"):
        sd.trace("y = e*x")
    text = "import symdiff as sd; sd.trace('y = e*x')"
    found = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True)
    assert found.stderr.count("\n") == 1


def test_the_command_takes_the_name_in_every_option() -> None:
    run = command("derive", "f(x, e) = x*e**2", "--wrt", "e", "--at", "x=2,e=3", "--format", "json")
    assert json.loads(run.stdout)["results"]["e"]["value"] == 12.0


def test_a_number_of_steps_that_nothing_defines_is_told_too(tmp_path: Path) -> None:
    with pytest.warns(NameNotice, match="T is the number of steps here"):
        read("h[-1] = 0; h[t] = tanh(x[t]/T + w*h[t-1]); L = h[1]")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read("h[-1] = 0; h[t] = tanh(x[t] + w*h[t-1]); T = 2*w; L = h[0]/T")
        read("h[-1] = 0; h[t] = tanh(x[t] + w*h[t-1]); L = h[T-1]")
        text = '[inputs]\nw = []\n[recurrence]\n"h[-1]" = "w"\n"h[t]" = "h[t-1]/S"\n'
        of_file(f'steps = "S"\n{text}', tmp_path)
