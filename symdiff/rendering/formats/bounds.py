"""Users' templates end: what they loop over, call and write is counted, and what would grow at once refused.

Each bound is far above what a page needs. Knows no document and no format.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from functools import wraps
from pathlib import Path
from string import Formatter
from typing import Any

import jinja2
from jinja2 import nodes, pass_context
from jinja2.compiler import Frame
from jinja2.runtime import LoopContext
from jinja2.sandbox import SandboxedFormatter
from markupsafe import EscapeFormatter, Markup

from symdiff.rendering.formats.sandbox import Generator, Sandbox

MOST = 100_000_000
"""What users' templates may spend on a page: 1 for each character, each time it is put into another text."""
STEP, CALL, LOAD = 40, 200, 1000
"""What a step of a loop, a call and a template that is included cost besides: they take as long."""
WIDEST = 100_000
"""The largest width, number of columns or precision that a text is set in."""
MOST_ITEMS = 1_000_000
"""The members of a list, those of its lists included."""
MOST_BITS = 100_000
UNBOUNDED = ("striptags", "urlize", "xmlattr", "random")
"""Filters that serve HTML alone or take the square of a text's length, or that differ each time."""
WIDTHS = {"batch", "center", "expandtabs", "indent", "ljust", "rjust", "round", "slice", "tojson", "truncate"}
WIDTHS |= {"wordwrap", "zfill"}
"""Filters and methods of texts whose numbers are widths."""
GROWING = {*WIDTHS, "join", "replace", "translate", "wrapped"}
"""Filters and methods of texts whose result may be as long as their arguments multiplied."""
FREE = {"count", "d", "default", "first", "last", "length", "list", "map", "raw", "reject", "rejectattr"}
FREE |= {"safe", "select", "selectattr"}
"""Filters that neither make a text nor look at more than they must: a loop may call them for each line."""
UNSAFE = ("encode", "to_bytes")
"""Methods that give bytes, whose methods are not counted."""
_FIELD = re.compile(r"%(?:\([^)]*\))?[#0\- +]*(\*|\d*)(?:\.(\*|\d*))?")


class OutOfBounds(jinja2.TemplateRuntimeError):
    """A template would not end, or not in a sensible time and size."""


class _BoundedGenerator(Generator):
    """The same, with loops that are counted and comparisons of what has a sensible size."""

    def visit_For(self, node: nodes.For, frame: Frame) -> None:  # noqa: N802
        written = sum(len(data.data) for part in node.body for data in part.find_all(nodes.TemplateData))
        node.iter = _asked("counted", node.iter, nodes.Const(STEP + written))
        super().visit_For(node, frame)

    def visit_Compare(self, node: nodes.Compare, frame: Frame) -> None:  # noqa: N802
        if not any(isinstance(part, nodes.Const) for part in (node.expr, *(o.expr for o in node.ops))):
            node.expr = _asked("weighed", node.expr)
            for operand in node.ops:
                operand.expr = _asked("weighed", operand.expr)
        super().visit_Compare(node, frame)

    def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:  # noqa: N802
        if not isinstance(node.node, nodes.EnvironmentAttribute):
            super().visit_Call(node, frame, forward_caller=forward_caller)
            return
        self.write(f"environment.{node.node.name}(")
        for arg in node.args:
            self.visit(arg, frame)
            self.write(", ")
        self.write(")")


def _asked(method: str, *args: Any) -> nodes.Call:
    """A call of a method of the environment."""
    return nodes.Call(nodes.EnvironmentAttribute(method), list(args), [], None, None)


