from enum import StrEnum


class ButtonType(StrEnum):
    INLINE = "inline"
    LOCATION = "location"
    PHONE = "phone"
    REPLY = "reply"

    def __str__(self) -> str:
        return str(self.value)
