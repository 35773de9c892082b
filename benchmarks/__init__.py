"""What is claimed of speed and memory, measured beside what a user would pick instead."""

import os

os.environ.setdefault(
    "OPENBLAS_NUM_THREADS", "1"
)  # NumPy's threads wait for one another where others work too
