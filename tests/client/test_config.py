"""The two settings: API key and base URL."""

from functools import partial
from urllib.parse import urlsplit

import httpx2
import pytest
from tests.client.support import BASE_URL, CONTRACT, KEY

from mavibot import AsyncMavibot, ConfigurationError, Mavibot

KEY_VARIABLE = "MAVIBOT_API_KEY"
URL_VARIABLE = "MAVIBOT_BASE_URL"
CLIENTS = [Mavibot, AsyncMavibot]


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    monkeypatch.delenv(URL_VARIABLE, raising=False)


def called_address(api_key: str | None = None, base_url: str | None = None) -> str:
    """Return the address that a client calls with these settings."""
    seen: list[httpx2.Request] = []

    def handle(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        return httpx2.Response(200, text="ok")

    with Mavibot(api_key, base_url=base_url, transport=httpx2.MockTransport(handle)) as bot:
        bot.message(client_id=25554, message="Hello")
    return str(seen[0].url)


def test_settings_come_from_the_arguments() -> None:
    assert called_address(KEY, BASE_URL) == f"{BASE_URL}/api/{KEY}/message"


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY_VARIABLE, KEY)
    monkeypatch.setenv(URL_VARIABLE, BASE_URL)
    assert called_address() == f"{BASE_URL}/api/{KEY}/message"


def test_arguments_win_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY_VARIABLE, "another")
    monkeypatch.setenv(URL_VARIABLE, "https://another.test")
    assert called_address(KEY, BASE_URL) == f"{BASE_URL}/api/{KEY}/message"


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("given", [None, ""])
def test_a_missing_key_names_the_setting_and_the_variable(client: type, given: str | None) -> None:
    with pytest.raises(ConfigurationError, match=rf"^api_key: .*{KEY_VARIABLE}"):
        client(given, base_url=BASE_URL)


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("given", [None, ""])
def test_a_missing_base_url_names_the_setting_the_variable_and_the_hosts(client: type, given: str | None) -> None:
    with pytest.raises(ConfigurationError, match=rf"^base_url: .*{URL_VARIABLE}") as caught:
        client(KEY, base_url=given)
    hosts = [urlsplit(server).hostname for server in CONTRACT.servers]
    assert hosts
    assert all(host in str(caught.value) for host in hosts if host)


def test_an_empty_variable_counts_as_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY_VARIABLE, "")
    with pytest.raises(ConfigurationError, match=f"^api_key: .*{KEY_VARIABLE}"):
        Mavibot(base_url=BASE_URL)


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize(
    ("malformed", "hint"),
    [
        (f" {KEY}", "space"),
        (f"{KEY} ", "space"),
        (f"{KEY[:8]} {KEY[8:]}", "space"),
        (f"{KEY}\n", "line break"),
        (f"{KEY}\u00a0", "space"),
        (f"{KEY}\u200b", "only letters"),
        (f"https://chatter.mavibot.ai/api/{KEY}", "address"),
        (f"api/{KEY}", "address"),
        (f"{KEY}?x=1", "only letters"),
        (f"{KEY}%2F", "only letters"),
        ("#{api_key}", "placeholder"),
        ("{api_key}", "placeholder"),
        ("<api_key>", "placeholder"),
        ("ключ" + KEY, "only letters"),
        (KEY + "\x00", "only letters"),
        ("a" * 513, "512"),
    ],
)
def test_a_malformed_key_is_refused_with_a_hint_and_without_being_shown(
    client: type, malformed: str, hint: str
) -> None:
    with pytest.raises(ConfigurationError, match=rf"^api_key: .*{hint}") as caught:
        client(malformed, base_url=BASE_URL)
    shown = str(caught.value) + repr(caught.value)
    assert malformed not in shown
    assert KEY not in shown


