"""What is no formula, in the author's words: what is wrong, and what to write.

Python's parser speaks of tuples, literals and continuation lines. Here each of its messages, and each kind of
node that is not part of the language, has words of mathematics. Each answer is what is wrong and the way out.
"""

from __future__ import annotations

import ast
import re
from keyword import iskeyword

from symdiff.errors import shorten
from symdiff.language.misspellings import suggestion

Answer = tuple[str, str]

_OPERATORS: dict[type[ast.AST], Answer] = {
    ast.BitXor: ("^ is not a power here", "write **"),
    ast.FloorDiv: ("// rounds down, which has no derivative", "write / for a quotient"),
    ast.Mod: ("% is a remainder, which has no derivative", "write x/100 for a percentage"),
    ast.BitAnd: ("& is no operation on numbers", "write * for a product"),
    ast.BitOr: ("| is no operation on numbers", "write abs(x) for an absolute value"),
    ast.LShift: ("<< is no operation on numbers", "write x*2**n"),
    ast.RShift: (">> is no operation on numbers", "write x/2**n"),
    ast.Invert: ("~ is no operation on numbers", "write -x or 1 - x"),
    ast.Not: ("not is no operation on numbers", "write 1 - x"),
}

_NODES: dict[type[ast.AST], Answer] = {
    ast.Attribute: ("a dot after a name is not read", "write A.T for a transpose, exp(x) for a function"),
    ast.Tuple: ("a comma stands between two formulas", "write [x, y] for a vector, 0.5 for a decimal"),
    ast.ListComp: ("for in a formula is not read", "write the list out, or sum(x) for a vector x"),
    ast.GeneratorExp: ("for in a formula is not read", "write sum(x) for a vector x"),
    ast.SetComp: ("for in a formula is not read", "write the list out, or sum(x) for a vector x"),
    ast.DictComp: ("for in a formula is not read", "write the list out, or sum(x) for a vector x"),
    ast.Set: ("{ } is not read as a bracket", "write ( )"),
    ast.Dict: ("{ } is not read as a bracket", "write ( )"),
    ast.Lambda: ("lambda inside a formula is not read", "write f(x) = … on a line of its own"),
    ast.NamedExpr: (":= inside a formula is not read", "give the name a line of its own, y = …"),
    ast.IfExp: ("if … else is not read here", "write it on the right of =, y = a if x > 0 else b"),
    ast.Compare: ("a comparison is no number", "write a if x > 0 else b for a formula by cases"),
    ast.BoolOp: ("a condition is no number", "write a if x > 0 else b for a formula by cases"),
    ast.JoinedStr: ("a text in quotes is no formula", "write the formula without quotes"),
    ast.Starred: ("* has nothing before it", "write a product as x*y, a power as x**2"),
    ast.Await: ("await is not read", "write the formula alone"),
    ast.Yield: ("yield is not read", "write the formula alone"),
    ast.List: ("an empty list", "write [x, y] for a vector"),
    ast.Slice: ("a colon stands in brackets behind a name only", "write x[0:2]"),
    ast.Call: ("this is no function", "a function is called by its name, exp(x)"),
    ast.UnaryOp: ("this sign is no operation on numbers", "write -x"),
    ast.For: ("a loop is not read", "write a recurrence, h[t] = w*h[t-1]; h[-1] = 0"),
    ast.While: ("a loop is not read", "write a recurrence, h[t] = w*h[t-1]; h[-1] = 0"),
    ast.If: ("if on a line of its own is not read", "write y = a if x > 0 else b"),
    ast.AugAssign: ("a name is defined once, by =", "write a new name, as y2 = y + x"),
    ast.Assign: ("one name stands on the left of =", "write each equation on a line of its own"),
    ast.AnnAssign: (": is not read here", "write y = … for a definition, x/y for a quotient"),
    ast.Expr: ("only the last formula may be without a name", "write y = … for the others"),
    ast.FunctionDef: ("a function is written in one line", "write f(x) = …"),
    ast.ClassDef: ("a class is no formula", "write f(x) = …"),
    ast.Return: ("return has no formula", "write y = …"),
    ast.Import: ("import is no formula", "leave it out, functions are known: exp, log, sin, …"),
    ast.ImportFrom: ("import is no formula", "leave it out, functions are known: exp, log, sin, …"),
}


def of_node(node: ast.AST) -> Answer:
    """Why a node of the syntax tree is no part of a formula."""
    match node:
        case ast.Call(func=ast.Attribute(attr=name)):
            return "a dot before a function is not read", f"write {shorten(name, 30)}(…)"
        case ast.Tuple(elts=[]):
            return "something is missing between ( and )", "write a number or a name there"
        case ast.BinOp(op=op) | ast.UnaryOp(op=op) if type(op) in _OPERATORS:
            return _OPERATORS[type(op)]
        case ast.Compare(ops=[ast.In() | ast.NotIn() | ast.Is() | ast.IsNot(), *_]):
            return "in and is compare no numbers", "write x == y, or x > y"
        case ast.Compare(ops=[ast.Eq()]):
            return "== compares two numbers", "write y = … for an equation"
        case ast.Constant(value=value):
            return _of_value(value)
    known = _NODES.get(type(node))
    word = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(node).__name__).lower()
    return known or (f"{word} is not read", "write a formula, or y = …")


