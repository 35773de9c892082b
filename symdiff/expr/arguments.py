"""What callers of the library pass: a missing argument, or one of a wrong kind, is one line that says so.

    @told_clearly(tape=Kind("a tape, as trace returns it", of(Tape)))
    def reverse(tape, wrt=None): ...

Parameters that several functions have, such as `wrt` and `at`, mean the same in all, and are known here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from numbers import Integral
from pathlib import Path
from typing import Any, NamedTuple, ParamSpec, TypeVar

from symdiff.errors import UsageError, shorten

P = ParamSpec("P")
R = TypeVar("R")
Test = Callable[[Any], bool]


class Kind(NamedTuple):
    """What an argument is, in words and as a test, of what it is `taken` for: a SymPy symbol for its name."""

    wanted: str
    accepts: Test
    taken: Callable[[Any], Any] = lambda value: value


def of(*types: type) -> Test:
    """Whether a value is of one of these types; a truth value is no number."""
    return lambda value: isinstance(value, types) and (bool in types or not isinstance(value, bool))


def either(*tests: Test) -> Test:
    return lambda value: any(test(value) for test in tests)


def several(test: Test) -> Test:
    """Whether a value is a list or a tuple of such values."""
    return lambda value: isinstance(value, list | tuple) and all(map(test, value))


def is_expression(value: Any) -> bool:
    """Whether a value is a text, a number or an expression of SymPy."""
    return of(str, int, float)(value) or (hasattr(value, "free_symbols") and hasattr(value, "is_Add"))


def _has_names(value: Any) -> bool:
    return isinstance(value, Mapping) and all(isinstance(key, str) for key in value)


def _has_texts(value: Any) -> bool:
    return _has_names(value) and all(isinstance(part, str) for part in value.values())


def _has_sizes(value: Any) -> bool:
    return _has_names(value) and all(map(_whole, value.values()))


def name_of(value: Any) -> Any:
    """The name of a SymPy symbol, any other value as it is."""
    return value.name if getattr(value, "is_Symbol", False) else value


def _names_of(value: Any) -> Any:
    """Names in place of SymPy symbols: in a list, as the keys of a dict, or alone."""
    if isinstance(value, Mapping):
        return {name_of(key): part for key, part in value.items()}
    return type(value)(map(name_of, value)) if type(value) in (list, tuple) else name_of(value)


def _inputs_of(value: Any) -> Any:
    found = _names_of(value)
    return (found,) if found is not value and isinstance(found, str) else found


def _whole(value: Any) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool)


def _as_int(value: Any) -> Any:
    return int(value) if _whole(value) else value


def _sizes_of(value: Any) -> Any:
    named = _names_of(value)
    return {name: _as_int(part) for name, part in named.items()} if isinstance(named, Mapping) else named


_NONE, _TEXT = of(type(None)), of(str)
_NAMES = Kind("a name or a list of names", either(_NONE, _TEXT, several(_TEXT)), _names_of)
A_NAME = Kind("a name", _TEXT, name_of)
_FOLDER = Kind("a path", either(_NONE, of(str, Path)))
_A_TEXT, _MAYBE = Kind("a text", _TEXT), Kind("a text", either(_NONE, _TEXT))
SHARED = {
    "wrt": _NAMES,
    "inputs": Kind("a tuple of names, as ('x', 'a')", either(_NONE, several(_TEXT)), _inputs_of),
    "shapes": Kind("a dict of shapes, as {'x': ('n',)}", either(_NONE, _has_names), _names_of),
    "assume": Kind("a dict of texts, as {'y': 'simplex'}", either(_NONE, _has_texts), _names_of),
    "at": Kind("a dict of numbers, as {'x': 0.5}", either(_NONE, _has_names), _names_of),
    "sizes": Kind("a dict of whole numbers, as {'n': 3}", either(_NONE, _has_sizes), _sizes_of),
    "digits": Kind("a whole number", _whole, _as_int),
    "steps": Kind("a whole number", either(_NONE, _whole), _as_int),
    **dict.fromkeys(("format", "lang", "granularity", "target"), _A_TEXT),
    **dict.fromkeys(("mode", "layout", "view", "detail"), _MAYBE),
    "result": Kind("a name", either(_NONE, _TEXT), name_of),
    **dict.fromkeys(("templates", "root"), _FOLDER),
}
"""The parameters that several functions have."""


def told_clearly(**own: Kind) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A function whose arguments are looked at before it is run; `own` are the kinds of its own parameters.

    Raises:
        UsageError: an argument is missing, is not known, or is of another kind.
    """
    kinds = {**SHARED, **own}

    def checking(function: Callable[P, R]) -> Callable[P, R]:
        code = _inmost(function).__code__
        names = code.co_varnames[: code.co_argcount]

        def taken(name: str, value: Any) -> Any:
            """What an argument is taken for, if it is of its kind."""
            kind = kinds.get(name)
            if kind is None:
                return value
            found = kind.taken(value)
            if not kind.accepts(found):
                what = f"{name} is {kind.wanted}, not {_shown(value)}"
                raise UsageError(what, where=f"{function.__name__}(…)")
            return found

        @wraps(function)
        def called(*args: P.args, **kwargs: P.kwargs) -> R:
            found = [taken(name, value) for name, value in zip(names, args, strict=False)]
            rest: Any = (*found, *args[len(found) :])
            named: Any = {name: taken(name, value) for name, value in kwargs.items()}
            try:
                return function(*rest, **named)
            except TypeError:
                _check_call(function, args, kwargs)
                raise

        return called

    return checking


def _inmost(function: Any) -> Any:
    """The function as it is written, without what other decorators put round it."""
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    return function


def _shown(value: Any) -> str:
    """A value in a message, or its type where it is no text or number."""
    if value is None or isinstance(value, str | bytes | int | float):
        return shorten(repr(value), 30)
    return type(value).__name__


def _check_call(function: Callable[..., Any], args: Any, kwargs: Any) -> None:
    """Refuse a call with other arguments than the function has."""
    from inspect import signature  # start-up: only errors need it

    try:
        signature(function).bind(*args, **kwargs)
    except TypeError as error:
        names = ", ".join(signature(function).parameters)
        way_out = f"its arguments are {names}"
        raise UsageError(f"{error}", where=f"{function.__name__}(…)", way_out=way_out) from None
