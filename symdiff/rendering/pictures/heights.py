"""How far a LaTeX formula reaches above and below its baseline, estimated from its source.

The companion of `render.width`: the formula's tokens are walked once. In points at a type size of 10 pt,
for display style, on the generous side.
"""

from __future__ import annotations

import re
from functools import lru_cache

_TOKENS = re.compile(r"\\[A-Za-z]+|\\.|[{}^_]|[^\s]")
Reach = tuple[float, float]
AXIS, ROW, SCRIPT = 2.5, 12.5, 0.76
_GREEK = ("mu", "beta", "gamma", "eta", "rho", "phi", "psi", "chi")
DESCENDING = set("gjpqy()[]|,;") | {rf"\{name}" for name in _GREEK}
RAISED, LOWERED = 3.8, 1.8
ACCENTS = (r"\bar", r"\dot", r"\hat", r"\tilde")
WORDS = (r"\mathit", r"\mathrm", r"\operatorname", r"\mathbf", r"\mathbb")
SILENT = (r"\left", r"\right", r"\,", r"\!", r"\;", r"\quad", r"\qquad", r"\displaystyle", r"\textstyle")


@lru_cache(maxsize=4096)
def reach(formula: str) -> Reach:
    """Above and below the baseline."""
    return _Walk(_TOKENS.findall(formula)).sequence()


def _over(one: Reach, other: Reach, by: float = 0.0) -> Reach:
    """What both cover, the other raised by so much."""
    return max(one[0], other[0] + by), max(one[1], other[1] - by)


class _Walk:
    """One pass over the tokens."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens, self.position = tokens, 0

    def sequence(self, scale: float = 1.0) -> Reach:
        """Up to the closing brace or the end."""
        found = (6.0 * scale, 0.2 * scale)
        last = found
        while self.position < len(self.tokens) and self.tokens[self.position] != "}":
            token = self.next()
            last = self.script(token, last, scale) if token in "^_" else self.atom(token, scale)
            found = _over(found, last)
        return found

    def next(self) -> str:
        self.position += 1
        return self.tokens[self.position - 1]

    def group(self, scale: float) -> Reach:
        token = self.next() if self.position < len(self.tokens) else ""
        if token != "{":
            return self.atom(token, scale)
        found = self.sequence(scale)
        self.position += 1
        return found

    def script(self, sign: str, base: Reach, scale: float) -> Reach:
        """An exponent starts near the top of what it stands on, an index near the bottom."""
        inner = self.group(scale * SCRIPT)
        if sign == "^":
            return _over(base, inner, max(RAISED * scale, base[0] - 3.5 * scale))
        return _over(base, inner, -max(LOWERED * scale, base[1]))

    def atom(self, token: str, scale: float) -> Reach:
        if token == "{":
            found = self.sequence(scale)
            self.position += 1
            return found
        if token == r"\frac":
            above, below = self.group(scale), self.group(scale)
            return AXIS + 1.5 + sum(above), sum(below) + 1.5 - AXIS + 1
        if token == r"\sqrt":
            up, down = self.group(scale)
            return up + 2.5, down + 0.5
        if token in ACCENTS:
            up, down = self.group(scale)
            return up + 2.2 * scale, down
        if token == r"\begin":
            return self.table(scale)
        if token == r"\underbrace":
            up, down = self.group(scale)
            return up, down + 6
        if token in (r"\sum", r"\prod"):
            return 9.5 * scale, 4.5 * scale
        if token in WORDS:
            return _over(self.group(scale), (7.2 * scale, 2.0 * scale))
        if token in SILENT:
            return 0.0, 0.0
        return 7.4 * scale, (2.5 if token in DESCENDING else 0.2) * scale

    def table(self, scale: float) -> Reach:
        """A matrix stands centred on the axis."""
        self.group(scale)
        rows: list[Reach] = [(7.0, 2.5)]
        while self.position < len(self.tokens) and self.tokens[self.position] != r"\end":
            token = self.next()
            if token == r"\\":
                rows.append((7.0, 2.5))
            elif token in "^_":
                rows[-1] = self.script(token, rows[-1], scale)
            else:
                rows[-1] = _over(rows[-1], self.atom(token, scale))
        self.next()
        self.group(scale)
        total = sum(max(ROW, sum(row) + 2) for row in rows) * scale + 2
        return total / 2 + AXIS, total / 2 - AXIS
