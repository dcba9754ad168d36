"""Work out an arithmetic expression that a model wrote: numbers, + - * / ** and parentheses, nothing else."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable
from decimal import Decimal, DecimalException

LONGEST_EXPRESSION = 200
LARGEST_POWER = 10
# Below the 28 digits that a decimal is worked out to, so that every result can be rounded.
LARGEST_RESULT = Decimal(10) ** 27
# Of a result; more would pretend to know what no input says.
SIGNIFICANT_DIGITS = 6

_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_OPERATORS: dict[type[ast.operator], Callable[[Decimal, Decimal], Decimal]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def evaluate(expression: str) -> tuple[Decimal, frozenset[Decimal]]:
    """The value, and the numbers that stand in the expression, without their signs.

    Raises:
        ValueError: it is no such expression, or has no value; the message is for whoever wrote it.
    """
    if len(expression) > LONGEST_EXPRESSION:
        raise ValueError(f"the expression is longer than {LONGEST_EXPRESSION} characters")
    try:
        tree = ast.parse(_THOUSANDS.sub("", expression).strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ValueError("not an arithmetic expression: use plain numbers, + - * / ** and parentheses") from error
    numbers: set[Decimal] = set()
    try:
        value = _value(tree.body, numbers)
    except DecimalException as error:
        raise ValueError("the expression has no value") from error
    if not value.is_finite() or abs(value) > LARGEST_RESULT:
        raise ValueError("the value is too large")
    return value, frozenset(numbers)


def rounded(value: Decimal) -> str:
    """The value with at most six significant digits, without an exponent."""
    if not value:
        return "0"
    places = max(SIGNIFICANT_DIGITS - value.adjusted() - 1, 0)
    text = format(round(value, places), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _value(node: ast.expr, numbers: set[Decimal]) -> Decimal:
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            found = Decimal(repr(number))
            numbers.add(found)
            return found
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand, numbers)
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return _value(operand, numbers)
        case ast.BinOp(left=left, op=ast.Pow(), right=ast.Constant(value=int() as power)) if 0 < power <= LARGEST_POWER:
            return _value(left, numbers) ** power
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            return _OPERATORS[type(op)](_value(left, numbers), _value(right, numbers))
    raise ValueError("not an arithmetic expression: use plain numbers, + - * / ** and parentheses")
