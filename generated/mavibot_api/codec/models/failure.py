from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.error_details import ErrorDetails


T = TypeVar("T", bound="Failure")


@_attrs_define
class Failure:
    """The action failed; `message` or `error` says why.

    Attributes:
        status (str | Unset): `fail`, `error`, or the reason itself.
        message (str | Unset): The reason in words.
        error (bool | ErrorDetails | str | Unset): The reason, in some replies.
        success (bool | Unset): Always false, in some replies.
    """

    status: str | Unset = UNSET
    message: str | Unset = UNSET
    error: bool | ErrorDetails | str | Unset = UNSET
    success: bool | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.error_details import ErrorDetails  # noqa: PLC0415

        status = self.status

        message = self.message

        error: bool | dict[str, Any] | str | Unset
        if isinstance(self.error, Unset):
            error = UNSET
        elif isinstance(self.error, ErrorDetails):
            error = self.error.to_dict()
        else:
            error = self.error

        success = self.success

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if status is not UNSET:
            field_dict["status"] = status
        if message is not UNSET:
            field_dict["message"] = message
        if error is not UNSET:
            field_dict["error"] = error
        if success is not UNSET:
            field_dict["success"] = success

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.error_details import ErrorDetails  # noqa: PLC0415

        d = dict(src_dict)
        status = d.pop("status", UNSET)

        message = d.pop("message", UNSET)

        def _parse_error(data: object) -> bool | ErrorDetails | str | Unset:
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                error_error_details = ErrorDetails.from_dict(data)

                return error_error_details
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(bool | ErrorDetails | str | Unset, data)

        error = _parse_error(d.pop("error", UNSET))

        success = d.pop("success", UNSET)

        failure = cls(
            status=status,
            message=message,
            error=error,
            success=success,
        )

        failure.additional_properties = d
        return failure

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
