"""What an answer means: a result, or one of the errors."""

import json
import math
import re
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import product
from typing import Any

import pytest
from hypothesis import given, note
from hypothesis import strategies as st
from tests.client.support import (
    CONTRACT,
    OPERATIONS,
    Api,
    by_method,
    carries_data,
    example_of,
    first_example,
    good_reply,
    law,
    success_schema,
    without_nulls,
)

from mavibot import (
    ApiError,
    ClientNotFound,
    NotFound,
    OrderNotFound,
    RateLimited,
    RefusedKey,
    RefusedPermission,
    RejectedRequest,
    ServerError,
    UnexpectedReply,
    UnreadableReply,
    models,
)
from mavibot_contract import Operation

A_YEAR = 365 * 24 * 3600
READS = [operation for operation in OPERATIONS if operation.effect == "read"]
CHANGES = [operation for operation in OPERATIONS if operation.effect != "read"]
WITHOUT_DATA = [operation for operation in CHANGES if not carries_data(operation)]
WITH_DATA = [operation for operation in CHANGES if carries_data(operation)]
#: Reads whose reply holds names that a user chose: of a failure tells only a reply that holds nothing else.
OPEN = [
    each for each in READS if success_schema(each)["type"] == "object" and not success_schema(each).get("properties")
]


def of(operations: list[Operation]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("operation", operations, ids=lambda operation: operation.operation_id)


def call(api: Api, operation: Operation) -> Any:
    """Call an operation with an example of the contract."""
    return api(operation.action, **first_example(operation), **by_method(operation))


def result_type(operation: Operation) -> type:
    """Return the class of what a call returns that went well."""
    schema = success_schema(operation)
    if schema["type"] == "array":
        return list
    return getattr(models, schema["title"]) if schema.get("properties") else dict


def numbers_of(operation: Operation) -> list[str]:
    """Return the names of the whole numbers that a success must have."""
    schema = success_schema(operation)
    properties = {name: CONTRACT.resolve(rule) for name, rule in schema.get("properties", {}).items()}
    return [name for name in schema.get("required", ()) if properties[name].get("type") == "integer"]


def error_of(api: Api, operation: Operation) -> ApiError:
    """Call an operation, which must fail, and return its error."""
    with pytest.raises(ApiError) as caught:
        call(api, operation)
    assert len(api.requests) == 1
    return caught.value


# --- success in every dress

SUCCESSES = {
    "text": {"text": "ok"},
    "text with a line break": {"text": "ok\n"},
    "text success": {"text": "success"},
    "json": {"json": {"status": "success"}},
    "json ok": {"json": {"status": "ok"}},
    "json without status": {"json": {"result": 1}},
    "json success": {"json": {"success": True}},
    "empty object": {"json": {}},
    "json string": {"json": "ok"},
    "number": {"json": 1},
    "true": {"json": True},
    "null": {"json": None},
    "empty list": {"json": []},
    "list": {"json": [1, "x"]},
    "nothing": {"content": b""},
    "html": {"html": "<!DOCTYPE html><html><body>Thanks</body></html>"},
    "truncated json": {"content": b'{"status": "succ', "headers": {"content-type": "application/json"}},
    "no utf-8": {"content": b"\xff\xfe\x00ok", "headers": {"content-type": "text/plain; charset=utf-8"}},
    "unknown word": {"json": {"status": "queued"}},
    "odd status": {"json": {"status": ["success"]}},
    "text under a json label": {"content": b"ok", "headers": {"content-type": "application/json"}},
    "json under a text label": {"content": b'{"status": "success"}', "headers": {"content-type": "text/plain"}},
    "json with a byte order mark": {"content": b'\xef\xbb\xbf{"status": "success"}'},
}


@of(WITHOUT_DATA)
@pytest.mark.parametrize("answer", SUCCESSES.values(), ids=SUCCESSES.keys())
def test_a_2xx_that_says_no_failure_is_a_success_of_a_write_or_send(
    operation: Operation, answer: dict[str, Any]
) -> None:
    api = Api().reply(200, **answer)
    assert type(call(api, operation)) is result_type(operation)
    assert len(api.requests) == 1


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_every_2xx_is_a_success(api: Api, status: int) -> None:
    api.reply(status, content=b"")
    assert isinstance(api("message", client_id=25554, message="Hello"), models.Acknowledgement)


@pytest.mark.parametrize("answer", [{"text": "ok"}, {"text": "ok\r\n"}, {"json": {"status": "ok"}}, {"json": "ok"}])
def test_the_word_of_success_is_the_status(api: Api, answer: dict[str, Any]) -> None:
    assert api.reply(200, **answer)("message", client_id=25554, message="Hello").status == "ok"


def test_a_call_by_name_returns_the_raw_reply_too(api: Api) -> None:
    reply = api.reply(200, text="ok\n", headers={"X-Trace": "7"}).call("message", client_id=25554, message="Hello")
    assert (reply.action, reply.http_status, reply.text) == ("message", 200, "ok\n")
    assert reply.headers["x-trace"] == "7"
    assert reply.result.status == "ok"


FAILURE_WORDS = re.compile("fail|error|not.?found|denied|forbidden|invalid|false", re.IGNORECASE)
TEXTS = st.text(st.characters(codec="utf-8")).filter(lambda text: not FAILURE_WORDS.search(text))
HARMLESS = st.recursive(
    st.none() | st.just(True) | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(TEXTS.filter(lambda name: name not in {"success", "error"}), inner),
    max_leaves=8,
)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(
            st.sampled_from(["status", "message", "error", "success", "result", "items", "clients", "client_id"])
            | st.text(max_size=3),
            inner,
        )
    ),
    max_leaves=10,
)


