"""Assignments: the author's definitions forward, one for the adjoint of each name backward.

The backward ones are the lines of the reverse derivation on an exercise's own definitions, every one proved:
the paths of a name that several definitions use are put together in one sum, and what no result needs is left
out. What would be computed twice gets a name (`shared`): a statement's own where it has one, a temporary
otherwise; only what costs something is shared. Sums over time of outer products become one product of
matrices, a row for each time (`as_products`): Σ_t a_t·b_tᵀ = Aᵀ·B moves a whole matrix once, not at every
time. Knows no target and no text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from itertools import count

from symdiff.algebra.monomials import signed_terms
from symdiff.codegen.forms import as_stacked, in_one_sum, plain, without_spreading
from symdiff.derivation.derivation import Derivation, Line, bar
from symdiff.expr import tree as e
from symdiff.expr.notation import Binding, Notation, Op
from symdiff.expr.operations import COLUMN, GATHER, OUTER, ROW, SLICE
from symdiff.expr.records import dataclass
from symdiff.expr.shapes import Size
from symdiff.expr.timed import Series, Time, with_times
from symdiff.expr.tree import ALL, INDEX, Expr, Sym, count_operations, postorder, substitute, symbols


@dataclass(frozen=True, slots=True)
class Statement:
    """`name = value`; `because` are names whose entries add up to 1, where that was used."""

    name: Sym
    value: Expr
    because: tuple[Sym, ...] = ()


def forward_statements(derivation: Derivation) -> list[Statement]:
    """The author's definitions, in order."""
    return [Statement(name, formula) for name, formula in derivation.tape.definitions]


def adjoint_statements(derivation: Derivation) -> list[Statement]:
    """The adjoints that the results need, in the order of the sweep, each line for itself."""
    lines = {line.var: line for line in derivation.sweeps[0].lines}
    found: dict[Sym, Statement] = {}
    for line in lines.values():
        if not line.var.label and not is_seed(line, derivation):
            found[line.var] = _statement(line, lines)
    return needed(found, results_of(derivation))


def results_of(derivation: Derivation) -> list[Sym]:
    """The adjoints that are asked for."""
    return [bar(derivation.tape.variables[name.name]) for name in derivation.wrt]


def is_seed(line: Line, derivation: Derivation) -> bool:
    """Whether a line starts the sweep: the adjoint of the result, given or 1."""
    return line.var == bar(derivation.tape.output)


def _statement(line: Line, lines: dict[Sym, Line]) -> Statement:
    """One line in the shorter of its two forms: from the adjoints before it, or in primal names."""
    paths: dict[Expr, Expr] = {s: lines[s].local for s in symbols(line.local) if s.label}
    local = in_one_sum(substitute(line.local, paths))
    shorter = line.primal is not None and count_operations(line.primal) < count_operations(local)
    value = line.primal if shorter and line.primal is not None else local
    return Statement(line.var, plain(as_stacked(without_spreading(value))), line.because if shorter else ())


def needed(found: dict[Sym, Statement], results: Sequence[Sym]) -> list[Statement]:
    """The statements that the results rest on."""
    wanted, stack = set(), list(results)
    while stack:
        name = stack.pop()
        if name in found and name not in wanted:
            wanted.add(name)
            stack += [s for s in symbols(found[name].value) if s.accent]
    return [statement for name, statement in found.items() if name in wanted]


WORTH = 2
"""What a value costs at least that is worth a name; an operation costs 0, 1 (`_CHEAP`) or this much."""
_FREE = {e.NEG, e.TRANSPOSE, COLUMN, ROW, INDEX, SLICE, GATHER}
_CHEAP = {e.ADD, e.SUB, e.MUL, e.DIV}
TEMPORARY = "temporary"
"""The accent of a temporary's name."""


class Temporaries:
    """Names for values that the author has no name for; how they are written is decided later."""

    def __init__(self) -> None:
        self.numbers = count(1)

    def new(self, value: Expr) -> Statement:
        return Statement(Sym("t", TEMPORARY, str(next(self.numbers)), shape=value.shape), value)


def shared(
    statements: Sequence[Statement],
    before: Sequence[Statement],
    temporaries: Temporaries,
    again: Callable[[Expr], Sequence[Expr]] = lambda _: (),
) -> list[Statement]:
    """`statements` with every value that is worth it computed once; those `before` have names already.

    `again` are the arguments of an operation that its code has more than once.
    """
    names: dict[Expr, Sym] = {s.value: s.name for s in reversed(before) if _cost(s.value) >= WORTH}
    often = _often([statement.value for statement in statements], names, again)
    result: list[Statement] = []
    for statement in statements:
        value = _named(statement.value, names, often, temporaries, result)
        result.append(Statement(statement.name, value, statement.because))
        if _cost(statement.value) >= WORTH:
            names.setdefault(statement.value, statement.name)
    return result


