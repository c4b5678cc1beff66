"""The cheapest interpretation of a paragraph's marks: which open, which close, which are no marks.

An interpretation is a path through states. A state is the spans that are open, outermost first:
none, one in double marks, one in single marks inside it and so on. Each mark takes every state to
others by a few moves, and only the cheapest path into a state is kept (the Viterbi algorithm), so
time is linear in the number of marks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Literal

from quotedex.extract.find.mark_costs import Family, Mark, MarkRole, Opening

Move = Literal["skip", "open", "close", "reopen", "orphan"]
OpenSpan = tuple[Family, Opening, float]
State = tuple[OpenSpan, ...]

# A state that costs this much more than the best is dropped.
BEAM = 14.0
# Marks that are interpreted at once, to bound memory. Prose has fewer in a paragraph.
BLOCK = 4000
# Costs to open a span with single marks (most are apostrophes), to do so inside another span, and
# to open a span inside one of the same family.
OPEN_SINGLE, OPEN_SINGLE_WITHIN, OPEN_SAME = 1.0, 0.3, 2.0
# Inside single marks an apostrophe is a little less likely than elsewhere.
SKIP_WITHIN_SINGLE = 0.2


@dataclass(slots=True)
class Pair:
    """A span between two marks, or with one mark only.

    `parent` is the index of the pair around it. The span ends at `limit`, where `closing` is, if
    there is a closing mark. `opening` is None if nothing opened what `closing` closes.
    """

    family: Family
    opening: Mark | None
    closing: Mark | None
    limit: int
    parent: int | None


def pairs_of(marks: Iterable[Mark], end: int) -> list[Pair]:
    """The pairs of one paragraph, which ends at `end`, in the order in which they open.

    A pair without an opening mark is at the place of its closing mark, without a parent.
    """
    marks = iter(marks)
    pairs: list[Pair] = []
    open_pairs: list[int] = []
    state: State = ()
    while block := list(islice(marks, BLOCK)):
        path = _cheapest_path(block, state, last=len(block) < BLOCK)
        for mark, (move, _) in zip(block, path, strict=True):
            _make_move(mark, move, pairs, open_pairs)
        state = path[-1][1]
    for index in open_pairs:
        pairs[index].limit = end
    return pairs


def _cheapest_path(marks: Sequence[Mark], state: State, last: bool) -> list[tuple[Move, State]]:
    """The move of each mark and the state after it, on the cheapest path from `state`."""
    costs: dict[State, float] = {state: 0.0}
    arrivals: list[dict[State, tuple[Move, State]]] = []
    for mark in marks:
        reached: dict[State, float] = {}
        arrived_by: dict[State, tuple[Move, State]] = {}
        bound = min(costs.values()) + BEAM
        for before, cost in costs.items():
            if cost > bound:
                continue
            moves = _moves_from(before, mark.family, mark.opening, mark.unclosed)
            for move, role, after, extra in moves:
                total = cost + extra + mark.costs[role]
                if total < reached.get(after, bound + BEAM):
                    reached[after] = total
                    arrived_by[after] = (move, before)
        costs = reached
        arrivals.append(arrived_by)
    here = min(costs, key=lambda at: costs[at] + (_unclosed_cost(at) if last else 0.0))
    path: list[tuple[Move, State]] = []
    for arrived_by in reversed(arrivals):
        move, before = arrived_by[here]
        path.append((move, here))
        here = before
    return path[::-1]


@cache
def _moves_from(
    state: State, family: Family, opening: Opening, unclosed: float
) -> tuple[tuple[Move, MarkRole, State, float], ...]:
    """The moves of a mark in `state`: move, role of the mark, state after it, extra cost."""
    families = [span[0] for span in state]
    new: OpenSpan = (family, opening, unclosed)
    within_single = family == "single" and family in families
    moves: list[tuple[Move, MarkRole, State, float]] = [
        ("skip", "none", state, SKIP_WITHIN_SINGLE if within_single else 0.0)
    ]
    if family in families:
        depth = len(families) - 1 - families[::-1].index(family)
        given_up = _unclosed_cost(state[depth + 1 :])
        closes: MarkRole = "closes clause" if state[depth][1] == "clause" else "closes fragment"
        moves.append(("close", closes, state[:depth], given_up))
        moves.append(("reopen", "reopens", (*state[:depth], new), given_up))
        if family == "double" and families == ["double"]:
            moves.append(("open", "opens", (*state, new), OPEN_SAME))
    elif len(state) < 3:
        price = OPEN_SINGLE_WITHIN if state else OPEN_SINGLE
        moves.append(("open", "opens", (*state, new), price if family == "single" else 0.0))
    if not state:
        moves.append(("orphan", "closes nothing", state, 0.0))
    return tuple(moves)


def _unclosed_cost(state: State) -> float:
    return sum(span[2] for span in state)


def _make_move(mark: Mark, move: Move, pairs: list[Pair], open_pairs: list[int]) -> None:
    """Applies a move to the pairs; `open_pairs` are the indices of those that are open."""
    if move in ("close", "reopen"):
        while True:
            index = open_pairs.pop()
            if pairs[index].family == mark.family:
                break
            pairs[index].limit = mark.start
        pairs[index].limit = mark.start
        pairs[index].closing = mark if move == "close" else None
    if move in ("open", "reopen"):
        pairs.append(
            Pair(mark.family, mark, None, mark.end, open_pairs[-1] if open_pairs else None)
        )
        open_pairs.append(len(pairs) - 1)
    if move == "orphan":
        pairs.append(Pair(mark.family, None, mark, mark.start, None))
