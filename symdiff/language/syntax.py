"""Text to Python's syntax tree, and places in the text shown with a caret; every failure is one clear error.

Python's own parser reads the text, after `f(x) =` and keywords that are names (see `keywords`) have been made
readable for it. Which nodes of the tree belong to the language is said in `reader`.
"""

from __future__ import annotations

import ast
import re
import warnings
from keyword import iskeyword
from textwrap import dedent

from symdiff.errors import InputError, shorten
from symdiff.language.keywords import spelled as spelled
from symdiff.language.keywords import with_stand_ins

MAX_CHARACTERS = 500_000
MAX_LINE = 10_000
_HEAD = r"(?m)^([ \t]*[^\W\d]\w*)\(([\w ,]+)\)([ \t]*=)(?!=)"


def statements(text: str) -> list[ast.stmt]:
    """The statements of `text`, with every way Python's parser fails turned into one error."""
    if len(text) > MAX_CHARACTERS or max(map(len, text.split("\n"))) > MAX_LINE:
        way_out = f"at most {MAX_LINE} in a line and {MAX_CHARACTERS} in all are read; name the parts"
        raise InputError(f"the expression has {len(text)} characters", way_out=way_out)
    if not text.strip():
        raise InputError("the expression is empty")
    _refuse_signs_of_paper(text)
    source = prepared(text)
    if "\0" in source:
        raise _syntax_error(text, SyntaxError("source code string cannot contain null bytes"))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = ast.parse(source).body
    except SyntaxError as error:
        raise _syntax_error(text, error) from None
    except UnicodeEncodeError:
        raise InputError("a character is none of Unicode's", where=repr(shorten(text))) from None
    except (RecursionError, MemoryError, OverflowError):  # how Python's parser says so
        way_out = "name the parts, one equation a line"
        raise InputError("nested too deeply", where=repr(shorten(text)), way_out=way_out) from None
    if not found:
        raise InputError("the expression is empty")
    return found


SIGNS_OF_PAPER = {
    **{sign: f"a power is written x**{digit}" for digit, sign in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")},
    **dict.fromkeys("·⋅∙×•", "a product is written x*y"),
    "−": "a minus is written x - y",
    "÷": "a quotient is written x/y",
    "√": "a root is written sqrt(x)",
    "|": "an absolute value is written abs(x)",
    "'": "the sign ' is not part of the language",
}
"""Signs that stand on paper and are no language: how a formula is written without them."""


def _refuse_signs_of_paper(text: str) -> None:
    """Say how a formula is written without a sign that Python does not know, or reads as another one."""
    for line in flush(text).split("\n"):
        for column, sign in enumerate(line.partition("#")[0]):
            if sign in SIGNS_OF_PAPER:
                raise InputError(SIGNS_OF_PAPER[sign], picture=caret(line, column))


def prepared(text: str) -> str:
    """`text` with names and `f(x) =` made readable for Python; positions do not change."""
    found = with_stand_ins(flush(text))
    return re.sub(_HEAD, r"\1[\2]\3", found) if "=" in found else found


def flush(text: str) -> str:
    """`text` without the indentation that its lines share, each line ended by a newline character."""
    return dedent(text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def _syntax_error(text: str, error: SyntaxError) -> InputError:
    what = spelled(error.msg or "invalid syntax")
    what = "the number has too many digits" if "integer string" in what else what.split(". ")[0]
    (line, *_) = [*flush(text).split("\n")[max(0, (error.lineno or 1) - 1) :], ""]
    column = (error.offset or 1) - 1
    return InputError(_meant(line, column) or f"syntax error: {what}", picture=caret(line, column))


_SIDE_BY_SIDE = re.compile(r"(?<![\w.])(?:(\d+\.?\d*)([A-Za-z]\w*|\()|([A-Za-z]\w*) +([A-Za-z0-9]\w*))")


def _meant(line: str, column: int) -> str:
    """What two things side by side are on paper: a product, or a function of what follows."""
    from symdiff.rules.table import functions  # start-up: only errors need it

    for found in _SIDE_BY_SIDE.finditer(line):
        number, factor, name, other = found.groups("")
        words = (name, other) if found.start() <= column < found.end() else ("lambda",)
        if any(iskeyword(spelled(word)) for word in words):
            continue
        if name in functions():
            return f"a function needs parentheses: {name}({other})"
        return f"a product is written with *: {number or name}*{other or factor}"
    return ""


def caret(line: str, column: int) -> str:
    """The piece of `line` around `column`, with a caret under it."""
    start = max(0, column - 40)
    piece = "".join(c if c.isprintable() else "?" for c in line[start : start + 70])
    return f"  {piece}\n  {' ' * min(column - start, len(piece))}^"
