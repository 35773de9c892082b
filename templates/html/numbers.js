// The values of formulas. A formula is a number, a name, or [operation, argument, …]; an array is
// {shape, data} with its entries row by row. Knows nothing of the page and nothing of derivatives.
const numbers = (() => {
  "use strict";
  const array = (shape, data) => (shape.length ? { shape, data } : data[0]);
  const entries = (u) => (typeof u === "number" ? [u] : u.data);
  const shapeOf = (u) => (typeof u === "number" ? [] : u.shape);
  const build = (shape, entry) => array(shape, Array.from({ length: size(shape) }, (_, i) => entry(i)));
  const size = (shape) => shape.reduce((n, part) => n * part, 1);
  const range = (n) => Array.from({ length: n }, (_, i) => i);
  const row = (u, i) => u.data.slice(i * u.shape[1], (i + 1) * u.shape[1]);
  const column = (u, j) => range(u.shape[0]).map((i) => u.data[i * u.shape[1] + j]);

  // What rounding leaves of terms that cancel is zero.
  const settled = (sum, weight) => (Math.abs(sum) <= 1e-15 * weight ? 0 : sum);
  const add = (u, v) => settled(u + v, Math.max(Math.abs(u), Math.abs(v)));
  const sum = (terms) =>
    settled(
      terms.reduce((u, v) => u + v, 0),
      terms.reduce((u, v) => u + Math.abs(v), 0),
    );
  const inner = (u, v) => sum(u.map((value, i) => value * v[i]));

  // A function of numbers on arrays, entry by entry, shorter shapes spread as in NumPy.
  function each(f, ...args) {
    const shapes = args.map(shapeOf);
    const rank = Math.max(...shapes.map((shape) => shape.length));
    const padded = shapes.map((shape) => [...Array(rank - shape.length).fill(1), ...shape]);
    const shape = range(rank).map((axis) => Math.max(...padded.map((one) => one[axis])));
    const flat = args.map(entries);
    const place = (one, index) => {
      let found = 0;
      for (let axis = 0, rest = index, unit = size(shape); axis < rank; axis++) {
        unit /= shape[axis];
        const at = Math.floor(rest / unit);
        rest -= at * unit;
        found = found * one[axis] + (one[axis] === 1 ? 0 : at);
      }
      return found;
    };
    return build(shape, (i) => f(...flat.map((data, k) => data[place(padded[k], i)])));
  }

  function erf(x) {
    if (Math.abs(x) > 6) return Math.sign(x);
    let term = x;
    let total = x;
    for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(total); n++) {
      term *= (2 * x * x) / (2 * n + 1);
      total += term;
    }
    return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * total;
  }

  const sigmoid = (u) => (u >= 0 ? 1 / (1 + Math.exp(-u)) : Math.exp(u) / (1 + Math.exp(u)));
  const softplus = (u) => Math.max(u, 0) + Math.log1p(Math.exp(-Math.abs(u)));

  const ofNumbers = {
    "+": add,
    "-": (u, v) => add(u, -v),
    neg: (u) => 0 - u,
    "*": (u, v) => u * v,
    "/": (u, v) => u / v,
    "**": (u, v) => u ** v,
    exp: Math.exp,
    log: Math.log,
    sqrt: Math.sqrt,
    sin: Math.sin,
    cos: Math.cos,
    tan: Math.tan,
    asin: Math.asin,
    acos: Math.acos,
    atan: Math.atan,
    sinh: Math.sinh,
    cosh: Math.cosh,
    tanh: Math.tanh,
    asinh: Math.asinh,
    acosh: Math.acosh,
    atanh: Math.atanh,
    sigmoid,
    softplus,
    erf,
    relu: (u) => Math.max(u, 0),
    abs: Math.abs,
    sign: Math.sign,
    max: Math.max,
    min: Math.min,
    positive: (u) => (u > 0 ? 1 : 0),
    greater: (u, v) => (Math.sign(u - v) + 1) / 2,
    pi: () => Math.PI,
    e: () => Math.E,
    total: (...terms) => sum(terms),
  };

  function matmul(u, v) {
    const rows = u.shape.length === 2 ? range(u.shape[0]).map((i) => row(u, i)) : [u.data];
    const columns = v.shape.length === 2 ? range(v.shape[1]).map((j) => column(v, j)) : [v.data];
    const shape = [...u.shape.slice(0, -1), ...v.shape.slice(1)];
    return array(shape, rows.flatMap((one) => columns.map((other) => inner(one, other))));
  }

  const transpose = (u) =>
    shapeOf(u).length < 2 ? u : array([u.shape[1], u.shape[0]], range(u.shape[1]).flatMap((j) => column(u, j)));
  const down = (u) => array([u.shape[1]], range(u.shape[1]).map((j) => sum(column(u, j))));
  const across = (u) => array([u.shape[0]], range(u.shape[0]).map((i) => sum(row(u, i))));
  const outer = (u, v) => array([u.shape[0], v.shape[0]], u.data.flatMap((a) => v.data.map((b) => a * b)));

  // Gauss's elimination with the largest pivot: the determinant, and what it does to the unit matrix.
  function eliminated(u) {
    const n = u.shape[0];
    const left = range(n).map((i) => row(u, i));
    const right = range(n).map((i) => range(n).map((j) => (i === j ? 1 : 0)));
    let det = 1;
    for (let k = 0; k < n; k++) {
      const pivot = range(n).slice(k).reduce((best, i) => (Math.abs(left[i][k]) > Math.abs(left[best][k]) ? i : best), k);
      if (pivot !== k) {
        [left[k], left[pivot]] = [left[pivot], left[k]];
        [right[k], right[pivot]] = [right[pivot], right[k]];
        det = -det;
      }
      det *= left[k][k];
      if (!left[k][k]) return { det: 0, inverse: array(u.shape, Array(n * n).fill(NaN)) };
      for (let i = 0; i < n; i++) {
        if (i === k) continue;
        const factor = left[i][k] / left[k][k];
        for (let j = 0; j < n; j++) {
          left[i][j] = j === k ? 0 : add(left[i][j], -factor * left[k][j]);
          right[i][j] = add(right[i][j], -factor * right[k][j]);
        }
      }
    }
    return { det, inverse: array(u.shape, range(n).flatMap((i) => right[i].map((value) => value / left[i][i]))) };
  }

  function diag(u) {
    const n = u.shape[0];
    if (u.shape.length === 2) return array([n], range(n).map((i) => u.data[i * n + i]));
    return build([n, n], (k) => (k % (n + 1) ? 0 : u.data[k / (n + 1)]));
  }

  const byRows = (f) => (u) =>
    u.shape.length === 1
      ? array(u.shape, f(u.data))
      : array(u.shape, range(u.shape[0]).flatMap((i) => f(row(u, i))));
  function logsumexp(line) {
    const largest = Math.max(...line);
    return largest + Math.log(line.reduce((total, value) => total + Math.exp(value - largest), 0));
  }
  function softmax(line) {
    const largest = Math.max(...line);
    const powers = line.map((value) => Math.exp(value - largest));
    const whole = powers.reduce((u, v) => u + v, 0);
    return powers.map((value) => value / whole);
  }

  // u[i], u[i, j], u[:, j]; null is the colon.
  function index(u, ...picks) {
    const chosen = range(u.shape.length).map((axis) =>
      picks[axis] === undefined || picks[axis] === null ? range(u.shape[axis]) : [picks[axis]],
    );
    const shape = u.shape.filter((_, axis) => picks[axis] === undefined || picks[axis] === null);
    if (u.shape.length === 1) return array(shape, chosen[0].map((i) => u.data[i]));
    return array(shape, chosen[0].flatMap((i) => chosen[1].map((j) => u.data[i * u.shape[1] + j])));
  }

  function kron(u, v) {
    const width = (one) => one.shape[1] ?? 1;
    const shape = [u.shape[0] * v.shape[0], width(u) * width(v)];
    const found = build(shape, (k) => {
      const i = Math.floor(k / shape[1]);
      const j = k % shape[1];
      const a = u.data[Math.floor(i / v.shape[0]) * width(u) + Math.floor(j / width(v))];
      return a * v.data[(i % v.shape[0]) * width(v) + (j % width(v))];
    });
    return Math.max(u.shape.length, v.shape.length) > 1 ? found : array([shape[0]], found.data);
  }

  const meanOf = (u, count) => each((value) => value / count, u);
  const dot = (u, v) => inner(entries(u), entries(v));
  const ofArrays = {
    "@": matmul,
    transpose,
    dot,
    inner: dot,
    outer,
    sum: (u) => sum(entries(u)),
    mean: (u) => sum(u.data) / u.data.length,
    sum_down: down,
    sum_across: across,
    mean_down: (u) => meanOf(down(u), u.shape[0]),
    mean_across: (u) => meanOf(across(u), u.shape[1]),
    column: (u) => array([u.shape[0], 1], u.data),
    row: (u) => array([1, u.shape[0]], u.data),
    trace: (u) => sum(diag(u).data),
    det: (u) => eliminated(u).det,
    logdet: (u) => Math.log(Math.abs(eliminated(u).det)),
    inv: (u) => eliminated(u).inverse,
    diag,
    norm: (u) => Math.sqrt(dot(u, u)),
    sqnorm: (u) => dot(u, u),
    softmax: byRows(softmax),
    log_softmax: byRows((line) => line.map((value) => add(value, -logsumexp(line)))),
    logsumexp: (u) => logsumexp(u.data),
    logsumexp_across: (u) => array([u.shape[0]], range(u.shape[0]).map((i) => logsumexp(row(u, i)))),
    cross_entropy: (p, y) => -sum(p.data.map((value, i) => y.data[i] * Math.log(value))),
    index,
    slice: (u, start, stop) => array([stop - start], u.data.slice(start, stop)),
    stack: (...args) => array([args.length, ...shapeOf(args[0])], args.flatMap(entries)),
    concat: (...args) => {
      const data = args.flatMap(entries);
      const tail = args[0].shape.slice(1);
      return array([data.length / size(tail), ...tail], data);
    },
    kron,
    vec: (u) => array([u.data.length], transpose(u).data),
    turned: down,
    shown_as_row: (u) => array([1, u.shape[0]], u.data),
    shown_transposed: transpose,
    only_entry: (u) => entries(u)[0],
    filled: (what, shape, at) => {
      const isOne = { ones: () => true, zeros: () => false, eye: (k) => k % (shape[0] + 1) === 0, unit: (k) => k === at };
      return build(shape, (k) => (isOne[what](k) ? 1 : 0));
    },
  };

  // The operations of `tree` that are neither known here nor written as a formula in `formulas`.
  function unknown(tree, formulas) {
    if (!Array.isArray(tree)) return [];
    const [op, ...args] = tree;
    const inside = op === "filled" ? [] : args.flatMap((part) => unknown(part, formulas));
    if (knows(op)) return inside;
    return Object.hasOwn(formulas, op) ? [...inside, ...unknown(formulas[op].form, formulas)] : [op, ...inside];
  }

  const knows = (op) => Object.hasOwn(ofNumbers, op) || Object.hasOwn(ofArrays, op);

  // The value of `tree`, its names having the values of a Map; `formulas` write operations of a user's own.
  function value(tree, names, formulas = {}) {
    if (typeof tree === "number" || tree === null) return tree;
    if (typeof tree === "string") return names.get(tree);
    const [op, ...rest] = tree;
    if (op === "filled") return ofArrays.filled(...rest);
    const args = rest.map((part) => value(part, names, formulas));
    if (Object.hasOwn(ofArrays, op)) return ofArrays[op](...args);
    const of = Object.hasOwn(ofNumbers, op) ? ofNumbers[op] : written(formulas[op], formulas);
    return args.length ? each(of, ...args) : of();
  }

  const written =
    ({ names, form }, formulas) =>
    (...args) =>
      value(form, new Map(names.map((name, i) => [name, args[i]])), formulas);

  const isReal = (u) => entries(u).every(Number.isFinite);

  // A number as it is printed: its digits with a point, its power of ten, and whether it is exact. So many
  // decimals, or significant digits where it is small; half to even; what is beyond 12 digits is rounding.
  function rounded(x, digits) {
    if (!x) return { text: "0", power: 0, exact: true, negative: false };
    const places = digits < 12 ? 11 : 16;
    const [mantissa, power] = Math.abs(x).toExponential(places).split("e");
    const exponent = Number(power);
    const known = BigInt(mantissa.replace(".", ""));
    const scientific = exponent < -5 || exponent > 9;
    let decimals = scientific || exponent < 0 ? digits - 1 - exponent : digits;
    let shown = quantized(known, exponent - places + decimals);
    const adjusted = () => String(shown.whole).length - 1 - decimals;
    if (adjusted() > exponent && (scientific || exponent < -1)) {
      decimals -= 1;
      shown = quantized(known, exponent - places + decimals);
    }
    const shift = scientific ? adjusted() : 0;
    let text = pointed(shown.whole, decimals + shift);
    if (shown.exact && text.includes(".") && !scientific) text = text.replace(/\.?0+$/, "");
    return { text, power: shift, exact: shown.exact, negative: x < 0 };
  }

  // known·10^shift as a whole number, half to even.
  function quantized(known, shift) {
    if (shift >= 0) return { whole: known * 10n ** BigInt(shift), exact: true };
    const unit = 10n ** BigInt(-shift);
    const whole = known / unit;
    const rest = 2n * (known - whole * unit);
    const up = rest > unit || (rest === unit && whole % 2n === 1n);
    return { whole: up ? whole + 1n : whole, exact: rest === 0n };
  }

  function pointed(whole, decimals) {
    if (decimals <= 0) return String(whole * 10n ** BigInt(-decimals));
    const digits = String(whole).padStart(decimals + 1, "0");
    return `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
  }

  return { value, unknown, knows, rounded, isReal, entries, shapeOf, array };
})();