class BoundedSandbox(Sandbox):
    """The environment of users' templates, which ends whatever they ask for."""

    code_generator_class = _BoundedGenerator
    intercepted_binops = frozenset({"+", "%", "*", "**"})

    def __init__(self, escape: Callable[[str], str], filters: Mapping[str, Any], **options: Any) -> None:
        super().__init__(escape, filters, **options)
        self.left = MOST
        self.globals.pop("lipsum")
        for name in UNBOUNDED:
            self.filters.pop(name)
        self.filters = {
            name: function if name in FREE else self._bounded(name, function)
            for name, function in self.filters.items()
        }
        self.tests = {name: self._weighing(function) for name, function in self.tests.items()}

    def spend(self, amount: int) -> None:
        """Count what a template does, and end one that does too much."""
        self.left -= amount
        if self.left < 0:
            raise OutOfBounds("too much work or text for one page; is there a loop without end?")

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        return attr not in UNSAFE and super().is_safe_attribute(obj, attr, value)

    def get_template(self, *args: Any, **named: Any) -> jinja2.Template:
        """A template to begin with or to include, whose text is counted each time."""
        found = super().get_template(*args, **named)
        self.spend(LOAD + Path(found.filename or "").stat().st_size)
        return found

    def counted(self, values: Any, cost: int) -> Any:
        """What a loop goes over, each step of which costs `cost`."""
        if isinstance(values, Sized):
            self.spend(len(values) * cost)
            return values
        return self._one_by_one(values, cost)

    def _one_by_one(self, values: Iterable[Any], cost: int) -> Iterator[Any]:
        for value in values:
            self.spend(cost)
            yield value

    def weight(self, value: Any) -> int:
        """The length of a value as text, roughly; a list that has too many members is refused."""
        if isinstance(value, str):
            return len(value)
        total, stack, items = 0, [value], 0
        while stack:
            part = stack.pop()
            if isinstance(part, list | tuple | set | dict):
                items += len(part)
                if items > MOST_ITEMS:
                    raise OutOfBounds(f"a list of more than {MOST_ITEMS} members")
                stack += [*part, *part.values()] if isinstance(part, dict) else part
            else:
                total += len(part) if isinstance(part, str | range) else 1
        return total + items

    def weighed(self, value: Any) -> Any:
        """A value that is compared."""
        if isinstance(value, list | tuple | set | dict):
            self.spend(self.weight(value))
        return value

    def _weighing(self, function: Any) -> Callable[..., Any]:
        @wraps(function)
        def test(*args: Any, **named: Any) -> Any:
            return function(*map(self.weighed, args), **named)

        return test

    def _bounded(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """A filter that is counted, and not called with what would grow out of bounds."""
        skipped = hasattr(function, "jinja_pass_arg")

        @wraps(function)
        def filtered(*args: Any, **named: Any) -> Any:
            before, (value, *rest) = args[:skipped], args[skipped:]
            if name in GROWING and isinstance(value, Iterator):
                value = [*self._one_by_one(value, STEP)]
            self._check(name, value, (*rest, *named.values()))
            return self._paid(function(*before, value, *rest, **named))

        return filtered

    def _check(self, name: str, value: Any, args: Iterable[Any]) -> None:
        """Refuse to call a filter or a method of a text whose result would be too large."""
        size = max(1, self.weight(value))
        for arg in args:
            if name in WIDTHS and isinstance(arg, int):
                self._width(arg)
            if name in GROWING:
                size *= max(1, abs(arg) if isinstance(arg, int) else self.weight(arg))
        if name in GROWING and size > MOST:
            raise OutOfBounds(f"{name} would make too long a text")

    def _width(self, width: int) -> None:
        if abs(width) > WIDEST:
            raise OutOfBounds(f"a width of more than {WIDEST}")

    def _paid(self, result: Any) -> Any:
        """A result, what it costs being counted."""
        self.spend(CALL + (len(result) if isinstance(result, str | list | tuple) else 0))
        return result

    def finalizer(self, escape: Callable[[str], str]) -> Callable[..., Any]:
        plain = super().finalizer(escape)

        @pass_context
        def finalize(context: object, value: Any) -> Any:
            self.spend(self.weight(value))
            return plain(context, value)

        return finalize

    def joined(self, parts: Iterable[Any]) -> str:
        parts = list(parts)
        self.spend(sum(map(self.weight, parts)))
        return super().joined(parts)

    def call(__self, __context: Any, __obj: Any, *args: Any, **named: Any) -> Any:  # noqa: N805
        """A call from a template: a macro, a function of ours, a method of a text, a loop within its loop."""
        owner = getattr(__obj, "__self__", None)
        if isinstance(owner, str):
            args = tuple([*arg] if isinstance(arg, Iterator) else arg for arg in args)
            __self._check(__obj.__name__, owner, (*args, *named.values()))
        if isinstance(__obj, LoopContext) and args:
            args = (__self.counted(args[0], STEP), *args[1:])
        return __self._paid(super().call(__context, __obj, *args, **named))

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        if operator == "%" and isinstance(left, str):
            self._check_fields(left, right)
        elif operator == "*" or operator == "**":
            self._check_product(operator, left, right)
        elif isinstance(left, str | list | tuple) and isinstance(right, Sized):
            self.spend(len(left) + len(right))
        return super().call_binop(context, operator, left, right)

    def _check_fields(self, text: str, values: Any) -> None:
        """Refuse the fields of `text % values` that are too wide, or too many for long values."""
        fields = _FIELD.findall(text)
        widths = [width for field in fields for width in field if width]
        if "*" in widths:
            raise OutOfBounds("a width that is not written, as in %*d")
        for width in widths:
            self._width(int(width[:10]))
        self.spend(sum(map(int, widths)) + len(fields) * self.weight(values) + len(text))

    def _check_product(self, operator: str, left: Any, right: Any) -> None:
        """Refuse a text, a list or a whole number that would be too long."""
        for values, times in ((left, right), (right, left)):
            if isinstance(values, str | list | tuple) and isinstance(times, int):
                self.spend(len(values) * max(0, times))
                return
        if isinstance(left, int) and isinstance(right, int):
            bits = (
                left.bit_length() * abs(right) if operator == "**" else left.bit_length() + right.bit_length()
            )
            if bits > MOST_BITS:
                raise OutOfBounds("a number too long")

    def wrap_str_format(self, value: Any) -> Callable[..., str] | None:
        """`"…".format` with fields of a sensible width."""
        if super().wrap_str_format(value) is None:
            return None
        text = value.__self__
        formatter = _Formatter(self, text)

        def format(*args: Any, **named: Any) -> Any:
            if value.__name__ == "format_map":
                (named,), args = args, ()
            return type(text)(formatter.vformat(text, args, named))

        return format


class _Formatter(SandboxedFormatter):
    """Fills in the fields of a text or of markup, each counted."""

    def __init__(self, sandbox: BoundedSandbox, text: str) -> None:
        super().__init__(sandbox)
        self.sandbox = sandbox
        self.fill = EscapeFormatter(text.escape) if isinstance(text, Markup) else Formatter()

    def format_field(self, value: Any, format_spec: str) -> str:
        for width in re.findall(r"\d+", format_spec):
            self.sandbox._width(int(width[:10]))
        self.sandbox.spend(STEP + self.sandbox.weight(value))
        return str(self.sandbox._paid(self.fill.format_field(value, format_spec)))
