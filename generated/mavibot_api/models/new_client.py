from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.messenger import Messenger

T = TypeVar("T", bound="NewClient")


@_attrs_define
class NewClient:
    """A client to import.

    Attributes:
        platform_id (int | str): The client's id in the messenger, such as a Telegram user id, a WhatsApp number (with
            or without `@s.whatsapp.net`) or an e-mail address.
        group_id (int | str): The channel's `group_id` from connected_channels; an empty string for telephony.
        client_type (int | Messenger): Messenger of the client. Numbers that this table does not name may exist.
    """

    platform_id: int | str
    group_id: int | str
    client_type: int | Messenger

    def to_dict(self) -> dict[str, Any]:
        platform_id: int | str
        platform_id = self.platform_id

        group_id: int | str
        group_id = self.group_id

        client_type: int
        if isinstance(self.client_type, Messenger):
            client_type = getattr(self.client_type, "value", self.client_type)
        else:
            client_type = self.client_type

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "platform_id": platform_id,
                "group_id": group_id,
                "client_type": client_type,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_platform_id(data: object) -> int | str:
            return cast(int | str, data)

        platform_id = _parse_platform_id(d.pop("platform_id"))

        def _parse_group_id(data: object) -> int | str:
            return cast(int | str, data)

        group_id = _parse_group_id(d.pop("group_id"))

        def _parse_client_type(data: object) -> int | Messenger:
            try:
                if not isinstance(data, int):
                    raise TypeError()
                componentsschemas_client_type_type_0 = Messenger(data)

                return componentsschemas_client_type_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(int | Messenger, data)

        client_type = _parse_client_type(d.pop("client_type"))

        new_client = cls(
            platform_id=platform_id,
            group_id=group_id,
            client_type=client_type,
        )

        return new_client
