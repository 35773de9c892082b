"""Formulas in Unicode text: w̄₄, ẇ₃, x², e^(−x/2).

`TextPrinter` keeps to one line. `TallPrinter` marks matrices, limits and braces, which read better in several
lines; `stacked` sets them so. Accents are combining characters, indices and exponents raised or lowered ones
where Unicode has them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from symdiff.expr.names import GREEK_LETTERS, is_word, split_name
from symdiff.expr.notation import Binding
from symdiff.expr.timed import Series
from symdiff.expr.tree import Expr, Num, Sym
from symdiff.rendering.formulas.formula_printer import Printer
from symdiff.rendering.formulas.stacked import (
    BRACE,
    CASES,
    LIMITS,
    RAISED,
    TABLE,
    flat,
    is_tall,
    marked,
    role,
)
from symdiff.rendering.formulas.typesetting import Written

_ACCENTS = {"bar": "\u0304", "dot": "\u0307", "hat": "\u0302", "tilde": "\u0303"}
_OVERLINE = "\u0305"
"""Over each letter of a word a piece of the line that covers it."""
_SUBSCRIPTS = str.maketrans("0123456789+-ijknt", "₀₁₂₃₄₅₆₇₈₉₊₋ᵢⱼₖₙₜ")
_SUPERSCRIPTS = str.maketrans(
    "0123456789+-abcdefghijklmnoprstuvwxyz()", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ⁽⁾"
)
_INDICES = _SUBSCRIPTS | str.maketrans("lmp", "ₗₘₚ")
"""For the indices of a sum; the index of a name keeps to fewer, so that all names of a family look alike."""
_SIZES = _SUPERSCRIPTS | str.maketrans("×", "ˣ")
_WORD = re.compile(r"[a-z]{2}")
"""The word of a function is not raised, letter by letter."""
_CARET = re.compile(r"\^(\w+|\(([^()]*)\))")
_INDEX_OF_SUM = re.compile(r"(?<=[Σ∑)])_([ijk]+)")
_SIGNS, _LETTERS = {"Σ": "∑", "Π": "∏"}, {"Σ": "Sigma", "Π": "Pi"}
_TYPED = re.compile(r"[^\W\d]\d")
"""A name in a label that is written as it is typed, h1; another one has its index below."""
_LABELS = _SUPERSCRIPTS | str.maketrans("₀₁₂₃₄₅₆₇₈₉′", "⁰¹²³⁴⁵⁶⁷⁸⁹′")


class TextPrinter(Printer):
    """Writes expressions on one line of text."""

    linear = True
    minus = "−"
    dots = "⋯"
    dot = "·"
    thin = close = "·"
    sum_sign, product_sign, not_equal = "Σ", "Π", "≠"
    one = "𝟏"
    times = "×"
    top = "ᵀ"
    minus_one = "⁻¹"
    minus_transpose = "⁻ᵀ"
    vertical_dots = "⋮"
    hadamard = " ⊙ "
    entrywise = "⊙"

    def bracketed(self, inner: Written) -> Written:
        return Written(f"({inner.text})", Binding.ATOM)

    def number(self, node: Num, script: bool) -> Written:
        mantissa, _, exponent = self.spelled(node).partition("e")
        text = mantissa.replace(".", self.decimal)
        binding = Binding.PRODUCT if "/" in text else Binding.ATOM
        if exponent:
            text, binding = self.scaled(text, "10" + exponent.translate(_SUPERSCRIPTS))
        return Written(self.minus + text, Binding.NEGATION) if node.value < 0 else Written(text, binding)

    def compose_name(self, stem: str, accents: tuple[str, ...], index: str, label: str) -> str:
        text = GREEK_LETTERS.get(stem, stem)
        for accent in accents:
            if accent == "bar" and is_word(stem):
                text = "".join(letter + _OVERLINE for letter in text)
            else:
                text = unicodedata.normalize("NFC", text + _ACCENTS[accent])
        inner = split_name(index)
        if inner[1] and not inner[2]:
            index = self.compose_name(inner[0], (inner[1],), "", "")
        lowered = index.translate(_SUBSCRIPTS)
        if index:
            plain = index if index.replace(",", "").isalnum() else f"({index.replace('-', self.minus)})"
            is_long = index.isalpha() and len(index) > 2
            text += lowered if _all_in(index, _SUBSCRIPTS) and not is_long else f"_{plain}"
        raised = label.translate(_LABELS)
        is_raised = _all_in(label, _LABELS) and not _TYPED.search(label)
        return text + (raised if is_raised else f"^{label}")

    def between(self, sign: str, script: bool) -> str:
        sign = self.minus if sign == "-" else sign
        return f" {sign} "

    def raise_to(self, base: str, exponent: str) -> str:
        if _all_in(exponent, _SUPERSCRIPTS) and not exponent.isalpha() and not _WORD.search(exponent):
            return base + exponent.translate(_SUPERSCRIPTS)
        return f"{base}^{exponent}" if exponent.isalnum() else f"{base}^({exponent})"

    def word(self, root: Expr) -> str:
        return "exp" if root.op.notation.kind == "script" else root.op.notation.text

    def pattern(self, root: Expr, script: bool) -> Written:
        """A form of words and signs, sizes raised, ℝⁿˣᵈ, and indices of sums lowered where they can be."""
        written = super().pattern(root, script)
        text = _CARET.sub(_size_raised, written.text) if "ℝ" in written.text else written.text
        text = _INDEX_OF_SUM.sub(lambda match: match[1].translate(_INDICES), text)
        return Written(text, written.binding)

    def pattern_of(self, root: Expr) -> str:
        text = root.op.notation.text
        return text.replace("Σ", self.apart("Σ")) if "Σ" in text else text

    def function_name(self, word: Sym) -> str:
        return self.name(word)

    def derivative_marks(self, order: int) -> str:
        return ("", "′", "″", "‴")[order] if order < 4 else f"^({order})"

    def by_argument(self, places: str) -> str:
        return "∂" + places.translate(_SUBSCRIPTS)

    def product_of(self, left: str, right: str) -> Written:
        return Written(f"{left} {right}", Binding.PRODUCT)

    def series(self, root: Series, low: str, high: str, body: Written) -> Written:
        text = f"{self.limits(self.apart(root.op.notation.text), low, high)} {body.text}"
        return Written(text, Binding.PRODUCT) if root.kind == "sum" else Written(f"({text})", Binding.ATOM)

    def apart(self, sign: str) -> str:
        """The sign of a sum or a product; where a Σ or a Π is a name of the author's, the sign proper."""
        return _SIGNS[sign] if self.letters.is_word(_LETTERS[sign]) else sign

    def braced(self, body: Written, label: Written) -> Written:
        return Written(f"[{body.text} = {label.text}]", Binding.ATOM)

    def limits(self, sign: str, low: str, high: str) -> str:
        """A sign of a sum or a product with its first and last index."""
        return f"{sign}_({low}…{high})"

    def table(self, rows: list[list[str]]) -> Written:
        comma = "  " if self.decimal == "," else ", "
        return Written("[" + "; ".join(comma.join(row) for row in rows) + "]", Binding.ATOM)

    def in_words(self, word: str) -> str:
        return word

    def cases_of(self, rows: Sequence[tuple[str, str]], last: str) -> Written:
        said, other = self.words["if"], self.words["else"]
        lines = [f"{value} {said} {condition} {other} " for value, condition in rows]
        return Written("".join(lines) + last, Binding.LOOSEST)

    def sum_of(self, indices: Sequence[str], entry: Written) -> Written:
        index = "".join(indices)
        lowered = index.translate(_INDICES) if _all_in(index, _INDICES) else f"_{index}"
        if self.not_equal in index:
            lowered = f"_({index})"
        return Written(f"{self.apart('Σ')}{lowered} {entry.text}", Binding.PRODUCT)

    def superscript(self, text: str, exponent: str) -> str:
        return text + exponent

    def lowered(self, text: str, index: str) -> str:
        moved = index.replace(",", "")
        if _all_in(moved, _SUBSCRIPTS) and moved == index:
            return text + index.translate(_SUBSCRIPTS)
        return f"{text}_{index}" if len(index) == 1 else f"{text}_({index})"

    def angle(self, left: str, right: str) -> str:
        return f"⟨{left}, {right}⟩"

    def called(self, word: str, argument: str) -> str:
        return f"{word}({argument})"


