"""What a new version of the contract changes, action by action, and what that means for those who work with it.

The same difference of two schemas breaks one side and leaves the other alone: a call may not be narrowed, since callers
send what fitted before, and a reply may not be widened, since callers read only what they know.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Any, Final

from mavibot_contract.essence import ANNOTATIONS, EVIDENCE, essence, inlined, references
from mavibot_contract.schema_changes import HARMLESS, Kind, Schemas, keyword
from mavibot_contract.words import Resolve, Schema, resolved

__all__ = ["Change", "Kind", "Step", "changes", "step"]

Node = Mapping[str, Any]

#: Stands for an action where a change is one of the document as a whole.
WHOLE: Final = "the contract"
_METHODS: Final = ("post", "get", "put", "patch", "delete", "head", "options", "trace")


class Step(IntEnum):
    """How far a change moves the version, the least first."""

    PATCH = 1
    MINOR = 2
    BREAKING = 3

    def __str__(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Change:
    """One change of the contract.

    Attributes:
        action: the action that it is about, `webhook NAME` for what the platform posts, or `the contract`.
        kind: what happened.
        step: what it does to the version.
        place: what of the action changed, such as `parameter limit`; empty for the action itself.
        text: the change in words.
        caller: what it means for a program that calls the action, or receives the webhook.
        mock: what it means for a stand-in server that follows the contract.
        server: what it means for the real server.
    """

    action: str
    kind: Kind
    step: Step
    place: str
    text: str
    caller: str
    mock: str
    server: str


def changes(old: Node, new: Node) -> list[Change]:
    """Return what one version of the contract changes in another, in the order of the newer one's actions.

    Args:
        old: the older bundle, as `mavibot contract` prints it.
        new: the newer bundle.

    Raises:
        ValueError: one of them is no OpenAPI document.
    """
    for document in (old, new):
        if not isinstance(document.get("paths"), Mapping):
            raise ValueError("this is no OpenAPI document: it has no paths")  # noqa: TRY004 - a value of a right type
    return list(_Comparison(old, new).run())


def step(found: Iterable[Change]) -> Step | None:
    """Return the greatest step of several changes; `None` if there is none."""
    return max((change.step for change in found), default=None)


#: Who sends a value, and what happened to it -> step, and what it means for a caller, a mock and a server.
_MEANINGS: Final[Mapping[tuple[str, Kind], tuple[Step, str, str, str]]] = {
    ("action", Kind.ADDED): (Step.MINOR, "may call it", "needs a handler for it", "must offer it"),
    ("action", Kind.REMOVED): (Step.BREAKING, "must no longer call it", "answers 404 to it", "need not offer it"),
    ("call", Kind.ADDED): (Step.MINOR, "may send it", "must take it", "must take it"),
    ("call", Kind.REMOVED): (
        Step.BREAKING,
        "must no longer send it",
        "must treat it as unknown",
        "need not know it",
    ),
    ("call", Kind.NARROWED): (
        Step.BREAKING,
        "must check its calls: one that was right may be refused",
        "must refuse what no longer fits",
        "may refuse what it took before",
    ),
    ("call", Kind.WIDENED): (
        Step.MINOR,
        "need not change, and may send more",
        "must take more",
        "must take what it could refuse before",
    ),
    ("reply", Kind.ADDED): (Step.MINOR, "may read it", "must send it where it has it", "may send it"),
    ("reply", Kind.REMOVED): (Step.BREAKING, "must no longer rely on it", "must no longer send it", "need not send it"),
    ("reply", Kind.NARROWED): (
        Step.MINOR,
        "need not change, and may rely on it",
        "must no longer answer otherwise",
        "deviates if it still answers otherwise",
    ),
    ("reply", Kind.WIDENED): (
        Step.BREAKING,
        "must be ready for it",
        "may answer so",
        "may answer so",
    ),
    ("any", Kind.EVIDENCE): (
        Step.PATCH,
        "need not change: the contract is surer, or less sure, of the same fact",
        "need not change",
        "need not change",
    ),
    ("any", Kind.WORDING): (Step.PATCH, "need not change", "need not change", "need not change"),
}
#: The same for what is CHANGED, by whether a program may fail over it.
_CHANGED: Final = {
    True: (Step.BREAKING, "must check what it makes of it", "must follow", "must follow"),
    False: (Step.MINOR, "need not change", "must follow", "must follow"),
}
_EFFECTS: Final = ("read", "write", "send")
#: Keys of an operation that are compared on their own.
_OPERATION: Final = frozenset(
    {
        *("parameters", "requestBody", "responses", "security", "servers"),
        *("x-effect", "x-idempotent", "x-unlimited", "x-free-variables"),
        *("x-query-schema", "x-value-parameters", "x-delimiter", "x-system-events"),
    }
)
_SHOWN: Final = ("example", "examples")


class _Comparison:
    def __init__(self, old: Node, new: Node) -> None:
        self._old: Final = old
        self._new: Final = new
        self._schemas: Final = Schemas(self._before, self._after)
        #: Reference -> the references in what it leads to; `None` where this is another in each document.
        self._followed: Final[dict[str, list[str] | None]] = {}

    def _before(self, node: Schema) -> Schema:
        return resolved(node, self._old)

    def _after(self, node: Schema) -> Schema:
        return resolved(node, self._new)

    def run(self) -> Iterator[Change]:
        found = [*self._document(), *self._actions(), *self._webhooks()]
        yield from found
        if not found and self._old != self._new:
            text = "components that no action uses, or under another name, or the order of something"
            yield _change(WHOLE, "any", Kind.WORDING, "", text)

    def _document(self) -> Iterator[Change]:
        """Yield what changed for all actions together."""
        old, new = self._old, self._new
        yield from self._servers(WHOLE, old, new)
        yield from self._security(WHOLE, old, new)
        before, after = (document.get("x-permissions", {}) for document in (old, new))
        yield from (_change(WHOLE, "call", Kind.ADDED, "permission", name) for name in after if name not in before)
        yield from (_change(WHOLE, "call", Kind.REMOVED, "permission", name) for name in before if name not in after)
        same = before.keys() & after.keys()
        texts = [name for name in ("info", "tags", "externalDocs") if old.get(name) != new.get(name)]
        texts += ["permissions"] if any(before[name] != after[name] for name in same) else []
        if texts:
            yield _change(WHOLE, "any", Kind.WORDING, "", ", ".join(texts))
        compared = {"info", "tags", "externalDocs", "servers", "security", "x-permissions", "paths", "webhooks"}
        yield from self._rest(WHOLE, "call", "", old, new, compared={*compared, "components"})

    def _actions(self) -> Iterator[Change]:
        before, after = self._old["paths"], self._new["paths"]
        for path in dict.fromkeys([*after, *before]):
            action = path.removeprefix("/")
            if path in before and path in after:
                yield from self._action(action, self._before(before[path]), self._after(after[path]))
            else:
                item = self._after(after[path]) if path in after else self._before(before[path])
                methods = " and ".join(method.upper() for method in _METHODS if method in item)
                kind = Kind.ADDED if path in after else Kind.REMOVED
                yield _change(action, "action", kind, "", f"the action, by {methods}")

    def _action(self, action: str, before: Node, after: Node) -> Iterator[Change]:
        said: dict[Change, None] = {}
        for method in _METHODS:
            if method in before and method in after:
                # A GET twin changes with its POST: once is enough.
                said.update(dict.fromkeys(self._operation(action, _shared(before, method), _shared(after, method))))
            elif method in before or method in after:
                kind = Kind.ADDED if method in after else Kind.REMOVED
                said[_change(action, "action", kind, "", f"the method {method.upper()}")] = None
        yield from said
        yield from self._servers(action, before, after)
        yield from self._rest(action, "call", "", before, after, compared={*_METHODS, "parameters", "servers"})

    def _webhooks(self) -> Iterator[Change]:
        before, after = (document.get("webhooks", {}) for document in (self._old, self._new))
        for name in dict.fromkeys([*after, *before]):
            title = f"webhook {name}"
            if name in before and name in after:
                old, new = self._before(before[name]), self._after(after[name])
                yield from self._operation(title, _shared(old, "post"), _shared(new, "post"), posted=True)
                yield from self._rest(title, "reply", "", old, new, compared={"post", "parameters"})
            else:
                kind = Kind.ADDED if name in after else Kind.REMOVED
                yield _change(title, "action", kind, "", "the webhook")

    def _operation(self, action: str, before: Node, after: Node, *, posted: bool = False) -> Iterator[Change]:
        """Yield how an action changed, or what is posted to a webhook: there the platform makes the call."""
        if self._is_same(before, after):
            return
        old, new = inlined(before, self._before), inlined(after, self._after)
        if old == new:
            return
        call, reply = ("reply", "call") if posted else ("call", "reply")
        found = [
            *self._facts(action, call, before, after),
            *self._parameters(action, call, before, after),
            *self._body(action, call, before, after, fields="body:" if posted else "parameter"),
            *(self._webhook_replies if posted else self._replies)(action, reply, before, after),
        ]
        yield from dict.fromkeys(found)
        if step(found) not in {None, Step.PATCH}:
            return
        if essence(old) != essence(new):
            # Better told without words than taken for wording.
            yield _change(action, call, Kind.CHANGED, "", "something that has no words here", matters=True)
        elif not found:
            yield _change(action, "any", Kind.WORDING, "", "the order of something, or what holds without being said")

    def _is_same(self, before: Node, after: Node) -> bool:
        """Return True if two nodes are the same, and so is all to which they refer."""
        if before != after:
            return False
        seen: set[str] = set()
        ahead = list(references(before))
        while ahead:
            reference = ahead.pop()
            if reference in seen:
                continue
            seen.add(reference)
            if reference not in self._followed:
                old, new = self._before({"$ref": reference}), self._after({"$ref": reference})
                self._followed[reference] = list(references(old)) if old == new else None
            further = self._followed[reference]
            if further is None:
                return False
            ahead += further
        return True

    def _facts(self, action: str, side: str, before: Node, after: Node) -> Iterator[Change]:
        """Yield what changed beside parameters and replies."""

        def changed(key: str, *, matters: bool, kind: Kind = Kind.CHANGED) -> Iterator[Change]:
            if before.get(key) != after.get(key):
                yield _fact(action, side, key, before.get(key), after.get(key), matters=matters, kind=kind)

        was, now = before.get("x-effect"), after.get("x-effect")
        weaker = was in _EFFECTS and now in _EFFECTS and _EFFECTS.index(now) < _EFFECTS.index(was)
        yield from changed("x-effect", matters=not weaker)
        yield from changed("x-idempotent", matters=after.get("x-idempotent") is not True)
        yield from changed("x-unlimited", matters=after.get("x-unlimited") is not True)
        widened = after.get("x-free-variables") is True
        yield from changed("x-free-variables", matters=True, kind=Kind.WIDENED if widened else Kind.NARROWED)
        for key in ("x-value-parameters", "x-delimiter"):
            yield from _aliases(action, before.get(key, {}), after.get(key, {}))
        yield from self._events(action, before.get("x-system-events", ()), after.get("x-system-events", ()))
        yield from self._servers(action, before, after)
        yield from self._security(action, before, after)
        yield from self._rest(action, side, "", before, after, compared=_OPERATION)

    def _servers(self, action: str, old: Node, new: Node) -> Iterator[Change]:
        before, after = ({each["url"]: each for each in node.get("servers", ())} for node in (old, new))
        yield from (_change(action, "call", Kind.ADDED, "server", url) for url in after if url not in before)
        yield from (_change(action, "call", Kind.REMOVED, "server", url) for url in before if url not in after)
        for url in filter(before.__contains__, after):
            yield from self._rest(action, "call", f"server {url}", before[url], after[url], compared={"url"})
        first, now = next(iter(before), None), next(iter(after), None)
        if first != now and first in after:
            text = f"{now}, was {first}"
            yield _change(action, "call", Kind.CHANGED, "the first server", text, matters=True)

    def _security(self, action: str, old: Node, new: Node) -> Iterator[Change]:
        """Yield how that differs by which a caller shows who it is."""
        before, after = (
            [
                {name: [scopes, inlined(schemes.get(name), resolve)] for name, scopes in each.items()}
                for each in node.get("security", ())
            ]
            for node, resolve, schemes in (
                (old, self._before, self._old.get("components", {}).get("securitySchemes", {})),
                (new, self._after, self._new.get("components", {}).get("securitySchemes", {})),
            )
        )
        if ("security" in old) != ("security" in new) or essence(before) != essence(after):
            yield _fact(action, "call", "security", old.get("security"), new.get("security"), matters=True)
        elif before != after:
            yield _change(action, "any", Kind.WORDING, "security", "what is said of it, or its order")

    def _parameters(self, action: str, side: str, before: Node, after: Node) -> Iterator[Change]:
        """Yield how the parameters differ that are no fields of the body."""
        old, new = _named(before, self._before), _named(after, self._after)
        yield from self._values(action, side, "parameter", _taken(old, before), _taken(new, after))
        for name in filter(old.__contains__, new):
            known = {"name", "in", "required", "schema"}
            yield from self._rest(action, side, f"parameter {name}", old[name], new[name], compared=known)

    def _body(self, action: str, side: str, before: Node, after: Node, *, fields: str) -> Iterator[Change]:
        old, new = self._before(before.get("requestBody", {})), self._after(after.get("requestBody", {}))
        needed, needs = old.get("required") is True, new.get("required") is True
        if needed is not needs:
            text = "required" if needs else "no longer required"
            yield _change(action, side, Kind.NARROWED if needs else Kind.WIDENED, "body", text)
        yield from self._rest(action, side, "body", old, new, compared={"required", "content"})
        yield from self._contents(action, side, "body", old, new, fields=fields)

    def _replies(self, action: str, side: str, before: Node, after: Node) -> Iterator[Change]:
        old, new = before["responses"], after["responses"]
        for status in dict.fromkeys([*new, *old]):
            if status in old and status in new:
                yield from self._reply(action, side, f"reply {status}", old[status], new[status])
                continue
            kind = Kind.REMOVED if status in old else Kind.ADDED
            text = (self._before(old[status]) if status in old else self._after(new[status])).get("description", "")
            if status == "default" or status.startswith(("4", "5")):
                # Every action may fail with any status; only what is known of it differs.
                yield _change(action, "status", kind, f"reply {status}", text)
            else:
                yield _change(action, side, _SUCCESS[kind], f"reply {status}", text)

    def _webhook_replies(self, action: str, side: str, before: Node, after: Node) -> Iterator[Change]:
        """Yield how the replies differ that the receiver of a webhook may give."""
        old, new = (node.get("responses", {}) for node in (before, after))
        for status in dict.fromkeys([*new, *old]):
            if status in old and status in new:
                yield from self._reply(action, side, f"reply {status}", old[status], new[status])
            else:
                yield _change(action, side, Kind.REMOVED if status in old else Kind.ADDED, "reply", status)

    def _reply(self, action: str, side: str, place: str, old: Node, new: Node) -> Iterator[Change]:
        old, new = self._before(old), self._after(new)
        yield from self._rest(action, side, place, old, new, compared={"headers", "content"})
        before, after = (
            {name: resolve(each) for name, each in node.get("headers", {}).items()}
            for node, resolve in ((old, self._before), (new, self._after))
        )
        yield from self._values(action, side, f"{place}: header", _fields(before), _fields(after))
        for name in filter(before.__contains__, after):
            where = f"{place}: header {name}"
            yield from self._rest(action, side, where, before[name], after[name], compared={"required", "schema"})
        yield from self._contents(action, side, place, old, new, fields=f"{place}:")

    def _contents(self, action: str, side: str, place: str, old: Node, new: Node, *, fields: str) -> Iterator[Change]:
        """Yield how a body differs; `fields` begins the place of a field in it."""
        before, after = old.get("content", {}), new.get("content", {})
        yield from _media_types(action, side, place, before, after)
        for media in filter(after.__contains__, before):
            was, now = before[media], after[media]
            yield from self._values(action, side, fields, was.get("schema", {}), now.get("schema", {}))
            yield from self._rest(action, side, place, was, now, compared={"schema", *_SHOWN})
            if any(was.get(key) != now.get(key) for key in _SHOWN):
                yield _change(action, "any", Kind.WORDING, place, "examples")

    def _events(self, action: str, old: Sequence[Node], new: Sequence[Node]) -> Iterator[Change]:
        """Yield how the events differ that the platform reports to a webhook."""
        before, after = ({each["name"]: each for each in events} for events in (old, new))
        for event in dict.fromkeys([*after, *before]):
            if event in before and event in after:
                yield from self._rest(action, "reply", f"event {event}", before[event], after[event], compared={"name"})
            else:
                yield _change(action, "reply", Kind.REMOVED if event in before else Kind.ADDED, "event", event)

    def _values(self, action: str, side: str, place: str, old: Schema, new: Schema) -> Iterator[Change]:
        for each in self._schemas.differences(old, new):
            where = f"{place} {each.place}" if each.place else place.rstrip(":")
            yield _change(action, side, each.kind, where, each.text, matters=each.matters)

    def _rest(
        self, action: str, side: str, place: str, old: Node, new: Node, *, compared: Collection[str]
    ) -> Iterator[Change]:
        """Yield how evidence and texts of a node differ, and every key that is not compared elsewhere."""
        if old.get(EVIDENCE) != new.get(EVIDENCE):
            text = f"{old.get(EVIDENCE)} became {new.get(EVIDENCE)}"
            yield _change(action, "any", Kind.EVIDENCE, place, text)
        texts = [key for key in sorted(ANNOTATIONS - {*compared}) if old.get(key) != new.get(key)]
        for key in sorted({*old, *new} - {*compared, *ANNOTATIONS, EVIDENCE}):
            was, now = (
                {key: inlined(node[key], resolve)} if key in node else {}
                for node, resolve in ((old, self._before), (new, self._after))
            )
            if essence(was) != essence(now):
                matters = key not in HARMLESS
                yield _fact(action, side, key, old.get(key), new.get(key), matters=matters, place=place)
            elif was != now:
                texts.append(key)
        if texts:
            yield _change(action, "any", Kind.WORDING, place, ", ".join(texts))


#: Key -> what it says of an action.
_KEYS: Final = {
    "operationId": "name of the operation",
    "tags": "tag",
    "x-permission": "permission",
    "x-effect": "effect",
    "x-idempotent": "idempotent",
    "x-unlimited": "counts against no limit",
    "x-free-variables": "further parameters are variables",
    "x-messenger": "messenger",
}

#: Key -> what its change means, where that is more than to follow.
_FACTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "x-permission": {
        "caller": "needs a key with the new permission",
        "mock": "must refuse keys without it",
        "server": "must ask for it",
    },
    "x-effect": {"caller": "must check where it calls this: what it does is another thing"},
    "x-idempotent": {
        "caller": "repeats it after a failure, or no longer does: the client follows this by itself",
        "mock": "must do it once, or each time",
        "server": "must do it once, or each time",
    },
    "x-unlimited": {"caller": "must check its rate of calls", "mock": "must count it, or no longer does"},
    "operationId": {
        "caller": "must use the new name where a generated client has it",
        "mock": "needs the handler under the new name",
        "server": "need not change: the address is the same",
    },
    "tags": {
        "caller": "must look for it in another class where a generated client has one a tag",
        "mock": "need not change",
        "server": "need not change: the address is the same",
    },
    "security": {
        "caller": "must check how it shows who it is",
        "mock": "must ask for it so",
        "server": "must ask for it so",
    },
    "deprecated": {"caller": "should look for another way, or need no longer", "mock": "need not change"},
}


def _change(action: str, side: str, kind: Kind, place: str, text: str, *, matters: bool = False) -> Change:
    if kind is Kind.CHANGED:
        meaning = _CHANGED[matters]
    elif kind in {Kind.EVIDENCE, Kind.WORDING}:
        meaning = _MEANINGS["any", kind]
    elif side == "status":
        meaning = _STATUS[kind]
    else:
        meaning = _MEANINGS[side, kind]
    return Change(action, kind, meaning[0], place, text, *meaning[1:])


#: A status says only more of a failure that a caller must be ready for anyway.
_STATUS: Final = {
    Kind.ADDED: (Step.MINOR, "may tell this failure from others", "must answer with it", "may answer with it"),
    Kind.REMOVED: (Step.MINOR, "need not expect it", "must no longer answer with it", "deviates if it answers with it"),
}
#: What it is for a caller that success has one more status, or one less.
_SUCCESS: Final = {Kind.ADDED: Kind.WIDENED, Kind.REMOVED: Kind.REMOVED}


def _fact(
    action: str,
    side: str,
    key: str,
    was: Any,
    now: Any,
    *,
    matters: bool,
    place: str = "",
    kind: Kind = Kind.CHANGED,
) -> Change:
    """Return the change of a key's value; `None` is a key that does not stand."""
    text = keyword(key, was, now) if place else keyword("", was, now).lstrip()
    change = _change(action, side, kind, place or _KEYS.get(key, key), text, matters=matters)
    return replace(change, **_FACTS.get(key, {}))


