"""How many queries an attack needs at any image size, by a formula in the number of samples, written as text."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping

__all__ = ["REFERENCE_SAMPLES", "REFERENCE_SIZE", "QueryFormulaError", "queries_at"]

REFERENCE_SIZE = "512x512x3"
REFERENCE_SAMPLES = 512 * 512 * 3  # of the image at which security levels count queries

_FUNCTIONS: Mapping[str, Callable[[float], float]] = {
    "ceil": math.ceil, "sqrt": math.sqrt, "log2": math.log2, "log256": lambda value: math.log2(value) / 8,
}  # fmt: skip
_OPERATORS: Mapping[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: lambda one, other: one + other, ast.Sub: lambda one, other: one - other,
    ast.Mult: lambda one, other: one * other, ast.Div: lambda one, other: one / other,
    ast.Pow: lambda one, other: one**other,
}  # fmt: skip
_LONGEST = 200


class QueryFormulaError(ValueError):
    """A formula that is none; the message quotes it and says what may stand in one."""


def queries_at(formula: str, samples: int = REFERENCE_SAMPLES) -> int:
    """The queries that ``formula`` gives for N = ``samples`` samples (pixels times channels), rounded up.

    A formula is a sum or product of numbers, N, and ceil, sqrt, log2 and log256 of such, as in "N + 21" or
    "256 + ceil(log256(N))". QueryFormulaError for anything else.
    """
    try:
        value = _value(ast.parse(formula[: _LONGEST + 1], mode="eval").body, samples)
        if len(formula) <= _LONGEST and 0 <= value < math.inf:
            return math.ceil(value - 1e-9)
    except (SyntaxError, ValueError, ArithmeticError, RecursionError, TypeError):
        pass
    raise QueryFormulaError(
        f"{formula[:_LONGEST]!r} is no number of queries; write one of N, numbers, + - * / **, "
        f'{", ".join(_FUNCTIONS)}, such as "N + 21"'
    )


def _value(node: ast.expr, samples: int) -> float:
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return number
        case ast.Name(id="N"):
            return samples
        case ast.BinOp(left=left, op=operator, right=right) if type(operator) in _OPERATORS:
            one, other = float(_value(left, samples)), float(_value(right, samples))
            return _OPERATORS[type(operator)](one, other)
        case ast.Call(func=ast.Name(id=name), args=[argument], keywords=[]) if name in _FUNCTIONS:
            return _FUNCTIONS[name](_value(argument, samples))
    raise ValueError(type(node).__name__)
