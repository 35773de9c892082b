"""Exercises drawn at random: definitions that use names again, matrices that reach a number in several ways,
compositions of all shapes, cells that look back one to three steps with constants before their first values.

The same seed gives the same exercise. Each has a file, for the package, and a program, for Python to run.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from typing import Any

Shape = tuple[int, ...]
FUNCTIONS = ("sin", "cos", "tanh", "exp", "sigmoid", "softplus")


@dataclass
class Drawn:
    """An exercise: shapes of its inputs, sections of its file, what is asked, and a program line by line."""

    shapes: dict[str, Shape]
    wrt: Sequence[str]
    sections: dict[str, dict[str, Any]]
    program: list[str]
    point: dict[str, Any]
    top: dict[str, Any] = field(default_factory=dict)

    @property
    def file(self) -> str:
        lines = [f"{key} = {_toml(value)}" for key, value in (*self.top.items(), ("wrt", [*self.wrt]))]
        inputs = {name: [*shape] for name, shape in self.shapes.items()}
        for title, table in ({"inputs": inputs} | self.sections | {"at": self.point}).items():
            lines += [f"[{title}]", *(f'"{key}" = {_toml(value)}' for key, value in table.items())]
        return "\n".join(lines) + "\n"


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_toml(part)}" for key, part in value.items()) + "}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_toml, value))}]"
    return (
        f'"{value}"'
        if isinstance(value, str)
        else str(float(value) if isinstance(value, Fraction) else value)
    )


def numbers(rng: random.Random, shape: Shape) -> Any:
    if shape:
        return [numbers(rng, shape[1:]) for _ in range(shape[0])]
    return Fraction(rng.choice((-1, 1)) * rng.randrange(1, 10), 8)


def of_numbers(seed: int) -> Drawn:
    """Definitions of numbers, each of which may use all names before it."""
    rng = random.Random(f"numbers {seed}")
    inputs = rng.sample(["x", "y", "U", "W"], rng.randint(2, 3))
    names = [*inputs]
    lines: dict[str, str] = {}
    for name in ["h0", "h1", "p"][: rng.randint(1, 3)]:
        lines[name] = number(rng, names, 2)
        names.append(name)
    lines["L"] = " + ".join(number(rng, names, rng.randint(1, 2)) for _ in range(rng.randint(2, 3)))
    return _exercise(rng, dict.fromkeys(inputs, ()), lines)


def number(rng: random.Random, names: Sequence[str], depth: int) -> str:
    """A formula of numbers."""
    if not depth or rng.random() < 0.2:
        return rng.choice(names)
    if rng.random() < 0.4:
        return f"{rng.choice(FUNCTIONS)}({number(rng, names, depth - 1)})"
    left, right = (number(rng, names, depth - 1) for _ in range(2))
    return rng.choice((f"{left} + {right}", f"({left})*({right})", f"{left} - ({right})", f"({left})**2"))


def of_arrays(seed: int) -> Drawn:
    """Definitions of numbers, vectors and matrices, from which a number is made in several ways."""
    rng = random.Random(f"arrays {seed}")
    m, n = 2, rng.choice((2, 3))
    known: dict[str, Shape] = {"X": (m, n), "W": rng.choice(((n, n), (n, m))), "b": (n,)}
    shapes, lines = dict(known), dict[str, str]()
    for name in ["z", "H", "s"][: rng.randint(1, 3)]:
        shape = rng.choice([*known.values(), ()])
        lines[name] = array(rng, shape, known, 2)
        known[name] = shape
    lines["L"] = " + ".join(array(rng, (), known, 2) for _ in range(3))
    used = " ".join(lines.values())
    return _exercise(rng, {k: s for k, s in shapes.items() if re.search(rf"\b{k}\b", used)}, lines)


def array(rng: random.Random, shape: Shape, known: dict[str, Shape], depth: int) -> str:
    """A formula of a shape that one of the names has, or of a number."""
    same = [name for name, other in known.items() if other == shape]
    if not shape and (not depth or rng.random() < 0.6):
        name = rng.choice([*known])
        inner = array(rng, known[name], known, depth - 1) if depth else name
        if not known[name]:
            return f"tanh({inner})"
        return rng.choice(
            (f"sum({inner})", f"sqnorm({inner})", f"mean(sin({inner}))", f"sum(({inner})*{name})")
        )
    if not depth:
        return rng.choice(same)
    left, right = (array(rng, shape, known, depth - 1) for _ in range(2))
    if len(shape) == 1 and rng.random() < 0.4:
        return f"softmax({left})"
    return rng.choice(
        (f"tanh({left})", f"{left} + {right}", f"({left})*({right})", f"2*({left}) - ({right})")
    )


def of_composition(seed: int) -> Drawn:
    """Two to four functions one after the other, of numbers (size 0) and vectors."""
    rng = random.Random(f"composition {seed}")
    sizes = [rng.choice((0, 2, 3)) for _ in range(rng.randint(3, 5))]
    shapes: dict[str, Shape] = {"x": (sizes[0],) if sizes[0] else ()}
    functions: dict[str, Any] = {}
    program = []
    for place, (size, after) in enumerate(pairwise(sizes)):
        u, matrix, v = "xuvp"[place], "ABCD"[place], "uvpq"[place]
        formula: Any
        if not size and not after:
            formula = rng.choice((f"tanh({u})", f"{u}**2", f"sin({u})*{u}"))
        elif not after:
            formula = rng.choice((f"sum({u}**2)", f"{u}[0]*{u}[1]", f"logsumexp({u})"))
        elif not size:
            formula = [f"cos({u})", f"sin({u})", f"{u}**2"][:after]
        elif rng.random() < 0.5:
            formula = [f"{u}[0]*{u}[1]", f"{u}[0]**2", f"sin({u}[1])"][:after]
        else:
            shapes[matrix], formula = (after, size), f"tanh({matrix} @ {u})"
        functions["fghk"[place]] = {"of": u, "is": formula}
        listed = formula if isinstance(formula, str) else "[" + ", ".join(formula) + "]"
        program.append(f"{v} = {listed}")
    names = "∘".join([*functions][::-1])
    point = {name: numbers(rng, shape) for name, shape in shapes.items()}
    return Drawn(shapes, ["x"], {"functions": functions}, program, point, {"composition": names})


def of_cell(seed: int) -> Drawn:
    """Two or three steps of a cell with two states; before the first time there are constants or inputs."""
    rng = random.Random(f"cell {seed}")
    steps, lag = rng.randint(2, 3), rng.randint(1, 3)
    shapes: dict[str, Shape] = {"w": (), "b": ()}

    def before(name: str) -> str:
        return f"{name}[t-{rng.randint(1, lag)}]"

    cell = {
        "c[t]": f"tanh({rng.choice((before('c'), 'w'))}*{before('h')}) + {rng.choice(('b', before('c')))}",
        "h[t]": rng.choice(
            (f"tanh(w*c[t] + {before('h')})", f"c[t]*{before('h')} + w", "sin(c[t])*b + x[t]")
        ),
    }
    start: dict[str, str] = {}
    for name in ("c", "h"):
        backs = [int(k) for k in re.findall(rf"{name}\[t-(\d)\]", " ".join(cell.values()))]
        for back in range(1, max(backs, default=0) + 1):
            start[f"{name}[-{back}]"] = rng.choice(("0", "1/2", "1", "b"))
    loss = rng.choice(("sum(h)", f"h[{steps - 1}]**2", "sum(h[t]*c[t])"))
    sequences = {"x": []} if "x[t]" in cell["h[t]"] else {}
    point: dict[str, Any] = {"w": numbers(rng, ()), "b": numbers(rng, ())}
    program = [f"x{t} = {x}" for t, x in enumerate(numbers(rng, (steps,)))] if sequences else []
    if sequences:
        point["x"] = [Fraction(line.partition(" = ")[2]) for line in program]
        program = [f"x{t} = {float(x)}" for t, x in enumerate(point["x"])]
    program += [f"{_timed(name, 0)} = {value}" for name, value in start.items()]
    program += [
        f"{_timed(left, t)} = {_timed(right, t)}" for t in range(steps) for left, right in cell.items()
    ]
    terms = {"sum(h)": "h[t]", "sum(h[t]*c[t])": "h[t]*c[t]"}
    whole = " + ".join(_timed(terms[loss], t) for t in range(steps)) if loss in terms else _timed(loss, 0)
    program.append(f"L = {whole}")
    sections: dict[str, dict[str, Any]] = {"sequences": sequences} if sequences else {}
    sections |= {"recurrence": start | cell, "definitions": {"L": loss}}
    used = [name for name in shapes if re.search(rf"\b{name}\b", " ".join(program))]
    return Drawn(
        dict.fromkeys(used, ()),
        used,
        sections,
        program,
        {name: value for name, value in point.items() if name in used or name == "x"},
        {"steps": steps},
    )


def _timed(formula: str, time: int) -> str:
    """h[t-1] at a time as the name h0, h[-1] as hm1."""

    def name(found: re.Match[str]) -> str:
        at = eval(found[2], {"t": time})
        return f"{found[1]}m{-at}" if at < 0 else f"{found[1]}{at}"

    return re.sub(r"(\w)\[([^\]]+)\]", name, formula)


def _exercise(rng: random.Random, shapes: dict[str, Shape], lines: dict[str, str]) -> Drawn:
    point = {name: numbers(rng, shape) for name, shape in shapes.items()}
    wrt = sorted(rng.sample([*shapes], rng.randint(1, len(shapes))))
    program = [f"{name} = {formula}" for name, formula in lines.items()]
    return Drawn(shapes, wrt, {"definitions": lines}, program, point)
