"""Words, markup and formats: catalogues agree, each format has a macro for each kind, nothing injects."""

from __future__ import annotations

import importlib
import re
import shutil
import string
from fractions import Fraction
from pathlib import Path

import pytest
from graph_helpers import draw
from pages import solved
from test_bptt_pages import COUPLED, MANY_STEPS
from test_bptt_reading import FAST

from symdiff.api.solution import solve
from symdiff.api.solution import solved as solved_with
from symdiff.api.wishes import Wishes
from symdiff.document.blocks import KINDS, Chain, Document, Equations, Heading, Paragraph, Row, text
from symdiff.errors import UsageError
from symdiff.exercises import names, read
from symdiff.exercises.problem import Problem
from symdiff.expr.tree import Num, Sym
from symdiff.language.program import parse_expression
from symdiff.rendering.formats.folders import formats, languages, template_root
from symdiff.rendering.formats.formats import complete_languages, load_messages, messages_of
from symdiff.rendering.formulas.latex import LatexPrinter
from symdiff.rendering.formulas.unicode import TextPrinter
from symdiff.rendering.pages import engine
from symdiff.rendering.pages.engine import render
from symdiff.rendering.pictures import emitters

cost = importlib.import_module("symdiff.explain.sweeps.sweeps_page")


COMPLETE = ("en", "fr")
"""Languages that must have every message; any other may leave some out, which are English then."""


def fields(message: object) -> set[str]:
    texts = [message] if isinstance(message, str) else [message["one"], message["other"]]  # type: ignore[index]
    return {name for t in texts for _, name, _, _ in string.Formatter().parse(t) if name}


@pytest.mark.parametrize("language", languages())
def test_catalogues_have_no_key_and_no_parameter_that_english_has_not(language: str) -> None:
    ours, english = messages_of(language), messages_of("en")
    assert set(ours) <= set(english)
    for key in ours:
        if not key.startswith("locale."):
            assert fields(ours[key]) == fields(english[key]), key


