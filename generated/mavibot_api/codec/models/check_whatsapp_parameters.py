from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

T = TypeVar("T", bound="CheckWhatsappParameters")


@_attrs_define
class CheckWhatsappParameters:
    """
    Attributes:
        phone (int | str): Phone number in any notation, as a string or a number.
    """

    phone: int | str

    def to_dict(self) -> dict[str, Any]:
        phone: int | str
        phone = self.phone

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "phone": phone,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_phone(data: object) -> int | str:
            return cast(int | str, data)

        phone = _parse_phone(d.pop("phone"))

        check_whatsapp_parameters = cls(
            phone=phone,
        )

        return check_whatsapp_parameters
