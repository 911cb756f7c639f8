from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.messenger import Messenger
from ..types import UNSET, Unset

T = TypeVar("T", bound="LoadedClient")


@_attrs_define
class LoadedClient:
    """Outcome for one item of an import.

    Attributes:
        status (str): `success`, or anything else where this client was not imported.
        platform_id (int | str | Unset): The client's id in the messenger, such as a Telegram user id, a WhatsApp number
            (with or without `@s.whatsapp.net`) or an e-mail address.
        group_id (int | str | Unset): As it was sent.
        client_type (int | Messenger | Unset): Messenger of the client. Numbers that this table does not name may exist.
        id (int | Unset): Number of the client in the builder; the existing one if the client was there already.
        message (str | Unset): Why this client was not imported.
    """

    status: str
    platform_id: int | str | Unset = UNSET
    group_id: int | str | Unset = UNSET
    client_type: int | Messenger | Unset = UNSET
    id: int | Unset = UNSET
    message: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        status = self.status

        platform_id: int | str | Unset
        if isinstance(self.platform_id, Unset):
            platform_id = UNSET
        else:
            platform_id = self.platform_id

        group_id: int | str | Unset
        if isinstance(self.group_id, Unset):
            group_id = UNSET
        else:
            group_id = self.group_id

        client_type: int | Unset
        if isinstance(self.client_type, Unset):
            client_type = UNSET
        elif isinstance(self.client_type, Messenger):
            client_type = getattr(self.client_type, "value", self.client_type)
        else:
            client_type = self.client_type

        id = self.id

        message = self.message

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "status": status,
            }
        )
        if platform_id is not UNSET:
            field_dict["platform_id"] = platform_id
        if group_id is not UNSET:
            field_dict["group_id"] = group_id
        if client_type is not UNSET:
            field_dict["client_type"] = client_type
        if id is not UNSET:
            field_dict["id"] = id
        if message is not UNSET:
            field_dict["message"] = message

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        status = d.pop("status")

        def _parse_platform_id(data: object) -> int | str | Unset:
            if isinstance(data, Unset):
                return data
            return cast(int | str | Unset, data)

        platform_id = _parse_platform_id(d.pop("platform_id", UNSET))

        def _parse_group_id(data: object) -> int | str | Unset:
            if isinstance(data, Unset):
                return data
            return cast(int | str | Unset, data)

        group_id = _parse_group_id(d.pop("group_id", UNSET))

        def _parse_client_type(data: object) -> int | Messenger | Unset:
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, int):
                    raise TypeError()
                componentsschemas_client_type_type_0 = Messenger(data)

                return componentsschemas_client_type_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(int | Messenger | Unset, data)

        client_type = _parse_client_type(d.pop("client_type", UNSET))

        id = d.pop("id", UNSET)

        message = d.pop("message", UNSET)

        loaded_client = cls(
            status=status,
            platform_id=platform_id,
            group_id=group_id,
            client_type=client_type,
            id=id,
            message=message,
        )

        loaded_client.additional_properties = d
        return loaded_client

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
