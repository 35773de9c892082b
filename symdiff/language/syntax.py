"""Text to Python's syntax tree, and places in the text shown with a caret; every failure is one clear error.

Python's own parser reads a plain text, after `f(x) =` and keywords that are names (see `keywords`) have been
made readable for it. What has something of paper in it, or that parser cannot read, is read as typed
mathematics (see `typed_syntax`), unless texts are to be read literally. Which nodes of the tree belong to the
language is said in `reader`.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Collection
from textwrap import dedent

from symdiff.errors import InputError, shorten
from symdiff.language.keywords import spelled as spelled
from symdiff.language.keywords import with_stand_ins
from symdiff.language.marks import Head
from symdiff.language.reading import current

MAX_CHARACTERS = 500_000
MAX_LINE = 10_000
_HEAD = r"(?m)^([ \t]*[^\W\d]\w*)\(([\w ,]+)\)([ \t]*=)(?!=)"


def statements(text: str, names: Collection[str] = ()) -> list[ast.stmt]:
    """The statements of `text`; `names` are those that are declared, words in LaTeX too.

    Raises:
        InputError: the text is no formula, or can be read in two ways.
    """
    if len(text) > MAX_CHARACTERS or max(map(len, text.split("\n"))) > MAX_LINE:
        way_out = f"at most {MAX_LINE} in a line and {MAX_CHARACTERS} in all are read; name the parts"
        raise InputError(f"the expression has {len(text)} characters", way_out=way_out)
    if not text.strip():
        raise InputError("the expression is empty")
    literal = current().literal
    if literal:
        _refuse_signs_of_paper(text)
    elif _is_of_paper(text):
        return _typed(text, names)
    try:
        return _plain(text)
    except InputError:
        if literal:
            raise
    return _typed(text, names)


def _plain(text: str) -> list[ast.stmt]:
    """The statements of a plain text, with every way Python's parser fails turned into one error."""
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
    if source != flush(text):
        _mark_heads(found, flush(text).split("\n"))
    return found


def _mark_heads(found: list[ast.stmt], lines: list[str]) -> None:
    """Tell f(x, a) = … from h[t] = …, which Python's parser was given alike."""
    for statement in found:
        if isinstance(statement, ast.Assign):
            for number, target in enumerate(statement.targets):
                if isinstance(target, ast.Subscript) and "(" in lines[target.lineno - 1].partition("=")[0]:
                    head = Head(target.value, target.slice, target.ctx)
                    statement.targets[number] = ast.copy_location(head, target)


_PAPER = re.compile(
    r"[\^|'\\${}]|[0-9],[0-9]|(?<![\w)\]])\([ \t]*\w+[ \t]*\)[ \t]*\(|(?<!\w)[0-9]+[jJxXoObB]|:="
)
"""What Python's parser reads as another thing than paper does, or not at all."""
_COMMENT = re.compile(r"#[^\n]*")
_QUOTED = re.compile(r"(?<=[(,=])[ \t]*'[^'()]*'(?=[ \t]*[,)])")
"""A word that is an argument, as in norm(A, 'fro'): no prime."""


def _is_of_paper(text: str) -> bool:
    """Whether a text has something that is read on paper only."""
    if text.isascii() and not _PAPER.search(text):
        return False
    formulas = _QUOTED.sub("", _COMMENT.sub("", text))
    return not formulas.isascii() or bool(_PAPER.search(formulas))


def _typed(text: str, names: Collection[str]) -> list[ast.stmt]:
    """The statements of a text as people type mathematics."""
    from symdiff.language.typed_syntax import typed_statements  # start-up: plain texts need none of it
    from symdiff.typed.tokens import TypedError

    shown = flush(text)
    try:
        found = typed_statements(shown, prepared(text).split("\n"), names, current().decimal)
    except TypedError as error:
        line = shown.count("\n", 0, error.start)
        column = error.start - (shown.rfind("\n", 0, error.start) + 1)
        here = shown.split("\n")[line]
        what, way_out = _in_words(error, here, column)
        raise InputError(what, way_out=way_out, picture=caret(here, column)) from None
    if not found:
        raise InputError("the expression is empty")
    return found


def _in_words(error: InputError, line: str, column: int) -> tuple[str, str]:
    """What is wrong, and what to write, also where the grammar knows only that it cannot go on."""
    from symdiff.language.refusals import of_place  # start-up: only errors need it

    what, way_out = (error.what, error.way_out) if error.way_out else of_place(error.what, line, column)
    return " ".join(what.split()), " ".join(way_out.split())  # what is quoted may go over several lines


SIGNS_OF_PAPER = {
    **{sign: f"a power is written x**{digit}" for digit, sign in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")},
    **dict.fromkeys("ⁿⁱᵏ", "a power is written x**n"),
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
