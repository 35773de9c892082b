"""What only a page in HTML asks for: its own files inside it, and a derivation to go through step by step.

Styles, programs and fonts are files of the format's folder; a file of the user's folder goes before ours. A
Content-Security-Policy that admits a program by its hash admits those very bytes: `tidy` gives a text the
form that it has in the finished page, `digest` is what the policy says of it.

The steps stand in the page in LaTeX, and once more as plain lists for its program: a formula is a number, the
key of a name, or [operation, argument, …], so that the page needs no parser and no eval. Keys tell apart what
prints alike, as tangents of different passes. On the stage stands the graph, with room for the numbers that
the program writes there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from markupsafe import Markup

from symdiff.document.blocks import Chain, Graph, Known, Move, Node, Stepping
from symdiff.errors import InputError
from symdiff.expr.leaves import Alias, Filled, Grid, HeldIndex, OneHot
from symdiff.expr.records import dataclass
from symdiff.expr.shapes import Shape, is_number, size_value
from symdiff.expr.tree import ALL, Dim, Expr, Num, Sym
from symdiff.rendering.formats.folders import roots
from symdiff.rendering.formats.formats import Format
from symdiff.rendering.formats.messages import Messages
from symdiff.rendering.formats.settings import refuse_links
from symdiff.rendering.formulas.formula_printer import Printer
from symdiff.rendering.formulas.unicode import TextPrinter


def for_pages(
    settings: Format,
    language: str,
    templates: Path | None,
    printer: Printer,
    messages: Messages,
) -> dict[str, Any]:
    """The names that the templates of a page use besides those of every format."""
    plain = TextPrinter(messages.locale["decimal"], printer.letters)
    plain.words = printer.words
    plain.spellings = printer.spellings
    return {
        **({"step_through": StepThrough(printer, plain)} if settings.steps else {}),
        "plain": messages.with_formulas(_without_markup(plain, messages.escape)),
        "words": lambda part: in_script(messages.patterns(part)),
        "assets": Assets(settings.name, templates),
        "digest": digest,
        "inlined": lambda graph, prefix: _inlined(graph, language, templates, prefix),
        "on_stage": lambda graph: _on_stage(graph, language, templates),
    }


def _without_markup(printer: Printer, escape: Callable[[str], str]) -> Callable[[Expr | Chain], Markup]:
    """How a formula stands in a title that has no markup."""
    return lambda value: Markup(escape(printer(value.left if isinstance(value, Chain) else value)))


ROOM = Num(0, "-000.0000")
"""As wide as the usual numbers after ≈: what a number in the graph gets room for."""


def with_room(graph: Graph) -> Graph:
    """The graph with room for a value and an adjoint at each node that is a number and in no column."""
    return replace(graph, nodes=tuple(map(_with_room, graph.nodes)))


def _with_room(node: Node) -> Node:
    var = node.chain.left
    if var.shape or not isinstance(var, Sym) or node.column is not None:
        return replace(node, value=None, adjoint=None)
    bar = Sym(var.name, "bar")
    return replace(node, value=Chain(var, (ROOM,)), adjoint=Chain(bar, (ROOM,)))


MOST_DRAWN = 85_000
"""Characters of a graph on the stage: a page has at most 0.72 MB, of which KaTeX takes more than half."""
_LEAD = re.compile(r'<g transform="scale[^>]*>(?:(?!</g>).)*</g>(?=<text class="number")')
"""What stands before a number, as w̄ =: on the stage its place says it."""
_STYLE = re.compile(r"<style>.*?</style>\n?", re.DOTALL)


def _on_stage(graph: Graph | None, language: str, templates: Path | None) -> Markup:
    """The graph whose numbers the page writes; nothing where it would make the page heavy."""
    text = "" if graph is None else _LEAD.sub("", _inlined(with_room(graph), language, templates))
    return Markup(text if len(text) <= MOST_DRAWN else "")


def _inlined(graph: Graph, language: str, templates: Path | None, prefix: str = "") -> Markup:
    """A graph as SVG inside a page: its numbers are text, its colours are those of the page."""
    # For start-up: every page loads this file, but only one in HTML draws a graph here.
    from symdiff.rendering.pictures.emitters import emit_graph

    text = emit_graph(graph, "svg", language, plain_numbers=True, prefix=prefix, templates=templates)
    return Markup(_STYLE.sub("", text))


class Assets:
    """The files in a format's folder, for its templates."""

    def __init__(self, format: str, own: Path | None) -> None:
        self._own = own
        self._folders = [root / format for root in roots(own)]

    def text(self, name: str) -> Markup:
        """A file as it is; it must be safe where a template puts it."""
        return Markup(self._found(name).read_text(encoding="utf-8"))

    def program(self, name: str) -> Markup:
        """A program without the indentation and the comments that stand on lines of their own."""
        lines = map(str.strip, self.text(name).split("\n"))
        return Markup("\n".join(line for line in lines if not line.startswith("//")))

    def base64(self, name: str) -> str:
        """A file in base64, for a data: address."""
        from base64 import b64encode  # start-up: only a page in HTML has files in it

        return b64encode(self._found(name).read_bytes()).decode()

    def _found(self, name: str) -> Path:
        """The first file of this name; none outside the folders of the format."""
        for folder in self._folders:
            path = folder / name
            if path.is_file() and path.is_relative_to(folder) and ".." not in path.parts[len(folder.parts) :]:
                refuse_links(path, self._own)
                return path
        raise InputError(f"no file {name!r}", where=str(self._folders[-1]))


