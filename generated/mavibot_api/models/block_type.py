from enum import IntEnum


class BlockType(IntEnum):
    MESSAGE = 0
    REQUEST = 4
    START_CONDITION = 5
    FOLLOW_UP = 6
    NOTE = 8

    def __str__(self) -> str:
        return str(self.value)
