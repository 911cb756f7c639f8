from enum import IntEnum


class MessageOrigin(IntEnum):
    DIALOGUE = 0
    API = 1
    CRM = 2
    CALLBACK = 3
    TELEPHONY = 5

    def __str__(self) -> str:
        return str(self.value)
