"""Formulas in LaTeX: amsmath only, and nothing that KaTeX rejects."""

from __future__ import annotations

from collections.abc import Sequence

from symdiff.expr.names import GREEK, is_typed, is_word, split_name
from symdiff.expr.notation import Binding
from symdiff.expr.operations import DIRECT, THROUGH
from symdiff.expr.timed import Series
from symdiff.expr.tree import DERIVATIVE, Expr, Sym
from symdiff.rendering.formulas.formula_printer import Printer
from symdiff.rendering.formulas.typesetting import Written

_ACCENTS = {"bar": r"\bar", "dot": r"\dot", "hat": r"\hat", "tilde": r"\tilde"}
_WIDE = _ACCENTS | {"bar": r"\overline", "hat": r"\widehat", "tilde": r"\widetilde"}
"""Accents over a word, which cover it."""


class LatexPrinter(Printer):
    """Writes expressions for LaTeX's mathematics mode."""

    dots = r"\cdots"
    dot = r" \cdot "
    quad = r"\quad"
    thin, close = r"\,", " "
    decimal_comma = "{,}"
    semicolon = r"\,; "
    nabla = r"\nabla "
    sum_sign, product_sign, not_equal = r"\sum", r"\prod", r" \neq "
    ring = r" \circ "
    one = r"\mathbf{1}"
    times = r" \times "
    top = r"\top"
    minus_transpose = r"-\top"
    vertical_dots = r"\vdots"
    side_by_side = " "
    hadamard = r" \odot "
    tensor = r" \otimes "
    entrywise = r"\odot "
    prime = r"\prime "

    def bracketed(self, inner: Written) -> Written:
        pair = (r"\left(", r"\right)") if inner.tall else ("(", ")")
        return Written(f"{pair[0]}{inner.text}{pair[1]}", Binding.ATOM, inner.tall)

    def compose_name(self, stem: str, accents: tuple[str, ...], index: str, label: str) -> str:
        text = _stem(stem)
        accented = _WIDE if is_word(stem) else _ACCENTS
        for accent in accents:
            text = f"{accented[accent]}{{{text}}}"
        if index:
            text += f"_{{{_index(index)}}}"
        return (
            rf"{text}^{{\mathrm{{{label}}}}}" if label.isalpha() else f"{text}^{{{label}}}" if label else text
        )

    def between(self, sign: str, script: bool) -> str:
        return sign if script else f" {sign} "

    def fraction(self, over: str, under: str) -> str:
        return rf"\frac{{{over}}}{{{under}}}"

    def flat_derivative(self, root: Expr) -> str:
        sign = r"\mathrm{{d}}" if root.op is DERIVATIVE else r"\partial"
        mark = {DIRECT: "^{{+}}", THROUGH: r"_{{\Phi}}"}.get(root.op, "")
        return f"{sign}{mark} {{0}}/{sign} {{1}}"

    def raise_to(self, base: str, exponent: str) -> str:
        return f"{base}^{{{exponent}}}"

    def word(self, root: Expr) -> str:
        return r"\exp" if root.op.notation.kind == "script" else root.op.notation.latex

    def pattern_of(self, root: Expr) -> str:
        return root.op.notation.latex

    def function_name(self, word: Sym) -> str:
        stem = word.name
        return self.name(word) if len(stem) == 1 or "_" in stem else rf"{{\operatorname{{{stem}}}}}"

    def derivative_marks(self, order: int) -> str:
        return "'" * order

    def by_argument(self, places: str) -> str:
        return rf"\partial_{{{places}}} "

    def product_of(self, left: str, right: str) -> Written:
        plain = not any(sign in left + right for sign in ("(", "operatorname", "pmatrix", "frac"))
        joined = f"{left} {right}" if plain else f"{left}{self.thin}{right}"
        return Written(joined, Binding.PRODUCT, r"\frac" in joined or r"\begin" in joined)

    def series(self, root: Series, low: str, high: str, body: Written) -> Written:
        text = rf"{root.op.notation.latex}_{{{low}}}^{{{high}}} {body.text}"
        if root.kind == "sum":
            return Written(text, Binding.PRODUCT, True)
        return Written(rf"\left({text}\right)", Binding.ATOM, True)

    def braced(self, body: Written, label: Written) -> Written:
        """In braces of its own, so that TeX spaces it as a formula."""
        text = rf"{{\underbrace{{{body.text}}}_{{{label.text}}}}}"
        return Written(text, self.around_brace(body), body.tall)

    def looks_tall(self, text: str) -> bool:
        return r"\frac" in text or r"\begin" in text

    def table(self, rows: list[list[str]]) -> Written:
        body = r" \\ ".join(" & ".join(row) for row in rows)
        return Written(rf"\begin{{pmatrix}} {body} \end{{pmatrix}}", Binding.ATOM, True)

    space_in_words = r"\ "

    def in_words(self, word: str) -> str:
        return rf"\text{{{word}}}"

    def cases_of(self, rows: Sequence[tuple[str, str]], last: str) -> Written:
        word = self.in_words(self.words["if"])
        lines = [rf"{value} & {word}\ {condition}" for value, condition in rows]
        lines.append(f"{last} & {self.in_words(self.words['otherwise'])}")
        body = r" \\ ".join(lines)
        return Written(rf"\begin{{cases}} {body} \end{{cases}}", Binding.LOOSEST, True)

    def sum_of(self, indices: Sequence[str], entry: Written) -> Written:
        return Written(rf"\sum_{{{','.join(indices)}}} {entry.text}", Binding.PRODUCT, True)

    def superscript(self, text: str, exponent: str) -> str:
        base = f"{{{text}}}" if "^" in text else text
        return f"{base}^{{{exponent}}}"

    def lowered(self, text: str, index: str) -> str:
        return f"{text}_{{{index}}}"

    def angle(self, left: str, right: str) -> str:
        return rf"\left\langle {left},\, {right} \right\rangle"

    def called(self, word: str, argument: str) -> str:
        return rf"\operatorname{{{word}}}\left({argument}\right)"


def _stem(stem: str) -> str:
    """α, x, loss in italics; h0, x_ and année upright, as they are typed."""
    if stem in GREEK:
        return f"\\{stem}"
    if is_typed(stem):
        return _upright(stem)
    return stem if len(stem) == 1 else rf"\mathit{{{stem}}}"


def _upright(word: str) -> str:
    """A word in upright letters; those with accents are text, which TeX sets in no formula."""
    command, escaped = r"\mathrm" if word.isascii() else r"\text", word.replace("_", r"\_")
    return f"{command}{{{escaped}}}"


def _index(index: str) -> str:
    """Digits and single letters as they are, longer words upright: w_{31}, w_{i-1}, x_{\\mathrm{max}}."""
    stem, accent, rest = split_name(index)
    if accent and not rest:
        return f"{_ACCENTS[accent]}{{{stem}}}"
    if index in GREEK:
        return f"\\{index}"
    return index if index.isascii() and (len(index) == 1 or not index.isalpha()) else _upright(index)
