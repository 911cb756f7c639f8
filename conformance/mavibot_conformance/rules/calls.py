"""A valid call of every action: the contract's own example, with test data of the run where it names something."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, TypeVar

import jsonschema_rs

import mavibot_contract
from mavibot_conformance.rules.trial import FailedError, LacksInputError, NotRunError
from mavibot_conformance.rules.ways import give, newest_deal
from mavibot_conformance.target.judgements import NONCE
from mavibot_conformance.target.offer import NotOfferedError
from mavibot_conformance.target.profile import messenger_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from mavibot_conformance.rules.trial import Trial
    from mavibot_conformance.target.exchange import Exchange
    from mavibot_contract import Operation, Schema

_T = TypeVar("_T")
_CONTRACT: Final = mavibot_contract.load()
#: The id of no client.
NOBODY: Final = 999_999_999_999
#: Actions that save further parameters as variables.
SAVING: Final = tuple(action for action in _CONTRACT.actions if _CONTRACT.operation(action).free_variables)
CALLBACKS: Final = tuple(action for action in _CONTRACT.actions if "callback" in action)
#: Keywords that limit a text; without them any other text is as valid.
_LIMITING: Final = frozenset({"enum", "const", "pattern", "format", "x-time"})


def taking(*parameters: str) -> tuple[str, ...]:
    """Return the actions that have all of some parameters."""
    return tuple(
        action
        for action in _CONTRACT.actions
        if _CONTRACT.operation(action).schema["properties"].keys() >= {*parameters}
    )


def valid(t: Trial, action: str, *, having: str | None = None) -> dict[str, Any]:
    """Return parameters with which an action succeeds; what they name is created or comes from the profile.

    Args:
        t: the trial that makes the call.
        action: the action.
        having: a parameter that must be among them.

    Raises:
        LacksInputError: there is no test data for a parameter that the action needs.
    """
    return _TestData(t, _CONTRACT.operation(action), creates=True).parameters(having)


def least(t: Trial, action: str) -> dict[str, Any]:
    """Return parameters with which an action succeeds, without any that it does not require.

    Args:
        t: the trial that makes the call.
        action: the action.

    Raises:
        LacksInputError: there is no test data for a parameter that the action needs.
    """
    operation, found = _CONTRACT.operation(action), valid(t, action)
    for name in list(found):
        rest = {each: value for each, value in found.items() if each != name}
        if is_complete(operation, rest):
            found = rest
    return found


def harmless(t: Trial, action: str) -> dict[str, Any]:
    """Return parameters of an action that name nothing but what is in the profile, if anything; nothing is created.

    Args:
        t: the trial that makes the call.
        action: the action.

    Raises:
        LacksInputError: the profile lacks what a parameter that the action needs has to name.
    """
    return _TestData(t, _CONTRACT.operation(action), creates=False).parameters(None)


def reached(t: Trial, action: str, parameters: Mapping[str, Any]) -> Any:
    """Return the client that a call reaches, or `None` if it does not exist yet: whom the trial has made, it knows.

    Args:
        t: the trial that makes the call.
        action: the action.
        parameters: parameters of the call.
    """
    operation = _CONTRACT.operation(action)
    named = {named_by(operation, name): value for name, value in parameters.items()}
    if "client" in named:
        clients = named["client"]
        return clients[0] if isinstance(clients, list) else clients
    if "person" in named:
        people, channel = named["person"], named.get("channel")
        platform_id = people[0] if isinstance(people, list) else people
        return t.made(platform_id, channel) or t.contacts.get(platform_id) or t.client_with(platform_id, channel)
    if (phone := named.get("client_phone", named.get("phone"))) is not None:
        if operation.messenger is None:
            return _with_contact(t, "phone", phone)
        group_id = t.group("whatsapp")
        if (made := t.made(phone, group_id)) is not None:
            return made
        try:
            return _found(t.answered("whatsapp_client_id", phone=phone, group_id=group_id))
        except NotOfferedError:
            return _in_messenger(t, operation.messenger, phone, group_id)
    email = named.get("client_email", named.get("email"))
    if operation.messenger is None:
        return _with_contact(t, "email", email)
    # An e-mail client has the address as its platform id, any other client in a variable.
    if (made := t.made(email, t.group("email"))) is not None:
        return made
    try:
        found = _found(t.answered("find_client_id_by_email", email=email))
    except NotOfferedError:
        found = None
    return found or _in_messenger(t, operation.messenger, email, t.group("email"))


def text_of(parameters: Mapping[str, Any]) -> str:
    """Return the text that a call sends, whether the action names it `message` or `callback_text`."""
    text: str = parameters[_name_of_text(parameters)]
    return text


def with_text(parameters: Mapping[str, Any], text: str) -> dict[str, Any]:
    """Return a call that sends another text."""
    return {**parameters, _name_of_text(parameters): text}


def _name_of_text(parameters: Mapping[str, Any]) -> str:
    return "message" if "message" in parameters else "callback_text"


def messenger(name: str) -> int:
    """Return the number of a messenger by its name in `profile.groups`, such as 1 for `telegram`.

    Raises:
        LacksInputError: the contract has no such messenger.
    """
    numbers = {each: number for number, each in messenger_names().items()}
    if name not in numbers:
        raise LacksInputError(f"groups.{name}: the contract has no such messenger")
    return numbers[name]


def named_by(operation: Operation, parameter: str) -> str | None:
    """Return what a parameter names, as `x-names` of the contract states it for the parameter or for its items."""
    schema = _CONTRACT.resolve(operation.schema["properties"].get(parameter, {}))
    found: str | None = schema.get("x-names", _CONTRACT.resolve(schema.get("items", {})).get("x-names"))
    return found


class _TestData:
    """Test data for one call: everything in it that belongs together does so, such as a deal and its client."""

    def __init__(self, t: Trial, operation: Operation, *, creates: bool) -> None:
        self._t: Final = t
        self._operation: Final = operation
        self._creates: Final = creates
        self._made: Final[dict[str, Any]] = {}

    def parameters(self, having: str | None) -> dict[str, Any]:
        """Return the parameters of a call; what an optional one would have to name may be lacking."""
        properties = self._operation.schema["properties"]
        found: dict[str, Any] = {}
        lacking: LacksInputError | None = None
        for name, example in _example(self._operation, having).items():
            try:
                found[name] = self._value(properties[name], example)
            except LacksInputError as error:
                lacking = error
        if lacking is not None and not (having in (None, *found) and is_complete(self._operation, found)):
            raise lacking
        return found

    def _value(self, schema: Schema, example: Any) -> Any:
        schema = _CONTRACT.resolve(schema)
        if "x-names" in schema:
            return self._named(schema["x-names"], example)
        if isinstance(example, list):
            items = _CONTRACT.resolve(schema.get("items", {}))
            match items.get("x-names"):
                case "client":
                    return self._clients(len(example))
                case "person":
                    return self._people([str(self._t.number()) for _ in example])
            return [self._value(items, each) for each in example]
        if isinstance(example, dict):
            properties = schema.get("properties", {})
            return {name: self._value(properties.get(name, {}), each) for name, each in example.items()}
        # What a run writes can be found again.
        if self._operation.effect != "read" and schema.get("type") == "string" and not schema.keys() & _LIMITING:
            return self._t.nonce()
        return example

    def _named(self, kind: str, example: Any) -> Any:
        match kind:
            case "client":
                return self._client
            case "client_phone":
                return self._client_by("phone", self._t.phone())
            case "client_email":
                return self._client_by("email", self._email())
            case "person":
                return self._people([str(self._t.number())])[0]
            case "dialogue":
                return dialogue(self._t) if self._creates else self._t.nonce()
            case "new_person":
                return str(self._t.number())
            case "phone":
                return self._number()
            case "email":
                return self._email()
            case "order":
                return self._order
            case "channel":
                return self._channel[0]
            case "messenger":
                return self._channel[1]
            case "list":
                return self._known("list_id")
            case "block":
                return self._known("block_id")
            case "stage":
                stages = self._known("stage_ids")
                return stages[min(1, len(stages) - 1)]  # a new deal is on the first one
            case "variable":
                return self._variable[0]
            case "value":
                return self._variable[1]
            case "conditions":
                return dict([self._variable])
            case "variables":
                return {_marked(name): self._t.nonce() for name in example}
        raise LacksInputError(f"there is no test data for what the contract calls '{kind}'")

    @property
    def _client(self) -> int:
        if not self._creates:
            return self._t.profile.clients[0] if self._t.profile.clients else NOBODY
        if self._operation.tag == "deals":
            self._order  # noqa: B018 - the client of a deal has one
        return self._owner

    def _once(self, name: str, make: Callable[[], _T]) -> _T:
        """Return what is made at the first call; no lock is held, as one of `cached_property` is, while that waits."""
        if name not in self._made:
            self._made[name] = make()
        found: _T = self._made[name]
        return found

    @property
    def _owner(self) -> int:
        return self._once("owner", self._t.client)

    @property
    def _order(self) -> int:
        return self._once("order", self._new_order)

    def _new_order(self) -> int:
        if not self._creates:
            raise LacksInputError("the profile names no deal")
        try:
            return self._t.order(self._owner)
        except NotOfferedError:
            return self._existing_order

    @property
    def _existing_order(self) -> int:
        """A deal that a test client has already, whom the call is about then."""
        for client_id in () if self._t.only_new_clients else self._t.profile.clients:
            order_id = newest_deal(self._t, client_id)
            if order_id is not None:
                self._made["owner"] = client_id
                return order_id
        raise LacksInputError("needs create_order, or a test client who has a deal")

    def _clients(self, count: int) -> list[int]:
        if not self._creates:
            return [self._client]
        # A client that is to be deleted must be one that the run has made.
        return self._t.clients(count, new=self._operation.permission == "clients:delete")

    @property
    def _channel(self) -> tuple[str, int]:
        """The channel of the clients that the action is about: its `group_id` and its messenger."""
        if self._stand_ins:
            place = next(iter(self._stand_ins.values()))
            return str(place["group"]), int(place["client_type"])
        if self._operation.messenger is not None:
            number = _CONTRACT.enum("Messenger")[self._operation.messenger]
            return self._t.group(messenger_names()[number]), number
        channel = self._known("channel")
        return channel["group_id"], channel["client_type"]

    @property
    def _stand_ins(self) -> dict[int, dict[str, Any]]:
        """Test clients of the profile in one channel of the messenger, with their places, where none can be made."""
        return self._once("stand-ins", self._places)

    def _places(self) -> dict[int, dict[str, Any]]:
        if not self._creates or self._t.only_new_clients or not self._t.wire.offer.lacks("load_clients"):
            return {}
        found: dict[int, dict[str, Any]] = {}
        with suppress(NotRunError, FailedError):
            found = {each: self._t.place(each) for each in self._t.profile.clients}
        if self._operation.messenger is not None:
            number = str(_CONTRACT.enum("Messenger")[self._operation.messenger])
            found = {each: place for each, place in found.items() if str(place["client_type"]) == number}
        group = next((place["group"] for place in found.values()), None)
        return {each: place for each, place in found.items() if place["group"] == group}

    def _people(self, platform_ids: list[str]) -> list[str]:
        """Return ids in a messenger, of clients who exist if anything may be created; of test clients maybe fewer."""
        if self._stand_ins:
            chosen = [str(place["platform_id"]) for place in self._stand_ins.values()][: len(platform_ids)]
            self._t.contacts.update(zip(chosen, self._stand_ins, strict=False))
            return chosen
        if self._creates:
            group_id, client_type = self._channel
            items = [{"platform_id": each, "group_id": group_id, "client_type": client_type} for each in platform_ids]
            with self._t.wire.waits.apart():
                clients = self._t.load(items)
            self._t.delete_at_the_end(clients)
        return platform_ids

    def _client_by(self, variable: str, value: str) -> str:
        """Return a phone number or an e-mail address after giving it to a client."""
        if self._operation.messenger is not None:
            return self._people([value])[0]
        if self._creates:
            give(self._t, self._client, {f"client.{variable}": value})
            self._t.contacts[value] = self._client
        return value

    @property
    def _variable(self) -> tuple[str, str]:
        """A variable of a client and its value."""
        return self._once("variable", self._new_variable)

    def _new_variable(self) -> tuple[str, str]:
        name, value = self._t.nonce(), self._t.nonce()
        if self._creates:
            give(self._t, self._client, {f"client.{name}": value})
        return name, value

    def _number(self) -> str:
        """A phone number; to send to, one of a client if one can be made: no source says what an unknown one does."""
        phone = self._t.phone()
        if self._operation.messenger is not None and self._operation.effect == "send":
            with suppress(LacksInputError, NotOfferedError):
                return self._people([phone])[0]
        return phone

    def _email(self) -> str:
        return f"{self._t.nonce()}@example.com"

    def _known(self, need: str) -> Any:
        if self._t.profile.lacks(need):
            raise LacksInputError(f"the profile lacks {need}")
        return getattr(self._t.profile, need)


def _example(operation: Operation, having: str | None) -> dict[str, Any]:
    """Return the contract's first example of a call, or the first one that has a certain parameter."""
    properties = operation.schema["properties"]
    examples = _examples(operation) or [
        {name: _example_of(operation, name) for name in operation.schema.get("required", [])}
    ]
    chosen = next((each for each in examples if having in each), examples[0])
    if having is not None and having not in chosen:
        chosen = {**chosen, having: _example_of(operation, having)}
    # Further parameters would be saved as variables.
    return {name: value for name, value in chosen.items() if name in properties}


