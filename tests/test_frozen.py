"""Records: what they hold, when two are the same, and that nothing in them changes."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Mapping
from dataclasses import FrozenInstanceError, dataclass, field, fields, is_dataclass, replace
from typing import Any, ClassVar

import pytest

from symdiff.frozen import frozen


def bodies(decorate: Any) -> tuple[Any, Any]:
    """Two kinds of record, as `decorate` makes them."""

    @decorate
    class Way:
        """A way."""

        kind: ClassVar[str] = "way"
        start: int
        ends: tuple[int, ...] = ()
        notes: Mapping[str, Any] = field(default_factory=dict)
        seen: int = field(default=0, compare=False, repr=False)

        @property
        def length(self) -> int:
            return len(self.ends)

    @decorate
    class Other:
        start: int
        ends: tuple[int, ...] = ()

        def __eq__(self, other: object) -> bool:
            return isinstance(other, type(self)) and other.start == self.start

    return Way, Other


OURS, THEIRS = bodies(frozen), bodies(dataclass(frozen=True, slots=True))


@frozen
class Point:
    x: int
    y: int = 0


@pytest.mark.parametrize(("one", "other"), [(OURS, THEIRS)])
def test_a_record_is_like_a_frozen_dataclass_with_slots(one: Any, other: Any) -> None:
    (way, free), (theirs, their_free) = one, other
    for kind in (way, theirs):
        made = kind(1, ends=(2, 3), seen=4)
        assert (made.start, made.ends, made.notes, made.seen, made.length) == (1, (2, 3), {}, 4, 2)
        assert made == kind(1, (2, 3)) != kind(1, (2,))
        assert made != (1, (2, 3), {})
        assert replace(made, start=7) == kind(7, (2, 3))
        assert kind(1).notes is not kind(1).notes
        assert is_dataclass(kind)
        assert not hasattr(made, "__dict__")
        with pytest.raises(TypeError, match="missing 1 required positional argument: 'start'"):
            kind()
    assert repr(way(1)) == repr(theirs(1))
    assert [f.name for f in fields(way)] == [f.name for f in fields(theirs)]
    assert way.__match_args__ == theirs.__match_args__
    assert hash(way(1, notes=())) == hash(theirs(1, notes=()))
    assert way(1) != theirs(1)
    assert free(1, (2,)) == free(1, (3,)) != free(2)
    assert hash(free(1, (2,))) == hash(their_free(1, (2,)))


def test_nothing_in_a_record_changes() -> None:
    point = Point(1)
    for change in (
        lambda: setattr(point, "x", 2),
        lambda: setattr(point, "z", 2),
        lambda: delattr(point, "x"),
    ):
        with pytest.raises(FrozenInstanceError):
            change()
    assert point == Point(1, 0)


def test_a_record_can_be_copied_and_sent() -> None:
    point = Point(1, 2)
    assert copy.copy(point) == copy.deepcopy(point) == pickle.loads(pickle.dumps(point)) == point
