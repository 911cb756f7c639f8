from enum import IntEnum


class WhatsAppStatus(IntEnum):
    NOT_STARTED = 0
    STARTED = 1
    ASLEEP = 2
    STOPPED = 3

    def __str__(self) -> str:
        return str(self.value)
