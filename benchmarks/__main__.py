"""`python -m benchmarks`: latency, growth with the length of a tape, and other programs on the same function.

Every figure is a ratio of two things measured in turn in the same run; the smallest of several runs
stands for each. `--check` exits 1 when a ratio misses its target by more than the margin of a busy machine.
"""

from __future__ import annotations

import argparse
import sys

from benchmarks.growth import growth
from benchmarks.latency import latency
from benchmarks.rivals import rivals

MARGIN = 1.35


def main() -> int:
    """Measure, print, and with `--check` judge."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--check", action="store_true", help="exit 1 when a target is missed by far")
    arguments = parser.parse_args()
    missed = False
    for part in (latency, growth, rivals):
        for ratio in part():
            sys.stdout.write(f"{ratio}\n")
            sys.stdout.flush()
            missed |= ratio.value > ratio.target * MARGIN
    return 1 if arguments.check and missed else 0


if __name__ == "__main__":
    sys.exit(main())
