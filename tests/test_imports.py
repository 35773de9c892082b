"""What a page does not need: with mpmath, SymPy, NumPy and Jinja out of reach every page is written."""

from __future__ import annotations

import subprocess
import sys

import pytest
from pages import some
from tools import ROOT

from symdiff.rendering.formats.templates import keep_all

BLOCKED = """
import runpy, sys
for name in sys.argv.pop(1).split(","):
    sys.modules[name] = None
runpy.run_module("symdiff", run_name="__main__", alter_sys=True)
"""
PAGES = [
    ("sigmoid", "--mode", "both", "--at", "x=1,a=2"),
    ("y = x**2*sin(z)/(1 + exp(x))", "--mode", "reverse", "--format", "text"),
    ("y = relu(a*x) + max(a, x)", "--mode", "reverse", "--format", "json", "--at", "a=1,x=2"),
    ("logistic", "--format", "html"),
    ("mlp", "--mode", "chain", "--format", "markdown"),
    ("gof", "--mode", "jacobian"),
    ("layer-norm", "--format", "json"),
    ("rnn3x3", "--mode", "reverse", "--format", "text"),
    ("rnn", "--mode", "bptt", "--format", "html"),
    ("least-squares", "--mode", "reverse", "--format", "typst"),
    ("logistic", "--mode", "entries", "--format", "text"),
    ("h[-1] = 0; h[t] = tanh(w*h[t-1] + x[t]); L = sum(h**2)", "--mode", "bptt", "--format", "text"),
    ("rnn", "--mode", "reverse", "--steps", "70", "--format", "text"),
]
ENGINES = ["mpmath", "mpmath,sympy", "mpmath,sympy,numpy,jinja2"]


@pytest.mark.parametrize("blocked", ENGINES)
@pytest.mark.parametrize("page", some(PAGES, 2, spread=False), ids=" ".join)
def test_a_page_is_written_without(page: tuple[str, ...], blocked: str) -> None:
    keep_all()  # as a wheel has it: in a checkout Jinja compiles each template of ours once
    done = subprocess.run(
        [sys.executable, "-c", BLOCKED, blocked, "derive", *page],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert len(done.stdout) > 300
