"""Text to Python's syntax tree, and places in the text shown with a caret; every failure is one clear error.

Python's own parser reads the text, after `lambda` and `f(x) =` have been made readable for it. Which nodes of
the tree belong to the language is said in `reader`.
"""

from __future__ import annotations

import ast
import re
import warnings
from textwrap import dedent

from symdiff.errors import InputError, shorten
from symdiff.language.reading import current

MAX_CHARACTERS = 500_000
MAX_LINE = 10_000
_HEAD = r"(?m)^([ \t]*[A-Za-z]\w*)\(([\w ,]+)\)([ \t]*=)(?!=)"
# A keyword of Python that is a Greek letter here; the stand-in has as many columns, so that places stay.
KEYWORD, STAND_IN = "lambda", "lamƀda"
_ARGUMENTS = r"[ \t]+[A-Za-z]\w*(?:[ \t]*,[ \t]*[A-Za-z]\w*)*[ \t]*:"
"""What follows the word where it is Python's, `lambda x: …`."""


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
    """`text` with `lambda` and `f(x) =` made readable for Python; positions do not change."""
    found = flush(text)
    if not current().literal:
        found = found.replace(":=", " =")
    found = re.sub(rf"\b{KEYWORD}\b(?!{_ARGUMENTS})", STAND_IN, found) if KEYWORD in found else found
    return re.sub(_HEAD, r"\1[\2]\3", found) if "=" in found else found


def flush(text: str) -> str:
    """`text` without the indentation that its lines share, each line ended by a newline character."""
    return dedent(text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def spelled(identifier: str) -> str:
    """A name as the author wrote it."""
    return identifier.replace(STAND_IN, KEYWORD)


def _syntax_error(text: str, error: SyntaxError) -> InputError:
    """What Python's parser says, in words of a formula."""
    from symdiff.language.refusals import of_parser  # start-up: only errors need it

    (line, *_) = [*flush(text).split("\n")[max(0, (error.lineno or 1) - 1) :], ""]
    column = (error.offset or 1) - 1
    what, way_out = of_parser(spelled(error.msg or ""), line, column)
    return InputError(what, way_out=way_out, picture=caret(line, column))


def caret(line: str, column: int) -> str:
    """The piece of `line` around `column`, with a caret under it."""
    start = max(0, column - 40)
    piece = "".join(c if c.isprintable() else "?" for c in line[start : start + 70])
    return f"  {piece}\n  {' ' * min(column - start, len(piece))}^"
