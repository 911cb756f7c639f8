from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.messenger import Messenger
from ..types import UNSET, Unset

T = TypeVar("T", bound="Client")


@_attrs_define
class Client:
    """A client as get_clients lists it.

    Attributes:
        id (int): Number of the client in the builder.
        platform_id (None | str): The client's id in the messenger.
        client_type (int | Messenger): Messenger of the client. Numbers that this table does not name may exist.
        name (None | str | Unset): The client's name.
        avatar (None | str | Unset): Address of the client's picture.
        message_id (int | None | Unset): Block in which the client is.
        project_id (int | Unset): Number of the project.
        created_at (int | str | Unset): Moment of creation, Unix seconds or `YYYY-MM-DD HH:MM:SS.ffffff`.
        updated_at (int | str | Unset): Moment of creation, Unix seconds or `YYYY-MM-DD HH:MM:SS.ffffff`.
        custom_answer (None | str | Unset): Reply to the last request that the flow made.
        tag (None | str | Unset): Tag with which the client subscribed.
        group (None | str | Unset): Bot or group to which the client belongs.
        operator_start_dialog (bool | int | None | str | Unset): When an operator took over the dialogue.
    """

    id: int
    platform_id: None | str
    client_type: int | Messenger
    name: None | str | Unset = UNSET
    avatar: None | str | Unset = UNSET
    message_id: int | None | Unset = UNSET
    project_id: int | Unset = UNSET
    created_at: int | str | Unset = UNSET
    updated_at: int | str | Unset = UNSET
    custom_answer: None | str | Unset = UNSET
    tag: None | str | Unset = UNSET
    group: None | str | Unset = UNSET
    operator_start_dialog: bool | int | None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = self.id

        platform_id: None | str
        platform_id = self.platform_id

        client_type: int
        if isinstance(self.client_type, Messenger):
            client_type = getattr(self.client_type, "value", self.client_type)
        else:
            client_type = self.client_type

        name: None | str | Unset
        if isinstance(self.name, Unset):
            name = UNSET
        else:
            name = self.name

        avatar: None | str | Unset
        if isinstance(self.avatar, Unset):
            avatar = UNSET
        else:
            avatar = self.avatar

        message_id: int | None | Unset
        if isinstance(self.message_id, Unset):
            message_id = UNSET
        else:
            message_id = self.message_id

        project_id = self.project_id

        created_at: int | str | Unset
        if isinstance(self.created_at, Unset):
            created_at = UNSET
        else:
            created_at = self.created_at

        updated_at: int | str | Unset
        if isinstance(self.updated_at, Unset):
            updated_at = UNSET
        else:
            updated_at = self.updated_at

        custom_answer: None | str | Unset
        if isinstance(self.custom_answer, Unset):
            custom_answer = UNSET
        else:
            custom_answer = self.custom_answer

        tag: None | str | Unset
        if isinstance(self.tag, Unset):
            tag = UNSET
        else:
            tag = self.tag

        group: None | str | Unset
        if isinstance(self.group, Unset):
            group = UNSET
        else:
            group = self.group

        operator_start_dialog: bool | int | None | str | Unset
        if isinstance(self.operator_start_dialog, Unset):
            operator_start_dialog = UNSET
        else:
            operator_start_dialog = self.operator_start_dialog

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "platform_id": platform_id,
                "client_type": client_type,
            }
        )
        if name is not UNSET:
            field_dict["name"] = name
        if avatar is not UNSET:
            field_dict["avatar"] = avatar
        if message_id is not UNSET:
            field_dict["message_id"] = message_id
        if project_id is not UNSET:
            field_dict["project_id"] = project_id
        if created_at is not UNSET:
            field_dict["created_at"] = created_at
        if updated_at is not UNSET:
            field_dict["updated_at"] = updated_at
        if custom_answer is not UNSET:
            field_dict["custom_answer"] = custom_answer
        if tag is not UNSET:
            field_dict["tag"] = tag
        if group is not UNSET:
            field_dict["group"] = group
        if operator_start_dialog is not UNSET:
            field_dict["operator_start_dialog"] = operator_start_dialog

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        id = d.pop("id")

        def _parse_platform_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        platform_id = _parse_platform_id(d.pop("platform_id"))

        def _parse_client_type(data: object) -> int | Messenger:
            try:
                if not isinstance(data, int):
                    raise TypeError()
                componentsschemas_client_type_type_0 = Messenger(data)

                return componentsschemas_client_type_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(int | Messenger, data)

        client_type = _parse_client_type(d.pop("client_type"))

        def _parse_name(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        name = _parse_name(d.pop("name", UNSET))

        def _parse_avatar(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        avatar = _parse_avatar(d.pop("avatar", UNSET))

        def _parse_message_id(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        message_id = _parse_message_id(d.pop("message_id", UNSET))

        project_id = d.pop("project_id", UNSET)

        def _parse_created_at(data: object) -> int | str | Unset:
            if isinstance(data, Unset):
                return data
            return cast(int | str | Unset, data)

        created_at = _parse_created_at(d.pop("created_at", UNSET))

        def _parse_updated_at(data: object) -> int | str | Unset:
            if isinstance(data, Unset):
                return data
            return cast(int | str | Unset, data)

        updated_at = _parse_updated_at(d.pop("updated_at", UNSET))

        def _parse_custom_answer(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        custom_answer = _parse_custom_answer(d.pop("custom_answer", UNSET))

        def _parse_tag(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        tag = _parse_tag(d.pop("tag", UNSET))

        def _parse_group(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        group = _parse_group(d.pop("group", UNSET))

        def _parse_operator_start_dialog(data: object) -> bool | int | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | int | None | str | Unset, data)

        operator_start_dialog = _parse_operator_start_dialog(d.pop("operator_start_dialog", UNSET))

        client = cls(
            id=id,
            platform_id=platform_id,
            client_type=client_type,
            name=name,
            avatar=avatar,
            message_id=message_id,
            project_id=project_id,
            created_at=created_at,
            updated_at=updated_at,
            custom_answer=custom_answer,
            tag=tag,
            group=group,
            operator_start_dialog=operator_start_dialog,
        )

        client.additional_properties = d
        return client

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
