"""Points and sizes on the command line: what is read, and that everything else is one clear line."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import pytest
from tools import run_command, run_here

from symdiff.cli.options import parse_point, parse_sizes
from symdiff.errors import UsageError

F = Fraction


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (["x=1,a=2.5"], {"x": F(1), "a": F(5, 2)}),
        (["x=1", "a=-1/3"], {"x": F(1), "a": F(-1, 3)}),
        ([" x = 1 , a = 2 "], {"x": F(1), "a": F(2)}),
        (["x=[1,2]"], {"x": (F(1), F(2))}),
        (["x=[1]"], {"x": (F(1),)}),
        (["A=[[1,2],[3,4]],b=0.1"], {"A": ((F(1), F(2)), (F(3), F(4))), "b": F(1, 10)}),
        (["A = [ [1, 2] , [3, 4] ]"], {"A": ((F(1), F(2)), (F(3), F(4)))}),
        (["A=[[1,2],[3]]"], {"A": ((F(1), F(2)), (F(3),))}),
        (["x=1e-3"], {"x": F(1, 1000)}),
    ],
    ids=repr,
)
def test_points(given: list[str], found: dict[str, Any]) -> None:
    assert parse_point(given) == found
    assert parse_point(None) is None


HOSTILE = [
    "",
    "x",
    "=1",
    "x=",
    "x=1,x=2",
    "x=1,,y=2",
    "x=[",
    "x=]",
    "x=[1,2",
    "x=1]",
    "x=[[[[1]]]]",
    "x=][",
    "x=[1][2]",
    "x=[1]2",
    "x=[]",
    "x=[[]]",
    "x=[1,]",
    "x=[,1]",
    "x=[1 2]",
    "x=(1,2)",
    "x=nan",
    "x=inf",
    "x=[nan]",
    "x=1e999999999",
    "x=9" * 20,
    "x=" + "9" * 10_000,
    "x=1/0",
    "x=1j",
    "x=0x10",
    "x=__import__('os')",
    "x=[1,__import__('os')]",
    "x=" + "[" * 10_000,
    "x=" + "[" * 1000 + "1" + "]" * 1000,
    "x=\0",
    "x=1\ny",
    "x=½",
    "x=1+1",
    "x={1}",
    "x=[1;2]",
    "x==1",
    "x=True",
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda t: ascii(t)[:30])
def test_what_is_no_point_is_one_clear_usage_error(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_point([text])
    message = str(caught.value)
    assert "\n" not in message
    assert len(message) < 250
    assert "--at" in message


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (["n=3,d=2"], {"n": 3, "d": 2}),
        (["n=3", " d = 2 "], {"n": 3, "d": 2}),
        ([], {}),
        (None, {}),
        (["n=1"], {"n": 1}),
    ],
)
def test_sizes(given: Any, found: dict[str, int]) -> None:
    assert parse_sizes(given) == found


@pytest.mark.parametrize(
    "text",
    [
        "",
        "n",
        "n=",
        "=3",
        "n=0",
        "n=-1",
        "n=2.5",
        "n=1e3",
        "n=3,n=4",
        "n=[3]",
        "n=9999999",
        "n=10001",
        "n=³",
        "n=x",
        "n=" + "9" * 5000,
    ],
    ids=lambda t: ascii(t)[:20],
)
def test_what_is_no_size_is_one_clear_usage_error(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_sizes([text])
    assert "\n" not in str(caught.value)
    assert "--size" in str(caught.value)


def test_entries_take_their_sizes_from_an_option() -> None:
    done = run_command("derive", "quadratic-form", "--mode", "entries", "--size", "n=2", "--format", "json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    names = [one["name"] for one in found["inputs"]]
    assert len(names) == 6
    assert all(one["shape"] == [] for one in found["inputs"])


def test_entries_take_their_sizes_from_the_point() -> None:
    arguments = ["--mode", "entries", "--at", "x=[1,2],A=[[1,2],[3,4]]", "--format", "json"]
    done = run_command("derive", "quadratic-form", *arguments)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)["results"]
    assert sorted(v["value"] for v in found.values()) == sorted([12.0, 21.0, 1.0, 2.0, 2.0, 4.0])


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["quadratic-form", "--at", "x=[1,2],A=[[1,2]]"], "its value is a matrix of 1×2"),
        (["quadratic-form", "--at", "x=[1,2],A=[[1,2],[3]]"], "rows of different lengths"),
        (["quadratic-form", "--at", "x=[1,2]"], "no value for A"),
        (["quadratic-form", "--at", "x=[1,2"], "not closed"),
        (["quadratic-form", "--at", "x=[[[[1]]]]"], "brackets"),
        (["quadratic-form", "--layout", "row"], "unknown layout"),
        (["quadratic-form", "--mode", "jacobian", "--wrt", "z"], "'z' is not an input"),
        (["quadratic-form", "--mode", "entries"], "n"),
        (["quadratic-form", "--mode", "entries", "--size", "n=x"], "is not a size"),
        (["quadratic-form", "--mode", "entries", "--size", "q=3,n=2"], "q"),
    ],
    ids=lambda value: " ".join(value)[:50] if isinstance(value, list) else None,
)
def test_bad_options_get_one_clear_line(arguments: list[str], says: str) -> None:
    done = run_here("derive", *arguments)
    error = done.stderr.decode()
    assert done.returncode in (2, 3), error
    assert done.stdout == b""
    assert error.startswith("symdiff: ")
    assert error.count("\n") == 1
    assert says in error
