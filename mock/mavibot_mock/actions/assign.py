"""The action that hands a client over to an employee."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mavibot_mock.request.replies import RefusedError, Reply, done, fail, invalid

if TYPE_CHECKING:
    from sqlite3 import Row

    from mavibot_mock.actions.call import Call

#: The project's fact that holds the employee whom the algorithm chose last.
_LAST_CHOSEN: Final = "last_manager"


def assign_to_user(call: Call) -> Reply:
    """Assign a client to the employee with this e-mail address, or to the one whose turn it is.

    Changes: the client's employee.
    Assumed: without `email` the employees take turns, and all are on shift; an unknown `email` is not found.
    """
    client = call.client()
    manager = _named(call) if "email" in call.parameters else _next(call)
    call.project.store.update_client(client["id"], manager_id=manager["id"], now=call.now)
    return done(call)


def _named(call: Call) -> Row:
    email = call.text("email").lower()
    for manager in call.project.store.managers():
        if manager["email"].lower() == email:
            return manager
    raise RefusedError(fail(404, f"email: the project has no employee {call.text('email')}"))


def _next(call: Call) -> Row:
    store = call.project.store
    managers = store.managers()
    if not managers:
        raise invalid("email: the mock's project has no employees; give it some in its seed")
    last = store.fact(_LAST_CHOSEN, 0)
    chosen = next((manager for manager in managers if manager["id"] > last), managers[0])
    store.set_fact(_LAST_CHOSEN, chosen["id"])
    return chosen
