"""Formulas of text that take several lines where that reads better: marked here, set by `stacking`."""

from __future__ import annotations

from symdiff.expr.notation import Binding
from symdiff.expr.tree import Expr, Sym
from symdiff.rendering.formulas.marks import BRACE, LIMITS, RAISED, TABLE, flat, is_tall, marked, role
from symdiff.rendering.formulas.unicode import TextPrinter
from symdiff.rendering.formulas.written import Written

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
