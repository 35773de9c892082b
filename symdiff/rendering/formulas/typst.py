"""Formulas in Typst's mathematics mode, with nothing that Typst would interpret.

Typst reads a word of two letters and more as a name of its own (`in`, `sum`, `alpha`). So letters stand one
by one, words in quotes, and signs as the characters they are; commas, semicolons and slashes, which divide
arguments and make fractions, are escaped.

The notation of an operation for Typst, read from its LaTeX: an operation is described once.

Reads what rows of the table may use: groups, scripts, fractions, roots, fences, alphabets, words and
the signs below. A word or a sign that it does not know stands as upright text, never as something that Typst
would interpret.

Words for Typst's markup: what Typst would read as markup is escaped. And texts as its strings.

How wide a formula is that `render.typst` wrote, with the advance widths of `render.width`.

Typst's own typeface for mathematics is New Computer Modern, which has the widths of Computer Modern. The text
is walked once, as in `width`: functions by what they set, scripts smaller, operators with their spaces. In
points at a type size of 10 pt.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache

from symdiff.expr.names import GREEK, GREEK_LETTERS, split_name
from symdiff.expr.notation import Binding
from symdiff.expr.operations import DIRECT, THROUGH
from symdiff.expr.timed import Series
from symdiff.expr.tree import DERIVATIVE, Expr, Num, Sym
from symdiff.rendering.formulas.formula_printer import Printer
from symdiff.rendering.formulas.widths import (
    BOX,
    BRACKETS,
    COLUMN_GAP,
    FRACTION_BAR,
    ITALIC,
    OUTERMOST_SCRIPT,
    RADICAL,
    ROMAN,
    SCRIPT,
)
from symdiff.rendering.formulas.widths import SIGNS as LATEX_SIGNS
from symdiff.rendering.formulas.written import Written, scaled

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


LETTERS = GREEK_LETTERS | {"epsilon": "ϵ", "phi": "ϕ"}
"""Greek letters in the forms that LaTeX gives them."""
# fmt: off
SIGNS = {
    "partial": "∂", "nabla": "∇", "top": "⊤", "to": "→", "times": "×", "cdot": "⋅", "odot": "⊙",
    "otimes": "⊗", "in": "∈", "sum": "∑", "prod": "∏", "circ": "∘", "infty": "∞", "approx": "≈", "leq": "≤",
    "geq": "≥", "pm": "±", "langle": "⟨", "rangle": "⟩", "lVert": "‖", "rVert": "‖", "dots": "…",
    "cdots": "⋯", "vdots": "⋮", ",": "thin", ";": "med", "quad": "quad", "!": "", "textstyle": "",
    "displaystyle": "",
}
# fmt: on
ALPHABETS = {"mathrm": "upright", "mathbf": "bold", "mathbb": "bb", "mathit": "italic", "mathcal": "cal"}
ACCENTS = {"bar": "macron", "dot": "dot", "hat": "hat", "tilde": "tilde"}
_KNOWN = {("bb", "R"): "ℝ"}
_FENCES = {"|": "abs", r"\|": "norm"}
_TOKENS = re.compile(r"\\[A-Za-z]+|\\.|[0-9.]+|[^\s]")
_SLOTS = "".join(chr(0xE000 + i) for i in range(10))
"""Stand for {0}, {1}, … while a pattern is read."""


@cache
def form(latex: str) -> str:
    """A pattern with {0}, {1}, … for Typst, from one for LaTeX."""
    text = spelled(latex.format(*_SLOTS))
    for number, slot in enumerate(_SLOTS):
        text = text.replace(slot, f"{{{number}}}")
    return text


@cache
def spelled(latex: str) -> str:
    """A piece of LaTeX as one of Typst."""
    return sequence(iter(_TOKENS.findall(latex)), "")


def sequence(tokens: Iterator[str], end: str) -> str:
    """What stands before `end`, with blanks where two parts would run together."""
    text = ""
    for token in tokens:
        if token == end:
            break
        part = _part(token, tokens)
        apart = text and part and (text[-1] + part[0]).isalnum() and part[0] not in _SLOTS
        text += (" " if apart or (text and text[-1].isalpha() and part[:1] in _SLOTS) else "") + part
    return text


def _part(token: str, tokens: Iterator[str]) -> str:
    name = token[1:]
    if token in "^_":
        return f"{token}({_group(tokens)})"
    if token == "{":
        return sequence(tokens, "}")
    if not token.startswith("\\"):
        return f"\\{token}" if token in '/,;:#$&"*~' else token
    if name == "frac":
        return f"frac({_group(tokens)}, {_group(tokens)})"
    if name == "left":
        return _fenced(tokens)
    if name == "operatorname":
        return operator(_letters(tokens))
    return _named(name, tokens)


def _named(name: str, tokens: Iterator[str]) -> str:
    if name == "sqrt" or name in ACCENTS:
        return f"{ACCENTS.get(name, name)}({_group(tokens)})"
    if name in ALPHABETS:
        inside = _letters(tokens)
        return _KNOWN.get((ALPHABETS[name], inside), f"{ALPHABETS[name]}({spaced(inside)})")
    if name in GREEK:
        return LETTERS[name]
    return SIGNS[name] if name in SIGNS else operator(name)


def _group(tokens: Iterator[str]) -> str:
    token = next(tokens, "")
    return _part(token, tokens) if token else ""


def _fenced(tokens: Iterator[str]) -> str:
    """\\left( … \\right): brackets grow of themselves; bars, which have no sides, are functions."""
    opening = next(tokens)
    inner = sequence(tokens, r"\right")
    closing = next(tokens)
    if opening in _FENCES:
        return f"{_FENCES[opening]}({inner})"
    return _part(opening, tokens) + inner + _part(closing, tokens)


def _letters(tokens: Iterator[str]) -> str:
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
_BETWEEN_WORDS_ALONE = re.compile(r"(?<!\w)[-/']|[-/'](?!\w)")
"""Inside a word these are plain text; elsewhere they begin a list, a comment, a quotation."""
_DOTS = re.compile(r"(?<=\d)\.(?=\s|$)|\.(?=\.)")
"""A number with a point begins a list, three points are a sign."""


def typst_words(text: str) -> str:
    """`text` as it stands, in Typst's markup."""
    line = " ".join(text.split("\n"))
    for special in (_ALWAYS, _BETWEEN_WORDS_ALONE, _DOTS):
        line = special.sub(r"\\\g<0>", line)
    return line


