"""`mavibot clients`: files that are written, continued, checked and imported."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cli.support import Platform, platform, refused, run, run_on_terminal
from tests.client.support import CONTRACT, law

from mavibot_cli.client_files import ClientFile, Row
from mavibot_mock.server.server import Server

NASTY = 'Line\r\nbreak, "quotes"; Анна\n'


@pytest.fixture
def mock() -> Iterator[Server]:
    with Server() as server:
        server.project.store.add_client(
            client_type=1, group_id="example_bot", platform_id="9", now=1588248600, id=700000001, name=NASTY
        )
        yield server


@pytest.fixture(scope="module")
def unchanging() -> Iterator[Server]:
    """A project that no test changes, for what is asked many times."""
    with Server() as server:
        server.project.store.add_client(
            client_type=1, group_id="example_bot", platform_id="9", now=1588248600, id=700000001, name=NASTY
        )
        yield server


def clients(*arguments: str, server: Server | Platform, code: int = 0) -> Any:
    """Run a command that must end with a code."""
    result = run("clients", *arguments, url=server.url, key=getattr(server, "api_key", "key"))
    assert result.exit_code == code, result.output
    return result


def ids(server: Server) -> list[int]:
    return [row["id"] for row in server.project.store.clients(offset=0, limit=1000, reverse=True)]


def table(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def objects(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


# Export


def test_csv_has_all_clients_oldest_first(mock: Server, tmp_path: Path) -> None:
    file = tmp_path / "clients.csv"
    result = clients("export", str(file), server=mock)
    rows = table(file)
    assert [int(row["id"]) for row in rows] == ids(mock)
    assert list(rows[0])[:3] == ["platform_id", "group_id", "client_type"]
    by_id = {row["id"]: row for row in rows}
    assert by_id["700000001"]["name"] == NASTY
    assert by_id["25554"]["group_id"] == "example_bot"
    assert by_id["85856"]["name"] == ""
    assert not result.stdout
    assert str(len(rows)) in result.stderr
    assert list(tmp_path.iterdir()) == [file]


def test_json_lines_of_a_list_with_variables(mock: Server, tmp_path: Path) -> None:
    mock.project.store.add_to_list(1170282, 25554)
    file = tmp_path / "clients.jsonl"
    clients("export", str(file), "--list", "1170282", "--variables", server=mock)
    found = {each["id"]: each for each in objects(file)}
    assert found.keys() == {25554, 411262772}
    assert found[25554]["variables"]["email"] == "client@example.com"
    assert found[25554]["group_id"] == "example_bot"


def test_variables_in_csv_are_json(mock: Server, tmp_path: Path) -> None:
    file = tmp_path / "clients.csv"
    clients("export", str(file), "--variables", server=mock)
    (row,) = (row for row in table(file) if row["id"] == "25554")
    assert json.loads(row["variables"])["email"] == "client@example.com"


def test_an_earlier_export_is_replaced_only_by_a_whole_one(mock: Server, tmp_path: Path) -> None:
    file = tmp_path / "clients.csv"
    file.write_text("earlier", encoding="utf-8")
    refused("clients", "export", str(file), url=mock.url, key="demo-none", code=1)
    assert file.read_text(encoding="utf-8") == "earlier"
    assert list(tmp_path.iterdir()) == [file]
    clients("export", str(file), server=mock)
    assert len(table(file)) == len(ids(mock))


@pytest.mark.heavy
@pytest.mark.parametrize("ending", ["csv", "jsonl"])
@law(25)
@given(share=st.floats(0, 1))
def test_an_export_cut_off_anywhere_is_continued(
    unchanging: Server, tmp_path_factory: pytest.TempPathFactory, ending: str, share: float
) -> None:
    folder = tmp_path_factory.mktemp("export")
    whole, cut = folder / f"whole.{ending}", folder / f"cut.{ending}"
    clients("export", str(whole), server=unchanging)
    content = whole.read_bytes()
    partial = folder / f"cut.{ending}.part"
    partial.write_bytes(content[: int(len(content) * share)])
    clients("export", str(cut), server=unchanging)
    assert cut.read_bytes() == content
    assert not partial.exists()


def test_a_failure_leaves_what_was_written(tmp_path: Path) -> None:
    page = [{"id": number, "platform_id": str(number), "client_type": 1} for number in range(1, 501)]
    file = tmp_path / "clients.csv"
    with platform() as server:
        # The same page again and again is a server that ignores the offset.
        server.answer({"status": "success", "clients": page})
        error = refused("clients", "export", str(file), url=server.url, code=1)
    assert f"{file}.part: 500; the same command continues" in error
    assert not file.exists()
    assert len(table(tmp_path / "clients.csv.part")) == 500


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('{"id": 999, "platform_id": "1"}\n', "clients changed"),
        ('{"platform_id": "1"}\n', "client 1 in it cannot be read"),
        ("nonsense\n", "client 1 in it cannot be read"),
    ],
)
def test_what_cannot_be_continued_is_left_alone(mock: Server, tmp_path: Path, content: str, words: str) -> None:
    file = tmp_path / "clients.jsonl"
    partial = tmp_path / "clients.jsonl.part"
    partial.write_text(content, encoding="utf-8")
    error = refused("clients", "export", str(file), url=mock.url, key=mock.api_key)
    assert words in error
    assert "delete it to begin anew" in error
    assert partial.read_text(encoding="utf-8") == content


def test_other_columns_cannot_be_continued(mock: Server, tmp_path: Path) -> None:
    file = tmp_path / "clients.csv"
    clients("export", str(file), server=mock)
    file.rename(f"{file}.part")
    arguments = ("clients", "export", str(file), "--variables")
    assert "--variables" in refused(*arguments, url=mock.url, key=mock.api_key)


@pytest.mark.parametrize(
    ("ending", "content"),
    [
        *((ending, text) for ending in ("csv", "jsonl") for text in ("somebody's text", '"a\nb', "x" * 10_000 + "\n")),
        *(("csv", "{"), ("jsonl", "platform")),
    ],
)
def test_a_file_that_is_no_export_is_never_cut(mock: Server, tmp_path: Path, ending: str, content: str) -> None:
    partial = tmp_path / f"clients.{ending}.part"
    partial.write_text(content, encoding="utf-8")
    file = tmp_path / f"clients.{ending}"
    assert "cannot be continued" in refused("clients", "export", str(file), url=mock.url, key=mock.api_key)
    assert partial.read_text(encoding="utf-8") == content


@pytest.mark.skipif(os.name == "nt", reason="links of another kind")
@pytest.mark.parametrize(
    ("make", "words"),
    [
        (Path.symlink_to, "it is a symbolic link"),
        (Path.hardlink_to, "it is also a file of another name"),
        (lambda partial, _: os.mkfifo(partial), "it is no file"),
    ],
    ids=["symlink", "hardlink", "pipe"],
)
def test_what_is_not_ours_is_not_written_to(mock: Server, tmp_path: Path, make: Any, words: str) -> None:
    victim, file = tmp_path / "victim", tmp_path / "clients.csv"
    victim.write_text("")
    make(tmp_path / "clients.csv.part", victim)
    assert words in refused("clients", "export", str(file), url=mock.url, key=mock.api_key)
    assert victim.read_text() == ""
    assert not file.exists()


def test_a_link_under_the_final_name_is_replaced_not_followed(mock: Server, tmp_path: Path) -> None:
    victim, file = tmp_path / "victim", tmp_path / "clients.csv"
    victim.write_text("important")
    file.symlink_to(victim)
    clients("export", str(file), server=mock)
    assert victim.read_text() == "important"
    assert not file.is_symlink()


FORMULAS = ["=1+1", "+7 900", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "＝1"]


def test_no_cell_is_a_formula_where_this_is_wanted(mock: Server, tmp_path: Path) -> None:
    for number, name in enumerate(FORMULAS):
        mock.project.store.add_client(
            client_type=1, group_id="example_bot", platform_id=f"-10{number}", now=1588248600, name=name
        )
    file = tmp_path / "clients.csv"
    clients("export", str(file), "--excel-safe", server=mock)
    rows = table(file)
    assert [row["name"] for row in rows if row["name"].startswith("'")] == [f"'{name}" for name in FORMULAS]
    # Ids are whole numbers, which no spreadsheet calculates, and an import takes them back.
    assert {row["platform_id"] for row in rows} >= {f"-10{number}" for number in range(len(FORMULAS))}
    before = ids(mock)
    clients("import", str(file), server=mock)
    assert ids(mock) == before
    clients("export", str(file), server=mock)
    assert [row["name"] for row in table(file) if row["name"] in FORMULAS] == FORMULAS


def test_an_export_is_excel_safe_as_a_whole_or_not_at_all(mock: Server, tmp_path: Path) -> None:
    mock.project.store.add_client(
        client_type=1, group_id="example_bot", platform_id="9000", now=1588248600, name="=1+1"
    )
    file = tmp_path / "clients.csv"
    clients("export", str(file), server=mock)
    file.rename(f"{file}.part")
    arguments = ("clients", "export", str(file), "--excel-safe")
    assert "written without --excel-safe" in refused(*arguments, url=mock.url, key=mock.api_key)
    lines = ("clients", "export", str(tmp_path / "clients.jsonl"), "--excel-safe")
    assert "--excel-safe: only for a .csv file" in refused(*lines, url=mock.url, key=mock.api_key)
    assert {each.name for each in tmp_path.iterdir()} == {"clients.csv.part"}


@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_half_of_a_character_is_replaced_and_noted(tmp_path: Path, ending: str) -> None:
    rows = [{"id": number, "platform_id": "1", "client_type": 1, "name": "n\ud83d"} for number in (1, 2)]
    file = tmp_path / f"clients.{ending}"
    with platform() as server:
        server.answer({})
        server.body = json.dumps({"status": "success", "clients": rows}).encode()
        result = clients("export", str(file), server=server)
    found = table(file) if ending == "csv" else objects(file)
    assert [row["name"] for row in found] == ["n\ufffd", "n\ufffd"]
    assert "clients with half of a character (a lone surrogate): 2; it is now U+FFFD" in result.stderr


def test_a_client_with_very_long_variables_can_be_continued_and_imported(mock: Server, tmp_path: Path) -> None:
    mock.project.store.add_client(
        client_type=1, group_id="example_bot", platform_id="9000", now=1588248600, name="n" * 150_000
    )
    file = tmp_path / "clients.csv"
    clients("export", str(file), server=mock)
    content = file.read_bytes()
    file.rename(f"{file}.part")
    clients("export", str(file), server=mock)
    assert file.read_bytes() == content
    clients("import", str(file), "--dry-run", server=mock)


@pytest.mark.parametrize("command", ["export", "import"])
def test_the_ending_of_the_name_tells_the_format(command: str) -> None:
    assert ".csv or .jsonl" in refused("clients", command, "clients.xls")


def test_a_folder_that_does_not_exist(mock: Server, tmp_path: Path) -> None:
    file = tmp_path / "none" / "clients.csv"
    assert str(file) in refused("clients", "export", str(file), url=mock.url, key=mock.api_key)


# Import


def imported(text: str, tmp_path: Path, server: Server, *options: str, code: int = 0) -> tuple[dict[str, int], str]:
    """Import a file of this text; return the counts and what stands on stderr."""
    file = _file(text, tmp_path)
    result = clients("import", str(file), *options, server=server, code=code)
    counts: dict[str, int] = json.loads(result.stdout)
    return counts, result.stderr


def _file(text: str, tmp_path: Path, encoding: str = "utf-8") -> Path:
    file = tmp_path / ("clients.jsonl" if text.startswith("{") else "clients.csv")
    file.write_text(text, encoding=encoding, newline="")
    return file


def wrong(text: str, tmp_path: Path, encoding: str = "utf-8") -> list[str]:
    """Import a file that must be refused, without sending anything; return the lines on stderr."""
    file = _file(text, tmp_path, encoding)
    with platform() as server:
        error = refused("clients", "import", str(file), url=server.url)
        assert not server.requests
    return error.replace(f"{tmp_path}/", "").splitlines()


@pytest.mark.parametrize(
    "text",
    [
        "platform_id,group_id,client_type\n77,example_bot,1\n78,example_bot,Telegram\n",
        "\ufeffname;client_type;group_id;platform_id\r\n\r\nx;telegram;example_bot;77\r\ny;1;example_bot;78\r\n",
        "platform_id\tgroup_id\tclient_type\n77\texample_bot\t1\n78\texample_bot\t1",
        '{"platform_id": 77, "group_id": "example_bot", "client_type": 1, "name": "x"}\n\n'
        '{"platform_id": "78", "group_id": "example_bot", "client_type": "telegram"}',
    ],
)
def test_the_forms_of_a_file(mock: Server, tmp_path: Path, text: str) -> None:
    counts, _ = imported(text, tmp_path, mock)
    assert counts == {"done": 2, "skipped": 0, "failed": 0, "unknown": 0}
    store = mock.project.store
    assert all(store.client_of_channel(1, "example_bot", platform_id) for platform_id in ("77", "78"))


def test_every_messenger_of_the_contract_has_its_name(tmp_path: Path) -> None:
    messenger = CONTRACT.document["components"]["schemas"]["Messenger"]
    rows = [
        f"1,{'' if number == 13 else 'g'},{name.lower()}"
        for number, name in zip(messenger["enum"], messenger["x-enum-varnames"], strict=True)
    ]
    file = _file("\n".join(["platform_id,group_id,client_type", *rows]), tmp_path)
    with platform() as server:
        server.answer({"status": "success", "items": [{"platform_id": 1, "status": "success"}] * len(rows)})
        clients("import", str(file), server=server)
        assert [each["client_type"] for each in server.requests[0].json] == messenger["enum"]


def test_an_export_can_be_imported(mock: Server, tmp_path: Path) -> None:
    before = ids(mock)
    for ending in ("csv", "jsonl"):
        file = tmp_path / f"all.{ending}"
        clients("export", str(file), server=mock)
        result = clients("import", str(file), server=mock)
        assert json.loads(result.stdout)["done"] == len(before)
    assert ids(mock) == before


def test_all_that_is_wrong_is_told_with_line_and_column_and_nothing_is_sent(tmp_path: Path) -> None:
    lines = wrong(
        "platform_id,group_id,client_type,name\n"
        '77,example_bot,telegram,"two\nlines"\n'
        "78,example_bot,telegramm,x\n"
        ",example_bot,telegram,x\n"
        "79,,telegram,x\n"
        "80,example_bot,1000,x\n"
        "81,example_bot\n",
        tmp_path,
    )
    assert [line.split(": ")[:2] for line in lines[:-1]] == [
        ["clients.csv:4", "client_type"],
        ["clients.csv:5", "platform_id"],
        ["clients.csv:6", "group_id"],
        ["clients.csv:7", "client_type"],
        ["clients.csv:8", "has 2 fields, the header has 4"],
    ]
    assert "did you mean 'telegram'" in lines[0]
    assert lines[-1] == "mavibot clients: clients.csv: 5 of 6 rows are wrong; nothing was sent"


def test_wrong_json_lines(tmp_path: Path) -> None:
    lines = wrong('{"platform_id": 1}\n[]\nx\n{"name": 1, "name": 2}\n', tmp_path)
    assert [line.split(": ")[:2] for line in lines[:-1]] == [
        ["clients.jsonl:1", "group_id"],
        ["clients.jsonl:1", "client_type"],
        ["clients.jsonl:2", "must be a JSON object"],
        ["clients.jsonl:3", "is not JSON"],
        ["clients.jsonl:4", "gives the key 'name' twice"],
    ]


def test_only_the_first_wrong_rows_are_shown(tmp_path: Path) -> None:
    lines = wrong("platform_id,group_id,client_type\n" + "1,g,x\n" * 1000, tmp_path)
    assert len(lines) == 21
    assert "1000 of 1000" in lines[-1]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("platform,group_id,client_type\n", "no column 'platform_id'; is 'platform' meant?"),
        ("platform_id,group_id,client_type,group_id\n", "'group_id' twice"),
        ("", "no column 'platform_id'"),
        ('platform_id,group_id,client_type\n1,"g,1\n', "is not CSV"),
    ],
)
def test_a_file_that_is_no_table_of_clients(tmp_path: Path, text: str, words: str) -> None:
    assert words in "\n".join(wrong(text, tmp_path))


def test_a_file_in_another_encoding(tmp_path: Path) -> None:
    text = "platform_id,group_id,client_type,name\n1,g,1,Анна\n"
    assert "UTF-8" in "\n".join(wrong(text, tmp_path, encoding="cp1251"))


def test_a_file_that_does_not_exist() -> None:
    assert "none.csv" in refused("clients", "import", "none.csv")


def test_a_dry_run_needs_no_key_and_sends_nothing(tmp_path: Path) -> None:
    file = _file("platform_id,group_id,client_type\n77,example_bot,1\n", tmp_path)
    result = run("clients", "import", str(file), "--dry-run", key=None)
    assert result.exit_code == 0
    assert "1, all fine; nothing was sent" in result.stderr


def test_a_client_that_is_refused_is_told_by_its_line(mock: Server, tmp_path: Path) -> None:
    text = 'platform_id,group_id,client_type,name\n77,example_bot,1,"a\nb"\n78,no_such_bot,1,c\n'
    counts, error = imported(text, tmp_path, mock, code=3)
    assert counts == {"done": 1, "skipped": 0, "failed": 1, "unknown": 0}
    assert f"{tmp_path}/clients.csv:4: no such channel" in error


def test_resume_leaves_out_what_is_done(mock: Server, tmp_path: Path) -> None:
    text = "platform_id,group_id,client_type\n" + "".join(f"{number},example_bot,1\n" for number in range(1, 251))
    record = tmp_path / "record"
    imported(text, tmp_path, mock, "--resume", str(record))
    # The crash came before the end of the last chunk was recorded.
    record.write_bytes(b"".join(record.read_bytes().splitlines(keepends=True)[:-1]))
    counts, _ = imported(text, tmp_path, mock, "--resume", str(record))
    assert counts["done"] + counts["skipped"] == 250
    assert 0 < counts["done"] < 250
    counts, _ = imported(text, tmp_path, mock, "--resume", str(record))
    assert counts == {"done": 0, "skipped": 250, "failed": 0, "unknown": 0}


def test_a_resume_file_of_another_import(mock: Server, tmp_path: Path) -> None:
    record = tmp_path / "record"
    imported("platform_id,group_id,client_type\n1,example_bot,1\n", tmp_path, mock, "--resume", str(record))
    other = _file("platform_id,group_id,client_type\n2,example_bot,1\n", tmp_path)
    arguments = ("clients", "import", str(other), "--resume", str(record))
    assert "resume file" in refused(*arguments, url=mock.url, key=mock.api_key)


def test_where_nothing_is_done_the_reason_is_the_exit_code(mock: Server, tmp_path: Path) -> None:
    file = _file("platform_id,group_id,client_type\n1,example_bot,1\n", tmp_path)
    assert "unknown or revoked" in refused("clients", "import", str(file), url=mock.url, key="demo-revoked", code=1)


@pytest.mark.parametrize(
    ("body", "done"),
    [(b"<html>", 0), (b'{"status": "success", "items": [{"platform_id": 1, "status": "success"}]}', 1)],
)
def test_what_the_reply_does_not_tell_is_unknown(tmp_path: Path, body: bytes, done: int) -> None:
    file = _file("platform_id,group_id,client_type\n1,example_bot,1\n2,example_bot,1\n", tmp_path)
    with platform() as server:
        server.body = body
        result = clients("import", str(file), server=server, code=3)
    assert json.loads(result.stdout) == {"done": done, "skipped": 0, "failed": 0, "unknown": 2 - done}


def test_an_empty_file_is_imported_at_once(mock: Server, tmp_path: Path) -> None:
    counts, _ = imported("platform_id,group_id,client_type\n", tmp_path, mock)
    assert counts == {"done": 0, "skipped": 0, "failed": 0, "unknown": 0}


def test_progress_is_drawn_on_a_terminal(mock: Server, tmp_path: Path) -> None:
    file = _file("platform_id,group_id,client_type\n1,example_bot,1\n", tmp_path)
    code, shown = run_on_terminal(
        "clients", "import", str(file), url=mock.url, environment={"MAVIBOT_API_KEY": mock.api_key}
    )
    assert code == 0
    assert "imported clients" in shown
    assert "1 done, 0 skipped" in shown


def test_a_file_that_changes_between_check_and_import(
    mock: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = _file("platform_id,group_id,client_type\n1,example_bot,1\n", tmp_path)
    check = ClientFile.check

    def check_and_change(clients: ClientFile) -> Iterator[Row]:
        yield from check(clients)
        _file("platform_id,group_id,client_type\n1,example_bot,nonsense\n", tmp_path)

    monkeypatch.setattr(ClientFile, "check", check_and_change)
    arguments = ("clients", "import", str(file))
    error = refused(*arguments, url=mock.url, key=mock.api_key, code=3)
    assert "clients.csv:2: was changed after it was checked" in error
