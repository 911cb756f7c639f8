"""Says in the command line's own terms what the client says to a Python program."""

from __future__ import annotations

from typing import Final

from mavibot.errors import ConfigurationError, InvalidParameters, UnknownAction

# What a problem begins with, and what stands anywhere in it -> what is said here.
_BEGINNINGS: Final = {
    "method: ": "--get: ",
    "fixed.": "--fixed ",
    "base_url: ": "base URL: ",
    "api_key: ": "API key: ",
}
_ADVICE: Final = {
    'use method="POST"': "leave out --get",
    'or ""': "or give an empty text",
    "cannot carry None": "cannot carry null",
    "as a keyword": "as an argument",
    "in variables={…}": "in variables='{…}', as JSON",
    "in fixed={…}": "in --fixed NAME=VALUE",
}


def explained(error: Exception) -> str:
    """Return the text of an error for the user of a command."""
    match error:
        case InvalidParameters():
            problems = "; ".join(_begun(str(problem)) for problem in error.problems)
            for advice, own in _ADVICE.items():
                problems = problems.replace(advice, own)
            return f"{error.action}: {problems}"
        case UnknownAction() if error.suggestion is None:
            return f"{error}; see: mavibot actions"
        case ConfigurationError():
            return _begun(str(error))
        case _:
            return str(error)


def _begun(problem: str) -> str:
    for beginning, own in _BEGINNINGS.items():
        if problem.startswith(beginning):
            return own + problem.removeprefix(beginning)
    return problem
