"""The page in a real browser: steps by keyboard, inputs that change, the library's numbers, no complaint."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from array_helpers import of_package, to_package
from browser import Browser
from helpers import M
from pages import page as rendered
from pages import solved, some
from test_array_rules import CASES, KINDS, SIZES, Bench
from tools import need

from symdiff.api.solution import solve
from symdiff.document.blocks import Stepping
from symdiff.exercises import load, names, read
from symdiff.explain.recurrence.recurrence_stepping import unrolled_work
from symdiff.explain.shared.work import TapeWork
from symdiff.expr.notation import application
from symdiff.expr.tree import ALL, Expr, Num, Sym
from symdiff.proof.balls import Balls
from symdiff.proof.values import evaluate
from symdiff.rendering.formulas.latex import LatexPrinter
from symdiff.rendering.pages.html import key
from symdiff.rules.array_rows import FORM_ROWS
from symdiff.rules.rule import Rule
from symdiff.rules.table import RULES

PAGES = [
    *((name, None) for name in names()),
    ("rnn", "reverse"),
    ("rnn-loss", "reverse"),
    ("rnn3x3", "reverse"),
]
LIGHT = [("sigmoid", "both"), ("logistic", "both"), ("mlp", "chain"), ("rnn", "reverse")]
RIGHT, LEFT, HOME, END, TAB, ENTER = "\ue014", "\ue012", "\ue011", "\ue010", "\ue004", "\ue007"


def way(found: Any) -> Stepping | None:
    return next((block for block in found.stepped.document.blocks if isinstance(block, Stepping)), None)


@pytest.fixture
def page(tmp_path: Path) -> Any:
    def written(name: str, mode: str | None = None, language: str = "en") -> Path:
        path = tmp_path / "page.html"
        path.write_text(rendered(name, mode, "html", language), encoding="utf-8")
        return path

    return written


def shown(chromium: Browser) -> dict[str, list[str]]:
    """The numbers of each row, as its formula in LaTeX has them."""
    rows = chromium.run(
        """return [...document.querySelectorAll(".move")].map((row) =>
             [row.dataset.key, row.querySelector(".value annotation")?.textContent ?? ""])"""
    )
    return {name: numbers_in(tex) for name, tex in rows}


def numbers_in(tex: str) -> list[str]:
    return re.findall(r"-?\d(?:[\d.]|\{,\})*(?: \\cdot 10\^\{-?\d+\})?", tex)


def expected(found: TapeWork, block: Stepping, language: str) -> dict[str, list[str]]:
    """The numbers of the library at the point of its model, by the key of the name."""
    printer = LatexPrinter("," if language == "fr" else ".")
    names = [k.var for k in block.known if not k.var.accent] + [move.var for move in block.moves]
    forms = {move.var: move.form for move in block.moves}
    return {
        key(name): [] if isinstance(forms.get(name), Num) else numbers_in(printer(found.value(name)))
        for name in names
    }


def at(name: str, mode: str | None, change: Fraction = Fraction(0)) -> tuple[TapeWork, Stepping]:
    """The work at the numbers that its page starts with, the very first number changed."""
    found = solved(name, mode)
    block = way(found)
    assert block is not None
    point = {known.name.name: known.numbers for known in block.known if not known.var.accent}
    first = next(iter(point))
    point[first] = moved(point[first], change)
    work = found.work if isinstance(found.work, TapeWork) else unrolled_work(found.work)
    return replace(work, at=point), block


def moved(numbers: Any, change: Fraction) -> Any:
    return (moved(numbers[0], change), *numbers[1:]) if isinstance(numbers, tuple) else numbers + change


def give_seeds(chromium: Browser, found: TapeWork, block: Stepping) -> None:
    """Seeds that may be anything get the numbers that the library's model has drawn for them."""
    model = found.model
    assert model is not None
    for i, known in enumerate(block.known):
        if known.var.accent:
            entries = [repr(float(x)) for x in np.ravel(of_package(evaluate(model.m, known.var, {}, model)))]
            chromium.run(
                """[...document.querySelectorAll(`[data-known="${arguments[0]}"]`)].forEach((input, k) => {
                     input.value = arguments[1][k];
                     input.dispatchEvent(new Event("input", { bubbles: true }));
                   })""",
                i,
                entries,
            )


