"""Every action with every kind of key: a permission is needed, one is enough, and a refused call changes nothing."""

from __future__ import annotations

from typing import Final

import pytest
from tests.mock.caller import CONTRACT, Caller
from tests.mock.examples import examples

from mavibot_mock import demo_keys

_PERMISSIONS: Final = frozenset(CONTRACT.document["x-permissions"])


def test_there_is_a_key_of_every_kind() -> None:
    assert _PERMISSIONS | {"full", "none", "revoked"} <= demo_keys().keys()


@pytest.mark.parametrize("action", CONTRACT.actions)
def test_an_action_needs_its_permission(mock: Caller, action: str) -> None:
    permission = CONTRACT.operation(action).permission
    keys = {**demo_keys(), "unknown": "nobody's key"}
    may = {kind for kind in keys if kind not in {*_PERMISSIONS, "none", "revoked", "unknown"}} | {permission}
    for example in examples(action):
        for kind in keys.keys() - may:
            status, why = (401, "unknown or revoked") if kind in {"revoked", "unknown"} else (403, permission)
            said = mock.refusal(
                action, example.body, query=example.query, method=example.method, key=keys[kind], status=status
            )
            assert why in said, kind
    first = examples(action)[0]
    for kind in sorted(may):
        response = mock.call(action, first.body, query=first.query, method=first.method, key=keys[kind])
        assert response.status_code not in {401, 403}, kind
