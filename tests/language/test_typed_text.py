"""Text as people type it: what it is in the plain language, and what is refused with both readings."""

from __future__ import annotations

import ast
import random
import time
import warnings
from collections.abc import Iterator

import pytest

import symdiff as sd
from symdiff.errors import SymdiffError
from symdiff.language import syntax
from symdiff.language.program import parse_expression, parse_program
from symdiff.language.reading import Reading, literally, read_as
from symdiff.language.recurrence_parser import is_recurrence, parse_recurrence
from symdiff.language.typed_syntax import typed_statements


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


NUMBERS = {
    "2x": "2*x",
    "2(x+1)": "2*(x + 1)",
    "(a)(b)": "a*b",
    "x(1-x)^2": "x*(1 - x)**2",
    "2x(x+1)^2": "2*x*(x + 1)**2",
    "3 sin x": "3*sin(x)",
    "sin 2x": "sin(2*x)",
    "sin 2x y": "sin(2*x*y)",
    "sin x cos x": "sin(x)*cos(x)",
    "sin x·y": "sin(x)*y",
    "sin x + 1": "sin(x) + 1",
    "sin² x": "sin(x)**2",
    "sin^2(x)": "sin(x)**2",
    "tanh^2 w/2": "",
    "sin -x²": "sin(-x**2)",
    "sin x^2": "sin(x**2)",
    "a x^2 − ½x": "a*x**2 - 1/2*x",
    "x²y³": "x**2*y**3",
    "x⁻²": "x**-2",
    "xⁿ": "x**n",
    "x^-1": "x**-1",
    "2^3^2": "2**3**2",
    "-x^2": "-x**2",
    "-2x": "-2*x",
    "a·-b": "a*-b",
    "e^x": "exp(x)",
    "e^{-x}": "exp(-x)",
    "e^-x": "exp(-x)",
    "e^(2x)": "exp(2*x)",
    "e^x y": "exp(x)*y",
    "x₁ + x_2": "x_1 + x_2",
    "x1 + 2x₁": "x1 + 2*x1",
    "a×b ÷ c": "a*b/c",
    "√x + √(x+1)": "sqrt(x) + sqrt(x + 1)",
    "2πr": "2*pi*r",
    "αβ": "alpha*beta",
    "σ(x)": "sigmoid(x)",
    "σ(x)/σ": "",
    "|x - 1|": "abs(x - 1)",
    "|x||y|": "abs(x)*abs(y)",
    "||x| - |y||": "abs(abs(x) - abs(y))",
    "a|b|c": "a*abs(b)*c",
    "ln x": "log(x)",
    "log₂ x": "log2(x)",
    "log₁₀(x)": "log10(x)",
    "gelu x²": "gelu(x**2)",
    "x̂ + ȳ": "xhat + ybar",
    "5%": "",
    "x – y": "x - y",
    "（x＋1）": "x + 1",  # noqa: RUF001
    "𝑥²": "x**2",
    "x^2 if x ≤ 0 else -x^2": "x**2 if x <= 0 else -x**2",
    "0,5*x": "0.5*x",
    "exp(-0,5·x)": "exp(-0.5*x)",
    "max(0,5, x^2)": "max(0.5, x**2)",
    "max(0,x^2)": "max(0, x**2)",
    "0{,}5x": "0.5*x",
    r"\frac{1}{1+e^{-ax}}": "1/(1 + exp(-(a*x)))",
    r"\dfrac12 x": "1/2*x",
    r"\frac1x": "1/x",
    r"\frac x2": "x/2",
    r"\sqrt{x}": "sqrt(x)",
    r"\sqrt[3]{x}": "x**(1/3)",
    r"\sin x \cos x": "sin(x)*cos(x)",
    r"\ln\left(x\right)": "log(x)",
    r"\sin^2 x": "sin(x)**2",
    r"\operatorname{relu}(x)": "relu(x)",
    r"\sigma(x)": "sigmoid(x)",
    r"\left( x + 1 \right)^{2}": "(x + 1)**2",
    r"a \cdot b \times c": "a*b*c",
    r"W_{hh} + h_1": "W_hh + h_1",
    r"\mathbf{x} + \hat y + \bar{x}_1": "x + yhat + xbar_1",
    r"$x^2$": "x**2",
    r"\[ x^2 \]": "x**2",
    r"\lvert x \rvert": "abs(x)",
    r"\mathrm{loss}^2": "loss**2",
    r"\begin{cases} x & x > 0 \\ a x & \text{otherwise} \end{cases}": "x if x > 0 else a*x",
    r"x\,y\;z\quad t": "x*y*z*t",
    r"\boxed{x^2}": "x**2",
    r"\displaystyle x^2": "x**2",
    "x^2 # |y|": "x**2",
    "cos(θ1)": "cos(theta1)",
    "2θ1θ2 + x1 θ12²": "2*theta1*theta2 + x1*theta12**2",
}


