"""The page at `/`: whole before any script runs, safe whatever is shown, as fast with many clients as with few."""

from __future__ import annotations

import asyncio
import html
import re
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any, Final

import httpx2
import pytest
import yaml
from tests.contract.source import PROJECT
from tests.mock.console import documented_statuses

from mavibot_mock import Server
from mavibot_mock.server.feed import TOPICS, Feed
from mavibot_mock.web.site import VIEWS
from mavibot_mock.web.stream import events
from mavibot_mock.web.texts import LANGUAGES, wanted_language

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.mock.caller import Caller
    from tests.mock.driver import Driver

_ANNA: Final = 25554
_TALK: Final = f"/projects/1/conversations/{_ANNA}"
_HOSTILE: Final = "<script>alert(1)</script>'\"&{{7*7}}</title><img src=x onerror=alert(2)>"
_WEB: Final = PROJECT / "mock/mavibot_mock/web"


def _page(mock: Caller, path: str = "/", status: int = 200, **request: Any) -> str:
    response = mock.send("GET", path, **request)
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    return response.text


def _links(page: str) -> list[int]:
    """Return the clients of the list, in its order."""
    return [int(found) for found in re.findall(r'<a id="client-\d+" href="/projects/1/conversations/(\d+)', page)]


@contextmanager
def _counted(mock: Caller) -> Iterator[list[str]]:
    """Give the queries that the store is asked inside."""
    asked: list[str] = []
    mock.project.store._db.set_trace_callback(asked.append)
    yield asked
    mock.project.store._db.set_trace_callback(None)


# What is there


def test_the_list_is_there_before_any_script_and_who_wrote_last_comes_first(mock: Caller) -> None:
    mock.call("message", {"client_id": 58, "message": "Newest of all"})
    page = _page(mock)
    assert _links(page)[:2] == [58, _ANNA]
    assert len(_links(page)) == 20
    assert "Newest of all" in page
    assert "Мария Иванова" in page


def test_a_conversation_is_there_before_any_script(mock: Caller, driver: Driver) -> None:
    buttons = [{"type": "reply", "text": "Prices", "line": 0, "index_in_line": 0}]
    mock.call("message", {"client_id": _ANNA, "message": "Well?", "buttons": buttons})
    mock.call("message", {"client_id": _ANNA, "message": "See you", "time_shift": 3600})
    mock.call("callback", {"client_id": _ANNA, "message": "order_paid"})
    driver.post("/inbound", client_id=_ANNA, event="client_started")
    driver.put(f"/clients/{_ANNA}/block", reason="Gone for good")
    mock.call("message", {"client_id": _ANNA, "message": "Anybody?"})
    page = _page(mock, _TALK)
    texts = ("Meow meow", "Well?", ">Prices</button>", "See you", "order_paid", "client_started", "Gone for good")
    for text in (*texts, "price-list.pdf", "manager@example.com", "13:00", "utm_spring"):
        assert text in page, text
    for text in ("client@example.com", "utm_source", "Order 17", "In work", "Spring"):
        assert text in page, text


def test_head_is_answered_like_get_with_one_policy(mock: Caller) -> None:
    got, head = mock.send("GET", "/"), mock.send("HEAD", "/")
    assert head.status_code == 200
    for response in (got, head):
        [policy] = response.headers.get_list("content-security-policy")
        assert policy.startswith("default-src 'self'; ")
        assert "unsafe" not in policy


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_holds_no_script_of_its_own_and_no_key(mock: Caller, view: str) -> None:
    mock.call("message", {"client_id": _ANNA, "message": "x"})
    for path in (f"/projects/1/{view}", *([_TALK] if view == "conversations" else [])):
        page = _page(mock, path)
        assert not re.search(r"<script(?![^>]* src=)|<style|<iframe| style=| on[a-z]+=", page)
        assert not any(key in page for key in mock.project.keys)
        names = re.findall(r' id="([^"]+)"', page)
        assert len(names) == len(set(names))
        labelled = set(re.findall(r' (?:for|aria-labelledby|aria-describedby|list)="([^"]+)"', page))
        assert labelled <= set(names)


