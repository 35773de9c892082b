"""Cells of many kinds, each as an exercise and as a loop in plain Python."""

from __future__ import annotations

from typing import Any

from time_helpers import Case


def sigmoid(lib: Any, u: Any) -> Any:
    return 1 / (1 + lib.exp(-u))


def softmax(lib: Any, u: Any) -> Any:
    powers = lib.exp(u)
    return powers / powers.sum()


def outer(u: Any, v: Any) -> Any:
    return u[:, None] * v[None, :]


def toml(inputs: str, sequences: str, cell: str, after: str, top: str = "") -> str:
    """An exercise file from lines name = value; equations are quoted here."""

    def table(name: str, lines: str, quoted: bool) -> str:
        found = [f"[{name}]"]
        for line in lines.strip().splitlines():
            left, right = (part.strip() for part in line.split(" = ", 1))
            found.append(f'"{left}" = "{right}"' if quoted else f"{left} = {right}")
        return "\n".join(found)

    parts = [table("inputs", inputs, False), table("sequences", sequences, False)]
    parts += [table("recurrence", cell, True), table("definitions", after, True)]
    return "\n".join(['mode = "bptt"\nsteps = "T"', top, *parts]) + "\n"


def elman(lib: Any, p: Any, steps: int, keep: Any) -> Any:
    h = 0 * p["U"]
    for t in range(steps):
        h = keep("h", t, lib.tanh(p["U"] * p["x"][t] + p["W"] * h))
    return h**2


def rnn(lib: Any, p: Any, steps: int, keep: Any) -> Any:
    h, loss = 0 * p["b"], 0
    for t in range(steps):
        h = keep("h", t, lib.tanh(p["U"] @ p["x"][t] + p["W"] @ h + p["b"]))
        y = keep("y", t, softmax(lib, p["V"] @ h))
        loss = loss + p["alpha"][t] * (y**2).sum()
    return loss


def classes(lib: Any, p: Any, steps: int, keep: Any) -> Any:
    h, loss = 0 * p["b"], 0
    for t in range(steps):
        a = keep("a", t, p["W"] @ h + p["U"] @ p["x"][t] + p["b"])
        h = keep("h", t, lib.tanh(a))
        mu = keep("mu", t, p["V"] @ h + p["c"])
        q = keep("yhat", t, softmax(lib, mu))
        loss = loss + keep("l", t, -(p["y"][t] * lib.log(q)).sum())
    return loss / steps


def lstm(lib: Any, p: Any, steps: int, keep: Any) -> Any:
    c = h = 0 * p["b_f"]
    for t in range(steps):
        x = p["x"][t]
        i = keep("i", t, sigmoid(lib, p["U_i"] @ x + p["W_i"] @ h))
        f = keep("f", t, sigmoid(lib, p["U_f"] @ x + p["W_f"] @ h + p["b_f"]))
        o = keep("o", t, sigmoid(lib, p["U_o"] @ x + p["W_o"] @ h))
        g = keep("g", t, lib.tanh(p["U_g"] @ x + p["W_g"] @ h))
        c = keep("c", t, f * c + i * g)
        h = keep("h", t, o * lib.tanh(c))
    return (p["v"] * h).sum()


def gru(lib: Any, p: Any, steps: int, keep: Any) -> Any:
    h, loss = 0 * p["W"][0], 0
    for t in range(steps):
        x = p["x"][t]
        z = keep("z", t, sigmoid(lib, p["U_z"] @ x + p["W_z"] @ h))
        r = keep("r", t, sigmoid(lib, p["U_r"] @ x + p["W_r"] @ h))
        n = keep("htilde", t, lib.tanh(p["U"] @ x + p["W"] @ (r * h)))
        h = keep("h", t, (1 - z) * h + z * n)
        loss = loss + (h**2).sum() / 2
    return loss


def leaky(lib: Any, p: Any, steps: int, keep: Any) -> Any:
    h, loss = 0 * p["W"][0], 0
    for t in range(steps):
        h = keep("h", t, (1 - p["r"]) * h + p["r"] * lib.tanh(p["W"] @ h + p["U"] @ p["x"][t]))
        loss = loss + ((h - p["y"][t]) ** 2).sum()
    return loss / 2


def pair(lib: Any, p: Any, steps: int, keep: Any) -> Any:
    s, q = 0 * p["A"][0], 0 * p["C"][:, 0]
    for t in range(steps):
        s = keep("s", t, lib.tanh(p["A"] @ s + p["B"] @ q + p["x"][t]))
        q = keep("q", t, sigmoid(lib, p["C"] @ s) * q + p["g"])
    return (p["v"] * s).sum() + (q**2).sum()


def lagged(lib: Any, p: Any, steps: int, keep: Any) -> Any:
    before, h, loss = 0 * p["W"][0], p["start"], 0
    for t in range(1, steps + 1):
        before, h = h, keep("h", t, lib.tanh(p["W"] @ h + p["Q"] @ before + p["x"][t - 1]))
        loss = loss + p["alpha"][t - 1] * (p["v"] * h).sum()
    return loss


