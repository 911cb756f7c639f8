"""Projects in a directory: what was acknowledged is there again, also after the process was killed."""

from __future__ import annotations

import errno
import json
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import httpx2
import pytest
from tests.mock.console import Console, Minted, state
from tests.running import line_of, started

from mavibot_mock import Platform, Server
from mavibot_mock.state.store.database import Database, StorageError
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


@pytest.mark.parametrize("size", [0, 1, 100, 4096, 100_000])
def test_a_file_that_holds_no_project_is_refused_and_left_alone(tmp_path: Path, size: int) -> None:
    with _opened(tmp_path) as console:
        console.create()
    file = tmp_path / "1" / "state.db"
    file.write_bytes(file.read_bytes()[:size])
    before = file.read_bytes()
    with pytest.raises(ValueError, match=rf"^{re.escape(str(file))}: "):
        Platform(directory=tmp_path)
    assert file.read_bytes() == before
    assert Platform(directory=tmp_path / "other").projects == {}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("DROP TABLE list_members", "list_members is missing"),
        ("DROP INDEX jobs_by_due", "jobs_by_due is missing"),
        ("ALTER TABLE clients ADD COLUMN x", "clients is missing or another one"),
        ("INSERT INTO facts VALUES ('settings', '{\"colour\": 1}')", "a setting 'colour'"),
        ("INSERT INTO facts VALUES ('settings', '{\"time_zone\": \"Moon\"}')", "time_zone: 'Moon'"),
        ("INSERT INTO facts VALUES ('settings', '{\"strict\": \"yes\"}')", "strict is 'yes'"),
    ],
)
def test_a_file_of_another_kind_is_refused_by_name(tmp_path: Path, change: str, reason: str) -> None:
    with _opened(tmp_path) as console:
        console.create(seed="empty")
    with closing(sqlite3.connect(tmp_path / "1" / "state.db")) as database:
        database.execute(change)
        database.commit()
    with pytest.raises(ValueError, match=rf"^{re.escape(str(tmp_path / '1' / 'state.db'))}: .*{reason}"):
        Platform(directory=tmp_path)


@pytest.mark.parametrize("name", ["state.db", "images/seed.db"])
def test_corrupt_pages_are_found_at_the_start(tmp_path: Path, name: str) -> None:
    with _opened(tmp_path) as console:
        console.create()
    file = tmp_path / "1" / name
    content = bytearray(file.read_bytes())
    content[4096 * 3 : 4096 * 12] = b"\xff" * (4096 * 9)
    file.write_bytes(content)
    with pytest.raises(ValueError, match=rf"^{re.escape(str(file))}: "):
        Platform(directory=tmp_path)


@pytest.mark.parametrize("name", ["state.db", "images/seed.db"])
@pytest.mark.parametrize("instead", ["nothing", "a folder"])
def test_a_missing_file_is_refused_by_name(tmp_path: Path, name: str, instead: str) -> None:
    with _opened(tmp_path) as console:
        console.create()
    file = tmp_path / "1" / name
    file.unlink()
    if instead == "a folder":
        file.mkdir()
    with pytest.raises(ValueError, match=rf"^{re.escape(str(file))}: "):
        Platform(directory=tmp_path)


def _crashed(tmp_path: Path, **settings: object) -> Path:
    """Return a directory as a killed process leaves it: what it wrote last is in the log alone."""
    with _opened(tmp_path / "live") as console:
        minted = console.create()
        assert minted.api("message", {"client_id": 5, "message": "kept"}).text == "ok"
        if settings:
            minted.project.store.set_fact("settings", settings)
        return shutil.copytree(tmp_path / "live", tmp_path / "crashed")


