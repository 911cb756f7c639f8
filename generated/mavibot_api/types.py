"""What stands for a value that is not there"""

from types import NoneType

Unset = NoneType  # type: ignore[nonetype-type]
UNSET = None

__all__ = ["UNSET", "Unset"]
