"""Syntax tree to expression, bottom-up, with every failure one clear error. Nothing is evaluated.

Python's own parser has read the text (see `syntax`); a whitelist decides what of it belongs to the
language; the rule table says which names are functions. What is not on the list is refused where it stands.
This module knows expressions; what several equations mean together is said in `parse`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Mapping
from fractions import Fraction
from typing import NoReturn

from symdiff.errors import InputError, did_you_mean, shorten
from symdiff.expr import tree as e
from symdiff.expr.leaves import Dim
from symdiff.expr.names import check_name
from symdiff.expr.notation import Op
from symdiff.expr.operations import STACK
from symdiff.expr.tree import Expr, Num, Sym
from symdiff.language.array_reader import FILLS, along_axis, filled, named_entry, subscript
from symdiff.language.syntax import caret, flush, prepared, spelled
from symdiff.language.syntax import statements as statements
from symdiff.rules.rule import Rule
from symdiff.rules.scalar_rows import EULER, EXP, functions

MAX_EXPONENT = 300
_OPERATORS = {
    ast.Add: e.ADD,
    ast.Sub: e.SUB,
    ast.Mult: e.MUL,
    ast.Div: e.DIV,
    ast.Pow: e.POW,
    ast.MatMult: e.MATMUL,
}


class Reader:
    """One text's reader: tree nodes to expressions, bottom-up and without recursion.

    `names` are the names whose shape is known; `sizes` those that stand for a size.
    """

    def __init__(
        self, text: str, names: Mapping[str, Sym] | None = None, sizes: Collection[str] = ()
    ) -> None:
        self.names, self.sizes = dict(names or {}), set(sizes)
        self.lines = prepared(text).split("\n")
        self.shown = flush(text).split("\n")
        self.known = functions()

    def fail(self, what: str, node: ast.AST, way_out: str = "") -> NoReturn:
        line = self.lines[getattr(node, "lineno", 1) - 1]
        column = len(line.encode()[: getattr(node, "col_offset", 0)].decode(errors="ignore"))
        shown = self.shown[getattr(node, "lineno", 1) - 1]
        raise InputError(what, way_out=way_out, picture=caret(shown, column))

    def target(self, node: ast.expr) -> tuple[Sym, list[Sym]]:
        """The name on an equation's left, and its inputs where it is written f(x, a)."""
        if isinstance(node, ast.Subscript):
            listed = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            return self.name(node.value), [self.name(arg) for arg in listed]
        return self.name(node), []

    def name(self, node: ast.expr) -> Sym:
        if not isinstance(node, ast.Name):
            self.fail("a name is expected on the left of =", node)
        name = spelled(node.id)
        if name in self.known and name != "e":
            self.fail(f"{name!r} belongs to the language, it cannot be a name here", node)
        return self.names.get(name) or Sym(check_name(name))

    def read(self, root: ast.expr) -> Expr:
        done: dict[ast.AST, Expr] = {}
        stack: list[tuple[ast.expr, bool]] = [(root, False)]
        while stack:
            node, ready = stack.pop()
            children = self.children(node)
            if ready or not children:
                done[node] = self.shaped(node, [done[child] for child in children])
            else:
                stack.append((node, True))
                stack.extend((child, False) for child in reversed(children))
        return done[root]

    def children(self, node: ast.expr) -> list[ast.expr]:
        """The operands of `node`; anything outside the language is refused here."""
        match node:
            case ast.Constant() | ast.Name():
                return []
            case ast.BinOp(left=left, right=right, op=op) if type(op) in _OPERATORS:
                return [left, right]
            case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
                return [operand]
            case ast.Call(func=ast.Name(id=name), args=args, keywords=keywords):
                if name not in FILLS:
                    self.rule(node, name)
                if keywords and len(args) != 1:
                    self.fail(f"{shorten(name, 30)} with an option takes one argument", node)
                return args
            case ast.Attribute(value=value, attr="T") | ast.Subscript(value=value):
                return [value]
            case ast.List(elts=members) if members:
                return members
            case ast.BinOp(op=ast.BitXor()):
                self.fail("^ is not a power here", node, "write **")
        self.fail(f"{_describe(node)} is not part of the language", node)

    def shaped(self, node: ast.expr, args: list[Expr]) -> Expr:
        """`build`, with an error of shapes or indices shown where it stands."""
        try:
            return self.build(node, args)
        except InputError as error:
            if error.picture:
                raise
            self.fail(error.what + (f" in {error.where}" if error.where else ""), node, error.way_out)

    def build(self, node: ast.expr, args: list[Expr]) -> Expr:
        match node:
            case ast.Constant():
                return self.number(node)
            case ast.Name():
                return self.leaf(node)
            case ast.BinOp(op=op):
                return self.binary(node, _OPERATORS[type(op)], args)
            case ast.UnaryOp(op=ast.USub()):
                return -args[0]
            case ast.Call(func=ast.Name() as function):
                return self.call(node, function.id, args)
            case ast.Attribute():
                return Expr(e.TRANSPOSE, args[0])
            case ast.Subscript(slice=index):
                return subscript(args[0], index)
            case ast.List():
                return Expr(STACK, *args)
        return args[0]

    def number(self, node: ast.Constant) -> Expr:
        if isinstance(node.value, bool) or not isinstance(node.value, int | float):
            self.fail(f"{shorten(repr(node.value), 20)} is not a number", node)
        line = self.lines[node.lineno - 1].encode()
        text = line[node.col_offset : node.end_col_offset].decode()
        if len(text) > 40 or not 0 <= node.value < 1e300 or has_large_exponent(text):
            self.fail("the number is too long or too large", node)
        try:
            value = Fraction(text)
        except ValueError:
            self.fail(f"{text!r} is not a decimal number", node)
        return Num(value, text)

    def leaf(self, node: ast.Name) -> Expr:
        name = spelled(node.id)
        rule = self.known.get(name)
        if name in self.sizes and name not in self.names:
            return Dim(name)
        if rule is None:
            return (None if name in self.names else named_entry(name, self.names)) or self.name(node)
        if rule.op.arity == 0:
            return Expr(rule.op)
        self.fail(f"{name!r} is a function", node, f"write {name}(…)")

    def binary(self, node: ast.BinOp, op: Op, args: list[Expr]) -> Expr:
        """One operation; an unbracketed sign in front of a product moves outside it."""
        left = node.left
        signed = isinstance(left, ast.UnaryOp) and isinstance(left.op, ast.USub)
        lifted = args[0].op is e.NEG and _starts_at(node, left)
        if op in (e.MUL, e.DIV) and lifted and (signed or isinstance(left, ast.BinOp)):
            return -Expr(op, args[0].args[0], args[1])
        if op is e.POW and args[0].op is EULER:
            return Expr(EXP, args[1])
        return Expr(op, *args)

    def rule(self, node: ast.Call, name: str) -> Rule:
        if name not in self.known:
            shown = shorten(spelled(name), 30)
            self.fail(f"unknown function {shown!r}", node, did_you_mean(name, self.known))
        return self.known[name]

    def call(self, node: ast.Call, name: str, args: list[Expr]) -> Expr:
        if name in FILLS:
            if node.keywords:
                self.fail(f"{name} takes no options", node)
            return filled(name, args)
        rule = self.rule(node, name)
        if node.keywords:
            return along_axis(name, rule.op, args[0], node.keywords)
        wanted = rule.op.arity
        if not args if wanted is None else len(args) != wanted:
            few = "at least one argument" if wanted is None else f"{wanted} argument{'s' * (wanted != 1)}"
            self.fail(f"{name} takes {few}, not {len(args)}", node)
        return Expr(rule.op, *args)


def has_large_exponent(text: str) -> bool:
    """Whether a number's power of ten is beyond ±300: such numbers are not even formed."""
    exponent = text.lower().partition("e")[2].lstrip("+-")
    return len(exponent) > 3 or (exponent.isdigit() and int(exponent) > MAX_EXPONENT)


def _starts_at(node: ast.expr, child: ast.expr) -> bool:
    """Whether `child` begins where `node` does: then no bracket stands between them."""
    return (node.lineno, node.col_offset) == (child.lineno, child.col_offset)


def _describe(node: ast.AST) -> str:
    words = {
        ast.Attribute: "a dot after a name",
        ast.ListComp: "a comprehension",
        ast.IfExp: "if … else",
        ast.Lambda: "lambda",
        ast.Subscript: "an index in [ ]",
        ast.Compare: "a comparison",
        ast.Call: "this kind of call",
        ast.JoinedStr: "a string",
    }
    return words.get(type(node), re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(node).__name__).lower())
