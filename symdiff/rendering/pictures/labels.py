"""A graph's formulas as labels with their sizes: what the layout needs to know of them, and no more.

A size is measured on outlines, or estimated from a formula's source: the width by `widths`, how far the
formula reaches above and below its baseline by `reach`, for display style and on the generous side. In points
at a type size of 10 pt.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache

from symdiff.document.blocks import Chain, Edge, Graph, Node
from symdiff.expr.leaves import Grid, is_rounded
from symdiff.expr.letters import NONE_TAKEN, Letters
from symdiff.expr.tree import Expr, Num
from symdiff.rendering.formulas.case_printing import CasePrinting
from symdiff.rendering.formulas.latex import LatexPrinter
from symdiff.rendering.formulas.math_spacing import added
from symdiff.rendering.formulas.unicode import TextPrinter
from symdiff.rendering.formulas.widths import LATEX_TOKENS, SCRIPT, TokenWalk, points
from symdiff.rendering.pictures.geometry import Label, Sized, Wire

NODE, SMALL = 10.0, 8.0
"""The sizes of type in a node and beside it."""
PAD_X, PAD_Y, LEAST_WIDE, LEAST_TALL = 8.0, 5.0, 26.0, 22.0
"""Room round the label of a node, and the least size of its frame."""
Size = tuple[float, float, float]
"""Width, reach above and reach below the baseline of a formula at 10 points."""
Measure = Callable[[str], Size]


def estimated(latex: str) -> Size:
    """The size of a formula from the metrics of Computer Modern."""
    return (points(latex), *reach(latex))


class Sizes:
    """Makes labels of formulas, in one language and with one measure; those in nodes in the size `node`."""

    def __init__(
        self,
        decimal: str,
        measure: Measure = estimated,
        letters: Letters = NONE_TAKEN,
        node: float = NODE,
        words: Mapping[str, str] = CasePrinting.words,
    ) -> None:
        self.latex, self.text = LatexPrinter(decimal, letters), TextPrinter(decimal, letters)
        self.latex.words = self.text.words = words
        self.measure, self.node = measure, node

    def nodes(self, graph: Graph) -> tuple[Sized, ...]:
        return tuple(map(self._node, graph.nodes))

    def wires(self, graph: Graph) -> tuple[Wire, ...]:
        return tuple(map(self._wire, graph.edges))

    def names(self, graph: Graph) -> dict[int, Label]:
        """What is written under the columns of a grid."""
        return {
            column: self.label(self.latex(name), self.text(name), SMALL) for column, name in graph.columns
        }

    def _node(self, node: Node) -> Sized:
        label = self._equality(node.chain, self.node)
        value = None if node.value is None else self._alone(node.value)
        adjoint = None if node.adjoint is None else self._equality(node.adjoint, SMALL)
        pad = 2.0 if node.role == "dots" else PAD_X * self.node / NODE
        wide = max(2 * pad, LEAST_WIDE if node.role != "dots" else 0.0, label.width + 2 * pad)
        tall = max(LEAST_TALL, label.height + 2 * PAD_Y * self.node / NODE)
        return Sized(node.key, node.role, label, value, adjoint, wide, tall, node.column, node.row)

    def _wire(self, edge: Edge) -> Wire:
        back = edge.partial is not None and edge.partial.left.op.name == "mapped_back"
        return Wire(edge.tail, edge.head, self._on_edge(edge), edge.path, edge.delay, back)

    def _on_edge(self, edge: Edge) -> Label | None:
        """The local partial, or what acts on the way as a product, behind the letter of the path."""
        if edge.partial is not None:
            formulas: tuple[Expr, ...] = edge.partial.members[-1:]
        else:
            formulas = edge.through
        if not formulas:
            return None
        latex = r"\,".join(map(self.latex, formulas))
        plain = "·".join(map(self.text, formulas))
        if edge.path:
            latex, plain = rf"\mathrm{{{edge.path}}}{{:}}\;{latex}", f"{edge.path}: {plain}"
        return self.label(latex, plain, SMALL)

    def _alone(self, chain: Chain) -> Label:
        """The number without its name, marked where it is rounded."""
        (number,) = chain.members
        near, sign = (r"\approx ", "≈ ") if is_rounded(number) else ("", "")
        plain = self._plain(number)
        return self.label(
            near + self._number(number), sign + self.text(number), SMALL, sign + plain if plain else ""
        )

    def _plain(self, value: Expr) -> str:
        """A number as a script may replace it, a table of numbers not."""
        return self.text(value) if isinstance(value, Num) else ""

    def _number(self, value: Expr) -> str:
        """A number, or a vector of them written as a row."""
        if isinstance(value, Grid) and len(value.shape) == 1:
            entries = [[row[0] for row in value.entries]]
            return self.latex(Grid(entries, (1, *value.shape), (0,), value.rows)) + r"^{\top}"
        return self.latex(value)

    def _equality(self, chain: Chain, size: float) -> Label:
        latex, plain = self.latex.write(chain.left, script=True).text, self.text(chain.left)
        lead, number = "", ""
        for member in chain.members:
            near = is_rounded(member)
            lead = latex + (r" \approx" if near else " =")
            latex = f"{lead} {self._number(member)}"
            number = self._plain(member)
            plain = f"{plain} {'≈' if near else '='} {self.text(member)}"
        return self.label(latex, plain, size, number, lead if number else "")

    def label(self, latex: str, plain: str, size: float, number: str = "", lead: str = "") -> Label:
        width, up, down = (length * size / 10 for length in self.measure(latex))
        return Label(latex, plain, size, width, up, down, number, lead)


Reach = tuple[float, float]
"""How far a formula reaches above its baseline and below it."""
AXIS, ROW = 2.5, 12.5
"""The height of the axis, on which fractions and matrices are centred, and of a row of a matrix."""
_GREEK = ("mu", "beta", "gamma", "eta", "rho", "phi", "psi", "chi")
DESCENDING = set("gjpqy()[]|,;") | {rf"\{name}" for name in _GREEK}
RAISED, LOWERED = 3.8, 1.8
"""How far an exponent is raised and an index lowered at least."""
ACCENTS = (r"\bar", r"\dot", r"\hat", r"\tilde", r"\overline", r"\widehat", r"\widetilde")
WORDS = (r"\mathit", r"\mathrm", r"\operatorname", r"\mathbf", r"\mathbb")
SILENT = (r"\left", r"\right", r"\,", r"\!", r"\;", r"\quad", r"\qquad", r"\displaystyle", r"\textstyle")


@lru_cache(maxsize=4096)
def reach(formula: str) -> Reach:
    """Above and below the baseline."""
    return _HeightWalk(LATEX_TOKENS.findall(formula)).sequence()


def _over(one: Reach, other: Reach, by: float = 0.0) -> Reach:
    """What both cover, the other raised by so much."""
    return max(one[0], other[0] + by), max(one[1], other[1] - by)


class _HeightWalk(TokenWalk):
    """One pass over the tokens."""

    def sequence(self, scale: float = 1.0) -> Reach:
        """Up to the closing brace or the end."""
        found = (6.0 * scale, 0.2 * scale)
        last = found
        while self.peek() not in ("}", ""):
            token = self.next()
            last = self.script(token, last, scale) if token in "^_" else self.atom(token, scale)
            found = _over(found, last)
        return found

    def group(self, scale: float) -> Reach:
        token = self.next() if self.peek() else ""
        if token != "{":
            return self.atom(token, scale)
        found = self.sequence(scale)
        self.position += 1
        return found

    def script(self, sign: str, base: Reach, scale: float) -> Reach:
        """An exponent starts near the top of what it stands on, an index near the bottom."""
        inner = self.group(scale * SCRIPT)
        if sign == "^":
            return _over(base, inner, max(RAISED * scale, base[0] - 3.5 * scale))
        return _over(base, inner, -max(LOWERED * scale, base[1]))

    def atom(self, token: str, scale: float) -> Reach:
        if token == "{":
            found = self.sequence(scale)
            self.position += 1
            return found
        if token == r"\frac":
            above, below = self.group(scale), self.group(scale)
            return AXIS + 1.5 + added(above), added(below) + 1.5 - AXIS + 1
        if token == r"\sqrt":
            up, down = self.group(scale)
            return up + 2.5, down + 0.5
        if token in ACCENTS:
            up, down = self.group(scale)
            return up + 2.2 * scale, down
        if token == r"\begin":
            return self.table(scale)
        if token == r"\underbrace":
            up, down = self.group(scale)
            return up, down + 6
        if token in (r"\sum", r"\prod"):
            return 9.5 * scale, 4.5 * scale
        if token in WORDS:
            return _over(self.group(scale), (7.2 * scale, 2.0 * scale))
        if token in SILENT:
            return 0.0, 0.0
        return 7.4 * scale, (2.5 if token in DESCENDING else 0.2) * scale

    def table(self, scale: float) -> Reach:
        """A matrix stands centred on the axis."""
        self.group(scale)
        rows: list[Reach] = [(7.0, 2.5)]
        while self.peek() not in (r"\end", ""):
            token = self.next()
            if token == r"\\":
                rows.append((7.0, 2.5))
            elif token in "^_":
                rows[-1] = self.script(token, rows[-1], scale)
            else:
                rows[-1] = _over(rows[-1], self.atom(token, scale))
        self.next()
        self.group(scale)
        total = added(max(ROW, added(row) + 2) for row in rows) * scale + 2
        return total / 2 + AXIS, total / 2 - AXIS
