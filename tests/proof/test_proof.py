"""The proof: true documents pass, and whatever is made false in one is refused."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest
from helpers import EXPRESSIONS

import symdiff as sd
from symdiff.document.blocks import Chain, Document, Equations, Row, chains, text
from symdiff.document.repeats import RepeatedRow
from symdiff.explain import explain
from symdiff.explain.shared.work import TapeWork
from symdiff.expr.tree import Num, Sym
from symdiff.proof.judge import prove
from symdiff.rules.table import RULES
from symdiff.tape import partials

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from symdiff.proof.judge import Certificate

SIGMOID = "1/(1+exp(-a*x))"
THIRDS = {"x": Fraction(1, 3), "a": Fraction(7, 3)}


def work(source: str, at: dict[str, Fraction] | None = None) -> TapeWork:
    tape = sd.trace(source)
    return TapeWork((sd.forward(tape), sd.reverse(tape)), at=at)


def proved(source: str, at: dict[str, Fraction] | None = None) -> Certificate:
    asked = work(source, at)
    return prove(explain(asked), asked.derivations, at)


def with_chain(value: Any, old: Chain, new: Chain) -> Any:
    """A document, or a part of it, with one chain put in another's place."""
    if isinstance(value, Chain):
        return new if value == old else value
    if isinstance(value, RepeatedRow):
        value = value.written if old in (value.chain, *value.beside) else value
    if isinstance(value, tuple):
        return tuple(with_chain(part, old, new) for part in value)
    if type(value).__name__ == "dict" or hasattr(value, "items"):
        return {key: with_chain(part, old, new) for key, part in value.items()}
    if is_dataclass(value) and type(value).__module__ == "symdiff.document.blocks":
        return replace(value, **{f.name: with_chain(getattr(value, f.name), old, new) for f in fields(value)})  # type: ignore[type-var]
    return value


def alone(chain: Chain) -> Document:
    """A document that says nothing but one chain."""
    return Document(text("alone"), (Equations((Row(chain),)),))


def falsified(chain: Chain, position: int) -> Chain:
    """The chain with one member made wrong by a thousandth or, if rounded, by its last digit."""
    member = chain.members[position]
    if isinstance(member, Num) and member.rounded:
        decimals = len(member.text.partition("e")[0].partition(".")[2])
        unit = Fraction(1, 10**decimals) * Fraction(10) ** int(member.text.partition("e")[2] or 0)
        wrong: Any = Num(member.value + unit, f"{float(member.value + unit):.{decimals}f}", rounded=True)
    else:
        wrong = member * Num(Fraction(1001, 1000)) + Num(Fraction(1, 1000))
    return replace(chain, members=(*chain.members[:position], wrong, *chain.members[position + 1 :]))


@pytest.fixture
def fresh_rules() -> Iterator[Callable[[], None]]:
    """Forget what was computed from the table, before and after."""

    caches = [found for found in vars(partials).values() if hasattr(found, "cache_clear")]

    def forget() -> None:
        for cache in caches:
            cache.cache_clear()

    forget()
    yield forget
    forget()


@pytest.mark.parametrize("source", EXPRESSIONS)
def test_true_documents_are_proved(source: str) -> None:
    certificate = proved(source)
    assert certificate.members >= len(certificate.checked) > 0
    assert min(item.digits for item in certificate.checked) >= 30
    assert certificate.points


@pytest.mark.parametrize("name", ["tanh", "*", "exp", "/", "sigmoid", "relu"])
@pytest.mark.usefixtures("fresh_rules")
def test_a_wrong_rule_is_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    row = RULES[name]

    def wrong(w: Any, *u: Any) -> tuple[Any, ...]:
        return tuple(s * Num(Fraction(1001, 1000)) for s in row.slopes(w, *u))

    source = {"*": "a*x", "/": "a/x"}.get(name, f"{name}(a*x)")
    monkeypatch.setitem(RULES, name, replace(row, slopes=wrong))
    for sweep in (sd.forward, sd.reverse):
        with pytest.raises(sd.ProofError, match="proof failed"):
            sd.render(sweep(sd.trace(source)), "text")


