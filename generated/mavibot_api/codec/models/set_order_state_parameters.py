from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

T = TypeVar("T", bound="SetOrderStateParameters")


@_attrs_define
class SetOrderStateParameters:
    """
    Attributes:
        client_id (int | str): Number of the client in the builder, as a number or as a string of digits. It is not the
            client's id in the messenger.
        state_id (int | str): Number of a deal stage in the CRM funnel. No action lists the stages; read one with
            get_order_state or in the CRM.
    """

    client_id: int | str
    state_id: int | str

    def to_dict(self) -> dict[str, Any]:
        client_id: int | str
        client_id = self.client_id

        state_id: int | str
        state_id = self.state_id

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "client_id": client_id,
                "state_id": state_id,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_client_id(data: object) -> int | str:
            return cast(int | str, data)

        client_id = _parse_client_id(d.pop("client_id"))

        def _parse_state_id(data: object) -> int | str:
            return cast(int | str, data)

        state_id = _parse_state_id(d.pop("state_id"))

        set_order_state_parameters = cls(
            client_id=client_id,
            state_id=state_id,
        )

        return set_order_state_parameters
