"""What Python's parser reads and is not only our language, understood: tree to tree, places kept.

Statements first: `def f(x): return …`, `y = lambda x: …`, `return …`, `import …`. Then formulas: calls,
constants and indices of other systems (`foreign_calls`), and brackets behind what is no function, f*(1 - f)
for f(1 - f). Where a text is read literally, none of it.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping, Sequence
from typing import NoReturn

from symdiff.errors import shorten
from symdiff.expr.names import GREEK, is_word
from symdiff.expr.tree import Sym
from symdiff.language import reading
from symdiff.language.foreign_calls import ForeignCalls, call_of, dotted, placed, placed_call, whole
from symdiff.language.marks import Beside, Head, in_words
from symdiff.language.questions import refuse_questions
from symdiff.language.reader import FILLED_ARRAYS, Reader
from symdiff.language.second_reading import names_on_the_left
from symdiff.language.spellings import MODULES
from symdiff.language.syntax import flush, spelled, statements
from symdiff.language.unspecified_calls import derivative_heads, is_unspecified
from symdiff.rules.rule import Rule
from symdiff.rules.table import functions

CUSTOMARY = {"f", "g", "h", "l", "F", "G", "H", "phi", "psi", "Phi", "Psi"}
"""Letters that are functions by custom: f(x + 1) is one where f stands nowhere alone.

