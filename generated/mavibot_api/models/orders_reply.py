from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="OrdersReply")


@_attrs_define
class OrdersReply:
    """
    Attributes:
        status (Literal['success']): Always `success`.
        order_id (list[int] | Unset): Numbers of the deals, under a singular name.
        result (list[int] | Unset): Numbers of the deals where the reply does not use `order_id`.
    """

    status: Literal["success"]
    order_id: list[int] | Unset = UNSET
    result: list[int] | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        status = self.status

        order_id: list[int] | Unset = UNSET
        if not isinstance(self.order_id, Unset):
            order_id = self.order_id

        result: list[int] | Unset = UNSET
        if not isinstance(self.result, Unset):
            result = self.result

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "status": status,
            }
        )
        if order_id is not UNSET:
            field_dict["order_id"] = order_id
        if result is not UNSET:
            field_dict["result"] = result

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        status = cast(Literal["success"], d.pop("status"))
        if status != "success":
            raise ValueError(f"status must match const 'success', got '{status}'")

        order_id = cast(list[int], d.pop("order_id", UNSET))

        result = cast(list[int], d.pop("result", UNSET))

        orders_reply = cls(
            status=status,
            order_id=order_id,
            result=result,
        )

        orders_reply.additional_properties = d
        return orders_reply

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
