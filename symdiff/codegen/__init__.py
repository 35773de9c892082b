"""Code for a gradient: a Python function that computes what a derivation says, line by line.

    exercise --named_tape, reverse--> derivation --prove--> statements --target's table--> module

The function calls no automatic differentiation: its backward statements are the lines of the reverse
derivation on the author's definitions. Each of them is proved before the code is handed out.

Read `statements` first, then `module`; a recurrence has `loops`, and for PyTorch a `network`. `code_printer`
writes expressions, `target` reads a library's table in templates/code. Knows no page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from symdiff.codegen.target import load_target
from symdiff.errors import UsageError
from symdiff.expr.arguments import Kind, told_clearly
from symdiff.expr.shapes import Shape

if TYPE_CHECKING:
    from symdiff.exercises.problem import Problem


def _is_source(value: Any) -> bool:
    from symdiff.exercises.problem import Problem  # start-up: `emit` is a public name, which few runs call

    return isinstance(value, str | Path | Problem)


@told_clearly(source=Kind("a text, a path or a problem, as exercise returns it", _is_source))
def emit(
    source: str | Path | Problem,
    target: str = "numpy",
    wrt: str | Sequence[str] | None = None,
    *,
    literal: bool = False,
    templates: Path | None = None,
    shapes: Mapping[str, Shape] | None = None,
) -> str:
    """The Python code of a function that returns the value and the gradients, for numpy, torch or jax.

    `source` is what `symdiff code` takes: an exercise's name, a file, an expression or equations; or a
    problem. `wrt` are the inputs to differentiate by, the exercise's own unless they are given.
    `shapes` are for an expression or equations, as in `trace`. A folder `templates` may have targets of its
    own, in `code`; `literal` reads a text to the letter.

    Raises:
        UsageError: there is no such target, or a name of `wrt` is no input.
        InputError: the source or the target cannot be read, or an operation has no code in the target.
        ProofError: a line is false; nothing is returned.
    """
    # For start-up: `emit` is a public name, which most runs do not call.
    from symdiff.codegen.module import Module
    from symdiff.codegen.short_statements import derived
    from symdiff.codegen.without_code import check_has_code
    from symdiff.exercises import read
    from symdiff.language.reading import literally

    chosen = load_target(target, None if templates is None else Path(templates))
    if shapes and not isinstance(source, str):
        raise UsageError("shapes are for texts", where="shapes", way_out="read the text with its shapes")
    with literally(literal):
        problem = read(str(source), shapes) if isinstance(source, str | Path) else source
    check_has_code(problem)
    if problem.recurrence is not None:
        from symdiff.codegen.loops import loops  # only a recurrence needs it

        return loops(problem, chosen, [wrt] if isinstance(wrt, str) else wrt).render()
    return Module(derived(problem, wrt), chosen, problem.titles.get("en", "")).render()
