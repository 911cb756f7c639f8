"""Observers: each looks at a single call with its reply, and says whether an assumption of the contract held there.

What a rule of the suite judges is judged here by the same function.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import mavibot_contract
from mavibot_conformance.assumptions import texts
from mavibot_conformance.target import judgements
from mavibot_conformance.target.judgements import (
    DELIMITER,
    FAILED_SEARCH,
    INVALID,
    NO_DEAL,
    OVER_LIMIT,
    PAGE_OF_NOTHING,
    REFUSED_KEY,
    REFUSED_PERMISSION,
    UNKNOWN_BOT,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mavibot_proxy.facts.seen import Seen

    #: A place in the contract, whether its assumption held, and the rule that settles it, if one does.
    Observation = tuple[str, bool, str | None]

_CONTRACT: Final = mavibot_contract.load()
_KEY: Final = re.compile(r"api[ _-]?key|\btoken\b|unauthori[sz]ed|not authori[sz]ed|ключ")
_PERMISSION: Final = re.compile(r"permission|forbidden|access denied|\bscope\b|недостаточно прав|нет прав")
_LIMIT: Final = re.compile(r"too many|rate limit|over limit|limit exceeded|лимит")
_CLIENT: Final = re.compile(r"client[ _](is[ _])?not[ _]found|unknown client|no such client|клиент не найден")
_ORDER: Final = re.compile(r"(order|deal)( \d+)?[ _](is[ _])?not[ _]found|no such (order|deal)|no deal")
_BLOCK: Final = re.compile(r"block|message_id")
_BOT: Final = re.compile(r"\bbot\b|group_id|channel|bot_id")
_STAGE: Final = re.compile(r"stage|state_id|\bstate\b")
_SEARCHES: Final = frozenset({"find_clients"})
_SECONDS: Final = re.compile(r"\d+")
#: Places of the replies for a missing client, and for a missing deal, of single actions.
_CLIENTS_OF_DEALS: Final = {
    "set_order_vars": "/paths/~1set_order_vars/post/responses/200",
    "get_order_state": "/paths/~1get_order_state/get/responses/200",
}
_DEALS: Final = {
    "get_current_order_id": NO_DEAL,
    "move_order_to_next_state": "/paths/~1move_order_to_next_state/post/responses/200",
    "get_order_vars": "/paths/~1get_order_vars/post/responses/200",
}
_COMPONENT: Final = "/components/schemas/{}"


def observations(seen: Seen) -> Iterator[Observation]:
    """Yield what a call with its reply says of the assumptions of the contract."""
    for observe in _OBSERVERS:
        for pointer, holds, rule in observe(seen):
            if pointer in texts():
                yield pointer, holds, rule


def _keys(seen: Seen) -> Iterator[Observation]:
    """Refused keys and permissions, and too many calls."""
    if seen.succeeded:
        return
    if seen.status == 429 or _LIMIT.search(seen.words):
        has_seconds = bool(_SECONDS.fullmatch(seen.headers.get("retry-after", "")))
        yield OVER_LIMIT, judgements.is_envelope(seen, 429) and has_seconds, None
    elif seen.status == 401 or _KEY.search(seen.words):
        yield REFUSED_KEY, judgements.is_envelope(seen, 401), "AUTH-1"
    elif seen.status == 403 or _PERMISSION.search(seen.words):
        yield REFUSED_PERMISSION, judgements.is_envelope(seen, 403), "AUTH-4"


def _not_found(seen: Seen) -> Iterator[Observation]:
    """Clients, deals, blocks, bots and stages that do not exist."""
    if seen.succeeded:
        return
    action, words = seen.action, seen.words
    is_failure_404 = judgements.is_envelope(seen, 404)
    if _CLIENT.search(words):
        if action in _CLIENTS_OF_DEALS:
            holds = seen.status == 200 and seen.data == {"status": "client_not_found"}
            yield _CLIENTS_OF_DEALS[action], holds, "ERR-1"
        elif (place := judgements.place_of_unknown_client(action)) is not None:
            yield place, judgements.is_client_not_found(seen), "ERR-2"
            if action == "assign_to_user":
                yield "/paths/~1assign_to_user/post/responses/404", judgements.is_client_not_found(seen), "ERR-2"
    elif _ORDER.search(words):
        if action in _DEALS:
            yield _DEALS[action], judgements.is_no_deal(seen), "SHAPE-11" if action == "get_current_order_id" else None
    elif "message_id" in seen.sent and _BLOCK.search(words):
        method = "get" if seen.exchange.method == "GET" else "post"
        yield f"/paths/~1{action}/{method}/responses/404", is_failure_404, None
        yield "/components/responses/NotFound", is_failure_404, None
    elif (name := judgements.bot_of(action)) is not None and _BOT.search(words):
        yield UNKNOWN_BOT, judgements.is_unknown_bot(seen, name), "ERR-15"
    elif "state_id" in seen.sent and _STAGE.search(words):
        yield "/components/responses/StageNotFound", is_failure_404, None


def _successes(seen: Seen) -> Iterator[Observation]:
    """Forms of successful replies that no source shows."""
    if not seen.succeeded:
        return
    place = judgements.place_of_reply(seen.action)
    problem = judgements.shape_problem(seen)
    if place is not None and place in judgements.ASSUMED_REPLIES:
        yield place, problem is None, "SHAPE-2"
    if isinstance(seen.data, dict) and "text/plain" in seen.operation.responses["200"]["content"]:
        yield _COMPONENT.format("Acknowledgement"), problem is None, "SHAPE-1"
    if seen.action == "get_messages":
        place = "/paths/~1get_messages/get/responses/200/content/application~1json/schema/properties/status"
        yield place, judgements.body_status(seen.data) == "success", "SHAPE-1"
    if seen.action == "get_clients" and isinstance(seen.data, dict):
        values = [row.get("operator_start_dialog") for row in _objects(seen.data.get("clients"))]
        if any(value is not None for value in values):
            yield _COMPONENT.format("Client/properties/operator_start_dialog"), problem is None, "SHAPE-1"


def _imports(seen: Seen) -> Iterator[Observation]:
    """Items of an import that fail."""
    if seen.action != "load_clients" or not isinstance(seen.data, dict):
        return
    for item in _objects(seen.data.get("items")):
        if "id" not in item:
            yield _COMPONENT.format("LoadedClient/properties/status"), item.get("status") != "success", "ERR-9"
            yield _COMPONENT.format("LoadedClient/properties/message"), "message" in item, "ERR-9"


def _wrong_parameters(seen: Seen) -> Iterator[Observation]:
    """Calls that the contract refuses: how they are answered, and whether they are refused at all."""
    if seen.exchange.refusal is None or not seen.is_judged or _is_about_something_else(seen.words):
        return
    refused = not seen.succeeded
    if refused and seen.action not in _SEARCHES:
        yield INVALID, judgements.is_envelope(seen, 400), "ERR-5"
    if refused and seen.action in _SEARCHES and "q" not in seen.sent:
        yield FAILED_SEARCH, seen.status == 200, "FIND-6"
    if seen.action == "get_clients" and seen.wrong in ("limit", "offset"):
        yield PAGE_OF_NOTHING, refused, "LIM-14"
    elif seen.wrong is None or "is required" in seen.exchange.refusal:
        if "required" in seen.exchange.refusal and _asks_for_parameters(seen.action):
            yield f"/paths/~1{seen.action}/{seen.method.lower()}", refused, "ERR-5"
    else:
        for place in _places_of(seen.action, seen.method, seen.wrong):
            yield place, refused, None


def _booleans(seen: Seen) -> Iterator[Observation]:
    """Variables and conditions that are true or false."""
    if not seen.is_judged or seen.exchange.refusal is not None:
        return
    variables, conditions = seen.sent.get("variables"), seen.sent.get("q")
    if isinstance(variables, dict) and any(isinstance(each, bool) for each in variables.values()):
        yield _COMPONENT.format("VariableValue"), seen.succeeded, None
    if isinstance(conditions, dict) and any(isinstance(each, bool) for each in conditions.values()):
        yield _COMPONENT.format("SearchScalar"), seen.succeeded, None


def _delimiters(seen: Seen) -> Iterator[Observation]:
    """Delimiters of more than one character."""
    has_path = any(name.startswith("delimiter_value_") for name in seen.sent)
    if has_path and len(str(seen.sent.get("delimiter", ""))) > 1 and seen.is_judged:
        yield DELIMITER, not seen.succeeded, "EQ-9"


_OBSERVERS: Final[tuple[Callable[[Seen], Iterator[Observation]], ...]] = (
    *(_keys, _not_found, _successes, _imports, _wrong_parameters, _booleans, _delimiters),
)
#: Rows of a reply that are looked at: a page can hold thousands.
_MOST_ROWS: Final = 20


def _objects(rows: Any) -> list[dict[str, Any]]:
    """Return the first objects of a list."""
    return [row for row in rows[:_MOST_ROWS] if isinstance(row, dict)] if isinstance(rows, list) else []


def _is_about_something_else(words: str) -> bool:
    """Return True if a refusal is about who calls or about what does not exist, not about the form of a parameter."""
    return any(each.search(words) for each in (_KEY, _PERMISSION, _LIMIT, _CLIENT, _ORDER))


@cache
def _asks_for_parameters(action: str) -> bool:
    """Return True if the contract assumes which parameters an action needs."""
    method = _CONTRACT.operation(action).method.lower()
    text = texts().get(f"/paths/~1{action}/{method}", "")
    return any(word in text for word in ("needed", "at least one", "such a call is an error"))


@cache
def _places_of(action: str, method: Any, name: str) -> tuple[str, ...]:
    """Return the places of the contract that bound a parameter."""
    schema = _CONTRACT.operation(action, method).schema["properties"].get(name, {})
    body = f"/paths/~1{action}/post/requestBody/content/application~1json/schema/properties/{name}"
    component = schema.get("$ref", "").rpartition("/")[2]
    return (body, _COMPONENT.format(component)) if component else (body,)
