from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="CreateOrderParameters")


@_attrs_define
class CreateOrderParameters:
    """
    Attributes:
        client_id (int | str | Unset): Number of the client in the builder, as a number or as a string of digits. It is
            not the client's id in the messenger.
        phone (int | str | Unset): Phone number in any notation, as a string or a number.
        email (str | Unset): E-mail address.
        name (str | Unset): Name of the deal.
        description (str | Unset): Description of the deal.
        budget (float | str | Unset): Amount of the deal; a string must hold a number.
        state_id (int | str | Unset): Number of a deal stage in the CRM funnel. No action lists the stages; read one
            with get_order_state or in the CRM.
    """

    client_id: int | str | Unset = UNSET
    phone: int | str | Unset = UNSET
    email: str | Unset = UNSET
    name: str | Unset = UNSET
    description: str | Unset = UNSET
    budget: float | str | Unset = UNSET
    state_id: int | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        client_id: int | str | Unset
        if isinstance(self.client_id, Unset):
            client_id = UNSET
        else:
            client_id = self.client_id

        phone: int | str | Unset
        if isinstance(self.phone, Unset):
            phone = UNSET
        else:
            phone = self.phone

        email = self.email

        name = self.name

        description = self.description

        budget: float | str | Unset
        if isinstance(self.budget, Unset):
            budget = UNSET
        else:
            budget = self.budget

        state_id: int | str | Unset
        if isinstance(self.state_id, Unset):
            state_id = UNSET
        else:
            state_id = self.state_id

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if client_id is not UNSET:
            field_dict["client_id"] = client_id
        if phone is not UNSET:
            field_dict["phone"] = phone
        if email is not UNSET:
            field_dict["email"] = email
        if name is not UNSET:
            field_dict["name"] = name
        if description is not UNSET:
            field_dict["description"] = description
        if budget is not UNSET:
            field_dict["budget"] = budget
        if state_id is not UNSET:
            field_dict["state_id"] = state_id

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_client_id(data: object) -> int | str | Unset:
            if isinstance(data, Unset):
                return data
            return cast(int | str | Unset, data)

        client_id = _parse_client_id(d.pop("client_id", UNSET))

        def _parse_phone(data: object) -> int | str | Unset:
            if isinstance(data, Unset):
                return data
            return cast(int | str | Unset, data)

        phone = _parse_phone(d.pop("phone", UNSET))

        email = d.pop("email", UNSET)

        name = d.pop("name", UNSET)

        description = d.pop("description", UNSET)

        def _parse_budget(data: object) -> float | str | Unset:
            if isinstance(data, Unset):
                return data
            return cast(float | str | Unset, data)

        budget = _parse_budget(d.pop("budget", UNSET))

        def _parse_state_id(data: object) -> int | str | Unset:
            if isinstance(data, Unset):
                return data
            return cast(int | str | Unset, data)

        state_id = _parse_state_id(d.pop("state_id", UNSET))

        create_order_parameters = cls(
            client_id=client_id,
            phone=phone,
            email=email,
            name=name,
            description=description,
            budget=budget,
            state_id=state_id,
        )

        return create_order_parameters
