"""What a shell completes: words of each option, names of exercises, inputs of the target that is typed.

The shell starts the command at each press of a key, so that nothing is imported before it is asked for. A
target that cannot be read completes to nothing. Typer reads annotations, and as texts it would compile each
at every start: they are none here.
"""

import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from symdiff.errors import SymdiffError

Words = list[str]
Completer = Callable[[Any, str], Words]
"""From what is typed so far, as Typer's context, and the word that has been begun."""


@contextmanager
def quietly() -> Iterator[None]:
    """What goes wrong is nobody's error, and what is to be noticed is not said: the line is not finished."""
    with warnings.catch_warnings(), suppress(SymdiffError, RecursionError, OSError):
        warnings.simplefilter("ignore")
        yield


def _one(words: Callable[[Any], Iterable[str]]) -> Completer:
    """An option with one of these words."""

    def complete(ctx: Any, incomplete: str) -> Words:
        return [word for word in words(ctx) if word.startswith(incomplete)]

    return complete


def _several(words: Callable[[Any], Iterable[str]], ending: str = "") -> Completer:
    """An option with several of these words, between commas."""

    def complete(ctx: Any, incomplete: str) -> Words:
        before, comma, last = incomplete.rpartition(",")
        given = {part.partition("=")[0].strip() for part in before.split(",")}
        new = [word for word in words(ctx) if word.startswith(last) and word not in given]
        return [f"{before}{comma}{word}{ending}" for word in new]

    return complete


def _exercises(_: Any) -> Words:
    from symdiff.exercises import names

    return names()


def _modes(_: Any) -> Iterable[str]:
    from symdiff.exercises.modes import MODES

    return MODES


def _details(_: Any) -> Iterable[str]:
    from symdiff.exercises.levels import LEVELS

    return LEVELS


def _formats(_: Any) -> Words:
    from symdiff.rendering.formats import folders

    return [*folders.formats(), *folders.compiled(), "json"]


def _pictures(_: Any) -> Words:
    from symdiff.rendering.formats import folders

    return [*folders.picture_formats(), "png", "pdf"]


def _languages(_: Any) -> Words:
    from symdiff.rendering.formats import folders

    return folders.languages()


def _code_targets(_: Any) -> Words:
    from symdiff.rendering.formats import folders

    return folders.targets()


def _target(context: Any) -> str:
    """The target that is typed before; of an option without its value Typer leaves it unread."""
    given = context.params
    found = given.get("targets") or given.get("source") or context.args or given.get("target") or ""
    return found if isinstance(found, str) else str(found[0])


def _inputs(context: Any) -> Words:
    """The inputs of the target, its sequences included."""
    found: Words = []
    with quietly():
        from symdiff.exercises import input_names

        found = input_names(_target(context))
    return found


def _definitions(context: Any) -> Words:
    """What the target defines."""
    found: Words = []
    with quietly():
        from symdiff.exercises import read

        found = [name.name for name, _ in read(_target(context)).program.definitions]
    return found


target = _one(_exercises)
mode, layout = _one(_modes), _one(lambda _: ("numerator", "denominator"))
detail, granularity = _one(_details), _one(lambda _: ("textbook", "atomic"))
format, lang = _one(_formats), _one(_languages)
picture_format, pictures = _one(_pictures), _one(lambda _: ("none", "svg", "tikz", "mermaid"))
view, code_target = _one(lambda _: ("unrolled", "folded")), _one(_code_targets)
wrt, at, result = _several(_inputs), _several(_inputs, "="), _one(_definitions)
