"""Every formula fits its line: the estimate against TeX itself, and what is done with what is too wide."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from pages import some
from tools import compile_latex, need

from symdiff.api.solution import solve
from symdiff.exercises import read
from symdiff.language.program import parse_expression
from symdiff.rendering.formulas.latex import LatexPrinter
from symdiff.rendering.formulas.stacked import columns
from symdiff.rendering.formulas.widths import points

LONG_SUM = " + ".join(f"sin({i}*x)*exp(a*x)" for i in range(1, 25))
WIDE = {
    "sum": LONG_SUM,
    "product": "*".join(f"(1 + a*x**{i})" for i in range(2, 16)),
    "fraction": f"({LONG_SUM})/(1 + x**2 + a**2)",
    "exponent": f"exp({LONG_SUM})",
    "names": " + ".join(f"weight_number_{i}*input_value_{i}" for i in range(9)),
    "continued": "1/(1+1/(2+1/(3+1/(4+1/(5+1/(6+x))))))",
}
SAMPLES = [
    "1/(1+exp(-a*x))",
    "x1*x2 + sin(x1)",
    "a*exp(-a*x)/(1+exp(-a*x))**2",
    "w_1*w_2 + w_3*w_4 - sqrt(alpha + beta**2)",
    "tanh(U*x + W*h)**2*(1 - sigmoid(b))",
    "x**3 + 3*x**2*y + 3*x*y**2 + y**3 + log(x*y)",
    "abs(x-y)/(abs(x)+abs(y)) + max(x, y)",
]


WRITTEN = [
    r"\left(\frac{\partial h_{t}}{\partial o_{t}}\right)^{\top}\,\frac{\partial L}{\partial h_{t}} + W",
    r"\sum_{k=0}^{t-1} \left(\prod_{j=k+1}^{t} (1 - h_{j}^{2})\,W\right)\,(1 - h_{k}^{2})\,x_{k} = s_{t}",
    r"\bar{w} = \boxed{\frac{(S \odot V - \operatorname{diag}(u)\,S)\,K}{\sqrt{d}}} \quad \in \mathbb{R}^{n}",
    r"\begin{pmatrix} p_{1}\,(1 - p_{1}) & -p_{1} p_{2} \\ -p_{2} p_{1} & p_{2} \end{pmatrix}",
    r"\begin{pmatrix} a & b \end{pmatrix}\,\begin{pmatrix} a \\ b \\ c \\ d \end{pmatrix} + c",
    r"J = \begin{pmatrix} e^{2 x_{1}-2 x_{2}} & -x_{3} \\ 0 & 1 \\ \sin x_{2} & 12.5 \end{pmatrix}",
    r"\frac{1}{3}\,\sum_{t=0}^{2} \frac{\hat{y}_{t} - y_{t}}{3} \approx (0.3630, -0.04575, -0.3172)",
    r"\left\langle (p - y)\,x^{\top},\, \dot{W} \right\rangle = -\bar{v}_{28} + \left\|x\right\|^{2}",
    r"\nabla ({\operatorname{loss}} \circ {\operatorname{softmax}})(x) = {\underbrace{U x_{0}}_{h_{0}}}",
]
"""Growing brackets, limits, matrices, signs without an operand, slanted letters."""


def test_the_estimated_width_is_near_the_width_that_tex_gives(tmp_path: Path) -> None:
    need("pdflatex")
    formulas = [LatexPrinter()(parse_expression(s)) for s in SAMPLES] + WRITTEN
    boxes = "\n".join(rf"\setbox0\hbox{{$\displaystyle {f}$}}\typeout{{WIDTH \the\wd0}}" for f in formulas)
    source = (
        "\\documentclass{article}\\usepackage{amsmath,amssymb}\\begin{document}\n"
        + boxes
        + "\nx\\end{document}\n"
    )
    log = compile_latex(source, tmp_path)
    measured = [float(w) for w in re.findall(r"WIDTH ([\d.]+)pt", log)]
    assert len(measured) == len(formulas)
    for formula, true in zip(formulas, measured, strict=True):
        assert abs(points(formula) - true) <= 0.025 * true, formula


@pytest.mark.parametrize("name", WIDE)
@pytest.mark.parametrize("language", some(["fr", "en"], 2, spread=False))
def test_wide_formulas_compile_without_an_overfull_line(name: str, language: str, tmp_path: Path) -> None:
    page = solve(read(WIDE[name])).render("latex", language)
    assert "Overfull" not in compile_latex(page, tmp_path)


@pytest.mark.parametrize("name", WIDE)
def test_wide_formulas_stay_within_80_columns_of_text(name: str) -> None:
    page = solve(read(WIDE[name])).render("text")
    assert max(columns(line) for line in page.splitlines()) <= 80


def test_accents_take_no_width() -> None:
    assert columns("w̄₁ᵃ") == 3


def test_pdftotext_finds_the_result(tmp_path: Path) -> None:
    tool = need("pdftotext")
    compile_latex(solve(read("sigmoid"), "reverse").render(), tmp_path)
    done = subprocess.run([tool, "page.pdf", "-"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "The other derivative asked for: the same sweep gives it" in done.stdout
