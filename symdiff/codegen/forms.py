"""Forms that code has and paper has not: sums in one piece, no needless 𝟏, a list instead of unit vectors.

Every rewriting is an identity of its own. Operations without code in a target are written as the formula that
their row of the table of operations says, if any, so that no target has to know a function that is a formula
of others, as swish is u·σ(u). Knows no derivative and no tape.
"""

from __future__ import annotations

from symdiff.algebra.monomials import Monomial, signed_terms
from symdiff.algebra.tidy import monomial, write, write_sum
from symdiff.codegen.target import Target
from symdiff.errors import InputError
from symdiff.expr import tree as e
from symdiff.expr.leaves import Filled
from symdiff.expr.operations import COLUMN, OUTER, ROW, STACK, SUM_ACROSS, SUM_DOWN
from symdiff.expr.shapes import elementwise, is_number
from symdiff.expr.tree import ALL, INDEX, ONE, TOTAL, Expr, Sym, postorder, substitute, total
from symdiff.rules.table import RULES
from symdiff.rules.written_out import formula_of

Places = tuple[int, ...]


def plain(root: Expr) -> Expr:
    """What changes nothing left out: u·1, 𝟏ᵛ, the sum over an axis of one; u[i][j] as u[i, j]."""
    done: dict[int, Expr] = {}
    for node in postorder(root):
        args = [done[id(arg)] for arg in node.args]
        same = all(a is b for a, b in zip(args, node.args, strict=True))
        done[id(node)] = _plain(node if same else Expr(node.op, *args))
    return done[id(root)]


def _plain(node: Expr) -> Expr:
    if node.op is e.MUL and ONE in node.args:
        return node.args[node.args[0] == ONE]
    if node.op is e.POW and _is(node.args[0], "ones") and not node.args[1].shape:
        return node.args[0]
    inner = node.args[0] if node.args else node
    if (node.op is SUM_DOWN and inner.op is ROW) or (node.op is SUM_ACROSS and inner.op is COLUMN):
        return inner.args[0]
    if node.op is INDEX and inner.op is INDEX and len(inner.args) == 2 and ALL not in inner.args:
        return Expr(INDEX, *inner.args, *node.args[1:])
    return node


def in_one_sum(root: Expr) -> Expr:
    """(a + b) + (c − d) as a + b + c − d, a positive term first where there is one."""
    terms = [_unsigned(sign, term) for sign, term in signed_terms(root)]
    if len(terms) < 2:
        return root
    first = next((i for i, (sign, _) in enumerate(terms) if sign > 0), 0)
    (sign, result), *others = [terms[first], *terms[:first], *terms[first + 1 :]]
    result = result if sign > 0 else -result
    for sign, term in others:
        result = result + term if sign > 0 else result - term
    return result


def _unsigned(sign: int, term: Expr) -> tuple[int, Expr]:
    """A term without its own sign: −(−a) as +a."""
    return (-sign, term.args[0]) if term.op is e.NEG else (sign, term)


def without_spreading(root: Expr) -> Expr:
    """s·𝟏 + x as s + x: in a sum of arrays a number is spread by itself."""
    terms = signed_terms(root)
    if len(terms) < 2 or not root.shape:
        return root
    plain: dict[int, Expr] = {}
    for i, (_, term) in enumerate(terms):
        bare = _without_ones(term)
        others = [plain.get(j, part) for j, (_, part) in enumerate(terms) if j != i]
        if bare is not None and elementwise("+", [bare, *others]) == root.shape:
            plain[i] = bare
    return in_one_sum(_rewritten(terms, plain)) if plain else root


def _without_ones(term: Expr) -> Expr | None:
    """A product without its factors 𝟏; None where it has none."""
    product = monomial(term)
    kept = {base: power for base, power in product.powers.items() if not _is(base, "ones")}
    if len(kept) == len(product.powers):
        return None
    return write(Monomial(product.coefficient, kept, product.decimal))


