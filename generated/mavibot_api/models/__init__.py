"""Models of requests and replies, each imported when it is first used."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .acknowledgement import Acknowledgement
    from .attachment import Attachment
    from .attachment_map import AttachmentMap
    from .attachment_type import AttachmentType
    from .block import Block
    from .block_type import BlockType
    from .blocks_reply import BlocksReply
    from .button import Button
    from .button_set import ButtonSet
    from .button_type import ButtonType
    from .callbacks_sent import CallbacksSent
    from .channel import Channel
    from .client import Client
    from .client_id_reply import ClientIdReply
    from .client_ids_reply import ClientIdsReply
    from .clients_reply import ClientsReply
    from .connected_channels import ConnectedChannels
    from .found_client import FoundClient
    from .history_message import HistoryMessage
    from .history_reply import HistoryReply
    from .load_clients_reply import LoadClientsReply
    from .loaded_client import LoadedClient
    from .message_origin import MessageOrigin
    from .messenger import Messenger
    from .new_client import NewClient
    from .order_id_reply import OrderIdReply
    from .order_status import OrderStatus
    from .order_variables_reply import OrderVariablesReply
    from .orders_reply import OrdersReply
    from .search_condition import SearchCondition
    from .search_in import SearchIn
    from .state_id_reply import StateIdReply
    from .status_reply import StatusReply
    from .subscriber import Subscriber
    from .variables import Variables
    from .whats_app_check import WhatsAppCheck
    from .whats_app_status import WhatsAppStatus

_MODULES = {
    "Acknowledgement": ".acknowledgement",
    "Attachment": ".attachment",
    "AttachmentMap": ".attachment_map",
    "AttachmentType": ".attachment_type",
    "Block": ".block",
    "BlockType": ".block_type",
    "BlocksReply": ".blocks_reply",
    "Button": ".button",
    "ButtonSet": ".button_set",
    "ButtonType": ".button_type",
    "CallbacksSent": ".callbacks_sent",
    "Channel": ".channel",
    "Client": ".client",
    "ClientIdReply": ".client_id_reply",
    "ClientIdsReply": ".client_ids_reply",
    "ClientsReply": ".clients_reply",
    "ConnectedChannels": ".connected_channels",
    "FoundClient": ".found_client",
    "HistoryMessage": ".history_message",
    "HistoryReply": ".history_reply",
    "LoadClientsReply": ".load_clients_reply",
    "LoadedClient": ".loaded_client",
    "MessageOrigin": ".message_origin",
    "Messenger": ".messenger",
    "NewClient": ".new_client",
    "OrderIdReply": ".order_id_reply",
    "OrderStatus": ".order_status",
    "OrderVariablesReply": ".order_variables_reply",
    "OrdersReply": ".orders_reply",
    "SearchCondition": ".search_condition",
    "SearchIn": ".search_in",
    "StateIdReply": ".state_id_reply",
    "StatusReply": ".status_reply",
    "Subscriber": ".subscriber",
    "Variables": ".variables",
    "WhatsAppCheck": ".whats_app_check",
    "WhatsAppStatus": ".whats_app_status",
}

__all__ = (
    "Acknowledgement",
    "Attachment",
    "AttachmentMap",
    "AttachmentType",
    "Block",
    "BlocksReply",
    "BlockType",
    "Button",
    "ButtonSet",
    "ButtonType",
    "CallbacksSent",
    "Channel",
    "Client",
    "ClientIdReply",
    "ClientIdsReply",
    "ClientsReply",
    "ConnectedChannels",
    "FoundClient",
    "HistoryMessage",
    "HistoryReply",
    "LoadClientsReply",
    "LoadedClient",
    "MessageOrigin",
    "Messenger",
    "NewClient",
    "OrderIdReply",
    "OrdersReply",
    "OrderStatus",
    "OrderVariablesReply",
    "SearchCondition",
    "SearchIn",
    "StateIdReply",
    "StatusReply",
    "Subscriber",
    "Variables",
    "WhatsAppCheck",
    "WhatsAppStatus",
)


if not TYPE_CHECKING:  # for a type checker every name would exist

    def __getattr__(name: str) -> Any:
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        model = getattr(import_module(_MODULES[name], __name__), name)
        globals()[name] = model
        return model


def __dir__() -> list[str]:
    return sorted(__all__)
