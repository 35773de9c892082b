"""Notebooks: real kernels, the media types they get, nbconvert, one line for an error, and the example."""

from __future__ import annotations

import html
import re
import subprocess
import sys
from base64 import b64decode
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from notebooks import EXAMPLE, METADATA, bundles, notebook, run
from tools import ROOT, compile_latex, need, run_command

nbformat = pytest.importorskip("nbformat")
MEDIA = {"text/plain", "text/markdown", "text/latex"}
SETUP = "import symdiff as sd\nt = sd.trace('y = 1/(1+exp(-a*x))', inputs=('x', 'a'))"


@pytest.fixture(scope="module")
def ran() -> Any:
    """A notebook with one of everything, run in a kernel."""
    return run(
        notebook(
            SETUP,
            "t",
            "sd.reverse(t)",
            "sd.reverse(sd.trace('q = x @ A @ x', shapes={'x': ('n',), 'A': ('n', 'n')}))",
            "%load_ext symdiff",
            "%derive sigmoid --mode reverse --lang fr --at x=0.7,a=1.3",
            "%%derive --mode both --at x=0.5,a=2\nh = tanh(a*x)\ny = h**2",
            '%%derive\n[inputs]\nx = ["n"]\n\n[definitions]\ny = "sum(softmax(x)**2)"',
            "%derive rnn --mode bptt",
            "%derive 'relu(x)' --mode reverse",
            "%derive 'prod_1*x + prod_1**2 + sin(prod_1)' --mode reverse --at x=1,prod_1=2 --lang fr",
        )
    )


@pytest.fixture(scope="module")
def shown(ran: Any) -> list[dict[str, str]]:
    return bundles(ran)


def test_everything_shows_itself_as_text_markdown_and_latex(shown: list[dict[str, str]]) -> None:
    assert len(shown) == 9
    assert [set(bundle) for bundle in shown] == [MEDIA] * 9


def test_a_tape_shows_its_steps_and_nothing_else(shown: list[dict[str, str]]) -> None:
    lines = shown[0]["text/plain"].split("\n")
    assert [line.split("=")[0].strip() for line in lines] == ["w₁", "w₂", "w₃", "w₄", "w₅"]
    assert shown[0]["text/markdown"].count("$$") == 2


def test_blocks_of_formulas_stand_between_blank_lines(shown: list[dict[str, str]]) -> None:
    for bundle in shown:
        for media in ("text/markdown", "text/latex"):
            lines = ["", *bundle[media].split("\n"), ""]
            fences = [i for i, line in enumerate(lines) if "$$" in line]
            assert len(fences) % 2 == 0
            assert all(lines[i] == "$$" for i in fences)
            assert all(lines[i - 1] == "" for i in fences[::2])
            assert all(lines[i + 1] == "" for i in fences[1::2])


@pytest.mark.parametrize("media", ["text/markdown", "text/latex"])
def test_every_formula_parses_in_katex(media: str, shown: list[dict[str, str]], katex: Any) -> None:
    for bundle in shown:
        displayed = bundle[media].split("$$")
        assert all(katex(formula, True) > 0 for formula in displayed[1::2])
        for words in displayed[::2]:
            assert words.count("$") % 2 == 0
            assert all(katex(html.unescape(part), False) > 0 for part in words.split("$")[1::2])


def test_words_of_the_latex_hold_no_command_that_only_latex_knows(shown: list[dict[str, str]]) -> None:
    for bundle in shown:
        words = "".join("".join(bundle["text/latex"].split("$$")[::2]).split("$")[::2])
        assert not re.search(r"\\[A-Za-z]", words), words
        assert "~" not in words


def test_the_magic_reads_options_as_the_command_does() -> None:
    options = ["y = x**2*sin(z)", "--mode", "forward", "--wrt", "x", "--lang", "fr", "--digits", "6"]
    done = run_command("derive", *options, "--format", "latex")
    line = "%derive 'y = x**2*sin(z)' --mode forward --wrt x --lang fr --digits 6 --format latex"
    found = bundles(run(notebook("%load_ext symdiff", line)))
    assert [set(bundle) for bundle in found] == [{"text/plain"}]
    assert found[0]["text/plain"] == done.stdout.decode().rstrip("\n")


def test_the_magic_writes_a_file_and_shows_the_help(tmp_path: Path) -> None:
    path = tmp_path / "sol.md"
    done = run(notebook("%load_ext symdiff", f"%derive sigmoid -o {path}", "%derive --help"))
    assert path.read_text(encoding="utf-8").startswith("# ")
    assert bundles(done) == []
    assert "--granularity" in done["cells"][2]["outputs"][0]["text"]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("%derive sigmoidd", "did you mean 'sigmoid'?"),
        ("%derive sigmoid --mod reverse", "--mod"),
        ("%derive sigmoid --mode backward", "unknown mode 'backward'"),
        ("%derive sigmoid --digits many", "many"),
        ("%derive 'x", "no closing quotation"),
        ("%derive -", "write %%derive"),
        ("%derive", "say what to differentiate"),
        ('%%derive\n[inputs]\nx = "n"', "line 2"),
    ],
)
def test_an_error_is_one_line_and_fails_the_cell(line: str, says: str) -> None:
    source = (
        "from IPython.core.interactiveshell import InteractiveShell as S\n"
        "s = S(); s.run_cell('%load_ext symdiff')\n"
        f"print(s.run_cell({line!r}).success)"
    )
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, timeout=60)
    assert done.stdout == "False\n"
    assert done.stderr.startswith("UsageError: ")
    assert says in done.stderr
    assert len(done.stderr.rstrip("\n").split("\n")) == 1


