"""The command from day to day: help, lists, files to go on from, sheets, `--open`, what a shell completes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tools import ROOT, compile_latex, run_command, run_here

from symdiff.api.wishes import Wishes
from symdiff.api.works import work_of
from symdiff.cli.shape_options import parse_assumed, parse_shapes
from symdiff.errors import SymdiffError
from symdiff.exercises import load, names, read
from symdiff.exercises.modes import MODES
from symdiff.explain.definitions.jacobian_page import jacobian_paths


def said(*arguments: str, stdin: bytes = b"") -> str:
    done = run_here(*arguments, stdin=stdin)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def test_the_command_alone_prints_its_help_on_many_lines() -> None:
    done = run_here()
    assert (done.returncode, done.stdout) == (2, b"")
    lines = done.stderr.decode().split("\n")
    assert lines[0].startswith("Usage: ")
    assert {"derive", "graph", "code", "list", "show"} <= {line.split()[0] for line in lines if line.strip()}
    assert max(map(len, lines)) <= 80


def test_list_shows_titles_and_modes() -> None:
    lines = said("list").rstrip("\n").split("\n")
    assert [line.split()[0] for line in lines] == names()
    assert re.fullmatch(
        r"rnn +Elman recurrent network +bptt, forward, reverse, both", lines[names().index("rnn")]
    )


@pytest.mark.parametrize(
    "words", [["elman"], ["RESEAU", "elman"], ["réseau elman"], ["d'Elman"]], ids=" ".join
)
def test_words_choose_among_titles_in_all_languages(words: list[str]) -> None:
    assert said("list", *words).split()[0] == "rnn"


def test_words_choose_among_functions() -> None:
    found = [line.split()[0] for line in said("list", "--functions", "LOG").rstrip("\n").split("\n")]
    assert {"log", "ln", "log_softmax", "logsumexp", "logdet"} <= {*found}
    assert "sin" not in found


def test_a_list_in_json_has_the_same() -> None:
    found = json.loads(said("list", "--json"))
    assert [row["name"] for row in found] == names()
    for row in found:
        assert {"en", "fr"} <= row["title"].keys()
        assert row["modes"] == [*load(row["name"]).modes]
    calls = json.loads(said("list", "--functions", "--json"))
    assert {"name": "ln", "call": "ln(u)", "same_as": "log"} in calls


@pytest.mark.parametrize("name", names())
def test_the_modes_that_are_listed_have_a_page(name: str) -> None:
    problem = load(name)
    sizes = {str(part): 2 for x in problem.program.inputs for part in x.shape if not str(part).isdigit()}
    for mode in MODES:
        wishes = Wishes(mode, sizes=sizes if mode == "entries" else None)
        try:
            work = work_of(problem, wishes)
            if mode == "jacobian":
                assert [path.steps for path in jacobian_paths(work)]
        except SymdiffError:
            assert mode not in problem.modes, mode
        else:
            assert mode in problem.modes, mode


@pytest.mark.parametrize("name", names())
def test_show_writes_a_built_in_file_as_it_is(name: str) -> None:
    assert said("show", name) == (ROOT / "symdiff" / "exercises" / f"{name}.toml").read_text(encoding="utf-8")


TEXTS = [
    "x*sin(x)",
    "1/(1+exp(-a*x))",
    "f(x, a) = a*x - 0.10 + 1e-5",
    "h = tanh(U*x)\ny = V*h",
    "y = [x1*x2, sin(x1)]",
    "y = [[a, b], [c, a*b]]; L = sum(y @ y.T)",
    "h[t] = tanh(u*x[t] + w*h[t-1]); h[-1] = 0; L = sum((h[t] - y[t])**2)",
    "h[t] = w*h[t-1] + x[t]; h[0] = b; m = mean(h)/2; L = m + h[3]*2",
    "h[t] = w*h[t-1]; h[-1] = 1; L = sum((h[t] - h[0])**2) + h[T-1]",
    "F[n] = F[n-1] + F[n-2]; F[0] = a; F[1] = b",
    "2x + |x| sin x",
    "y = where(x > 0, x, a*(exp(x) - 1))",
    "softmax(W @ x)",
    "h[t] = f(x[t], h[t-1], w); h[-1] = 0; L = sum(g(h[t]))",
    "b[t] = w*b[t+1] + x[t]; b[T] = 0; L = sum(b[t])",
]
SHAPED = [
    ("-log(softmax(z)[y])", "z=n", ""),
    ("C[ix]", "C=n,d", ""),
    ("-dot(y, log(softmax(W @ x)))", "W=n,d x=d y=n", "y=simplex"),
    ("L = sum(concat(A, B, axis=1)[0:2, 1])", "A=2,2 B=2,3", ""),
]


@pytest.mark.parametrize("text", TEXTS)
def test_the_file_of_a_text_is_the_same_problem(text: str) -> None:
    written, own = read(said("show", text)), read(text)
    assert written.program == own.program
    assert written.recurrence == own.recurrence


@pytest.mark.parametrize(("text", "shapes", "assumed"), SHAPED)
def test_the_file_of_a_text_has_its_shapes(text: str, shapes: str, assumed: str) -> None:
    options = ["--shape", shapes, *(["--assume", assumed] if assumed else [])]
    own = read(text, parse_shapes([shapes]), parse_assumed([assumed] if assumed else None))
    assert read(said("show", text, *options)).program == own.program


def test_the_file_of_a_text_is_derived_as_the_text(tmp_path: Path) -> None:
    said("show", "-", "-o", str(tmp_path / "expression.toml"), stdin=b"h = tanh(U*x)\ny = V*h\n")
    of_file = said("derive", str(tmp_path / "expression.toml"), "--format", "text")
    assert of_file == said("derive", "h = tanh(U*x); y = V*h", "--format", "text")


def test_several_targets_and_a_folder_are_a_file_each(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    said(
        "derive",
        "sigmoid",
        "fog",
        "x*y",
        "x + y",
        "-o",
        f"{folder}/",
        "--format",
        "markdown",
        "--pictures",
        "svg",
    )
    pages = sorted(path.name for path in folder.glob("*.md"))
    assert pages == ["exercise-2.md", "exercise.md", "fog.md", "sigmoid.md"]
    alone = said("derive", "sigmoid", "-o", str(tmp_path / "sigmoid.md"), "--pictures", "svg")
    assert alone == ""
    assert (folder / "sigmoid.md").read_text() == (tmp_path / "sigmoid.md").read_text()
    links = re.findall(r"\(([\w-]+\.svg)\)", (folder / "sigmoid.md").read_text())
    assert links
    assert all((folder / link).is_file() for link in links)


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_several_targets_are_a_sheet_with_a_part_for_each(lang: str) -> None:
    sheet = said(
        "derive", "sigmoid", "fog", "x*y", "--format", "markdown", "--lang", lang, "--pictures", "none"
    )
    heads = re.findall("(?m)^(#+) (.*)", sheet)
    assert heads[0] == ("#", {"en": "Worked solutions", "fr": "Corrigés"}[lang])
    assert [head[:3] for marks, head in heads if marks == "##"] == ["1. ", "2. ", "3. "]
    alone = [
        said("derive", target, "--format", "markdown", "--lang", lang, "--pictures", "none")
        for target in ("sigmoid", "fog", "x*y")
    ]
    for page in alone:
        for line in page.split("\n")[1:]:
            assert line.removeprefix("#") in sheet
    assert sum("###" in marks for marks, _ in heads) == sum(
        len(re.findall("(?m)^##+ ", page)) for page in alone
    )


def test_a_sheet_of_statements_has_exercises() -> None:
    sheet = said("derive", "sigmoid", "mlp", "--statement", "--format", "text")
    assert sheet.startswith("Exercises\n═════════\n")
    assert "2. A 2-2-1 network by hand" in sheet
    assert "Checked" not in sheet


def test_a_sheet_in_latex_compiles(tmp_path: Path) -> None:
    compile_latex(said("derive", "sigmoid", "fog", "rnn", "--lang", "fr"), tmp_path)


def test_a_sheet_in_pdf_keeps_to_the_standard(tmp_path: Path) -> None:
    pytest.importorskip("typst")
    said("derive", "sigmoid", "mlp", "fog", "-o", str(tmp_path / "sheet.pdf"))
    assert b"pdfuaid" in (tmp_path / "sheet.pdf").read_bytes()


def test_the_ids_of_a_sheet_in_html_are_different() -> None:
    sheet = said("derive", "sigmoid", "sigmoid", "rnn", "--format", "html")
    ids = re.findall(r'\bid="([^"]+)"', sheet)
    assert len(ids) == len({*ids})
    assert sheet.count("<h1>") == 1
    assert sheet.count("<h2>") == 3


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """A browser that keeps what it was asked to open."""
    program, kept = tmp_path / "browser", tmp_path / "opened"
    program.write_text(
        f'#!{sys.executable}\nimport sys\nopen({str(kept)!r}, "a").write(sys.argv[1] + "\\n")\n'
    )
    program.chmod(0o755)
    environment = os.environ | {"BROWSER": f"{program} %s"}

    def run(*arguments: str) -> list[str]:
        done = run_command(*arguments, env=environment)
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
        return kept.read_text().split()

    return run  # type: ignore[return-value]


@pytest.mark.skipif(sys.platform != "linux", reason="a program as a browser")
def test_open_shows_a_page_of_its_own(opened: Callable[..., list[str]]) -> None:
    (address,) = opened("derive", "sigmoid", "--open")
    page = Path(address.removeprefix("file://"))
    assert page.name == "sigmoid.html"
    assert page.read_text().startswith("<!doctype html>")


@pytest.mark.skipif(sys.platform != "linux", reason="a program as a browser")
def test_open_shows_the_file_that_is_written(opened: Callable[..., list[str]], tmp_path: Path) -> None:
    file = tmp_path / "page.txt"
    assert opened("derive", "sigmoid", "-o", str(file), "--open") == [file.as_uri()]
    assert file.read_text().startswith("The sigmoid")
    assert opened("graph", "sigmoid", "--open")[-1].endswith("graph.svg")


@pytest.mark.skipif(sys.platform != "linux", reason="displays of Linux")
def test_open_without_a_display_is_one_line() -> None:
    hidden = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")
    }
    done = run_command("derive", "sigmoid", "--open", env=hidden)
    assert (done.returncode, done.stdout) == (4, b"")
    assert done.stderr.decode().count("\n") == 1
    assert b"there is no display" in done.stderr


COMPLETING = "import sys; sys.argv[0] = 'symdiff'; from symdiff.__main__ import main; main()"


def completed(line: str, *options: str) -> subprocess.CompletedProcess[str]:
    """What a shell is told for a line, by the protocol of Bash."""
    asked = {
        "_SYMDIFF_COMPLETE": "complete_bash",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(f"{line}.".split()) - 1),
    }
    command = [sys.executable, *options, "-c", COMPLETING]
    return subprocess.run(command, env=os.environ | asked, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("symdiff ", "derive graph code list show gallery"),
        ("symdiff derive logistic", "logistic logistic-general logistic-lse"),
        ("symdiff show rn", "rnn rnn-loss rnn3x3"),
        ("symdiff derive sigmoid --mode ", " ".join(MODES)),
        ("symdiff derive sigmoid --lang ", "en fr"),
        ("symdiff derive sigmoid --format m", "markdown"),
        ("symdiff derive sigmoid --detail ", "brief standard full"),
        ("symdiff derive sigmoid --layout n", "numerator"),
        ("symdiff derive sigmoid --wrt ", "x a"),
        ("symdiff derive sigmoid --wrt x,", "x,a"),
        ("symdiff derive sigmoid --at x=1,", "x=1,a="),
        ("symdiff derive rnn --lang fr --wrt ", "U W V x"),
        ("symdiff derive x*sin(q) --wrt ", "x q"),
        ("symdiff derive mlp --result h", "h1 h2 h3"),
        ("symdiff derive sin( --wrt ", ""),
        ("symdiff derive --wrt ", ""),
        ("symdiff graph rnn --view ", "unrolled folded"),
        ("symdiff graph rnn --format p", "png pdf"),
        ("symdiff code rnn --target t", "torch"),
        ("symdiff code sigmoid --target jax --wrt ", "x a"),
    ],
)  # fmt: skip
def test_a_shell_completes(line: str, words: str) -> None:
    done = completed(line)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split() == words.split()


HEAVY = (
    "sympy",
    "flint",
    "numpy",
    "jinja2",
    "msgspec",
    "symdiff.proof",
    "symdiff.api",
    "symdiff.rendering.pages",
)


@pytest.mark.parametrize(
    "line", ["symdiff de", "symdiff derive s", "symdiff derive sigmoid --wrt ", "symdiff derive x --mode "]
)
def test_completion_loads_nothing_heavy(line: str) -> None:
    loaded = [
        row.rpartition("|")[2].strip() for row in completed(line, "-X", "importtime").stderr.split("\n")
    ]
    assert "symdiff.cli.completions" in loaded
    assert [name for name in loaded if name.startswith(HEAVY)] == []
