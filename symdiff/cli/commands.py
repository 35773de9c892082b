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
from typer.core import TyperCommand, TyperGroup

from symdiff.cli import completions
from symdiff.cli.delivery import OPENED, deliver, deliver_content, one_document, place_of
from symdiff.cli.options import names_of, parse_point, parse_sizes, reading_of, standard_input
from symdiff.cli.shape_options import parse_assumed, parse_shapes
from symdiff.console import progress_shown, wants_colours, write
from symdiff.errors import Status, UsageError, did_you_mean
from symdiff.exercises.levels import LEVELS
from symdiff.exercises.modes import MODES
from symdiff.expr.records import dataclass
from symdiff.language.reading import read_as

if TYPE_CHECKING:
    from symdiff.cli.page import Page, Sheet


RASTERS = {"png": "png", "pdf": "pdf"}

# The options that several commands take, each said once.
TARGET = "An exercise's name, a .toml file, an expression, an equation, or - for stdin."
Target = Annotated[str, typer.Argument(help=TARGET, metavar="TARGET", autocompletion=completions.target)]
Wrt = Annotated[
    list[str] | None,
    typer.Option(
        help="Inputs to differentiate with respect to, for example x,a; default: all.",
        autocompletion=completions.wrt,
    ),
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
    str | None,
    typer.Option(
        help="The definition to differentiate, for example h_1; default: the last one.",
        autocompletion=completions.result,
    ),
]
Granularity = Annotated[
    str,
    typer.Option(help="textbook, or atomic: one operation a step.", autocompletion=completions.granularity),
]
Lang = Annotated[str, typer.Option(help="{languages}.", autocompletion=completions.lang)]
Literal = Annotated[
    bool, typer.Option("--literal", help="Read formulas to the letter, with no liberties as 2x or np.exp(x).")
]
Open = Annotated[bool, typer.Option("--open", help="Show it in the browser or the viewer of the system.")]
Templates = Annotated[Path | None, typer.Option(help="A folder of templates that go before ours.")]
File = Annotated[Path | None, typer.Option("-o", "--output", help="Write to this file.")]


def graph(
    target: Target,
    mode: Annotated[
        str | None,
        typer.Option(
            help="As for derive: steps w₁, w₂, … or the author's own names.", autocompletion=completions.mode
        ),
    ] = None,
    wrt: Wrt = None,
    at: Annotated[
        list[str] | None,
        typer.Option(help="A point, whose values stand above the nodes.", autocompletion=completions.at),
    ] = None,
    values: Annotated[bool, typer.Option("--values", help="Values at the exercise's own point.")] = False,
    adjoints: Annotated[bool, typer.Option("--adjoints", help="Adjoints below the nodes.")] = False,
    digits: Digits = 4,
    shape: Shapes = None,
    assume: Assumed = None,
    size: Size = None,
    steps: Annotated[int | None, typer.Option(help="Steps of a recurrence to draw.")] = None,
    view: Annotated[
        str | None,
        typer.Option(help="unrolled or folded, for a recurrence.", autocompletion=completions.view),
    ] = None,
    result: Result = None,
    granularity: Granularity = "textbook",
    format: Annotated[
        str | None,
        typer.Option(help="{pictures}; default: from -o, or svg.", autocompletion=completions.picture_format),
    ] = None,
    lang: Lang = "en",
    literal: Literal = False,
    full: Annotated[bool, typer.Option("--full", help="Draw every node of a large graph.")] = False,
    templates: Templates = None,
    output: File = None,
    opened: Open = False,
) -> None:
    """Draw the computation graph of TARGET."""
    from symdiff.api.drawing import draw
    from symdiff.api.wishes import Wishes
    from symdiff.exercises import read
    from symdiff.rendering.formats.formats import load_messages

    place = place_of(output, False, opened, format)
    chosen = _chosen(format, output, templates)
    load_messages(lang, templates)
    with progress_shown(), read_as(reading_of(literal, lang)):
        point, sizes = parse_point(at), parse_sizes(size)
        wishes = Wishes(mode, names_of(wrt), point, digits, granularity, full, None, sizes, steps, result)
        text = standard_input() if target == "-" else target
        problem = read(text, parse_shapes(shape), parse_assumed(assume), point)
        picture = draw(problem, wishes, view, values, adjoints).render(chosen, lang, templates=templates)
    deliver_content(picture, f"graph.{chosen}", place)


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


