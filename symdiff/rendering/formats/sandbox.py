"""Jinja's sandbox with the escaping of a format in place of HTML's, and what is said of errors in templates.

A text in an expression is words, unless it is markup: what `t`, a macro or `raw` gives. Where words
and markup meet, in `~`, `+`, `%`, `join`, `replace`, `truncate` and methods of texts, Jinja would escape the
words for HTML; here the format does. Knows no document and no format.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from traceback import walk_tb
from typing import Any

import jinja2
from jinja2 import nodes, pass_context
from jinja2.compiler import CodeGenerator, Frame
from jinja2.filters import do_truncate, make_attrgetter
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from symdiff.errors import InputError, SymdiffError, shorten
from symdiff.rendering.formats.words_and_markup import WordsAndMarkup


class Generator(CodeGenerator):
    """Jinja's generator of Python, `~` by the environment."""

    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:  # noqa: N802
        self.write("environment.joined((")
        for part in node.nodes:
            self.visit(part, frame)
            self.write(", ")
        self.write("))")


class Sandbox(WordsAndMarkup, ImmutableSandboxedEnvironment):
    """The environment of templates whose words `escape` protects."""

    code_generator_class = Generator
    intercepted_binops = frozenset({"+", "%"})

    def __init__(self, escape: Callable[[str], str], filters: Mapping[str, Any], **options: Any) -> None:
        super().__init__(autoescape=True, optimized=False, undefined=jinja2.StrictUndefined, **options)
        self.protect_words(escape)
        self.finalize = self.finalizer(escape)
        self.filters |= {
            "raw": lambda value: Markup(value),
            "e": self.markup.escape,
            "escape": self.markup.escape,
            "forceescape": lambda value: self.markup.escape(str(value)),
            "join": self.join,
            "replace": self.replace,
            "format": self.format,
            "truncate": lambda text, *args, **named: do_truncate(self, self.own(text), *args, **named),
            **filters,
        }

    def finalizer(self, escape: Callable[[str], str]) -> Callable[..., Any]:
        """What is done to the value of each expression."""
        as_it_is = (Markup, jinja2.Undefined)

        @pass_context  # so that a text is not escaped once for all formats, when its template is compiled
        def finalize(_: object, value: Any) -> Any:
            return value if isinstance(value, as_it_is) else Markup(escape(str(value)))

        return finalize

    def attribute_of(self, attribute: str | int) -> Callable[[Any], Any]:
        return make_attrgetter(self, attribute)

    def getattr(self, obj: Any, attribute: str) -> Any:
        return super().getattr(self.own(obj), attribute)


def explained(error: Exception, templates: Path | None) -> InputError:
    """What went wrong in a user's template, with its file and line; an error of ours is raised again.

    It is the user's where a template of the user was at work, or where Jinja refuses one.
    """
    frames = walk_tb(error.__traceback__) if templates is not None else ()
    places = [(frame.f_code.co_filename, line) for frame, line in frames]
    places = [(name, line) for name, line in places if Path(name).is_relative_to(str(templates))]
    if isinstance(error, SymdiffError) or (not places and not isinstance(error, jinja2.TemplateError)):
        raise error
    if isinstance(error, jinja2.TemplateSyntaxError) and error.filename:
        places = [(error.filename, error.lineno)]
    where = "{}, line {}".format(*places[-1]) if places else str(templates or "templates")
    return InputError(f"template error: {_said(error)}", where=where)


def _said(error: Exception) -> str:
    """What an error says, on one line."""
    if isinstance(error, jinja2.TemplateNotFound):
        return f"there is no template {error.name!r}"
    if isinstance(error, RecursionError):
        return "recursion without end"
    if isinstance(error, KeyError):
        return f"there is no {error}"
    return shorten(str(error) or type(error).__name__, 200)
