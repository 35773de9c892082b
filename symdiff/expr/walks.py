"""Walks over trees of expressions without recursion, since trees may be deep."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from operator import is_
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from symdiff.expr.tree import Expr


def postorder(root: Expr, stop: Callable[[Expr], bool] | None = None) -> Iterator[Expr]:
    """Every distinct node below `root`, arguments before their operation, without recursion.

    Nodes are distinct as objects: a shared node comes once. Below a node for which `stop` is true
    the walk does not go.
    """
    seen: set[int] = set()
    stack: list[Expr] = [root]
    opened: list[Expr | None] = [None]
    while stack:
        node = stack.pop()
        if node is opened[-1]:  # all below it is done
            yield node
            opened.pop()
        elif id(node) not in seen:
            seen.add(id(node))
            if not node.args or (stop is not None and stop(node)):
                yield node
            else:
                opened.append(node)
                stack.append(node)
                stack += node.args[::-1]


def leaves(root: Expr) -> Iterator[Expr]:
    """The leaves below `root` in reading order, those of a shared node once."""
    seen: set[int] = set()
    stack = [root]
    while stack:
        node = stack.pop()
        if not node.args:
            yield node
        elif id(node) not in seen:
            seen.add(id(node))
            stack += node.args[::-1]


def rebuilt(root: Expr, values: Mapping[Expr, Expr], build: Callable[[Expr, list[Expr]], Expr]) -> Expr:
    """`root` with every node that is a key of `values` replaced; `build` makes a node with new arguments."""
    done: dict[int, Expr] = {}
    stack = [root]
    while stack:
        node = stack.pop()
        if node in values:
            done[id(node)] = values[node]
        elif not node.args:
            done[id(node)] = node
        elif waiting := [arg for arg in node.args if id(arg) not in done]:
            stack.append(node)
            stack += waiting
        else:
            args = [done[id(arg)] for arg in node.args]
            done[id(node)] = node if all(map(is_, args, node.args)) else build(node, args)
    return done[id(root)]


def size(root: Expr, limit: int = 10_000) -> int:
    """The number of operations in `root` written out as a tree, counted up to `limit`."""
    count, stack = 0, [root]
    while stack and count < limit:
        node = stack.pop()
        count += bool(node.args)
        stack.extend(node.args)
    return count
