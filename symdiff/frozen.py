"""Records whose fields are set once: what `dataclass(frozen=True, slots=True)` makes, in a third of the time.

A page needs some eighty kinds of record, and `dataclasses` compiles each method of each kind on its own. Here
those that depend on the fields are compiled in one go and the others are shared; `fields` and `replace` work.
"""

from __future__ import annotations

from dataclasses import MISSING, Field, FrozenInstanceError, dataclass, field, fields
from typing import Any, NoReturn, TypeVar, dataclass_transform

Kind = TypeVar("Kind")
_bare = dataclass(init=False, repr=False, eq=False, slots=True)


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen(kind: type[Kind]) -> type[Kind]:
    """The class with its fields as slots, a constructor, comparison, hash and text made of them.

    Fields are passed by position or name; a field without `compare` counts neither in comparison nor hash.
    """
    made = _bare(kind)
    for name, method in (*_SHARED, *_compiled(fields(made)).items()):  # type: ignore[arg-type]
        if vars(kind).get(name) is None:
            setattr(made, name, method)
    return made


def _compiled(of: tuple[Field[Any], ...]) -> dict[str, Any]:
    """The methods that name the fields one by one."""
    known: dict[str, Any] = {"put": object.__setattr__, "MISSING": MISSING}
    known |= {f"default_{f.name}": f.default for f in of if f.default is not MISSING}
    known |= {f"made_{f.name}": f.default_factory for f in of if f.default_factory is not MISSING}
    mine, theirs = ("".join(f"{one}.{f.name}, " for f in of if f.compare) for one in ("self", "other"))
    found: dict[str, Any] = {}
    exec(
        f"def __init__(self, {', '.join(map(_parameter, of))}):\n"
        + "".join(f" put(self, {f.name!r}, {_given(f)})\n" for f in of)
        + " pass\n"
        + "def __eq__(self, other):\n"
        + f" return ({mine}) == ({theirs}) if other.__class__ is self.__class__ else NotImplemented\n"
        + f"def __hash__(self): return hash(({mine}))",
        known,
        found,
    )
    return found


def _parameter(of: Field[Any]) -> str:
    if of.default_factory is not MISSING:
        return f"{of.name}=MISSING"
    return of.name if of.default is MISSING else f"{of.name}=default_{of.name}"


def _given(of: Field[Any]) -> str:
    """The value of a field: what was passed, or made anew."""
    if of.default_factory is MISSING:
        return of.name
    return f"made_{of.name}() if {of.name} is MISSING else {of.name}"


class _Shared:
    """The methods that ask the class for its fields."""

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise FrozenInstanceError(f"cannot assign to field {name!r}")

    def __delattr__(self, name: str) -> NoReturn:
        raise FrozenInstanceError(f"cannot delete field {name!r}")

    def __reduce__(self: Any) -> tuple[Any, ...]:
        """For copies: the class, and the values in order."""
        return type(self), tuple(getattr(self, f.name) for f in fields(self))

    def __repr__(self: Any) -> str:
        shown = (f"{f.name}={getattr(self, f.name)!r}" for f in fields(self) if f.repr)
        return f"{type(self).__qualname__}({', '.join(shown)})"


_SHARED = tuple(item for item in vars(_Shared).items() if callable(item[1]))