@of(WITHOUT_DATA[::4])
@given(text=TEXTS)
@law(30)
def test_any_text_without_a_word_of_failure_is_a_success(operation: Operation, text: str) -> None:
    call(Api().reply(200, text=text), operation)


@of(WITHOUT_DATA[::4])
@given(body=HARMLESS)
@law(30)
def test_any_json_without_a_word_of_failure_is_a_success(operation: Operation, body: Any) -> None:
    call(Api().reply(200, content=json.dumps(body).encode()), operation)


@of(OPERATIONS[::6])
@given(content=st.binary() | st.binary().map(lambda tail: b'{"status": ' + tail))
@law(30)
def test_no_bytes_raise_anything_but_an_api_error(operation: Operation, content: bytes) -> None:
    for status in (200, 400):
        try:
            call(Api().reply(status, content=content), operation)
        except ApiError as error:
            assert error.http_status == status  # noqa: PT017 - an error is allowed, not demanded


@given(body=ANY_JSON | st.dictionaries(st.sampled_from(["status", "message", "result", "order_id"]), ANY_JSON))
@law(12)
def test_any_json_is_a_result_of_the_declared_type_or_an_api_error(body: Any) -> None:
    content = json.dumps(body).encode()
    # To think of a body takes longer than all calls that it answers.
    for operation, status in product(OPERATIONS, (200, 400, 404)):
        note(f"{operation.operation_id}, {status}")
        api = Api().reply(status, content=content)
        try:
            result = call(api, operation)
        except ApiError as error:
            assert (error.action, error.http_status) == (operation.action, status)  # noqa: PT017 - allowed, not demanded
        else:
            assert status == 200
            assert type(result) is result_type(operation)
        assert len(api.requests) == 1


@pytest.mark.parametrize("content", [b"[" * 100_000, b'{"a":' * 100_000, b"9" * 10_000, b"1e999", b"NaN"])
def test_json_that_python_cannot_read_is_no_other_error(api: Api, content: bytes) -> None:
    api.reply(200, content=content)
    assert isinstance(api("message", client_id=25554, message="Hello"), models.Acknowledgement)
    with pytest.raises(UnexpectedReply):
        api("get_clients")


# --- failure inside a success

