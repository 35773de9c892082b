"""From derivations to a document: what is said, and in which order.

This is where derivations and documents meet: it decides which parts have something to say and which
equalities they show. It writes no word and no markup: sentences are message keys with parameters. A page is a
list of parts, each with the judge of its equalities. Each kind of page (`reading`) has a module of its own
whose `page` gives the parts; what they share stands in `shared`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from importlib import import_module
from typing import Any

from symdiff.document.blocks import Block, Document, Note, Text, text
from symdiff.exercises.modes import MODES, Way
from symdiff.explain.shared.sections import selected
from symdiff.explain.shared.work import TapeWork, Work
from symdiff.expr.letters import Letters
from symdiff.expr.memory import without_garbage_collection
from symdiff.expr.tree import Dim, Expr, Num
from symdiff.expr.unspecified import function_sign, functions_in
from symdiff.proof.agreement import AGREED_DIGITS
from symdiff.proof.judge import Certificate, Judged, proved
from symdiff.proof.statements.every_statement import check_letters, check_statements, check_title
from symdiff.rendering.formulas.signs import sizes_of_ones

__all__ = ["TapeWork", "Work", "explain", "proof_note", "proved_page", "title", "with_steps"]


@without_garbage_collection
def parts(work: Work) -> list[Judged]:
    """The parts of the page of `work` that are wanted, without its proof note."""
    return list(selected(_module(_way_of(work).page).page(work), work.sections))


def _way_of(work: Work) -> Way:
    return next(way for way in MODES.values() if way.reading == work.reading)


def _module(name: str) -> Any:
    """A module of a page; those of other pages are not loaded."""
    return import_module(f"symdiff.explain.{name}")


def explain(work: Work) -> Document:
    """The document of `work`, without its proof note."""
    blocks = _blocks(parts(work))
    return Document(title(work), blocks, _letters(work, blocks))


def title(work: Work) -> Text:
    """The title of the page of `work`."""
    found: Text = _module(_way_of(work).page).title(work)
    return found


def _letters(work: Work, blocks: tuple[Block, ...]) -> Letters:
    """The letters of a page, on which 𝟏 has its size where there are several."""
    return replace(work.letters, sized_ones=len(sizes_of_ones(blocks)) > 1)


def proved_page(work: Work, written: list[Judged]) -> tuple[Document, Certificate]:
    """The document of parts that are written, every equality of it proved, with the note that says so.

    Raises:
        ProofError: a line or a statement is false.
    """
    certificate, own = proved(written), title(work)
    check_title(own, written)
    blocks = _blocks(written)
    letters = _letters(work, blocks)
    check_letters(letters, written)
    return Document(own, (*blocks, *_note(work, certificate)), letters), certificate


def _note(work: Work, certificate: Certificate) -> Iterator[Note]:
    if work.sections.note and not work.sections.statement:
        yield proof_note(work, certificate)


def with_steps(work: Work, document: Document, certificate: Certificate) -> tuple[Document, Certificate]:
    """A proved document with the steps to go through, if wanted, at its head, proved; its note counts them.

    Raises:
        ProofError: a step is false.
    """
    if not work.sections.has("stepping"):
        return document, certificate
    own = [block for block in document.blocks if not isinstance(block, Note)]
    head = list(_module(_way_of(work).stepping).steps_to_go_through(work))
    check_statements(head, work.at)
    known = {item.chain for item in certificate.checked}
    more = [
        item
        for part in head
        for item in part.checked()
        if part.judge is not work.judge or item.chain not in known  # the page may have it already
    ]
    certificate = replace(certificate, checked=(*more, *certificate.checked))
    return replace(document, blocks=(*_blocks(head), *own, *_note(work, certificate))), certificate


def _blocks(found: Iterable[Judged]) -> tuple[Block, ...]:
    return tuple(block for part in found for block in part.blocks)


def proof_note(work: Work, certificate: Certificate) -> Note:
    """What was checked, for the end of the document, and how: in full, or for those who unfold it."""
    checked, how = tuple(_what_was_checked(certificate, _functions(work))), tuple(_how(certificate))
    if work.sections.has("proof.more"):
        return Note(text("proof.more", parts=(*checked, *how)))
    return Note(text("proof.more", parts=checked), text("proof.more", parts=how))


def _functions(work: Work) -> tuple[Expr, ...]:
    """The functions of the exercise that have no formula."""
    return tuple(map(function_sign, dict.fromkeys(op.function for op in functions_in(work.formulas))))


def _what_was_checked(certificate: Certificate, functions: tuple[Expr, ...]) -> Iterator[Text]:
    """How many equalities, at how many points and for which numbers of steps; what SymPy says if asked."""
    points = text("proof.points", points=len(certificate.points))
    if functions:
        points = text("proof.functions", points=points, functions=functions)
    if certificate.lengths:
        least, *_, most = (*certificate.lengths, certificate.lengths[-1])
        lengths = tuple(map(Num, certificate.lengths))
        points = text(
            "proof.points_in_time", points=points, lengths=lengths, least=Num(least), most=Num(most)
        )
    key = "proof.short_by_rules" if certificate.by_rules else "proof.short"
    yield text(key, equalities=len(certificate.checked), points=points)
    if certificate.confirmed_by_sympy is not None:
        yield text("proof.sympy" if certificate.confirmed_by_sympy else "proof.no_sympy")


def _how(certificate: Certificate) -> Iterator[Text]:
    """With what values members were compared, at which sizes, and what that is worth."""
    if certificate.lengths:
        yield text("proof.how_in_time", digits=certificate.digits)
    else:
        yield text("proof.how", digits=AGREED_DIGITS)
    yield from _sizes(certificate)
    if any(item.chain.at_point for item in certificate.checked):
        yield text("proof.here")
    if certificate.by_rules:
        yield text("proof.by_rules")
    yield text("proof.belief")


def _sizes(certificate: Certificate) -> Iterator[Text]:
    """The sizes that arrays had at the points."""
    if any(certificate.sizes):
        names = tuple(Dim(name) for name in certificate.sizes[0])
        key = "proof.tuple" if len(names) > 1 else "proof.one"
        values = tuple(text(key, values=tuple(map(Num, found.values()))) for found in certificate.sizes)
        yield text("proof.sizes", names=names, values=values)
