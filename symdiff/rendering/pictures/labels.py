"""A graph's formulas as labels with their sizes: what the layout needs to know of them, and no more."""

from __future__ import annotations

from collections.abc import Callable

from symdiff.document.blocks import Chain, Edge, Graph, Node
from symdiff.expr.leaves import Grid
from symdiff.expr.tree import Expr, Num
from symdiff.rendering.formulas.latex import LatexPrinter
from symdiff.rendering.formulas.unicode import TextPrinter
from symdiff.rendering.formulas.widths import points
from symdiff.rendering.pictures.geometry import Label, Sized, Wire
from symdiff.rendering.pictures.heights import reach

NODE, SMALL = 10.0, 8.0
PAD_X, PAD_Y, LEAST_WIDE, LEAST_TALL = 8.0, 5.0, 26.0, 22.0
Measure = Callable[[str], tuple[float, float, float]]
"""Width, reach above and reach below the baseline of a formula at 10 points."""


def estimated(latex: str) -> tuple[float, float, float]:
    """The size of a formula from the metrics of Computer Modern."""
    return (points(latex), *reach(latex))


class Sizes:
    """Makes labels of formulas, in one language and with one measure."""

    def __init__(self, decimal: str, measure: Measure = estimated) -> None:
        self.latex, self.text, self.measure = LatexPrinter(decimal), TextPrinter(decimal), measure

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
        label = self._equality(node.chain, NODE)
        value = None if node.value is None else self._alone(node.value)
        adjoint = None if node.adjoint is None else self._equality(node.adjoint, SMALL)
        pad = 2.0 if node.role == "dots" else PAD_X
        wide = max(2 * pad, LEAST_WIDE if node.role != "dots" else 0.0, label.width + 2 * pad)
        tall = max(LEAST_TALL, label.height + 2 * PAD_Y)
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
        """The number without its name."""
        (number,) = chain.members
        return self.label(self._number(number), self.text(number), SMALL, self._plain(number))

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
            near = isinstance(member, Num | Grid) and member.rounded
            lead = latex + (r" \approx" if near else " =")
            latex = f"{lead} {self._number(member)}"
            number = self._plain(member)
            plain = f"{plain} {'≈' if near else '='} {self.text(member)}"
        return self.label(latex, plain, size, number, lead if number else "")

    def label(self, latex: str, plain: str, size: float, number: str = "", lead: str = "") -> Label:
        width, up, down = (length * size / 10 for length in self.measure(latex))
        return Label(latex, plain, size, width, up, down, number, lead)