FAILURES: dict[str, tuple[Any, type[ApiError]]] = {
    "client_not_found": ({"status": "client_not_found"}, ClientNotFound),
    "order not found": ({"status": "order not found"}, OrderNotFound),
    "numbered order": ({"status": "order 12345 not found"}, OrderNotFound),
    "not found": ({"status": "not_found"}, NotFound),
    "fail": ({"status": "fail"}, RejectedRequest),
    "fail with message": ({"status": "fail", "message": 'Parameter "q" required'}, RejectedRequest),
    "error with message": ({"status": "error", "message": "Something went wrong"}, RejectedRequest),
    "error key": ({"error": "something"}, RejectedRequest),
    "error object": ({"error": {"code": 7}}, RejectedRequest),
    "status and error": ({"status": "error", "error": "something"}, RejectedRequest),
    "all three": ({"status": "error", "error": "something", "message": "no"}, RejectedRequest),
}
MORE_FAILURES: dict[str, tuple[Any, type[ApiError]]] = {
    "success false": ({"success": False}, RejectedRequest),
    "success false with message": ({"success": False, "message": "no"}, RejectedRequest),
    "error with a code": ({"status": "error", "message": "no", "code": 5}, RejectedRequest),
}


@of(OPERATIONS)
@pytest.mark.parametrize(("body", "kind"), FAILURES.values(), ids=FAILURES.keys())
def test_a_failure_inside_http_200_is_raised(operation: Operation, body: Any, kind: type[ApiError]) -> None:
    error = error_of(Api().reply(200, json=body), operation)
    assert type(error) is kind
    assert (error.action, error.http_status) == (operation.action, 200)
    assert json.loads(error.body) == body


@of([operation for operation in OPERATIONS if operation not in OPEN])
@pytest.mark.parametrize(("body", "kind"), MORE_FAILURES.values(), ids=MORE_FAILURES.keys())
def test_a_failure_beside_other_keys_is_raised(operation: Operation, body: Any, kind: type[ApiError]) -> None:
    error = error_of(Api().reply(200, json=body), operation)
    if operation.effect == "read":
        assert isinstance(error, kind | UnexpectedReply)
    else:
        assert type(error) is kind


@of(CHANGES)
def test_false_fails_a_write_or_send(operation: Operation) -> None:
    assert type(error_of(Api().reply(200, json=False), operation)) is RejectedRequest


@of([each for each in WITHOUT_DATA if each.action in {"message", "save_variables", "clear_history", "set_order_state"}])
@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("fail", RejectedRequest),
        ("error", RejectedRequest),
        ("client_not_found", ClientNotFound),
        ("order not found", OrderNotFound),
    ],
)
def test_a_reply_that_is_nothing_but_a_word_of_failure_is_raised(
    operation: Operation, form: str, word: str, kind: type[ApiError]
) -> None:
    assert type(error_of(Api().reply(200, **{form: word}), operation)) is kind


@pytest.mark.parametrize(("status", "kind"), [(200, RejectedRequest), (400, RejectedRequest), (503, ServerError)])
def test_the_reason_of_the_server_is_in_the_error(api: Api, status: int, kind: type[ApiError]) -> None:
    api.reply(status, json={"status": "fail", "message": "Error in parameter format"})
    with pytest.raises(kind, match=rf"^find_clients: Error in parameter format \(HTTP {status}\)"):
        api("find_clients", q={"city": "Paris"})


@of(OPEN)
@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"status": "failed", "platform_id": "1"},
        {"status": "error", "name": "Anna", "message": "Hello"},
        {"status": "new"},
        {"message": "not found"},
        {"error": "false", "city": "Paris"},
        {"success": False, "city": "Paris"},
    ],
)
def test_a_variable_called_like_a_part_of_the_envelope_is_no_failure(
    api: Api, operation: Operation, variables: dict[str, Any]
) -> None:
    assert call(api.reply(200, json=variables), operation) == variables


# --- HTTP statuses


@of(OPERATIONS)
def test_401_tells_of_the_key(operation: Operation) -> None:
    error = error_of(Api().reply(401, json={"status": "fail"}), operation)
    assert type(error) is RefusedKey
    assert "key" in str(error)


