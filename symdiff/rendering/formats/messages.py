"""Message keys to sentences in one language, with formulas typeset where the message has a parameter."""

from __future__ import annotations

import string
from collections.abc import Callable, Mapping
from typing import Any

from markupsafe import Markup

from symdiff.document.blocks import Chain, Localized, Text
from symdiff.expr.tree import Expr


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

    def __call__(self, text: Text) -> Markup:
        """The sentence of one message, its first letter a capital where it stands for itself."""
        result = Markup("")
        for literal, name, style, _ in string.Formatter().parse(self._pattern(text)):
            result += Markup(self.escape(literal))
            if name:
                result += self.value(text.params[name], style or "")
        return result

    def with_formulas(self, inline: Callable[[Expr | Chain], Markup]) -> Messages:
        """The same messages with formulas set in another way, as in a title without markup."""
        return Messages(self.language, self.catalogue, self.escape, inline)

    def patterns(self, part: str) -> dict[str, str]:
        """The messages of one part as they are, for a program that fills them in."""
        keys = [key for key in self.catalogue if key.startswith(f"{part}.")]
        return {key.removeprefix(f"{part}."): self.catalogue[key] for key in keys}

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
            return Markup(self.escape(phrases.get(self.language) or next(iter(phrases.values()))))
        if isinstance(value, tuple):
            joined = [self.value(item, "") for item in value]
            return self._joined(joined, style or ("values" if isinstance(value[0], Chain) else ""))
        return Markup(self.escape(str(value)))

    def _joined(self, parts: list[Markup], style: str) -> Markup:
        if style == "sentences":
            return Markup(" ").join(parts)
        kept_apart = style in ("values", "tuple")
        separator = Markup(self.escape(self.locale["values" if kept_apart else "separator"]))
        if len(parts) < 2 or style == "tuple":
            return separator.join(parts)
        last = Markup(self.escape(self.locale["and"]))
        return separator.join(parts[:-1]) + last + parts[-1]


def _as_int(amount: Any) -> int:
    return int(getattr(amount, "value", amount))
