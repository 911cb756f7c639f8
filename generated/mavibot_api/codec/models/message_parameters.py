from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.attachment_type import AttachmentType
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.button import Button
    from ..models.button_set import ButtonSet


T = TypeVar("T", bound="MessageParameters")


@_attrs_define
class MessageParameters:
    """
    Attributes:
        client_id (int | str): Number of the client in the builder, as a number or as a string of digits. It is not the
            client's id in the messenger.
        message_id (int | str | Unset): Number of a block in the bot's flow, as get_messages lists them. It is not the
            number of a message in the history. The client is moved into the block and the block runs completely.
        message (str | Unset): Text that the client receives.
        attachment_type (AttachmentType | Unset): How the messenger shows the attached file.
        attachment_url (str | Unset): Address of the file to attach.
        buttons (ButtonSet | list[Button] | Unset): Buttons under the message, either an object with the list (and a
            hint, if wanted) or the bare list.
        project_id (int | str | Unset): Number of the project; sent by some, without effect.
        time_shift (float | Unset): Seconds from now after which the message goes out. It takes precedence over
            `send_time`.
        send_time (str | Unset): Date and time at which the message goes out, `YYYY-MM-DD HH:MM:SS` in the project's
            time zone (GMT+3 unless the project sets another). Ignored where `time_shift` is given.
    """

    client_id: int | str
    message_id: int | str | Unset = UNSET
    message: str | Unset = UNSET
    attachment_type: AttachmentType | Unset = UNSET
    attachment_url: str | Unset = UNSET
    buttons: ButtonSet | list[Button] | Unset = UNSET
    project_id: int | str | Unset = UNSET
    time_shift: float | Unset = UNSET
    send_time: str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        from ..models.button_set import ButtonSet  # noqa: PLC0415

        client_id: int | str
        client_id = self.client_id

        message_id: int | str | Unset
        if isinstance(self.message_id, Unset):
            message_id = UNSET
        else:
            message_id = self.message_id

        message = self.message

        attachment_type: str | Unset = UNSET
        if not isinstance(self.attachment_type, Unset):
            attachment_type = getattr(self.attachment_type, "value", self.attachment_type)

        attachment_url = self.attachment_url

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

        project_id: int | str | Unset
        if isinstance(self.project_id, Unset):
            project_id = UNSET
        else:
            project_id = self.project_id

        time_shift = self.time_shift

        send_time = self.send_time

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "client_id": client_id,
            }
        )
        if message_id is not UNSET:
            field_dict["message_id"] = message_id
        if message is not UNSET:
            field_dict["message"] = message
        if attachment_type is not UNSET:
            field_dict["attachment_type"] = attachment_type
        if attachment_url is not UNSET:
            field_dict["attachment_url"] = attachment_url
        if buttons is not UNSET:
            field_dict["buttons"] = buttons
        if project_id is not UNSET:
            field_dict["project_id"] = project_id
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

        def _parse_client_id(data: object) -> int | str:
            return cast(int | str, data)

        client_id = _parse_client_id(d.pop("client_id"))

        def _parse_message_id(data: object) -> int | str | Unset:
            if isinstance(data, Unset):
                return data
            return cast(int | str | Unset, data)

        message_id = _parse_message_id(d.pop("message_id", UNSET))

        message = d.pop("message", UNSET)

        _attachment_type = d.pop("attachment_type", UNSET)
        attachment_type: AttachmentType | Unset
        if isinstance(_attachment_type, Unset):
            attachment_type = UNSET
        else:
            attachment_type = AttachmentType(_attachment_type)

        attachment_url = d.pop("attachment_url", UNSET)

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

        def _parse_project_id(data: object) -> int | str | Unset:
            if isinstance(data, Unset):
                return data
            return cast(int | str | Unset, data)

        project_id = _parse_project_id(d.pop("project_id", UNSET))

        time_shift = d.pop("time_shift", UNSET)

        send_time = d.pop("send_time", UNSET)

        message_parameters = cls(
            client_id=client_id,
            message_id=message_id,
            message=message,
            attachment_type=attachment_type,
            attachment_url=attachment_url,
            buttons=buttons,
            project_id=project_id,
            time_shift=time_shift,
            send_time=send_time,
        )

        return message_parameters
