"""Makes the plan of a run from what a user says of a server, for the command line and for pytest."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mavibot_conformance.baseline import read_baseline
from mavibot_conformance.suite import Plan, RunLevel
from mavibot_conformance.target.guard import is_loopback
from mavibot_conformance.target.mock import is_mock, mock_profile
from mavibot_conformance.target.profile import FULL, KEY_VARIABLE, Profile, read_profile

if TYPE_CHECKING:
    from pathlib import Path

    from mavibot_contract import Effect


class UsageError(Exception):
    """Something is missing or wrong in what the user said; the message begins with the option's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a user says of a server and of a run.

    Attributes:
        url: base URL of the server.
        level: how much to do.
        rules: rules and families such as `EQ-2,LIM`, or `None` for all.
        seed: seed of everything that is random.
        profile: file that says what is known of the server.
        effects: greatest effect; by default `send` on this machine, else `read`.
        clients: numbers of test clients, separated by commas.
        confirm_host: the host once more, for writes and sends on a server that is not on this machine.
        rate: most calls in a second.
        baseline: file of known deviations.
    """

    url: str
    level: str = RunLevel.RULES
    rules: str | None = None
    seed: int = 1
    profile: Path | None = None
    effects: Effect | None = None
    clients: str | None = None
    confirm_host: str | None = None
    rate: float | None = None
    baseline: Path | None = None


def make_plan(target: Target, *, dry: bool = False) -> Plan:
    """Return the plan of a run.

    Args:
        target: what the user says.
        dry: ask the server nothing; the profile that a mock would make has no keys then.

    Raises:
        UsageError: something is missing or wrong.
        UnreachableError: there is no server at an address of this machine.
    """
    url = _checked(target.url)
    consent = _consent(url, target)
    try:
        known = read_baseline(target.baseline) if target.baseline else ()
        profile = read_profile(target.profile) if target.profile else _own_profile(url, dry=dry)
        if target.clients is not None:
            profile = replace(profile, clients=_numbers(target.clients))
        plan = Plan(
            url=url,
            profile=profile,
            level=RunLevel(target.level),
            selection=target.rules,
            consent=consent,
            seed=target.seed,
            calls_per_second=target.rate,
            baseline=known,
        )
        plan.rules()
    except OSError as error:
        raise UsageError(f"{error.filename}: {error.strerror}") from None
    except ValueError as error:
        raise UsageError(str(error)) from None
    if consent != "read" and not is_loopback(url) and not profile.clients:
        raise UsageError(f"allow-effects {consent}: name the test clients, in the profile or with --clients")
    return plan


def _checked(url: str) -> str:
    try:
        parts = urlsplit(url)
        valid = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        valid = False
    if not valid:
        raise UsageError("URL: give scheme and host, such as http://127.0.0.1:8080")
    # Nothing of the rest is repeated: it might hold the key.
    if parts.username or parts.query or parts.fragment or parts.path.strip("/"):
        raise UsageError("URL: give scheme and host alone, without /api and the key")
    return f"{parts.scheme}://{parts.netloc}"


def _consent(url: str, target: Target) -> Effect:
    if is_loopback(url):
        return target.effects or "send"
    if target.effects in (None, "read"):
        return "read"
    if (target.confirm_host or "").lower() != urlsplit(url).hostname:
        raise UsageError(
            f"confirm-host: with allow-effects {target.effects} real people could be reached on {url}; type its host"
            " once more to go on"
        )
    return target.effects


def _own_profile(url: str, *, dry: bool) -> Profile:
    """Return the profile where the user has none: all of a mock, else the key alone."""
    if is_loopback(url) and dry:
        return Profile(keys={})
    if is_loopback(url) and is_mock(url):
        return mock_profile(url)
    key = os.environ.get(KEY_VARIABLE)
    if not key:
        raise UsageError(f"no API key; set {KEY_VARIABLE}, or name a profile with --profile")
    return Profile(keys={FULL: key}, variables={FULL: KEY_VARIABLE})


def _numbers(clients: str) -> tuple[int, ...]:
    if not re.fullmatch(r"\d+(,\d+)*", clients):
        raise UsageError("clients: give numbers with commas between them, such as 25554,25555")
    return tuple(map(int, clients.split(",")))
