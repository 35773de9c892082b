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

  // A number as LaTeX, and as words; the first and the last rows and columns of a large array.
  function writer(digits, comma) {
    const one = (x) => {
      const { text, power, negative } = numbers.rounded(x, digits);
      const mantissa = text.replace(".", comma ? "{,}" : ".");
      return (negative ? "-" : "") + mantissa + (power ? ` \\cdot 10^{${power}}` : "");
    };
    const kept = (length) =>
      length <= 6 ? [...Array(length).keys()] : [0, 1, 2, null, length - 2, length - 1];
    const isExact = (value) => numbers.entries(value).every((x) => numbers.rounded(x, digits).exact);
    const tex = (value) => {
      const shape = numbers.shapeOf(value);
      if (!shape.length) return one(value);
      const parts = kept(shape[0]).map((i) => (i === null ? "\\cdots" : one(value.data[i])));
      if (shape.length === 1) return `(${parts.join(comma && parts.some((part) => part.includes("{,}")) ? "; " : ", ")})`;
      const columns = kept(shape[1]);
      const lines = kept(shape[0]).map((i) =>
        columns.map((j) => (i === null ? "\\vdots" : j === null ? "\\cdots" : one(value.data[i * shape[1] + j]))),
      );
      return `\\begin{pmatrix} ${lines.map((line) => line.join(" & ")).join(" \\\\ ")} \\end{pmatrix}`;
    };
    const plain = (x) => {
      const { text, power, negative } = numbers.rounded(x, digits);
      const mantissa = (negative ? "−" : "") + text.replace(".", comma ? "," : ".");
      return power ? `${mantissa}·10^${String(power).replace("-", "−")}` : mantissa;
    };
    const said = (value) => {
      const shape = numbers.shapeOf(value);
      if (!shape.length) return plain(value);
      const width = shape[1] ?? shape[0];
      const lines = [];
      for (let i = 0; i < value.data.length; i += width) {
        lines.push(value.data.slice(i, i + width).map(plain).join(comma ? " ; " : ", "));
      }
      return `(${lines.join(" | ")})`;
    };
    return { tex, said, sign: (value) => (isExact(value) ? "=" : "\\approx"), isExact };
  }

  return { typeset, source, writer, marked };
})();
