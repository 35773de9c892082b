"""How formulas are to be read: spaces, columns, entries, rows, assumptions, signs that may not be known.

All of it is stated, nothing is claimed; and it is stated where formulas of the page have it, nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from symdiff.document.blocks import Block, Paragraph, Text, text
from symdiff.explain.shared.work import TapeWork
from symdiff.expr import operations as a
from symdiff.expr.leaves import Applied, Filled, Nabla, ones, size_expr
from symdiff.expr.letters import Letters
from symdiff.expr.notation import Binding, Op, pattern
from symdiff.expr.operations import SIGMOID, is_array
from symdiff.expr.shapes import Shape
from symdiff.expr.tree import ADD, DIV, POW, SUB, Expr, Sym, postorder
from symdiff.rendering.formulas.array_printing import ENTRY
from symdiff.rendering.formulas.signs import formulas_in, nodes_of, signs_in, sizes_of_ones
from symdiff.rules.table import RULES


def conventions(work: TapeWork, page: Sequence[Block], more: Sequence[Text] = ()) -> Iterator[Block]:
    """How the formulas of a page are to be read, and what is assumed; `more` is said besides."""
    found: list[Text] = []
    if work.tape.has_arrays:
        formulas = [formula for _, formula in work.tape.definitions]
        found += reading_of(formulas, [name for _, name in work.tape.inputs], page)
    found += notations(page, work.letters, more)
    found += more
    if found:
        yield Paragraph(text("arrays.conventions", parts=tuple(found)))


def layout_of(work: TapeWork) -> list[Text]:
    """How derivatives of a number by arrays are laid out, where there are some."""
    if not work.tape.has_arrays or work.tape.output.shape:
        return []
    key = "numerator" if work.layout == "numerator" else "denominator"
    return [text(f"arrays.layout_{key}", result=work.tape.result)]


def reading_of(formulas: Sequence[Expr], inputs: Sequence[Sym], page: Sequence[Block]) -> list[Text]:
    """What the author's formulas, and those of the page, need to be said about entries, rows, assumptions."""
    shown = [node for form in formulas_in(page) for node in _in_whole_arrays(form)]
    found = []
    if any(len(node.shape) == 1 for node in (*inputs, *shown)):
        found.append(text("arrays.columns"))
    acts = tuple(text(f"arrays.acts.{kind}") for kind in ACTS if any(_acts(kind, node) for node in shown))
    if acts:
        found.append(text("arrays.entrywise", what=acts))
    nodes = [node for formula in formulas for node in postorder(formula)]
    entrywise = [node for node in nodes if node.args and not is_array(node.op)]
    if any(len(node.shape) == 2 and any(len(arg.shape) == 1 for arg in node.args) for node in entrywise):
        found.append(text("arrays.rows"))
    if any(map(has_spread_column, shown)):
        found.append(text("arrays.column"))
    for what in ("simplex", "symmetric"):
        names = tuple(name for name in inputs if name.assume == what)
        rows = any(len(name.shape) == 2 for name in names)
        if names:
            found.append(text(f"arrays.{what}{'_rows' if rows and what == 'simplex' else ''}", names=names))
    return found


def has_spread_column(node: Expr) -> bool:
    """Whether a matrix of one column is added to one of several, as in A − v; a factor stands as diag(v)."""
    if node.op not in (ADD, SUB) or len(node.shape) != 2:
        return False
    return any(len(arg.shape) == 2 and arg.shape[1] == 1 != node.shape[1] for arg in node.args)


ACTS = ("sums", "powers", "quotients", "functions")
"""What acts entry by entry on arrays."""
_WRITTEN_OTHERWISE = ("infix", "elided", "prefix", "product", "quotient", "power")


def _acts(kind: str, node: Expr) -> bool:
    """Whether a node is of a kind that acts entry by entry: a sum with a number, a power, …"""
    if not node.shape or not node.args or is_array(node.op):
        return False
    if kind == "sums":
        return node.op in (ADD, SUB) and not all(arg.shape for arg in node.args)
    if kind == "powers":
        return node.op is POW
    if kind == "quotients":
        return node.op is DIV and bool(node.args[1].shape)
    return node.op.name in RULES and node.op.notation.kind not in _WRITTEN_OTHERWISE