def _of_value(value: object) -> Answer:
    match value:
        case bool():
            return f"{value} is not a number", f"write {int(value)}"
        case complex():
            return "complex numbers are not read", "write the real and the imaginary part as two formulas"
        case str() | bytes():
            return "a text in quotes is no formula", "write the formula without quotes"
        case None:
            return "None is not a number", "write 0"
    return "… stands for nothing here", "write the formula out"


_SIGNS: dict[str, Answer] = {
    "?": ("'?' is not read", "write a if x > 0 else b for a formula by cases"),
    "!": ("'!' is not read", "a factorial has no derivative; write 6 for 3!"),
    "$": ("'$' is not read", "write the formula without $"),
    "\\": ("\\ is not read here", "write exp(x) for \\exp x, a/b for \\frac{a}{b}"),
    "&": ("'&' is not read", "write the formula alone"),
    "{": ("{ } is not read as a bracket", "write ( )"),
    "}": ("{ } is not read as a bracket", "write ( )"),
    '"': ("a text in quotes is no formula", "write the formula without quotes"),
    ";": ("; stands twice", "write one ; between two equations"),
    "'": ("' stands behind nothing", "write A' or A.T for a transpose"),
    "\0": ("an invisible character stands in the text", "delete it"),
    "`": ("'`' is not read", "write the formula without it"),
    ":": (": is not read here", "write y = … for a definition, x/y for a quotient"),
    "°": ("'°' is not read", "write x*pi/180"),
    "∞": ("∞ is not a number", "write the formula without it"),
    "∂": ("'∂' is not read", "write the function alone; symdiff finds its derivatives"),
    "∑": ("'∑' is not read", "write sum(x) for a vector x"),
    "Σ": ("'Σ' is not read", "write sum(x) for a vector x, Sigma for a name"),
    "∫": ("integrals are not read", "write a formula without one"),
    "€": ("'€' is not read", "write the number alone"),
    "≤": ("a comparison is no number", "write a if x <= 0 else b for a formula by cases"),
    "≥": ("a comparison is no number", "write a if x >= 0 else b for a formula by cases"),
    "≠": ("a comparison is no number", "write y = … for an equation"),
    "≈": ("'≈' is not read", "write y = … for an equation"),
    "’": ("the sign ’ is not read", "write A.T for a transpose"),
    "“": ("a text in quotes is no formula", "write the formula without quotes"),
    "”": ("a text in quotes is no formula", "write the formula without quotes"),
}

_MESSAGES: tuple[tuple[str, str, str], ...] = (
    (r"'(.)' was never closed", r"the bracket \1 is not closed", "write the other bracket where it ends"),
    (r"unmatched '(.)'", r"the bracket \1 was not opened", "take it out, or write the other one before it"),
    (
        r"closing parenthesis '(.)' does not match opening parenthesis '(.)'",
        r"the bracket \2 is closed by \1",
        "close it by one of its kind",
    ),
    (
        r"unterminated|f-string|bytes can|string prefix",
        "a text in quotes is no formula",
        "take the quotes away",
    ),
    (r"leading zeros", "a number begins with 0", "write 7 for 07"),
    (r"invalid (\w+) literal", "this is no number", "write 0.5 or 1e-3"),
    (r"invalid digit", "this is no number", "write 10 and not 0o12"),
    (r"integer string", "the number has too many digits", "write 1e20"),
    (r"line continuation", "\\\\ is not read here", "write exp(x) for \\\\exp x, a/b for \\\\frac{a}{b}"),
    (r"null byte", "an invisible character stands in the text", "delete it"),
    (r"non-printable character (\S+)", r"an invisible character, \1, stands here", "write a space"),
    (r"too many nested|too many statically", "nested too deeply", "name the parts, one equation a line"),
    (r"indent", "a line begins further right than the one above", "begin all lines at one column"),
    (
        r"expression cannot contain assignment|Maybe you meant '=='|or ':='",
        "an equation stands inside a formula",
        "give each equation a line of its own, or separate them by ;",
    ),
    (r"positional argument follows", "an option stands before an argument", "write sum(A, axis=0)"),
    (r"parenthesized", "for in a formula is not read", "write sum(x) for a vector x"),
    (r"expected 'else'", "if needs an else", "write a if x > 0 else b"),
)

