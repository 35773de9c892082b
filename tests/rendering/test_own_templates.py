"""Folders of templates that users write: what is wrong in them is one clear line; nothing escapes."""

from __future__ import annotations

import importlib
import re
import shutil
from pathlib import Path

import pytest
from pages import some
from tools import is_said, run_command

from symdiff.api.solution import solve
from symdiff.cli.commands import app
from symdiff.cli.failures import outcome
from symdiff.document.blocks import Document, Heading, text
from symdiff.errors import InputError
from symdiff.exercises import read
from symdiff.rendering.formats.bounds import BoundedSandbox
from symdiff.rendering.formats.folders import formats, template_root
from symdiff.rendering.formats.formats import ESCAPES, load_format, load_messages
from symdiff.rendering.formats.jinja_environment import jinja
from symdiff.rendering.formats.templates import FILTERS
from symdiff.rendering.lines.layout import Layout
from symdiff.rendering.pages.engine import render

FORMAT = (template_root() / "latex" / "format.toml").read_text(encoding="utf-8")


def run(*arguments: str) -> tuple[str, int]:
    """The message and the exit status of the command, run in this process."""
    return outcome(lambda: int(app(list(arguments), standalone_mode=False) or 0))


def refused(folder: Path, *options: str, says: str, target: str = "x**2") -> str:
    """The one line that refuses a folder of templates, as the file of a user that cannot be read."""
    message, status = run("derive", target, "--templates", str(folder), *options)
    assert status == 3, message
    assert "\n" not in message
    assert is_said(says, message)
    return message


