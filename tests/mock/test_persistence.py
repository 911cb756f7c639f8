"""Projects in a directory: what was acknowledged is there again, also after the process was killed."""

from __future__ import annotations

import json
import signal
import sqlite3
import sys
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import httpx2
import pytest
from tests.mock.console import Console, Minted, state
from tests.running import line_of, started

from mavibot_mock import Platform, Server
from mavibot_mock.state.store.schema import VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def _opened(directory: Path) -> Iterator[Console]:
    with Console(directory) as console:
        yield console


def _first(console: Console) -> Minted:
    return Minted(console, console.call("GET", "/projects")[0])


def test_projects_are_found_again(tmp_path: Path) -> None:
    with _opened(tmp_path) as console:
        minted = console.create(settings={"time_zone": "Europe/Moscow"})
        console.create(seed="empty")
        minted.control("POST", "/keys", {"name": "new", "permissions": ["crm:read"]}, status=201)
        minted.control("POST", "/clock/set", {"to": 1800000000})
        minted.control("POST", "/clock/freeze")
        minted.api("message", {"client_id": 5, "message": "later", "time_shift": 60})
        minted.control("PUT", "/snapshots/s")
        minted.api("message", {"client_id": 5, "message": "kept"})
        shown = {
            path: minted.control("GET", path)
            for path in ("/keys", "/settings", "/jobs", "/snapshots", "/state", "/clock")
        }
        before = [state(project) for project in console.platform.projects.values()]
    with _opened(tmp_path) as console:
        assert [state(project) for project in console.platform.projects.values()] == before
        minted = _first(console)
        assert shown == {path: minted.control("GET", path) for path in shown}
        assert minted.texts() == ["kept"]
        minted.control("POST", "/clock/advance", {"by": 60})
        assert minted.texts() == ["kept", "later"]
        minted.control("POST", "/snapshots/s/restore")
        assert minted.texts() == []
        minted.control("POST", "/reset")
        assert not minted.control("GET", "/clock")["stopped"]
        assert "new" not in {key["name"] for key in minted.control("GET", "/keys")}


def test_numbers_go_on(tmp_path: Path) -> None:
    with _opened(tmp_path) as console:
        one, other = console.create(), console.create()
        one.control("DELETE", "")
    with _opened(tmp_path) as console:
        assert [*console.platform.projects] == [other.id]
        assert console.create().id == other.id + 1


def test_a_deleted_project_leaves_nothing(tmp_path: Path) -> None:
    with _opened(tmp_path) as console:
        console.create().control("DELETE", "")
        assert [*tmp_path.iterdir()] == []


def test_what_is_not_the_mocks_is_left_alone(tmp_path: Path) -> None:
    for name in ("7", "notes"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "mine.txt").write_text("x")
    with _opened(tmp_path) as console:
        assert console.platform.projects == {}
        assert console.create().id == 8
    assert (tmp_path / "7" / "mine.txt").read_text() == "x"


def test_a_directory_has_one_server(tmp_path: Path) -> None:
    with _opened(tmp_path) as console:
        console.create()
        with pytest.raises(ValueError, match=r"state\.db: another mock has it open"):
            Platform(directory=tmp_path)


def test_tables_of_another_version_are_refused(tmp_path: Path) -> None:
    with _opened(tmp_path) as console:
        console.create()
        console.create()
    with closing(sqlite3.connect(tmp_path / "2" / "state.db")) as database:
        database.execute(f"PRAGMA user_version = {VERSION + 1}")
    with pytest.raises(ValueError, match=rf"state\.db: .+ another version .+ tables {VERSION + 1}, not {VERSION}"):
        Platform(directory=tmp_path)
    # What was opened before is given back.
    with closing(sqlite3.connect(tmp_path / "1" / "state.db", timeout=0)) as database:
        assert database.execute("SELECT count(*) FROM keys").fetchone()[0] > 0


def test_a_snapshot_of_another_version_is_refused(tmp_path: Path) -> None:
    with _opened(tmp_path) as console:
        minted = console.create()
        minted.control("PUT", "/snapshots/s")
        [file] = tmp_path.glob("*/images/*s.db")
        with closing(sqlite3.connect(file)) as database:
            database.execute(f"PRAGMA user_version = {VERSION + 1}")
        assert "another version" in minted.refusal("POST", "/snapshots/s/restore", status=409)


def test_what_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "1").mkdir()
    (tmp_path / "1" / "state.db").write_bytes(b"no database, but longer than the header of one" * 10)
    with pytest.raises(ValueError, match=r"state\.db: .*not a database"):
        Platform(directory=tmp_path)


def test_a_server_keeps_its_first_project(tmp_path: Path) -> None:
    with Server(db=tmp_path) as server:
        url = f"{server.url}/api/{server.api_key}"
        httpx2.post(f"{url}/message", json={"client_id": 5, "message": "kept"})
    seed = tmp_path / "seed.yaml"
    seed.write_text("lists: [{id: 7}]")
    with Server(db=tmp_path, seed=seed) as server:
        assert (server.project.id, server.api_key) == (1, "demo-full")
        found = httpx2.get(f"{server.url}/api/{server.api_key}/get_history", params={"client_id": 5}).json()
        assert [row["text"] for row in found["result"]] == ["kept"]


def test_a_killed_process_loses_nothing_that_it_acknowledged(tmp_path: Path) -> None:
    program = (
        f"from pathlib import Path; from mavibot_mock import Server, serve; "
        f"serve(Server(db=Path({str(tmp_path)!r})), ready_json=True)"
    )
    with started([sys.executable, "-c", program]) as process:
        ready = json.loads(line_of(process))
        url = f"{ready['url']}/api/{ready['api_key']}/message"
        with httpx2.Client() as client:
            for number in range(200):
                assert client.post(url, json={"client_id": 5, "message": str(number)}).text == "ok"
        process.send_signal(signal.SIGKILL)
    with closing(Platform(directory=tmp_path)) as platform:
        rows = platform.projects[1].store.history(5, limit=1000, period=None)
        assert [row["text"] for row in reversed(rows)] == [str(number) for number in range(200)]
