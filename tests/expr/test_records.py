"""Records behave as the standard library's data classes do."""

from __future__ import annotations

import dataclasses
import pickle
from collections.abc import Callable
from dataclasses import field, fields, replace
from functools import cached_property
from typing import Any

import pytest

from symdiff.expr import records


def made(dataclass: Callable[..., Any]) -> dict[str, Any]:
    """The same classes by a decorator."""

    @dataclass(frozen=True, slots=True)
    class Point:
        """A point."""

        x: int
        y: int = 2
        names: list[str] = field(default_factory=list, compare=False)
        seen: int = field(default=7, init=False, repr=False, compare=False)

    @dataclass(frozen=True)
    class Line:
        """Two points."""

        start: Any
        end: Any = None

        def __post_init__(self) -> None:
            if self.start == self.end:
                raise ValueError("one point")

        @cached_property
        def twice(self) -> tuple[Any, Any]:
            return self.start, self.start

    @dataclass(frozen=True, slots=True)
    class Deep(Point):
        """A point in space."""

        z: int = 0

    @dataclass(frozen=True, slots=True, eq=False)
    class Alone:
        """Compared by identity."""

        x: int

    @dataclass(slots=True)
    class Open:
        """May be changed."""

        x: int

    @dataclass(frozen=True)
    class Empty:
        """Without fields."""

    return {cls.__name__: cls for cls in (Point, Line, Deep, Alone, Open, Empty)}


OURS, THEIRS = made(records.dataclass), made(dataclasses.dataclass)
MAKE: list[Callable[[dict[str, Any]], Any]] = [
    lambda of: of["Point"](1),
    lambda of: of["Point"](x=1, y=3, names=["a"]),
    lambda of: of["Point"](),
    lambda of: of["Point"](1, 2, [], 5),
    lambda of: of["Point"](1, other=2),
    lambda of: of["Point"](1, x=2),
    lambda of: of["Point"](1, seen=2),
    lambda of: of["Line"](end=2),
    lambda of: of["Line"](2, start=1),
    lambda of: of["Line"](of["Point"](1)),
    lambda of: of["Line"](1, 1),
    lambda of: of["Line"](1).twice,
    lambda of: of["Deep"](1, z=4),
    lambda of: of["Open"](3),
    lambda of: of["Empty"](),
    lambda of: replace(of["Deep"](1, z=4), y=9),
    lambda of: replace(of["Point"](1), seen=3),
    lambda of: [one.name for one in fields(of["Deep"])],
    lambda of: of["Point"](1) == of["Point"](1, names=["b"]),
    lambda of: of["Point"](1) == of["Deep"](1),
    lambda of: of["Alone"](1) == of["Alone"](1),
    lambda of: len({of["Point"](1), of["Point"](1), of["Deep"](1), of["Empty"](), of["Empty"]()}),
    lambda of: hash(of["Open"](1)),
    lambda of: setattr(of["Point"](1), "x", 2),
    lambda of: setattr(of["Line"](1), "other", 2),
    lambda of: delattr(of["Line"](1), "start"),
    lambda of: setattr(of["Open"](1), "x", 2),
    lambda of: of["Point"].__match_args__,
    lambda of: of["Point"](1).__dict__,
]


def outcome(make: Callable[[dict[str, Any]], Any], of: dict[str, Any]) -> object:
    try:
        return str(make(of))
    except Exception as error:
        return type(error)


@pytest.mark.parametrize("make", MAKE)
def test_records_are_what_data_classes_are(make: Callable[[dict[str, Any]], Any]) -> None:
    assert outcome(make, OURS) == outcome(make, THEIRS)


@pytest.mark.parametrize("early", [0, 1, 10**6])
def test_records_are_made_alike_before_and_after_their_init_is_compiled(
    early: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "EARLY", early)
    fresh = made(records.dataclass)
    for _ in range(3):
        assert [outcome(make, fresh) for make in MAKE] == [outcome(make, THEIRS) for make in MAKE]


@records.dataclass(frozen=True, slots=True)
class Kept:
    """At the top of a module, where pickle finds it."""

    x: int
    names: tuple[str, ...] = ()


def test_records_survive_pickling() -> None:
    assert pickle.loads(pickle.dumps(Kept(1, ("a",)))) == Kept(1, ("a",))