def write(folder: Path, name: str, text: str | bytes) -> Path:
    """A file of a user's folder."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("extension =", "extention =", "{} … unknown key 'extention'; did you mean 'extension'?"),
        ('extension = "tex"\n', "", "{} … the key 'extension' is missing"),
        ('"tex"', "7", "{} … extension must be a text"),
        ('"tex"', '"a/b"', "{} … extension must be letters and digits, as tex"),
        ('math = "latex"', 'math = "latx"', "{} … unknown math 'latx'; did you mean 'latex'?"),
        ('escape = "latex"', 'escape = "latx"', "{} … unknown escape 'latx'; did you mean 'latex'?"),
        ('"points"', '"point"', "{} … unknown measure 'point'; did you mean 'points'?"),
        ('"tikz"', '"tikzz"', "{} … unknown picture 'tikzz'; did you mean 'tikz'?"),
        ("width = 407", "width = 0", "{} … width must be a number above 0"),
        ("width = 407", "width = true", "{} … width must be a number above 0"),
        ("width = 407", "width = nan", "{} … width must be a number above 0"),
        ('"$%s$"', '"$$"', "{} … inline must be a text with %s for the formula"),
        ('"\\\\boxed{%s}"', '"\\\\boxed"', "{} … box must be a text with %s for the formula"),
        ('["=", "\\\\approx", "\\\\in"]', '"="', "{} … signs must be a list of texts"),
        ('["=", "\\\\approx", "\\\\in"]', '["="]', "{} … signs must be two or three texts, for =, ≈ and ∈"),
        ("quad = 10", 'quad = 10\nsteps = "yes"', "{} … steps must be true or false"),
        ('picture = "tikz"', "[colours]\ntitle = 1", "{} … colours must be a table of texts"),
        ('picture = "tikz"', '[colours]\ntitle = "1m\\u001b]0;x"', "colours must be a table of codes"),
        ("quad = 10", "quad = ", "cannot be read: Invalid value (at line"),
        ("quad = 10", "quad = " + "9" * 5000, "cannot be read: Exceeds the limit"),
        ("quad = 10", "quad = " + "[" * 5000, "{} … cannot be read: nested too deeply"),
    ],
)
def test_a_wrong_setting_of_a_format_is_named_with_its_file(
    old: str, new: str, says: str, tmp_path: Path
) -> None:
    assert old in FORMAT
    path = write(tmp_path, "own/format.toml", FORMAT.replace(old, new, 1))
    refused(tmp_path, "--format", "own", says=says.format(path))


def test_the_exit_status_is_that_of_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    path = write(tmp_path, "own/format.toml", FORMAT.replace("extension", "extention"))
    done = run_command("derive", "x**2", "--templates", str(tmp_path), "--format", "own")
    assert (done.returncode, done.stdout) == (3, b"")
    assert done.stderr.decode() == f"symdiff: {path}: unknown key 'extention'; did you mean 'extension'?\n"


def test_a_file_written_elsewhere_is_read_alike(tmp_path: Path) -> None:
    write(tmp_path, "own/format.toml", b"\xef\xbb\xbf" + FORMAT.replace("\n", "\r\n").encode())
    assert load_format("own", tmp_path).extension == "tex"
    path = write(tmp_path, "own/format.toml", FORMAT.encode("utf-16"))
    refused(tmp_path, "--format", "own", says=f"{path}: ")


def test_the_ending_of_a_file_may_mean_a_format_of_ones_own(tmp_path: Path) -> None:
    write(tmp_path, "own/format.toml", FORMAT.replace('"tex"', '"own"'))
    write(tmp_path, "other/format.toml", FORMAT)  # an ending of ours stays ours
    for name in ("own", "other"):
        write(tmp_path, f"{name}/layout.j2", f"{name} <% block body %><% endblock %>")
        write(tmp_path, f"{name}/blocks.j2", (template_root() / "latex" / "blocks.j2").read_bytes())
    for ending, start in (("own", "own\n"), ("tex", "\\documentclass")):
        page = tmp_path / f"page.{ending}"
        assert run("derive", "x**2", "--templates", str(tmp_path), "-o", str(page)) == ("", 0)
        assert page.read_text(encoding="utf-8").startswith(start)


@pytest.mark.parametrize("name", ["own/format.toml", "messages/own.toml"])
def test_a_folder_in_place_of_a_file_is_no_format_and_no_language(name: str, tmp_path: Path) -> None:
    (tmp_path / name).mkdir(parents=True)
    option = "--format" if "format" in name else "--lang"
    message, status = run("derive", "x**2", "--templates", str(tmp_path), option, "own")
    assert (status, "unknown" in message) == (2, True)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "[statement]\nheadin = 'Given'",
            "{} … unknown key 'statement.headin'; did you mean 'statement.heading'?",
        ),
        ("[statment]\nheading = 'Given'", "{} … unknown key 'statment.heading'; did you mean 'statement'?"),
        (
            "[remarks]\nnote = 'x'",
            "{} … unknown key 'remarks.note'; messages of your own templates go under [own]",
        ),
        ("heading = 'Given'", "{} … unknown key 'heading'"),
        (
            "[title]\nnamed = '{nam}'",
            "{} … unknown parameter {{nam}} in 'title.named'; did you mean 'name'?",
        ),
        ("[title]\nnamed = '{name.x}'", "{} … unknown parameter {{name.x}} in 'title.named'"),
        ("[title]\nnamed = '{}'", "{} … unknown parameter {{}} in 'title.named'"),
        ("[title]\nnamed = '{name'", "{} … 'title.named' is no message: expected '}}' before end of string"),
        (
            "[title]\nnamed = 1",
            "{} … 'title.named' is no message; write a text, or a table of by, one and other",
        ),
        ("[title]\nnamed = {by = 'name', other = ''}", "{} … 'title.named' is no message"),
        (
            "[title]\nnamed = {by = 'n', one = '', other = ''}",
            "{} … unknown parameter {{n}} in 'title.named'",
        ),
        ("[locale]\ndecimal = ''", "{} … locale.decimal must be one sign"),
        ("[locale]\ndecimal = 1", "{} … 'locale.decimal' is no message"),
    ],
)
def test_a_wrong_message_is_named_with_its_file(text: str, says: str, tmp_path: Path) -> None:
    path = write(tmp_path, "messages/fr.toml", text)
    refused(tmp_path, "--lang", "fr", says=says.format(path))


def test_a_language_may_be_partial_and_have_messages_of_its_own(tmp_path: Path) -> None:
    write(tmp_path, "messages/de.toml", "[statement]\nheading = 'Aufgabe'\n[own]\nremark = 'Merke'")
    write(tmp_path, "messages/en.toml", "[steps]\nheading = 'Steps'\n[own]\nremark = 'Note'\nmore = 'More'")
    found = load_messages("de", tmp_path)
    assert found["statement.heading"] == "Aufgabe"
    assert found["own.remark"] == "Merke"
    assert found["own.more"] == "More"  # English as the folder has it
    assert found["steps.heading"] == "Steps"
    assert found["title.named"] == load_messages("en")["title.named"]
    assert load_messages("fr", tmp_path)["steps.heading"] == load_messages("fr")["steps.heading"]


@pytest.mark.parametrize(
    ("head", "says"),
    [
        ('extention = "txt"\nescape = "none"', "the comment at the head of {} … unknown key 'extention'"),
        ('extension = "txt"', "the comment at the head of {} … the key 'escape' is missing"),
        (
            'extension = "txt"\nescape = "nothing"',
            "the comment at the head of {} … unknown escape 'nothing'",
        ),
        ('extension = "txt"\nescape = "none"\nmeasure = 1', "measure must be a text"),
        (
            "extension = ",
            "the comment at the head of {} … cannot be read: Invalid value (at line 2, column 13)",
        ),
    ],
)
def test_a_wrong_setting_of_a_picture_is_named_with_its_file(head: str, says: str, tmp_path: Path) -> None:
    path = write(tmp_path, "graph/own.j2", f"<#\n{head}\n#>\n")
    message, status = run("graph", "x**2", "--templates", str(tmp_path), "--format", "own")
    assert status == 3
    assert is_said(says.format(path), message)


WORDS = "a & <b> $ %"
ESCAPED = {name: ESCAPES[load_format(name).escape](WORDS) for name in formats()}


@pytest.mark.parametrize("name", formats())
@pytest.mark.parametrize(
    ("expression", "printed"),
    [
        ("words", "!"),
        ("'a & <b> $ %'", "!"),
        ("('x' | raw) ~ words", "x!"),
        ("words ~ ('x' | raw) ~ 'a & <b> $ %'", "!x!"),
        ("('x' | raw) + words", "x!"),
        ("words + ('x' | raw)", "!x"),
        ("itself('x' | raw) ~ words", "x!"),
        ("['x' | raw, words] | join", "x!"),
        ("['x' | raw, 'y' | raw] | join(words)", "x!y"),
        ("['x', 'y'] | join(words)", "x!y"),
        ("('xz' | raw) | replace('z', words)", "x!"),
        ("(('x' | raw) ~ words) | replace(words, 'y')", "xy"),
        ("'a & c' | replace('c', '<b> $ %')", "!"),
        ("('xz' | raw).replace('z', words)", "x!"),
        ("('' | raw).join([words, 'x' | raw])", "!x"),
        ("('x%s' | raw) % words", "x!"),
        ("('x%s' | raw) | format(words)", "x!"),
        ("('x{}' | raw).format(words)", "x!"),
        ("words | e", "!"),
        ("(words | e) ~ words", "!!"),
        ("(('x' * 30) | raw) | truncate(12, end=words, leeway=0)", "x!"),
    ],
)
def test_words_are_escaped_once_and_as_the_format_says(
    expression: str, printed: str, name: str, tmp_path: Path
) -> None:
    source = f"<% set words = 'a & <b> $ %' %><% macro itself(x) %><< x >><% endmacro %><< {expression} >>"
    write(tmp_path, "one.j2", source)
    for own in (None, tmp_path):
        template = jinja(ESCAPES[load_format(name).escape], FILTERS, own).from_string(source)
        assert template.render() == printed.replace("!", ESCAPED[name])


def test_one_template_serves_formats_with_different_escapes(tmp_path: Path) -> None:
    write(tmp_path, "one.j2", "<< '&' >><< 'a' ~ '&' >>")
    printed = [
        jinja(ESCAPES[e], FILTERS, tmp_path).get_template("one.j2").render()
        for e in ("latex", "html", "none")
    ]
    assert printed == ["\\&a\\&", "&amp;a&amp;", "&a&"]


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("<% for i in range(10**9) %>x<% endfor %>", "Range too big"),
        ("<% for i in range(99999) %><% for j in range(99999) %><% endfor %><% endfor %>", "too much work"),
        ("<% for i in range(9999) %>" + "long text " * 9999 + "<% endfor %>", "too much work"),
        ("<% for i in [1, 2] recursive %><< loop([1, 2]) >><% endfor %>", "recursion without end"),
        (
            "<% for i in range(99999) recursive %><% if loop.depth < 3 %><< loop(range(99999)) >><% endif %>"
            "<% endfor %>",
            "too much work",
        ),
        ("<% macro f(n) %><< f(n) >><% endmacro %><< f(1) >>", "recursion without end"),
        (
            "<% macro f(n) %><% if n %><< f(n - 1) >><< f(n - 1) >><% endif %><% endmacro %><< f(60) >>",
            "too much",
        ),
        ("<% set n = 0 %><% include 'twice.j2' %>", "too much work"),
        ("<% include 'own.j2' %>", "recursion without end"),
        ("<< 'a' * 10**9 >>", "too much work"),
        ("<< 10**9 * 'a' >>", "too much work"),
        ("<< [1] * 10**9 >>", "too much work"),
        ("<< 10**(10**9) >>", "a number too long"),
        (
            "<% set n = namespace(x=3) %><% for i in range(99) %><% set n.x = n.x * n.x %><% endfor %>",
            "a number",
        ),
        (
            "<% set n = namespace(x='a') %><% for i in range(99) %><% set n.x = n.x + n.x %><% endfor %>",
            "too much",
        ),
        (
            "<% set n = namespace(x='a') %><% for i in range(99) %><% set n.x = n.x ~ n.x %><% endfor %>",
            "too much",
        ),
        (
            "<% set n = namespace(x=[1]) %><% for i in range(99) %><% set n.x = n.x + n.x %><% endfor %>",
            "too much",
        ),
        (
            "<% set n = namespace(x=1) %><% for i in range(99) %><% set n.x = [n.x, n.x] %><% endfor %>"
            "<< n.x >>",
            "a list of more than",
        ),
        (
            "<% set n = namespace(x=1, y=1) %><% for i in range(99) %><% set n.x = [n.x, n.x] %>"
            "<% set n.y = [n.y, n.y] %><% endfor %><< n.x == n.y >>",
            "a list of more than",
        ),
        ("<< '%1000000000d' | format(1) >>", "a width of more than 100000"),
        ("<< '%.1000000000f' % 1.5 >>", "a width of more than 100000"),
        ("<< '%*d' | format(10**9, 1) >>", "a width that is not written"),
        ("<< ('%99999d' * 9999) | format(*range(9999)) >>", "too much work"),
        ("<< '{:>1000000000}'.format(1) >>", "a width of more than 100000"),
        ("<< '{:{}}'.format(1, 10**9) >>", "a width of more than 100000"),
        ("<< ('x{:>1000000000}' | raw).format(1) >>", "a width of more than 100000"),
        ("<< '{x:>1000000000}'.format_map({'x': 1}) >>", "a width of more than 100000"),
        ("<< ('{0}' * 99999).format('a' * 99999) >>", "too much work"),
        ("<< 'a' | center(10**9) >>", "a width of more than 100000"),
        ("<< 'a' | indent(10**9) >>", "a width of more than 100000"),
        ("<< ('a\n' * 99999) | indent(99999) >>", "indent would make too long a text"),
        ("<< [1] | batch(10**9, 'x') | list >>", "a width of more than 100000"),
        ("<< [1] | slice(10**9) | list >>", "a width of more than 100000"),
        ("<< 1.5 | round(10**9, 'ceil') >>", "a width of more than 100000"),
        ("<< [1] | tojson(10**9) >>", "a width of more than 100000"),
        ("<< ['a'] | map('center', 10**9) | list >>", "a width of more than 100000"),
        ("<% filter center(10**9) %>a<% endfilter %>", "a width of more than 100000"),
        ("<< 'a'.ljust(10**9) >>", "a width of more than 100000"),
        ("<< ('a' | raw).center(10**9) >>", "a width of more than 100000"),
        ("<< '1'.zfill(10**9) >>", "a width of more than 100000"),
        ("<< ('\t' * 99999).expandtabs(99999) >>", "expandtabs would make too long a text"),
        ("<< ('a' * 99999) | replace('a', 'b' * 99999) >>", "replace would make too long a text"),
        ("<< ('a' * 99999).replace('a', 'b' * 99999) >>", "replace would make too long a text"),
        ("<< range(99999) | join('b' * 99999) >>", "join would make too long a text"),
        ("<< ('b' * 99999).join(range(999) | map('string')) >>", "join would make too long a text"),
        ("<< ('a' * 99999).translate({97: 'b' * 99999}) >>", "translate would make too long a text"),
        ("<< ('a ' * 99999) | wrapped(1, '', 'b' * 99999) >>", "wrapped would make too long a text"),
        ("<< ('a' * 99999) | wordwrap(1, wrapstring='b' * 99999) >>", "wordwrap would make too long a text"),
        ("<< spaces(10**9) >>", "too much work"),
        ("<< lipsum(10**9) >>", "'lipsum' is undefined"),
        ("<< (1).to_bytes(10**9, 'big') >>", "unsafe"),
        ("<< 'a'.encode().ljust(10**9) >>", "unsafe"),
    ],
)
def test_whatever_a_template_asks_for_ends_in_one_line(
    source: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.import_module(BoundedSandbox.__module__), "MOST", 2_000_000)
    twice = "<% include 'twice.j2' %>" * 2
    write(tmp_path, "twice.j2", f"<% set n = n + 1 %><% if n < 60 %>{twice}<% endif %>")
    write(tmp_path, "own.j2", "<% include 'own.j2' %>")
    write(tmp_path, "latex/blocks.j2", f"<% macro heading(b) %>\n{source}\n<% endmacro %>")
    with pytest.raises(InputError, match="template error: ") as found:
        render(Document(text("mode.both"), (Heading(text("mode.both")),)), templates=tmp_path)
    assert is_said(says, str(found.value))
    assert "\n" not in str(found.value)


def test_bounds_leave_room_for_what_pages_need(tmp_path: Path) -> None:
    source = (
        "<% for i in range(9999) %>"
        "<% for j in [1, 2, 3] if j > 1 %><< loop.index >><< loop.last >><% endfor %><% endfor %>"
        "<< 'a' | center(999) >><< '%9.3f' | format(1.5) >><< '{:>9}'.format(1) >><< 12345678901 >>"
        "<< '%d' % 12345678901 >><< ('a\n' * 999) | indent(9) >><< range(9) | map('string') | join(', ') >>"
        "<< 7 % 4 >><< 2**10 >><< [1, 2] == [1, 2] >><< 'a' in 'abc' >>"
    )
    printed = jinja(str, FILTERS, tmp_path).from_string(source).render()
    assert len(printed) > 9999 * 10
    assert printed.endswith("3" + "1024" + "True" + "True")


@pytest.mark.parametrize(
    ("files", "says"),
    [
        (
            {"latex/blocks.j2": "<% macro heading(b) %>\n\n<< wrong >>\n<% endmacro %>"},
            "{}/latex/blocks.j2, line 3 … 'wrong' is undefined",
        ),
        ({"latex/blocks.j2": "<% macro heading(b) %>\n<% endfor %>"}, "{}/latex/blocks.j2, line 2"),
        (
            {"latex/blocks.j2": "<% macro heading(b) %><< say('own.remark') >><% endmacro %>"},
            "{}/latex/blocks.j2, line 1 … there is no 'own.remark'",
        ),
        (
            {"latex/blocks.j2": "<% macro heading(b) %><< math(b) >><% endmacro %>"},
            "{}/latex/blocks.j2, line 1",
        ),
        ({"latex/blocks.j2": b"\xff"}, "{}"),
        ({"own/format.toml": FORMAT}, "{} … there is no template 'own/layout.j2'"),
        (
            {"own/format.toml": FORMAT, "own/layout.j2": "<% block body %><% endblock %>"},
            "{} … there is no template 'own/blocks.j2'",
        ),
        (
            {
                "own/format.toml": FORMAT,
                "own/layout.j2": "<% block body %><% endblock %>",
                "own/blocks.j2": "<% macro note(b) %><% endmacro %>",
            },
            "{} … there is no macro 'heading' in own/blocks.j2",
        ),
    ],
)
def test_an_error_in_a_template_says_where(files: dict[str, str | bytes], says: str, tmp_path: Path) -> None:
    for name, content in files.items():
        write(tmp_path, name, content)
    format = "own" if "own/format.toml" in files else "latex"
    refused(tmp_path, "--format", format, says=says.format(tmp_path))


def test_an_error_of_ours_is_not_the_users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ValueError("a defect")

    monkeypatch.setattr(Layout, "lines", broken)
    write(tmp_path, "latex/blocks.j2", "<% macro heading(b) %><% endmacro %>")
    message, status = run("derive", "x**2", "--templates", str(tmp_path))
    assert (status, "a defect" in message) == (70, True)


@pytest.mark.parametrize(
    "name", ["latex/blocks.j2", "latex/format.toml", "messages/en.toml", "graph/tikz.j2", "html/page.css"]
)
def test_a_link_out_of_the_folder_is_refused(name: str, tmp_path: Path) -> None:
    outside, folder = tmp_path / "outside", tmp_path / "own"
    shutil.copytree(template_root(), outside, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / name).parent.mkdir(parents=True)
    try:
        (folder / name).symlink_to(outside / name)
    except OSError:
        pytest.skip("no symbolic links here")
    format = "html" if "html" in name else "latex"
    message = refused(
        folder,
        "--mode",
        "reverse",
        "--format",
        format,
        says=f"{folder / name}: a link leads out of the folder of templates",
        target="sigmoid",
    )
    assert "template error" not in message
    (folder / name).unlink()
    write(folder, f"kept/{name}", (outside / name).read_bytes())
    (folder / name).symlink_to(folder / "kept" / name)
    page = (
        "derive",
        "x**2",
        "--templates",
        str(folder),
        "--format",
        format,
        "-o",
        str(tmp_path / "page.txt"),
    )
    assert run(*page) == ("", 0)


@pytest.mark.parametrize("of", ["latex", "markdown"])
@pytest.mark.parametrize("target", some(["gof", "rnn", "logistic", "perceptron"], 4, spread=False))
def test_words_inside_a_formula_have_the_marks_of_its_notation(of: str, target: str, tmp_path: Path) -> None:
    """A format with other marks for formulas in a sentence, whose blocks are ours."""
    settings = (template_root() / of / "format.toml").read_text(encoding="utf-8")
    write(tmp_path, "own/format.toml", settings.replace('"$%s$"', '"stem:[%s]"'))
    write(tmp_path, "own/layout.j2", "<% block body %><% endblock %>")
    shipped = (template_root() / of / "blocks.j2").read_text(encoding="utf-8")
    write(tmp_path, "own/blocks.j2", shipped)
    page = solve(read(target)).render("own", templates=tmp_path, pictures="none")
    plain = solve(read(target)).render(of, fragment=True)
    assert "stem:[" in page
    assert not re.search(r"\\text\{[^\n]*stem:\[", page)
    displays = re.findall(r"\$\$\n.*?\$\$|\\begin\{align.*?\\end\{align", plain, re.DOTALL)
    assert displays
    assert all(display in page for display in displays)


NUMPY = (template_root() / "code" / "numpy.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('number = "float"', 'numbr = "float"', "{} … unknown key 'numbr'; did you mean 'number'?"),
        ('number = "float"\n', "", "{} … the key 'number' is missing"),
        ('number = "float"', "number = 1", "{} … number must be a text"),
        ('["import math"]', '"import math"', "imports must be lists of imports"),
        ('"import math"', '"import math, os"', "imports must be lists of imports"),
        ('"import math"', '"math"', "imports must be lists of imports"),
        ('"import math"', '"import ("', "imports must be lists of imports"),
        ('exp = "np.exp({0})"', "exp = 1", "{}, exp … neither a text nor a table"),
        ('exp = "np.exp({0})"', 'exp = { cod = "x" }', "{}, exp … unknown key 'cod'; did you mean 'code'?"),
        ('exp = "np.exp({0})"', "exp = { takes = [] }", "{}, exp … the key 'code' is missing"),
        ('exp = "np.exp({0})"', 'exp = "np.exp({7})"', "{}, exp … unknown place {{7}}; known: 0, 1, 2"),
        ('exp = "np.exp({0})"', 'exp = "np.exp({0:>999999999})"', "{}, exp … unknown place {{0}}"),
        ('exp = "np.exp({0})"', 'exp = "np.exp({0)"', "{}, exp … expected '}}' before end of string"),
        (
            '["product", "power"] }',
            '["prodct"] }',
            "{}, inner … unknown takes 'prodct'; did you mean 'product'?",
        ),
        ('binds = "negation"', 'binds = "neg"', "{}, cross_entropy … unknown binds 'neg'"),
        ("[helpers]", "[helpers]\nnumber = 1", "{} … helpers must be a table of texts"),
    ],
)
def test_a_wrong_line_of_a_target_of_code_is_named_with_its_file(
    old: str, new: str, says: str, tmp_path: Path
) -> None:
    assert old in NUMPY
    path = write(tmp_path, "code/own.toml", NUMPY.replace(old, new, 1))
    message, status = run("code", "exp(x)", "--target", "own", "--templates", str(tmp_path))
    assert status == 3, message
    assert is_said(says.format(path), message)


def test_what_a_target_lacks_is_said_with_its_file(tmp_path: Path) -> None:
    path = write(tmp_path, "code/own.toml", NUMPY.replace('exp = "np.exp({0})"\n', ""))
    message, status = run("code", "exp(x)", "--target", "own", "--templates", str(tmp_path))
    assert (status, message) == (3, f"no code for 'exp' in own; add a line to {path}")
