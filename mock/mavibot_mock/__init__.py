"""A stand-in for the Mavibot platform that keeps state and messages nobody."""

try:
    import jsonschema_rs as _jsonschema_rs  # noqa: F401
    import orjson as _orjson  # noqa: F401
    import starlette as _starlette  # noqa: F401
    import uvicorn as _uvicorn  # noqa: F401
except ModuleNotFoundError as _error:
    raise ModuleNotFoundError(
        f"mavibot_mock needs {_error.name}; install it with: pip install 'mavibot[mock]'", name=_error.name
    ) from None

from mavibot_mock.app import DEVIATIONS_HEADER, create_app
from mavibot_mock.demo_project import demo_keys, demo_project
from mavibot_mock.project import ApiKey, Project
from mavibot_mock.server import Server, serve

__all__ = [
    "DEVIATIONS_HEADER",
    "ApiKey",
    "Project",
    "Server",
    "create_app",
    "demo_keys",
    "demo_project",
    "serve",
]
