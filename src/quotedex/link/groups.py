"""Grouping by pairs, whatever order the pairs come in."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Generic, TypeVar

Item = TypeVar("Item", bound=Hashable)
Tag = TypeVar("Tag", bound=Hashable)


class Groups(Generic[Item, Tag]):
    """Starts with each item alone; `join` makes one group of two.

    `tag` gives what a group should know of its items without going through them.
    """

    def __init__(self, items: Iterable[Item], tag: Callable[[Item], Tag]) -> None:
        self._leader: dict[Item, Item] = {}
        self._members: dict[Item, list[Item]] = {}
        self._tags: dict[Item, set[Tag]] = {}
        for item in items:
            self._leader[item] = item
            self._members[item] = [item]
            self._tags[item] = {tag(item)}

    def leader(self, item: Item) -> Item:
        """Some item of the group, the same for all its items until it is joined."""
        return self._leader[item]

    def tags(self, item: Item) -> set[Tag]:
        return self._tags[self._leader[item]]

    def join(self, left: Item, right: Item) -> None:
        into, gone = self._leader[left], self._leader[right]
        if into == gone:
            return
        if len(self._members[into]) < len(self._members[gone]):
            into, gone = gone, into
        for item in self._members[gone]:
            self._leader[item] = into
        self._members[into] += self._members.pop(gone)
        self._tags[into] |= self._tags.pop(gone)

    def all(self, key: Callable[[Item], str]) -> list[list[Item]]:
        """The groups, each sorted by `key`, in the order of their first items."""
        groups = [sorted(members, key=key) for members in self._members.values()]
        return sorted(groups, key=lambda members: key(members[0]))
