"""Makes plain `schemathesis run` safe and sensible for this API; `schemathesis.toml` loads it.

The key comes from `MAVIBOT_API_KEY` and is put in at the socket, so that no report holds it. Only operations that read
are tested, unless `MAVIBOT_CONFORMANCE_CONSENT` is `write` or `send`. Even then calls to a server that is not on this
machine may only reach the test clients in `MAVIBOT_CONFORMANCE_CLIENTS`, such as `201,58`.
"""

from __future__ import annotations

import os
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Final, cast, get_args

from mavibot_conformance.engine.version import version_problem
from mavibot_contract.keys import PLACEHOLDER

if (_problem := version_problem()) is not None:
    raise SystemExit(_problem)  # what follows uses parts that other versions do not have

import schemathesis

from mavibot_conformance.engine import checks as _checks  # noqa: F401 - registers them
from mavibot_conformance.engine.fuzz import refuse_early
from mavibot_conformance.engine.transport import guarded_sessions
from mavibot_conformance.target.guard import Guard, allows, pace
from mavibot_contract import Effect

if TYPE_CHECKING:
    from collections.abc import Mapping

    from schemathesis.hooks import HookContext
    from schemathesis.schemas import BaseSchema

_KEY: Final = "MAVIBOT_API_KEY"
_CONSENT: Final = "MAVIBOT_CONFORMANCE_CONSENT"
_CLIENTS: Final = "MAVIBOT_CONFORMANCE_CLIENTS"
#: Never left: schemathesis ends with its process.
_WATCH: Final = ExitStack()


def consent(environment: Mapping[str, str] = os.environ) -> Effect:
    """Return the greatest effect that the user agreed to.

    Raises:
        ValueError: the variable holds no effect.
    """
    value = environment.get(_CONSENT, "read")
    if value not in get_args(Effect):
        raise ValueError(f"{_CONSENT}: {value!r} is none of {', '.join(get_args(Effect))}")
    return cast("Effect", value)


def clients(environment: Mapping[str, str] = os.environ) -> list[int]:
    """Return the only clients that may be written to on a server that is not on this machine.

    Raises:
        ValueError: the variable holds something else than numbers.
    """
    parts = [part.strip() for part in environment.get(_CLIENTS, "").split(",") if part.strip()]
    if not all(part.isdecimal() for part in parts):
        raise ValueError(f"{_CLIENTS}: must be numbers of clients with commas between them, such as 201,58")
    return [int(part) for part in parts]


@schemathesis.hook
def before_load_schema(_context: HookContext, raw_schema: dict[str, Any]) -> None:
    """Take out the operations that the user has not agreed to."""
    agreed = consent()
    for item in raw_schema["paths"].values():
        for method in [name for name, node in item.items() if not allows(agreed, node.get("x-effect", "send"))]:
            del item[method]


@schemathesis.hook
def after_load_schema(_context: HookContext, schema: BaseSchema) -> None:
    """Watch over every call to the server from now on.

    Raises:
        ValueError: the key is missing.
    """
    key = os.environ.get(_KEY, "")
    if not key:
        raise ValueError(f"{_KEY}: the environment variable with the API key is not set")
    url = schema.get_base_url().removesuffix("/").removesuffix(f"/api/{PLACEHOLDER}")
    guard = Guard(url, consent=consent(), clients=clients())
    polite = pace(url)
    _WATCH.enter_context(guarded_sessions({PLACEHOLDER: key}, guard, calls_per_second=polite))
    if polite is not None:
        refuse_early(schema, guard)
