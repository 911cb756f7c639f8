"""The whole stand-in platform: the projects of one server, found by number or by any of their keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mavibot_mock.project import ApiKey, Project


class Platform:
    """The projects of one server.

    Attributes:
        projects: by number.
    """

    def __init__(self, projects: Iterable[Project] = ()) -> None:
        """Serve some projects.

        Raises:
            ValueError: two projects share a key or a number.
        """
        self.projects: dict[int, Project] = {}
        self._keys: dict[str, tuple[Project, ApiKey]] = {}
        for project in projects:
            self.add(project)

    def add(self, project: Project) -> None:
        """Serve one more project.

        Raises:
            ValueError: another project has its number or one of its keys.
        """
        if project.id in self.projects:
            raise ValueError(f"two projects have the number {project.id}")
        if not self._keys.keys().isdisjoint(project.keys):
            raise ValueError("two projects share a key")
        self.projects[project.id] = project
        self._keys.update({value: (project, key) for value, key in project.keys.items()})

    def find(self, key: str) -> tuple[Project, ApiKey] | None:
        """Return the project to which a key belongs, and what the key may do."""
        return self._keys.get(key)

    def keys_changed(self, project: Project) -> None:
        """Learn the keys of a project anew."""
        self._keys = {value: found for value, found in self._keys.items() if found[0] is not project}
        self._keys.update({value: (project, key) for value, key in project.keys.items()})

    def remove(self, project: Project) -> None:
        """Serve a project no longer and close it."""
        del self.projects[project.id]
        self._keys = {value: found for value, found in self._keys.items() if found[0] is not project}
        project.close()
