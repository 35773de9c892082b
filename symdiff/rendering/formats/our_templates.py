"""Our own templates, compiled to Python by Jinja beforehand, filled in without Jinja.

Jinja with its lexer, parser and compiler takes a tenth of the time of `import sympy` to load, and the Python
that it makes of a template asks for little: names, macros, loops, some filters. They are here, for the part
of Jinja's language that our templates speak. A template of ours that speaks more of it, and all of a
user's, are filled in by Jinja itself: `is_plain` sees that beforehand, or a `NotPlainError` says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from markupsafe import Markup, escape

from symdiff.rendering.formats.words_and_markup import WordsAndMarkup

missing: Any = type("missing", (), {"__slots__": (), "__repr__": lambda _: "missing"})()
"""In place of a name that nobody gave."""


class NotPlainError(Exception):
    """A template of ours that speaks more of Jinja's language than is here."""


class Undefined:
    """The value of `x if c` where c is false: prints as nothing."""

    def __init__(self, hint: str = "", obj: Any = missing, name: Any = None) -> None:
        self._hint, self._obj, self._name = hint, obj, name

    @property
    def _said(self) -> str:
        """What is missing, put into words when it is asked for: pages ask many values if they are there."""
        owner = "" if self._obj is missing else f"{self._obj!r} has no "
        return self._hint or f"{owner}{self._name!r} is undefined"

    def __str__(self) -> str:
        return ""

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __bool__(self) -> bool:
        return False


class StrictUndefined(Undefined):
    """What a template asks for and nobody gave: it may ask whether it is defined, and nothing else."""

    def _refuse(self, *_: Any, **__: Any) -> Any:
        raise LookupError(self._said)

    __str__ = __iter__ = __bool__ = __len__ = __call__ = __getitem__ = __eq__ = __contains__ = _refuse
    __hash__ = __add__ = __radd__ = __mul__ = __rmul__ = __lt__ = __gt__ = __int__ = _refuse


class Loop:
    """The values of a loop, each with the loop itself, which knows its place."""

    def __init__(self, values: Iterable[Any], _: Any = None) -> None:
        self._values, self._ahead, self.index0 = iter(values), missing, -1

    def __iter__(self) -> Iterator[tuple[Any, Loop]]:
        return self

    def __next__(self) -> tuple[Any, Loop]:
        value, self._ahead = self._ahead, missing
        if value is missing:
            value = next(self._values)
        self.index0 += 1
        return value, self

    @property
    def index(self) -> int:
        return self.index0 + 1

    @property
    def last(self) -> bool:
        if self._ahead is missing:
            self._ahead = next(self._values, missing)
        return self._ahead is missing

    def __getattr__(self, name: str) -> Any:
        raise NotPlainError(f"loop.{name}")


class Macro:
    """A macro of a template; what it gives is markup."""

    def __init__(self, _: Any, function: Callable[..., str], name: str, names: tuple[str, ...], *__: Any):
        self.function, self.name, self.names = function, name, names

    def __call__(self, *args: Any, **named: Any) -> Markup:
        rest = self.names[len(args) :]
        if len(args) > len(self.names) or not named.keys() <= {*rest}:
            raise TypeError(f"the macro {self.name!r} takes {self.names}")
        return Markup(self.function(*args, *(named.get(name, missing) for name in rest)))


class _Escaping:
    autoescape = True


class Context:
    """The names of one template while it is filled in."""

    eval_ctx = _Escaping

    def __init__(self, given: dict[str, Any], blocks: Mapping[str, Any]) -> None:
        self.given = given
        self.vars: dict[str, Any] = {}
        self.exported_vars: set[str] = set()
        self.blocks = {name: [block] for name, block in blocks.items()}

    def resolve_or_missing(self, name: str) -> Any:
        return self.vars[name] if name in self.vars else self.given.get(name, missing)

    def get_all(self) -> dict[str, Any]:
        return {**self.given, **self.vars}