def typst_string(text: str) -> str:
    """`text` as a string of Typst's code, in quotes."""
    inside = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{inside}"'


_TYPST_TOKENS = re.compile(r'"[^"]*"|#\[,\]|[A-Za-z]{2,}|\\.|[^\s]')
_CHARACTERS = {SIGNS[n]: LATEX_SIGNS[f"\\{n}"] for n in SIGNS if f"\\{n}" in LATEX_SIGNS}
_LETTERS = {letter: LATEX_SIGNS[f"\\{name}"] for name, letter in LETTERS.items()}
WIDTHS = (
    {"→": 1000.0, "ℝ": 722.0, "⋯": 1170.0, "…": 1170.0, "⋮": 278.0, "#[,]": 278.0} | _CHARACTERS | _LETTERS
)
_BINARY = {"+": 1222, "-": 1222, "⋅": 722, "=": 1334, "≈": 1334, "≤": 1334, ">": 1334, "∘": 944}
_MARKS = {c: LATEX_SIGNS[c] for c in "()|:./!"} | {"[": 278.0, "]": 278.0}
_ESCAPED = {r"\,": 445.0, r"\;": 445.0, r"\/": 500.0, r"\(": 389.0, r"\)": 389.0}
_SPACES = {"thin": 167.0, "med": 222.0, "quad": 1000.0, "wide": 2000.0}
_ADDED = {"sqrt": RADICAL, "boxed": BOX, "abs": 556, "norm": 1000}


@lru_cache(maxsize=4096)
def typst_points(formula: str) -> float:
    """The width of a Typst formula in display style, in points at 10 pt."""
    return _TypstWalk(_TYPST_TOKENS.findall(formula)).sequence() / 100


class _TypstWalk:
    """One pass over the tokens; widths in hundredths of a point."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens, self.position = tokens, 0

    def next(self) -> str:
        self.position += 1
        return self.tokens[self.position - 1]

    def peek(self) -> str:
        return self.tokens[self.position] if self.position < len(self.tokens) else ""

    def sequence(self, script: int = 0, ends: str = "") -> float:
        """The width up to one of `ends` outside brackets, which is taken as well."""
        width, depth = 0.0, 0
        while self.position < len(self.tokens):
            token = self.next()
            if not depth and token in ends:
                self.position -= 1
                break
            depth += (token == "(") - (token == ")")
            width += self.scripts(token, script) if token in "^_" else self.atom(token, script)
        return width

    def scripts(self, first: str, script: int) -> float:
        """An index and an exponent stand above one another: the wider counts."""
        widths = [self.group(script + 1)]
        if self.peek() in ("^", "_") and self.peek() != first:
            self.next()
            widths.append(self.group(script + 1))
        return max(widths) + 50

    def group(self, script: int) -> float:
        """What is raised or lowered, in brackets that are not written."""
        self.next()
        width = self.sequence(script, ")")
        self.next()
        return width

    def arguments(self, script: int) -> list[list[float]]:
        """The widths of a function's arguments, in rows where semicolons divide them."""
        self.next()
        rows: list[list[float]] = [[]]
        while True:
            rows[-1].append(self.sequence(script, ",;)"))
            end = self.next() if self.peek() else ")"
            if end == ")":
                return rows
            if end == ";":
                rows.append([])

    def atom(self, token: str, script: int) -> float:
        scale = SCRIPT ** min(script, OUTERMOST_SCRIPT)
        if token[0] == '"':
            return sum(ROMAN.get(c, 500) for c in token[1:-1]) * scale
        if token in _SPACES:
            return _SPACES[token] * scale
        if len(token) > 1 and token[0].isalpha():
            return self.function(token, script, scale)
        if token in _BINARY:
            return _BINARY[token] * scale if not script else (778 if token in "+-=" else 278) * scale
        for table in (WIDTHS, _MARKS, _ESCAPED):
            if token in table:
                return table[token] * scale
        return (ITALIC.get(token, 500) + 30) * scale

    def function(self, name: str, script: int, scale: float) -> float:
        rows = self.arguments(script)
        if name == "op":
            return rows[0][0] + 167 * scale
        if name == "mat":
            columns = [max(row[k] for row in rows if k < len(row)) for k in range(max(map(len, rows)))]
            return sum(columns) + COLUMN_GAP * (len(columns) - 1) + BRACKETS
        if name in ("frac", "underbrace"):
            return max(rows[0]) + (FRACTION_BAR if name == "frac" else 0)
        return rows[0][-1] + _ADDED.get(name, 0)
