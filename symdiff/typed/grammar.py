"""Tokens to a tree, by precedences: what stands side by side is a product, `sin 2x` is the sine of 2x.

    equation   = sum [= sum]           a newline, a semicolon or \\\\ ends it
    sum        = product {+ product}   comparisons, and, or, if … else stand above it, as in Python
    product    = side by side {·, *, /, @, ×, ⊙ …}
    side       = power {power}         2x, W x, (a)(b)
    power      = primary ^ exponent    to the right: 2^3^2 is 2^9; -x^2 is −(x²)

A function without brackets takes what stands beside it up to the next sign. What can be read in two ways is
refused with both: `1/2x`, `log x/y`, `exp x (1-x)`, `e^2x`. What a name means is not known here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from keyword import kwlist
from typing import NamedTuple, NoReturn

from symdiff.typed.derivatives import with_derivatives
from symdiff.typed.tokens import ACCENTS, Token, TypedError, is_latex


class Node(NamedTuple):
    """A part of a formula: its kind, what it says, its own parts, its place, and that with its brackets."""

    kind: str
    text: str
    parts: tuple[Node, ...]
    start: int
    end: int
    left: int
    right: int

    @property
    def is_bracketed(self) -> bool:
        return self.left < self.start


NOTHING = Node("nothing", "", (), 0, 0, 0, 0)
"""A part that is left out, as the start of a slice."""
CHOICE, OR, AND, NOT, COMPARISON, SUM, PRODUCT, SIGN, BESIDE, POWER = 1, 2, 3, 4, 5, 10, 20, 25, 30, 40
_LEVELS = {
    **{"or": OR, "and": AND},
    **dict.fromkeys(("<", ">", "<=", ">=", "==", "!="), COMPARISON),
    **dict.fromkeys("+-", SUM),
    **dict.fromkeys("*/@·×⊙", PRODUCT),
}
_KEYWORDS = {"if", "else", "and", "or", "not"}
_STARTERS = set("([{√∑𝟏⟨")
_BODIES = {"frac", "dfrac", "tfrac", "cfrac", "sqrt", "underbrace", "overbrace", *ACCENTS}
_MATRICES = {"matrix", "pmatrix", "bmatrix", "Bmatrix", "smallmatrix", "array"}
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_NO_FACTORS = {*kwlist} - {"lambda", "in", "is", "as"}
_NO_FACTORS |= {"let", "where", "with", "lim", "mod", "div", "given"}
"""Words of Python and of prose, which beside a name make no product."""
MOST_NESTED = 120
"""Brackets, fractions, exponents inside one another: beyond it nobody reads a formula."""


def read_equations(
    found: list[Token],
    text: str,
    functions: Mapping[str, int | None],
    names: Collection[str] = (),
    decimal: str = "auto",
) -> list[Node]:
    """The equations and expressions of a text.

    `functions` are words with the number of their arguments, `names` are known to be none.

    Raises:
        TypedError: the text is no formula, or can be read in two ways.
    """
    found = with_derivatives(_within_lines(found, text), {*functions, *names})
    return _Parser(found, text, functions, names, decimal).equations()


def _within_lines(found: list[Token], text: str) -> list[Token]:
    """The tokens without the ends of lines inside brackets or formulas, and without marks of layout."""
    kept: list[Token] = []
    depth, inside, matrices, column = 0, False, 0, 0
    for number, token in enumerate(found):
        if token.kind == "newline" and token.text == "$":
            inside = not inside
        elif token.kind == "newline" and (depth or inside or _goes_on(kept, found[number + 1], text, column)):
            continue
        elif token.kind == "command" and token.text.split(" ")[0] in ("begin", "end"):
            command, name = token.text.split(" ")
            is_matrix = name in _MATRICES or name == "cases"
            matrices += (1 if command == "begin" else -1) * is_matrix
            depth += 1 if command == "begin" else -1
            if not is_matrix:
                continue
        elif token.text == "&" and not matrices:
            continue
        elif token.text == "\\\\" and not matrices:
            token = token._replace(kind="newline")
        depth += (token.text in _CLOSING) - (token.text in (")", "]", "}")) if token.kind == "sign" else 0
        if token.kind != "newline" and (not kept or kept[-1].kind == "newline"):
            column = _column(token, text)
        kept.append(token)
    return kept


def _values(found: list[Token]) -> Iterator[str]:
    """The names, with their indices, that are not followed by a bracket: x1, and h1 for h_{1}."""
    for number, token in enumerate(found[:-1]):
        if token.kind != "name":
            continue
        end, index = number + 1, ""
        if found[end].text == "_" and found[end + 1].text in ("{", "("):
            inside = end + 2
            while found[inside].kind in ("name", "number") or found[inside].text == ",":
                index += found[inside].text.replace(",", "")
                inside += 1
            end = inside
        while found[end].text in ("}", "'"):
            end += 1
        if found[min(end, len(found) - 1)].text != "(":
            yield token.text.replace("_", "") + index


def _column(token: Token, text: str) -> int:
    return token.start - (text.rfind("\n", 0, token.start) + 1)


def _goes_on(kept: list[Token], token: Token, text: str, column: int) -> bool:
    """Whether a line goes on with the one above: that ends with a sign, or this begins with one, indented."""
    signs = {*"+-*/@·×⊙=", "**"}
    if kept and kept[-1].kind == "sign" and kept[-1].text in signs:
        return True
    return token.kind == "sign" and token.text in signs and _column(token, text) > column


class _Parser:
    """Reads one text. `open` are the brackets and bars around what is read, the innermost last."""

    def __init__(
        self,
        found: list[Token],
        text: str,
        functions: Mapping[str, int | None],
        names: Collection[str],
        decimal: str,
    ) -> None:
        self.tokens, self.text, self.functions, self.decimal = found, text, functions, decimal
        self.at = self.depth = 0
        self.open: list[str] = []
        self.commas: list[bool | None] = [decimal != "point"]
        """Whether a comma between digits is one of a decimal; None where it can be either."""
        self.values = {name.replace("_", "") for name in names} | {*_values(found)}
        """Names that stand without brackets somewhere, which are no functions; x_1 as x1."""
        self.is_latex = is_latex(text)
        self.sums: list[str] = []
        """The indices of the sums around what is read."""

    # The stream.

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    def next(self) -> Token:
        self.at += 1
        return self.tokens[self.at - 1]

    def ahead(self, steps: int = 1) -> Token:
        return self.tokens[min(self.at + steps, len(self.tokens) - 1)]

    def sees(self, *signs: str) -> bool:
        return self.token.kind == "sign" and self.token.text in signs

    def is_word(self, *words: str) -> bool:
        return self.token.kind == "name" and self.token.text in words

    def take(self, sign: str, opened: Token | None = None) -> Token:
        """The sign that must come now; `opened` is the bracket that it closes."""
        if self.sees(sign):
            return self.next()
        if opened is not None and self.token.kind in ("end", "newline"):
            raise TypedError(
                f"the bracket {opened.text} is not closed", opened.start, f"write {sign} where it ends"
            )
        self.unexpected()

    def unexpected(self) -> NoReturn:
        token, before = self.token, self.tokens[self.at - 1] if self.at else None
        sign = before.text if before and before.kind == "sign" else ""
        if token.kind in ("end", "newline"):
            after = f"after {sign}" if sign else "at the end"
            way_out = "write a number or a name there"
            raise TypedError(f"something is missing {after}", token.start, way_out)
        if token.text in (")", "]", "}") and _CLOSING.get(self.open[-1] if self.open else "") == token.text:
            place = f"between {sign} and {token.text}" if sign else f"before {token.text}"
            raise TypedError(f"something is missing {place}", token.start, "write a number or a name")
        if token.text in (")", "]", "}"):
            raise TypedError(f"the bracket {token.text} was never opened", token.start, "take it out")
        if token.text in ("=", "≈"):
            raise TypedError(
                "one = in an equation",
                token.start,
                "write name = formula, each equation on a line of its own",
            )
        if token.text == ",":
            way_out = "a list is written [a, b], several equations stand on lines of their own"
            raise TypedError("a comma cannot stand here", token.start, way_out)
        shown = self.text[token.start : token.end] or self.text[token.start]
        raise TypedError(f"{shown!r} cannot stand here", token.start)

    def two_readings(self, start: int, end: int, one: str, other: str) -> NoReturn:
        what = f"{' '.join(self.text[start:end].split())} can be read in two ways"
        raise TypedError(what, start, f"write {one} or {other}")

    def source(self, node: Node) -> str:
        """The author's text of a node, with its brackets."""
        return self.text[node.left : node.right]

    # Equations.

    def equations(self) -> list[Node]:
        found = []
        while self.token.kind != "end":
            if self.token.kind == "newline" or self.sees(";"):
                self.next()
                continue
            found.append(self.equation())
            if self.sees(".", ",") and (
                self.ahead().kind in ("newline", "end") or self.is_list_of_equations()
            ):
                self.next()
            elif not (self.token.kind in ("newline", "end") or self.sees(";")):
                self.unexpected()
        return found

    def is_list_of_equations(self) -> bool:
        """Whether an equation comes after a comma, before the line ends."""
        rest = self.tokens[self.at :]
        for token in rest:
            if token.kind in ("newline", "end") or token.text == ";":
                return False
            if token.kind == "sign" and token.text == "=":
                return True
        return False

    def equation(self) -> Node:
        """name = formula, or a formula; u = g(x) = formula, as our pages have it, names the function too."""
        left = self.expression(0)
        if not self.sees("="):
            self.skip_claim()
            return left
        self.next()
        right = self.expression(0)
        if self.sees("=") and right.kind == "apply" and all(part.kind == "name" for part in right.parts):
            self.next()
            right = self.expression(0)
        self.skip_claim()
        return _made("equation", "=", left, right)

    def skip_claim(self) -> None:
        """∈ ℝⁿˣᵈ after a formula, as our pages have it: what it says follows from the formula."""
        if self.sees("∈"):
            if self.ahead().text != "ℝ":
                self.unexpected()
            while self.token.kind not in ("newline", "end") and not self.sees(";", ","):
                self.next()

    # Expressions.

    def expression(self, level: int) -> Node:
        """What binds more tightly than `level`."""
        self.deepen()
        left = self.signed(level)
        while (found := self.longer(left, level)) is not None:
            left = found
        self.depth -= 1
        return left

    def deepen(self) -> None:
        """Count one more thing inside another; whoever calls it counts back."""
        self.depth += 1
        if self.depth > MOST_NESTED:
            raise TypedError("nested too deeply", self.token.start, "name the parts, one equation a line")

    def signed(self, level: int) -> Node:
        """An operand with the signs before it."""
        if self.sees("+", "-"):
            token = self.next()
            operand = self.expression(max(SIGN, level))
            return Node(
                "sign", token.text, (operand,), token.start, operand.right, token.start, operand.right
            )
        if self.is_word("not") and level < NOT:
            token = self.next()
            operand = self.expression(NOT - 1)
            return Node("not", "", (operand,), token.start, operand.right, token.start, operand.right)
        return self.operand()

    def longer(self, left: Node, level: int) -> Node | None:
        """`left` with the operation that comes after it, None if none binds more tightly than `level`."""
        token = self.token
        if token.kind == "sign" and token.text == "**" and level < POWER:
            self.next()
            return _made("binary", "**", left, self.expression(POWER - 1))
        at = _LEVELS.get(token.text, 0) if token.kind == "sign" or token.text in _KEYWORDS else 0
        if at == COMPARISON and level < at:
            return self.comparison(left)
        if at and level < at:
            self.next()
            return self.joined(token, left, self.expression(at))
        if self.is_word("if") and level < CHOICE:
            return self.choice(left)
        if level < BESIDE and self.is_operand_next():
            return self.beside(left)
        return None

    def joined(self, sign: Token, left: Node, right: Node) -> Node:
        """An operation; a slash beside a product without a sign is refused."""
        if sign.text == "/":
            if right.kind == "beside" and not right.is_bracketed:
                first = _leftmost(right)
                rest = self.text[first.right : right.right].strip()
                self.two_readings(
                    left.left, right.right,
                    f"({self.source(left)}/{self.source(first)})*{rest}",
                    f"{self.source(left)}/({self.source(right)})",
                )  # fmt: skip
            if (bare := _bare_end(left)) is not None:
                name, argument = bare.parts[0].text, self.source(bare.parts[1])
                self.two_readings(
                    bare.left, right.right,
                    f"{name}({argument})/{self.source(right)}", f"{name}({argument}/{self.source(right)})",
                )  # fmt: skip
        return _made("binary", sign.text, left, right)

    def comparison(self, first: Node) -> Node:
        parts, signs = [first], []
        while self.token.kind == "sign" and _LEVELS.get(self.token.text) == COMPARISON:
            signs.append(self.next().text)
            parts.append(self.expression(COMPARISON))
        return _made("comparison", " ".join(signs), *parts)

    def choice(self, value: Node) -> Node:
        """value if condition else other."""
        self.next()
        condition = self.expression(CHOICE)
        if not self.is_word("else"):
            raise TypedError("if without else", self.token.start, "write a if x > 0 else b")
        self.next()
        return _made("choice", "", value, condition, self.expression(0))

    def is_operand_next(self) -> bool:
        """Whether what comes can only begin an operand, so that it is a factor."""
        token = self.token
        if token.kind == "sign":
            if token.text in ("|", "‖"):
                return not self.closes_bars()
            return token.text in _STARTERS and token.text != "["
        if token.kind == "command":
            return token.text in _BODIES or token.text.startswith("begin ")
        return token.kind == "number" or (token.kind == "name" and token.text not in _KEYWORDS)

    def beside(self, left: Node) -> Node:
        """A product without a sign."""
        token = self.token
        if token.kind == "number":
            before = self.source(left)
            if left.kind == "top":
                raise TypedError("a transpose and a power", left.start, "put one in brackets, (A^T)^2")
            if left.kind == "number":
                way_out = f"write {before}{token.text} for one number, {before}*{token.text} for a product"
                raise TypedError("two numbers side by side", token.start, way_out)
            if left.kind == "beside" and before[-1] in "xX":
                way_out = f"write {before[:-1].strip()}*{token.text} for a product"
                raise TypedError("x is a name, no sign of a product", left.right - 1, way_out)
            factor = f"({before})" if left.kind == "beside" else before
            way_out = f"write {token.text}*{factor}, or {factor}^{token.text} for a power"
            raise TypedError("a number after a factor", token.start, way_out)
        for word in (left.text if left.kind == "name" else "", token.text if token.kind == "name" else ""):
            if word in _NO_FACTORS:
                raise TypedError(
                    f"{word} is no factor", token.start, f"write {word}*… where it is a name of yours"
                )
        return _made("beside", "", left, self.expression(BESIDE))

    # Operands.

    def operand(self) -> Node:
        """A primary with its indices, arguments, exponents."""
        token = self.token
        is_name = token.kind == "name" and token.text not in _KEYWORDS
        found = self.named() if is_name else self.primary()
        while (longer := self.extended(found)) is not None:
            found = longer
        return found

    def primary(self) -> Node:
        token = self.token
        if token.kind == "number":
            return self.number()
        if token.kind == "command":
            return self.command()
        if token.kind != "sign":
            self.unexpected()
        match token.text:
            case "{" if self.text[token.start : token.end] and not self.is_latex:
                raise TypedError("braces are no brackets here", token.start, "write ( and )")
            case "(" | "{":
                return self.bracketed()
            case "[":
                return self.listed("list", "]")
            case "|" | "‖":
                return self.bars()
            case "√":
                return self.root()
            case "∑":
                return self.summed()
            case "𝟏":
                self.next()
                return _leaf("ones", token)
            case "⊤":
                self.next()
                return _leaf("top", token)
        self.unexpected()

    def number(self) -> Node:
        """A number, with a comma for its decimals where that is what it is."""
        token = self.next()
        comma, digits = self.token, self.ahead()
        if token.text == "0" and comma.kind == "name" and comma.start == token.end:
            shown = self.text[token.start : comma.end]
            raise TypedError(
                f"{shown} is no decimal number", token.start, f"write 0*{comma.text} for a product"
            )
        close = (
            comma.text == ","
            and digits.kind == "number"
            and (token.end, comma.end) == (comma.start, digits.start)
        )
        if close and token.text.isdigit() and digits.text[0].isdigit() and "." not in digits.text:
            if self.commas[-1] is None:
                shown = f"{token.text},{digits.text}"
                self.two_readings(token.start, digits.end, shown.replace(",", "."), shown.replace(",", ", "))
            if self.commas[-1]:
                self.next()
                self.next()
                token = Token("number", f"{token.text}.{digits.text}", token.start, digits.end)
        return _leaf("number", token)

    def named(self) -> Node:
        """A name, or a function with its arguments."""
        token = self.next()
        name = _leaf("name", token)
        if token.text == "Sigma" and self.sees("_") and self.is_sum_index():
            return self.summed(token)
        if token.text in ("log", "lg", "ln") and self.sees("_"):
            name = self.based(name)
        if name.text.replace("_", "") in ("log2", "log10"):
            name = name._replace(text=name.text.replace("_", ""))
        if name.text not in self.functions:
            return name
        if self.sees("^"):
            return self.power_of_function(name)
        if self.sees("(", "{") or not (self.is_operand_next() or self.sees("-")):
            return name
        return self.applied(name)

    def based(self, name: Node) -> Node:
        """log₂ and log₁₀ are functions of their own."""
        self.next()
        base = self.index()
        if base.text not in ("2", "10"):
            raise TypedError("a logarithm has base 2 or 10 here, or none", base.start, "write log(x)/log(b)")
        return name._replace(text=f"log{base.text}", end=base.right, right=base.right)

    def power_of_function(self, name: Node) -> Node:
        """sin² x is (sin x)²; sin⁻¹ is refused."""
        exponent = self.exponent()
        if exponent.kind == "sign":
            inverse = f"a{name.text}" if name.text[:1] in "sct" else f"the inverse of {name.text}"
            way_out = f"1/{name.text}(x) or {inverse}(x)" if inverse.startswith("a") else f"1/{name.text}(x)"
            what = f"{name.text} to the power of −1 can be read in two ways"
            raise TypedError(what, name.start, f"write {way_out}")
        applied = self.call(name) if self.sees("(") else self.applied(name)
        return _made("raised", "", applied, exponent)._replace(
            start=name.start, left=name.start, end=applied.right, right=applied.right
        )

    def applied(self, name: Node) -> Node:
        """A function without brackets: of the factors beside it, up to the next sign."""
        arity = self.functions[name.text]
        if arity != 1 or not (self.is_operand_next() or self.sees("-", "+")):
            raise TypedError(f"{name.text} needs brackets", name.start, f"write {name.text}(…)")
        argument = self.expression(BESIDE)
        while self.is_operand_next() and not self.is_function_next():
            if self.sees("(", "|", "‖", "⟨"):
                return self.bare_before_bracket(name, argument)
            argument = self.beside(argument)
        return _made("apply", "bare", name, argument)

    def bare_before_bracket(self, name: Node, argument: Node) -> NoReturn:
        """Refuse `exp x (1-x)`."""
        follows = self.operand()
        inside, after = self.source(argument), self.source(follows)
        self.two_readings(
            name.left, follows.right, f"{name.text}({inside})*{after}", f"{name.text}({inside}*{after})"
        )

    def is_function_next(self) -> bool:
        return (self.token.kind == "name" and self.token.text in self.functions) or self.sees("∑")

    def extended(self, found: Node) -> Node | None:
        """`found` with an index, arguments, an exponent, a prime or a word after a dot."""
        token = self.token
        if token.kind != "sign":
            return None
        if token.text == "(" and self.is_call(found):
            return self.call(found)
        if token.text == "[" and found.kind == "number" and found.text == "1" and found.end == token.start:
            return self.indicator(found)
        if token.text == "[" and found.kind not in ("number", "ones"):
            return self.indexed(found)
        if (
            token.text == "."
            and self.ahead().kind == "name"
            and (found.kind != "number" or found.is_bracketed)
        ):
            self.next()
            word = self.next()
            return _spanning("attribute", word.text, found, word.end, found)
        if token.text == "'":
            return self.primed(found)
        if token.text == "_":
            self.next()
            if found.kind == "ones" and self.sees("{", "("):
                return self.indicator(found)
            index = self.index()
            return _spanning("lowered", "", found, index.right, found, index)
        if token.text == "⊤":
            self.next()
            return _spanning("transposed", "", found, token.end, found)
        return self.raised(found) if token.text == "^" else None

    def is_call(self, found: Node) -> bool:
        """Whether a bracket holds arguments; after a name that stands alone elsewhere it is a factor."""
        if found.is_bracketed and self.text[found.left] == "(":
            return False
        if found.kind == "lowered":
            base, index = found.parts[0], index_text(found.parts[1])
            return base.kind == "name" and index not in self.sums and base.text + index not in self.values
        if found.kind == "name":
            if found.text in self.functions or found.text.replace("_", "") not in self.values:
                return True
            # Of x(t) nobody can tell what it is: who asks refuses the call.
            return self.ahead().kind in ("name", "number") and self.ahead(2).text == ")"
        if found.kind == "apply":  # D(f)(x), nn.ReLU()(x)
            return found.parts[0].kind == "attribute" or found.parts[0].text == "D"
        return found.kind == "attribute"

    def primed(self, found: Node) -> Node:
        token = self.next()
        is_value = found.kind != "name" or found.text.replace("_", "") in self.values
        if self.sees("'") or (self.sees("(") and not is_value):
            return self.derivative(found, token)
        return _spanning("primed", "", found, token.end, found)

    def indicator(self, one: Node) -> Node:
        """1[x > 0] and a bold 1 with x > 0 below: 1 where the condition holds; with sizes below, 𝟏ₙ."""
        opened = self.next()
        inside = self.expression(0)
        closed = self.take(_CLOSING[opened.text], opened)
        if inside.kind == "comparison":
            return _spanning("indicator", "", one, closed.end, inside)
        if one.kind == "number":
            raise TypedError(
                "an index stands on a name", opened.start, "write 1[x > 0] where a condition is meant"
            )
        return _spanning(
            "lowered", "", one, closed.end, one, inside._replace(left=opened.start, right=closed.end)
        )

    def derivative(self, function: Node, prime: Token) -> Node:
        """f'(x) of a function without a formula, as our pages have it."""
        order = 1
        while self.sees("'"):
            self.next()
            order += 1
        is_own = function.kind == "name" and function.text not in {*self.functions, *self.values}
        if not is_own or not self.sees("(") or order > 2:
            way_out = "write the formula; its derivatives are what is worked out"
            raise TypedError("a derivative is not read in a formula", prime.start, way_out)
        called = self.call(function)
        return called._replace(kind="derivative", text="D" * order)

    def raised(self, base: Node) -> Node:
        """A power; x^2_i is x_i^2."""
        caret = self.token
        exponent = self.exponent()
        if self.sees("_"):
            self.next()
            index = self.index()
            base = _spanning("lowered", "", base, index.right, base, index)
        if self.sees("^") and exponent.is_bracketed and self.text[exponent.left : exponent.left + 1] != "(":
            raise TypedError("two exponents", self.token.start, "put one in brackets")
        if (
            caret.start == caret.end
            and exponent.kind == "name"
            and len(exponent.text) == 1
            and base.text.endswith("bar")
        ):
            raise TypedError(
                "a raised letter is a label or a power", caret.start, f"write ^{exponent.text} for a power"
            )
        return _spanning("raised", "", base, max(exponent.right, base.right), base, exponent)

    def exponent(self) -> Node:
        """What is raised: in braces, or one operand with its sign; it is read to the right, 2^3^2 is 2^9."""
        caret = self.next()
        if self.sees("⊤"):
            return _leaf("top", self.next())
        if self.sees("'"):
            return _leaf("top", self.next())
        if self.sees("{", "(") and self.ahead().text == "⊙" and self.ahead(2).kind == "number":
            return self.by_entries()
        if self.sees("{"):
            if (
                self.ahead().text == "("
                and self.ahead(3).text == ")"
                and self.ahead(2).kind in ("name", "number")
            ):
                raise TypedError(
                    "a label in brackets above a name is not read", caret.start, "write it below: W_1"
                )
            return self.bracketed()
        self.deepen()
        found = self.bare_exponent()
        self.depth -= 1
        return found

    def by_entries(self) -> Node:
        """A^(⊙2): the power of each entry."""
        opened = self.next()
        self.next()
        number = self.number()
        closed = self.take(_CLOSING[opened.text], opened)
        return Node("entries", "", (number,), number.start, number.end, opened.start, closed.end)

    def bare_exponent(self) -> Node:
        token = self.token
        if self.sees("-", "+"):
            self.next()
            operand = self.bare_exponent()
            return Node(
                "sign", token.text, (operand,), token.start, operand.right, token.start, operand.right
            )
        if token.kind == "name" and self.ahead().text == "(" and token.text not in self.functions:
            return self.exponent_before_bracket()
        if (
            token.kind == "name"
            and token.text[:1] == "T"
            and len(token.text) > 1
            and token.text not in self.functions
        ):
            return self.transposed_and_more()
        before = self.tokens[self.at - 2]
        found = self.operand()
        after = self.token
        close = after.start == found.right and (after.kind == "name" or self.sees("("))
        if (
            token.kind == "number"
            and found.kind == "number"
            and close
            and (before.text == "e" or before.kind == "number")
        ):
            rest = "(…)" if after.text == "(" else after.text
            power = f"{before.text}^{found.text}"
            self.two_readings(
                before.start, after.end, f"{power}*{rest}", f"{before.text}^({found.text}*{rest})"
            )
        return found

    def exponent_before_bracket(self) -> Node:
        """e^x(1-x): a power times a bracket, where x is a value; else it may be a function."""
        token = self.next()
        if token.text.replace("_", "") not in self.values and token.text != "T":
            shown = f"{token.text}(…)"
            self.two_readings(token.start, token.end, f"^({token.text})*(…)", f"^({shown})")
        return _leaf("name", token)

    def transposed_and_more(self) -> Node:
        """w^Tx, where a space is missing: the transpose, and x."""
        token = self.token
        first = Token("name", "T", token.start, token.start + 1)
        rest = token.text[1:].lstrip("_")
        self.tokens[self.at : self.at + 1] = [first, Token("name", rest, token.end - len(rest), token.end)]
        return _leaf("top", self.next())

    def index(self) -> Node:
        """What stands below: in braces or brackets, or one letter or number."""
        if self.sees("{", "("):
            opened = self.next()
            if self.sees("}", ")"):
                raise TypedError("an index is missing", opened.start, "write x_1 or x_{t-1}")
            parts = [self.expression(COMPARISON)]
            while self.sees(","):
                self.next()
                parts.append(self.expression(COMPARISON))
            closed = self.take(_CLOSING[opened.text], opened)
            found = parts[0] if len(parts) == 1 else _made("tuple", "", *parts)
            return found._replace(left=opened.start, right=closed.end)
        if self.token.kind in ("number", "name"):
            token = self.next()
            if (
                self.token.kind in ("number", "name")
                and self.token.start == token.end
                and token.start != token.end
            ):
                more = token.text + self.token.text
                self.two_readings(
                    token.start, self.token.end, f"_{{{more}}}", f"_{{{token.text}}} {self.token.text}"
                )
            return _leaf(token.kind, token)
        if self.sees("∞"):
            return _leaf("name", self.next())
        raise TypedError("an index is missing", self.token.start, "write x_1 or x_{t-1}")

    def call(self, function: Node) -> Node:
        """A function with arguments and options."""
        opened = self.next()
        parts: list[Node] = []
        # What is called behind a dot is a program's, where a comma separates: A.transpose(0,1).
        with_commas = function.kind == "name" and self.is_decimal_in_call(function.text)
        self.enter("(", with_commas)
        while not self.sees(")"):
            if self.token.kind == "name" and self.ahead().text == "=":
                key = self.next()
                self.next()
                value = self.expression(0)
                parts.append(
                    Node("option", key.text, (value,), key.start, value.right, key.start, value.right)
                )
            else:
                parts.append(self.expression(0))
            if not self.sees(",", ";"):
                break
            self.next()
        self.leave()
        closed = self.take(")", opened)
        return _spanning("apply", "", function, closed.end, function, *parts)

    def is_decimal_in_call(self, function: str) -> bool | None:
        """Whether commas between digits are decimal in the arguments that come: what fits their number."""
        depth = commas = between = others = 0
        for number in range(self.at - 1, len(self.tokens)):
            token = self.tokens[number]
            if token.kind == "end":
                break
            if token.kind == "sign":
                depth += (token.text in _CLOSING) - (token.text in (")", "]", "}"))
                if depth <= 0:
                    break
                others += depth == 1 and token.text == ";"
                if depth == 1 and token.text == ",":
                    commas += 1
                    before, after = self.tokens[number - 1], self.tokens[number + 1]
                    between += before.kind == after.kind == "number" and before.end + 1 == after.start
        if not between or self.decimal == "point":
            return False
        arity = self.functions.get(function)
        if others or (arity is not None and commas - between + 1 == arity):
            return True
        if arity == commas + 1 or (function not in self.functions and self.decimal == "auto"):
            return False
        return False if self.decimal == "auto" and arity is None else None

    def indexed(self, value: Node) -> Node:
        """x[0], A[:, 1], x[1:]."""
        opened = self.next()
        self.enter("[", False)
        parts: list[Node] = []
        while not self.sees("]"):
            parts.append(self.pick())
            if not self.sees(","):
                break
            parts.append(NOTHING)
            self.next()
        self.leave()
        closed = self.take("]", opened)
        if not parts:
            raise TypedError("an index is missing in [ ]", opened.start, "write x[0], counted from 0")
        is_several = NOTHING in parts
        picks = [part for part in parts if part is not NOTHING]
        kind = "indices" if is_several else "index"
        return _spanning(kind, "", value, closed.end, value, *picks)

    def pick(self) -> Node:
        """An index or a slice."""
        start = self.token.start
        parts = [NOTHING if self.sees(":") else self.expression(0)]
        end = self.token.start
        while self.sees(":") and len(parts) < 3:
            end = self.next().end
            parts.append(NOTHING if self.sees(":", ",", "]") else self.expression(0))
            end = max(end, parts[-1].right)
        if len(parts) == 1:
            return parts[0]
        return Node("slice", "", tuple(parts), start, end, start, end)

    # Brackets of all kinds.

    def enter(self, bracket: str, comma: bool | None) -> None:
        self.open.append(bracket)
        self.commas.append(comma)

    def leave(self) -> None:
        self.open.pop()
        self.commas.pop()

    def bracketed(self) -> Node:
        """(…): what stands inside, or several things with commas."""
        opened = self.next()
        closing = _CLOSING[opened.text]
        self.enter(opened.text, False if self.is_pair() else self.decimal != "point")
        if self.sees(closing):
            raise TypedError("nothing stands in the brackets", opened.start)
        parts, is_tuple = [self.expression(0)], False
        while self.sees(",") or (self.sees(";") and opened.text == "("):
            self.next()
            is_tuple = True
            if not self.sees(closing):
                parts.append(self.expression(0))
        self.leave()
        closed = self.take(closing, opened)
        if is_tuple:
            return Node("tuple", "", tuple(parts), opened.start, closed.end, opened.start, closed.end)
        return parts[0]._replace(left=opened.start, right=closed.end)

    def is_pair(self) -> bool:
        """Whether a bracket that is an argument holds two numbers and no more, as in ones((2,3))."""
        before = self.tokens[self.at - 2].text if self.at > 1 else ""
        ahead = [self.ahead(step) for step in range(4)]
        shape = [token.kind if token.kind == "number" else token.text for token in ahead]
        return before in ("(", ",", "=") and shape == ["number", ",", "number", ")"]

    def listed(self, kind: str, closing: str) -> Node:
        """[a, b]."""
        opened = self.next()
        parts: list[Node] = []
        self.enter("[", None if self.decimal == "comma" else False)
        while not self.sees(closing):
            parts.append(self.expression(0))
            if not self.sees(","):
                break
            self.next()
        self.leave()
        closed = self.take(closing, opened)
        return Node(kind, "", tuple(parts), opened.start, closed.end, opened.start, closed.end)

    def closes_bars(self) -> bool:
        """Whether a bar that comes closes the ones around what has been read."""
        inner = self.open[-1] if self.open else ""
        return inner == self.token.text or (inner == "||" and self.is_double())

    def is_double(self) -> bool:
        after = self.ahead()
        return self.sees("|") and after.text == "|" and after.start == self.token.end

    def bars(self) -> Node:
        """|x|, ‖x‖ and ||x||."""
        opened = self.token
        kind = "norm" if self.sees("‖") or (self.is_double() and self.is_closed_by_two()) else "bars"
        closing = "||" if kind == "norm" and self.sees("|") else opened.text
        self.at += len(closing)
        self.enter(closing, self.commas[-1])
        inside = self.expression(0)
        self.leave()
        if not self.sees(closing[0]) or (len(closing) == 2 and not self.is_double()):
            raise TypedError(
                f"the bar {closing} is not closed", opened.start, f"write {closing} where it ends"
            )
        closed = self.ahead(len(closing) - 1)
        self.at += len(closing)
        found = Node(kind, "", (inside,), opened.start, closed.end, opened.start, closed.end)
        if kind == "norm" and self.sees("_"):
            self.next()
            index = self.index()
            found = found._replace(text=index.text, end=index.right, right=index.right)
        return found

    def is_closed_by_two(self) -> bool:
        """Whether the first bar after two that open is double: ||x|| is, ||x| - |y|| is not."""
        depth = 0
        for number in range(self.at + 2, len(self.tokens) - 1):
            token, after = self.tokens[number], self.tokens[number + 1]
            if token.kind in ("newline", "end"):
                return False
            if token.kind == "sign":
                depth += (token.text in _CLOSING) - (token.text in (")", "]", "}"))
                if token.text == "|" and not depth:
                    return after.text == "|" and after.start == token.end
        return False

    def root(self) -> Node:
        """√x, √(x + 1): of what stands next to the sign."""
        token = self.next()
        start = self.at
        self.deepen()
        found = self.named() if self.token.kind == "name" else self.primary()
        while self.sees("_", "[") and (longer := self.extended(found)) is not None:
            found = longer
        self.depth -= 1
        if self.tokens[start].text != "(" and (self.sees("^") or self.is_operand_next()):
            inside = self.source(found)
            following = self.text[found.right : self.token.end] or "²"
            self.two_readings(
                token.start, self.token.end, f"√({inside}){following}", f"√({inside}{following})"
            )
        return Node("root", "", (found,), token.start, found.right, token.start, found.right)

    # Sums.

    def is_sum_index(self) -> bool:
        """Whether Σ with these indices, letters such as i and j, begins a sum."""
        number = self.at + 1
        if self.tokens[number].text in ("{", "("):
            number += 1
        letters = 0
        while self.tokens[number].kind == "name" and self.tokens[number].text in ("i", "j", "k", "l"):
            number, letters = number + 1, letters + 1
            number += self.tokens[number].text == ","
        return letters > 0 and self.tokens[number].text not in ("+", "-", "*", "/", ")")

    def summed(self, sign: Token | None = None) -> Node:
        """∑ with its indices, and what is summed: the product that follows."""
        token = sign or self.next()
        index = top = NOTHING
        for _ in range(2):
            if self.sees("_"):
                self.next()
                index = self.bounds()
            elif self.sees("^"):
                self.next()
                top = self.index()
        self.sums.append(index_text(index.parts[0] if index.kind == "bounds" else index))
        body = self.expression(SUM)
        self.sums.pop()
        return Node("sum", "", (index, top, body), token.start, body.right, token.start, body.right)

    def bounds(self) -> Node:
        """Below a sum: i, i,j or i=1."""
        if self.sees("{", "(") and self.ahead(2).text == "=":
            opened = self.next()
            letter = _leaf("name", self.next())
            self.next()
            low = self.expression(COMPARISON)
            closed = self.take(_CLOSING[opened.text], opened)
            return Node("bounds", "", (letter, low), letter.start, low.right, opened.start, closed.end)
        return self.index()

    # LaTeX.

    def command(self) -> Node:
        """What a command of LaTeX takes, and makes of it."""
        self.deepen()
        found = self.commanded(self.next())
        self.depth -= 1
        return found

    def commanded(self, token: Token) -> Node:
        if token.text in ("frac", "dfrac", "tfrac", "cfrac"):
            over, under = self.argument(token), self.argument(token)
            end = under.right
            return Node("fraction", "", (over, under), token.start, end, token.start, end)
        if token.text == "sqrt":
            return self.root_of_latex(token)
        if token.text in ("underbrace", "overbrace"):
            found = self.argument(token)
            if self.sees("_", "^"):
                self.next()
                self.argument(token)
            return found
        if token.text in ACCENTS:
            return self.accent(token)
        if token.text.startswith("begin "):
            return self.environment(token)
        self.at -= 1
        way_out = "write the formula itself; its derivatives are what is worked out"
        raise TypedError(f"\\{token.text.split(' ')[0]} is not read here", token.start, way_out)

    def argument(self, command: Token) -> Node:
        """What a command takes: braces, or one sign; of 12 that is the 1."""
        token = self.token
        if self.sees("{"):
            return self.bracketed()
        if token.kind == "number" and len(token.text) > 1:
            first, rest = token.text[0], token.text[1:]
            middle = token.start + 1
            if not first.isdigit() or not rest.isdigit():
                raise TypedError(
                    f"\\{command.text} takes braces", token.start, f"write \\{command.text}{{…}}{{…}}"
                )
            self.tokens[self.at : self.at + 1] = [
                Token("number", first, token.start, middle), Token("number", rest, middle, token.end)
            ]  # fmt: skip
            return _leaf("number", self.next())
        if token.kind == "command":
            return self.command()
        if token.kind in ("number", "name"):
            return _leaf(token.kind, self.next())
        raise TypedError(f"\\{command.text} takes braces", token.start, f"write \\{command.text}{{…}}")

    def root_of_latex(self, token: Token) -> Node:
        """\\sqrt{x} and \\sqrt[3]{x}."""
        degree: tuple[Node, ...] = ()
        if self.sees("["):
            opened = self.next()
            degree = (self.expression(0),)
            self.take("]", opened)
        found = self.argument(token)
        return Node("root", "", (found, *degree), token.start, found.right, token.start, found.right)

    def accent(self, token: Token) -> Node:
        """\\hat{y}: a name of one letter with what stands over it."""
        found = self.argument(token)
        if found.kind == "lowered" and found.parts[0].kind == "name":
            base = found.parts[0]
            over = base._replace(text=base.text + ACCENTS[token.text], start=token.start, left=token.start)
            return found._replace(parts=(over, found.parts[1]), start=token.start, left=token.start)
        if found.kind != "name":
            raise TypedError("an accent stands on a name", token.start, f"write \\{token.text}{{x}}")
        return Node(
            "name", found.text + ACCENTS[token.text], (), token.start, found.right, token.start, found.right
        )

    def environment(self, token: Token) -> Node:
        """A matrix by its rows, or cases."""
        name = token.text.split(" ")[1]
        if name not in _MATRICES and name != "cases":
            raise TypedError(f"\\begin{{{name}}} is not read inside a formula", token.start)
        if name == "array" and self.sees("{"):
            self.bracketed()
        self.enter("begin", self.decimal != "point")
        rows: list[list[Node]] = [[]]
        while not (self.token.kind == "command" and self.token.text.startswith("end ")):
            if self.sees("&"):
                self.next()
            elif self.sees("\\\\"):
                self.next()
                rows.append([])
            elif self.token.kind == "end":
                raise TypedError(f"\\begin{{{name}}} is not ended", token.start, f"write \\end{{{name}}}")
            else:
                rows[-1].append(self.cell(name))
        self.leave()
        end = self.next().end
        found = [_made("row", "", *row) for row in rows if row]
        if not found:
            raise TypedError("the matrix is empty", token.start)
        kind = "cases" if name == "cases" else "matrix"
        return Node(kind, "", tuple(found), token.start, end, token.start, end)

    def cell(self, name: str) -> Node:
        """An entry of a matrix, or a value or its condition."""
        if name == "cases" and self.is_word("if", "si", "for", "pour", "when", "where"):
            self.next()
        if name == "cases" and self.is_word("otherwise", "else", "sinon"):
            return _leaf("otherwise", self.next())
        found = self.expression(CHOICE)
        if self.sees(",", ";", ".") and name == "cases":
            self.next()
        if not (self.sees("&", "\\\\") or self.token.kind == "command"):
            self.unexpected()
        return found


