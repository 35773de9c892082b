"""Operations and how they are written: inert data, so that a printer needs no list of functions.

An `Op` is a name, a number of arguments and a `Notation`; the functions below make the common kinds. An
operation's value and derivative are in the rule table.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from enum import IntEnum
from importlib import import_module
from types import ModuleType

from symdiff.expr.records import dataclass
from symdiff.expr.shapes import ShapeRule, elementwise


class Binding(IntEnum):
    """How tightly a notation binds: an argument that binds more loosely than needed gets brackets."""

    LOOSEST = 0
    SUM = 1
    NEGATION = 2
    PRODUCT = 3
    APPLICATION = 4
    POWER = 5
    ATOM = 6


@dataclass(frozen=True, slots=True)
class Notation:
    """How an operation is written: `kind` names the layout, `latex` and `text` its words.

    Kinds: infix, prefix, product, quotient, power, script (a base with its argument raised), application
    (a name before its argument, sin x), call (with brackets always, σ(x)), pattern (a text with {0},
    {1}; `inner` is the binding its arguments need in `text`, where no braces group them), elided
    (n-ary sum), leaf. Operations on arrays have kinds of their own, each with its printer in `rendering`.
    """

    kind: str
    latex: str
    text: str
    binding: Binding
    inner: Binding = Binding.LOOSEST


@dataclass(frozen=True, slots=True, eq=False)
class Op:
    """An operation: its name in the language, its number of arguments (None: any), its notation.

    `shape` gives the result's shape from the arguments; `linear` says that the operation is linear in
    each argument, so that factors may be taken out of it; `vanishes`, that f(0) = 0.
    """

    name: str
    arity: int | None
    notation: Notation
    shape: ShapeRule = elementwise
    linear: bool = False
    vanishes: bool = False

    def __reduce__(self) -> tuple[Callable[..., Op], tuple[object, ...]]:
        """An operation that a module names is that one in another process too: identity is what compares."""
        place = _place_of(self)
        return (_op_at, place) if place else (Op, tuple(getattr(self, slot) for slot in self.__slots__))

    def with_shape(self, shape: ShapeRule) -> Op:
        """The same operation, not applied entry by entry but with a shape rule of its own."""
        return replace(self, shape=shape)


def _place_of(op: Op) -> tuple[str, str] | None:
    """The module and the name by which an operation is known; none if it is made where it is used."""
    loaded = [module for module in list(sys.modules.values()) if isinstance(module, ModuleType)]
    loaded.sort(key=lambda module: not module.__name__.startswith("symdiff."))
    for module in loaded:
        for name, value in list(vars(module).items()):
            if value is op:
                return module.__name__, name
    return None


def _op_at(module: str, name: str) -> Op:
    found = getattr(import_module(module), name)
    assert isinstance(found, Op)
    return found


def leaf(name: str) -> Op:
    """An operation without arguments that each format writes in its own way."""
    return Op(name, 0, Notation("leaf", "", "", Binding.ATOM))


def infix(name: str, sign: str) -> Op:
    return Op(name, 2, Notation("infix", sign, sign, Binding.SUM))


def application(
    name: str, latex: str, text: str = "", arity: int | None = 1, *, vanishes: bool = False
) -> Op:
    """A function written as its name before its argument, as in sin x."""
    notation = Notation("application", latex, text or name, Binding.APPLICATION)
    return Op(name, arity, notation, vanishes=vanishes)


def call(name: str, latex: str, text: str, arity: int | None = 1, *, vanishes: bool = False) -> Op:
    """A function whose argument always has brackets, as in σ(x)."""
    return Op(name, arity, Notation("call", latex, text, Binding.ATOM), vanishes=vanishes)


def pattern(
    name: str,
    latex: str,
    text: str,
    binding: Binding = Binding.ATOM,
    inner: Binding = Binding.LOOSEST,
    arity: int = 1,
    *,
    vanishes: bool = False,
) -> Op:
    """An operation written as a pattern around its arguments, as in √x."""
    return Op(name, arity, Notation("pattern", latex, text, binding, inner), vanishes=vanishes)
