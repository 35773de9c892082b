"""The former version, with which the present one is compared in the same run: the commit d36421e.

Its files come from the repository (`git archive`), its wheel is built and installed in an environment of its
own below the system's temporary folder, which is kept between runs. It uses the libraries of the present
environment, so that both versions have the same SymPy, NumPy and FLINT.
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

COMMIT = "d36421e"
ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Version:
    """An installed version: its interpreter, its command, its files, and the environment it runs in."""

    python: str
    command: str
    files: Path
    environment: dict[str, str]


def present() -> Version:
    """This checkout."""
    command = Path(sys.executable).with_name("symdiff")
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
    return Version(sys.executable, str(command), ROOT, {**_plain(), "PYTHONPATH": path})


@cache
def former() -> Version | None:
    """The former version, built if it is not there; None, said on standard error, where it cannot be had."""
    try:
        return _built(_folder())
    except (OSError, subprocess.CalledProcessError, tarfile.TarError) as error:
        output = getattr(error, "stderr", None) or b""
        why = output.decode(errors="replace").strip().splitlines()[-1:] or [str(error)]
        sys.stderr.write(f"the former version {COMMIT} cannot be had and is left out: {why[0]}\n")
        return None


def _plain() -> dict[str, str]:
    """The environment without a wish not to write bytecode, which what is installed always has."""
    left_out = ("PYTHONDONTWRITEBYTECODE", "PYTHONPATH")
    return {name: value for name, value in os.environ.items() if name not in left_out}


def _folder() -> Path:
    """One folder for each environment whose libraries it uses."""
    of = sha256(f"{sys.prefix} {sys.version}".encode()).hexdigest()[:8]
    return Path(tempfile.gettempdir()) / f"symdiff-{COMMIT}-{of}"


def _built(folder: Path) -> Version:
    python = folder / "venv" / "bin" / "python"
    found = Version(str(python), str(python.with_name("symdiff")), folder / "files", _plain())
    complete = folder / "complete"
    if not complete.exists():
        shutil.rmtree(folder, ignore_errors=True)
        _unpack(found.files)
        _install(folder / "venv", found)
        complete.touch()
    return found


def _unpack(files: Path) -> None:
    archive = _output(["git", "-C", str(ROOT), "archive", "--format=tar", COMMIT], _plain())
    files.mkdir(parents=True)
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        tar.extractall(files, filter="data")


def _install(venv: Path, version: Version) -> None:
    """Build the wheel, install it, and show it the libraries that are installed here."""
    _output([sys.executable, "-m", "venv", str(venv)], _plain())
    below = next(venv.glob("lib/python*/site-packages"))
    paths = sysconfig.get_paths()
    libraries = dict.fromkeys([paths["purelib"], paths["platlib"]])
    (below / "libraries.pth").write_text("\n".join(libraries) + "\n")
    isolated = ["--no-build-isolation"] if find_spec("hatchling") else []
    wheels = venv.with_name("wheels")
    pip = [version.python, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    _output([*pip, "wheel", "--no-deps", *isolated, "-w", str(wheels), str(version.files)], _plain())
    _output([*pip, "install", "--no-deps", "--no-index", *map(str, wheels.glob("*.whl"))], _plain())
    _output([version.command, "derive", "sigmoid", "--mode", "reverse"], _plain())


def _output(command: list[str], environment: dict[str, str]) -> bytes:
    return subprocess.run(command, env=environment, check=True, capture_output=True).stdout
