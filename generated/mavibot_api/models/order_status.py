from enum import IntEnum


class OrderStatus(IntEnum):
    ACTIVE = 0
    SUCCESSFUL = 1
    UNSUCCESSFUL = 2

    def __str__(self) -> str:
        return str(self.value)
