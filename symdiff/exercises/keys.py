"""The keys of an exercise file, each with its type and what it says: the one definition of the format.

From it come the reader's types, the errors about a wrong value, and `schema.json`, which

    python -m symdiff.exercises.keys > symdiff/exercises/schema.json

writes. Beside a type stand the words of its errors: `wanted` is what it is called, `rule` what is wrong with
a value of the right kind ({0} is the value, of a list its length), `missing` that there is none, `way_out`
what to write. What values mean together is said in `parts` and `build`.
"""

import sys
from collections.abc import Iterator
from types import UnionType
from typing import Annotated, Any, Literal, TypeAlias, TypeVar, Union, get_args, get_origin

from msgspec import UNSET, Meta, Struct, UnsetType, ValidationError, convert, field
from msgspec.json import schema as schema_of
from msgspec.structs import fields

from symdiff.errors import InputError, did_you_mean, shorten
from symdiff.exercises.file import File, Part, kind
from symdiff.exercises.levels import Level
from symdiff.exercises.modes import Mode
from symdiff.exercises.parts import NUMBER
from symdiff.expr.names import MAX_NAME, NAME
from symdiff.expr.shapes import LARGEST
from symdiff.expr.timed import MOST_STEPS

MOST_TITLE = 200
MOST_FIRST = 1000
ONE_LINE = f"a title is one line of at most {MOST_TITLE} characters"

WAYS = ("recurrence", "definitions", "components", "composition")
"""How a function is given: one of these; beside a recurrence, definitions say what is made of its values."""
WAYS_OUT = "write one of [definitions], components, [recurrence], or [functions] with composition"
NEEDS = {
    "composition": ("functions", "composition without functions", WAYS_OUT),
    "functions": ("composition", "functions without composition", WAYS_OUT),
    "steps": ("recurrence", "steps without a recurrence", "write [recurrence]"),
    "sequences": ("recurrence", "sequences without a recurrence", "write [recurrence]"),
    "rate": ("at", "there is a rate but no numbers to update", "add a section [at]"),
}
"""The key that another one needs, with the error where it is absent."""


def _says(description: str | None = None, **schema: Any) -> Meta:
    """What an editor shows of a key, and what only the schema says: names and numbers are read in `parts`."""
    return Meta(description=description, extra_json_schema=schema)


def _is(wanted: str = "", rule: str = "", missing: str = "", way_out: str = "", **limits: Any) -> Meta:
    """The words of the errors about a type, and its limits."""
    words = {"wanted": wanted, "rule": rule, "missing": missing, "way_out": way_out}
    return Meta(extra={key: text for key, text in words.items() if text}, **limits)


def _lists(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "minItems": 1, "items": items}


_NAME, _NUMBER = {"$ref": "#/$defs/name"}, {"$ref": "#/$defs/number"}
_VALUES = [_NUMBER, _lists(_NUMBER), _lists(_lists(_NUMBER)), _lists(_lists(_lists(_NUMBER)))]
_TIMED = rf"^{NAME.pattern}\[ *(-?[0-9]+|{NAME.pattern}) *\]$"
_DEFINED = {
    "name": {
        "description": "Letters, digits and underscores.",
        "pattern": f"^{NAME.pattern}$",
        "maxLength": MAX_NAME,
    },
    "number": {
        "description": "A number as written, exactly; a fraction in quotes.",
        "type": ["number", "string"],
        "pattern": f"^{NUMBER}$",
    },
}

T = TypeVar("T")
Maybe: TypeAlias = T | UnsetType
Table = Annotated[dict[str, T], Meta(min_length=1)]
Section = Annotated[Table[T], _says(propertyNames=_NAME)]
Number = Annotated[Any, _says(**_NUMBER)]
Value = Annotated[Any, _says(oneOf=_VALUES)]
# No `pattern=` here: in a union it makes msgspec before 0.23 release a regular expression that is in use.
Text = Annotated[str, _is("a text in quotes", min_length=1)]
Name = Annotated[str, _is("a name in quotes", min_length=1), _says(**_NAME)]
Names = Annotated[
    list[Name], _is("a list", min_length=1, way_out='write ["…", "…"]: names'), _says(uniqueItems=True)
]
Formula = Annotated[
    Text,
    _is("a formula in quotes"),
    _says("A formula: + - * / **, @, .T, x[0], and functions such as exp(x) or softmax(z)."),
]
Formulas = Annotated[
    list[Formula], _is("a list", min_length=1, way_out='write ["…", "…"]: one formula for each component')
]
EITHER = "a formula in quotes or a list of them"
Title = Annotated[Text, _is(rule=ONE_LINE, max_length=MOST_TITLE)]
Titles = Annotated[
    Table[Title],
    _is(rule="no language has a title", way_out='write title = "…"'),
    _says(propertyNames={"pattern": "^[A-Za-z-]{2,10}$"}, examples=[{"en": "Sigmoid", "fr": "Sigmoïde"}]),
]
Length = Annotated[int, _is(rule=f"a size is a whole number from 1 to {LARGEST}", ge=1, le=LARGEST)]
Shape = Annotated[
    list[Annotated[Name | Length, _is("a size", way_out="a size is a whole number or a name")]],
    _is(
        "a shape",
        rule="a shape of {0} sizes",
        way_out='write [] for a number, ["n"] or [3] for a vector, ["m", "n"] for a matrix',
        max_length=2,
    ),
]
Steps = Annotated[
    int,
    _is(
        rule="{0} steps cannot be written out",
        way_out=f"a recurrence has from 1 to {MOST_STEPS}",
        ge=1,
        le=MOST_STEPS,
    ),
]
First = Annotated[
    int, _is(rule=f"the first index is a whole number from 0 to {MOST_FIRST}", ge=0, le=MOST_FIRST)
]
Assumption = Annotated[
    Literal["simplex", "symmetric", "index"], _is("a text in quotes", rule="unknown assumption {0!r}")
]