@pytest.mark.parametrize(("text", "plain"), [pair for pair in NUMBERS.items() if pair[1]])
def test_a_text_of_paper_is_what_it_is_in_the_plain_language(text: str, plain: str) -> None:
    assert str(parse_expression(text)) == str(parse_expression(plain))
    with literally(True), pytest.raises(sd.InputError):
        parse_expression(text.partition("#")[0] + ("^2" if "#" in text else ""))


SHAPES = {
    **{"A": ("n", "n"), "B": ("n", "n"), "W": ("m", "n"), "x": ("n",), "y": ("n",), "b": ("m",), "c": ()},
    "lambda": (),
}
ARRAYS = {
    "W x + b": "W @ x + b",
    "W·x": "W @ x",
    "softmax(W (x + y) + b)": "softmax(W @ (x + y) + b)",
    "xᵀy": "dot(x, y)",
    "x yᵀ": "outer(x, y)",
    "(x ⊙ (1 − y²)) xᵀ": "outer(x*(1 - y**2), x)",
    "x·y": "dot(x, y)",
    "xᵀ A y": "x @ A @ y",
    "x^T A x": "x @ A @ x",
    "x'A x": "x @ A @ x",
    "½ xᵀA x − bᵀW x": "1/2*(x @ A @ x) - b @ W @ x",
    "(x - y)ᵀ(x - y)": "dot(x - y, x - y)",
    "-x·y": "-dot(x, y)",
    "-xᵀ·y": "-dot(x, y)",
    "2 A x": "2*(A @ x)",
    "(2 A) x": "2*A @ x",
    "c A x": "c*(A @ x)",
    "A⁻¹ x": "inv(A) @ x",
    "A^{-T} x": "inv(A).T @ x",
    "A⊙B x": "A*(B @ x)",
    "A ∘ B": "A*B",
    "A^(⊙2)": "A**2",
    "x²": "x**2",
    "e^x": "exp(x)",
    "‖W x - b‖²": "sqnorm(W @ x - b)",
    "||x||": "norm(x)",
    r"\frac12 \lVert W x - b \rVert_2^2 + \lambda \|x\|_1": "1/2*sqnorm(W @ x - b) + lambda*sum(abs(x))",
    r"\mathbf{x}^{\top} \mathbf{A} \mathbf{x}": "x @ A @ x",
    r"x^{\mathsf T} y / \|x\|": "dot(x, y)/norm(x)",
    "Σᵢ xᵢ·yᵢ": "sum(x*y)",
    "Σᵢⱼ Aᵢⱼ²": "sum(A**2)",
    r"\sum_{i} (x_i - y_i)^2": "sum((x - y)**2)",
    "Σᵢ (A x)ᵢ·yᵢ": "sum((A @ x)*y)",
    "Σᵢⱼ Aᵢⱼ·xⱼ": "sum(A*x)",
    "tr(A B)": "trace(A @ B)",
    "det A": "det(A)",
    "A 𝟏": "A @ ones(n)",
    "𝟏ᵀx": "dot(ones(n), x)",
    "diag(x) y": "diag(x) @ y",
    r"\begin{pmatrix} 1 & c \\ 0 & 1 \end{pmatrix} c": "[[1, c], [0, 1]]*c",
    "(c, c²)": "[c, c**2]",
    "x₁x₂": "x[0]*x[1]",
}


