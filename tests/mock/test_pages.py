"""Pages of clients are right at any depth, however the clients came and went."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Final

import pytest

from mavibot_mock.state.store import Store

if TYPE_CHECKING:
    from sqlite3 import Row

_CLIENTS: Final = 9_000
_OFFSETS: Final = (0, 5, 1_023, 1_024, 2_047, 2_048, 4_095, 4_096, 6_500, 8_990, 8_999, 9_000, 10**30)


def _add_clients(store: Store) -> None:
    """Add clients of whom many were created at the same moment, and late ones before early ones."""
    for place in range(_CLIENTS):
        client_id = store.add_client(
            client_type=1,
            group_id="bot",
            platform_id=str(place),
            now=1_000 if place < _CLIENTS / 3 else 5_000 - place % 7,
            tag="bulk" if place % 3 else None,
        )
        store.add_to_list(7, client_id)


def _check(store: Store) -> None:
    everyone = store._all("SELECT id, created_at, tag FROM clients ORDER BY created_at, id")
    some = [row for row in everyone if 1_000 < row["created_at"] < 4_998]
    tagged = [row for row in some if row["tag"] == "bulk"]
    for offset in _OFFSETS:
        page = slice(offset, offset + 10)
        assert _ids(store.clients(offset=offset, limit=10, reverse=True)) == _ids(everyone[page])
        assert _ids(store.clients(offset=offset, limit=10, reverse=False)) == _ids(everyone[::-1][page])
        assert _ids(store.clients_of_list(7, offset=offset, limit=10)) == _ids(everyone[::-1][page])
        assert _ids(store.subscribers(offset=offset, limit=10, after=1_000, before=4_998)) == _ids(some[page])
        found = store.subscribers(offset=offset, limit=10, after=1_000, before=4_998, tag="bulk", client_type=1)
        assert _ids(found) == _ids(tagged[page])
        found = store.subscribers(offset=offset, limit=10, tag="bulk")
        assert _ids(found) == _ids([row for row in everyone if row["tag"] == "bulk"][page])


def _ids(rows: list[Row]) -> list[int]:
    return [row["id"] for row in rows]


def test_pages_are_right_after_clients_were_added_one_by_one() -> None:
    with closing(Store()) as store:
        with store.transaction():
            _add_clients(store)
        _check(store)


def test_pages_are_right_after_clients_were_added_all_at_once() -> None:
    with closing(Store()) as store:
        with store.filling():
            _add_clients(store)
        _check(store)
        with store.transaction():
            store.add_to_list(7, store.add_client(client_type=1, group_id="bot", platform_id="the first of all", now=5))
        _check(store)


@pytest.mark.parametrize("size", [1, 2_047, 2_048, 2_049, 4_096])
def test_a_list_that_was_filled_all_at_once_ends_with_its_last_member(size: int) -> None:
    with closing(Store()) as store:
        with store.filling():
            for place in range(size + 3):
                client_id = store.add_client(client_type=1, group_id="bot", platform_id=str(place), now=place % 2)
                store.add_to_list(7 if place < size else 8, client_id)
        [last] = store.clients_of_list(7, offset=size - 1, limit=10)
        assert last["id"] == 1
        assert store.clients_of_list(7, offset=size, limit=10) == []


@pytest.mark.heavy
def test_pages_are_right_after_clients_were_deleted() -> None:
    with closing(Store()) as store:
        with store.transaction():
            _add_clients(store)
            store.delete_clients([*range(1_500, 7_000), *range(1, 9_000, 5)])
        _check(store)
        with store.transaction():
            store.delete_clients(range(_CLIENTS + 1))
        assert store.clients(offset=0, limit=10, reverse=False) == []


@pytest.mark.heavy
def test_pages_are_right_after_tags_have_changed() -> None:
    with closing(Store()) as store:
        with store.transaction():
            _add_clients(store)
            for client_id in range(1, _CLIENTS, 4):
                store.update_client(client_id, now=6, tag=("bulk", "spring", None)[client_id // 4 % 3])
        _check(store)


def test_a_tag_that_changes_moves_its_client() -> None:
    with closing(Store()) as store, store.transaction():
        client_id = store.add_client(client_type=1, group_id="bot", platform_id="1", now=5, tag="spring")
        store.update_client(client_id, now=6, tag="summer")
        assert store.subscribers(offset=0, limit=10, tag="spring") == []
        assert _ids(store.subscribers(offset=0, limit=10, tag="summer", group_id="bot")) == [client_id]
