"""The layers: a module imports only lower ranks, and the two columns meet in `explain` alone."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1] / "symdiff"
RANK = {
    "errors": 0,
    "memory": 0,
    "notation": 0,
    "expr": 0.5,
    "names": 1,
    "alike": 1,
    "code": 1,
    "decimals": 1,
    "tidy": 1.5,
    "linear": 2,
    "document": 1,
    "rules": 3,
    "tape": 3,
    "functions": 4,
    "reader": 4,
    "local": 4,
    "trace": 4,
    "parse": 5,
    "derivation": 5,
    "evaluate": 5,
    "rational": 4,
    "symbolic": 5,
    "sample": 3,
    "forward": 6,
    "reverse": 7,
    "problems": 6,
    "model": 6,
    "kinks": 7,
    "kinds": 7,
    "closed": 7,
    "compact": 8,
    "counts": 8,
    "points": 8,
    "second_opinion": 8,
    "prove": 9,
    "rounding": 9,
    "explain": 10,
    "render": 2,
    "record": 11,
    "solve": 12,
    "check": 13,
    "gallery": 13,
    "cli": 14,
    "__main__": 15,
}
RENDER_MAY_IMPORT = {"document", "errors", "expr", "names", "notation", "render"}
DOCUMENTS = {"document", "render"}
JOIN = {"explain", "prove", "kinds", "record", "solve", "gallery", "cli"}


def modules() -> list[Path]:
    return sorted(path for path in ROOT.rglob("*.py") if path != ROOT / "__init__.py")


def top(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imports(path: Path) -> set[str]:
    """The modules of the package that a file imports when it is loaded."""
    found = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "symdiff":
            parts = (node.module or "").split(".")
            found |= {parts[1]} if len(parts) > 1 else {alias.name for alias in node.names}
    return found


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(ROOT)))
def test_a_module_imports_only_lower_ranks(path: Path) -> None:
    own = top(path)
    for name in imports(path) - {own}:
        assert RANK[name] < RANK[own], f"{own} imports {name}"


@pytest.mark.parametrize("path", sorted((ROOT / "render").glob("*.py")), ids=lambda p: p.name)
def test_rendering_knows_no_mathematics(path: Path) -> None:
    assert imports(path) <= RENDER_MAY_IMPORT


def test_mathematics_knows_no_documents_but_for_the_proof_of_one() -> None:
    for path in modules():
        if top(path) not in JOIN | DOCUMENTS:
            assert not imports(path) & DOCUMENTS, path


def test_no_module_is_longer_than_a_reader_can_hold() -> None:
    long = {str(p.relative_to(ROOT)): len(p.read_text(encoding="utf-8").splitlines()) for p in modules()}
    assert {name: lines for name, lines in long.items() if lines > 250} == {}


def test_sympy_is_imported_only_inside_functions() -> None:
    for path in modules():
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = [alias.name for alias in node.names] + [getattr(node, "module", "") or ""]
                assert not any(name.split(".")[0] == "sympy" for name in names), path
