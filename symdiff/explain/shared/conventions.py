"""How formulas are to be read: spaces, columns, entries, rows, assumptions, signs that may not be known.

All of it is stated, nothing is claimed; and it is stated where formulas of the page have it, nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from symdiff.document.blocks import Block, Paragraph, Text, text
from symdiff.explain.shared.work import TapeWork
from symdiff.expr import operations as a
from symdiff.expr.conditions import (
    AT_LEAST,
    AT_MOST,
    CONDITIONS,
    INDICATOR,
    INFINITY,
    MASKED_SOFTMAX,
    WHERE,
)
from symdiff.expr.leaves import Applied, Filled, HeldIndex, Nabla, OneHot, held_indices, ones, size_expr
from symdiff.expr.letters import Letters
from symdiff.expr.notation import Binding, Op, pattern
from symdiff.expr.operations import SIGMOID, is_array
from symdiff.expr.shapes import Shape, is_number, minus
from symdiff.expr.tree import ADD, DIV, ONE, POW, SUB, Dim, Expr, Num, Sym, postorder
from symdiff.expr.unspecified import Unspecified, function_sign, functions_in
from symdiff.rendering.formulas.array_printing import ENTRY
from symdiff.rendering.formulas.signs import FUNCTIONS, formulas_in, nodes_of, signs_in, sizes_of_ones
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
    indices = {index.name: index for formula in formulas for index in held_indices(formula)}
    return found + [said_of_index(index) for index in indices.values()]


def said_of_index(index: HeldIndex) -> Text:
    """The index y is a whole number from 0 to n − 1, counted as in programs, and held."""
    last = size_expr(minus(index.limit, 1)) if is_number(index.limit) else size_expr(index.limit) - 1
    return text("arrays.indices" if index.shape else "arrays.index", index=index, last=last)


def has_spread_column(node: Expr) -> bool:
    """Whether a matrix of one column is added to one of several, as in A − v; a factor stands as diag(v)."""
    if node.op not in (ADD, SUB) or len(node.shape) != 2:
        return False
    return any(len(arg.shape) == 2 and arg.shape[1] == 1 != node.shape[1] for arg in node.args)


ACTS = ("sums", "powers", "quotients", "conditions", "functions")
"""What acts entry by entry on arrays."""
_ON_CONDITIONS = (*CONDITIONS, WHERE, INDICATOR)
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
    if kind == "conditions" or node.op in _ON_CONDITIONS:
        return kind == "conditions" and node.op in _ON_CONDITIONS
    known = node.op.name in RULES or isinstance(node.op, Unspecified)
    return known and node.op.notation.kind not in _WRITTEN_OTHERWISE


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
    yield from _as_typed(letters)


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


def _gamma(page: Sequence[Block], letters: Letters) -> Iterator[Text]:
    yield text("notation.gamma", gamma=Expr(a.GAMMA, Sym(letters.free("number"))))


def _digamma(page: Sequence[Block], letters: Letters) -> Iterator[Text]:
    t = Sym(letters.free("number"))
    yield text("notation.digamma", digamma=Expr(a.DIGAMMA, t), lgamma=Expr(a.LGAMMA, t))


def _polygamma(page: Sequence[Block], letters: Letters) -> Iterator[Text]:
    t = Sym(letters.free("number"))
    yield text("notation.polygamma", polygamma=Expr(a.POLYGAMMA, ONE, t), digamma=Expr(a.DIGAMMA, t))


def _atan2(page: Sequence[Block], letters: Letters) -> Iterator[Text]:
    up, across = map(Sym, letters.several("number", 2))
    yield text(
        "notation.atan2",
        angle=Expr(a.ATAN2, up, across),
        up=up,
        across=across,
        least=-Expr(a.PI),
        most=Expr(a.PI),
    )


def _softmax(page: Sequence[Block], letters: Letters) -> Iterator[Text]:
    i, j = map(Sym, letters.several("index", 2))
    one, other = (Expr(a.EXP, entry) for entry in _entries(letters, 2))
    formula = Expr(_SOFTMAX, Expr(a.SOFTMAX, _vector(letters)), i, one, j, other)
    yield text("notation.where", formula=formula)
    of = (a.SOFTMAX, a.LOG_SOFTMAX, MASKED_SOFTMAX)
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


def _one_hot(page: Sequence[Block], letters: Letters) -> Iterator[Text]:
    """Of the first index on the page: e_y, or the matrix of the unit vectors of several indices."""
    yield text("notation.one_hot", unit=_first_one_hot(page, 0), index=_first_one_hot(page, 0).index)


def _one_hot_rows(page: Sequence[Block], letters: Letters) -> Iterator[Text]:
    found = _first_one_hot(page, 1)
    i = Sym(letters.free("index"))
    yield text("notation.one_hot_rows", matrix=found, i=i, entry=Expr(ENTRY, found.index, i))


def _first_one_hot(page: Sequence[Block], rank: int) -> OneHot:
    nodes = (node for form in formulas_in(page) for node in nodes_of(form))
    return next(n for n in nodes if isinstance(n, OneHot) and len(n.index.shape) == rank)


def _triangle(page: Sequence[Block], letters: Letters) -> Iterator[Text]:
    n = letters.free("size")
    yield text("notation.triangle", triangle=Filled("tri", (n, n)), n=Sym(n))


def _of_diagonal(name: str) -> Callable[[Sequence[Block], Letters], Iterator[Text]]:
    """Where the first such triangle on the page, up to a diagonal or from it on, has its ones."""

    def sentence(page: Sequence[Block], letters: Letters) -> Iterator[Text]:
        nodes = (node for form in formulas_in(page) for node in nodes_of(form))
        found = next(n for n in nodes if isinstance(n, Filled) and n.what == name and n.index)
        i, j = map(Sym, letters.several("index", 2))
        compared = AT_MOST if name == "tril" else AT_LEAST
        holds = Expr(compared, j - i, Num(int(found.index)))
        yield text("notation.of_diagonal", entry=Expr(ENTRY, found, i, j), holds=holds)

    return sentence


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


def _as_typed(letters: Letters) -> Iterator[Text]:
    """Why names are written as they are typed, each reason once."""
    for (kind, stem), names in letters.typed_by_reason.items():
        twin = letters.as_typed[names[0]]
        said: dict[str, Any] = {"names": tuple(map(Sym, names)), "value": twin.value}
        if kind != "name":
            said["stem"] = Sym(stem)
        if kind == "time":
            said["time"] = Num(int(twin.index)) if twin.index.isdigit() else Dim(twin.index)
        yield text(f"notation.typed_{kind}", **said)


def _function(op: Op) -> Callable[[Sequence[Block], Letters], Iterator[Text]]:
    """What a function of arrays is, on a letter for each argument."""

    def sentence(page: Sequence[Block], letters: Letters) -> Iterator[Text]:
        yield text(f"notation.function.{op.name}", function=on_free_letters(op, letters))

    return sentence


def on_free_letters(op: Op, letters: Letters) -> Expr:
    """The function of free letters: of two vectors of 3, of a square matrix, of a matrix or of a vector."""
    sizes = letters.several("size", 2)
    if op is a.CROSS:
        return Expr(op, *(Sym(name, shape=(3,)) for name in letters.several("entry", 2)))
    if op is a.UNVEC:
        return a.unvec(_vector(letters), sizes)
    matrix = letters.free("matrix")
    if op in (a.TRIL, a.TRIU):
        return Expr(op, Sym(matrix, shape=(sizes[0], sizes[0])))
    of_matrix = op.name.endswith(("_across", "_down"))
    return Expr(op, Sym(matrix, shape=sizes) if of_matrix else _vector(letters))


def _functions(page: Sequence[Block], letters: Letters) -> Iterator[Text]:
    """Of every function without a formula."""
    names = dict.fromkeys(op.function for op in functions_in(formulas_in(page)))
    yield text("notation.functions", functions=tuple(map(function_sign, names)))


def _by_argument(page: Sequence[Block], letters: Letters) -> Iterator[Text]:
    """Of the first derivative by one of several arguments on the page."""
    ops = functions_in(formulas_in(page))
    function, place = next((op.function, op.by[0]) for op in ops if op.by and op.arity != 1)
    sign = function_sign(function, (place,))
    yield text("notation.by_argument", sign=sign, function=function_sign(function), place=place + 1)


SENTENCES = {
    "functions": _functions,
    "by argument": _by_argument,
    "hadamard": lambda page, letters: [text("notation.hadamard")],
    "entrywise power": lambda page, letters: [text("notation.power")],
    "sigma": _sigma,
    "gamma": _gamma,
    "digamma": _digamma,
    "polygamma": _polygamma,
    "atan2": _atan2,
    "softmax": _softmax,
    "lse": _lse,
    "masked": lambda page, letters: [text("notation.masked", infinity=-Expr(INFINITY))],
    "inner": _inner,
    "inverse": _inverse,
    "ones": _ones,
    "diag": lambda page, letters: [text("notation.diag", diag=Expr(a.DIAG, _vector(letters)))],
    "piece": lambda page, letters: [text("notation.piece")],
    "unit vector": _unit,
    **{name: _function(op) for name, op in FUNCTIONS.items()},
    "one-hot": _one_hot,
    "one-hot rows": _one_hot_rows,
    "triangle": _triangle,
    "tril of a diagonal": _of_diagonal("tril"),
    "triu of a diagonal": _of_diagonal("triu"),
    "identity": _identity,
    "vec": _vec,
    "kron": _kron,
    "map": lambda page, letters: [text("notation.map")],
    "direct": lambda page, letters: [text("notation.direct", sign=Expr(_DIRECT))],
    "through": lambda page, letters: [text("notation.cell", cell=Sym(letters.free("cell")))],
    "nabla": _nabla,
}
"""What is said of each sign, in the order in which it is said."""