def _in_whole_arrays(form: Expr) -> Iterator[Expr]:
    """The nodes of a formula but those under a sum over indices, which is written by entries."""
    yield from (node for node in nodes_of(form, lambda node: node.op in (a.SUM, a.MEAN)))


EQUAL = pattern("equal", "{0} = {1}", "{0} = {1}", Binding.LOOSEST, arity=2)
"""A condition or a convention, u = v: stated, not claimed."""

REALS = pattern("reals", r"\mathbb{{R}}", "ℝ", arity=0)

REAL_SPACE = pattern("real space", r"\mathbb{{R}}^{{{0}}}", "ℝ^{0}", inner=Binding.ATOM)

MATRIX_SPACE = pattern(
    "matrix space",
    r"\mathbb{{R}}^{{{0} \times {1}}}",
    "ℝ^({0}×{1})",
    inner=Binding.PRODUCT,
    arity=2,
)


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


def _stated(name: str, latex: str, words: str, arity: int) -> Op:
    return pattern(name, latex, words, Binding.LOOSEST, arity=arity)


_SIGMA = _stated("sigma stated", "{0} = 1/(1 + {1})", "{0} = 1/(1 + {1})", 2)

_SOFTMAX = _stated(
    "softmax stated",
    r"{0}_{{{1}}} = {2} / \textstyle\sum_{{{3}}} {4}",
    "{0}_{1} = {2}/Σ_{3} {4}",
    5,
)

_LSE = _stated(
    "lse stated",
    r"{0} = \ln \textstyle\sum_{{{1}}} {2}",
    "{0} = ln Σ_{1} {2}",
    3,
)

_INNER = _stated(
    "inner stated",
    r"\left\langle {0},\, {1} \right\rangle = \textstyle\sum_{{{2},{3}}} {4} {5}",
    "⟨{0}, {1}⟩ = Σ_{2}{3} {4}·{5}",
    6,
)

_INVERSE = _stated("inverse stated", r"{0}^{{-\top}} = ({0}^{{-1}})^{{\top}}", "{0}⁻ᵀ = ({0}⁻¹)ᵀ", 1)

_DIRECT = _stated("direct stated", r"\partial^{{+}}", "∂⁺", 0)

_ONES = _stated("ones stated", r"\mathbf{{1}}", "𝟏", 0)


def notations(page: Sequence[Block], letters: Letters, more: Sequence[Text] = ()) -> Iterator[Text]:
    """A sentence for each sign in the formulas of a page that a reader may not know.

    Those that another sentence introduces, on the page or in `more`, are left out.
    """
    signs = signs_in(page, letters)
    said = {block.text.key for block in page if isinstance(block, Paragraph)} | {text.key for text in more}
    for sign, sentence in SENTENCES.items():
        if sign in signs and not said & {*INTRODUCING.get(sign, ())}:
            yield from sentence(page, letters)


INTRODUCING = {"direct": ("bptt.two", "bptt.free", "chain.direct"), "map": ("chain.maps",)}
"""Sentences elsewhere that introduce a sign."""


def _vector(letters: Letters) -> Sym:
    return Sym(letters.free("entry"), shape=(letters.free("size"),))


def _entries(letters: Letters, count: int) -> list[Expr]:
    """Entries u_i, u_j of a vector u."""
    return [Expr(ENTRY, _vector(letters), Sym(i)) for i in letters.several("index", count)]


def _matrices(letters: Letters) -> list[Sym]:
    return [Sym(name, shape=letters.several("size", 2)) for name in letters.several("matrix", 2)]


def _sigma(page: Sequence[Block], letters: Letters) -> Iterator[Text]:
    t = Sym(letters.free("number"))
    yield text("notation.where", formula=Expr(_SIGMA, Expr(SIGMOID, t), Expr(a.EXP, -t)))


