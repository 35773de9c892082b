"""How formulas are to be read: spaces, columns, entries, rows, assumptions, symbols that may not be known.

All of it is stated, nothing is claimed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from symdiff.derivation.line_writer import one_of_each_kind
from symdiff.document.blocks import Block, Paragraph, Text, text
from symdiff.explain.shared.work import TapeWork
from symdiff.expr import operations as a
from symdiff.expr.leaves import Filled, size_expr
from symdiff.expr.notation import Binding, Op, pattern
from symdiff.expr.operations import SIGMOID, is_array
from symdiff.expr.shapes import Shape
from symdiff.expr.tree import TRANSPOSE, Expr, Sym, postorder


def conventions(work: TapeWork) -> Iterator[Block]:
    """How formulas with arrays are to be read, as far as this page needs it, and what is assumed."""
    if not work.tape.has_arrays:
        return
    found = [text("arrays.columns"), *conventions_of(work), *notations(work)]
    if not work.tape.output.shape:
        key = "numerator" if work.layout == "numerator" else "denominator"
        found.append(text(f"arrays.layout_{key}", result=work.tape.result))
    yield Paragraph(text("arrays.conventions", parts=tuple(found)))


def conventions_of(work: TapeWork) -> list[Text]:
    """What the formulas of this page need to be said about entries, rows and assumptions."""
    formulas = [formula for _, formula in work.tape.definitions]
    return reading_of(formulas, [name for _, name in work.tape.inputs])


def reading_of(formulas: Sequence[Expr], inputs: Sequence[Sym]) -> list[Text]:
    """What these formulas need to be said about entries, rows and assumptions."""
    nodes = [node for formula in formulas for node in postorder(formula)]
    entrywise = [node for node in nodes if node.args and not is_array(node.op)]
    found = []
    if any(node.shape for node in entrywise):
        found.append(text("arrays.entrywise"))
    if any(len(node.shape) == 2 and any(len(arg.shape) == 1 for arg in node.args) for node in entrywise):
        found.append(text("arrays.rows"))
    for what in ("simplex", "symmetric"):
        names = tuple(name for name in inputs if name.assume == what)
        rows = any(len(name.shape) == 2 for name in names)
        if names:
            found.append(text(f"arrays.{what}{'_rows' if rows and what == 'simplex' else ''}", names=names))
    return found


EQUAL = pattern("equal", "{0} = {1}", "{0} = {1}", Binding.LOOSEST, arity=2)
"""A condition or a convention, u = v: stated, not claimed."""

REALS = pattern("reals", r"\mathbb{{R}}", "ℝ", arity=0)

REAL_SPACE = pattern("real space", r"\mathbb{{R}}^{{{0}}}", "ℝ^{0}", inner=Binding.ATOM)

MATRIX_SPACE = pattern("matrix space", r"\mathbb{{R}}^{{{0} \times {1}}}", "ℝ^({0}×{1})", arity=2)


def space(shape: Shape) -> Expr:
    """The space of arrays of a shape."""
    sizes = [size_expr(part) for part in shape]
    if not sizes:
        return Expr(REALS)
    return Expr(REAL_SPACE if len(sizes) == 1 else MATRIX_SPACE, *sizes)


ELEMENT = pattern("element", r"{0} \in {1}", "{0} ∈ {1}", Binding.LOOSEST, arity=2)


def in_its_space(name: Sym) -> Expr:
    """x ∈ ℝⁿ."""
    return Expr(ELEMENT, Sym(name.name), space(name.shape))


def space_of(work: TapeWork, var: Sym) -> Expr | None:
    """The space of a variable on a page with arrays."""
    return space(var.shape) if work.tape.has_arrays else None


def _stated(name: str, latex: str, words: str) -> Op:
    return pattern(name, latex, words, Binding.LOOSEST, arity=0)


def notations(work: TapeWork) -> Iterator[Text]:
    """A sentence for each symbol on the page that a reader may not know."""
    yield from notations_of(list(_nodes(work)))


def _nodes(work: TapeWork) -> Iterator[Expr]:
    """The formulas on the page; of lines that differ in names only one stands for all."""
    for _, formula in work.tape.definitions:
        yield from postorder(formula)
    if work.sections.statement:
        return
    for derivation in work.derivations:
        for sweep in derivation.sweeps:
            for line in one_of_each_kind(sweep.lines):
                for member in line.members:
                    yield from postorder(member)


_WITH_ONES = {a.SUM_DOWN, a.SUM_ACROSS, a.MEAN_DOWN, a.MEAN_ACROSS}

_SOFTMAX = _stated(
    "softmax stated",
    r"\operatorname{{softmax}}(u)_{{i}} = e^{{u_{{i}}}} / \textstyle\sum_{{j}} e^{{u_{{j}}}}",
    "softmax(u)ᵢ = e^(uᵢ)/Σⱼ e^(uⱼ)",
)

_LSE = _stated(
    "lse stated",
    r"\operatorname{{lse}}(u) = \ln \textstyle\sum_{{j}} e^{{u_{{j}}}}",
    "lse(u) = ln Σⱼ e^(uⱼ)",
)

_SIGMA = _stated("sigma stated", r"\sigma(t) = 1/(1 + e^{{-t}})", "σ(t) = 1/(1 + e^(−t))")

_INNER = _stated(
    "inner stated",
    r"\left\langle A,\, B \right\rangle = \textstyle\sum_{{i,j}} A_{{ij}} B_{{ij}}",
    "⟨A, B⟩ = Σᵢⱼ Aᵢⱼ·Bᵢⱼ",
)

_INVERSE = _stated("inverse stated", r"A^{{-\top}} = (A^{{-1}})^{{\top}}", "A⁻ᵀ = (A⁻¹)ᵀ")

_ONES = _stated("ones stated", r"\mathbf{{1}}", "𝟏")

_DIAG = _stated("diag stated", r"\operatorname{{diag}}(v)", "diag(v)")


def notations_of(nodes: Sequence[Expr]) -> Iterator[Text]:
    """A sentence for each symbol among `nodes` that a reader may not know."""
    ops = {node.op for node in nodes}
    softmaxes = [node for node in nodes if node.op in (a.SOFTMAX, a.LOG_SOFTMAX)]
    if SIGMOID in ops:
        yield text("notation.where", formula=Expr(_SIGMA))
    if softmaxes:
        yield text("notation.where", formula=Expr(_SOFTMAX))
    if any(len(node.shape) == 2 for node in softmaxes):
        yield text("notation.rows")
    if a.LOGSUMEXP in ops or a.LOGSUMEXP_ACROSS in ops:
        yield text("notation.where", formula=Expr(_LSE))
    if a.INNER in ops:
        yield text("notation.where", formula=Expr(_INNER))
    if any(node.op is TRANSPOSE and node.args[0].op is a.INV for node in nodes):
        yield text("notation.where", formula=Expr(_INVERSE))
    if any(isinstance(node, Filled) and node.what == "ones" for node in nodes) or ops & _WITH_ONES:
        yield text("notation.ones", ones=Expr(_ONES))
    if a.DIAG in ops or a.COLUMN in ops:
        yield text("notation.diag", diag=Expr(_DIAG))
