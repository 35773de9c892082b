"""What users rely on: names and signatures, exit statuses, the keys of JSON. A change is a break."""

from __future__ import annotations

import dataclasses
import inspect
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import symdiff as sd
from symdiff import functions, vec_forms
from symdiff.errors import Status

KEPT = Path(__file__).parent / "fixtures" / "public_api.txt"


COMPUTED = {
    "Derivation": [
        (name, inspect.signature(getattr(sd.Derivation, name).func).return_annotation)
        for name in ("results", "gradient", "compact")
    ]
}
"""What is computed when it is asked for, and documented."""


def described() -> Iterator[str]:
    """Every public name with its signature, of records the fields with their types."""
    for name in sorted(set(sd.__all__) - {"__version__"}):
        found = getattr(sd, name)
        if inspect.isfunction(found):
            yield f"{name}{inspect.signature(found)}"
            continue
        yield f"class {name}({', '.join(base.__name__ for base in found.__bases__)})"
        if dataclasses.is_dataclass(found):
            yield from (f"    {field.name}: {field.type}" for field in dataclasses.fields(found))
        yield from (f"    {name}: {type_}" for name, type_ in COMPUTED.get(name, ()))


def test_the_public_names_and_signatures_are_those_that_users_rely_on() -> None:
    assert "\n".join(described()) + "\n" == KEPT.read_text(encoding="utf-8")


def test_documented_modules_stay_importable() -> None:
    assert functions.exp is not None
    assert vec_forms.__all__ == ["vec_partial"]
    assert sd.__version__.count(".") == 2


STATUSES = {
    (): Status.DONE,
    ("--mode", "sideways"): Status.USAGE,
    ("--at", "x=1,a=2"): Status.UNREADABLE,
}


@pytest.mark.parametrize("arguments", STATUSES, ids=str)
def test_exit_statuses_are_those_of_the_documents(arguments: tuple[str, ...]) -> None:
    command = [sys.executable, "-m", "symdiff", "derive", "a*log(x - 2)", *arguments]
    assert subprocess.run(command, capture_output=True).returncode == STATUSES[arguments]


def test_the_numbers_of_the_statuses() -> None:
    assert {status.name.lower(): int(status) for status in Status} == {
        "done": 0,
        "false": 1,
        "usage": 2,
        "unreadable": 3,
        "missing_tool": 4,
        "partly_unread": 5,
        "undecided": 6,
        "internal": 70,
        "interrupted": 130,
    }
    errors = (sd.ProofError, sd.UsageError, sd.InputError, sd.DomainError, sd.SymdiffError)
    assert [error.exit_status for error in errors] == [1, 2, 3, 3, 3]


@pytest.mark.parametrize("arguments", [["derive", "rnn"], ["list"], ["derive", "--help"]], ids=" ".join)
def test_a_reader_that_closes_the_pipe_has_had_enough(arguments: list[str]) -> None:
    command = subprocess.Popen(
        [sys.executable, "-m", "symdiff", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert command.stdout is not None
    assert command.stderr is not None
    command.stdout.close()
    assert (command.wait(60), command.stderr.read()) == (0, b"")


def keys(value: Any, at: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for key, part in value.items():
            yield f"{at}.{key}"
            yield from keys(part, f"{at}.{key}")
    elif isinstance(value, list):
        for part in value[:1]:
            yield from keys(part, f"{at}[]")


def test_the_keys_of_json_are_those_that_the_schema_number_names() -> None:
    record = json.loads(
        sd.render(sd.reverse(sd.trace("y = exp(-a*x)", ("x", "a"))), "json", at={"x": 1, "a": 2})
    )
    assert record["schema"] == "symdiff/1"
    assert list(record) == [
        "schema",
        "inputs",
        "output",
        "definitions",
        "steps",
        "derivations",
        "results",
        "proof",
    ]
    assert {key for key in keys(record) if key.startswith((".derivations", ".proof", ".results.x"))} == {
        ".derivations",
        ".derivations[].mode",
        ".derivations[].sweeps",
        ".derivations[].sweeps[].of",
        ".derivations[].sweeps[].lines",
        ".derivations[].sweeps[].lines[].name",
        ".derivations[].sweeps[].lines[].members",
        ".derivations[].sweeps[].lines[].shape",
        ".derivations[].sweeps[].lines[].proof",
        ".derivations[].sweeps[].lines[].proof.proved",
        ".derivations[].sweeps[].lines[].proof.digits",
        ".derivations[].sweeps[].lines[].value",
        ".results.x",
        ".results.x.line",
        ".results.x.expr",
        ".results.x.compact",
        ".results.x.steps",
        ".results.x.steps[].form",
        ".results.x.steps[].reason",
        ".results.x.steps[].facts",
        ".results.x.shape",
        ".results.x.value",
        ".proof",
        ".proof.equalities",
        ".proof.members",
        ".proof.digits",
        ".proof.points",
        ".proof.points[].x",
        ".proof.points[].a",
    }
