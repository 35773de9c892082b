"""The layers: packages stand above one another and no file is part of a circle, whatever kind of import."""

from __future__ import annotations

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import symdiff as sd

ROOT = Path(__file__).parents[1] / "symdiff"
ORDER = (
    "errors", "console", "expr", "typed", "document", "algebra", "rendering", "rules", "language", "tape",
    "exercises", "derivation", "proof", "codegen", "explain", "api", "cli",
)  # fmt: skip
OUTSIDE = ("", "__main__", "functions", "vec_forms")
"""The doors: what users import or run. No package uses them."""
FILES = {
    str(path.relative_to(ROOT.parent).with_suffix("")).replace("/", ".").removesuffix(".__init__"): path
    for path in ROOT.rglob("*.py")
}


def imports(module: str) -> set[str]:
    """The files that a file imports anywhere: in functions and for typing too."""
    found = set()
    for node in ast.walk(ast.parse(FILES[module].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: imports are written in full"
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in FILES else str(node.module) for name in names}
    return found & FILES.keys() - {module}


GRAPH = {module: imports(module) for module in FILES}


def package(module: str) -> str:
    return f"{module}..".split(".")[1]


def test_no_file_is_part_of_a_circle() -> None:
    TopologicalSorter(GRAPH).prepare()


def test_a_package_imports_only_what_stands_below_it() -> None:
    assert {package(module) for module in FILES} == {*ORDER, *OUTSIDE}
    for module in FILES:
        if package(module) not in OUTSIDE:
            for other in map(package, GRAPH[module]):
                assert ORDER.index(other) <= ORDER.index(package(module)), f"{module} imports {other}"


def test_rendering_knows_no_mathematics_and_mathematics_no_documents() -> None:
    for module in FILES:
        used = {package(other) for other in GRAPH[module]}
        if package(module) == "rendering":
            assert used <= {"errors", "console", "expr", "document", "rendering"}, module
        if package(module) in ("algebra", "rules", "language", "tape", "exercises", "derivation"):
            assert not used & {"document", "rendering"}, module


def test_the_root_holds_doors_and_ground_only_and_no_stem_serves_two_files() -> None:
    assert len(list(ROOT.glob("*.py"))) <= 6
    stems = [module.rpartition(".")[2] for module in FILES if FILES[module].name != "__init__.py"]
    assert [stem for stem in stems if stems.count(stem) > 1] == []


PLANNED = {"derive", "exercise", "check", "sheet", "stress", "serve", "site"}


def test_no_module_bears_a_public_name_and_every_public_name_stays_callable() -> None:
    bare = {part for module in FILES for part in module.split(".")[1:]}
    assert not bare & (PLANNED | set(sd.__all__))
    for module in FILES.keys() - {"symdiff.__main__"}:
        __import__(module)
    for name in set(sd.__all__) - {"__version__"}:
        assert callable(getattr(sd, name)), name


def test_an_import_inside_a_function_serves_start_up_and_says_so() -> None:
    """In a comment beside the first one of a function, or for the whole file in its docstring."""
    silent = []
    for module, path in FILES.items():
        text = path.read_text(encoding="utf-8")
        tree, lines = ast.parse(text), text.split("\n")
        if "start" in (ast.get_docstring(tree) or ""):
            continue
        for function in ast.walk(tree):
            inner = [n for n in ast.walk(function) if isinstance(n, ast.Import | ast.ImportFrom)]
            if isinstance(function, ast.FunctionDef) and inner:
                around = lines[inner[0].lineno - 2 : (inner[0].end_lineno or 0)]
                silent += [] if any("#" in line for line in around) else [f"{module}:{inner[0].lineno}"]
    assert silent == []


def test_sympy_is_imported_only_inside_functions() -> None:
    for module, path in FILES.items():
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = [alias.name for alias in node.names] + [getattr(node, "module", "") or ""]
                assert not any(name.split(".")[0] == "sympy" for name in names), module