@pytest.mark.parametrize("view", VIEWS)
def test_whatever_a_view_changes_is_a_documented_call(mock: Caller, view: str) -> None:
    mock.call("message", {"client_id": _ANNA, "message": "Later", "time_shift": 60})
    mock.call("message", {"client_id": _ANNA, "message": "Now"})
    opened = {"conversations": f"/{_ANNA}", "calls": "/1", "webhooks": "/1"}.get(view, "")
    page = _page(mock, f"/projects/1/{view}{opened}")
    calls = set(re.findall(r'data-method="([A-Z]+)" data-path="([^"]+)"', page))
    assert calls
    for method, path in calls:
        assert documented_statuses(method, re.sub(r"\{\w+\}", "1", html.unescape(path))), (method, path)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/projects/9/conversations", 404),
        ("/projects/1/nothing", 404),
        ("/projects/1/conversations/999999", 404),
        ("/projects/1/conversations/99999999999999999999", 404),
        ("/projects/1/calls/99", 404),
        ("/projects/1/webhooks/99", 404),
        ("/static/none", 404),
        ("/static/..%2fsite.py", 404),
    ],
)
def test_what_is_not_there_is_told(mock: Caller, path: str, status: int) -> None:
    response = mock.send("GET", path)
    assert response.status_code == status
    assert "content-security-policy" in response.headers or "/api/" in response.text


@pytest.mark.parametrize("query", ["q=%00", "list=9-", "list=99999999999999999999-1", "before=x", "before=-1", "q=%F0"])
def test_a_strange_query_does_no_harm(mock: Caller, query: str) -> None:
    _page(mock, f"{_TALK}?{query}")
    _page(mock, f"/projects/1/calls?{query}")


# Windows


def test_the_list_is_a_window_that_leads_on_to_every_client(mock: Caller) -> None:
    clients = [{"platform_id": str(n), "group_id": "example_bot", "client_type": 1} for n in range(200)]
    mock.call("load_clients", clients)
    mock.call("broadcast", {"clients": [5, 58, 110], "message": "News", "shift": 0})
    path = "/"
    found: list[int] = []
    while path:
        page = _page(mock, path)
        assert len(_links(page)) <= 50
        found += _links(page)
        more = re.search(r'<a id="list-older" href="([^"]+)"', page)
        path = html.unescape(more[1]) if more else ""
    assert len(found) == len(set(found)) == 220
    assert found[:4] == [110, 58, 5, _ANNA]


def test_a_conversation_is_a_window_that_leads_back_to_its_beginning(mock: Caller) -> None:
    for n in range(150):
        mock.call("message", {"client_id": 58, "message": f"No. {n};"})
    path = "/projects/1/conversations/58"
    found: list[str] = []
    while path:
        page = _page(mock, path)
        found = [*re.findall(r'<p class="text">No\. (\d+);</p>', page), *found]
        more = re.search(r'<a id="older" href="([^"]+)"', page)
        path = html.unescape(more[1]) if more else ""
    assert found == [str(n) for n in range(150)]


