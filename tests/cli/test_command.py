"""The command as a user meets it: pipes, files, exit statuses, one clear line for whatever goes wrong."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tools import run_command, run_here

from symdiff.rendering.formats.templates import keep_all


def failure(*arguments: str, status: int, says: str, stdin: bytes = b"") -> str:
    """Run a command that must fail with `status`, in one line (and a place to look at)."""
    done = run_here(*arguments, stdin=stdin)
    error = done.stderr.decode()
    assert done.returncode == status, error
    assert done.stdout == b""
    assert "Traceback" not in error
    first, *picture = error.rstrip("\n").split("\n")
    assert first.startswith("symdiff: ")
    assert says in first
    assert not picture or (len(picture) == 2 and picture[1].strip() == "^")
    return error


def test_a_document_goes_to_standard_output() -> None:
    done = run_command("derive", "sigmoid", "--mode", "reverse")
    assert done.returncode == 0
    assert done.stdout.startswith(rb"\documentclass")
    assert done.stderr == b""


@pytest.mark.parametrize(
    ("ending", "starts"), [("tex", "\\documentclass"), ("md", "# "), ("txt", "dy/dx in"), ("json", "{")]
)
def test_the_format_follows_the_file(ending: str, starts: str, tmp_path: Path) -> None:
    path = tmp_path / f"sol.{ending}"
    assert run_command("derive", "x*sin(x)", "-o", str(path)).returncode == 0
    assert path.read_text(encoding="utf-8").startswith(starts)
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_a_fragment_is_the_body_alone() -> None:
    done = run_command("derive", "sigmoid", "--fragment")
    assert b"\\documentclass" not in done.stdout
    assert b"\\section*{Result}" in done.stdout


def test_standard_input_may_hold_several_equations() -> None:
    done = run_command("derive", "-", "--format", "json", input=b"h = tanh(U*x)\ny = V*h\n")
    assert json.loads(done.stdout)["results"]["U"]["compact"] == "V*(1 - h**2)*x"


def test_an_expression_may_start_with_a_minus_sign() -> None:
    done = run_command("derive", "-x**2", "--format", "json")
    assert json.loads(done.stdout)["results"]["x"]["expr"] == "-2*x"


@pytest.mark.parametrize(("source", "value"), [("x**3", 0), ("x**5 + 2*x", 2), ("sin(x)**3", 0)])
def test_a_derivative_that_vanishes_at_the_point_is_found(source: str, value: float) -> None:
    done = run_command("derive", source, "--at", "x=0", "--format", "json")
    assert json.loads(done.stdout)["results"]["x"]["value"] == value


def test_equations_may_be_indented() -> None:
    done = run_command("derive", "-", "--format", "text", input=b"    h = tanh(U*x)\n    y = V*h\n")
    assert done.returncode == 0


def test_only_the_inputs_asked_for_get_a_pass() -> None:
    done = run_command("derive", "x*y*z", "--mode", "forward", "--wrt", "y,z", "--format", "json")
    sweeps = json.loads(done.stdout)["derivations"][0]["sweeps"]
    assert [sweep["by"] for sweep in sweeps] == ["y", "z"]


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["list"], ["list", "--functions"]])
def test_starting_up_does_not_import_sympy(arguments: list[str]) -> None:
    command = [sys.executable, "-X", "importtime", "-m", "symdiff", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0
    assert "sympy" not in done.stderr
    assert "mpmath" not in done.stderr


def test_a_page_of_numbers_is_written_without_numpy() -> None:
    command = [sys.executable, "-X", "importtime", "-m", "symdiff", "derive", "sigmoid", "--mode", "reverse"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0
    assert " numpy" not in done.stderr


ONLY_HTML = ("explain.shared.stepping", "recurrence_stepping")
ONLY_OTHERS = (
    "exercises.recurrent",
    "cell_work",
    "formulas.typst",
    "pictures.outlines",
    "ziamath",
    "typst_compiler",
)
ONLY_ENTRIES = ("statements.array_sentences", "proof.array_points")
ONLY_NUMBERS = ("derivation.closed_form", "derivation.compact_form", "derivation.answers")
ONLY_LONG = ("statements.folds", "definition_sentences", "language.recurrence", "json.decoder", "_hashlib")
ONLY_OWN_TEMPLATES = ("jinja2", "rendering.formats.sandbox", "rendering.formats.bounds")
LOADED = """
import sys
from symdiff.cli.commands import app
app(sys.argv[1:], standalone_mode=False)
sys.stderr.write("\\n".join(sys.modules))
"""


@pytest.fixture(scope="module", autouse=True)
def templates_as_a_wheel_has_them() -> None:
    """A checkout compiles its templates when they are first wanted, or never where no bytecode is written."""
    keep_all()


SHORTEST = ["sigmoid", "--mode", "reverse"]


def loaded_for(*arguments: str) -> set[str]:
    """The modules that a page loads, once what is made of the templates has been kept."""
    command = [sys.executable, "-c", LOADED, "derive", *arguments]
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    for _ in range(2):
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=kept)
        assert done.returncode == 0
    return set(done.stderr.split("\n"))


@pytest.mark.parametrize(
    ("arguments", "left_out"),
    [
        (SHORTEST, [*ONLY_HTML, *ONLY_OTHERS, *ONLY_ENTRIES, *ONLY_LONG, *ONLY_OWN_TEMPLATES]),
        (["layer-norm"], [*ONLY_HTML, *ONLY_OTHERS, *ONLY_NUMBERS, *ONLY_LONG]),
        (["sigmoid", "--format", "text"], [*ONLY_HTML, *ONLY_LONG]),
        (["sigmoid", "--format", "html"], ONLY_OWN_TEMPLATES),
        (["rnn"], [*ONLY_HTML, *ONLY_OWN_TEMPLATES, "pictures.outlines", "ziamath"]),
        (["x**2 + 1"], ["msgspec", "exercises.keys", "exercises.file"]),
        (["h[t] = tanh(u*x[t] + w*h[t-1]); h[-1] = 0"], ["msgspec", "exercises.keys"]),
    ],
    ids=["latex", "arrays", "text", "html", "a recurrence", "no file", "no file, with times"],
)
def test_a_page_loads_nothing_that_only_others_need(arguments: list[str], left_out: list[str]) -> None:
    loaded = loaded_for(*arguments)
    assert "symdiff.api.solution" in loaded
    assert [name for name in loaded if name.endswith(tuple(left_out))] == []


def test_the_page_in_html_loads_what_it_steps_with() -> None:
    assert {"symdiff.explain.shared.stepping", "symdiff.rendering.pictures.kept_outlines"} <= loaded_for(
        "sigmoid", "--format", "html"
    )


def test_every_function_and_exercise_is_listed() -> None:
    from symdiff.exercises import names
    from symdiff.rules.table import functions

    listed = run_command("list", "--functions").stdout.decode()
    assert all(f"\n{name} " in f"\n{listed}" for name in functions())
    assert all(name in run_command("list", "--lang", "fr").stdout.decode() for name in names())


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (["derive", "sigmod"], 2, "did you mean 'sigmoid'"),
        (["derive", "."], 3, ". is no exercise file; exercise files end in .toml"),
        (["derive", os.devnull], 3, f"{os.devnull} is no exercise file"),
        (["derive", __file__], 3, "is no exercise file"),
        (["derive", "product-sin"], 2, "did you mean 'product-sine'"),
        (["derive", "sn(x)"], 3, "did you mean 'sin'"),
        (["derive", "sin(x"], 3, "the bracket ( is not closed"),
        (["derive", "sin(x, x)"], 3, "takes 1 argument"),
        (["derive", "x.real"], 3, "a dot after a name"),
        (["derive", "'a' + x"], 3, "a text in quotes is no formula"),
        (["derive", '"a" + x'], 3, "a text in quotes is no formula"),
        (["derive", "sin(lambda x: x)"], 3, "lambda inside a formula is not read"),
        (["derive", "[x for x in y]"], 3, "for in a formula is not read"),
        (["derive", "__import__(os)"], 3, "unknown function"),
        (["derive", "(" * 60000 + "x" + ")" * 60000], 3, "characters"),
        (["derive", "(" * 300 + "x" + ")" * 300], 3, "nested"),
        (["derive", "9**9**9**9*x"], 3, "9**9**9 is no real number of reasonable size"),
        (["derive", "9**9**9**9"], 3, "no variable"),
        (["derive", ""], 3, "empty"),
        (["derive", "\\input{/etc/passwd}"], 3, "\\input is not read"),
        (["derive", "<script>*x"], 3, "something is missing before <"),
        (["derive", "x/0"], 3, "x/0 has no usable value"),
        (["derive", "x + 1/0"], 3, "1/0 is no real number"),
        (["derive", "exp + exp(x)"], 3, "is a function"),
        (
            ["derive", "y*sqrt(-1-exp(x))"],
            3,
            "sqrt(-1 - exp(x)) has no usable value at any",
        ),
        (["derive", "sigmoid", "--format", "latx"], 2, "did you mean 'latex'"),
        (["derive", "sigmoid", "--lang", "frr"], 2, "did you mean 'fr'"),
        (["derive", "sigmoid", "--mode", "revers"], 2, "did you mean 'reverse'"),
        (["derive", "sigmoid", "--granularity", "fine"], 2, "known: atomic, textbook"),
        (["derive", "sigmoid", "--wrt", "z"], 2, "'z' is not an input"),
        (["derive", "sigmoid", "--wrt", ""], 2, "an empty name"),
        (["derive", "sigmoid", "--at", "x=1"], 2, "no value for a"),
        (["derive", "sigmoid", "--at", "x=1,a=2,b=3"], 2, "'b' is not an input"),
        (["derive", "sigmoid", "--at", "x=1,a=nan"], 2, "not a number"),
        (["derive", "sigmoid", "--at", "x=1,a=1e999"], 2, "not a number"),
        (["derive", "sigmoid", "--at", "x"], 2, "not a value"),
        (["derive", "log(x)", "--at", "x=-1"], 3, "outside the domain"),
        (["derive", "sqrt(x)", "--at", "x=0"], 3, "outside the domain"),
        (["derive", "sigmoid", "--digits", "0"], 2, "digits"),
        (["derive", "sigmoid", "--digits", "1000"], 2, "digits"),
        (["derive", "sigmoid", "--templates", "/nowhere"], 2, "no folder"),
        (["derive", "sigmoid", "-o", "/nowhere/sol.tex"], 2, "cannot write"),
        (["derive", "sigmoid", "-o", "sol.xyz"], 2, "no format has the ending"),
        (["derive", "sigmoid", "--nonsense"], 2, "nonsense"),
        (["derive"], 2, "say what to differentiate: an exercise"),
        (
            ["derive", "sigmoid", "-o", "/no-such-folder/x.tex"],
            2,
            "the folder /no-such-folder does not exist",
        ),
        (["derive", "sigmoid", "--steps", "3"], 2, "--steps: this is for recurrences"),
        (["derive", "sigmoid", "--size", "n=3"], 2, "--size: this is for --mode entries"),
        (["derive", "logistic", "--size", "n=0"], 2, "--size: a size is a whole number from 1 to 10000"),
        (["derive", "rnn", "--steps", "0"], 3, "--steps: 0 steps cannot be written out; choose from 1"),
        (["derive", "rnn", "--mode", "jacobian"], 3, "U, W, V are matrices"),
        (["derive", "x", "--wrt", "z"], 2, "`symdiff list` shows them. For the function x write y = x"),
        (["derive", "sigmoidd"], 2, "did you mean 'sigmoid'? For the function"),
        (["derive", "foo(x)"], 3, "unknown function 'foo'; see `symdiff list --functions`"),
        (["derive", "x*sqrt(-1-a**2)"], 3, "give a point where it is defined, as --at x=3,a=3"),
        (
            ["derive", "logistic", "--at", "W=[[1,2],[3,4]],x=[1,2],y=[2,3]"],
            3,
            "y must be a probability vector, entries at least 0 that add up to exactly 1; here they add",
        ),
        (["derive", "logistic", "--at", "W=[[1,2],[3,4]],x=[1,2],y=[-1,2]"], 3, "here one is -1"),
        (
            ["derive", "logistic", "--at", "W=[1,2],x=[1,2],y=[1,0]"],
            2,
            "--at: W is a matrix of 2×2, but its value is a vector of 2 entries; write a list of its rows",
        ),
        (["nonsense"], 2, "'nonsense' is no command; known: code, derive, gallery, graph, list, show"),
        (["deriv", "sigmoid"], 2, "did you mean 'derive'?"),
        (["sigmoid", "--lang", "fr"], 2, "'sigmoid' is no command; write symdiff derive sigmoid --lang fr"),
        (["x*sin(x)"], 2, 'write symdiff derive "x*sin(x)"'),
        (["-x**2"], 2, 'write symdiff derive "-x**2"'),
        (["own.toml"], 2, "write symdiff derive own.toml"),
        (["sigmod"], 2, "did you mean symdiff derive sigmoid?"),
        (["derive", "sigmoid", "--mod", "x"], 2, "derive has no option --mod; did you mean '--mode'?"),
        (["derive", "sigmoid", "--target", "jax"], 2, "derive has no option --target; it is an option of"),
        (["--mode", "x"], 2, "no option --mode; it is an option of symdiff derive"),
        (["code"], 2, "say what to differentiate"),
        (["graph"], 2, "say what to differentiate"),
        (["show"], 2, "say what to differentiate"),
        (["show", "sigmod"], 2, "did you mean 'sigmoid'"),
        (["show", "sin(x"], 3, "is not closed"),
        (["derive", "x", "+", "1"], 2, 'a formula is one argument; put it between quotes: "x + 1"'),
        (["derive", "sigmoid", "reverse"], 2, "'reverse' is a mode; write --mode reverse"),
        (["derive", "sigmoid", "log(-1-x**2)", "--format", "text"], 3, "log(-1-x**2)"),
        (["derive", "sigmoid", "fog", "--format", "json"], 2, "write several into a folder: -o out/"),
        (["derive", "sigmoid", "fog", "-o", "x.json"], 2, "write several into a folder: -o out/"),
        (["list", "zebra"], 2, "nothing is called 'zebra'"),
        (["list", "--lang", "frr"], 2, "did you mean 'fr'"),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, list) else None,
)
def test_bad_input_gets_one_clear_line(arguments: list[str], status: int, says: str) -> None:
    failure(*arguments, status=status, says=says)


@pytest.mark.parametrize(
    ("stdin", "says"),
    [
        (b"", "empty"),
        (b"\xff\xfe", "UTF-8"),
        (b"x\0y", "an invisible character"),
        (b"x+" * 500_000, "characters"),
    ],
)
def test_bad_standard_input(stdin: bytes, says: str) -> None:
    failure("derive", "-", status=3, says=says, stdin=stdin)


def test_a_folder_as_output_is_refused(tmp_path: Path) -> None:
    (tmp_path / "sol.tex").mkdir()
    failure("derive", "sigmoid", "-o", str(tmp_path / "sol.tex"), status=2, says="folder")


def test_a_failure_leaves_the_old_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "sol.tex"
    path.write_text("mine")
    failure("derive", "log(x)", "--at", "x=-1", "-o", str(path), status=3, says="outside")
    assert path.read_text() == "mine"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_said_in_one_line() -> None:
    with Path("/dev/full").open("wb") as full:
        done = run_command("derive", "sigmoid", stdout=full, stderr=subprocess.PIPE, capture_output=False)
    assert done.returncode == 2
    assert done.stderr.decode() == "symdiff: No space left on device\n"


def test_a_reader_that_leaves_early_is_no_error() -> None:
    command = f"{sys.executable} -m symdiff derive sigmoid --full | head -1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, timeout=60)
    assert done.stdout == b"\\documentclass[11pt,a4paper]{article}\n"
    assert done.stderr == b""


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Processes started here end at Ctrl-C, although a shell has those in its background ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_ctrl_c_ends_without_a_traceback() -> None:
    lines = b"h0 = tanh(x)\n" + b"".join(b"h%d = tanh(h%d)\n" % (i + 1, i) for i in range(9000))
    command = [sys.executable, "-m", "symdiff", "derive", "-"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdin is not None
    process.stdin.write(lines)
    process.stdin.close()
    time.sleep(1.5)
    process.send_signal(signal.SIGINT)
    assert process.stdout is not None
    assert process.stderr is not None
    output, error = process.stdout.read(), process.stderr.read()
    assert process.wait(timeout=30) == 130
    assert output == b""
    assert error == b"symdiff: interrupted\n"


@pytest.mark.usefixtures("interruptible")
def test_ctrl_c_is_not_lost_in_a_library_that_catches_everything() -> None:
    program = """
