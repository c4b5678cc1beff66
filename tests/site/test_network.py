"""The places of people in the picture of who is quoted together."""

from __future__ import annotations

from itertools import combinations

import pytest

from datasette_quotedex.render.network import NetworkPlace, Person, SpeakerNetwork, network

NAMES = ("Bartholomew Castellanos-Whitmore", "Ida Lund", "WWWWWW MMMMMM", "李 " * 12, "Ольга Ким")


def _crowd(number: int, names: tuple[str, ...] = NAMES) -> list[Person]:
    return [Person(f"p{n:02}", names[n % len(names)], number - n) for n in range(number)]


def _circle_of(people: list[Person], *steps: int) -> dict[tuple[str, str], int]:
    """Pairs of everybody with those who come so many places later."""
    keys = [one.key for one in people]
    pairs = {(keys[n], keys[(n + s) % len(keys)]) for n in range(len(keys)) for s in steps}
    return {(one, other): 1 + len(one + other) % 3 for one, other in sorted(pairs) if one != other}


@pytest.mark.parametrize("number", [1, 2, 7, 60])
def test_nobody_overlaps_anybody_and_all_are_inside(number: int) -> None:
    people = _crowd(number)
    picture = network(people, _circle_of(people, 1, 7))
    assert [place.person for place in picture.places] == people
    for place in picture.places:
        left, top, right, bottom = place.box
        assert left >= 0
        assert top >= 0
        assert right <= picture.width
        assert bottom <= picture.height
        assert right - left >= 24
        assert bottom - top >= 24
    assert not any(_overlap(one, other) for one, other in combinations(picture.places, 2))


def test_same_people_give_the_same_picture() -> None:
    people = _crowd(20)
    pairs = _circle_of(people, 1, 3)
    backwards = dict(reversed(pairs.items()))
    first, second = network(people, pairs), network(people, backwards)
    assert first.places[0] == second.places[0]
    assert [place.box for place in first.places] == [place.box for place in second.places]


def test_people_quoted_together_are_of_one_group_and_near_each_other() -> None:
    people = _crowd(12, ("Ida Lund",))
    keys = [one.key for one in people]
    within = [*combinations(keys[:6], 2), *combinations(keys[6:], 2)]
    picture = network(people, {**dict.fromkeys(within, 4), (keys[0], keys[6]): 1})
    groups = [place.group for place in picture.places]
    assert groups[:6] == [groups[0]] * 6
    assert groups[6:] == [groups[6]] * 6
    assert groups[0] != groups[6]
    assert _distance(picture, 0, 1) < _distance(picture, 1, 7)


def test_lines_end_at_the_circles_and_are_thicker_for_more_articles() -> None:
    people = _crowd(3, ("Ida Lund",))
    picture = network(people, {("p00", "p01"): 9, ("p01", "p02"): 1})
    assert [line.articles for line in picture.lines] == [1, 9]
    assert picture.lines[0].width < picture.lines[1].width
    place = picture.places[0]
    (line,) = place.lines
    assert line == picture.lines[1]
    reach = ((line.x1 - place.x) ** 2 + (line.y1 - place.y) ** 2) ** 0.5
    assert reach == pytest.approx(place.radius, abs=0.2)


def test_long_names_are_cut() -> None:
    (place,) = network([Person("a", "Ada " * 40, 1)], {}).places
    assert place.label.startswith("Ada Ada")
    assert place.label.endswith("…")
    assert len(place.label) <= 24


def _overlap(one: NetworkPlace, other: NetworkPlace) -> bool:
    a, b = one.box, other.box
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _distance(picture: SpeakerNetwork, one: int, other: int) -> float:
    a, b = picture.places[one], picture.places[other]
    return float(((a.x - b.x) ** 2 + (a.y - b.y) ** 2) ** 0.5)