def _examples(operation: Operation) -> list[dict[str, Any]]:
    """Return the examples of a body, as parameters by name."""
    if operation.method == "GET":
        return []
    node = _CONTRACT.document["paths"][f"/{operation.action}"]["post"]["requestBody"]["content"]["application/json"]
    values = [each["value"] for each in node.get("examples", {}).values()]
    return values if operation.body_argument is None else [{operation.body_argument: each} for each in values]


def dialogue(t: Trial) -> str:
    """Return the id of a dialogue on a website that is new.

    Raises:
        LacksInputError: the server refuses it: no source says that asking for its client makes a dialogue.
    """
    probe = t.call("online_chat_client_id", recipient=t.nonce(), name=t.nonce(), tag=t.nonce())
    if not probe.succeeded and not probe.is_broken:
        raise LacksInputError("online_chat_client_id knows only dialogues that a visitor has begun, and names none")
    return t.nonce()


def client_of_the_online_chat(t: Trial, **parameters: Any) -> int:
    """Return the client of a dialogue on a website, by an id that may be a text: SHAPE-1 alone judges its type."""
    return int(t.ok("online_chat_client_id", **parameters)["client_id"])


def _example_of(operation: Operation, name: str) -> Any:
    schema = _CONTRACT.resolve(operation.schema["properties"].get(name, {}))
    if not schema.get("examples"):
        raise LacksInputError(f"the contract has no example of {name} of {operation.action}")
    return schema["examples"][0]


