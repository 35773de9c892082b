"""The layers: a module imports only lower ranks, and the two columns meet in `explain` alone."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1] / "symdiff"
RANK = {
    "errors": 0,
    "large_arrays": 0,
    "letters": 0,
    "memory": 0,
    "progress": 1,
    "sizes": 0,
    "walks": 0,
    "files": 1,
    "names": 1,
    "interrupt": 0,
    "output": 2,
    "sample": 1,
    "shapes": 1,
    "inputs": 1,
    "syntax": 1,
    "terminal": 1,
    "notation": 2,
    "expr": 3,
    "alike": 4,
    "decimals": 4,
    "document": 5,
    "doubles": 4,
    "leaves": 4,
    "pattern": 4,
    "rounding": 4,
    "arrays": 5,
    "matrix": 5,
    "monomials": 5,
    "numbering": 5,
    "repeats": 6,
    "stepping": 6,
    "times": 5,
    "array_maps": 6,
    "array_reader": 6,
    "code": 6,
    "products": 6,
    "recurrence": 6,
    "render": 7,
    "steps": 6,
    "tidy": 6,
    "forms": 7,
    "kron_algebra": 7,
    "linear": 7,
    "scalar_reading": 7,
    "tape": 7,
    "algebra": 8,
    "given": 8,
    "levels": 8,
    "named_forms": 8,
    "named_tape": 8,
    "rule": 8,
    "trace": 8,
    "array_rules": 9,
    "gathered": 9,
    "tidy_arrays": 9,
    "rules": 10,
    "functions": 11,
    "local": 11,
    "rational": 11,
    "reader": 11,
    "timed_equations": 11,
    "written_entries": 11,
    "derivation": 12,
    "differences": 13,
    "evaluate": 12,
    "options": 12,
    "parse": 12,
    "symbolic": 12,
    "timed_reader": 12,
    "uses": 12,
    "vec_forms": 12,
    "closed": 14,
    "entries": 14,
    "certificate": 17,
    "kinks": 14,
    "line_writer": 14,
    "model": 14,
    "recurrences": 14,
    "sources": 14,
    "through_time": 14,
    "total": 14,
    "array_steps": 15,
    "compact": 15,
    "end_of_cell": 15,
    "forward": 15,
    "kinds": 15,
    "second_opinion": 15,
    "timed_parse": 15,
    "array_model": 16,
    "points": 16,
    "starting": 18,
    "exercises": 17,
    "reverse": 16,
    "array_points": 17,
    "counts": 17,
    "jacobian_entries": 17,
    "prove_alike": 17,
    "prove_arrays": 17,
    "jacobian": 18,
    "prove": 18,
    "timed_model": 18,
    "array_results": 19,
    "check": 19,
    "moments": 19,
    "prove_through_time": 20,
    "cli": 29,
    "cli_graph": 26,
    "emit": 21,
    "explain": 21,
    "__main__": 30,
    "array_record": 22,
    "array_check": 23,
    "record": 23,
    "time_record": 23,
    "readings": 24,
    "solve_through_time": 24,
    "solve": 25,
    "draw": 26,
    "page": 27,
    "gallery": 27,
    "notebook": 28,
}
RENDER_MAY_IMPORT = {
    "document",
    "errors",
    "expr",
    "leaves",
    "matrix",
    "memory",
    "names",
    "notation",
    "pattern",
    "render",
    "repeats",
    "shapes",
    "stepping",
    "times",
}
DOCUMENTS = {"document", "render", "repeats", "stepping"}
JOIN = {
    "draw",
    "cli_graph",
    "explain",
    "certificate",
    "prove",
    "prove_alike",
    "prove_arrays",
    "kinds",
    "record",
    "readings",
    "solve",
    "gallery",
    "page",
    "notebook",
    "cli",
    "emit",
    "prove_through_time",
    "solve_through_time",
    "time_record",
}


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


@pytest.mark.parametrize("path", sorted((ROOT / "render").rglob("*.py")), ids=lambda p: p.name)
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
