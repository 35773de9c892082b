"""The page in a real browser: steps by keyboard, inputs that change, the library's numbers, no complaint."""

from __future__ import annotations

import re
import subprocess
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from browser import Browser
from page_numbers import Page, page_at
from pages import page as rendered
from pages import solved, some
from tools import need

from symdiff.api.solution import solve
from symdiff.document.blocks import Stepping
from symdiff.exercises import load, names, read
from symdiff.expr.notation import application
from symdiff.expr.tree import Num, Sym
from symdiff.rendering.formulas.latex import LatexPrinter
from symdiff.rendering.pages.html import key, typed
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


def expected(page: Page) -> dict[str, list[str]]:
    """The numbers of the library, by the key of the name."""
    said = {key(move.var) for move in page.block.moves if isinstance(move.form, Num)}
    seeds = {key(known.var) for known in page.block.known if known.var.accent}
    return {
        name: [] if name in said else numbers_in(number)
        for name, number in page.written.items()
        if number and name not in seeds
    }


def at(name: str, mode: str | None, language: str, change: Fraction | None = None) -> Page:
    """The steps of a page at its own numbers, or with the very first number changed."""
    page = page_at(solved(name, mode), "," if language == "fr" else ".")
    if change is None:
        return page
    point = {known.name.name: known.numbers for known in page.block.known if not known.var.accent}
    first = next(iter(point))
    return page.moved_to(point | {first: moved(point[first], change)})


def moved(numbers: Any, change: Fraction) -> Any:
    return (moved(numbers[0], change), *numbers[1:]) if isinstance(numbers, tuple) else numbers + change


@pytest.mark.parametrize(("name", "mode"), some(PAGES, 4))
def test_every_page_steps_on_a_phone_to_the_numbers_of_the_library(
    name: str, mode: str | None, page: Any, phone: Browser
) -> None:
    """Without a complaint or a request, and no wider than the screen."""
    language = "fr" if len(name) % 2 else "en"
    wanted = at(name, mode, language)
    block = wanted.block
    phone.open(page(name, mode, language))
    assert phone.run("return document.querySelectorAll('.katex-error').length") == 0
    phone.press(RIGHT, RIGHT)
    assert phone.run("return document.getElementById('slider').value") == str(min(2, len(block.moves)))
    phone.press(END)
    assert phone.run(HASH) == f"#step-{len(block.moves)}"
    wide, inner = phone.run("return [document.documentElement.scrollWidth, innerWidth]")
    assert wide <= inner
    assert len(phone.driver.get_screenshot_as_png()) > 10_000
    assert shown(phone) == expected(wanted)
    assert phone.complaints() == []
    assert phone.requests() == []


WRONG = "return document.getElementById('wrong').textContent"
FIRST = """document.getElementById("inputs").open = true;
const one = document.querySelector("#fields input"); one.focus(); one.select()"""
IS_OWN = "return document.getElementById('changed').hidden"
NOW = "return [...document.querySelectorAll('.node.now')].map((node) => node.dataset.key)"
HASH = "return new Promise((done) => setTimeout(() => done(location.hash), 200))"