def is_complete(operation: Operation, names: Iterable[str]) -> bool:
    """Return True if an action needs no further parameter beside these."""
    keywords = ("required", "allOf", "dependentRequired")
    conditions = {each: operation.schema[each] for each in keywords if each in operation.schema}
    return bool(jsonschema_rs.validator_for(conditions).is_valid(dict.fromkeys(names)))


def _marked(name: str) -> str:
    """Return the name of a variable with the mark of a run behind its prefix, such as `client.cnf_city`."""
    prefix, dot, plain = name.rpartition(".")
    return f"{prefix}{dot}{NONCE}_{plain}"


def _in_messenger(t: Trial, messenger_name: str, platform_id: Any, group_id: str) -> int | None:
    """Return the client with an id in a channel, or `None`; where nothing shows it, an import does: it keeps numbers.

    Args:
        t: the trial that makes the call.
        messenger_name: name of the messenger in the contract.
        platform_id: the id in the messenger.
        group_id: the channel.
    """
    try:
        return t.client_with(platform_id, group_id)
    except NotOfferedError:
        number = _CONTRACT.enum("Messenger")[messenger_name]
        [client_id] = t.load([{"platform_id": platform_id, "group_id": group_id, "client_type": number}])
        t.delete_at_the_end([client_id])
        return client_id


def _with_contact(t: Trial, name: str, contact: Any) -> Any:
    """Return the client with a phone number or an e-mail address: by the search, else the one that was given it."""
    sought: dict[str, Any] = {name: contact}
    try:
        return t.ok(f"find_client_id_by_{name}", **sought)["client_id"]
    except NotOfferedError:
        if contact not in t.contacts:
            raise
        return t.contacts[contact]


def _found(exchange: Exchange) -> Any:
    return exchange.read["client_id"] if exchange.succeeded else None
