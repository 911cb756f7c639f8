"""What a reply says: judgements of the rules that need nothing but the reply, for whoever sees one."""

from __future__ import annotations

import json
import re
from functools import cache, reduce
from typing import TYPE_CHECKING, Any, Final, Protocol

import mavibot_contract
from mavibot_conformance.target.shape import JSON, Problem, media_type, reply_problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mavibot_contract import Method, Operation

_CONTRACT: Final = mavibot_contract.load()
#: Prefix of every text and variable of a run, so that leftovers can be found.
NONCE: Final = "cnf"
CLIENT_NOT_FOUND: Final = "client_not_found"
_SUCCESS: Final = (None, "success", "ok")
#: How a bare text begins that is no success.
_FAILURE: Final = re.compile(
    r"(fail|error|denied|forbidden|invalid|unauthori[sz]ed|<)|.{0,60}not[ _]found", re.IGNORECASE
)
#: Keys of a failure where a success is nothing but variables: one of these may be called `status`.
_KEYS_OF_A_FAILURE: Final = frozenset({"status", "message", "error", "success", "code"})

# Places of assumptions in the contract that a single reply can settle.
REFUSED_KEY: Final = "/components/responses/RefusedKey"
REFUSED_PERMISSION: Final = "/components/responses/RefusedPermission"
OVER_LIMIT: Final = "/components/responses/OverLimit"
INVALID: Final = "/components/responses/InvalidParameters"
NOT_FOUND: Final = "/components/responses/ClientNotFound"
NOT_FOUND_ASSUMED: Final = "/components/responses/ClientNotFoundAssumed"
UNKNOWN_BOT: Final = "/components/responses/ClientOrBotNotFound"
NO_DEAL: Final = "/paths/~1get_current_order_id/get/responses/200"
FAILED_SEARCH: Final = "/paths/~1find_clients/post/responses/200"
PAGE_OF_NOTHING: Final = "/paths/~1get_clients/get"
DELIMITER: Final = "/components/parameters/delimiter"
_DEALS: Final = "/paths/~1set_order_state/post/responses/200"
_LATEST: Final = "/paths/~1find_latest_client_id_by_var/get/responses/200"
#: Places of the successful replies that no source shows.
ASSUMED_REPLIES: Final = (
    _DEALS,
    _LATEST,
    "/components/responses/AcceptedAssumed",
    "/components/responses/DoneAssumed",
)


