"""What a run is to do, and how it is made from what a user says of a server."""

from __future__ import annotations

import math
import os
import random
import re
import secrets
import time
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import httpx2

from mavibot_conformance.baseline import read_baseline
from mavibot_conformance.rules.rule import all_rules, chosen
from mavibot_conformance.target import network
from mavibot_conformance.target.guard import Guard, is_loopback, pace
from mavibot_conformance.target.mock import is_mock, mock_profile, upstream_of
from mavibot_conformance.target.profile import FULL, KEY_VARIABLE, Profile, action_names, client_ids, read_profile
from mavibot_conformance.target.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from mavibot_conformance.baseline import Known
    from mavibot_conformance.rules.rule import Rule
    from mavibot_conformance.target.clock import Clock
    from mavibot_contract import Effect


#: A path before `/api`; what is longer could be a key.
_PREFIX: Final = re.compile(r"(/[\w.~-]{1,24})*", re.ASCII)
#: The most that a run may wait, in seconds.
_MOST_PATIENCE: Final = 3600


class RunLevel(StrEnum):
    """How much a run does."""

    SMOKE = "smoke"
    RULES = "rules"
    COVERAGE = "coverage"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run is to do.

    Attributes:
        url: base URL of the server, without `/api`.
        profile: what is known of it.
        level: how much to do.
        selection: rules and families such as `EQ-2,LIM`, or `None` for all.
        consent: greatest effect that is allowed.
        seed: seed of everything that is random.
        salt: sets the names and texts of the run apart from those of earlier runs on a server that keeps them.
        calls_per_second: most calls in a second; by default 5 off this machine and any number on it.
        timeout: how many seconds a call has, from the connection to the end of its reply.
        baseline: known deviations, which do not count.
        today: the day on which they may have expired.
        proxy: address of a proxy for all calls, or `None` for none.
        transport: instead of the network, for a server in this process.
        clock: by which the run waits.
    """

    url: str
    profile: Profile
    level: RunLevel = RunLevel.RULES
    selection: str | None = None
    consent: Effect = "read"
    seed: int = 1
    salt: str = field(default_factory=lambda: secrets.token_hex(4), repr=False)
    calls_per_second: float | None = None
    timeout: float = network.TIMEOUT
    baseline: Sequence[Known] = ()
    today: date = field(default_factory=date.today)
    proxy: str | None = field(default=None, repr=False)  # can hold a password
    transport: httpx2.BaseTransport | None = field(default=None, repr=False)
    clock: Clock = field(default=time, repr=False)

    def rules(self) -> list[Rule]:
        """Return the rules of the level or of the selection.

        Raises:
            ValueError: the selection names an unknown rule.
        """
        if self.selection is not None:
            return chosen(self.selection)
        return [rule for rule in all_rules() if rule.smoke or self.level is not RunLevel.SMOKE]

    def cases(self) -> Iterator[tuple[Rule, str | None]]:
        """Yield the rules, each with its actions if it runs once for each, otherwise with `None`.

        Raises:
            ValueError: the selection names an unknown rule.
        """
        for rule in self.rules():
            for action in rule.actions if rule.each else [None]:
                yield rule, action

    def randomness(self, name: str) -> random.Random:
        """Return what the names and texts of one rule or action are made with.

        Those of each are its own, whichever others run. In a project that is made for the run they depend on the seed
        alone.
        """
        salt = "" if self.profile.made else f" {self.salt}"
        return random.Random(f"{self.seed} {name}{salt}")  # noqa: S311 - test data

    @property
    def pace(self) -> float | None:
        """The maximum number of calls per second, or `None` for no limit."""
        return self.calls_per_second or (None if self.transport is not None else pace(self.url))

    def guard(self) -> Guard:
        """Return a guard that lets through what the plan allows."""
        return Guard(
            self.url,
            consent=self.consent,
            clients=self.profile.clients,
            reach=self.profile.reach,
            list_id=self.profile.list_id,
            channel=self.profile.channel,
            is_here=self.transport is not None,
        )

    def wire(self, guard: Guard, clock: Clock | None = None) -> Wire:
        """Return a connection to the server, which waits by a clock, by default that of the plan."""
        return Wire(
            self.url,
            self.profile,
            guard,
            transport=self.transport or network.transport(self.proxy),
            calls_per_second=self.pace,
            timeout=self.timeout,
            clock=clock or self.clock,
        )


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
        actions: names of the only actions to call, separated by commas, on a server that has no others.
        baseline: file of known deviations.
        proxy: address of a proxy for all calls.
        patience: how long to wait for what is delayed, such as `30s` or `2m`, an hour at most; by default not at all.
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
    actions: str | None = None
    baseline: Path | None = None
    proxy: str | None = None
    patience: str | None = None


def make_plan(target: Target, *, dry: bool = False) -> Plan:
    """Return the plan of a run; what can be judged without the server is judged before it is asked anything.

    Args:
        target: what the user says.
        dry: ask the server nothing; the profile that a mock would make has no keys then.

    Raises:
        UsageError: something is missing or wrong.
        UnreachableError: there is no server at an address of this machine.
    """
    url = checked_url(target)
    try:
        given = given_fields(target)
        profile = read_profile(target.profile) if target.profile else None
        plan = Plan(
            url=url,
            profile=replace(profile or Profile(keys={}), **given),
            level=RunLevel(target.level),
            selection=target.rules,
            consent=_consent(url, target),
            seed=target.seed,
            calls_per_second=target.rate,
            baseline=read_baseline(target.baseline) if target.baseline else (),
            proxy=target.proxy,
        )
        plan.rules()
        if plan.consent != "read" and not is_loopback(url) and not plan.profile.clients:
            raise UsageError(f"allow-effects {plan.consent}: name the test clients, in the profile or with --clients")
        if not dry:
            refuse_detour(plan)
        if profile is None:
            plan = replace(plan, profile=replace(_own_profile(url, target.proxy, dry=dry), **given))
    except OSError as error:
        raise UsageError(f"{error.filename}: {error.strerror}") from None
    except ValueError as error:
        raise UsageError(str(error)) from None
    return plan


def given_fields(target: Target) -> dict[str, Any]:
    """Return the fields of a profile that options give.

    Raises:
        UsageError: an option is wrong.
        ValueError: likewise.
    """
    given: dict[str, Any] = {}
    if target.clients is not None:
        given["clients"] = clients_of(target.clients)
    if target.patience is not None:
        given["patience"] = _seconds(target.patience)
    if target.actions is not None:
        given["actions"] = action_names("actions", target.actions.split(","))
    if target.rate is not None and not target.rate > 0:
        raise UsageError("rate: give a number of calls a second above 0")
    return given


def checked_url(target: Target) -> str:
    """Return the base URL of a server without what is superfluous.

    Raises:
        UsageError: it is none, or the proxy cannot lead to it.
    """
    try:
        parts = urlsplit(target.url)
        valid = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        parts, valid = None, False
    if parts is None or not valid:
        raise UsageError("URL: give scheme and host, such as http://127.0.0.1:8080")
    # Nothing of the rest is repeated: it might hold the key.
    path = parts.path.rstrip("/")
    if parts.username or parts.query or parts.fragment or "api" in path.split("/") or not _PREFIX.fullmatch(path):
        raise UsageError("URL: give scheme and host, and a path before /api if there is one, without /api and the key")
    url = f"{parts.scheme}://{parts.netloc}{path}"
    if target.proxy is not None and is_loopback(url) and not is_loopback(target.proxy):
        raise UsageError("proxy: for a proxy on another machine this address is that machine; name the server's host")
    return url


def refuse_detour(plan: Plan) -> None:
    """Refuse a `mavibot proxy` on this machine whose calls go to another: real people could be behind it.

    Raises:
        ValueError: the server of the plan is one.
        UnreachableError: there is no server.
    """
    if plan.proxy is None and plan.transport is None and is_loopback(plan.url):
        upstream = upstream_of(plan.url)
        if upstream is not None and not is_loopback(upstream):
            raise ValueError(f"URL: {plan.url} is a proxy, whose calls go to {upstream}; give that address")


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


def _own_profile(url: str, proxy: str | None, *, dry: bool) -> Profile:
    """Return the profile where the user has none: all of a mock, else the key alone."""
    if is_loopback(url) and dry:
        return Profile(keys={})
    if is_loopback(url) and is_mock(url, proxy=proxy):
        return mock_profile(url, transport=network.transport(proxy))
    key = os.environ.get(KEY_VARIABLE)
    if not key:
        raise UsageError(f"no API key; set {KEY_VARIABLE}, or name a profile with --profile")
    return Profile(keys={FULL: key}, variables={FULL: KEY_VARIABLE})


def _seconds(text: str) -> float:
    found = re.fullmatch(r"(\d{1,6})(s|m)?", text, re.ASCII)
    seconds = int(found[1]) * (60 if found[2] == "m" else 1) if found else math.inf
    if seconds > _MOST_PATIENCE:
        raise UsageError("patience: give a time such as 30s or 2m, an hour at most")
    return seconds


def clients_of(text: str) -> tuple[int, ...]:
    """Return the ids of clients.

    Raises:
        UsageError: they are not numbers with commas between them, which a client can have.
    """
    if not re.fullmatch(r"[0-9]{1,99}(,[0-9]{1,99})*", text):
        raise UsageError("clients: give numbers with commas between them, such as 25554,25555")
    try:
        return client_ids("clients", [int(each) for each in text.split(",")])
    except ValueError as error:
        raise UsageError(str(error)) from None
