"""The reference pages: complete, true to the contract, with commands that work, and safe to open."""

from __future__ import annotations

import asyncio
import html
import re
import shlex
import subprocess
import sys
from dataclasses import fields

import httpx2
import pytest
from tests.mock.caller import CONTRACT, Caller

from mavibot_mock import ApiKey, Project, create_app
from mavibot_mock.actions.registry import handlers
from mavibot_mock.control.document import document
from mavibot_mock.state.settings import Settings
from mavibot_mock.web.behaviour import behaviour
from mock_table import settings_of, table

_POLICY = "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_PAGES = ("/docs", "/docs/control")


def _page(mock: Caller, path: str = "/docs", **request: object) -> str:
    response = mock.send("GET", path, **request)
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    return response.text


def _article(page: str, anchor: str) -> str:
    found = re.search(rf'<article id="{re.escape(anchor)}".*?</article>', page, re.DOTALL)
    assert found is not None, f"{anchor} is not on the page"
    return found[0]


def _text(article: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", article)).split())


def _commands(article: str) -> list[list[str]]:
    shown = re.findall(r'<pre class="command" tabindex="0"><code>(.*?)</code>', article, re.DOTALL)
    return [shlex.split(html.unescape(command)) for command in shown]


@pytest.mark.parametrize("action", CONTRACT.actions)
def test_each_action_is_there_with_all_that_the_contract_says(mock: Caller, action: str) -> None:
    article = _article(_page(mock), action)
    operation = CONTRACT.operation(action)
    for method in CONTRACT.actions[action]:
        assert f">{method}</span>" in article
    text = _text(article)
    for wanted in (operation.summary, operation.permission, operation.effect, operation.evidence, operation.source):
        assert " ".join(wanted.split()).replace("`", "") in text
    for name in [*operation.schema["properties"], *operation.aliases]:
        assert f"<dt><code>{name}</code>" in article
    for name in operation.schema.get("required", ()):
        assert f"<dt><code>{name}</code> <strong>required</strong>" in article
    done = behaviour(action)
    if done is not None:
        for wanted in (done.summary, done.changes, done.assumed):
            assert wanted.replace("`", "") in text


@pytest.mark.parametrize("action", handlers())
def test_each_command_works_on_the_demo_project(mock: Caller, action: str) -> None:
    commands = _commands(_article(_page(mock), action))
    assert commands
    for command in commands:
        assert command[0] == "curl"
        body = command[command.index("-d") + 1] if "-d" in command else None
        response = mock.send(
            "GET" if body is None else "POST",
            command[-1],
            content=body,
            headers={} if body is None else {"Content-Type": "application/json"},
        )
        assert response.status_code == 200, (command, response.text)
        assert "not_found" not in response.text
        assert "not found" not in response.text


def test_types_and_limits_are_in_words(mock: Caller) -> None:
    page = _page(mock)
    assert "1 to 300 items" in _text(_article(page, "send_callback_by_platform_id"))
    assert "At least one of client_id, phone, email is required." in _text(_article(page, "create_order"))
    assert "attachment_url needs attachment_type." in _text(_article(page, "message"))
    assert "The JSON body is the list clients itself." in _text(_article(page, "load_clients"))
    assert "0 active, 1 successful, 2 unsuccessful" in _text(_article(page, "get_orders"))
    assert "either as JSON text, the only form that a query string can carry" in _text(_article(page, "message"))
    assert "9007199254740991" not in page


def test_each_control_operation_is_there(mock: Caller) -> None:
    page = _page(mock, "/docs/control")
    operations = [
        (path, method, described)
        for path, methods in document()["paths"].items()
        for method, described in methods.items()
        if method != "parameters"
    ]
    assert operations
    for path, method, described in operations:
        article = _article(page, described["operationId"])
        assert path in article
        assert f">{method.upper()}</span>" in article
        assert " ".join(described["summary"].split()).replace("`", "") in _text(article)
        [command] = _commands(article)
        shape = re.sub(r"\{[^}]+\}", "[^/?]+", path)
        assert re.fullmatch(rf"http://mock/_mock/v1{shape}(\?.*)?", command[-1])


@pytest.mark.parametrize("path", _PAGES)
def test_a_page_needs_nothing_from_elsewhere(mock: Caller, path: str) -> None:
    page = _page(mock, path)
    # What the reader runs may name any address; what the browser loads or follows may not.
    for target in re.findall(r'(?:href|src|action)="([^"]*)"', page):
        if target.startswith("#"):
            assert f'id="{html.unescape(target[1:])}"' in page
        else:
            response = mock.send("GET", target)
            assert response.status_code == 200, target
            # The page of a project may show pictures of this machine, and has forms.
            policy = response.headers["content-security-policy"]
            assert policy.startswith("default-src 'self'; ") if target == "/" else policy == _POLICY
            assert response.headers["x-content-type-options"] == "nosniff"
            assert "url(" not in response.text
            assert "@import" not in response.text
    assert not re.search(r"<script(?![^>]* src=)|<style|<iframe| style=| on[a-z]+=", page)


def test_no_two_places_of_a_page_have_one_name(mock: Caller) -> None:
    for path in _PAGES:
        names = re.findall(r' id="([^"]+)"', _page(mock, path))
        assert len(names) == len(set(names))


def test_the_commands_name_the_address_that_was_asked(mock: Caller) -> None:
    assert "curl http://mock.test:81/api/demo-full/get_clients" in _page(mock, headers={"Host": "mock.test:81"})


@pytest.mark.parametrize("host", ["a'; rm -rf ~; '", '"><script>alert(1)</script>', "", "a b", "[", "x" * 300])
def test_a_strange_host_does_not_come_to_the_page(mock: Caller, host: str) -> None:
    page = _page(mock, headers={"Host": host})
    assert "rm -rf" not in page
    assert "alert" not in page
    assert "curl http://mock/api/demo-full/get_clients" in page


def test_no_key_but_the_demo_projects_is_shown() -> None:
    project = Project(7, [ApiKey("a-key-of-mine", frozenset())])

    async def page() -> str:
        transport = httpx2.ASGITransport(app=create_app([project]))
        async with httpx2.AsyncClient(transport=transport, base_url="http://mock") as client:
            return (await client.get("/docs")).text

    shown = asyncio.run(page())
    project.close()
    assert "a-key-of-mine" not in shown
    assert "curl http://mock/api/API_KEY/get_clients" in shown


@pytest.mark.parametrize("path", ["/docs/", "/docs/none", "/docs/control/", "/docs/__init__.py", "/docs/..%2fpages.py"])
def test_nothing_else_is_there(mock: Caller, path: str) -> None:
    assert mock.send("GET", path).status_code == 404


def test_starting_loads_nothing_of_the_reference() -> None:
    code = "import sys, mavibot_mock; sys.exit('jinja2' in sys.modules or 'mavibot_mock.web.pages' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# The table of docs/reference/mock-behaviour.md.


@pytest.mark.parametrize("action", handlers())
def test_each_handler_says_what_it_does(action: str) -> None:
    done = behaviour(action)
    assert done is not None
    assert done.summary.endswith(".")
    assert not re.search(r"\b(Args|Returns|Raises):", done.summary + done.changes + done.assumed)
    if CONTRACT.operation(action).effect == "read":
        assert not done.changes
    if done.changes:
        assert done.changes.endswith(".")
    if done.assumed:
        assert done.assumed.endswith(".")


def test_the_table_has_a_row_for_each_action() -> None:
    rows = re.findall(r"^\| `(\w+)` \|", table().split("## Settings")[0], re.MULTILINE)
    assert rows == list(CONTRACT.actions)


def test_each_setting_of_the_table_exists() -> None:
    known = {field.name for field in fields(Settings)}
    named = {setting for action in CONTRACT.actions for setting in settings_of(CONTRACT, action)}
    assert named <= known
    assert {"orders_key", "created_at", "success_reply", "not_found_status", "time_zone"} <= named
