"""Long blocks: the first rows, a general row for what repeats, the last rows.

A tape that repeats a cell has steps that are equal up to a shift of their indices. The longest such run
is found and written once with a general index i; all rows stay in the block and are proved, only the
page is short.
"""

from __future__ import annotations

from collections.abc import Sequence

from symdiff.document import Chain, Equations, Fold, Row, text
from symdiff.expr import Expr, Num, Sym, postorder, substitute
from symdiff.tape import Tape

LONGEST = 40
HEAD, TAIL = 8, 5
LONGEST_PERIOD = 12


def folded(rows: Sequence[Row], tape: Tape, full: bool) -> Equations:
    """The rows as one block, folded when there are more than `LONGEST` and `full` is not set."""
    rows = tuple(rows)
    if full or len(rows) <= LONGEST:
        return Equations(rows)
    return Equations(rows, fold_of(rows, tape))


def fold_of(rows: Sequence[Row], tape: Tape) -> Fold:
    """Which rows to write, and the general row of what repeats between them, if anything does."""
    pattern = _Pattern(tape)
    start, stop, period = _longest_run([pattern.shape(row) for row in rows])
    if stop - start < 3 * period:
        return Fold(HEAD, (), TAIL, text("fold.plain", count=len(rows) - HEAD - TAIL))
    head = max(HEAD, min(start + period, HEAD + LONGEST_PERIOD))
    tail = max(TAIL, min(len(rows) - stop, TAIL + LONGEST_PERIOD), period)
    general = tuple(pattern.general(rows[start + k], rows[start]) for k in range(period))
    first, second, last = (pattern.index(rows[i].chain.left) for i in (start, start + period, stop - period))
    key = "fold.general" if abs(second - first) == 1 else "fold.general_by"
    low, high = sorted((first, last)) if key == "fold.general" else (first, last)
    note = text(key, i=Sym("i"), first=Num(low), second=Num(second), last=Num(high))
    return Fold(head, general, tail, note)


def _longest_run(keys: Sequence[object]) -> tuple[int, int, int]:
    """(start, stop, period) of the longest stretch in which each row is like the one `period` before."""
    best = (0, 0, 1)
    for period in range(1, LONGEST_PERIOD + 1):
        start = 0
        for i in range(period, len(keys) + 1):
            if i < len(keys) and keys[i] == keys[i - period]:
                continue
            if i - start > best[1] - best[0]:
                best = (start, i, period)
            start = i - period + 1
    return best


class _Pattern:
    """Rows of one tape up to a shift of indices; the names of inputs do not shift."""

    def __init__(self, tape: Tape) -> None:
        self.letter = tape.output.name.rpartition("_")[0]
        self.inputs = {var.name for var, _ in tape.inputs}

    def index(self, node: Expr) -> int:
        """The number of a tape variable, or of the one a partial differentiates; −1 for other names."""
        while node.args:
            node = node.args[0]
        letter, _, tail = node.name.rpartition("_") if isinstance(node, Sym) else ("", "", "")
        return int(tail) if tail.isdigit() and letter == self.letter else -1

    def shape(self, row: Row) -> object:
        """What a row looks like when its own index is i: equal for rows that differ by a shift."""
        base = self.index(row.chain.left)
        return tuple(
            self._relative(node, base) if isinstance(node, Num | Sym) else node.op.name
            for chain in (row.chain, *row.beside)
            for root in (chain.left, *self._members(chain))
            for node in _preorder(root)
        )

    def general(self, row: Row, first: Row) -> Row:
        """`row` with every index written relative to i, the index of `first`."""
        base = self.index(first.chain.left)
        beside = tuple(self._shifted(chain, base) for chain in row.beside)
        return Row(self._shifted(row.chain, base), beside, space=row.space)

    def _shifted(self, chain: Chain, base: int) -> Chain:
        left, *members = (self._renamed(root, base) for root in (chain.left, *self._members(chain)))
        return Chain(left, tuple(members))

    def _members(self, chain: Chain) -> list[Expr]:
        """The members without the author's name for the step, which is a different one in each row."""
        named = [m for m in chain.members if isinstance(m, Sym) and not m.accent and self.index(m) < 0]
        return [m for m in chain.members if m not in named or len(chain.members) == 1]

    def _relative(self, node: Expr, base: int) -> object:
        if isinstance(node, Sym) and node.name not in self.inputs and self.index(node) >= 0:
            return self.index(node) - base, node.accent, node.label
        return node

    def _renamed(self, root: Expr, base: int) -> Expr:
        names: dict[Expr, Expr] = {}
        for node in postorder(root):
            if isinstance(node, Sym) and node.name not in self.inputs and self.index(node) >= 0:
                shift = self.index(node) - base
                index = "i" if not shift else f"i{shift:+d}"
                name = f"{self.letter}_{index}"
                names[node] = Sym(name, node.accent, node.label, node.seed, node.shape, node.assume)
        return substitute(root, names)


def _preorder(root: Expr) -> list[Expr]:
    found, stack = [], [root]
    while stack:
        node = stack.pop()
        found.append(node)
        stack.extend(node.args)
    return found
