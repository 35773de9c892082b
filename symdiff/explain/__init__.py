"""From derivations to a document: what is said, and in which order.

The only part that imports from both columns. It decides which parts have something to say and which
equalities they show; it writes no word and no markup: sentences are message keys with parameters.

Order: statement, steps, sweeps, results with what the same sweep gives besides, trace table, cost. The proof
note is added once the proof is there, the steps to go through go before all for a page that shows them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib import import_module

from symdiff.document.blocks import Block, Document, Localized, Note, Text, text
from symdiff.explain.shared.pictures import tape_picture
from symdiff.explain.shared.work import Work
from symdiff.explain.sweeps.results import results
from symdiff.explain.sweeps.statement import statement
from symdiff.explain.sweeps.sweeps_page import cost, steps, sweeps, trace_table
from symdiff.expr.memory import without_garbage_collection
from symdiff.expr.tree import Dim, Num
from symdiff.proof.judge import AGREED_DIGITS, LONG_DIGITS, Certificate, proved_besides

__all__ = ["Work", "explain", "proof_note", "with_steps"]

Part = Callable[[Work], Iterator[Block]]

PARTS: tuple[Part, ...] = (statement, steps, tape_picture, sweeps, results, trace_table, cost)
"""The parts of a page of sweeps in order; the other readings have theirs in `jacobians` and `chain`."""
OTHERS = {"jacobian": "jacobian_page", "chain": "chain_page"}


@without_garbage_collection
def explain(work: Work) -> Document:
    """The document of `work`, without its proof note."""
    return Document(_title(work), tuple(block for part in _parts(work.reading) for block in part(work)))


def with_steps(work: Work, document: Document, certificate: Certificate) -> tuple[Document, Certificate]:
    """A proved document with the steps to go through at its head, proved as well; its note counts them.

    Raises:
        ProofError: a step is false.
    """
    from symdiff.explain.shared.stepping import stepping

    *own, last = document.blocks
    if not isinstance(last, Note):  # a list of steps and nothing else
        return document, certificate
    head = Document(document.title, tuple(stepping(work)))
    certificate = proved_besides(head, certificate)
    return replace(head, blocks=(*head.blocks, *own, proof_note(certificate))), certificate


def _parts(reading: str) -> tuple[Part, ...]:
    """The parts of a reading's page; a reading is loaded when it is wanted."""
    if reading not in OTHERS:
        return PARTS
    found: tuple[Part, ...] = import_module(f"symdiff.explain.definitions.{OTHERS[reading]}").PARTS
    return found


def proof_note(certificate: Certificate) -> Note:
    """What was checked and how, for the end of the document."""
    equalities, points = len(certificate.checked), len(certificate.points)
    if certificate.kinds:
        key, digits = "proof.kinds", LONG_DIGITS
    else:
        key, digits = "proof.members", AGREED_DIGITS
    parts = [
        text(key, equalities=equalities, digits=digits, full=AGREED_DIGITS, kinds=certificate.kinds),
        text("proof.points", points=points),
    ]
    if any(certificate.sizes):
        names = tuple(Dim(name) for name in certificate.sizes[0])
        key = "proof.tuple" if len(names) > 1 else "proof.one"
        values = tuple(text(key, values=tuple(map(Num, found.values()))) for found in certificate.sizes)
        parts.append(text("proof.sizes", names=names, values=values))
    if any(item.chain.at_point for item in certificate.checked):
        parts.append(text("proof.here"))
    if certificate.by_rules:
        parts.append(text("proof.by_rules"))
    if certificate.confirmed_by_sympy:
        parts.append(text("proof.sympy"))
    return Note(text("proof.note", parts=tuple(parts)))


def _title(work: Work) -> Text:
    mode = work.derivations[0].mode if len(work.derivations) == 1 else "both"
    if not work.titles and work.reading != "sweeps":
        return text(
            "title.function", result=work.tape.result, wrt=work.wrt, mode=text(f"mode.{work.reading}")
        )
    if work.titles and work.reading != "sweeps":
        return text("title.plain", name=Localized(work.titles))
    if work.titles:
        return text("title.named", name=Localized(work.titles), mode=text(f"mode.{mode}"))
    return text("title.function", result=work.tape.result, wrt=work.wrt, mode=text(f"mode.{mode}"))
