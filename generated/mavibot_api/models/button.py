from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.button_type import ButtonType
from ..types import UNSET, Unset

T = TypeVar("T", bound="Button")


@_attrs_define
class Button:
    """One button under a message; its keys are those of the advanced button settings in the builder.

    Attributes:
        type_ (ButtonType): What the button does.
        text (str | Unset): Caption of the button.
        line (int | Unset): Row of the button, from 0.
        index_in_line (int | Unset): Place of the button in its row, from 0.
        url (str | Unset): Address that an `inline` button opens.
        color (str | Unset): Colour of the button where the messenger has colours.
        one_time (int | Unset): 1 hides the keyboard after the first press.
    """

    type_: ButtonType
    text: str | Unset = UNSET
    line: int | Unset = UNSET
    index_in_line: int | Unset = UNSET
    url: str | Unset = UNSET
    color: str | Unset = UNSET
    one_time: int | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        type_ = getattr(self.type_, "value", self.type_)

        text = self.text

        line = self.line

        index_in_line = self.index_in_line

        url = self.url

        color = self.color

        one_time = self.one_time

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "type": type_,
            }
        )
        if text is not UNSET:
            field_dict["text"] = text
        if line is not UNSET:
            field_dict["line"] = line
        if index_in_line is not UNSET:
            field_dict["index_in_line"] = index_in_line
        if url is not UNSET:
            field_dict["url"] = url
        if color is not UNSET:
            field_dict["color"] = color
        if one_time is not UNSET:
            field_dict["one_time"] = one_time

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        type_ = ButtonType(d.pop("type"))

        text = d.pop("text", UNSET)

        line = d.pop("line", UNSET)

        index_in_line = d.pop("index_in_line", UNSET)

        url = d.pop("url", UNSET)

        color = d.pop("color", UNSET)

        one_time = d.pop("one_time", UNSET)

        button = cls(
            type_=type_,
            text=text,
            line=line,
            index_in_line=index_in_line,
            url=url,
            color=color,
            one_time=one_time,
        )

        button.additional_properties = d
        return button

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