Others, u and v, are before what is no sum: see `unspecified_calls`.
"""

NO_NUMBERS = {"nan", "NaN", "inf", "Inf", "oo", "infinity", "Infinity", "infty"}
RESULTS = ("y", "f", "z", "F", "result")
LONGEST = 160


def understood(text: str, declared: Mapping[str, Sym], own: Collection[str] = ()) -> list[ast.stmt]:
    """The statements of `text` in the plain language; `declared` and `own` are the author's names.

    Raises:
        InputError: the text cannot be read, or in two ways.
    """
    refuse_questions(text)
    found = statements(text, {*declared, *own})
    known = functions()
    if reading.current().literal:
        return found
    if not any(_is_free(statement, known) or _has_product(statement, declared, own) for statement in found):
        return found
    return _Liberties(text, found, declared, own).taken()


_PLAIN = (
    *(ast.Name, ast.Constant, ast.Load, ast.Store, ast.UnaryOp, ast.USub, ast.UAdd, ast.List, ast.Tuple),
    *(ast.BinOp, ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow, ast.MatMult, ast.Assign, ast.Expr, ast.Slice),
    *(ast.IfExp, ast.Compare, ast.cmpop, ast.BoolOp, ast.And, ast.Or, ast.Not),
)


def _is_free(statement: ast.stmt, known: Mapping[str, Rule]) -> bool:
    """Whether a statement may hold something that is taken as a liberty."""
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Compare):
        return True
    for node in ast.walk(statement):
        match node:
            case ast.Call(func=ast.Name(id=name), keywords=[]) if name in known or name in FILLED_ARRAYS:
                if known.get(name) and known[name].op.arity != len(node.args):
                    return True
            case ast.Subscript(value=ast.Name(id=name), slice=index):
                if name != name.lower() in known or any(_is(n, None) or _is(n, ...) for n in ast.walk(index)):
                    return True
            case ast.Name(id=name) if name in NO_NUMBERS:
                return True
            case ast.BinOp(op=Beside(), left=ast.Name(id=one), right=ast.Name(id=other)):
                if is_word(one) and is_word(other):
                    return True
            case ast.Attribute(attr="T") | ast.Subscript():
                continue
            case _ if not isinstance(node, _PLAIN):
                return True
    return False


def _has_product(statement: ast.stmt, declared: Collection[str], own: Collection[str]) -> bool:
    """Whether a name of a statement is a product of declared ones."""
    if not declared:
        return False
    names = {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)}
    return any(is_of_letters(name, declared) for name in names.difference(own))


def is_of_letters(name: str, declared: Collection[str]) -> bool:
    """Whether a name that is not declared is made of letters that are: AXB beside A, X and B."""
    return len(name) > 1 and name not in declared and all(letter in declared for letter in name)


class _Liberties:
    """Rewrites the statements of one text."""

    def __init__(
        self, text: str, body: list[ast.stmt], declared: Mapping[str, Sym], own: Collection[str]
    ) -> None:
        self.text, self.body, self.declared = text, body, declared
        self.known = functions()
        self.modules = dict(MODULES)
        self.is_news = False
        """Whether what was understood is not plain, so that it is said."""
        self.with_arguments: dict[str, list[str]] = {}
        self.body = [plain for statement in body for plain in self._plain(statement)] or body
        self.defined = {*own, *declared, *names_on_the_left(_targets(self.body))}
        self.heads = set() if "D" in self.defined else derivative_heads(self.body)
        """The parts of D(f) in D(f)(x), by identity."""
        alone = {n for statement in self.body for n in self._alone(statement)}
        self.own = alone | self.defined
        self.is_timed = any(
            isinstance(target, ast.Subscript) and not isinstance(target, Head)
            for target in _targets(self.body)
        )
        self.has_arrays = any(name.shape for name in declared.values())
        self.calls = ForeignCalls(text, declared, self.own, self.modules)
        self.products: dict[int, ast.expr] = {}
        """The products made of a bracket and what stands before it, by identity."""

    def fail(self, what: str, node: ast.AST, way_out: str = "") -> NoReturn:
        Reader(self.text).fail(what, node, way_out)

    def taken(self) -> list[ast.stmt]:
        """The statements in the plain language; what is not plain is said in one line."""
        for statement in self.body:
            if isinstance(statement, ast.Assign | ast.Expr):
                statement.value = self.rewritten(statement.value)
        if (self.is_news or self.calls.has_news) and isinstance(self.body[-1], ast.Assign | ast.Expr):
            shown = "; ".join(self._shown(statement) for statement in self.body)
            reading.tell(f"read as {shorten(shown, LONGEST)}", self.body[0].lineno)
        return self.body

    def _shown(self, statement: ast.stmt) -> str:
        """A statement as text, f(x) = … with its arguments in parentheses."""
        match statement:
            case ast.Assign(targets=[Head(value=ast.Name(id=name), slice=index)], value=value):
                listed = index.elts if isinstance(index, ast.Tuple) else [index]
                return f"{spelled(name)}({', '.join(map(in_words, listed))}) = {in_words(value)}"
        return in_words(statement)

    # Statements

    def _plain(self, statement: ast.stmt) -> list[ast.stmt]:
        """The equations that a statement of Python's is; none where it says nothing of the formula."""
        match statement:
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                for alias in names:
                    root = alias.name.split(".")[-1]
                    if alias.asname and root in MODULES:
                        self.modules[alias.asname] = MODULES[root]
                self.is_news = True
                return []
            case ast.FunctionDef():
                return self._of_function(statement)
            case ast.Return(value=ast.expr() as value):
                return [placed_statement(ast.Expr(value), statement)]
            case ast.AnnAssign(target=target, value=value):
                if value is None:  # x: float
                    return []
                return [placed_statement(ast.Assign([target], value), statement)]
            case ast.Expr(value=ast.Compare(ops=[ast.Eq()])):
                self.fail("== compares two numbers", statement, "write y = … for an equation")
            case ast.Expr(value=ast.Call(func=ast.Name(id="print" | "display"), args=[shown])):
                return self._printed(statement, shown)
            case ast.Assign(targets=[ast.Name() as target], value=ast.Lambda() as function):
                return [self._of_lambda(target, function, statement)]
            case ast.Expr(value=ast.Lambda() as function):
                taken = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
                taken |= {argument.arg for argument in function.args.args}
                name = next(each for each in RESULTS if each not in taken)
                target = ast.copy_location(ast.Name(name, ast.Store()), function)
                return [self._of_lambda(target, function, statement)]
            case ast.Assign(targets=[Head(value=ast.Name(id=name), slice=index)]):
                listed = index.elts if isinstance(index, ast.Tuple) else [index]
                self.with_arguments[name] = [in_words(each) for each in listed]
        return [statement]

    def _printed(self, statement: ast.stmt, shown: ast.expr) -> list[ast.stmt]:
        """print(x**2) is x**2; print(y) of a name says nothing."""
        self.is_news = True
        defined = {node.id for node in ast.walk(ast.Module(self.body, [])) if isinstance(node, ast.Name)}
        is_name = isinstance(shown, ast.Name) and len(self.body) > 1 and shown.id in defined
        says_nothing = is_name or statement is not self.body[-1]
        return [] if says_nothing else [placed_statement(ast.Expr(shown), statement)]

    def _of_lambda(self, target: ast.Name, function: ast.Lambda, at: ast.stmt) -> ast.stmt:
        return self._with_arguments(target.id, function.args, function.body, at)

    def _of_function(self, function: ast.FunctionDef) -> list[ast.stmt]:
        """The equations of `def f(x): …`, the last of which is what it returns."""
        *others, last = [each for each in function.body if not _is_string(each)] or [function]
        if sum(isinstance(each, ast.FunctionDef) for each in self.body) > 1:
            self.fail(
                "two functions are two exercises", function, "write one, with the other's formula in it"
            )
        if not isinstance(last, ast.Return) or last.value is None:
            self.fail("a function ends in return", function, "write f(x) = … or end it with return …")
        inner = [plain for each in others for plain in self._plain(each)]
        return [*inner, self._with_arguments(function.name, function.args, last.value, last)]

    def _with_arguments(self, name: str, given: ast.arguments, value: ast.expr, at: ast.stmt) -> ast.stmt:
        """name(x, a) = value, as the syntax tree has it."""
        if given.vararg or given.kwarg or given.kwonlyargs or given.posonlyargs or given.defaults:
            self.fail("a function's arguments are names", at, "write f(x, a) = …, and values with --at a=2")
        names = [argument.arg for argument in given.args]
        if not names:
            return placed_statement(ast.Assign([ast.Name(name, ast.Store(), **_place(at))], value), at)
        self.with_arguments[name] = names
        listed: list[ast.expr] = [ast.copy_location(ast.Name(each, ast.Load()), at) for each in names]
        index = listed[0] if len(listed) == 1 else placed(ast.Tuple(listed, ast.Load()), at)
        stem = placed(ast.Name(name, ast.Load()), at)
        return placed_statement(ast.Assign([placed(Head(stem, index, ast.Store()), at)], value), at)

    def _alone(self, statement: ast.stmt) -> set[str]:
        """The names that stand for themselves: neither called nor a module before a dot."""
        called, found = {*self.heads}, []
        for node in ast.walk(statement):
            if isinstance(node, ast.Call):
                called.add(id(node.func))
            if isinstance(node, ast.Attribute) and dotted(node)[:1] and dotted(node)[0] in self.modules:
                called.add(id(node.value))
            if isinstance(node, ast.Subscript) and self._is_capitalised(node.value):
                called.add(id(node.value))  # Sin[x]
            if isinstance(node, ast.Name):
                found.append(node)
        return {node.id for node in found if id(node) not in called} - self.known.keys()

    # Formulas

    def rewritten(self, root: ast.expr) -> ast.expr:
        """A formula in the plain language, from its leaves upwards."""
        done: dict[int, ast.expr] = {}
        stack: list[tuple[ast.AST, bool]] = [(root, False)]
        while stack:
            node, ready = stack.pop()
            if id(node) in self.heads and isinstance(node, ast.expr):
                done[id(node)] = node
                continue
            if not ready:
                stack.append((node, True))
                stack.extend((child, False) for child in ast.iter_child_nodes(node))
                continue
            _replace_children(node, done)
            if isinstance(node, ast.expr):
                done[id(node)] = self.rule(node)
        return done[id(root)]

    def rule(self, node: ast.expr) -> ast.expr:
        """What one node means, its parts being plain."""
        match node:
            case ast.Call():
                return self._call(node) if type(node) is ast.Call else node  # others are marks
            case ast.Attribute():
                self._refuse_product(node, node.value)
                return self.calls.attribute(node)
            case ast.Subscript():
                self._refuse_product(node, node.value)
                return self._subscript(node)
            case ast.BinOp(op=Beside(), left=ast.Name(id=one), right=ast.Name(id=other)):
                self.is_news |= is_word(one) and is_word(other) and not self.has_arrays
            case ast.BinOp(op=Beside()) if (called := self.calls.layer(node)) is not node:
                return called
            case ast.BinOp(left=left, op=op, right=right):
                if id(left) in self.products and isinstance(op, ast.Pow) and _begins(node, left):
                    return self._power_behind(node, left)
                if isinstance(op, ast.Mult):
                    return self._product_of_three(node, right)
                if not isinstance(op, ast.Add | ast.Sub):
                    self._refuse_two_readings(node, right)
            case ast.Name(id=name, ctx=ast.Load()) if (
                name not in self.defined | self.known.keys() and is_of_letters(name, self.declared)
            ):
                return self._of_letters(node)
            case ast.Name(id=name) if name in NO_NUMBERS - self.defined - self.known.keys():
                self.fail(f"{name} is no number", node, "leave it out, or define it")
        return node

    def _of_letters(self, node: ast.Name) -> ast.expr:
        """AXB as A X B, where these letters are declared and that name is not."""
        self.is_news = self.is_news or not self.has_arrays  # of arrays the reader says it
        found: ast.expr | None = None
        for letter in node.id:
            one = ast.copy_location(ast.Name(letter, ast.Load()), node)
            found = one if found is None else placed(ast.BinOp(found, Beside(), one), node)
        assert found is not None
        return found

    def _product_of_three(self, node: ast.BinOp, right: ast.expr) -> ast.expr:
        """a*x(1 - x) is a*x*(1 - x); of arrays it stays a*(W @ (x + b))."""
        if id(right) not in self.products or self._is_bracketed(right) or self.has_arrays:
            return node
        assert isinstance(right, ast.BinOp)
        first = ast.copy_location(self.rule(ast.BinOp(node.left, node.op, right.left)), node)
        found = ast.copy_location(ast.BinOp(first, right.op, right.right), node)
        self.products[id(found)] = found
        return found

    def _call(self, node: ast.Call) -> ast.expr:
        """A call of a function, ours or another system's, or a product."""
        if id(node.func) in self.heads:
            return node
        if isinstance(node.func, ast.Attribute) and node.func.attr not in ("T", "mT"):
            return self.calls.call(node)
        if isinstance(node.func, ast.Call):
            found = self.calls.call(node)
            return found if found is not node else self._product(node)
        if not isinstance(node.func, ast.Name):
            return self._product(node)
        name = node.func.id
        rule = self.known.get(name)
        is_word = bool(rule and rule.op.arity != 0) or name in FILLED_ARRAYS
        if not is_word and (name in self.own or (rule is not None)) and type(node) is ast.Call:
            return self._of_name(node, name)
        if name == "sigma" and len(node.args) == 1:
            self.is_news = True
            return call_of("sigmoid", node.args, node)
        if len(name) == 1 or name in GREEK or spelled(name) in GREEK:
            return self._of_letter(node, name)
        return self.calls.call(node)

    def _of_letter(self, node: ast.Call, name: str) -> ast.expr:
        """A letter that stands nowhere alone, before a bracket: a function by custom or by its arguments."""
        by_custom = name in CUSTOMARY or (is_unspecified(spelled(name), 1) and not _is_sum(node.args[0]))
        if len(node.args) == 1 and not by_custom:
            self._refuse_both(node)
        return node

    def _of_name(self, node: ast.Call, name: str) -> ast.expr:
        """A name of the author's before a bracket: a product, or f(x) where f(x) = … stands above."""
        if name in self.with_arguments:
            if [in_words(arg) for arg in node.args] == self.with_arguments[name]:
                return node.func
            arguments = ", ".join(self.with_arguments[name])
            shown = f"{spelled(name)}({arguments})"
            way_out = f"write {shown} for its value, or the formula itself; a recurrence is h[t] = w*h[t-1]"
            self.fail(f"{shown} is defined, and used with other arguments", node, way_out)
        return node if len(node.args) > 1 or node.keywords else self._product(node)

    def _product(self, node: ast.Call) -> ast.expr:
        """func*(arg), where nothing else can be meant."""
        if len(node.args) != 1 or node.keywords or isinstance(node.args[0], ast.Starred):
            self.fail("this is no function", node, "a product is written 2*(x + 1)")
        named = isinstance(node.func, ast.Name | ast.Subscript | ast.Attribute)
        if named and not _is_sum(node.args[0]):
            self._refuse_both(node)
        self.is_news = self.is_news or (named and not self.has_arrays)  # of arrays the reader says it
        found = placed(ast.BinOp(node.func, Beside(), node.args[0]), node)
        self.products[id(found)] = found
        return found

    def _refuse_both(self, node: ast.Call) -> NoReturn:
        name, argument = in_words(node.func), in_words(node.args[0])
        bracket = f"({argument})" if isinstance(node.args[0], ast.BinOp) else argument
        what = f"{name}({argument}) may be a product, or a function"
        entry = f", or {name}[{argument}] for an entry" if whole(node.args[0]) is not None else ""
        way_out = f"write {name}*{bracket} for the product, {name} for the value of a function{entry}"
        self.fail(what, node, way_out)

    def _power_behind(self, node: ast.BinOp, product: ast.expr) -> ast.expr:
        """a(b + c)**2 is a*(b + c)**2: a power belongs to the bracket that it stands behind."""
        assert isinstance(product, ast.BinOp)
        power = ast.copy_location(ast.BinOp(product.right, node.op, node.right), product.right)
        found = placed(ast.BinOp(product.left, product.op, power), node)
        self.products[id(found)] = found
        return found

    def _refuse_two_readings(self, node: ast.BinOp, right: ast.expr) -> None:
        """1/2(b + c) is 1/(2*(b + c)) for some and (1/2)*(b + c) for others."""
        if id(right) not in self.products or self._is_bracketed(right):
            return
        assert isinstance(right, ast.BinOp)
        first = in_words(ast.BinOp(node.left, node.op, right.left))
        other = in_words(ast.BinOp(ast.Name("_"), node.op, right)).removeprefix("_")
        one, other = f"({first})*{_bracketed(right.right)}", f"{_bracketed(node.left)}{other}"
        self.fail("this is read in two ways", node, f"write {one} or {other}")

    def _refuse_product(self, node: ast.expr, value: ast.expr) -> None:
        if id(value) in self.products and _begins(node, value):
            self.fail("a product is written with *", node, f"write {in_words(value)}")

    def _is_bracketed(self, node: ast.expr) -> bool:
        """Whether a bracket opens before a node."""
        line = flush(self.text).split("\n")[node.lineno - 1]
        return line.encode()[: node.col_offset].decode(errors="ignore").rstrip().endswith("(")

    def _is_capitalised(self, node: ast.expr) -> bool:
        """Whether a name is a function's as Mathematica writes it, Sin, and none of the author's."""
        if not isinstance(node, ast.Name) or node.id in self.defined:
            return False
        rule = self.known.get(node.id.lower())
        return node.id != node.id.lower() and rule is not None and rule.op.arity != 0

    def _subscript(self, node: ast.Subscript) -> ast.expr:
        """x[:, None], x[None, :], x[...], X.shape[0], Sin[x]."""
        parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        match node.value:
            case ast.Attribute(value=value, attr="shape") if len(parts) == 1:
                axis = whole(parts[0])
                if axis is not None:
                    return self.calls.size_of(value, axis, node)
            case ast.Name() if not self.is_timed and self._is_capitalised(node.value):
                return self.calls.call(placed_call(node.value, parts, node))
        kinds = ["none" if _is(part, None) else "all" if _is_all(part) else "" for part in parts]
        if kinds in (["all", "none"], ["none", "all"], ["none"]):
            return call_of("column" if kinds[0] == "all" else "row", [node.value], node)
        return node.value if len(parts) == 1 and _is(parts[0], ...) else node


