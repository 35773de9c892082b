"""Signs are introduced where they are used: none is used that is not, and none is introduced in vain.

Each sentence about a sign is checked as well: it says what the sign is, in letters that are free.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, product
from typing import Any

from symdiff.document.blocks import Heading, Paragraph, Text
from symdiff.expr import operations as a
from symdiff.expr.conditions import INFINITY, MASKED_SOFTMAX
from symdiff.expr.leaves import TRIANGLES, Applied, Filled, Nabla, OneHot
from symdiff.expr.shapes import Size
from symdiff.expr.tree import MUL, NEG, ONE, Dim, Expr, Num, Sym, postorder
from symdiff.expr.unspecified import Unspecified, function_sign, functions_in
from symdiff.proof.balls import Balls
from symdiff.proof.statements.places import Part, Place, Sentences, refuse
from symdiff.proof.values import evaluate
from symdiff.rendering.formulas.latex import LatexPrinter
from symdiff.rendering.formulas.signs import FUNCTIONS, formulas_in, nodes_of, signs_in, sizes_of_ones
from symdiff.rules.array_values import filled

INTRODUCED = Sentences()
says = INTRODUCED.says

STATED = {
    "sigma stated": "sigma",
    "softmax stated": "softmax",
    "lse stated": "lse",
    "inner stated": "inner",
    "inverse stated": "inverse",
}
"""The sign that a formula in a sentence explains."""
SIGN_OF = {
    "notation.functions": "functions",
    "notation.by_argument": "by argument",
    "notation.hadamard": "hadamard",
    "notation.power": "entrywise power",
    "notation.ones": "ones",
    "notation.ones_sized": "ones",
    "notation.masked": "masked",
    "notation.gamma": "gamma",
    "notation.digamma": "digamma",
    "notation.polygamma": "polygamma",
    "notation.atan2": "atan2",
    "notation.diag": "diag",
    "notation.piece": "piece",
    "notation.unit": "unit vector",
    **{f"notation.function.{name}": name for name in FUNCTIONS},
    "notation.one_hot": "one-hot",
    "notation.one_hot_rows": "one-hot rows",
    "notation.triangle": "triangle",
    "notation.identity": "identity",
    "notation.vec": "vec",
    "notation.kron": "kron",
    "notation.map": "map",
    "notation.direct": "direct",
    "notation.cell": "through",
    "notation.nabla": "nabla",
    "chain.maps": "map",
    "chain.direct": "direct",
    "bptt.two": "direct",
    "bptt.free": "direct",
}
"""The sign that a sentence explains."""
NEEDED_ELSEWHERE = ("bptt.two", "bptt.free")
"""Sentences that say more than what a sign is: they may stand where the sign does not."""


def check_signs(page: Sequence[Part]) -> None:
    """Compare the signs in the formulas of a page with those that its sentences introduce.

    Raises:
        ProofError: a sign is used and not introduced, or introduced and not used.
    """
    blocks = [block for part in page for block in part.blocks]
    if not any(isinstance(block, Heading) and block.text.key == "statement.heading" for block in blocks):
        return
    used = signs_in(blocks, page[0].letters)
    texts = [text for block in blocks if isinstance(block, Paragraph) for text in _texts(block.text)]
    explained: set[str] = set()
    for text in texts:
        sign = _sign_of(text)
        if not sign or text.key in NEEDED_ELSEWHERE:
            continue
        if sign not in used or sign in explained:
            refuse(f"the sentence {text.key}", "explains a sign that is not there, or explained already")
        explained.add(sign)
    missing = used - {_sign_of(text) for text in texts}
    if missing:
        refuse("the page", f"does not explain a sign: {', '.join(sorted(missing))}")
    typed = [
        name.name for text in texts if text.key.startswith("notation.typed_") for name in text.params["names"]
    ]
    if sorted(typed) != sorted(page[0].letters.as_typed):
        refuse("the page", "does not say of each name that is written as it is typed that it is")
    of_rows = any(node.op in SOFTMAXES and len(node.shape) == 2 for node in _nodes_of(page))
    if of_rows and not any(text.key == "notation.rows" for text in texts):
        refuse("the page", "does not say that softmax acts on rows")


def _texts(value: Any) -> Iterator[Text]:
    """A sentence and those that it is made of."""
    if isinstance(value, Text):
        yield value
        yield from chain.from_iterable(map(_texts, value.params.values()))
    elif isinstance(value, tuple | list):
        yield from chain.from_iterable(map(_texts, value))


def _sign_of(text: Text) -> str:
    if text.key == "notation.of_diagonal":
        return f"{text.params['entry'].args[0].what} of a diagonal"
    if text.key == "notation.where":
        return STATED.get(text.params["formula"].op.name, "")
    return SIGN_OF.get(text.key, "")


def _expect_free(place: Place, *forms: Expr) -> None:
    """Refuse letters that are names of the author's."""
    for form in forms:
        for node in postorder(form):
            if isinstance(node, Sym):
                place.require(not place.part.letters.covers([node.name]), f"takes the name {node}")


