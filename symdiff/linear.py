"""Linear maps: what a local partial derivative *is*, read forwards by one mode and backwards by the other.

A map L sends a tangent u̇ to L·u̇; its transpose sends an adjoint w̄ to Lᵀ·w̄, with ⟨w̄, L·u̇⟩ = ⟨Lᵀ·w̄, u̇⟩.
Both sweeps use these two methods and nothing else, so no second table of derivatives can drift.
This module knows no operation and no tape.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, Self

from symdiff.expr import ONE, Expr
from symdiff.tidy import tidy


class LinearMap(Protocol):
    """A linear map written symbolically."""

    @property
    def size(self) -> Expr:
        """The map's entries: for a scalar map the factor itself."""

    def apply(self, tangent: Expr) -> Expr:
        """L·u̇, written with the map in front."""

    def transpose(self, adjoint: Expr) -> Expr:
        """Lᵀ·w̄, written with the adjoint in front."""

    def after(self, inner: Self) -> Self:
        """The composition L∘M: the chain rule inside one step."""

    def plus(self, other: Self) -> Self:
        """The sum L + M: an operand that occurs twice in one step."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Multiplication by the scalar c: u̇ ↦ c·u̇, w̄ ↦ w̄·c; as a matrix on vec(·), c·I."""

    factor: Expr

    @property
    def size(self) -> Expr:
        return self.factor

    def apply(self, tangent: Expr) -> Expr:
        return self.factor * tangent

    def transpose(self, adjoint: Expr) -> Expr:
        return adjoint * self.factor

    def after(self, inner: Scale) -> Scale:
        return Scale(tidy(self.factor * inner.factor))

    def plus(self, other: Scale) -> Scale:
        return Scale(tidy(self.factor + other.factor))


IDENTITY = Scale(ONE)