def _size_raised(match: re.Match[str]) -> str:
    size = match[2] or match[1]
    return size.translate(_SIZES) if _all_in(size, _SIZES) else match[0]


def _all_in(text: str, table: dict[int, int]) -> bool:
    return all(ord(character) in table for character in text)


_ROLES = {"bar": "adjoint", "dot": "tangent"}


class TallPrinter(TextPrinter):
    """Marks matrices, limits and braces as tall, and adjoints and tangents as what they are."""

    def name(self, node: Sym) -> str:
        text = super().name(node)
        return role(_ROLES[node.accent], text) if node.accent in _ROLES else text

    def flat_form(self, node: Expr) -> str:
        return flat(super().flat_form(node))

    def raise_to(self, base: str, exponent: str) -> str:
        raised = super().raise_to("", flat(exponent))
        return self.superscript(base, raised) if is_tall(base) else base + raised

    def superscript(self, text: str, exponent: str) -> str:
        return text + (marked(RAISED, [[exponent]]) if is_tall(text) else exponent)

    def limits(self, sign: str, low: str, high: str) -> str:
        return marked(LIMITS, [[high], [sign], [low]])

    def braced(self, body: Written, label: Written) -> Written:
        return Written(marked(BRACE, [[body.text], [label.text]]), self.around_brace(body))

    def table(self, rows: list[list[str]]) -> Written:
        return Written(marked(TABLE, rows), Binding.ATOM)

    def cases_of(self, rows: Sequence[tuple[str, str]], last: str) -> Written:
        said, other = self.words["if"], self.words["else"]
        lines = [[value, f"{said} {condition}", other] for value, condition in rows]
        lines.append([last, self.words["otherwise"], other])
        return Written(marked(CASES, lines), Binding.LOOSEST)
