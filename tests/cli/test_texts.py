"""What the command line says itself: help by either name, advice in its own terms, no key."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from tests.cli.support import KEY, Platform, refused, run
from tests.client.support import CONTRACT

from mavibot import Advice
from mavibot_cli.error_texts import ADVICE

COMMANDS = [
    *([], ["call"], ["actions"], ["webhook-url"], ["listen"], ["mock"]),
    *(["clients"], ["clients", "export"], ["clients", "import"]),
    *(["mock", name] for name in ("advance", "reset", "tail", "seed", "snapshot")),
    *(["conformance"], ["conformance", "diff"], ["conformance", "replay"]),
    *(["proxy"], ["facts"], ["facts", "merge"], ["replay"]),
]
HELLO = ["message", "client_id=1", "message=x"]
PAID = ["callback", "client_id=1", "message=paid"]
#: As only Python is written.
PYTHON = ["method=", "={", "None", "keyword", "base_url", "api_key", "fixed."]


@pytest.mark.parametrize("command", COMMANDS)
def test_help_by_either_name(command: list[str]) -> None:
    short, long = (run(*command, option) for option in ("-h", "--help"))
    assert short.exit_code == long.exit_code == 0
    assert short.stdout == long.stdout
    assert "Usage: mavibot" in short.stdout


@pytest.mark.parametrize(
    "name",
    [
        *("", "call", "actions", "webhook-url", "clients export", "clients import", "listen", "mock"),
        *("mock advance", "mock reset", "mock tail", "mock seed", "mock snapshot"),
    ],
)
def test_every_help_has_an_example_or_the_exit_codes(name: str) -> None:
    shown = run(*name.split(), "--help")
    assert shown.exit_code == 0
    assert (f"Example: mavibot {name}" if name else "Exit codes:") in shown.stdout


@pytest.mark.parametrize(
    ("arguments", "given", "words"),
    [
        (["call", *PAID, "phone=7"], {}, "pass it in variables='{…}', as JSON"),
        (
            ["call", *PAID, "--get"],
            {"variables": {"client.a": "x" * 70_000}},
            "leave out --get",
        ),
        (
            ["call", *PAID, "--get"],
            {"variables": {"a": None}},
            "leave out --get, or give an empty text",
        ),
        (["call", *PAID, "a=2"], {"variables": {"a": 1}}, "given twice, in variables and under its own name"),
        (["call", "broadcast", "list=1", "message=x", "--get"], {}, "--get: the action works only by POST"),
        (
            ["call", *PAID, "method=card"],
            {},
            "choose GET with --get; to save a variable of this name",
        ),
        (["call", *HELLO, "--base-url", "localhost"], {}, "base URL: it must begin with https://"),
        (["webhook-url", "callback", "client_phone=p", "--fixed", "client_id=x"], {}, "--fixed client_id: 'x'"),
        (["webhook-url", "callback", "resume_bot=b"], {}, "a constant belongs in --fixed NAME=VALUE"),
        (["call", "help"], {}, "see: mavibot actions"),
    ],
)
def test_advice_is_in_the_terms_of_the_command_line(
    arguments: list[str], given: dict[str, object], words: str, tmp_path: Path
) -> None:
    if given:
        file = tmp_path / "parameters.json"
        file.write_text(json.dumps(given), "utf-8")
        arguments = [*arguments, "--json", str(file)]
    error = refused(*arguments)
    assert words in error
    assert not [word for word in PYTHON if word in error]


def test_every_advice_has_words_of_the_command_line() -> None:
    assert ADVICE.keys() == set(Advice)
    assert len(set(ADVICE.values())) == len(ADVICE)
    assert not [word for word in PYTHON for text in ADVICE.values() if word in text.replace("variables='{", "")]


def test_a_missing_setting_names_the_variable_and_the_option() -> None:
    key = refused("call", *HELLO, key=None)
    assert key == (
        "mavibot call: API key: no API key; set MAVIBOT_API_KEY (project settings, Integrations, Add API key);"
        " or name a file with --key-file\n"
    )
    address = refused("call", *HELLO, url=None)
    assert address.startswith(
        "mavibot call: base URL: no base URL; set MAVIBOT_BASE_URL to the live platform (https://"
    )
    assert address.endswith(" or a mock; or pass --base-url\n")


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("mavibot cl", {"clients"}),
        ("mavibot clients ", {"export", "import"}),
        ("mavibot mock t", {"tail"}),
        ("mavibot conformance r", {"run", "replay"}),
        ("mavibot conformance --base", {"--baseline"}),
        ("mavibot conformance http://127.0.0.1:9 --prof", {"--profile"}),
        ("mavibot call --pro", {"--proxy"}),
        ("mavibot call get_mess", {"get_messages"}),
        ("mavibot actions find_cl", {name for name in CONTRACT.actions if name.startswith("find_cl")}),
        ("mavibot webhook-url callb", {"callback"}),
    ],
)
def test_bash_completes(line: str, wanted: set[str]) -> None:
    """The script that `--show-completion` prints, in a real bash that presses the tab key."""
    program = Path(sys.executable).parent / "mavibot"
    script = f"""
        PATH={shlex.quote(str(program.parent))}:$PATH
        eval "$(_MAVIBOT_COMPLETE=source_bash mavibot)"
        COMP_WORDS=({line}); [[ {shlex.quote(line)} == *' ' ]] && COMP_WORDS+=('')
        COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
        $(complete -p mavibot | sed 's/.*-F \\([^ ]*\\).*/\\1/') mavibot
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False, timeout=240)
    assert done.returncode == 0, done.stderr
    assert {word.strip() for word in done.stdout.split()} == wanted


