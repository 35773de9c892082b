"""The command line: options to a solution, a solution to standard output or a file. Nothing else.

Everything heavy is imported inside the commands, so that --help, --version, list and completion start
at once.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from symdiff.errors import InputError, UsageError, did_you_mean

app = typer.Typer(
    name="symdiff",
    help="Write the worked solution of a gradient exercise, forward or reverse mode, and prove every line.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
MOST_INPUT = 1_000_000


def _version(wanted: bool) -> None:
    if wanted:
        from symdiff import __version__

        sys.stdout.write(f"symdiff {__version__}\n")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Options before any command."""


@app.command()
def derive(
    target: Annotated[
        str,
        typer.Argument(help="An exercise's name, a .toml file, an expression, an equation, or - for stdin."),
    ],
    mode: Annotated[
        str | None,
        typer.Option(
            help="forward, reverse, both, jacobian, chain, entries or bptt; default: the exercise's own."
        ),
    ] = None,
    wrt: Annotated[
        list[str] | None, typer.Option(help="Inputs to differentiate by, as x,a; default: all.")
    ] = None,
    at: Annotated[
        list[str] | None, typer.Option(help="Numbers along the trace, as x=1,a=2 or x=[1,2].")
    ] = None,
    digits: Annotated[int, typer.Option(help="Decimals of printed numbers.")] = 4,
    layout: Annotated[
        str | None, typer.Option(help="numerator or denominator: how derivatives by arrays are laid out.")
    ] = None,
    size: Annotated[
        list[str] | None, typer.Option(help="Numbers for sizes that are names, for --mode entries: n=3.")
    ] = None,
    steps: Annotated[int | None, typer.Option(help="Steps of a recurrence to write out.")] = None,
    result: Annotated[
        str | None, typer.Option(help="The definition to differentiate, as h_1; default: the last one.")
    ] = None,
    granularity: Annotated[str, typer.Option(help="textbook, or atomic: one operation a step.")] = "textbook",
    format: Annotated[
        str | None, typer.Option(help="latex, markdown, text or json; default: from -o, or latex.")
    ] = None,
    lang: Annotated[str, typer.Option(help="en or fr.")] = "en",
    fragment: Annotated[bool, typer.Option("--fragment", help="The body only, to \\input.")] = False,
    full: Annotated[bool, typer.Option("--full", help="Write out every line of a long derivation.")] = False,
    templates: Annotated[Path | None, typer.Option(help="A folder of templates that go before ours.")] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Write to this file.")] = None,
) -> None:
    """Write the worked solution of TARGET."""
    from symdiff.options import parse_point, parse_sizes
    from symdiff.problems import read
    from symdiff.progress import shown, stage
    from symdiff.render.formats import load_format, load_messages
    from symdiff.solve import solve

    chosen = format or _format_of(output)
    if chosen != "json":
        load_format(chosen, templates)
    load_messages(lang, templates)
    with shown():
        solution = solve(
            read(_standard_input() if target == "-" else target),
            mode,
            _names(wrt),
            parse_point(at),
            digits,
            granularity,
            full,
            layout,
            parse_sizes(size),
            steps,
            result,
        )
        stage("writing the page")
        page = solution.render(chosen, lang, fragment=fragment, templates=templates)
    _write(page, output)


@app.command()
def code(
    source: Annotated[
        str,
        typer.Argument(
            metavar="TARGET",
            help="An exercise's name, a .toml file, an expression, an equation, or - for stdin.",
        ),
    ],
    target: Annotated[str, typer.Option(help="numpy, torch or jax.")] = "numpy",
    wrt: Annotated[
        list[str] | None, typer.Option(help="Inputs to differentiate by, as x,a; default: all.")
    ] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Write to this file.")] = None,
) -> None:
    """Write Python code for the value and the gradients of TARGET, as derived."""
    from symdiff.emit import emit
    from symdiff.progress import shown

    with shown():
        found = emit(_standard_input() if source == "-" else source, target, _names(wrt))
    _write(found, output)


@app.command("list")
def list_(
    functions: Annotated[
        bool, typer.Option("--functions", help="List the functions of the language.")
    ] = False,
    lang: Annotated[str, typer.Option(help="en or fr.")] = "en",
) -> None:
    """List the built-in exercises, or the functions that expressions may use."""
    if functions:
        from symdiff.array_reader import FILLS
        from symdiff.rules import functions as table

        rows = [(name, _signature(name, rule.op.arity, rule.op.name)) for name, rule in table().items()]
        rows += [(name, f"{name}({sizes})") for name, sizes in FILLS.items()]
    else:
        from symdiff.problems import names, titles
        from symdiff.render.formats import load_messages

        load_messages(lang)
        rows = [(name, titles(name).get(lang, titles(name)["en"])) for name in names()]
    width = max(len(name) for name, _ in rows)
    _write("".join(f"{name:{width}}  {text}\n" for name, text in rows), None)


@app.command()
def gallery(
    folder: Annotated[Path, typer.Argument(help="Where to write the documents.")] = Path("outputs"),
) -> None:
    """Write every built-in exercise in every mode, language and format."""
    from symdiff.gallery import write_gallery
    from symdiff.progress import shown

    with shown():
        count = write_gallery(folder)
    _write(f"{count} documents in {folder}\n", None)


def _signature(name: str, arity: int | None, own: str) -> str:
    if arity is None:
        return f"{name}(u, v, …)"
    if not arity:
        return "constant"
    alias = "" if name == own else f"  (the same as {own})"
    return f"{name}({', '.join('uv'[:arity])}){alias}"


def _names(given: list[str] | None) -> list[str] | None:
    """x,a or several --wrt as one list."""
    if given is None:
        return None
    names = [name.strip() for part in given for name in part.split(",")]
    if not all(names):
        raise UsageError("an empty name", where="--wrt", way_out="write --wrt x,a")
    return names


def _format_of(output: Path | None) -> str:
    """The format by a file's ending; LaTeX without a file."""
    if output is None:
        return "latex"
    from symdiff.render.formats import formats, load_format

    endings = {load_format(name).extension: name for name in formats()} | {"json": "json"}
    ending = output.suffix.removeprefix(".").lower()
    if ending not in endings:
        way_out = f"{did_you_mean(ending, endings)}; or say --format"
        raise UsageError(f"no format has the ending {output.suffix!r}", way_out=way_out)
    return endings[ending]


def _standard_input() -> str:
    data = sys.stdin.buffer.read(MOST_INPUT + 1)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError("standard input is not UTF-8 text") from None


def _write(text: str, output: Path | None) -> None:
    """To standard output, or to a file that is written whole or not at all."""
    if output is None:
        sys.stdout.write(text)
    elif output.exists() and not output.is_file():
        if output.is_dir():
            raise UsageError(f"{str(output)!r} is a folder", where="-o")
        output.write_text(text, encoding="utf-8")
    else:
        from symdiff.files import write_whole

        write_whole(output, text)
