"""Style sheets, scripts and icon of all pages."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Final

from starlette.responses import Response
from starlette.routing import Route

if TYPE_CHECKING:
    from starlette.requests import Request

#: What every answer to a browser has; a page may allow more than this policy.
HEADERS: Final = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

_FOLDER: Final = files("mavibot_mock.web") / "static"
_TYPES: Final = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}


def routes() -> list[Route]:
    """Return the addresses of the files."""
    return [Route("/static/{name}", _file)]


async def _file(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in {each.name for each in _FOLDER.iterdir()}:
        return Response("no such file", 404, media_type="text/plain", headers=HEADERS)
    media_type = _TYPES[name.rpartition(".")[2]]
    headers = {**HEADERS, "Cache-Control": "no-cache"}
    return Response((_FOLDER / name).read_bytes(), media_type=media_type, headers=headers)