def test_completion_can_be_shown_and_installed() -> None:
    shown = run("--help").stdout
    assert "--install-completion" in shown
    assert "--show-completion" in shown


def test_an_empty_key_file_is_explained_in_the_terms_of_the_command_line(tmp_path: Path) -> None:
    empty = tmp_path / "project.key"
    empty.write_text("\n", "utf-8")
    error = refused("call", *HELLO, "--key-file", str(empty))
    assert error.endswith("; or name a file with --key-file\n")
    assert "api_key" not in error


def test_a_malformed_key_is_explained_as_one() -> None:
    assert "API key: it contains a space" in refused("call", *HELLO, key="a b")


def test_a_parameter_with_dashes_is_explained() -> None:
    assert "parameters are written without dashes" in refused("call", "message", "--client_id=1")


def test_variables_as_json(server: Platform) -> None:
    variables = {"method": 5, "phone": None}
    result = run("call", *PAID, f"variables={json.dumps(variables)}", "city=Paris", url=server.url)
    assert result.exit_code == 0, result.output
    assert server.requests[-1].json == {"client_id": 1, "message": "paid", "city": "Paris", **variables}


@pytest.mark.parametrize("key", [KEY, "Key-of-a-gateway.0123456789"])
@pytest.mark.parametrize(
    "arguments",
    [
        ["{}"],
        ["call", "{}"],
        ["call", *HELLO, "--{}"],
        ["call", *HELLO, "{}"],
        ["call", *HELLO, "{}=1"],
        ["call", "message", "message=x", "client_id={}"],
        ["actions", "{}"],
        ["webhook-url", "{}", "client_id=id"],
        ["webhook-url", "callback", "client_phone=p", "--fixed", "client_id={}"],
        ["clients", "import", "{}"],
        ["mock", "--port", "{}"],
    ],
)
def test_a_key_as_an_argument_is_not_repeated(arguments: list[str], key: str) -> None:
    error = refused(*(argument.format(key) for argument in arguments), key=key)
    assert key not in error.replace("\n", "")
    assert "Error" in error or error.startswith("mavibot ")