_LEFT = re.compile(r"cannot assign to|illegal target|can be annotated|cannot delete")
_OPERATOR = r"(\*\*|//|[-+*/@%^<>=,|&])"
_SIDE_BY_SIDE = re.compile(r"(?<![\w.])(?:(\d+\.?\d*)([A-Za-z]\w*|\()|([A-Za-z]\w*) +([A-Za-z0-9]\w*))")


def of_parser(message: str, line: str, column: int) -> Answer:
    """What a message of Python's parser means for a formula, which stands in `line` and fails at `column`."""
    if _LEFT.search(message):
        return "one name stands on the left of =", "write y = … or f(x) = …"
    if "decimal literal" in message and (beside := _of_two_words(line, column))[0]:
        return beside
    if "expected ':'" in message:
        word = line.split()[0]
        return _NODES[ast.If if word == "if" else ast.For if word in ("for", "while") else ast.FunctionDef]
    for pattern, what, way_out in _MESSAGES:
        found = re.search(pattern, message)
        if found:
            return found.expand(what), found.expand(way_out)
    sign = line[column : column + 1]
    if sign in _SIGNS and sign:
        return _SIGNS[sign]
    if "invalid character" in message:
        return f"the sign {_shown(sign)} is not read", "names have letters from a to z, as in alpha_1"
    return _of_neighbours(line, column)


def of_place(what: str, line: str, column: int) -> Answer:
    """What is wrong at a place of typed mathematics of which no more than `what` is known."""
    sign = line[column : column + 1]
    if re.match(r"'[^']*'", line[column:]):
        return _SIGNS['"']
    if sign in _SIGNS and not what.startswith("\\"):
        return _SIGNS[sign]
    if not what.endswith("cannot stand here"):
        return what, "what is read: numbers, names, + - * / ^, brackets, functions"
    return _of_neighbours(line, column)


def _shown(sign: str) -> str:
    return f"'{sign}'" if sign.isprintable() else f"U+{ord(sign):04X}" if sign else "here"


def _of_neighbours(line: str, column: int) -> Answer:
    """What is missing between what stands before a place and what stands there."""
    before, after = line[:column].rstrip(), line[column:].lstrip()
    if re.match(r"if\b", after):
        return "if stands behind the value that it is about", "write x if x > 0 else 0"
    if before.endswith("=") and not before.endswith("==") and after.startswith("="):
        return "there are two signs =", "write y = …"
    if re.search(r"\d$", before) and re.match(r"\d", after):
        return "a space stands inside a number", "write 1000 for 1 000"
    if word := _keyword_at(line, column):
        return f"{word!r} is a word of Python's", f"write {word}1, or another name"
    if (beside := _of_two_words(line, column))[0]:
        return beside
    last = re.search(rf"(?:{_OPERATOR}|\b(?:if|else|and|or|not))$", before)
    if not after or after.startswith("#"):
        missing = f"after {last[0]}" if last else "at the end"
        return f"something is missing {missing}", "write a number or a name there"
    if dotted := re.match(r"\.([*/^\\'])", after):
        plain = {"^": "**", "\\": "/", "'": ".T"}.get(dotted[1], dotted[1])
        way_out = f"write {plain}, which is entry by entry, and @ for a product of matrices"
        return f"{dotted[0]} is not read", way_out if plain != ".T" else "write A.T for a transpose"
    first = re.match(_OPERATOR, after)
    if (last or before[-1:] in ("(", "[", "")) and (first or after[0] in ")]"):
        where = f"between {before[-1:]} and {after[0]}" if before else f"before {after[0]}"
        return f"something is missing {where}", "write a number or a name there"
    if re.search(r"[\w)\]]$", before) and re.match(r"[\w(\[]", after):
        return "something is missing between two factors", "write * between them"
    return f"{shorten(after, 12)!r} is not understood here", "write the formula as in 2*x + sin(x)"


_JOINING = {"lambda", "if", "else", "and", "or", "not"}
"""Words of Python's that may stand between formulas."""


def _keyword_at(line: str, column: int) -> str:
    """The word of Python's that stands at a place, or just before it, "" if none does."""
    for found in re.finditer(r"[A-Za-z_]\w*", line):
        if iskeyword(found[0]) and found[0] not in _JOINING and found.start() <= column <= found.end() + 1:
            return found[0]
    return ""


def _of_two_words(line: str, column: int) -> Answer:
    """What two things side by side are on paper: a product, or a function of what follows."""
    from symdiff.rules.table import functions  # start-up: only errors need it

    for found in _SIDE_BY_SIDE.finditer(line):
        number, factor, name, other = found.groups("")
        if iskeyword(name) or iskeyword(other) or not found.start() <= column <= found.end():
            continue
        if name in functions():
            return f"a function needs parentheses: {name}({other})", ""
        if near := suggestion(name, functions()):
            return f"{name} is no function", near
        return f"a product is written with *: {number or name}*{other or factor}", ""
    return "", ""
