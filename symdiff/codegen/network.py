"""A recurrence as a PyTorch module, batch first: weights as layers, a loop over time, the last output.

Written where the cell is made of weights times vectors and of functions entry by entry; the definitions that
only lead to a loss stay outside.
"""

from __future__ import annotations

from functools import cached_property

from symdiff.codegen.code_printer import Code, CodePrinter
from symdiff.codegen.target import Precedence, Target
from symdiff.expr.leaves import Filled
from symdiff.expr.operations import SOFTMAX, is_array
from symdiff.expr.records import dataclass
from symdiff.expr.shapes import Size, is_number, names_in
from symdiff.expr.timed import Time
from symdiff.expr.tree import MATMUL, Dim, Expr, Sym, postorder, symbols
from symdiff.language.recurrence import Recurrence

WHOLE = (MATMUL, SOFTMAX)
"""Operations on arrays that act on each row of a batch as on one vector."""


@dataclass(frozen=True)
class Network:
    """The cell and its output as a class; `of` is the recurrence, `target` the table of code."""

    recurrence: Recurrence
    target: Target

    @cached_property
    def outputs(self) -> list[tuple[Sym, Expr]]:
        """The definitions up to the output: those that need no sequence which only a loss needs."""
        kept: list[tuple[Sym, Expr]] = []
        missing = {stem.name for stem in self.recurrence.sequences} - {stem.name for stem in self.inputs}
        for name, formula in self.recurrence.cell:
            if {stem for stem, _ in self.recurrence.times_in(formula)} & missing or not name.shape:
                missing.add(self.recurrence.stem(name))
            else:
                kept.append((name, formula))
        return kept

    @cached_property
    def inputs(self) -> list[Sym]:
        """The sequences that the states are made from."""
        wanted = {self.recurrence.stem(state) for state in self.recurrence.states}
        for name, formula in reversed(self.recurrence.cell):
            if self.recurrence.stem(name) in wanted:
                wanted |= {stem for stem, _ in self.recurrence.times_in(formula)}
        return [stem for stem in self.recurrence.sequences if stem.name in wanted]

    @cached_property
    def inside(self) -> list[tuple[Sym, Expr]]:
        """The definitions that the states need, computed at every time."""
        wanted = {self.recurrence.stem(state) for state in self.recurrence.states}
        found = []
        for name, formula in reversed(self.outputs):
            if self.recurrence.stem(name) in wanted:
                wanted |= {stem for stem, _ in self.recurrence.times_in(formula)}
                found.append((name, formula))
        return found[::-1]

    @cached_property
    def at_the_end(self) -> list[tuple[Sym, Expr]]:
        """The other definitions, computed from the last state."""
        return [pair for pair in self.outputs if pair not in self.inside]

    @cached_property
    def formulas(self) -> list[Expr]:
        return [formula for _, formula in self.outputs]

    @cached_property
    def layers(self) -> list[Sym]:
        """The weights that only stand before a vector, as W in W·h."""
        used = [n for f in self.formulas for n in postorder(f)]
        before = {n.args[0] for n in used if n.op is MATMUL and len(n.args[1].shape) == 1}
        return [n for n in self.recurrence.inputs if len(n.shape) == 2 and n in before]

    @cached_property
    def weights(self) -> list[Sym]:
        """The other weights."""
        used = {s for f in self.formulas for s in symbols(f)}
        return [n for n in self.recurrence.inputs if n in used and n not in self.layers]

    @property
    def acts_on_batches(self) -> bool:
        """Whether every operation acts on a batch as on one vector."""
        nodes = [n for f in self.formulas for n in postorder(f)]
        states = [self.recurrence.stem(s) for s in self.recurrence.states]
        known = {self.recurrence.stem(n) for n, _ in self.outputs}
        return (
            len(self.inputs) == 1
            and self.recurrence.longest_lag == 1
            and bool(states)
            and set(states) <= known
            and all(len(n.shape) == 1 for n in (*self.inputs, *(n for n, _ in self.outputs)))
            and all(n.op in WHOLE for n in nodes if n.args and is_array(n.op))
            and all(n.args[0] in self.layers for n in nodes if n.op is MATMUL)
            and all(len(n.shape) < 2 for n in self.weights)
            and not any(isinstance(n, Dim | Filled) for n in nodes)
            and all(isinstance(f, Filled) and f.what == "zeros" for f in self.recurrence.initial.values())
            and not {self.recurrence.stem(n) for n in self.recurrence.initial}
            & {stem.name for stem in self.recurrence.sequences}
        )

    @cached_property
    def needed_before(self) -> list[str]:
        """The states whose earlier value is used after the new one is computed."""
        found: dict[str, None] = {}
        done: set[str] = set()
        for name, formula in (*self.inside, *self.at_the_end):
            found |= dict.fromkeys(
                s for s, time in self.recurrence.times_in(formula) if time.offset and s in done
            )
            done.add(self.recurrence.stem(name))
        return list(found)

    @cached_property
    def sizes(self) -> list[str]:
        """The sizes that are names, those of the input first."""
        named = [*self.inputs, *(n for n, _ in self.outputs), *self.layers, *self.weights]
        parts = [size for name in named for part in name.shape for size in names_in(part)]
        return list(dict.fromkeys(parts))

    @cached_property
    def names(self) -> dict[Expr, str]:
        texts: dict[Expr, str] = {}
        for stem in self.recurrence.stems.values():
            for back in (0, -1):
                is_kept = back and stem.name in self.needed_before
                text = self.before(stem.name) if is_kept else self.safe(stem.name)
                time = Time(self.recurrence.index, back)
                name = Sym(f"{stem.name}@{time}", shape=stem.shape, assume=stem.assume)
                texts[name] = f"{text}[:, {self.index}]" if stem in self.inputs else text
        return texts | {weight: f"self.{self.safe(weight.name)}" for weight in self.weights}

    def before(self, stem: str) -> str:
        """The name of a state one step before, where both are needed; as any name it hides no other."""
        name = f"{stem}_before"
        while name in self._own:
            name += "_"
        return name

    @cached_property
    def _own(self) -> set[str]:
        """The author's names."""
        inputs = (name.name for name in self.recurrence.inputs)
        return {*self.recurrence.stems, *inputs, *map(str, self.sizes)}

    @property
    def index(self) -> str:
        return self.safe(self.recurrence.index)

    def safe(self, name: str) -> str:
        """A name of the author's that hides nothing."""
        if name not in {*self.target.reserved, "self", "nn"}:
            return name
        name += "_"
        while name in self._own:
            name += "_"
        return name

    @cached_property
    def printer(self) -> BatchPrinter:
        return BatchPrinter(self, self.names)

    def line(self, name: Sym, formula: Expr) -> str:
        return f"{self.names[name]} = {self.printer.write(formula).text}"

    @property
    def result(self) -> Sym:
        """The output: the last definition; what it is called in the code."""
        return self.outputs[-1][0]

    def linear(self, weight: Sym) -> str:
        rows, columns = (self.size(part) for part in weight.shape)
        return f"self.{self.safe(weight.name)} = nn.Linear({columns}, {rows}, bias=False)"

    def parameter(self, weight: Sym) -> str:
        shape = ", ".join(self.size(part) for part in weight.shape)
        return f"self.{self.safe(weight.name)} = nn.Parameter(torch.zeros({shape or '()'}))"

    def start(self, state: Sym) -> str:
        """The state before the first time, zero for each row of the batch."""
        source = self.safe(self.inputs[0].name)
        size = state.shape[0]
        width = self.size(size) if is_number(size) else f"self.{self.safe(str(size))}"
        return f"{self.names[state]} = {source}.new_zeros({source}.shape[0], {width})"

    @cached_property
    def kept(self) -> list[str]:
        """The sizes that the loop needs again."""
        found = [str(s.shape[0]) for s in self.recurrence.states if not is_number(s.shape[0])]
        return list(dict.fromkeys(found))

    def size(self, size: Size) -> str:
        return str(size) if is_number(size) else self.safe(str(size))


class BatchPrinter(CodePrinter):
    """Writes formulas of the cell for a batch: W·h is self.W(h)."""

    def __init__(self, network: Network, names: dict[Expr, str]) -> None:
        super().__init__(network.target, names, network.safe(network.inputs[0].name))
        self.network = network

    def write(self, root: Expr) -> Code:
        done: dict[int, Code] = {}
        for node in postorder(root, stop=self.names.__contains__):
            if node.op is MATMUL:
                weight = self.network.safe(str(node.args[0]))
                done[id(node)] = Code(f"self.{weight}({done[id(node.args[1])].text})", Precedence.ATOM)
            elif node in self.network.layers:
                done[id(node)] = Code("")
            else:
                args = () if node in self.names else node.args
                done[id(node)] = self.node(node, [done[id(arg)] for arg in args])
        return done[id(root)]


def network(recurrence: Recurrence, target: Target) -> Network | None:
    """The class of a recurrence, None where a batch would need more than it."""
    found = Network(recurrence, target)
    return found if recurrence.states and found.acts_on_batches else None
