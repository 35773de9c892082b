"""Records: `dataclass` as in the standard library, made without compiling methods at each start.

The standard decorator writes and compiles up to six methods for each class, about a millisecond a class, and
a page needs a hundred classes: a fifth of the time of `import sympy`. Here comparison, hash, text and the ban
on changes are shared by all records, and `__init__` is compiled when a class has made a few of them. `field`,
`fields` and `replace` are the standard library's.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from operator import attrgetter
from typing import Any, TypeVar, dataclass_transform, overload

C = TypeVar("C", bound=type)


@overload
def dataclass(cls: C) -> C: ...


@overload
def dataclass(*, frozen: bool = ..., slots: bool = ..., eq: bool = ...) -> Callable[[C], C]: ...


@dataclass_transform(field_specifiers=(dataclasses.field,))
def dataclass(cls: Any = None, *, frozen: bool = False, slots: bool = False, eq: bool = True) -> Any:
    """A class of records; `frozen` ones cannot be changed, those with `eq` are compared by their fields."""

    def made(cls: Any) -> Any:
        own: dict[str, Any] = {"__repr__": _text, "__init__": _early_init()}
        if eq:
            own |= {"__eq__": _equal, "__hash__": _hash} if frozen else {"__eq__": _equal, "__hash__": None}
        if frozen:
            own |= {"__setattr__": _refuse, "__delattr__": _refuse}
        if frozen and slots:
            own |= {"__getstate__": _state, "__setstate__": _set_state}
        for name, method in own.items():
            if name not in cls.__dict__ or (name == "__hash__" and cls.__dict__[name] is None):
                setattr(cls, name, method)
        return dataclasses.dataclass(init=False, repr=False, eq=False, slots=slots)(cls)

    return made if cls is None else made(cls)


EARLY = 12
"""So many records of a class are made before its `__init__` is compiled; on short pages most make fewer."""


def _early_init() -> Callable[..., None]:
    """The `__init__` of a class until it has made a few records: a compiled one then takes its place."""
    left, known = EARLY, None

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807
        nonlocal left, known
        if known is None:
            cls: Any = next(c for c in type(self).__mro__ if c.__dict__.get("__init__") is __init__)
            known = cls, dataclasses.fields(cls), hasattr(cls, "__post_init__")
        cls, fields, has_post_init = known
        left -= 1
        values = _given(fields, args, kwargs) if left >= 0 else None
        if values is None:  # what is given wrongly the compiled one refuses in Python's words
            cls.__init__ = _compiled_init(cls)
            cls.__init__(self, *args, **kwargs)
            return
        for name, value in values:
            object.__setattr__(self, name, value)
        if has_post_init:
            self.__post_init__()

    return __init__


def _given(fields: tuple[dataclasses.Field[Any], ...], args: Any, kwargs: Any) -> list[Any] | None:
    """The values of all fields; None where they are not given as `__init__` takes them."""
    found: list[Any] = []
    at = used = 0
    for field in fields:
        if field.init and at < len(args):
            value = args[at]
            at += 1
        elif field.init and field.name in kwargs:
            value = kwargs[field.name]
            used += 1
        elif field.default is not dataclasses.MISSING:
            value = field.default
        elif field.default_factory is not dataclasses.MISSING:
            value = field.default_factory()
        elif field.init:
            return None
        else:
            continue
        found.append((field.name, value))
    return found if at == len(args) and used == len(kwargs) else None


def _compiled_init(cls: Any) -> Callable[..., None]:
    """`__init__` as the standard library writes it."""
    names: dict[str, Any] = {"_put": object.__setattr__, "_missing": dataclasses.MISSING}
    head, body = ["self"], []
    for field in dataclasses.fields(cls):
        value = field.name
        if field.default is not dataclasses.MISSING:
            names[f"_default_{field.name}"] = field.default
            default = f"_default_{field.name}"
        elif field.default_factory is not dataclasses.MISSING:
            names[f"_new_{field.name}"] = field.default_factory
            default, value = "_missing", f"_new_{value}() if {value} is _missing else {value}"
        else:
            default = ""
        if field.init:
            head.append(f"{field.name}={default}" if default else field.name)
            body.append(f"_put(self, {field.name!r}, {value})")
        elif default:
            body.append(f"_put(self, {field.name!r}, {default.replace('_missing', f'_new_{field.name}()')})")
    if hasattr(cls, "__post_init__"):
        body.append("self.__post_init__()")
    source = f"def __init__({', '.join(head)}):\n    " + "\n    ".join(body or ["pass"])
    exec(compile(source, f"<record {cls.__qualname__}>", "exec"), names)
    init: Callable[..., None] = names["__init__"]
    init.__qualname__ = f"{cls.__qualname__}.__init__"
    return init


_VALUES: dict[type, Callable[[Any], Any]] = {}
"""For each class what takes the compared values of a record."""


def _values(record: Any) -> Any:
    found = _VALUES.get(record.__class__)
    if found is None:
        names = [field.name for field in dataclasses.fields(record) if field.compare]
        found = _VALUES[record.__class__] = attrgetter(*names) if names else lambda _: ()
    return found(record)


def _equal(self: Any, other: object) -> Any:
    if other.__class__ is not self.__class__:
        return NotImplemented
    return self is other or _values(self) == _values(other)


def _hash(self: Any) -> int:
    return hash(_values(self))


def _text(self: Any) -> str:
    shown = [field.name for field in dataclasses.fields(self) if field.repr]
    return f"{self.__class__.__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in shown)})"


def _refuse(self: Any, name: str, *_: object) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")


def _state(self: Any) -> list[Any]:
    return [getattr(self, field.name) for field in dataclasses.fields(self)]


def _set_state(self: Any, state: list[Any]) -> None:
    for field, value in zip(dataclasses.fields(self), state, strict=True):
        object.__setattr__(self, field.name, value)
