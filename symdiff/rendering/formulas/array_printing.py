"""How vectors and matrices are written: columns, rows, products, sums over indices, tables of numbers.

A vector is a column. Where a product needs a row, its transpose is written, so that x @ A @ x reads xᵀAx
and outer(u, v) reads uvᵀ. Sums are written with an index, Σᵢ rᵢ². A method that bears the name of a kind of
notation (`Notation.kind`) writes the operations of that kind. What brackets, indices and tables look like is
the business of `Typesetting`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import prod

from symdiff.expr import operations as ops
from symdiff.expr.leaves import (
    TRIANGLES,
    Alias,
    Applied,
    Filled,
    Grid,
    HeldIndex,
    Nabla,
    OneHot,
    entry_count,
    is_zero,
)
from symdiff.expr.notation import Binding, Notation, Op
from symdiff.expr.operations import is_array
from symdiff.expr.shapes import Size, is_integer, plus, terms_of
from symdiff.expr.tree import ALL, INDEX, MATMUL, MUL, PARTIAL, TRANSPOSE, Dim, Expr, Num, Sym, position_of
from symdiff.rendering.formulas.typesetting import Typesetting, Written


class ArrayLeafPrinting(Typesetting):
    """Leaves that are neither numbers nor names: sizes, 𝟏 and I, tables of numbers, ∇(g∘f)(x)."""

    def array_leaf(self, root: Expr) -> Written:
        if isinstance(root, Dim):
            return self.atom(self.size(root.name) if "*" in root.name else self.named(root.name))
        if isinstance(root, Grid):
            return self.numbers(root)
        if isinstance(root, Alias):
            return self.write(root.name)
        if isinstance(root, Applied):
            after = "" if root.under is None else self.arguments(root.under)
            return self.atom(self.functions(root.functions, bool(after)) + after)
        if isinstance(root, Nabla):
            return self.jacobian(root)
        if isinstance(root, HeldIndex):
            return self.atom(self.named(root.name))
        if isinstance(root, OneHot):
            return self.atom(self.one_hot(root))
        assert isinstance(root, Filled)
        return self.atom(self.filled(root))

    def one_hot(self, root: OneHot) -> str:
        """e_y; the matrix E_y where y is a vector of indices."""
        purpose = "one-hot rows" if root.index.shape else "unit vector"
        return self.lowered(self.named(self.letters.free(purpose)), self.named(root.index.name))

    def jacobian(self, root: Nabla) -> Written:
        """∇(g∘f)(x), or ∂u/∂x where the functions have no names."""
        if not root.functions:
            return self.write(Expr(PARTIAL, root.over, root.under))
        return self.atom(self.nabla + self.functions(root.functions) + self.arguments(root.at or root.under))

    def functions(self, words: Sequence[Sym], closed: bool = True) -> str:
        names = [self.function_name(word) for word in words]
        return self.ring.join(names) if len(names) == 1 or not closed else f"({self.ring.join(names)})"

    def arguments(self, node: Expr) -> str:
        return f"({self.write(node).text})"

    def filled(self, root: Filled) -> str:
        """𝟏, 0, I, eᵢ, tril(𝟏)."""
        if root.what in TRIANGLES:
            whole = self.filled(Filled("ones", root.shape))
            comma = self.semicolon if self.decimal == "," else self.comma
            index = str(root.index).replace("-", self.minus)
            return self.called(root.what, f"{whole}{comma}{index}" if root.index else whole)
        sizes = [self.size(part) for part in root.shape]
        if root.what == "zeros":
            return "0"
        if root.what == "eye":
            return self.lowered(self.named(self.letters.free("identity")), sizes[0])
        if root.what == "unit":
            return self.lowered(self.named(self.letters.free("unit vector")), self.size(plus(root.index, 1)))
        if root.what == "tri":
            return self.lowered(self.named(self.letters.free("triangle")), sizes[0])
        if root.what == "arange":
            return f"(0, 1, {self.dots}, {self.size(plus(root.shape[0], -1))})"
        if len(sizes) == 1:
            return self.ones_of(root.shape[0])
        bracketed = [
            f"({text})" if "+" in str(size) else text for text, size in zip(sizes, root.shape, strict=True)
        ]
        return self.lowered(self.one, self.times.join(bracketed))

    def ones_of(self, size: Size) -> str:
        """The vector 𝟏, as 𝟏ₙ where a page has several sizes of it."""
        return self.lowered(self.one, self.size(size)) if self.letters.sized_ones else self.one

    def size(self, part: Size) -> str:
        written = "+".join(map(self.product_of_sizes, terms_of(part)))
        return written.replace("+-", "-").replace("-", self.minus)

    def product_of_sizes(self, factors: Sequence[str]) -> str:
        """dn, n², 2n, 10: numbers multiplied, names of one letter side by side."""
        names = [part for part in factors if not is_integer(part)]
        written = [self.power_of_size(name, times) for name, times in Counter(names).items()]
        number = prod(int(part) for part in factors if is_integer(part))
        if names and abs(number) == 1:
            return ("-" if number < 0 else "") + self.beside(names).join(written)
        return self.beside(names).join([str(number), *written])

    def power_of_size(self, name: str, times: int) -> str:
        return self.named(name) if times == 1 else self.raise_to(self.named(name), str(times))

    def beside(self, names: Sequence[str]) -> str:
        return self.side_by_side if all(len(name) == 1 for name in names) else self.thin

    def numbers(self, grid: Grid) -> Written:
        """The numbers of an array; those left out of a large one are dots."""
        rows = [[self.write(x).text for x in row] for row in grid.entries]
        if len(grid.shape) == 1:
            line = self.with_dots([row[0] for row in rows], grid.rows)
            parts = [self.write(row[0]) for row in grid.entries]
            return self.bracketed_list(self.separator_of(parts).join(line), parts)
        table = [self.with_dots(row, grid.columns) for row in rows]
        gap = _gap(grid.rows)
        if gap:
            table.insert(gap, [self.vertical_dots] * len(table[0]))
        return self.table(table)

    def with_dots(self, parts: list[str], positions: Sequence[int]) -> list[str]:
        gap = _gap(positions)
        return [*parts[:gap], self.dots, *parts[gap:]] if gap else parts


def _gap(positions: Sequence[int]) -> int:
    """The place after which positions jump; 0 if they do not."""
    return next((i for i in range(1, len(positions)) if positions[i] != positions[i - 1] + 1), 0)


PRODUCTS = {"matmul", "inner", "outer", "down", "across", "as_column", "as_row"}
ENTRY = Op("entry", None, Notation("entry", "", "", Binding.ATOM), lambda name, args: ())
"""An entry with letters for its indices, inside a sum: u_i."""


def indexed(node: Expr, indices: tuple[str, ...]) -> Expr:
    """The entry of `node` at `indices`, going into operations that act entry by entry."""
    if not node.shape:
        return node
    own = indices[len(indices) - len(node.shape) :]
    if isinstance(node, Filled) and node.what == "ones":
        return Num(1)
    if node.args and not is_array(node.op) and 1 not in node.shape:
        return Expr(node.op, *(indexed(arg, own) for arg in node.args))
    if node.op is TRANSPOSE and len(node.shape) == 2:
        return indexed(node.args[0], own[::-1])
    if node.op is ops.COLUMN:
        return indexed(node.args[0], own[:1])
    if node.op is ops.GATHER and not any(pick.op is ops.STACK for pick in node.args[1:]):
        return Expr(ENTRY, node.args[0], *_gathered_places(node, own))
    return Expr(ENTRY, node, *map(Sym, own))


def _gathered_places(node: Expr, indices: tuple[str, ...]) -> list[Expr]:
    """The indices of an entry of Z[range(n), y] in Z: i and y_i."""
    array, *picks = node.args
    left, found = list(indices), list[Expr]()
    first = ""
    for pick in (*picks, *[ALL] * (len(array.shape) - len(picks))):
        if pick is ALL:
            found.append(Sym(left.pop(0)))
        elif not pick.shape:
            found.append(pick)
        else:
            first = first or left.pop(0)
            found.append(Sym(first) if isinstance(pick, Filled) else Expr(ENTRY, pick, Sym(first)))
    return found


def needs_brackets(node: Expr, others: Sequence[Expr], last: bool) -> bool:
    """Whether a matrix product stands in brackets among the factors of an ordinary product."""
    if node.op.notation.kind in ("summation", "mean"):
        return not last
    if node.op.notation.kind not in PRODUCTS:
        return False
    return not last or any(other.shape for other in others)


def begins_with_number(node: Expr) -> bool:
    """Whether a number is the first factor, as in 2·B x."""
    while node.op is MATMUL:
        node = node.args[0]
    return node.op is MUL and not node.args[0].shape


def ends_open(node: Expr) -> bool:
    """Whether a formula ends in a bare argument, as sin x does: what followed would seem to belong to it."""
    kind = node.op.notation.kind
    if kind == "application":
        return isinstance(node.args[0], Sym)
    if kind == "power":
        base, exponent = node.args
        return is_power_of_word(base, exponent) and ends_open(base)
    if node.op is MATMUL and len(node.args[0].shape) == 1 and len(node.args[1].shape) == 2:
        return ends_open(node.args[0])  # written Aᵀx
    return kind in ("product", "matmul", "inner") and ends_open(node.args[1])


def is_power_of_word(base: Expr, exponent: Expr) -> bool:
    """Whether a power is written behind the word, sin²x: a positive whole one."""
    whole = isinstance(exponent, Num) and exponent.value.denominator == 1 and exponent.value > 0
    return whole and base.op.notation.kind == "application"


def is_diagonal_product(left: Expr, right: Expr) -> bool:
    """v𝟏ᵀ ∘ M, which is diag(v)·M."""
    return (
        left.op is ops.COLUMN
        and len(right.shape) == 2
        and right.op is not ops.COLUMN
        and 1 not in right.shape
    )


class ArrayPrinting(ArrayLeafPrinting):
    """The kinds of notation that only arrays have."""

    open_indices: frozenset[str] = frozenset()
    """The indices of the sums that are being written: an inner sum has another one."""

    def closed_end(self, node: Expr, script: bool) -> Written:
        """A formula that ends in a bare argument, so that another factor may follow."""
        raise NotImplementedError

    def front(self, node: Expr, script: bool = False) -> Written:
        """A factor of a matrix product before another one: tanh(x) yᵀ."""
        node = node.args[0] if node.op is ops.COLUMN else node
        is_open = ends_open(node) and node.op.notation.kind not in PRODUCTS
        if is_open and self.column(node, script).binding <= Binding.APPLICATION:
            return self.closed_end(node, script)
        return self.column(node, script)

    def column(self, node: Expr, script: bool = False) -> Written:
        """A factor of a matrix product: products inside need no brackets, entrywise ones do."""
        if node.op is ops.COLUMN:
            return self.column(node.args[0], script)
        if node.op is ops.STACK and len(node.shape) == 1:
            return self.table([[self.cell(x)] for x in node.args])
        if node.op.notation.kind in PRODUCTS and node.shape:
            return self.write(node, script)
        return self.part(node, Binding.APPLICATION, script)

    def row(self, node: Expr, script: bool = False) -> str:
        """A vector as a row: xᵀ, or xᵀA where it is x @ A."""
        if node.op is ops.STACK:
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

    def last(self, node: Expr, script: bool) -> Written:
        """A factor after another one: a product that begins with a number has brackets, A (2·B x)."""
        found = self.column(node, script)
        first = node.args[0] if node.op is MATMUL else node
        return self.bracketed(found) if first is not node and begins_with_number(first) else found

    def matmul(self, root: Expr, script: bool) -> Written:
        left, right = root.args
        if len(left.shape) == 1 and len(right.shape) == 2:
            return self.product_of(self.transpose_of(right, script), self.column(left, script).text)
        if left.op is MUL and not left.args[0].shape:
            first = self.write(left, script).text
        else:
            first = self.row(left, script) if len(left.shape) == 1 else self.front(left, script).text
        return self.product_of(first, self.last(right, script).text)

    def inner(self, root: Expr, script: bool) -> Written:
        left, right = root.args
        if len(left.shape) == 2:
            return self.atom(self.angle(self.write(left, script).text, self.write(right, script).text))
        return self.product_of(self.row(left, script), self.last(right, script).text)

    def outer(self, root: Expr, script: bool) -> Written:
        return self.product_of(self.front(root.args[0], script).text, self.row(root.args[1], script))

    def kronecker(self, root: Expr, script: bool) -> Written:
        """A ⊗ B, xᵀ ⊗ I, 𝟏 ⊗ I: products beside the sign have brackets, further signs have none."""
        left, right = (self.kronecker_factor(arg, script) for arg in root.args)
        return self.joined(left, self.tensor, right)

    def kronecker_factor(self, node: Expr, script: bool) -> Written:
        if node.op is ops.COLUMN:
            return self.kronecker_factor(node.args[0], script)
        written = self.write(node, script)
        several = node.op is ops.ROW and node.args[0].op.notation.kind in PRODUCTS
        loose = written.binding <= Binding.APPLICATION and node.op is not ops.KRON
        return self.bracketed(written) if several or loose else written

    def down(self, root: Expr, script: bool) -> Written:
        """The sum of the rows, Uᵀ𝟏."""
        rows, turned = root.args[0].shape[0], self.transpose_of(root.args[0], script)
        return self.raised(turned) if rows == 1 else self.product_of(turned, self.ones_of(rows))

    def across(self, root: Expr, script: bool) -> Written:
        """The sum of each row, U𝟏."""
        columns = root.args[0].shape[1]
        if columns == 1:
            return self.part(root.args[0], Binding.PRODUCT, script)
        return self.product_of(self.front(root.args[0], script).text, self.ones_of(columns))

    def as_column(self, root: Expr, script: bool) -> Written:
        """A vector spread over columns, v𝟏ᵀ."""
        columns = root.shape[1]
        if columns == 1:
            return self.part(root.args[0], Binding.PRODUCT, script)
        ones = self.transposed(self.ones_of(columns))
        return self.product_of(self.front(root.args[0], script).text, ones)

    def as_row(self, root: Expr, script: bool) -> Written:
        return self.raised(self.row(root.args[0], script))

    def transpose(self, root: Expr, script: bool) -> Written:
        if len(root.shape) < 2:
            return self.write(root.args[0], script)
        return self.raised(self.transpose_of(root.args[0], script))

    def transpose_of(self, node: Expr, script: bool) -> str:
        if node.op is ops.INV:
            return self.power_of(node.args[0], self.minus_transpose, script)
        return self.transposed(self.part(node, Binding.ATOM, script).text)

    def inverse(self, root: Expr, script: bool) -> Written:
        return self.raised(self.power_of(root.args[0], self.minus_one, script))

    def power_of(self, node: Expr, exponent: str, script: bool) -> str:
        return self.superscript(self.part(node, Binding.ATOM, script).text, exponent)

    def summation(self, root: Expr, script: bool) -> Written:
        """Σᵢ uᵢ, with as many indices as the array has."""
        node, before = root.args[0], self.open_indices
        rank = len(node.shape)
        if rank == 2 and 1 in node.shape:
            return self.atom(self.called("sum", self.write(node, script).text))
        free = self.letters.several("index", len(before) + rank)
        indices = tuple(letter for letter in free if letter not in before)[:rank]
        self.open_indices = before | set(indices)
        entry = self.part(indexed(node, indices), Binding.PRODUCT, script)
        self.open_indices = before
        return self.sum_of(indices, entry)

    def product_over(self, root: Expr, script: bool) -> Written:
        """∏ᵢ uᵢ, as a sum is written."""
        written = self.summation(root, script)
        return Written(self.as_product(written.text), written.binding, written.tall)

    def as_product(self, text: str) -> str:
        """The product over indices in place of the sum over them."""
        return text.replace(self.sum_sign, self.product_sign, 1)

    def product_of_others(self, root: Expr, script: bool) -> Written:
        """(∏_{j≠i} uⱼ)ᵢ: for each entry the product of the others, in its row where only these count."""
        node, by_row = root.args[0], root.op is ops.PROD_OTHERS_ACROSS and len(root.shape) == 2
        rank = len(node.shape)
        free = [i for i in self.letters.several("index", 9) if i not in self.open_indices]
        own, other = tuple(free[:rank]), tuple(free[rank : 2 * rank])
        if by_row:
            other = (own[0], free[2])
        told = (own[-1:], other[-1:]) if by_row else (own, other)
        here, there = (one[0] if len(one) == 1 else f"({','.join(one)})" for one in told)
        before, self.open_indices = self.open_indices, self.open_indices | {*own, *other}
        entry = self.part(indexed(node, other), Binding.PRODUCT, script)
        self.open_indices = before
        found = self.sum_of([f"{there}{self.not_equal}{here}"], entry)
        text = self.as_product(found.text)
        return self.atom(
            self.lowered(
                self.bracketed(Written(text, found.binding, found.tall)).text, self.index_joint.join(own)
            )
        )

    def vector_product(self, root: Expr, script: bool) -> Written:
        """u × v."""
        left, right = (self.part(arg, Binding.APPLICATION, script) for arg in root.args)
        return self.joined(left, f" {self.times.strip()} ", right)

    def mean(self, root: Expr, script: bool) -> Written:
        """The sum over the number of entries."""
        node = root.args[0]
        over = {"mean": ops.SUM, "mean_down": ops.SUM_DOWN, "mean_across": ops.SUM_ACROSS}[root.op.name]
        sizes = {"mean": node.shape, "mean_down": node.shape[:1], "mean_across": node.shape[1:]}[root.op.name]
        return self.write(1 / entry_count(sizes) * Expr(over, node), script)

    def entry(self, root: Expr, script: bool) -> Written:
        """An entry of an array, its indices being letters."""
        indices = [self.pick(pick) for pick in root.args[1:]]
        plain = all(isinstance(pick, Sym) for pick in root.args[1:])
        return self.atom(self.indexed_text(root.args[0], ("" if plain else ",").join(indices), script))

    def index(self, root: Expr, script: bool) -> Written:
        """x₁ for x[0], A₁₂ for A[0, 1], A₁: for the row A[0]; indices count from 1 on paper."""
        picks = [self.pick(pick) for pick in root.args[1:]]
        picks += [":"] * (len(root.args[0].shape) - len(picks))
        if any(isinstance(pick, Filled) for pick in root.args[1:]):
            return self.pairs(root, script)
        short = all(len(pick) == 1 and pick.isdigit() for pick in picks)
        return self.atom(self.indexed_text(root.args[0], ("" if short else ",").join(picks), script))

    def pairs(self, root: Expr, script: bool) -> Written:
        """Z[range(n), y] as the vector of its entries, (Z_{i,y_i})_i."""
        letter = next(i for i in self.letters.several("index", 9) if i not in self.open_indices)
        entry = self.write(indexed(root, (letter,)), script)
        return self.atom(self.lowered(self.bracketed(entry).text, letter))

    def pick(self, pick: Expr) -> str:
        """An index as it is written below a name: a number counted from 1, a name, numbers in brackets."""
        if isinstance(pick, HeldIndex):
            return self.named(pick.name)
        if isinstance(pick, Sym):
            return pick.name
        if pick.op is ENTRY:
            return self.write(pick, True).text
        if pick.op is ops.STACK:
            return f"({','.join(map(self.pick, pick.args))})"
        return ":" if pick is ALL or isinstance(pick, Filled) else self.size(plus(position_of(pick), 1))

    def piece(self, root: Expr, script: bool) -> Written:
        """x₂:₃ for x[1:3], A₁:₂,: for A[0:2, :]; of a row or a column in one index with it, A₁:₂,₃."""
        node, cut = root.args[0], self.pieces(root)
        while node.op is ops.SLICE and all(":" in pair for pair in zip(cut, self.pieces(node), strict=True)):
            cut = [one if other == ":" else other for one, other in zip(cut, self.pieces(node), strict=True)]
            node = node.args[0]
        pieces = iter(cut)
        if node.op is not INDEX or not node.shape:
            return self.atom(self.indexed_text(node, ",".join(pieces), script))
        whole = len(node.args[0].shape)
        picks = [*node.args[1:], *[ALL] * (whole - len(node.args) + 1)]
        index = [next(pieces) if pick is ALL else self.pick(pick) for pick in picks]
        return self.atom(self.indexed_text(node.args[0], ",".join(index), script))

    def pieces(self, root: Expr) -> list[str]:
        """What is taken of each axis, counted from 1: 2:3, or a colon for the whole of it."""
        shape, several = root.args[0].shape, len(root.shape) > 1
        found = []
        for length, (start, stop) in zip(shape, ops.places_of(root.args[1:]), strict=True):
            whole = several and (start, stop) == (0, length)
            found.append(":" if whole else f"{self.size(plus(start, 1))}:{self.size(stop)}")
        return found

    def indexed_text(self, node: Expr, index: str, script: bool) -> str:
        """x₁, but (w₄)₁ where the name has an index, or a mark, already."""
        if isinstance(node, Grid) and len(node.shape) == 1:
            return self.lowered(self.numbers(node).text, index)
        if isinstance(node, HeldIndex) and not any(self.letters.split(node.name)[1:]):
            return self.lowered(self.named(node.name), index)
        written = self.write(node, script)
        bare = isinstance(node, Sym) and self._takes_index(node)
        return self.lowered((written if bare else self.bracketed(written)).text, index)

    def _takes_index(self, name: Sym) -> bool:
        """Whether a name is letters alone, with no mark but that of an adjoint or a tangent."""
        stem, accent, index = self.letters.split(name.name)
        return stem.isalpha() and not index and (bool(name.accent) or not accent)

    def stack(self, root: Expr, script: bool) -> Written:
        """Scalars as (a, b, c), a vector; lists of scalars, and vectors, as the rows of a matrix."""
        if not root.args[0].shape:
            parts = [self.write(arg, script) for arg in root.args]
            return self.bracketed_list(self.separator_of(parts).join(p.text for p in parts), parts)
        rows = [
            [self.cell(x) for x in arg.args] if arg.op is ops.STACK else [self.row(arg, script)]
            for arg in root.args
        ]
        return self.table(rows)

    def cell(self, entry: Expr) -> str:
        """An entry of a matrix; what would be taller than a line is written flat."""
        written = self.write(entry)
        return self.write(entry, True).text if written.tall else written.text

    def concat(self, root: Expr, script: bool) -> Written:
        return self.table([[self.write(part, script).text for part in row] for row in _blocks(root)])


def _blocks(root: Expr) -> list[Sequence[Expr]]:
    """The blocks that an array is joined of, row by row; zeros beside rows of several blocks are several."""
    if root.op is ops.CONCAT_ACROSS:
        return [root.args]
    width = max((len(arg.args) for arg in root.args if arg.op is ops.CONCAT_ACROSS), default=1)
    rows: list[Sequence[Expr]] = [arg.args if arg.op is ops.CONCAT_ACROSS else (arg,) for arg in root.args]
    rows = [[*row] * width if is_zero(row[0]) and len(row) == 1 else row for row in rows]
    return rows if all(len(row) == width for row in rows) else [(arg,) for arg in root.args]
