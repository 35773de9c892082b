"""The numbers of a page to step through: what the library writes into it, and what its program computes.

The program's arithmetic runs in QuickJS, without a browser. A number is its LaTeX after = or ≈.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Any

from tools import ROOT, need_module

from symdiff.document.blocks import Stepping
from symdiff.errors import DomainError, UndecidedError
from symdiff.explain.recurrence.recurrence_stepping import unrolled_work
from symdiff.explain.shared.stepping import step_through
from symdiff.explain.shared.work import TapeWork
from symdiff.proof.sample_points import model_at
from symdiff.proof.sampling import nested_entries
from symdiff.proof.unit_seeds import UnitSeeds
from symdiff.rendering.formulas.latex import LatexPrinter
from symdiff.rendering.formulas.unicode import TextPrinter
from symdiff.rendering.pages.html import StepThrough, typed

PROGRAM = ("reals.js", "numbers.js", "formulas.js")
COMPUTED = """(text, comma) => {
  const data = JSON.parse(text);
  const written = formulas.writer(data.digits, comma, data.separators);
  const array = ({ shape, data }) => numbers.array(shape, data.map(reals.parsed));
  const known = new Map(data.known.map((one) => [one.key, array(one)]));
  const decided = numbers.follow(known, data.moves, data.formulas);
  const found = {};
  for (const { key } of [...data.known, ...data.moves]) {
    try {
      const { tex, isExact } = decided(key, written);
      found[key] = (isExact ? "=" : "≈") + tex;
    } catch (error) {
      if (!(error instanceof reals.Refused)) throw error;
      found[key] = error.reason;
    }
  }
  return JSON.stringify(found);
}"""


@cache
def engine() -> Any:
    """The program of a page, but for what needs a document."""
    context = need_module("quickjs").Context()
    context.eval("Object.hasOwn = (one, name) => Object.prototype.hasOwnProperty.call(one, name)")
    for name in PROGRAM:
        context.eval((ROOT / "templates" / "html" / name).read_text(encoding="utf-8"))
    return context


@dataclass(frozen=True)
class Page:
    """The steps of a page with what stands in it for its program, in a language with this decimal mark."""

    work: TapeWork
    block: Stepping
    decimal: str = "."

    @cached_property
    def data(self) -> Any:
        latex, text = LatexPrinter(self.decimal), TextPrinter(self.decimal)
        return json.loads(StepThrough(latex, text).data(self.block))

    @cached_property
    def written(self) -> dict[str, str | None]:
        """The numbers that the library has written."""
        return {one["key"]: one["number"] for one in (*self.data["known"], *self.data["moves"])}

    def moved_to(self, point: Mapping[str, Any]) -> Page:
        """The page that the library makes at another point of the inputs."""
        work = replace(self.work, at=dict(point))
        return Page(work, step_through(work), self.decimal)

    def at_inputs(self, point: Mapping[str, Any]) -> Any:
        """The data of this page with other inputs, as a reader types them."""
        typed_in = {name: [typed(x) for x in nested_entries(value)] for name, value in point.items()}
        names = ["" if known.var.accent else known.name.name for known in self.block.known]
        known = [
            one | {"data": typed_in.get(name, one["data"])}
            for one, name in zip(self.data["known"], names, strict=True)
        ]
        return self.data | {"known": known}


def page_at(found: Any, decimal: str = ".") -> Page:
    """The steps of a solution."""
    work = found.work if isinstance(found.work, TapeWork) else unrolled_work(found.work)
    return Page(work, step_through(work), decimal)


def computed(data: Any, decimal: str = ".") -> dict[str, str]:
    """The numbers that the page's program finds at the inputs of its data, or why there is none."""
    return dict(json.loads(engine().eval(COMPUTED)(json.dumps(data), decimal == ",")))


REASONS = {
    "no real value": "outside",
    "no finite slope": "outside",
    "beyond 10^1000": "large",
    "below 10^-1000": "small",
}


def refusal(work: TapeWork, point: Mapping[str, Any]) -> str:
    """Why the library has no numbers at a point, in a word of the page; "" where it has."""
    try:
        model_at(work.tape, point, UnitSeeds)
    except (DomainError, UndecidedError) as error:
        return next((word for said, word in REASONS.items() if said in error.what), "undecided")
    return ""
