"""Documents with one leaf changed to another of its type, and which of them the proof lets pass.

A leaf is a name, a number, a flag, a word, a formula of a statement, the key of a sentence, the order of two
rows. The members of an equality are left to the tests of the proof itself.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, fields, is_dataclass, replace
from functools import cache
from typing import Any

from tools import ROOT

from symdiff.document.blocks import Chain, Localized, Text, Unseen
from symdiff.document.repeats import RepeatedRow
from symdiff.errors import SymdiffError
from symdiff.expr.leaves import Alias, Applied, Filled, Leaf, Nabla
from symdiff.expr.tree import Dim, Expr, Num, Sym
from symdiff.proof.judge import Judge, Judged, proved

REFUSED = (SymdiffError, AssertionError, AttributeError, LookupError, TypeError, ValueError, StopIteration)
"""A statement that cannot even be read ends in an error of ours; nothing is printed either."""


@dataclass(frozen=True)
class Mutant:
    """Where a leaf was changed, from what to what, and the value with the change in it."""

    where: tuple[str, ...]
    kind: str
    what: str
    value: Any

    def inside(self, step: str, value: Any) -> Mutant:
        return Mutant((step, *self.where), self.kind, self.what, value)


@dataclass
class Mutator:
    """Changes each leaf of a document, to at most `most` other values."""

    names: Sequence[Sym]
    most: int = 2

    def of(self, value: Any, kind: str = "") -> Iterator[Mutant]:
        """Every mutant of a value; `kind` says which field of what it is."""
        if isinstance(value, RepeatedRow):
            value = value.written
        if isinstance(value, Chain):
            yield from self._of_chain(value, kind)
        elif isinstance(value, Text):
            yield from self._of_text(value)
        elif isinstance(value, Localized) or callable(value):
            return
        elif is_dataclass(value) and not isinstance(value, type):
            yield from self._of_record(value)
        elif isinstance(value, tuple):
            yield from self._of_tuple(value, kind)
        else:
            yield from (self._leaf(kind, value, other) for other in self._others(value, kind))

    def _leaf(self, kind: str, old: Any, new: Any) -> Mutant:
        return Mutant((), kind, f"{old!s:.60} -> {new!s:.60}", new)

    def _of_record(self, value: Any) -> Iterator[Mutant]:
        name = type(value).__name__
        for own in fields(value):
            if own.name in ("formulas", "members"):
                continue
            for mutant in self.of(getattr(value, own.name), f"{name}.{own.name}"):
                if not (isinstance(value, Unseen) and mutant.kind.endswith("boxed")):  # it is not written
                    yield mutant.inside(own.name, replace(value, **{own.name: mutant.value}))

    def _of_tuple(self, value: tuple[Any, ...], kind: str) -> Iterator[Mutant]:
        for i, part in enumerate(value):
            for mutant in self.of(part, kind):
                yield mutant.inside(str(i), (*value[:i], mutant.value, *value[i + 1 :]))
        if len(value) > 1 and value[0] != value[1]:
            what = f"the first two in the other order: {kinds_of(value[:2])}"
            yield Mutant((), f"{kind}, order", what, (value[1], value[0], *value[2:]))
        if len(value) > 2 and value[-1] != value[-2]:
            what = f"the last two in the other order: {kinds_of(value[-2:])}"
            yield Mutant((), f"{kind}, order", what, (*value[:-2], value[-1], value[-2]))
        if value and (kind.endswith("}") or kind.startswith(("Graph", "Stepping", "Phase", "Edge", "Move"))):
            yield Mutant((), f"{kind}, length", "without the last one", value[:-1])

    def _of_chain(self, chain: Chain, kind: str) -> Iterator[Mutant]:
        yield self._leaf(f"{kind}: Chain.boxed", chain.boxed, replace(chain, boxed=not chain.boxed))
        if chain.times is not None:
            low, high = chain.times
            later = (low + Num(1), high)
            yield self._leaf(f"{kind}: Chain.times", low, replace(chain, times=later))

    def _of_text(self, value: Text) -> Iterator[Mutant]:
        for key in siblings(value)[: self.most]:
            yield self._leaf("key of a sentence", value.key, replace(value, key=key))
        for name, param in value.params.items():
            for mutant in self.of(param, f"{value.key} {{{name}}}"):
                yield mutant.inside(name, replace(value, params={**value.params, name: mutant.value}))

    def _others(self, value: Any, kind: str) -> list[Any]:
        if isinstance(value, bool):
            return [not value]
        if isinstance(value, int):
            return [value + 1] if value else [1]
        if isinstance(value, frozenset):
            return [frozenset[Any]()] if value else []
        if isinstance(value, Num):
            return [Num(value.value + 1)]
        if isinstance(value, Sym):
            return self._other_names(value)
        if isinstance(value, Dim):
            return [Dim("zz")]
        if isinstance(value, Leaf):
            return list(self._other_leaves(value))
        if isinstance(value, Expr):
            return list(self._other_formulas(value))[: self.most]
        if isinstance(value, str):
            return self._other_words(value, kind)
        return []

    def _other_names(self, value: Sym) -> list[Sym]:
        found = [
            Sym(other.name, value.accent, value.label, value.seed, other.shape, other.assume)
            for other in self.names
            if other.name != value.name
        ]
        return found[: self.most] or [Sym("zz", value.accent, value.label, value.seed, value.shape)]

    def _other_leaves(self, value: Leaf) -> Iterator[Leaf]:
        """Another variable in a Jacobian, functions in another order, another meaning of a short name."""
        if isinstance(value, Nabla):
            under = self._other_names(value.under)[0]
            yield Nabla(value.over, under, value.functions, value.whole, value.layout, value.at)
            yield Nabla(value.over, value.under, value.functions, not value.whole, value.layout, value.at)
        elif isinstance(value, Applied):
            yield Applied(value.over, value.under, (*value.functions[::-1], value.functions[0]))
        elif isinstance(value, Alias):
            yield Alias(self._other_names(value.name)[0], value.meaning)
        elif isinstance(value, Filled) and value.what == "eye":
            yield Filled("ones", value.shape)

    def _other_formulas(self, value: Expr) -> Iterator[Expr]:
        for i, arg in enumerate(value.args):
            for other in self._others(arg, ""):
                with suppress(SymdiffError):  # it may have no shape
                    yield Expr(value.op, *value.args[:i], other, *value.args[i + 1 :])

    def _other_words(self, value: str, kind: str) -> list[str]:
        words = {
            "Node.role": ("input", "step", "result"),
            "Phase.mode": ("primal", "forward", "reverse"),
            "Edge.path": ("", "a", "b", "c"),
        }
        if kind in words:
            return [word for word in words[kind] if word != value]
        if kind in ("Edge.tail", "Edge.head", "Node.key"):
            return [
                re.sub("[^A-Za-z0-9_-]", "-", n.name.replace("@", "_"))
                for n in self.names
                if re.sub("[^A-Za-z0-9_-]", "-", n.name.replace("@", "_")) != value
            ][: self.most]
        return [f"{value}x"]


def kinds_of(parts: tuple[Any, ...]) -> str:
    """What kind of block, row or value each part is."""
    return ", ".join(str(getattr(part, "kind", type(part).__name__)) for part in parts)


@cache
def sentences() -> dict[str, frozenset[str]]:
    """The parameters of each sentence, by its key."""
    with (ROOT / "templates" / "messages" / "en.toml").open("rb") as file:
        table = tomllib.load(file)
    found: dict[str, frozenset[str]] = {}

    def walk(prefix: str, part: Any) -> None:
        for key, value in part.items():
            if isinstance(value, dict) and "by" not in value:
                walk(f"{prefix}{key}.", value)
            else:
                forms = " ".join(value.values()) if isinstance(value, dict) else value
                found[f"{prefix}{key}"] = frozenset(re.findall(r"\{(\w+)", forms))

    walk("", table)
    return found


def siblings(value: Text) -> list[str]:
    """Other sentences with the same parameters, those of the same group first."""
    own = sentences().get(value.key, frozenset())
    apart = ("locale", "stepping", "proof", "layout")
    found = [k for k, params in sentences().items() if params == own and k != value.key]
    group = value.key.partition(".")[0]
    found = [k for k in found if k.partition(".")[0] not in apart]
    return sorted(found, key=lambda key: key.partition(".")[0] != group)


@dataclass(frozen=True)
class Remembering(Judge):
    """A judge that judges each equality once, whatever the document around it."""

    judge: Judge
    known: dict[Chain, Any] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.judge, name)

    def check(self, chain: Chain) -> Any:
        plain = replace(chain, boxed=False)
        if plain not in self.known:
            try:
                self.known[plain] = self.judge.check(plain)
            except SymdiffError as error:
                self.known[plain] = error
        if isinstance(self.known[plain], SymdiffError):
            raise self.known[plain]
        return self.known[plain]

    def check_whole(self) -> None:
        if "whole" not in self.known:
            self.judge.check_whole()
            self.known["whole"] = True  # type: ignore[index]


def plain(value: Any) -> Any:
    """Blocks with every repeated row written out."""
    if isinstance(value, RepeatedRow):
        return value.written
    if isinstance(value, tuple):
        return tuple(map(plain, value))
    if is_dataclass(value) and hasattr(value, "rows"):
        return replace(value, rows=plain(value.rows))
    return value


def survivors(
    parts: Sequence[Judged],
    names: Sequence[Sym],
    prove: Callable[[Sequence[Judged]], object] = proved,
    most: int = 2,
    step: int = 1,
) -> Iterator[Mutant]:
    """The mutants that `prove` lets pass; of all mutants each `step`-th is tried."""
    known: dict[int, Remembering] = {}
    kept = [Judged(plain(p.blocks), known.setdefault(id(p.judge), Remembering(p.judge))) for p in parts]
    prove(kept)
    number = 0
    for i, part in enumerate(kept):
        for mutant in Mutator(names, most).of(part.blocks, "blocks"):
            number += 1
            if number % step:
                continue
            try:
                prove([*kept[:i], Judged(mutant.value, part.judge), *kept[i + 1 :]])
            except REFUSED:
                continue
            yield mutant


def count(parts: Sequence[Judged], names: Sequence[Sym], most: int = 2) -> int:
    """How many mutants there are."""
    return sum(1 for part in parts for _ in Mutator(names, most).of(plain(part.blocks), "blocks"))