def _bracketed(node: ast.expr) -> str:
    """A formula as a factor."""
    return f"({in_words(node)})" if isinstance(node, ast.BinOp) else in_words(node)


def _targets(body: Sequence[ast.stmt]) -> list[ast.expr]:
    return [target for each in body if isinstance(each, ast.Assign) for target in each.targets]


def _replace_children(node: ast.AST, done: Mapping[int, ast.expr]) -> None:
    """Put what the parts of a node have become in their place."""
    for field, value in ast.iter_fields(node):
        if isinstance(value, list):
            value[:] = [done.get(id(each), each) for each in value]
        elif isinstance(value, ast.AST):
            setattr(node, field, done.get(id(value), value))


def _place(at: ast.stmt) -> dict[str, int]:
    return {"lineno": at.lineno, "col_offset": at.col_offset}


def placed_statement(statement: ast.stmt, at: ast.stmt) -> ast.stmt:
    """A statement of ours at the place of what it stands for."""
    return ast.copy_location(statement, at)


def _begins(node: ast.expr, child: ast.expr) -> bool:
    """Whether a node begins with its part: then no bracket stands between them."""
    return (node.lineno, node.col_offset) == (child.lineno, child.col_offset)


def _is_sum(node: ast.expr) -> bool:
    """Whether brackets around it are needed in a product."""
    match node:
        case ast.BinOp(op=ast.Add() | ast.Sub()) | ast.UnaryOp(op=ast.USub()):
            return True
    return False


def _is_string(statement: ast.stmt) -> bool:
    """Whether a statement is a text that explains a function."""
    return isinstance(statement, ast.Expr) and isinstance(getattr(statement.value, "value", None), str)


def _is(node: ast.AST, value: object) -> bool:
    return isinstance(node, ast.Constant) and node.value is value


def _is_all(node: ast.expr) -> bool:
    """Whether an index is a colon alone, or …"""
    return _is(node, ...) or (isinstance(node, ast.Slice) and not (node.lower or node.upper or node.step))