@of(OPERATIONS)
@pytest.mark.parametrize("answer", [{"json": {"status": "fail", "message": "no"}}, {"text": "Forbidden"}])
def test_403_names_the_permission_of_the_action(operation: Operation, answer: dict[str, Any]) -> None:
    error = error_of(Api().reply(403, **answer), operation)
    assert isinstance(error, RefusedPermission)
    assert error.permission == operation.permission
    assert repr(operation.permission) in str(error)


@of(OPERATIONS)
@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ({"json": {"status": "client_not_found"}}, ClientNotFound),
        ({"json": {"status": "order 7 not found"}}, OrderNotFound),
        ({"json": {"status": "fail", "message": "no such page"}}, NotFound),
        ({"json": {}}, NotFound),
        ({"json": []}, NotFound),
        ({"html": "<h1>404</h1>"}, NotFound),
    ],
)
def test_404_is_a_kind_of_not_found(operation: Operation, answer: dict[str, Any], kind: type[ApiError]) -> None:
    error = error_of(Api().reply(404, **answer), operation)
    assert type(error) is kind
    assert error.http_status == 404


@of(OPERATIONS)
def test_a_404_without_a_body_is_an_unknown_client_where_a_source_says_so(operation: Operation) -> None:
    is_stated = operation.action in {"whatsapp_client_id", "find_client_id_by_phone"}
    assert type(error_of(Api().reply(404, text=""), operation)) is (ClientNotFound if is_stated else NotFound)


@pytest.mark.parametrize("answer", [{"text": "client_not_found"}, {"json": "client_not_found"}])
def test_a_404_of_bare_words_tells_which_thing_was_not_found(api: Api, answer: dict[str, Any]) -> None:
    api.reply(404, **answer)
    with pytest.raises(ClientNotFound):
        api("message", client_id=25554, message="Hello")


@pytest.mark.parametrize("status", [400, 402, 405, 409, 413, 422])
@pytest.mark.parametrize("answer", [{"json": {"status": "fail", "message": "phone is missing"}}, {"text": "Bad"}])
def test_other_4xx_are_rejections(api: Api, status: int, answer: dict[str, Any]) -> None:
    error = error_of(api.reply(status, **answer), CONTRACT.operation("callback"))
    assert type(error) is RejectedRequest
    assert error.http_status == status
    assert ("phone is missing" in str(error)) is ("json" in answer)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "7"}, 7),
        ({"retry-after": "0"}, 0),
        ({"Retry-After": "1.5"}, 1.5),
        ({"Retry-After": "soon"}, A_YEAR),
        ({"Retry-After": "-1"}, A_YEAR),
        ({"Retry-After": "1e400"}, A_YEAR),
        ({"Retry-After": "Wed, 21 Oct 99999999999999999999 07:28:00 GMT"}, A_YEAR),
        ({"Retry-After": "1e3"}, A_YEAR),
        ({"Retry-After": "3600, 3600"}, A_YEAR),
        ({"Retry-After": "3600."}, 3600),
        ({"Retry-After": "9" * 400}, A_YEAR),
        ({"Retry-After": ""}, None),
    ],
)
def test_429_tells_how_long_to_wait(api: Api, headers: dict[str, str], seconds: float | None) -> None:
    error = error_of(api.reply(429, json={"status": "fail"}, headers=headers), CONTRACT.operation("message"))
    assert isinstance(error, RateLimited)
    assert error.retry_after == seconds


def test_429_may_name_a_moment_instead(api: Api) -> None:
    moment = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    error = error_of(api.reply(429, headers={"Retry-After": moment}), CONTRACT.operation("message"))
    assert isinstance(error, RateLimited)
    assert error.retry_after is not None
    assert 60 < error.retry_after <= 90


NUMBERS = st.integers(0, 10**30).map(str) | st.integers(0, 60).map("{:02}".format)
DATES = st.builds("Wed, {} Oct {} {}:{}:{} {}".format, *[NUMBERS] * 5, st.just("GMT") | NUMBERS.map("+{}".format))


@given(value=st.text(st.characters(min_codepoint=32, max_codepoint=126)) | NUMBERS | DATES | st.just("9" * 400))
@law(200)
def test_no_wish_to_wait_raises_another_error(value: str) -> None:
    error = error_of(Api().reply(429, headers={"Retry-After": value}), CONTRACT.operation("message"))
    assert isinstance(error, RateLimited)
    assert error.retry_after is None or 0 <= error.retry_after < math.inf


