"""What is right for the first of several, and not for all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mavibot_mock.defects.parts import given
from mavibot_mock.defects.registry import defect
from mavibot_mock.request.replies import Reply
from mavibot_mock.state.errors import ClientNotFoundError
from mavibot_mock.state.identity import WHATSAPP

if TYPE_CHECKING:
    from mavibot_mock.actions.call import Call
    from mavibot_mock.defects.parts import Parts


@defect("Remove clients from a list", "clients - client numbers array")
def list_loses_the_first_client_only(parts: Parts) -> None:
    """remove_from_list takes the first of the given clients off the list and leaves the others on it."""
    parts.call("remove_from_list", lambda call: given(call, clients=call.parameters["clients"][:1]))


@defect("Retrieve deal data", "variables - variable array")
def deal_shows_the_first_variable_only(parts: Parts) -> None:
    """get_order_vars answers the first of the names that were asked for, and none of the others."""

    def first(call: Call) -> Call:
        names = call.parameters.get("variables")
        return call if names is None else given(call, variables=names[:1])

    parts.call("get_order_vars", first)


@defect("Retrieve client_id by phone number", "the search is performed among WhatsApp clients and via variables")
def phone_search_in_the_first_whatsapp_only(parts: Parts) -> None:
    """find_client_id_by_phone does not find the WhatsApp clients of the project's second WhatsApp account."""

    def search(_: Any, call: Call) -> Reply:
        store, phone = call.state.store, call.text("phone")
        first = store.group_of_bot(WHATSAPP, None)
        found = store.client_on_whatsapp(phone, first) or store.first_client_with("phone", phone)
        if found is None:
            raise ClientNotFoundError
        return Reply(200, {"status": "success", "client_id": found})

    parts.action("find_client_id_by_phone", search)


@defect("Search by variables", "the client must have all specified variables")
def find_clients_reads_the_first_condition_only(parts: Parts) -> None:
    """find_clients looks at the first of the conditions in `q` alone."""
    parts.call("find_clients", lambda call: given(call, q=dict(list(call.parameters["q"].items())[:1])))


@defect("Retrieve client_id using the platform_id value", "platform_ids - ID's array in a messenger")
def platform_id_search_knows_the_first_only(parts: Parts) -> None:
    """find_client_id_by_platform_id looks for the first of the given ids alone."""
    parts.call(
        "find_client_id_by_platform_id", lambda call: given(call, platform_ids=call.parameters["platform_ids"][:1])
    )
