"""A client of the Mavibot (Salebot) chatbot API, sync and async.

>>> from mavibot import Mavibot
>>> with Mavibot(api_key="…", base_url="https://chatter.mavibot.ai") as bot:  # doctest: +SKIP
...     bot.message(client_id=25554, message="Hello")
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from mavibot import errors
from mavibot._client import AsyncMavibot, Mavibot
from mavibot._reply import Reply
from mavibot._retry import Retry, RetryPolicy
from mavibot._version import __version__ as __version__
from mavibot.errors import *  # noqa: F403 - its __all__ is the list of errors

__all__ = ["AsyncMavibot", "Mavibot", "Reply", "Retry", "RetryPolicy", "models"]
__all__ += errors.__all__

if TYPE_CHECKING:
    from mavibot import models
else:

    def __getattr__(name: str) -> Any:
        # The models take longer to import than everything else, and a first call needs one or two of them.
        if name == "models":
            return import_module("mavibot.models")
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
