from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.attachment_type import AttachmentType
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.button import Button
    from ..models.button_set import ButtonSet


T = TypeVar("T", bound="BroadcastParameters")


@_attrs_define
class BroadcastParameters:
    """
    Attributes:
        list_ (int | str | Unset): Number of a client list in the builder.
        clients (list[int | str] | Unset): Clients that receive the message.
        message (str | Unset): Text that the client receives.
        platform_ids (list[int | str] | Unset): Ids in the messenger of those who receive the message; needs `group_id`.
        group_id (int | str | Unset): Bot, group or channel inside a messenger, as the field `group_id` of
            connected_channels gives it; a number or a string, depending on the messenger.
        attachment_url (str | Unset): Address of the file to attach.
        attachment_type (AttachmentType | Unset): How the messenger shows the attached file.
        buttons (ButtonSet | list[Button] | Unset): Buttons under the message, either an object with the list (and a
            hint, if wanted) or the bare list.
        message_id (int | str | Unset): Number of a block in the bot's flow, as get_messages lists them. It is not the
            number of a message in the history. The client is moved into the block and the block runs completely.
        shift (float | Unset): Seconds between two messages. Default: 0.2.
        time_shift (float | Unset): Seconds from now after which the message goes out. It takes precedence over
            `send_time`.
        send_time (str | Unset): Date and time at which the message goes out, `YYYY-MM-DD HH:MM:SS` in the project's
            time zone (GMT+3 unless the project sets another). Ignored where `time_shift` is given.
    """

    list_: int | str | Unset = UNSET
    clients: list[int | str] | Unset = UNSET
    message: str | Unset = UNSET
    platform_ids: list[int | str] | Unset = UNSET
    group_id: int | str | Unset = UNSET
    attachment_url: str | Unset = UNSET
    attachment_type: AttachmentType | Unset = UNSET
    buttons: ButtonSet | list[Button] | Unset = UNSET
    message_id: int | str | Unset = UNSET
    shift: float | Unset = 0.2
    time_shift: float | Unset = UNSET
    send_time: str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        from ..models.button_set import ButtonSet  # noqa: PLC0415

        list_: int | str | Unset
        if isinstance(self.list_, Unset):
            list_ = UNSET
        else:
            list_ = self.list_

        clients: list[int | str] | Unset = UNSET
        if not isinstance(self.clients, Unset):
            clients = []
            for clients_item_data in self.clients:
                clients_item: int | str
                clients_item = clients_item_data
                clients.append(clients_item)

        message = self.message

        platform_ids: list[int | str] | Unset = UNSET
        if not isinstance(self.platform_ids, Unset):
            platform_ids = []
            for platform_ids_item_data in self.platform_ids:
                platform_ids_item: int | str
                platform_ids_item = platform_ids_item_data
                platform_ids.append(platform_ids_item)

        group_id: int | str | Unset
        if isinstance(self.group_id, Unset):
            group_id = UNSET
        else:
            group_id = self.group_id

        attachment_url = self.attachment_url

        attachment_type: str | Unset = UNSET
        if not isinstance(self.attachment_type, Unset):
            attachment_type = getattr(self.attachment_type, "value", self.attachment_type)

        buttons: dict[str, Any] | list[dict[str, Any]] | Unset
        if isinstance(self.buttons, Unset):
            buttons = UNSET
        elif isinstance(self.buttons, ButtonSet):
            buttons = self.buttons.to_dict()
        else:
            buttons = []
            for componentsschemas_buttons_type_1_item_data in self.buttons:
                componentsschemas_buttons_type_1_item = componentsschemas_buttons_type_1_item_data.to_dict()
                buttons.append(componentsschemas_buttons_type_1_item)

        message_id: int | str | Unset
        if isinstance(self.message_id, Unset):
            message_id = UNSET
        else:
            message_id = self.message_id

        shift = self.shift

        time_shift = self.time_shift

        send_time = self.send_time

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if list_ is not UNSET:
            field_dict["list"] = list_
        if clients is not UNSET:
            field_dict["clients"] = clients
        if message is not UNSET:
            field_dict["message"] = message
        if platform_ids is not UNSET:
            field_dict["platform_ids"] = platform_ids
        if group_id is not UNSET:
            field_dict["group_id"] = group_id
        if attachment_url is not UNSET:
            field_dict["attachment_url"] = attachment_url
        if attachment_type is not UNSET:
            field_dict["attachment_type"] = attachment_type
        if buttons is not UNSET:
            field_dict["buttons"] = buttons
        if message_id is not UNSET:
            field_dict["message_id"] = message_id
        if shift is not UNSET:
            field_dict["shift"] = shift
        if time_shift is not UNSET:
            field_dict["time_shift"] = time_shift
        if send_time is not UNSET:
            field_dict["send_time"] = send_time

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.button import Button  # noqa: PLC0415
        from ..models.button_set import ButtonSet  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_list_(data: object) -> int | str | Unset:
            if isinstance(data, Unset):
                return data
            return cast(int | str | Unset, data)

        list_ = _parse_list_(d.pop("list", UNSET))

        _clients = d.pop("clients", UNSET)
        clients: list[int | str] | Unset = UNSET
        if _clients is not UNSET:
            clients = []
            for clients_item_data in _clients:

                def _parse_clients_item(data: object) -> int | str:
                    return cast(int | str, data)

                clients_item = _parse_clients_item(clients_item_data)

                clients.append(clients_item)

        message = d.pop("message", UNSET)

        _platform_ids = d.pop("platform_ids", UNSET)
        platform_ids: list[int | str] | Unset = UNSET
        if _platform_ids is not UNSET:
            platform_ids = []
            for platform_ids_item_data in _platform_ids:

                def _parse_platform_ids_item(data: object) -> int | str:
                    return cast(int | str, data)

                platform_ids_item = _parse_platform_ids_item(platform_ids_item_data)

                platform_ids.append(platform_ids_item)

        def _parse_group_id(data: object) -> int | str | Unset:
            if isinstance(data, Unset):
                return data
            return cast(int | str | Unset, data)

        group_id = _parse_group_id(d.pop("group_id", UNSET))

        attachment_url = d.pop("attachment_url", UNSET)

        _attachment_type = d.pop("attachment_type", UNSET)
        attachment_type: AttachmentType | Unset
        if isinstance(_attachment_type, Unset):
            attachment_type = UNSET
        else:
            attachment_type = AttachmentType(_attachment_type)

        def _parse_buttons(data: object) -> ButtonSet | list[Button] | Unset:
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                componentsschemas_buttons_type_0 = ButtonSet.from_dict(data)

                return componentsschemas_buttons_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            if not isinstance(data, list):
                raise TypeError()
            componentsschemas_buttons_type_1 = []
            _componentsschemas_buttons_type_1 = data
            for componentsschemas_buttons_type_1_item_data in _componentsschemas_buttons_type_1:
                componentsschemas_buttons_type_1_item = Button.from_dict(
                    componentsschemas_buttons_type_1_item_data
                )

                componentsschemas_buttons_type_1.append(componentsschemas_buttons_type_1_item)

            return componentsschemas_buttons_type_1

        buttons = _parse_buttons(d.pop("buttons", UNSET))

        def _parse_message_id(data: object) -> int | str | Unset:
            if isinstance(data, Unset):
                return data
            return cast(int | str | Unset, data)

        message_id = _parse_message_id(d.pop("message_id", UNSET))

        shift = d.pop("shift", UNSET)

        time_shift = d.pop("time_shift", UNSET)

        send_time = d.pop("send_time", UNSET)

        broadcast_parameters = cls(
            list_=list_,
            clients=clients,
            message=message,
            platform_ids=platform_ids,
            group_id=group_id,
            attachment_url=attachment_url,
            attachment_type=attachment_type,
            buttons=buttons,
            message_id=message_id,
            shift=shift,
            time_shift=time_shift,
            send_time=send_time,
        )

        return broadcast_parameters
