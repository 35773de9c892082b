"""The command line: options to a solution, a solution to standard output or a file. Nothing else.

Everything heavy is imported inside the commands, so that --help, --version, list and completion start
at once. Typer reads annotations, and as texts it would compile each at every start: they are none here.
"""

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from symdiff.cli.options import names_of, parse_point, parse_sizes, standard_input
from symdiff.cli.shape_options import parse_assumed, parse_shapes
from symdiff.console import progress_shown, wants_colours, write
from symdiff.errors import UsageError, did_you_mean
from symdiff.exercises.levels import LEVELS
from symdiff.exercises.modes import MODES
from symdiff.expr.records import dataclass

if TYPE_CHECKING:
    from symdiff.cli.page import Page


RASTERS = {"png": "png", "pdf": "pdf"}

# The options that several commands take, each said once.
Target = Annotated[
    str, typer.Argument(help="An exercise's name, a .toml file, an expression, an equation, or - for stdin.")
]
Wrt = Annotated[
    list[str] | None,
    typer.Option(help="Inputs to differentiate with respect to, for example x,a; default: all."),
]
Digits = Annotated[int, typer.Option(help="Decimals of printed numbers.")]
Size = Annotated[
    list[str] | None,
    typer.Option(help="Values of sizes that are names, for --mode entries, for example n=3."),
]
Shapes = Annotated[
    list[str] | None,
    typer.Option("--shape", help='Inputs of a text that are vectors or matrices, for example "X=m,d w=d".'),
]
Assumed = Annotated[
    list[str] | None,
    typer.Option("--assume", help='What is known of them, for example "y=simplex C=symmetric".'),
]
Result = Annotated[
    str | None, typer.Option(help="The definition to differentiate, for example h_1; default: the last one.")
]
Granularity = Annotated[str, typer.Option(help="textbook, or atomic: one operation a step.")]
Lang = Annotated[str, typer.Option(help="{languages}.")]
Templates = Annotated[Path | None, typer.Option(help="A folder of templates that go before ours.")]
File = Annotated[Path | None, typer.Option("-o", "--output", help="Write to this file.")]


def graph(
    target: Target,
    mode: Annotated[
        str | None, typer.Option(help="As for derive: steps w₁, w₂, … or the author's own names.")
    ] = None,
    wrt: Wrt = None,
    at: Annotated[list[str] | None, typer.Option(help="A point, whose values stand above the nodes.")] = None,
    values: Annotated[bool, typer.Option("--values", help="Values at the exercise's own point.")] = False,
    adjoints: Annotated[bool, typer.Option("--adjoints", help="Adjoints below the nodes.")] = False,
    digits: Digits = 4,
    shape: Shapes = None,
    assume: Assumed = None,
    size: Size = None,
    steps: Annotated[int | None, typer.Option(help="Steps of a recurrence to draw.")] = None,
    view: Annotated[str | None, typer.Option(help="unrolled or folded, for a recurrence.")] = None,
    result: Result = None,
    granularity: Granularity = "textbook",
    format: Annotated[
        str | None,
        typer.Option(help="{pictures}; default: from -o, or svg."),
    ] = None,
    lang: Lang = "en",
    full: Annotated[bool, typer.Option("--full", help="Draw every node of a large graph.")] = False,
    templates: Templates = None,
    output: File = None,
) -> None:
    """Draw the computation graph of TARGET, with its local partial derivatives."""
    from symdiff.api.drawing import draw
    from symdiff.api.wishes import Wishes
    from symdiff.exercises import read
    from symdiff.rendering.formats.formats import load_messages

    chosen = _chosen(format, output, templates)
    load_messages(lang, templates)
    with progress_shown():
        point, sizes = parse_point(at), parse_sizes(size)
        wishes = Wishes(mode, names_of(wrt), point, digits, granularity, full, None, sizes, steps, result)
        text = standard_input() if target == "-" else target
        problem = read(text, parse_shapes(shape), parse_assumed(assume), point)
        picture = draw(problem, wishes, view, values, adjoints).render(chosen, lang, templates=templates)
    write(picture, output)


