"""The structure of the code in numbers: files, functions, imports.

    python -m benchmarks.house            # of this checkout
    python -m benchmarks.house FOLDER     # of another one, to compare

Every import counts, those in functions and for typing too.
"""

from __future__ import annotations

import ast
import io
import sys
import tokenize
from collections.abc import Set
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from statistics import median

LAYOUT = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT)
Graph = dict[str, set[str]]


def main(root: Path) -> None:
    """Print the figures of the package below `root`."""
    texts = {
        module_of(root, path): path.read_text("utf-8") for path in sorted((root / "symdiff").rglob("*.py"))
    }
    graph = {module: imports(module, text, texts.keys()) for module, text in texts.items()}
    lines = [len(text.splitlines()) for text in texts.values()]
    functions = [size for text in texts.values() for size in function_sizes(text)]
    tokens = sum(map(count_tokens, texts.values()))
    print(f"files {len(lines)}, lines {sum(lines)}, tokens of code {tokens}")
    print(f"lines of a file: median {median(lines)}, most {max(lines)}")
    print(f"lines of a function: median {median(functions)}, most {max(functions)}")
    print(f"imports between files {sum(map(len, graph.values()))}, longest chain {longest_chain(graph)}")


def module_of(root: Path, path: Path) -> str:
    return str(path.relative_to(root).with_suffix("")).replace("/", ".").removesuffix(".__init__")


def imports(module: str, text: str, known: Set[str]) -> set[str]:
    """The files that a file imports anywhere."""
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in known else str(node.module) for name in names}
    return (found & known) - {module}


def function_sizes(text: str) -> list[int]:
    """The lines of each function."""
    nodes = ast.walk(ast.parse(text))
    return [(n.end_lineno or 0) - n.lineno + 1 for n in nodes if isinstance(n, ast.FunctionDef)]


def count_tokens(text: str) -> int:
    """Tokens but for comments, layout and texts that stand alone."""
    found = tokenize.generate_tokens(io.StringIO(text).readline)
    return sum(token.type not in LAYOUT for token in found)


def longest_chain(graph: Graph) -> str:
    """The files on the longest way through the imports, or a circle."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return "endless: " + " -> ".join(error.args[1])

    @cache
    def height(module: str) -> int:
        return 1 + max(map(height, graph[module]), default=0)

    return f"{max(map(height, graph))}, no circle"


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[1])
