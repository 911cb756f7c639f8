"""`mavibot actions` and `mavibot webhook-url`: what needs neither network nor key."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cli.support import KEY, refused, run, run_on_terminal
from tests.client.support import CONTRACT, Api, good_reply, law

BASE_URL = "https://mavibot.test"


def shown(*arguments: str) -> str:
    """Run a command without key and address; return what it prints."""
    result = run(*arguments, key=None)
    assert result.exit_code == 0, result.output
    assert not result.stderr
    return result.stdout


def details(action: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(shown("actions", action, "--json"))
    return found


def test_the_list_has_every_action_under_its_tag() -> None:
    lines = shown("actions").splitlines()
    tag = ""
    found = {}
    for line, before in zip(lines, ["", *lines], strict=False):
        if not before and line:
            tag = line
        elif line.split()[:1] != ["action"] and line:
            found[line.split()[0]] = tag
    assert found == {action: CONTRACT.operation(action).tag for action in CONTRACT.actions}


def test_a_line_of_the_list() -> None:
    (line,) = (line for line in shown("actions").splitlines() if line.startswith("check_whatsapp "))
    for word in ("POST GET", "clients:read", "read", "documented", CONTRACT.operation("check_whatsapp").summary):
        assert word in line
    assert line == line.rstrip()


def test_the_list_as_json() -> None:
    found = json.loads(shown("actions", "--json"))
    assert [each["action"] for each in found] == list(CONTRACT.actions)
    assert found[0].keys() == {"action", "methods", "tag", "permission", "effect", "evidence", "summary"}


@pytest.mark.parametrize("action", CONTRACT.actions)
def test_an_action_is_explained_in_full(action: str) -> None:
    operation = CONTRACT.operation(action)
    text = shown("actions", action)
    found = details(action)
    node = CONTRACT.document["paths"][f"/{action}"][operation.method.lower()]
    for word in (
        node["description"],
        operation.permission,
        operation.source,
        *operation.schema["properties"],
        *operation.aliases - {"delimiter"},
        *operation.responses,
        found["examples"]["shell"],
        found["examples"]["python"],
    ):
        assert word in text
    assert found["effect"] == operation.effect
    assert found["idempotent"] == operation.idempotent
    assert [each["name"] for each in found["parameters"]] == list(operation.schema["properties"])
    required = {each["name"] for each in found["parameters"] if each["required"]}
    assert required == set(operation.schema.get("required", ()))
    assert all(each["evidence"] in {"documented", "field", "assumed"} for each in found["parameters"])
    assert all(each["description"] and each["type"] for each in found["parameters"])


@pytest.mark.parametrize("action", CONTRACT.actions)
def test_the_python_example_is_a_right_call(action: str) -> None:
    api = Api().reply(json=good_reply(CONTRACT.operation(action)))
    bot = SimpleNamespace(**{action: lambda **parameters: api(action, **parameters)})
    eval(details(action)["examples"]["python"], {"bot": bot})
    assert len(api.requests) == 1


def test_where_the_document_disagrees_about_the_permission() -> None:
    assert "clients:read (the document's text says clients:write, its badge clients:read)" in shown(
        "actions", "get_clients"
    )
    assert details("get_clients")["permission_in_the_document"] == {"stated": "clients:write", "badge": "clients:read"}
    assert details("message")["permission_in_the_document"] == {}


def test_limits_defaults_and_conditions() -> None:
    parameters = {each["name"]: each for each in details("get_clients")["parameters"]}
    assert parameters["limit"]["limits"] == [{"minimum": 1, "maximum": 500}]
    assert parameters["limit"]["default"] == 500
    assert "maximum 500" in shown("actions", "get_clients")
    assert "default 500" in shown("actions", "get_clients")
    assert set(details("broadcast")["conditions"]) >= {
        "Exactly one of list, clients, platform_ids is required.",
        "platform_ids needs group_id.",
    }
    assert "any other name is saved as a variable" in shown("actions", "callback")


def test_types_in_words() -> None:
    types = {each["name"]: each["type"] for each in details("broadcast")["parameters"]}
    assert types["clients"] == "list of whole number or text"
    assert types["attachment_type"].startswith("one of ")
    types = {each["name"]: each["type"] for each in details("subscribers")["parameters"]}
    assert "1 telegram" in types["client_type"]


def test_an_action_of_two_methods_says_by_which_each_parameter_goes() -> None:
    methods = {each["name"]: each["methods"] for each in details("message")["parameters"]}
    assert methods["client_id"] == methods["buttons"] == ["POST", "GET"]
    assert "either as JSON text, the only form that a query string can carry" in shown("actions", "message")


def test_an_unknown_action() -> None:
    assert "did you mean 'get_history'" in refused("actions", "get_histori", key=None)


def test_on_a_terminal() -> None:
    code, text = run_on_terminal("actions")
    assert code == 0
    assert "─" in text
    code, text = run_on_terminal("actions", "get_history")
    assert code == 0
    assert "\x1b[1m" in text


# webhook-url


def url(*arguments: str, **options: Any) -> str:
    result = run("webhook-url", *arguments, url=BASE_URL, key=None, **options)
    assert result.exit_code == 0, result.output
    assert not result.stderr
    return result.stdout.removesuffix("\n")


def query(address: str) -> dict[str, str]:
    found = parse_qs(urlsplit(address).query, strict_parsing=True, keep_blank_values=True)
    return {name: values[0] for name, values in found.items()}


def test_a_key_of_the_first_level_and_a_constant() -> None:
    address = url("callback", "client_phone=phone", "--fixed", "message=paid", "--fixed", "resume_bot=true")
    assert address.startswith(f"{BASE_URL}/api/{{api_key}}/callback?")
    assert query(address) == {"value_phone": "phone", "message": "paid", "resume_bot": "true"}


def test_a_nested_place() -> None:
    found = query(url("callback", "client_id=order.client.id", "message=event"))
    assert found["delimiter_value_client_id"].split(found["delimiter"]) == ["order", "client", "id"]


@given(
    st.lists(
        st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1, max_size=8), min_size=2, max_size=4
    ).filter(lambda keys: not keys[0].startswith(("value_", "delimiter")))
)
@law(50)
def test_any_keys_can_be_written(keys: list[str]) -> None:
    place = ".".join(key.replace("\\", "\\\\").replace(".", "\\.") for key in keys)
    found = query(url("callback", f"client_id={place}", "message=event"))
    assert found["delimiter_value_client_id"].split(found["delimiter"]) == keys


def test_a_literal_dot_in_a_single_key() -> None:
    assert query(url("callback", r"client_phone=a\.b", "message=m"))["value_phone"] == "a.b"


def test_the_key_is_shown_only_when_it_is_asked_for() -> None:
    arguments = ("webhook-url", "callback", "client_phone=phone", "--fixed", "message=paid")
    assert "{api_key}" in run(*arguments, url=BASE_URL).stdout
    assert "/api/other-key/" in run(*arguments, "--reveal-key", url=BASE_URL, key="other-key").stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["callback", "client_phone=phone", "--reveal-key"], "MAVIBOT_API_KEY"),
        (["get_clients", "limit=a"], "get_clients"),
        (["calback", "client_id=a"], "did you mean 'callback'"),
        (["callback", "phone=a"], "did you mean 'client_phone'"),
        (["callback", "client_phone"], "name=value"),
        (["callback", "client_phone=a", "fixed=b"], "--fixed"),
        (["callback", "client_phone=a", f"api_key={KEY}"], "api_key"),
        (["callback", "client_phone=a", "--fixed", "time_shift=soon"], "time_shift"),
    ],
)
def test_what_is_wrong_is_said(arguments: list[str], words: str) -> None:
    assert words in refused("webhook-url", *arguments, key=None)
