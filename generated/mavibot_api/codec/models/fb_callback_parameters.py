from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="FbCallbackParameters")


@_attrs_define
class FbCallbackParameters:
    """
    Attributes:
        message (str): Text of the callback. The bot's flow reacts to it; the client does not see it.
        user_id (int | str): The client's id in the messenger, such as a Telegram user id, a WhatsApp number (with or
            without `@s.whatsapp.net`) or an e-mail address.
        group_id (int | str): Bot, group or channel inside a messenger, as the field `group_id` of connected_channels
            gives it; a number or a string, depending on the messenger.
        resume_bot (bool | Unset): Resumes the bot if it is paused for this client.
        time_shift (float | Unset): Seconds from now after which the message goes out. It takes precedence over
            `send_time`.
        send_time (str | Unset): Date and time at which the message goes out, `YYYY-MM-DD HH:MM:SS` in the project's
            time zone (GMT+3 unless the project sets another). Ignored where `time_shift` is given.
    """

    message: str
    user_id: int | str
    group_id: int | str
    resume_bot: bool | Unset = UNSET
    time_shift: float | Unset = UNSET
    send_time: str | Unset = UNSET
    additional_properties: dict[str, bool | float | None | str] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        message = self.message

        user_id: int | str
        user_id = self.user_id

        group_id: int | str
        group_id = self.group_id

        resume_bot = self.resume_bot

        time_shift = self.time_shift

        send_time = self.send_time

        field_dict: dict[str, Any] = {}
        for prop_name, prop in self.additional_properties.items():
            field_dict[prop_name] = prop

        field_dict.update(
            {
                "message": message,
                "user_id": user_id,
                "group_id": group_id,
            }
        )
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

        def _parse_user_id(data: object) -> int | str:
            return cast(int | str, data)

        user_id = _parse_user_id(d.pop("user_id"))

        def _parse_group_id(data: object) -> int | str:
            return cast(int | str, data)

        group_id = _parse_group_id(d.pop("group_id"))

        resume_bot = d.pop("resume_bot", UNSET)

        time_shift = d.pop("time_shift", UNSET)

        send_time = d.pop("send_time", UNSET)

        fb_callback_parameters = cls(
            message=message,
            user_id=user_id,
            group_id=group_id,
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

        fb_callback_parameters.additional_properties = additional_properties
        return fb_callback_parameters

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
