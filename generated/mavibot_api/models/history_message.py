from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.message_origin import MessageOrigin
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.attachment import Attachment
    from ..models.attachment_map import AttachmentMap


T = TypeVar("T", bound="HistoryMessage")


@_attrs_define
class HistoryMessage:
    """One message of a client's history.

    Attributes:
        id (int): Number of the message.
        answered (bool | None | Unset): Whether the message has been answered.
        client_replica (bool | None | Unset): Whether the client wrote it.
        message_id (int | None | Unset): Block from which the message was sent.
        message_from_outside (int | MessageOrigin | Unset): Origin of the message.
        created_at (int | str | Unset): Moment of creation, Unix seconds or `YYYY-MM-DD HH:MM:SS.ffffff`.
        text (None | str | Unset): Text of the message.
        attachments (AttachmentMap | list[Attachment | str] | None | str | Unset): Files of a message in one of the
            shapes that occur; an object or null where there are none.
        attachment_url (None | str | Unset): Address of the only file, in some replies.
        delivered (bool | int | None | Unset): Whether the messenger took the message; a webhook says it by 1 or 0.
        error_message (None | str | Unset): Why the message was not delivered.
        manager_id (int | None | Unset): Number of the employee who wrote it.
        manager_email (None | str | Unset): E-mail address of the employee who wrote it.
    """

    id: int
    answered: bool | None | Unset = UNSET
    client_replica: bool | None | Unset = UNSET
    message_id: int | None | Unset = UNSET
    message_from_outside: int | MessageOrigin | Unset = UNSET
    created_at: int | str | Unset = UNSET
    text: None | str | Unset = UNSET
    attachments: AttachmentMap | list[Attachment | str] | None | str | Unset = UNSET
    attachment_url: None | str | Unset = UNSET
    delivered: bool | int | None | Unset = UNSET
    error_message: None | str | Unset = UNSET
    manager_id: int | None | Unset = UNSET
    manager_email: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.attachment import Attachment  # noqa: PLC0415

        id = self.id

        answered: bool | None | Unset
        if isinstance(self.answered, Unset):
            answered = UNSET
        else:
            answered = self.answered

        client_replica: bool | None | Unset
        if isinstance(self.client_replica, Unset):
            client_replica = UNSET
        else:
            client_replica = self.client_replica

        message_id: int | None | Unset
        if isinstance(self.message_id, Unset):
            message_id = UNSET
        else:
            message_id = self.message_id

        message_from_outside: int | Unset
        if isinstance(self.message_from_outside, Unset):
            message_from_outside = UNSET
        elif isinstance(self.message_from_outside, MessageOrigin):
            message_from_outside = getattr(self.message_from_outside, "value", self.message_from_outside)
        else:
            message_from_outside = self.message_from_outside

        created_at: int | str | Unset
        if isinstance(self.created_at, Unset):
            created_at = UNSET
        else:
            created_at = self.created_at

        text: None | str | Unset
        if isinstance(self.text, Unset):
            text = UNSET
        else:
            text = self.text

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

        elif isinstance(self.attachments, dict):
            attachments = dict(self.attachments)
        else:
            attachments = self.attachments

        attachment_url: None | str | Unset
        if isinstance(self.attachment_url, Unset):
            attachment_url = UNSET
        else:
            attachment_url = self.attachment_url

        delivered: bool | int | None | Unset
        if isinstance(self.delivered, Unset):
            delivered = UNSET
        else:
            delivered = self.delivered

        error_message: None | str | Unset
        if isinstance(self.error_message, Unset):
            error_message = UNSET
        else:
            error_message = self.error_message

        manager_id: int | None | Unset
        if isinstance(self.manager_id, Unset):
            manager_id = UNSET
        else:
            manager_id = self.manager_id

        manager_email: None | str | Unset
        if isinstance(self.manager_email, Unset):
            manager_email = UNSET
        else:
            manager_email = self.manager_email

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
            }
        )
        if answered is not UNSET:
            field_dict["answered"] = answered
        if client_replica is not UNSET:
            field_dict["client_replica"] = client_replica
        if message_id is not UNSET:
            field_dict["message_id"] = message_id
        if message_from_outside is not UNSET:
            field_dict["message_from_outside"] = message_from_outside
        if created_at is not UNSET:
            field_dict["created_at"] = created_at
        if text is not UNSET:
            field_dict["text"] = text
        if attachments is not UNSET:
            field_dict["attachments"] = attachments
        if attachment_url is not UNSET:
            field_dict["attachment_url"] = attachment_url
        if delivered is not UNSET:
            field_dict["delivered"] = delivered
        if error_message is not UNSET:
            field_dict["error_message"] = error_message
        if manager_id is not UNSET:
            field_dict["manager_id"] = manager_id
        if manager_email is not UNSET:
            field_dict["manager_email"] = manager_email

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.attachment import Attachment  # noqa: PLC0415
        from ..models.attachment_map import AttachmentMap  # noqa: PLC0415

        d = dict(src_dict)
        id = d.pop("id")

        def _parse_answered(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        answered = _parse_answered(d.pop("answered", UNSET))

        def _parse_client_replica(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        client_replica = _parse_client_replica(d.pop("client_replica", UNSET))

        def _parse_message_id(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        message_id = _parse_message_id(d.pop("message_id", UNSET))

        def _parse_message_from_outside(data: object) -> int | MessageOrigin | Unset:
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, int):
                    raise TypeError()
                message_from_outside_type_0 = MessageOrigin(data)

                return message_from_outside_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(int | MessageOrigin | Unset, data)

        message_from_outside = _parse_message_from_outside(d.pop("message_from_outside", UNSET))

        def _parse_created_at(data: object) -> int | str | Unset:
            if isinstance(data, Unset):
                return data
            return cast(int | str | Unset, data)

        created_at = _parse_created_at(d.pop("created_at", UNSET))

        def _parse_text(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        text = _parse_text(d.pop("text", UNSET))

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
                componentsschemas_attachments_attachment_map = dict(data)

                return componentsschemas_attachments_attachment_map
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(AttachmentMap | list[Attachment | str] | None | str | Unset, data)

        attachments = _parse_attachments(d.pop("attachments", UNSET))

        def _parse_attachment_url(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        attachment_url = _parse_attachment_url(d.pop("attachment_url", UNSET))

        def _parse_delivered(data: object) -> bool | int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | int | None | Unset, data)

        delivered = _parse_delivered(d.pop("delivered", UNSET))

        def _parse_error_message(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        error_message = _parse_error_message(d.pop("error_message", UNSET))

        def _parse_manager_id(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        manager_id = _parse_manager_id(d.pop("manager_id", UNSET))

        def _parse_manager_email(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        manager_email = _parse_manager_email(d.pop("manager_email", UNSET))

        history_message = cls(
            id=id,
            answered=answered,
            client_replica=client_replica,
            message_id=message_id,
            message_from_outside=message_from_outside,
            created_at=created_at,
            text=text,
            attachments=attachments,
            attachment_url=attachment_url,
            delivered=delivered,
            error_message=error_message,
            manager_id=manager_id,
            manager_email=manager_email,
        )

        history_message.additional_properties = d
        return history_message

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
