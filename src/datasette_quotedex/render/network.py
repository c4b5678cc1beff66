"""A picture of who is quoted together: places for people, so that no two names overlap.

A host that only publishes a file has neither numpy nor networkx, and sixty people need neither. The
same people and pairs always give the same picture.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from datasette_quotedex.render.text import one_line, text_width

WIDTH = 1016
"""The width of a page. All sizes are in its pixels."""

MIN_HEIGHT, MAX_HEIGHT = 420, 4000
MARGIN = 8
MAX_LABEL = 24
"""Letters of a name in the picture; its title has the rest."""

FONT = 13
LETTER = 0.56
"""The average width of a letter as a share of its height, in the widest of the fonts."""

LINE = 18
GAP = 4
"""Between the boxes of two people."""

PULL = 0.14
"""Of the middle, for each pixel of distance."""

STEPS = 200
SPREADING = 400
GROUPS = 8
"""Groups that have a colour of their own."""

Pair = tuple[str, str]
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody to place: the number of quotations is the size of the circle."""

    key: str
    name: str
    quotations: int


@dataclass(frozen=True, slots=True)
class NetworkPlace:
    """Where a person is. The name stands below the circle; `group` is 0 or the number of one."""

    person: Person
    label: str
    x: float
    y: float
    radius: float
    width: float
    group: int
    lines: tuple[NetworkLine, ...] = ()

    @property
    def baseline(self) -> float:
        return round(self.y + self.radius + LINE - 4, 1)

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom of the circle and the name; a pointer can hit all of it."""
        half = self.width / 2
        top, bottom = self.y - self.radius, self.y + self.radius + LINE
        return (self.x - half, top, self.x + half, bottom)


@dataclass(frozen=True, slots=True)
class NetworkLine:
    """Between two people, from circle to circle; the more articles, the thicker."""

    x1: float
    y1: float
    x2: float
    y2: float
    width: float
    articles: int


@dataclass(frozen=True, slots=True)
class SpeakerNetwork:
    """The picture; each place has the lines that lead to it, too."""

    height: int
    places: tuple[NetworkPlace, ...]
    lines: tuple[NetworkLine, ...]
    width: int = WIDTH


@dataclass(slots=True)
class _Box:
    """A person while places are found: the middle of the circle with the name."""

    width: float
    height: float
    x: float = 0
    y: float = 0
    moved: list[float] = field(default_factory=lambda: [0.0, 0.0])


def network(people: Sequence[Person], pairs: Mapping[Pair, int]) -> SpeakerNetwork:
    """The picture of these people; `pairs` has the number of articles by their keys."""
    most = max((one.quotations for one in people), default=1) or 1
    radii = {one.key: 5 + 11 * math.sqrt(one.quotations / most) for one in people}
    labels = {one.key: _label(one.name) for one in people}
    boxes = {
        one.key: _Box(
            width=max(2 * radii[one.key], FONT * LETTER * text_width(labels[one.key]) + 4, 24),
            height=2 * radii[one.key] + LINE,
        )
        for one in people
    }
    groups = _groups(list(boxes), pairs)
    height = _arrange(boxes, pairs, groups)
    places = [
        NetworkPlace(
            person=one,
            label=labels[one.key],
            x=round(boxes[one.key].x, 1),
            y=round(boxes[one.key].y - LINE / 2, 1),
            radius=round(radii[one.key], 1),
            width=round(boxes[one.key].width, 1),
            group=groups[one.key],
        )
        for one in people
    ]
    lines = _lines({place.person.key: place for place in places}, pairs)
    return SpeakerNetwork(
        height=height,
        places=tuple(_with_lines(place, lines) for place in places),
        lines=tuple(lines[pair] for pair in sorted(lines, key=lambda pair: pairs[pair])),
    )


def _label(name: str) -> str:
    name = one_line(name)
    while text_width(name) > MAX_LABEL * 1.15 or len(name) > MAX_LABEL:
        name = name.removesuffix("…")[:-1].rstrip() + "…"
    return name


def _groups(keys: list[str], pairs: Mapping[Pair, int]) -> dict[str, int]:
    """People who are quoted with each other more often than their numbers suggest, as numbers from
    1 for the largest group; 0 for groups beyond GROUPS and for people alone.

    Each in turn moves to the group that this gives the most, until nobody moves (the first phase of
    the Louvain method).
    """
    near = _near(keys, pairs)
    degrees = {key: sum(near[key].values()) for key in keys}
    total = sum(degrees.values()) or 1
    group = {key: key for key in keys}
    sums = dict(degrees)
    for _ in range(20):
        moves = 0
        for key in keys:
            sums[group[key]] -= degrees[key]
            gains = {group[key]: 0.0}
            for other, articles in near[key].items():
                gains[group[other]] = gains.get(group[other], 0.0) + articles
            best = max(gains, key=lambda g: (gains[g] - degrees[key] * sums[g] / total, g))
            moves += best != group[key]
            group[key] = best
            sums[best] += degrees[key]
        if not moves:
            break
    members = {name: [key for key in keys if group[key] == name] for name in set(group.values())}
    ranked = sorted((-len(found), found) for found in members.values() if len(found) > 1)
    numbers = {key: n for n, (_, found) in enumerate(ranked[:GROUPS], 1) for key in found}
    return {key: numbers.get(key, 0) for key in keys}


def _near(keys: list[str], pairs: Mapping[Pair, int]) -> dict[str, dict[str, int]]:
    near: dict[str, dict[str, int]] = {key: {} for key in keys}
    for (one, other), articles in sorted(pairs.items()):
        near[one][other] = near[other][one] = articles
    return near


def _arrange(boxes: dict[str, _Box], pairs: Mapping[Pair, int], groups: dict[str, int]) -> int:
    """Set the places of all boxes, and return the height that they need."""
    area = sum((box.width + 30) * (box.height + 30) for box in boxes.values())
    height = max(MIN_HEIGHT, round(1.5 * area / WIDTH))
    # Groups begin together, around a circle.
    order = sorted(boxes, key=lambda key: (groups[key], key))
    for n, key in enumerate(order):
        angle = 2 * math.pi * n / len(order)
        reach = 0.3 + 0.1 * (n % 2)
        boxes[key].x = WIDTH * (0.5 + reach * math.cos(angle))
        boxes[key].y = height * (0.5 + reach * math.sin(angle))
    _pull_and_push(boxes, pairs, height)
    while not _separate(list(boxes.values()), height) and height < MAX_HEIGHT:
        height = round(height * 1.15)
    return height


def _pull_and_push(boxes: dict[str, _Box], pairs: Mapping[Pair, int], height: int) -> None:
    """Fruchterman and Reingold's layout: pairs pull each other, all push each other away, and the
    middle pulls all a little. Steps get shorter."""
    every = list(boxes.values())
    ideal = 0.5 * math.sqrt(WIDTH * height / max(len(every), 1))
    most = max(pairs.values(), default=1)
    pulls = [
        (boxes[one], boxes[other], 0.35 + 0.65 * math.sqrt(articles / most))
        for (one, other), articles in sorted(pairs.items())
    ]
    for step in range(STEPS):
        longest = WIDTH / 8 * (1 - step / STEPS) ** 1.5
        for n, box in enumerate(every):
            box.moved[0] += PULL * (WIDTH / 2 - box.x)
            box.moved[1] += PULL * (WIDTH / height) * (height / 2 - box.y)
            for other in every[:n]:
                dx, dy = box.x - other.x, box.y - other.y
                force = ideal * ideal / (dx * dx + dy * dy + 1)
                _push(box, dx * force, dy * force)
                _push(other, -dx * force, -dy * force)
        for box, other, strength in pulls:
            dx, dy = box.x - other.x, box.y - other.y
            force = strength * math.hypot(dx, dy) / ideal / 3
            _push(box, -dx * force, -dy * force)
            _push(other, dx * force, dy * force)
        for box in every:
            length = math.hypot(*box.moved) or 1
            share = min(length, longest) / length
            box.x += box.moved[0] * share
            box.y += box.moved[1] * share
            box.moved = [0.0, 0.0]
            _keep_inside(box, height)


def _push(box: _Box, dx: float, dy: float) -> None:
    box.moved[0] += dx
    box.moved[1] += dy


def _separate(boxes: list[_Box], height: int) -> bool:
    """Push overlapping boxes apart, each pair by the shorter way; whether none overlaps."""
    for _ in range(SPREADING):
        apart = True
        for n, box in enumerate(boxes):
            for other in boxes[:n]:
                wide = (box.width + other.width) / 2 + GAP - abs(box.x - other.x)
                high = (box.height + other.height) / 2 + GAP - abs(box.y - other.y)
                if wide <= 0 or high <= 0:
                    continue
                apart = False
                if wide < high:
                    way = (wide / 2 + 0.5) * (1 if box.x >= other.x else -1)
                    box.x, other.x = box.x + way, other.x - way
                else:
                    way = (high / 2 + 0.5) * (1 if box.y >= other.y else -1)
                    box.y, other.y = box.y + way, other.y - way
                _keep_inside(box, height)
                _keep_inside(other, height)
        if apart:
            return True
    return False


def _keep_inside(box: _Box, height: int) -> None:
    half, tall = box.width / 2 + MARGIN, box.height / 2 + MARGIN
    box.x = min(max(box.x, half), WIDTH - half)
    box.y = min(max(box.y, tall), height - tall)


def _lines(places: dict[str, NetworkPlace], pairs: Mapping[Pair, int]) -> dict[Pair, NetworkLine]:
    most = max(pairs.values(), default=1)
    lines = {}
    for (one, other), articles in sorted(pairs.items()):
        a, b = places[one], places[other]
        length = math.hypot(b.x - a.x, b.y - a.y) or 1
        dx, dy = (b.x - a.x) / length, (b.y - a.y) / length
        lines[one, other] = NetworkLine(
            x1=round(a.x + dx * a.radius, 1),
            y1=round(a.y + dy * a.radius, 1),
            x2=round(b.x - dx * b.radius, 1),
            y2=round(b.y - dy * b.radius, 1),
            width=round(0.75 + 4.25 * (articles / most) ** 0.8, 1),
            articles=articles,
        )
    return lines


def _with_lines(place: NetworkPlace, lines: Mapping[Pair, NetworkLine]) -> NetworkPlace:
    own = tuple(line for pair, line in lines.items() if place.person.key in pair)
    return replace(place, lines=own)
