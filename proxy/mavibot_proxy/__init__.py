"""Stands between an integration and the platform: passes calls on unchanged, checks and records them."""

from mavibot_proxy.guards import Guards
from mavibot_proxy.server import Proxy

__all__ = ["Guards", "Proxy"]
