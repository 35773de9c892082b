"""Functions without a formula: what is a call of one, derivatives against SymPy's, what has no number."""

import warnings
from pathlib import Path
from typing import Any

import mpmath
import pytest
import sympy

import symdiff as sd
from symdiff.api.solution import solve
from symdiff.errors import InputError, NameNotice, ProofError, UsageError
from symdiff.exercises import read
from symdiff.expr.tree import Expr, Sym
from symdiff.expr.unspecified import Unspecified, unspecified
from symdiff.language.program import parse_expression, parse_program
from symdiff.language.recurrence_parser import parse_recurrence
from symdiff.proof.balls import Balls
from symdiff.rules import unspecified_rows
from symdiff.rules.table import rule_of

D2L = "h[t] = f(x[t], h[t-1], w_h); o[t] = g(h[t], w_o); h[-1] = 0; L = mean(l(o[t], y[t]))"
pytestmark = pytest.mark.filterwarnings("ignore::symdiff.errors.NameNotice")


def page(source: str, mode: str, language: str = "en") -> str:
    return " ".join(solve(read(source), mode).render("text", language).split())


FORMULAS = [
    "f(x)*g(x)",
    "f(x)/g(x)",
    "f(g(x))",
    "exp(f(x))*x",
    "f(x, g(x))",
    "f(x, x**2)",
    "f(g(x, x), f(x, 2))",
    "u(x)**2 + sqrt(v(x)**2 + 1)",
    "D(f)(x)*x",
]


@pytest.mark.parametrize("source", FORMULAS)
@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_derivatives_are_those_of_sympy_for_every_function_that_is_put_in(source: str, mode: str) -> None:
    """With sin, exp, … in place of f, g, … the result is SymPy's derivative of the formula so filled in."""
    x, one, other = sympy.symbols("x a b")
    filled: dict[int, list[Any]] = {
        1: [sympy.Lambda(one, sympy.sin(one) + one**2), sympy.Lambda(one, sympy.exp(one) + 2)],
        2: [sympy.Lambda((one, other), one**3 * other + other**2), sympy.Lambda((one, other), one / other)],
    }
    tape = sd.trace(source)
    found = (sd.forward if mode == "forward" else sd.reverse)(tape).gradient["x"]
    whole = tape_in_sympy(source)
    for function in sorted({call.func for call in whole.atoms(sympy.core.function.AppliedUndef)}, key=str):
        arity = next(len(c.args) for c in whole.atoms(sympy.core.function.AppliedUndef) if c.func == function)
        concrete = filled[arity].pop(0)
        whole, found = (form.subs(function, concrete).doit() for form in (whole, found))
    for at in ("0.3", "1.7"):
        difference = (sympy.diff(whole, x) - found).subs(x, sympy.Rational(at))
        assert abs(mpmath.mpmathify(difference.evalf(30))) < 1e-25


def tape_in_sympy(source: str) -> Any:
    from symdiff.language.sympy_border import to_sympy

    return to_sympy(parse_program(source).definitions[-1][1])


@pytest.mark.parametrize("by", [(), (0,), (1,), (0, 1), (1, 1), (0, 0, 1), (1, 1, 1, 1)])
def test_the_values_of_a_derivative_are_slopes_of_the_values_before_it(by: tuple[int, ...]) -> None:
    """∂_k of the function that is drawn, by a difference in 400 bits."""
    m = Balls(400)
    x, y = Sym("x"), Sym("y")
    for place in (0, 1):
        op = unspecified("f", 2, by)
        value = rule_of(Expr(op, x, y)).value
        slope = rule_of(Expr(op.derivative(place), x, y)).value
        with m:
            at = [m.number(1) / 3, m.number(2) / 7]
            step = m.number(1) / 2**120
            moved = [u + step if k == place else u for k, u in enumerate(at)]
            back = [u - step if k == place else u for k, u in enumerate(at)]
            difference = (value(m, *moved) - value(m, *back)) / (2 * step)
            assert abs(difference - slope(m, *at)) < m.number(1) / 2**200


def test_functions_of_other_names_or_arities_are_other_functions() -> None:
    drawn = [unspecified_rows.row_of_unspecified(unspecified(*key)).value for key in (("f", 1), ("g", 1))]
    m = Balls()
    with m:
        assert not drawn[0](m, m.one).overlaps(drawn[1](m, m.one))
        assert drawn[0](m, m.one).overlaps(drawn[0](m, m.one))