def _chosen(format: str | None, output: Path | None, templates: Path | None) -> str:
    """The picture format: as said, or by the file's ending."""
    from symdiff.rendering.pictures.emitters import emitters

    known = emitters(templates)
    if format is not None:
        if format not in {*known, *RASTERS}:
            raise UsageError(
                f"unknown picture format {format!r}", way_out=did_you_mean(format, {*known, *RASTERS})
            )
        return format
    if output is None:
        return "svg"
    endings = {emitter.extension: name for name, emitter in known.items()} | RASTERS
    ending = output.suffix.removeprefix(".").lower()
    if ending not in endings:
        way_out = f"{did_you_mean(ending, endings)}; or say --format"
        raise UsageError(f"no picture format has the ending {output.suffix!r}", way_out=way_out)
    return endings[ending]


class Listing(TyperCommand):
    """A command whose help lists what there is, {formats}, {languages}, …, looked up when it is asked for."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        from symdiff.rendering.formats import folders

        there = {
            "modes": [*MODES],
            "details": [*LEVELS],
            "formats": [*folders.formats(), *folders.compiled(), "json"],
            "languages": folders.languages(),
            "pictures": [*folders.picture_formats(), *RASTERS],
            "targets": folders.targets(),
        }
        lists = {name: f"{', '.join(values[:-1])} or {values[-1]}" for name, values in there.items()}
        options: list[Any] = [each for each in self.params if getattr(each, "help", None)]
        for option in options:
            option.help = re.sub(r"\{(\w+)\}", lambda found: lists[found[1]], option.help)
        super().format_options(ctx, formatter)


app = typer.Typer(
    name="symdiff",
    help="Write the worked solution of a gradient exercise, in forward or reverse mode, "
    "with every line checked numerically.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command(cls=Listing)(graph)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks for a page: where the text of `-` comes from, and what is done with the page."""

    read: Callable[[], str]
    show: Callable[["Page"], None]


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version  # it takes 20 ms to start

        sys.stdout.write(f"symdiff {version('symdiff-derive')}\n")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Options before any command."""


@app.command(cls=Listing)
def derive(
    context: typer.Context,
    target: Target,
    mode: Annotated[
        str | None,
        typer.Option(help="{modes}; default: the exercise's own."),
    ] = None,
    wrt: Wrt = None,
    at: Annotated[
        list[str] | None, typer.Option(help="Values of the inputs, for example x=1,a=2 or x=[1,2].")
    ] = None,
    digits: Digits = 4,
    shape: Shapes = None,
    assume: Assumed = None,
    layout: Annotated[
        str | None,
        typer.Option(
            help="numerator or denominator: how derivatives with respect to vectors and matrices are written."
        ),
    ] = None,
    size: Size = None,
    steps: Annotated[int | None, typer.Option(help="Steps of a recurrence to write out.")] = None,
    result: Result = None,
    granularity: Granularity = "textbook",
    format: Annotated[
        str | None,
        typer.Option(help="{formats}; default: from -o, or latex."),
    ] = None,
    lang: Lang = "en",
    fragment: Annotated[
        bool, typer.Option("--fragment", help="Write only the body, for \\input in another document.")
    ] = False,
    full: Annotated[bool, typer.Option("--full", help="Write out every line of a long derivation.")] = False,
    detail: Annotated[
        str | None, typer.Option(help="{details}; default: the exercise's own, or standard.")
    ] = None,
    statement: Annotated[bool, typer.Option("--statement", help="The exercise alone.")] = False,
    no_cost: Annotated[bool, typer.Option("--no-cost", help="Leave out which mode is cheaper.")] = False,
    no_note: Annotated[bool, typer.Option("--no-note", help="Leave out how it was checked.")] = False,
    second_opinion: Annotated[
        bool, typer.Option("--second-opinion", help="Compare the results with SymPy's as well.")
    ] = False,
    pictures: Annotated[
        str | None,
        typer.Option(help="none, svg (files beside Markdown), or tikz or mermaid in a fragment."),
    ] = None,
    templates: Templates = None,
    output: File = None,
) -> None:
    """Write the worked solution of TARGET."""
    from symdiff.api.wishes import Wishes
    from symdiff.cli.page import Output, page_of

    caller: Caller = context.obj or Caller(standard_input, _print)
    wanted = Output(format, lang, fragment, templates, pictures, output)
    with progress_shown():
        point, sizes = parse_point(at), parse_sizes(size)
        wishes = Wishes(
            mode,
            names_of(wrt),
            point,
            digits,
            granularity,
            full,
            layout,
            sizes,
            steps,
            result,
            second_opinion,
            detail,
            statement,
            not no_cost,
            not no_note,
        )
        text = caller.read() if target == "-" else target
        page = page_of(text, wishes, wanted, parse_shapes(shape), parse_assumed(assume))
    if output is None:
        caller.show(page)
        return
    with progress_shown():
        content, beside = page.content(), page.files()
    for name, picture in beside.items():  # before the page, so that no page has links to what is not there
        write(picture, output.with_name(name))
    write(content, output)


def derive_for(caller: Caller, arguments: list[str]) -> None:
    """Read `arguments` as `symdiff derive` does, and let `caller` show the page."""
    command = typer.main.get_command(app).commands["derive"]  # type: ignore[attr-defined]
    with command.make_context("derive", arguments, obj=caller) as context:
        command.invoke(context)


@app.command(cls=Listing)
def code(
    source: Annotated[
        str,
        typer.Argument(
            metavar="TARGET",
            help="An exercise's name, a .toml file, an expression, an equation, or - for stdin.",
        ),
    ],
    target: Annotated[str, typer.Option(help="{targets}.")] = "numpy",
    wrt: Wrt = None,
    shape: Shapes = None,
    assume: Assumed = None,
    templates: Templates = None,
    output: File = None,
) -> None:
    """Write Python code for the value and the gradients of TARGET, as derived."""
    from symdiff.codegen import emit
    from symdiff.exercises import read

    with progress_shown():
        text = standard_input() if source == "-" else source
        problem = read(text, parse_shapes(shape), parse_assumed(assume))
        found = emit(problem, target, names_of(wrt), templates=templates)
    write(found, output)


@app.command("list", cls=Listing)
def list_(
    functions: Annotated[
        bool, typer.Option("--functions", help="List the functions of the language.")
    ] = False,
    lang: Lang = "en",
) -> None:
    """List the built-in exercises, or the functions that expressions may use."""
    if functions:
        from symdiff.language.reader import FILLED_ARRAYS
        from symdiff.rules.table import functions as table

        rows = [(name, _signature(name, rule.op.arity, rule.op.name)) for name, rule in table().items()]
        rows += [(name, f"{name}({sizes})") for name, sizes in FILLED_ARRAYS.items()]
    else:
        from symdiff.exercises import names, titles
        from symdiff.rendering.formats.formats import load_messages

        load_messages(lang)
        rows = [(name, titles(name).get(lang, titles(name)["en"])) for name in names()]
    width = max(len(name) for name, _ in rows)
    write("".join(f"{name:{width}}  {text}\n" for name, text in rows), None)


@app.command(cls=Listing)
def gallery(
    folder: Annotated[Path, typer.Argument(help="Where to write the documents.")] = Path("outputs"),
    everything: Annotated[bool, typer.Option("--all", help="Write every file whose sum is listed.")] = False,
) -> None:
    """Write the built-in exercises as text, Markdown and pictures, samples of other formats, sums of all."""
    from symdiff.cli.gallery import SUMS, write_gallery

    with progress_shown():
        written, made = write_gallery(folder, everything)
    write(f"{written} of {made} files in {folder}, the sums of all in {folder / SUMS}\n", None)


def _signature(name: str, arity: int | None, own: str) -> str:
    if arity is None:
        return f"{name}(u, v, …)"
    if not arity:
        return "constant"
    alias = "" if name == own else f"  (the same as {own})"
    return f"{name}({', '.join('uv'[:arity])}){alias}"


def _print(page: "Page") -> None:
    """To standard output, in colours where that is a terminal that takes them."""
    import os

    with progress_shown():
        content = page.content(coloured=wants_colours(sys.stdout, os.environ))
    write(content, None)