def _named(
    root: Expr, names: dict[Expr, Sym], often: set[Expr], temporaries: Temporaries, result: list[Statement]
) -> Expr:
    """`root` with named values put in; a value met for the first time is named before it is used."""
    done: dict[int, Expr] = {}
    for node in postorder(root, stop=names.__contains__):
        if node in names:
            done[id(node)] = names[node]
            continue
        args = [done[id(arg)] for arg in node.args]
        same = all(a is b for a, b in zip(args, node.args, strict=True))
        done[id(node)] = node if same else Expr(node.op, *args)
        if done[id(node)] in names:  # the value of a name that is written with other names
            done[id(node)] = names[done[id(node)]]
            continue
        if node in often and node is not root:
            temporary = temporaries.new(done[id(node)])
            result.append(temporary)
            done[id(node)] = names[node] = temporary.name
    return done[id(root)]


def _often(
    roots: Sequence[Expr], names: dict[Expr, Sym], again: Callable[[Expr], Sequence[Expr]]
) -> set[Expr]:
    """The values that occur at several places and are worth a name."""
    uses: Counter[Expr] = Counter()
    costs: dict[Expr, int] = {}
    for root in roots:
        for node in postorder(root, stop=names.__contains__):
            if node not in costs:
                inside = 0 if node in names else sum(costs[arg] for arg in node.args)
                costs[node] = min(inside + _cost_alone(node), WORTH)
                uses.update((*node.args, *again(node)) if node not in names else ())
        uses[root] += 1
    worth = (node for node, times in uses.items() if times > 1 and costs[node] >= WORTH)
    return {node for node in worth if node not in names and not e.is_constant(node)}


def _cost(root: Expr) -> int:
    return sum(map(_cost_alone, postorder(root)))


def _cost_alone(node: Expr) -> int:
    if not node.args or node is ALL or node.op in _FREE:
        return 0
    return 1 if node.op in _CHEAP or (node.op is e.POW and not node.args[1].args) else WORTH


STACKED = Op("stacked over time", 0, Notation("leaf", "", "", Binding.ATOM))


class Stacked(Expr):
    """`body` at every time of a sum as the rows of one array, `length` of them; the sum says which times."""

    __slots__ = ("body", "times")

    def __init__(self, body: Expr, times: Series, length: Size) -> None:
        self.op, self.args, self.shape = STACKED, (), (length, *body.shape)
        self.body, self.times = body, times
        self._hash = hash((self.body, times.index, "stacked"))

    __hash__ = Expr.__hash__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Stacked) and (self.body, self._range) == (other.body, other._range)

    @property
    def _range(self) -> tuple[str, Time, Time]:
        return self.times.index, self.times.low, self.times.high


def as_products(root: Expr, first: Time, last: Time, length: Size, stems: Collection[str]) -> Expr:
    """`root` with Aᵀ·B for Σ_t a_t·b_tᵀ from the `first` to the `last` time, of which there are `length`."""
    found: dict[Expr, Expr] = {}
    for node in postorder(root):
        if isinstance(node, Series) and (node.low, node.high) == (first, last):
            product = _product(node, length, stems)
            if product is not None:
                found[node] = product
    return substitute(root, found)


def _product(series: Series, length: Size, stems: Collection[str]) -> Expr | None:
    """Aᵀ·B, or a sum of such products; None where a term is no outer product of two that change with time."""
    result: Expr | None = None
    for sign, term in signed_terms(series.body):
        pair = _pair(term)
        if pair is None or not all(_moves(part, series.index, stems) for part in pair):
            return None
        left, right = (Stacked(part, series, length) for part in pair)
        product = left.transposed @ right
        if result is None:
            result = product if sign > 0 else -product
        else:
            result = result + product if sign > 0 else result - product
    return result


def _pair(term: Expr) -> tuple[Expr, Expr] | None:
    """a, b of c·a·bᵀ, numbers like c as factors of a."""
    if term.op is OUTER:
        return term.args[0], term.args[1]
    if term.op not in (e.NEG, e.MUL, e.DIV):
        return None
    arrays = [i for i, arg in enumerate(term.args) if arg.shape]
    inner = _pair(term.args[arrays[0]]) if len(arrays) == 1 else None
    if inner is None:
        return None
    args = [inner[0] if i in arrays else arg for i, arg in enumerate(term.args)]
    return Expr(term.op, *args), inner[1]


def _moves(part: Expr, index: str, stems: Collection[str]) -> bool:
    return with_times(part, {index: Time("", 0)}, stems) != part


def with_names(statements: Sequence[Statement], temporaries: Temporaries) -> list[Statement]:
    """`statements` with what several of them stack computed once."""
    uses = Counter(
        n for s in statements for n in postorder(s.value) if isinstance(n, Stacked) and n.body.args
    )
    names: dict[Expr, Expr] = {}
    found: list[Statement] = []
    for statement in statements:
        for node in postorder(statement.value):
            if isinstance(node, Stacked) and uses[node] > 1 and node not in names:
                temporary = temporaries.new(node)
                found.append(temporary)
                names[node] = temporary.name
        value = substitute(statement.value, names)
        found.append(Statement(statement.name, value, statement.because))
    return found
