"""Makes a seed of the clients, variables, lists, deals and earlier messages that recorded calls speak of."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

import mavibot_contract
from mavibot_conformance.target import judgements

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from mavibot_proxy.records.reader import Recorded

_CONTRACT: Final = mavibot_contract.load()
#: Number of a messenger -> its name in a seed.
_MESSENGERS: Final = {
    number: "ok" if name == "ODNOKLASSNIKI" else name.lower() for name, number in _CONTRACT.enum("Messenger").items()
}
#: A client of whom nothing else is known.
_TELEGRAM: Final = "telegram"
#: Field of a message that its seed has too -> the values that it may have there.
_OF_MESSAGE: Final[Mapping[str, type]] = {
    "answered": bool,
    "client_replica": bool,
    "message_from_outside": int,
    "attachments": dict,
    "delivered": bool,
    "error_message": str,
    "manager_email": str,
}
#: Fields of a client that `get_variables` lists among its variables.
_NO_VARIABLES: Final = frozenset(
    {*("platform_id", "client_type", "messenger", "group", "name", "avatar", "tag"), *("main_client_id", "message_id")}
)


class _Seed:
    """What is known so far."""

    def __init__(self, began: float) -> None:
        """Begin with nothing.

        Args:
            began: when the first of the calls was made, Unix seconds.
        """
        self._began: Final = began
        self.messages: Final[dict[int, dict[str, Any]]] = {}
        self.clients: Final[dict[int, dict[str, Any]]] = {}
        #: Messenger and group of each channel.
        self.channels: Final[dict[tuple[str, str], Any]] = {}
        self.deals: Final[dict[int, int]] = {}
        self.lists: Final[dict[int, None]] = {}
        self.blocks: Final[dict[int, None]] = {}
        self.stages: Final[dict[int, None]] = {}
        #: What the calls themselves create, so that a seed must not hold it.
        self.new_clients: Final[set[int]] = set()
        self.new_deals: Final[set[int]] = set()

    def read(self, call: Recorded) -> None:
        """Learn from a call and its reply, or from what the platform posted."""
        sent, data = call.parameters, call.data
        if call.is_webhook:
            self._event(sent)
            return
        if judgements.body_status(data) in ("client_not_found", "order not found"):
            return
        self._named(call, sent)
        match call.action:
            case "load_clients":
                made = [row for row in _rows(data, "items") if "id" in row]
                self.new_clients.update(_ids(row["id"] for row in made))
                for row in made:
                    self._channel(_MESSENGERS.get(row.get("client_type", -1)), row.get("group_id"))
            case "create_order":
                self.new_deals.update(_ids([data.get("order_id")] if isinstance(data, dict) else []))
            case "get_orders":
                self._own(sent, data.get("order_id", data.get("result")) if isinstance(data, dict) else None)
            case "get_current_order_id":
                self._own(sent, [data.get("order_id")] if isinstance(data, dict) else None)
            case "get_variables":
                self._variables(sent, data)
            case "get_history":
                for row in _rows(data, "result"):
                    self._message(sent, row)
            case "get_order_state":
                self.stages.update(dict.fromkeys(_ids([data.get("state_id")] if isinstance(data, dict) else [])))
            case _:
                for row in (*_rows(data, "clients"), *_rows(data, None)):
                    self._client(row)
                if isinstance(data, dict):
                    for number in _ids([data.get("client_id"), *_list(data.get("client_ids"))]):
                        self._known(number)

    def _named(self, call: Recorded, sent: Mapping[str, Any]) -> None:
        """Learn from what a call names."""
        clients = [sent.get("client_id"), *_list(sent.get("client_ids")), *_list(sent.get("clients"))]
        for number in _ids(clients):
            self._known(number)
        self.lists.update(dict.fromkeys(_ids([sent.get("list_id"), sent.get("list")])))
        self.blocks.update(dict.fromkeys(_ids([sent.get("message_id")])))
        self.stages.update(dict.fromkeys(_ids([sent.get("state_id")])))
        if "order_id" in sent:
            self._own(sent, [sent["order_id"]])

        for name, messenger in _channel_names(call.action).items():
            self._channel(messenger, sent.get(name))

    def _channel(self, messenger: str | None, group: Any) -> None:
        if messenger is not None and isinstance(group, str | int) and group != "":
            self.channels.setdefault((messenger, str(group)), group)

    def _own(self, sent: Mapping[str, Any], deals: Any) -> None:
        owner = next(_ids([sent.get("client_id")]), None)
        for number in _ids(_list(deals)):
            if owner is not None and number not in self.new_deals:
                self.deals.setdefault(number, owner)

    def _variables(self, sent: Mapping[str, Any], data: Any) -> None:
        number = next(_ids([sent.get("client_id")]), None)
        if number is None or not isinstance(data, dict):
            return
        client = self._known(number)
        if client is None:
            return
        self._take(client, data)
        values = {
            name: value
            for name, value in data.items()
            if name and name not in _NO_VARIABLES and isinstance(value, str | int | float)
        }
        client.setdefault("variables", values)

    def _message(self, sent: Mapping[str, Any], row: Mapping[str, Any]) -> None:
        """Learn of a message that is older than all calls; later ones the calls write themselves."""
        number, owner = next(_ids([row.get("id")]), None), next(_ids([sent.get("client_id")]), None)
        moment, text = row.get("created_at"), row.get("text")
        if number is None or owner is None or type(moment) is not int or not 0 <= moment < self._began:
            return
        message = {
            "id": number,
            "client_id": owner,
            "text": text if isinstance(text, str) else "",
            "created_at": moment,
        }
        message |= {name: row[name] for name, kind in _OF_MESSAGE.items() if type(row.get(name)) is kind}
        for manager in _ids([row.get("manager_id")]):
            message["manager_id"] = manager
        for block in _ids([row.get("message_id")]):
            message["block_id"] = block
            self.blocks[block] = None
        self.messages[number] = message

    def _event(self, event: Mapping[str, Any]) -> None:
        row = event.get("client")
        if isinstance(row, dict):
            # Spelled as the platform spells it.
            self._client({**row, "platform_id": row.get("recepient")})
            self._variables({"client_id": row.get("id")}, row.get("variables"))

    def _client(self, row: Mapping[str, Any]) -> None:
        number = next(_ids([row.get("id", row.get("client_id"))]), None)
        client = None if number is None else self._known(number)
        if client is not None:
            self._take(client, row)

    @staticmethod
    def _take(client: dict[str, Any], row: Mapping[str, Any]) -> None:
        kind = row.get("client_type")
        if isinstance(kind, int) and kind in _MESSENGERS:
            client["messenger"] = _MESSENGERS[kind]
        if isinstance(row.get("platform_id"), str | int) and row["platform_id"] != "":
            client["platform_id"] = str(row["platform_id"])
        group = row.get("group_id", row.get("group"))
        if isinstance(group, str | int) and group != "":
            client["group_id"] = group
        for name in ("name", "tag", "avatar"):
            if isinstance(row.get(name), str):
                client[name] = row[name]

    def _known(self, number: int) -> dict[str, Any] | None:
        """Return what is known of a client, or `None` of one that the calls create."""
        if number in self.new_clients:
            return None
        return self.clients.setdefault(number, {"id": number})

    def document(self) -> dict[str, Any]:
        """Return the seed."""
        clients, seen = [], set()
        for client in self.clients.values():
            messenger = client.setdefault("messenger", _TELEGRAM)
            client.setdefault("platform_id", str(client["id"]))
            group = client.get("group_id")
            self._channel(messenger, group)
            identity = (messenger, str(group), client["platform_id"])
            if identity in seen:
                client["platform_id"] = f"{client['platform_id']}-{client['id']}"
            seen.add(identity)
            clients.append(client)
        messages = [each for _, each in sorted(self.messages.items()) if each["client_id"] in self.clients]
        deals = [{"id": number, "client_id": owner} for number, owner in self.deals.items() if owner in self.clients]
        last = {
            table: min(new) - 1 for table, new in (("clients", self.new_clients), ("orders", self.new_deals)) if new
        }
        return {
            "channels": [
                {"id": number, "messenger": messenger, "group_id": group}
                for number, ((messenger, _), group) in enumerate(self.channels.items(), 1)
            ],
            "lists": [{"id": number} for number in self.lists],
            "blocks": [{"id": number, "answer": f"Block {number}"} for number in self.blocks],
            "stages": [
                {"id": number, "pipeline": "Recorded", "name": f"Stage {number}", "position": place}
                for place, number in enumerate(self.stages, 1)
            ],
            "clients": clients,
            "deals": deals,
            "messages": messages,
            **({"last_numbers": last} if last else {}),
        }


def seed_of(calls: Sequence[Recorded]) -> dict[str, Any]:
    """Return the seed of a mock project in which recorded calls, and webhooks, find what they speak of."""
    seed = _Seed(min((call.ended - call.seconds for call in calls), default=0.0))
    # What a call reads is what stands before it; an event may tell of what came after, so events only add to it.
    for call in sorted(calls, key=lambda each: each.is_webhook):
        seed.read(call)
    return seed.document()


@cache
def _channel_names(action: str) -> dict[str, str]:
    """Return the parameters of an action that name a channel, with its messenger in a seed."""
    operation = _CONTRACT.operation(action) if action in _CONTRACT.actions else None
    if operation is None or operation.messenger is None:
        return {}
    messenger = _MESSENGERS[_CONTRACT.enum("Messenger")[operation.messenger]]
    names = operation.schema["properties"]
    return {name: messenger for name in names if judgements.names_channel(operation, name)}


def _ids(values: Iterable[Any]) -> Iterator[int]:
    """Yield those values that are ids, as numbers."""
    for value in values:
        text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
        if text.isascii() and text.isdecimal() and 0 < len(text) < 16 and int(text):
            yield int(text)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _rows(data: Any, name: str | None) -> list[dict[str, Any]]:
    """Return the objects of a list: of a field of a reply, or of the reply itself."""
    rows = data if name is None else data.get(name) if isinstance(data, dict) else None
    return [row for row in _list(rows) if isinstance(row, dict)]
