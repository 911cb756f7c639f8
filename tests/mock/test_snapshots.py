"""Reset and snapshots: the whole world goes back at once, and nothing of the old one arrives in it."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from tests.mock.console import Console, Minted, state
from tests.mock.receiver import Receiver

from mavibot_mock.state.store.images import Images

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from mavibot_mock.state.store.database import Database

#: Seconds of CPU, many times what it takes. A reset takes some 0.5 ms.
_SOON = 0.05


@pytest.fixture(params=["memory", "directory"])
def console(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Console]:
    with Console(tmp_path / "db" if request.param == "directory" else None) as console:
        yield console


def _live(minted: Minted) -> None:
    """Change everything that a project can remember."""
    minted.api("message", {"client_id": 5, "message": "now"})
    minted.api("message", {"client_id": 5, "message": "later", "time_shift": 60})
    minted.api("create_order", {"phone": "79001112233"})
    minted.api("delete_clients", {"client_ids": [58]})
    minted.control("POST", "/clock/freeze")
    minted.control("PATCH", "/settings", {"success_reply": "json"})
    minted.control("PATCH", "/keys/none", {"revoked": True})
    minted.control("POST", "/keys", {"name": "new"}, status=201)


def _reset(minted: Minted) -> None:
    minted.control("POST", "/reset")


def _restore(minted: Minted) -> None:
    minted.control("POST", "/snapshots/begin/restore")


def _import(minted: Minted) -> None:
    minted.control("PUT", "/state", minted.begin)  # type: ignore[attr-defined]


@pytest.mark.parametrize("go_back", [_reset, _restore, _import])
def test_everything_goes_back(console: Console, go_back: Callable[[Minted], None]) -> None:
    minted = console.create(settings={"time_zone": "Europe/Moscow"})
    before, keys, chosen = (
        state(minted.project),
        minted.control("GET", "/keys"),
        minted.control("GET", "/settings"),
    )
    minted.begin = minted.control("GET", "/state")  # type: ignore[attr-defined]
    minted.control("PUT", "/snapshots/begin")
    _live(minted)
    assert state(minted.project) != before
    go_back(minted)
    assert state(minted.project) == before
    assert minted.control("GET", "/keys") == keys
    assert minted.control("GET", "/settings") == chosen
    assert not minted.control("GET", "/clock")["stopped"]
    assert minted.control("GET", "/jobs")["count"] == 0
    assert minted.control("GET", "/journal") == []
    assert minted.api("message", {"client_id": 5, "message": "again"}).text == "ok"
    assert minted.texts() == ["again"]


@pytest.mark.parametrize("go_back", [_reset, _restore])
def test_faults_and_limits_are_forgotten(console: Console, go_back: Callable[[Minted], None]) -> None:
    minted = console.create()
    minted.control("PUT", "/snapshots/begin")
    minted.control("POST", "/faults", {"what": {"preset": "server_error"}})
    assert minted.api("get_clients").status_code == 500
    go_back(minted)
    assert minted.api("get_clients").status_code == 200


def test_what_was_on_its_way_does_not_arrive(console: Console) -> None:
    minted = console.create()
    with Receiver() as receiver:
        minted.control("PATCH", "/settings", {"webhook_url": receiver.url})
        minted.control("POST", "/webhooks/hold")
        minted.api("message", {"client_id": 5, "message": "held"})
        minted.control("POST", "/reset")
        minted.control("PATCH", "/settings", {"webhook_url": receiver.url})
        minted.control("POST", "/webhooks/release")
        minted.api("message", {"client_id": 5, "message": "new"})
        minted.control("POST", "/webhooks/settle")
        assert receiver.texts == ["new"]


def test_every_replacement_begins_an_epoch(console: Console) -> None:
    minted = console.create()
    minted.control("PUT", "/snapshots/s")
    epochs = [minted.project.epoch]
    for path in ("/reset", "/snapshots/s/restore"):
        minted.control("POST", path)
        epochs.append(minted.project.epoch)
    minted.control("PUT", "/seed", "empty")
    epochs.append(minted.project.epoch)
    minted.control("PUT", "/state", {})
    epochs.append(minted.project.epoch)
    assert epochs == sorted(set(epochs))


def test_a_reset_goes_back_to_the_latest_seed(console: Console) -> None:
    minted = console.create()
    minted.control("PUT", "/seed", {"lists": [{"id": 7}]})
    seeded = state(minted.project)
    minted.control("PUT", "/state", {"lists": [{"id": 8}]})
    assert [row["id"] for row in minted.control("GET", "/state")["lists"]] == [8]
    minted.control("POST", "/reset")
    assert state(minted.project) == seeded


def test_snapshots_have_names(console: Console) -> None:
    minted = console.create()
    assert minted.control("GET", "/snapshots") == []
    for name in ("two", "one.half", "seed"):
        minted.control("PUT", f"/snapshots/{name}")
    assert minted.control("GET", "/snapshots") == ["one.half", "seed", "two"]
    minted.control("DELETE", "/snapshots/two")
    assert minted.control("GET", "/snapshots") == ["one.half", "seed"]
    for method, path in (("DELETE", "/snapshots/two"), ("POST", "/snapshots/two/restore")):
        assert "two" in minted.refusal(method, path, status=404)
    for name in (".hidden", "a b", "%2e%2e%2fx", "x" * 65):
        assert minted.console.send("PUT", f"/_mock/v1/projects/{minted.id}/snapshots/{name}").status_code in (400, 404)


def test_a_snapshot_can_be_saved_again(console: Console) -> None:
    minted = console.create()
    minted.control("PUT", "/snapshots/s")
    minted.api("message", {"client_id": 5, "message": "kept"})
    minted.control("PUT", "/snapshots/s")
    minted.api("message", {"client_id": 5, "message": "lost"})
    minted.control("POST", "/snapshots/s/restore")
    assert minted.texts() == ["kept"]


def test_a_snapshot_brings_its_keys_back(console: Console) -> None:
    minted = console.create()
    minted.control("PUT", "/snapshots/s")
    minted.control("PUT", "/seed", {"keys": {"other": {}}})
    assert console.send("GET", f"/api/{minted.api_key}/get_clients").status_code == 401
    # The project's former keys stay its own, so that the snapshot finds them free.
    assert "another" in console.refusal("POST", "/projects", {"keys": {"a": {"value": minted.api_key}}}, status=409)
    minted.control("POST", "/snapshots/s/restore")
    assert minted.api("get_clients").status_code == 200


@pytest.mark.parametrize("path", ["/reset", "/snapshots/s/restore"])
def test_going_back_takes_milliseconds(console: Console, path: str) -> None:
    minted = console.create()
    minted.control("PUT", "/snapshots/s")
    durations = []
    for _ in range(5):
        minted.api("message", {"client_id": 5, "message": "x"})
        begin = time.thread_time()
        minted.control("POST", path)
        durations.append(time.thread_time() - begin)
    assert min(durations) < _SOON


class _Snapshots(RuleBasedStateMachine):
    """Snapshots against a plain model: the texts of one client's history."""

    def __init__(self) -> None:
        super().__init__()
        self._console = Console()
        self._minted = self._console.create()
        self._texts: list[str] = []
        self._saved: dict[str, list[str]] = {}
        self._at_first: list[str] = []

    @rule(text=st.sampled_from("abc"))
    def send(self, text: str) -> None:
        self._minted.api("message", {"client_id": 5, "message": text})
        self._texts = [*self._texts, text]

    @rule(name=st.sampled_from(["x", "y"]))
    def save(self, name: str) -> None:
        self._minted.control("PUT", f"/snapshots/{name}")
        self._saved[name] = self._texts

    @precondition(lambda self: self._saved)
    @rule(data=st.data())
    def restore(self, data: Any) -> None:
        name = data.draw(st.sampled_from(sorted(self._saved)))
        self._minted.control("POST", f"/snapshots/{name}/restore")
        self._texts = self._saved[name]

    @precondition(lambda self: self._saved)
    @rule(data=st.data())
    def delete(self, data: Any) -> None:
        name = data.draw(st.sampled_from(sorted(self._saved)))
        self._minted.control("DELETE", f"/snapshots/{name}")
        del self._saved[name]

    @rule()
    def reset(self) -> None:
        self._minted.control("POST", "/reset")
        self._texts = self._at_first

    @rule()
    def seed_with_what_there_is(self) -> None:
        self._minted.control("PUT", "/seed", self._minted.control("GET", "/state"))
        self._at_first = self._texts

    @invariant()
    def holds_what_the_model_holds(self) -> None:
        assert self._minted.texts() == self._texts
        assert self._minted.control("GET", "/snapshots") == sorted(self._saved)

    def teardown(self) -> None:
        self._console.close()


_Snapshots.TestCase.settings = settings(max_examples=15, stateful_step_count=12, deadline=None)
TestSnapshots = _Snapshots.TestCase


def test_others_are_answered_while_a_state_is_copied(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    """The project itself waits: what comes meanwhile finds the state before the copy or after it."""
    busy, other = console.create(), console.create()
    copying, may_end = threading.Event(), threading.Event()
    restore = Images.restore

    def slow(images: Images, name: str, store: Database) -> None:
        copying.set()
        assert may_end.wait(60)
        restore(images, name, store)

    monkeypatch.setattr(Images, "restore", slow)

    async def run() -> None:
        async with console.client() as client:
            reset = asyncio.create_task(client.post(f"/_mock/v1/projects/{busy.id}/reset"))
            await asyncio.to_thread(copying.wait, 60)
            late = asyncio.create_task(client.get(f"/api/{busy.api_key}/get_clients"))
            assert (await client.get(f"/api/{other.api_key}/get_clients")).status_code == 200
            assert (await client.get(f"/_mock/v1/projects/{other.id}/clock")).status_code == 200
            assert not reset.done()
            assert not late.done()
            may_end.set()
            assert (await reset).status_code == 200
            assert (await late).status_code == 200

    console.run(run())