@pytest.mark.parametrize("status", [500, 502, 503, 504, 520, 599])
@pytest.mark.parametrize("answer", [{"html": "<h1>Bad gateway</h1>"}, {"json": {"status": "client_not_found"}}, {}])
def test_5xx_is_the_servers_failure(api: Api, status: int, answer: dict[str, Any]) -> None:
    error = error_of(api.reply(status, **answer), CONTRACT.operation("get_clients"))
    assert type(error) is ServerError
    assert error.http_status == status


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 307, 308])
@pytest.mark.parametrize("action", ["message", "get_clients"])
def test_3xx_is_neither_success_nor_followed(api: Api, action: str, status: int) -> None:
    api.reply(status, headers={"location": "https://elsewhere.test/"})
    error = error_of(api, CONTRACT.operation(action))
    assert type(error) is UnexpectedReply
    assert error.http_status == status


@pytest.mark.parametrize("status", [200, 400, 401, 403, 404, 429, 500])
def test_every_error_keeps_action_status_and_body_and_shows_them(api: Api, status: int) -> None:
    body = '{"status": "fail", "message": "no"}'
    error = error_of(api.reply(status, text=body), CONTRACT.operation("message"))
    assert (error.action, error.http_status, error.body) == ("message", status, body)
    assert str(error).startswith("message: ")
    assert f"HTTP {status}" in str(error)
    assert body in str(error)


def test_a_long_body_is_kept_whole_and_shown_in_part(api: Api) -> None:
    error = error_of(api.reply(500, text="x" * 100_000), CONTRACT.operation("message"))
    assert error.body == "x" * 100_000
    assert len(str(error)) < 500


# --- replies that cannot be read


@of(READS)
@pytest.mark.parametrize(
    "answer",
    [
        {"html": "<!DOCTYPE html><title>Maintenance</title>"},
        {"content": b""},
        {"content": b'{"status": "success", "clients": [{"id": 44'},
        {"content": b"[{"},
        {"content": b"\xff\xff"},
        {"json": None},
    ],
    ids=["html", "empty", "truncated object", "truncated list", "bytes", "null"],
)
def test_an_unreadable_reply_to_a_read_is_unexpected(operation: Operation, answer: dict[str, Any]) -> None:
    api = Api().reply(200, **answer)
    error = error_of(api, operation)
    assert type(error) is UnexpectedReply
    assert (error.action, error.http_status) == (operation.action, 200)


@of([operation for operation in READS if "text/plain" not in operation.responses["200"]["content"]])
@pytest.mark.parametrize("answer", [{"text": "ok"}, {"json": "ok"}, {"json": True}, {"json": False}, {"json": 1}])
def test_a_bare_word_in_place_of_data_is_unexpected(operation: Operation, answer: dict[str, Any]) -> None:
    assert type(error_of(Api().reply(200, **answer), operation)) is UnexpectedReply


@pytest.mark.parametrize("answer", [{"text": "false"}, {"json": False}])
def test_no_is_an_answer_to_a_question_and_no_failure(api: Api, answer: dict[str, Any]) -> None:
    assert api.reply(200, **answer)("check_whatsapp", phone="79875146788").status == "false"


@of([operation for operation in READS if operation not in OPEN and success_schema(operation).get("required")])
def test_a_reply_to_a_read_that_lacks_its_data_is_unexpected(operation: Operation) -> None:
    assert type(error_of(Api().reply(200, json={"status": "success"}), operation)) is UnexpectedReply


@of([operation for operation in READS if success_schema(operation)["type"] == "array"])
def test_an_object_in_place_of_a_list_is_unexpected(operation: Operation) -> None:
    assert type(error_of(Api().reply(200, json={"id": 1}), operation)) is UnexpectedReply


@of([each for each in READS if "const" in success_schema(each).get("properties", {}).get("status", {})])
def test_an_unknown_word_fails_a_read_that_has_one_word_for_success(operation: Operation) -> None:
    assert error_of(Api().reply(200, json=good_reply(operation) | {"status": "busy"}), operation).http_status == 200


