"""Letters of ours beside the author's names: each is the usual one, or the next of a list that is free.

A formula has letters that no author wrote: w₁, w₂, … for steps, δ for an adjoint, eᵢ for a unit vector, i
and j for indices, e in eˣ. Each is chosen here, so that no letter means two things on one page.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import count, islice

from symdiff.expr.as_typed import Indexed, Twin, as_typed
from symdiff.expr.names import split_name
from symdiff.expr.records import dataclass

USUAL = {
    "step": ("w", "v", "z", "q", "omega"),
    "delta": ("delta", "eta", "zeta", "kappa"),
    "state": ("s", "r", "state"),
    "loss": ("L", "J", "loss"),
    "cell": ("Phi", "Psi", "Theta"),
    "unit vector": ("e", "c", "h"),
    "one-hot rows": ("E", "H", "Q"),
    "triangle": ("S", "T", "C"),
    "identity": ("I", "E", "Id"),
    "index": ("i", "j", "k", "l", "p", "m"),
    "index of time": ("k", "j", "i", "l", "r", "m"),
    "size": ("n", "m", "p", "d"),
    "matrix": ("A", "B", "C", "D", "M", "N"),
    "entry": ("u", "v", "x", "y", "p", "q"),
    "number": ("t", "x", "u"),
    "part": tuple("ABCDGHKMNPQRS"),
}
"""The letters for each purpose, in the order in which they are tried."""

EULER = "e"


@dataclass(frozen=True, slots=True)
class Letters:
    """The letters that are free beside `names`, those of the author's: inputs, definitions, sizes.

    With `sized_ones` an array of ones has its size, 𝟏ₙ: where there are several sizes. `indexed` are those of
    the names that stand on the page with an index.
    """

    names: frozenset[str] = frozenset()
    sized_ones: bool = False
    indexed: frozenset[Indexed] = frozenset()

    def free(self, purpose: str) -> str:
        """The first free letter for a purpose."""
        return next(self._free(purpose))

    def beside(self, more: Iterable[str]) -> Letters:
        """The letters that are free beside further names as well."""
        return Letters(self.names | {*more}, self.sized_ones, self.indexed)

    def several(self, purpose: str, number: int) -> tuple[str, ...]:
        """So many free letters for a purpose."""
        return tuple(islice(self._free(purpose), number))

    def _free(self, purpose: str) -> Iterator[str]:
        stems = _stems(self.names, with_accents=purpose == "step")
        usual = USUAL[purpose]
        more = (letter * times for times in count(2) for letter in usual)
        for letters in (usual, more):
            yield from (letter for letter in letters if letter not in stems)

    @property
    def as_typed(self) -> Mapping[str, Twin]:
        """The names that are written as they are typed, each with what it would be taken for."""
        return as_typed(self.names, self.indexed)

    @property
    def typed_by_reason(self) -> dict[tuple[str, str], list[str]]:
        """The same, by the kind of reason and by what has an index, where it is that."""
        found: dict[tuple[str, str], list[str]] = {}
        for name, twin in self.as_typed.items():
            found.setdefault((twin.kind, twin.name if twin.index else ""), []).append(name)
        return found

    def split(self, name: str) -> tuple[str, str, str]:
        """The stem, the accent and the index of a name; one that is written as it is typed is a stem."""
        typed = self.as_typed
        if not typed:
            return split_name(name)
        own, _, time = name.partition("@")
        if own in typed:
            return own, "", time
        stem, _, number = name.rpartition("_")
        at_number = stem in typed and name not in self.names and number.lstrip("-").isdigit()
        return (stem, "", number) if at_number else split_name(name)

    @property
    def exp_in_words(self) -> bool:
        """Whether eˣ is written exp(x): e is a name of the author's."""
        return EULER in self.names

    def is_word(self, word: str) -> bool:
        """Whether a word, such as tr, is a name of the author's, so that it can be no function's."""
        return word in _stems(self.names)

    def covers(self, names: Iterable[str]) -> bool:
        """Whether these names are among those that letters are chosen beside, whatever their indices."""
        return _parts(frozenset(names)) <= _parts(self.names)

    def knows_indexed(self, others: Letters) -> bool:
        """Whether what stands with an index is known here as well as there, whatever its own index."""
        here, there = ({split_name(one.name)[:2] for one in each.indexed} for each in (self, others))
        return there <= here

    def is_accented(self, stem: str, accent: str) -> bool:
        """Whether the author has a name with this accent, so that an adjoint or tangent needs a prime."""
        return (stem, accent) in _parts(self.names)


NONE_TAKEN = Letters()


def letters_beside(names: Iterable[str], indexed: Iterable[Indexed] = ()) -> Letters:
    """The letters that are free beside these names, of which some stand on the page with an index."""
    return Letters(frozenset(names), indexed=frozenset(indexed))


@lru_cache(maxsize=64)
def _parts(names: frozenset[str]) -> frozenset[tuple[str, str]]:
    """The letter and the accent of each name; _x and x__1 have an x."""
    return frozenset((_OTHER.sub("", stem), accent) for stem, accent, _ in map(split_name, names))


_OTHER = re.compile(r"^_+|[_0-9]+$")


@lru_cache(maxsize=64)
def _stems(names: frozenset[str], with_accents: bool = False) -> frozenset[str]:
    """The letters of names; of accented ones only adjoints' and tangents', if at all."""
    accents = ("", "bar", "dot") if with_accents else ("",)
    return frozenset(stem for stem, accent in _parts(names) if accent in accents)
