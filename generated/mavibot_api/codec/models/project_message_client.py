from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.messenger import Messenger
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.variables import Variables


T = TypeVar("T", bound="ProjectMessageClient")


@_attrs_define
class ProjectMessageClient:
    """The client of a webhook event.

    Attributes:
        id (int): Number of the client in the builder.
        recepient (None | str | Unset): The client's id in the messenger; the platform spells the key this way.
        client_type (int | Messenger | Unset): Messenger of the client. Numbers that this table does not name may exist.
        name (None | str | Unset): The client's name.
        avatar (None | str | Unset): Address of the client's picture.
        created_at (int | str | Unset): Moment of creation, Unix seconds or `YYYY-MM-DD HH:MM:SS.ffffff`.
        tag (None | str | Unset): Tag with which the client subscribed; carries the start parameter of a deep link.
        group (None | str | Unset): Bot or group to which the client belongs.
        variables (None | Unset | Variables): Variables of the client.
        order_variables (None | Unset | Variables): Variables of the current deal.
        unread_count (int | None | Unset): Messages that no employee has read.
        custom_answer (None | str | Unset): Reply to the last request that the flow made.
        operator_start_dialog (bool | int | None | str | Unset): When an operator took over the dialogue.
    """

    id: int
    recepient: None | str | Unset = UNSET
    client_type: int | Messenger | Unset = UNSET
    name: None | str | Unset = UNSET
    avatar: None | str | Unset = UNSET
    created_at: int | str | Unset = UNSET
    tag: None | str | Unset = UNSET
    group: None | str | Unset = UNSET
    variables: None | Unset | Variables = UNSET
    order_variables: None | Unset | Variables = UNSET
    unread_count: int | None | Unset = UNSET
    custom_answer: None | str | Unset = UNSET
    operator_start_dialog: bool | int | None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.variables import Variables  # noqa: PLC0415

        id = self.id

        recepient: None | str | Unset
        if isinstance(self.recepient, Unset):
            recepient = UNSET
        else:
            recepient = self.recepient

        client_type: int | Unset
        if isinstance(self.client_type, Unset):
            client_type = UNSET
        elif isinstance(self.client_type, Messenger):
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

        created_at: int | str | Unset
        if isinstance(self.created_at, Unset):
            created_at = UNSET
        else:
            created_at = self.created_at

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

        variables: dict[str, Any] | None | Unset
        if isinstance(self.variables, Unset):
            variables = UNSET
        elif isinstance(self.variables, Variables):
            variables = self.variables.to_dict()
        else:
            variables = self.variables

        order_variables: dict[str, Any] | None | Unset
        if isinstance(self.order_variables, Unset):
            order_variables = UNSET
        elif isinstance(self.order_variables, Variables):
            order_variables = self.order_variables.to_dict()
        else:
            order_variables = self.order_variables

        unread_count: int | None | Unset
        if isinstance(self.unread_count, Unset):
            unread_count = UNSET
        else:
            unread_count = self.unread_count

        custom_answer: None | str | Unset
        if isinstance(self.custom_answer, Unset):
            custom_answer = UNSET
        else:
            custom_answer = self.custom_answer

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
            }
        )
        if recepient is not UNSET:
            field_dict["recepient"] = recepient
        if client_type is not UNSET:
            field_dict["client_type"] = client_type
        if name is not UNSET:
            field_dict["name"] = name
        if avatar is not UNSET:
            field_dict["avatar"] = avatar
        if created_at is not UNSET:
            field_dict["created_at"] = created_at
        if tag is not UNSET:
            field_dict["tag"] = tag
        if group is not UNSET:
            field_dict["group"] = group
        if variables is not UNSET:
            field_dict["variables"] = variables
        if order_variables is not UNSET:
            field_dict["order_variables"] = order_variables
        if unread_count is not UNSET:
            field_dict["unread_count"] = unread_count
        if custom_answer is not UNSET:
            field_dict["custom_answer"] = custom_answer
        if operator_start_dialog is not UNSET:
            field_dict["operator_start_dialog"] = operator_start_dialog

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.variables import Variables  # noqa: PLC0415

        d = dict(src_dict)
        id = d.pop("id")

        def _parse_recepient(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        recepient = _parse_recepient(d.pop("recepient", UNSET))

        def _parse_client_type(data: object) -> int | Messenger | Unset:
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, int):
                    raise TypeError()
                componentsschemas_client_type_type_0 = Messenger(data)

                return componentsschemas_client_type_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(int | Messenger | Unset, data)

        client_type = _parse_client_type(d.pop("client_type", UNSET))

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

        def _parse_created_at(data: object) -> int | str | Unset:
            if isinstance(data, Unset):
                return data
            return cast(int | str | Unset, data)

        created_at = _parse_created_at(d.pop("created_at", UNSET))

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

        def _parse_variables(data: object) -> None | Unset | Variables:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                variables_type_0 = Variables.from_dict(data)

                return variables_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Unset | Variables, data)

        variables = _parse_variables(d.pop("variables", UNSET))

        def _parse_order_variables(data: object) -> None | Unset | Variables:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                order_variables_type_0 = Variables.from_dict(data)

                return order_variables_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Unset | Variables, data)

        order_variables = _parse_order_variables(d.pop("order_variables", UNSET))

        def _parse_unread_count(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        unread_count = _parse_unread_count(d.pop("unread_count", UNSET))

        def _parse_custom_answer(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        custom_answer = _parse_custom_answer(d.pop("custom_answer", UNSET))

        def _parse_operator_start_dialog(data: object) -> bool | int | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | int | None | str | Unset, data)

        operator_start_dialog = _parse_operator_start_dialog(d.pop("operator_start_dialog", UNSET))

        project_message_client = cls(
            id=id,
            recepient=recepient,
            client_type=client_type,
            name=name,
            avatar=avatar,
            created_at=created_at,
            tag=tag,
            group=group,
            variables=variables,
            order_variables=order_variables,
            unread_count=unread_count,
            custom_answer=custom_answer,
            operator_start_dialog=operator_start_dialog,
        )

        project_message_client.additional_properties = d
        return project_message_client

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
