"""The items of a job by what an operator calls them: the order's name, the item's id or its beginning."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING
from uuid import UUID

from local.cli.errors import CommandError
from shared.logistics import FieldKind, id_form, read_field

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from local.cli.models import Item, RejectedOrder

#: What may be the beginning of an id; what is shorter is a name.
_BEGINNING = re.compile(r"[0-9a-f]{8}[0-9a-f-]{0,28}", re.IGNORECASE)


class JobItems:
    """Some of a job's items, or all."""

    def __init__(self, items: Iterable[Item]) -> None:
        self._items = list(items)
        names = Counter(item.order_name for item in self._items)
        self._labels: dict[UUID, str] = {}
        self._by_name: dict[str, list[Item]] = defaultdict(list)
        for item in self._items:
            label = item.order_name or str(item.id)
            if item.order_name:
                self._by_name[_comparable(item.order_name)].append(item)
                if names[item.order_name] > 1:
                    label = f"{item.order_name} ({item.id})"
            self._labels[item.id] = self._labels[item.order_id] = label

    def __iter__(self) -> Iterator[Item]:
        return iter(self._items)

    def label(self, id_: UUID) -> str:
        """What to call an item or its order: its name, with the item's id where a command needs that."""
        return self._labels.get(id_, str(id_))

    def label_of_rejected(self, left_out: RejectedOrder) -> str:
        """What to call an order that was left out."""
        return self.label(left_out.item_id or left_out.order_id)

    def named(self, text: str) -> str:
        """The text with names in place of the ids of items and orders."""
        for id_, label in self._labels.items():
            # Most texts have none of them.
            if (written := str(id_)) in text:
                text = text.replace(written, label)
        return text

    def is_name(self, text: str) -> bool:
        """Whether an item is called so."""
        return bool(self._candidates(text))

    def find(self, text: str) -> Item:
        """The one item that is called so.

        Raises:
            CommandError: none is, or several are.
        """
        found = self._candidates(text)
        if not found:
            raise CommandError(f"The job has no item {text!r}; `robot-jobs show` lists its orders.")
        if len(found) > 1:
            ids = ", ".join(str(item.id) for item in found[:5])
            raise CommandError(f"The job has {len(found)} items {text!r}; use an id instead: {ids}.")
        return found[0]

    def _candidates(self, text: str) -> list[Item]:
        try:
            wanted = UUID(text)
        except ValueError:
            pass
        else:
            return [item for item in self._items if wanted in (item.id, item.order_id)]
        found = {item.id: item for item in self._by_name.get(_comparable(text), ())}
        if _BEGINNING.fullmatch(text):
            found |= {item.id: item for item in self._items if str(item.id).startswith(text.lower())}
        return list(found.values())


def _comparable(name: str) -> str:
    read = read_field(name, FieldKind.NAME)
    return id_form(read) if isinstance(read, str) else name
