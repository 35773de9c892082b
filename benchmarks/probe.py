"""One measurement in a process of its own, of whichever version of symdiff the interpreter has: as JSON.

    python -P probe.py page TARGET MODE STEPS RUNS     # seconds of each stage, and comparisons
    python -P probe.py cell LENGTH RUNS                # the same of the unrolled cell, as a Python function
    python -P probe.py points COUNT                    # all equalities of sigmoid at so many new points
    python -P probe.py texts COUNT                     # pages of it at so many new points, as text

Times are processor time, medians of the runs that follow a first one. It imports nothing of this folder, so
that the former version is measured by the same text.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from collections.abc import Callable
from fractions import Fraction
from functools import partial
from importlib import import_module
from statistics import median
from typing import Any

PROOFS = (
    ("symdiff.api.solution", "proved_page"),
    ("symdiff.solve", "prove"),
    ("symdiff.explain.bptt", "_judged"),
)
"""Where a version proves a page: the module that calls the proof, and the name by which it does."""
CHECKS = (
    ("symdiff.proof.cell_judge", "check", lambda chain, models: len(chain.members) * len(models)),
    ("symdiff.prove", "_agreement", lambda *_: 1),
)
"""Where a version compares members with the model at points or times, and how many a call compares."""
READERS = ("symdiff.exercises", "symdiff.problems")
spent = {"proof": 0.0, "comparisons": 0}
"""Processor time of the proof, and comparisons one by one, since they were last put to zero."""


def main(what: str, *arguments: str) -> None:
    sys.stdout.write(json.dumps(MEASURES[what](*arguments)))


def page(target: str, mode: str, steps: str, runs: str) -> dict[str, float]:
    """The page of an exercise; `-` stands for its own mode, 0 for its own number of steps."""
    import symdiff as sd

    problem = _read(target)
    wishes: dict[str, Any] = {"full": True, "mode": None if mode == "-" else mode}
    if int(steps):
        wishes["steps"] = int(steps)
    return _medians(lambda: sd.solve(problem, **wishes), int(runs))


def cell(length: str, runs: str) -> dict[str, float]:
    """h_t = tanh(U·x_t + W·h_{t−1}), h_0 = tanh(U·x_0), every line of its page."""
    import symdiff as sd
    from symdiff import functions

    tanh: Any = functions.tanh

    names = ["U", "W", *(f"x_{t}" for t in range(int(length)))]

    def unrolled(first: Any, again: Any, *inputs: Any) -> Any:
        value: Any = tanh(first * inputs[0])
        for one in inputs[1:]:
            value = tanh(first * one + again * value)
        return value

    solution_of = _first(("symdiff.api.solution", "symdiff.solve")).solution_of
    return _medians(lambda: solution_of(sd.reverse(sd.trace(unrolled, inputs=names)), full=True), int(runs))


def points(count: str) -> dict[str, float]:
    """All equalities of sigmoid, compiled once, each proved at so many new points."""
    from symdiff.api.wishes import Wishes
    from symdiff.api.works import work_of
    from symdiff.document.blocks import chains
    from symdiff.explain import parts
    from symdiff.proof.claims import Claims
    from symdiff.proof.model import Model

    work: Any = work_of(_read("sigmoid"), Wishes("reverse"))
    every = dict.fromkeys(chain for part in parts(work) for chain in chains(part.blocks) if chain.members)
    claims = Claims(tuple(every), Model(work.tape, _new_point(0)))
    start = time.process_time()
    for i in range(1, int(count) + 1):
        assert claims.hold(Model(work.tape, _new_point(i)), claims.leaves)
    return {"equalities": len(every), "a second": int(count) / (time.process_time() - start)}


def texts(count: str) -> dict[str, float]:
    """Pages of sigmoid, each proved at a point of its own and printed as text."""
    import symdiff as sd

    problem = _read("sigmoid")

    def one(i: int) -> float:
        start = time.process_time()
        sd.solve(problem, mode="reverse", at=_new_point(i)).render("text")
        return time.process_time() - start

    one(0)
    return {"a second": int(count) / sum(map(one, range(1, int(count) + 1)))}


def _new_point(i: int) -> dict[str, Fraction]:
    return {"x": Fraction(7 * i % 400 + 1, 100), "a": Fraction(11 * i % 300 + 1, 100)}


def _medians(solved: Callable[[], Any], runs: int) -> dict[str, float]:
    """Seconds of each stage, the first run for none; how many equalities there are, and members."""
    found = [_stages(solved) for _ in range(runs + 1)][1:]
    return {name: median(one[name] for one in found) for name in found[0]}


def _stages(solved: Callable[[], Any]) -> dict[str, float]:
    gc.collect()
    spent.update(proof=0.0, comparisons=0)
    start = time.process_time()
    solution = solved()
    middle = time.process_time()
    text = solution.render("latex")
    end = time.process_time()
    return {
        "explained": middle - start - spent["proof"],
        "proof": spent["proof"],
        "printed": end - middle,
        "comparisons": _comparisons(solution),
        "lines": text.count("\n"),
    }


def _comparisons(solution: Any) -> float:
    """How many members were compared with the model, each at every point, number of steps and time."""
    certificate: Any = getattr(solution, "certificate", None)  # the former page for every t has none
    if certificate is None or getattr(certificate, "lengths", None):
        return spent["comparisons"]
    return int(certificate.members * len(certificate.points))


def _read(target: str) -> Any:
    return _first(READERS).read(target)


def _first(modules: tuple[str, ...]) -> Any:
    """The first module of these that this version has."""
    for name in modules:
        try:
            return import_module(name)
        except ModuleNotFoundError:
            continue
    raise ModuleNotFoundError(modules[0], name=modules[0])


def _watch() -> None:
    """Have the time of each proof added up, and its comparisons where they are made one by one."""
    for module, name in PROOFS:
        _replaced(module, name, _timed)
    for module, name, count in CHECKS:
        _replaced(module, name, partial(_counted, count=count))


def _replaced(module: str, name: str, wrapped: Callable[[Any], Any]) -> None:
    try:
        caller = import_module(module)
    except ModuleNotFoundError:  # this version has none
        return
    setattr(caller, name, wrapped(getattr(caller, name)))


def _timed(prove: Callable[..., Any]) -> Callable[..., Any]:
    def timed(*arguments: Any, **named: Any) -> Any:
        start = time.process_time()
        try:
            return prove(*arguments, **named)
        finally:
            spent["proof"] += time.process_time() - start

    return timed


def _counted(check: Callable[..., Any], count: Callable[..., int]) -> Callable[..., Any]:
    def counted(*arguments: Any, **named: Any) -> Any:
        spent["comparisons"] += count(*arguments)
        return check(*arguments, **named)

    return counted


MEASURES: dict[str, Callable[..., dict[str, float]]] = {
    "page": page,
    "cell": cell,
    "points": points,
    "texts": texts,
}

if __name__ == "__main__":
    _watch()
    main(*sys.argv[1:])