UNREADABLE = {
    "text": {"text": "ok"},
    "empty": {"content": b""},
    "html": {"html": "<h1>Thanks</h1>"},
    "truncated": {"content": b'{"status": "success", "or'},
    "without data": {"json": {"status": "success"}},
    "unknown word": {"json": {"status": "queued"}},
    "list": {"json": [1]},
    "null": {"json": None},
    "number": {"json": 1},
}


@of(WITH_DATA)
@pytest.mark.parametrize("answer", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_a_write_whose_data_cannot_be_read_was_accepted(operation: Operation, answer: dict[str, Any]) -> None:
    error = error_of(Api().reply(200, **answer), operation)
    assert type(error) is UnreadableReply
    assert error.accepted is True
    assert "accepted" in str(error)


def test_the_writes_that_return_data_are_known() -> None:
    """So that the test above cannot become empty."""
    assert {"create_order", "load_clients"} <= {operation.action for operation in WITH_DATA}


# --- what the field shows


def test_a_list_at_the_top_is_a_list_of_models(api: Api) -> None:
    found = api.reply(200, json=good_reply(CONTRACT.operation("find_client_id_by_platform_id")))(
        "find_client_id_by_platform_id", platform_ids=["571830542"]
    )
    assert [type(client) for client in found] == [models.FoundClient]
    assert found[0].platform_id == "571830542"


@pytest.mark.parametrize(
    ("action", "arguments"), [("subscribers", {}), ("find_client_id_by_platform_id", {"platform_ids": ["1"]})]
)
def test_an_empty_list_at_the_top_is_no_failure(api: Api, action: str, arguments: dict[str, Any]) -> None:
    assert api.reply(200, json=[])(action, **arguments) == []


def client_with(**fields: Any) -> dict[str, Any]:
    """Return a reply of get_clients with one client."""
    reply: dict[str, Any] = good_reply(CONTRACT.operation("get_clients"))
    return reply | {"clients": [reply["clients"][0] | fields]}


@pytest.mark.parametrize("member", models.Messenger)
def test_a_known_messenger_is_a_member(api: Api, member: models.Messenger) -> None:
    (client,) = api.reply(200, json=client_with(client_type=member.value))("get_clients").clients
    assert client.client_type is member


@pytest.mark.parametrize("number", [9, 77])
def test_an_unknown_messenger_is_its_number(api: Api, number: int) -> None:
    assert number not in set(models.Messenger)
    (client,) = api.reply(200, json=client_with(client_type=number))("get_clients").clients
    assert client.client_type == number


@pytest.mark.parametrize("moment", [1588248599, "2026-05-28 17:33:42.539976"])
def test_a_moment_comes_as_number_or_text(api: Api, moment: int | str) -> None:
    (client,) = api.reply(200, json=client_with(created_at=moment))("get_clients").clients
    assert client.created_at == moment


def test_fields_that_the_contract_does_not_know_are_kept(api: Api) -> None:
    body = client_with(colour="green", nested={"a": [1]}) | {"total": 1}
    reply = api.reply(200, json=body)("get_clients")
    assert reply["total"] == 1
    assert reply.clients[0]["colour"] == "green"
    assert reply.to_dict() == without_nulls(body)


@pytest.mark.parametrize("key", ["order_id", "result"])
def test_the_deals_of_a_client_come_under_either_key(api: Api, key: str) -> None:
    reply = api.reply(200, json={"status": "success", key: [40338, 40340]})("get_orders", client_id=25554)
    assert getattr(reply, key) == [40338, 40340]
    assert reply.order_id == [40338, 40340]


@pytest.mark.parametrize(
    "attachments",
    [
        None,
        {},
        [],
        ["https://files.example.com/a.jpg"],
        [{"attachment_url": "", "attachment_type": "image"}],
        "['https://files.example.com/a.jpg']",
    ],
)
@pytest.mark.parametrize("error_message", [None, "false", "true"])
def test_a_history_is_read_in_every_shape_that_occurs(api: Api, attachments: Any, error_message: str | None) -> None:
    body = {
        "status": "success",
        "result": [
            {
                "id": 104500,
                "text": None,
                "message_id": None,
                "message_from_outside": 4,
                "created_at": "2026-05-28 17:33:42",
                "attachments": attachments,
                "attachment_url": "https://files.example.com/a.jpg",
                "error_message": error_message,
            }
        ],
    }
    reply = api.reply(200, json=body)("get_history", client_id=25554)
    assert without_nulls(reply.to_dict()) == without_nulls(body)


def test_variables_are_a_plain_dictionary(api: Api) -> None:
    variables = {"main_client_id": "NONE", "имя": "Анна", "sum": 4900, "paid": True, "promo": None, "": ""}
    result = api.reply(200, json=variables)("get_variables", client_id=25554)
    assert type(result) is dict
    assert result == variables


def test_the_variables_of_a_deal_are_a_plain_dictionary(api: Api) -> None:
    result = api.reply(200, json={"status": "success", "result": {"sum": 4900, "promo": None}})(
        "get_order_vars", client_id=1, order_id=1
    )
    assert type(result.result) is dict
    assert json.loads(json.dumps(result.to_dict())) == {"status": "success", "result": {"sum": 4900, "promo": None}}


def test_no_model_is_for_an_object_of_free_keys(api: Api) -> None:
    """It would be one more thing to learn, that `json.dumps` refuses."""
    for model in (getattr(models, name) for name in dir(models)):
        names = {field.name for field in getattr(model, "__attrs_attrs__", ())}
        assert names != {"additional_properties"}
    assert type(models.Variables()) is type(models.AttachmentMap()) is dict


def test_a_client_that_was_not_imported_is_in_the_reply(api: Api) -> None:
    items = [
        {"platform_id": 1, "group_id": "shop_bot", "client_type": 1, "status": "success", "id": 5},
        {"platform_id": 2, "group_id": "shop_bot", "client_type": 1, "status": "error", "message": "no such channel"},
    ]
    clients = [{name: item[name] for name in ("platform_id", "group_id", "client_type")} for item in items]
    reply = api.reply(200, json={"status": "success", "items": items})("load_clients", clients=clients)
    assert [item.status for item in reply.items] == ["success", "error"]
    assert reply.items[1].message == "no such channel"


def test_the_number_of_a_client_is_read_without_an_envelope(api: Api) -> None:
    number = example_of(success_schema(CONTRACT.operation("whatsapp_client_id"))["properties"]["client_id"])
    assert api.reply(200, json={"client_id": number})("whatsapp_client_id", phone="79875146788").client_id == number


@pytest.mark.parametrize("told", [{"status": "ok"}, {"status": "success"}, {"status": "created"}, {}])
def test_the_data_counts_whatever_the_word_for_success(api: Api, told: dict[str, str]) -> None:
    api.reply(200, json={**told, "order_id": 5})
    assert api("create_order", client_id=1, name="x").order_id == 5


@pytest.mark.parametrize(
    ("value", "number"), [("5", 5), ("-5", -5), ("0", 0), (0, 0), (-1, -1), (5.0, 5), (0.0, 0), (10**30, 10**30)]
)
@of([operation for operation in OPERATIONS if numbers_of(operation)])
def test_any_whole_number_is_read_as_one(operation: Operation, value: object, number: int) -> None:
    """0 too, which Python finds equal to False."""
    body = good_reply(operation) | dict.fromkeys(numbers_of(operation), value)
    result = call(Api().reply(200, json=body), operation)
    assert [getattr(result, name) for name in numbers_of(operation)] == [number] * len(numbers_of(operation))


@pytest.mark.parametrize("value", ["x", 5.5, [5], True, False, "5.0", "1_000", "", {}])
def test_what_is_no_number_is_not_taken_for_one(api: Api, value: object) -> None:
    api.reply(200, json={"status": "success", "order_id": value})
    with pytest.raises(UnreadableReply) as caught:
        api("create_order", client_id=1, name="x")
    assert caught.value.accepted