@pytest.mark.parametrize(("text", "plain"), ARRAYS.items())
def test_products_and_powers_of_paper_have_their_meaning_from_shapes(text: str, plain: str) -> None:
    one, other = (parse_program(each, shapes=SHAPES).definitions[-1][1] for each in (text, plain))
    assert str(one) == str(other)
    assert one.shape == other.shape


REFUSED = {
    "1/2x": r"write \(1/2\)\*x or 1/\(2x\)",
    "a/b c": r"write \(a/b\)\*c or a/\(b c\)",
    "log x/y": r"write log\(x\)/y or log\(x/y\)",
    "exp x (1-x)": r"write exp\(x\)\*\(1-x\) or exp\(x\*\(1-x\)\)",
    "e^2x": r"write e\^2\*x or e\^\(2\*x\)",
    "√2x": "two ways",
    "√x²": "two ways",
    "sin^{-1} x": r"write 1/sin\(x\) or asin\(x\)",
    "x^{(1)}": "label",
    r"x^12 + \alpha": "",
    "x 2^y": r"write 2\*x, or x\^2",
    "2^x 3": "two numbers|number after",
    "sin'(x)": "a derivative",
    "∂y": "a derivative",
    "x^2))": "never opened",
    "((x^2)": "not closed",
    "|x^2": "bar | is not closed",
    "x^": "something is missing after \\^",
    "x = y = 2^z": "one = in an equation",
    "x\u200by": r"U\+200B",
    "x\u202ey": r"U\+202E",
    "🙂^2": "🙂",
    "x^2!": "!",
    r"\foo x": r"\\foo is not read",
    r"\aplha x": "did you mean 'alpha'",
    r"sinx + \alpha": r"write \\sin x",
    r"\alpha loss": r"one name is \\mathrm{loss}",
    "0x10": "no decimal number",
    "tr(A^{-1})": r"\\operatorname{tr}\(…\), or t r \(…\) for a product",
    r"\frac12 tg(x)": r"\\operatorname{tg}",
    "[x + 1]*[x - 1]": r"write \(x \+ 1\) for a factor",
    "[sin(x) + 1](x - 1)": r"write \(sin\(x\) \+ 1\) for a factor",
    "2*[x^2 + 1]": r"for a factor",
    "2[x + 1]": r"a factor stands in \(…\)",
    "x.^2": r"\.\^ is not read; write \*\*",
    "x.*y": r"\.\* is not read; write \*, which is entry by entry",
    "x./y": r"\./ is not read; write /",
    "f(x) = a x^2": "the brackets on the left hold every input, or leave them out",
    "2π2": "a number after a factor",
    "θ1.5": "a number after a factor",
    "θ1x": "a number after a factor",
    "2^x, 3": "a comma cannot stand here",
    "\\sum_i 2": "nothing with the index i",
    "1,2,3x": "a comma cannot stand here",
}


@pytest.mark.parametrize(("text", "says"), [pair for pair in REFUSED.items() if pair[1]])
def test_what_can_be_read_in_two_ways_or_not_at_all_is_one_line(text: str, says: str) -> None:
    with pytest.raises(sd.InputError, match=says) as caught:
        parse_program(text)
    assert len(str(caught.value).split("\n")) in (1, 3)