@says("notation.hadamard", "notation.power", "notation.map", "notation.piece", role="part")
def _said_in_words(place: Place) -> None:
    """What these signs are stands in the sentence itself."""


@says("notation.where", role="part")
def _where(place: Place) -> None:
    """σ(t) = 1/(1 + e⁻ᵗ), and so on: each with the same letters on both sides, which are free."""
    formula = place["formula"]
    place.require(formula.op.name in STATED, f"explains {formula}")
    _expect_free(place, formula)
    place.require(_is_stated(formula.op.name, formula.args), f"explains {formula}")


def _is_stated(name: str, args: tuple[Expr, ...]) -> bool:
    if name == "sigma stated":
        function, power = args
        return function.op is a.SIGMOID and power.op is a.EXP and power.args == (Expr(NEG, *function.args),)
    if name == "softmax stated":
        function, i, one, j, other = args
        entries = [_entry_in(power, function.args) for power in (one, other)]
        return function.op is a.SOFTMAX and i != j and entries == [i, j]
    if name == "lse stated":
        function, i, power = args
        return function.op is a.LOGSUMEXP and _entry_in(power, function.args) == i
    if name == "inner stated":
        one, other, i, j, first, second = args
        same = (first.args, second.args) == ((one, i, j), (other, i, j))
        return same and first.op.name == second.op.name == "entry" and one != other and i != j
    return len(args) == 1 and len(args[0].shape) == 2


def _entry_in(power: Expr, of: tuple[Expr, ...]) -> Expr | None:
    """The index i of e^(u_i), u being what the function is of."""
    entry = power.args[0] if power.op is a.EXP else power
    return entry.args[1] if entry.op.name == "entry" and entry.args[:1] == of else None


@says("notation.masked", role="part")
def _masked(place: Place) -> None:
    """An entry −∞ in a softmax or a logsumexp: e^(−∞) = 0."""
    place.expect(infinity=Expr(NEG, Expr(INFINITY)))


@says(*(f"notation.{sign}" for sign in ("gamma", "digamma", "polygamma", "atan2")), role="part")
def _function_of_numbers(place: Place) -> None:
    """Γ(t); ψ(t), the derivative of ln Γ(t); the angle of the point with abscissa x and ordinate t."""
    one, other = map(Sym, place.part.letters.several("number", 2))
    if place.key == "notation.gamma":
        place.expect(gamma=Expr(a.GAMMA, one))
    elif place.key == "notation.digamma":
        place.expect(digamma=Expr(a.DIGAMMA, one), lgamma=Expr(a.LGAMMA, one))
    elif place.key == "notation.polygamma":
        place.expect(polygamma=Expr(a.POLYGAMMA, ONE, one), digamma=Expr(a.DIGAMMA, one))
    else:
        angle = Expr(a.ATAN2, one, other)
        place.expect(angle=angle, up=one, across=other, least=Expr(NEG, Expr(a.PI)), most=Expr(a.PI))


@says("notation.rows", role="part")
def _softmax_of_rows(place: Place) -> None:
    nodes = _nodes_on_page(place)
    place.require(any(n.op in SOFTMAXES and len(n.shape) == 2 for n in nodes), "is said of no softmax")