def digest(text: str) -> str:
    """The source expression of a Content-Security-Policy that admits `text`: sha256-…"""
    import base64  # start-up: only a page in HTML has a policy
    import hashlib

    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


_IN_SCRIPT = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
"""What must not stand in a script element, as JSON writes it too."""


def in_script(value: Any) -> Markup:
    """`value` as JSON that may stand in a script element."""
    import json  # start-up: only a page in HTML has data

    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Markup("".join(_IN_SCRIPT.get(c, c) for c in text))


def tidy(text: str) -> Markup:
    """No trailing blanks, at most one empty line in a row, one newline at the end; twice is once."""
    lines: list[str] = []
    for line in text.split("\n"):
        stripped = line.rstrip()
        if stripped or (lines and lines[-1]):
            lines.append(stripped)
    return Markup("\n".join(lines).strip("\n") + "\n")


@dataclass(frozen=True, slots=True)
class StepRow:
    """One step in the page: its number, its key, and the equality in LaTeX, member by member.

    `through` is the step by which a contribution comes, where this is only one of several paths.
    """

    number: int
    key: str
    left: str
    right: tuple[str, ...]
    through: Sym | None = None


@dataclass(frozen=True, slots=True)
class StepColumn:
    """One sweep in the page: its mode, the input of its tangents, and its rows. Inputs stand at step 0."""

    mode: str
    by: Sym | None
    given: tuple[StepRow, ...]
    rows: tuple[StepRow, ...]


def key(name: Sym) -> str:
    """A name as the page knows it: w_3, `bar w_3 a`, `dot w_3 x`."""
    return " ".join(filter(None, (name.accent, name.name, name.label, name.seed)))


