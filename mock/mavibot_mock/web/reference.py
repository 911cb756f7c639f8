"""The reference under `/docs`, readable without a network, and the contract, in full and plain, served by this mock."""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

import orjson
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

import mavibot_contract
from mavibot_mock.server.demo import FULL_KEY
from mavibot_mock.web.address import address_of
from mavibot_mock.web.assets import HEADERS

if TYPE_CHECKING:
    from starlette.requests import Request

    from mavibot_mock.server.platform import Platform

#: Stands in the commands where the server does not have the demo project.
_NO_KEY: Final = "API_KEY"
_PAGES_KEPT: Final = 8


def routes(platform: Platform) -> list[Route]:
    """Return the addresses of the reference; pages are made when they are first asked for.

    Args:
        platform: the projects of the server.
    """

    async def page(request: Request) -> Response:
        key = FULL_KEY if platform.find(FULL_KEY) else _NO_KEY
        return HTMLResponse(_page(request.scope["path"], address_of(request), key), headers=HEADERS)

    def contract(request: Request) -> dict[str, Any]:
        key = FULL_KEY if platform.find(FULL_KEY) else _NO_KEY
        document = mavibot_contract.load().document
        return mavibot_contract.served_at(document, address_of(request), description="This mock", api_key=key)

    async def full(request: Request) -> Response:
        return Response(orjson.dumps(contract(request)), media_type="application/json")

    async def plain(request: Request) -> Response:
        # Few ask for it, and what makes it is loaded only then.
        made = import_module("mavibot_contract.plain").plain(contract(request))
        return Response(orjson.dumps(made), media_type="application/json")

    return [
        Route("/openapi.json", full),
        Route("/openapi.plain.json", plain),
        Route("/docs", page),
        Route("/docs/control", page),
    ]


@lru_cache(maxsize=_PAGES_KEPT)
def _page(path: str, address: str, key: str) -> str:
    # Jinja2 and what describes the contract are loaded at the first request only: the server starts sooner.
    pages = import_module("mavibot_mock.web.pages")
    made: str = pages.control_page(address) if path.endswith("/control") else pages.api_page(address, key)
    return made
