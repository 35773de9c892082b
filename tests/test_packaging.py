"""The wheel holds the templates and the exercises, under the published name."""

from __future__ import annotations

import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from tools import ROOT


def test_the_wheel_holds_templates_and_exercises(tmp_path: Path) -> None:
    pytest.importorskip("hatchling")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=120)
    (wheel,) = tmp_path.glob("symdiff_derive-*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    for path in (ROOT / "templates").rglob("*.*"):
        if path.parent.name != "__pycache__":
            assert f"symdiff/templates/{path.relative_to(ROOT / 'templates')}" in names
    assert not any("__pycache__" in name for name in names)
    for path in (ROOT / "symdiff").rglob("*"):
        if path.suffix in (".py", ".toml", ".typed"):
            assert str(path.relative_to(ROOT)) in names


def test_the_version_is_one() -> None:
    import symdiff

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == symdiff.__version__
    assert f"## {symdiff.__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