SOFTMAXES = (a.SOFTMAX, a.LOG_SOFTMAX, MASKED_SOFTMAX)


def _nodes_on_page(place: Place) -> Iterator[Expr]:
    return _nodes_of(place.part.page)


def _nodes_of(page: Sequence[Part]) -> Iterator[Expr]:
    for form in formulas_in(block for part in page for block in part.blocks):
        yield from nodes_of(form)


@says("notation.ones", "notation.direct", role="part")
def _sign_alone(place: Place) -> None:
    name, stated = ("ones", "ones stated") if place.key == "notation.ones" else ("sign", "direct stated")
    place.require(place[name].op.name == stated, f"explains {place[name]}")
    place.require(name == "sign" or len(_sizes_of_ones(place)) < 2, "is said of several sizes")


def _sizes_of_ones(place: Place) -> frozenset[Size]:
    return sizes_of_ones(block for part in place.part.page for block in part.blocks)


@says("notation.ones_sized", role="part")
def _ones_sized(place: Place) -> None:
    n = place["n"]
    place.expect(ones=Filled("ones", (n.name,)))
    _expect_free(place, n)
    place.require(len(_sizes_of_ones(place)) > 1, "is said of one size")


@says("notation.functions", role="part")
def _functions(place: Place) -> None:
    """All functions of the page that have no formula, and no other."""
    names = dict.fromkeys(op.function for op in _functions_on_page(place))
    place.require(bool(names), "is said of no function")
    place.expect(functions=tuple(map(function_sign, names)))


def _functions_on_page(place: Place) -> Iterator[Unspecified]:
    return functions_in(formulas_in(block for part in place.part.page for block in part.blocks))


@says("notation.by_argument", role="part")
def _by_argument(place: Place) -> None:
    """∂₂f is the derivative of f, a function of several arguments, by the second of them."""
    function, number = place["function"].op.function, place["place"]
    place.expect(function=function_sign(function), sign=function_sign(function, (number - 1,)))
    arities = [op.arity for op in _functions_on_page(place) if op.function == function]
    place.require(any(arity and 1 < arity >= number > 0 for arity in arities), f"speaks of {function}")


@says("notation.diag", "notation.vec", role="part")
def _function(place: Place) -> None:
    name = place.key.removeprefix("notation.")
    rank = 1 if name == "diag" else 2
    form = place[name]
    place.require(form.op.name == name and len(form.args[0].shape) == rank, f"explains {form}")
    _expect_letters(place, form.args, "entry" if name == "diag" else "matrix")
    _expect_free(place, form)
    if name == "vec":
        place.expect(matrix=form.args[0])


@says("notation.unit", role="part")
def _unit(place: Place) -> None:
    letters = place.part.letters
    place.expect(unit=Sym(f"{letters.free('unit vector')}_{place['i']}"))
    _expect_free(place, place["i"])


@says(*(f"notation.function.{name}" for name in FUNCTIONS), role="part")
def _function_of_arrays(place: Place) -> None:
    """The function that the sentence is about, of free letters, a matrix where it has rows and columns."""
    function = place["function"]
    name = place.key.removeprefix("notation.function.")
    place.require(function.op is FUNCTIONS[name], f"explains {function}")
    names = [arg for arg in function.args if isinstance(arg, Sym)]
    places = 2 if name == "unvec" else 0
    place.require(len(names) == len(function.args) - places > 0, f"explains {function}")
    of_matrix = name.endswith(("_across", "_down")) or name in ("tril", "triu")
    place.require(all((len(arg.shape) == 2) == of_matrix for arg in names), f"explains {function}")
    _expect_letters(place, names, "matrix" if of_matrix else "entry")
    _expect_free(place, function)


def _expect_letters(place: Place, names: Sequence[Sym], purpose: str) -> None:
    """Refuse letters that are not those of a purpose: one of the tape would speak of one value."""
    wanted = place.part.letters.several(purpose, len(names))
    place.require(tuple(name.name for name in names) == wanted, f"speaks of {', '.join(map(str, names))}")