@pytest.mark.parametrize(("name", "mode"), some(PAGES, 4))
def test_every_page_steps_on_a_phone_to_the_numbers_of_the_library(
    name: str, mode: str | None, page: Any, phone: Browser
) -> None:
    """Without a complaint or a request, and no wider than the screen."""
    language = "fr" if len(name) % 2 else "en"
    found, block = at(name, mode)
    phone.open(page(name, mode, language))
    assert phone.run("return document.querySelectorAll('.katex-error').length") == 0
    phone.press(RIGHT, RIGHT)
    assert phone.run("return document.getElementById('slider').value") == str(min(2, len(block.moves)))
    phone.press(END)
    assert phone.run(HASH) == f"#step-{len(block.moves)}"
    wide, inner = phone.run("return [document.documentElement.scrollWidth, innerWidth]")
    assert wide <= inner
    assert len(phone.driver.get_screenshot_as_png()) > 10_000
    give_seeds(phone, found, block)
    assert shown(phone) == expected(found, block, language)
    assert phone.complaints() == []
    assert phone.requests() == []


FIRST = """document.getElementById("inputs").open = true;
const one = document.querySelector("#fields input"); one.focus(); one.select()"""
NOW = "return [...document.querySelectorAll('.node.now')].map((node) => node.dataset.key)"
HASH = "return new Promise((done) => setTimeout(() => done(location.hash), 200))"


@pytest.mark.parametrize(("name", "mode"), LIGHT)
def test_the_numbers_follow_an_input_typed_by_keyboard(
    name: str, mode: str, page: Any, chromium: Browser
) -> None:
    change = Fraction(1, 8)
    found, block = at(name, mode, change)
    chromium.open(page(name, mode, "fr"), f"#step-{len(block.moves)}")
    give_seeds(chromium, found, block)
    first = block.known[0].numbers
    while isinstance(first, tuple):
        first = first[0]
    chromium.run(FIRST)
    chromium.press(*str(float(first + change)).replace(".", ","))
    assert shown(chromium) == expected(found, block, "fr")
    assert chromium.run("return document.getElementById('changed').hidden") is False
    chromium.run("document.getElementById('reset').click()")
    assert chromium.run("return document.getElementById('changed').hidden") is True
    assert chromium.complaints() == []


def test_the_trace_table_follows_an_input(page: Any, chromium: Browser, tmp_path: Path) -> None:
    given = {"x": Fraction(1, 2), "a": Fraction(2)}
    path = tmp_path / "page.html"
    path.write_text(solve(load("sigmoid"), "both", at=given).render("html"), encoding="utf-8")
    chromium.open(path)
    chromium.run(FIRST)
    chromium.press(*"0.75")
    work = solve(load("sigmoid"), "both", at=given | {"x": Fraction(3, 4)}).work
    table = chromium.run(
        """return [...document.querySelectorAll("tr")].map((row) =>
             [...row.querySelectorAll(".number annotation")].map((one) => one.textContent))"""
    )
    printer = LatexPrinter(".")
    values = [printer(work.value(var)) for var in work.tape.order]
    rows = [row for row in table if row]
    assert [numbers_in(row[0]) for row in rows] == [numbers_in(value) for value in values] * 2
    for (var, tangents), by in zip(
        [(var, row[1:]) for var, row in zip(work.tape.order, rows, strict=False)], range(5), strict=True
    ):
        wanted = [printer(work.value(Sym(var.name, "dot", seed=seed))) for seed in "xa"]
        assert [numbers_in(one) for one in tangents] == [numbers_in(one) for one in wanted], by


def test_the_whole_page_works_from_the_keyboard(page: Any, chromium: Browser) -> None:
    chromium.open(page("product-sine", "reverse"))
    step = "return Number(document.getElementById('slider').value)"
    said = "return document.getElementById('said').textContent"
    chromium.press(RIGHT, RIGHT, LEFT)
    assert chromium.run(step) == 1
    assert chromium.run(said) == "Step 1 of 10. w₃ = w₁·w₂ = 0.91"
    chromium.press(END)
    assert chromium.run(step) == 10
    chromium.press(HOME)
    assert chromium.run(step) == 0
    stops = []
    for _ in range(9):
        chromium.press(TAB)
        stops.append(chromium.run("return document.activeElement.id || document.activeElement.className"))
    assert stops[:5] == ["first", "previous", "next", "last", "slider"]
    chromium.run("document.getElementById('next').focus()")
    chromium.press(ENTER)
    assert chromium.run(step) == 1
    chromium.press(TAB, TAB, RIGHT, RIGHT)
    assert chromium.run(step) == 3
    assert "w₅" in chromium.run("return document.getElementById('slider').getAttribute('aria-valuetext')")
    current = "return [...document.querySelectorAll('[aria-current=step]')].map((row) => row.dataset.key)"
    assert chromium.run(current) == ["w_5"]


