"""What is scheduled runs at its own moment and in order, by itself or as the clock is moved."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from tests.mock.caller import NOON, Caller
from tests.mock.driver import Driver
from tests.mock.receiver import Answer, Received, Receiver, post_to

from mavibot_mock import Project, Server
from mavibot_mock.actions.jobs import JOBS
from mavibot_mock.state.schedule import LAST_MOMENT

if TYPE_CHECKING:
    from pathlib import Path


def later(mock: Caller, text: str, seconds: int, client_id: int = 5) -> None:
    mock.call("message", {"client_id": client_id, "message": text, "time_shift": seconds})


def texts(mock: Caller, client_id: int = 5) -> list[tuple[str, int]]:
    return [(row["text"], row["created_at"] - int(NOON)) for row in reversed(mock.history(client_id))]


def test_jobs_run_in_order_at_their_own_moments(mock: Caller, driver: Driver) -> None:
    later(mock, "third", 50)
    later(mock, "first", 10)
    later(mock, "second", 10)
    later(mock, "too late", 61)
    assert driver.get("/clock")["next_due"] == NOON + 10
    moved = driver.advance(60)
    assert (moved["ran"], moved["failed"], moved["finished"], moved["now"]) == (3, 0, True, NOON + 60)
    assert texts(mock) == [("first", 10), ("second", 10), ("third", 50)]


def test_setting_back_runs_and_undoes_nothing(mock: Caller, driver: Driver) -> None:
    later(mock, "x", 10)
    assert driver.post("/clock/set", to=NOON - 100)["ran"] == 0
    assert driver.advance(100)["ran"] == 0
    assert driver.advance(10)["ran"] == 1


def test_until_idle_jumps_from_job_to_job(mock: Caller, driver: Driver) -> None:
    for seconds in (86400, 5, 3600):
        later(mock, str(seconds), seconds)
    moved = driver.post("/clock/run_until_idle")
    assert (moved["ran"], moved["now"], moved["next_due"]) == (3, NOON + 86400, None)
    assert driver.post("/clock/run_until_idle")["now"] == NOON + 86400


def test_the_number_of_jobs_is_bounded(mock: Caller, driver: Driver) -> None:
    for seconds in (1, 2, 3):
        later(mock, str(seconds), seconds)
    moved = driver.post("/clock/advance", by=60, most=2)
    assert (moved["ran"], moved["finished"], moved["now"], moved["next_due"]) == (2, False, NOON + 2, NOON + 3)
    assert driver.post("/clock/run_until_idle", most=1)["finished"] is True


def test_jobs_are_listed_cancelled_and_run(mock: Caller, driver: Driver) -> None:
    for text, seconds in (("b", 20), ("a", 10), ("c", 30)):
        later(mock, text, seconds)
    found = driver.get("/jobs")
    assert [job["due"] - NOON for job in found["jobs"]] == [10, 20, 30]
    assert [job["parameters"]["message"] for job in found["jobs"]] == ["a", "b", "c"]
    assert driver.get("/jobs", offset=1, limit=1) == {"count": 3, "jobs": [found["jobs"][1]], "failed": []}
    first, second, third = (job["id"] for job in found["jobs"])
    driver.delete(f"/jobs/{first}")
    driver.post(f"/jobs/{third}/run")
    assert texts(mock) == [("c", 0)]
    assert [job["id"] for job in driver.get("/jobs")["jobs"]] == [second]
    assert "it may have run" in driver.refusal("DELETE", f"/jobs/{third}", 404)
    assert "it may have run" in driver.refusal("POST", f"/jobs/{third}/run", 404)


def test_a_failing_job_is_reported_and_gone(mock: Caller, driver: Driver, capsys: pytest.CaptureFixture[str]) -> None:
    mock.project.store.add_job("unheard-of", {}, due=NOON + 1)
    later(mock, "after it", 1)
    moved = driver.advance(5)
    assert (moved["ran"], moved["failed"]) == (2, 1)
    assert texts(mock) == [("after it", 1)]
    [failure] = driver.get("/jobs")["failed"]
    assert (failure["kind"], failure["due"], failure["error"]) == ("unheard-of", NOON + 1, "KeyError: 'unheard-of'")
    assert "(unheard-of) failed" in capsys.readouterr().err
    mock.project.store.add_job("unheard-of", {}, due=NOON + 10)
    job_id = driver.get("/jobs")["jobs"][0]["id"]
    assert "is gone: KeyError" in driver.call("POST", f"/jobs/{job_id}/run", status=409)["message"]
    assert driver.get("/jobs")["count"] == 0


def test_a_job_of_a_deleted_client_does_nothing(mock: Caller, driver: Driver) -> None:
    later(mock, "x", 10)
    mock.project.store._db.execute("DELETE FROM clients WHERE id = 5")
    moved = driver.advance(10)
    assert (moved["ran"], moved["failed"]) == (1, 0)
    assert mock.project.store.history(5, limit=10, period=None) == []


def test_overdue_jobs_run_at_the_next_call(mock: Caller) -> None:
    later(mock, "x", 10)
    mock.now += 60
    assert texts(mock) == [("x", 10)]


def test_a_stopped_clock_runs_nothing(mock: Caller, driver: Driver) -> None:
    later(mock, "x", 10)
    driver.post("/clock/freeze")
    mock.now += 60
    assert texts(mock) == []
    driver.post("/clock/run")
    assert texts(mock) == []
    mock.now += 10
    assert texts(mock) == [("x", 10)]


def test_a_running_clock_runs_jobs_by_itself() -> None:
    with Receiver() as receiver, Server() as server, httpx2.Client(timeout=60) as client:
        post_to(server.project, receiver.url)
        control = f"{server.url}/_mock/v1/projects/1"
        now = client.post(f"{control}/clock/freeze").json()["now"]
        body = {"client_id": 5, "message": "by itself", "time_shift": 60}
        client.post(f"{server.url}/api/{server.api_key}/message", json=body)
        client.post(f"{control}/clock/set", json={"to": now + 59.9}).raise_for_status()
        client.post(f"{control}/clock/run").raise_for_status()
        client.post(f"{control}/webhooks/wait", json={"timeout": 60}).raise_for_status()
        assert receiver.texts == ["by itself"]


def test_kept_jobs_run_by_themselves_after_a_restart(tmp_path: Path) -> None:
    with Receiver() as receiver:
        with Server(db=tmp_path) as server:
            post_to(server.project, receiver.url)
            client_id = server.project.store.clients(offset=0, limit=1, reverse=True)[0]["id"]
            job = {"client_id": client_id, "message": "kept"}
            server.project.store.add_job("message", job, due=server.project.now())
        assert receiver.received == []
        with Server(db=tmp_path) as server:
            httpx2.post(
                f"{server.url}/_mock/v1/projects/1/webhooks/wait", json={"timeout": 60}, timeout=60
            ).raise_for_status()
        assert receiver.texts == ["kept"]


def test_webhooks_arrive_before_the_clock_moves_on(mock: Caller, driver: Driver) -> None:
    moments: list[tuple[str | None, float]] = []

    def note(received: Received) -> Answer:
        moments.append((received.event["message"], mock.project.now()))
        return Answer()

    with Receiver(note) as receiver:
        post_to(mock.project, receiver.url)
        for seconds in (10, 20, 20, 30):
            later(mock, str(seconds), seconds)
        assert driver.advance(25)["ran"] == 3
    assert moments == [("10", NOON + 10), ("20", NOON + 20), ("20", NOON + 20)]


def test_what_a_job_adds_runs_in_the_same_move(mock: Caller, driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    def chain(project: Any, job: dict[str, Any], due: float) -> None:
        if job["left"]:
            project.store.add_job("chain", {"left": job["left"] - 1}, due=due + 10)

    monkeypatch.setitem(JOBS, "chain", chain)
    mock.project.store.add_job("chain", {"left": 5}, due=NOON + 10)
    assert driver.advance(35)["ran"] == 3
    assert driver.post("/clock/run_until_idle")["now"] == NOON + 60


def test_two_moves_at_once_are_refused(mock: Caller, driver: Driver) -> None:
    refused: list[int] = []

    async def move_twice() -> None:
        async with mock.client() as client:
            moves = [client.post("/_mock/v1/projects/1/clock/advance", json={"by": 3000}) for _ in range(2)]
            refused.extend(sorted(reply.status_code for reply in await asyncio.gather(*moves)))

    for seconds in range(150):
        mock.project.store.add_job("message", {"client_id": 5, "message": "x"}, due=NOON + seconds + 1)
    mock.run(move_twice())
    assert refused == [200, 409]
    assert driver.get("/clock")["now"] == NOON + 3000


def test_a_reset_ends_a_move(mock: Caller) -> None:
    async def reset_on_the_way() -> Any:
        moving = asyncio.create_task(mock.project.jobs.move_to(NOON + 3000, most=1000))
        await asyncio.sleep(0)
        mock.restore()
        return await moving

    for seconds in range(150):
        mock.project.store.add_job("message", {"client_id": 5, "message": "x"}, due=NOON + seconds + 1)
    assert mock.run(reset_on_the_way()).finished is False
    assert mock.project.now() == NOON
    assert not mock.project.clock.is_stopped
    assert not mock.project.jobs.is_moving


def test_a_deleted_project_ends_a_move() -> None:
    with Server() as server, httpx2.Client(base_url=f"{server.url}/_mock/v1/projects") as client:

        def delete(_: Received) -> Answer:
            return Answer(httpx2.delete(f"{server.url}/_mock/v1/projects/1").status_code)

        with Receiver(delete) as receiver:
            client.patch("/1/settings", json={"webhook_url": receiver.url})
            later = {"client_id": 5, "message": "x", "time_shift": 5}
            client.post(f"{server.url}/api/{server.api_key}/message", json=later)
            moved = client.post("/1/clock/advance", json={"by": 10})
    assert (moved.status_code, moved.json()["message"]) == (404, "there is no project 1")


@pytest.mark.parametrize("shift", [0, 1e300])
def test_beyond_the_calendar_is_its_end(mock: Caller, driver: Driver, shift: float) -> None:
    driver.call("PATCH", "/settings", body={"created_at": "text"})
    for _ in range(2):
        mock.call("broadcast", {"clients": [5, 58], "message": "far", "time_shift": 1e300, "shift": shift})
        moved = driver.post("/clock/run_until_idle")
        assert (moved["now"], moved["failed"]) == (LAST_MOMENT, 0)
    for client_id in (5, 58):
        assert [row["created_at"][:10] for row in mock.history(client_id)] == ["9999-12-28"] * 2


def test_a_database_keeps_jobs(tmp_path: Path) -> None:
    project = Project(1, clock=lambda: NOON, folder=tmp_path)
    project.store.add_job("message", {"client_id": 5, "message": "x"}, due=NOON + 5)
    project.close()
    project = Project(1, clock=lambda: NOON, folder=tmp_path)
    assert asyncio.run(project.jobs.run_until_idle(most=10)).ran == 1
    project.close()


def test_ten_thousand_jobs_run_in_one_move(mock: Caller, driver: Driver) -> None:
    with mock.project.transaction():
        for number in range(10_000):
            job = {"client_id": 5, "message": "x"}
            mock.project.store.add_job("message", job, due=NOON + number * 0.2)
    begun = time.process_time()
    moved = driver.advance(2000)
    spent = time.process_time() - begun
    assert (moved["ran"], moved["failed"]) == (10_000, 0)
    assert spent < 10  # a couple of seconds on a slow machine; bound of a mistake, not a measure
