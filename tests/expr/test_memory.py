"""Caches under threads: no thread gets what was computed of another one's object."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from symdiff.expr import memory
from symdiff.expr.memory import cached_by_identity, cached_for_last_object
from symdiff.expr.tree import Expr, Num


@pytest.fixture(autouse=True)
def _often_switched() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.parametrize("cache", [cached_by_identity, cached_for_last_object])
def test_each_thread_gets_the_result_of_its_own_object(
    cache: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "REMEMBERED", 5)
    value = cache(lambda node: (node, node.value))

    def asked(number: int) -> bool:
        node = Num(number % 7)
        return all(value(node) == (node, node.value) and value(node)[0] is node for _ in range(50))

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(asked, range(2_000)))


def test_the_last_object_is_remembered_and_another_one_takes_its_place() -> None:
    calls: list[Expr] = []

    @cached_for_last_object
    def value(node: Expr) -> int:
        calls.append(node)
        return len(calls)

    one, other = Num(1), Num(1)
    assert [value(one), value(one), value(other), value(one)] == [1, 1, 2, 3]


def test_another_thread_between_putting_and_reading_changes_nothing() -> None:
    """The very race: while one thread computes, another one's object becomes the last one."""
    one, other = Num(1), Num(2)

    @cached_for_last_object
    def value(node: Num) -> Any:
        if node is one:
            value(other)  # as another thread would, in the middle
        return node.value

    assert (value(one), value(other), value(one)) == (1, 2, 1)
