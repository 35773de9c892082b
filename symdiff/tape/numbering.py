"""Equal subexpressions by one number, arguments before their operation: what a trace walks instead of trees.

A name that an equation defines has the number of its formula, so that nothing is written out on the way;
`Origins` writes a value in the inputs when somebody reads it. No step, no granularity and no derivative is
known here.
"""

from __future__ import annotations

from collections.abc import Iterable

from symdiff.errors import InputError, did_you_mean
from symdiff.expr.tree import Expr, Sym


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


class Origins:
    """The author's subexpressions of some values, in the inputs; equal parts are one object."""

    def __init__(self, values: Numbering, numbers: tuple[int, ...]) -> None:
        self._nodes, self._args, self._numbers = values.nodes, values.args, numbers
        self._done: dict[int, Expr] = {}

    def __call__(self, place: int) -> Expr:
        done = self._done
        stack = [self._numbers[place]]
        while stack:
            one = stack[-1]
            if one in done:
                stack.pop()
            elif waiting := [arg for arg in self._args[one] if arg not in done]:
                stack += waiting
            else:
                done[one] = self._in_inputs(self._nodes[one], [done[arg] for arg in self._args[one]])
        return done[self._numbers[place]]

    def _in_inputs(self, node: Expr, args: list[Expr]) -> Expr:
        same = all(arg is own for arg, own in zip(args, node.args, strict=True))
        return node if same else Expr(node.op, *args)