TWO_ARRAYS = {
    "x y": r"write x\*y entry by entry, or x @ y",
    "x × y": "two ways|write cross",
    "A^2": r"A @ A for the product of matrices, A\*\*2 entry by entry",
    "|A|": r"write det\(A\), or abs\(A\)",
    "e^A": r"exp\(A\) entry by entry, or expm\(A\)",
    "A ⊙ B·x": "in two orders",
    "x'*A*x": r"x.T @ A for the product of matrices, x.T⊙A entry by entry",
    "2*x^T*y": "two ways",
    "-y*x'": "two ways",
    "A'*B": "two ways",
    "x.T*A": "two ways",
    "A·B ⊙ A": "in two orders",
    "c^T": "declare the shape of c",
    "c'": "the transpose of c, a number",
    "cᵀ x": "declare its shape",
    "Σᵢ cᵢ": "no entries to add in c",
    "Σᵢ xᵢ·y": "y has no index in the sum",
    "Σᵢⱼ Aᵢⱼ·xᵢ": "its index in another place",
    "Σᵢⱼ Aⱼᵢ": "its index in another place",
    "x + 𝟏": "𝟏 needs its size",
    "𝟏 xᵀ": "𝟏 needs its size",
    "(x, y)": "two ways",
    "‖A‖₂": "not its norm as a list",
}


@pytest.mark.parametrize(("text", "says"), TWO_ARRAYS.items())
def test_what_shapes_leave_open_is_refused_with_both_readings(text: str, says: str) -> None:
    with pytest.raises(sd.InputError, match=says):
        parse_program(f"z = {text}", shapes=SHAPES)


def test_a_name_t_of_the_authors_stays_an_exponent() -> None:
    assert str(parse_program("f(x, T) = x^T + T").definitions[0][1]) == "x**T + T"
    with pytest.raises(sd.InputError, match="power of your T"):
        parse_program("x^T", inputs=("x", "T"), shapes={"x": ("n",), "T": ()})


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("h_t = tanh(U x_t + W h_{t-1}); h_0 = 0", "h[t] = tanh(U*x[t] + W*h[t-1]); h[0] = 0"),
        ("hₜ = a·hₜ₋₁ + b·uₜ\nh₋₁ = 1", "h[t] = a*h[t-1] + b*u[t]; h[-1] = 1"),
        (
            r"h_t &= \tanh(W h_{t-1}) \\ h_0 &= 0 \\ L &= \sum_t h_t",
            "h[t] = tanh(W*h[t-1]); h[0] = 0; L = sum(h)",
        ),
        ("h[t] = 2h[t-1]; h[-1] = 0", "h[t] = 2*h[t-1]; h[-1] = 0"),
    ],
)
def test_an_index_that_is_a_time_makes_a_recurrence(text: str, same: str) -> None:
    assert is_recurrence(text)
    assert is_recurrence(same)
    one, other = parse_recurrence(text), parse_recurrence(same)
    assert [(str(n), str(f)) for n, f in one.cell] == [(str(n), str(f)) for n, f in other.cell]
    assert one.sequences == other.sequences


@pytest.mark.parametrize("text", ["h_t = 2^x", "f(x) = x_t + 1", "x_1 = 2^y; z = x_1", "y = x_{t} + 1"])
def test_an_index_alone_is_part_of_a_name(text: str) -> None:
    assert not is_recurrence(text)


def test_commas_of_decimals_in_french() -> None:
    with read_as(Reading(decimal="comma")):
        assert str(parse_expression("1,5*x + max(0,5; x)")) == "1.5*x + max(0.5, x)"
        assert str(parse_expression("max(2, 3)*x")) == "max(2, 3)*x"
        with pytest.raises(sd.InputError, match=r"write 1\.2 or 1, 2"):
            parse_expression("[1,2]")
    with read_as(Reading(decimal="point")), pytest.raises(sd.InputError):
        parse_expression("1,5*x")


def test_a_caret_stands_under_the_place_in_the_authors_text() -> None:
    for text, place in (("αβ + foo(x)", 5), ("½x·√y + bar(x)", 8), ("lambda*2x + foo(x)", 12)):
        with pytest.raises(sd.InputError) as caught:
            parse_expression(text)
        _, shown, caret = str(caught.value).split("\n")
        assert (shown[2:], caret.index("^") - 2) == (text, place)