class Reply(Protocol):
    """A reply to a call; an `Exchange` is one."""

    @property
    def action(self) -> str:
        """The action."""
        ...

    @property
    def method(self) -> Method:
        """HTTP method, one that the contract offers for the action."""
        ...

    @property
    def status(self) -> int:
        """HTTP status."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """Headers, by lower-case name."""
        ...

    @property
    def data(self) -> Any:
        """The body as JSON, or as text if it is not JSON."""
        ...


def body_status(data: Any) -> str | None:
    """Return the status that a body states, such as `success`, `fail` or `client_not_found`."""
    status = data.get("status") if isinstance(data, dict) else None
    return status if isinstance(status, str) else None


def succeeded(reply: Reply) -> bool:
    """Return True if HTTP status and body both say success; of an import, that of one item at least."""
    data = reply.data
    return (
        200 <= reply.status < 300
        and body_status(data) in _SUCCESS
        and not (reply.action == "load_clients" and _all_items_failed(data))
        and not (isinstance(data, str) and is_word_of_failure(data) and data.lstrip()[:1] != "<")
    )


def failure(operation: Operation, data: Any) -> str | None:
    """Return what the body of a reply with the status 2xx says of a failure, or `None` if it says none.

    Args:
        operation: what was called.
        data: the body as JSON, or as text.
    """
    if not isinstance(data, dict):
        return None
    has_fields = bool(_CONTRACT.resolve(operation.success).get("properties"))
    if not has_fields and not data.keys() <= _KEYS_OF_A_FAILURE:
        return None
    if operation.action == "load_clients" and _all_items_failed(data):
        return "all items failed"
    status = body_status(data)
    if status not in _SUCCESS:
        return status
    if status is None and data.get("error"):
        return str(data["error"])
    return "success: false" if data.get("success") is False else None


def is_word_of_failure(text: str) -> bool:
    """Return True if a reply that is bare text reports a failure."""
    return _FAILURE.match(text.strip()) is not None


def place_of_unknown_client(action: str) -> str | None:
    """Return the assumption of how an action answers for an unknown client; `None` where the document shows it."""
    operation = _CONTRACT.operation(action)
    if operation.tag == "deals" or "client_id" not in operation.schema["properties"]:
        return None
    return NOT_FOUND if action == "message" else NOT_FOUND_ASSUMED


@cache
def bot_of(action: str) -> str | None:
    """Return the parameter that names the bot of an action that runs one, or `None`."""
    operation = _CONTRACT.operation(action)
    if operation.messenger is None or operation.effect != "send":
        return None
    return next((name for name in operation.schema["properties"] if names_channel(operation, name)), None)


def names_channel(operation: Operation, name: str) -> bool:
    """Return True if a parameter of an operation names a channel."""
    return _CONTRACT.resolve(operation.schema["properties"][name]).get("x-names") == "channel"


def is_envelope(reply: Reply, status: int) -> bool:
    """Return True if a reply is a refusal with an HTTP status, in the usual envelope."""
    return reply.status == status and body_status(reply.data) == "fail"


def is_client_not_found(reply: Reply) -> bool:
    """Return True if a reply is the one that the contract has for an unknown client of actions beside deals."""
    return reply.status == 404 and body_status(reply.data) == CLIENT_NOT_FOUND


def is_unknown_bot(reply: Reply, name: str) -> bool:
    """Return True if a reply is the one that the contract has for a bot that the project does not have.

    Args:
        reply: the reply.
        name: the parameter that names the bot.
    """
    return reply.status == 404 and isinstance(reply.data, dict) and name in str(reply.data.get("message"))


def is_no_deal(reply: Reply) -> bool:
    """Return True if a reply is the one that the contract has for a client without a deal."""
    return body_status(reply.data) == "order not found"


def shape_problem(reply: Reply) -> Problem | None:
    """Return what is wrong with the data of a successful reply, or `None`."""
    return reply_problem(reply.action, reply.method, reply.data)


def is_open(reply: Reply) -> bool:
    """Return True if a successful reply holds data, and the document does not show which."""
    return not _is_shown(reply.action, reply.method) and _is_data(reply.data)


def _is_shown(action: str, method: Method) -> bool:
    """Return True if the document shows what an action answers to a method where it succeeds."""
    return bool(_CONTRACT.operation(action, method).responses["200"].get("x-evidence") == "documented")


def is_bare_word(reply: Reply) -> bool:
    """Return True if a reply says in bare text, or by no body, that all is done, where the document shows no reply."""
    return isinstance(reply.data, str) and is_done_by_a_word(reply.action, reply.method, reply.data)


def is_done_by_a_word(action: str, method: Method, text: str) -> bool:
    """Return True if a text is such a word, or empty."""
    success = _CONTRACT.resolve(_CONTRACT.operation(action, method).success)
    has_nothing_to_tell = success.get("properties", {}).keys() == {"status"}
    word = text.strip()
    is_word_of_success = (not word or word.isalpha()) and not is_word_of_failure(word)
    return has_nothing_to_tell and not _is_shown(action, method) and is_word_of_success


def has_own_form(reply: Reply) -> bool:
    """Return True if a successful reply that is open is no object, lacks what integrators read, or wraps it.

    A variable that the run has set to an object or a list, and that is shown as such, wraps nothing.
    """
    problem = shape_problem(reply) if is_open(reply) else None
    if problem is None or str(*problem.path[:1]).startswith(NONCE):
        return False
    value = reduce(lambda data, part: data[part], problem.path, reply.data)
    return not problem.path or isinstance(value, dict | list)


def wrapper_of(reply: Reply) -> str | None:
    """Return the key under which alone a reply has a flat object, beside how the call ended, or `None`.

    What the run has set to an object itself is one value in it.
    """
    keys = list(reply.data.keys() - _KEYS_OF_A_FAILURE) if isinstance(reply.data, dict) else []
    inner = reply.data[keys[0]] if len(keys) == 1 else None
    if not isinstance(inner, dict):
        return None
    is_flat = not any(isinstance(each, dict) and not name.startswith(NONCE) for name, each in inner.items())
    return keys[0] if is_flat else None


def finds_no_client(reply: Reply) -> bool:
    """Return True if a search for one client succeeds without an id, where the document does not show its reply."""
    return is_open(reply) and isinstance(reply.data, dict) and reply.data.get("client_id", reply) is None


def content_type_problem(reply: Reply) -> str | None:
    """Return how the content type of a reply does not fit its data, or `None`; further types are JSON too."""
    content_type, wanted = reply.headers.get("content-type", ""), media_type(reply.data)
    kind = content_type.partition(";")[0].strip().lower()
    is_fit = kind == wanted or (wanted == JSON and kind.endswith("+json"))
    return None if is_fit else f"the content type {content_type!r} on {wanted}"


def is_as_stated(reply: Reply) -> bool:
    """Return True if a reply is a success of the shape that the contract states."""
    return succeeded(reply) and reply_problem(reply.action, reply.method, reply.data) is None


def place_of_reply(action: str) -> str | None:
    """Return the assumption of a reply that is shared by several actions, or the action's own."""
    node = _CONTRACT.document["paths"][f"/{action}"]
    described = next(iter(node[each] for each in ("post", "get") if each in node))["responses"]["200"]
    if "$ref" in described:
        return str(described["$ref"]).removeprefix("#")
    own = [each for each in (_DEALS, _LATEST) if f"~1{action}/" in each]
    return own[0] if own else None


def _is_data(data: Any) -> bool:
    """Return True if the data of a reply are JSON that tells something, whatever fields it has."""
    try:
        json.dumps(data, ensure_ascii=False).encode()
    except (UnicodeEncodeError, RecursionError):
        return False
    return isinstance(data, dict | list | bool | int | float)


def _all_items_failed(data: Any) -> bool:
    items = data.get("items") if isinstance(data, dict) else None
    return isinstance(items, list) and bool(items) and all(_has_failed(item) for item in items)


def _has_failed(item: Any) -> bool:
    return isinstance(item, dict) and item.get("status", "success") != "success"
