"""Which function a word that is none most likely is: a slip of the fingers, or its name in another language.

A word of another meaning is never suggested, however near: atan is not meant by atan2, nor exp by expm.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from symdiff.errors import did_you_mean
from symdiff.language.spellings import MEANT, OTHERWISE

OTHER_MEANINGS = {
    *("expm", "logm", "sqrtm", "sinm", "cosm", "signm", "cumsum", "cumprod", "nansum", "tanm", "trac", "cov"),
    *("log2", "log10", "log1p", "exp2", "expm1", "atan2", "erfc", "erfi", "erfinv", "sinc", "cosc", "corr"),
    *("cot", "sec", "csc", "acot", "asec", "acsc", "sind", "cosd", "tand", "coth", "sech", "csch", "dist"),
    *("relu6", "crelu", "prelu", "elu", "selu", "celu", "gelu", "silu", "mish", "argmax", "argmin", "mod"),
    *("softmin", "hardmax", "sparsemax", "det2", "adj", "cond", "rank", "mode", "median", "sigma", "rem"),
    *("normal", "norm1", "norm2", "normalize", "signal"),
}
"""Names of other functions that look like one of ours."""


def suggestion(word: str, known: Iterable[str]) -> str:
    """The way out for a word that is no function, "" where none is near."""
    plain = word.lower().replace("_", "")
    names = set(known)
    if reason := OTHERWISE.get(word) or OTHERWISE.get(word.lower()):
        return reason
    if plain in OTHER_MEANINGS:
        return ""
    if plain in MEANT and MEANT[plain] in names:
        return f"did you mean {MEANT[plain]!r}?"
    near = [(slip(plain, name.replace("_", "")), name) for name in sorted(names) if len(name) > 1]
    least = min(((cost, name) for cost, name in near if cost), default=None)
    return f"did you mean {least[1]!r}?" if least else ""


def name_meant(word: str, known: Collection[str]) -> str:
    """The way out for a name that nothing declares: a product of names that are there, or the nearest one."""
    names = sorted((name for name in known if name), key=len, reverse=True)
    factors = re.findall("|".join(map(re.escape, names)), word) if names else []
    is_product = len(factors) > 1 and "".join(factors) == word
    if not is_product and 1 < len(word) <= 3 and word.isalpha() and any(letter in known for letter in word):
        factors, is_product = list(word), True
    return f"a product is written {'*'.join(factors)}" if is_product else did_you_mean(word, known)


def slip(word: str, name: str) -> int:
    """How unlikely the slip is that made `word` of `name`, from 1 to 4, or 0 if it was none.

    The same letters; one more or less; two neighbours changed; one wrong. In short words a letter put behind
    makes another word, as expm of exp, unless it is the last one doubled.
    """
    if word == name:
        return 1
    if len(word) < 2 or len(name) < 3 or (word.startswith(name) and word[len(name) :] != name[-1]):
        return 0
    if len(word) == len(name):
        wrong = [i for i, (a, b) in enumerate(zip(word, name, strict=True)) if a != b]
        if len(wrong) == 2 and wrong[1] == wrong[0] + 1 and sorted(word) == sorted(name):
            return 3
        return 4 * (len(wrong) == 1 and len(name) > 3)
    short, long = sorted((word, name), key=len)
    is_one = len(long) == len(short) + 1 and any(long[:i] + long[i + 1 :] == short for i in range(len(long)))
    return 2 * is_one