def _rewritten(terms: list[tuple[int, Expr]], plain: dict[int, Expr]) -> Expr:
    parts = [(sign, plain.get(i, term)) for i, (sign, term) in enumerate(terms)]
    signed = [part if sign > 0 else -part for sign, part in parts]
    return e.total(signed, most=len(signed))


def as_stacked(root: Expr) -> Expr:
    """a·e₁ + b·e₂ as the vector [a, b], likewise for a matrix, where every size is a number."""
    if not root.shape or not all(map(is_number, root.shape)):
        return root
    entries: dict[Places, list[Monomial]] = {}
    for sign, part in signed_terms(root):
        found = _placed(part)
        if found is None:
            return root
        place, term = found
        entries.setdefault(place, []).append(term if sign > 0 else term.negated())
    return _stacked(entries, [int(part) for part in root.shape])


def _stacked(entries: dict[Places, list[Monomial]], shape: list[int], at: Places = ()) -> Expr:
    if len(at) == len(shape):
        return write_sum(entries.get(at, []))
    return Expr(STACK, *(_stacked(entries, shape, (*at, i)) for i in range(shape[len(at)])))


def _placed(part: Expr) -> tuple[Places, Monomial] | None:
    """A term as its place and its factor; None where it is not one entry among zeros."""
    term = monomial(part)
    arrays = [base for base in term.powers if base.shape]
    place = _place(arrays[0]) if len(arrays) == 1 and term.powers[arrays[0]] == 1 else None
    if place is None:
        return None
    rest = {base: power for base, power in term.powers.items() if not base.shape}
    return place, Monomial(term.coefficient, rest, term.decimal)


def _place(base: Expr) -> Places | None:
    if isinstance(base, Filled):
        return (base.index,) if base.what == "unit" and isinstance(base.index, int) else None
    if base.op is OUTER:
        places = [_place(arg) for arg in base.args]
        return tuple(place for found in places if found for place in found) if all(places) else None
    return None


def _is(node: Expr, what: str) -> bool:
    return isinstance(node, Filled) and node.what == what


def in_known_operations(root: Expr, target: Target) -> Expr:
    """`root` with every operation that `target` has no code for written out, and long sums as chains.

    Raises:
        InputError: an operation has neither code nor a formula; the message names the table.
    """
    done: dict[int, Expr] = {}
    for node in postorder(root):
        args = [done[id(arg)] for arg in node.args]
        same = all(a is b for a, b in zip(args, node.args, strict=True))
        done[id(node)] = node if same else Expr(node.op, *args)
        if node.op is TOTAL:
            done[id(node)] = chain(args)
        elif node.op.name in RULES and node.op.name not in target.operations:
            done[id(node)] = _written_out(done[id(node)], target)
    return done[id(root)]


def writes_out(root: Expr, target: Target) -> bool:
    """Whether the code of `root` may use an argument of one of its operations several times."""
    return any(
        (node.op.name in RULES and node.op is not TOTAL and node.op.name not in target.operations)
        or written_again(node, target)
        for node in postorder(root)
    )


def written_again(node: Expr, target: Target) -> list[Expr]:
    """The arguments that the target's code of a node has more than once, as u in u * sigmoid(u)."""
    pattern = target.operations.get(node.op.name)
    if pattern is None:
        return []
    return [arg for i, arg in enumerate(node.args) if pattern.code.count(f"{{{i}}}") > 1]


def chain(terms: list[Expr]) -> Expr:
    """a + b + c, however many there are."""
    return total(terms, most=len(terms))


def _written_out(node: Expr, target: Target) -> Expr:
    rule, name = RULES[node.op.name], node.op.name
    slots = [Sym(f"u_{i}") for i in range(len(node.args))]
    formula = formula_of(rule, slots) if rule.formula else None
    if formula is not None:
        used = {part.op.name for part in postorder(formula) if part.op.name in RULES}
        if used <= set(target.operations):
            return substitute(formula, dict(zip(slots, node.args, strict=True)))
    raise InputError(f"no code for {name!r} in {target.name}", way_out=f"add a line to {target.table}")
