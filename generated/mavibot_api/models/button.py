from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.button_type import ButtonType
from ..types import UNSET, Unset

T = TypeVar("T", bound="Button")


@_attrs_define
class Button:
    """One button under a message, with the keys of the builder's button settings; or the removal of a keyboard.

    Attributes:
        type_ (ButtonType | Unset): What the button does.
        text (str | Unset): Caption of the button.
        line (int | Unset): Row of the button, from 0.
        index_in_line (int | Unset): Place of the button in its row, from 0.
        url (str | Unset): Address that an `inline` button opens.
        callback (str | Unset): What a press posts to the bot in place of the caption. Telegram takes at most 64 bytes;
            with more the message is not delivered.
        color (str | Unset): Colour of the button where the messenger has colours.
        one_time (bool | int | Unset): 1 or true hides the keyboard after the first press.
        buttons (list[str] | Unset): Always empty, in place of a type: removes the keyboard that an earlier message
            left.
    """

    type_: ButtonType | Unset = UNSET
    text: str | Unset = UNSET
    line: int | Unset = UNSET
    index_in_line: int | Unset = UNSET
    url: str | Unset = UNSET
    callback: str | Unset = UNSET
    color: str | Unset = UNSET
    one_time: bool | int | Unset = UNSET
    buttons: list[str] | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        type_: str | Unset = UNSET
        if not isinstance(self.type_, Unset):
            type_ = getattr(self.type_, "value", self.type_)

        text = self.text

        line = self.line

        index_in_line = self.index_in_line

        url = self.url

        callback = self.callback

        color = self.color

        one_time: bool | int | Unset
        if isinstance(self.one_time, Unset):
            one_time = UNSET
        else:
            one_time = self.one_time

        buttons: list[str] | Unset = UNSET
        if not isinstance(self.buttons, Unset):
            buttons = self.buttons

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if type_ is not UNSET:
            field_dict["type"] = type_
        if text is not UNSET:
            field_dict["text"] = text
        if line is not UNSET:
            field_dict["line"] = line
        if index_in_line is not UNSET:
            field_dict["index_in_line"] = index_in_line
        if url is not UNSET:
            field_dict["url"] = url
        if callback is not UNSET:
            field_dict["callback"] = callback
        if color is not UNSET:
            field_dict["color"] = color
        if one_time is not UNSET:
            field_dict["one_time"] = one_time
        if buttons is not UNSET:
            field_dict["buttons"] = buttons

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        _type_ = d.pop("type", UNSET)
        type_: ButtonType | Unset
        if isinstance(_type_, Unset):
            type_ = UNSET
        else:
            type_ = ButtonType(_type_)

        text = d.pop("text", UNSET)

        line = d.pop("line", UNSET)

        index_in_line = d.pop("index_in_line", UNSET)

        url = d.pop("url", UNSET)

        callback = d.pop("callback", UNSET)

        color = d.pop("color", UNSET)

        def _parse_one_time(data: object) -> bool | int | Unset:
            if isinstance(data, Unset):
                return data
            return cast(bool | int | Unset, data)

        one_time = _parse_one_time(d.pop("one_time", UNSET))

        buttons = cast(list[str], d.pop("buttons", UNSET))

        button = cls(
            type_=type_,
            text=text,
            line=line,
            index_in_line=index_in_line,
            url=url,
            callback=callback,
            color=color,
            one_time=one_time,
            buttons=buttons,
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