class Function(Struct, forbid_unknown_fields=True):
    """A function with the name of its argument."""

    is_: Annotated[
        Formula | Formulas,
        _is(EITHER, missing="the function has no formula", way_out='write { of = "x", is = "…" }'),
        _says("The formula, or one for each component."),
    ] = field(name="is")
    of: Annotated[
        Maybe[Name | Names],
        _is("a name or a list of names"),
        _says("The name of the argument, or the names of its entries; without it, the only input."),
    ] = UNSET


class Exercise(Struct, forbid_unknown_fields=True):
    """What is to be differentiated: inputs with their shapes, a function, and how and where it is shown."""

    inputs: Annotated[
        Section[Shape],
        _is(missing="there is no section [inputs]", way_out="write [inputs] and x = [] for a number x"),
        _says('The inputs in order, with shapes: [] a number, ["n"] or [3] a vector, ["m", "n"] a matrix.'),
    ]
    title: Annotated[
        Maybe[Title | Titles],
        _is("a text in quotes"),
        _says("The exercise's title: one text, or one for each language."),
    ] = UNSET
    source: Annotated[Maybe[Text], _says("Where it comes from; for the reader of the file.")] = UNSET
    output: Annotated[
        Maybe[Name], _says("The result's name: the last definition, else a name of your choice instead of y.")
    ] = UNSET
    wrt: Annotated[
        Maybe[Names],
        _is(way_out='write ["…", "…"]: the names of inputs'),
        _says("The inputs to differentiate by; without it, all of them."),
    ] = UNSET
    mode: Annotated[
        Maybe[Mode],
        _is("a text in quotes", rule="unknown mode {0!r}"),
        _says("The reading in which the exercise is shown best."),
    ] = UNSET
    detail: Annotated[
        Maybe[Level],
        _is("a text in quotes", rule="unknown detail {0!r}"),
        _says("How much its page says: what stands on a blackboard, more, or everything."),
    ] = UNSET
    rate: Annotated[
        Maybe[Number],
        _says(
            "The step of one update of the inputs in wrt against the gradient; needs [at].",
            exclusiveMinimum=0,
        ),
    ] = UNSET
    first: Annotated[First, _says("The index of the first w.")] = 1
    steps: Annotated[
        Maybe[Name | Steps],
        _is("a number of steps or its name"),
        _says('The number of steps of a recurrence, or its name, as "T".'),
    ] = UNSET
    sequences: Annotated[
        Maybe[Section[Shape]],
        _says("Inputs with a value for each time, x[t], each with the shape of one value."),
    ] = UNSET
    assume: Annotated[
        Maybe[Section[Assumption]],
        _says(
            "simplex: a vector, or each row, is not negative and adds up to 1; symmetric: a matrix is; "
            "index: a whole number that stands in [ ] only, and is held."
        ),
    ] = UNSET
    recurrence: Annotated[
        Maybe[Table[Formula]],
        _says(
            'Equations with times in order: "h[-1]" for a value before the first time, "h[t]" for the cell.',
            propertyNames={"pattern": _TIMED},
        ),
    ] = UNSET
    definitions: Annotated[
        Maybe[Section[Formula]],
        _says("Equations in order; each may use the names above it, and the last one is the result."),
    ] = UNSET
    components: Annotated[
        Maybe[Formulas], _says("The result as a vector, one formula for each component.")
    ] = UNSET
    composition: Annotated[
        Maybe[Text],
        _says("Functions applied one after the other, the innermost last: g∘f, or g o f.", examples=["g∘f"]),
    ] = UNSET
    functions: Annotated[
        Maybe[Section[Annotated[Formula | Formulas | Function, _is(EITHER)]]],
        _says("The functions of the composition."),
    ] = UNSET
    at: Annotated[
        Maybe[Section[Value]],
        _says("A number for every input: a vector is a list, a matrix the list of its rows."),
    ] = UNSET


