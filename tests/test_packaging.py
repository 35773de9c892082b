"""The wheel holds the templates and the exercises, under the published name."""

from __future__ import annotations

import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from tools import ROOT

from symdiff.rendering.formats.kept_python import place_of
from symdiff.rendering.formats.templates import python_of


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    pytest.importorskip("hatchling")
    tmp_path = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=120)
    (path,) = tmp_path.glob("symdiff_derive-*.whl")
    return zipfile.ZipFile(path)


def test_the_wheel_holds_templates_and_exercises(wheel: zipfile.ZipFile) -> None:
    names = set(wheel.namelist())
    for path in (ROOT / "templates").rglob("*.*"):
        if path.parent.name != "__pycache__":
            assert f"symdiff/templates/{path.relative_to(ROOT / 'templates')}" in names
    assert not any("__pycache__" in name for name in names)
    for path in (ROOT / "symdiff").rglob("*"):
        if path.suffix in (".py", ".toml", ".typed"):
            assert str(path.relative_to(ROOT)) in names


def test_the_wheel_holds_our_templates_as_the_python_that_is_made_of_them(wheel: zipfile.ZipFile) -> None:
    for path in (ROOT / "templates").rglob("*.j2"):
        name = path.relative_to(ROOT / "templates")
        kept = wheel.read(f"symdiff/{place_of(Path('templates') / name, Path('templates'))}").decode()
        assert kept.endswith(python_of(name.as_posix(), path.read_text(encoding="utf-8"))), name
        assert kept.startswith("made_of = ")


def test_the_version_is_one() -> None:
    import symdiff

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == symdiff.__version__
    assert f"## {symdiff.__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
