"""The options of every command that controls a mock, and the connection that they open."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Annotated, Final
from urllib.parse import urlsplit

import httpx2
import typer

from mavibot_cli import settings, terminal
from mavibot_cli.client_internals import URL_VARIABLE, known_hosts
from mavibot_cli.exits import ExitCode, UsageProblem, calls_may_follow, missing_extra
from mavibot_cli.network import check_certificates

if TYPE_CHECKING:
    from mavibot_mock import Mock

#: Environment variable with the token of a mock that other machines can reach.
TOKEN_VARIABLE: Final = "MAVIBOT_MOCK_TOKEN"  # noqa: S105 - a name, no token

_DEFAULT: Final = "http://127.0.0.1:8080"
#: HTTP status that means that the command itself was wrong.
_INVALID: Final = 400
#: Advice by HTTP status of a refusal; `None` if no mock answers.
_HINTS: Final = {None: "; start one with: mavibot mock", 401: f"; set {TOKEN_VARIABLE} to it"}

Url = Annotated[
    str | None,
    typer.Option(
        "--url",
        metavar="URL",
        help=f"Address of the mock. Default: {URL_VARIABLE}, or else {_DEFAULT}.",
        show_default=False,
    ),
]
ProjectNumber = Annotated[
    int | None,
    typer.Option("--project", metavar="N", min=1, help="Id of the project. Default: the first.", show_default=False),
]


@contextmanager
def running_mock(url: str | None, project: int | None, proxy: str | None) -> Iterator[Mock]:
    """Control a project of a running mock.

    Args:
        url: address of the mock, or `None` for the default.
        project: id of the project, or `None` for the first.
        proxy: proxy for all calls, or `None` for none.

    Raises:
        UsageProblem: the address or an argument is wrong.
        typer.Exit: no mock answers, or it refuses.
    """
    address = _address(url)
    try:
        from mavibot_mock import Mock, MockError  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as error:
        raise missing_extra(error, "mock") from None
    check_certificates()
    token = os.environ.get(TOKEN_VARIABLE) or None
    calls_may_follow()
    try:
        number = _first_project(address, token, proxy) if project is None else project
        with closing(Mock(address, project_id=number, token=token, proxy=proxy)) as mock:
            yield mock
    except MockError as error:
        if error.status == _INVALID:
            raise UsageProblem(terminal.fit(error)) from None
        terminal.tell(f"mavibot mock: {error}{_HINTS.get(error.status, '')}")
        code = ExitCode.NO_CONNECTION if error.status is None else ExitCode.REFUSED
    else:
        return
    raise typer.Exit(code)


def _address(url: str | None) -> str:
    if url is None:
        address = settings.address(URL_VARIABLE, os.environ.get(URL_VARIABLE) or _DEFAULT)
    else:
        address = settings.address("--url", url)
    if urlsplit(address).hostname in {urlsplit(known).hostname for known in known_hosts()}:
        raise UsageProblem(f"{address} is the live platform; name a mock with --url")
    return address


def _first_project(address: str, token: str | None, proxy: str | None) -> int:
    from mavibot_mock.testing.connection import Connection  # noqa: PLC0415 - an extra

    with closing(Connection(address, transport=httpx2.HTTPTransport(proxy=proxy), token=token)) as connection:
        projects = connection.call("GET", "/projects")
    if not projects:
        raise UsageProblem("the mock has no project")
    number: int = projects[0]["id"]
    return number
