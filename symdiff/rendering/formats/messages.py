"""Message keys to sentences in one language, with formulas typeset where the message has a parameter."""

from __future__ import annotations

import string
from collections.abc import Callable, Mapping
from typing import Any

from markupsafe import Markup

from symdiff.document.blocks import Chain, Localized, Text
from symdiff.expr.notation import Binding, Notation, Op
from symdiff.expr.tree import Expr
from symdiff.rendering.formats.typography import TYPOGRAPHY

SIGNS = {" = ": " = ", " ≤ ": r" \leq ", " < ": " < ", ", …, ": r", \dots, "}
"""What may stand between two formulas in a message so that the three are one formula; the same in LaTeX."""


class Messages:
    """Typesets `Text` records; `escape` protects words, `inline` sets a formula inside a sentence."""

    def __init__(
        self,
        language: str,
        catalogue: Mapping[str, Any],
        escape: Callable[[str], str],
        inline: Callable[[Expr | Chain], Markup],
    ) -> None:
        self.language, self.catalogue, self.escape, self.inline = language, catalogue, escape, inline
        self.locale = {k[7:]: v for k, v in catalogue.items() if k.startswith("locale.")}
        self.typeset = TYPOGRAPHY.get(self.locale.get("babel", ""), str)

    def __call__(self, text: Text) -> Markup:
        """The sentence of one message, its first letter a capital where it stands for itself."""
        result = Markup("")
        formulas: list[Expr] = []
        signs: list[str] = []
        for literal, name, style, _ in string.Formatter().parse(self._pattern(text)):
            value = text.params[name] if name else None
            if formulas and isinstance(value, Expr) and literal in SIGNS:
                signs.append(literal)
                formulas.append(value)
                continue
            result += self._formula(formulas, signs) + self.words(literal)
            formulas, signs = [value] if isinstance(value, Expr) else [], []
            if name and not formulas:
                result += self.value(value, style or "")
        return result + self._formula(formulas, signs)

    def _formula(self, formulas: list[Expr], signs: list[str]) -> Markup:
        """Formulas with only signs between them, as t = 0, …, T − 1: one formula."""
        if len(formulas) < 2:
            return Markup("").join(map(self.inline, formulas))
        latex, plain = (
            "{0}" + "".join(f"{sign}{{{place}}}" for place, sign in enumerate(written, 1))
            for written in ([SIGNS[sign] for sign in signs], signs)
        )
        notation = Notation("pattern", latex, plain, Binding.LOOSEST)
        return self.inline(Expr(Op("signs", None, notation, lambda name, args: ()), *formulas))

    def words(self, text: str) -> Markup:
        """Words with the language's spaces and apostrophes, escaped."""
        return Markup(self.escape(self.typeset(text)))

    def with_formulas(self, inline: Callable[[Expr | Chain], Markup]) -> Messages:
        """The same messages with formulas set in another way, as in a title without markup."""
        return Messages(self.language, self.catalogue, self.escape, inline)

    def patterns(self, part: str) -> dict[str, str]:
        """The messages of one part as they are, for a program that fills them in."""
        keys = [key for key in self.catalogue if key.startswith(f"{part}.")]
        return {key.removeprefix(f"{part}."): self.typeset(self.catalogue[key]) for key in keys}

    def _pattern(self, text: Text) -> str:
        """The message, in its form for one or for several."""
        message = self.catalogue[text.key]
        if isinstance(message, str):
            return message
        amount = text.params[message["by"]]
        number = len(amount) if isinstance(amount, tuple) else _as_int(amount)
        return str(message["one" if str(number) in self.locale["one"].split() else "other"])

    def value(self, value: Any, style: str) -> Markup:
        """A parameter: a formula, a message, a phrase of the author's, a list or a number."""
        if isinstance(value, Expr | Chain):
            return self.inline(value)
        if isinstance(value, Text):
            return self(value)
        if isinstance(value, Localized):
            phrases = value.by_language
            own = phrases.get(self.language)
            return self.words(own) if own else Markup(self.escape(next(iter(phrases.values()))))
        if isinstance(value, tuple):
            joined = [self.value(item, "") for item in value]
            return self._joined(joined, style or ("values" if isinstance(value[0], Chain) else ""))
        return Markup(self.escape(str(value)))

    def _joined(self, parts: list[Markup], style: str) -> Markup:
        if style == "sentences":
            return Markup(" ").join(parts)
        kept_apart = style in ("values", "tuple")
        separator = self.words(self.locale["values" if kept_apart else "separator"])
        if len(parts) < 2 or style == "tuple":
            return separator.join(parts)
        last = self.words(self.locale["and"])
        return separator.join(parts[:-1]) + last + parts[-1]


def _as_int(amount: Any) -> int:
    return int(getattr(amount, "value", amount))
