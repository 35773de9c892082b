"""Statements as lines of Python, none longer than a page is wide.

What does not fit becomes a sum with one term a line, or has its longest pieces as temporaries before it.
Lines are broken as the usual formatters break them. Knows the width of text; no derivative.
"""

from __future__ import annotations

from collections.abc import Iterable

from symdiff.algebra.monomials import signed_terms
from symdiff.codegen.code_names import Names
from symdiff.codegen.code_printer import Code, CodePrinter
from symdiff.codegen.statements import Stacked, Statement, Temporaries
from symdiff.codegen.target import Precedence
from symdiff.expr import tree as e
from symdiff.expr.operations import CONCAT, CONCAT_ACROSS, STACK
from symdiff.expr.tree import Expr, count_operations, postorder

WIDTH = 100
INDENT = "    "
MOST_OPERATIONS = 60
"""An expression with more of them is not even tried on one line."""
MOST_TERMS = 40
LONGEST_TEMPORARY = len("t10000 = ")
_LISTS = (STACK, CONCAT, CONCAT_ACROSS)


class Writer:
    """Writes statements with a printer, indented by `depth` levels; temporaries get names on the way."""

    def __init__(self, printer: CodePrinter, names: Names, temporaries: Temporaries, depth: int = 1) -> None:
        self.printer, self.names, self.temporaries = printer, names, temporaries
        self.indent, self.room = INDENT * depth, WIDTH - len(INDENT) * depth
        self.lines: list[str] = []

    def write(self, statements: Iterable[Statement]) -> list[str]:
        """The lines of `statements`, in order."""
        self.lines = []
        for statement in statements:
            self._statement(statement)
        return self.lines

    def _statement(self, statement: Statement) -> None:
        head = f"{self._name(statement.name)} = "
        if statement.because:
            summed = ", ".join(self.names.texts.get(s, s.name) for s in statement.because)
            self._line(f"# the entries of {summed} add up to 1")
        if not self._fits(head, statement.value):
            self._broken(head, statement.value)

    def _name(self, name: e.Sym) -> str:
        if name in self.names.texts:
            return self.names.texts[name]
        return self.names.number(name, name.name)

    def _line(self, text: str) -> None:
        self.lines.append(self.indent + text)

    def _fits(self, head: str, value: Expr) -> bool:
        """Whether one line was enough."""
        if count_operations(value, MOST_OPERATIONS) >= MOST_OPERATIONS:
            return False
        text = head + self.printer.value(value)
        if len(text) <= self.room:
            self._line(text)
        return len(text) <= self.room

    def _broken(self, head: str, value: Expr) -> None:
        terms = signed_terms(value)
        if 2 < len(terms) <= MOST_TERMS:
            parts = [(sign, self._cut(term, self.room - 2 * len(INDENT))) for sign, term in terms]
            self._sum(head, parts)
            return
        whole = self._cut(value, self.room - max(len(head), LONGEST_TEMPORARY))
        if self._fits(head, whole):
            return
        if whole.op in _LISTS:
            self._list(head, whole)
        else:
            self._line(head + self.printer.value(whole))

    def _sum(self, head: str, parts: list[tuple[int, Expr]]) -> None:
        """A sum on one line, or in brackets with one term a line."""
        codes = [self.printer.write(part) for _, part in parts]
        texts = [code.at(Precedence.PRODUCT) for code in codes]
        signs = ["- " if sign < 0 else "+ " for sign, _ in parts]
        first = codes[0].negated if parts[0][0] < 0 else texts[0]
        rest = [sign + text for sign, text in zip(signs[1:], texts[1:], strict=True)]
        whole = " ".join([first, *rest])
        if len(head + whole) <= self.room:
            self._line(head + whole)
            return
        one = len(whole) <= self.room - len(INDENT)
        self._line(f"{head}(")
        for text in [whole] if one else [first, *rest]:
            self._line(INDENT + text)
        self._line(")")

    def _list(self, head: str, value: Expr) -> None:
        """A list with one member a line, where it does not fit between its brackets."""
        codes = [self.printer.write(arg) for arg in value.args]
        text = self.printer.write(value).text
        # What stands behind the list is an option, as axis=1.
        before, option = text.partition("[")[0], text.rpartition("]")[2].removesuffix(")")
        members = ", ".join(code.text for code in codes)
        self._line(f"{head}{before}(" if not before.endswith("(") else head + before)
        if len(members) + 2 <= self.room - len(INDENT):
            self._line(f"{INDENT}[{members}]{option}")
        else:
            self._line(f"{INDENT}[")
            for code in codes:
                self._line(f"{INDENT * 2}{code.text},")
            self._line(f"{INDENT}]," if option else f"{INDENT}]")
            if option:
                self._line(f"{INDENT}{option.removeprefix(', ')},")
        self._line(")")

    def _cut(self, root: Expr, limit: int) -> Expr:
        """`root` in at most `limit` columns, its longest pieces written as temporaries before it."""
        done: dict[int, tuple[Expr, Code]] = {}
        for node in postorder(root, stop=self.names.texts.__contains__):
            named = node in self.names.texts
            args = [] if named else [done[id(arg)] for arg in node.args]
            done[id(node)] = self._cut_node(node, args, limit, node is root)
        return done[id(root)][0]

    def _cut_node(
        self, node: Expr, args: list[tuple[Expr, Code]], limit: int, is_root: bool
    ) -> tuple[Expr, Code]:
        code = self.printer.node(node, [code for _, code in args])
        while len(code.text) > limit and node.op not in _LISTS:
            longest = max(range(len(args)), key=lambda i: len(args[i][1].text), default=0)
            if not args or not self._is_worth_a_name(args[longest][0]):
                break
            args[longest] = self._temporary(args[longest][0])
            code = self.printer.node(node, [code for _, code in args])
        if args:
            node = Expr(node.op, *(arg for arg, _ in args))
        if len(code.text) > limit and node.op in _LISTS and not is_root:
            return self._temporary(node)
        return node, code

    def _is_worth_a_name(self, node: Expr) -> bool:
        return (bool(node.args) or isinstance(node, Stacked)) and node not in self.names.texts

    def _temporary(self, value: Expr) -> tuple[Expr, Code]:
        statement = self.temporaries.new(value)
        self._statement(statement)
        return statement.name, self.printer.write(statement.name)
