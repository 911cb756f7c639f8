"""Models of requests and replies, each imported when it is first used."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .acknowledgement import Acknowledgement
    from .add_to_list_parameters import AddToListParameters
    from .assign_to_user_parameters import AssignToUserParameters
    from .attachment import Attachment
    from .attachment_map import AttachmentMap
    from .attachment_type import AttachmentType
    from .block import Block
    from .blocks_reply import BlocksReply
    from .broadcast_parameters import BroadcastParameters
    from .button import Button
    from .button_set import ButtonSet
    from .button_type import ButtonType
    from .callback_parameters import CallbackParameters
    from .callbacks_sent import CallbacksSent
    from .channel import Channel
    from .check_whatsapp_parameters import CheckWhatsappParameters
    from .client import Client
    from .client_id_reply import ClientIdReply
    from .client_ids_reply import ClientIdsReply
    from .client_not_found import ClientNotFound
    from .clients_reply import ClientsReply
    from .connected_channels import ConnectedChannels
    from .create_order_parameters import CreateOrderParameters
    from .delete_clients_parameters import DeleteClientsParameters
    from .email_callback_parameters import EmailCallbackParameters
    from .error_details import ErrorDetails
    from .failure import Failure
    from .fb_callback_parameters import FbCallbackParameters
    from .find_client_id_by_platform_id_parameters import FindClientIdByPlatformIdParameters
    from .find_clients_parameters import FindClientsParameters
    from .found_client import FoundClient
    from .get_order_vars_parameters import GetOrderVarsParameters
    from .history_message import HistoryMessage
    from .history_reply import HistoryReply
    from .load_clients_reply import LoadClientsReply
    from .loaded_client import LoadedClient
    from .max_callback_parameters import MaxCallbackParameters
    from .message_origin import MessageOrigin
    from .message_parameters import MessageParameters
    from .messenger import Messenger
    from .move_order_to_next_state_parameters import MoveOrderToNextStateParameters
    from .new_client import NewClient
    from .ok_callback_parameters import OkCallbackParameters
    from .order_id_reply import OrderIdReply
    from .order_not_found import OrderNotFound
    from .order_status import OrderStatus
    from .order_variables_reply import OrderVariablesReply
    from .orders_reply import OrdersReply
    from .project_message import ProjectMessage
    from .project_message_client import ProjectMessageClient
    from .remove_from_list_parameters import RemoveFromListParameters
    from .save_variables_parameters import SaveVariablesParameters
    from .search_condition import SearchCondition
    from .search_in import SearchIn
    from .search_query import SearchQuery
    from .send_callback_by_platform_id_parameters import SendCallbackByPlatformIdParameters
    from .set_order_state_parameters import SetOrderStateParameters
    from .set_order_vars_parameters import SetOrderVarsParameters
    from .several_variables import SeveralVariables
    from .state_id_reply import StateIdReply
    from .status_reply import StatusReply
    from .subscriber import Subscriber
    from .tg_callback_parameters import TgCallbackParameters
    from .variables import Variables
    from .vk_callback_parameters import VkCallbackParameters
    from .whats_app_check import WhatsAppCheck
    from .whats_app_status import WhatsAppStatus
    from .whatsapp_callback_parameters import WhatsappCallbackParameters
    from .whatsapp_message_parameters import WhatsappMessageParameters

_MODULES = {
    "Acknowledgement": ".acknowledgement",
    "AddToListParameters": ".add_to_list_parameters",
    "AssignToUserParameters": ".assign_to_user_parameters",
    "Attachment": ".attachment",
    "AttachmentMap": ".attachment_map",
    "AttachmentType": ".attachment_type",
    "Block": ".block",
    "BlocksReply": ".blocks_reply",
    "BroadcastParameters": ".broadcast_parameters",
    "Button": ".button",
    "ButtonSet": ".button_set",
    "ButtonType": ".button_type",
    "CallbackParameters": ".callback_parameters",
    "CallbacksSent": ".callbacks_sent",
    "Channel": ".channel",
    "CheckWhatsappParameters": ".check_whatsapp_parameters",
    "Client": ".client",
    "ClientIdReply": ".client_id_reply",
    "ClientIdsReply": ".client_ids_reply",
    "ClientNotFound": ".client_not_found",
    "ClientsReply": ".clients_reply",
    "ConnectedChannels": ".connected_channels",
    "CreateOrderParameters": ".create_order_parameters",
    "DeleteClientsParameters": ".delete_clients_parameters",
    "EmailCallbackParameters": ".email_callback_parameters",
    "ErrorDetails": ".error_details",
    "Failure": ".failure",
    "FbCallbackParameters": ".fb_callback_parameters",
    "FindClientIdByPlatformIdParameters": ".find_client_id_by_platform_id_parameters",
    "FindClientsParameters": ".find_clients_parameters",
    "FoundClient": ".found_client",
    "GetOrderVarsParameters": ".get_order_vars_parameters",
    "HistoryMessage": ".history_message",
    "HistoryReply": ".history_reply",
    "LoadClientsReply": ".load_clients_reply",
    "LoadedClient": ".loaded_client",
    "MaxCallbackParameters": ".max_callback_parameters",
    "MessageOrigin": ".message_origin",
    "MessageParameters": ".message_parameters",
    "Messenger": ".messenger",
    "MoveOrderToNextStateParameters": ".move_order_to_next_state_parameters",
    "NewClient": ".new_client",
    "OkCallbackParameters": ".ok_callback_parameters",
    "OrderIdReply": ".order_id_reply",
    "OrderNotFound": ".order_not_found",
    "OrderStatus": ".order_status",
    "OrderVariablesReply": ".order_variables_reply",
    "OrdersReply": ".orders_reply",
    "ProjectMessage": ".project_message",
    "ProjectMessageClient": ".project_message_client",
    "RemoveFromListParameters": ".remove_from_list_parameters",
    "SaveVariablesParameters": ".save_variables_parameters",
    "SearchCondition": ".search_condition",
    "SearchIn": ".search_in",
    "SearchQuery": ".search_query",
    "SendCallbackByPlatformIdParameters": ".send_callback_by_platform_id_parameters",
    "SetOrderStateParameters": ".set_order_state_parameters",
    "SetOrderVarsParameters": ".set_order_vars_parameters",
    "SeveralVariables": ".several_variables",
    "StateIdReply": ".state_id_reply",
    "StatusReply": ".status_reply",
    "Subscriber": ".subscriber",
    "TgCallbackParameters": ".tg_callback_parameters",
    "Variables": ".variables",
    "VkCallbackParameters": ".vk_callback_parameters",
    "WhatsAppCheck": ".whats_app_check",
    "WhatsAppStatus": ".whats_app_status",
    "WhatsappCallbackParameters": ".whatsapp_callback_parameters",
    "WhatsappMessageParameters": ".whatsapp_message_parameters",
}

__all__ = (
    "Acknowledgement",
    "AddToListParameters",
    "AssignToUserParameters",
    "Attachment",
    "AttachmentMap",
    "AttachmentType",
    "Block",
    "BlocksReply",
    "BroadcastParameters",
    "Button",
    "ButtonSet",
    "ButtonType",
    "CallbackParameters",
    "CallbacksSent",
    "Channel",
    "CheckWhatsappParameters",
    "Client",
    "ClientIdReply",
    "ClientIdsReply",
    "ClientNotFound",
    "ClientsReply",
    "ConnectedChannels",
    "CreateOrderParameters",
    "DeleteClientsParameters",
    "EmailCallbackParameters",
    "ErrorDetails",
    "Failure",
    "FbCallbackParameters",
    "FindClientIdByPlatformIdParameters",
    "FindClientsParameters",
    "FoundClient",
    "GetOrderVarsParameters",
    "HistoryMessage",
    "HistoryReply",
    "LoadClientsReply",
    "LoadedClient",
    "MaxCallbackParameters",
    "MessageOrigin",
    "MessageParameters",
    "Messenger",
    "MoveOrderToNextStateParameters",
    "NewClient",
    "OkCallbackParameters",
    "OrderIdReply",
    "OrderNotFound",
    "OrdersReply",
    "OrderStatus",
    "OrderVariablesReply",
    "ProjectMessage",
    "ProjectMessageClient",
    "RemoveFromListParameters",
    "SaveVariablesParameters",
    "SearchCondition",
    "SearchIn",
    "SearchQuery",
    "SendCallbackByPlatformIdParameters",
    "SetOrderStateParameters",
    "SetOrderVarsParameters",
    "SeveralVariables",
    "StateIdReply",
    "StatusReply",
    "Subscriber",
    "TgCallbackParameters",
    "Variables",
    "VkCallbackParameters",
    "WhatsappCallbackParameters",
    "WhatsAppCheck",
    "WhatsappMessageParameters",
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
