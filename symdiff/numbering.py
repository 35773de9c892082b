"""Equal subexpressions by one number, arguments before their operation: what a trace walks instead of trees.

A name that an equation defines has the number of its formula, so that nothing is written out on the way; `closed`
writes a value in the inputs when somebody reads it. No step, no granularity and no derivative is known here.
"""

from __future__ import annotations

from collections.abc import Iterable

from symdiff.errors import InputError, did_you_mean
from symdiff.expr import Expr, Sym


class Numbering:
    """The distinct values of some definitions: for each its node, its arguments, and how often it is used."""

    def __init__(self, inputs: Iterable[Sym], held: Iterable[Sym] = ()) -> None:
        self.nodes: list[Expr] = []
        self.args: list[tuple[int, ...]] = []
        self.uses: list[int] = []
        self.constants: set[int] = set()
        self._by_node: dict[int, int] = {}
        self._by_value: dict[object, int] = {}
        self._names: dict[Expr, int] = {}
        self._closed: dict[int, Expr] = {}
        for name in held:
            self._names[name] = self._value(name, name, ())
        self.held = frozenset(self._names)
        for name in inputs:
            self._names[name] = self._value(name, name, ())
        self.constants = {self._names[name] for name in self.held}

    def number(self, name: Sym) -> int:
        """The number that a name has."""
        return self._names[name]

    def define(self, name: Sym, formula: Expr) -> int:
        """The number of `formula`, which `name` has from now on."""
        self._names[name] = number = self._number(formula)
        return number

    def closed(self, number: int) -> Expr:
        """The value as an expression in the inputs; equal parts are one object."""
        done = self._closed
        stack = [number]
        while stack:
            one = stack[-1]
            args = self.args[one]
            if one in done:
                stack.pop()
            elif waiting := [arg for arg in args if arg not in done]:
                stack += waiting
            else:
                done[one] = self._in_inputs(one, [done[arg] for arg in args])
        return done[number]

    def _in_inputs(self, number: int, args: list[Expr]) -> Expr:
        node = self.nodes[number]
        if all(arg is own for arg, own in zip(args, node.args, strict=True)):
            return node
        return Expr(node.op, *args)

    def _number(self, root: Expr) -> int:
        by_node = self._by_node
        stack = [root]
        while stack:
            node = stack[-1]
            if id(node) in by_node:
                stack.pop()
            elif not node.args:
                by_node[id(node)] = self._leaf(node)
            elif waiting := [arg for arg in node.args if id(arg) not in by_node]:
                stack += waiting[::-1]
            else:
                args = tuple([by_node[id(arg)] for arg in node.args])
                by_node[id(node)] = self._value((node.op.name, args), node, args)
        return by_node[id(root)]

    def _leaf(self, node: Expr) -> int:
        number = self._names.get(node)
        if number is None and isinstance(node, Sym):
            known = [name.name for name in self._names if isinstance(name, Sym)]
            raise InputError(f"unknown name {node.name!r}", way_out=did_you_mean(node.name, known))
        return self._value(node, node, ()) if number is None else number

    def _value(self, key: object, node: Expr, args: tuple[int, ...]) -> int:
        """The number of a value; of a new one its arguments are noted, and whether it is constant."""
        new = len(self.nodes)
        number = self._by_value.setdefault(key, new)
        if number == new:
            self.nodes.append(node)
            self.args.append(args)
            self.uses.append(0)
            for arg in args:
                self.uses[arg] += 1
            if not isinstance(node, Sym) and self.constants.issuperset(args):
                self.constants.add(number)
        return number


