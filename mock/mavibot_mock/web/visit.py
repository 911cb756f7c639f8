"""One look of a reader at a page of a project: what every view needs and shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from mavibot_mock.request.replies import RefusedError, fail

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mavibot_mock.server.platform import Platform
    from mavibot_mock.server.project import Project
    from mavibot_mock.web.texts import Texts


@dataclass(frozen=True, slots=True)
class Visit:
    """A look at a page.

    Attributes:
        platform: all projects of the server.
        project: the project that the address names.
        view: name of the view.
        number: what of the view's list is open, if anything.
        query: parameters of the query string.
        texts: the reader's language.
        address: this server's address as the reader's browser knows it.
        port: the port on which the server listens, where that is known.
    """

    platform: Platform
    project: Project
    view: str
    number: int | None
    query: Mapping[str, str]
    texts: Texts
    address: str
    port: int | None

    def integer(self, name: str) -> int | None:
        """Return a number of the query string; `None` where there is none."""
        return whole_number(self.query.get(name, ""))

    def missing(self) -> RefusedError:
        """Return the refusal of a page about something that is not there."""
        return RefusedError(fail(404, self.texts("not_there")))

    def shared(self) -> dict[str, Any]:
        """Return what the frame around every view shows."""
        project, now = self.project, self.project.now()
        job = project.store.next_job()
        return {
            "t": self.texts,
            "visit": self,
            "project": project,
            "projects": sorted(self.platform.projects),
            "base": f"/projects/{project.id}",
            "zone": project.zone,
            "now": now,
            "offset": (datetime.fromtimestamp(now, project.zone).utcoffset() or timedelta()).total_seconds(),
            "next_due": None if job is None else job["due"],
            "place": project.feed.place,
            "faults_armed": len(project.faults.listed()),
        }


def whole_number(text: str) -> int | None:
    """Return the number that a text is, not greater than those of the database; `None` where it is not one."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None
