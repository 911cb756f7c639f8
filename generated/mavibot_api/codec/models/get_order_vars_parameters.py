from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="GetOrderVarsParameters")


@_attrs_define
class GetOrderVarsParameters:
    """
    Attributes:
        client_id (int | str): Number of the client in the builder, as a number or as a string of digits. It is not the
            client's id in the messenger.
        order_id (int | str | Unset): Number of a deal (order). It is not the bot variable `order_id`, which joins the
            client's number and the deal's with a hyphen.
        variables (list[str] | Unset): Names of the variables; all where it is not given.
    """

    client_id: int | str
    order_id: int | str | Unset = UNSET
    variables: list[str] | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        client_id: int | str
        client_id = self.client_id

        order_id: int | str | Unset
        if isinstance(self.order_id, Unset):
            order_id = UNSET
        else:
            order_id = self.order_id

        variables: list[str] | Unset = UNSET
        if not isinstance(self.variables, Unset):
            variables = self.variables

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "client_id": client_id,
            }
        )
        if order_id is not UNSET:
            field_dict["order_id"] = order_id
        if variables is not UNSET:
            field_dict["variables"] = variables

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_client_id(data: object) -> int | str:
            return cast(int | str, data)

        client_id = _parse_client_id(d.pop("client_id"))

        def _parse_order_id(data: object) -> int | str | Unset:
            if isinstance(data, Unset):
                return data
            return cast(int | str | Unset, data)

        order_id = _parse_order_id(d.pop("order_id", UNSET))

        variables = cast(list[str], d.pop("variables", UNSET))

        get_order_vars_parameters = cls(
            client_id=client_id,
            order_id=order_id,
            variables=variables,
        )

        return get_order_vars_parameters