@pytest.mark.parametrize("key", ["a" * 32, "0123456789abcdef" * 2, "A-b_c.d~e", "a" * 512])
def test_a_well_formed_key_is_taken(key: str) -> None:
    assert called_address(key, BASE_URL) == f"{BASE_URL}/api/{key}/message"


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize(
    "malformed",
    [
        "https://chatter.mavibot.ai ",
        " https://chatter.mavibot.ai",
        "https://chatter. mavibot.ai",
        "https://chatter.mavibot.ai\n",
        "chatter.mavibot.ai",
        "//chatter.mavibot.ai",
        "https:chatter.mavibot.ai",
        "https://",
        "ftp://chatter.mavibot.ai",
        "https://chatter.mavibot.ai/api",
        "https://chatter.mavibot.ai/api/",
        f"https://chatter.mavibot.ai/api/{KEY}",
        f"https://chatter.mavibot.ai/api/{KEY}/message",
        f"https://chatter.mavibot.ai/{KEY}",
        f"https://chatter.mavibot.ai/{KEY}/",
        f"https://chatter.mavibot.ai/API/{KEY}",
        "https://chatter.mavibot.ai?x=1",
        f"https://chatter.mavibot.ai?api_key={KEY}",
        "https://chatter.mavibot.ai#top",
        "https://user:secret@chatter.mavibot.ai",
        f"https://{KEY}@chatter.mavibot.ai",
        # What an address parser chokes on must not come out as its own error.
        "http://[::1",
        "http://localhost:port",
        "http://localhost:99999999",
        "http://localhost:0",
        "http://local\x00host",
        # Nothing follows the mark, yet what the client adds would land behind it.
        "https://chatter.mavibot.ai?",
        "https://chatter.mavibot.ai#",
        "https://{host}",
        "https://proxy.test/{path}",
    ],
)
def test_a_malformed_base_url_is_refused_and_named(client: type, malformed: str) -> None:
    with pytest.raises(ConfigurationError, match=r"^base_url: ") as caught:
        client(KEY, base_url=malformed)
    assert KEY not in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("base_url", "address"),
    [
        ("https://mavibot.test", "https://mavibot.test/api/{}/message"),
        ("https://mavibot.test/", "https://mavibot.test/api/{}/message"),
        ("HTTPS://Mavibot.Test", "https://mavibot.test/api/{}/message"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080/api/{}/message"),
        ("http://127.0.0.1:8080/", "http://127.0.0.1:8080/api/{}/message"),
        ("http://[::1]:8080", "http://[::1]:8080/api/{}/message"),
        ("https://proxy.test/mavibot", "https://proxy.test/mavibot/api/{}/message"),
        ("https://proxy.test/mavibot/", "https://proxy.test/mavibot/api/{}/message"),
        ("https://proxy.test/API_KEY", "https://proxy.test/API_KEY/api/{}/message"),
    ],
)
def test_the_address_is_base_url_key_and_action(base_url: str, address: str) -> None:
    assert called_address(KEY, base_url) == address.format(KEY)


@pytest.mark.parametrize("server", CONTRACT.servers)
def test_every_host_of_the_contract_is_reached_by_its_own_address(server: str) -> None:
    base_url = server.removesuffix("/api/{api_key}")
    assert called_address(KEY, base_url) == server.format(api_key=KEY) + "/message"


@pytest.mark.parametrize("client", CLIENTS)
def test_the_repr_names_the_server(client: type) -> None:
    assert BASE_URL in repr(client(KEY, base_url=BASE_URL))


@pytest.mark.parametrize("timeout", [None, 0.5])
def test_the_timeout_bounds_every_step_of_a_call(timeout: float | None) -> None:
    seen: list[httpx2.Request] = []

    def handle(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        return httpx2.Response(200, text="ok")

    make = partial(Mavibot, KEY, base_url=BASE_URL, transport=httpx2.MockTransport(handle))
    with make() if timeout is None else make(timeout=timeout) as bot:
        bot.message(client_id=25554, message="Hello")
    limits = seen[0].extensions["timeout"]
    assert limits.keys() == {"connect", "read", "write", "pool"}
    assert all(0 < seconds <= (timeout or 600) for seconds in limits.values())
