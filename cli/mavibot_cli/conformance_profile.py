"""`mavibot conformance --init-profile`: asks what a run may use, tries it by reading, writes the profile."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import typer

import mavibot_contract
from mavibot_cli import terminal
from mavibot_cli.client_internals import hidden, remember
from mavibot_cli.exits import ExitCode, UsageProblem
from mavibot_cli.network import check_certificates
from mavibot_conformance.contact import READS_OF_A_CLIENT, greet
from mavibot_conformance.plan import Plan, Target, UsageError, checked_url, clients_of, given_fields
from mavibot_conformance.session import Session
from mavibot_conformance.target.offer import NotOfferedError
from mavibot_conformance.target.profile import (
    FULL,
    KEY_VARIABLE,
    LEGACY,
    TIME_ZONE,
    Profile,
    key_names,
    messenger_names,
    variable_of,
    webhook_address,
)
from mavibot_conformance.target.receiver import Receiver
from mavibot_conformance.target.wire import UnreachableError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mavibot_conformance.target.exchange import Exchange

_Accepted = TypeVar("_Accepted")

#: Where the profile is written to if no file is named.
_FILE: Final = Path("mavibot-profile.toml")
_CONTRACT: Final = mavibot_contract.load()
#: The action by which keys are tried; its reply names the channels too.
_CHANNELS: Final = _CONTRACT.operation("connected_channels")
#: The environment variable of the key of the second project.
_SECOND: Final = variable_of("second")
#: Characters of a reply that are shown.
_SHOWN: Final = 200


class _RefusedError(Exception):
    """An answer cannot be used; the message says what the server, or this machine, said to it."""


@dataclass(frozen=True, slots=True)
class _Answers:
    """What goes into the profile.

    Attributes:
        keys: names of the keys that there are.
        second: a client of the second project, whose key is in the environment, or `None`.
        clients: test clients.
        actions: the only actions that are called; empty for all.
        channel: messenger and `group_id` of the channel in which test clients are created, or `None`.
        channels: messenger and `group_id` of each channel of the project.
        webhook: `host:port` on which a run receives webhooks, or `None`.
    """

    keys: Sequence[str]
    second: int | None
    clients: Sequence[int]
    actions: Sequence[str]
    channel: tuple[str, str] | None
    channels: Sequence[tuple[str, str]]
    webhook: str | None


def init_profile(target: Target) -> None:
    """Ask for the profile of a server, try each answer, and write the file; nothing on the server is changed.

    Without a terminal the answers are those of the options and of the environment.

    Args:
        target: the server, the file as `profile`, and the answers that options give: `clients` and `actions`.

    Raises:
        UsageProblem: an answer is missing without a terminal, or is refused; or the file is there already or cannot be
            written.
        typer.Exit: the server does not answer.
    """
    file = target.profile or _FILE
    _check_new(file)
    _check_complete(target)
    check_certificates()
    try:
        url = checked_url(target)
        text = _toml(url, _answers(url, target))
    except (UsageError, ValueError) as error:
        raise UsageProblem(str(error)) from None
    except UnreachableError as error:
        terminal.tell(f"mavibot conformance: {error}")
        raise typer.Exit(ExitCode.NO_CONNECTION) from None
    _write(file, text)
    terminal.write(f"{file} is written; the keys are not in it.\n")
    terminal.write(f"Next: mavibot conformance {url} --profile {file}\n")


def _check_new(file: Path) -> None:
    if file.exists() or file.is_symlink():
        raise UsageProblem(f"{file}: is there already, and stays as it is; --profile names another file")
    if not file.parent.is_dir():
        raise UsageProblem(f"{file}: there is no folder {file.parent}")


def _check_complete(target: Target) -> None:
    if terminal.can_ask():
        return
    given = {f"the environment variable {KEY_VARIABLE}": os.environ.get(KEY_VARIABLE), "--clients": target.clients}
    missing = [name for name, value in given.items() if not value]
    if missing:
        raise UsageProblem(f"there is no terminal to ask on; give {' and '.join(missing)}")


def _answers(url: str, target: Target) -> _Answers:
    actions = given_fields(target).get("actions", ())
    can_ask = terminal.can_ask()

    def plan(key: str) -> Plan:
        profile = Profile(keys={FULL: key}, variables={FULL: KEY_VARIABLE}, actions=actions)
        return Plan(url, profile, consent="read", calls_per_second=target.rate, proxy=target.proxy)

    def connected(key: str) -> tuple[Session, Sequence[tuple[str, str]]]:
        if not key:
            raise _RefusedError("a run needs a key")
        remember(key)
        session = Session(plan(key))
        try:
            return session, _channels(plan(key), session)
        except BaseException:
            session.close()
            raise

    session, channels = _asked(
        "API key with all permissions (is not shown)", os.environ.get(KEY_VARIABLE) or None, connected, hide=True
    )
    with session:
        clients = _asked(
            "Ids of test clients, such as 25554,25555; no other client is ever written to (empty: none)",
            target.clients,
            lambda text: _tried_clients(session, text),
        )
        if can_ask:
            for messenger, group_id in channels:
                terminal.tell(f"  {messenger} {group_id}")
        channel = _asked(
            "Channel in which a run may create test clients, such as telegram my_bot (empty: none)",
            None if can_ask else "",
            lambda text: _tried_channel(channels, text),
        )
        keys = [FULL, *_limited_keys(session, can_ask=can_ask)]
        second = _client_of_the_second(session) if can_ask and os.environ.get(_SECOND) else None
        webhook = _asked(
            "Where the project's webhook address leads on this machine, such as 127.0.0.1:9000 (empty: nowhere)",
            None if can_ask else "",
            _tried_webhook,
        )
    return _Answers(keys, second, clients, actions, channel, channels, webhook)


def _asked(question: str, given: str | None, accept: Callable[[str], _Accepted], *, hide: bool = False) -> _Accepted:
    """Return the answer to a question once it is accepted.

    Args:
        question: is asked on a terminal.
        given: the answer, where it is known already.
        accept: tries an answer and returns what it means; raises `_RefusedError`.
        hide: do not show what is typed.

    Raises:
        UsageProblem: the answer is refused, and there is no terminal to ask again.
    """
    while True:
        try:
            return accept(_prompted(question, hide=hide) if given is None else given)
        except _RefusedError as error:
            if not terminal.can_ask():
                raise UsageProblem(str(error)) from None
            terminal.tell(hidden(str(error)))
            given = None


def _prompted(question: str, *, hide: bool = False) -> str:
    try:
        return str(typer.prompt(question, default="", show_default=False, hide_input=hide, err=True)).strip()
    except typer.Abort:
        raise KeyboardInterrupt from None


def _channels(plan: Plan, session: Session) -> Sequence[tuple[str, str]]:
    """Try the full key, and return messenger and `group_id` of each channel that the server names.

    Raises:
        _RefusedError: the server refuses the key, or is not a server of the API.
    """
    with suppress(NotOfferedError):
        answer = session.call_harmlessly(_CHANNELS)
        if answer.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            raise _RefusedError(f"{KEY_VARIABLE}: the server refuses this key: {_said(answer)}")
        if answer.succeeded and isinstance(answer.data, dict):
            names = messenger_names().values()
            return [
                (messenger, str(row["group_id"]))
                for messenger, rows in answer.data.items()
                if messenger in names and isinstance(rows, list)
                for row in rows
                if isinstance(row, dict) and "group_id" in row
            ]
        terminal.tell(f"the channels are not known: {_said(answer)}")
    try:
        greet(plan, session)
    except ValueError as error:
        raise _RefusedError(f"{error}; {_said(session.exchanges[-1])}") from None
    return ()


def _client_of_the_second(session: Session) -> int | None:
    """Return a client of the second project, whose key is in the environment; `None` if none is named."""
    key = os.environ[_SECOND]
    remember(key)
    found = _asked(
        f"Id of a client of the other project, whose key {_SECOND} holds (empty: none)",
        None,
        lambda text: _tried_clients(session, text, key=f"={key}"),
    )
    return found[0] if found else None


def _tried_clients(session: Session, text: str, *, key: str = FULL) -> Sequence[int]:
    """Return the ids of clients, each of which has been read.

    Raises:
        _RefusedError: one cannot be read.
    """
    try:
        clients = clients_of(text) if text else ()
    except UsageError as error:
        raise _RefusedError(str(error)) from None
    for client_id in clients:
        for action in READS_OF_A_CLIENT:
            with suppress(NotOfferedError):
                answer = session.wire.call(action, query={"client_id": client_id}, key=key)
                if not answer.succeeded:
                    raise _RefusedError(f"clients: {client_id} cannot be read: {_said(answer)}")
                break
    return clients


def _tried_channel(channels: Sequence[tuple[str, str]], text: str) -> tuple[str, str] | None:
    """Return messenger and `group_id` of a channel, or `None` for none.

    Raises:
        _RefusedError: it has another form, or the server does not name it.
    """
    if not text:
        return None
    messenger, _, group_id = text.partition(" ")
    if messenger not in messenger_names().values() or not group_id.strip():
        names = ", ".join(messenger_names().values())
        raise _RefusedError(f"channel: give messenger and group_id, such as telegram my_bot; messengers are {names}")
    channel = (messenger, group_id.strip())
    if channels and channel not in channels:
        raise _RefusedError(f"channel: {_CHANNELS.action} names no {messenger} {group_id.strip()}")
    return channel


def _tried_webhook(text: str) -> str | None:
    """Return the address on which webhooks are received, or `None` for none.

    Raises:
        _RefusedError: it has another form, or nothing can listen on it.
    """
    if not text:
        return None
    try:
        with Receiver(webhook_address("webhook", text)):
            return text
    except ValueError as error:
        raise _RefusedError(str(error)) from None
    except (OSError, OverflowError) as error:
        raise _RefusedError(f"webhook: cannot listen on {text}: {error}") from None


def _limited_keys(session: Session, *, can_ask: bool) -> Sequence[str]:
    """Return the names of the further keys that there are, each of which has been tried."""
    names = [name for name in key_names() if name != FULL]
    given = {name: os.environ.get(variable_of(name)) or None for name in names}
    if can_ask and not all(given.values()):
        wants = _prompted("Are there keys with a single permission, with none, legacy or revoked ones? [y/N]")
        can_ask = wants.lower() in ("y", "yes")
    for name in names:
        key = given[name]
        if key is not None or can_ask:
            given[name] = _asked(
                f"Key `{name}` (is not shown; empty: there is none)",
                key,
                partial(_tried_key, session, name),
                hide=True,
            )
    return [name for name, key in given.items() if key]


def _tried_key(session: Session, name: str, key: str) -> str:
    """Return a further key, or nothing.

    Raises:
        _RefusedError: the server answers it in another way than its name lets expect.
    """
    if not key:
        return key
    remember(key)
    with suppress(NotOfferedError):
        answer = session.wire.call(_CHANNELS.action, key=f"={key}")
        is_unknown = answer.status == HTTPStatus.UNAUTHORIZED and name != "revoked"
        # The sources disagree on which other permissions suffice for this action.
        may = name in (_CHANNELS.permission, LEGACY)
        is_sure = may or name in ("none", "revoked")
        if is_unknown or (is_sure and answer.succeeded is not may):
            raise _RefusedError(f"{variable_of(name)}: is no key `{name}`: {_said(answer)}")
    return key


def _said(answer: Exchange) -> str:
    """Return what the server said to a call."""
    text = " ".join(answer.text.split())
    return f"{answer.method} {answer.action} is answered by {answer.status} {text[:_SHOWN]}".rstrip()


def _toml(url: str, answers: _Answers) -> str:
    """Return the profile as TOML; what is not known is there as a comment."""
    keys = [
        _line(json.dumps(name) if ":" in name else name, variable_of(name), is_known=name in answers.keys)
        for name in key_names()
    ]
    is_set = bool(os.environ.get(_SECOND))
    to_do = f" {_SECOND} is set: name one of that project's clients here, and take the # away." if is_set else ""
    groups = dict(reversed(answers.channels))
    channel = answers.channel or (answers.channels[0] if answers.channels else ("telegram", "my_bot"))
    client_type = {name: number for number, name in messenger_names().items()}[channel[0]]
    return "\n".join(
        [
            f"# What is known of {url}: mavibot conformance {url} --profile THIS_FILE",
            "# A rule that needs what is missing here is not run, and its reason names it.",
            "",
            "# Names of environment variables; the keys themselves stand in no file.",
            "[keys]",
            *keys,
            "",
            f"# Another project, which must see nothing of this one.{'' if answers.second else to_do}",
            f"{'' if answers.second else '# '}[second]",
            _line("key", _SECOND, is_known=answers.second is not None),
            _line("client_id", answers.second or 431, is_known=answers.second is not None),
            "",
            "[test]",
            "# Off this machine no other client is ever written to.",
            _line("clients", list(answers.clients) or [25554], is_known=bool(answers.clients)),
            "# The only actions that are called; without this line it is found out which there are.",
            _line("actions", list(answers.actions) or ["message", "callback"], is_known=bool(answers.actions)),
            "# Clients are created here.",
            _line(
                "channel", {"client_type": client_type, "group_id": channel[1]}, is_known=answers.channel is not None
            ),
            "# A channel of each messenger, for what is sent by its group_id.",
            _line("groups", groups or {"whatsapp": "34810"}, is_known=bool(groups)),
            "# Where the project's webhook address leads; port 0 takes a free one.",
            _line("webhook", answers.webhook or "127.0.0.1:9000", is_known=answers.webhook is not None),
            "# Parameters that may be used although they could reach others than the test clients.",
            _line("reach", ["phone"], is_known=False),
            "# A list that is filled and emptied.",
            _line("list_id", 1170282, is_known=False),
            "# A block that is run.",
            _line("block_id", 390, is_known=False),
            "# Stages of one pipeline, in their order; of four and more the last two are success and failure.",
            _line("stage_ids", [36, 37, 38], is_known=False),
            "# A number that has no WhatsApp account.",
            _line("phone_without_whatsapp", "79000000404", is_known=False),
            "# The project's time zone, in which it reads times and days: a name such as Europe/Moscow, or an offset.",
            _line("time_zone", TIME_ZONE, is_known=False),
            "",
        ]
    )


def _line(name: str, value: Any, *, is_known: bool) -> str:
    return f"{'' if is_known else '# '}{name} = {_value(value)}"


def _value(value: Any) -> str:
    """Return a value as TOML."""
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{name} = {_value(each)}' for name, each in value.items())} }}"
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    # JSON writes numbers and texts as TOML does, but for a few characters that no reader should meet.
    return terminal.fit(terminal.whole(json.dumps(value, ensure_ascii=False)))


def _write(file: Path, text: str) -> None:
    """Write a new file that only its owner can read.

    Raises:
        UsageProblem: it is there already, or cannot be written.
    """
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
            opened.write(text)
    except OSError as error:
        raise UsageProblem(f"{file}: cannot be written: {error.strerror}") from None
