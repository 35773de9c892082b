"""Expressions to formulas: the walk that every notation shares. Brackets are decided here, once.

Each operation has a notation (`expr.notation.Notation`) of some kind, as infix or application; the method of
`Printer` that bears the name of the kind writes it. Which brackets are needed follows from how tightly the
parts bind, so a formula reads back as the expression it came from. What a notation has of its own stands in
`Typesetting`; `LatexPrinter`, `TypstPrinter` and `TextPrinter` give it. Knows neither values nor derivatives.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import reduce

from symdiff.expr.leaves import Alias, Applied, Filled, Grid, HeldIndex, Nabla, OneHot
from symdiff.expr.letters import NONE_TAKEN, Letters
from symdiff.expr.names import GREEK_LETTERS, is_word
from symdiff.expr.notation import Binding
from symdiff.expr.operations import COLUMN, DIRECT, GATHER, IMMEDIATE, THROUGH
from symdiff.expr.timed import Braced, Series, Time
from symdiff.expr.tree import (
    ADD,
    DERIVATIVE,
    DIV,
    INDEX,
    MUL,
    NEG,
    ONE,
    PARTIAL,
    POW,
    SUB,
    Dim,
    Expr,
    Num,
    Sym,
)
from symdiff.expr.unspecified import Unspecified
from symdiff.rendering.formulas.array_printing import (
    PRODUCTS,
    ArrayPrinting,
    ends_open,
    is_diagonal_product,
    is_power_of_word,
    needs_brackets,
)
from symdiff.rendering.formulas.case_printing import CasePrinting
from symdiff.rendering.formulas.placeholders import FILLER, placeholder
from symdiff.rendering.formulas.typesetting import Typesetting, Written


class ProductPrinting(ArrayPrinting):
    """What stands between the factors of a product, and which of them need brackets there."""

    def power(self, root: Expr, script: bool, closed: bool = False) -> Written:
        raise NotImplementedError

    def application(self, root: Expr, script: bool, closed: bool = False, power: str = "") -> Written:
        raise NotImplementedError

    def product(self, root: Expr, script: bool, closed: bool = False) -> Written:
        """Factors from left to right; one with a bare argument, sin x, gets brackets before another.

        The last one as well where something that binds as tightly follows, if `closed`.
        """
        nodes = _factors(root)
        arrays = [node for node in nodes if node.shape]
        if len(arrays) == 2 and (is_diagonal_product(*arrays) or is_diagonal_product(*arrays[::-1])):
            ordered = arrays if is_diagonal_product(*arrays) else arrays[::-1]
            diagonal = self.diagonal_product(ordered[0], ordered[1], script)
            scalars = [node for node in nodes if not node.shape]
            return self.numbers_before(scalars, diagonal, script) if scalars else diagonal
        factors = [self.factor(n, bool(i), script) for i, n in enumerate(nodes)]
        for i, n in enumerate(nodes):
            is_last = i == len(nodes) - 1 and not closed
            if needs_brackets(n, nodes[:i] + nodes[i + 1 :], is_last):
                factors[i] = self.bracketed(self.write(n, script))
            elif n.op.notation.kind in ("summation", "mean", *PRODUCTS):
                factors[i] = self.write(n, script)
        for i, n in enumerate(nodes if closed else nodes[:-1]):
            if ends_open(n):
                factors[i] = self.closed_end(n, script)
        text = factors[0].text
        for left, right, written in zip(nodes, nodes[1:], factors[1:], strict=False):
            text += self.sign_of_product(left, right) + written.text
        return Written(text, Binding.PRODUCT, any(factor.tall for factor in factors))

    def numbers_before(self, scalars: Sequence[Expr], array: Written, script: bool) -> Written:
        """2 diag(v)·M: numbers in front of a product of arrays."""
        number = self.product(reduce(Expr.__mul__, scalars), script, closed=True)
        return Written(number.text + self.thin + array.text, Binding.PRODUCT, number.tall or array.tall)

    def closed_end(self, node: Expr, script: bool) -> Written:
        """A formula that ends in a bare argument, closed for what follows: sin(x), a·sin²(x)."""
        if node.op is COLUMN:
            return self.closed_end(node.args[0], script)
        if node.op is MUL:
            return self.product(node, script, closed=True)
        if node.op is POW:
            return self.power(node, script, closed=True)
        if node.op.notation.kind == "application":
            return self.application(node, script, closed=True)
        return self.bracketed(self.write(node, script))

    def factor(self, node: Expr, follows: bool, script: bool) -> Written:
        """One factor; a fraction on the line, a/b, has brackets wherever something could follow it."""
        loose = (self.linear or script) and node.op.notation.binding is Binding.PRODUCT and node.op is not MUL
        needed = Binding.APPLICATION if follows or loose else Binding.PRODUCT
        return self.part(node, needed, script)

    def sign_of_product(self, left: Expr, right: Expr) -> str:
        """A dot where two factors would run together; nothing much between names; else a thin space."""
        if left.shape and right.shape:
            return self.hadamard
        if _starts_with_number(right) or right.op is NEG or _is_derivative(left) or _is_derivative(right):
            return self.dot
        if left == ONE or (_is_accented(left) != _is_accented(right) and not _are_names(left, right)):
            return self.dot
        words = self.is_word(left), self.is_word(right)
        if all(words):
            return self.dot
        return self.close if _are_names(left, right) and not any(words) else self.thin

    def is_word(self, node: Expr) -> bool:
        """A name of several letters, as rate, which would run into a neighbour."""
        return isinstance(node, Sym) and is_word(self.letters.split(node.name)[0])

    def diagonal_product(self, left: Expr, right: Expr, script: bool) -> Written:
        """diag(v)·M, each row of M times its entry of v."""
        diagonal = self.called("diag", self.write(left.args[0], script).text)
        return self.product_of(diagonal, self.column(right, script).text)


DERIVATIVES = (PARTIAL, DERIVATIVE, IMMEDIATE, DIRECT, THROUGH)
"""What is written as a fraction of two names."""


def _factors(root: Expr) -> list[Expr]:
    """The factors of a product from left to right; the only array among numbers is no column of a matrix."""
    nodes: list[Expr] = []
    while root.op is MUL:
        nodes.append(root.args[1])
        root = root.args[0]
    nodes = [root, *reversed(nodes)]
    if sum(bool(n.shape) for n in nodes) == 1:
        nodes = [n.args[0] if n.op is COLUMN else n for n in nodes]
    return nodes


def _is_accented(node: Expr) -> bool:
    return isinstance(node, Sym) and bool(node.accent)


def _is_summation(node: Expr) -> bool:
    return node.op.notation.kind == "summation"


def _is_derivative(node: Expr) -> bool:
    return node.op in (PARTIAL, IMMEDIATE, DIRECT)


def _ends_in_fraction_or_sum(node: Expr) -> bool:
    """Whether a slash behind a formula would seem to belong to its last part: ∂L/∂K, Σᵢ xᵢ."""
    if node.op is MUL:
        return _ends_in_fraction_or_sum(node.args[1])
    kind = node.op.notation.kind
    return node.op in DERIVATIVES or kind in ("summation", "mean") or isinstance(node, Series)


def _are_names(left: Expr, right: Expr) -> bool:
    """Whether two factors are names, or a number and a name, which may stand close together."""
    return (isinstance(left, Num) or _is_name(left)) and _is_name(right)


def _is_name(node: Expr) -> bool:
    return isinstance(node, Sym | Alias) or node.op in (INDEX, GATHER)


def _starts_with_number(node: Expr) -> bool:
    while node.op in (MUL, POW):
        node = node.args[0]
    return isinstance(node, Num)


def coefficient_and_rest(root: Expr) -> tuple[Expr, Expr] | None:
    """2u/m as 2/m and u, where u is an array or a sum over indices and m a number; None for any other."""
    over, under = root.args
    if under.shape:
        return None
    numbers: Expr = ONE
    rest = over
    while rest.op is MUL and not rest.args[0].shape and (rest.shape or _is_summation(rest.args[1])):
        numbers = rest.args[0] if numbers is ONE else numbers * rest.args[0]
        rest = rest.args[1]
    if numbers is ONE and not _is_summation(rest):
        return None
    if rest.op is MUL or rest.op in (ADD, SUB) or not (rest.shape or _is_summation(rest)):
        return None
    return numbers / under, rest


class SeriesPrinting(Typesetting):
    """Sums and products over a time, and formulas with a brace under them."""

    def series_or_brace(self, root: Series | Braced) -> Written:
        if isinstance(root, Braced):
            return self.braced(self.write(root.body), self.write(root.label, script=True))
        body = self.part(root.body, Binding.PRODUCT)
        return self.series(root, f"{root.index}={self.time(root.low)}", self.time(root.high), body)

    def time(self, moment: Time) -> str:
        return str(moment).replace("-", self.minus)

    @staticmethod
    def around_brace(body: Written) -> Binding:
        """How a formula with a brace under it binds: a sum keeps the brackets it needs beside a factor."""
        return Binding.ATOM if body.binding >= Binding.PRODUCT else body.binding


CELL = "Phi"
"""The name of a recurrent cell, as it stands in the pattern of ∂_Φ."""
_NAMES = {letter: name for name, letter in GREEK_LETTERS.items()}

_IN_I = re.compile(r"\(i[+-]\d+\)")
"""A place counted in i, the label of a path in a row for every i: no name."""
ELIDED_HEAD, ELIDED_TAIL = 3, 2
"""How many terms of a long sum are written before its dots, and after them."""


class Printer(ProductPrinting, SeriesPrinting, CasePrinting):
    """Writes expressions in one notation; `decimal` is the language's decimal mark.

    Letters of ours, as those of indices and unit vectors, are chosen among the `letters` that are free.
    """

    def __init__(self, decimal: str = ".", letters: Letters = NONE_TAKEN) -> None:
        self.decimal, self.letters = decimal, letters
        self.spellings = {}
        self._placeholders: dict[Sym, str] = {}
        self._arrays: dict[tuple[int, bool, frozenset[str]], tuple[Expr, Written]] = {}

    def __call__(self, root: Expr) -> str:
        if root.op is COLUMN:
            return self(root.args[0])
        return self.write(root).text

    def flat_form(self, node: Expr) -> str:
        """A formula on the line, its fractions written a/b, for sentences and tables."""
        return self.write(node, script=True).text

    def write(self, root: Expr, script: bool = False) -> Written:
        """`root` written out; `script` is set inside an exponent, where fractions lie flat."""
        if isinstance(root, Sym):
            return Written(self._placeholders.get(root) or self.name(root), Binding.ATOM)
        if root.args and not root.shape and type(root) is Expr:
            return self._operation(root, script)
        if isinstance(root, Num):
            return self.number(root, script)
        if isinstance(root, Dim | Filled | Grid | HeldIndex | Nabla | OneHot | Applied | Alias):
            return self.array_leaf(root)
        if isinstance(root, Series | Braced):
            return self.series_or_brace(root)
        return self._array_operation(root, script) if root.shape else self._operation(root, script)

    def _operation(self, root: Expr, script: bool) -> Written:
        write: Callable[[Expr, bool], Written] = getattr(self, root.op.notation.kind)
        return write(root, script)

    def _array_operation(self, root: Expr, script: bool) -> Written:
        """An operation on arrays, written once."""
        # Products look at their factors twice, at every depth: the work would double with each.
        # An entry keeps its expression alive, since the key is the object's id.
        key = id(root), script, self.open_indices
        found = self._arrays.get(key)
        if found is None:
            found = self._arrays[key] = root, self._operation(root, script)
        return found[1]

    @contextmanager
    def with_placeholders(self, names: Sequence[Sym], wider: Sequence[int] = ()) -> Iterator[None]:
        """While it lasts, these names are printed as placeholders, by so many columns `wider` than one."""
        before, self._arrays = self._arrays, {}
        fillers = [FILLER * columns for columns in wider] or [""] * len(names)
        places = enumerate(zip(names, fillers, strict=True))
        self._placeholders = {name: placeholder(place) + filler for place, (name, filler) in places}
        try:
            yield
        finally:
            self._placeholders, self._arrays = {}, before

    def name(self, node: Sym) -> str:
        stem, accent, index = self.letters.split(node.name)
        label = node.label
        if label.startswith("(") and (label[1].isalpha() or label[1] == "_") and not _IN_I.fullmatch(label):
            label = f"({self.name(Sym(label[1:-1]))})"
        if node.accent and not accent and self.letters.is_accented(stem, node.accent):
            label = self.prime + label
        return self.compose_name(stem, tuple(filter(None, (accent, node.accent))), index, label)

    def infix(self, root: Expr, script: bool) -> Written:
        """A sum; the long left arm of a + b + c is walked in a loop, not by recursion."""
        signs, terms = [], []
        node = root
        while node.op.notation.kind == "infix":
            terms.append(self.part(node.args[1], Binding.PRODUCT, script))
            signs.append(node.op.notation.text)
            node = node.args[0]
        first = self.part(node, Binding.SUM, script)
        text = first.text
        for sign, term in zip(reversed(signs), reversed(terms), strict=True):
            text += self.between(sign, script) + term.text
        return Written(text, Binding.SUM, first.tall or any(term.tall for term in terms))

    def elided(self, root: Expr, script: bool) -> Written:
        """A long sum: its first terms, dots, its last terms."""
        head = [self.part(arg, Binding.PRODUCT, script).text for arg in root.args[:ELIDED_HEAD]]
        tail = [self.part(arg, Binding.PRODUCT, script).text for arg in root.args[-ELIDED_TAIL:]]
        return Written(self.between("+", script).join([*head, self.dots, *tail]), Binding.SUM)

    def prefix(self, root: Expr, script: bool) -> Written:
        inner = self.part(root.args[0], Binding.PRODUCT, script)
        return Written(self.minus + inner.text, Binding.NEGATION, inner.tall)

    def quotient(self, root: Expr, script: bool) -> Written:
        """A fraction, but a coefficient before an array or a sum over indices: (2/m)u for 2u/m."""
        parts = None if script else coefficient_and_rest(root)
        if parts is not None:
            return self.product(parts[0] * parts[1], script)
        if script or self.linear:
            return self.flat_quotient(root, script)
        over, under = (self.write(arg).text for arg in root.args)
        return Written(self.fraction(over, under), Binding.POWER, True)

    def flat_quotient(self, root: Expr, script: bool, closed: bool = False) -> Written:
        """a/b on the line; what ends in a bare argument, a derivative or a sum over indices is closed."""
        above, below = root.args
        if above.op is DIV and ends_open(above.args[1]):
            over = self.flat_quotient(above, script, closed=True)
        elif ends_open(above) or _ends_in_fraction_or_sum(above):
            over = self.closed_end(above, script)
        else:
            over = self.part(above, Binding.PRODUCT, script)
        needed = Binding.APPLICATION
        under = self.closed_end(below, script) if closed else self.part(below, needed, script)
        return Written(f"{over.text}{self.slash}{under.text}", Binding.PRODUCT, over.tall or under.tall)

    def power(self, root: Expr, script: bool, closed: bool = False) -> Written:
        """uᵛ, and sin²x for the positive whole power of a function written without brackets."""
        base, exponent = root.args
        raised = self.write(exponent, script=True).text
        if len(base.shape) == 2:
            raised = self.entrywise + raised
        if is_power_of_word(base, exponent):
            return self.application(base, script, closed, raised)
        below = self.part(base, Binding.ATOM, script)
        return Written(self.raise_to(below.text, raised), Binding.POWER, below.tall)

    def script(self, root: Expr, script: bool) -> Written:
        if self.letters.exp_in_words or len(root.args[0].shape) == 2:
            return self.call(root, script)
        exponent = self.write(root.args[0], script=True).text
        return Written(self.raise_to(root.op.notation.text, exponent), Binding.POWER)

    def application(self, root: Expr, script: bool, closed: bool = False, power: str = "") -> Written:
        """sin x; with brackets round the argument where it is more than a name, or if `closed`."""
        head = self.head(root)
        if power:
            head = self.raise_to(head, power)
        argument = self.write(root.args[0], script)
        bare = isinstance(root.args[0], Sym) and not closed
        text = f"{head}{self.after_word}{argument.text}" if bare else head + self.bracketed(argument).text
        return Written(text, Binding.APPLICATION if bare else Binding.POWER, argument.tall)

    def call(self, root: Expr, script: bool) -> Written:
        parts = [self.write(arg, script) for arg in root.args]
        text = self.separator_of_arguments(parts).join(p.text for p in parts)
        inner = Written(text, Binding.LOOSEST, any(p.tall for p in parts))
        return Written(self.head(root) + self.bracketed(inner).text, Binding.ATOM, inner.tall)

    def head(self, root: Expr) -> str:
        """The word of a function; that of the language, as in sigmoid(x), where σ is a name of theirs."""
        if isinstance(root.op, Unspecified):
            return self.unspecified(root.op)
        words = [_NAMES.get(word, word) for word in root.op.notation.text.split()]
        if root.op.notation.kind != "script" and any(map(self.letters.is_word, words)):
            return self.function_name(Sym(root.op.name.replace("_", "")))
        return self.word(root)

    def unspecified(self, op: Unspecified) -> str:
        """f, f′, f″ of one argument, ∂₂f and ∂₁₂f of several."""
        own = Sym(op.function)
        name = self.function_name(own) if is_word(op.function) else self.name(own)
        if op.by and op.arity != 1:
            return self.by_argument("".join(str(place + 1) for place in op.by)) + name
        return name + self.derivative_marks(len(op.by))

    def function_sign(self, root: Expr, script: bool) -> Written:
        """A function alone, in a sentence."""
        return Written(self.head(root), Binding.ATOM)

    def pattern(self, root: Expr, script: bool) -> Written:
        notation = root.op.notation
        needed = notation.inner if self.linear else Binding.LOOSEST
        parts = [self.part(arg, needed, script) for arg in root.args]
        flat = script and root.op in DERIVATIVES
        form = self.flat_derivative(root) if flat else self.pattern_of(root)
        if root.op is THROUGH:
            form = form.replace(self.named(CELL), self.named(self.letters.free("cell")))
        text = form.format(*(part.text for part in parts))
        tall = not flat and (any(part.tall for part in parts) or "frac" in form)
        binding = notation.binding if self.linear or flat else max(notation.binding, Binding.POWER)
        return Written(text, binding, tall)
