"""--shape and --assume: every way to write a shape, and that everything else is one clear line."""

from __future__ import annotations

import pytest
from tools import run_here

from symdiff.cli.shape_options import parse_assumed, parse_shapes
from symdiff.errors import UsageError

GOOD = {
    "X=m,d w=d y=m": {"X": ("m", "d"), "w": ("d",), "y": ("m",)},
    "X=m,d,w=d,y=": {"X": ("m", "d"), "w": ("d",), "y": ()},
    "X=(m, d); y=()": {"X": ("m", "d"), "y": ()},
    "X=[2,3] w=(3,) y=[]": {"X": (2, 3), "w": (3,), "y": ()},
    "X=2x3 W=2×n V=m × n U=3xn": {"X": (2, 3), "W": (2, "n"), "V": ("m", "n"), "U": (3, "n")},
    " x : n , b∈m ": {"x": ("n",), "b": ("m",)},
    "W=m,n+d": {"W": ("m", "n+d")},
}


@pytest.mark.parametrize("text", GOOD)
def test_shapes_are_read(text: str) -> None:
    assert parse_shapes([text]) == GOOD[text]
    assert parse_shapes(None) is None


def test_several_options_are_one() -> None:
    assert parse_shapes(["X=m,d", "w=d"]) == {"X": ("m", "d"), "w": ("d",)}
    assert parse_assumed(["y=simplex C=symmetric"]) == {"y": "simplex", "C": "symmetric"}


BAD = {
    "": "says nothing of a name",
    "m,d": "says nothing of a name",
    "q X=m": "says nothing of a name",
    "X=m X=d": "X is given twice",
    "X=(m,d": "the brackets",
    "X=m,,d": "a size is missing",
    "X=m d": "a comma is missing",
    "X=mxd": "a matrix of m×d or a vector of mxd entries",
    "y=scalar": "'scalar' is no size",
}


@pytest.mark.parametrize("text", BAD)
def test_what_is_no_shape_is_refused_with_the_way_out(text: str) -> None:
    with pytest.raises(UsageError, match=BAD[text]):
        parse_shapes([text])


COMMAND = ["derive", "norm(X @ w - y)**2/2", "--format", "text"]


def test_the_command_takes_shapes() -> None:
    done = run_here(*COMMAND, "--shape", "X=m,d w=d y=m")
    assert done.returncode == 0
    assert "X ∈ ℝᵐˣᵈ, w ∈ ℝᵈ and y ∈ ℝᵐ" in done.stdout.decode()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([*COMMAND, "--shape", "X=m,d z=d"], "'z' is not an input"),
        ([*COMMAND, "--shape", "X=m,n,d"], "a shape of 3 sizes"),
        ([*COMMAND, "--shape", "X=m,w w=d"], "'w' is the name of an input and of a size"),
        ([*COMMAND, "--shape", "X=m,d w=k"], "the shapes do not fit"),
        ([*COMMAND, "--shape", "X=m,0"], "a size is a name or a whole number"),
        (["derive", "sigmoid", "--shape", "x=n"], "a built-in exercise says this itself"),
        (["derive", "mlp", "--assume", "y=simplex"], "[assume]"),
        ([*COMMAND, "--shape", "X=m,d", "--assume", "X=symmetric"], "a symmetric matrix is square"),
    ],
)
def test_what_makes_no_sense_is_one_line(arguments: list[str], words: str) -> None:
    done = run_here(*arguments)
    assert done.returncode
    assert words in done.stderr.decode()


def test_assumptions_are_on_the_page() -> None:
    done = run_here(
        "derive", "-dot(y, log_softmax(z))", "--shape", "z=n y=n", "--assume", "y=simplex", "--format", "text"
    )
    assert done.returncode == 0
    assert "softmax(z) − y" in done.stdout.decode()
