"""Letters of ours: the usual one, or the next that is free beside the author's names."""

from __future__ import annotations

import pytest

from symdiff.expr.letters import USUAL, Letters, letters_beside
from symdiff.expr.names import check_name


@pytest.mark.parametrize(
    ("purpose", "names", "letter"),
    [
        ("step", [], "w"),
        ("step", ["x", "W"], "w"),
        ("step", ["w"], "v"),
        ("step", ["w_1"], "v"),
        ("step", ["w1"], "v"),
        ("step", ["w_i"], "v"),
        ("step", ["wbar"], "v"),
        ("step", ["wdot", "v2"], "z"),
        ("step", ["what"], "w"),  # ŵ is no step, nor its tangent or adjoint
        ("delta", ["delta_1"], "eta"),
        ("unit vector", ["e1"], "c"),
        ("unit vector", ["e_n"], "c"),
        ("identity", ["I"], "E"),
        ("index", ["i", "j"], "k"),
        ("cell", ["Phi"], "Psi"),
        ("part", ["A", "B_1"], "C"),
    ],
)
def test_the_next_letter_is_taken_where_a_name_has_the_first(
    purpose: str, names: list[str], letter: str
) -> None:
    assert letters_beside(names).free(purpose) == letter


@pytest.mark.parametrize("purpose", USUAL)
def test_letters_do_not_run_out(purpose: str) -> None:
    taken = letters_beside(USUAL[purpose])
    found = taken.several(purpose, 3)
    assert len({*found, *USUAL[purpose]}) == 3 + len(USUAL[purpose])
    assert list(map(check_name, found)) == list(found)


def test_letters_are_free_beside_further_names() -> None:
    letters = letters_beside(["A"]).beside(["B"])
    assert letters.free("part") == "C"
    assert letters.covers(["A_3", "B"])
    assert not letters.covers(["Abar"])


def test_signs_are_written_in_words_where_a_name_is_printed_so() -> None:
    assert letters_beside(["e"]).exp_in_words
    assert not letters_beside(["e_1"]).exp_in_words
    assert letters_beside(["sigma_1"]).is_word("sigma")
    assert letters_beside(["ybar"]).is_accented("y", "bar")
    assert not Letters().is_accented("y", "bar")