def memory(lib: Any, p: Any, steps: int, keep: Any) -> Any:
    m, loss = 0 * outer(p["k"][0], p["v"][0]), 0
    for t in range(steps):
        m = keep("M", t, lib.tanh(p["D"] @ m + outer(p["k"][t], p["v"][t])))
        loss = loss + (m @ p["u"][t]).sum()
    return loss


def twice(lib: Any, p: Any, steps: int, keep: Any) -> Any:
    h, loss = 0 * p["W"][0], 0
    for t in range(steps):
        a = keep("a", t, lib.tanh(p["W"] @ p["x"][t]))
        h = keep("h", t, lib.sin(p["W"] @ h + a))
        loss = loss + (p["v"] * h).sum()
    return loss


def started(lib: Any, p: Any, steps: int, keep: Any) -> Any:
    h, loss = lib.tanh(p["W"] @ p["u"]), 0
    for t in range(steps):
        h = keep("h", t, lib.tanh(p["W"] @ h + p["x"][t]))
        loss = loss + (h**2).sum()
    return loss / steps


def mixed(lib: Any, p: Any, steps: int, keep: Any) -> Any:
    h, values = 0 * p["W"][0], []
    for t in range(steps):
        h = keep("h", t, lib.tanh(p["W"] @ h + p["U"] @ p["x"][t]))
        values.append(h)
    whole = sum((value**2).sum() for value in values)
    return whole * (p["v"] * values[0]).sum() * values[-1].sum()


def held_back(lib: Any, p: Any, steps: int, keep: Any) -> Any:
    h, loss = 0 * p["W"][0], 0
    for t in range(steps):
        h = keep("h", t, lib.tanh(p["W"] @ h + p["U"] @ p["x"][t]))
        loss = loss + (p["v"] * h).sum() / steps
    return loss + p["lam"] / 2 * (p["W"] ** 2).sum()


def linear(lib: Any, p: Any, steps: int, keep: Any) -> Any:
    s, loss = p["s_init"], 0
    for t in range(steps):
        s = keep("s", t, p["a"] * s + p["b"] * p["u"][t])
        loss = loss + (s - p["y"][t]) ** 2
    return loss / 2


