"""Searches find a client by its own fields as far as no variable hides them, whatever has changed before."""

from __future__ import annotations

from contextlib import closing
from typing import Any, Final

from hypothesis import given, settings
from hypothesis import strategies as st

from mavibot_mock import seeds
from mavibot_mock.state.facts import SHOWN_MESSENGERS
from mavibot_mock.state.identity import search_text
from mavibot_mock.state.steps import at_once
from mavibot_mock.state.store import Store
from mavibot_mock.state.store.own_fields import OWN_FIELDS
from mavibot_mock.state.store.search import Condition

_GROUPS: Final = ("bot", "other")
_TELEGRAM: Final = 1
_PLACES: Final = ("41", "42", "43")
_VALUES: Final = ("1", "x", "41", "bot", SHOWN_MESSENGERS[_TELEGRAM])

_place = st.sampled_from(_PLACES)
_step = st.one_of(
    st.tuples(st.just("add"), _place, st.sampled_from(_GROUPS)),
    st.tuples(st.just("delete"), _place),
    st.tuples(
        st.just("change"), _place, st.sampled_from(["name", "tag", "avatar", "block_id"]), st.just(1) | st.none()
    ),
    st.tuples(st.just("set"), _place, st.sampled_from([*OWN_FIELDS, "city"]), st.sampled_from([*_VALUES, 1, "", None])),
)


def _take(store: Store, kind: str, place: str, *what: Any) -> None:
    found = [row["id"] for row in store.rows("clients") if row["platform_id"] == place]
    if kind == "add" and not found:
        store.add_client(client_type=_TELEGRAM, group_id=what[0], platform_id=place, now=int(place) % 2)
    for client_id in found:
        if kind == "delete":
            store.delete_clients([client_id])
        elif kind == "set":
            store.set_client_variable(client_id, *what)
        elif kind == "change":
            column, value = what
            store.update_client(client_id, now=5, **{column: value if column == "block_id" else value and "x"})


def _found_by(store: Store, name: str) -> dict[int, tuple[str, str, int]]:
    """Return the clients that can be found by a name: the text by which they are, their channel and their moment."""
    found = {}
    for row in store.rows("clients"):
        others = {"group": row["group_id"], "message_id": row["block_id"], "messenger": SHOWN_MESSENGERS[_TELEGRAM]}
        fields = {each: row[each] for each in ("name", "tag", "avatar", "platform_id", "client_type")} | others
        value = store.client_variables(row["id"]).get(name, fields.get(name))
        if value is not None:
            found[row["id"]] = (search_text(name, value), row["group_id"], row["created_at"])
    return found


def _check(store: Store) -> None:
    for name in (*OWN_FIELDS, "city"):
        clients = _found_by(store, name)
        for value in _VALUES:
            fit = [number for number, (text, _, _) in clients.items() if text == value]
            assert store.first_client_with(name, value) == min(fit, default=None)
            for group in _GROUPS:
                in_group = [number for number in fit if clients[number][1] == group]
                assert store.first_client_with(name, value, group) == min(in_group, default=None)
            newest = max(((clients[number][2], number) for number in fit), default=(0, None))
            assert store.latest_client_with(name, value) == newest[1]
            assert at_once(store.find_clients([Condition(name, [value])])) == fit
            others = [number for number in clients if number not in fit]
            assert at_once(store.find_clients([Condition(name, [value], negated=True)])) == others


@settings(max_examples=15, deadline=None)
@given(st.lists(_step, max_size=25))
def test_a_variable_hides_the_field_of_its_name_as_long_as_it_is_set(steps: list[Any]) -> None:
    with closing(Store()) as store:
        store.add_client(client_type=_TELEGRAM, group_id="bot", platform_id="41", now=0, tag="x")
        for step in steps:
            _take(store, *step)
        _check(store)


def test_fields_come_to_light_again_where_variables_are_cleared() -> None:
    with closing(Store()) as store:
        client_id = store.add_client(client_type=_TELEGRAM, group_id="bot", platform_id="41", now=0, name="x", tag="x")
        for value, found in (("y", None), ("y", None), ("", client_id), ("y", None), (None, client_id)):
            store.set_client_variable(client_id, "tag", value)
            store.set_client_variable(client_id, "name", value)
            assert store.first_client_with("tag", "x") == store.first_client_with("name", "x") == found


def test_fields_stay_hidden_in_copies_and_seeds() -> None:
    with closing(Store()) as store:
        for channel_id, group_id in enumerate(_GROUPS, 1):
            store.add_channel("telegram", _TELEGRAM, {"id": channel_id, "group_id": group_id})
        for place in _PLACES:
            _take(store, "add", place, "bot")
            _take(store, "change", place, "tag", 1)
            _take(store, "change", place, "name", 1)
        for name in OWN_FIELDS:
            _take(store, "set", "42", name, "1")
        _take(store, "set", "43", "name", "bot")
        _check(store)
        with closing(Store(like=store)) as copy:
            _check(copy)
        with closing(seeds.build(seeds.export(store))) as built:
            _check(built)
