"""Defects of `value_*` and `delimiter`, by which the URL says where a parameter is found."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from mavibot_mock.defects.registry import defect
from mavibot_mock.request import reader
from mavibot_mock.request.replies import invalid

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mavibot_contract import Operation
    from mavibot_mock.defects.parts import Around, Parts

    Aliases = Mapping[str, str]

_WEBHOOK: Final = "How to use a universal webhook"
_NESTED: Final = "Retrieve nested client data"
_EQUIVALENT: Final = "The request will be equivalent to the one below"


@defect(_WEBHOOK, "To specify which variable contains the phone number, use value_phone")
def value_phone_ignored(parts: Parts) -> None:
    """value_phone alone is ignored."""
    _keep(parts, lambda alias, _: alias != "value_phone")


@defect(_WEBHOOK, "To specify which variable contains the email, use value_email")
def value_email_ignored(parts: Parts) -> None:
    """value_email alone is ignored."""
    _keep(parts, lambda alias, _: alias != "value_email")


@defect(_WEBHOOK, "To specify which variable contains the group_id, use value_group_id")
def value_group_id_ignored(parts: Parts) -> None:
    """value_group_id alone is ignored."""
    _keep(parts, lambda alias, _: alias != "value_group_id")


@defect(_WEBHOOK, "To specify the variable containing the message itself in the webhook, use value_message")
def value_message_ignored_by_whatsapp_message(parts: Parts) -> None:
    """whatsapp_message ignores value_message, which the callbacks know."""
    _keep(parts, lambda alias, action: (alias, action) != ("value_message", "whatsapp_message"))


@defect(_WEBHOOK, "callback, fb_callback, and whatsapp_callback are not tied to specific parameter names")
def value_user_id_ignored_by_fb_callback(parts: Parts) -> None:
    """fb_callback ignores value_user_id, which the other callbacks know."""
    _keep(parts, lambda alias, action: (alias, action) != ("value_user_id", "fb_callback"))


@defect(_WEBHOOK, "use value_message (passed in the same way as the other parameters)")
def only_one_alias_counts(parts: Parts) -> None:
    """Of several aliases in one URL only the first is resolved."""

    def resolve(old: Around, parameters: Any, sent: Aliases, operation: Operation, deviations: Any) -> Any:
        first = next((alias for alias in sent if alias.startswith("value_")), None)
        return old(
            parameters,
            {a: v for a, v in sent.items() if a == first or not a.startswith("value_")},
            operation,
            deviations,
        )

    parts.function(reader, "resolve", resolve)


@defect(_WEBHOOK, _EQUIVALENT)
def aliased_key_becomes_a_variable(parts: Parts) -> None:
    """The key that value_* names is used and saved as a variable as well."""

    def resolve(old: Around, parameters: Any, sent: Aliases, operation: Operation, deviations: Any) -> Any:
        resolved = old(parameters, sent, operation, deviations)
        return replace(resolved, parameters={**parameters, **resolved.parameters})

    parts.function(reader, "resolve", resolve)


@defect(_WEBHOOK, _EQUIVALENT)
def alias_itself_becomes_a_variable(parts: Parts) -> None:
    """The parameter value_client_id is saved as a variable, with the name of the other key as its value."""

    def resolve(old: Around, parameters: Any, sent: Aliases, operation: Operation, deviations: Any) -> Any:
        resolved = old(parameters, sent, operation, deviations)
        return replace(resolved, parameters={**sent, **resolved.parameters})

    parts.function(reader, "resolve", resolve)


@defect(_WEBHOOK, _EQUIVALENT)
def aliases_after_the_check(parts: Parts) -> None:
    """The message is required before value_message is resolved, so such a call is refused."""

    def resolve(old: Around, parameters: Any, sent: Aliases, operation: Operation, deviations: Any) -> Any:
        if "value_message" in sent and "message" not in parameters:
            raise invalid("message: is required")
        return old(parameters, sent, operation, deviations)

    parts.function(reader, "resolve", resolve)


@defect(_NESTED, "You can have an unlimited number of keys")
def delimiter_of_two_keys_only(parts: Parts) -> None:
    """A path is followed for two keys, and the rest of it is forgotten."""
    _path(parts, lambda path: path[:2])


@defect(_NESTED, "if delimiter=2, then {key1}2{key2}2{key3}; if delimiter=5, then {key1}5{key2}5{key3}")
def delimiter_is_always_a_dot(parts: Parts) -> None:
    """Paths are split at dots, whatever `delimiter` says."""

    def resolve(old: Around, parameters: Any, sent: Aliases, operation: Operation, deviations: Any) -> Any:
        return old(parameters, {**sent, "delimiter": "."} if "delimiter" in sent else sent, operation, deviations)

    parts.function(reader, "resolve", resolve)


@defect(_NESTED, "delimiter_value_client_id={key1}1{key2} – to retrieve the client ID")
def only_the_last_key_of_a_path_counts(parts: Parts) -> None:
    """The last key of a path is looked up at the first level."""
    _path(parts, lambda path: path[-1:])


@defect(_NESTED, "delimiter_value_phone={key1}1{key2} – to retrieve the client phone number")
def delimiter_of_the_phone_ignored(parts: Parts) -> None:
    """delimiter_value_phone is ignored."""
    _keep(parts, lambda alias, _: alias != "delimiter_value_phone")


@defect(_NESTED, "API methods: 8. Assign variables")
def delimiter_ignored_by_save_variables(parts: Parts) -> None:
    """save_variables ignores `delimiter`, which the callbacks know."""
    _keep(parts, lambda alias, action: action != "save_variables" or "delimiter" not in alias)


def _keep(parts: Parts, is_kept: Callable[[str, str], bool]) -> None:
    """Ignore some aliases, told by their name and the action."""

    def resolve(old: Around, parameters: Any, sent: Aliases, operation: Operation, deviations: Any) -> Any:
        kept = {alias: value for alias, value in sent.items() if is_kept(alias, operation.action)}
        return old(parameters, kept, operation, deviations)

    parts.function(reader, "resolve", resolve)


def _path(parts: Parts, change: Callable[[list[str]], list[str]]) -> None:
    """Follow another path than the one that was sent."""

    def resolve(old: Around, parameters: Any, sent: Aliases, operation: Operation, deviations: Any) -> Any:
        delimiter = sent.get("delimiter")
        if delimiter is None:
            return old(parameters, sent, operation, deviations)
        paths = {alias: sent[alias].split(delimiter) for alias in operation.delimiter if alias in sent}
        changed = {alias: delimiter.join(change(path)) for alias, path in paths.items()}
        return old(parameters, {**sent, **changed}, operation, deviations)

    parts.function(reader, "resolve", resolve)
