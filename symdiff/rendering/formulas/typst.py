"""Formulas in Typst's mathematics mode, with nothing that Typst would interpret.

Typst reads a word of two letters and more as a name of its own (`in`, `sum`, `alpha`). So letters stand one
by one, words in quotes, and signs as the characters they are; commas, semicolons and slashes, which divide
arguments and make fractions, are escaped.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from symdiff.expr.leaves import Series
from symdiff.expr.names import split_name
from symdiff.expr.notation import Binding
from symdiff.expr.operations import DIRECT, THROUGH
from symdiff.expr.tree import DERIVATIVE, Expr, Num, Sym
from symdiff.rendering.formulas.factors import scaled
from symdiff.rendering.formulas.formula_printer import Printer
from symdiff.rendering.formulas.typst_forms import ACCENTS, LETTERS, form, operator, spaced, spelled
from symdiff.rendering.formulas.written import Written

DECIMAL_COMMA = "#[,]"
"""A comma that is part of a number: as text it has no space after it, and divides no arguments."""
_OPEN = re.compile(r"(?<![_^])(?<![A-Za-z]{2})\(|(?:op|mat|frac)\(|\[")


class TypstPrinter(Printer):
    """Writes expressions for Typst."""

    dots = "⋯"
    dot = " ⋅ "
    slash = r"\/"
    quad = "quad"
    thin, close = " thin ", " "
    after_word = " "

    def bracketed(self, inner: Written) -> Written:
        """Brackets grow with what they hold; round a line with a brace below they are kept from it."""
        fixed = not inner.tall and "underbrace(" in inner.text
        pair = (r"\(", r"\)") if fixed else ("(", ")")
        return Written(f"{pair[0]}{inner.text}{pair[1]}", Binding.ATOM, inner.tall)

    def number(self, node: Num, script: bool) -> Written:
        sign = "-" if node.value < 0 else ""
        if "/" in node.text:
            over, under = node.text.lstrip("-").split("/")
            text = rf"{over}\/{under}" if script else f"frac({over}, {under})"
            return Written(sign + text, Binding.NEGATION if sign else Binding.PRODUCT, not script)
        mantissa, _, exponent = node.text.partition("e")
        text = mantissa.replace(".", DECIMAL_COMMA if self.decimal == "," else self.decimal)
        if exponent:
            text += f" ⋅ 10^({int(exponent)})"
        if sign:
            return Written(text, Binding.NEGATION)
        return Written(text, Binding.PRODUCT if exponent else Binding.ATOM)

    def compose_name(self, stem: str, accents: tuple[str, ...], index: str, label: str) -> str:
        text = _stem(stem)
        for accent in accents:
            text = f"{ACCENTS[accent]}({text})"
        if index:
            text += f"_({_index(index)})"
        if not label:
            return text
        return text + (f'^(upright("{label}"))' if label.isalpha() else f"^({_plain(label)})")

    def between(self, sign: str, script: bool) -> str:
        return sign if script else f" {sign} "

    def quotient(self, root: Expr, script: bool) -> Written:
        parts = None if script else scaled(root)
        if parts is not None:
            return self.product(parts[0] * parts[1], script)
        if script:
            return self.flat_quotient(root, script)
        over, under = (self.write(arg) for arg in root.args)
        return Written(f"frac({over.text}, {under.text})", Binding.POWER, True)

    def flat_derivative(self, root: Expr) -> str:
        sign = "upright(d)" if root.op is DERIVATIVE else "∂"
        mark = {DIRECT: "^(+)", THROUGH: "_(Φ)"}.get(root.op, "")
        return rf"{sign}{mark} {{0}}\/{sign} {{1}}"

    def raise_to(self, base: str, exponent: str) -> str:
        return f"{base}^({exponent})"

    def word(self, root: Expr) -> str:
        return operator("exp") if root.op.notation.kind == "script" else spelled(root.op.notation.latex)

    def pattern_of(self, root: Expr) -> str:
        return form(root.op.notation.latex)

    def function_name(self, word: Sym) -> str:
        stem = word.name
        return self.name(word) if len(stem) == 1 or "_" in stem else operator(stem)

    def separator_of(self, parts: list[Written]) -> str:
        return r"\; " if any(DECIMAL_COMMA in part.text for part in parts) else r"\, "

    ring = " ∘ "
    one = "bold(1)"
    times = " × "
    top = "⊤"
    minus_transpose = "-⊤"
    vertical_dots = "⋮"
    side_by_side = " "
    hadamard = " ⊙ "
    tensor = " ⊗ "
    entrywise = "⊙"

    def product_of(self, left: str, right: str) -> Written:
        plain = not _OPEN.search(left + right)
        joined = left + (self.close if plain else self.thin) + right
        return Written(joined, Binding.PRODUCT, _is_tall(joined))

    def series(self, root: Series, low: str, high: str, body: Written) -> Written:
        text = f"{spelled(root.op.notation.latex)}_({_plain(low)})^({_plain(high)}) {body.text}"
        return Written(text, Binding.PRODUCT, True) if root.kind == "sum" else self.bracketed(_tall(text))

    def braced(self, body: Written, label: Written) -> Written:
        text = f"underbrace({body.text}, {label.text})"
        return Written(text, self.around_brace(body), body.tall)

    def atom(self, text: str) -> Written:
        return Written(text, Binding.ATOM, _is_tall(text))

    def raised(self, text: str) -> Written:
        return Written(text, Binding.POWER, _is_tall(text))

    def bracketed_list(self, text: str, parts: list[Written]) -> Written:
        return self.bracketed(Written(text, Binding.LOOSEST, any(part.tall for part in parts)))

    def table(self, rows: list[list[str]]) -> Written:
        return Written(f"mat({'; '.join(', '.join(row) for row in rows)})", Binding.ATOM, True)

    def sum_of(self, letters: Sequence[str], entry: Written) -> Written:
        return Written(rf"∑_({','.join(letters)}) {entry.text}", Binding.PRODUCT, True)

    def entry(self, root: Expr, script: bool) -> Written:
        letters = " ".join(str(letter) for letter in root.args[1:])
        return self.atom(self.indexed_text(root.args[0], letters, script))

    def superscript(self, text: str, exponent: str) -> str:
        base = f'class("normal", {text})' if "^" in text else text
        return f"{base}^({exponent})"

    def lowered(self, text: str, index: str) -> str:
        return f"{text}_({index})"

    def angle(self, left: str, right: str) -> str:
        return rf"⟨{left}\, {right}⟩"

    def called(self, word: str, argument: str) -> str:
        return f"{operator(word)}({argument})"

    def named(self, name: str) -> str:
        return self.name(Sym(name))


def _tall(text: str) -> Written:
    return Written(text, Binding.LOOSEST, True)


def _is_tall(text: str) -> bool:
    return "frac(" in text or "mat(" in text


def _stem(stem: str) -> str:
    if stem in LETTERS:
        return LETTERS[stem]
    return stem if len(stem) == 1 else f"italic({spaced(stem)})"


def _index(index: str) -> str:
    """Digits and single letters as they are, longer words upright."""
    stem, accent, rest = split_name(index)
    if accent and not rest:
        return f"{ACCENTS[accent]}({_stem(stem)})"
    if index in LETTERS:
        return LETTERS[index]
    return f'upright("{index}")' if index.isalpha() and len(index) > 1 else _plain(index)


def _plain(text: str) -> str:
    """An index or a time, 31, i-1, T; a label in brackets is a formula already."""
    return text if text.startswith("(") else re.sub(r"[A-Za-z]\w*", lambda word: spaced(word[0]), text)
