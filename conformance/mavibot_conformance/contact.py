"""The first contact with a server: it is the API and knows the key and the clients, or a run ends before its rules."""

from __future__ import annotations

import re
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urljoin, urlsplit

import mavibot_contract
from mavibot_conformance.plan import refuse_detour
from mavibot_conformance.rules.calls import is_complete
from mavibot_conformance.target.guard import GuardRefusedError, allows
from mavibot_conformance.target.judgements import CLIENT_NOT_FOUND, is_as_stated
from mavibot_conformance.target.offer import NotOfferedError
from mavibot_conformance.target.profile import FULL
from mavibot_conformance.target.wire import SilentError, UnreachableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mavibot_conformance.plan import Plan
    from mavibot_conformance.session import Session
    from mavibot_conformance.target.exchange import Exchange

_CONTRACT: Final = mavibot_contract.load()
#: Actions that read a client whatever its past; a client may have no deal.
READS_OF_A_CLIENT: Final = tuple(
    action
    for action in sorted(_CONTRACT.actions, key=lambda name: name != "get_variables")
    for operation in [_CONTRACT.operation(action)]
    if operation.effect == "read"
    and operation.method == "GET"
    and operation.tag != "deals"
    and operation.schema.get("required") == ["client_id"]
)
#: Words for a client that is not known.
_NOT_KNOWN: Final = re.compile(
    rf"{CLIENT_NOT_FOUND}|(client|user)\W.{{0,40}}\bnot (be )?found|(no such|unknown) (client|user)", re.IGNORECASE
)
#: So many clients are asked for, and so much of what the server says is shown.
_MOST_ASKED: Final = 20
_SHOWN: Final = 60


def greet(plan: Plan, session: Session) -> None:
    """Make sure that there is the API, that it knows the key and a client, so that no rule blames the server for it.

    Clients that it does not know are left out of the session.

    Raises:
        ValueError: it is not, or knows none of the clients, or it is a proxy whose calls go to another machine.
        UnreachableError: no call at all has a reply that can be read.
    """
    refuse_detour(plan)
    operations = {action: _CONTRACT.operation(action) for action in _CONTRACT.actions}
    lacks = session.wire.offer.lacks
    reads = [action for action in operations if operations[action].effect == "read" and not lacks(action)]
    if not reads:
        return  # only actions that change something are to be called
    tried = [operations[action] for action in dict.fromkeys(("connected_channels", *reads))]
    answer = _first_answer(session, (partial(session.call_harmlessly, each) for each in tried))
    if answer and answer.is_lost and session.wire.offer.unknown(session.wire.call).status == answer.status:
        raise UnreachableError(f"{plan.url} does not answer: {answer.text}")
    if answer is None:
        _refuse_redirect(plan, session)
        answer = _first_answer(session, _refused_calls(plan, session))
    status = (answer or session.wire.offer.unknown(session.wire.call)).status
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        name = plan.profile.variables.get(FULL)
        raise ValueError(f"keys.{FULL}: the server refuses this key{f', which {name} holds' if name else ''}")
    if answer is None:
        raise ValueError(
            f"{plan.url} does not look like the API: it answers every action that may be tried as one that it does not"
            f" have, by {status}; if it has others alone, name them by --actions"
        )
    _leave_out_unknown_clients(plan, session)


def _refuse_redirect(plan: Plan, session: Session) -> None:
    """Say where calls are led that have no other answer: none is followed, since the key would go along.

    Raises:
        ValueError: to the same path at another address, which can be given instead.
        UnreachableError: to another path.
    """
    reply = next((each for each in session.exchanges if each.leads_to is not None), None)
    if reply is None or reply.leads_to is None:
        return
    there, here = urlsplit(urljoin(reply.url, reply.leads_to)), urlsplit(reply.url)
    told = f"{plan.url} redirects each call, by {reply.status}, to {there.geturl()}".replace(reply.action, "ACTION")
    if there.path == here.path and there[:2] != here[:2]:
        raise ValueError(f"URL: {told}; give the address that it names")
    raise UnreachableError(f"{told}, and the suite does not follow: the API answers at the address that is called")


def _refused_calls(plan: Plan, session: Session) -> Iterable[Callable[[], Exchange]]:
    """Yield calls of actions that change something, each without the parameters that it needs: it is refused."""
    for operation in map(_CONTRACT.operation, _CONTRACT.actions):
        may_be_called = operation.effect != "read" and allows(plan.consent, operation.effect)
        if may_be_called and not is_complete(operation, ()):
            body: dict[str, Any] | None = None if operation.method == "GET" else {}
            yield partial(session.wire.call, operation.action, method=operation.method, body=body)


def _first_answer(session: Session, calls: Iterable[Callable[[], Exchange]]) -> Exchange | None:
    """Return the reply to the first call of some whose action the server has, or `None`.

    One that is answered as an unknown action is taken only if all are, and none says that there is no such action. No
    such success that is text is taken: a host that answers every address with one page.
    """
    unclear = None
    for call in calls:
        with suppress(NotOfferedError, GuardRefusedError):
            answer = call()
            is_text = 200 <= answer.status < 300 and isinstance(answer.data, str)
            is_right = is_as_stated(answer) and not is_text
            if is_right or not session.wire.offer.is_unknown(answer, session.wire.call):
                return answer
            unclear = unclear or (None if is_text else answer)
    return unclear


def _leave_out_unknown_clients(plan: Plan, session: Session) -> None:
    """Ask once for each test client, and go on without those that the server does not know.

    Raises:
        ValueError: it knows none of them.
    """
    given = () if plan.profile.made else plan.profile.clients
    replies = {client_id: _says_unknown(session, client_id) for client_id in given[:_MOST_ASKED]}
    unknown = {client_id: reply for client_id, reply in replies.items() if reply is not None}
    told = [f"the server does not know client {client_id} ({reply})" for client_id, reply in unknown.items()]
    if unknown and len(unknown) == len(given):
        raise ValueError(f"clients: {'; '.join(told)}")
    session.leave_out(unknown, told)


def _says_unknown(session: Session, client_id: int) -> str | None:
    """Return in which words the server does not know a client, or `None` if it knows it or does not say."""
    for action in READS_OF_A_CLIENT:
        with suppress(NotOfferedError, SilentError):
            answer = session.wire.call(action, query={"client_id": client_id})
            if answer.succeeded:
                return None
            if _NOT_KNOWN.search(answer.text[:_SHOWN]) and not answer.is_page:
                return answer.body_status or " ".join(answer.text[:_SHOWN].split())
    return None
