"""How NumPy, PyTorch, JAX, SymPy, MATLAB and Julia call what our language has: one table of rewritings.

A row is `name(arguments) = formula of ours`, and holds only where both have the same value for arguments of
every shape. A name with a system in front, `numpy.inner`, is meant where it is written `np.inner(…)`, and
`method` stands for `x.name(…)`. Nothing is known of trees.
"""

from __future__ import annotations

MODULES = {
    **dict.fromkeys(("np", "numpy", "jnp", "anp", "onp", "cp", "cupy", "math", "cmath", "Math"), "numpy"),
    **dict.fromkeys(("torch", "F", "nn", "jax", "tf", "tensorflow", "keras"), "torch"),
    **dict.fromkeys(("sp", "sympy", "scipy", "special", "linalg", "sc"), "scipy"),
}
"""Names of modules, each with the system whose conventions it has."""

INNER_MODULES = {"linalg", "nn", "functional", "special", "numpy", "math", "activations"}
"""Modules inside of them: np.linalg.norm, torch.nn.functional.relu, jax.numpy.exp."""

_WRITTEN = """
fmax(x, y) = max(x, y)
fmin(x, y) = min(x, y)
amax(x) = max(x)
amax(x, axis) = max(x, axis=axis)
amax(x, axis, keepdims) = max(x, axis=axis, keepdims=keepdims)
amin(x) = min(x)
amin(x, axis) = min(x, axis=axis)
amin(x, axis, keepdims) = min(x, axis=axis, keepdims=keepdims)
add(x, y) = x + y
subtract(x, y) = x - y
sub(x, y) = x - y
multiply(x, y) = x*y
mul(x, y) = x*y
hadamard(x, y) = x*y
divide(x, y) = x/y
true_divide(x, y) = x/y
div(x, y) = x/y
negative(x) = -x
neg(x) = -x
abs2(x) = x**2
power(x, y) = x**y
pow(x, y) = x**y
float_power(x, y) = x**y
absolute(x) = abs(x)
fabs(x) = abs(x)
sgn(x) = sign(x)
signum(x) = sign(x)
xlogy(x, y) = x*log(y)
arcsinh(x) = asinh(x)
arccosh(x) = acosh(x)
arctanh(x) = atanh(x)
arctan2(y, x) = atan2(y, x)
expit(x) = sigmoid(x)
logistic(x) = sigmoid(x)
gammaln(x) = lgamma(x)
loggamma(x) = lgamma(x)
matmul(x, y) = x @ y
mm(x, y) = x @ y
mv(x, y) = x @ y
vdot(x, y) = dot(x, y)
numpy.inner(x, y) = x @ transpose(y)
torch.inner(x, y) = x @ transpose(y)
method.inner(x, y) = x @ transpose(y)
inverse(x) = inv(x)
solve(x, y) = inv(x) @ y
tr(x) = trace(x)
method.t(x) = transpose(x)
diagonal(x) = diag(x)
identity(n) = eye(n)
reduce_sum(x) = sum(x)
reduce_sum(x, axis) = sum(x, axis=axis)
reduce_sum(x, axis, keepdims) = sum(x, axis=axis, keepdims=keepdims)
reduce_mean(x) = mean(x)
reduce_mean(x, axis) = mean(x, axis=axis)
reduce_mean(x, axis, keepdims) = mean(x, axis=axis, keepdims=keepdims)
reduce_max(x) = max(x)
reduce_max(x, axis) = max(x, axis=axis)
reduce_logsumexp(x) = logsumexp(x)
reduce_logsumexp(x, axis) = logsumexp(x, axis=axis)
clamp(x, min) = max(x, min)
clamp(x, max) = min(x, max)
clamp(x, min, max) = min(max(x, min), max)
clip(x, a_min, a_max) = min(max(x, a_min), a_max)
torch.linear(x, A) = x @ transpose(A)
torch.linear(x, A, b) = x @ transpose(A) + b
clip(x, min, max) = min(max(x, min), max)
mse(x, y) = mean((x - y)**2)
mse_loss(x, y) = mean((x - y)**2)
mseloss(x, y) = mean((x - y)**2)
l1_loss(x, y) = mean(abs(x - y))
huber_loss(x, y) = mean(huber(x - y))
huber_loss(x, y, delta) = mean(huber(x - y, delta))
smooth_l1_loss(x, y) = mean(huber(x - y))
matrix_power(x, n) = x ^ n
rational(x, y) = x/y
tg(x) = tan(x)
ctg(x) = cos(x)/sin(x)
cotg(x) = cos(x)/sin(x)
cosec(x) = 1/sin(x)
sen(x) = sin(x)
arctg(x) = atan(x)
arcsen(x) = asin(x)
sh(x) = sinh(x)
ch(x) = cosh(x)
th(x) = tanh(x)
argsh(x) = asinh(x)
argch(x) = acosh(x)
argth(x) = atanh(x)
scipy.psi(x) = digamma(x)
"""

LOCAL = {"ctg", "cotg", "cosec", "tg", "sen", "arctg", "arcsen", "sh", "ch", "th", "argsh", "argch", "argth"}
"""Names that not every reader knows: what they were read as is said."""

