"""A derivation to a Python module: what the template needs, found once. Sentences are the template's.

Knows how statements, names and text come together; no derivative.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import groupby

from symdiff.codegen.code_names import names_of, sizes_of
from symdiff.codegen.code_printer import CodePrinter
from symdiff.codegen.forms import in_known_operations, writes_out, written_again
from symdiff.codegen.line_breaking import INDENT, WIDTH, Writer
from symdiff.codegen.short_statements import backward_statements
from symdiff.codegen.statements import Statement, Temporaries, forward_statements, shared
from symdiff.codegen.target import Target, bound_name
from symdiff.derivation.derivation import Derivation, bar
from symdiff.expr.conditions import COMPARISONS, WHERE
from symdiff.expr.leaves import HeldIndex
from symdiff.expr.records import dataclass
from symdiff.expr.shapes import Shape
from symdiff.expr.tree import Dim, Expr, Sym, postorder
from symdiff.language.program import INDEX_NAME
from symdiff.proof.kinks import kinks
from symdiff.rendering.formats.templates import filled_in

FUNCTION, VJP = "value_and_gradients", "value_and_vjps"
LOCALS = ("gradients",)


@dataclass(frozen=True, slots=True)
class Parameter:
    """An argument of the function: its name in code, its type, its shape, what is assumed of it."""

    name: str
    type: str
    shape: Shape
    assumed: str


@dataclass(frozen=True, slots=True)
class Described:
    """Arguments of which the same is said, one after the other."""

    names: str
    several: bool
    shape: str
    assumed: str
    by_rows: bool


class Module:
    """The parts of the module that says what `derivation` says, for one target."""

    def __init__(self, derivation: Derivation, target: Target, title: str = "") -> None:
        self.derivation, self.target, self.tape = derivation, target, derivation.tape
        self.title = escaped(title)
        own = {FUNCTION, VJP, *LOCALS}
        self.names = names_of(self.tape, target.reserved | own)
        like = next((v for v, _ in self.tape.inputs if v.shape), self.tape.inputs[0][0])
        printer = CodePrinter(target, self.names.texts, self.names.texts[like])
        self.temporaries = Temporaries()
        self.writer = Writer(printer, self.names, self.temporaries)

    @property
    def is_array(self) -> bool:
        """Whether the result is an array, so that the function takes an adjoint of it."""
        return bool(self.tape.output.shape)

    @property
    def function(self) -> str:
        return VJP if self.is_array else FUNCTION

    def text(self, node: Expr) -> str:
        return self.names.texts[node]

    @cached_property
    def body(self) -> tuple[list[str], list[str]]:
        """The lines of the two sweeps, in operations that the target has."""
        forward: list[Statement] = []
        for statement in forward_statements(self.derivation):
            found = self._known([statement])
            if writes_out(statement.value, self.target):
                found = self._shared(found, forward)
            forward += found
        backward = self._shared(self._known(backward_statements(self.derivation)), forward)
        return self.writer.write(forward), self.writer.write(backward)

    def _known(self, statements: list[Statement]) -> list[Statement]:
        return [replace(s, value=in_known_operations(s.value, self.target)) for s in statements]

    def _shared(self, statements: list[Statement], before: list[Statement]) -> list[Statement]:
        return shared(statements, before, self.temporaries, lambda node: written_again(node, self.target))

    @property
    def parameters(self) -> list[Parameter]:
        found = [self._parameter(var, name.assume) for var, name in self.tape.inputs]
        found += [self._index(index) for index in self.tape.indices.values()]
        return [*found, self._parameter(bar(self.tape.output), "")] if self.is_array else found

    def _index(self, index: HeldIndex) -> Parameter:
        return index_parameter(index, self.text(index), self.target)

    def _parameter(self, var: Sym, assumed: str) -> Parameter:
        return Parameter(self.text(var), self.type(var.shape), var.shape, assumed)

    @property
    def described(self) -> list[Described]:
        """The arguments, those of one kind together; a number has no shape where it is a plain one."""
        return described(self.parameters, self.target)

    @property
    def result_shape(self) -> str:
        return shape_text(self.tape.output.shape)

    def type(self, shape: Shape) -> str:
        return self.target.array if shape else self.target.number

    @property
    def returned(self) -> str:
        """The type of what is returned."""
        types = dict.fromkeys(self.type(name.shape) for name in self.derivation.wrt)
        return f"tuple[{self.type(self.tape.output.shape)}, dict[str, {' | '.join(sorted(types))}]]"

    @property
    def signature(self) -> list[str]:
        """The function's first line, or one line for each argument where that is too long."""
        return signature_of(self.function, self.parameters, self.returned)

    @property
    def size_lines(self) -> list[str]:
        """n = x.shape[0] for each size that is used."""
        used = "\n".join([*self.body[0], *self.body[1]])
        found = sizes_of(self.tape).items()
        rows = [(self.text(Dim(size)), f"{self.text(var)}.shape[{axis}]") for size, (var, axis) in found]
        return [f"{INDENT}{name} = {value}" for name, value in rows if occurs(name, used)]

    @property
    def return_lines(self) -> list[str]:
        """The value and the gradients under the author's names."""
        gradients = {
            name.name: self.text(bar(self.tape.variables[name.name])) for name in self.derivation.wrt
        }
        return return_lines(self.text(self.tape.output), gradients)

    @property
    def kinks(self) -> list[str]:
        """The functions for which a value of the derivative is agreed somewhere."""
        found = [kink.function for kink in kinks(self.tape)]
        names = ("cases" if f.op in COMPARISONS else str(f).partition("(")[0] for f in found)
        return list(dict.fromkeys(names))

    @property
    def has_cases(self) -> bool:
        """Whether a case is computed that is not taken."""
        return any(node.op is WHERE for _, formula in self.tape.definitions for node in postorder(formula))

    @cached_property
    def helpers(self) -> list[str]:
        """The helpers that the code uses, those of helpers included, in the order of the table."""
        return helpers_of(self.target, [*self.body[0], *self.body[1]])

    @property
    def imports(self) -> list[tuple[str, ...]]:
        """The imports that the code uses, by sections."""
        return imports_of(self.target, [*self.signature, *self.helpers, *self.body[0], *self.body[1]])

    def render(self) -> str:
        """The text of the module."""
        return filled_in("code/module.j2", str, m=self, wrapped=wrapped)


