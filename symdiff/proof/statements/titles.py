"""The title of a page: of which exercise, which derivatives, by what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from symdiff.document.blocks import Block, Heading, Localized, Paragraph
from symdiff.expr.leaves import Nabla
from symdiff.expr.tree import DERIVATIVE, PARTIAL, Expr, Sym
from symdiff.proof.statements.places import Place, Sentences

TITLES = Sentences()
says = TITLES.says


@says("title.named", "title.function", role="title")
def _title(place: Place) -> None:
    """The author's own words, if there are any, and the derivatives that the page asks for."""
    named = place.key == "title.named"
    place.require(isinstance(place["name"], Localized) == named, "has no name")
    said = place["what"]
    is_range = len(said) == 1 and said[0].op.name == "range of names"
    ends = said[0].args if is_range else said
    asked = _asked(place)
    right = [asked[0], asked[-1]] if is_range and len(asked) > len(ends) else asked
    place.require(len(ends) == len(right), "miscounts the derivatives")
    for one, name in zip(ends, right, strict=True):
        place.require(_is_derivative(place, one, name), f"is of {one}")


@says("title.plain", role="title")
def _plain(place: Place) -> None:
    """The author's own words, where the statement alone says what is asked."""
    place.require(isinstance(place["name"], Localized), "has no name")
    place.require(place.part.is_exercise_alone, "does not say what is found")


def _asked(place: Place) -> list[Any]:
    """What the statement of the page asks for: names, and Jacobians as they are written."""
    if reading_of(place) == "sweeps":
        return list(place.part.wrt)
    for paragraph in _paragraphs(place):
        params = paragraph.text.params
        if paragraph.text.key.startswith("jacobian.find"):
            return [params["whole"], *params["others"]]
        if paragraph.text.key.startswith("bptt.find"):
            return list(params["wanted"])
    return list(place.part.wrt)


def _is_derivative(place: Place, one: Expr, asked: Expr) -> bool:
    """Whether a title says the derivative by a name, of the result or of a state; or what is asked itself."""
    if isinstance(asked, Nabla) and not asked.functions:
        asked = asked.under
    if not isinstance(asked, Sym):
        return one == asked
    of = place.part.of
    if of is None:
        return place.part.is_result(one, (asked,))
    last = of.states[-1] if of.states else of.cell[-1][0]
    op, over = (PARTIAL, of.result) if of.after else (DERIVATIVE, last)
    return one.op is op and [str(arg) for arg in one.args] == [str(over), str(asked)]


MODES = ("mode.forward", "mode.reverse", "mode.both", "mode.jacobian", "mode.chain", "mode.bptt")


@says(*MODES, role="part")
def _mode(place: Place) -> None:
    """The mode of the page's derivations, or the page that follows the author's definitions."""
    place.require(place.outer is not None and place.outer.role == "title", "stands elsewhere")
    reading, modes = reading_of(place), place.part.modes
    both = "both" if len(modes) > 1 else min(modes, default="")
    place.require(place.key == f"mode.{both if reading == 'sweeps' else reading}", "is another mode")


def reading_of(place: Place) -> str:
    """What kind of page it is, by its sentences."""
    for block in _blocks(place):
        if isinstance(block, Heading | Paragraph):
            group = block.text.key.partition(".")[0]
            if group in ("bptt", "jacobian", "chain"):
                return group
    return "sweeps"


def _blocks(place: Place) -> Iterator[Block]:
    for part in place.part.page or (place.part,):
        yield from part.blocks


def _paragraphs(place: Place) -> Iterable[Paragraph]:
    return (block for block in _blocks(place) if isinstance(block, Paragraph))
