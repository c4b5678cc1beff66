"""The cheapest reading of a paragraph's marks: which open, which close, which are none.

The reading is a path through states, a state being what stands open, outermost first:
nothing, a double mark, a single one within it and so on. Each mark moves every state on by one
of a few moves, and of the paths into a state only the cheapest lives (Viterbi's algorithm), so
the time is linear in the number of marks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Literal

from quotedex.extract.find.mark_costs import LEFT_OPEN, Family, Mark, Opening, Part

Move = Literal["skip", "open", "close", "reopen", "orphan"]
Standing = tuple[Family, Opening, float]
State = tuple[Standing, ...]

# A state this much dearer than the best is given up.
BEAM = 14.0
# So many marks are no prose: a reading is settled block by block, to bound the memory it takes.
BLOCK = 4000
# What it costs to open a span where no other stands open, within one of another family, or
# within one of the same. Single marks pay for being apostrophes as a rule.
OPEN_SINGLE, OPEN_SINGLE_WITHIN, OPEN_SAME = 1.0, 0.3, 2.0
# Within single marks an apostrophe at a word's end is a little less likely than elsewhere.
SKIP_WITHIN_SINGLE = 0.2


@dataclass(slots=True)
class Pair:
    """A span between two marks, or one mark and what bounds the span where the other is missing.

    `parent` is the index of the pair around it; `closing` is None where that mark is missing, and
    the span ends at `limit`; `opening` is None where nothing opened what `closing` closes.
    """

    family: Family
    opening: Mark | None
    closing: Mark | None
    limit: int
    parent: int | None


def pairs_of(marks: Iterable[Mark], end: int) -> list[Pair]:
    """The spans of one paragraph that ends at `end`, in the order of their opening.

    A pair without its opening mark stands where its closing mark was met, at the top level.
    """
    marks = iter(marks)
    pairs: list[Pair] = []
    standing: list[int] = []
    state: State = ()
    while block := list(islice(marks, BLOCK)):
        path = cheapest(block, state, last=len(block) < BLOCK)
        for mark, (move, _) in zip(block, path, strict=True):
            follow(mark, move, pairs, standing)
        state = path[-1][1]
    for index in standing:
        pairs[index].limit = end
    return pairs


def cheapest(marks: Sequence[Mark], state: State, last: bool) -> list[tuple[Move, State]]:
    """The move that each mark makes, and the state after it, on the cheapest path from `state`."""
    costs: dict[State, float] = {state: 0.0}
    trail: list[dict[State, tuple[Move, State]]] = []
    for mark in marks:
        reached: dict[State, float] = {}
        came: dict[State, tuple[Move, State]] = {}
        bound = min(costs.values()) + BEAM
        for before, cost in costs.items():
            if cost > bound:
                continue
            moves = moves_from(before, mark.family, mark.opening, mark.unclosed)
            for move, part, after, extra in moves:
                total = cost + extra + mark.costs[part]
                if total < reached.get(after, bound + BEAM):
                    reached[after] = total
                    came[after] = (move, before)
        costs = reached
        trail.append(came)
    here = min(costs, key=lambda at: costs[at] + (unclosed_cost(at) if last else 0.0))
    path: list[tuple[Move, State]] = []
    for came in reversed(trail):
        move, before = came[here]
        path.append((move, here))
        here = before
    return path[::-1]


@cache
def moves_from(
    state: State, family: Family, opening: Opening, unclosed: float
) -> tuple[tuple[Move, Part, State, float], ...]:
    """What a mark may do in `state`: move, part that it plays, state after it, extra cost."""
    families = [standing[0] for standing in state]
    new: Standing = (family, opening, unclosed)
    within_single = family == "single" and family in families
    moves: list[tuple[Move, Part, State, float]] = [
        ("skip", "none", state, SKIP_WITHIN_SINGLE if within_single else 0.0)
    ]
    if family in families:
        depth = len(families) - 1 - families[::-1].index(family)
        given_up = unclosed_cost(state[depth + 1 :])
        closes: Part = "closes clause" if state[depth][1] == "clause" else "closes fragment"
        moves.append(("close", closes, state[:depth], given_up))
        left_open = max(state[depth][2], LEFT_OPEN)
        moves.append(("reopen", "opens", (*state[:depth], new), given_up + left_open))
        if family == "double" and families == ["double"]:
            moves.append(("open", "opens", (*state, new), OPEN_SAME))
    elif len(state) < 3:
        price = OPEN_SINGLE_WITHIN if state else OPEN_SINGLE
        moves.append(("open", "opens", (*state, new), price if family == "single" else 0.0))
    if not state:
        moves.append(("orphan", "closes nothing", state, 0.0))
    return tuple(moves)


def unclosed_cost(state: State) -> float:
    return sum(standing[2] for standing in state)


def follow(mark: Mark, move: Move, pairs: list[Pair], standing: list[int]) -> None:
    """Carry out a move: `standing` holds the indices of the pairs that stand open."""
    if move in ("close", "reopen"):
        while True:
            index = standing.pop()
            if pairs[index].family == mark.family:
                break
            pairs[index].limit = mark.start
        pairs[index].limit = mark.start
        pairs[index].closing = mark if move == "close" else None
    if move in ("open", "reopen"):
        pairs.append(Pair(mark.family, mark, None, mark.end, standing[-1] if standing else None))
        standing.append(len(pairs) - 1)
    if move == "orphan":
        pairs.append(Pair(mark.family, None, mark, mark.start, None))