@pytest.mark.parametrize(("name", "mode"), LIGHT)
def test_the_numbers_follow_an_input_typed_by_keyboard(
    name: str, mode: str, page: Any, chromium: Browser
) -> None:
    own, changed = (at(name, mode, "fr", change) for change in (None, Fraction(1, 8)))
    chromium.open(page(name, mode, "fr"), f"#step-{len(own.block.moves)}")
    first = changed.block.known[0].numbers
    while isinstance(first, tuple):
        first = first[0]
    chromium.run(FIRST)
    chromium.press(*typed(first).replace(".", ","))
    assert shown(chromium) == expected(changed)
    assert chromium.run(IS_OWN) is False
    chromium.run("document.getElementById('reset').click()")
    assert shown(chromium) == expected(own)
    assert chromium.run(IS_OWN) is True
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
    chromium.open(page("logistic", "both"))
    chromium.run(
        """const input = document.querySelector('[data-known="2"]');
           input.value = "0.5"; input.dispatchEvent(new Event("input", { bubbles: true }))"""
    )
    assert chromium.run(WRONG) == "y: the entries must not be negative and must add up to 1."
    path = tmp_path / "page.html"
    path.write_text(solve(read("log(x)"), "reverse").render("html"), encoding="utf-8")
    chromium.open(path)
    chromium.run("document.querySelector('#fields input').select()")
    outside = "Outside the domain: w₂ has no real value there."
    for text, message in (("-1", outside), ("x", "x: not a number.")):
        chromium.run("document.querySelector('#fields input').select()")
        chromium.press(*text)
        assert chromium.run(WRONG) == message
    assert chromium.run("return document.querySelector('#fields input').ariaInvalid") == "true"
    chromium.run("document.querySelector('#fields input').select()")
    chromium.press(*"1e1200")
    assert chromium.run(WRONG) == "w̄₁ is too close to 0 there, below 10⁻¹⁰⁰⁰."


def test_the_numbers_of_a_hard_point_stand_and_come_back(chromium: Browser, tmp_path: Path) -> None:
    """Beyond doubles, at their edge and where they lose all digits; nothing of it is a fault of the input."""
    path = tmp_path / "page.html"
    source = "u = exp(x)*a\nv = 1 - tanh(x/50)\nL = log(u) + sqrt(v)*a"
    at = {"x": Fraction(1000), "a": Fraction(2)}
    found = solve(read(source), "both", at=at)
    path.write_text(found.render("html", "fr"), encoding="utf-8")
    chromium.open(path, "#step-99")
    own = page_at(found, ",")
    assert shown(chromium) == expected(own)
    assert chromium.run(WRONG) == ""
    for text, value in (("999,5", "1999/2"), ("-1/3", "-1/3"), ("2000", "2000")):
        chromium.run(FIRST)
        chromium.press(*text)
        assert shown(chromium) == expected(own.moved_to(at | {"x": Fraction(value)}))
        assert chromium.run(WRONG) == ""
    chromium.run(FIRST)
    chromium.press(*"1e3")
    assert shown(chromium) == expected(own)
    assert chromium.run(IS_OWN) is True
    chromium.run(FIRST)
    chromium.press(*"3000")
    assert chromium.run(WRONG) == "w₃ y est trop grand, au-delà de 10¹⁰⁰⁰."
    assert chromium.complaints() == []


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


LETTERS_WITH_ACCENTS = "loss = tanh(W_ij*yhat_t)\nL_total = loss**2 + yhat_t/loss"


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("source", ["sigmoid", LETTERS_WITH_ACCENTS])
def test_formulas_have_no_bar_beside_them_and_lose_no_glyph(
    width: int, source: str, chromium: Browser, phone: Browser, tmp_path: Path
) -> None:
    """Nothing scrolls up and down but the graph; what is hidden above and below is less than a pixel."""
    screen = phone if width == 390 else chromium
    path = tmp_path / "page.html"
    at = {"W_ij": Fraction(1, 2), "yhat_t": Fraction(2)} if source == LETTERS_WITH_ACCENTS else None
    path.write_text(solve(read(source), "both" if at is None else "chain", at=at).render("html"), "utf-8")
    screen.open(path, "#step-99")
    rolled = """const style = (one) => getComputedStyle(one);
      return [...document.querySelectorAll("main *")]
        .filter((one) => /auto|scroll/.test(style(one).overflowX))
        .filter((one) => one.checkVisibility() && one.textContent && !one.matches(".graph"))
        .filter((one) => one.scrollHeight > one.clientHeight || style(one).overflowY === "auto")
        .map((one) => one.outerHTML.slice(0, 200))"""
    assert screen.run(rolled) == []
    if source == "sigmoid":
        wide = """return [...document.querySelectorAll(".equality")].filter((one) =>
                    one.scrollWidth > one.clientWidth).length"""
        assert screen.run(wide) == 0


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