class Commands(TyperGroup):
    """The commands; one that is misspelt or left out is said in the command's own words."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args and args[0] not in self.commands and not ctx.resilient_parsing and args[0][:1] != "-":
            from symdiff.cli.failures import unknown_command

            raise unknown_command(args, self.commands)
        return super().resolve_command(ctx, args)


app = typer.Typer(
    name="symdiff",
    cls=Commands,
    help="Write the worked solution of a gradient exercise, in forward or reverse mode, "
    "with every line checked numerically.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    epilog='To begin: symdiff derive "x*sin(x)" --format text, or symdiff list.',
    context_settings={"help_option_names": ["-h", "--help"]},
)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks for a page: where the text of `-` comes from, and what is done with the page."""

    read: Callable[[], str]
    show: Callable[["Page | Sheet"], None]


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version  # it takes 20 ms to start

        sys.stdout.write(f"symdiff {version('symdiff-derive')}\n")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def _main(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Options before any command; without one, the help, as an error."""
    if context.invoked_subcommand is None:
        sys.stderr.write(f"{context.get_help()}\n")
        raise typer.Exit(Status.USAGE)


@app.command(cls=Listing)
def derive(
    context: typer.Context,
    targets: Annotated[
        list[str],
        typer.Argument(
            help=f"{TARGET} Several: a sheet, or with -o FOLDER a file for each.",
            metavar="TARGET...",
            autocompletion=completions.target,
        ),
    ],
    mode: Annotated[
        str | None,
        typer.Option(help="{modes}; default: the exercise's own.", autocompletion=completions.mode),
    ] = None,
    wrt: Wrt = None,
    at: Annotated[
        list[str] | None,
        typer.Option(
            help="Values of the inputs, for example x=1,a=2 or x=[1,2].", autocompletion=completions.at
        ),
    ] = None,
    digits: Digits = 4,
    shape: Shapes = None,
    assume: Assumed = None,
    layout: Annotated[
        str | None,
        typer.Option(
            help="numerator or denominator: how derivatives by vectors and matrices are written.",
            autocompletion=completions.layout,
        ),
    ] = None,
    size: Size = None,
    steps: Annotated[int | None, typer.Option(help="Steps of a recurrence to write out.")] = None,
    result: Result = None,
    granularity: Granularity = "textbook",
    format: Annotated[
        str | None,
        typer.Option(help="{formats}; default: from -o, or latex.", autocompletion=completions.format),
    ] = None,
    lang: Lang = "en",
    literal: Literal = False,
    fragment: Annotated[
        bool, typer.Option("--fragment", help="Write only the body, for \\input in another document.")
    ] = False,
    full: Annotated[bool, typer.Option("--full", help="Write out every line of a long derivation.")] = False,
    detail: Annotated[
        str | None,
        typer.Option(
            help="{details}; default: the exercise's own, or standard.", autocompletion=completions.detail
        ),
    ] = None,
    statement: Annotated[bool, typer.Option("--statement", help="The exercise alone.")] = False,
    no_cost: Annotated[bool, typer.Option("--no-cost", help="Leave out which mode is cheaper.")] = False,
    no_note: Annotated[bool, typer.Option("--no-note", help="Leave out how it was checked.")] = False,
    second_opinion: Annotated[
        bool, typer.Option("--second-opinion", help="Compare the results with SymPy's as well.")
    ] = False,
    pictures: Annotated[
        str | None,
        typer.Option(
            help="none, svg (files beside Markdown), or tikz or mermaid in a fragment.",
            autocompletion=completions.pictures,
        ),
    ] = None,
    templates: Templates = None,
    output: File = None,
    opened: Open = False,
) -> None:
    """Write the worked solution of TARGET, or of several as a sheet."""
    from symdiff.api.wishes import Wishes
    from symdiff.cli.page import Output, pages_of

    caller: Caller = context.obj or Caller(standard_input, _print)
    place = place_of(output, len(targets) > 1, opened, format)
    said = format or (OPENED if opened and place.file is None else None)
    wanted = Output(said, lang, fragment, templates, pictures, place.file, place.is_standard_output)
    with progress_shown(), read_as(reading_of(literal, lang)):
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
        texts = [caller.read() if target == "-" else target for target in targets]
        pages = pages_of(texts, wishes, wanted, parse_shapes(shape), parse_assumed(assume))
    if place.is_standard_output:
        caller.show(one_document(pages))
    else:
        deliver(pages, targets, place)


app.command(cls=Listing)(graph)


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
            help=TARGET,
            autocompletion=completions.target,
        ),
    ],
    target: Annotated[str, typer.Option(help="{targets}.", autocompletion=completions.code_target)] = "numpy",
    wrt: Wrt = None,
    shape: Shapes = None,
    assume: Assumed = None,
    literal: Literal = False,
    templates: Templates = None,
    output: File = None,
) -> None:
    """Write value and gradients of TARGET as Python code."""
    from symdiff.codegen import emit
    from symdiff.exercises import read

    with progress_shown():
        text = standard_input() if source == "-" else source
        with read_as(reading_of(literal, "en")):
            problem = read(text, parse_shapes(shape), parse_assumed(assume))
        found = emit(problem, target, names_of(wrt), templates=templates)
    write(found, output)


@app.command("list", cls=Listing)
def list_(
    words: Annotated[
        list[str] | None,
        typer.Argument(help="Only what has these words in its name or title.", metavar="[WORD...]"),
    ] = None,
    functions: Annotated[
        bool, typer.Option("--functions", help="List the functions of the language.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="As a JSON list.")] = False,
    lang: Lang = "en",
) -> None:
    """List the built-in exercises, or the functions."""
    from symdiff.cli import listed
    from symdiff.rendering.formats.formats import load_messages

    load_messages(lang)
    found = listed.chosen(listed.functions() if functions else listed.exercises(lang), words or ())
    write((listed.in_json if json else listed.in_lines)(found), None)


@app.command(cls=Listing)
def show(target: Target, shape: Shapes = None, assume: Assumed = None, output: File = None) -> None:
    """Write the exercise file of TARGET, to be changed."""
    from symdiff.exercises import text_of

    text = standard_input() if target == "-" else target
    write(text_of(text, parse_shapes(shape), parse_assumed(assume)), output)


@app.command(cls=Listing)
def gallery(
    folder: Annotated[Path, typer.Argument(help="Where to write the documents.")] = Path("outputs"),
    everything: Annotated[bool, typer.Option("--all", help="Write every file whose sum is listed.")] = False,
) -> None:
    """Write the pages of all built-in exercises."""
    from symdiff.cli.gallery import SUMS, write_gallery

    with progress_shown():
        written, made = write_gallery(folder, everything)
    write(f"{written} of {made} files in {folder}, the sums of all in {folder / SUMS}\n", None)


def _print(page: "Page | Sheet") -> None:
    """To standard output, in colours where that is a terminal that takes them."""
    import os

    with progress_shown():
        content = page.content(coloured=wants_colours(sys.stdout, os.environ))
    write(content, None)
