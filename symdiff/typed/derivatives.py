"""Derivatives of functions without a formula, f′(x), ∂₂f(x, y), D(f)(x), D[2](f)(x, y): each one token.

The token is a name in the last of these notations, "D(f)" or "D[2](f)", and the bracket that follows is its
call. Primes make one only on a name that nowhere stands alone: x′(y + z) is left as it is.
"""

from __future__ import annotations

from collections.abc import Collection
from itertools import pairwise

from symdiff.typed.tokens import Token


def with_derivatives(found: list[Token], known: Collection[str]) -> list[Token]:
    """The tokens, each derivative that is called being one of them; `known` are names of other things."""
    called = ("(", "'", "_", "[", ")")  # [ and ) for D[2](f)
    alone = {
        token.text for token, after in pairwise(found) if token.kind == "name" and after.text not in called
    }
    taken = {*known, *alone}
    kept: list[Token] = []
    at = 0
    while at < len(found):
        name, end = _derivative(found, at, taken)
        if name and found[min(end, len(found) - 1)].text == "(":
            kept.append(Token("name", name, found[at].start, found[end - 1].end))
            at = end
        else:
            kept.append(found[at])
            at += 1
    return kept


def _derivative(found: list[Token], at: int, taken: Collection[str]) -> tuple[str, int]:
    """The name of the derivative that begins at a token, and where it ends; "" if none does."""
    token = found[at]
    if token.text in ("∂", "partial") and token.kind != "name":
        places, after = _index(found, at + 1)
        name, end = _name(found, after)
        return (f"D[{', '.join(places)}]({name})", end) if places.isdigit() and name else ("", at)
    if token.kind != "name":
        return "", at
    if token.text == "D" and token.text not in taken:
        return _written_out(found, at)
    name, end = _name(found, at)
    primes = 0
    while found[end].text == "'":
        primes, end = primes + 1, end + 1
    if not primes or token.text in taken:
        return "", at
    for _ in range(primes):
        name = f"D({name})"
    return name, end


def _written_out(found: list[Token], at: int) -> tuple[str, int]:
    """D(f), D(D(f)), D[2](f), D[1, 2](f)."""
    head, end = found[at].text, at + 1
    if found[end].text == "[":
        while found[end].text != "]" and found[end].kind in ("sign", "number"):
            head, end = head + found[end].text.replace(",", ", "), end + 1
        head, end = head + found[end].text, end + 1
    if end + 2 >= len(found) or found[end].text != "(":
        return "", at
    inner, after = _written_out(found, end + 1) if found[end + 1].text == "D" else _name(found, end + 1)
    return (f"{head}({inner})", after + 1) if inner and found[after].text == ")" else ("", at)


def _name(found: list[Token], at: int) -> tuple[str, int]:
    """A name with its index, as in f₁, and where it ends."""
    if found[at].kind != "name":
        return "", at
    index, end = _index(found, at + 1)
    return (f"{found[at].text}_{index}", end) if index else (found[at].text, at + 1)


def _index(found: list[Token], at: int) -> tuple[str, int]:
    """A number or a letter below, and where it ends."""
    if found[at].text != "_" or found[at].kind != "sign":
        return "", at
    is_in_braces = found[at + 1].text in ("{", "(") and at + 3 < len(found)
    if is_in_braces and found[at + 3].text in ("}", ")"):
        return found[at + 2].text, at + 4
    return (found[at + 1].text, at + 2) if found[at + 1].kind in ("name", "number") else ("", at)
