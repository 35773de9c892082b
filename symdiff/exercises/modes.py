"""The modes of a page, listed once: for the command and its help, for exercise files and their schema.

A new mode is a row here and, unless it has the page of another one, a module of `explain`.
"""

from typing import TYPE_CHECKING, Literal, NamedTuple


class Way(NamedTuple):
    """What a mode derives: on which tape, by which sweeps, and which page says it.

    `tape` is one of elementary steps, of the author's definitions, of steps on entries of arrays, or the
    generic cell of a recurrence. `reading` is the page's name in messages, `page` and `stepping` the modules
    of `explain` that write it, its title and its steps to go through.
    """

    tape: Literal["steps", "definitions", "entries", "cell"]
    sweeps: tuple[str, ...]
    reading: str = "sweeps"
    page: str = "sweeps.sweeps_page"
    stepping: str = "shared.stepping"


MODES = {
    "forward": Way("steps", ("forward",)),
    "reverse": Way("steps", ("reverse",)),
    "both": Way("steps", ("forward", "reverse")),
    "jacobian": Way("definitions", ("reverse",), "jacobian", "definitions.jacobian_page"),
    "chain": Way("definitions", ("reverse",), "chain", "definitions.chain_page"),
    "entries": Way("entries", ("forward", "reverse")),
    "bptt": Way("cell", (), "bptt", "recurrence.recurrence_page", "recurrence.recurrence_stepping"),
}
SWEEPS = tuple(name for name, way in MODES.items() if way.tape == "steps")
if TYPE_CHECKING:
    Mode = str
else:
    Mode = Literal[tuple(MODES)]  # the names as a type, from which the schema is made
