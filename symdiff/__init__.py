"""symdiff: the worked solution of a gradient exercise, in forward or reverse mode, every line proved.

    import symdiff as sd
    tape = sd.trace("1/(1+exp(-a*x))", inputs=("x", "a"))
    d = sd.reverse(tape)
    d.gradient["x"], d.compact["x"]
    sd.render(d, format="markdown", lang="fr")

Names are imported when they are first used, so that `import symdiff` costs next to nothing.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOME = {
    "trace": "api.sources",
    "render": "api.solution",
    "solve": "api.solution",
    "forward": "derivation.sweeps",
    "reverse": "derivation.sweeps",
    "check_derivative": "api.verdict",
    "check_equal": "api.verdict",
    "compile_typst": "rendering.formats.typst_compiler",
    "emit": "codegen",
    "graph": "api.drawing",
    "Verdict": "api.verdict",
    "Tape": "tape.tape",
    "Derivation": "derivation.derivation",
    "SymdiffError": "errors",
    "ProofError": "errors",
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
    "UsageError",
    "Verdict",
    "__version__",
    "check_derivative",
    "check_equal",
    "compile_typst",
    "emit",
    "forward",
    "graph",
    "render",
    "reverse",
    "solve",
    "trace",
]

if TYPE_CHECKING:
    from symdiff.api.drawing import graph
    from symdiff.api.solution import render, solve
    from symdiff.api.sources import trace
    from symdiff.api.verdict import Verdict, check_derivative, check_equal
    from symdiff.codegen import emit
    from symdiff.derivation.derivation import Derivation
    from symdiff.derivation.sweeps import forward, reverse
    from symdiff.errors import DomainError, InputError, ProofError, SymdiffError, UsageError
    from symdiff.rendering.formats.typst_compiler import compile_typst
    from symdiff.tape.tape import Tape


class _Package(ModuleType):
    """The package's module: `sd.reverse` is the function although `symdiff.reverse` is a module."""

    def __setattr__(self, name: str, value: object) -> None:
        if not (name in _HOME and isinstance(value, ModuleType)):
            super().__setattr__(name, value)

    def __getattr__(self, name: str) -> Any:
        if name not in _HOME:
            raise AttributeError(f"module 'symdiff' has no attribute {name!r}")
        value = getattr(import_module(f"symdiff.{_HOME[name]}"), name)
        super().__setattr__(name, value)
        return value

    def __dir__(self) -> list[str]:
        return sorted([*super().__dir__(), *_HOME])


sys.modules[__name__].__class__ = _Package

if "IPython" in sys.modules:
    from symdiff.cli.notebook import register

    register()


def load_ipython_extension(shell: Any) -> None:
    """`%load_ext symdiff`."""
    from symdiff.cli import notebook

    notebook.load_ipython_extension(shell)
