"""The first contact with a server: it is the API, and knows the key, or a run ends before its first rule."""

from __future__ import annotations

from contextlib import suppress
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

import mavibot_contract
from mavibot_conformance.plan import refuse_detour
from mavibot_conformance.target.judgements import is_as_stated
from mavibot_conformance.target.offer import NotOfferedError
from mavibot_conformance.target.profile import FULL
from mavibot_conformance.target.wire import UnreachableError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mavibot_conformance.plan import Plan
    from mavibot_conformance.session import Session
    from mavibot_conformance.target.exchange import Exchange
    from mavibot_contract import Operation


def greet(plan: Plan, session: Session) -> None:
    """Make sure that there is the API and that it knows the key, so that no rule blames the server for it.

    Raises:
        ValueError: it is not, or it is a proxy whose calls go to another machine.
        UnreachableError: no call at all has a reply that can be read.
    """
    refuse_detour(plan)
    operations = {action: mavibot_contract.load().operation(action) for action in mavibot_contract.load().actions}
    lacks = session.wire.offer.lacks
    reads = [action for action in operations if operations[action].effect == "read" and not lacks(action)]
    if not reads:
        return  # only actions that change something are to be called
    answer = _first_answer(session, [operations[action] for action in dict.fromkeys(("connected_channels", *reads))])
    if answer and answer.is_lost and session.wire.offer.unknown(session.wire.call).status == answer.status:
        raise UnreachableError(f"{plan.url} does not answer: {answer.text}")
    if answer is None:
        _refuse_redirect(plan, session)
    status = (answer or session.wire.offer.unknown(session.wire.call)).status
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        name = plan.profile.variables.get(FULL)
        raise ValueError(f"keys.{FULL}: the server refuses this key{f', which {name} holds' if name else ''}")
    if answer is None:
        raise ValueError(
            f"{plan.url} does not look like the API: it answers every action that reads as one that it does not have,"
            f" by {status}; if it has others alone, name them by --actions"
        )


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


def _first_answer(session: Session, operations: Iterable[Operation]) -> Exchange | None:
    """Return the reply to the first of some actions that the server has, or `None`.

    One that is answered as an unknown action is taken only if all are, and none says that there is no such action. No
    such success that is text is taken: a host that answers every address with one page.
    """
    unclear = None
    for operation in operations:
        with suppress(NotOfferedError):
            answer = session.call_harmlessly(operation)
            is_text = 200 <= answer.status < 300 and isinstance(answer.data, str)
            is_right = is_as_stated(answer) and not is_text
            if is_right or not session.wire.offer.is_unknown(answer, session.wire.call):
                return answer
            unclear = unclear or (None if is_text else answer)
    return unclear