class StepThrough:
    """Prepares a `Stepping` for a page: `lists` for its columns, `data` for its program."""

    def __init__(self, latex: Printer, text: Printer) -> None:
        self._latex, self._text = latex, text

    def lists(self, block: Stepping) -> list[StepColumn]:
        """The columns: the tape with its inputs, then one for each sweep."""
        given = tuple(
            StepRow(0, key(k.var), self._latex(k.var), () if k.var == k.name else (self._latex(k.name),))
            for k in block.known
            if not k.var.accent
        )
        found, number = [], 1
        for phase in block.phases:
            rows = tuple(self._row(i, move) for i, move in enumerate(phase.moves, number))
            number += len(rows)
            found.append(StepColumn(phase.mode, phase.by, given if phase.mode == "primal" else (), rows))
        return found

    def _row(self, number: int, move: Move) -> StepRow:
        through = move.along[0][1] if move.var.label else None
        shown = tuple(self._latex(member) for member in move.shown)
        return StepRow(number, key(move.var), self._latex(move.var), shown, through)

    def data(self, block: Stepping) -> Markup:
        """Everything the page computes with, as JSON that may stand in a script element."""
        modes = [phase.mode for phase in block.phases for _ in phase.moves]
        numbers = dict(block.numbers)
        found = {
            "digits": block.digits,
            "separators": [self._separator(Num(1)), self._separator(Num(0, "0.5"))],
            "known": [
                self._known(known, block) | {"number": self._written(numbers.get(known.var))}
                for known in block.known
            ],
            "moves": [
                {
                    "key": key(move.var),
                    "mode": mode,
                    "form": tree(move.form, block),
                    "along": [[key(tail), key(head)] for tail, head in move.along],
                    "said": self._said(move),
                    "number": self._written(numbers.get(move.var)),
                }
                for mode, move in zip(modes, block.moves, strict=True)
            ],
            "names": self._names(block),
            "formulas": {
                op: {"names": [key(slot) for slot in slots], "form": tree(form, block)}
                for op, slots, form in block.formulas()
            },
        }
        return in_script(found)

    def _known(self, known: Known, block: Stepping) -> dict[str, Any]:
        return {
            "key": key(known.var),
            "name": self._latex(known.name),
            "said": self._text(known.name),
            "assume": known.var.assume or known.name.assume,
            "shape": _lengths(known.var.shape, block) if known.numbers is not None else [],
            "data": None if known.numbers is None else [typed(x) for x in _flat(known.numbers)],
        }

    def _written(self, number: Expr | None) -> str | None:
        """A number, or an array of them, as it is printed, after its = or ≈."""
        if not isinstance(number, Num | Grid):
            return None
        return ("≈" if number.rounded else "=") + self._latex(number)

    def _separator(self, number: Num) -> str:
        """What stands between two numbers like this one."""
        return self._latex.separator_of([self._latex.write(number)] * 2)

    def _said(self, move: Move) -> str:
        """The equality for a voice, or for whoever has no typesetting."""
        return " = ".join(self._text(part) for part in (move.var, *move.shown))

    def _names(self, block: Stepping) -> list[list[Any]]:
        """How each name is written, with the keys it may stand for; the longest first."""
        found: dict[str, list[str]] = {}
        for name in (*(known.var for known in block.known), *(move.var for move in block.moves)):
            found.setdefault(self._latex(name), []).append(key(name))
        for form, name in block.same:
            found.setdefault(self._latex(form), []).append(key(name))
        return sorted(([text, keys] for text, keys in found.items()), key=lambda item: -len(item[0]))


def tree(root: Expr, block: Stepping) -> Any:
    """A formula as nested lists; sizes that are names as numbers, the colon as null."""
    if isinstance(root, Num):
        return _number(root.value)
    if isinstance(root, Sym):
        return key(root)
    if root is ALL:
        return None
    if isinstance(root, Alias):
        return tree(root.meaning, block)
    if isinstance(root, Dim):
        return _length(root.name, block)
    if isinstance(root, HeldIndex):
        return _stacked(block.indices[root.name], lambda place: _number(place))
    if isinstance(root, OneHot):
        shape = _lengths(root.shape[-1:], block)
        return _stacked(block.indices[root.index.name], lambda place: ["filled", "unit", shape, int(place)])
    if isinstance(root, Filled):
        return ["filled", root.what, _lengths(root.shape, block), _length(root.index, block)]
    return [root.op.name, *(tree(arg, block) for arg in root.args)]


def _stacked(places: Any, written: Callable[[Any], Any]) -> Any:
    """What is written of one index, or a list of it for each of several."""
    return ["stack", *map(written, places)] if isinstance(places, tuple) else written(places)


def _lengths(shape: Shape, block: Stepping) -> list[int]:
    return [_length(part, block) for part in shape]


def _length(part: Any, block: Stepping) -> int:
    """A size; without numbers for the inputs nothing is computed, and it is left 1."""
    if is_number(part):
        return int(part)
    return size_value(part, block.sizes) if block.sizes else 1


def _number(value: Any) -> Any:
    """An exact number of a formula: whole, or p/q in digits, which JSON would take for a double."""
    if value.denominator == 1 and abs(value) < 2**53:
        return int(value)
    return {"p": str(value.numerator), "q": str(value.denominator)}


def typed(value: Any) -> str:
    """A number as a reader would type it with a point: a decimal that ends, or a fraction."""
    rest, twos, fives = value.denominator, 0, 0
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    if rest > 1:
        return f"{value.numerator}/{value.denominator}"
    places = max(twos, fives)
    digits = f"{abs(value.numerator) * 10**places // value.denominator:0{places + 1}d}"
    whole, decimals = (digits[:-places], f".{digits[-places:]}") if places else (digits, "")
    return f"{'-' if value < 0 else ''}{whole}{decimals}"


def _flat(numbers: Any) -> Iterator[Any]:
    if isinstance(numbers, tuple):
        for part in numbers:
            yield from _flat(part)
    else:
        yield numbers