def test_the_current_contribution_is_on_its_edge(page: Any, chromium: Browser) -> None:
    chromium.open(page("product-sine", "reverse"), "#step-8")
    active = "return [...document.querySelectorAll('.edge.active[id]')].map((edge) => edge.id)"
    block = way(solved("product-sine", "reverse"))
    assert block is not None
    for step, move in enumerate(block.moves, 1):
        chromium.run("location.hash = arguments[0]", f"#step-{step}")
        chromium.run("return new Promise((done) => requestAnimationFrame(done))")
        edges = {f"edge-{tail.name}-{head.name}" for tail, head in move.along}
        assert set(chromium.run(active)) == edges
        now = chromium.run(
            "return [...document.querySelectorAll('.node.now')].map((node) => node.dataset.key)"
        )
        assert now == [move.var.name]


def test_a_link_opens_its_step_and_names_show_their_values(page: Any, chromium: Browser) -> None:
    chromium.open(page("sigmoid", "reverse", "fr"), "#step-5")
    assert chromium.run("return document.getElementById('count').textContent") == "5 / 8"
    tip = """const tip = document.getElementById("tip");
             return tip.hidden ? "" : tip.querySelector("annotation").textContent"""
    chromium.run("document.querySelector('#step-2 .number').focus()")
    assert "1{,}4025" in chromium.run(tip)
    chromium.run("document.querySelector('#first').focus()")
    assert chromium.run(tip) == ""
    mark = chromium.driver.find_element("css selector", "#step-5 [data-of]")
    from selenium.webdriver.common.action_chains import ActionChains

    ActionChains(chromium.driver, duration=0).move_to_element(mark).perform()
    assert "-0{,}5084" in chromium.run(tip)


def test_what_is_wrong_with_an_input_is_said(page: Any, chromium: Browser, tmp_path: Path) -> None:
    wrong = "return document.getElementById('wrong').textContent"
    chromium.open(page("logistic", "both"))
    chromium.run(
        """const input = document.querySelector('[data-known="2"]');
           input.value = "0.5"; input.dispatchEvent(new Event("input", { bubbles: true }))"""
    )
    assert chromium.run(wrong) == "y: the entries must not be negative and must add up to 1."
    path = tmp_path / "page.html"
    path.write_text(solve(read("log(x)"), "reverse").render("html"), encoding="utf-8")
    chromium.open(path)
    chromium.run("document.querySelector('#fields input').select()")
    outside = "Outside the domain: w₂ has no real value there."
    for typed, message in (("-1", outside), ("x", "x: not a number.")):
        chromium.run("document.querySelector('#fields input').select()")
        chromium.press(*typed)
        assert chromium.run(wrong) == message
    chromium.run("document.querySelector('#fields input').select()")
    chromium.press(*"1e999")
    assert chromium.run(wrong) == "x: not a number."
    assert chromium.run("return document.querySelector('#fields input').ariaInvalid") == "true"


DOWNWARD = "\n".join(["a = sin(x*y) + x", *(f"{n} = cos({m}*y) + {m}" for m, n in ("ab", "bc", "cd"))])


