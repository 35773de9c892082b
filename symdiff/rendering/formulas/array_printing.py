"""How vectors and matrices are written: columns, rows, products, sums over indices, tables of numbers.

A vector is a column. Where a product needs a row, its transpose is written, so that x @ A @ x reads xᵀAx
and outer(u, v) reads uvᵀ. Sums are written with an index, Σᵢ rᵢ². Mixed into the printers, which say how
brackets, indices and tables look in their notation.
"""

from __future__ import annotations

from symdiff.expr import operations as a
from symdiff.expr.leaves import ALL, count
from symdiff.expr.names import split_name
from symdiff.expr.notation import Binding
from symdiff.expr.tree import MATMUL, MUL, TRANSPOSE, Expr, Sym, symbols
from symdiff.rendering.formulas.array_leaves import ArrayLeaves
from symdiff.rendering.formulas.entrywise import PRODUCTS, indexed
from symdiff.rendering.formulas.written import Written

_INDICES = ("i", "j", "k", "l", "p", "q")


class ArrayWriting(ArrayLeaves):
    """The kinds of notation that only arrays have."""

    def column(self, node: Expr, script: bool = False) -> Written:
        """A factor of a matrix product: products inside need no brackets, entrywise ones do."""
        if node.op is a.COLUMN:
            return self.column(node.args[0], script)
        if node.op is a.STACK and len(node.shape) == 1:
            return self.table([[self.cell(x)] for x in node.args])
        if node.op.notation.kind in PRODUCTS and node.shape:
            return self.write(node, script)
        return self.part(node, Binding.APPLICATION, script)

    def row(self, node: Expr, script: bool = False) -> str:
        """A vector as a row: xᵀ, or xᵀA where it is x @ A."""
        if node.op is a.STACK:
            return self.table([[self.cell(x) for x in node.args]]).text
        if node.op is MATMUL and len(node.args[0].shape) == 1:
            return self.product_of(
                self.row(node.args[0], script), self.column(node.args[1], script).text
            ).text
        if node.op is TRANSPOSE and len(node.shape) == 1:
            return self.row(node.args[0], script)
        if node.op is MATMUL:
            left, right = node.args
            turned = (
                self.column(left.args[0], script).text
                if left.op is TRANSPOSE
                else self.transpose_of(left, script)
            )
            return self.product_of(self.row(right, script), turned).text
        return self.transposed(self.part(node, Binding.ATOM, script).text)

    def matmul(self, root: Expr, script: bool) -> Written:
        left, right = root.args
        if len(left.shape) == 1 and len(right.shape) == 2:
            return self.product_of(self.transpose_of(right, script), self.column(left, script).text)
        if left.op is MUL and not left.args[0].shape:
            first = self.write(left, script).text
        else:
            first = self.row(left, script) if len(left.shape) == 1 else self.column(left, script).text
        return self.product_of(first, self.column(right, script).text)

    def inner(self, root: Expr, script: bool) -> Written:
        left, right = root.args
        if len(left.shape) == 2:
            return self.atom(self.angle(self.write(left, script).text, self.write(right, script).text))
        return self.product_of(self.row(left, script), self.column(right, script).text)

    def outer(self, root: Expr, script: bool) -> Written:
        return self.product_of(self.column(root.args[0], script).text, self.row(root.args[1], script))

    def kronecker(self, root: Expr, script: bool) -> Written:
        """A ⊗ B, xᵀ ⊗ I, 𝟏 ⊗ I: products beside the sign have brackets, further signs have none."""
        left, right = (self.kronecker_factor(arg, script) for arg in root.args)
        return self.joined(left, self.tensor, right)

    def kronecker_factor(self, node: Expr, script: bool) -> Written:
        if node.op is a.COLUMN:
            return self.kronecker_factor(node.args[0], script)
        written = self.write(node, script)
        several = node.op is a.ROW and node.args[0].op.notation.kind in PRODUCTS
        loose = written.binding < Binding.APPLICATION and node.op is not a.KRON
        return self.bracketed(written) if several or loose else written

    def down(self, root: Expr, script: bool) -> Written:
        """The sum of the rows, Uᵀ𝟏."""
        return self.product_of(self.transpose_of(root.args[0], script), self.one)

    def across(self, root: Expr, script: bool) -> Written:
        """The sum of each row, U𝟏."""
        return self.product_of(self.column(root.args[0], script).text, self.one)

    def as_column(self, root: Expr, script: bool) -> Written:
        """A vector spread over columns, v𝟏ᵀ."""
        return self.product_of(self.column(root.args[0], script).text, self.transposed(self.one))

    def as_row(self, root: Expr, script: bool) -> Written:
        return self.raised(self.row(root.args[0], script))

    def transpose(self, root: Expr, script: bool) -> Written:
        if len(root.shape) < 2:
            return self.write(root.args[0], script)
        return self.raised(self.transpose_of(root.args[0], script))

    def transpose_of(self, node: Expr, script: bool) -> str:
        if node.op is a.INV:
            return self.power_of(node.args[0], self.minus_transpose, script)
        return self.transposed(self.part(node, Binding.ATOM, script).text)

    def inverse(self, root: Expr, script: bool) -> Written:
        return self.raised(self.power_of(root.args[0], self.minus_one, script))

    def power_of(self, node: Expr, exponent: str, script: bool) -> str:
        return self.superscript(self.part(node, Binding.ATOM, script).text, exponent)

    def summation(self, root: Expr, script: bool) -> Written:
        """Σᵢ uᵢ, with as many indices as the array has."""
        node, before = root.args[0], self.open_letters
        rank = len(node.shape)
        if rank == 2 and 1 in node.shape:
            return self.atom(self.called("sum", self.write(node, script).text))
        taken = {s.name for s in symbols(node)} | self.open_letters
        letters = tuple(letter for letter in _INDICES if letter not in taken)[:rank]
        self.open_letters = before | set(letters)
        entry = self.part(indexed(node, letters), Binding.PRODUCT, script)
        self.open_letters = before
        return self.sum_of(letters, entry)

    def mean(self, root: Expr, script: bool) -> Written:
        """The sum over the number of entries."""
        node = root.args[0]
        over = {"mean": a.SUM, "mean_down": a.SUM_DOWN, "mean_across": a.SUM_ACROSS}[root.op.name]
        sizes = {"mean": node.shape, "mean_down": node.shape[:1], "mean_across": node.shape[1:]}[root.op.name]
        return self.write(1 / count(sizes) * Expr(over, node), script)

    def entry(self, root: Expr, script: bool) -> Written:
        """An entry of an array, its indices being letters."""
        letters = "".join(str(letter) for letter in root.args[1:])
        return self.atom(self.indexed_text(root.args[0], letters, script))

    def index(self, root: Expr, script: bool) -> Written:
        """x₁ for x[0], A₁₂ for A[0, 1], A₁: for the row A[0]; indices count from 1 on paper."""
        picks = [":" if pick is ALL else str(int(str(pick)) + 1) for pick in root.args[1:]]
        picks += [":"] * (len(root.args[0].shape) - len(picks))
        short = all(len(pick) == 1 and pick != ":" for pick in picks)
        return self.atom(self.indexed_text(root.args[0], ("" if short else ",").join(picks), script))

    def piece(self, root: Expr, script: bool) -> Written:
        start, stop = (self.size(a.position_of(arg)) for arg in root.args[1:])
        start = str(int(start) + 1) if start.isdigit() else f"{start}+1"
        return self.atom(self.indexed_text(root.args[0], f"{start}:{stop}", script))

    def indexed_text(self, node: Expr, index: str, script: bool) -> str:
        """x₁, but (w₄)₁ where the name has an index, or a mark, already."""
        if isinstance(node, Sym) and not node.accent and not any(split_name(node.name)[1:]):
            return self.lowered(self.write(node, script).text, index)
        if isinstance(node, Sym) and node.accent and not split_name(node.name)[2]:
            return self.lowered(self.write(node, script).text, index)
        return self.lowered(self.bracketed(self.write(node, script)).text, index)

    def stack(self, root: Expr, script: bool) -> Written:
        """Scalars as (a, b, c), a vector; lists of scalars, and vectors, as the rows of a matrix."""
        if not root.args[0].shape:
            parts = [self.write(arg, script) for arg in root.args]
            return self.bracketed_list(self.separator_of(parts).join(p.text for p in parts), parts)
        rows = [
            [self.cell(x) for x in arg.args] if arg.op is a.STACK else [self.row(arg, script)]
            for arg in root.args
        ]
        return self.table(rows)

    def cell(self, entry: Expr) -> str:
        """An entry of a matrix; what would be taller than a line is written flat."""
        written = self.write(entry)
        return self.write(entry, True).text if written.tall else written.text

    def concat(self, root: Expr, script: bool) -> Written:
        return self.table([[self.write(arg, script).text] for arg in root.args])