class Namespace:
    """Names that a template changes inside a loop."""

    def __init__(self, **names: Any) -> None:
        self.__dict__.update(names)

    def __setitem__(self, name: str, value: Any) -> None:
        self.__dict__[name] = value


class Blocks:
    """What a template calls `self`: its blocks as functions."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def __getitem__(self, name: str) -> Callable[[], Markup]:
        return lambda: Markup("".join(self._context.blocks[name][0](self._context)))


class Module:
    """The macros and names that another template imports."""

    def __init__(self, name: str, names: dict[str, Any]) -> None:
        self.__dict__.update(names, __name__=name)


class Template:
    """A template as the functions that Jinja compiled it to."""

    def __init__(self, environment: OurTemplates, name: str, names: Mapping[str, Any]) -> None:
        self.environment, self.name = environment, name
        self.root_render_func, self.blocks = names["root"], names["blocks"]

    def new_context(
        self, given: dict[str, Any], shared: bool = False, local: Mapping[str, Any] | None = None
    ) -> Context:
        names = given if shared else {**self.environment.globals, **given}
        names = names | {name: value for name, value in (local or {}).items() if value is not missing}
        return Context(names, self.blocks)

    def render(self, **names: Any) -> str:
        """The text of the template."""
        return "".join(self.root_render_func(self.new_context(names)))

    def make_module(self, *given: Any) -> Module:
        """What the template defines, for one that imports it."""
        context = self.new_context(*given)
        for _ in self.root_render_func(context):
            pass
        return Module(self.name, {name: context.vars[name] for name in context.exported_vars})


class OurTemplates(WordsAndMarkup):
    """The environment of our own templates, `load` giving what a template was compiled to."""

    undefined = StrictUndefined
    concat = "".join

    def __init__(
        self,
        escape: Callable[[str], str],
        filters: Mapping[str, Any],
        load: Callable[[str, dict[str, Any]], None],
    ) -> None:
        self.protect_words(escape)
        self.escape, self._load = escape, load
        self.globals: dict[str, Any] = {"range": range, "namespace": Namespace}
        self.tests: dict[str, Callable[..., Any]] = {
            "defined": lambda value: not isinstance(value, Undefined),
            "odd": lambda value: value % 2 == 1,
            "equalto": lambda value, other: value == other,
            "in": lambda value, others: value in others,
        }
        self.filters: dict[str, Callable[..., Any]] = {
            "default": _plainly(lambda value, other: other if isinstance(value, Undefined) else value, 2),
            "first": _plainly(lambda values: next(iter(values), self.undefined("there is no first"))),
            "format": self.format,
            "int": _plainly(int),
            "join": self.join,
            "last": _plainly(lambda values: next(reversed(values), self.undefined("there is no last"))),
            "length": _plainly(len),
            "list": _plainly(list),
            "map": self._map,
            "max": _plainly(lambda values: max(_numbers(values))),
            "min": _plainly(lambda values: min(_numbers(values))),
            "raw": _plainly(Markup),
            "replace": self.replace,
            "selectattr": self._selectattr,
            "string": _plainly(_text),
            "trim": _plainly(lambda value: _text(value).strip()),
            **filters,
        }

    def get_template(self, name: str, _: str = "") -> Template:
        """A template by its name.

        Raises:
            NotPlainError: it speaks more of Jinja's language than is here.
        """
        names = {**RUNTIME, "environment": self}
        self._load(name, names)
        if not names["plain"]:
            raise NotPlainError(f"{name} is filled in by Jinja")
        return Template(self, name, names)

    def finalize(self, _: object, value: Any) -> Any:
        """The value of an expression as markup."""
        return value if isinstance(value, Markup | Undefined) else Markup(self.escape(str(value)))

    def getattr(self, value: Any, name: str) -> Any:
        """`value.name`, or `value["name"]`."""
        value = self.own(value)
        try:
            return getattr(value, name)
        except AttributeError:
            try:
                return value[name]
            except (TypeError, LookupError):
                return self.undefined(obj=value, name=name)

    def getitem(self, value: Any, key: Any) -> Any:
        """`value[key]`, or the attribute."""
        try:
            return value[key]
        except (TypeError, LookupError):
            found = getattr(value, key, missing) if isinstance(key, str) else missing
            return self.undefined(obj=value, name=key) if found is missing else found

    def call(self, _: Context, function: Any, *args: Any, **named: Any) -> Any:
        """A call in a template."""
        named.pop("_loop_vars", None)
        named.pop("_block_vars", None)
        return function(*args, **named)

    def attribute_of(self, attribute: str | int) -> Callable[[Any], Any]:
        if not str(attribute).isidentifier():
            raise NotPlainError(f"the attribute {attribute!r}")
        return lambda value: self.getitem(value, attribute)

    def _map(self, values: Iterable[Any], name: str = "", *args: Any, attribute: str = "") -> Iterator[Any]:
        if attribute:
            return map(self.attribute_of(attribute), values)
        function = _known(self.filters, name)
        return (function(value, *args) for value in values)

    def _selectattr(self, values: Iterable[Any], name: str, test: str = "", *args: Any) -> Iterator[Any]:
        fits, take = _known(self.tests, test) if test else bool, self.attribute_of(name)
        return (value for value in values if fits(take(value), *args))


def _plainly(function: Callable[..., Any], most: int = 1) -> Callable[..., Any]:
    """A filter of so many arguments; Jinja's may have more."""

    def filtered(*args: Any, **named: Any) -> Any:
        if len(args) != most or named:
            raise NotPlainError("a filter with other arguments")
        return function(*args)

    return filtered


