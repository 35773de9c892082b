"""Cases and conditions: a brace with a line for each case, u < v < w, "and", "or", "not".

The words come from the language of the page (`words`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from symdiff.expr.conditions import (
    AND,
    AT_LEAST,
    AT_MOST,
    INFINITY,
    LESS,
    MORE,
    NOT,
    WHERE,
)
from symdiff.expr.notation import Binding
from symdiff.expr.tree import Expr
from symdiff.rendering.formulas.typesetting import Typesetting, Written

WORDS = ("if", "otherwise", "else", "and", "or", "not")
_RISING, _FALLING = (LESS, AT_MOST), (MORE, AT_LEAST)


def words_in(catalogue: Mapping[str, Any]) -> dict[str, str]:
    """The words of conditions in a language, from its messages."""
    return {word: catalogue[f"condition.{word}"] for word in WORDS}


class CasePrinting(Typesetting):
    """How conditions are written, and what depends on them."""

    words: Mapping[str, str] = {word: word for word in WORDS}
    """The words between formulas, in the language of the page."""

    def in_words(self, word: str) -> str:
        """A word inside a formula, with no space around it."""
        raise NotImplementedError

    def cases_of(self, rows: Sequence[tuple[str, str]], last: str) -> Written:
        """Values with their conditions, below one another, and the value for all else."""
        raise NotImplementedError

    space_in_words = " "

    def relation(self, root: Expr, script: bool) -> Written:
        """u < v; each side binds at least as tightly as a sum."""
        left, right = (self.part(arg, Binding.SUM, script) for arg in root.args)
        return self._related(root, left.text, right)

    def _related(self, root: Expr, left: str, right: Written) -> Written:
        return Written(f"{left} {self.pattern_of(root)} {right.text}", Binding.LOOSEST, right.tall)

    def junction(self, root: Expr, script: bool) -> Written:
        """Conditions joined by words; u < v and v < w as u < v < w."""
        space = self.space_in_words
        if root.op is NOT:
            inner = self.bracketed(self.write(root.args[0], script))
            return Written(self.in_words(self.words["not"]) + space + inner.text, Binding.LOOSEST)
        parts: list[str] = []
        before: Expr | None = None
        for arg in root.args:
            if before is not None and root.op is AND and _continues(before, arg):
                right = self.part(arg.args[1], Binding.SUM, script)
                parts[-1] = self._related(arg, parts[-1], right).text
            else:
                inner = self.write(arg, script)
                brackets = arg.op.notation.kind == "junction" and arg.op is not NOT
                parts.append((self.bracketed(inner) if brackets else inner).text)
            before = arg
        word = self.in_words(self.words[root.op.name])
        return Written(f"{space}{word}{space}".join(parts), Binding.LOOSEST)

    def cases(self, root: Expr, script: bool) -> Written:
        """{ a if c, b otherwise; cases in the last branch are further lines."""
        rows = []
        while root.op is WHERE:
            condition, value, rest = root.args
            rows.append((self.write(value, script).text, self.write(condition, script).text))
            root = rest
        return self.cases_of(rows, self.write(root, script).text)

    def masked(self, root: Expr, script: bool) -> Written:
        """softmax of what counts, −∞ for what does not."""
        value, condition = root.args
        lost = self.minus + self.pattern_of(Expr(INFINITY))
        inside = self.cases_of([(self.write(value, script).text, self.write(condition, script).text)], lost)
        return Written(self.called(root.op.notation.latex, inside.text), Binding.ATOM, True)


def _continues(before: Expr, after: Expr) -> bool:
    """Whether u < v and v < w are one chain."""
    same_way = any(before.op in way and after.op in way for way in (_RISING, _FALLING))
    return same_way and before.args[1] == after.args[0]