def test_numbers_of_a_graph_meet_no_frame(chromium: Browser, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(solve(read(DOWNWARD), "reverse").render("html"), encoding="utf-8")
    chromium.open(path)
    chromium.press(END)
    met, seen = chromium.run(
        """const box = (one) => one.getBoundingClientRect();
           const apart = (a, b) => a.right < b.left + 1 || a.bottom < b.top + 1;
           const meet = (a, b) => !apart(a, b) && !apart(b, a);
           const all = (which) => [...document.querySelectorAll(".stage " + which)];
           const frames = all(".frame").map(box);
           const texts = all("text.number").filter((one) => one.textContent).map(box);
           return [texts.filter((one) => frames.some((frame) => meet(one, frame))).length, texts.length]"""
    )
    assert met == 0
    assert seen > 20


@pytest.mark.parametrize("width", [390, 1280])
def test_rows_that_fit_have_no_bars_to_scroll_them(
    width: int, page: Any, chromium: Browser, phone: Browser
) -> None:
    screen = phone if width == 390 else chromium
    screen.open(page("sigmoid", "both"))
    rolled = """return [...document.querySelectorAll(".equality")].filter((one) =>
                  one.scrollHeight > one.clientHeight || one.scrollWidth > one.clientWidth).length"""
    assert screen.run(rolled) == 0


EVIL = "</script><script>window.stolen = 1</script><img src=x onerror='window.stolen = 1'>\\\"'<b>"


def test_names_cannot_inject(chromium: Browser, tmp_path: Path) -> None:
    toml = tmp_path / "own.toml"
    toml.write_text(
        f'title = {{ en = "{EVIL}" }}\n[inputs]\nx = []\n[definitions]\ny = "x**2"\n', encoding="utf-8"
    )
    path = tmp_path / "page.html"
    path.write_text(solve(read(str(toml)), "both").render("html"), encoding="utf-8")
    chromium.open(path)
    assert chromium.run("return window.stolen ?? null") is None
    assert chromium.run("return document.querySelectorAll('img, b').length") == 0
    assert "<img src=x" in chromium.run("return document.querySelector('h1').textContent")
    assert "<img src=x" in chromium.run("return document.title")
    assert chromium.complaints() == []


def test_what_the_policy_forbids_is_refused(page: Any, chromium: Browser) -> None:
    path = page("sigmoid", "reverse")
    path.write_text(
        path.read_text(encoding="utf-8").replace(
            "<main>", "<main><p style='color:red'>x</p><script>window.stolen = 1</script><img src='x.png'>"
        ),
        encoding="utf-8",
    )
    chromium.open(path)
    assert chromium.run("return window.stolen ?? null") is None
    assert len([text for text in chromium.complaints() if "Content Security Policy" in text]) >= 3


def own_row(**given: Any) -> Rule:
    op = application("cube", r"\operatorname{cube}", "cube")
    return Rule(op, lambda m, u: u * u * u, lambda w, u: (3 * u**2,), **given)


def test_an_operation_of_a_users_own_is_followed_by_its_formula(
    chromium: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(RULES, "cube", own_row(sympy=lambda s, u: u**3, formula=True))
    path = tmp_path / "page.html"
    given = {"x": Fraction(3, 2)}
    path.write_text(solve(read("cube(x)"), "reverse", at=given).render("html"), encoding="utf-8")
    chromium.open(path, "#step-1")
    assert shown(chromium)["w_2"] == ["3.375"]


def test_without_a_formula_the_page_says_that_inputs_cannot_change(
    chromium: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(RULES, "cube", own_row(sympy=lambda s, u: s.Function("cube")(u), formula=True))
    path = tmp_path / "page.html"
    path.write_text(solve(read("cube(x)"), "reverse").render("html"), encoding="utf-8")
    chromium.open(path)
    assert chromium.run("return document.querySelectorAll('#fields input').length") == 0
    assert "it has no program for cube" in chromium.run(
        "return document.getElementById('inputs').textContent"
    )
    chromium.press(RIGHT)
    assert chromium.run(HASH) == "#step-1"
    assert chromium.complaints() == []


SCALARS = ("-2.5", "-0.75", "0", "0.3", "1", "1.5", "7")


def test_every_operation_of_the_table_is_known_to_the_page(page: Any, chromium: Browser) -> None:
    chromium.open(page("sigmoid", "reverse"))
    assert [op for op in RULES if not chromium.run("return numbers.knows(arguments[0])", op)] == []


def test_operations_on_numbers_are_worth_what_the_library_says(page: Any, chromium: Browser) -> None:
    chromium.open(page("sigmoid", "reverse"))
    trees, wanted = [], []
    for name, rule in RULES.items():
        if name in CASES or rule.op.arity is None or rule in FORM_ROWS:
            continue
        for u in SCALARS:
            args = [M.mpf(x) for x in (u, "1.5")[: rule.op.arity]]
            try:
                value = rule.value(M, *args)
            except (ValueError, ZeroDivisionError):
                continue
            if isinstance(value, M.mpc) or not M.isfinite(value):
                continue
            trees.append([name, *map(float, args)])
            wanted.append(float(value))
    found = chromium.run("return arguments[0].map((tree) => numbers.value(tree, new Map()))", trees)
    assert len(trees) > 120
    pairs = zip(trees, found, wanted, strict=True)
    wrong = [(t, a, b) for t, a, b in pairs if abs(a - b) > 1e-13 * max(1, abs(b))]
    assert wrong == []


def test_operations_on_arrays_are_worth_what_the_library_says(page: Any, chromium: Browser) -> None:
    chromium.open(page("sigmoid", "reverse"))
    every = [(name, case, sizes) for name, cases in CASES.items() for case in cases for sizes in SIZES]
    calls, wanted = list[Any](), list[Any]()
    for name, case, sizes in every:
        bench = Bench(RULES[name], case, sizes, KINDS.get(name, ""))
        args = [bench.at[arg.name] if isinstance(arg, Sym) else picked(arg) for arg in bench.args]
        calls.append([name, *(None if arg is ALL else plain(arg) for arg in args)])
        wanted.append(value_of(RULES[name], args))
    script = """return arguments[0].map(([op, ...args]) => {
      const names = new Map(args.map((arg, i) => [`u${i}`, arg]));
      const value = numbers.value([op, ...args.map((arg, i) => (arg?.shape ? `u${i}` : arg))], names);
      return [numbers.shapeOf(value), numbers.entries(value)];
    })"""
    for (shape, entries), value, call in zip(chromium.run(script, calls), wanted, calls, strict=True):
        assert tuple(shape) == np.shape(value), call
        assert np.allclose(entries, np.ravel(value).astype(float), rtol=1e-11, atol=1e-13), call


def value_of(rule: Rule, args: list[Any]) -> Any:
    """The library's value of an operation on arrays; a colon stands as it is."""
    m = Balls()
    return of_package(rule.value(m, *(arg if arg is ALL else to_package(m, arg) for arg in args)))


def plain(value: Any) -> Any:
    if not np.shape(value):
        return float(value)
    return {"shape": list(np.shape(value)), "data": [float(x) for x in np.ravel(value)]}


def picked(arg: Expr) -> Any:
    """An index: a number, or the colon."""
    return int(arg.value) if isinstance(arg, Num) else ALL


def test_paper_has_the_derivation_and_no_controls(page: Any, chromium: Browser, tmp_path: Path) -> None:
    import base64

    chromium.open(page("sigmoid", "both", "fr"))
    pdf = tmp_path / "page.pdf"
    pdf.write_bytes(base64.b64decode(chromium.command("Page.printToPDF")["data"]))
    text = subprocess.run([need("pdftotext"), pdf, "-"], check=True, capture_output=True).stdout.decode()
    for heading in ("La sigmoïde", "Énoncé", "Mode direct", "Mode inverse", "Vérification"):
        assert heading in text
    assert "Suivant" not in text
    assert "Pas à pas" not in text


@pytest.mark.parametrize("dark", [False, True])
def test_words_stand_out_from_their_ground(dark: bool, page: Any, chromium: Browser) -> None:
    chromium.dark(dark)
    chromium.open(page("sigmoid", "both"), "#step-16")
    found = chromium.run(CONTRAST)
    chromium.dark(False)
    assert len(found) > 60
    assert [one for one in found if one[0] < 4.5] == []


CONTRAST = """
const parts = (color) => (color.match(/[\\d.]+/g) ?? []).map(Number);
const over = (top, under) => top.length < 4 ? top : under.map((c, i) => top[3] * top[i] + (1 - top[3]) * c);
const ground = (element) => {
  const own = parts(getComputedStyle(element).backgroundColor);
  if (own.length === 3) return own;
  const below = element.parentElement ? ground(element.parentElement) : [255, 255, 255];
  return over(own, below);
};
const linear = (c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
const light = (color) => {
  const [r, g, b] = color.map((c) => linear(c / 255));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
return [...document.querySelectorAll("main *:not(script, svg *)")]
  .filter((element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim()))
  .filter((element) => element.checkVisibility() && !element.closest("[hidden], .katex-mathml"))
  .map((element) => {
    const under = ground(element);
    const word = over(parts(getComputedStyle(element).color), under);
    const [a, b] = [light(word), light(under)].sort((x, y) => y - x);
    return [(a + 0.05) / (b + 0.05), element.className, element.textContent.slice(0, 40)];
  });
"""
