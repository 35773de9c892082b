"""Notebooks for tests: run, without what changes from run to run. As a script, writes the example anew."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

EXAMPLE = Path(__file__).parents[1] / "docs" / "example.ipynb"
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
METADATA = {"kernelspec": KERNEL, "language_info": {"name": "python"}}


def notebook(*cells: str) -> Any:
    """A notebook of code cells, with a Markdown cell for a text that starts with #."""
    made = [
        (nbformat.v4.new_markdown_cell if cell.startswith("# ") else nbformat.v4.new_code_cell)(cell)
        for cell in cells
    ]
    for number, cell in enumerate(made):
        cell["id"] = f"cell-{number}"
    return nbformat.v4.new_notebook(cells=made, metadata=METADATA)


def run(given: Any) -> Any:
    """The notebook with the outputs of a run in a kernel of its own; a cell that fails is an error."""
    NotebookClient(given, timeout=120, kernel_name="python3", record_timing=False).execute()
    given["metadata"] = METADATA
    return given


def bundles(given: Any) -> list[dict[str, str]]:
    """Everything the cells of a notebook show, by media type."""
    outputs = [output for cell in given["cells"] for output in cell.get("outputs", ())]
    return [dict(output["data"]) for output in outputs if "data" in output]


if __name__ == "__main__":
    nbformat.write(run(nbformat.read(EXAMPLE, as_version=4)), EXAMPLE)
