"""Words and markup in templates: a text is words, which the format escapes, unless it is markup.

Markup is what `t`, a macro or `raw` gives. Where words and markup meet, in `~`, `+`, `%`, `join` and
`replace`, the words are escaped as the format does. Knows no Jinja: pages by our own templates need none.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from typing import Any

from markupsafe import Markup

_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "%": operator.mod,
    "*": operator.mul,
    "**": operator.pow,
}


class WordsAndMarkup:
    """What an environment of templates does where words and markup meet."""

    def protect_words(self, escape: Callable[[str], str]) -> None:
        """Let `escape` protect the words that are put into markup."""

        class Marked(Markup):
            """Markup that protects the words put into it as the format does."""

            __slots__ = ()

            @classmethod
            def escape(cls, value: Any) -> Marked:
                return cls(value if hasattr(value, "__html__") else escape(str(value)))

        self.markup: type[Markup] = Marked

    def own(self, value: Any) -> Any:
        """Markup as that of the format, anything else as it is."""
        return self.markup(value) if type(value) is Markup else value

    def joined(self, parts: Iterable[Any]) -> str:
        """Words and markup one after the other: markup if there is any."""
        parts = list(parts)
        if any(hasattr(part, "__html__") for part in parts):
            return self.markup("").join(parts)
        return "".join(map(str, parts))

    def attribute_of(self, attribute: str | int) -> Callable[[Any], Any]:
        """What takes an attribute of each member of a list."""
        raise NotImplementedError

    def join(self, values: Iterable[Any], between: Any = "", attribute: str | int | None = None) -> str:
        """The filter `join`."""
        parts = [*(values if attribute is None else map(self.attribute_of(attribute), values))]
        if any(hasattr(part, "__html__") for part in (between, *parts)):
            return self.markup.escape(between).join(parts)
        return str(between).join(map(str, parts))

    def replace(self, text: Any, old: Any, new: Any, count: int = -1) -> str:
        """The filter `replace`."""
        if not any(isinstance(part, Markup) for part in (text, old, new)):
            return str(text).replace(str(old), str(new), count)
        given = [str(self.markup.escape(part)) for part in (text, old, new)]
        return self.markup(given[0].replace(given[1], given[2], count))

    def format(self, text: Any, *args: Any, **named: Any) -> Any:
        """The filter `format`."""
        return self.call_binop(None, "%", text, named or args)

    def call_binop(self, context: Any, sign: str, left: Any, right: Any) -> Any:
        """The value of an operation in a template."""
        if isinstance(left, Markup) or isinstance(right, Markup):
            left, right = self.own(left), self.own(right)
        return _OPERATORS[sign](left, right)
