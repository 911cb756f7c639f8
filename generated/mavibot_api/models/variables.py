from typing import TypeAlias

Variables: TypeAlias = dict[str, bool | float | None | str]
"""Variables by name. A plain name is a variable of the client's current deal, `client.` before it makes it a
variable of the client, `project.` one of the project."""