def _files(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_log_is_merged(tmp_path: Path) -> None:
    with _opened(_crashed(tmp_path)) as console:
        assert _first(console).texts() == ["kept"]


@pytest.mark.parametrize(
    ("damaged", "place", "reason"),
    [
        ("1/state.db", 4096 * 3, "is corrupt|malformed"),
        ("1/images/seed.db", 4096 * 3, "is corrupt|malformed"),
        ("1/state.db-wal", 0, "state.db-wal beside it is no log of SQLite"),
        (None, 0, "a setting 'colour'"),
    ],
)
def test_what_is_refused_stays_as_it_is(tmp_path: Path, damaged: str | None, place: int, reason: str) -> None:
    folder = _crashed(tmp_path) if damaged else _crashed(tmp_path, colour=1)
    if damaged:
        content = bytearray((folder / damaged).read_bytes())
        content[place : place + 4096 * 9] = b"\xff" * (4096 * 9)
        (folder / damaged).write_bytes(content)
    before = _files(folder)
    with pytest.raises(ValueError, match=rf"^{re.escape(str(folder))}.*\.db: .*({reason})"):
        Platform(directory=folder)
    assert _files(folder) == before


def test_a_snapshot_with_settings_of_another_mock_is_refused_before_it_is_restored(tmp_path: Path) -> None:
    with _opened(tmp_path) as console:
        minted = console.create()
        minted.control("PUT", "/snapshots/s")
        minted.api("message", {"client_id": 5, "message": "kept"})
        [file] = tmp_path.glob("*/images/*s.db")
        with closing(sqlite3.connect(file)) as database, database:
            database.execute("INSERT OR REPLACE INTO facts VALUES ('settings', '{\"colour\": 1}')")
        assert "colour" in minted.refusal("POST", "/snapshots/s/restore", status=409)
        assert minted.texts() == ["kept"]


def test_a_corrupt_snapshot_is_refused(tmp_path: Path) -> None:
    with _opened(tmp_path) as console:
        minted = console.create()
        minted.control("PUT", "/snapshots/s")
        [file] = tmp_path.glob("*/images/*s.db")
        file.write_bytes(b"x" * 5000)
        assert "not a database" in minted.refusal("POST", "/snapshots/s/restore", status=409)
        assert minted.api("message", {"client_id": 5, "message": "x"}).text == "ok"


def test_what_was_not_finished_is_removed_and_said(tmp_path: Path) -> None:
    with _opened(tmp_path) as console:
        console.create()
    (tmp_path / "2.unfinished" / "images").mkdir(parents=True)
    (tmp_path / "2.unfinished" / "state.unfinished").write_bytes(b"")
    (tmp_path / "notes.unfinished").mkdir()
    with closing(Platform(directory=tmp_path)) as platform:
        assert [*platform.projects] == [1]
        assert platform.removed == [tmp_path / "2.unfinished"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["1", "notes.unfinished"]


@pytest.mark.parametrize("moment", ["save", "rename"])
def test_a_project_that_cannot_be_written_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    with _opened(tmp_path) as console:
        console.create()
        if moment == "save":
            monkeypatch.setattr(Database, "save", _full_storage)
        else:
            monkeypatch.setattr(type(tmp_path), "rename", _no_space)
        message = console.refusal("POST", "/projects", {}, status=507)
        assert message.startswith("the directory cannot be written: ")
        assert [*console.platform.projects] == [1]
        monkeypatch.undo()
        assert console.create().id == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["1", "2"]


def _full_storage(*_: object) -> None:
    raise StorageError("database or disk is full")


def _no_space(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_disk_that_cannot_be_written_is_no_bug_and_reads_go_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with _opened(tmp_path) as console:
        minted = console.create()
        assert minted.api("message", {"client_id": 5, "message": "kept"}).text == "ok"
        minted.api("message", {"client_id": 5, "message": "later", "time_shift": 60})
        database = minted.project.store._db
        database.execute("PRAGMA query_only = ON")  # as a disk that is read-only
        refused = minted.api("message", {"client_id": 5, "message": "x"})
        assert refused.status_code == 507
        assert refused.json()["message"].startswith("the directory cannot be written: ")
        assert minted.refusal("POST", "/clock/advance", {"by": 60}, status=507).startswith("the directory")
        assert minted.texts() == ["kept"]
        database.execute("PRAGMA query_only = OFF")
        minted.control("POST", "/clock/advance", {"by": 60})
        assert minted.texts() == ["kept", "later"]
    assert "Traceback" not in capsys.readouterr().err


def test_a_process_that_is_killed_while_it_makes_its_project_leaves_all_or_nothing(tmp_path: Path) -> None:
    program = (
        "import os; from pathlib import Path; from mavibot_mock import Server\n"
        "Path.rename = lambda *_: os._exit(9)\n"
        f"Server(db=Path({str(tmp_path)!r})).__enter__()"
    )
    subprocess.run([sys.executable, "-c", program], check=False)
    assert [path.name for path in tmp_path.iterdir()] == ["1.unfinished"]
    with Server(db=tmp_path) as server:
        assert server.api_key == "demo-full"
        assert server.platform.removed == [tmp_path / "1.unfinished"]


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
