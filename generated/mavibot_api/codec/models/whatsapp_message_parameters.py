from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.attachment_type import AttachmentType
from ..types import UNSET, Unset

T = TypeVar("T", bound="WhatsappMessageParameters")


@_attrs_define
class WhatsappMessageParameters:
    """
    Attributes:
        phone (int | str): Phone number in any notation, as a string or a number.
        message_id (int | str | Unset): Number of a block in the bot's flow, as get_messages lists them. It is not the
            number of a message in the history. The client is moved into the block and the block runs completely.
        whatsapp_bot_id (int | str | Unset): Bot, group or channel inside a messenger, as the field `group_id` of
            connected_channels gives it; a number or a string, depending on the messenger.
        attachment_url (str | Unset): Address of the file to attach.
        attachment_type (AttachmentType | Unset): How the messenger shows the attached file.
        message (str | Unset): Text that the client receives.
        time_shift (float | Unset): Seconds from now after which the message goes out. It takes precedence over
            `send_time`.
        send_time (str | Unset): Date and time at which the message goes out, `YYYY-MM-DD HH:MM:SS` in the project's
            time zone (GMT+3 unless the project sets another). Ignored where `time_shift` is given.
    """

    phone: int | str
    message_id: int | str | Unset = UNSET
    whatsapp_bot_id: int | str | Unset = UNSET
    attachment_url: str | Unset = UNSET
    attachment_type: AttachmentType | Unset = UNSET
    message: str | Unset = UNSET
    time_shift: float | Unset = UNSET
    send_time: str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        phone: int | str
        phone = self.phone

        message_id: int | str | Unset
        if isinstance(self.message_id, Unset):
            message_id = UNSET
        else:
            message_id = self.message_id

        whatsapp_bot_id: int | str | Unset
        if isinstance(self.whatsapp_bot_id, Unset):
            whatsapp_bot_id = UNSET
        else:
            whatsapp_bot_id = self.whatsapp_bot_id

        attachment_url = self.attachment_url

        attachment_type: str | Unset = UNSET
        if not isinstance(self.attachment_type, Unset):
            attachment_type = getattr(self.attachment_type, "value", self.attachment_type)

        message = self.message

        time_shift = self.time_shift

        send_time = self.send_time

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "phone": phone,
            }
        )
        if message_id is not UNSET:
            field_dict["message_id"] = message_id
        if whatsapp_bot_id is not UNSET:
            field_dict["whatsapp_bot_id"] = whatsapp_bot_id
        if attachment_url is not UNSET:
            field_dict["attachment_url"] = attachment_url
        if attachment_type is not UNSET:
            field_dict["attachment_type"] = attachment_type
        if message is not UNSET:
            field_dict["message"] = message
        if time_shift is not UNSET:
            field_dict["time_shift"] = time_shift
        if send_time is not UNSET:
            field_dict["send_time"] = send_time

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_phone(data: object) -> int | str:
            return cast(int | str, data)

        phone = _parse_phone(d.pop("phone"))

        def _parse_message_id(data: object) -> int | str | Unset:
            if isinstance(data, Unset):
                return data
            return cast(int | str | Unset, data)

        message_id = _parse_message_id(d.pop("message_id", UNSET))

        def _parse_whatsapp_bot_id(data: object) -> int | str | Unset:
            if isinstance(data, Unset):
                return data
            return cast(int | str | Unset, data)

        whatsapp_bot_id = _parse_whatsapp_bot_id(d.pop("whatsapp_bot_id", UNSET))

        attachment_url = d.pop("attachment_url", UNSET)

        _attachment_type = d.pop("attachment_type", UNSET)
        attachment_type: AttachmentType | Unset
        if isinstance(_attachment_type, Unset):
            attachment_type = UNSET
        else:
            attachment_type = AttachmentType(_attachment_type)

        message = d.pop("message", UNSET)

        time_shift = d.pop("time_shift", UNSET)

        send_time = d.pop("send_time", UNSET)

        whatsapp_message_parameters = cls(
            phone=phone,
            message_id=message_id,
            whatsapp_bot_id=whatsapp_bot_id,
            attachment_url=attachment_url,
            attachment_type=attachment_type,
            message=message,
            time_shift=time_shift,
            send_time=send_time,
        )

        return whatsapp_message_parameters