def _aliases(action: str, before: Node, after: Node) -> Iterator[Change]:
    """Yield how the aliases of parameters differ; one that stands for nothing has no effect."""
    for alias in dict.fromkeys([*before, *after]):
        was, now = before.get(alias), after.get(alias)
        place = f"alias {alias}"
        if was != now and alias in before and alias in after:
            text = f"stands for {now or 'nothing'}, was {was or 'nothing'}"
            yield _change(action, "call", Kind.CHANGED, place, text, matters=True)
        elif was != now:
            kind = Kind.REMOVED if alias in before else Kind.ADDED
            yield _change(action, "call", kind, place, f"stands for {was or now}")
        elif (alias in before) != (alias in after):
            yield _change(action, "any", Kind.WORDING, place, "stands for nothing")


def _shared(item: Node, method: str) -> Node:
    """Return an operation with the parameters that it shares with the other methods of its path."""
    shared = item.get("parameters")
    operation: Node = item[method]
    return {**operation, "parameters": [*shared, *operation.get("parameters", ())]} if shared else operation


def _media_types(action: str, side: str, place: str, old: Node, new: Node) -> Iterator[Change]:
    if gone := [each for each in old if each not in new]:
        yield _change(action, side, Kind.NARROWED, place, f"no longer as {' or '.join(gone)}")
    if come := [each for each in new if each not in old]:
        yield _change(action, side, Kind.WIDENED, place, f"as {' or '.join(come)} too")


def _named(operation: Node, resolve: Resolve) -> dict[str, Node]:
    """Return the parameters that are no fields of the body by their names, with what holds where nothing is said."""
    found: dict[str, Node] = {}
    for each in map(resolve, operation.get("parameters", ())):
        where = each["in"]
        style = each.get("style", "form" if where in {"query", "cookie"} else "simple")
        implied = {"style": style, "explode": style == "form"}
        found[each["name"] if where == "query" else f"{where} {each['name']}"] = {**implied, **each}
    return found


def _taken(parameters: Mapping[str, Node], operation: Node) -> Schema:
    """Return a schema of all parameters together that are no fields of the body."""
    return {**_fields(parameters), **operation.get("x-query-schema", {})}


def _fields(nodes: Mapping[str, Node]) -> dict[str, Any]:
    """Return parameters or headers as the fields of an object."""
    return {
        "type": "object",
        "properties": {name: each.get("schema", {}) for name, each in nodes.items()},
        "required": [name for name, each in nodes.items() if each.get("required") is True],
        "additionalProperties": False,
    }
