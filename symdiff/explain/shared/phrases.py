"""Long lists of names inside sentences, x_0, …, x_99, and sums of very many terms.

What symbols of arrays mean, said on a page that uses them: definitions, no claims.

The weights through which a name acts in a formula: W for h in tanh(U·x + W·h).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from symdiff.document.blocks import Text, text
from symdiff.explain.shared.folding import split
from symdiff.explain.shared.work import TapeWork
from symdiff.expr import operations as a
from symdiff.expr.leaves import Filled
from symdiff.expr.notation import Binding, Op, pattern
from symdiff.expr.operations import DOT, SIGMOID
from symdiff.expr.tree import ADD, MATMUL, MUL, TOTAL, TRANSPOSE, Expr, Sym, postorder

RANGE = pattern("range of names", r"{0}, \dots, {1}", "{0}, …, {1}", Binding.LOOSEST, arity=2)
MOST = 12
"""Names that are listed one by one."""
LEAST = 4
"""Neighbours that make a range."""


def listed(names: Sequence[Sym]) -> tuple[Expr, ...]:
    """The names, neighbours of a long list as ranges."""
    return tuple(names) if len(names) <= MOST else tuple(_ranges(names))


def _ranges(names: Sequence[Sym]) -> Iterator[Expr]:
    at = 0
    while at < len(names):
        stop = at + 1
        while stop < len(names) and _follows(names[stop - 1], names[stop]):
            stop += 1
        if stop - at >= LEAST:
            yield Expr(RANGE, names[at], names[stop - 1])
        else:
            yield from names[at:stop]
        at = stop


def _follows(one: Sym, other: Sym) -> bool:
    (stem, index), (other_stem, next_index) = split(one.name), split(other.name)
    return stem == other_stem and index is not None and next_index == index + 1


def as_total(formula: Expr) -> Expr:
    """A sum a + b + … of very many terms as one that is printed with dots in the middle."""
    terms = []
    node = formula
    while node.op is ADD:
        terms.append(node.args[1])
        node = node.args[0]
    terms.append(node)
    return Expr(TOTAL, *reversed(terms)) if len(terms) > MOST else formula


def _stated(name: str, latex: str, words: str) -> Op:
    return pattern(name, latex, words, Binding.LOOSEST, arity=0)


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


def notations(work: TapeWork) -> Iterator[Text]:
    """A sentence for each symbol on the page that a reader may not know."""
    yield from notations_of(list(_nodes(work)))


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


_WITH_ONES = {a.SUM_DOWN, a.SUM_ACROSS, a.MEAN_DOWN, a.MEAN_ACROSS}


def _nodes(work: TapeWork) -> Iterator[Expr]:
    for _, formula in work.tape.definitions:
        yield from postorder(formula)
    for derivation in work.derivations:
        for sweep in derivation.sweeps:
            for line in sweep.lines:
                for member in line.members:
                    yield from postorder(member)


PRODUCTS = (MUL, MATMUL, DOT)


def acting(formula: Expr, name: Sym, weights: Sequence[Sym]) -> tuple[Expr, ...]:
    """The weights that multiply `name` somewhere on its way to the root of `formula`."""
    found: dict[int, tuple[Expr, ...]] = {}
    for node in postorder(formula):
        if node == name:
            found[id(node)] = ()
            continue
        ways = [found[id(arg)] for arg in node.args if id(arg) in found]
        if not ways:
            continue
        beside = [arg for arg in node.args if id(arg) not in found] if node.op in PRODUCTS else []
        own = [arg for arg in beside if _bare(arg) in weights]
        found[id(node)] = tuple(dict.fromkeys([*own, *(w for way in ways for w in way)]))
    return found.get(id(formula), ())


def _bare(node: Expr) -> Expr:
    """A weight under its transpose sign."""
    return node.args[0] if node.op is TRANSPOSE else node
