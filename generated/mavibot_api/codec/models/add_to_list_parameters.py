from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

T = TypeVar("T", bound="AddToListParameters")


@_attrs_define
class AddToListParameters:
    """
    Attributes:
        list_id (int | str): Number of a client list in the builder.
        clients (list[int | str]): The clients; an array, also for a single one.
    """

    list_id: int | str
    clients: list[int | str]

    def to_dict(self) -> dict[str, Any]:
        list_id: int | str
        list_id = self.list_id

        clients = []
        for clients_item_data in self.clients:
            clients_item: int | str
            clients_item = clients_item_data
            clients.append(clients_item)

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "list_id": list_id,
                "clients": clients,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_list_id(data: object) -> int | str:
            return cast(int | str, data)

        list_id = _parse_list_id(d.pop("list_id"))

        clients = []
        _clients = d.pop("clients")
        for clients_item_data in _clients:

            def _parse_clients_item(data: object) -> int | str:
                return cast(int | str, data)

            clients_item = _parse_clients_item(clients_item_data)

            clients.append(clients_item)

        add_to_list_parameters = cls(
            list_id=list_id,
            clients=clients,
        )

        return add_to_list_parameters
