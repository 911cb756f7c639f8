from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="SearchCondition")


@_attrs_define
class SearchCondition:
    """Condition on one variable other than plain equality; exactly one of its keys is given.

    Attributes:
        field_in_ (list[bool | float | str] | Unset): The variable equals one of these values.
        field_not_in (list[bool | float | str] | Unset): The variable equals none of these values.
        field_not_ (bool | float | str | Unset): Value that a variable is compared with.
    """

    field_in_: list[bool | float | str] | Unset = UNSET
    field_not_in: list[bool | float | str] | Unset = UNSET
    field_not_: bool | float | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        field_in_: list[bool | float | str] | Unset = UNSET
        if not isinstance(self.field_in_, Unset):
            field_in_ = []
            for field_in_item_data in self.field_in_:
                field_in_item: bool | float | str
                field_in_item = field_in_item_data
                field_in_.append(field_in_item)

        field_not_in: list[bool | float | str] | Unset = UNSET
        if not isinstance(self.field_not_in, Unset):
            field_not_in = []
            for field_not_in_item_data in self.field_not_in:
                field_not_in_item: bool | float | str
                field_not_in_item = field_not_in_item_data
                field_not_in.append(field_not_in_item)

        field_not_: bool | float | str | Unset
        if isinstance(self.field_not_, Unset):
            field_not_ = UNSET
        else:
            field_not_ = self.field_not_

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if field_in_ is not UNSET:
            field_dict["_in"] = field_in_
        if field_not_in is not UNSET:
            field_dict["_not_in"] = field_not_in
        if field_not_ is not UNSET:
            field_dict["_not"] = field_not_

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        _field_in_ = d.pop("_in", UNSET)
        field_in_: list[bool | float | str] | Unset = UNSET
        if _field_in_ is not UNSET:
            field_in_ = []
            for field_in_item_data in _field_in_:

                def _parse_field_in_item(data: object) -> bool | float | str:
                    return cast(bool | float | str, data)

                field_in_item = _parse_field_in_item(field_in_item_data)

                field_in_.append(field_in_item)

        _field_not_in = d.pop("_not_in", UNSET)
        field_not_in: list[bool | float | str] | Unset = UNSET
        if _field_not_in is not UNSET:
            field_not_in = []
            for field_not_in_item_data in _field_not_in:

                def _parse_field_not_in_item(data: object) -> bool | float | str:
                    return cast(bool | float | str, data)

                field_not_in_item = _parse_field_not_in_item(field_not_in_item_data)

                field_not_in.append(field_not_in_item)

        def _parse_field_not_(data: object) -> bool | float | str | Unset:
            if isinstance(data, Unset):
                return data
            return cast(bool | float | str | Unset, data)

        field_not_ = _parse_field_not_(d.pop("_not", UNSET))

        search_condition = cls(
            field_in_=field_in_,
            field_not_in=field_not_in,
            field_not_=field_not_,
        )

        return search_condition