def test_what_a_partial_language_leaves_out_is_english(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(
        template_root(), tmp_path / "templates", ignore=shutil.ignore_patterns("__pycache__", "compiled")
    )
    partial = '[locale]\nname = "Deutsch"\ndecimal = ","\n[statement]\nheading = "Aufgabe"\n'
    (tmp_path / "templates" / "messages" / "de.toml").write_text(partial, encoding="utf-8")
    for name in ("folders", "formats"):
        module = importlib.import_module(f"symdiff.rendering.formats.{name}")
        monkeypatch.setattr(module, "template_root", lambda: tmp_path / "templates")
    page = solve(read("0.5*x"), "reverse").render("text", "de")
    assert "Aufgabe" in page
    assert "Elementary steps" in page
    assert "0,5" in page
    assert complete_languages() == sorted(COMPLETE)


@pytest.mark.parametrize("name", formats())
def test_every_format_has_one_macro_for_each_kind_of_block(name: str) -> None:
    source = (template_root() / name / "blocks.j2").read_text(encoding="utf-8")
    macros = re.findall(r"<% macro (\w+)\(b\)", source)
    assert sorted(macros) == sorted(KINDS)


CHAIN = "\n".join(["h0 = tanh(a*x)", *(f"h{i + 1} = tanh(a*h{i})" for i in range(250))])
PAGES = [
    ("sigmoid", "forward", None, None),
    ("sigmoid", "reverse", None, None),
    ("sigmoid", "both", None, {"x": 1, "a": 2}),
    ("max(x, y)*relu(x) + sign(y)", "both", None, {"x": 1, "y": 1}),
    ("f(x) = x", "both", None, None),
    ("y = f(x, g(x))", "both", None, None),
    ("x**2", "both", None, None),
    ("exp(x)", "forward", None, None),
    (CHAIN, "both", None, None),
    ("\n".join(["h0 = sin(x)", *(f"h{i + 1} = sin(h{i})" for i in range(60))]), "reverse", None, None),
    (" + ".join(f"x{i}" for i in range(9)), "forward", None, None),
    (" + ".join(f"x{i}" for i in range(9)), "forward", ["x0"], None),
    (" + ".join(f"relu(x{i})" for i in range(10)), "reverse", None, None),
    ("*".join(f"(1 + sin({i}*x)*exp(x))" for i in range(1, 20)), "reverse", None, None),
    ("*".join(f"(1 + sin({i}*x)*exp(x))" for i in range(1, 50)), "reverse", None, None),
    (" + ".join(f"x{i}" for i in range(20)), "reverse", ["x0"], None),
    (
        "\n".join(["h0 = sin(x)", *(f"h{i + 2} = exp(sin(h{i}))" for i in range(0, 60, 2))]),
        "reverse",
        None,
        None,
    ),
]

SIMPLEX = """output = "L"
[inputs]
p = ["n"]
q = ["n"]
P = ["n", "n"]
Q = ["n", "n"]
A = ["n", "n"]
B = ["n", "n"]
[assume]
p = "simplex"
q = "simplex"
P = "simplex"
Q = "simplex"
A = "symmetric"
B = "symmetric"
[definitions]
L = "p @ A @ B @ q + sum(P*Q)"
"""
WIDE = """composition = "g∘f∘h"
mode = "jacobian"
[inputs]
x = [2]
[functions]
h = ["exp(x1*x2 + x2**2)*sin(x2)", "x1*tanh(x2 + x1)/(1 + x1**2)", "x1"]
f = { of = "u", is = ["u1", "u2*u3", "u1*exp(u2*u3)*tanh(u1)"] }
g = { of = "v", is = ["exp(v1 - v2)*v3", "v1**2 + v2**2*v3"] }
"""
ORDER = """composition = "g∘f∘h"
mode = "jacobian"
[inputs]
x = [%s]
[functions]
h = { of = "x", is = "%s" }
f = { of = "u", is = "%s" }
g = { of = "v", is = "%s" }
"""
RISING = """output = "L"
mode = "chain"
rate = 5
[inputs]
w = []
x = []
[definitions]
a = "w*x"
L = "a**2"
[at]
w = 1
x = 1
"""
LARGE = "[" + ", ".join(f"sin(x[{i}])" for i in range(7)) + "]"
KINKS = """
output = "L"
[inputs]
x = ["n"]
[definitions]
L = "sum(relu(x)) + norm(x)"
[at]
x = [0, 1, -2]
"""
MANY = """
output = "L"
[inputs]
x = ["n"]
[definitions]
L = "dot(x, x)"
[at]
x = [{}]
""".format(", ".join(map(str, range(300))))
MIXED = """
mode = "bptt"
[inputs]
W = ["n", "n"]
a = []
[sequences]
x = ["n"]
[recurrence]
"h[-1]" = "zeros(n)"
"c[-1]" = "0"
"c[t]" = "a*c[t-1] + sum(h[t-1])"
"h[t]" = "tanh(W @ h[t-1] + x[t]*c[t])"
"""
TURNED = """
mode = "bptt"
[inputs]
W = ["n", "n"]
[sequences]
x = ["n"]
[recurrence]
"h[-1]" = "zeros(n)"
"h[t]" = "tanh(W.T @ h[t-1] + x[t])"
[definitions]
L = "sum(h[T-1])"
"""
SHRINKING = "h[-1] = 0; h[t] = tanh(w*h[t-1] + x[t]); L = sum(h)"
TIMES = {"w": Fraction(1, 2), "x": (Fraction(1), Fraction(2), Fraction(-1))}
BOTH_WAYS = "h[t] = u*x[t] + w*h[t-1]; h[-1] = 0; b[t] = x[t] + r*b[t+1]; b[T] = 0; L = sum(h[t]*b[t])"
BOTH_WAYS_IN_ARRAYS = """[inputs]
R = ["n", "n"]
v = ["n"]
[sequences]
x = ["n"]
[recurrence]
"b[T]" = "zeros(n)"
"b[t]" = "tanh(x[t] + R @ b[t+1])"
[definitions]
L = "dot(v, b[0])"
"""
TIME_PAGES = [
    ("rnn", {}),
    ("rnn3x3", {"wrt": ("U", "h_1")}),
    ("rnn-loss", {}),
    ("linear-recurrence", {}),
    (MIXED, {}),
    (TURNED, {}),
    (SHRINKING, {"mode": "bptt", "at": TIMES}),
    ("h[-1] = 0; h[t] = tanh(w*h[t-1])", {"mode": "bptt"}),
    (BOTH_WAYS, {"mode": "bptt"}),
    (BOTH_WAYS_IN_ARRAYS, {"mode": "bptt"}),
    ("h[-1] = 2*a*b; h[t] = sin(a)*h[t-1] + x[t]; L = sum(h**2)", {"mode": "bptt"}),
    ("s[-2] = 0; s[-1] = 0; s[t] = a*s[t-1] + b*s[t-2] + sin(c*u[t]); L = sum(s**2)", {"mode": "bptt"}),
    ("h[-1] = 0; h[t] = relu(w*h[t-1]) + x[t]", {"mode": "bptt"}),
    ("h[-1] = 0; x[-1] = b; h[t] = tanh(w*h[t-1] + u*x[t-1])", {"mode": "bptt"}),
    (MANY_STEPS, {"mode": "bptt", "wrt": ["w"]}),
    ("h[-1] = 0; z[t] = sigmoid(u*x[t]); h[t] = (1 - z[t])*h[t-1] + z[t]*tanh(u*x[t])", {"mode": "bptt"}),
    (COUPLED, {"mode": "bptt", "wrt": ["v"]}),
    (FAST, {"mode": "bptt"}),
]
ARRAY_PAGES = [
    (RISING, {}),
    (ORDER % (7, LARGE, "tanh(u)", "exp(v)"), {}),
    ("a = " + " + ".join(f"w{i}*x{i}" for i in range(7)) + "\nL = a**2", {"mode": "chain"}),
    (SIMPLEX, {"mode": "both"}),
    (WIDE, {}),
    (ORDER % (1, "[x[0], x[0]**2]", "tanh(u)", "exp(v)"), {}),
    (ORDER % (2, "sin(x)", "tanh(u)", "exp(v)"), {}),
    ("logistic", {"layout": "denominator"}),
    ("logistic-general", {"mode": "jacobian"}),
    ("least-squares", {"layout": "numerator"}),
    ("least-squares", {"mode": "forward"}),
    ("softmax-regression", {}),
    ("gof", {"mode": "reverse"}),
    ("mlp", {}),
    ("perceptron", {"mode": "chain"}),
    (KINKS, {}),
    (MANY, {}),
    ("a = w*x\nL = (a - y)**2", {"mode": "chain"}),
]

PICTURES = [
    ("sigmoid", {}),
    ("x**2", {"mode": "reverse"}),
    ("rnn", {"view": "folded"}),
    ("rnn", {"view": "unrolled", "steps": 9}),
    (BOTH_WAYS, {"mode": "bptt", "view": "folded"}),
]


def array_page(source: str, folder: Path) -> Problem:
    if "[inputs]" not in source:
        return read(source)
    path = folder / "own.toml"
    path.write_text(source, encoding="utf-8")
    return read(str(path))


MATRICES = """
[inputs]
X = ["m", "d"]
W = ["d", "k"]
V = ["k", "p"]
[definitions]
H = "X @ W"
O = "tanh(H @ V)"
L = "sum(O*O)"
"""
CHAIN_PAGES = (
    ("h0 = tanh(U*x0)\nh1 = tanh(U*x1 + W*h0)", {}),
    ("u = 2*b\nL = a**2", {"wrt": ("a", "b")}),
)


NORM = """[inputs]
X = ["m", "n"]
C = ["m", "n"]
[definitions]
mu = "mean(X, axis=1, keepdims=True)"
v = "mean((X - mu)**2, axis=1, keepdims=True)"
H = "(X - mu)/sqrt(v + 1)"
L = "sum(C*H)"
"""
NORM_OF_COLUMNS = NORM.replace("axis=1, keepdims=True", "axis=0")
ENTROPY = """[inputs]
z = ["n"]
y = ["n"]
[assume]
y = "simplex"
[definitions]
p = "softmax(z)"
L = "-dot(y, log(p))"
"""
ENTROPY_OF_ROWS = ENTROPY.replace('z = ["n"]\ny = ["n"]', 'z = ["m", "n"]\ny = ["m", "n"]').replace(
    '"-dot(y, log(p))"', '"-sum(y*log(p))"'
)
SYMMETRIC = """[inputs]
S = ["n", "n"]
x = ["n"]
[assume]
S = "symmetric"
[definitions]
q = "dot(x, S @ x)"
"""
OF_VECTORS = """[inputs]
x = ["n"]
z = ["n"]
[definitions]
y = "sqnorm(x)"
"""
AT_A_KINK = """[inputs]
x = [2]
[definitions]
u = "relu(x)"
y = "sqnorm(u)"
[at]
x = [0, 1]
"""
LARGE = f"""[inputs]
x = [80]
[definitions]
y = "sum(tanh(x))"
[at]
x = [{", ".join(["1"] * 80)}]
"""
LONG_CELL = "\n".join(["h0 = tanh(U*x0)", *(f"h{t} = tanh(U*x{t} + W*h{t - 1})" for t in range(1, 9))])
ANSWERS: tuple[tuple[str, dict[str, object]], ...] = (
    (NORM, {"mode": "reverse"}),
    (NORM_OF_COLUMNS, {"mode": "reverse"}),
    (ENTROPY, {"mode": "both"}),
    (ENTROPY, {"mode": "entries", "sizes": {"n": 2}}),
    (ENTROPY_OF_ROWS, {"mode": "reverse"}),
    (SYMMETRIC, {"mode": "both"}),
    (SYMMETRIC.replace("dot(x, S @ x)", "S @ x"), {"mode": "both"}),
    ("p = sigmoid(z)\nL = -y*log(p) - (1 - y)*log(1 - p)", {"mode": "reverse"}),
    (LONG_CELL, {"mode": "reverse", "wrt": ["U"]}),
    (LONG_CELL, {"mode": "reverse", "wrt": ["U"], "detail": "full"}),
    (LONG_CELL, {"mode": "chain"}),
    ("u = relu(x)\ny = u**2", {"mode": "chain", "at": {"x": "0"}}),
    ("f(x, z) = x**2", {"mode": "forward"}),
    ("y = x", {"mode": "forward"}),
    ("f(a, b, c, d, g) = a**2 + b", {"mode": "forward"}),
    ("f(a, b, c, d, g) = a**2", {"mode": "forward", "wrt": ["g"]}),
    ("y = " + "*".join(f"x{i}" for i in range(20)), {"mode": "reverse", "wrt": ["x0"], "detail": "full"}),
    ("sigmoid", {"mode": "reverse", "statement": True}),
    ("u = x**2\ny = u*x + u", {"mode": "chain"}),
    (OF_VECTORS, {"mode": "forward"}),
    (OF_VECTORS.replace("sqnorm(x)", "sum(tanh(x))").replace('"n"', "3"), {"mode": "reverse", "wrt": ["x"]}),
    (OF_VECTORS.replace("sqnorm(x)", "sum(tanh(x))").replace('"n"', "1"), {"mode": "reverse", "wrt": ["x"]}),
    (OF_VECTORS.replace("sqnorm(x)", "tanh(x)"), {"mode": "jacobian", "wrt": ["x"]}),
    (OF_VECTORS.replace("sqnorm(x)", "x*z"), {"mode": "jacobian"}),
    (SYMMETRIC.replace("dot(x, S @ x)", "S @ x"), {"mode": "forward"}),
    (AT_A_KINK, {"mode": "chain"}),
    (LARGE, {"mode": "reverse", "detail": "full"}),
)


ELSEWHERE = {
    "graph.paths_here",
    "notation.direct",
    *(f"sheet.{key}" for key in ("exercises", "part", "solutions")),
    *(
        f"way.{reason}"
        for reason in ("one_denominator", "simplex", "simplex_rows", "symmetric", "transposed")
    ),
}
"""Sentences of other tests: reasons in `test_ways` and `test_short_forms`, signs; sheets."""
LANGUAGE_PAGES: list[tuple[str, dict[str, object]]] = [
    (
        """[inputs]
x = ["n"]
z = ["n"]
[definitions]
L = "max(x)*min(z) + var(x)*std(z) + norm(x, 1) + sum(where(x > 0, x, 2*z))"
""",
        {},
    ),
    (
        """[inputs]
X = ["m", "n"]
a = ["m"]
[definitions]
r = "max(X, axis=1)*min(X, axis=1) + prod(X, axis=1)*var(X, axis=1)"
L = "sum(a*r) + sum(std(X, axis=1)*norm(X, axis=1))"
""",
        {},
    ),
    (
        """[inputs]
x = ["n"]
A = ["n", "n"]
u = [3]
v = [3]
[definitions]
r = "dot(cumsum(x), flip(x)) + sum(cumsum(A, axis=0)*flip(A, axis=0))"
s = "r + trace(tril(A) @ triu(A)) + dot(cross(u, v), u**2) + dot(vec(A), vec(A @ A))"
L = "s + dot(u[0:2], v[1:3]) + sum(tril(A @ A, -1)*triu(A, 1))"
""",
        {},
    ),
    ('[inputs]\nx = ["n"]\n[definitions]\ny = "cumsum(x)"\n', {"mode": "jacobian"}),
    (
        '[inputs]\nz = ["n"]\nC = ["m", "n"]\ny = []\nix = ["k"]\n'
        '[definitions]\nL = "log_softmax(z)[y] + sum(C[ix]**2)"\n',
        {},
    ),
    (
        '[inputs]\nZ = ["n", "k"]\ny = ["n"]\n[assume]\ny = "index"\n'
        '[definitions]\nL = "-mean(log_softmax(Z)[range(n), y])"\n',
        {},
    ),
    (
        '[inputs]\nS = ["n", "n"]\nv = ["n"]\n'
        '[definitions]\nL = "sum(softmax(where(tril(ones(n, n)) > 0, S, -inf)) @ v)"\n',
        {},
    ),
    ('[inputs]\nx = [3]\nx1 = []\n[definitions]\ny = "x1*sum(x)"\n', {}),
    ("x1 + x_1", {}),
    ("h[t] = w*h[t-1] + h0; h[-1] = 0; L = sum(h)", {"mode": "bptt"}),
    ("atan2(x, a) + digamma(x)*lgamma(a)", {}),
    ("(x if x >= 0 else a*x) + (x if a > 0 else 2*a) + x*(x > 1)", {}),
    ("L = 0.5*r**2 if abs(r) <= d else d*(abs(r) - d/2)", {}),
]


@pytest.mark.long
def test_every_message_is_used_on_some_page(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    used: set[str] = set()

    class Recording(dict):  # type: ignore[type-arg]
        def __getitem__(self, key: str) -> object:
            used.add(key)
            return super().__getitem__(key)

    for module in (engine, emitters):
        monkeypatch.setattr(module, "load_messages", lambda *given: Recording(load_messages(*given)))
    solve(read("sigmoid"), "both", at={"x": Fraction(1), "a": Fraction(2)}).render("html")
    solve(read("sigmoid"), "reverse").render("html")
    for source, mode, wrt, at in PAGES:
        solve(read(source), mode, wrt, at and {k: Fraction(v) for k, v in at.items()}).render("text")
    turned: dict[str, object] = {"mode": "chain", "layout": "numerator"}
    for source, options in [*ARRAY_PAGES, *TIME_PAGES, (MATRICES, turned)]:
        found = (
            solved(source, **options) if source in names() else solve(array_page(source, tmp_path), **options)
        )
        found.render("latex")
    for definitions, wishes in CHAIN_PAGES:
        solved_with(read(definitions), Wishes(mode="chain", **wishes)).render("text")  # type: ignore[arg-type]
    for source in ("x**2", "gamma*sigmoid(x)*" + "*".join(f"x{i}" for i in range(60))):
        solved_with(read(source), Wishes(mode="reverse", second_opinion=True)).render("text")
    for name in names():
        for detail in ("standard", "full"):
            solve(read(name), detail=detail).render("text")
    for source, options in [*ANSWERS, *LANGUAGE_PAGES]:
        given = array_page(source, tmp_path) if "[inputs]" in source else read(source)
        solve(given, **options).render("latex")  # type: ignore[arg-type]
    for target, drawn in PICTURES:
        draw(read(target), **drawn).render("dot")  # type: ignore[arg-type]
    # No function we know takes fewer operations forward: the sentence is false, which the proof would say.
    monkeypatch.setattr(cost, "both_passes", lambda *_: (1, 9))
    monkeypatch.setattr("symdiff.proof.judge.check_statements", lambda *_: None)
    solve(read("x**2")).render("text")
    known = {key for key in load_messages("en") if not key.startswith("locale.")}
    missing = sorted(known - used - ELSEWHERE)
    assert not missing, " ".join(missing)


@pytest.mark.parametrize("name", formats())
@pytest.mark.parametrize("language", languages())
def test_no_untranslated_key_or_markup_of_templates_is_left(name: str, language: str) -> None:
    problem = read("y = relu(x)*max(x, a) + sign(a)")
    page = solve(problem, at={"x": Num(2).value, "a": Num(2).value}).render(name, language)  # type: ignore[dict-item]
    page = re.sub(r"<(script|style)\b.*?</\1>", "", page, flags=re.DOTALL)
    assert not re.search(r"<%|%>|<<|>>|\b(steps|kink|result|cost|proof|trace)\.[a-z]+\b", page)


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("latex", r"a\textbackslash{}input\{x\} \& 50\% \$"),
        ("markdown", r"a\\input{x} & 50% \$"),
        ("text", "a\\input{x} & 50% $"),
    ],
)
def test_words_are_escaped_in_every_format(name: str, printed: str) -> None:
    document = Document(text("title.named", name="a\\input{x} & 50% $", what="w", mode=text("mode.both")), ())
    assert printed in render(document, name)


