"""Checks the plain settings of a client: the API key, the base URL, durations, callbacks, the user agent."""

from __future__ import annotations

import os
import re
from typing import Final
from urllib.parse import urlsplit

import mavibot_contract
from mavibot._secrets import Key, looks_like_a_key
from mavibot._wire import USER_AGENT
from mavibot.errors import Advice, ConfigurationError, shown

KEY_VARIABLE: Final = "MAVIBOT_API_KEY"
URL_VARIABLE: Final = "MAVIBOT_BASE_URL"

# Characters that a URL carries unchanged.
_KEY: Final = re.compile(r"(?!\.+$)[A-Za-z0-9._~-]{1,512}")
#: Seconds of the longest time that a setting can name: thirty years. Sockets and event loops refuse much longer ones.
_LONGEST: Final = 10**9
_PRINTABLE: Final = re.compile(r"[!-~]+( [!-~]+)*")


def api_key(value: str | None) -> Key:
    """Return the API key from the argument or the environment.

    Raises:
        ConfigurationError: it is missing or malformed. The message never shows it.
    """
    if value is None:
        value = os.environ.get(KEY_VARIABLE)
    if not value:
        raise ConfigurationError(
            "api_key",
            f"no API key; set {KEY_VARIABLE} (project settings, Integrations, Add API key)",
            Advice.GIVE_API_KEY,
        )
    if not isinstance(value, str):
        raise ConfigurationError("api_key", f"must be text, got {type(value).__name__}")
    if "/" in value:
        raise ConfigurationError("api_key", "this is an address; pass only the key, the part after /api/")
    if "{" in value or "<" in value:
        raise ConfigurationError("api_key", "this is a placeholder from the documentation; pass the key itself")
    if value != value.strip() or any(character.isspace() for character in value):
        raise ConfigurationError("api_key", "it contains a space or a line break, as copying sometimes adds; remove it")
    if not _KEY.fullmatch(value):
        raise ConfigurationError("api_key", "only letters, digits and . _ ~ - can occur, at most 512; copy it again")
    return Key(value)


def base_url(value: str | None) -> str:
    """Return the base URL from the argument or the environment, such as `https://chatter.mavibot.ai`.

    There is no default, so that a test can never reach the live platform by accident.

    Raises:
        ConfigurationError: it is missing or malformed.
    """
    if value is None:
        value = os.environ.get(URL_VARIABLE)
    if not value:
        hosts = ", ".join(known_hosts())
        raise ConfigurationError(
            "base_url",
            f"no base URL; set {URL_VARIABLE} to the live platform ({hosts}) or a mock",
            Advice.GIVE_BASE_URL,
        )
    if not isinstance(value, str):
        raise ConfigurationError("base_url", f"must be text, got {type(value).__name__}")
    if not value.isprintable() or " " in value:
        raise ConfigurationError("base_url", "it contains a space, as copying from the documentation adds; remove it")
    try:
        parts = urlsplit(value)
        port_is_right = parts.port is None or parts.port > 0
    except ValueError:
        raise ConfigurationError("base_url", "host or port cannot be read; write it like " + known_hosts()[0]) from None
    if parts.scheme not in {"http", "https"} or not parts.hostname or not port_is_right:
        raise ConfigurationError("base_url", "it must begin with https:// (or http:// for a mock) and name a host")
    if parts.scheme == "http" and f"https://{parts.netloc.lower()}" in known_hosts():
        raise ConfigurationError("base_url", "use https:// for the platform; with http:// the key travels in the clear")
    if parts.username is not None or "?" in value or "#" in value:
        raise ConfigurationError("base_url", "leave out user, query and fragment; write it like " + known_hosts()[0])
    if any(part.lower() == "api" or looks_like_a_key(part) for part in parts.path.split("/")):
        raise ConfigurationError("base_url", "leave out /api/ and what follows; key and action are added for you")
    if "{" in value or "}" in value:
        raise ConfigurationError("base_url", "it contains a placeholder in braces; put what it stands for in its place")
    return value.rstrip("/")


def seconds(name: str, value: float | None) -> None:
    """Check a duration.

    Args:
        name: name of the setting, for the error.
        value: the duration in seconds.

    Raises:
        ConfigurationError: it is not a positive number, or longer than thirty years.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= _LONGEST:
        raise ConfigurationError(name, f"must be a positive number of seconds, got {shown(value)}")


def handler(name: str, value: object) -> None:
    """Check a callback.

    Args:
        name: name of the setting, for the error.
        value: the callback, or `None` for none.

    Raises:
        ConfigurationError: it is neither callable nor `None`.
    """
    if value is not None and not callable(value):
        raise ConfigurationError(name, f"must be callable, got {shown(value)}")


def user_agent(value: str | None) -> str:
    """Return the header `User-Agent`: the given one, or our own.

    Raises:
        ConfigurationError: a header cannot carry it.
    """
    if value is None:
        return USER_AGENT
    if not isinstance(value, str) or not _PRINTABLE.fullmatch(value):
        raise ConfigurationError(
            "user_agent", f"must be words of printable ASCII such as 'shop/2.1', got {shown(value)}"
        )
    return value


def known_hosts() -> list[str]:
    """Return the base URLs of the platform that the contract names."""
    return [url.split("/api/")[0] for url in mavibot_contract.load().servers]
