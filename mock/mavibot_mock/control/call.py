"""What an operation of the control interface gets and gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mavibot_mock.request.replies import RefusedError, fail

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mavibot_mock.server.platform import Platform
    from mavibot_mock.server.project import Project


@dataclass(slots=True)
class ControlCall:
    """One call of the control interface that its document allows.

    Attributes:
        platform: all projects of the server.
        path: parameters of the address, by name.
        query: parameters of the query string, by name, in the types that the document names.
        body: the JSON body, or `None` where the operation takes none.
    """

    platform: Platform
    path: Mapping[str, Any]
    query: Mapping[str, Any]
    body: Any

    @property
    def project(self) -> Project:
        """The project that the address names.

        Raises:
            RefusedError: there is none.
        """
        project = self.platform.projects.get(self.path["project_id"])
        if project is None:
            raise RefusedError(fail(404, f"there is no project {self.path['project_id']}"))
        return project

    def taken_body(self) -> Any:
        """Return the body and forget it: a long one takes more memory than the state that is made of it."""
        body, self.body = self.body, None
        return body
