from enum import StrEnum


class SearchIn(StrEnum):
    ORDER = "order"

    def __str__(self) -> str:
        return str(self.value)
