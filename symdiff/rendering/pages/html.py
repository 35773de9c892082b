"""What only a page in HTML asks for: steps to go through, words for its program, its files and their hashes.

The graph on the stage is drawn with room for numbers, which the page writes there itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from markupsafe import Markup

from symdiff.document.blocks import Chain, Graph, Node
from symdiff.expr.tree import Expr, Num, Sym
from symdiff.rendering.formats.formats import Format
from symdiff.rendering.formats.messages import Messages
from symdiff.rendering.formulas.formula_printer import Printer
from symdiff.rendering.pages.assets import Assets, digest, in_script

ROOM = Num(0, "-0.0000")
"""The widest number of the usual ones: what a number in the graph gets room for."""
MOST_DRAWN = 85_000
"""Characters of a graph on the stage: a page has at most 0.7 MB, of which KaTeX takes more than half."""
_STYLE = re.compile(r"<style>.*?</style>\n?", re.DOTALL)
_LEAD = re.compile(r'<g transform="scale[^>]*>(?:(?!</g>).)*</g>(?=<text class="number")')
"""What stands before a number, as w̄ =: on the stage its place says it."""


def for_pages(
    settings: Format,
    language: str,
    templates: Path | None,
    printer: Printer,
    plain: Printer,
    messages: Messages,
) -> dict[str, Any]:
    """The names that the templates of a page use besides those of every format."""
    return {
        **(_with_steps(printer, plain) if settings.steps else {}),
        "plain": messages.with_formulas(_plain(plain, messages.escape)),
        "words": lambda part: in_script(messages.patterns(part)),
        "assets": Assets(settings.name, templates),
        "digest": digest,
        "inlined": lambda graph, prefix: _inlined(graph, language, templates, prefix),
        "on_stage": lambda graph: _on_stage(graph, language, templates),
    }


def _with_steps(printer: Printer, plain: Printer) -> dict[str, Any]:
    """What prepares steps to go through, for a format that shows them."""
    from symdiff.rendering.pages.stepping import StepThrough

    return {"step_through": StepThrough(printer, plain)}


def _plain(printer: Printer, escape: Callable[[str], str]) -> Callable[[Expr | Chain], Markup]:
    """How a formula stands in a title that has no markup."""
    return lambda value: Markup(escape(printer(value.left if isinstance(value, Chain) else value)))


def with_room(graph: Graph) -> Graph:
    """The graph with room for a value and an adjoint at each node that is a number and in no column."""
    return replace(graph, nodes=tuple(map(_with_room, graph.nodes)))


def _with_room(node: Node) -> Node:
    var = node.chain.left
    if var.shape or not isinstance(var, Sym) or node.column is not None:
        return replace(node, value=None, adjoint=None)
    bar = Sym(var.name, "bar")
    return replace(node, value=Chain(var, (ROOM,)), adjoint=Chain(bar, (ROOM,)))


def _on_stage(graph: Graph | None, language: str, templates: Path | None) -> Markup:
    """The graph whose numbers the page writes; nothing where it would make the page heavy."""
    text = "" if graph is None else _LEAD.sub("", _inlined(with_room(graph), language, templates))
    return Markup(text if len(text) <= MOST_DRAWN else "")


def _inlined(graph: Graph, language: str, templates: Path | None, prefix: str = "") -> Markup:
    """A graph as SVG inside a page: its numbers are text, its colours are those of the page."""
    from symdiff.rendering.pictures.emit import emit_graph

    text = emit_graph(graph, "svg", language, plain_numbers=True, prefix=prefix, templates=templates)
    return Markup(_STYLE.sub("", text))
