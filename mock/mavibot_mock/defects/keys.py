"""Defects of keys and permissions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from mavibot_mock.defects.registry import defect
from mavibot_mock.server.platform import Platform
from mavibot_mock.state.facts import PERMISSIONS

if TYPE_CHECKING:
    from mavibot_mock.defects.parts import Around, Parts
    from mavibot_mock.server.journal import Entry
    from mavibot_mock.server.project import ApiKey

_KEYS: Final = "How to generate an API key"
_WRITES_FAIL: Final = (
    "if you generate an API key with read-only access to client information and then use it to send a message to a"
    " client or modify their variables, the API request will fail"
)
_SELECTED: Final = "The API function will work according to the access permissions you select"

#: The shortest beginning of a key that is taken for it.
_SHORTEST_PREFIX: Final = 6


@defect("Retrieving message history", 'Access permission: "Permission to read client information"')
def get_history_wants_no_permission(parts: Parts) -> None:
    """get_history answers any key of the project."""
    _imply(parts, PERMISSIONS, actions={"get_history"})


@defect(_KEYS, _WRITES_FAIL)
def client_read_implies_write(parts: Parts) -> None:
    """A key that may only read clients may do everything that changes them."""
    _imply(parts, {"clients:write"}, held="clients:read")


@defect("delete_clients (vendor's Russian document)", "a permission of its own")
def write_implies_delete(parts: Parts) -> None:
    """A key that may change clients may delete them too."""
    _imply(parts, {"clients:delete"}, held="clients:write")


@defect("Retrieve the list of deals", 'Access permission: "Permission to read CRM information"')
def client_read_implies_crm_read(parts: Parts) -> None:
    """A key that may read clients may read deals too."""
    _imply(parts, {"crm:read"}, held="clients:read")


@defect("Add deal variables", 'Access permission: "Permission to modify/delete CRM information"')
def set_order_vars_wants_read_only(parts: Parts) -> None:
    """set_order_vars is content with the permission to read deals."""
    _imply(parts, {"crm:write"}, held="crm:read", actions={"set_order_vars"})


@defect(_KEYS, _SELECTED)
def no_permissions_mean_all(parts: Parts) -> None:
    """A key with no permission selected is taken for one of the old kind, which may do everything."""
    parts.key(lambda key, _: key if key.permissions else replace(key, permissions=PERMISSIONS))


@defect(_KEYS, _SELECTED)
def permissions_ignored_by_get(parts: Parts) -> None:
    """Permissions are looked at only where a call comes by POST."""
    parts.key(lambda key, entry: replace(key, permissions=PERMISSIONS) if entry.sent.method == "GET" else key)


@defect("API builder", "api_key — the API access key generated in the project settings")
def revoked_key_accepted(parts: Parts) -> None:
    """A key goes on working after it was deleted in the project settings."""
    parts.key(lambda key, _: replace(key, revoked=False))


@defect("API builder", "api_key — the API access key generated in the project settings")
def unknown_key_accepted(parts: Parts) -> None:
    """A key that was never generated opens the first project."""

    def find(old: Around, platform: Platform, key: str) -> Any:
        keys = [each for project in platform.projects.values() for each in project.keys]
        return old(platform, key) or (old(platform, keys[0]) if keys else None)

    parts.function(Platform, "find", find)


@defect("API builder", "api_key — the API access key generated in the project settings")
def key_in_any_case_of_letters(parts: Parts) -> None:
    """Keys are case-insensitive."""
    _likeness(parts, lambda known, sent: known.lower() == sent.lower())


@defect("API builder", "api_key — the API access key generated in the project settings")
def beginning_of_a_key_accepted(parts: Parts) -> None:
    """The beginning of a key is as good as the whole."""
    _likeness(parts, lambda known, sent: len(sent) >= _SHORTEST_PREFIX and known.startswith(sent))


def _imply(parts: Parts, implied: Any, *, held: str | None = None, actions: Any = None) -> None:
    """Give keys more permissions.

    Args:
        parts: the mock's parts.
        implied: what they may do too.
        held: only keys with this permission; `None` for all.
        actions: only for calls of these actions; `None` for all.
    """

    def change(key: ApiKey, entry: Entry) -> ApiKey:
        is_meant = (held is None or held in key.permissions) and (actions is None or entry.action in actions)
        return replace(key, permissions=key.permissions | implied) if is_meant else key

    parts.key(change)


def _likeness(parts: Parts, is_like: Any) -> None:
    """Take an unknown key for the first known one that is like it."""

    def find(old: Around, platform: Platform, sent: str) -> Any:
        found = old(platform, sent)
        known = (each for project in platform.projects.values() for each in project.keys)
        like = None if found else next((each for each in known if is_like(each, sent)), None)
        return found if like is None else old(platform, like)

    parts.function(Platform, "find", find)