import os, signal, symdiff.cli.page
from symdiff.__main__ import main
own = symdiff.cli.page.pages_of
def loading(*given, **more):
    try:
        os.kill(os.getpid(), signal.SIGINT)
    except BaseException:
        return own(*given, **more)
symdiff.cli.page.pages_of = loading
main(["derive", "x*y"])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True)
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"symdiff: interrupted\n")


def test_a_value_too_small_to_be_written_is_said_to_be() -> None:
    done = run_command("derive", "exp(-exp(x))", "--at", "x=20")
    assert done.returncode == 3
    assert b"a value below 10^-1000" in done.stderr


def test_a_folded_trace_table_in_parts_has_its_rows() -> None:
    lines = ["q_0 = a*b", *(f"q_{t} = q_{t - 1}*a" for t in range(1, 8))]
    lines.append("L = " + " + ".join(f"(q_{t} - 1)**2" for t in range(8)))
    options = ("--at", "a=0.5,b=1", "--format", "text", "--mode", "reverse")
    done = run_command("derive", "-", *options, input="\n".join(lines).encode())
    assert done.returncode == 0, done.stderr


def test_a_derivative_that_is_zero_by_cancellation_is_proved() -> None:
    assert run_command("derive", "layer-norm", "--mode", "chain").returncode == 0


def test_output_is_utf8_whatever_the_locale() -> None:
    done = run_command(
        "derive", "sigmoid", "--lang", "fr", "--format", "text", env=os.environ | {"LC_ALL": "C"}
    )
    assert "Énoncé" in done.stdout.decode("utf-8")
