"""What is claimed of speed and memory, measured beside what a user would pick instead."""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # its threads wait where others work too
