"""The one version of schemathesis that the layers are written for."""

from __future__ import annotations

import re
from importlib.metadata import requires, version
from typing import Final

_PIN: Final = re.compile(r"schemathesis==(?P<version>[\w.]+)")


def version_problem() -> str | None:
    """Return what is wrong with the installed version and how to install ours beside it, or `None` if it is ours.

    Raises:
        PackageNotFoundError: schemathesis is not installed.
    """
    wanted = next(found["version"] for each in requires("mavibot") or () if (found := _PIN.match(each)))
    installed = version("schemathesis")
    if installed == wanted:
        return None
    return (
        f"schemathesis {installed} is installed, and the layers need {wanted}; install it in an environment of its own:"
        f" python -m venv mavibot-env && mavibot-env/bin/pip install 'mavibot[conformance]'"
    )
