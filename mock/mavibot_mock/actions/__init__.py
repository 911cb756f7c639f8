"""What each action of the contract does to the state of a project."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mavibot_mock.actions.assign import assign_to_user
from mavibot_mock.actions.bot import (
    callback,
    deliver_callback,
    email_callback,
    fb_callback,
    max_callback,
    ok_callback,
    send_callback_by_platform_id,
    tg_callback,
    vk_callback,
    whatsapp_callback,
)
from mavibot_mock.actions.broadcast import broadcast
from mavibot_mock.actions.clients import delete_clients, get_clients, load_clients, subscribers
from mavibot_mock.actions.lists import add_to_list, remove_from_list
from mavibot_mock.actions.messages import clear_history, deliver_message, get_history, message, whatsapp_message
from mavibot_mock.actions.orders import (
    create_order,
    get_current_order_id,
    get_order_state,
    get_order_vars,
    get_orders,
    move_order_to_next_state,
    set_order_state,
    set_order_vars,
)
from mavibot_mock.actions.project import check_whatsapp, connected_channels, get_messages
from mavibot_mock.actions.search import (
    find_all_client_id_by_several_vars,
    find_all_client_id_by_var,
    find_client_id_by_email,
    find_client_id_by_phone,
    find_client_id_by_platform_id,
    find_client_id_by_var,
    find_clients,
    find_latest_client_id_by_var,
    online_chat_client_id,
    refuse_find_clients,
    whatsapp_client_id,
)
from mavibot_mock.actions.variables import get_variables, save_variables

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from mavibot_contract import Operation
    from mavibot_mock.actions.call import Call
    from mavibot_mock.request.replies import Reply
    from mavibot_mock.server.project import Project

#: Action -> what it does.
ACTIONS: Final[Mapping[str, Callable[[Call], Reply]]] = {
    "add_to_list": add_to_list,
    "assign_to_user": assign_to_user,
    "broadcast": broadcast,
    "callback": callback,
    "check_whatsapp": check_whatsapp,
    "clear_history": clear_history,
    "connected_channels": connected_channels,
    "create_order": create_order,
    "delete_clients": delete_clients,
    "email_callback": email_callback,
    "fb_callback": fb_callback,
    "find_all_client_id_by_several_vars": find_all_client_id_by_several_vars,
    "find_all_client_id_by_var": find_all_client_id_by_var,
    "find_client_id_by_email": find_client_id_by_email,
    "find_client_id_by_phone": find_client_id_by_phone,
    "find_client_id_by_platform_id": find_client_id_by_platform_id,
    "find_client_id_by_var": find_client_id_by_var,
    "find_clients": find_clients,
    "find_latest_client_id_by_var": find_latest_client_id_by_var,
    "get_clients": get_clients,
    "get_current_order_id": get_current_order_id,
    "get_history": get_history,
    "get_messages": get_messages,
    "get_order_state": get_order_state,
    "get_order_vars": get_order_vars,
    "get_orders": get_orders,
    "get_variables": get_variables,
    "load_clients": load_clients,
    "max_callback": max_callback,
    "message": message,
    "move_order_to_next_state": move_order_to_next_state,
    "ok_callback": ok_callback,
    "online_chat_client_id": online_chat_client_id,
    "remove_from_list": remove_from_list,
    "save_variables": save_variables,
    "send_callback_by_platform_id": send_callback_by_platform_id,
    "set_order_state": set_order_state,
    "set_order_vars": set_order_vars,
    "subscribers": subscribers,
    "tg_callback": tg_callback,
    "vk_callback": vk_callback,
    "whatsapp_callback": whatsapp_callback,
    "whatsapp_client_id": whatsapp_client_id,
    "whatsapp_message": whatsapp_message,
}

#: Action -> how it refuses wrong parameters, where the document gives it words of its own.
REFUSALS: Final[Mapping[str, Callable[[Operation, Mapping[str, Any]], Reply]]] = {"find_clients": refuse_find_clients}

#: Kind of a scheduled job -> what happens when it is due.
JOBS: Final[Mapping[str, Callable[[Project, dict[str, Any], float], None]]] = {
    "callback": deliver_callback,
    "message": deliver_message,
}
