"""The reference under `/docs`, readable without a network, and the contract, in full and plain, served by this mock."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib import import_module
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

import orjson
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

import mavibot_contract
from mavibot_mock.server.demo import FULL_KEY

if TYPE_CHECKING:
    from starlette.requests import Request

    from mavibot_mock.server.platform import Platform

_STATIC: Final = files("mavibot_mock.web") / "static"
_TYPES: Final = {"style.css": "text/css", "search.js": "text/javascript", "icon.svg": "image/svg+xml"}
_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
#: Stands in the commands where the server does not have the demo project.
_NO_KEY: Final = "API_KEY"
#: A browser sends nothing else; what is none of this must not come to stand in a command.
_HOST: Final = re.compile(r"([A-Za-z0-9.-]{1,255}|\[[0-9A-Fa-f:.]{2,45}\])(:[0-9]{1,5})?")
_PAGES_KEPT: Final = 8


def routes(platform: Platform) -> list[Route]:
    """Return the addresses of the reference; pages are made when they are first asked for.

    Args:
        platform: the projects of the server.
    """

    async def page(request: Request) -> Response:
        key = FULL_KEY if platform.find(FULL_KEY) else _NO_KEY
        return HTMLResponse(_page(request.scope["path"], _address(request), key), headers=_HEADERS)

    def contract(request: Request) -> dict[str, Any]:
        key = FULL_KEY if platform.find(FULL_KEY) else _NO_KEY
        document = mavibot_contract.load().document
        return mavibot_contract.served_at(document, _address(request), description="This mock", api_key=key)

    async def full(request: Request) -> Response:
        return Response(orjson.dumps(contract(request)), media_type="application/json")

    async def plain(request: Request) -> Response:
        # Few ask for it, and what makes it is loaded only then.
        made = import_module("mavibot_contract.plain").plain(contract(request))
        return Response(orjson.dumps(made), media_type="application/json")

    return [
        Route("/", _to_reference),
        Route("/openapi.json", full),
        Route("/openapi.plain.json", plain),
        Route("/docs", page),
        Route("/docs/control", page),
        Route("/docs/{name}", _static_file),
    ]


async def _to_reference(_request: Request) -> Response:
    return RedirectResponse("/docs")


@lru_cache(maxsize=_PAGES_KEPT)
def _page(path: str, address: str, key: str) -> str:
    # Jinja2 and what describes the contract are loaded at the first request only: the server starts sooner.
    pages = import_module("mavibot_mock.web.pages")
    made: str = pages.control_page(address) if path.endswith("/control") else pages.api_page(address, key)
    return made


def _address(request: Request) -> str:
    """Return this server's address as the reader's browser knows it."""
    host = request.headers.get("host", "")
    if not _HOST.fullmatch(host):
        name, port = request.scope.get("server") or ("127.0.0.1", None)
        host = name if port is None else f"{name}:{port}"
    return f"{request.scope['scheme']}://{host}"


async def _static_file(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in _TYPES:
        return Response("no such page", 404, media_type="text/plain", headers=_HEADERS)
    return Response((_STATIC / name).read_bytes(), media_type=_TYPES[name], headers=_HEADERS)
