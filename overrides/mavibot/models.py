"""Models of requests and replies, each imported when it is first used."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mavibot_api.models import *  # noqa: F403
else:
    # These find a model by its name; importing all models takes longer than importing httpx2.
    from mavibot_api.models import __all__, __dir__, __getattr__  # noqa: F401