@pytest.mark.usefixtures("fresh_rules")
def test_a_rule_wrong_in_one_sign_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(RULES, "tanh", replace(RULES["tanh"], slopes=lambda w, u: (1 + w**2,)))
    with pytest.raises(sd.ProofError, match="instead of"):
        sd.render(sd.reverse(sd.trace("tanh(x)")), "markdown")


@pytest.mark.parametrize("source", [SIGMOID, "x*y + sin(x)", "h = tanh(a*x)\ny = h**2"])
@pytest.mark.parametrize("numbers", [False, True])
def test_every_member_made_false_is_refused(source: str, numbers: bool) -> None:
    tape = sd.trace(source)
    values = (Fraction(1, 3), Fraction(7, 3))
    at = dict(zip(tape.variables, values, strict=True)) if numbers else None
    asked = work(source, at)
    found = [c for c in dict.fromkeys(chains(explain(asked))) if c.at_point == numbers]
    assert found
    for chain in found:
        for position in range(len(chain.members)):
            with pytest.raises(sd.ProofError):
                prove(alone(falsified(chain, position)), asked.derivations, at)


def test_a_wrong_line_inside_a_document_is_refused() -> None:
    asked = work(SIGMOID)
    document = explain(asked)
    line = next(c for c in chains(document) if c.left == Sym("w_3", "bar"))
    for position in range(len(line.members)):
        bad = with_chain(document, line, falsified(line, position))
        assert bad != document
        with pytest.raises(sd.ProofError, match="wbar_3"):
            prove(bad, asked.derivations)


def test_a_wrong_closed_form_is_refused() -> None:
    asked = work(SIGMOID)
    document = explain(asked)
    closed = [c for c in chains(document) if any("(1 + exp(-a*x))**2" in str(m) for m in c.members)]
    assert closed
    for chain in closed:
        bad = with_chain(document, chain, falsified(chain, len(chain.members) - 1))
        with pytest.raises(sd.ProofError):
            prove(bad, asked.derivations)


@pytest.mark.parametrize("shift", [1, -1])
def test_a_rounded_number_off_by_its_last_digit_is_refused(shift: int) -> None:
    asked = work(SIGMOID, THIRDS)
    document = explain(asked)
    found = [
        (c, i)
        for c in dict.fromkeys(chains(document))
        for i, m in enumerate(c.members)
        if getattr(m, "rounded", False)
    ]
    assert found
    for chain, i in found:
        number = chain.members[i]
        assert isinstance(number, Num)
        decimals = len(number.text.partition(".")[2])
        moved = number.value + Fraction(shift, 10**decimals)
        wrong = Num(moved, f"{float(moved):.{decimals}f}", rounded=True)
        members = (*chain.members[:i], wrong, *chain.members[i + 1 :])
        with pytest.raises(sd.ProofError):
            prove(with_chain(document, chain, replace(chain, members=members)), asked.derivations, THIRDS)


@pytest.mark.parametrize(("source", "x"), [("x**2/2", "0.53125"), ("(x/2)**3", "1.3"), ("x**2", "0.59375")])
def test_a_number_that_lies_halfway_is_not_refused(source: str, x: str) -> None:
    assert proved(source, {"x": Fraction(x)}).members


def test_a_rounded_number_may_not_pass_as_exact() -> None:
    asked = work(SIGMOID, THIRDS)
    for chain in chains(explain(asked)):
        for i, member in enumerate(chain.members):
            if isinstance(member, Num) and member.rounded:
                members = (*chain.members[:i], Num(member.value), *chain.members[i + 1 :])
                with pytest.raises(sd.ProofError):
                    prove(alone(replace(chain, members=members)), asked.derivations, THIRDS)
                return
    pytest.fail("no rounded number in the document")


@pytest.mark.parametrize(
    "source", ["log(-x**2 - 1)", "sqrt(-1 - x**2)*y", "asin(2 + x**2)", "1/(x - x)", "acosh(sin(x)/2)"]
)
def test_an_empty_domain_is_refused(source: str) -> None:
    with pytest.raises(sd.DomainError):
        proved(source)


