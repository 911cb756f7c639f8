from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="WhatsappCallbackParameters")


@_attrs_define
class WhatsappCallbackParameters:
    """
    Attributes:
        message (str): Text of the callback. The bot's flow reacts to it; the client does not see it.
        phone (int | str): Phone number in any notation, as a string or a number.
        name (str | Unset): The client's name.
        bot_id (int | str | Unset): Bot, group or channel inside a messenger, as the field `group_id` of
            connected_channels gives it; a number or a string, depending on the messenger.
        resume_bot (bool | Unset): Resumes the bot if it is paused for this client.
        time_shift (float | Unset): Seconds from now after which the message goes out. It takes precedence over
            `send_time`.
        send_time (str | Unset): Date and time at which the message goes out, `YYYY-MM-DD HH:MM:SS` in the project's
            time zone (GMT+3 unless the project sets another). Ignored where `time_shift` is given.
    """

    message: str
    phone: int | str
    name: str | Unset = UNSET
    bot_id: int | str | Unset = UNSET
    resume_bot: bool | Unset = UNSET
    time_shift: float | Unset = UNSET
    send_time: str | Unset = UNSET
    additional_properties: dict[str, bool | float | None | str] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        message = self.message

        phone: int | str
        phone = self.phone

        name = self.name

        bot_id: int | str | Unset
        if isinstance(self.bot_id, Unset):
            bot_id = UNSET
        else:
            bot_id = self.bot_id

        resume_bot = self.resume_bot

        time_shift = self.time_shift

        send_time = self.send_time

        field_dict: dict[str, Any] = {}
        for prop_name, prop in self.additional_properties.items():
            field_dict[prop_name] = prop

        field_dict.update(
            {
                "message": message,
                "phone": phone,
            }
        )
        if name is not UNSET:
            field_dict["name"] = name
        if bot_id is not UNSET:
            field_dict["bot_id"] = bot_id
        if resume_bot is not UNSET:
            field_dict["resume_bot"] = resume_bot
        if time_shift is not UNSET:
            field_dict["time_shift"] = time_shift
        if send_time is not UNSET:
            field_dict["send_time"] = send_time

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        message = d.pop("message")

        def _parse_phone(data: object) -> int | str:
            return cast(int | str, data)

        phone = _parse_phone(d.pop("phone"))

        name = d.pop("name", UNSET)

        def _parse_bot_id(data: object) -> int | str | Unset:
            if isinstance(data, Unset):
                return data
            return cast(int | str | Unset, data)

        bot_id = _parse_bot_id(d.pop("bot_id", UNSET))

        resume_bot = d.pop("resume_bot", UNSET)

        time_shift = d.pop("time_shift", UNSET)

        send_time = d.pop("send_time", UNSET)

        whatsapp_callback_parameters = cls(
            message=message,
            phone=phone,
            name=name,
            bot_id=bot_id,
            resume_bot=resume_bot,
            time_shift=time_shift,
            send_time=send_time,
        )

        additional_properties = {}
        for prop_name, prop_dict in d.items():

            def _parse_additional_property(data: object) -> bool | float | None | str:
                if data is None:
                    return data
                return cast(bool | float | None | str, data)

            additional_property = _parse_additional_property(prop_dict)

            additional_properties[prop_name] = additional_property

        whatsapp_callback_parameters.additional_properties = additional_properties
        return whatsapp_callback_parameters

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> bool | float | None | str:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: bool | float | None | str) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