def _leaf(kind: str, token: Token) -> Node:
    return Node(kind, token.text, (), token.start, token.end, token.start, token.end)


def _made(kind: str, text: str, *parts: Node) -> Node:
    """A node from its first part to its last, their brackets included."""
    start, end = parts[0].left, parts[-1].right
    return Node(kind, text, parts, start, end, start, end)


def _spanning(kind: str, text: str, first: Node, end: int, *parts: Node) -> Node:
    """A node that begins with `first`."""
    return Node(kind, text, parts, first.left, end, first.left, end)


def _leftmost(node: Node) -> Node:
    """The first factor of a product without signs."""
    while node.kind == "beside" and not node.is_bracketed:
        node = node.parts[0]
    return node


def _bare_end(node: Node) -> Node | None:
    """The function without brackets that a product ends with."""
    while node.kind in ("beside", "binary", "sign") and not node.is_bracketed:
        node = node.parts[-1]
    return node if node.kind == "apply" and node.text == "bare" and not node.is_bracketed else None


def index_text(index: Node, comma: str = "") -> str:
    """An index as a word: 1, hh, 1A, i_j; "" if it is none."""
    parts = [index]
    words: list[str] = []
    while parts:
        part = parts.pop()
        if part.kind in ("name", "number") and part.text.isalnum():
            words.append(part.text)
        elif part.kind == "beside":
            parts += reversed(part.parts)
        elif part.kind == "tuple" and part is index:
            texts = [index_text(each) for each in part.parts]
            return comma.join(texts) if all(texts) else ""
        else:
            return ""
    return "".join(words)
