"""`mavibot contract`: the contract as it is, plain, and what a new version of it changes."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from tests.cli.support import refused, run, run_on_terminal
from tests.client.support import CONTRACT

from mavibot_contract.plain import plain


def shown(*arguments: str, given: str | None = None) -> str:
    """Run a command without key and address; return what it prints."""
    result = run("contract", *arguments, key=None, given=given)
    assert result.exit_code == 0, result.output
    assert not result.stderr
    return result.stdout


@pytest.fixture
def old(tmp_path: Path) -> Path:
    file = tmp_path / "old.json"
    file.write_text(json.dumps(CONTRACT.document), encoding="utf-8")
    return file


@pytest.fixture
def new(tmp_path: Path) -> Path:
    """A contract without get_messages, with a shorter history, and with another description."""
    document: Any = deepcopy(CONTRACT.document)
    del document["paths"]["/get_messages"]
    for parameter in document["paths"]["/get_history"]["get"]["parameters"]:
        if parameter["name"] == "limit":
            parameter["schema"]["maximum"] = 100
    document["paths"]["/get_clients"]["get"]["description"] = "Anew."
    file = tmp_path / "new.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    return file


def test_it_prints_the_contract_with_its_twins() -> None:
    assert json.loads(shown()) == CONTRACT.document


def test_it_prints_the_plain_contract() -> None:
    assert json.loads(shown("--plain")) == plain(CONTRACT.document)


@pytest.mark.parametrize("arguments", [[], ["--plain"]])
def test_it_names_a_server(arguments: list[str]) -> None:
    [server] = json.loads(shown(*arguments, "--url", "http://127.0.0.1:8080/"))["servers"]
    assert server["url"] == "http://127.0.0.1:8080/api/{api_key}"


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("", "it names no server; write it like http://127.0.0.1:8080"),
        ("chatter.mavibot.ai", "it must begin with https:// (or http:// for a mock) and name a host"),
        ("http://h?x=1", "leave out user, query and fragment; write it like https://chatter.mavibot.ai"),
        ("http://h/{x}", "it contains a placeholder in braces; put what it stands for in its place"),
        ("http://{host}", "it contains a placeholder in braces; put what it stands for in its place"),
    ],
)
def test_an_address_that_is_none(url: str, message: str) -> None:
    assert refused("contract", "--url", url) == f"mavibot contract: --url: {message}\n"


def test_nothing_has_changed(old: Path) -> None:
    assert shown("diff", str(old)) == "The contract has not changed.\n"


def test_a_change_names_the_action_the_step_and_what_it_means(old: Path, new: Path) -> None:
    assert shown("diff", str(old), str(new)) == (
        "Version step: breaking (2 breaking, 1 patch)\n"
        "\n"
        "get_history\n"
        "  breaking, narrowed: parameter limit: maximum 100, was 2000\n"
        "      caller: must check its calls: one that was right may be refused\n"
        "      mock: must refuse what no longer fits\n"
        "      server: may refuse what it took before\n"
        "\n"
        "get_messages\n"
        "  breaking, removed: the action, by GET\n"
        "      caller: must no longer call it\n"
        "      mock: answers 404 to it\n"
        "      server: need not offer it\n"
        "\n"
        "get_clients\n"
        "  patch, wording changed: description\n"
        "      caller, mock and server: need not change\n"
    )


def test_changes_as_json(old: Path, new: Path) -> None:
    found = json.loads(shown("diff", str(old), str(new), "--json"))
    assert [(each["action"], each["step"]) for each in found] == [
        ("get_history", "breaking"),
        ("get_clients", "patch"),
        ("get_messages", "breaking"),
    ]
    assert found[0].keys() == {"action", "kind", "step", "place", "change", "caller", "mock", "server"}


def test_a_contract_from_stdin_against_the_installed_one(new: Path) -> None:
    assert "minor, added: the action, by GET" in shown("diff", "-", given=new.read_text())


def test_plain_contracts_can_be_compared(tmp_path: Path, new: Path) -> None:
    files = [tmp_path / "plain-old.json", tmp_path / "plain-new.json"]
    documents = CONTRACT.document, json.loads(new.read_text())
    for file, document in zip(files, documents, strict=True):
        file.write_text(json.dumps(plain(document)))
    text = shown("diff", *map(str, files))
    assert "breaking, narrowed: parameter limit: maximum 100, was 2000" in text
    assert "breaking, removed: the action, by GET" in text


def test_what_all_actions_share_stands_once(tmp_path: Path, old: Path) -> None:
    document: Any = deepcopy(CONTRACT.document)
    document["components"]["responses"]["OverLimit"]["x-evidence"] = "documented"
    (tmp_path / "new.json").write_text(json.dumps(document))
    text = shown("diff", str(old), str(tmp_path / "new.json"))
    assert text.count("evidence changed: reply 429: assumed became documented") == 1
    assert all(action in text for action in CONTRACT.actions)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "the file cannot be read: No such file or directory"),
        ("openapi: 3.1.0", "it is not JSON; print a contract with: mavibot contract"),
        ("[" * 100_000, "it is not JSON; print a contract with: mavibot contract"),
        ("[]", "it is no OpenAPI document; print a contract with: mavibot contract"),
        ('{"paths": []}', "it is no OpenAPI document; print a contract with: mavibot contract"),
        ('{"paths": {"/message": {"post": {}}}}', "OLD or NEW is no contract; print one with"),
    ],
)
def test_a_file_that_is_no_contract(tmp_path: Path, old: Path, content: str | None, message: str) -> None:
    file = tmp_path / "wrong.json"
    if content is not None:
        file.write_text(content)
    for arguments in ([str(file), str(old)], [str(old), str(file)]):
        said = refused("contract", "diff", *arguments)
        assert said.startswith("mavibot contract: ")
        assert message in said
        assert said.count("\n") == 1


def looped(tmp_path: Path, schemas: dict[str, Any]) -> str:
    """Return the file of a contract with more schemas, of which the first is the type of a block's id."""
    document: Any = deepcopy(CONTRACT.document)
    document["components"]["schemas"] |= schemas
    document["components"]["schemas"]["Block"]["properties"]["id"] = reference(next(iter(schemas)))
    file = tmp_path / "looped.json"
    file.write_text(json.dumps(document))
    return str(file)


def reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


@pytest.mark.parametrize(
    ("schemas", "message"),
    [
        ({"Loop": reference("Loop")}, "the reference #/components/schemas/Loop leads back to itself"),
        (
            {"Loop": reference("Other"), "Other": reference("Loop")},
            "the reference #/components/schemas/Loop leads back",
        ),
        (
            {"Loop": {**reference("Loop"), "title": "A"}},
            "the reference #/components/schemas/Loop leads back to itself",
        ),
        ({"Loop": {"anyOf": [reference("Loop")]}}, "the reference #/components/schemas/Loop leads back to itself"),
        (
            {"Loop": {"anyOf": [reference("Other")]}, "Other": {"anyOf": [{"type": "null"}, reference("Loop")]}},
            "the reference #/components/schemas/Other leads back to itself",
        ),
        ({"Loop": {"allOf": [reference("Loop")]}}, "its schemas stand within each other without end"),
    ],
)
def test_a_schema_that_stands_for_itself(tmp_path: Path, old: Path, schemas: dict[str, Any], message: str) -> None:
    file = looped(tmp_path, schemas)
    for arguments in ([file, str(old)], [str(old), file]):
        said = refused("contract", "diff", *arguments)
        assert message in said
        assert said.count("\n") == 1


def test_a_reference_to_itself_is_refused_where_nothing_else_differs(tmp_path: Path) -> None:
    file = looped(tmp_path, {"Loop": reference("Other"), "Other": reference("Loop")})
    assert "the reference #/components/schemas/Loop leads back to itself" in refused("contract", "diff", file, file)


@pytest.mark.parametrize(
    ("schema", "text"),
    [
        ({"type": "object", "title": "Loop", "properties": {"next": reference("Loop")}}, "now Loop too"),
        ({"type": "array", "items": reference("Loop")}, "now list of list of the same too"),
        (
            {"anyOf": [{"type": "string"}, {"type": "array", "items": reference("Loop")}]},
            "now text or list of text or list of the same too",
        ),
    ],
)
def test_a_schema_that_holds_others_of_its_kind(tmp_path: Path, old: Path, schema: dict[str, Any], text: str) -> None:
    assert text in shown("diff", str(old), looped(tmp_path, {"Loop": schema}))


def test_stdin_cannot_be_both() -> None:
    assert refused("contract", "diff", "-", "-") == "mavibot contract: OLD and NEW cannot both be stdin\n"


def test_options_of_printing_are_none_of_comparing(old: Path) -> None:
    assert "--plain and --url are for printing" in refused("contract", "--plain", "diff", str(old))


def test_on_a_terminal_names_are_fit_for_it(tmp_path: Path, old: Path) -> None:
    document: Any = deepcopy(CONTRACT.document)
    document["paths"]["/\x1b[31mred"] = document["paths"].pop("/get_messages")
    (tmp_path / "new.json").write_text(json.dumps(document))
    code, text = run_on_terminal("contract", "diff", str(old), str(tmp_path / "new.json"))
    assert code == 0
    assert "\\x1b[31mred" in text
