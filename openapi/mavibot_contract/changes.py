"""What a new version of the contract changes, action by action, and what that means for those who work with it.

The same difference of two schemas breaks one side and leaves the other alone: a call may not be narrowed, since callers
send what fitted before, and a reply may not be widened, since callers read only what they know.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Any, Final

from mavibot_contract.schema_changes import Difference, Kind, Schemas
from mavibot_contract.words import Schema, as_json, resolved

__all__ = ["Change", "Kind", "Step", "changes", "step"]

Node = Mapping[str, Any]

#: Stands for an action where a change is one of the document as a whole.
WHOLE: Final = "the contract"
_JSON: Final = "application/json"
_METHODS: Final = ("post", "get")


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
_TEXTS: Final = ("summary", "description", "x-source", "x-permission-stated", "x-permission-badge")
#: What is compared on its own; everything else of an operation is an extension.
_COMPARED: Final = {
    *_TEXTS,
    *("parameters", "requestBody", "responses", "operationId", "x-evidence"),
    *("x-permission", "x-effect", "x-idempotent", "x-unlimited", "x-free-variables", "x-query-schema"),
    *("x-value-parameters", "x-delimiter", "x-system-events"),
}


class _Comparison:
    def __init__(self, old: Node, new: Node) -> None:
        self._old: Final = old
        self._new: Final = new
        self._schemas: Final = Schemas(self._before, self._after)

    def _before(self, node: Schema) -> Schema:
        return resolved(node, self._old)

    def _after(self, node: Schema) -> Schema:
        return resolved(node, self._new)

    def run(self) -> Iterator[Change]:
        yield from self._document()
        before, after = self._old["paths"], self._new["paths"]
        for path in dict.fromkeys([*after, *before]):
            yield from self._action(path.removeprefix("/"), before.get(path, {}), after.get(path, {}))
        before, after = self._old.get("webhooks", {}), self._new.get("webhooks", {})
        for name in dict.fromkeys([*after, *before]):
            yield from self._webhook(name, before.get(name), after.get(name))

    def _document(self) -> Iterator[Change]:
        """Yield what changed for all actions together."""
        before, after = (_servers(document) for document in (self._old, self._new))
        yield from (_change(WHOLE, "call", Kind.ADDED, "server", url) for url in after if url not in before)
        yield from (_change(WHOLE, "call", Kind.REMOVED, "server", url) for url in before if url not in after)
        before, after = (document.get("x-permissions", {}) for document in (self._old, self._new))
        yield from (_change(WHOLE, "call", Kind.ADDED, "permission", name) for name in after if name not in before)
        yield from (_change(WHOLE, "call", Kind.REMOVED, "permission", name) for name in before if name not in after)
        same = before.keys() & after.keys()
        texts = [name for name in ("info", "tags", "externalDocs") if self._old.get(name) != self._new.get(name)]
        texts += ["permissions"] if any(before[name] != after[name] for name in same) else []
        if texts:
            yield _change(WHOLE, "any", Kind.WORDING, "", ", ".join(texts))

    def _action(self, action: str, before: Node, after: Node) -> Iterator[Change]:
        if not before or not after:
            here = after or before
            methods = " and ".join(method.upper() for method in _METHODS if method in here)
            yield _change(action, "action", Kind.ADDED if after else Kind.REMOVED, "", f"the action, by {methods}")
            return
        said: set[tuple[Kind, str, str]] = set()
        for method in _METHODS:
            if method in before and method in after:
                found = [
                    each for each in self._operation(action, before[method], after[method]) if _said(each) not in said
                ]
                # A GET twin changes with its POST: once is enough.
                said.update(map(_said, found))
                yield from found
            elif method in before or method in after:
                kind = Kind.ADDED if method in after else Kind.REMOVED
                yield _change(action, "action", kind, "", f"the method {method.upper()}")

    def _operation(self, action: str, before: Node, after: Node) -> Iterator[Change]:
        if _inlined(before, self._before) == _inlined(after, self._after):
            return
        found = [
            *self._facts(action, before, after),
            *self._call(action, before, after),
            *self._replies(action, before, after),
        ]
        yield from dict.fromkeys(found or [_change(action, "any", Kind.WORDING, "", "what no program reads")])

    def _facts(self, action: str, before: Node, after: Node) -> Iterator[Change]:
        """Yield what changed beside parameters and replies."""

        def changed(key: str, *, matters: bool = True, kind: Kind = Kind.CHANGED) -> Iterator[Change]:
            if before.get(key) != after.get(key):
                text = f"{as_json(after.get(key))}, was {as_json(before.get(key))}"
                change = _change(action, "call", kind, _NAMES.get(key, key), text, matters=matters)
                yield replace(change, **_FACTS.get(key, {}))

        yield from changed("operationId")
        yield from changed("x-permission")
        yield from changed("x-effect", matters=_rank(after) > _rank(before))
        yield from changed("x-idempotent", matters=bool(before.get("x-idempotent")))
        yield from changed("x-unlimited", matters=bool(before.get("x-unlimited")))
        lost = bool(before.get("x-free-variables"))
        yield from changed("x-free-variables", kind=Kind.NARROWED if lost else Kind.WIDENED)
        for key in ("x-value-parameters", "x-delimiter"):
            old, new = before.get(key, {}), after.get(key, {})
            for alias in old:
                if alias in new and old[alias] != new[alias]:
                    text = f"stands for {new[alias] or 'nothing'}, was {old[alias] or 'nothing'}"
                    yield _change(action, "call", Kind.CHANGED, f"alias {alias}", text, matters=True)
        yield from _annotations(action, "", before, after)
        for key in sorted({*before, *after} - _COMPARED):
            yield from changed(key, matters=key == "x-body-argument")

    def _call(self, action: str, before: Node, after: Node) -> Iterator[Change]:
        yield from self._values(action, "call", "parameter", *map(_query, (before, after), (self._before, self._after)))
        old, new = (node.get("requestBody", {}).get("content", {}) for node in (before, after))
        yield from _media_types(action, "call", "body", old, new)
        if _JSON in old and _JSON in new:
            yield from self._values(action, "call", "parameter", old[_JSON]["schema"], new[_JSON]["schema"])
            yield from self._examples(action, "body", old, new)

    def _replies(self, action: str, before: Node, after: Node) -> Iterator[Change]:
        for status in dict.fromkeys([*after["responses"], *before["responses"]]):
            old, new = before["responses"].get(status), after["responses"].get(status)
            if old is None or new is None:
                kind = Kind.REMOVED if new is None else Kind.ADDED
                # Every action may fail with any status; only what is known of it differs.
                text = resolved(old or new or {}, self._old if new is None else self._new)["description"]
                yield _change(action, "status", kind, f"reply {status}", text)
                continue
            yield from self._reply(action, f"reply {status}", self._before(old), self._after(new))

    def _reply(self, action: str, place: str, old: Node, new: Node) -> Iterator[Change]:
        yield from _annotations(action, place, old, new)
        before, after = old.get("headers", {}), new.get("headers", {})
        headers = (_object({name: _described(each) for name, each in group.items()}) for group in (before, after))
        yield from self._values(action, "reply", f"{place}: header", *headers)
        before, after = old.get("content", {}), new.get("content", {})
        yield from _media_types(action, "reply", place, before, after)
        for media in filter(after.__contains__, before):
            yield from self._values(action, "reply", f"{place}:", before[media]["schema"], after[media]["schema"])
        yield from self._examples(action, place, before, after)

    def _examples(self, action: str, place: str, old: Node, new: Node) -> Iterator[Change]:
        shown = ("example", "examples")
        if any(old[each].get(key) != new[each].get(key) for each in old.keys() & new.keys() for key in shown):
            yield _change(action, "any", Kind.WORDING, place, "examples")

    def _webhook(self, name: str, before: Node | None, after: Node | None) -> Iterator[Change]:
        title = f"webhook {name}"
        if before is None or after is None:
            yield _change(title, "action", Kind.REMOVED if after is None else Kind.ADDED, "", "the webhook")
            return
        old, new = before["post"], after["post"]
        events = [{each["name"]: each for each in node.get("x-system-events", ())} for node in (old, new)]
        for event in dict.fromkeys([*events[1], *events[0]]):
            had, has = events[0].get(event), events[1].get(event)
            if had is None or has is None:
                yield _change(title, "reply", Kind.REMOVED if has is None else Kind.ADDED, "event", event)
            elif had.get("x-evidence") != has.get("x-evidence"):
                text = f"{had.get('x-evidence')} became {has.get('x-evidence')}"
                yield _change(title, "any", Kind.EVIDENCE, f"event {event}", text)
            elif had != has:
                yield _change(title, "any", Kind.WORDING, f"event {event}", "what is said of it")
        bodies = (node["requestBody"]["content"] for node in (old, new))
        yield from self._reply(title, "body", {**old, "content": next(bodies)}, {**new, "content": next(bodies)})
        for key in sorted({*old, *new} - _COMPARED):
            if old.get(key) != new.get(key):
                yield _change(title, "reply", Kind.CHANGED, key, "differs")

    def _values(self, action: str, side: str, place: str, old: Schema, new: Schema) -> Iterator[Change]:
        for each in self._schemas.differences(old, new):
            yield _about(action, side, place, each)


#: Extension -> what it says of an action.
_NAMES: Final = {
    "operationId": "name of the operation",
    "tags": "tag",
    "x-permission": "permission",
    "x-effect": "effect",
    "x-idempotent": "idempotent",
    "x-unlimited": "counts against no limit",
    "x-free-variables": "further parameters are variables",
    "x-messenger": "messenger",
}

#: Extension -> what its change means, where that is more than to follow.
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
}


def _about(action: str, side: str, place: str, difference: Difference) -> Change:
    where = f"{place} {difference.place}" if difference.place else place.rstrip(":")
    return _change(action, side, difference.kind, where, difference.text, matters=difference.matters)


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


def _annotations(action: str, place: str, old: Node, new: Node) -> Iterator[Change]:
    """Yield how evidence and texts differ."""
    if old.get("x-evidence") != new.get("x-evidence"):
        yield _change(action, "any", Kind.EVIDENCE, place, f"{old.get('x-evidence')} became {new.get('x-evidence')}")
    if texts := [key for key in _TEXTS if old.get(key) != new.get(key)]:
        yield _change(action, "any", Kind.WORDING, place, ", ".join(texts))


def _said(change: Change) -> tuple[Kind, str, str]:
    return change.kind, change.place, change.text


def _rank(operation: Node) -> int:
    effect = operation.get("x-effect")
    return _EFFECTS.index(effect) if effect in _EFFECTS else -1


def _servers(document: Node) -> Sequence[str]:
    return [server["url"] for server in document.get("servers", ())]


def _media_types(action: str, side: str, place: str, old: Node, new: Node) -> Iterator[Change]:
    if gone := [each for each in old if each not in new]:
        yield _change(action, side, Kind.NARROWED, place, f"no longer as {' or '.join(gone)}")
    if come := [each for each in new if each not in old]:
        yield _change(action, side, Kind.WIDENED, place, f"as {' or '.join(come)} too")


def _query(operation: Node, resolve: Any) -> Schema:
    """Return the parameters in the address as the fields of an object."""
    parameters = [resolve(parameter) for parameter in operation.get("parameters", ())]
    required = [each["name"] for each in parameters if each.get("required")]
    fields = {each["name"]: _described(each) for each in parameters}
    return {**_object(fields), "required": required, **operation.get("x-query-schema", {})}


def _described(parameter: Node) -> Schema:
    """Return the schema of a parameter or header with what stands beside it; it may still be a reference."""
    kept = ("description", "deprecated", "x-evidence", "x-source", "style", "explode", "in")
    return {**parameter["schema"], **{key: parameter[key] for key in kept if key in parameter}}


def _object(fields: Node) -> dict[str, Any]:
    return {"type": "object", "properties": fields, "additionalProperties": False}


def _inlined(node: Any, resolve: Any, within: tuple[str, ...] = ()) -> Any:
    """Return a node with every reference in it replaced, but for one to what holds it."""
    if isinstance(node, list):
        return [_inlined(each, resolve, within) for each in node]
    if not isinstance(node, Mapping):
        return node
    reference = node.get("$ref")
    if isinstance(reference, str):
        if reference in within:
            return reference
        return _inlined(resolve(node), resolve, (*within, reference))
    return {key: _inlined(value, resolve, within) for key, value in node.items()}
