"""How failures end: whatever goes wrong becomes one clear line and an exit status, never a traceback."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from symdiff.errors import Status, SymdiffError, UsageError, did_you_mean, shorten

_FORMULA = re.compile(r"-[^-]")


_FORMULA_SIGNS = frozenset("()[]+*/=^ ")
_SHORT_OPTIONS = ("-o", "-h")


def outcome(run: Callable[[], int]) -> tuple[str, int]:
    """The message to print and the exit status of `run`; whatever happens, no traceback for what users do."""
    try:
        status = run()
        return "interrupted" if status == Status.INTERRUPTED else "", status
    except SymdiffError as error:
        return str(error), error.exit_status
    except AttributeError as error:
        if None in (sys.stdin, sys.stdout):
            return "standard input or output is closed", Status.USAGE
        return _internal(error), Status.INTERNAL
    except (
        BrokenPipeError,
        SystemExit,
    ):  # Typer leaves with 1 where a reader has closed the pipe: it had enough
        return "", Status.DONE
    except OSError as error:
        return (error.strerror or str(error)) + (
            f": {error.filename}" if error.filename else ""
        ), Status.USAGE
    except KeyboardInterrupt:
        return "interrupted", Status.INTERRUPTED
    except MemoryError:
        return "there is not enough memory for this; take fewer steps or smaller sizes", Status.UNREADABLE
    except RecursionError:
        return "the expression is nested too deeply; name its parts, one equation a line", Status.UNREADABLE
    except Exception as error:
        if not hasattr(error, "exit_code"):
            return _internal(error), Status.INTERNAL
        if getattr(error, "exit_code", 0) == 0:  # --help has been written
            return "", Status.DONE
        return _usage(error), Status.USAGE


NO_TARGET = (
    'say what to differentiate: an exercise (`symdiff list`), a .toml file or an expression, as "x*sin(x)"'
)


def _usage(error: Exception) -> str:
    """What Typer says of a command that it cannot read, in one line."""
    kind = type(error).__name__
    if kind == "MissingParameter" and getattr(error.param, "name", "") in ("target", "targets", "source"):  # type: ignore[attr-defined]
        return NO_TARGET
    if kind == "NoSuchOption":
        return _unknown_option(error)
    text = error.format_message() if hasattr(error, "format_message") else ""
    return text.replace("\n", " ") or "nothing to do; see symdiff --help"


def _unknown_option(error: Any) -> str:
    """What is said of an option that a command does not have: the nearest one, or whose it is."""
    option, command = error.option_name, error.ctx.command
    what = (
        f"{error.ctx.info_name} has no option {shorten(option, 30)}"
        if error.ctx.parent
        else f"no option {option}"
    )
    others = getattr(error.ctx.find_root().command, "commands", {}).values()
    having = [other.name for other in others if option in _options(other)]
    if having:
        return f"{what}; it is an option of symdiff {having[0]}"
    near = did_you_mean(option, _options(command))
    place = f" {error.ctx.info_name}" if error.ctx.parent else ""
    return f"{what}; {near if near.startswith('did') else f'see symdiff{place} --help'}"


def _options(command: Any) -> list[str]:
    return [name for param in command.params for name in param.opts if name.startswith("--")]


def unknown_command(words: Sequence[str], known: Iterable[str]) -> UsageError:
    """The error for a word that is no command: the nearest one, or derive, which has been left out."""
    from symdiff.exercises import names  # start-up: only errors need it

    words = [each.strip() for each in words]
    word = words[0]
    if word in names() or word.endswith(".toml") or _is_formula(word):
        way_out = f"write symdiff derive {_typed(words)}"
        return UsageError(f"{shorten(word, 40)!r} is no command", way_out=way_out)
    near = {meant for meant in names() if did_you_mean(word, [meant]).startswith("did")}
    command = did_you_mean(word, known)
    if near and not command.startswith("did"):
        command = f"did you mean symdiff derive {min(near)}?"
    return UsageError(f"{shorten(word, 40)!r} is no command", way_out=command)


def _is_formula(word: str) -> bool:
    return bool(_FORMULA_SIGNS & {*word})


def _typed(words: Sequence[str]) -> str:
    """Words as they are typed for a shell."""
    import shlex  # start-up: only errors need it

    quoted = (f'"{w}"' if _is_formula(w) and not {*'"$`'} & {*w} else shlex.quote(w) for w in words)
    return shorten(" ".join(quoted), 100)


def _internal(error: Exception) -> str:
    """A defect of ours: say so in one line; SYMDIFF_DEBUG=1 shows where."""
    if os.environ.get("SYMDIFF_DEBUG"):
        raise error
    return f"internal error, {type(error).__name__}: {error}; SYMDIFF_DEBUG=1 shows where".replace("\n", " ")


def protected(argument: str) -> str:
    """An expression that starts with a minus sign, kept from being read as an option."""
    if argument.startswith(_SHORT_OPTIONS) or not _FORMULA.match(argument):
        return argument
    return f" {argument}"