def test_the_journal_is_a_window(mock: Caller) -> None:
    for _ in range(120):
        mock.call("get_clients", query={"limit": 1})
    path = "/projects/1/calls?action=get_clients"
    found: list[str] = []
    while path:
        page = _page(mock, path)
        found += re.findall(r'id="call-(\d+)"', page)
        more = re.search(r'<a id="older" href="([^"]+)"', page)
        path = html.unescape(more[1]) if more else ""
    assert found == [str(n) for n in range(120, 0, -1)]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("25554", [_ANNA]),
        ("мария ИВ", [58]),
        ("79875146788", [25555]),
        ("nobody like this", []),
        ("o'н", []),
        ("О'нИЛ", [_ANNA]),
        ("*", []),
        ("[", []),
        ("АbС0+dEf/1", []),
        ("abc0+DEF/1", [1234565]),
    ],
)
def test_search_looks_into_names_and_ids(mock: Caller, query: str, found: list[int]) -> None:
    assert _links(_page(mock, "/projects/1/conversations", params={"q": query})) == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"action": "message"}, [4, 2]),
        ({"outcome": "refused_call"}, [3, 2]),
        ({"outcome": "succeeded"}, [4, 1]),
        ({"outcome": "deviates"}, [4]),
        ({"client": "58"}, [4]),
        ({"outcome": "404"}, [3, 2]),
        ({"text": "HELLO"}, [4, 2]),
        ({"text": "hello", "outcome": "refused_call"}, [2]),
        ({"outcome": "met_a_fault"}, []),
    ],
)
def test_calls_are_filtered(mock: Caller, query: dict[str, str], found: list[int]) -> None:
    mock.call("get_clients", query={"limit": 1})
    mock.call("message", {"client_id": 1, "message": "Hello"})
    mock.call("mesage", {"client_id": 5})
    mock.call("message", {"client_id": "58", "message": "Hello"}, query={"utm": "x"})
    page = _page(mock, "/projects/1/calls", params=query)
    assert [int(number) for number in re.findall(r'id="call-(\d+)"', page)] == found


def test_a_call_is_shown_with_what_belongs_to_it(mock: Caller) -> None:
    mock.call("message", {"client_id": "58", "message": "Hello"}, query={"utm": "x"})
    page = html.unescape(_page(mock, "/projects/1/calls/1"))
    for text in (
        "utm: no parameter of message, ignored – <strong>leave it out</strong>",
        "Мария Иванова",
        "bot.message(",
        "curl -X POST",
        "Attempt 1",
        "not sent",
    ):
        assert text in page, text
    assert "demo-full" not in page


def test_long_texts_are_cut_and_lead_to_the_whole(mock: Caller, driver: Driver) -> None:
    text = "long" * 30_000
    driver.call("PATCH", "/settings", body={"webhook_url": "http://127.0.0.1:9/hook"})
    mock.call("message", {"client_id": 58, "message": text})
    mock.call("message", {"client_id": 58, "message": text, "time_shift": 60})
    mock.call("callback", {"client_id": 58, "message": text})
    driver.post("/webhooks/settle")
    for path in ("/projects/1/conversations/58", "/projects/1/webhooks/1", "/projects/1/webhooks"):
        page = _page(mock, path)
        assert len(page) < 100_000, path
        if path != "/projects/1/webhooks":
            assert re.search(r"The first 20000 of 1\d{5} characters", page)
            for whole in re.findall(r'<a href="(/_mock/v1[^"]+)">the whole', page):
                assert text in mock.send("GET", html.unescape(whole)).text
    assert "characters; all of it" not in _page(mock, _TALK)


def test_a_page_costs_the_same_whatever_the_project_holds(mock: Caller) -> None:
    def cost() -> int:
        with _counted(mock) as asked:
            _page(mock, _TALK)
        assert not [query for query in asked if not query.strip().startswith("SELECT")]
        return len(asked)

    before = cost()
    mock.call(
        "load_clients", [{"platform_id": str(n), "group_id": "example_bot", "client_type": 1} for n in range(500)]
    )
    for n in range(100):
        mock.call("message", {"client_id": _ANNA, "message": str(n), "time_shift": n % 2 * 60})
    assert cost() == before < 30


# Live


def test_an_open_page_is_told_of_everything_at_once_and_an_idle_one_asks_nothing(mock: Caller) -> None:
    async def story() -> tuple[list[bytes], list[str]]:
        with _counted(mock) as asked:
            stream = events(mock.platform, mock.project, mock.project.feed.place)
            await anext(stream)  # how long a browser waits before it asks again
            first = asyncio.ensure_future(anext(stream))
            await asyncio.sleep(0)
            mock.project.feed.tell("calls")
            told = [await first]
            for _ in range(1000):
                mock.project.feed.tell("state")
                mock.project.feed.tell("webhooks")
            told.append(await anext(stream))
            last = asyncio.ensure_future(anext(stream))
            await asyncio.sleep(0)
            assert not last.done()
            last.cancel()
        return told, asked

    told, asked = mock.run(story())
    assert [re.search(rb"data: (.*)", event)[1] for event in told] == [b'["calls"]', b'["state","webhooks"]']  # type: ignore[index]
    assert asked == []


