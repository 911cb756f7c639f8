"""What a web browser meets: replies that pages may read, the contract; and encodings."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest
from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator
from tests.mock.caller import deviations

import mavibot_contract
from mavibot_contract.plain import plain
from mavibot_mock.server.demo import FULL_KEY

if TYPE_CHECKING:
    import httpx2
    from tests.mock.caller import Caller
    from tests.mock.driver import Driver

_ADDRESS = f"/api/{FULL_KEY}/message"
_PAGE = {"Origin": "https://shop.example"}
_BODY = b'{"client_id": 5, "message": "x"}'


def _preflight(mock: Caller) -> httpx2.Response:
    asked = {**_PAGE, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    return mock.send("OPTIONS", _ADDRESS, headers=asked)


def _allowed(response: httpx2.Response) -> str | None:
    allowed: str | None = response.headers.get("access-control-allow-origin")
    return allowed


def test_a_page_of_another_site_reads_replies_and_refusals(mock: Caller) -> None:
    form = {**_PAGE, "Content-Type": "application/x-www-form-urlencoded"}
    sent = mock.send("POST", _ADDRESS, content=b"client_id=5&message=x", headers=form)
    assert (sent.text, _allowed(sent)) == ("ok", "*")
    assert "Mavibot-Mock-Deviations" in sent.headers["access-control-expose-headers"]
    assert _allowed(mock.send("GET", "/api/unknown/message", headers=_PAGE)) == "*"
    assert _allowed(mock.send("POST", _ADDRESS, content=_BODY)) is None


def test_a_page_gets_no_permission_before_unless_the_setting_is_full(mock: Caller, driver: Driver) -> None:
    assert _preflight(mock).status_code == 405
    driver.call("PATCH", "/settings", body={"cors": "full"})
    answer = _preflight(mock)
    assert (answer.status_code, _allowed(answer)) == (200, "*")
    assert answer.headers["access-control-allow-methods"] == "GET, POST"
    assert answer.headers["access-control-allow-headers"] == "*"


def test_the_setting_off(mock: Caller, driver: Driver) -> None:
    driver.call("PATCH", "/settings", body={"cors": "off"})
    assert _preflight(mock).status_code == 405
    sent = mock.send("POST", _ADDRESS, content=_BODY, headers=_PAGE)
    assert (sent.text, _allowed(sent)) == ("ok", None)


def test_the_contract_names_this_mock_as_its_server(mock: Caller) -> None:
    document = mock.send("GET", "/openapi.json", headers={"Host": "localhost:4000"}).json()
    [server] = document["servers"]
    assert server["url"] == "http://localhost:4000/api/{api_key}"
    assert server["variables"]["api_key"]["default"] == FULL_KEY
    assert not [*OpenAPIV31SpecValidator(document).iter_errors()]


def test_the_plain_contract_names_this_mock_as_its_server(mock: Caller) -> None:
    document = mock.send("GET", "/openapi.plain.json", headers={"Host": "localhost:4000"}).json()
    assert document["servers"][0]["url"] == "http://localhost:4000/api/{api_key}"
    assert document == plain({**mavibot_contract.load().document, "servers": document["servers"]})
    assert not [*OpenAPIV30SpecValidator(document).iter_errors()]


def test_a_compressed_body_is_refused_by_name(mock: Caller) -> None:
    before = mock.state()
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    response = mock.send("POST", _ADDRESS, content=gzip.compress(_BODY), headers=headers)
    assert response.status_code == 415
    assert response.json()["message"] == "Content-Encoding: 'gzip' is not supported; send the body as it is"
    assert response.headers["accept-encoding"] == "identity"
    assert mock.state() == before


@pytest.mark.parametrize(
    ("charset", "encoding", "status"),
    [
        ("utf-8", "utf-8", 200),
        ("UTF8", "utf-8", 200),
        ("iso-8859-1", "ascii", 200),
        ("windows-1251", "cp1251", 415),
        ("utf-16", "utf-16", 415),
    ],
)
def test_a_body_in_another_charset_is_refused_by_name(mock: Caller, charset: str, encoding: str, status: int) -> None:
    text = "x" if encoding == "ascii" else "привет"
    content = f'{{"client_id": 5, "message": "{text}"}}'.encode(encoding)
    headers = {"Content-Type": f"application/json; charset={charset}"}
    response = mock.send("POST", _ADDRESS, content=content, headers=headers)
    assert response.status_code == status
    if status == 415:
        assert response.json()["message"] == f"Content-Type: the charset '{charset}' is not supported; send UTF-8"
    else:
        assert mock.history(5)[0]["text"] == text


_FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("content_type", "body", "status"),
    [
        (f"{_FORM}; charset=koi8-r", "client_id=5&message=%D0%D2%C9", 415),
        (f"{_FORM}; charset=koi8-r", "client_id=5&message=%68%20i", 200),
        (f"{_FORM}; charset=utf-8", "client_id=5&message=%D0%BF", 200),
        ("application/json; charset=koi8-r", '{"client_id": 5, "message": "%D0%D2"}', 200),
    ],
)
def test_escapes_of_a_form_are_in_its_charset(mock: Caller, content_type: str, body: str, status: int) -> None:
    response = mock.send("POST", _ADDRESS, content=body, headers={"Content-Type": content_type})
    assert response.status_code == status
    if status == 415:
        assert response.json()["message"] == "Content-Type: the charset 'koi8-r' is not supported; send UTF-8"


def test_another_charset_is_a_deviation_where_its_text_is_the_same(mock: Caller) -> None:
    body = b'{"client_id": 5, "message": "x"}'
    response = mock.call("message", body, content_type="application/json; charset=cp1251")
    assert deviations(response) == ["Content-Type: the charset 'cp1251' instead of UTF-8"]