def exercise_of(file: File) -> Exercise:
    """What a file says, every value of the type of its key.

    Raises:
        InputError: a key is unknown, missing or needs another one; a value is not of its type.
    """
    try:
        found = convert(file.table, Exercise)
    except ValidationError:
        # The library's message names no key of a table, so the part that it refuses is looked for.
        raise _error(file, file.table, Exercise) from None
    for key, (other, what, way_out) in NEEDS.items():
        if key in file.table and other not in file.table:
            raise file.error(what, key, way_out=way_out)
    given = [way for way in WAYS if way in file.table and (way != "definitions" or not found.recurrence)]
    if not given:
        raise file.error("nothing says what to differentiate", way_out=WAYS_OUT)
    if len(given) > 1:
        raise file.error(f"{given[0]} and {given[1]} exclude each other", given[1], way_out=WAYS_OUT)
    return found


def _error(file: File, value: Any, wanted: Any, *path: Part) -> InputError:
    """The error about the smallest part of a value that is not of its type."""
    bare, words = _bare(wanted, value)
    fitting = type(value) is _kind_of(bare)
    for key, part, inner in _parts(bare, value) if fitting else ():
        if inner is None:
            way_out = did_you_mean(key, [one.encode_name for one in fields(bare)])
            return file.error(f"unknown key {shorten(key, 30)!r}", *path, key, way_out=way_out)
        if not _fits(part, inner):
            return _error(file, part, inner, *path, key)
    if fitting and _is_struct(bare):
        absent = next(one.type for one in fields(bare) if one.required and one.encode_name not in value)
        words = _bare(absent, None)[1]
        return file.error(words["missing"], *path, way_out=words["way_out"])
    if _kind_of(bare) is dict and path:
        words = {"wanted": f"a section [{path[-1]}]", **words}
    if get_origin(bare) is Literal and fitting:
        words["way_out"] = did_you_mean(value, get_args(bare))
    what, way_out = (
        _what(value, fitting, words.get("wanted"), words.get("rule", "")),
        words.get("way_out", ""),
    )
    return file.error(what, *path, way_out=way_out, near=value if isinstance(value, str) else "")


def _what(value: Any, fitting: bool, wanted: str | None, rule: str) -> str:
    """What is wrong with a value of which every part is right."""
    if not fitting:
        return f"{kind(value)} where {wanted} is expected" if wanted else rule
    if value == "":
        return f"an empty text where {wanted} is expected"
    shown = len(value) if isinstance(value, list) else shorten(str(value), 30)
    return rule.format(shown) or ("an empty list" if isinstance(value, list) else "the section is empty")


def _bare(wanted: Any, value: Any) -> tuple[Any, dict[str, str]]:
    """A type without its annotations, of a union the member for a value, with the words said of it."""
    words: dict[str, str] = {}
    while (origin := get_origin(wanted)) in (Annotated, Union, UnionType):
        members = [one for one in get_args(wanted) if one is not UnsetType]
        if origin is Annotated:
            wanted = members[0]
            inner = {key: text for meta in members[1:] for key, text in (meta.extra or {}).items()}
            words = {**inner, **words}
            continue
        fitting = [one for one in members if _kind_of(_bare(one, value)[0]) is type(value)]
        if len(members) > 1:
            if not fitting:
                break
            words = {}
        wanted = (fitting or members)[0]
    return wanted, words


def _is_struct(bare: Any) -> bool:
    return isinstance(bare, type) and issubclass(bare, Struct)


def _kind_of(bare: Any) -> Any:
    """The type that the TOML reader gives a value of a type."""
    origin = get_origin(bare) or bare
    return dict if _is_struct(bare) else str if origin is Literal else origin


def _fits(value: Any, wanted: Any) -> bool:
    try:
        convert(value, wanted)
    except ValidationError:
        return False
    return True


def _parts(bare: Any, value: Any) -> Iterator[tuple[Any, Any, Any]]:
    """The parts of a table or a list, each with its key or place and its type: None if it has no such key."""
    if _is_struct(bare):
        types = {one.encode_name: one.type for one in fields(bare)}
        yield from ((key, part, types.get(key)) for key, part in value.items())
    elif isinstance(value, dict | list):
        places = value.items() if isinstance(value, dict) else enumerate(value)
        yield from ((key, part, get_args(bare)[-1]) for key, part in places)


def schema() -> dict[str, Any]:
    """The JSON Schema of an exercise file."""
    defined = schema_of(Exercise)["$defs"]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **defined.pop("Exercise"),
        "title": "An exercise for symdiff",
        "anyOf": [{"required": [way]} for way in WAYS],
        "dependentRequired": {key: [other] for key, (other, _, _) in NEEDS.items()},
        "$defs": {**defined, **_DEFINED},
    }


def _in_lines(value: Any, depth: int = 2) -> str:
    """JSON with a line for each key of an exercise."""
    from json import dumps  # start-up: no page needs it

    if not depth or not isinstance(value, dict):
        return dumps(value, ensure_ascii=False)
    lines = (f"{dumps(key)}: {_in_lines(part, depth - 1)}" for key, part in value.items())
    return "{\n" + ",\n".join(lines) + "\n}"


if __name__ == "__main__":
    sys.stdout.write(_in_lines(schema()) + "\n")