@pytest.mark.parametrize("bad", ["latx", "../latex", ""])
def test_an_unknown_format_or_language_is_named_with_the_known_ones(bad: str) -> None:
    document = Document(text("mode.both"), ())
    with pytest.raises(UsageError, match="unknown format"):
        render(document, bad)
    with pytest.raises(UsageError, match="unknown language"):
        render(document, "latex", bad)


def test_one_block_of_a_user_is_used_and_the_others_are_ours(tmp_path: Path) -> None:
    (tmp_path / "latex").mkdir()
    (tmp_path / "latex" / "blocks.j2").write_text(
        r"<% macro heading(b) %>\subsection*{<< t(b.text) >>}" "\n<% endmacro %>", encoding="utf-8"
    )
    page = solve(read("sigmoid")).render(templates=tmp_path)
    assert r"\subsection*{Statement}" in page
    assert r"\section*" not in page
    assert r"\begin{align*}" in page


def test_templates_of_a_user_cannot_reach_python(tmp_path: Path) -> None:
    (tmp_path / "latex").mkdir()
    (tmp_path / "latex" / "blocks.j2").write_text(
        "<% macro heading(b) %><< b.__class__.__mro__[1].__subclasses__() >><% endmacro %>", encoding="utf-8"
    )
    document = Document(text("mode.both"), (Heading(text("mode.both")),))
    with pytest.raises(Exception, match="template error"):
        render(document, templates=tmp_path)


