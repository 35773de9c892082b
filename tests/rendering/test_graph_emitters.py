"""Pictures as text: well-formed, accessible, nothing injects, TeX compiles, one file makes an emitter."""

from __future__ import annotations

import re
import subprocess
import xml.etree.ElementTree as ET
from fractions import Fraction
from pathlib import Path

import pytest
from graph_helpers import built_in, draw, graph_of_case
from pages import page, solved
from tools import compile_latex, need

from symdiff.api import drawing
from symdiff.api.solution import solve
from symdiff.document.blocks import Chain, Edge, Graph, Localized, Node, text
from symdiff.errors import InputError, MissingToolError, UsageError
from symdiff.exercises import names, read
from symdiff.expr.tree import Num, Sym
from symdiff.rendering.formats.folders import languages, template_root
from symdiff.rendering.formulas.latex import LatexPrinter
from symdiff.rendering.pictures.emitters import emit_graph, emitters, style_of
from symdiff.rendering.pictures.outlines import Use, outline

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "a\"b'c<script>alert(1)</script>&\n]\\end{tikzpicture}\\input{x}%--><!--`;|{}"
CASES = built_in()
POINT = {"x": Fraction(7, 10), "a": Fraction(13, 10)}


FEW = ("baydin", "mlp", "gof", "logistic", "rnn-loss")


@pytest.fixture(scope="module", params=["few", pytest.param("all", marks=pytest.mark.long)])
def every(request: pytest.FixtureRequest) -> list[tuple[str, Graph]]:
    """The pictures of exercises of each kind, or of all of them."""
    cases = [case for case in CASES if request.param == "all" or case[0] in FEW]
    return [(str(case), graph_of_case(case)) for case in cases]


def hostile() -> Graph:
    """A graph whose words would end every kind of string, tag or comment."""
    w, x = Sym("w_1"), Sym("x")
    nodes = (Node("w_1", Chain(w, (x,)), "input"), Node("w_2", Chain(Sym("w_2"), (w * Num(2),)), "result"))
    title = text("graph.title_named", name=Localized({"en": HOSTILE}))
    return Graph(nodes, (Edge("w_1", "w_2", Chain(w, (Num(2),)), "a"),), title, title)


@pytest.mark.parametrize(
    "turn", [0, *(pytest.param(t, marks=pytest.mark.long) for t in range(1, len(languages())))]
)
def test_an_svg_is_xml_with_unique_ids_a_title_and_a_description(
    every: list[tuple[str, Graph]], turn: int
) -> None:
    """The pictures in one language and the other in turn."""
    for place, (name, graph) in enumerate(every, turn):
        root = ET.fromstring(emit_graph(graph, "svg", languages()[place % len(languages())]))
        ids = [e.attrib["id"] for e in root.iter() if "id" in e.attrib]
        assert len(ids) == len(set(ids)), name
        labelled = root.attrib["aria-labelledby"].split()
        assert root.attrib["role"] == "img"
        assert [root.find(SVG + tag).attrib["id"] for tag in ("title", "desc")] == labelled  # type: ignore[union-attr]
        assert all((root.find(SVG + tag).text or "").strip() for tag in ("title", "desc"))  # type: ignore[union-attr]
        assert {f"node-{node.key}" for node in graph.nodes} <= set(ids)
        assert {f"edge-{edge.tail}-{edge.head}" for edge in graph.edges} <= set(ids)
        used = {e.attrib["href"].removeprefix("#") for e in root.iter(SVG + "use")}
        assert used <= set(ids), name
        assert "prefers-color-scheme: dark" in (root.findtext(SVG + "style") or "")


def test_numbers_of_an_svg_can_be_text_that_a_script_replaces() -> None:
    found = draw(read("sigmoid"), mode="reverse", at=POINT, adjoints=True)
    for lang, value in (("en", "≈ 0.7130"), ("fr", "≈ 0,7130")):
        root = ET.fromstring(str(found.render("svg", lang, plain_numbers=True)))
        values = {
            g.attrib["data-of"]: g.find(f".//{SVG}text").text  # type: ignore[union-attr]
            for g in root.iter(SVG + "g")
            if g.attrib.get("class") == "value"
        }
        assert values["w_5"] == value
    assert "<text" not in str(found.render("svg"))


def test_loops_of_several_delays_have_ids_of_their_own() -> None:
    source = "h[t] = a*h[t-1] + b*h[t-2]; h[-1] = 0; h[-2] = 1"
    svg = draw(read(source), mode="bptt", view="folded").render("svg")
    ids = re.findall(r' id="(edge-[^"]+)"', str(svg))
    assert ids == ["edge-h_t-h_t", "edge-h_t-h_t-2"]


