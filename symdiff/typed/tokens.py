"""Typed mathematics to tokens: one stream for plain text, Unicode and LaTeX, each token with its place.

What is written in two ways is one token: · and `\\cdot`, α and `\\alpha` and alpha, `x²` and `x^{2}`. In
LaTeX letters stand for themselves, `ax` is a and x; elsewhere `ax` is one name.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator
from difflib import get_close_matches
from typing import NamedTuple

from symdiff.errors import InputError
from symdiff.expr import names


class Token(NamedTuple):
    """A number, a name, a sign, a command of LaTeX, the end of a line or of the text; where it stands."""

    kind: str
    text: str
    start: int
    end: int


class TypedError(InputError):
    """Something cannot be read; `start` is its place in the text."""

    def __init__(self, what: str, start: int, way_out: str = "") -> None:
        super().__init__(what, way_out=way_out)
        self.start = start


_LATEX = re.compile(r"\\[A-Za-z|,;:!{(\[]|\$|[_^]\{|\{,\}")


def is_latex(text: str) -> bool:
    """Whether a text is LaTeX: it has a command, a dollar, or an index or exponent in braces."""
    return bool(_LATEX.search(text))


_SPACES = r"[ \t\f\v\r\u00a0\u2000-\u200a\u202f\u205f\u2061\u2062\u3000\u2500-\u257f]+"
"""Blanks of any width, what MathML puts between things, and the frame round a result of ours."""
_NUMBER = r"(?:[0-9]+(?:_[0-9]+)*(?:\.(?:[0-9]+(?:_[0-9]+)*)?)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_LETTER = "A-Za-zÀ-ÖØ-öø-ÿĀ-ž"
"""Letters of words: année is a name."""
_WORD = (
    rf"(?<![\w)\]}}'])_+[{_LETTER}][{_LETTER}0-9_]*"
    rf"|[{_LETTER}][{_LETTER}0-9]*(?:_+[{_LETTER}0-9]+)*(?:_+(?![_{{(A-Za-z0-9]))?"
)
"""A name outside LaTeX. An underscore before a brace or a bracket lowers what stands in it: x_{t-1}."""
_PARTS = rf"""
    (?P<blank>{_SPACES}|\\\n)
  | (?P<newline>\n)
  | (?P<number>{_NUMBER})
  | (?P<name>%s)
  | (?P<raised>[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁱⁿᵀᵃᵇᶜᵈᵉᶠᵍʰʲᵏˡᵐᵒᵖʳˢᵗᵘᵛʷˣʸᶻ]+)
  | (?P<lowered>[₀₁₂₃₄₅₆₇₈₉₊₋₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ]+)
  | (?P<sign>\*\*|==|!=|<=|>=|:=|[-+*/@()\[\]{{}},;:.=<>^_&|'])
"""
_PLAIN = re.compile(_PARTS % _WORD + r"| (?P<comment>\#[^\n]*)", re.VERBOSE)
_TEX = re.compile(
    r"(?P<decimal>[0-9]+\{,\}[0-9]+)"
    r"| (?P<fence>\\(?:left|right|[bB]igg?[lrm]?|middle)(?![A-Za-z])\s*\.?)"
    r"| (?P<environment>\\(?:begin|end)\s*\{[a-z]+\*?\})"
    r"| (?P<word>\\(?:operatorname\*?|mathrm|mathit|mathsf|mathtt|text|textrm|textit|textup)\s*"
    rf"(?:\{{\s*(?:\\?_)*[{_LETTER}](?:[{_LETTER}0-9 ]|\\?_|\\,)*\}}|[A-Za-z]))"
    r"| (?P<row>\\\\(?:\[[^\]\n]*\])?)"
    r"| (?P<space>\\[,;:!\ >]|~|\$+|\\[\[\]()]|%[^\n]*)"
    r"| (?P<command>\\(?:[A-Za-z]+|[|{}]))"
    rf"| {_PARTS % '[A-Za-z]'}",
    re.VERBOSE,
)

_SAME = {
    **dict.fromkeys("−–‐‑﹣", "-"),  # noqa: RUF001 - these are the signs that people type for a minus
    **dict.fromkeys("·⋅∙•‧", "·"),
    **dict.fromkeys("×✕", "×"),
    **dict.fromkeys("⊙∘○⊛", "⊙"),
    **dict.fromkeys("\u2215\u2044÷", "/"),
    **dict.fromkeys("∗⁎", "*"),  # noqa: RUF001
    **dict.fromkeys("′’ʹ", "'"),  # noqa: RUF001
    **dict.fromkeys("\u2223\u2758", "|"),
    **dict.fromkeys("‖∥", "‖"),
    **dict.fromkeys("⊤\u27d9", "⊤"),
    **{"≤": "<=", "⩽": "<=", "≥": ">=", "⩾": ">=", "≠": "!=", "≔": "=", "∑": "∑", "√": "√"},
    **{"∈": "∈", "ℝ": "ℝ", "𝟏": "𝟏", "\U0001d7d9": "𝟏", "⟨": "⟨", "⟩": "⟩", "∞": "∞", "∏": "∏", "≈": "≈"},
}
_WIDE = {number: number - 0xFEE0 for number in range(0xFF01, 0xFF5F)}
"""Letters and signs as wide as Chinese ones."""
_COMMANDS = {
    **{"cdot": "·", "times": "×", "odot": "⊙", "circ": "⊙", "div": "/", "top": "⊤", "intercal": "⊤"},
    **dict.fromkeys(("le", "leq", "leqslant"), "<="),
    **dict.fromkeys(("ge", "geq", "geqslant"), ">="),
    **dict.fromkeys(("ne", "neq"), "!="),
    **dict.fromkeys(("vert", "lvert", "rvert", "mid"), "|"),
    **dict.fromkeys(("|", "Vert", "lVert", "rVert", "parallel"), "‖"),
    **{"lt": "<", "gt": ">", "in": "∈", "sum": "∑", "prod": "∏", "infty": "∞", "langle": "⟨", "rangle": "⟩"},
    **{"{": "(", "}": ")", "lbrace": "(", "rbrace": ")", "lbrack": "[", "rbrack": "]", "prime": "'"},
    **{"coloneqq": "=", "ast": "*", "slash": "/", "lparen": "(", "rparen": ")", "approx": "≈", "surd": "√"},
}
_SILENT = {
    *(
        "displaystyle",
        "textstyle",
        "scriptstyle",
        "limits",
        "nolimits",
        "quad",
        "qquad",
        "enspace",
        "thinspace",
    ),
    *(
        "boxed",
        "mathopen",
        "mathclose",
        "mathord",
        "mathbin",
        "mathrel",
        "strut",
        "hfill",
        "nonumber",
        "notag",
    ),
    *("allowbreak", "medspace", "negthinspace", "mathstrut", "hspace", "fbox", "ensuremath"),
}
_STYLES = {"mathbf", "boldsymbol", "bm", "vec", "symbf", "mathcal", "mathbb", "pmb", "bf", "mathnormal"}
_VARIANTS = {
    "varepsilon": "epsilon",
    "vartheta": "theta",
    "varphi": "phi",
    "varrho": "rho",
    "varsigma": "sigma",
}
ACCENTS = {
    **{
        "hat": "hat",
        "widehat": "hat",
        "bar": "bar",
        "overline": "bar",
        "tilde": "tilde",
        "widetilde": "tilde",
    },
    "dot": "dot",
}
"""The commands for what stands over a letter, and how a name says it: \\hat{y} is yhat."""
STRUCTURES = {
    *("frac", "dfrac", "tfrac", "cfrac", "sqrt", "underbrace", "overbrace", *ACCENTS),
    *("begin", "end", "binom", "partial", "nabla", "int"),
}
"""Commands that take what follows, which the grammar reads."""
_MARKS = {"\u0302": "hat", "\u0304": "bar", "\u0305": "bar", "\u0303": "tilde", "\u0307": "dot"}
GREEK = frozenset({*map(str.lower, names.GREEK), "omicron"})
"""The Greek letters by their names, small and capital alike."""
SHORT_WORDS = frozenset({"tr", "ch", "sh", "th", "tg"})
"""Functions that are letters side by side in LaTeX."""
_ASKED = {"∂": "a derivative", "∇": "a gradient", "∫": "an integral"}
_ARROWS = "→↦⟶⟼⇒⇔←"
LIKELY = 0.8
"""How near a command must be to one that is read: `aplha` is meant by alpha, `input` is not by int."""
_LOWERED = tuple("_₁₂₃₄₅₆₇₈₉")
"""What stands after ∂ in ∂₂f(x, y), a derivative that is read."""


def tokens(text: str, words: Collection[str] = (), latex: bool = False) -> list[Token]:
    """The tokens of a text; in LaTeX, `words` are names of several letters.

    Raises:
        TypedError: a character or a command that is not part of typed mathematics.
    """
    return [*_Scanner(text, words, latex).run(), Token("end", "", len(text), len(text))]


class _Scanner:
    """Goes through a text from left to right."""

    def __init__(self, text: str, words: Collection[str], latex: bool) -> None:
        self.text, self.words, self.latex = text.translate(_WIDE), words, latex
        self.pattern = _TEX if latex else _PLAIN
        self.at = 0

    def run(self) -> Iterator[Token]:
        while self.at < len(self.text):
            found = self.pattern.match(self.text, self.at)
            if found is None:
                yield from self.other()
                continue
            start, self.at = self.at, found.end()
            kind, text = str(found.lastgroup), found[0]
            read = getattr(self, f"_{kind}", None)
            if read is not None:
                yield from read(text, start)
            elif kind not in ("blank", "comment", "fence", "space"):
                yield Token(kind, text, start, self.at)

    def _sign(self, text: str, start: int) -> Iterator[Token]:
        yield Token("sign", "=" if text == ":=" else text, start, self.at)

    def _decimal(self, text: str, start: int) -> Iterator[Token]:
        yield Token("number", text.replace("{,}", "."), start, self.at)

    def _row(self, text: str, start: int) -> Iterator[Token]:
        yield Token("sign", "\\\\", start, self.at)

    def _environment(self, text: str, start: int) -> Iterator[Token]:
        command, _, name = text[1:-1].partition("{")
        yield Token("command", f"{command.strip()} {name.strip('*')}", start, self.at)

    def _word(self, text: str, start: int) -> Iterator[Token]:
        """\\operatorname{softmax}: one name; an upright T transposes."""
        found = re.sub(r"\\[a-z]+\*?\s*\{?\s*|\s*\}", "", text.replace("\\,", " ")).replace(r"\_", "_")
        is_top = found == "T" and not text.startswith(r"\operatorname")
        name = "_".join(found.split()) if "operatorname" in text or " " not in found else ""
        if not name:
            raise TypedError(f"{text} is no name", start, "only formulas are read")
        yield Token("sign", "⊤", start, self.at) if is_top else Token("name", name, start, self.at)

    def _raised(self, text: str, start: int) -> Iterator[Token]:
        """Superscripts, as ^{…}; all signs of one run stand in it."""
        yield Token("sign", "^", start, start)
        yield from self.moved(text, start)

    def _lowered(self, text: str, start: int) -> Iterator[Token]:
        yield Token("sign", "_", start, start)
        yield from self.moved(text, start)

    def moved(self, text: str, start: int) -> Iterator[Token]:
        """A run of raised or lowered signs, as what they are on the line, in braces."""
        line = "".join("⊤" if c == "ᵀ" else unicodedata.normalize("NFKC", c) for c in text)
        yield Token("sign", "{", start, start)
        for part in re.finditer(r"[0-9]+|[A-Za-z]|.", line.replace("−", "-")):
            kind = "number" if part[0].isdigit() else "name" if part[0].isalpha() else "sign"
            yield Token(kind, part[0], start + part.start(), start + part.end())
        yield Token("sign", "}", self.at, self.at)

    def _name(self, text: str, start: int) -> Iterator[Token]:
        """A name; in LaTeX a letter, unless a word that is known stands there."""
        if self.latex:
            run = re.compile("[A-Za-z]+").match(self.text, start)
            word = run[0] if run else text
            if len(word) > 1 and word in self.words:
                self.at = start + len(word)
                yield Token("name", word, start, self.at)
                return
            self.check_run(word, start)
        elif not text[0].isascii() and not text[1:2].isalpha() and (letter := _letter(text[0])):
            self.at = start + 1  # ŷ alone is y with a hat; in a word it is a letter
            yield Token("name", letter, start, self.at)
            return
        mark = self.text[self.at : self.at + 1]
        if mark and unicodedata.combining(mark):
            if len(text) > 1:
                raise TypedError("an accent stands on a name of one letter", self.at, f"write {text[-1]}hat")
            yield self.accented(text, start)
            return
        yield Token("name", text, start, self.at)

    def check_run(self, word: str, start: int) -> None:
        """Letters in a row that are hardly a product, as a function without its backslash."""
        if self.text[start - 1 : start].isalpha() and self.text[start - 1 : start].isascii():
            return
        if word in SHORT_WORDS and self.text[start + len(word) :].lstrip().startswith(("(", "\\left")):
            product = f"{' '.join(word)} (…) for a product"
            raise TypedError(
                f"{word}(…) can be read in two ways",
                start,
                f"write \\operatorname{{{word}}}(…), or {product}",
            )
        inside = next(
            (w for w in sorted(self.words, key=len, reverse=True) if len(w) > 1 and word.startswith(w)), ""
        )
        if inside or len(word) > 3:
            product = " ".join(word)
            way_out = (
                f"write \\{inside} {word[len(inside) :]}" if inside else f"one name is \\mathrm{{{word}}}"
            )
            raise TypedError(f"{word} is {product} in LaTeX", start, way_out)

    def accented(self, letter: str, start: int) -> Token:
        """A letter with what stands over it: x̂ is xhat."""
        mark = unicodedata.combining(self.text[self.at : self.at + 1] or " ") and self.text[self.at]
        self.at += 1
        if mark not in _MARKS or unicodedata.combining(self.text[self.at : self.at + 1] or " "):
            raise TypedError(
                "an accent that is not read", start, "a bar, a hat, a tilde or a dot may stand on a letter"
            )
        return Token("name", letter + _MARKS[mark], start, self.at)

    def _command(self, text: str, start: int) -> Iterator[Token]:
        """A command of LaTeX: a sign, a letter, a function, or what the grammar reads."""
        name = text[1:]
        name = _VARIANTS.get(name, name)
        if name in _SILENT:
            return
        if name in _COMMANDS:
            yield Token("sign", _COMMANDS[name], start, self.at)
        elif name in STRUCTURES:
            yield Token("command", name, start, self.at)
        elif name in _STYLES:
            yield from self.styled(name, start)
        elif name in self.words or name.lower() in GREEK:
            yield Token("name", name, start, self.at)
        else:
            known = {*self.words, *GREEK, *_COMMANDS, *STRUCTURES, *_SILENT, *_STYLES}
            near = get_close_matches(name, known, 1, LIKELY)
            way_out = f"did you mean {near[0]!r}?" if near else "write what it stands for"
            raise TypedError(f"\\{name} is not read", start, way_out)

    def styled(self, style: str, start: int) -> Iterator[Token]:
        """\\mathbf{x} is x; \\mathbb{R} and a bold 1 are signs of their own."""
        found = re.compile(r"\s*(?:\{\s*([A-Za-z0-9])\s*\}|([A-Za-z0-9]))").match(self.text, self.at)
        inner = (found[1] or found[2]) if found else ""
        if found and (style, inner) in (
            ("mathbb", "R"),
            ("mathbb", "1"),
            ("mathbf", "1"),
            ("boldsymbol", "1"),
        ):
            self.at = found.end()
            yield Token("sign", {"R": "ℝ", "1": "𝟏"}[inner], start, self.at)
        elif style == "mathbb":
            raise TypedError("\\mathbb is read in \\mathbb{R} and \\mathbb{1} only", start)

    def other(self) -> Iterator[Token]:
        """A character outside ASCII: a sign, a letter, a fraction; anything else is refused."""
        start, sign = self.at, self.text[self.at]
        self.at += 1
        plain = unicodedata.normalize("NFKC", sign)
        if sign in _SAME:
            yield Token("sign", _SAME[sign], start, self.at)
        elif "\u2044" in plain and plain.replace("\u2044", "").isdigit():
            yield from self.fraction(plain, start)
        elif (letter := _letter(sign)) and unicodedata.combining(self.text[self.at : self.at + 1] or " "):
            yield self.accented(letter, start)
        elif letter:
            number = "" if self.latex or letter == "pi" else self.number_after()
            yield Token("name", letter + number, start, self.at)
        elif sign == "∂" and self.text[self.at : self.at + 1] in _LOWERED:
            yield Token("sign", sign, start, self.at)
        elif sign in _ASKED:
            way_out = "write the formula; its derivatives are what is worked out"
            raise TypedError(f"{_ASKED[sign]} is not read in a formula", start, way_out)
        elif sign in _ARROWS:
            raise TypedError("an arrow is not read", start, "write f(x) = x**2 for a function")
        elif sign == "\\":
            raise TypedError("a backslash begins a command of LaTeX", start)
        else:
            raise TypedError(f"{_shown(sign)} is not part of the language", start)

    def number_after(self) -> str:
        """The number of a letter, as θ1 has it: it is a name as x1 is; θ1x and θ1.5 are not."""
        found = re.compile(r"[0-9]+(?![A-Za-z_]|\.[0-9])").match(self.text, self.at)
        self.at = found.end() if found else self.at
        return found[0] if found else ""

    def fraction(self, plain: str, start: int) -> Iterator[Token]:
        """½ as (1/2)."""
        over, _, under = plain.partition("\u2044")
        yield Token("sign", "{", start, start)
        for kind, text in (("number", over), ("sign", "/"), ("number", under)):
            yield Token(kind, text, start, self.at)
        yield Token("sign", "}", self.at, self.at)


def _letter(sign: str) -> str:
    """The name of a letter outside ASCII: α is alpha, ȳ is ybar; "" if it is none of a name."""
    plain = unicodedata.normalize("NFKD", sign)
    base, marks = plain[0], plain[1:]
    if not base.isascii():
        words = unicodedata.name(base, "").replace("FINAL ", "").split(" ")
        if words[:1] != ["GREEK"] or words[2:3] != ["LETTER"] or len(words) != 4:
            return ""
        greek = words[3].lower().replace("lamda", "lambda")
        base = greek.capitalize() if words[1] == "CAPITAL" else greek
    if not base.isalpha() or len(marks) > 1 or not all(mark in _MARKS for mark in marks):
        return ""
    return base + "".join(_MARKS[mark] for mark in marks)


def _shown(sign: str) -> str:
    """A character in a message: as it is, or its number where nothing would be seen."""
    number = f"U+{ord(sign):04X}"
    return repr(sign) if sign.isprintable() and not unicodedata.combining(sign) else f"the character {number}"