@pytest.mark.parametrize(
    "source",
    [
        "tanh(50*x)",
        "sigmoid(300*x)",
        "tanh(tanh(40*x)*40)",
        "exp(-x**2*100)",
        "softplus(100*x)",
        "1/(1 + exp(-1000*x))",
        "1 + exp(-300*x)",
        "x**20 - (x - 1/1000)**20",
        "exp(x)**10/exp(10*x)",
        "erf(10*x)",
        "erf(1000*x)",
        "(x + 1)**2 - x**2 - 2*x - 1",
        "sin(x)**2 + cos(x)**2",
    ],
)
def test_saturating_and_cancelling_functions_are_not_refused(source: str) -> None:
    proved(source)


@pytest.mark.parametrize(
    "source",
    ["acosh(x)*asin(x/2)", "sqrt(x - 1)*sqrt(2 - x)", "log(sin(x))*log(cos(x))", "asin(10*x)", "log(x - 5)"],
)
def test_narrow_domains_are_found(source: str) -> None:
    assert proved(source).points


def test_a_very_narrow_domain_is_found_near_a_given_point() -> None:
    assert proved("log(x - 999)*log(1000.5 - x)", {"x": Fraction(1000)}).points


def test_a_point_outside_the_domain_is_refused() -> None:
    with pytest.raises(sd.DomainError, match="outside the domain"):
        sd.render(sd.reverse(sd.trace("log(x)")), "text", at={"x": -1})


def test_kinks_are_proved_on_both_sides_and_follow_the_convention_at_the_kink() -> None:
    for source, kink in (("relu(x)", 0), ("abs(x)*x", 0), ("max(x, 2)", 2), ("min(x, -5) + x", -5)):
        assert {point["x"] > kink for point in proved(source).points} == {True, False}
    at = {"x": Fraction(0)}
    assert proved("relu(x) + abs(x)", at).points
    asked = work("relu(x)", at)
    assert asked.value(asked.derivations[1].results["x"].var).value == 0


@pytest.mark.parametrize(
    "source", ["f(x) = x", "f(x) = 3", "f(x, a) = a", "f(x) = 2*x", "y = x\nz = y", "f(x) = e"]
)
@pytest.mark.parametrize("numbers", [False, True])
def test_functions_with_hardly_a_step_are_proved(source: str, numbers: bool) -> None:
    at = dict.fromkeys(sd.trace(source).variables, Fraction(1, 3)) if numbers else None
    assert proved(source, at).members


def recurrence(steps: int) -> str:
    return "\n".join(["h_0 = tanh(U*x)", *(f"h_{t} = tanh(U*x + W*h_{t - 1})" for t in range(1, steps))])


def test_every_line_of_a_long_tape_is_proved() -> None:
    source = recurrence(120)
    assert len(sd.trace(source).steps) > 200
    certificate = proved(source)
    assert certificate.points
    assert certificate.members > 1000
    assert min(item.digits for item in certificate.checked) >= 30


def test_a_recurrence_is_proved_whatever_its_length() -> None:
    for steps in (4, 7, 12):
        assert proved(recurrence(steps)).checked


@pytest.mark.usefixtures("fresh_rules")
def test_a_wrong_rule_on_a_long_tape_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    row = RULES["tanh"]
    wrong = replace(row, slopes=lambda w, u: (1 - w**2 + Num(Fraction(1, 10**6)),))
    monkeypatch.setitem(RULES, "tanh", wrong)
    with pytest.raises(sd.ProofError):
        proved(recurrence(120))


def test_a_wrong_line_in_a_long_tape_is_refused() -> None:
    asked = work(recurrence(80))
    assert len(asked.tape.steps) > 200
    document = explain(asked)
    lines = [c for c in chains(document) if isinstance(c.left, Sym) and c.left.accent and c.members]
    assert len(lines) > 200
    for chain in (lines[len(lines) // 4], lines[-len(lines) // 4]):
        bad = with_chain(document, chain, falsified(chain, len(chain.members) - 1))
        with pytest.raises(sd.ProofError):
            prove(bad, asked.derivations)


def test_nothing_is_rendered_when_a_derivation_is_false() -> None:
    d = sd.reverse(sd.trace(SIGMOID))
    sweep = d.sweeps[0]
    last = sweep.lines[-1]
    lines = (*sweep.lines[:-1], replace(last, members=(*last.members, last.local * Num(2))))
    for kind in ("latex", "markdown", "html", "text", "json"):
        with pytest.raises(sd.ProofError, match="nothing was written"):
            sd.render(replace(d, sweeps=(replace(sweep, write=lambda _: lines),)), kind)
