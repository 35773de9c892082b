"""What one notation has to say, LaTeX, Typst or text: its signs, its brackets, scripts, fractions and tables.

`Typesetting` lists everything that a notation has of its own. The walk over expressions, which decides about
brackets, stands in `formula_printer` and `array_printing` and is the same for all. Knows no values.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from symdiff.expr.letters import Letters
from symdiff.expr.notation import Binding
from symdiff.expr.timed import Series
from symdiff.expr.tree import Expr, Num, Sym, postorder

SHORT = 4
"""Whole numbers of fewer digits are always written as such: 2, where 2.0 is written as well."""


class Written(NamedTuple):
    """A formula as text, how tightly it binds, and whether it is taller than a line of text."""

    text: str
    binding: Binding
    tall: bool = False


class Typesetting:
    """The signs of a notation, and how its constructions look; `decimal` is the language's decimal mark."""

    decimal: str
    letters: Letters
    spellings: dict[Any, str]
    """How each long or decimal number was first written, so that all its occurrences look alike."""
    linear = False
    """Whether a fraction is always written a/b, on the line."""

    minus = "-"
    dot = "*"
    slash = "/"
    thin = close = " "
    """What stands between factors: in general, and between names that may stand close together."""
    after_word = " "
    quad = " "
    dots = vertical_dots = "..."
    decimal_comma = ","
    """A comma that is part of a number."""
    comma, semicolon = ", ", " ; "
    """What stands between entries and arguments, in a language with decimal points and with commas."""

    one = "1"
    """The array of ones, 𝟏."""
    nabla = "∇"
    sum_sign, product_sign, not_equal = "∑", "∏", " ≠ "
    index_joint = ""
    """What stands between two indices of one letter each."""
    ring = "∘"
    times = "×"
    top = "T"
    minus_one = "-1"
    minus_transpose = "-T"
    side_by_side = ""
    """What stands between sizes of one letter, as in dn."""
    tensor = " ⊗ "
    hadamard = " ∘ "
    prime = "′"
    """What tells an adjoint or a tangent from a name of the author's with the same accent."""
    entrywise = "∘"
    """What marks the exponent of a power that is taken entry by entry."""

    def write(self, root: Expr, script: bool = False) -> Written:
        """`root` written out; `script` is set inside an exponent, where fractions lie flat."""
        raise NotImplementedError

    def part(self, node: Expr, needed: Binding, script: bool = False) -> Written:
        """An argument, in brackets if it binds more loosely than `needed`."""
        written = self.write(node, script)
        return written if written.binding >= needed else self.bracketed(written)

    # How text becomes a formula.

    def looks_tall(self, text: str) -> bool:
        """Whether a formula is taller than a line, as far as its text shows."""
        return False

    def atom(self, text: str) -> Written:
        return Written(text, Binding.ATOM, self.looks_tall(text))

    def raised(self, text: str) -> Written:
        """A text that ends in an exponent."""
        return Written(text, Binding.POWER, self.looks_tall(text))

    def bracketed(self, inner: Written) -> Written:
        raise NotImplementedError

    def bracketed_list(self, text: str, parts: list[Written]) -> Written:
        """`text`, which holds `parts` with separators, in brackets."""
        return self.bracketed(Written(text, Binding.LOOSEST, any(part.tall for part in parts)))

    def separator_of(self, parts: list[Written]) -> str:
        """What stands between the entries of a vector: no comma where numbers have decimal commas."""
        return self.semicolon if self.decimal == "," else self.comma

    def separator_of_arguments(self, parts: list[Written]) -> str:
        """What stands between the arguments of a function: max(x, y), but max(0,5 ; x)."""
        decimals = self.decimal == "," and any(self.decimal_comma in part.text for part in parts)
        return self.semicolon if decimals else self.comma

    def joined(self, left: Written, sign: str, right: Written) -> Written:
        return Written(left.text + sign + right.text, Binding.PRODUCT, left.tall or right.tall)

    # What a notation gives. Names and words:

    def compose_name(self, stem: str, accents: tuple[str, ...], index: str, label: str) -> str:
        """A name from its parts; the adjoint of ŷ has its bar above the hat."""
        raise NotImplementedError

    def name(self, node: Sym) -> str:
        raise NotImplementedError

    def named(self, name: str) -> str:
        """A bare name, as of a size."""
        return self.name(Sym(name))

    def word(self, root: Expr) -> str:
        """The word of a function, as sin."""
        raise NotImplementedError

    def function_name(self, word: Sym) -> str:
        """A function of the author's, as in ∇(g∘f)(x)."""
        raise NotImplementedError

    def derivative_marks(self, order: int) -> str:
        """What stands behind f in f′ and f″."""
        return self.prime * order

    def by_argument(self, places: str) -> str:
        """What stands before f in ∂₂f, its derivative by the second argument."""
        raise NotImplementedError

    def called(self, word: str, argument: str) -> str:
        """word(argument), as diag(v)."""
        raise NotImplementedError

    # Numbers, scripts and fractions:

    def number(self, node: Num, script: bool) -> Written:
        """A fraction, or a decimal number with its power of ten."""
        negative = node.value < 0
        if "/" in node.text:
            over, under = node.text.lstrip("-").split("/")
            text = f"{over}{self.slash}{under}" if script else self.fraction(over, under)
            binding = Binding.NEGATION if negative else Binding.PRODUCT
            return Written("-" + text if negative else text, binding, not script)
        mantissa, _, exponent = self.spelled(node).partition("e")
        text = mantissa.replace(".", self.decimal_comma if self.decimal == "," else self.decimal)
        binding = Binding.ATOM
        if exponent:
            power = self.raise_to("10", exponent.replace("-", self.minus))
            text, binding = self.scaled(text, power)
        return Written(self.minus + text, Binding.NEGATION) if negative else Written(text, binding)

    def scaled(self, mantissa: str, power: str) -> tuple[str, Binding]:
        """a·10ᵏ, and 10ᵏ where a is 1."""
        return (power, Binding.POWER) if mantissa == "1" else (mantissa + self.dot + power, Binding.PRODUCT)

    def spelled(self, node: Num) -> str:
        """The text of a number without its sign; one that is long, or a decimal, as it was first spelled."""
        size = node.text.lstrip("-")
        if node.rounded or "/" in size or (size.isdigit() and len(size) < SHORT):
            return size
        return self.spellings.setdefault(abs(node.value), size)

    def learn(self, forms: Iterable[Expr]) -> None:
        """Spell numbers from now on as in these formulas, the author's."""
        for form in forms:
            for node in postorder(form):
                if isinstance(node, Num):
                    self.spelled(node)

    def raise_to(self, base: str, exponent: str) -> str:
        raise NotImplementedError

    def superscript(self, text: str, exponent: str) -> str:
        """As `raise_to`, for a text that may have an exponent already."""
        raise NotImplementedError

    def transposed(self, text: str) -> str:
        return self.superscript(text, self.top)

    def lowered(self, text: str, index: str) -> str:
        raise NotImplementedError

    def fraction(self, over: str, under: str) -> str:
        """A fraction with a bar; never asked for where everything is `linear`."""
        raise NotImplementedError

    def flat_derivative(self, root: Expr) -> str:
        """The pattern of ∂y/∂x on the line."""
        return root.op.notation.text

    def pattern_of(self, root: Expr) -> str:
        """The pattern of an operation that has one, with {0}, {1}, … for its arguments."""
        raise NotImplementedError

    # Sums, products and tables:

    def between(self, sign: str, script: bool) -> str:
        """A sign between two terms."""
        raise NotImplementedError

    def product_of(self, left: str, right: str) -> Written:
        """A product of matrices or vectors."""
        raise NotImplementedError

    def sum_of(self, indices: Sequence[str], entry: Written) -> Written:
        """Σᵢⱼ entry."""
        raise NotImplementedError

    def series(self, root: Series, low: str, high: str, body: Written) -> Written:
        """A sum or a product from `low` to `high`."""
        raise NotImplementedError

    def braced(self, body: Written, label: Written) -> Written:
        """A formula with a brace under it, and a label under the brace."""
        raise NotImplementedError

    def angle(self, left: str, right: str) -> str:
        """⟨left, right⟩."""
        raise NotImplementedError

    def table(self, rows: list[list[str]]) -> Written:
        """A matrix."""
        raise NotImplementedError
