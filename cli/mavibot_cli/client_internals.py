"""What the commands use of the client beyond its public interface; no other module here imports a private one.

The commands ship with the client and change together with it, so these names need not be promised to anyone else.
"""

from mavibot._check import problems
from mavibot._config import KEY_VARIABLE, URL_VARIABLE, base_url, known_hosts
from mavibot._parameters import find_operation
from mavibot._secrets import hidden, remember
from mavibot._wire import CERTIFICATE_VARIABLES, certificates

__all__ = [
    "CERTIFICATE_VARIABLES",
    "KEY_VARIABLE",
    "URL_VARIABLE",
    "base_url",
    "certificates",
    "find_operation",
    "hidden",
    "known_hosts",
    "problems",
    "remember",
]
