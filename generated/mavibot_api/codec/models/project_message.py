from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.attachment import Attachment
    from ..models.attachment_map import AttachmentMap
    from ..models.project_message_client import ProjectMessageClient


T = TypeVar("T", bound="ProjectMessage")


@_attrs_define
class ProjectMessage:
    """An incoming or outgoing message, or a system event, as the platform posts it to the project's webhook address.

    Attributes:
        id (int | None | Unset): Number of the message.
        client (None | ProjectMessageClient | Unset): The client; absent in some events.
        message (None | str | Unset): Text of the message, the name of a system event, empty, or null for a file without
            a caption.
        attachments (AttachmentMap | list[Attachment | str] | None | str | Unset): Files of a message in one of the
            shapes that occur; an object or null where there are none.
        message_id (int | None | Unset): Block from which the message was sent; null for what an employee or the API
            sent.
        project_id (int | None | Unset): Number of the project.
        is_input (int | Unset): 1 if the client sent it, 0 if the bot did.
        delivered (int | None | Unset): 1 if it was delivered, 0 if not.
        error_message (None | str | Unset): Why it was not delivered.
        internal_id (None | str | Unset): The messenger's own id of the message.
    """

    id: int | None | Unset = UNSET
    client: None | ProjectMessageClient | Unset = UNSET
    message: None | str | Unset = UNSET
    attachments: AttachmentMap | list[Attachment | str] | None | str | Unset = UNSET
    message_id: int | None | Unset = UNSET
    project_id: int | None | Unset = UNSET
    is_input: int | Unset = UNSET
    delivered: int | None | Unset = UNSET
    error_message: None | str | Unset = UNSET
    internal_id: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.attachment import Attachment  # noqa: PLC0415
        from ..models.attachment_map import AttachmentMap  # noqa: PLC0415
        from ..models.project_message_client import ProjectMessageClient  # noqa: PLC0415

        id: int | None | Unset
        if isinstance(self.id, Unset):
            id = UNSET
        else:
            id = self.id

        client: dict[str, Any] | None | Unset
        if isinstance(self.client, Unset):
            client = UNSET
        elif isinstance(self.client, ProjectMessageClient):
            client = self.client.to_dict()
        else:
            client = self.client

        message: None | str | Unset
        if isinstance(self.message, Unset):
            message = UNSET
        else:
            message = self.message

        attachments: dict[str, Any] | list[dict[str, Any] | str] | None | str | Unset
        if isinstance(self.attachments, Unset):
            attachments = UNSET
        elif isinstance(self.attachments, list):
            attachments = []
            for componentsschemas_attachments_type_0_item_data in self.attachments:
                componentsschemas_attachments_type_0_item: dict[str, Any] | str
                if isinstance(componentsschemas_attachments_type_0_item_data, Attachment):
                    componentsschemas_attachments_type_0_item = (
                        componentsschemas_attachments_type_0_item_data.to_dict()
                    )
                else:
                    componentsschemas_attachments_type_0_item = componentsschemas_attachments_type_0_item_data
                attachments.append(componentsschemas_attachments_type_0_item)

        elif isinstance(self.attachments, AttachmentMap):
            attachments = self.attachments.to_dict()
        else:
            attachments = self.attachments

        message_id: int | None | Unset
        if isinstance(self.message_id, Unset):
            message_id = UNSET
        else:
            message_id = self.message_id

        project_id: int | None | Unset
        if isinstance(self.project_id, Unset):
            project_id = UNSET
        else:
            project_id = self.project_id

        is_input = self.is_input

        delivered: int | None | Unset
        if isinstance(self.delivered, Unset):
            delivered = UNSET
        else:
            delivered = self.delivered

        error_message: None | str | Unset
        if isinstance(self.error_message, Unset):
            error_message = UNSET
        else:
            error_message = self.error_message

        internal_id: None | str | Unset
        if isinstance(self.internal_id, Unset):
            internal_id = UNSET
        else:
            internal_id = self.internal_id

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if id is not UNSET:
            field_dict["id"] = id
        if client is not UNSET:
            field_dict["client"] = client
        if message is not UNSET:
            field_dict["message"] = message
        if attachments is not UNSET:
            field_dict["attachments"] = attachments
        if message_id is not UNSET:
            field_dict["message_id"] = message_id
        if project_id is not UNSET:
            field_dict["project_id"] = project_id
        if is_input is not UNSET:
            field_dict["is_input"] = is_input
        if delivered is not UNSET:
            field_dict["delivered"] = delivered
        if error_message is not UNSET:
            field_dict["error_message"] = error_message
        if internal_id is not UNSET:
            field_dict["internal_id"] = internal_id

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.attachment import Attachment  # noqa: PLC0415
        from ..models.attachment_map import AttachmentMap  # noqa: PLC0415
        from ..models.project_message_client import ProjectMessageClient  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_id(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        id = _parse_id(d.pop("id", UNSET))

        def _parse_client(data: object) -> None | ProjectMessageClient | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                client_type_0 = ProjectMessageClient.from_dict(data)

                return client_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | ProjectMessageClient | Unset, data)

        client = _parse_client(d.pop("client", UNSET))

        def _parse_message(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        message = _parse_message(d.pop("message", UNSET))

        def _parse_attachments(data: object) -> AttachmentMap | list[Attachment | str] | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                componentsschemas_attachments_type_0 = []
                _componentsschemas_attachments_type_0 = data
                for componentsschemas_attachments_type_0_item_data in _componentsschemas_attachments_type_0:

                    def _parse_componentsschemas_attachments_type_0_item(data: object) -> Attachment | str:
                        try:
                            if not isinstance(data, dict):
                                raise TypeError()
                            componentsschemas_attachments_type_0_item_type_0 = Attachment.from_dict(data)

                            return componentsschemas_attachments_type_0_item_type_0
                        except (TypeError, ValueError, AttributeError, KeyError):
                            pass
                        return cast(Attachment | str, data)

                    componentsschemas_attachments_type_0_item = (
                        _parse_componentsschemas_attachments_type_0_item(
                            componentsschemas_attachments_type_0_item_data
                        )
                    )

                    componentsschemas_attachments_type_0.append(componentsschemas_attachments_type_0_item)

                return componentsschemas_attachments_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                componentsschemas_attachments_attachment_map = AttachmentMap.from_dict(data)

                return componentsschemas_attachments_attachment_map
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(AttachmentMap | list[Attachment | str] | None | str | Unset, data)

        attachments = _parse_attachments(d.pop("attachments", UNSET))

        def _parse_message_id(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        message_id = _parse_message_id(d.pop("message_id", UNSET))

        def _parse_project_id(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        project_id = _parse_project_id(d.pop("project_id", UNSET))

        is_input = d.pop("is_input", UNSET)

        def _parse_delivered(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        delivered = _parse_delivered(d.pop("delivered", UNSET))

        def _parse_error_message(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        error_message = _parse_error_message(d.pop("error_message", UNSET))

        def _parse_internal_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        internal_id = _parse_internal_id(d.pop("internal_id", UNSET))

        project_message = cls(
            id=id,
            client=client,
            message=message,
            attachments=attachments,
            message_id=message_id,
            project_id=project_id,
            is_input=is_input,
            delivered=delivered,
            error_message=error_message,
            internal_id=internal_id,
        )

        project_message.additional_properties = d
        return project_message

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
