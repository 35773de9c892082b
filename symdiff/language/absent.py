"""Functions that people write and that are no part of the language: what to write instead, in a few words."""

from __future__ import annotations

_LARGEST = "for the largest entry write max(z), for a chosen one z[y], where y is an index"
ABSENT = {
    "argmax": ("argmax jumps from place to place, so that it has no derivative", _LARGEST),
    "argmin": ("argmin jumps from place to place, so that it has no derivative", "write min(z), or z[y]"),
    "sort": ("sorting is not part of the language", "max(x), min(x) and x[y], where y is an index, are"),
    "argsort": ("sorting is not part of the language", "max(x), min(x) and x[y], where y is an index, are"),
    "median": ("the median is not part of the language", "mean(x), max(x) and min(x) are"),
    "cumprod": ("cumprod is not part of the language", "for positive entries write exp(cumsum(log(x)))"),
    "expm": (
        "the derivative of the matrix exponential has no closed form in A",
        "write the terms that you need, as eye(n) + A + A @ A/2; exp(A) is entry by entry",
    ),
    "kron": ("the derivative of kron(A, B) has no form that people write", "of vectors write outer(x, y)"),
}
"""For each name what is so, and the way out."""
