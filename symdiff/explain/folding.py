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
    inputs = {var for var, _ in tape.inputs}
    keys = [_shape(row, inputs) for row in rows]
    start, stop, period = _longest_run(keys)
    if stop - start < 3 * period:
        return Fold(HEAD, (), TAIL, text("fold.plain", count=len(rows) - HEAD - TAIL))
    head = max(HEAD, min(start + period, HEAD + LONGEST_PERIOD))
    tail = max(TAIL, min(len(rows) - stop, TAIL + LONGEST_PERIOD), period)
    general = tuple(_general(rows[start + k], rows[start], inputs) for k in range(period))
    first, second, last = (_index(rows[i].chain.left) for i in (start, start + period, stop - period))
    key = "fold.general" if abs(second - first) == 1 else "fold.general_by"
    low, high = sorted((first, last))
    bounds = (low, high) if key == "fold.general" else (first, last)
    note = text(key, i=Sym("i"), first=Num(bounds[0]), second=Num(second), last=Num(bounds[1]))
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


def _shape(row: Row, inputs: set[Sym]) -> object:
    """What a row looks like when its own index is i: equal for rows that differ by a shift."""
    base = _index(row.chain.left)
    return tuple(
        (_relative(node, base, inputs) if not node.args else node.op.name)
        for chain in (row.chain, *row.beside)
        for root in (chain.left, *chain.members)
        for node in _preorder(root)
    )


def _preorder(root: Expr) -> list[Expr]:
    found, stack = [], [root]
    while stack:
        node = stack.pop()
        found.append(node)
        stack.extend(node.args)
    return found


def _relative(node: Expr, base: int, inputs: set[Sym]) -> object:
    if not isinstance(node, Sym) or _plain(node) in inputs:
        return node
    index = _index(node)
    return (index - base, node.accent, node.label, index < 0 and node.name)


def _general(row: Row, first: Row, inputs: set[Sym]) -> Row:
    """`row` with every index written relative to i, the index of `first`."""
    base = _index(first.chain.left)

    def rename(chain: Chain) -> Chain:
        left, *members = (_renamed(root, base, inputs) for root in (chain.left, *chain.members))
        return Chain(left, tuple(members))

    return Row(rename(row.chain), tuple(map(rename, row.beside)))


def _renamed(root: Expr, base: int, inputs: set[Sym]) -> Expr:
    names: dict[Expr, Expr] = {}
    for node in postorder(root):
        if isinstance(node, Sym) and _plain(node) not in inputs and _index(node) >= 0:
            shift = _index(node) - base
            index = "i" if not shift else f"i{shift:+d}"
            names[node] = Sym(f"{node.name.rpartition('_')[0]}_{index}", node.accent, node.label, node.seed)
    return substitute(root, names)


def _plain(node: Sym) -> Sym:
    return Sym(node.name)


def _index(node: Expr) -> int:
    """The number of a tape variable, or of the one a partial differentiates; −1 for other names."""
    while node.args:
        node = node.args[0]
    tail = node.name.rpartition("_")[2] if isinstance(node, Sym) else ""
    return int(tail) if tail.isdigit() else -1
