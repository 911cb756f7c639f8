from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.button import Button


T = TypeVar("T", bound="ButtonSet")


@_attrs_define
class ButtonSet:
    """Buttons, with a text for messengers that have none.

    Attributes:
        buttons (list[Button]): The buttons, in any order.
        hint (str | Unset): Text shown instead of the buttons where the messenger has none, such as WhatsApp.
    """

    buttons: list[Button]
    hint: str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        buttons = []
        for buttons_item_data in self.buttons:
            buttons_item = buttons_item_data.to_dict()
            buttons.append(buttons_item)

        hint = self.hint

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "buttons": buttons,
            }
        )
        if hint is not UNSET:
            field_dict["hint"] = hint

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.button import Button  # noqa: PLC0415

        d = dict(src_dict)
        buttons = []
        _buttons = d.pop("buttons")
        for buttons_item_data in _buttons:
            buttons_item = Button.from_dict(buttons_item_data)

            buttons.append(buttons_item)

        hint = d.pop("hint", UNSET)

        button_set = cls(
            buttons=buttons,
            hint=hint,
        )

        return button_set