@says("notation.one_hot", role="part")
def _one_hot(place: Place) -> None:
    """The unit vector of an index of the author's."""
    index = place["index"]
    place.require(index in place.part.indices and not index.shape, f"speaks of {index}")
    place.expect(unit=OneHot(index))


@says("notation.one_hot_rows", role="part")
def _one_hot_rows(place: Place) -> None:
    """The rows of the matrix are the unit vectors of the indices of a vector of the author's."""
    matrix, entry, i = place["matrix"], place["entry"], place["i"]
    place.require(isinstance(matrix, OneHot) and matrix.index in place.part.indices, f"explains {matrix}")
    place.require(entry.op.name == "entry" and entry.args == (matrix.index, i), f"speaks of {entry}")
    place.require(len(matrix.index.shape) == 1, f"speaks of the rows of {matrix}")
    _expect_free(place, i)


@says("notation.triangle", role="part")
def _triangle(place: Place) -> None:
    n = place["n"]
    place.expect(triangle=Filled("tri", (n.name, n.name)))
    _expect_free(place, n)


@says("notation.of_diagonal", role="part")
def _of_diagonal(place: Place) -> None:
    """The condition holds where the entry, by its value, is 1, and nowhere else."""
    entry, holds = place["entry"], place["holds"]
    triangle, *places = entry.args
    place.require(entry.op.name == "entry" and isinstance(triangle, Filled), f"speaks of {entry}")
    wanted = tuple(map(Sym, place.part.letters.several("index", 2)))
    place.require(triangle.what in TRIANGLES and tuple(places) == wanted, f"speaks of {entry}")
    _expect_free(place, *places)
    m, size = Balls(), abs(triangle.index) + 3
    values = filled(m, triangle.what, (size, size), triangle.index).rows
    for i, j in product(range(size), repeat=2):
        found = evaluate(m, holds, {}, dict(zip(places, map(m.number, (i, j)), strict=True)).get)
        place.require(found == values[i][j], f"says that {entry} is 1 where {holds}")


@says("notation.identity", role="part")
def _identity(place: Place) -> None:
    n = place["n"]
    place.expect(identity=Filled("eye", (n.name, n.name)))
    _expect_free(place, n)


@says("notation.kron", role="part")
def _kron(place: Place) -> None:
    product, block = place["product"], place["block"]
    place.require(product.op is a.KRON and block.op is MUL, f"explains {product}")
    first, second = product.args
    entry, other = block.args
    place.require(other == second and entry.args[:1] == (first,) and first != second, f"gives {block}")
    _expect_free(place, product, block)


@says("notation.cell", role="part")
def _cell(place: Place) -> None:
    place.expect(cell=Sym(place.part.letters.free("cell")))


@says("notation.typed_time", "notation.typed_entry", "notation.typed_name", role="part")
def _as_typed(place: Place) -> None:
    """Names that would be printed like the value that is given; it has a time, is an entry, or a name."""
    letters, value = place.part.letters, place["value"]
    usual, own = LatexPrinter(), LatexPrinter(letters=letters)
    for name in place["names"]:
        place.require(name.name in letters.names and own(name) != usual(name), f"names {name}")
    place.require(usual(place["names"][0]) == usual(value), f"gives {value}")
    if place.key == "notation.typed_name":
        place.require(value.name in letters.names and own(value) == usual(value), f"gives {value}")
        return
    stem, _, index = value.name.partition("@")
    place.expect(stem=Sym(stem))
    kind = "times" if place.key == "notation.typed_time" else "sizes"
    place.require(any(one.name == stem and getattr(one, kind) for one in letters.indexed), f"gives {value}")
    if kind == "times":
        place.expect(time=Num(int(index)) if index.isdigit() else Dim(index))


@says("notation.nabla", role="part")
def _nabla(place: Place) -> None:
    jacobian = place["jacobian"]
    place.require(jacobian in {*_nodes_on_page(place)}, f"explains {jacobian}")
    assert isinstance(jacobian, Nabla)
    function = Applied(jacobian.over, None, jacobian.functions)
    place.expect(function=function, point=jacobian.at or jacobian.under)
