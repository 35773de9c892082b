// The values of formulas. A formula is a number, a name, or [operation, argument, …]; an array is
// {shape, data} with its entries row by row, which are `reals`. Knows nothing of the page and nothing of derivatives.
const numbers = (() => {
  "use strict";
  const { ZERO, ONE, add, sub, neg, mul, div, sum } = reals;
  const array = (shape, data) => (shape.length ? { shape, data } : data[0]);
  const entries = (u) => u.data ?? [u];
  const shapeOf = (u) => u.shape ?? [];
  const build = (shape, entry) => array(shape, Array.from({ length: size(shape) }, (_, i) => entry(i)));
  const size = (shape) => shape.reduce((n, part) => n * part, 1);
  const range = (n) => Array.from({ length: n }, (_, i) => i);
  const row = (u, i) => u.data.slice(i * u.shape[1], (i + 1) * u.shape[1]);
  const column = (u, j) => range(u.shape[0]).map((i) => u.data[i * u.shape[1] + j]);

  const inner = (u, v) => sum(u.map((value, i) => mul(value, v[i])));

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

  const positive = (u) => (reals.sign(u) > 0 ? ONE : ZERO);
  // 1[u > v], one half where they are equal.
  const greater = (u, v) => reals.exact(BigInt(reals.compare(u, v) + 1), 2n);
  // max(u, v) as u·1[u > v] + v·1[v > u]: where they are equal each counts half.
  function max(u, v) {
    const side = reals.compare(u, v);
    return side > 0 ? u : side < 0 ? v : div(add(u, v), reals.whole(2));
  }

  // The angle of (v, u) in (−π, π], by the quotient whose denominator is larger.
  function angle(u, v) {
    const [above, right] = [reals.sign(u), reals.sign(v)];
    if (!above && !right) throw new reals.Refused("outside");
    const turns = (n) => div(mul(reals.pi(), reals.whole(n)), reals.whole(2));
    const larger = reals.sign(sub(mul(u, u), mul(v, v)));
    if (larger > 0) return sub(turns(above), reals.atan(div(v, u)));
    const found = reals.atan(div(u, v));
    return right > 0 ? found : add(found, turns(above < 0 ? -2 : 2));
  }

  // A condition: whether u − v has one of these signs.
  const compared =
    (...signs) =>
    (u, v) =>
      signs.includes(reals.compare(u, v)) ? ONE : ZERO;
  const holds = (u) => u.p !== 0n;
  const truth = (is) => (is ? ONE : ZERO);

  // The softmax of the entries that count, 0 for all others; the logarithm of the sum of their powers.
  const some = (line, counts) => {
    const found = line.filter((_, k) => counts[k]);
    if (!found.length) throw new reals.Refused("outside");
    return found;
  };
  const masks = (u, mask) => {
    const length = u.shape[u.shape.length - 1];
    const counts = entries(each((value, counted) => counted, u, mask)).map(holds);
    const line = (data, i) => data.slice(i * length, (i + 1) * length);
    return range(u.data.length / length).map((i) => [line(u.data, i), line(counts, i)]);
  };

  const ofNumbers = {
    "<": compared(-1),
    "<=": compared(-1, 0),
    ">": compared(1),
    ">=": compared(0, 1),
    "==": compared(0),
    "!=": compared(-1, 1),
    and: (...all) => truth(all.every(holds)),
    or: (...all) => truth(all.some(holds)),
    not: (u) => truth(!holds(u)),
    where: (condition, u, v) => (holds(condition) ? u : v),
    indicator: (u) => u,
    inf: () => {
      throw new reals.Refused("outside");
    },
    "+": add,
    "-": sub,
    neg,
    "*": mul,
    "/": div,
    "**": reals.power,
    exp: reals.exp,
    log: reals.log,
    sqrt: reals.sqrt,
    sin: reals.sin,
    cos: reals.cos,
    tan: reals.tan,
    cot: (u) => div(reals.cos(u), reals.sin(u)),
    sec: (u) => div(ONE, reals.cos(u)),
    csc: (u) => div(ONE, reals.sin(u)),
    log10: (u) => div(reals.log(u), reals.log(reals.whole(10))),
    log2: (u) => div(reals.log(u), reals.log(reals.whole(2))),
    atan2: angle,
    asin: reals.asin,
    acos: reals.acos,
    atan: reals.atan,
    sinh: reals.sinh,
    cosh: reals.cosh,
    tanh: reals.tanh,
    asinh: reals.asinh,
    acosh: reals.acosh,
    atanh: reals.atanh,
    sigmoid: reals.sigmoid,
    softplus: reals.softplus,
    erf: reals.erf,
    tgamma: reals.gamma,
    lgamma: reals.logGamma,
    digamma: (u) => reals.polygamma(ZERO, u),
    polygamma: reals.polygamma,
    relu: (u) => mul(u, positive(u)),
    abs: (u) => mul(u, reals.whole(reals.sign(u))),
    sign: (u) => reals.whole(reals.sign(u)),
    max,
    min: (u, v) => neg(max(neg(u), neg(v))),
    positive,
    greater,
    pi: reals.pi,
    e: () => reals.exp(ONE),
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
  const outer = (u, v) => array([u.shape[0], v.shape[0]], u.data.flatMap((a) => v.data.map((b) => mul(a, b))));

  // Gauss's elimination with the largest pivot: the determinant, and what it does to the unit matrix.
  function eliminated(u) {
    const n = u.shape[0];
    const left = range(n).map((i) => row(u, i));
    const right = range(n).map((i) => range(n).map((j) => (i === j ? ONE : ZERO)));
    let det = ONE;
    for (let k = 0; k < n; k++) {
      const sizes = left.slice(k).map((line) => reals.size(line[k]));
      const pivot = k + sizes.indexOf(reals.largest(sizes));
      if (pivot !== k) {
        [left[k], left[pivot]] = [left[pivot], left[k]];
        [right[k], right[pivot]] = [right[pivot], right[k]];
        det = neg(det);
      }
      if (!reals.sign(left[k][k])) return { det: ZERO, inverse: null };
      det = mul(det, left[k][k]);
      for (let i = 0; i < n; i++) {
        if (i === k) continue;
        const factor = div(left[i][k], left[k][k]);
        for (let j = 0; j < n; j++) {
          left[i][j] = j === k ? ZERO : sub(left[i][j], mul(factor, left[k][j]));
          right[i][j] = sub(right[i][j], mul(factor, right[k][j]));
        }
      }
    }
    return { det, inverse: array(u.shape, range(n).flatMap((i) => right[i].map((value) => div(value, left[i][i])))) };
  }

  // What a matrix that is not singular has.
  function regular(u) {
    const found = eliminated(u);
    if (!found.inverse) throw new reals.Refused("outside");
    return found;
  }

  function diag(u) {
    const n = u.shape[0];
    if (u.shape.length === 2) return array([n], range(n).map((i) => u.data[i * n + i]));
    return build([n, n], (k) => (k % (n + 1) ? ZERO : u.data[k / (n + 1)]));
  }

  const byRows = (f) => (u) =>
    u.shape.length === 1
      ? array(u.shape, f(u.data))
      : array(u.shape, range(u.shape[0]).flatMap((i) => f(row(u, i))));
  function logsumexp(line) {
    const largest = reals.largest(line);
    return add(largest, reals.log(sum(line.map((value) => reals.exp(sub(value, largest))))));
  }
  function softmax(line) {
    const largest = reals.largest(line);
    const powers = line.map((value) => reals.exp(sub(value, largest)));
    const whole = sum(powers);
    return powers.map((value) => div(value, whole));
  }

  // u[i], u[i, j], u[:, j]; null is the colon.
  function index(u, ...given) {
    const picks = given.map((pick) => pick && Number(pick.p));
    const chosen = range(u.shape.length).map((axis) =>
      picks[axis] === undefined || picks[axis] === null ? range(u.shape[axis]) : [picks[axis]],
    );
    const shape = u.shape.filter((_, axis) => picks[axis] === undefined || picks[axis] === null);
    if (u.shape.length === 1) return array(shape, chosen[0].map((i) => u.data[i]));
    return array(shape, chosen[0].flatMap((i) => chosen[1].map((j) => u.data[i * u.shape[1] + j])));
  }

  // u[y], u[ix], u[range(n), y]: vectors of indices side by side, null is the colon.
  function gather(u, ...given) {
    const [first] = given.filter((pick) => pick && pick.shape);
    if (!first) return index(u, ...given);
    const at = (pick, i) => (pick && pick.shape ? pick.data[i] : pick);
    const parts = range(first.shape[0]).map((i) => index(u, ...given.map((pick) => at(pick, i))));
    const found = array([parts.length, ...shapeOf(parts[0])], parts.flatMap(entries));
    return given[0] === null ? transpose(found) : found;
  }

  function kron(u, v) {
    const width = (one) => one.shape[1] ?? 1;
    const shape = [u.shape[0] * v.shape[0], width(u) * width(v)];
    const found = build(shape, (k) => {
      const i = Math.floor(k / shape[1]);
      const j = k % shape[1];
      const a = u.data[Math.floor(i / v.shape[0]) * width(u) + Math.floor(j / width(v))];
      return mul(a, v.data[(i % v.shape[0]) * width(v) + (j % width(v))]);
    });
    return Math.max(u.shape.length, v.shape.length) > 1 ? found : array([shape[0]], found.data);
  }

  const lines = (u) => range(u.shape[0]).map((i) => row(u, i));
  const ofRows = (f) => (u) => array([u.shape[0]], lines(u).map(f));
  const perEntry = (f) => (u) => array(u.shape, f(u.data));
  const perRow = (f) => (u) => array(u.shape, lines(u).flatMap(f));

  // Which entries are largest: equal shares of 1.
  function shares(line) {
    const largest = reals.largest(line);
    const ties = line.map((value) => !reals.sign(sub(value, largest)));
    const share = div(ONE, reals.whole(ties.filter(Boolean).length));
    return ties.map((tie) => (tie ? share : ZERO));
  }
  const negated = (line) => line.map(neg);
  const most = (line) => reals.largest(line);
  function second(line) {
    const place = line.indexOf(most(line));
    const others = line.filter((_, i) => i !== place);
    return others.length ? most(others) : sub(line[0], ONE);
  }
  const least = (line) => neg(most(negated(line)));
  const productOf = (line) => line.reduce(mul, ONE);
  const others = (line) => line.map((_, i) => productOf(line.filter((_, j) => j !== i)));
  function variance(line) {
    const count = reals.whole(line.length);
    const centre = div(sum(line), count);
    const apart = line.map((value) => sub(value, centre));
    return div(inner(apart, apart), count);
  }
  const deviation = (line) => reals.sqrt(variance(line));
  const length = (line) => reals.sqrt(inner(line, line));
  function cumsum(u) {
    const width = u.shape[1] ?? 1;
    const data = [];
    u.data.forEach((value, k) => data.push(k < width ? value : add(data[k - width], value)));
    return array(u.shape, data);
  }
  function flip(u) {
    const width = u.shape[1] ?? 1;
    return array(u.shape, range(u.shape[0]).reverse().flatMap((i) => u.data.slice(i * width, (i + 1) * width)));
  }
  const triangle = (keeps) => (u) => build(u.shape, (k) => (keeps(Math.floor(k / u.shape[0]), k % u.shape[0]) ? u.data[k] : ZERO));
  function cross(u, v) {
    const part = (i, j) => sub(mul(u.data[i], v.data[j]), mul(u.data[j], v.data[i]));
    return array([3], [part(1, 2), part(2, 0), part(0, 1)]);
  }

  const meanOf = (u, count) => each((value) => div(value, reals.whole(count)), u);
  const dot = (u, v) => inner(entries(u), entries(v));
  const ofArrays = {
    "@": matmul,
    transpose,
    dot,
    inner: dot,
    outer,
    sum: (u) => sum(entries(u)),
    mean: (u) => div(sum(u.data), reals.whole(u.data.length)),
    sum_down: down,
    sum_across: across,
    mean_down: (u) => meanOf(down(u), u.shape[0]),
    mean_across: (u) => meanOf(across(u), u.shape[1]),
    column: (u) => array([u.shape[0], 1], u.data),
    row: (u) => array([1, u.shape[0]], u.data),
    trace: (u) => sum(diag(u).data),
    det: (u) => eliminated(u).det,
    logdet: (u) => reals.log(reals.size(regular(u).det)),
    inv: (u) => regular(u).inverse,
    diag,
    norm: (u) => reals.sqrt(dot(u, u)),
    sqnorm: (u) => dot(u, u),
    softmax: byRows(softmax),
    masked_softmax: (u, mask) =>
      array(
        u.shape,
        masks(u, mask).flatMap(([line, counts]) => {
          const found = softmax(some(line, counts));
          return counts.map((counted) => (counted ? found.shift() : ZERO));
        }),
      ),
    masked_logsumexp: (u, mask) => masks(u, mask).map(([line, counts]) => logsumexp(some(line, counts)))[0],
    masked_logsumexp_across: (u, mask) =>
      array(
        [u.shape[0]],
        masks(u, mask).map(([line, counts]) => logsumexp(some(line, counts))),
      ),
    log_softmax: byRows((line) => line.map((value) => sub(value, logsumexp(line)))),
    logsumexp: (u) => logsumexp(u.data),
    logsumexp_across: (u) => array([u.shape[0]], range(u.shape[0]).map((i) => logsumexp(row(u, i)))),
    cross_entropy: (p, y) => neg(sum(p.data.map((value, i) => mul(y.data[i], reals.log(value))))),
    max_of: (u) => most(u.data),
    min_of: (u) => least(u.data),
    second_of: (u) => second(u.data),
    second_across: ofRows(second),
    max_across: ofRows(most),
    min_across: ofRows(least),
    at_max: perEntry(shares),
    at_min: perEntry((line) => shares(negated(line))),
    at_max_across: perRow(shares),
    at_min_across: perRow((line) => shares(negated(line))),
    prod: (u) => productOf(u.data),
    prod_across: ofRows(productOf),
    prod_others: perEntry(others),
    prod_others_across: perRow(others),
    var: (u) => variance(u.data),
    std: (u) => deviation(u.data),
    var_across: ofRows(variance),
    std_across: ofRows(deviation),
    norm1: (u) => sum(u.data.map(reals.size)),
    norm_across: ofRows(length),
    cumsum,
    cumsum_down: cumsum,
    flip,
    flip_down: flip,
    tril: triangle((i, j) => j <= i),
    triu: triangle((i, j) => j >= i),
    cross,
    unvec: (u, rows, columns) => transpose(array([Number(columns.p), Number(rows.p)], u.data)),
    index,
    gather,
    slice: (u, ...ends) => {
      const places = ends.map((end) => Number(end.p));
      const part = (axis) => range(places[2 * axis + 1] - places[2 * axis]).map((i) => i + places[2 * axis]);
      if (u.shape.length === 1) return array([part(0).length], part(0).map((i) => u.data[i]));
      const [rows, columns] = [part(0), part(1)];
      return array([rows.length, columns.length], rows.flatMap((i) => columns.map((j) => u.data[i * u.shape[1] + j])));
    },
    stack: (...args) => array([args.length, ...shapeOf(args[0])], args.flatMap(entries)),
    concat: (...args) => {
      const data = args.flatMap(entries);
      const tail = args[0].shape.slice(1);
      return array([data.length / size(tail), ...tail], data);
    },
    concat_across: (...args) => {
      const rows = range(args[0].shape[0]).map((i) => args.flatMap((u) => row(u, i)));
      return array([rows.length, rows[0].length], rows.flat());
    },
    kron,
    vec: (u) => array([u.data.length], transpose(u).data),
    turned: down,
    shown_as_row: (u) => array([1, u.shape[0]], u.data),
    shown_transposed: transpose,
    only_entry: (u) => entries(u)[0],
    filled: (what, shape, at) => {
      if (what === "arange") return array(shape, range(shape[0]).map(reals.whole));
      const tri = (k) => k % shape[0] <= Math.floor(k / shape[0]);
      const isOne = { tri, ones: () => true, zeros: () => false, eye: (k) => k % (shape[0] + 1) === 0, unit: (k) => k === at };
      const beyond = (k) => (k % shape[1]) - Math.floor(k / shape[1]) - at;
      Object.assign(isOne, { tril: (k) => beyond(k) <= 0, triu: (k) => beyond(k) >= 0 });
      return build(shape, (k) => (isOne[what](k) ? ONE : ZERO));
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

  // A number of a formula: whole, or {p, q} for p/q.
  const given = (number) => (typeof number === "number" ? reals.whole(number) : reals.exact(BigInt(number.p), BigInt(number.q)));

  // The value of `tree`, its names having the values of `names.get`; `formulas` write operations of a user's own.
  function value(tree, names, formulas = {}) {
    if (tree === null) return tree;
    if (typeof tree === "string") return names.get(tree);
    if (!Array.isArray(tree)) return given(tree);
    const [op, ...rest] = tree;
    if (op === "filled") return ofArrays.filled(...rest);
    const args = rest.map((part) => value(part, names, formulas));
    const found = computed(op, args, formulas);
    entries(found).forEach(reals.checked);
    return found;
  }

  function computed(op, args, formulas) {
    if (Object.hasOwn(ofArrays, op)) return ofArrays[op](...args);
    const of = Object.hasOwn(ofNumbers, op) ? ofNumbers[op] : written(formulas[op], formulas);
    return args.length ? each(of, ...args) : of();
  }

  const written =
    ({ names, form }, formulas) =>
    (...args) =>
      value(form, new Map(names.map((name, i) => [name, args[i]])), formulas);

  const BITS = [192, 576, 3328, 6656]; // tried in turn

  // The names that follow from those of `known` by the formulas of `moves`, in as many bits as a reader of theirs needs.
  function follow(known, moves, formulas) {
    const forms = new Map(moves.map(({ key, form }) => [key, form]));
    const tables = BITS.map(() => new Map([...known].map(([key, given]) => [key, { value: given, isLossy: false }])));
    const at = (i) => ({
      get(key) {
        if (!tables[i].has(key)) tables[i].set(key, reals.watched(() => value(forms.get(key), at(i), formulas)));
        reals.lose(tables[i].get(key).isLossy);
        return tables[i].get(key).value;
      },
    });
    // What `reader` makes of the value of a name, and of whether terms were lost on the way to it.
    function decided(key, reader) {
      for (const i of BITS.keys()) {
        try {
          return reals.within(BITS[i], () => {
            const found = reals.watched(() => at(i).get(key));
            return reader(found.value, found.isLossy);
          });
        } catch (error) {
          if (!(error instanceof reals.Undecided)) throw error;
        }
      }
      throw new reals.Refused("undecided");
    }
    return decided;
  }

  return { value, unknown, knows, follow, entries, shapeOf, array };
})();
