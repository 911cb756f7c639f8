"""`mavibot proxy`: stands between an integration and the platform."""

from __future__ import annotations

import json
import math
import os
import re
import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from mavibot_cli import terminal
from mavibot_cli.exits import ExitCode, UsageProblem, missing_extra
from mavibot_cli.network import Port, check_certificates
from mavibot_cli.output_files import check_writable

if TYPE_CHECKING:
    from mavibot_proxy import Proxy

#: Environment variable with the token of a proxy that other machines can reach.
TOKEN_VARIABLE: Final = "MAVIBOT_PROXY_TOKEN"  # noqa: S105 - a name, no token

EXAMPLE: Final = (
    "Example: mavibot proxy https://chatter.mavibot.ai --port 8090 --record calls.har\n\n"
    "Then let your integration call http://127.0.0.1:8090/api/KEY/ACTION."
)
_MEGABYTE: Final = 1_000_000
_RATE: Final = re.compile(r"(\d+(?:\.\d+)?)/s")

commands = typer.Typer()


@commands.command(epilog=EXAMPLE)
def proxy(
    upstream: Annotated[
        str,
        typer.Argument(
            metavar="URL",
            help="Base URL of the only server that calls are passed on to: https, or any server of this machine.",
            show_default=False,
        ),
    ],
    *,
    host: Annotated[
        str,
        typer.Option(
            help="Address to listen on. If other machines can reach it, every address begins with a token:"
            f" {TOKEN_VARIABLE}, or else a new one, which is printed."
        ),
    ] = "127.0.0.1",
    port: Port = 8090,
    timeout: Annotated[
        float, typer.Option(min=0.1, help="Longest silence of the server, in seconds, before a call is given up.")
    ] = 120.0,
    record: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            dir_okay=False,
            help="Record the calls: as HAR if the name ends in .har, otherwise as NDJSON, of which even kill -9 loses"
            " no answered call but the last. API keys are never recorded.",
            show_default=False,
        ),
    ] = None,
    record_limit: Annotated[
        int, typer.Option(min=1, metavar="MB", help="Size of the record, beyond which its older half is dropped.")
    ] = 512,
    redact: Annotated[
        bool,
        typer.Option(
            "--redact/--no-redact",
            help="Record pseudonyms of the same form in place of names, phone numbers, e-mail addresses, texts and"
            " values of variables.",
        ),
    ] = True,
    keep: Annotated[
        list[str] | None,
        typer.Option(metavar="FIELD", help="Field that is recorded as it is; can be repeated.", show_default=False),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            dir_okay=False,
            help="At the end, write what the calls say about the assumptions of the contract, as JSON; it holds"
            " pseudonyms only.",
            show_default=False,
        ),
    ] = None,
    read_only: Annotated[
        bool, typer.Option("--read-only", help="Keep back calls that change something or reach a person.")
    ] = False,
    only_clients: Annotated[
        str | None,
        typer.Option(
            metavar="IDS",
            help="The only clients that may be written to, such as 201,58; calls that could reach others are kept"
            " back.",
            show_default=False,
        ),
    ] = None,
    dry_sends: Annotated[
        bool,
        typer.Option(
            "--dry-sends",
            help="Do not pass on what reaches a person or runs a bot: check it, and answer with the contract's example"
            " of success.",
        ),
    ] = False,
    strict: Annotated[
        bool,
        typer.Option("--strict", help="Keep back calls that deviate from the contract, and answer as a strict mock."),
    ] = False,
    rate: Annotated[
        str | None,
        typer.Option(metavar="N/s", help="Most calls a second, such as 5/s; further ones wait.", show_default=False),
    ] = None,
    webhook: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Receive what the platform posts, at an address that is printed, check and record it, and pass it on"
            " to this one.",
            show_default=False,
        ),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print the summary alone, and no line a call.")] = False,
) -> None:
    """Pass calls on to the platform unchanged, check them and the replies, and record them; until Ctrl-C.

    Point your integration at this address instead of the platform. Each call goes out exactly once; what deviates from
    the contract is said on the terminal, and counted at /_proxy.
    """
    try:
        from mavibot_proxy import Guards, Proxy  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as error:
        raise missing_extra(error, "proxy") from None
    if not math.isfinite(timeout):
        raise UsageProblem(f"--timeout: {timeout} is no number of seconds")
    check_certificates()
    lines = _Lines()
    try:
        server = Proxy(
            upstream,
            host,
            port,
            token=os.environ.get(TOKEN_VARIABLE) or None,
            timeout=timeout,
            record=record,
            record_limit=record_limit * _MEGABYTE,
            redact=redact,
            keep=keep or (),
            guards=Guards(
                read_only=read_only,
                only_clients=_ids(only_clients),
                strict=strict,
                dry_sends=dry_sends,
                rate=_rate(rate),
            ),
            webhook=webhook,
            tell=None if quiet else lines.tell,
        )
        if report is not None:
            check_writable(report)
        _serve(server, upstream, lines)
        if report is not None:
            report.write_text(json.dumps(server.facts.as_json(), ensure_ascii=False, indent=2), encoding="utf-8")
            terminal.tell(f"{report}: what the calls say about the contract's assumptions")
    except ValueError as error:
        raise UsageProblem(str(error)) from None
    except OSError as error:
        if error.filename is not None:
            raise UsageProblem(f"{error.filename}: {error.strerror}") from None
        terminal.tell(f"mavibot proxy: cannot listen on {host}:{port}: {error.strerror}; --port 0 picks a free one")
        raise typer.Exit(ExitCode.REFUSED) from None


def _ids(text: str | None) -> list[int]:
    """Return the ids of `--only-clients`.

    Raises:
        UsageProblem: they are not ids.
    """
    try:
        found = [int(each) for each in text.split(",")] if text is not None else []
    except ValueError:
        found = [0]
    if any(each < 1 for each in found):
        raise UsageProblem("--only-clients: give ids of clients, such as 201,58")
    return found


def _rate(text: str | None) -> float | None:
    """Return the calls a second of `--rate`.

    Raises:
        UsageProblem: it is not a rate.
    """
    if text is None:
        return None
    found = _RATE.fullmatch(text)
    if found is None or not float(found[1]):
        raise UsageProblem("--rate: give calls a second, such as 5/s")
    return float(found[1])


class _Lines:
    """Prints lines as long as they can be written: the proxy goes on without them."""

    def __init__(self) -> None:
        self._is_over = False

    def tell(self, line: str) -> None:
        """Print a line."""
        if not self._is_over:
            try:
                terminal.write(f"{terminal.fit(line)}\n")
            except terminal.OutputError:
                self._is_over = True
                terminal.give_up()


def _serve(server: Proxy, upstream: str, lines: _Lines) -> None:
    """Run a proxy until Ctrl-C or SIGTERM, and print the summary."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with server:
        if server.webhook_url is not None:
            terminal.tell(f"the platform posts to {server.webhook_url}; enter it, or a tunnel to it, in its settings")
        terminal.tell(f"the proxy to {upstream} answers at {server.url}; Ctrl-C stops it")
        stop.wait()
    for line in server.summary.as_lines():
        lines.tell(line)