HOSTILE = (
    *("(" * 9000, "x^" * 3000 + "2", "|" * 9000, "\\frac" * 1500, "\\frac{" * 1500, "√" * 5000 + "x"),
    *("sin " * 2000 + "x^2", "-" * 9000 + "x^2", "x" + "\u0302" * 50, "x_{" * 2000, "\\begin{pmatrix}" * 500),
    *("\\left(" * 1500, "x'" + "'" * 9000, "f(" * 3000 + "x^2", "Σ_i " * 2000, "‖" * 5000, "⁻" * 5000),
    *("9" * 9000 + "^2", "[" * 5000 + "^", "\\def\\a{\\a}\\a", "\x00^2", "\ud800^2", "x^\\", "_^{", "\\"),
    *("$" * 999 + "^", "\\begin{cases} x \\\\ y \\end{cases}", "\\end{x}", "1e9999^2", "x if^2", "²", "x,^"),
)


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:12]))
def test_hostile_text_is_one_clear_line_quickly(text: str) -> None:
    start = time.process_time()
    with pytest.raises(SymdiffError) as caught:
        parse_program(text)
    assert time.process_time() - start < 10
    assert not isinstance(caught.value, sd.ProofError)
    assert all(len(line) < 500 and line.isprintable() for line in str(caught.value).split("\n"))


def _plain_text(rng: random.Random, depth: int) -> str:
    """A text of the plain language, of all kinds of nodes."""

    def part(less: int = 1) -> str:
        return _plain_text(rng, depth - less)

    names = ["x", "a", "x1", "x_1", "alpha", "W", "hbar_0", "rate", "t", "e", "pi"]
    match rng.randrange(20) if depth > 0 else rng.randrange(4):
        case 0 | 1:
            return rng.choice(names)
        case 2 | 3:
            return rng.choice(["2", "0.5", "1e-3", ".5", "3.", "10", "1_000", "2.5e2"])
        case 4 | 5 | 6 | 7 | 8 | 9:
            return part() + rng.choice([" + ", " - ", "*", "/", "**", " @ ", "-", " * "]) + part()
        case 10 | 11:
            return f"({part()})"
        case 12:
            return rng.choice("-+") + part()
        case 13 | 14:
            options = rng.choice(["", ", axis=0", ", keepdims=True", ","])
            return f"{rng.choice(['sin', 'max', 'f', 'sum'])}({part()}{options})"
        case 15:
            return rng.choice(names) + rng.choice(
                ["[0]", "[-1]", "[t-1]", "[0, 1]", "[:, 1]", "[1:]", "[::2]"]
            )
        case 16:
            return rng.choice(names) + rng.choice([".T", ".sum()", ".sum(axis=1)", ".T.T"])
        case 17:
            return f"[{part()}, {part()}]"
        case 18:
            more = rng.choice(["", " and a < 3", " or not a != 3"])
            return f"({part()} if {part()} {rng.choice(['>', '<=', '=='])} {part()}{more} else {part()})"
    return f"np.linalg.norm({part()})"


@pytest.mark.parametrize("seed", range(4))
def test_plain_texts_give_the_tree_of_pythons_parser_place_by_place(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(150):
        text = rng.choice(["", "y = ", "f(x, a) = ", "h[t] = ", "f(x) = "]) + _plain_text(rng, 4)
        text += rng.choice(["", "", "\nz = 2*x", "; z = x", "  # c'est |x|\n"])
        if ")(" in text:
            continue
        plain = syntax._plain(text)
        typed = typed_statements(syntax.flush(text), syntax.prepared(text).split("\n"), (), "point")
        one, other = ([ast.dump(each, include_attributes=True) for each in body] for body in (plain, typed))
        assert one == other, text


def test_a_vector_of_one_number_inside_a_formula_is_one_as_json_writes_it() -> None:
    assert str(parse_expression("(2*[x]*exp([x]) + [x]**2)[0]")) == "(2*[x]*exp([x]) + [x]**2)[0]"
    assert parse_program("v = [x]; y = sum(2*[x])").definitions[-1][1].shape == ()
