"""The page at `/`: its addresses, who may read it, its language, its stream of events."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from mavibot_mock.control.guard import COOKIE
from mavibot_mock.request.replies import RefusedError, fail, reply_to
from mavibot_mock.state.store.database import GREATEST, StorageError, storage_checked
from mavibot_mock.web.address import address_of
from mavibot_mock.web.assets import HEADERS
from mavibot_mock.web.stream import events

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from types import ModuleType

    from starlette.requests import Request

    from mavibot_mock.control.guard import Guard
    from mavibot_mock.server.platform import Platform
    from mavibot_mock.server.project import Project
    from mavibot_mock.web.texts import Texts

#: Each is a module with `async def shown(visit)`, which returns what its template shows, and a template of its name.
VIEWS: Final = ("conversations", "calls", "webhooks", "time", "faults", "project")

#: Of the files that clients and bots send, only those on this machine are shown in the page.
_OWN_HOSTS: Final = "http://127.0.0.1:* http://localhost:* http://*.localhost:*"
#: What a browser that opens an address accepts.
_PAGE: Final = "text/html"
_LANGUAGE: Final = "mavibot_mock_language"
_YEAR: Final = 365 * 24 * 60 * 60


class Site:
    """The pages of all projects."""

    def __init__(self, platform: Platform, guard: Guard) -> None:
        """Make the pages.

        Args:
            platform: the projects.
            guard: decides who may read them.
        """
        self._platform: Final = platform
        self._guard: Final = guard

    def routes(self) -> list[Route]:
        """Return the addresses of the pages."""
        return [
            Route("/", self._guarded(self._home)),
            Route("/projects/{project_id:int}/events", self._guarded(self._events)),
            Route("/projects/{project_id:int}/{view}", self._guarded(self._page)),
            Route("/projects/{project_id:int}/{view}/{number:int}", self._guarded(self._page)),
            Route("/login", self._guarded(self._entered), methods=["GET"]),
            Route("/login", self._login, methods=["POST"]),
            Route("/language/{language}", self._language),
        ]

    def worded(self, request: Request, message: str) -> str:
        """Return the message of a refusal in the language of who makes a call, which is English for a program."""
        return _texts(request).said(message)

    async def unknown_address(self, request: Request, _error: Exception) -> Response:
        """Answer a call of an address that leads nowhere: a page for a browser, JSON for a program."""
        if _PAGE in request.headers.get("accept", ""):
            shown = {"t": _texts(request), "path": request.url.path, "address": address_of(request)}
            return self._html(request, "lost.html", shown, status=404)
        refusal = fail(404, "no such address: a call goes to /api/{api_key}/{action}")
        return JSONResponse(refusal.body, refusal.status, headers=HEADERS)

    def _guarded(self, show: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            try:
                self._guard.check_site(request)
                if not self._guard.is_known(request):
                    return self._login_form(request, status=200 if request.url.path == "/login" else 401)
                return await show(request)
            except (RefusedError, StorageError) as error:
                return self._refusal(request, error)

        return answer

    async def _home(self, request: Request) -> Response:
        if not self._platform.projects:
            return self._html(request, "nothing.html", {"t": _texts(request)})
        first = self._platform.projects[min(self._platform.projects)]
        return await self._show(request, first, "conversations")

    async def _page(self, request: Request) -> Response:
        project = self._project(request)
        view = request.path_params["view"]
        number = request.path_params.get("number")
        if view not in VIEWS or (number or 0) > GREATEST:
            raise RefusedError(fail(404, _texts(request)("not_there")))
        return await self._show(request, project, view, number)

    async def _show(self, request: Request, project: Project, view: str, number: int | None = None) -> Response:
        # Templates and views are loaded at the first request only: the server starts sooner.
        visit = _module("visit").Visit(
            self._platform,
            project,
            view,
            number,
            request.query_params,
            _texts(request),
            address_of(request),
            (request.scope.get("server") or ("", None))[1],
        )
        await project.at_rest()
        with storage_checked():
            shown = await _module(view).shown(visit)
        return self._html(request, f"{view}.html", {**visit.shared(), **shown})

    async def _events(self, request: Request) -> Response:
        project = self._project(request)
        place = request.headers.get("last-event-id") or request.query_params.get("since", "")
        headers = {**self._headers(project), "Cache-Control": "no-store"}
        if request.method == "HEAD":  # whose answer must end, or the connection is of no more use
            return Response(media_type="text/event-stream", headers=headers)
        stream = events(self._platform, project, place)
        return StreamingResponse(stream, media_type="text/event-stream", headers=headers)

    async def _entered(self, _request: Request) -> Response:
        return RedirectResponse("/", 303, headers=self._headers())

    async def _login(self, request: Request) -> Response:
        try:
            self._guard.check_site(request)
        except RefusedError as error:
            return self._refusal(request, error)
        async with request.form(max_files=0, max_fields=10) as form:
            token = str(form.get("token", ""))
        if self._guard.cookie is None or not self._guard.admits(token):
            return self._login_form(request, status=401, is_wrong=True)
        response = RedirectResponse("/", 303, headers=self._headers())
        response.set_cookie(COOKIE, self._guard.cookie, httponly=True, samesite="strict")
        return response

    def _login_form(self, request: Request, *, status: int, is_wrong: bool = False) -> Response:
        return self._html(request, "login.html", {"t": _texts(request), "is_wrong": is_wrong}, status=status)

    async def _language(self, request: Request) -> Response:
        response = RedirectResponse(_own_path(request), 303, headers=self._headers())
        if request.path_params["language"] in _module("texts").LANGUAGES:
            response.set_cookie(_LANGUAGE, request.path_params["language"], max_age=_YEAR, samesite="lax")
        return response

    def _project(self, request: Request) -> Project:
        project = self._platform.projects.get(request.path_params["project_id"])
        if project is None:
            raise RefusedError(fail(404, _texts(request)("no_project", id=request.path_params["project_id"])))
        return project

    def _refusal(self, request: Request, error: RefusedError | StorageError) -> Response:
        reply = reply_to(error)
        message = reply.body["message"] if isinstance(reply.body, dict) else reply.body
        shown = {"t": _texts(request), "message": self.worded(request, str(message))}
        return self._html(request, "refusal.html", shown, status=reply.status)

    def _html(self, request: Request, template: str, shown: dict[str, Any], *, status: int = 200) -> Response:
        frame = {
            "languages": _module("texts").LANGUAGES,
            "here": _path(request),
            "views": VIEWS,
            "needs_token": self._guard.cookie is not None,
        }
        page = _module("templates").render(template, **frame, **shown)
        headers = {**self._headers(shown.get("project")), "Cache-Control": "no-store"}
        return HTMLResponse(page, status, headers=headers)

    def _headers(self, project: Project | None = None) -> dict[str, str]:
        allowed = () if project is None else sorted(project.outbox.allowed_hosts)
        hosts = " ".join([_OWN_HOSTS, *(f"http://{host}:* https://{host}:*" for host in allowed)])
        policy = (
            f"default-src 'self'; img-src 'self' {hosts}; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
        )
        return {**HEADERS, "Content-Security-Policy": policy}


def _module(name: str) -> ModuleType:
    return import_module(f"mavibot_mock.web.{name}")


def _texts(request: Request) -> Texts:
    module = _module("texts")
    language = module.wanted_language(request.cookies.get(_LANGUAGE), request.headers.get("accept-language", ""))
    found: Texts = module.texts(language)
    return found


def _path(request: Request) -> str:
    query = request.url.query
    return f"{request.url.path}?{query}" if query else request.url.path


def _own_path(request: Request) -> str:
    """Return the page to which the choice of a language leads back; it is one of this server's own."""
    to = request.query_params.get("to", "/")
    return to if to.startswith("/") and not to.startswith(("//", "/\\")) and to.isprintable() else "/"
