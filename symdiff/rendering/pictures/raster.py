"""An SVG as PNG or PDF, by the Typst compiler."""

from __future__ import annotations

from symdiff.rendering.formats.typst_compiler import compile_typst
from symdiff.rendering.formulas.typst_words import typst_string

RASTERS = ("png", "pdf")
_PAGE = "#set document(date: none)\n#set page(width: auto, height: auto, margin: 4pt)\n"


def raster(svg: str, format: str) -> bytes:
    """The picture as bytes of a PNG, on white, or of a PDF of its own size."""
    return compile_typst(
        f'{_PAGE}#image(bytes({typst_string(svg)}), format: "svg")\n', "png" if format == "png" else "pdf"
    )
