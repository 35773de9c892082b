"""The names that a formula of a file may use, and the formula read with them.

The language is the `reader`'s; here a name must be known, and a formula is one expression.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, replace

from symdiff.errors import InputError, did_you_mean
from symdiff.expr.operations import STACK
from symdiff.expr.shapes import in_words
from symdiff.expr.tree import Expr, Sym
from symdiff.language.reader import Reader, statements
from symdiff.problems.file import File
from symdiff.problems.lines import Part
from symdiff.problems.table import kind, text_at, texts_at

FORMULA = "a formula in quotes"


@dataclass(frozen=True, slots=True)
class Scope:
    """Names with their shapes, the names of sizes, and those that a later equation defines."""

    names: Mapping[str, Sym]
    sizes: tuple[str, ...] = ()
    later: tuple[str, ...] = ()

    def plus(self, *names: Sym) -> Scope:
        """This scope with further names, which hide those of the same name."""
        return replace(self, names={**self.names, **{name.name: name for name in names}})

    def formula(self, file: File, value: object, *path: Part) -> Expr:
        """The expression that a formula is."""
        text = text_at(file, value, *path, wanted=FORMULA)
        with file.placing(*path, near=text):
            return self._read(text)

    def _read(self, text: str) -> Expr:
        if "#" in text:
            raise InputError("a formula has no comments", way_out="write # after the closing quote")
        joined = " ".join(text.split())
        found = statements(joined)
        if len(found) != 1 or not isinstance(found[0], ast.Expr):
            way_out = "give each equation a line of its own under [definitions]"
            raise InputError("one formula without = or ; is expected", way_out=way_out)
        return _KnownNames(joined, self).read(found[0].value)

    def components(self, file: File, value: object, *path: Part) -> Expr:
        """The vector whose entries are the formulas of a list."""
        texts = texts_at(file, value, *path, wanted="one formula for each component")
        parts = [self.formula(file, text, *path, i) for i, text in enumerate(texts)]
        for i, part in enumerate(parts):
            if part.shape:
                what = f"{in_words(part.shape)} where a number is expected"
                way_out = "a component is one number; a formula for a whole vector is not in a list"
                raise file.error(what, *path, i, way_out=way_out, near=texts[i])
        return Expr(STACK, *parts)

    def either(self, file: File, value: object, *path: Part) -> Expr:
        """One formula, or the vector of a list of them."""
        if isinstance(value, list):
            return self.components(file, value, *path)
        if not isinstance(value, str):
            raise file.error(f"{kind(value)} where {FORMULA} or a list of them is expected", *path)
        return self.formula(file, value, *path)


class _KnownNames(Reader):
    """The reader for formulas whose names are all declared: another one is refused where it stands."""

    def __init__(self, text: str, scope: Scope) -> None:
        super().__init__(text, scope.names, scope.sizes)
        self.later = scope.later

    def name(self, node: ast.expr) -> Sym:
        found = super().name(node)
        if found.name in self.later:
            self.fail(f"{found.name!r} is used before it is defined", node, "a name is defined above its use")
        if found.name not in self.names:
            known = [*self.names, *self.sizes]
            self.fail(f"unknown name {found.name!r}", node, did_you_mean(found.name, known))
        return found
