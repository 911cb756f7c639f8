from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="AssignToUserParameters")


@_attrs_define
class AssignToUserParameters:
    """
    Attributes:
        client_id (int | str): Number of the client in the builder, as a number or as a string of digits. It is not the
            client's id in the messenger.
        email (str | Unset): E-mail address.
    """

    client_id: int | str
    email: str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        client_id: int | str
        client_id = self.client_id

        email = self.email

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "client_id": client_id,
            }
        )
        if email is not UNSET:
            field_dict["email"] = email

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_client_id(data: object) -> int | str:
            return cast(int | str, data)

        client_id = _parse_client_id(d.pop("client_id"))

        email = d.pop("email", UNSET)

        assign_to_user_parameters = cls(
            client_id=client_id,
            email=email,
        )

        return assign_to_user_parameters