@pytest.mark.parametrize(
    ("source", "latex", "unicode"),
    [
        ("-a*x", "-a x", "−a·x"),
        ("(-a)*x", r"(-a)\,x", "(−a)·x"),
        ("a-(b-c)", "a - (b - c)", "a − (b − c)"),
        ("a/(b*c)", r"\frac{a}{b c}", "a/(b·c)"),
        ("(a/b)/c", r"\frac{\frac{a}{b}}{c}", "a/b/c"),
        ("a/(b/c)", r"\frac{a}{\frac{b}{c}}", "a/(b/c)"),
        ("(a+b)**2", "(a + b)^{2}", "(a + b)²"),
        ("sin(x)**2", r"\sin^{2} x", "sin² x"),
        ("sin(x)*y", r"\sin(x)\,y", "sin(x)·y"),
        ("sin(x)**2*y", r"\sin^{2}(x)\,y", "sin²(x)·y"),
        ("sin(2*x)", r"\sin(2 x)", "sin(2·x)"),
        ("exp(-x**2/2)", "e^{-x^{2}/2}", "e^(−x²/2)"),
        ("exp(x)**2", "(e^{x})^{2}", "(e^x)²"),
        ("(x**y)**z", "(x^{y})^{z}", "(x^y)^z"),
        ("x**y**z", "x^{y^{z}}", "x^(y^z)"),
        ("-x**2", "-x^{2}", "−x²"),
        ("(-x)**2", "(-x)^{2}", "(−x)²"),
        ("a*-b", r"a \cdot (-b)", "a·(−b)"),
        ("2*3*x", r"2 \cdot 3 x", "2·3·x"),
        ("sigmoid(x)", r"\sigma(x)", "σ(x)"),
        ("abs(x-1)", r"\left|x - 1\right|", "|x − 1|"),
        ("sqrt(x+1)", r"\sqrt{x + 1}", "√(x + 1)"),
        ("beta_1*x_max", r"\beta_{1} x_{\mathrm{max}}", "β₁·x_max"),
        ("hbar_0", r"\bar{h}_{0}", "h̄₀"),
        ("0.5*x", "0.5 x", "0.5·x"),
    ],
)
def test_formulas_are_written_with_the_brackets_they_need(source: str, latex: str, unicode: str) -> None:
    expression = parse_expression(source)
    assert LatexPrinter()(expression) == latex
    assert TextPrinter()(expression) == unicode


def test_french_numbers_have_a_decimal_comma() -> None:
    assert LatexPrinter(",")(parse_expression("0.5*x")) == "0{,}5 x"
    assert TextPrinter(",")(parse_expression("max(0.5, x)")) == "max(0,5 ; x)"


def test_a_rounded_number_stands_after_an_approximate_sign() -> None:
    rounded, exact = Num(Num(1).value, "1", True), Num(1)
    rows = (Row(Chain(Sym("x"), (rounded,))), Row(Chain(Sym("y"), (exact,))))
    page = render(Document(text("mode.both"), (Paragraph(text("mode.both")), Equations(rows))), "text")
    assert "x ≈ 1" in page
    assert "y = 1" in page


def test_french_has_a_space_that_does_not_break_before_double_signs() -> None:
    for key, message in load_messages("fr").items():
        forms = message.values() if isinstance(message, dict) else [message]
        for form in forms:
            words = re.sub(r"\{\w+(:\w+)?\}", "x", form)
            assert not re.search("[^\u00a0][:;!?]", words), key
