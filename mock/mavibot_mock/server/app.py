"""The mock as an ASGI application: the platform's own API, the control interface and the pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route

import mavibot_contract
from mavibot_mock.control import ControlApp
from mavibot_mock.control.guard import Guard
from mavibot_mock.server.api import Api, address
from mavibot_mock.server.platform import Platform
from mavibot_mock.web import assets, reference
from mavibot_mock.web.site import Site

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.requests import Request
    from starlette.types import Receive, Scope, Send

    from mavibot_mock.server.project import Project


def create_app(projects: Iterable[Project] | Platform, *, token: str | None = None) -> App:
    """Return the mock as an ASGI application.

    Args:
        projects: the projects that it serves; no key may belong to two of them. The caller closes them.
        token: what each call of the control interface must bring, where other machines reach it.

    Raises:
        MissingHandlersError: the contract has actions that the mock does not.
        ValueError: two projects share a key or an id.
    """
    return App(projects if isinstance(projects, Platform) else Platform(projects), token=token)


class App:
    """The mock as an ASGI application: the platform's own API, and beside it what tells the mock what to do.

    Attributes:
        api: the platform's own API.
    """

    def __init__(self, platform: Platform, *, token: str | None = None) -> None:
        self.api: Final = Api(platform, mavibot_contract.load())
        site = Site(platform, Guard(token))
        self._others: Final = Starlette(
            routes=[
                Route("/livez", _healthy),
                Route("/readyz", _healthy),
                *site.routes(),
                *reference.routes(platform),
                *assets.routes(),
                Mount("/_mock/v1", ControlApp(platform, token=token, worded=site.worded)),
            ],
            exception_handlers={HTTPException: site.unknown_address},
        )
        self._others.router.redirect_slashes = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one call."""
        if scope["type"] == "http":
            # The platform's own calls are many; they go past the router.
            called = address(scope["path"])
            if called is not None:
                key, action = called
                await self.api.answer(scope, receive, send, key=key, action=action)
                return
        await self._others(scope, receive, send)


async def _healthy(_request: Request) -> Response:
    return PlainTextResponse("ok")
