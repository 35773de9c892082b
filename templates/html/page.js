// The page: every formula typeset; the steps, the lists, the graph and the equations move together; the
// numbers follow the inputs. All state is the number of the step and the numbers of the inputs.
(() => {
  "use strict";
  const byId = (id) => document.getElementById(id);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const read = (id) => JSON.parse(byId(id).textContent);
  const make = (tag, attributes = {}, text = "") => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.textContent = text;
    return element;
  };

  if (!byId("data")) {
    all(".math").forEach((element) => formulas.typeset(element, element.textContent));
    return;
  }

  const data = read("data");
  const words = read("words");
  const comma = document.documentElement.dataset.decimal === ",";
  const written = formulas.writer(data.digits, comma, data.separators);
  const say = (name, given = {}) => words[name].replace(/\{(\w+)\}/g, (_, key) => given[key] ?? "");
  const moves = data.moves;
  const orderOf = new Map([...data.known.map(({ key }) => [key, 0]), ...moves.map(({ key }, i) => [key, i + 1])]);
  all(".math").forEach((element) => formulas.typeset(element, element.textContent, data.names));

  // --- the numbers -----------------------------------------------------------------------------------------

  // At the first inputs the library's own numbers, {tex, isExact}; at others those that are computed here.
  const everyName = [...data.known, ...moves];
  const given = new Map(
    everyName.filter(({ number }) => number).map(({ key, number }) => [key, { tex: number.slice(1), isExact: number[0] === "=" }]),
  );
  const first = data.known.map((known) => known.data?.map(reals.parsed));
  const unknown = [...new Set(moves.flatMap((move) => numbers.unknown(move.form, data.formulas)))];
  const follows = first.every(Boolean) && !unknown.length;
  let shown = given;
  let isChanged = false;
  const signed = ({ tex, isExact }) => `${isExact ? "=" : "\\approx"} ${tex}`;
  const spoken = ({ tex }) => formulas.spoken(tex, comma);
  const isTable = ({ tex }) => /^[(\\]/.test(tex);
  const isSame = (u, v) => u.p === v.p && u.q === v.q;
  const isComplete = given.size === everyName.length;

  // The numbers of all names, as far as there are any, and the first thing that is wrong.
  function computed(inputs) {
    const found = new Map();
    const known = new Map(data.known.map(({ key, shape }, i) => [key, numbers.array(shape, inputs[i])]));
    const decided = numbers.follow(known, moves, data.formulas);
    let wrong = "";
    for (const { key, said } of everyName) {
      try {
        found.set(key, decided(key, written));
      } catch (error) {
        if (!(error instanceof reals.Refused)) throw error;
        wrong ||= say(error.reason, { name: said.split(" = ")[0] });
      }
    }
    return { found, wrong };
  }

  // What is wrong with the numbers typed for an input.
  function problem(known, entries) {
    const about = { name: known.said };
    if (!entries.every(Boolean)) return say("wrong", about);
    const width = known.shape.at(-1) ?? 1;
    if (known.assume === "simplex") {
      for (let i = 0; i < entries.length; i += width) {
        const part = entries.slice(i, i + width);
        if (part.some((x) => x.p < 0n) || !isSame(reals.sum(part), reals.ONE)) return say("simplex", about);
      }
    }
    const mirrored = (k) => (k % width) * width + Math.floor(k / width);
    if (known.assume === "symmetric" && !entries.every((x, k) => isSame(x, entries[mirrored(k)]))) return say("symmetric", about);
    return "";
  }

  // The key that a name on the page stands for: of several passes the one that is being gone through.
  function keyOf(keys, step = state.step) {
    const reached = keys.filter((key) => orderOf.get(key) <= step);
    return reached.at(-1) ?? keys[0];
  }
  const keysByTex = new Map(data.names);

  // --- the state, and all that shows it -----------------------------------------------------------------------

  const state = { step: 0 };
  const rows = all(".move");
  const lists = all(".list");
  const isIn = (list, step) => all(".move", list).some((row) => Number(row.dataset.step) === step);
  const places = readPlaces();
  const slider = byId("slider");

  // Places in the text that are known names: lines of equalities, cells of tables; with their numbers.
  function readPlaces() {
    const NUMBER = String.raw`-?[\d{},.]+(?: \\cdot 10\^\{-?\d+\})?`;
    const ENTRIES = String.raw`(?:[-\d{},.;^& ~]|\\cdots?|\\vdots|\\[\\,:; ])*`;
    const TABLE = String.raw`\\begin\{pmatrix\}${ENTRIES}\\end\{pmatrix\}|\(${ENTRIES}\)`;
    const LAST = new RegExp(String.raw`^(.*?)(=|\\approx) (${NUMBER}|${TABLE})$`);
    const found = [];
    const met = new Map();
    for (const left of all(".line > .left .math, td.left .math")) {
      const tex = formulas.source.get(left);
      const several = keysByTex.get(tex);
      if (!several) continue;
      const cell = left.closest("td, .left");
      const again = `${cell.localName} ${tex}`;
      met.set(again, (met.get(again) ?? -1) + 1);
      const key = several[met.get(again) % several.length];
      const number = cell.matches("td") ? cell.nextElementSibling.nextElementSibling : cell.nextElementSibling;
      const math = number?.querySelector(".math");
      const match = math && LAST.exec(formulas.source.get(math));
      const parts = cell.matches("td") ? [cell, cell.nextElementSibling, number] : [cell, number];
      found.push({ key, parts, math: match ? math : null, before: match?.[1], original: match?.[0] });
    }
    return found;
  }

  function goTo(step, { quiet = false, scroll = true } = {}) {
    state.step = Math.max(0, Math.min(moves.length, step));
    show();
    if (!quiet) {
      clearTimeout(state.later);
      state.later = setTimeout(tellAddress, 100);
      announce();
    }
    if (scroll) {
      const row = rows.find((one) => Number(one.dataset.step) === state.step);
      if (state.step && row) row.scrollIntoView({ block: "nearest" });
    }
  }

  // The address names the step, once it is not passed over: browsers allow few such changes a second.
  function tellAddress() {
    const place = state.step ? `#step-${state.step}` : "";
    if (location.hash !== place) history.replaceState(null, "", place || location.pathname + location.search);
  }

  const moveAt = (step) => moves[step - 1];
  const modeAt = (step) => moveAt(step)?.mode ?? "primal";

  function show() {
    const move = moveAt(state.step);
    slider.value = state.step;
    const count = say("count", { number: state.step, count: moves.length });
    byId("count").textContent = `${state.step} / ${moves.length}`;
    slider.setAttribute("aria-valuetext", move ? `${count}: ${move.said}` : count);
    byId("stepper").dataset.mode = modeAt(state.step);
    for (const id of ["first", "previous"]) byId(id).setAttribute("aria-disabled", String(state.step === 0));
    for (const id of ["next", "last"]) byId(id).setAttribute("aria-disabled", String(state.step === moves.length));
    rows.forEach(showRow);
    const open = lists.find((list) => isIn(list, state.step) && !list.matches(".primal")) ?? lists.find((list) => !list.matches(".primal"));
    lists.forEach((list) => list.classList.toggle("closed", !list.matches(".primal") && list !== open));
    showNow(move);
    showGraph(move);
    for (const place of places) {
      place.parts.forEach((part) => part.classList.toggle("current", place.key === move?.key));
    }
  }

  function showRow(row) {
    const own = Number(row.dataset.step);
    const isCurrent = own === state.step && own > 0;
    row.classList.toggle("current", isCurrent);
    row.classList.toggle("ahead", own > state.step);
    if (isCurrent) row.setAttribute("aria-current", "step");
    else row.removeAttribute("aria-current");
    const number = shown.get(row.dataset.key);
    const place = row.querySelector(".value");
    place.classList.toggle("table", number !== undefined && isTable(number));
    const isSaid = typeof moveAt(own)?.form === "number";
    const text = number && own <= state.step && !isSaid ? signed(number) : "";
    if (formulas.source.get(place) !== text) formulas.typeset(place, text);
  }

  // The current equality, large, with its number.
  function showNow(move) {
    const place = byId("now");
    place.replaceChildren();
    if (!move) {
      place.append(make("span", { class: "words" }, say("begin")));
      return;
    }
    const row = rows.find((one) => Number(one.dataset.step) === state.step);
    const parts = all(".equality > .math", row).map((math) => formulas.source.get(math));
    const value = shown.get(move.key);
    const number = value && typeof move.form !== "number" ? signed(value) : "";
    [...parts, number].filter(Boolean).forEach((tex) => {
      const piece = make("span", { class: "math big" });
      formulas.typeset(piece, tex, data.names);
      place.append(piece);
    });
  }

  function announce() {
    const move = moveAt(state.step);
    const value = move && shown.get(move.key);
    const number = value ? ` ${value.isExact ? "=" : "≈"} ${spoken(value)}` : "";
    const count = say("count", { number: state.step, count: moves.length });
    byId("said").textContent = move ? `${count}. ${move.said}${number}` : `${count}. ${say("begin")}`;
  }

  // --- the graph ---------------------------------------------------------------------------------------------

  const graph = byId("graph");
  const idOf = (key) => key.replace(/@/g, "_").replace(/[^A-Za-z0-9_-]/g, "-");
  const nameOf = (key) => key.split(" ")[key.match(/^(bar|dot) /) ? 1 : 0];
  const SMALLEST = 0.62;

  // Numbers stand in the middle above and below their node, or beside it where the graph runs downward.
  function prepareGraph() {
    if (!graph) return;
    for (const text of all(".node text.number", graph)) {
      const frame = text.closest(".node").querySelector(".frame");
      const [, shift] = /translate\(([-\d.]+)/.exec(text.parentElement.getAttribute("transform"));
      const [left, width] = ["x", "width"].map((name) => Number(frame.getAttribute(name)));
      const isBeside = Number(shift) >= left + width;
      text.setAttribute("x", isBeside ? 0 : left + width / 2 - Number(shift));
      text.setAttribute("text-anchor", isBeside ? "start" : "middle");
      text.textContent = "";
    }
    for (const node of all(".node", graph)) {
      node.addEventListener("click", () => {
        const here = moves.findIndex((move) => idOf(nameOf(move.key)) === node.dataset.key && move.mode === modeAt(state.step));
        if (here >= 0) goTo(here + 1);
      });
    }
    // A title that is an element would show itself beside the values of names.
    const title = graph.querySelector("title");
    const picture = graph.querySelector("svg");
    picture.setAttribute("aria-label", title.textContent);
    picture.removeAttribute("aria-labelledby");
    picture.setAttribute("aria-describedby", graph.querySelector("desc").id);
    title.remove();
    const fit = () => {
      const svg = graph.querySelector("svg");
      const [, , width, height] = svg.getAttribute("viewBox").split(" ").map(Number);
      const most = parseFloat(getComputedStyle(graph).maxHeight);
      const [across, down] = [(graph.clientWidth - 16) / width, (most - 8) / height];
      // A graph too tall to be read whole is no smaller than it must be: it moves with the steps.
      const scale = Math.min(1.6, Math.max(1.6 * SMALLEST, across), down < 1.6 * SMALLEST ? Infinity : down);
      svg.style.width = `${width * scale}px`;
      svg.style.height = `${height * scale}px`;
    };
    fit();
    addEventListener("resize", fit);
  }

  // The picture in the text is a copy of the one on the stage.
  function copyGraph() {
    for (const place of all("[data-stage]")) {
      const copy = graph.querySelector("svg").cloneNode(true);
      all("[id]:not(desc)", copy).forEach((one) => one.removeAttribute("id"));
      all("defs", copy).forEach((one) => one.remove());
      all(".now, .later, .active", copy).forEach((one) => one.classList.remove("now", "later", "active"));
      place.replaceChildren(copy);
    }
  }

  function showGraph(move) {
    if (!graph) return;
    const mode = modeAt(state.step);
    const edges = new Set((move?.along ?? []).map(([tail, head]) => `${idOf(tail)} ${idOf(head)}`));
    const isUsed = (one) => edges.has(`${one.dataset.tail} ${one.dataset.head}`);
    for (const one of all("[data-tail]", graph)) one.classList.toggle("active", isUsed(one));
    for (const node of all(".node", graph)) {
      const { key } = node.dataset;
      const isOf = (other) => idOf(nameOf(other)) === key;
      node.classList.toggle("now", Boolean(move) && isOf(move.key));
      const primal = moves.findIndex((one) => one.mode === "primal" && isOf(one.key)) + 1;
      node.classList.toggle("later", primal > state.step);
      write(".value", primal ? moves[primal - 1].key : data.known.find((known) => isOf(known.key))?.key);
      write(".adjoint", second(isOf, mode));
      function write(place, name) {
        const text = node.querySelector(`${place} text.number`);
        const value = name !== undefined && orderOf.get(name) <= state.step ? shown.get(name) : undefined;
        if (text) text.textContent = value && !isTable(value) ? (value.isExact ? "" : "≈ ") + spoken(value) : "";
      }
    }
    follow();
  }

  // The tangent or the adjoint of a node, whole or so far as its paths go, in the sweep that is shown.
  function second(isOf, mode) {
    if (mode === "primal") return undefined;
    const list = lists.find((one) => isIn(one, state.step));
    const keys = all(".move", list).map((row) => row.dataset.key).filter(isOf);
    return keys.filter((key) => orderOf.get(key) <= state.step).at(-1);
  }

  // A graph wider than its place moves so that the current node is seen.
  function follow() {
    const node = graph.querySelector(".node.now .frame") ?? graph.querySelector(".node .frame");
    if (!node) return;
    const box = node.getBoundingClientRect();
    const around = graph.getBoundingClientRect();
    graph.scrollLeft += box.left + box.width / 2 - around.left - around.width / 2;
    graph.scrollTop += box.top + box.height / 2 - around.top - around.height / 2;
  }

  // --- the inputs --------------------------------------------------------------------------------------------

  function buildInputs() {
    if (!follows) {
      // Where functions have no formula there are no numbers at all.
      byId("inputs").hidden = Boolean(unknown.length) && !given.size;
      byId("fields").replaceWith(make("p", {}, unknown.length ? say("unknown", { names: unknown.join(", ") }) : say("none")));
      byId("reset").remove();
      byId("inputs").querySelector(".hint").remove();
      return;
    }
    data.known.forEach((known, i) => byId("fields").append(field(known, i)));
    byId("inputs").open = first.flat().length <= FEW;
    byId("inputs").addEventListener("input", take);
    byId("reset").addEventListener("click", () => {
      all("#fields input").forEach((input) => (input.value = input.defaultValue));
      take();
    });
  }

  const FEW = 16;
  const shownInput = (text) => (comma ? text.replace(/\./g, ",") : text);
  const parsed = (text) => reals.parsed(text.replace(/,/g, "."));

  function field(known, i) {
    const group = make("div", { class: "field", role: "group", "aria-label": known.said });
    const name = make("span", { class: "math", "aria-hidden": "true" });
    formulas.typeset(name, `${known.name} =`);
    const grid = make("div", { class: known.shape.length ? "grid array" : "grid" });
    const columns = known.shape.length ? Math.min(known.shape.at(-1), 8) : 1;
    grid.style.gridTemplateColumns = `repeat(${columns}, minmax(0, 4.6rem))`;
    known.data.forEach((x, k) => {
      const width = known.shape.length === 2 ? known.shape[1] : 1;
      const place = { name: known.said, row: Math.floor(k / width) + 1, column: (k % width) + 1 };
      const label = known.shape.length === 2 ? say("entry", place) : known.shape.length ? say("component", place) : known.said;
      const input = make("input", { type: "text", inputmode: "decimal", "aria-label": label, "data-known": i, "data-entry": k });
      input.defaultValue = shownInput(x);
      grid.append(input);
    });
    group.append(name, grid);
    return group;
  }

  function take() {
    const inputs = first.map((entries) => [...entries]);
    for (const input of all("#fields input")) inputs[input.dataset.known][input.dataset.entry] = parsed(input.value);
    const problems = data.known.map((known, i) => problem(known, inputs[i]));
    for (const input of all("#fields input")) {
      const isNumber = Boolean(parsed(input.value));
      const { known } = input.dataset;
      input.setAttribute("aria-invalid", String(!isNumber || Boolean(problems[known] && inputs[known].every(Boolean))));
    }
    const wrong = problems.find(Boolean);
    if (!wrong) {
      isChanged = inputs.some((entries, i) => entries.some((x, k) => !isSame(x, first[i][k])));
      useNumbersOf(inputs);
    } else byId("wrong").textContent = wrong;
  }

  function useNumbersOf(inputs) {
    const { found, wrong } = isChanged || !isComplete ? computed(inputs) : { found: given, wrong: "" };
    shown = isChanged ? found : given;
    byId("wrong").textContent = wrong;
    show();
    followText();
    announce();
  }

  // Numbers in the text below follow where their name is known; a remark says that others do not.
  function followText() {
    byId("changed").hidden = !isChanged;
    for (const { math, key, before, original } of places) {
      if (!math) continue;
      const number = shown.get(key);
      const text = !isChanged ? original : `${before}${number ? signed(number) : "= \\text{–}"}`;
      if (formulas.source.get(math) !== text) formulas.typeset(math, text, data.names);
    }
  }

  // --- names show their values --------------------------------------------------------------------------------

  const tip = byId("tip");
  let tipped = null;
  function showTip(element, keys) {
    const number = shown.get(keyOf(keys));
    if (!number) return;
    const tex = data.names.find(([, some]) => some === keys)[0];
    formulas.typeset(tip, `${tex} ${signed(number)}`);
    tip.hidden = false;
    tipped = element;
    placeTip();
  }

  function placeTip() {
    if (tip.hidden) return;
    const box = tipped.getBoundingClientRect();
    const own = tip.getBoundingClientRect();
    const above = box.top - own.height - 8;
    tip.style.left = `${Math.max(8, Math.min(innerWidth - own.width - 8, box.left + box.width / 2 - own.width / 2))}px`;
    tip.style.top = `${above > 4 ? above : box.bottom + 8}px`;
  }
  const hideTip = () => (tip.hidden = true);

  function named(target) {
    const mark = target.closest?.("[data-of]");
    if (mark) return [mark, data.names[mark.dataset.of]?.[1]];
    const keysWith = (key) => data.names.find(([, keys]) => keys.includes(key))?.[1];
    const node = target.closest?.("#graph .node");
    if (node) return [node.querySelector(".frame"), keysWith([...shown.keys()].find((key) => idOf(key) === node.dataset.key))];
    const row = target.closest?.(".move > .number")?.parentElement;
    return row ? [row.querySelector(".name"), keysWith(row.dataset.key)] : [];
  }

  for (const type of ["mouseover", "focusin", "click"]) {
    document.addEventListener(type, ({ target }) => {
      const [element, keys] = named(target);
      if (keys) showTip(element, keys);
      else hideTip();
    });
  }
  addEventListener("scroll", placeTip, { passive: true });

  const stepIn = (hash) => Number(/^#step-(\d+)$/.exec(hash)?.[1] ?? 0);

  // --- ways to move ------------------------------------------------------------------------------------------

  const jumps = { first: () => 0, previous: () => state.step - 1, next: () => state.step + 1, last: () => moves.length };
  for (const [id, target] of Object.entries(jumps)) byId(id).addEventListener("click", () => goTo(target()));
  slider.addEventListener("input", () => goTo(Number(slider.value)));
  const KEYS = { ArrowLeft: "previous", ArrowRight: "next", Home: "first", End: "last" };
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") hideTip();
    const isTyping = event.target.matches?.("input, textarea, select");
    if (isTyping || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey || !(event.key in KEYS)) return;
    event.preventDefault();
    goTo(jumps[KEYS[event.key]]());
  });
  for (const link of all("#stepper a[href]")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      goTo(stepIn(link.hash));
    });
  }
  const asked = () => stepIn(location.hash);
  addEventListener("hashchange", () => goTo(asked(), { quiet: true }));

  buildInputs();
  prepareGraph();
  if (follows && !isComplete) byId("wrong").textContent = computed(first).wrong;
  // On paper the graph has all its numbers.
  let before = 0;
  addEventListener("beforeprint", () => {
    before = state.step;
    goTo(moves.length, { quiet: true, scroll: false });
    copyGraph();
  });
  addEventListener("afterprint", () => goTo(before, { quiet: true, scroll: false }));

  // Rows scroll to below the stage, which stays in sight.
  const stage = document.querySelector(".stage");
  const keepClear = () => {
    const height = getComputedStyle(stage).position === "sticky" ? stage.offsetHeight : 0;
    document.documentElement.style.scrollPaddingTop = `${height + 24}px`;
  };
  new ResizeObserver(keepClear).observe(stage);
  keepClear();
  goTo(asked(), { quiet: true, scroll: asked() > 0 });
  copyGraph();
})();