@pytest.mark.parametrize(
    ("text", "function", "arity", "by"),
    [
        ("f(x)", "f", 1, ()),
        ("phi_1(x)", "phi_1", 1, ()),
        ("loss(y)", "loss", 1, ()),
        ("alpha(x, y)", "alpha", 2, ()),
        ("w(x, y, z)", "w", 3, ()),
        ("D(f)(x)", "f", 1, (0,)),
        ("D(D(f))(x)", "f", 1, (0, 0)),
        ("D[2](f)(x, y)", "f", 2, (1,)),
        ("D[1, 2](f)(x, y)", "f", 2, (0, 1)),
    ],
)
def test_what_is_a_call(text: str, function: str, arity: int, by: tuple[int, ...]) -> None:
    op = parse_expression(text).op
    assert isinstance(op, Unspecified)
    assert (op.function, op.arity, op.by) == (function, arity, by)


@pytest.mark.parametrize("text", ["foo(x)", "resample(x, 0, 1)", "f()", "f(x=2)", "D[3](f)(x, y)", "x(y)"])
def test_what_is_none(text: str) -> None:
    with pytest.raises(InputError):
        parse_expression(text)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("f'(x)", "D(f)(x)"),
        ("f''(x)", "D(D(f))(x)"),
        ("f′(g(x))·g′(x)", "D(f)(g(x))*D(g)(x)"),
        ("f₁′(x) + f_1(x)", "D(f_1)(x) + f_1(x)"),
        (r"\phi'(x)", "D(phi)(x)"),
        ("∂₂f(x, g(x))·g′(x) + ∂₁f(x, g(x))", "D[2](f)(x, g(x))*D(g)(x) + D[1](f)(x, g(x))"),
        (r"\partial_{2} f(x, g(x))\,g'(x)", "D[2](f)(x, g(x))*D(g)(x)"),
        ("∂₁₂f(x, y)", "D[1, 2](f)(x, y)"),
        ("f(x)*D(f)(x)", "f(x)*D(f)(x)"),
    ],
)
def test_derivatives_are_read_as_they_are_printed(text: str, meant: str) -> None:
    assert str(parse_expression(text)) == meant


@pytest.mark.parametrize("text", ["x'(1 - x)", "sin'(x)", "∂x", "D(f)", "D[x](f)(y)"])
def test_no_other_derivative_is_read(text: str) -> None:
    with pytest.raises(InputError):
        parse_expression(text)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("f(x) + f", "f(x) may be a product, or a function"),
        ("a = 2*x\ny = f(a) + f*x", "f(a) may be a product, or a function"),
        ("f_1(x) + f1*x", "'f_1' is called like a function, and 'f1' is a name here"),
        ("f(x) + f(x, y)", "'f' is called with 1 and with 2 arguments"),
        ("f_1(x) + f1(x)", "print alike"),
    ],
)
def test_two_readings_of_a_name_are_refused(text: str, says: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_program(text)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    "text", ["h[t] = h(x[t]); L = sum(h)", "h[t] = w*h[t-1]; h[-1] = f; L = sum(f(h[t]))"]
)
def test_a_name_with_times_or_an_input_is_no_function(text: str) -> None:
    with pytest.raises(InputError):
        parse_recurrence(text)


def test_a_result_is_named_beside_the_functions() -> None:
    assert sd.trace("x*f(y)").result.name not in ("f", "y")
    x = sympy.Symbol("x")
    assert sd.trace(sympy.Function("y")(x)).result.name == "f"


def test_one_line_says_which_functions_have_no_formula() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", NameNotice)
        parse_program("f(g(x)) + f(y)")
    assert [str(one.message) for one in caught] == [
        "f, g: functions without a formula, whose derivatives stay symbols"
    ]


def test_results_read_back() -> None:
    form = parse_expression("D[2](f)(x, g(x))*D(g)(x) + D[1](f)(x, g(x))")
    assert parse_expression(str(form)) == form
    assert sd.check_derivative(str(form), "f(x, g(x))", "x").ok
    assert not sd.check_derivative("D[1](f)(x, g(x))*D(g)(x) + D[2](f)(x, g(x))", "f(x, g(x))", "x").ok


def test_backpropagation_through_time_is_that_of_the_textbook() -> None:
    """∂h_t/∂w_h = ∂f/∂w_h + ∂f/∂h_{t−1}·∂h_{t−1}/∂w_h: Dive into Deep Learning, section 9.7, (9.7.4)."""
    found = page(D2L, "bptt")
    assert "∂⁺hₜ/∂w_h = ∂₃f(xₜ, hₜ₋₁, w_h) ∂hₜ/∂hₜ₋₁ = ∂₂f(xₜ, hₜ₋₁, w_h)" in found
    assert "│ ∂₃f(xₜ, hₜ₋₁, w_h) + ∂₂f(xₜ, hₜ₋₁, w_h)·(dhₜ₋₁/dw_h) │" in found
    assert "∂L/∂oₜ = ∂₁l(oₜ, yₜ)/T" in found
    assert "f, g and l are any differentiable functions." in found
    assert "with functions drawn at random for f, g and l" in found


