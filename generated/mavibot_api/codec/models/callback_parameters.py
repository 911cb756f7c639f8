from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="CallbackParameters")


@_attrs_define
class CallbackParameters:
    """
    Attributes:
        message (str): Text of the callback. The bot's flow reacts to it; the client does not see it.
        client_id (int | str | Unset): Number of the client in the builder, as a number or as a string of digits. It is
            not the client's id in the messenger.
        client_phone (int | str | Unset): Phone number in any notation, as a string or a number.
        client_email (str | Unset): E-mail address.
        resume_bot (bool | Unset): Resumes the bot if it is paused for this client.
        time_shift (float | Unset): Seconds from now after which the message goes out. It takes precedence over
            `send_time`.
        send_time (str | Unset): Date and time at which the message goes out, `YYYY-MM-DD HH:MM:SS` in the project's
            time zone (GMT+3 unless the project sets another). Ignored where `time_shift` is given.
    """

    message: str
    client_id: int | str | Unset = UNSET
    client_phone: int | str | Unset = UNSET
    client_email: str | Unset = UNSET
    resume_bot: bool | Unset = UNSET
    time_shift: float | Unset = UNSET
    send_time: str | Unset = UNSET
    additional_properties: dict[str, bool | float | None | str] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        message = self.message

        client_id: int | str | Unset
        if isinstance(self.client_id, Unset):
            client_id = UNSET
        else:
            client_id = self.client_id

        client_phone: int | str | Unset
        if isinstance(self.client_phone, Unset):
            client_phone = UNSET
        else:
            client_phone = self.client_phone

        client_email = self.client_email

        resume_bot = self.resume_bot

        time_shift = self.time_shift

        send_time = self.send_time

        field_dict: dict[str, Any] = {}
        for prop_name, prop in self.additional_properties.items():
            field_dict[prop_name] = prop

        field_dict.update(
            {
                "message": message,
            }
        )
        if client_id is not UNSET:
            field_dict["client_id"] = client_id
        if client_phone is not UNSET:
            field_dict["client_phone"] = client_phone
        if client_email is not UNSET:
            field_dict["client_email"] = client_email
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

        def _parse_client_id(data: object) -> int | str | Unset:
            if isinstance(data, Unset):
                return data
            return cast(int | str | Unset, data)

        client_id = _parse_client_id(d.pop("client_id", UNSET))

        def _parse_client_phone(data: object) -> int | str | Unset:
            if isinstance(data, Unset):
                return data
            return cast(int | str | Unset, data)

        client_phone = _parse_client_phone(d.pop("client_phone", UNSET))

        client_email = d.pop("client_email", UNSET)

        resume_bot = d.pop("resume_bot", UNSET)

        time_shift = d.pop("time_shift", UNSET)

        send_time = d.pop("send_time", UNSET)

        callback_parameters = cls(
            message=message,
            client_id=client_id,
            client_phone=client_phone,
            client_email=client_email,
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

        callback_parameters.additional_properties = additional_properties
        return callback_parameters

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
