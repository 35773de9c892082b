"""symdiff: the worked solution of a gradient exercise, in forward or reverse mode, every line proved.

    import symdiff as sd
    sd.derive("sigmoid", "reverse").save("sigmoid.pdf")   # as the command does it
    tape = sd.trace("1/(1+exp(-a*x))", inputs=("x", "a"))
    d = sd.reverse(tape)
    d.gradient["x"], d.compact["x"]
    sd.render(d, format="markdown", lang="fr")

Names are imported when they are first used, so that `import symdiff` costs next to nothing.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

_HOME = {
    "trace": "api.sources",
    "render": "api.solution",
    "solve": "api.solution",
    "derive": "api.solution",
    "exercise": "api.solution",
    "forward": "api.derivations",
    "reverse": "api.derivations",
    "check_derivative": "api.verdict",
    "check_equal": "api.verdict",
    "compile_typst": "rendering.formats.typst_compiler",
    "emit": "codegen",
    "graph": "api.drawing",
    "Verdict": "api.verdict",
    "Tape": "tape.tape",
    "Derivation": "api.derivations",
    "SymdiffError": "errors",
    "ProofError": "errors",
    "UndecidedError": "errors",
    "InputError": "errors",
    "DomainError": "errors",
    "UsageError": "errors",
}
__all__ = [
    "Derivation",
    "DomainError",
    "InputError",
    "ProofError",
    "SymdiffError",
    "Tape",
    "UndecidedError",
    "UsageError",
    "Verdict",
    "__version__",
    "check_derivative",
    "check_equal",
    "compile_typst",
    "derive",
    "emit",
    "exercise",
    "forward",
    "graph",
    "render",
    "reverse",
    "solve",
    "trace",
]

if TYPE_CHECKING:
    from symdiff.api.derivations import Derivation, forward, reverse
    from symdiff.api.drawing import graph
    from symdiff.api.solution import derive, exercise, render, solve
    from symdiff.api.sources import trace
    from symdiff.api.verdict import Verdict, check_derivative, check_equal
    from symdiff.codegen import emit
    from symdiff.errors import (
        DomainError,
        InputError,
        ProofError,
        SymdiffError,
        UndecidedError,
        UsageError,
    )
    from symdiff.rendering.formats.typst_compiler import compile_typst
    from symdiff.tape.tape import Tape

    __version__: str


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version  # it takes 20 ms to start

        value: Any = version("symdiff-derive")
    elif name in _HOME:
        value = getattr(import_module(f"symdiff.{_HOME[name]}"), name)
    else:
        raise AttributeError(f"module 'symdiff' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


if "IPython" in sys.modules:
    from symdiff.cli.notebook import register

    register()


def load_ipython_extension(shell: Any) -> None:
    """`%load_ext symdiff`."""
    from symdiff.cli import notebook  # start-up: only IPython needs it

    notebook.load_ipython_extension(shell)