def _softmax(page: Sequence[Block], letters: Letters) -> Iterator[Text]:
    i, j = map(Sym, letters.several("index", 2))
    one, other = (Expr(a.EXP, entry) for entry in _entries(letters, 2))
    formula = Expr(_SOFTMAX, Expr(a.SOFTMAX, _vector(letters)), i, one, j, other)
    yield text("notation.where", formula=formula)
    of = (a.SOFTMAX, a.LOG_SOFTMAX)
    nodes = (node for form in formulas_in(page) for node in nodes_of(form))
    if any(node.op in of and len(node.shape) == 2 for node in nodes):
        yield text("notation.rows")


def _lse(page: Sequence[Block], letters: Letters) -> Iterator[Text]:
    (entry,) = _entries(letters, 1)
    formula = Expr(_LSE, Expr(a.LOGSUMEXP, _vector(letters)), Sym(letters.free("index")), Expr(a.EXP, entry))
    yield text("notation.where", formula=formula)


def _inner(page: Sequence[Block], letters: Letters) -> Iterator[Text]:
    one, other = _matrices(letters)
    i, j = map(Sym, letters.several("index", 2))
    entries = (Expr(ENTRY, matrix, i, j) for matrix in (one, other))
    yield text("notation.where", formula=Expr(_INNER, one, other, i, j, *entries))


def _inverse(page: Sequence[Block], letters: Letters) -> Iterator[Text]:
    yield text("notation.where", formula=Expr(_INVERSE, _matrices(letters)[0]))


def _ones(page: Sequence[Block], letters: Letters) -> Iterator[Text]:
    n = letters.free("size")
    if len(sizes_of_ones(page)) > 1:
        yield text("notation.ones_sized", ones=ones((n,)), n=Sym(n))
    else:
        yield text("notation.ones", ones=Expr(_ONES))


def _unit(page: Sequence[Block], letters: Letters) -> Iterator[Text]:
    i = letters.free("index")
    yield text("notation.unit", unit=Sym(f"{letters.free('unit vector')}_{i}"), i=Sym(i))


def _identity(page: Sequence[Block], letters: Letters) -> Iterator[Text]:
    n = letters.free("size")
    yield text("notation.identity", identity=Filled("eye", (n, n)), n=Sym(n))


def _vec(page: Sequence[Block], letters: Letters) -> Iterator[Text]:
    matrix = _matrices(letters)[0]
    yield text("notation.vec", vec=Expr(a.VEC, matrix), matrix=matrix)


def _kron(page: Sequence[Block], letters: Letters) -> Iterator[Text]:
    one, other = _matrices(letters)
    i, j = map(Sym, letters.several("index", 2))
    yield text("notation.kron", product=Expr(a.KRON, one, other), block=Expr(ENTRY, one, i, j) * other)


def _nabla(page: Sequence[Block], letters: Letters) -> Iterator[Text]:
    """Of the first Jacobian on the page with the fewest functions."""
    nodes = (node for form in formulas_in(page) for node in nodes_of(form))
    named = [node for node in nodes if isinstance(node, Nabla) and node.functions]
    found = min(named, key=lambda node: len(node.functions))
    function = Applied(found.over, None, found.functions)
    yield text("notation.nabla", jacobian=found, function=function, point=found.at or found.under)


SENTENCES = {
    "hadamard": lambda page, letters: [text("notation.hadamard")],
    "entrywise power": lambda page, letters: [text("notation.power")],
    "sigma": _sigma,
    "softmax": _softmax,
    "lse": _lse,
    "inner": _inner,
    "inverse": _inverse,
    "ones": _ones,
    "diag": lambda page, letters: [text("notation.diag", diag=Expr(a.DIAG, _vector(letters)))],
    "piece": lambda page, letters: [text("notation.piece")],
    "unit vector": _unit,
    "identity": _identity,
    "vec": _vec,
    "kron": _kron,
    "map": lambda page, letters: [text("notation.map")],
    "direct": lambda page, letters: [text("notation.direct", sign=Expr(_DIRECT))],
    "through": lambda page, letters: [text("notation.cell", cell=Sym(letters.free("cell")))],
    "nabla": _nabla,
}
"""What is said of each sign, in the order in which it is said."""
