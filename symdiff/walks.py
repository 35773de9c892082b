"""Walks over trees of expressions without recursion, since trees may be deep."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from symdiff.expr import Expr


def postorder(root: Expr, stop: Callable[[Expr], bool] = lambda _: False) -> Iterator[Expr]:
    """Every distinct node below `root`, arguments before their operation, without recursion.

    Nodes are distinct as objects: a shared node comes once. Below a node for which `stop` is true
    the walk does not go.
    """
    seen: set[int] = set()
    stack: list[tuple[Expr, bool]] = [(root, False)]
    while stack:
        node, ready = stack.pop()
        if ready:
            yield node
        elif id(node) not in seen:
            seen.add(id(node))
            stack.append((node, True))
            if not stop(node):
                stack.extend((arg, False) for arg in reversed(node.args))


def size(root: Expr, limit: int = 10_000) -> int:
    """The number of operations in `root` written out as a tree, counted up to `limit`."""
    count, stack = 0, [root]
    while stack and count < limit:
        node = stack.pop()
        count += bool(node.args)
        stack.extend(node.args)
    return count
