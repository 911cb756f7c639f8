from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.variables import Variables


T = TypeVar("T", bound="SaveVariablesParameters")


@_attrs_define
class SaveVariablesParameters:
    """
    Attributes:
        variables (Variables): Variables by name. A plain name is a variable of the client's current deal, `client.`
            before it makes it a variable of the client, `project.` one of the project.
        clients (list[int | str] | Unset): Clients whose variables are saved.
        client_id (int | str | Unset): Number of the client in the builder, as a number or as a string of digits. It is
            not the client's id in the messenger.
    """

    variables: Variables
    clients: list[int | str] | Unset = UNSET
    client_id: int | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        variables = self.variables.to_dict()

        clients: list[int | str] | Unset = UNSET
        if not isinstance(self.clients, Unset):
            clients = []
            for clients_item_data in self.clients:
                clients_item: int | str
                clients_item = clients_item_data
                clients.append(clients_item)

        client_id: int | str | Unset
        if isinstance(self.client_id, Unset):
            client_id = UNSET
        else:
            client_id = self.client_id

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "variables": variables,
            }
        )
        if clients is not UNSET:
            field_dict["clients"] = clients
        if client_id is not UNSET:
            field_dict["client_id"] = client_id

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.variables import Variables  # noqa: PLC0415

        d = dict(src_dict)
        variables = Variables.from_dict(d.pop("variables"))

        _clients = d.pop("clients", UNSET)
        clients: list[int | str] | Unset = UNSET
        if _clients is not UNSET:
            clients = []
            for clients_item_data in _clients:

                def _parse_clients_item(data: object) -> int | str:
                    return cast(int | str, data)

                clients_item = _parse_clients_item(clients_item_data)

                clients.append(clients_item)

        def _parse_client_id(data: object) -> int | str | Unset:
            if isinstance(data, Unset):
                return data
            return cast(int | str | Unset, data)

        client_id = _parse_client_id(d.pop("client_id", UNSET))

        save_variables_parameters = cls(
            variables=variables,
            clients=clients,
            client_id=client_id,
        )

        return save_variables_parameters