def test_an_open_page_asks_a_bounded_number_of_queries_a_second_whatever_the_load(
    mock: Caller, driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between two events there is a pause, an event makes a page ask once, and that costs the same few queries."""
    pause = 3600.0
    monkeypatch.setattr("mavibot_mock.web.stream.SHORTEST_PAUSE", pause)
    driver.call("PATCH", "/settings", body={"webhook_url": "http://127.0.0.1:9/hook"})
    driver.post("/webhooks/hold")
    mock.call("message", {"client_id": _ANNA, "message": "First"})
    mock.call("message", {"client_id": _ANNA, "message": "Later", "time_shift": 60})
    pages = [f"/projects/1/{view}" for view in VIEWS] + [_TALK, "/projects/1/calls/1", "/projects/1/webhooks/1"]

    async def story() -> tuple[dict[str, int], dict[str, int]]:
        async with mock.client() as browser:

            async def load() -> None:
                for n in range(200):
                    body = {"client_id": (_ANNA, 58)[n % 2], "message": str(n), "time_shift": n % 3 * 60}
                    assert (await browser.post("/api/demo-full/message", json=body)).is_success

            async def costs() -> dict[str, int]:
                found = {}
                for page in pages:
                    with _counted(mock) as asked:
                        assert (await browser.get(page)).is_success
                    found[page] = len(asked)
                return found

            await costs()  # what is read once is read
            before = await costs()
            stream = events(mock.platform, mock.project, mock.project.feed.place)
            await anext(stream)  # how long a browser waits before it asks again
            await load()
            await anext(stream)
            after = asyncio.ensure_future(anext(stream))
            await asyncio.sleep(0)
            await load()
            assert not after.done()
            mock.put_forward(pause)
            await after
            return before, await costs()

    before, after = mock.run(story())
    assert after == before
    assert max(after.values()) < 30


def test_a_stream_ends_with_its_project(mock: Caller) -> None:
    async def story() -> list[bytes]:
        stream = events(mock.platform, mock.project, mock.project.feed.place)
        await anext(stream)
        rest = asyncio.ensure_future(anext(stream, b""))
        await asyncio.sleep(0)
        mock.platform.remove(mock.project)
        return [await rest, await anext(stream, b"")]

    told = mock.run(story())
    assert told[-1] == b""


def test_a_reconnect_misses_nothing() -> None:
    feed = Feed()
    place = feed.place
    feed.tell("calls")
    feed.tell("state")
    assert feed.topics_since(place) == ["state", "calls"]
    assert feed.topics_since(feed.place) == []
    for unknown in ("", "another-1", f"{place}x", Feed().place):
        assert feed.topics_since(unknown) == list(TOPICS)


def test_what_changes_is_told_and_what_is_only_read_is_not(mock: Caller, driver: Driver) -> None:
    feed = mock.project.feed

    def topics(*what: Any, **more: Any) -> list[str]:
        place = feed.place
        what[0](*what[1:], **more)
        return list(feed.topics_since(place))

    assert topics(mock.call, "get_clients") == ["calls"]
    assert topics(mock.call, "message", {"client_id": 5, "message": "x"}) == ["state", "calls", "webhooks"]
    assert topics(driver.post, "/clock/freeze") == ["clock"]
    assert topics(driver.get, "/clock") == []
    assert topics(driver.post, "/faults", what={"preset": "failure"}) == ["faults"]
    assert topics(driver.post, "/webhooks/hold") == ["webhooks"]
    assert topics(driver.call, "PATCH", "/settings", body={"strict": True}) == ["state"]
    assert topics(driver.delete, "/journal") == ["calls"]
    assert topics(driver.post, "/reset") == list(TOPICS)


def test_the_stream_goes_on_where_the_browser_was() -> None:
    with Server() as server:
        url = f"{server.url}/projects/{server.project.id}/events"
        for headers, query in (({"Last-Event-ID": "another-1"}, ""), ({}, "?since=another-1")):
            with httpx2.stream("GET", url + query, headers=headers, timeout=10) as response:
                assert response.headers["content-type"].startswith("text/event-stream")
                lines = response.iter_lines()
                assert [next(lines), next(lines)] == ["retry: 1000", ""]
                assert next(lines) == f"id: {server.project.feed.place}"
                assert next(lines) == 'data: ["state","calls","webhooks","clock","faults"]'


def test_head_of_the_stream_is_answered_at_once(server: Server) -> None:
    path = f"/projects/{server.project.id}/events"
    connection = HTTPConnection("127.0.0.1", int(server.url.rpartition(":")[2]), timeout=10)
    with closing(connection):
        for method, asked in (("HEAD", path), ("GET", "/livez")):
            connection.request(method, asked)
            answer = connection.getresponse()
            assert (answer.status, answer.read()) == (200, b"" if method == "HEAD" else b"ok")


# Safety


def test_hostile_texts_stay_texts(mock: Caller, driver: Driver) -> None:
    buttons = [{"type": "reply", "text": _HOSTILE, "line": 0, "index_in_line": 0}]
    client = {"client_type": 1, "group_id": "example_bot", "platform_id": _HOSTILE, "name": _HOSTILE, "tag": _HOSTILE}
    client_id = driver.post("/inbound", **client, text=_HOSTILE)["client_id"]
    driver.post("/inbound", client_id=client_id, attachments=[_HOSTILE, f"http://127.0.0.1/{_HOSTILE}.png"])
    driver.post("/inbound", client_id=client_id, attachments=["javascript:alert(3)", "http://[", "data:text/html,x"])
    mock.call("message", {"client_id": client_id, "message": _HOSTILE, "buttons": buttons})
    mock.call("message", {"client_id": client_id, "message": _HOSTILE, "time_shift": 60})
    mock.call("callback", {"client_id": client_id, "message": _HOSTILE, _HOSTILE: _HOSTILE})
    mock.call("save_variables", {"client_id": client_id, "variables": {f"client.{_HOSTILE}": _HOSTILE}})
    mock.call("create_order", {"client_id": client_id, "name": _HOSTILE})
    driver.put(f"/clients/{client_id}/block", reason=_HOSTILE)
    mock.call("message", {"client_id": client_id, "message": _HOSTILE})
    mock.send("POST", f"/api/demo-full/{_HOSTILE.replace('/', '')}", content=_HOSTILE.encode())
    last = mock.project.journal.last_number
    pages = [f"/projects/1/conversations/{client_id}?q={_HOSTILE}", f"/projects/1/calls?text={_HOSTILE}"]
    for path in (
        *pages,
        *(f"/projects/1/calls/{n}" for n in range(1, last + 1)),
        "/projects/1/webhooks/1",
        *(f"/projects/1/{v}" for v in VIEWS),
    ):
        page = _page(mock, path)
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "49" not in re.findall(r"&quot;&amp;(\d+)", page)
        assert not re.search(r'(?:href|src)="(?:javascript|data):', page)


def test_pictures_are_shown_only_from_this_machine(mock: Caller, driver: Driver) -> None:
    for host in ("127.0.0.1:8000", "files.example.com", "localhost:1", "127.0.0.1.evil.example"):
        driver.post("/inbound", client_id=_ANNA, attachments=[f"http://{host}/a.png"])
    page = _page(mock, _TALK)
    assert re.findall(r'<img src="([^"]+)"', page) == ["http://127.0.0.1:8000/a.png", "http://localhost:1/a.png"]
    assert 'href="http://files.example.com/a.png"' in page
    mock.project.outbox.allowed_hosts |= {"files.example.com"}
    response = mock.send("GET", _TALK)
    assert '<img src="http://files.example.com/a.png"' in response.text
    assert "http://files.example.com:*" in response.headers["content-security-policy"]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.0.0.2", "[::1]", "me.localhost", "LOCALHOST"])
def test_an_address_of_the_mock_itself_is_never_a_picture(mock: Caller, driver: Driver, host: str) -> None:
    url = f"http://{host}:8080/api/demo-full/message?client_id=58&message=FORGED"
    near = "http://127.0.0.1:8000/a.png"
    for each in (url, f"http://localhost:8080\\@{host}:8000/a.png", f"http://a@{host}:8000/a.png"):
        mock.call("message", {"client_id": _ANNA, "attachment_type": "image", "attachment_url": each})
    mock.call("message", {"client_id": _ANNA, "attachment_type": "image", "attachment_url": near})
    page = _page(mock, _TALK, headers={"Host": "localhost:8080"})
    assert re.findall(r'<img src="([^"]+)"', page) == [near]
    assert f'href="{html.escape(url)}"' in page


def test_a_picture_at_the_port_of_the_server_is_none_whatever_the_reader_calls_it() -> None:
    with Server() as server:
        port = server.url.rpartition(":")[2]
        call = {"client_id": _ANNA, "attachment_type": "image", "attachment_url": f"http://localhost:{port}/a.png"}
        assert httpx2.post(f"{server.url}/api/demo-full/message", json=call).status_code == 200
        page = httpx2.get(server.url + _TALK, headers={"Host": "localhost:1"}).text
        assert f'href="http://localhost:{port}/a.png"' in page
        assert "<img" not in page


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server() as server:
        yield server


@pytest.mark.parametrize("path", ["/", "/projects/1/conversations", "/projects/1/events"])
@pytest.mark.parametrize(
    "headers", [{"Host": "evil.example"}, {"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}]
)
def test_who_is_foreign_is_refused(server: Server, path: str, headers: dict[str, str]) -> None:
    assert httpx2.get(server.url + path, headers=headers).status_code == 403


def test_a_link_from_another_site_leads_here(server: Server) -> None:
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert httpx2.get(server.url, headers=headers).status_code == 200
    assert httpx2.post(f"{server.url}/_mock/v1/projects/1/reset", headers=headers).status_code == 403


def test_where_other_machines_reach_it_a_form_asks_for_the_token() -> None:
    with Server("0.0.0.0") as server:
        url = server.url.replace("0.0.0.0", "127.0.0.1")
        with httpx2.Client(base_url=url) as browser:
            for path in ("/", "/projects/1/calls", "/projects/1/events"):
                asked = browser.get(path)
                assert asked.status_code == 401
                assert 'name="token" type="password"' in asked.text
                assert "25554" not in asked.text
            wrong = browser.post("/login", data={"token": "wrong"})
            assert wrong.status_code == 401
            change = re.search(r'href="(/language/ru\?[^"]+)"', wrong.text)
            assert change is not None
            anew = browser.get(html.unescape(change[1]), follow_redirects=True)
            assert (anew.status_code, anew.url.path) == (200, "/login")
            assert 'name="token" type="password"' in anew.text
            foreign = {"Origin": "https://evil.example"}
            assert browser.post("/login", data={"token": server.token}, headers=foreign).status_code == 403
            entered = browser.post("/login", data={"token": server.token})
            assert (entered.status_code, entered.headers["location"]) == (303, "/")
            cookie = entered.headers["set-cookie"]
            assert "HttpOnly" in cookie
            assert "SameSite=strict" in cookie
            assert str(server.token) not in cookie
            assert browser.get("/login").headers["location"] == "/"
            assert "25554" in browser.get("/").text
            assert browser.get("/_mock/v1/projects").status_code == 200
            assert browser.get("/_mock/v1/projects", headers=foreign).status_code == 403


def test_without_projects_there_is_a_page() -> None:
    with Server() as server:
        server.platform.remove(server.project)
        response = httpx2.get(server.url)
    assert response.status_code == 200
    assert "no projects" in response.text


# Languages


def test_each_language_has_every_text() -> None:
    texts = {each: yaml.safe_load((_WEB / f"texts/{each}.yaml").read_text(encoding="utf-8")) for each in LANGUAGES}
    for found in texts.values():
        found.pop("said", None)  # messages of the mock, which English readers see as they are
    english = texts["en"]
    for found in texts.values():
        assert found.keys() == english.keys()
        for name, text in found.items():
            assert text.strip()
            assert re.findall(r"{\w+}", text) == re.findall(r"{\w+}", english[name]), name
    templates = "\n".join(path.read_text(encoding="utf-8") for path in (_WEB / "templates").iterdir())
    named = set(re.findall(r"""\bt\(["'](\w+)["'][,)]""", templates))
    assert named <= english.keys()


@pytest.mark.parametrize(
    ("chosen", "accepted", "language"),
    [
        (None, "", "en"),
        (None, "ru-RU,ru;q=0.9,en;q=0.8", "ru"),
        (None, "de-DE,ru;q=0.3,en;q=0.8", "en"),
        (None, "de", "en"),
        (None, "ru;q=0,en;q=0.1", "en"),
        (None, ";;q=x,,", "en"),
        ("ru", "en", "ru"),
        ("xx", "ru", "ru"),
    ],
)
def test_the_language_is_the_readers(chosen: str | None, accepted: str, language: str) -> None:
    assert wanted_language(chosen, accepted) == language


def test_the_language_can_be_changed(mock: Caller) -> None:
    assert '<html lang="en">' in _page(mock)
    assert '<html lang="ru">' in _page(mock, headers={"Accept-Language": "ru"})
    change = re.search(r'href="(/language/ru\?[^"]+)"', _page(mock, f"{_TALK}?q=a"))
    assert change is not None
    response = mock.send("GET", html.unescape(change[1]))
    assert (response.status_code, response.headers["location"]) == (303, f"{_TALK}?q=a")
    cookie = response.headers["set-cookie"].partition(";")[0]
    assert "Диалоги" in _page(mock, headers={"Cookie": cookie})


@pytest.mark.parametrize("to", ["//evil.example", "https://evil.example", "/\\evil.example", "/a\r\nX: y"])
def test_the_change_of_language_leads_to_no_other_site(mock: Caller, to: str) -> None:
    assert mock.send("GET", "/language/ru", params={"to": to}).headers["location"] == "/"


# What the page needs of the control interface


def test_a_call_is_repeated(mock: Caller, driver: Driver) -> None:
    mock.call("message", {"client_id": 58, "message": "Again"})
    again = driver.post("/journal/1/repeat")
    assert (again["number"], again["status"], again["parameters"]) == (2, 200, {"client_id": 58, "message": "Again"})
    assert [row["text"] for row in mock.history(58)] == ["Again", "Again"]
    driver.post("/faults", what={"connection": "reset"})
    assert driver.post("/journal/1/repeat")["status"] is None
    assert "not in the journal" in driver.refusal("POST", "/journal/9/repeat", 404)


def test_an_action_is_carried_out_as_the_owner_does(mock: Caller, driver: Driver) -> None:
    driver.post("/faults", what={"preset": "failure"})
    variables = {"client.city": "Paris"}
    assert driver.post("/actions/save_variables", client_id=58, variables=variables)["reply"] == "ok"
    driver.delete("/faults")
    assert mock.variables(58)["city"] == "Paris"
    assert [call["action"] for call in driver.get("/journal")] == ["get_variables"]
    assert "no action" in driver.refusal("POST", "/actions/no_such", 404)
    assert "client_id" in driver.refusal("POST", "/actions/save_variables", 400, variables=variables)


def test_any_deal_is_moved_and_the_callbacks_run(mock: Caller, driver: Driver) -> None:
    assert driver.call("PATCH", "/deals/40340", body={"state_id": 37}) == {"id": 40340, "state_id": 37}
    [event] = [row["text"] for row in mock.history(_ANNA)][:1]
    assert event == "crm_state_changed Sales:In work"
    driver.call("PATCH", "/deals/40340", body={"state_id": 37})
    assert [row["text"] for row in mock.history(_ANNA)].count(event) == 1
    driver.call("PATCH", "/deals/1", body={"state_id": 37}, status=404)
    driver.call("PATCH", "/deals/40340", body={"state_id": 1}, status=404)