def test_a_prefix_keeps_the_ids_of_two_pictures_apart() -> None:
    graph = draw(read("sigmoid"), mode="reverse").graph
    both = [re.findall(r' id="([^"]+)"', emit_graph(graph, "svg", prefix=p)) for p in ("one-", "two-")]
    assert not set(both[0]) & set(both[1])


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, as the WCAG define it."""

    def light(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        r, g, b = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_colours_of_text_stand_out_in_light_and_in_dark() -> None:
    style = re.search(r"<style>(.*?)</style>", emit_graph(hostile(), "svg"), re.DOTALL)
    assert style is not None
    light, dark = style[1].split("@media")
    for part in (light, dark):
        halo = re.search(r"\.halo \{ fill: (#\w{6})", part)
        frames = re.findall(r"\.frame \{ fill: (#\w{6})", part)
        assert halo is not None
        for names_of, colour in re.findall(r"computation-graph ([^{}]+) \{ color: (#\w{6})", part):
            grounds = frames if ".node" in names_of else [halo[1]]
            assert all(contrast(colour, ground) >= 4.5 for ground in grounds), (names_of, colour)


def test_paths_differ_in_colour_and_in_the_style_of_their_line() -> None:
    style = emit_graph(hostile(), "svg")
    light = style.split("@media")[0]
    looks = [
        (
            re.findall(rf"\.path-{letter} \{{ color: (#\w+)", light),
            re.findall(rf"\.path-{letter} \.line \{{ stroke-dasharray: ([\d. ]+)", light),
        )
        for letter in "abcd"
    ]
    assert len({str(colour) for colour, _ in looks}) == len({str(dash) for _, dash in looks}) == 4
    assert [style_of(path) for path in ("", "a", "b", "e", "z", "aa")] == ["", "a", "b", "a", "b", "a"]


def test_words_cannot_inject() -> None:
    graph = hostile()
    root = ET.fromstring(emit_graph(graph, "svg"))
    assert {e.tag for e in root.iter()} & {SVG + "script"} == set()
    assert "alert(1)" in (root.findtext(SVG + "title") or "")
    mermaid = emit_graph(graph, "mermaid").splitlines()
    assert sum("alert" in line for line in mermaid) == 2
    assert not any(c in line.split(": ", 1)[1] for line in mermaid if "alert" in line for c in '<>"`{}[]|\\')
    dot = emit_graph(graph, "dot")
    assert len(re.findall(r'(?<!\\)"', dot)) % 2 == 0
    assert not re.search(r'(?<!\\)"b', dot)
    tikz = emit_graph(graph, "tikz")
    assert tikz.count(r"\end{tikzpicture}") == 1
    assert r"\input{" not in tikz


@pytest.mark.parametrize("emitter", sorted(emitters()))
@pytest.mark.parametrize("language", languages())
def test_output_is_the_same_each_time_and_whole(emitter: str, language: str) -> None:
    graph = draw(read("baydin"), mode="reverse", values=True, adjoints=True).graph
    found = emit_graph(graph, emitter, language)
    assert found == emit_graph(graph, emitter, language)
    assert not re.search(r"<%|%>|<<|>>|\bgraph\.[a-z]+\b", found.replace("<<script", ""))


def test_mermaid_names_each_node_and_each_edge(every: list[tuple[str, Graph]]) -> None:
    for name, graph in every:
        lines = emit_graph(graph, "mermaid").splitlines()
        assert sum(":::" in line for line in lines) == len(graph.nodes), name
        assert sum(("-->" in line or "-.->" in line) for line in lines) == len(graph.edges), name


def test_tikz_of_every_built_in_exercise_compiles(every: list[tuple[str, Graph]], tmp_path: Path) -> None:
    pictures = "\n\\newpage\n".join(emit_graph(graph, "tikz", "fr") for _, graph in every)
    preamble = r"\documentclass{article}\usepackage[paperwidth=120cm,paperheight=120cm]{geometry}"
    preamble += r"\usepackage{amsmath,amssymb,tikz}\usetikzlibrary{arrows.meta}\begin{document}"
    log = compile_latex(f"{preamble}\n{pictures}\n\\end{{document}}\n", tmp_path)
    assert "undefined" not in log


@pytest.mark.parametrize(("name", "mode"), [("baydin", "both"), ("mlp", "chain"), ("rnn", "bptt")])
def test_documents_have_pictures(name: str, mode: str) -> None:
    """They compile with all others of the gallery."""
    assert r"\begin{tikzpicture}" in page(name, mode, "latex", "fr")


def test_an_emitter_is_one_file(tmp_path: Path) -> None:
    (tmp_path / "graph").mkdir()
    (tmp_path / "graph" / "edges.j2").write_text(
        '<#\nextension = "txt"\nescape = "none"\n#>\n'
        "<% for edge in drawing.edges %>\n<< edge.wire.tail >> < << edge.wire.head >>\n<% endfor %>\n",
        encoding="utf-8",
    )
    found = draw(read("sigmoid"), mode="reverse").render("edges", templates=tmp_path)
    assert found == "w_1 < w_3\nw_2 < w_3\nw_3 < w_4\nw_4 < w_5\n"
    (tmp_path / "graph" / "edges.j2").write_text("<#\nending = 1\n#>", encoding="utf-8")
    with pytest.raises(InputError, match=r"^the comment at the head of .*: unknown key 'ending'"):
        emitters(tmp_path)
    with pytest.raises(UsageError, match="did you mean 'svg'"):
        emit_graph(hostile(), "svgg")


def test_markdown_has_mermaid_or_links_and_text_has_nothing() -> None:
    solution = solved("product-sine", "reverse")
    assert "```mermaid\nflowchart LR" in solution.render("markdown")
    assert "](page-1.svg)" in solution.render("markdown", pictures="svg", stem="page")
    assert "mermaid" not in solution.render("markdown", pictures="none")
    assert "tikz" not in solution.render("latex", pictures="none")
    assert "→" not in solution.render("text")


FORMULAS = [
    r"\mathit{abc}_{\mathrm{max}}", r"A \odot B", r"x^{\top} \otimes I_{n}", r"\operatorname{softmax}(z)",
    r"\mathbf{1}", r"\begin{pmatrix} -1 & 2 \\ 3 & -4 \end{pmatrix}^{\top}", r"\frac{\bar{w}_{3}}{w_{4}^{2}}",
    r"\dot{w}_{1}", r"\hat{y} - \tilde{h}", r"\left(\sum_{i} y_{i}\right)\,p", r"\left\|x\right\|^{2}",
    r"\left\langle A,\, B \right\rangle", r"\ln\left|\det A\right|", r"1{,}5 \cdot 10^{-3}", r"\sqrt{x}",
    r"\prod_{j=k+1}^{t} A_{j}",
]  # fmt: skip


@pytest.mark.parametrize("formula", FORMULAS)
def test_what_our_printer_writes_is_understood_and_of_a_sensible_size(formula: str) -> None:
    found = outline(formula)
    assert found.uses
    assert 3 < found.width < 150
    assert 3 < found.up + found.down < 60


def test_a_minus_sign_that_is_no_subtraction_stands_close() -> None:
    assert outline("w = -x").width < outline("w = x").width + outline("-").width + 2
    assert outline(r"(-1)").width < outline(r"(1 - 1)").width - outline("1").width


def test_a_name_of_two_words_is_upright() -> None:
    names = {use.glyph.name for use in outline(r"\operatorname{log\,softmax}").uses}
    assert names == {use.glyph.name for word in ("log", "softmax") for use in upright(word)}


def upright(word: str) -> tuple[Use, ...]:
    return outline(rf"\mathrm{{{word}}}").uses


def test_every_operation_of_the_pages_can_be_drawn(every: list[tuple[str, Graph]]) -> None:
    printer = LatexPrinter(",")
    for _, graph in every:
        for node in graph.nodes:
            for form in (node.chain.left, *node.chain.members):
                assert outline(printer(form)).width > 0


def test_png_and_pdf_come_from_the_svg() -> None:
    pytest.importorskip("typst")
    found = draw(read("sigmoid"), mode="reverse")
    png, pdf = found.render("png"), found.render("pdf")
    assert isinstance(png, bytes)
    assert png.startswith(b"\x89PNG")
    assert isinstance(pdf, bytes)
    assert pdf.startswith(b"%PDF")


def test_without_typst_the_way_to_install_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "typst", None)
    with pytest.raises(MissingToolError, match=r"pip install typst") as caught:
        drawing.Drawn(hostile()).render("png")
    assert caught.value.exit_status == 4


def test_emitters_are_listed_with_their_endings() -> None:
    assert {e.extension for e in emitters().values()} == {"svg", "tex", "dot", "mmd"}
    assert (template_root() / "graph").is_dir()
    assert len(names()) > 20


DEEP = "h[t] = tanh(u*x[t] + w*h[t-1] + v*h[t-2]); h[-1] = 0; h[-2] = 0; L = sum((h[t] - y[t])**2)"


def test_a_tall_picture_stands_on_one_page_with_the_sentences_that_announce_it(tmp_path: Path) -> None:
    page = solve(read(DEEP), "both", steps=2).render("latex")
    log = compile_latex(page, tmp_path)
    assert "Overfull" not in log
    command = [need("pdftotext"), "-layout", str(tmp_path / "page.pdf"), "-"]
    pages = subprocess.run(command, check=True, capture_output=True).stdout.decode().split("\f")
    (drawn,) = (text for text in pages if "The computation graph of" in text)
    assert "A variable that several steps use" in drawn
    assert len(re.findall(r"[wvsz]\d+ = ", drawn)) > 15


def test_one_node_and_one_time_step_are_told_in_the_singular() -> None:
    def described(source: str, language: str, steps: int | None = None) -> str | None:
        drawn = emit_graph(draw(read(source), steps=steps).graph, "svg", language)
        return ET.fromstring(drawn).findtext(f"{SVG}desc")

    assert described("y = x", "en") == "One node, y."
    assert described("y = 2*x", "en", None) != "One node, y."
    told = described("rnn", "fr", 1)
    assert told
    assert told.startswith("Le réseau sur un seul instant")
