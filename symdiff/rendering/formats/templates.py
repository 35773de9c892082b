"""Every template is filled in here: ours as the Python they were compiled to, a user's by Jinja.

What is not markup is escaped, in both alike. Jinja is loaded for a user's folder, and for a template of ours
that was never compiled, or that speaks more of Jinja's language than `our_templates` does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from markupsafe import Markup

from symdiff.rendering.formats.folders import template_root
from symdiff.rendering.formats.formats import MEASURES
from symdiff.rendering.formats.kept_python import keep, run
from symdiff.rendering.formats.our_templates import NotPlainError, OurTemplates
from symdiff.rendering.formats.prose import wrapped
from symdiff.rendering.formats.settings import python_of_table
from symdiff.rendering.formulas.stacked import role, stacked


def filled_in(
    name: str,
    escape: Callable[[str], str],
    templates: Path | None = None,
    *,
    filters: Mapping[str, Any] | None = None,
    names: Callable[[Any], Mapping[str, Any]] | None = None,
    **given: Any,
) -> str:
    """The text of the template `name`, whose words `escape` protects; a folder `templates` goes before ours.

    `filters` are added to those of every template, `names` makes of the environment what templates may use
    besides what is `given` to this one.

    Raises:
        InputError: a template of the user's has an error.
    """
    filters = {**FILTERS, **(filters or {})}

    def text_by(environment: Any) -> str:
        environment.globals |= {"role": _markup(role), **(names(environment) if names else {})}
        return str(environment.get_template(name).render(**given))

    if templates is None:
        try:
            return text_by(OurTemplates(escape, filters, _run))
        except NotPlainError:
            pass
    # For start-up: a page by our own templates is made without Jinja.
    from symdiff.rendering.formats.jinja_environment import jinja
    from symdiff.rendering.formats.sandbox import explained

    try:
        return text_by(jinja(escape, filters, templates))
    except Exception as error:
        raise explained(error, templates) from None


def _run(name: str, names: dict[str, Any]) -> None:
    """Run the Python of a template of ours with `names`."""
    run(template_root() / name, template_root(), lambda text: python_of(name, text), names)


def python_of(name: str, text: str) -> str:
    """The Python of a template of ours."""
    from symdiff.rendering.formats import jinja_environment  # start-up: mostly the Python is there

    return jinja_environment.python_of(name, text, {*FILTERS, *OF_PAGES})


def keep_all() -> None:
    """Write the Python of all our templates and tables, as the wheel has it."""
    root = template_root()
    for file in sorted(root.rglob("*.j2")):
        keep(file, root, partial(python_of, file.relative_to(root).as_posix()))
    for file in sorted(root.rglob("*.toml")):
        keep(file, root, python_of_table)


def no_macro(kind: str, blocks: str) -> None:
    """A format of a user's that has no macro for a block of the page."""
    import jinja2  # start-up: only a user's templates get here

    raise jinja2.TemplateRuntimeError(f"there is no macro {kind!r} in {blocks}")


def _typst_string(text: object) -> Markup:
    """A string of Typst's language."""
    # For start-up: a page in LaTeX is made without it.
    from symdiff.rendering.formulas.typst import typst_string

    return Markup(typst_string(str(text)))


def _pdf_string(text: object) -> Markup:
    """A text in any alphabet as the standard of PDF writes it: its UTF-16 in digits, in angle brackets."""
    return Markup(f"<FEFF{str(text).encode('utf-16-be').hex().upper()}>")


def _markup(function: Callable[..., str]) -> Callable[..., Markup]:
    """`function` for templates of text, where nothing is escaped."""

    def wrapper(*given: object) -> Markup:
        return Markup(function(*(str(part) if isinstance(part, Markup) else part for part in given)))

    return wrapper


FILTERS: dict[str, Any] = {
    "columns": MEASURES["columns"],
    "pdf_string": _pdf_string,
    "stacked": _markup(stacked),
    "typst_string": _typst_string,
    "wrapped": _markup(wrapped),
}
"""The filters of every template."""
OF_PAGES = ("t", "through", "each_through")
"""The filters that pages add: messages, and rows of one kind."""
