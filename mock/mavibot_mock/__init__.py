"""A stand-in for the Mavibot platform that keeps state and messages no one.

>>> from mavibot_mock import Mock
>>> with Mock() as mock:  # doctest: +SKIP
...     bot = Mavibot(mock.api_key, base_url=mock.url, transport=mock.transport())
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

__all__ = [
    "DEVIATIONS_HEADER",
    "ApiKey",
    "Mock",
    "MockError",
    "Platform",
    "Project",
    "Server",
    "create_app",
    "demo_keys",
    "demo_project",
    "serve",
]

if TYPE_CHECKING:
    from mavibot_mock.server.api import DEVIATIONS_HEADER
    from mavibot_mock.server.app import create_app
    from mavibot_mock.server.demo import demo_keys, demo_project
    from mavibot_mock.server.platform import Platform
    from mavibot_mock.server.project import ApiKey, Project
    from mavibot_mock.server.server import Server, serve
    from mavibot_mock.testing import Mock, MockError
else:
    # The pytest plugin is in this package and loads wherever it is installed; there it must cost nothing.
    _MODULES: Final = {
        "DEVIATIONS_HEADER": "server.api",
        "ApiKey": "server.project",
        "Mock": "testing",
        "MockError": "testing",
        "Platform": "server.platform",
        "Project": "server.project",
        "Server": "server.server",
        "create_app": "server.app",
        "demo_keys": "server.demo",
        "demo_project": "server.demo",
        "serve": "server.server",
    }

    def __getattr__(name: str) -> Any:
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        try:
            module = import_module(f"{__name__}.{_MODULES[name]}")
        except ModuleNotFoundError as error:
            raise ModuleNotFoundError(
                f"mavibot_mock needs {error.name}; install it with: pip install 'mavibot[mock]'", name=error.name
            ) from None
        return getattr(module, name)
