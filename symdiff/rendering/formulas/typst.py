"""Formulas and words in Typst, with nothing that Typst would interpret.

Typst reads a word of two letters and more as a name of its own (`in`, `sum`, `alpha`). So letters stand one
by one, words in quotes, and signs as the characters they are; commas, semicolons and slashes, which divide
arguments and make fractions, are escaped.

An operation is described once, in LaTeX: `from_latex` reads its notation for Typst from there. It reads what
rows of the table of operations may use: groups, scripts, fractions, roots, fences, alphabets, words and the
signs below. A word or a sign that it does not know stands as upright text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from symdiff.expr.names import GREEK, GREEK_LETTERS, is_typed, is_word, split_name
from symdiff.expr.notation import Binding
from symdiff.expr.operations import DIRECT, THROUGH
from symdiff.expr.timed import Series
from symdiff.expr.tree import DERIVATIVE, Expr, Sym
from symdiff.rendering.formulas.formula_printer import Printer
from symdiff.rendering.formulas.typesetting import Written

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
    decimal_comma = DECIMAL_COMMA
    comma, semicolon = r"\, ", r" thin \; "
    index_joint = " "
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

    def bracketed(self, inner: Written) -> Written:
        """Brackets grow with what they hold; round a line with a brace below they are kept from it."""
        fixed = not inner.tall and "underbrace(" in inner.text
        pair = (r"\(", r"\)") if fixed else ("(", ")")
        return Written(f"{pair[0]}{inner.text}{pair[1]}", Binding.ATOM, inner.tall)

    def compose_name(self, stem: str, accents: tuple[str, ...], index: str, label: str) -> str:
        text = _stem(stem)
        accented = WIDE_ACCENTS if is_word(stem) else ACCENTS
        for accent in accents:
            text = f"{accented[accent]}({text})"
        if index:
            text += f"_({_index(index)})"
        if not label:
            return text
        return text + (f'^(upright("{label}"))' if label.isalpha() else f"^({_letters_apart(label)})")

    def between(self, sign: str, script: bool) -> str:
        return sign if script else f" {sign} "

    def fraction(self, over: str, under: str) -> str:
        return f"frac({over}, {under})"

    def flat_derivative(self, root: Expr) -> str:
        sign = "upright(d)" if root.op is DERIVATIVE else "∂"
        mark = {DIRECT: "^(+)", THROUGH: "_(Φ)"}.get(root.op, "")
        return rf"{sign}{mark} {{0}}\/{sign} {{1}}"

    def raise_to(self, base: str, exponent: str) -> str:
        return f"{base}^({exponent})"

    def word(self, root: Expr) -> str:
        return operator("exp") if root.op.notation.kind == "script" else from_latex(root.op.notation.latex)

    def pattern_of(self, root: Expr) -> str:
        return pattern_from_latex(root.op.notation.latex)

    def function_name(self, word: Sym) -> str:
        stem = word.name
        return self.name(word) if len(stem) == 1 or "_" in stem else operator(stem)

    def by_argument(self, places: str) -> str:
        return f"∂_({_letters_apart(places)}) "

    def product_of(self, left: str, right: str) -> Written:
        plain = not _OPEN.search(left + right)
        joined = left + (self.close if plain else self.thin) + right
        return Written(joined, Binding.PRODUCT, self.looks_tall(joined))

    def series(self, root: Series, low: str, high: str, body: Written) -> Written:
        sign = from_latex(root.op.notation.latex)
        text = f"{sign}_({_letters_apart(low)})^({_letters_apart(high)}) {body.text}"
        if root.kind == "sum":
            return Written(text, Binding.PRODUCT, True)
        return self.bracketed(Written(text, Binding.LOOSEST, True))

    def braced(self, body: Written, label: Written) -> Written:
        text = f"underbrace({body.text}, {label.text})"
        return Written(text, self.around_brace(body), body.tall)

    def looks_tall(self, text: str) -> bool:
        return "frac(" in text or "mat(" in text or "cases(" in text

    def table(self, rows: list[list[str]]) -> Written:
        return Written(f"mat({'; '.join(', '.join(row) for row in rows)})", Binding.ATOM, True)

    def in_words(self, word: str) -> str:
        return f'"{word}"'

    def cases_of(self, rows: Sequence[tuple[str, str]], last: str) -> Written:
        word = self.in_words(self.words["if"])
        lines = [f"{value} & quad {word} {condition}" for value, condition in rows]
        lines.append(f"{last} & quad {self.in_words(self.words['otherwise'])}")
        return Written(f"cases({', '.join(lines)})", Binding.LOOSEST, True)

    def sum_of(self, indices: Sequence[str], entry: Written) -> Written:
        return Written(f"∑_({','.join(indices)}) {entry.text}", Binding.PRODUCT, True)

    def entry(self, root: Expr, script: bool) -> Written:
        plain = all(isinstance(pick, Sym) for pick in root.args[1:])
        indices = (self.index_joint if plain else ",").join(map(self.pick, root.args[1:]))
        return self.atom(self.indexed_text(root.args[0], indices, script))

    def superscript(self, text: str, exponent: str) -> str:
        base = f'class("normal", {text})' if "^" in text else text
        return f"{base}^({exponent})"

    def lowered(self, text: str, index: str) -> str:
        return f"{text}_({index})"

    def angle(self, left: str, right: str) -> str:
        return rf"⟨{left}\, {right}⟩"

    def called(self, word: str, argument: str) -> str:
        return f"{operator(word)}({argument})"


def _stem(stem: str) -> str:
    if stem in LETTERS:
        return LETTERS[stem]
    if is_typed(stem):
        return f'upright("{stem}")'
    return stem if len(stem) == 1 else f"italic({spaced(stem)})"


def _index(index: str) -> str:
    """Digits and single letters as they are, longer words upright."""
    stem, accent, rest = split_name(index)
    if accent and not rest:
        return f"{ACCENTS[accent]}({_stem(stem)})"
    if index in LETTERS:
        return LETTERS[index]
    as_word = not index.isascii() or (index.isalpha() and len(index) > 1)
    return f'upright("{index}")' if as_word else _letters_apart(index)


def _letters_apart(text: str) -> str:
    """An index or a time, 31, i-1, T; a label in brackets is a formula already."""
    return text if text.startswith("(") else re.sub(r"[A-Za-z]\w*", lambda word: spaced(word[0]), text)


LETTERS = GREEK_LETTERS | {"epsilon": "ϵ", "phi": "ϕ"}
"""Greek letters in the forms that LaTeX gives them."""
# fmt: off
SIGNS = {
    "partial": "∂", "nabla": "∇", "top": "⊤", "to": "→", "times": "×", "cdot": "⋅", "odot": "⊙",
    "otimes": "⊗", "in": "∈", "sum": "∑", "prod": "∏", "circ": "∘", "infty": "∞", "approx": "≈", "leq": "≤",
    "geq": "≥", "neq": "≠", "pm": "±", "langle": "⟨", "rangle": "⟩", "lVert": "‖", "rVert": "‖", "dots": "…",
    "cdots": "⋯", "vdots": "⋮", ",": "thin", ";": "med", "quad": "quad", "!": "", "textstyle": "",
    "displaystyle": "",
}
# fmt: on
ALPHABETS = {"mathrm": "upright", "mathbf": "bold", "mathbb": "bb", "mathit": "italic", "mathcal": "cal"}
ACCENTS = {"bar": "macron", "dot": "dot", "hat": "hat", "tilde": "tilde"}
WIDE_ACCENTS = ACCENTS | {"bar": "overline"}
"""Over a word; a hat and a tilde grow by themselves."""
_KNOWN = {("bb", "R"): "ℝ"}
_FENCES = {"|": "abs", r"\|": "norm"}
_TOKENS = re.compile(r"\\[A-Za-z]+|\\.|[0-9.]+|[^\s]")
_SLOTS = "".join(chr(0xE000 + i) for i in range(10))
"""Stand for {0}, {1}, … while a pattern is read."""


@cache
def pattern_from_latex(latex: str) -> str:
    """A pattern with {0}, {1}, … for Typst, from one for LaTeX."""
    text = from_latex(latex.format(*_SLOTS))
    for number, slot in enumerate(_SLOTS):
        text = text.replace(slot, f"{{{number}}}")
    return text


@cache
def from_latex(latex: str) -> str:
    """A piece of LaTeX as one of Typst."""
    return _sequence(iter(_TOKENS.findall(latex)), "")


def _sequence(tokens: Iterator[str], end: str) -> str:
    """What stands before `end`, with blanks where two parts would run together."""
    text = ""
    for token in tokens:
        if token == end:
            break
        part = _translated(token, tokens)
        apart = text and part and (text[-1] + part[0]).isalnum() and part[0] not in _SLOTS
        text += (" " if apart or (text and text[-1].isalpha() and part[:1] in _SLOTS) else "") + part
    return text


def _translated(token: str, tokens: Iterator[str]) -> str:
    name = token[1:]
    if token in "^_":
        return f"{token}({_group(tokens)})"
    if token == "{":
        return _sequence(tokens, "}")
    if not token.startswith("\\"):
        return f"\\{token}" if token in '/,;:#$&"*~' else token
    if name == "frac":
        return f"frac({_group(tokens)}, {_group(tokens)})"
    if name == "left":
        return _fenced(tokens)
    if name == "operatorname":
        return operator(_letters_of_group(tokens))
    return _command(name, tokens)


def _command(name: str, tokens: Iterator[str]) -> str:
    if name == "sqrt" or name in ACCENTS:
        return f"{ACCENTS.get(name, name)}({_group(tokens)})"
    if name in ALPHABETS:
        inside = _letters_of_group(tokens)
        return _KNOWN.get((ALPHABETS[name], inside), f"{ALPHABETS[name]}({spaced(inside)})")
    if name in GREEK:
        return LETTERS[name]
    return SIGNS[name] if name in SIGNS else operator(name)


def _group(tokens: Iterator[str]) -> str:
    token = next(tokens, "")
    return _translated(token, tokens) if token else ""


def _fenced(tokens: Iterator[str]) -> str:
    """\\left( … \\right): brackets grow of themselves; bars, which have no sides, are functions."""
    opening = next(tokens)
    inner = _sequence(tokens, r"\right")
    closing = next(tokens)
    if opening in _FENCES:
        return f"{_FENCES[opening]}({inner})"
    return _translated(opening, tokens) + inner + _translated(closing, tokens)


def _letters_of_group(tokens: Iterator[str]) -> str:
    """A group of plain letters; spaces in it are blanks."""
    letters = []
    for token in tokens:
        if token == "}":
            break
        letters.append(" " if token in (r"\,", r"\ ") else token)
    return "".join(letters).removeprefix("{")


def operator(word: str) -> str:
    """A function's word, upright, with the space that such words have."""
    return 'op("{}")'.format(re.sub(r'["\\]', "", word))


def spaced(text: str) -> str:
    """Letters one by one, so that Typst reads no name of its own in them: m a x."""
    return re.sub(r"(?<=[A-Za-z])(?=[A-Za-z0-9])", " ", text)


_ALWAYS = re.compile(r'[\\#$*_`<>@\[\]~="^{}|+]')
_UNLESS_INSIDE_WORDS = re.compile(r"(?<!\w)[-/']|[-/'](?!\w)")
"""Inside a word these are plain text; elsewhere they begin a list, a comment, a quotation."""
_DOTS = re.compile(r"(?<=\d)\.(?=\s|$)|\.(?=\.)")
"""A number with a point begins a list, three points are a sign."""


def typst_words(text: str) -> str:
    """`text` as it stands, in Typst's markup."""
    line = " ".join(text.split("\n"))
    for special in (_ALWAYS, _UNLESS_INSIDE_WORDS, _DOTS):
        line = special.sub(r"\\\g<0>", line)
    return line


def typst_string(text: str) -> str:
    """`text` as a string of Typst's code, in quotes."""
    inside = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{inside}"'