N, ND, NN = (2,), (2, 3), (2, 2)
CELL = "h[-1] = zeros(n)\nh[t] = tanh(W @ h[t-1] + U @ x[t])"
CASES = (
    Case(
        "elman",
        "h[-1] = 0\nh[t] = tanh(U*x[t] + W*h[t-1])\nL = h[T-1]**2",
        elman,
        {"U": (), "W": ()},
        {"x": ()},
    ),
    Case(
        "rnn",
        toml(
            'U = ["n", "d"]\nW = ["n", "n"]\nV = ["m", "n"]\nb = ["n"]',
            'x = ["d"]\nalpha = []',
            "h[-1] = zeros(n)\nh[t] = tanh(U @ x[t] + W @ h[t-1] + b)\ny[t] = softmax(V @ h[t])",
            "L = sum(alpha[t]*sqnorm(y[t]))",
        ),
        rnn,
        {"U": (3, 2), "W": (3, 3), "V": (4, 3), "b": (3,)},
        {"x": (2,), "alpha": ()},
    ),
    Case(
        "classes",
        toml(
            'U = ["n", "d"]\nW = ["n", "n"]\nV = ["m", "n"]\nb = ["n"]\nc = ["m"]',
            'x = ["d"]\ny = ["m"]',
            "h[-1] = zeros(n)\na[t] = W @ h[t-1] + U @ x[t] + b\nh[t] = tanh(a[t])\nmu[t] = V @ h[t] + c\n"
            "yhat[t] = softmax(mu[t])\nl[t] = -dot(y[t], log(yhat[t]))",
            "L = mean(l)",
        ).replace("[recurrence]", '[assume]\ny = "simplex"\n[recurrence]'),
        classes,
        {"U": ND, "W": NN, "V": (3, 2), "b": N, "c": (3,)},
        {"x": (3,), "y": (3,)},
        simplex=("y",),
    ),
    Case(
        "lstm",
        toml(
            "\n".join(f'U_{k} = ["n", "d"]\nW_{k} = ["n", "n"]' for k in "ifog") + '\nb_f = ["n"]\nv = ["n"]',
            'x = ["d"]',
            "c[-1] = zeros(n)\nh[-1] = zeros(n)\ni[t] = sigmoid(U_i @ x[t] + W_i @ h[t-1])\n"
            "f[t] = sigmoid(U_f @ x[t] + W_f @ h[t-1] + b_f)\no[t] = sigmoid(U_o @ x[t] + W_o @ h[t-1])\n"
            "g[t] = tanh(U_g @ x[t] + W_g @ h[t-1])\nc[t] = f[t]*c[t-1] + i[t]*g[t]\nh[t] = o[t]*tanh(c[t])",
            "L = dot(v, h[T-1])",
        ),
        lstm,
        {**{f"U_{k}": ND for k in "ifog"}, **{f"W_{k}": NN for k in "ifog"}, "b_f": N, "v": N},
        {"x": (3,)},
    ),
    Case(
        "gru",
        toml(
            'U_z = ["n", "d"]\nW_z = ["n", "n"]\nU_r = ["n", "d"]\nW_r = ["n", "n"]\nU = ["n", "d"]\n'
            'W = ["n", "n"]',
            'x = ["d"]',
            "h[-1] = zeros(n)\nz[t] = sigmoid(U_z @ x[t] + W_z @ h[t-1])\n"
            "r[t] = sigmoid(U_r @ x[t] + W_r @ h[t-1])\nhtilde[t] = tanh(U @ x[t] + W @ (r[t]*h[t-1]))\n"
            "h[t] = (1 - z[t])*h[t-1] + z[t]*htilde[t]",
            "L = sum(sqnorm(h[t]))/2",
        ),
        gru,
        {"U_z": ND, "W_z": NN, "U_r": ND, "W_r": NN, "U": ND, "W": NN},
        {"x": (3,)},
    ),
    Case(
        "leaky",
        toml(
            'U = ["n", "d"]\nW = ["n", "n"]\nr = []',
            'x = ["d"]\ny = ["n"]',
            "h[-1] = zeros(n)\nh[t] = (1 - r)*h[t-1] + r*tanh(W @ h[t-1] + U @ x[t])",
            "L = sum(sqnorm(h[t] - y[t]))/2",
        ),
        leaky,
        {"U": ND, "W": NN, "r": ()},
        {"x": (3,), "y": N},
    ),
    Case(
        "pair",
        toml(
            'A = ["n", "n"]\nB = ["n", "m"]\nC = ["m", "n"]\ng = ["m"]\nv = ["n"]',
            'x = ["n"]',
            "s[-1] = zeros(n)\nq[-1] = zeros(m)\ns[t] = tanh(A @ s[t-1] + B @ q[t-1] + x[t])\n"
            "q[t] = sigmoid(C @ s[t])*q[t-1] + g",
            "L = dot(v, s[T-1]) + sqnorm(q[T-1])",
        ),
        pair,
        {"A": NN, "B": ND, "C": (3, 2), "g": (3,), "v": N},
        {"x": N},
    ),
    Case(
        "lagged",
        toml(
            'W = ["n", "n"]\nQ = ["n", "n"]\nstart = ["n"]\nv = ["n"]',
            'x = ["n"]\nalpha = []',
            "h[-1] = zeros(n)\nh[0] = start\nh[t] = tanh(W @ h[t-1] + Q @ h[t-2] + x[t])",
            "L = sum(alpha[t]*dot(v, h[t]))",
        ),
        lagged,
        {"W": NN, "Q": NN, "start": N, "v": N},
        {"x": N, "alpha": ()},
        first=1,
        least=2,
    ),
    Case(
        "memory",
        toml(
            'D = ["n", "n"]',
            'k = ["n"]\nv = ["d"]\nu = ["d"]',
            "M[-1] = zeros(n, d)\nM[t] = tanh(D @ M[t-1] + outer(k[t], v[t]))\ny[t] = M[t] @ u[t]\n"
            "l[t] = sum(y[t])",
            "L = sum(l)",
        ),
        memory,
        {"D": NN},
        {"k": N, "v": (3,), "u": (3,)},
    ),
    Case(
        "twice",
        toml(
            'W = ["n", "n"]\nv = ["n"]',
            'x = ["n"]',
            "h[-1] = zeros(n)\na[t] = tanh(W @ x[t])\nh[t] = sin(W @ h[t-1] + a[t])",
            "L = sum(dot(v, h[t]))",
        ),
        twice,
        {"W": NN, "v": N},
        {"x": N},
    ),
    Case(
        "started",
        toml(
            'W = ["n", "n"]\nu = ["n"]',
            'x = ["n"]',
            "h[-1] = tanh(W @ u)\nh[t] = tanh(W @ h[t-1] + x[t])",
            "L = mean(sqnorm(h[t]))",
        ),
        started,
        {"W": NN, "u": N},
        {"x": N},
    ),
    Case(
        "mixed",
        toml(
            'W = ["n", "n"]\nU = ["n", "d"]\nv = ["n"]',
            'x = ["d"]',
            CELL,
            "E = sum(sqnorm(h[t]))\nL = E*dot(v, h[0])*sum(h[T-1])",
        ),
        mixed,
        {"W": NN, "U": ND, "v": N},
        {"x": (3,)},
    ),
    Case(
        "held_back",
        toml(
            'W = ["n", "n"]\nU = ["n", "d"]\nv = ["n"]\nlam = []',
            'x = ["d"]',
            CELL,
            "L = mean(dot(v, h[t])) + lam/2*sqnorm(W)",
        ),
        held_back,
        {"W": NN, "U": ND, "v": N, "lam": ()},
        {"x": (3,)},
    ),
    Case(
        "linear",
        "s[-1] = s_init\ns[t] = a*s[t-1] + b*u[t]\nL = sum((s[t] - y[t])**2)/2",
        linear,
        {"a": (), "b": (), "s_init": ()},
        {"u": (), "y": ()},
    ),
)
