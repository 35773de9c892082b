"""Pictures drawn by several threads are, byte for byte, those drawn by one."""

from __future__ import annotations

import subprocess
import sys

DRAWN = """
import sys
from concurrent.futures import ThreadPoolExecutor
from symdiff.api.drawing import draw
from symdiff.exercises import load
names = ["sigmoid", "baydin", "product-sine", "fog"]
pictures = [draw(load(name)) for name in names] * 2
if sys.argv[1] == "threads":
    sys.setswitchinterval(1e-5)
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda picture: picture.render("svg"), pictures))
else:
    made = [picture.render("svg") for picture in pictures]
sys.stdout.buffer.write("\\0".join(made).encode())
"""


def test_eight_threads_draw_the_pictures_of_one() -> None:
    """In processes of their own, since outlines that are known are not drawn again."""
    one, many = (
        subprocess.run([sys.executable, "-c", DRAWN, how], capture_output=True, check=True).stdout
        for how in ("one", "threads")
    )
    assert one == many
    assert one.count(b"<svg") == 8
