"""An SVG as PNG or PDF, by the typst package, which is an optional extra and is imported when it is used."""

from __future__ import annotations

import tempfile
from pathlib import Path

from symdiff.errors import MissingToolError

RASTERS = ("png", "pdf")
DOTS = 144.0
"""Dots per inch of a PNG."""
_PAGE = '#set page(width: auto, height: auto, margin: 4pt)\n#image("picture.svg")\n'


def raster(svg: str, format: str) -> bytes:
    """The picture as bytes of a PNG, on white, or of a PDF of its own size."""
    try:
        import typst
    except ImportError:
        what = f"{format} needs the package typst"
        raise MissingToolError(what, way_out="pip install 'symdiff-derive[pdf]'") from None
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "picture.svg").write_text(svg, encoding="utf-8")
        page = folder / "page.typ"
        page.write_text(_PAGE, encoding="utf-8")
        if format == "pdf":
            return bytes(typst.compile(str(page), format="pdf"))
        return bytes(typst.compile(str(page), format="png", ppi=DOTS))
