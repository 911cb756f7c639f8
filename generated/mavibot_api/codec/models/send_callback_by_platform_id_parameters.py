from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="SendCallbackByPlatformIdParameters")


@_attrs_define
class SendCallbackByPlatformIdParameters:
    """
    Attributes:
        platform_ids (list[int | str]): Ids in the messenger, at most 300 a call.
        callback_text (str): Text of the callback. The bot's flow reacts to it; the client does not see it.
        group_id (int | str | Unset): Bot, group or channel inside a messenger, as the field `group_id` of
            connected_channels gives it; a number or a string, depending on the messenger.
        time_shift (float | Unset): Seconds from now after which the message goes out. It takes precedence over
            `send_time`.
        send_time (str | Unset): Date and time at which the message goes out, `YYYY-MM-DD HH:MM:SS` in the project's
            time zone (GMT+3 unless the project sets another). Ignored where `time_shift` is given.
    """

    platform_ids: list[int | str]
    callback_text: str
    group_id: int | str | Unset = UNSET
    time_shift: float | Unset = UNSET
    send_time: str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        platform_ids = []
        for platform_ids_item_data in self.platform_ids:
            platform_ids_item: int | str
            platform_ids_item = platform_ids_item_data
            platform_ids.append(platform_ids_item)

        callback_text = self.callback_text

        group_id: int | str | Unset
        if isinstance(self.group_id, Unset):
            group_id = UNSET
        else:
            group_id = self.group_id

        time_shift = self.time_shift

        send_time = self.send_time

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "platform_ids": platform_ids,
                "callback_text": callback_text,
            }
        )
        if group_id is not UNSET:
            field_dict["group_id"] = group_id
        if time_shift is not UNSET:
            field_dict["time_shift"] = time_shift
        if send_time is not UNSET:
            field_dict["send_time"] = send_time

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        platform_ids = []
        _platform_ids = d.pop("platform_ids")
        for platform_ids_item_data in _platform_ids:

            def _parse_platform_ids_item(data: object) -> int | str:
                return cast(int | str, data)

            platform_ids_item = _parse_platform_ids_item(platform_ids_item_data)

            platform_ids.append(platform_ids_item)

        callback_text = d.pop("callback_text")

        def _parse_group_id(data: object) -> int | str | Unset:
            if isinstance(data, Unset):
                return data
            return cast(int | str | Unset, data)

        group_id = _parse_group_id(d.pop("group_id", UNSET))

        time_shift = d.pop("time_shift", UNSET)

        send_time = d.pop("send_time", UNSET)

        send_callback_by_platform_id_parameters = cls(
            platform_ids=platform_ids,
            callback_text=callback_text,
            group_id=group_id,
            time_shift=time_shift,
            send_time=send_time,
        )

        return send_callback_by_platform_id_parameters