@pytest.mark.parametrize("mode", ["forward", "reverse", "chain"])
@pytest.mark.parametrize(
    "source",
    [
        "h[t] = f(x[t], h[t-1], w); h[-1] = 0; L = sum(h)",
        "h[t] = f(h[t-1], w); h[-1] = 0; L = l(h[T-1])",
        "a = f(x, w); b = g(a, w); c = F(b, a, w); L = a + b + c",
    ],
)
def test_sums_of_named_values_have_a_page(source: str, mode: str) -> None:
    """The sweep's form may be shorter than that of the chain rule, which no reason leads to then."""
    assert "drawn at random" in page(source, mode)


def test_a_function_of_one_argument_acts_entry_by_entry(tmp_path: Path) -> None:
    file = tmp_path / "layer.toml"
    inputs = '[inputs]\nW = ["m", "n"]\nx = ["n"]\nt = ["m"]\n'
    file.write_text(f'{inputs}[definitions]\nz = "W @ x"\nL = "sqnorm(phi(z) - t)/2"\n')
    found = page(str(file), "chain")
    assert "These act entry by entry: functions of numbers. φ is any differentiable function." in found
    assert "φ′(z) ⊙ (φ(z) − t)" in found


def test_a_function_of_several_arrays_is_a_number_and_its_derivative_has_their_shape(tmp_path: Path) -> None:
    """∂J/∂W⁽¹⁾ and ∂J/∂W⁽²⁾ as in Dive into Deep Learning, (5.3.10) and (5.3.14)."""
    file = tmp_path / "layers.toml"
    inputs = '[inputs]\nx = ["d"]\nU = ["k", "d"]\nV = ["q", "k"]\ny = ["q"]\nc = []\n'
    layers = 'z = "U @ x"\nh = "phi(z)"\no = "V @ h"\nL = "l(o, y)"\ns = "c/2*(sqnorm(U) + sqnorm(V))"\n'
    file.write_text(f'{inputs}[definitions]\n{layers}J = "L + s"\n')
    found = page(str(file), "reverse")
    assert "((Vᵀ ∂₁l(o, y)) ⊙ φ′(z)) xᵀ + c·U" in found
    assert "∂₁l(o, y) hᵀ + c·V" in found
    file.write_text(f'{inputs}[definitions]\n{layers}J = "D[1, 1](l)(o, y)"\n')
    with pytest.raises(InputError, match="a second derivative is taken by numbers"):
        read(str(file))


@pytest.mark.parametrize(
    ("format", "printed"),
    [
        ("text", "∂₂f(x, g(x))·g′(x)"),
        ("latex", r"\partial_{2} f(x, g(x))\,g'(x)"),
        ("markdown", r"\partial_{2} f(x, g(x))\,g'(x)"),
        ("typst", r"∂_(2) f(x\, g(x)) thin g′(x)"),
    ],
)
def test_how_derivatives_are_printed(format: str, printed: str) -> None:
    assert printed in solve(read("y = f(x, g(x))"), "chain").render(format)


def test_a_greek_letter_is_one_in_every_format() -> None:
    assert r"\phi'(x)" in solve(read("phi(x)"), "chain").render("latex")
    assert "ϕ′(x)" in solve(read("phi(x)"), "chain").render("typst")
    assert "φ′(x)" in solve(read("phi(x)"), "chain").render("text")


def test_steps_have_a_letter_that_no_function_has() -> None:
    assert "v₁ = x" in page("w(x, y)", "reverse")


def test_there_is_no_number_at_a_point_and_no_code() -> None:
    for source, at in (("x*f(x)", {"x": 1}), (D2L, {"w_h": 1, "w_o": 1, "x": [1], "y": [1]})):
        with pytest.raises(UsageError, match="function without a formula"):
            solve(read(source), at=at)
        with pytest.raises(InputError, match="no code for it"):
            sd.emit(source)


def test_a_wrong_partial_of_such_a_function_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """∂₁f and ∂₂f exchanged: no rule that happens to hold for one function passes."""
    right = Unspecified.derivative
    monkeypatch.setattr(Unspecified, "derivative", lambda op, place: right(op, 1 - place))
    unspecified_rows.row_of_unspecified.cache_clear()
    with pytest.raises(ProofError):
        solve(read("chi(x, 2*y)"), "reverse")
    unspecified_rows.row_of_unspecified.cache_clear()


def test_sympy_is_asked_about_such_functions() -> None:
    from symdiff.api.solution import solved
    from symdiff.api.wishes import Wishes

    found = solved(read("f(2*x, g(x))*f(x, 1)"), Wishes("reverse", second_opinion=True))
    assert "compared with those of the computer algebra system SymPy" in " ".join(
        found.render("text").split()
    )