def test_importing_in_ipython_stays_light() -> None:
    source = (
        "import sys; from IPython.core.interactiveshell import InteractiveShell as S\n"
        "s = S.instance(); s.run_cell('import symdiff'); s.run_cell('%load_ext symdiff')\n"
        "print(*(m for m in ('sympy', 'numpy', 'mpmath', 'jinja2', 'typer') if m in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, timeout=60)
    assert done.stdout.split() == []
    bare = "import sys, symdiff; print('IPython' in sys.modules, 'symdiff.cli.notebook' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", bare], capture_output=True, text=True, timeout=60)
    assert done.stdout == "False False\n"


def test_nbconvert_writes_html_with_every_formula_as_it_is(ran: Any) -> None:
    from nbconvert import HTMLExporter

    page, _ = HTMLExporter().from_notebook_node(ran)
    text = html.unescape(page)
    for bundle in bundles(ran):
        for formula in bundle["text/markdown"].split("$$")[1::2]:
            assert formula.strip("\n") in text
    assert "<h2" in page


def test_nbconvert_writes_latex_that_compiles(ran: Any, tmp_path: Path) -> None:
    """Through nbconvert's own walk, with a preamble of the packages that every LaTeX has."""
    from nbconvert import LatexExporter

    exporter = LatexExporter(
        template_file=str(ROOT / "tests" / "notebook.tex.j2"), exclude_input=True, exclude_markdown=True
    )
    source, _ = exporter.from_notebook_node(ran)
    log = compile_latex(source, tmp_path)
    assert "Missing character" not in log
    need("pdftotext")
    done = subprocess.run(
        ["pdftotext", "-layout", "page.pdf", "-"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    for words in ("Mode inverse", "equalities on this page", "the proof by induction", "Trace d"):
        assert words.lower() in done.stdout.lower(), words


@pytest.fixture(scope="module")
def drawn() -> Any:
    pytest.importorskip("typst")
    return run(
        notebook(
            SETUP, "sd.graph(t)", "sd.graph(sd.reverse(t), at={'x': 1, 'a': 2})", "sd.graph('rnn', steps=2)"
        )
    )


def test_a_graph_shows_itself_as_a_picture_with_a_pdf_beside_it(drawn: Any) -> None:
    shown = bundles(drawn)
    assert len(shown) == 3
    ids: list[str] = []
    for bundle in shown:
        assert set(bundle) == {"text/plain", "image/svg+xml", "application/pdf"}
        root = ElementTree.fromstring(bundle["image/svg+xml"])
        assert root.tag.endswith("svg")
        ids += [node.attrib["id"] for node in root.iter() if "id" in node.attrib]
        assert b64decode(bundle["application/pdf"]).startswith(b"%PDF")
    assert len(ids) == len(set(ids))


def test_nbconvert_puts_the_picture_of_a_graph_into_latex(drawn: Any, tmp_path: Path) -> None:
    from nbconvert import LatexExporter

    exporter = LatexExporter(template_file=str(ROOT / "tests" / "notebook.tex.j2"), exclude_input=True)
    source, resources = exporter.from_notebook_node(drawn)
    assert source.count(r"\adjustimage") == 1 + 3  # its definition, and a use for each
    for name, data in resources["outputs"].items():
        (tmp_path / name).write_bytes(data)
    compile_latex(source, tmp_path)


def test_the_example_shows_what_it_is_said_to_show() -> None:
    """Run anew, the outputs are those stored; the file says nothing of the machine that ran it."""
    stored = nbformat.read(EXAMPLE, as_version=4)
    assert stored["metadata"] == METADATA
    assert all(cell["metadata"] == {} for cell in stored["cells"])
    again = run(nbformat.read(EXAMPLE, as_version=4))
    for old, new in zip(stored["cells"], again["cells"], strict=True):
        assert _shown(old) == _shown(new), old["source"]


def _shown(cell: Any) -> list[dict[str, Any]]:
    """The outputs of a cell; of a PDF, which the version of its writer is in, only that it is there."""
    found = [dict(output) for output in cell.get("outputs", ())]
    return [
        output | {"data": dict(output["data"]) | {"application/pdf": "application/pdf" in output["data"]}}
        if "data" in output
        else output
        for output in found
    ]


def test_several_targets_are_shown_one_below_the_other() -> None:
    from symdiff.cli.notebook import derive, show_page, show_sheet

    sheet: Any = derive("sigmoid fog --lang fr")
    shown = show_sheet(sheet)
    assert {*shown} == MEDIA
    for media, text in shown.items():
        assert text == "\n\n".join(show_page(page)[media] for page in sheet.pages)