def index_parameter(index: HeldIndex, name: str, target: Target) -> Parameter:
    """The argument that an index is: a whole number, or an array of them."""
    return Parameter(name, target.array if index.shape else "int", index.shape, INDEX_NAME)


def described(parameters: Sequence[Parameter], target: Target) -> list[Described]:
    """The arguments, those of one kind together; a number has no shape where it is a plain one."""
    bare = target.number != target.array
    found = []
    for (shape, assumed), some in groupby(parameters, key=lambda p: (p.shape, p.assumed)):
        names = [p.name for p in some]
        said = "" if bare and not shape else shape_text(shape)
        by_rows = assumed == "simplex" and len(shape) == 2
        found.append(Described(", ".join(names), len(names) > 1, said, assumed, by_rows))
    return found


def signature_of(function: str, parameters: Sequence[Parameter], returned: str) -> list[str]:
    """The function's first line, or one line for each argument where that is too long."""
    arguments = [f"{p.name}: {p.type}" for p in parameters]
    line = f"def {function}({', '.join(arguments)}) -> {returned}:"
    if len(line) <= WIDTH:
        return [line]
    inner = INDENT + ", ".join(arguments)
    rows = [inner] if len(inner) <= WIDTH else [f"{INDENT}{argument}," for argument in arguments]
    return [f"def {function}(", *rows, f") -> {returned}:"]


def return_lines(value: str, gradients: Mapping[str, str]) -> list[str]:
    """What returns the value and the gradients by name, on one line if that fits."""
    items = [f'"{name}": {text}' for name, text in gradients.items()]
    line = f"{INDENT}return {value}, {{{', '.join(items)}}}"
    if len(line) <= WIDTH:
        return [line]
    rows = [f"{INDENT * 2}{item}," for item in items]
    return [f"{INDENT}gradients = {{", *rows, f"{INDENT}}}", f"{INDENT}return {value}, gradients"]


def helpers_of(target: Target, lines: Sequence[str]) -> list[str]:
    """The helpers that lines of code use, those of helpers included, in the order of the table."""
    used = "\n".join(lines)
    found: dict[str, str] = {}
    while new := {n: t for n, t in target.helpers.items() if n not in found and occurs(n, used)}:
        found |= new
        used = "\n".join([used, *new.values()])
    return [text for name, text in target.helpers.items() if name in found]


def imports_of(target: Target, lines: Sequence[str]) -> list[tuple[str, ...]]:
    """The imports that lines of code use, by sections."""
    used = "\n".join(lines)
    found = [tuple(s for s in some if occurs(bound_name(s), used)) for some in target.imports]
    return [section for section in found if section]


def occurs(name: str, text: str) -> bool:
    """Whether a name occurs in code as a word of its own."""
    return re.search(rf"(?<![\w.]){re.escape(name)}\b", text) is not None


def shape_text(shape: Shape) -> str:
    """A shape as Python writes it, () for a number."""
    return f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"


def escaped(title: str) -> str:
    """A title as it may stand inside a docstring: on one line, nothing in it ends the string."""
    line = "".join(c if c.isprintable() else " " for c in " ".join(title.split()))
    return line.replace("\\", "\\\\").replace('"', '\\"')


def wrapped(text: str, indent: int = 0) -> str:
    """A paragraph of a docstring, its lines no longer than a page is wide."""
    lines = textwrap.wrap(text, WIDTH - indent, break_on_hyphens=False, break_long_words=False)
    return ("\n" + " " * indent).join(lines)