ALONG_AXIS = {"sum", "mean", "prod", "max", "min", "argmax", "argmin", "cumsum"} | {
    *("softmax", "log_softmax", "logsumexp", "norm", "var", "std", "amax", "amin"),
    *("reduce_sum", "reduce_mean", "reduce_max", "reduce_logsumexp"),
}
"""Functions whose second argument is an axis where a module or a dot stands in front."""

SAME = {"float", "double", "item", "numpy", "cpu", "clone", "copy", "contiguous"}
"""Methods that change no number."""

OTHERWISE = {
    "Linear": "a layer has weights of its own, write W @ x + b",
    "torch.cross_entropy": "PyTorch's takes scores, write -log_softmax(z)[y], or -sum(y*log_softmax(z))",
    "binary_cross_entropy": "write -mean(y*log(p) + (1 - y)*log(1 - p))",
    "binary_cross_entropy_with_logits": "write mean(softplus(z) - y*z)",
    "bceloss": "write -mean(y*log(p) + (1 - y)*log(1 - p))",
    "nll_loss": "write -log_softmax(z)[y] for a class y, -mean(log_softmax(Z)[range(n), y]) for rows",
    "kl_div": "write sum(p*log(p/q))",
    "einsum": "write the product with @, sum and .T",
    "tensordot": "write A @ B, or sum(A*B)",
    "bmm": "three axes are not read; write A @ B of two matrices",
    "argmax": "a place jumps and has no derivative; write max(z), or z[y] with an index y",
    "argmin": "a place jumps and has no derivative; write min(z), or z[y] with an index y",
    "sort": "write max(x), min(x), or x[y] with an index y",
    "argsort": "write max(x), min(x), or x[y] with an index y",
    "median": "write mean(x), max(x) or min(x)",
    "cumprod": "for positive entries write exp(cumsum(log(x)))",
    "expm": "its derivative has no closed form; write the terms needed, as eye(n) + A + A @ A/2",
    "kron": "its derivative has no form that people write; of vectors write outer(x, y)",
    "gather": "write Z[range(n), y] for the entry y_i of each row i, C[ix] for rows",
    "take_along_axis": "write Z[range(n), y] for the entry y_i of each row i",
    "take": "write x[ix], or C[ix] for rows",
    "index_select": "write C[ix] for rows, A[:, ix] for columns",
    "Embedding": "a table has entries of its own, write C[ix]",
    "embedding": "write C[ix] for the rows ix of a table C",
    "cbrt": "write x**(1/3), for x > 0",
    "sqr": "write x**2 for the square, sqrt(x) for the root",
    "torch.var": "NumPy divides by n, PyTorch and MATLAB by n - 1: write mean((x - mean(x))**2)",
    "torch.std": "NumPy divides by n, PyTorch and MATLAB by n - 1: write sqrt(mean((x - mean(x))**2))",
    "method.var": "NumPy divides by n, PyTorch and MATLAB by n - 1: write mean((x - mean(x))**2)",
    "method.std": "NumPy divides by n, PyTorch and MATLAB by n - 1: write sqrt(mean((x - mean(x))**2))",
    "detach": "to hold a value constant give it a name of its own, which is then an input",
    "stop_gradient": "to hold a value constant give it a name of its own, which is then an input",
    "slogdet": "write logdet(A)",
    "backward": "write the function alone; symdiff finds its gradient",
    "round": "a rounded number has no derivative; leave it out",
    "floor": "a rounded number has no derivative; leave it out",
    "ceil": "a rounded number has no derivative; leave it out",
    "factorial": "a factorial is defined for whole numbers only and has no derivative",
    "linspace": "write the list of the numbers, [0, 0.5, 1]",
    "diff": "write the function alone; symdiff finds its derivative",
    "derivative": "write the function alone; symdiff finds its derivative",
    "grad": "write the function alone; symdiff finds its gradient",
    "gradient": "write the function alone; symdiff finds its gradient",
    "jacobian": "write the function alone and say --mode jacobian",
    "integrate": "write a formula without an integral",
    "integral": "write a formula without an integral",
    "limit": "write a formula without a limit",
    "reshape": "give the name the shape that it has",
    "view": "give the name the shape that it has",
    "permute": "write A.T",
}
"""What cannot be rewritten: what to write instead."""

MEANT = {
    "racine": "sqrt", "root": "sqrt", "wurzel": "sqrt", "rac": "sqrt", "squareroot": "sqrt",
    "somme": "sum", "summe": "sum", "suma": "sum", "total": "sum",
    "moyenne": "mean", "average": "mean", "avg": "mean", "mittel": "mean",
    "exponentielle": "exp", "exponential": "exp", "expo": "exp",
    "logarithme": "log", "logarithm": "log", "lognat": "log",
    "sinus": "sin", "cosinus": "cos", "cosine": "cos", "sine": "sin",
    "tangente": "tan", "tangent": "tan", "tangens": "tan", "arctangent": "atan",
    "valeurabsolue": "abs", "betrag": "abs", "module": "abs",
    "norme": "norm", "transposee": "transpose", "inverse_matrix": "inv",
    "determinant": "det", "sigmoide": "sigmoid", "signe": "sign", "produit": "prod",
    "produitscalaire": "dot", "scalarproduct": "dot", "innerproduct": "dot", "rectifier": "relu",
}  # fmt: skip
"""Words for our functions in other languages and systems, which are suggested and not taken."""


def written() -> list[str]:
    """The rows of the table."""
    return _WRITTEN.strip().split("\n")
