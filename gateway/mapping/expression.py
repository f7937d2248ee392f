"""Formulas and rules of a pack: a closed language, read by Python's own grammar and compiled to polars.

    [0601] · numbers of at most 15 digits · + - * / · comparisons · and or · tong([x], cap=xa) ·
    gan(a, b, within) · truoc([x]) · lam_tron(a, places) · and, around the whole, “… trong 0.2..5”

Nothing else: no power, no names, no attributes, no other call. Refused: `eval` of any kind and expression libraries
(a thousand times slower row by row).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import reduce

import polars as pl

from gateway import grammar
from gateway.mapping.figures import NUMBER, PLACES

_MOST_LETTERS = 2000
_DEEPEST = 30
_REFERENCE = re.compile(r"\[\s*([^\[\]\"'\\]+?)\s*\]")
_WITHIN = re.compile(r"(?s)(.*)\btrong\s+(-?[0-9.]+?)\.\.(-?[0-9.]+)\s*")
_FITS = 1e24  # above it a product of two decimals of scale 12 may not have room

_OPERATIONS: Mapping[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
_COMPARISONS: Mapping[type[ast.cmpop], str] = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reference:
    """A figure asked for. `kind` is ``now``, ``before`` (kỳ trước) or ``sum`` over the units of level `level`."""

    code: str
    kind: str = "now"
    level: str = ""

    @property
    def column(self) -> str:
        return f"{self.kind}:{self.level}:{self.code}"


@dataclass(frozen=True, slots=True)
class Number:
    value: Decimal


@dataclass(frozen=True, slots=True)
class Operation:
    """`sign` of arithmetic, of a comparison, ``and``/``or``, ``gan`` or ``lam_tron``."""

    sign: str
    parts: tuple[Node, ...]


Node = Reference | Number | Operation
_TRUTHS = frozenset({*_COMPARISONS.values(), "and", "or", "gan", "in"})


@dataclass(frozen=True, slots=True)
class Expression:
    text: str
    root: Node

    @property
    def references(self) -> tuple[Reference, ...]:
        return tuple(dict.fromkeys(_references(self.root)))

    @property
    def is_rule(self) -> bool:
        """Whether it is true or false, not a figure."""
        return isinstance(self.root, Operation) and self.root.sign in _TRUTHS

    @property
    def divides(self) -> bool:
        return any(isinstance(node, Operation) and node.sign == "/" for node in _nodes(self.root))

    def polars(self) -> pl.Expr:
        """Over columns named as `Reference.column`, of dtype `NUMBER`; null where an input is."""
        return _compiled(self.root)

    def nought(self) -> pl.Expr:
        """Whether something is divided by 0."""
        divisors = [n.parts[1] for n in _nodes(self.root) if isinstance(n, Operation) and n.sign == "/"]
        return reduce(pl.Expr.or_, (_compiled(d) == 0 for d in divisors), pl.lit(value=False))

    def fits(self) -> pl.Expr:
        """Whether everything on the way has room, judged in floating point before a decimal is touched."""
        steps = [_roughly(n).abs() < _FITS for n in _nodes(self.root) if isinstance(n, Operation) and n.sign in "+-*/"]
        return reduce(pl.Expr.and_, steps, pl.lit(value=True))


def parse(text: str) -> Expression:
    """Raises `ValueError` with what is not part of the language."""
    if len(text) > _MOST_LETTERS:
        raise ValueError(f"{len(text)} letters, most {_MOST_LETTERS}")
    codes: list[str] = []

    def placeholder(found: re.Match[str]) -> str:
        codes.append(found[1])
        return f"_{len(codes) - 1}_"

    plain = _REFERENCE.sub(placeholder, text.strip())
    within = _WITHIN.fullmatch(plain)
    try:
        tree = grammar.expression(within[1].strip() if within else plain)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ValueError(f"“{text}” không đọc được / is not an expression") from None
    root = _Reader(codes).node(tree, 0)
    if within:
        root = Operation("in", (root, _number(within[2]), _number(within[3])))
    _check_kinds(root)
    return Expression(text, root)


class _Reader:
    """From Python's tree to ours; whatever is not on the list is refused by name."""

    def __init__(self, codes: list[str]) -> None:
        self._codes = codes

    def node(self, tree: ast.expr, depth: int) -> Node:  # noqa: PLR0911  # one return for each form of the grammar
        if depth > _DEEPEST:
            raise ValueError("lồng quá sâu / nested too deep")
        inner = [self.node(child, depth + 1) for child in _children(tree)]
        match tree:
            case ast.Name(id=name) if found := re.fullmatch(r"_(\d+)_", name):
                return self._reference(int(found[1]))
            case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
                return _number(ast.unparse(tree))
            case ast.UnaryOp(op=ast.USub()):
                return Operation("-", (Number(Decimal(0)), inner[0]))
            case ast.BinOp(op=op) if type(op) in _OPERATIONS:
                return Operation(_OPERATIONS[type(op)], tuple(inner))
            case ast.BoolOp(op=op):
                return Operation("and" if isinstance(op, ast.And) else "or", tuple(inner))
            case ast.Compare(ops=ops) if all(type(op) in _COMPARISONS for op in ops):
                pairs = zip(ops, inner[:-1], inner[1:], strict=True)
                steps = tuple(Operation(_COMPARISONS[type(op)], (a, b)) for op, a, b in pairs)
                return steps[0] if len(steps) == 1 else Operation("and", steps)
            case ast.Call(func=ast.Name(id=name)) if name in ("tong", "truoc", "gan", "lam_tron"):
                return _called(name, inner, tree.keywords)
            case _:
                raise ValueError(f"không được phép / not allowed: “{ast.unparse(tree)[:60]}”")

    def _reference(self, number: int) -> Reference:
        if number >= len(self._codes):
            raise ValueError(f"không được phép / not allowed: “_{number}_”")
        return Reference(self._codes[number])


