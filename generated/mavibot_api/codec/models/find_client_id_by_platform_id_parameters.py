from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="FindClientIdByPlatformIdParameters")


@_attrs_define
class FindClientIdByPlatformIdParameters:
    """
    Attributes:
        platform_ids (list[int | str]): Ids in the messenger.
        group_id (int | str | Unset): Bot, group or channel inside a messenger, as the field `group_id` of
            connected_channels gives it; a number or a string, depending on the messenger.
    """

    platform_ids: list[int | str]
    group_id: int | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        platform_ids = []
        for platform_ids_item_data in self.platform_ids:
            platform_ids_item: int | str
            platform_ids_item = platform_ids_item_data
            platform_ids.append(platform_ids_item)

        group_id: int | str | Unset
        if isinstance(self.group_id, Unset):
            group_id = UNSET
        else:
            group_id = self.group_id

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "platform_ids": platform_ids,
            }
        )
        if group_id is not UNSET:
            field_dict["group_id"] = group_id

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        platform_ids = []
        _platform_ids = d.pop("platform_ids")
        for platform_ids_item_data in _platform_ids:

            def _parse_platform_ids_item(data: object) -> int | str:
                return cast(int | str, data)

            platform_ids_item = _parse_platform_ids_item(platform_ids_item_data)

            platform_ids.append(platform_ids_item)

        def _parse_group_id(data: object) -> int | str | Unset:
            if isinstance(data, Unset):
                return data
            return cast(int | str | Unset, data)

        group_id = _parse_group_id(d.pop("group_id", UNSET))

        find_client_id_by_platform_id_parameters = cls(
            platform_ids=platform_ids,
            group_id=group_id,
        )

        return find_client_id_by_platform_id_parameters
