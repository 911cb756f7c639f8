"""A profile says what is known of a server; whatever is wrong with one is told by the name of the field."""

from __future__ import annotations

import re
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from mavibot_conformance.target.profile import INPUTS, OTHER, read_profile

GUIDE = (Path(__file__).parents[2] / "docs/guides/conformance.md").read_text(encoding="utf-8")
KEYS = {
    "STAGING_KEY": "k-full",
    "STAGING_KEY_READ": "k-read",
    "STAGING_KEY_NONE": "k-none",
    "STAGING_SECOND_KEY": "k-second",
}
FULL = '[keys]\nfull = "STAGING_KEY"\n'


def documented() -> str:
    (found,) = re.findall(r"```toml\n(# staging.toml\n.*?)```", GUIDE, re.S)
    return str(found)


def test_the_documented_profile(tmp_path: Path) -> None:
    file = tmp_path / "staging.toml"
    file.write_text(documented())
    profile = read_profile(file, KEYS)
    assert profile.keys == {"full": "k-full", "clients:read": "k-read", "none": "k-none"}
    assert profile.second == {"key": "k-second", "client_id": 431}
    assert [name for name in INPUTS if profile.lacks(name)] == ["control"]
    assert profile.clients == (25554, 25555)
    assert profile.reach == ("phone",)
    assert profile.zone == ZoneInfo("Europe/Moscow")
    assert profile.shown_key("second") == "$STAGING_SECOND_KEY"
    assert profile.shown_key("clients:read") == "$STAGING_KEY_READ"
    assert profile.shown_key("crm:write") == "$MAVIBOT_API_KEY_CRM_WRITE"
    assert profile.shown_key(OTHER) == "unknown-key"
    assert "k-full" not in repr(profile)
    assert "k-second" not in repr(profile)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[keys", "is not valid TOML"),
        ("", "keys.full: must name the environment variable"),
        ("keys = 5", "keys: must be a table"),
        ("[keys]\nfull = 5", "keys.full: must be a text"),
        ('[keys]\nall = "STAGING_KEY"', "keys.all: unknown; there are full, legacy, none, revoked, clients:delete"),
        (f"{FULL}[tset]", "tset: unknown; there are keys, second, test, control"),
        ('[keys]\nfull = "OTHER_KEY"', "keys.full: the environment variable OTHER_KEY is not set"),
        (f'{FULL}[second]\nkey = "STAGING_KEY"', "second.client_id: must be a number"),
        (f"{FULL}[second]\nclient_id = 5", "second.key: must be a text"),
        (f"{FULL}[test]\nclient = [5]", "test.client: unknown; there are clients, reach, actions, list_id"),
        (f"{FULL}[test]\nclients = 5", "test.clients: must be a list of numbers"),
        (f'{FULL}[test]\nclients = [5, "6"]', "test.clients[1]: must be a number"),
        ("a = " + "[" * 3_000 + "]" * 3_000, "is nested too deeply"),
        (f"{FULL}[test]\nclients = [5, -1]", "test.clients[1]: must be a number from 1 to 9007199254740991"),
        (f"{FULL}[test]\nclients = [9007199254740992]", "test.clients[0]: must be a number from 1 to"),
        (f"{FULL}[test]\nclients = [5, 6, 5]", "test.clients[2]: 5 stands there twice"),
        (f"{FULL}[test]\nstage_ids = [0]", "test.stage_ids[0]: must be a number from 1 to"),
        (f"{FULL}[test]\nstage_ids = [36, 36]", "test.stage_ids[1]: 36 stands there twice"),
        (f"{FULL}[test]\nblock_id = -390", "test.block_id: must be a number from 1 to"),
        (f"{FULL}[test]\nlist_id = true", "test.list_id: must be a number"),
        (f"{FULL}[test]\nlist_id = 0", "test.list_id: must be a number from 1 to"),
        (f"{FULL}[test]\nchannel = {{client_type = 1}}", "test.channel.group_id: must be a text"),
        (f"{FULL}[test]\nchannel = {{type = 1}}", "test.channel.type: unknown"),
        (f"{FULL}[test]\ngroups = {{whatsapp = 5}}", "test.groups.whatsapp: must be a text"),
        (f'{FULL}[test]\ngroups = {{icq = "1"}}', "test.groups.icq: unknown; there are vkontakte, "),
        (
            f'{FULL}[test]\nchannel = {{client_type = 99, group_id = "bot"}}',
            "test.channel.client_type: must be one of 0, 1,",
        ),
        (f'{FULL}[second]\nkey = "STAGING_KEY"\nclient_id = 0', "second.client_id: must be a number from 1 to"),
        (f'{FULL}[test]\nwebhook = "http://127.0.0.1/"', "test.webhook: must be host and port"),
        (f'{FULL}[test]\nwebhook = "127.0.0.1:65536"', "test.webhook: a port is a number up to 65535, not 65536"),
        (f'{FULL}[test]\nwebhook = "127.0.0.1:{"9" * 5000}"', "test.webhook: a port is a number up to 65535"),
        (f'{FULL}[test]\nreach = ["phones"]', "test.reach: must be a list of parameters among client_email"),
        (
            f'{FULL}[test]\ntime_zone = "Mars/Base"',
            "test.time_zone: no time zone is called 'Mars/Base'; use one such as",
        ),
        (f'{FULL}[test]\ntime_zone = "+3"', "test.time_zone: no time zone is called '+3'"),
        (f'{FULL}[test]\ntime_zone = "../UTC"', "test.time_zone: no time zone is called"),
        (f"{FULL}[test]\ntime_zone = 3", "test.time_zone: must be a text"),
        (f'{FULL}[control]\nurl = "http://staging.example/_mock/v1/projects/1"', "control.url: must be the address"),
    ],
)
def test_what_is_wrong_is_named(text: str, says: str, tmp_path: Path) -> None:
    file = tmp_path / "p.toml"
    file.write_text(text)
    with pytest.raises(ValueError, match=re.escape(f"p.toml: {says}")):
        read_profile(file, KEYS)


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ('legacy = "STAGING_KEY"', {"full": "k-full", "legacy": "k-full"}),
        ('full = "STAGING_KEY"\nlegacy = "STAGING_SECOND_KEY"', {"full": "k-full", "legacy": "k-second"}),
    ],
)
def test_a_legacy_key_is_full_where_there_is_no_other(text: str, keys: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "p.toml"
    file.write_text(f"[keys]\n{text}\n")
    profile = read_profile(file, KEYS)
    assert profile.keys == keys
    assert profile.shown_key("full") == "$STAGING_KEY"


@pytest.mark.parametrize("key", ["5ec4e7" * 6, "5EC4E7" * 6, "secret", "mySecretKey1"])
def test_a_key_in_place_of_the_name_of_its_variable_is_not_repeated(key: str, tmp_path: Path) -> None:
    file = tmp_path / "p.toml"
    file.write_text(f'[keys]\nfull = "{key}"\n')
    with pytest.raises(ValueError, match="holds its name, not the key") as caught:
        read_profile(file, {})
    assert key not in str(caught.value)