def _children(tree: ast.expr) -> list[ast.expr]:
    match tree:
        case ast.UnaryOp(operand=operand):
            return [operand]
        case ast.BinOp(left=left, right=right):
            return [left, right]
        case ast.BoolOp(values=values):
            return values
        case ast.Compare(left=left, comparators=others):
            return [left, *others]
        case ast.Call(args=args):
            return args
        case _:
            return []


def _called(name: str, inner: list[Node], keywords: list[ast.keyword]) -> Node:
    levels = [word.value.id for word in keywords if word.arg == "cap" and isinstance(word.value, ast.Name)]
    match name, inner, levels:
        case "truoc", [Reference(kind="now") as one], [] if not keywords:
            return Reference(one.code, "before")
        case "tong", [Reference(kind="now") as one], [level] if len(keywords) == 1:
            return Reference(one.code, "sum", level)
        case "gan", [_, _, _], [] if not keywords:
            return Operation("gan", tuple(inner))
        case "lam_tron", [_, Number(value=places)], [] if not keywords and places in range(PLACES + 1):
            return Operation("lam_tron", tuple(inner))
        case _:
            raise ValueError(f"{name}: sai tham số / wrong arguments; tong([x], cap=y), gan(a, b, c), truoc([x])")


def _number(text: str) -> Number:
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"“{text}” không phải là số / is not a number") from None
    said = value.as_tuple()
    if (
        not isinstance(said.exponent, int)
        or said.exponent < -PLACES
        or value.adjusted() > PLACES
        or len(said.digits) > 15
    ):
        raise ValueError(f"“{text}”: quá nhiều chữ số / too many digits")
    return Number(value)


def _check_kinds(node: Node) -> None:
    """Figures are added, truths are joined; never the one for the other."""
    if not isinstance(node, Operation):
        return
    wants_truth = node.sign in ("and", "or")
    for part in node.parts:
        is_truth = isinstance(part, Operation) and part.sign in _TRUTHS
        if is_truth != wants_truth:
            raise ValueError(f"“{node.sign}” giữa số và điều kiện / between a figure and a condition")
        _check_kinds(part)


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    if isinstance(node, Operation):
        for part in node.parts:
            yield from _nodes(part)


def _references(node: Node) -> Iterator[Reference]:
    yield from (found for found in _nodes(node) if isinstance(found, Reference))


_BUILD: Mapping[str, Callable[[pl.Expr, pl.Expr], pl.Expr]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / pl.when(b != 0).then(b),
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "and": lambda a, b: a & b,
    "or": lambda a, b: a | b,
}  # fmt: skip


def _compiled(node: Node) -> pl.Expr:
    match node:
        case Reference():
            return pl.col(node.column)
        case Number(value):
            return pl.lit(value, dtype=NUMBER)
        case Operation("gan", (a, b, within)):
            return (_compiled(a) - _compiled(b)).abs() <= _compiled(within)
        case Operation("in", (a, low, high)):
            return (_compiled(a) >= _compiled(low)) & (_compiled(a) <= _compiled(high))
        case Operation("lam_tron", (a, Number(value=places))):
            return _compiled(a).round(int(places), mode="half_to_even")
        case Operation(sign, parts):
            return reduce(_BUILD[sign], map(_compiled, parts))


def _roughly(node: Node) -> pl.Expr:
    """The same in floating point: for its magnitude only."""
    match node:
        case Reference():
            return pl.col(node.column).cast(pl.Float64)
        case Number(value):
            return pl.lit(float(value))
        case Operation("lam_tron", (a, _)):
            return _roughly(a)
        case Operation("/", (a, b)):
            return _roughly(a) / pl.when(_roughly(b) != 0).then(_roughly(b))
        case Operation(sign, parts) if sign in "+-*":
            return reduce(_BUILD[sign], map(_roughly, parts))
        case _:
            return pl.lit(0.0)
