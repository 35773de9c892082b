// Real numbers of which every digit is certain: fractions p/q as long as operations keep them, then intervals
// [lo, hi]·2^e around the true value, in so many bits. What they do not decide is to be asked for in more.
const reals = (() => {
  "use strict";
  // There is no such number: `reason` is outside (of the domain), large, small, or undecided.
  class Refused extends Error {
    constructor(reason) {
      super(reason);
      this.reason = reason;
    }
  }
  // More bits are needed to say which of two things holds.
  class Undecided extends Error {}

  const TALLEST = 1024; // bits of a fraction above which it becomes an interval
  const LARGEST = 3400; // values beyond 2^3400, about 10^1000, are refused
  const ZERO_BITS = 3200; // in so many bits what is narrower than 2^-2500 around 0 is 0, as sin(π) is
  const NOTHING = -2500;
  const GUARD = 24;
  let bits = 192;
  let isLossy = false;

  // What `compute` finds in so many bits.
  function within(wanted, compute) {
    const before = bits;
    bits = wanted;
    try {
      return compute();
    } finally {
      bits = before;
    }
  }

  // Whether what `compute` finds hangs on a term that is lost beside a larger one, as e^(−3000) in 1 + e^(−3000):
  // an interval around 1 is then not 1, however narrow it is.
  function watched(compute) {
    const before = isLossy;
    isLossy = false;
    try {
      return { value: compute(), isLossy };
    } finally {
      isLossy = before;
    }
  }
  const lose = (isLost = true) => (isLossy ||= isLost);

  // --- whole numbers -------------------------------------------------------------------------------------------

  const magnitude = (n) => (n < 0n ? -n : n);
  // n·2^k, rounded down.
  const shifted = (n, k) => (k >= 0 ? n << BigInt(k) : n >> BigInt(-k));
  const shiftedUp = (n, k) => -shifted(-n, k);

  function length(n) {
    const digits = magnitude(n).toString(16);
    return n ? 4 * digits.length - Math.clz32(parseInt(digits[0], 16)) + 28 : 0;
  }

  function gcd(u, v) {
    while (v) [u, v] = [v, u % v];
    return magnitude(u);
  }

  function floorOf(over, under) {
    const whole = over / under;
    return over % under && over < 0n !== under < 0n ? whole - 1n : whole;
  }
  const ceilingOf = (over, under) => -floorOf(-over, under);

  // The root of n, rounded down.
  function rootOf(n) {
    if (n < 2n) return n;
    let found = 1n << BigInt((length(n) + 1) >> 1);
    for (;;) {
      const next = (found + n / found) >> 1n;
      if (next >= found) return found;
      found = next;
    }
  }

  // --- fractions and intervals -----------------------------------------------------------------------------------

  const isFraction = (u) => u.q !== undefined;

  // p/q in lowest terms, however long.
  function exact(p, q = 1n) {
    if (!q) throw new Refused("outside");
    const common = q === 1n ? 1n : q < 0n ? -gcd(p, q) : gcd(p, q);
    return { p: p / common, q: q / common };
  }
  function fraction(p, q) {
    const found = exact(p, q);
    return Math.max(length(found.p), length(found.q)) > TALLEST ? around(found) : found;
  }
  const ZERO = exact(0n);
  const ONE = exact(1n);
  const whole = (n) => exact(BigInt(n));

  function interval(lo, hi, e) {
    if (!lo && !hi) return ZERO;
    const spare = Math.max(length(lo), length(hi)) - bits - GUARD;
    return spare <= 8 ? { lo, hi, e } : { lo: shifted(lo, -spare), hi: shiftedUp(hi, -spare), e: e + spare };
  }

  // A number as an interval.
  function around(u) {
    if (!isFraction(u)) return u;
    const k = u.q === 1n ? 0 : Math.max(0, bits + GUARD + length(u.q) - length(u.p));
    const over = shifted(u.p, k);
    return { lo: floorOf(over, u.q), hi: ceilingOf(over, u.q), e: -k, ...(u.p ? {} : { lo: 0n, hi: 0n }) };
  }

  // c ± r units of 2^-places.
  const near = (c, r, places) => interval(c - r, c + r, -places);
  const widest = ({ lo, hi }) => (magnitude(lo) > magnitude(hi) ? magnitude(lo) : magnitude(hi));
  // A number is below 2^top.
  const top = (u) => (isFraction(u) ? length(u.p) - length(u.q) + 1 : length(widest(u)) + u.e);

  // Two intervals in one unit; one that is much smaller as a bound of it.
  function aligned(u, v) {
    if (u.e < v.e) return aligned(v, u).reverse();
    const apart = u.e - v.e;
    if (apart <= 4 * bits + 64) return [{ lo: shifted(u.lo, apart), hi: shifted(u.hi, apart), e: v.e }, v];
    const bound = { lo: v.lo < 0n ? -1n : 0n, hi: v.hi > 0n ? 1n : 0n, e: u.e - bits };
    return [{ lo: shifted(u.lo, bits), hi: shifted(u.hi, bits), e: bound.e }, bound];
  }

  function add(u, v) {
    if (isFraction(u) && isFraction(v)) {
      return u.q === v.q ? fraction(u.p + v.p, u.q) : fraction(u.p * v.q + v.p * u.q, u.q * v.q);
    }
    if (u.p === 0n) return v;
    if (v.p === 0n) return u;
    const parts = [around(u), around(v)];
    lose(Math.abs(top(u) - top(v)) > bits && parts.every(({ lo, hi }) => lo > 0n || hi < 0n));
    return together(...parts);
  }
  function together(u, v) {
    const [a, b] = aligned(u, v);
    return interval(a.lo + b.lo, a.hi + b.hi, a.e);
  }

  const neg = (u) => (isFraction(u) ? { p: -u.p, q: u.q } : { lo: -u.hi, hi: -u.lo, e: u.e });
  const sub = (u, v) => add(u, neg(v));

  function mul(u, v) {
    if (isFraction(u) && isFraction(v)) return fraction(u.p * v.p, u.q * v.q);
    if (u.p === 0n || v.p === 0n) return ZERO;
    const [a, b] = [around(u), around(v)];
    if (a.lo === a.hi && b.lo === b.hi) return interval(a.lo * b.lo, a.lo * b.lo, a.e + b.e);
    const all = [a.lo * b.lo, a.lo * b.hi, a.hi * b.lo, a.hi * b.hi];
    const [lo, hi] = all.reduce(([low, high], x) => [x < low ? x : low, x > high ? x : high], [all[0], all[0]]);
    return interval(lo, hi, a.e + b.e);
  }

  function inverse(v) {
    if (!sign(v)) throw new Refused("outside");
    if (isFraction(v)) return fraction(v.q, v.p);
    const k = bits + GUARD + length(widest(v));
    const unit = 1n << BigInt(k);
    return interval(floorOf(unit, v.hi), ceilingOf(unit, v.lo), -k - v.e);
  }

  const div = (u, v) => (isFraction(u) && isFraction(v) ? fraction(u.p * v.q, u.q * v.p) : mul(u, inverse(v)));
  const sum = (terms) => terms.reduce(add, ZERO);
  const half = (u) => (isFraction(u) ? fraction(u.p, 2n * u.q) : { ...u, e: u.e - 1 });

  // --- comparisons ---------------------------------------------------------------------------------------------

  // 1, 0 or −1.
  function sign(u) {
    if (isFraction(u)) return u.p > 0n ? 1 : u.p < 0n ? -1 : 0;
    if (u.lo > 0n) return 1;
    if (u.hi < 0n) return -1;
    if (bits >= ZERO_BITS && top(u) < NOTHING) return 0;
    throw new Undecided();
  }
  const compare = (u, v) => sign(sub(u, v));
  // |u|, also of an interval around 0.
  const size = (u) => (isFraction(u) ? { p: magnitude(u.p), q: u.q } : u.hi + u.lo < 0n ? neg(u) : u);
  const middle = (u) => {
    const { lo, hi, e } = around(u);
    return { lo: lo + hi, hi: lo + hi, e: e - 1 };
  };
  // The number whose middle is the largest, or nearly: to choose between ways to compute the same.
  const largest = (all) =>
    all.reduce((best, u) => {
      const apart = sub(middle(u), middle(best));
      return (isFraction(apart) ? apart.p : apart.lo) > 0n ? u : best;
    });

  // A number of reasonable size.
  function checked(u) {
    if (top(u) <= LARGEST) return u;
    if (!isFraction(u) && u.lo <= 0n && u.hi >= 0n) throw new Undecided();
    throw new Refused("large");
  }

  // --- functions by their values at points n·2^e ------------------------------------------------------------------

  function hull(u, v) {
    const [a, b] = aligned(around(u), around(v));
    return interval(a.lo, b.hi, a.e);
  }

  // A function that grows everywhere.
  const rising = (f) => (u) => {
    const { lo, hi, e } = around(u);
    return lo === hi ? f(lo, e) : hull(f(lo, e), f(hi, e));
  };
  const odd = (f) => (n, e) => (n < 0n ? neg(f(-n, e)) : n ? f(n, e) : ZERO);
  const point = (n, e) => interval(n, n, e);
  // x·(1 ± 2^(−2·bits)): functions that begin with x, where x is very small.
  function nearlyItself(n, e) {
    const [whole, more] = [shifted(n, 2 * bits), magnitude(n)];
    return interval(whole - more, whole + more, e - 2 * bits);
  }
  // The bits by which a point is below 1.
  const smallness = (n, e) => Math.max(0, -length(n) - e);
  // A function of which a very small number that is not 0 leaves too little to be seen, as in cos x or (sin x)/x.
  const watchful = (f) => (u) => {
    const { lo, hi, e } = around(u);
    const least = lo > 0n ? lo : hi < 0n ? hi : 0n;
    lose(least !== 0n && 2 * smallness(least, e) > bits);
    return f(u);
  };
  // More bits for what cancels where x is small.
  const besideZero = (f) => (n, e) =>
    smallness(n, e) > 2 * bits
      ? nearlyItself(n, e)
      : within(bits + 8 + 2 * smallness(n, e), () => f(point(n, e), n, e));

  const constants = new Map();
  // A constant in units of 2^-places, to 2 units: from a series of 1/(2k + 1)/base^(2k + 1).
  function constant(name, places) {
    const own = constants.get(name) ?? constants.set(name, new Map()).get(name);
    if (!own.has(places)) {
      const unit = 1n << BigInt(places + 32);
      const series = (base, turn) => {
        let power = unit / base;
        let found = power;
        for (let k = 3n, up = turn; power; k += 2n, up *= turn) {
          power /= base * base;
          found += (up * power) / k;
        }
        return found;
      };
      const found =
        name === "pi"
          ? 16n * series(5n, -1n) - 4n * series(239n, -1n)
          : 18n * series(26n, 1n) - 2n * series(4801n, 1n) + 8n * series(8749n, 1n);
      own.set(places, found >> 32n);
    }
    return own.get(places);
  }
  const pi = () => near(constant("pi", bits + GUARD), 2n, bits + GUARD);

  // How often an argument is halved before its series.
  const halvings = (places) => Math.ceil(Math.sqrt(places) * 0.8);

  // e^(r·2^-places) for |r| below 2^places, to 2 units.
  function fixedExp(r, places) {
    const s = halvings(places);
    const own = places + s + 16;
    const x = shifted(r, own - places - s);
    let term = 1n << BigInt(own);
    let found = term;
    for (let k = 1n; term; k++) {
      term = (term * x) / (k << BigInt(own));
      found += term;
    }
    for (let i = 0; i < s; i++) found = (found * found) >> BigInt(own);
    return found >> BigInt(own - places);
  }

  // The cosine and the sine of r·2^-places for |r| below 2^places, to 2 units.
  function fixedTurn(r, places) {
    const s = halvings(places);
    const own = places + s + 16;
    const x = shifted(r, own - places - s);
    const parts = [1n << BigInt(own), 0n, 0n, 0n];
    let term = parts[0];
    for (let k = 1; term; k++) {
      term = (term * x) / (BigInt(k) << BigInt(own));
      parts[k % 4] += term;
    }
    let [c, d] = [parts[0] - parts[2], parts[1] - parts[3]];
    for (let i = 0; i < s; i++) [c, d] = [(c * c - d * d) >> BigInt(own), (c * d) >> BigInt(own - 1)];
    return [c >> BigInt(own - places), d >> BigInt(own - places)];
  }

  const FEW = 230; // places that one step from a double reaches
  const inDouble = (n, places) => Number(shifted(n, 60 - places)) / 2 ** 60;
  const fromDouble = (x, places) => shifted(BigInt(Math.round(x * 2 ** 53)), places - 53);

  // A function by its inverse: what a rough value lacks, from five times fewer places.
  function refined(step, start, n, places) {
    if (places <= FEW) return step(n, fromDouble(start(inDouble(n, places)), places), places);
    const fewer = Math.ceil(places / 5) + 16;
    return step(n, shifted(refined(step, start, shifted(n, fewer - places), fewer), places - fewer), places);
  }

  // ln f for f near 1: with z = (f − e^y)/(f + e^y), y + 2z + 2z³/3 to the order of z⁵.
  function logStep(f, y, places) {
    const power = fixedExp(y, places);
    const z = shifted(f - power, places) / (f + power);
    return y + 2n * z + (2n * shifted(z * z * z, -2 * places)) / 3n;
  }

  // atan x: with z = tan(atan x − y), y + z − z³/3 to the order of z⁵.
  function atanStep(x, y, places) {
    const [c, s] = fixedTurn(y, places);
    const z = shifted(shifted(x * c, -places) - s, places) / (c + shifted(x * s, -places));
    return y + z - shifted(z * z * z, -2 * places) / 3n;
  }

  function expAt(n, e) {
    if (!n) return ONE;
    if (length(n) + e > 40) {
      if (n > 0n) throw new Refused("large");
      lose();
      return { lo: 0n, hi: 1n, e: -(2 ** 39) };
    }
    const places = bits + GUARD;
    const x = shifted(n, e + places + 44);
    const unit = constant("ln2", places + 44);
    const k = floorOf(x, unit);
    const found = fixedExp((x - k * unit) >> 44n, places);
    return interval(found - 16n, found + 16n, Number(k) - places);
  }

  function logAt(n, e) {
    const first = length(n);
    const k = first + e - (shifted(n, 8 - first) < 181n ? 1 : 0);
    const apart = sub(point(n, e), ONE);
    if (apart.p === 0n) return ZERO;
    const places = bits + GUARD + (k ? 0 : Math.min(8 * bits, Math.max(0, -top(apart))));
    const found = refined(logStep, Math.log, shifted(n, e - k + places), places);
    return near(found + shifted(BigInt(k) * constant("ln2", places + 44), -44), 64n, places);
  }

  // Cosine and sine at a point.
  function turnAt(n, e) {
    const places = bits + GUARD + Math.min(smallness(n, e), 4 * bits);
    const own = places + Math.max(0, length(n) + e) + 8;
    const x = shifted(n, e + own);
    const quarter = constant("pi", own) >> 1n;
    const k = floorOf(2n * x + quarter, 2n * quarter);
    let [c, s] = fixedTurn(shifted(x - k * quarter, places - own), places);
    for (let i = ((k % 4n) + 4n) % 4n; i > 0n; i--) [c, s] = [-s, c];
    return [c, s].map((found) => near(found, 16n, places));
  }

  // A function with slopes between −1 and 1, by its value in the middle.
  const gentle = (f) => (u) => {
    const { lo, hi, e } = around(u);
    if (lo === hi) return f(lo, e);
    if (top({ lo: hi - lo, hi: hi - lo, e }) > 2) return interval(-1n, 1n, 0);
    return together(around(f(lo + hi, e - 1)), { lo: lo - hi, hi: hi - lo, e: e - 1 });
  };
  const cos = watchful(gentle((n, e) => (n ? turnAt(n, e)[0] : ONE)));
  const sinAt = (n, e) => (smallness(n, e) > 2 * bits ? nearlyItself(n, e) : turnAt(n, e)[1]);
  const sin = watchful(gentle((n, e) => (n ? sinAt(n, e) : ZERO)));

  const exp = watchful(rising(expAt));
  // ln u; of what is not told from zero nothing is known.
  function log(u) {
    if (sign(u) <= 0) throw new Refused("outside");
    return rising(logAt)(u);
  }

  function sqrt(u) {
    if (u.p === 0n) return ZERO;
    if (sign(u) <= 0) throw new Refused("outside");
    if (isFraction(u)) {
      const [over, under] = [rootOf(u.p), rootOf(u.q)];
      if (over * over === u.p && under * under === u.q) return fraction(over, under);
    }
    return rising((n, e) => {
      const more = Math.max(0, 2 * (bits + GUARD) - length(n));
      const k = more + ((e - more) % 2 ? 1 : 0);
      const square = shifted(n, k);
      const found = rootOf(square);
      return interval(found, found * found === square ? found : found + 1n, (e - k) / 2);
    })(u);
  }

  const atanAt = odd((n, e) => {
    if (smallness(n, e) > 2 * bits) return nearlyItself(n, e);
    if (length(n) + e > 0 && compare(point(n, e), ONE) > 0) return sub(half(pi()), atan(inverse(point(n, e))));
    const places = bits + GUARD + smallness(n, e);
    return near(refined(atanStep, Math.atan, shifted(n, e + places), places), 64n, places);
  });
  const atan = watchful(rising(atanAt));

  // Refuse a number beyond an end of the domain; one that may be there asks for more bits.
  function upTo(apart, isOpen = false) {
    const side = sign(apart);
    if (side < 0 || (isOpen && side === 0)) throw new Refused("outside");
  }

  const asinAt = odd((n, e) =>
    within(2 * bits + 64, () => {
      const x = point(n, e);
      const rest = sub(ONE, mul(x, x));
      return sign(rest) === 0 ? half(pi()) : atan(div(x, sqrt(rest)));
    }),
  );
  function asin(u) {
    upTo(sub(ONE, u));
    upTo(add(ONE, u));
    return watchful(rising(asinAt))(u);
  }

  const sinh = watchful(rising(odd(besideZero((x) => half(sub(exp(x), exp(neg(x))))))));
  const coshAt = (n, e) => half(add(expAt(n, e), expAt(-n, e)));
  const cosh = watchful((u) => {
    const { lo, hi, e } = around(u);
    const most = widest({ lo, hi });
    const least = lo > 0n ? lo : hi < 0n ? -hi : 0n;
    return least === most ? coshAt(most, e) : hull(coshAt(least, e), coshAt(most, e));
  });
  const tanhAt = odd(
    besideZero((x, n, e) => {
      const power = expAt(-n, e + 1);
      return div(sub(ONE, power), add(ONE, power));
    }),
  );
  const tanh = watchful(rising(tanhAt));
  const asinh = watchful(rising(odd(besideZero((x) => log(add(x, sqrt(add(mul(x, x), ONE))))))));
  const atanhAt = odd(besideZero((x) => half(log(div(add(ONE, x), sub(ONE, x))))));
  function atanh(u) {
    upTo(sub(ONE, u), true);
    upTo(add(ONE, u), true);
    return watchful(rising(atanhAt))(u);
  }
  function acosh(u) {
    upTo(sub(u, ONE));
    return rising((n, e) =>
      within(2 * bits + 64, () => {
        const x = point(n, e);
        const rest = sub(mul(x, x), ONE);
        return sign(rest) === 0 ? ZERO : log(add(x, sqrt(rest)));
      }),
    )(u);
  }

  const sigmoidAt = (n, e) => {
    const power = expAt(-magnitude(n), e);
    return div(n < 0n ? power : ONE, add(ONE, power));
  };
  const sigmoid = watchful(rising(sigmoidAt));
  // ln(1 + u) for u ≥ 0.
  function logNext(u) {
    const small = -top(u);
    lose(small > bits);
    if (small > 2 * bits) return mul(u, interval((1n << BigInt(2 * bits)) - 1n, 1n << BigInt(2 * bits), -2 * bits));
    return within(bits + Math.max(0, small) + 8, () => log(add(ONE, u)));
  }
  const softplusAt = (n, e) => {
    const rest = logNext(expAt(-magnitude(n), e));
    return n > 0n ? add(point(n, e), rest) : rest;
  };
  const softplus = watchful(rising(softplusAt));

  // erf x = 2/√π·e^(−x²)·(x + 2x³/3 + 4x⁵/15 + …); 1 − erf x is below e^(−x²).
  const erfAt = odd((n, e) => {
    const small = smallness(n, e);
    const factor = () => div(whole(2), sqrt(pi()));
    if (small > 2 * bits) return mul(factor(), nearlyItself(n, e));
    const size = length(n) + e > 20 ? Infinity : Number(shifted(n, e + 40)) / 2 ** 40;
    const far = Math.floor(Math.min(size * size * 1.44, 2 ** 20));
    lose(far > bits);
    if (far > bits + GUARD) return interval((1n << BigInt(far)) - 1n, 1n << BigInt(far), -far);
    const places = bits + 64 + small;
    const x = shifted(n, e + places);
    const square = (2n * x * x) >> BigInt(places);
    let term = x;
    let total = x;
    for (let k = 3n; term; k += 2n) {
      term = (term * square) / (k << BigInt(places));
      total += term;
    }
    const series = near(total, (total >> BigInt(bits + 20)) + (1n << 32n), places);
    const squared = within(2 * bits + 64, () => mul(point(n, e), point(n, e)));
    return mul(mul(factor(), rising(expAt)(neg(squared))), series);
  });
  const erf = watchful(rising(erfAt));

  // --- powers --------------------------------------------------------------------------------------------------

  function wholePower(u, n) {
    if (n < 0n) return inverse(wholePower(u, -n));
    if (isFraction(u) && Number(n) * Math.max(length(u.p), length(u.q)) <= 2 * TALLEST) return fraction(u.p ** n, u.q ** n);
    if (u.p === 0n) return ZERO;
    if (n > 1000n) {
      const size = exp(mul(exact(n), log(sign(u) < 0 ? neg(u) : u)));
      return sign(u) < 0 && n % 2n ? neg(size) : size;
    }
    const { lo, hi, e } = around(u);
    if (n % 2n) return rising((p, unit) => multiplied(point(p, unit), n))(u);
    const most = multiplied(point(widest({ lo, hi }), e), n);
    if (lo <= 0n && hi >= 0n) return hull(neg(most), most);
    return hull(multiplied(point(lo > 0n ? lo : -hi, e), n), most);
  }

  function multiplied(u, n) {
    let found = ONE;
    for (let square = u; n; square = mul(square, square), n >>= 1n) {
      if (n & 1n) found = mul(found, square);
      if (n === 1n) break;
    }
    return found;
  }

  // u^v; below zero only where v is a whole number.
  function power(u, v) {
    if (v.q === 1n) return wholePower(u, v.p);
    if (v.q === 2n && u.p !== 0n) return wholePower(sqrt(u), v.p);
    const side = sign(u);
    if (side > 0) return exp(mul(v, log(u)));
    if (side === 0 && sign(v) > 0) return ZERO;
    throw new Refused("outside");
  }

  // --- decimals ------------------------------------------------------------------------------------------------

  // A decimal number or a fraction of two, as typed with a point; null where it is none.
  function parsed(text) {
    const parts = text.replace(/−/g, "-").split("/").map(decimal);
    if (parts.length > 2 || parts.includes(null)) return null;
    const [over, under = ONE] = parts;
    return under.p ? exact(over.p * under.q, over.q * under.p) : null;
  }

  // Powers of ten beyond ±9999 are those: such numbers are refused anyway.
  function decimal(text) {
    const match = /^\s*([-+]?)(?=\.?\d)(\d*)\.?(\d*)(?:e([-+]?\d+))?\s*$/i.exec(text);
    if (!match) return null;
    const power = Math.max(-9999, Math.min(9999, Number(match[4] ?? 0))) - match[3].length;
    const digits = BigInt(match[2] + match[3]);
    return exact(
      (match[1] === "-" ? -digits : digits) * 10n ** BigInt(Math.max(0, power)),
      10n ** BigInt(Math.max(0, -power)),
    );
  }

  // The power of ten of the first digit of p/q.
  function powerOfTen(p, q) {
    let found = String(p).length - String(q).length;
    if (found >= 0 ? p < q * 10n ** BigInt(found) : p * 10n ** BigInt(-found) < q) found -= 1;
    return found;
  }

  // p/q·10^power as a whole number, half to even.
  function tenfold(p, q, power) {
    const over = power > 0 ? p * 10n ** BigInt(power) : p;
    const under = power < 0 ? q * 10n ** BigInt(-power) : q;
    const whole = over / under;
    const rest = 2n * (over - whole * under);
    return whole + (rest > under || (rest === under && whole % 2n === 1n) ? 1n : 0n);
  }

  const KNOWN_DIGITS = 34; // so many digits must be known to be the decimal of fewer than 30 that they begin with
  const EXACT_DIGITS = 30;
  const SMALLEST = 10n ** 1000n;
  const NARROW = 10n ** 900n; // an interval narrower than a part in 10^900 around a short decimal is that decimal

  // A number as it is printed: its digits with a point, its power of ten, and whether it is exact. So many
  // decimals, or significant digits where it is below 1; half to even.
  function rounded(u, digits, isLossy = false) {
    const isNegative = isFraction(u) ? u.p < 0n : u.lo < 0n && u.hi <= 0n;
    const positive = isNegative ? neg(u) : u;
    if (isFraction(u) && u.p && positive.p * SMALLEST < u.q) throw new Refused("small");
    const found = isFraction(u) ? shown(positive.p, u.q, digits, true) : enclosed(positive, digits, isLossy);
    return { ...found, negative: isNegative };
  }

  const NOUGHT = { text: "0", power: 0, isExact: true };

  function enclosed({ lo, hi, e }, digits, isLossy) {
    const size = length(hi) + e;
    if (lo <= 0n) {
      if (Math.max(size, length(lo) + e) >= -2992) throw new Undecided();
      if (isLossy) throw new Refused("small");
      return NOUGHT;
    }
    if (size < -4000 || (size < -3300 && shifted(hi, e + 4096) * SMALLEST < 1n << 4096n)) throw new Refused("small");
    if (size > LARGEST + 8) throw new Refused("large");
    const unit = 1n << BigInt(Math.max(0, -e));
    const [low, high] = [lo, hi].map((end) => shifted(end, Math.max(0, e)));
    if (low === high) return shown(low, unit, digits, true);
    if ((high - low) * 10n ** BigInt(KNOWN_DIGITS) > low) throw new Undecided();
    const short = shortDecimal(low, high, unit);
    if (short) {
      if ((high - low) * NARROW * short.q > short.p * unit) throw new Undecided();
      return shown(short.p, short.q, digits, !isLossy);
    }
    const [one, other] = [low, high].map((end) => shown(end, unit, digits, false));
    if (one.text !== other.text || one.power !== other.power) throw new Undecided();
    return one;
  }

  // The decimal of few digits between two ends, if there is one.
  function shortDecimal(low, high, unit) {
    const power = KNOWN_DIGITS - 1 - powerOfTen(low + high, 2n * unit);
    const found = tenfold(low + high, 2n * unit, power);
    if (String(found).replace(/0+$/, "").length >= EXACT_DIGITS) return null;
    const ten = 10n ** BigInt(Math.abs(power));
    const [p, q] = power > 0 ? [found, ten] : [found * ten, 1n];
    return low * q <= p * unit && p * unit <= high * q ? { p, q } : null;
  }

  // p/q as printed.
  function shown(p, q, digits, isKnown) {
    if (!p) return NOUGHT;
    const exponent = powerOfTen(p, q);
    const isScientific = exponent < -5 || exponent > 9;
    let decimals = isScientific || exponent < 0 ? digits - 1 - exponent : digits;
    let found = tenfold(p, q, decimals);
    const adjusted = () => String(found).length - 1 - decimals;
    if (adjusted() > exponent && (isScientific || exponent < -1)) {
      decimals -= 1;
      found = tenfold(p, q, decimals);
    }
    const power = isScientific ? adjusted() : 0;
    const ten = 10n ** BigInt(Math.abs(decimals));
    const isExact = isKnown && (decimals > 0 ? found * q === p * ten : found * ten * q === p);
    let text = pointed(found, decimals + power);
    if (isExact && text.includes(".") && !isScientific) text = text.replace(/\.?0+$/, "");
    return { text, power, isExact: isExact };
  }

  function pointed(found, decimals) {
    if (decimals <= 0) return String(found * 10n ** BigInt(-decimals));
    const digits = String(found).padStart(decimals + 1, "0");
    return `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
  }

  // --- Γ and its relatives ---------------------------------------------------------------------------------------

  // B₂, B₄, … as fractions, by the tangent numbers: T_k = (−1)^(k−1)·4^k(4^k − 1)·B_2k/(2k).
  let tangents = [0n, 1n];
  function bernoulli(k) {
    if (k >= tangents.length) tangents = tangentNumbers(2 * k + 16);
    const four = 1n << BigInt(2 * k);
    return exact((k % 2 ? 1n : -1n) * 2n * BigInt(k) * tangents[k], four * (four - 1n));
  }
  function tangentNumbers(most) {
    const found = [0n, 1n];
    for (let k = 2; k <= most; k++) found[k] = BigInt(k - 1) * found[k - 1];
    for (let k = 2; k <= most; k++) {
      for (let j = k; j <= most; j++) found[j] = BigInt(j - k) * found[j - 1] + BigInt(j - k + 2) * found[j];
    }
    return found;
  }

  // An asymptotic series whose error is smaller than the first term that is left out, and has its sign.
  function enveloped(term) {
    let found = ZERO;
    for (let k = 1; ; k++) {
      const next = term(k);
      if (top(next) < -bits - GUARD || k > bits) return add(found, hull(neg(size(next)), size(next)));
      found = add(found, next);
    }
  }

  const MOST_STEPS = 20_000;
  // So many steps up from u the series are good to all bits.
  function stepsUp(u) {
    const lowest = isFraction(u) ? floorOf(u.p, u.q) : shifted(u.lo, u.e);
    const wanted = BigInt(bits >> 1) + 8n - lowest;
    if (wanted > MOST_STEPS) throw new Refused("large");
    return wanted > 0n ? Number(wanted) : 0;
  }
  const up = (u, k) => add(u, whole(k));
  const steps = (u) => Array.from({ length: stepsUp(u) }, (_, k) => up(u, k));

  // ln Γ(u) by Stirling's series, for a large u.
  function logGammaFar(u) {
    const square = mul(u, u);
    let power = inverse(u);
    const rest = enveloped((k) => {
      const found = mul(div(bernoulli(k), whole(2 * k * (2 * k - 1))), power);
      power = div(power, square);
      return found;
    });
    const start = sub(mul(sub(u, half(ONE)), log(u)), u);
    return sum([start, half(log(mul(whole(2), pi()))), rest]);
  }

  const isWhole = (u) => isFraction(u) && u.q === 1n && u.p > 0n && u.p <= 300n;
  const factorial = (n) => Array.from({ length: n }, (_, k) => BigInt(k + 1)).reduce((u, v) => u * v, 1n);
  const inMoreBits = (compute) => within(bits + 2 * GUARD, compute);
  const product = (terms) => terms.reduce(mul, ONE);

  function gamma(u) {
    if (isWhole(u)) return fraction(factorial(Number(u.p) - 1), 1n);
    return inMoreBits(() => div(exp(logGammaFar(around(up(u, stepsUp(u))))), product(steps(u))));
  }
  function logGamma(u) {
    if (sign(u) <= 0) throw new Refused("outside");
    if (isWhole(u)) return log(exact(factorial(Number(u.p) - 1)));
    return inMoreBits(() => sub(logGammaFar(around(up(u, stepsUp(u)))), log(product(steps(u)))));
  }

  // ψ of an order: the derivative of ln Γ of the next order.
  function polygamma(order, u) {
    const n = Number(order.p);
    const found = inMoreBits(() => {
      const steady = sum(steps(u).map((v) => inverse(product(Array(n + 1).fill(v)))));
      return add(polygammaFar(n, around(up(u, stepsUp(u)))), mul(exact(factorial(n)), steady));
    });
    return n % 2 ? found : neg(found);
  }
  // (−1)^(n+1)·ψ of order n by its series, for a large u.
  function polygammaFar(n, u) {
    const down = inverse(u);
    const square = mul(down, down);
    const start = product(Array(n).fill(down));
    let power = mul(start, square);
    let ratio = exact(factorial(n + 1), 2n); // (2k + n − 1)!/(2k)!
    const rest = enveloped((k) => {
      const found = mul(mul(bernoulli(k), ratio), power);
      power = mul(power, square);
      ratio = mul(ratio, exact(BigInt(2 * k + n) * BigInt(2 * k + n + 1), BigInt(2 * k + 1) * BigInt(2 * k + 2)));
      return found;
    });
    const first = n ? mul(exact(factorial(n - 1)), start) : neg(log(u));
    return sum([first, half(mul(exact(factorial(n)), mul(start, down))), rest]);
  }

  return {
    ...{ Refused, Undecided, within, watched, lose, exact, whole, ZERO, ONE, parsed, rounded, checked },
    ...{ add, sub, neg, mul, div, sum, power, sign, compare, size, largest, pi, exp, log, sqrt },
    ...{ sin, cos, tan: (u) => div(sin(u), cos(u)), asin, acos: (u) => sub(half(pi()), asin(u)), atan },
    ...{ sinh, cosh, tanh, asinh, acosh, atanh, sigmoid, softplus, erf, gamma, logGamma, polygamma },
  };
})();
