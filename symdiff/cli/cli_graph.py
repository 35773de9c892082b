"""The command `symdiff graph`: options to a picture. Everything heavy is imported inside.

Annotations are no texts, as in `cli`.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from symdiff.cli.inputs import names_of, standard_input
from symdiff.errors import UsageError, did_you_mean
from symdiff.output import write

if TYPE_CHECKING:
    from symdiff.document.blocks import Document

RASTERS = {"png": "png", "pdf": "pdf"}


def graph(
    target: Annotated[
        str,
        typer.Argument(help="An exercise's name, a .toml file, an expression, an equation, or - for stdin."),
    ],
    mode: Annotated[
        str | None, typer.Option(help="As for derive: steps w₁, w₂, … or the author's own names.")
    ] = None,
    wrt: Annotated[
        list[str] | None, typer.Option(help="Inputs to differentiate by, as x,a; default: all.")
    ] = None,
    at: Annotated[list[str] | None, typer.Option(help="A point, whose values stand above the nodes.")] = None,
    values: Annotated[bool, typer.Option("--values", help="Values at the exercise's own point.")] = False,
    adjoints: Annotated[bool, typer.Option("--adjoints", help="Adjoints below the nodes.")] = False,
    digits: Annotated[int, typer.Option(help="Decimals of printed numbers.")] = 4,
    size: Annotated[
        list[str] | None, typer.Option(help="Numbers for sizes that are names, for --mode entries: n=3.")
    ] = None,
    steps: Annotated[int | None, typer.Option(help="Steps of a recurrence to draw.")] = None,
    view: Annotated[str | None, typer.Option(help="unrolled or folded, for a recurrence.")] = None,
    result: Annotated[
        str | None, typer.Option(help="The definition to differentiate, as h_1; default: the last one.")
    ] = None,
    granularity: Annotated[str, typer.Option(help="textbook, or atomic: one operation a step.")] = "textbook",
    format: Annotated[
        str | None,
        typer.Option(help="svg, png, pdf, tikz, dot or mermaid; default: from -o, or svg."),
    ] = None,
    lang: Annotated[str, typer.Option(help="en or fr.")] = "en",
    full: Annotated[bool, typer.Option("--full", help="Draw every node of a large graph.")] = False,
    templates: Annotated[Path | None, typer.Option(help="A folder of templates that go before ours.")] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Write to this file.")] = None,
) -> None:
    """Draw the computation graph of TARGET, with its local partial derivatives."""
    from symdiff.api.drawing import draw
    from symdiff.cli.options import parse_point, parse_sizes
    from symdiff.problems import read
    from symdiff.progress import shown
    from symdiff.rendering.formats.formats import load_messages

    chosen = _chosen(format, output, templates)
    load_messages(lang, templates)
    with shown():
        found = draw(
            read(standard_input() if target == "-" else target),
            mode,
            names_of(wrt),
            parse_point(at),
            digits,
            granularity,
            parse_sizes(size),
            steps,
            result,
            view,
            values,
            adjoints,
            full,
        )
        picture = found.render(chosen, lang, templates=templates)
    write(picture, output)


def _chosen(format: str | None, output: Path | None, templates: Path | None) -> str:
    """The picture format: as said, or by the file's ending."""
    from symdiff.rendering.pictures.emit import emitters

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


def check_pictures(
    pictures: str | None, format: str, output: Path | None, templates: Path | None = None
) -> None:
    """Refuse a way of drawing that the format does not have."""
    from symdiff.rendering.formats.formats import load_format

    if pictures is None:
        return
    if pictures == "svg" and format != "markdown":
        raise UsageError("SVG files go beside Markdown", where="--pictures", way_out="add --format markdown")
    known = ["none", "svg"] + ([] if format == "json" else [load_format(format, templates).picture])
    if not pictures or pictures not in known:
        way_out = did_you_mean(pictures, filter(None, known))
        raise UsageError(f"unknown pictures {pictures!r} for {format}", way_out=way_out)
    if pictures == "svg" and output is None:
        raise UsageError("SVG files need a place", where="--pictures", way_out="write to a file with -o")


def write_pictures(document: "Document", output: Path, lang: str, templates: Path | None) -> None:
    """The pictures of a document, beside it."""
    from symdiff.rendering.pages.engine import picture_files

    for name, picture in picture_files(document, output.stem, lang, templates).items():
        write(picture, output.with_name(name))
