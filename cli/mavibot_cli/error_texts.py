"""Renders the client's errors for the user of a command: the same facts as in Python, in the shell's terms."""

from __future__ import annotations

from typing import Final

from mavibot.errors import Advice, ConfigurationError, InvalidParameters, Problem, UnknownAction

#: How a user of the command line follows each advice.
ADVICE: Final = {
    Advice.USE_POST: "leave out --get",
    Advice.USE_POST_OR_EMPTY_TEXT: "leave out --get, or give an empty text in place of null",
    Advice.USE_VARIABLES: "to save a variable of this name, pass it in variables='{…}', as JSON",
    Advice.USE_FIXED: "a constant belongs in --fixed NAME=VALUE",
    Advice.GIVE_API_KEY: "or name a file with --key-file",
    Advice.GIVE_BASE_URL: "or pass --base-url",
}
_FIELDS: Final = {"method": "--get", "base_url": "base URL", "api_key": "API key"}


def explained(error: Exception) -> str:
    """Return the text of an error for the user of a command."""
    match error:
        case InvalidParameters():
            return f"{error.action}: {'; '.join(map(_text, error.problems))}"
        case ConfigurationError():
            return _text(error.problem)
        case UnknownAction() if error.suggestion is None:
            return f"{error}; see: mavibot actions"
        case _:
            return str(error)


def _text(problem: Problem) -> str:
    match problem.field.split(".", 1):
        case ["fixed", name]:
            field = f"--fixed {name}"
        case _:
            field = _FIELDS.get(problem.field, problem.field)
    return problem.text(ADVICE, field)
