"""How the leaves of array formulas are written: sizes, 𝟏 and I, tables of numbers, ∇(g∘f)(x)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from math import prod

from symdiff.expr.leaves import Alias, Applied, Dim, Filled, Grid, Nabla
from symdiff.expr.shapes import Size, is_integer, terms_of
from symdiff.expr.tree import PARTIAL, Expr, Sym
from symdiff.rendering.formulas.written import Written


class ArrayLeaves:
    """Leaves that are neither numbers nor names; subclasses say how brackets, indices and tables look."""

    decimal: str
    thin: str
    part: Callable[..., Written]
    write: Callable[..., Written]
    bracketed: Callable[[Written], Written]
    separator_of: Callable[[list[Written]], str]
    joined: Callable[[Written, str, Written], Written]
    raise_to: Callable[[str, str], str]
    open_letters: frozenset[str] | set[str] = frozenset()
    """The indices of the sums that are being written, which an inner sum may not use."""

    def leaf_of_array(self, root: Expr) -> Written:
        if isinstance(root, Dim):
            return self.atom(self.size(root.name) if "*" in root.name else self.named(root.name))
        if isinstance(root, Grid):
            return self.numbers(root)
        if isinstance(root, Alias):
            return self.write(root.name)
        if isinstance(root, Applied):
            after = "" if root.under is None else self.arguments(root.under)
            return self.atom(self.functions(root.words, bool(after)) + after)
        if isinstance(root, Nabla):
            return self.jacobian(root)
        assert isinstance(root, Filled)
        return self.atom(self.filled(root))

    def jacobian(self, root: Nabla) -> Written:
        """∇(g∘f)(x), or ∂u/∂x where the functions have no names."""
        if not root.words:
            return self.write(Expr(PARTIAL, root.over, root.under))
        return self.atom(self.nabla + self.functions(root.words) + self.arguments(root.at or root.under))

    def functions(self, words: Sequence[Sym], closed: bool = True) -> str:
        names = [self.function_name(word) for word in words]
        return self.ring.join(names) if len(names) == 1 or not closed else f"({self.ring.join(names)})"

    def arguments(self, node: Expr) -> str:
        return f"({self.write(node).text})"

    def function_name(self, word: Sym) -> str:
        raise NotImplementedError

    def filled(self, root: Filled) -> str:
        """𝟏, 0, I, eᵢ."""
        sizes = [self.size(part) for part in root.shape]
        if root.what == "zeros":
            return "0"
        if root.what == "eye":
            return self.lowered("I", sizes[0])
        if root.what == "unit":
            return self.lowered("e", str(root.index + 1))
        return self.one if len(sizes) == 1 else self.lowered(self.one, self.times.join(sizes))

    def size(self, part: Size) -> str:
        return "+".join(map(self.product_of_sizes, terms_of(part))).replace("+-", "-")

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

    def product_of(self, left: str, right: str) -> Written:
        raise NotImplementedError

    def atom(self, text: str) -> Written:
        raise NotImplementedError

    def raised(self, text: str) -> Written:
        raise NotImplementedError

    def bracketed_list(self, text: str, parts: list[Written]) -> Written:
        raise NotImplementedError

    def table(self, rows: list[list[str]]) -> Written:
        raise NotImplementedError

    def sum_of(self, letters: Sequence[str], entry: Written) -> Written:
        raise NotImplementedError

    def transposed(self, text: str) -> str:
        return self.superscript(text, self.top)

    def superscript(self, text: str, exponent: str) -> str:
        raise NotImplementedError

    def lowered(self, text: str, index: str) -> str:
        raise NotImplementedError

    def angle(self, left: str, right: str) -> str:
        raise NotImplementedError

    def called(self, word: str, argument: str) -> str:
        raise NotImplementedError

    def named(self, name: str) -> str:
        raise NotImplementedError

    nabla = "∇"
    ring = "∘"
    one = "1"
    times = "×"
    top = "T"
    minus_one = "-1"
    minus_transpose = "-T"
    dots = vertical_dots = "..."
    side_by_side = ""
    tensor = " ⊗ "
    hadamard = " ∘ "


def _gap(positions: Sequence[int]) -> int:
    """The place after which positions jump; 0 if they do not."""
    return next((i for i in range(1, len(positions)) if positions[i] != positions[i - 1] + 1), 0)
