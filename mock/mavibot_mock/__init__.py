"""A stand-in for the Mavibot platform that keeps state and messages nobody."""

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
