"""Links of pages that stand elsewhere on the site than in the repository."""

from __future__ import annotations

import re
from posixpath import join, normpath, relpath
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

#: A link or an image, outside of code.
_LINK: Final = re.compile(
    r"(?P<code>```.*?^\s*```|``.+?``|`[^`\n]*`)|(?P<image>!?)\[(?P<text>(?:[^\[\]]|\[[^\]]*\])*)\]\((?P<target>[^)\s]+)\)",
    re.S | re.M,
)


def relinked(text: str, *, here: str, there: str, homes: Mapping[str, str]) -> str:
    """Return a page with the links that it needs on the site.

    A link to a file or folder that has no page there, such as source code, becomes its text.

    Args:
        text: the page.
        here: its path in the repository.
        there: its path on the site.
        homes: for each file or folder of the repository that has a page on the site, the path of the page.
    """

    def link(found: re.Match[str]) -> str:
        target, _, anchor = (found["target"] or "").partition("#")
        if found["code"] or not target or ":" in target:
            return found[0]
        home = homes.get(normpath(join(here, "..", target)))
        if home is None:
            return found["text"]
        way = relpath(home, join(there, "..")) + (f"#{anchor}" if anchor else "")
        return f"{found['image']}[{found['text']}]({way})"

    return _LINK.sub(link, text)
