from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

T = TypeVar("T", bound="DeleteClientsParameters")


@_attrs_define
class DeleteClientsParameters:
    """
    Attributes:
        client_ids (list[int | str]): The clients, at most 500 a call.
    """

    client_ids: list[int | str]

    def to_dict(self) -> dict[str, Any]:
        client_ids = []
        for client_ids_item_data in self.client_ids:
            client_ids_item: int | str
            client_ids_item = client_ids_item_data
            client_ids.append(client_ids_item)

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "client_ids": client_ids,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        client_ids = []
        _client_ids = d.pop("client_ids")
        for client_ids_item_data in _client_ids:

            def _parse_client_ids_item(data: object) -> int | str:
                return cast(int | str, data)

            client_ids_item = _parse_client_ids_item(client_ids_item_data)

            client_ids.append(client_ids_item)

        delete_clients_parameters = cls(
            client_ids=client_ids,
        )

        return delete_clients_parameters
