"""The title of a page: of what the derivatives are, by what, and in which mode."""

from __future__ import annotations

from symdiff.document.blocks import Heading, Localized, Paragraph
from symdiff.proof.statements.places import Place, Sentences

TITLES = Sentences()
says = TITLES.says


@says("title.function", role="title")
def _function(place: Place) -> None:
    tape = place.part.tape
    assert tape is not None
    place.expect(result=tape.result, wrt=place.part.wrt)


@says("title.named", "title.plain", role="title")
def _named(place: Place) -> None:
    """The author's own words; a recurrence without any is called by its mode."""
    name = place["name"]
    own = isinstance(name, Localized)
    place.require(own or (place.key == "title.plain" and reading_of(place) == "bptt"), "has no name")
    is_by_definitions = reading_of(place) in ("jacobian", "chain")
    place.require(place.key == "title.plain" or not is_by_definitions, "names a mode")


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
    for part in place.part.page or (place.part,):
        for block in part.blocks:
            if isinstance(block, Heading | Paragraph):
                group = block.text.key.partition(".")[0]
                if group in ("bptt", "jacobian", "chain"):
                    return group
    return "sweeps"