def _known(there: Mapping[str, Callable[..., Any]], name: str) -> Callable[..., Any]:
    if name not in there:
        raise NotPlainError(name)
    return there[name]


def _numbers(values: Iterable[Any]) -> list[Any]:
    """What `max` and `min` compare as Python does; texts Jinja compares without their case."""
    found = [*values]
    if not found or not all(isinstance(value, int | float) for value in found):
        raise NotPlainError("the largest of other things than numbers")
    return found


def _text(value: Any) -> str:
    return value if isinstance(value, str) else str(value)


RUNTIME = {
    "LoopContext": Loop,
    "Macro": Macro,
    "Markup": Markup,
    "Namespace": Namespace,
    "TemplateReference": Blocks,
    "Undefined": Undefined,
    "escape": escape,
    "identity": lambda value: value,
    "internalcode": lambda function: function,
    "missing": missing,
    "TemplateRuntimeError": LookupError,
}
"""What the Python that Jinja makes imports from Jinja."""
_SPOKEN = {
    r"environment\.(?!filters\b|tests\b)(\w+)": {*dir(OurTemplates), "finalize"},
    r"context\.(\w+)": {"blocks", "eval_ctx", "exported_vars", "get_all", "resolve_or_missing", "vars"},
    r"resolve\('(cycler|dict|joiner|lipsum)'\)": set(),
}
"""What the Python may ask for, by the way in which it asks."""


def is_plain(python: str, ours: OurTemplates) -> bool:
    """Whether the Python that Jinja made of a template, without what it imports, keeps to what is here."""
    asked = {**_SPOKEN, r"environment\.filters\['(\w+)'\]": {*ours.filters}}
    asked[r"environment\.tests\['(\w+)'\]"] = {*ours.tests}
    simple = len(re.findall(r"\bMacro\(environment, macro, '\w+', \([^()]*\), False, False, False,", python))
    return (
        all({*re.findall(way, python)} <= known for way, known in asked.items())
        and not {"markup_join", "str_join"} & {*re.findall(r"\w+", python)}
        and simple == python.count("Macro(")
        and not re.search(r"LoopContext\([^\n]*, loop_render_func", python)
    )
