// Formulas on the page: typeset by KaTeX, every known name in them marked, so that its value can be shown.
const formulas = (() => {
  "use strict";
  const source = new WeakMap();
  const WORDS = /^\\(?:text|mathrm|mathit|operatorname|begin|end|phantom)\*?\{[^{}]*\}|^\\[a-zA-Z]+|^[^]/;

  // A name at the start of `rest`, not the beginning of a longer one.
  function nameAt(rest, names) {
    return names.find(
      ([tex]) =>
        rest.startsWith(tex) &&
        !/^[_']/.test(rest.slice(tex.length)) &&
        !(/[a-zA-Z]$/.test(tex) && tex.startsWith("\\") && /^[a-zA-Z]/.test(rest.slice(tex.length))),
    );
  }

  // What stands in braces at the start of `text`, with them.
  function braced(text) {
    let depth = 0;
    for (let i = 0; i < text.length; i++) {
      if (text[i] === "{") depth += 1;
      if (text[i] === "}") depth -= 1;
      if (!depth) return text.slice(0, i + 1);
    }
    return text;
  }

  // `tex` with each name of the list wrapped as \htmlData{of=number}{…}, with its exponent if it has one.
  function marked(tex, names) {
    let found = "";
    for (let rest = tex; rest; ) {
      const name = nameAt(rest, names);
      if (!name) {
        const [word] = WORDS.exec(rest);
        found += word;
        rest = rest.slice(word.length);
        continue;
      }
      let length = name[0].length;
      let inside = name[0];
      if (rest.startsWith("^{", length)) {
        const exponent = braced(rest.slice(length + 1));
        inside += `^{${marked(exponent.slice(1, -1), names)}}`;
        length += 1 + exponent.length;
      }
      found += `\\htmlData{of=${names.indexOf(name)}}{${inside}}`;
      rest = rest.slice(length);
    }
    return found;
  }

  function typeset(element, tex, names = []) {
    source.set(element, tex);
    const style = element.classList.contains("big") ? "\\displaystyle " : "";
    katex.render(style + marked(tex, names), element, {
      throwOnError: false,
      strict: (code) => (code === "htmlExtension" ? "ignore" : "warn"),
      trust: (context) => context.command === "\\htmlData",
    });
  }

  // Numbers and arrays of them as the library writes them, {tex, isExact}; of a large array the first and the last
  // rows and columns. `separators` stand between whole numbers and between decimals.
  function writer(digits, comma, separators) {
    const one = ({ text, power, negative }) =>
      (negative ? "-" : "") + text.replace(".", comma ? "{,}" : ".") + (power ? ` \\cdot 10^{${power}}` : "");
    const kept = (length) =>
      length <= 6 ? [...Array(length).keys()] : [0, 1, 2, null, length - 2, length - 1];

    function tex(shape, all) {
      if (!shape.length) return one(all[0]);
      const rows = kept(shape[0]);
      if (shape.length === 1) {
        const parts = rows.map((i) => (i === null ? "\\cdots" : one(all[i])));
        return `(${parts.join(separators[Number(parts.some((part) => /[.,]/.test(part)))])})`;
      }
      const lines = rows.map((i) =>
        kept(shape[1]).map((j) => (i === null ? "\\vdots" : j === null ? "\\cdots" : one(all[i * shape[1] + j]))),
      );
      return `\\begin{pmatrix} ${lines.map((line) => line.join(" & ")).join(" \\\\ ")} \\end{pmatrix}`;
    }

    return (value, isLossy) => {
      const all = numbers.entries(value).map((x) => reals.rounded(x, digits, isLossy));
      return { tex: tex(numbers.shapeOf(value), all), isExact: all.every(({ isExact }) => isExact) };
    };
  }

  const SUPERSCRIPTS = Object.fromEntries([..."-0123456789"].map((digit, i) => [digit, "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"[i]]));

  // A number or an array in LaTeX as text, for a voice and for the graph: 1.2·10⁻⁵, (1, −2 | 0, 3).
  const spoken = (tex, comma) =>
    tex
      .replace(/ \\cdot 10\^/g, "·10^")
      .replace(/10\^\{(-?\d+)\}/g, (_, power) => `10${power.replace(/./g, (digit) => SUPERSCRIPTS[digit])}`)
      .replace(/\\,/g, " ")
      .replace(/\\begin\{pmatrix\} | \\end\{pmatrix\}/g, (end) => (end.endsWith(" ") ? "(" : ")"))
      .replace(/ \\\\ /g, " | ")
      .replace(/ & /g, comma ? " ; " : ", ")
      .replace(/\{,\}/g, ",")
      .replace(/\\[cv]dots/g, "…")
      .replace(/-/g, "−");

  return { typeset, source, writer, spoken, marked };
})();
