"""`scripts/release` refuses what must not be released, and names what to mend."""

from __future__ import annotations

import json
import subprocess
from copy import deepcopy
from pathlib import Path
from typing import Any, Final

import pytest
from tests.contract.source import bundled

import release
from mavibot_contract.changes import Step
from release import Refusal

URLS: Final = '[project.urls]\nSource = "https://github.com/someone/mavibot"\n'
FACADE: Final = '''"""mavibot_api."""


class Actions:
    """All actions."""

    def message(self, *, text: str) -> None: ...
'''
CLIENT: Final = '''"""mavibot."""

from mavibot_api import Actions


class Mavibot(Actions):
    """The client."""
'''
CHANGELOG: Final = "# Changelog\n\n## [Unreleased]\n\n## [0.2.0] - 2026-03-01\n\n- All of it.\n"


def git(root: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=x", "-c", "user.email=x@localhost")
    subprocess.run(["git", *identity, *arguments], cwd=root, check=True, capture_output=True)


def write(root: Path, name: str, text: str) -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(text, encoding="utf-8")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A small project that was released as 0.1.0, and has changed nothing since."""
    write(tmp_path, "overrides/mavibot/_version.py", '__version__ = "0.2.0"\n')
    write(tmp_path, "openapi/openapi.yaml", "openapi: 3.1.0\ninfo:\n  title: A\n  version: 0.2.0\n")
    write(tmp_path, "CHANGELOG.md", CHANGELOG)
    write(tmp_path, "pyproject.toml", URLS)
    write(tmp_path, "uv.lock", f'source = {{ registry = "{release.public_index()}" }}\n')
    write(tmp_path, "generated/mavibot_api/openapi.json", json.dumps(bundled()))
    for package, folder in release.PUBLIC.items():
        write(
            tmp_path, f"{folder}/{package}/__init__.py", f'"""{package}."""\n\n\ndef send(*, text: str) -> None: ...\n'
        )
    write(tmp_path, "generated/mavibot_api/__init__.py", FACADE)
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "remote", "add", "origin", "git@github.com:someone/mavibot.git")
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--quiet", "--message", "All")
    git(tmp_path, "tag", "v0.1.0")
    return tmp_path


def commit(root: Path) -> None:
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "More")


@pytest.mark.parametrize(
    ("last", "step", "following"),
    [
        ((0, 3, 1), None, (0, 3, 2)),
        ((0, 3, 1), Step.PATCH, (0, 3, 2)),
        ((0, 3, 1), Step.MINOR, (0, 3, 2)),
        ((0, 3, 1), Step.BREAKING, (0, 4, 0)),
        ((1, 3, 1), Step.PATCH, (1, 3, 2)),
        ((1, 3, 1), Step.MINOR, (1, 4, 0)),
        ((1, 3, 1), Step.BREAKING, (2, 0, 0)),
    ],
)
def test_the_least_version_that_may_follow(
    last: release.Version, step: Step | None, following: release.Version
) -> None:
    assert release.least(last, step) == following


@pytest.mark.parametrize("text", ["1.0", "v1.0.0", "1.0.0rc1", "01.0.0", "one"])
def test_what_is_no_version(text: str) -> None:
    with pytest.raises(Refusal, match=r"is no version; write it like 0.2.0"):
        release.parsed(text)


def test_a_dirty_tree(root: Path) -> None:
    release.check_clean(root, "0.2.0")
    write(root, "new.txt", "")
    with pytest.raises(Refusal, match=r"dirty; commit or remove: new.txt"):
        release.check_clean(root, "0.2.0")


def test_a_version_that_was_released_already(root: Path) -> None:
    release.check_clean(root, "0.1.0")  # the tag stands here
    write(root, "new.txt", "")
    commit(root)
    with pytest.raises(Refusal, match=r"the tag v0.1.0 exists already"):
        release.check_clean(root, "0.1.0")


def test_a_version_that_is_not_the_stated_one(root: Path) -> None:
    release.check_version(root, "0.2.0")
    with pytest.raises(Refusal, match=r"_version.py says 0.2.0 and openapi/openapi.yaml says 0.2.0; it must say 0.3.0"):
        release.check_version(root, "0.3.0")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("## [Unreleased]\n\n- All of it.\n", "has no section '## .0.2.0. - YYYY-MM-DD'"),
        ("## [0.2.0]\n\n- All of it.\n", "has no section"),
        ("## [0.2.0] - 2026-03-01\n\n## [0.1.0] - 2026-01-01\n\n- Old.\n", "says nothing of 0.2.0"),
        (
            f"## [Unreleased]\n\n- More.\n\n{CHANGELOG.partition('## [Unr')[0]}## [0.2.0] - 2026-03-01\n- All.\n",
            "has entries",
        ),
    ],
)
def test_a_stale_changelog(root: Path, text: str, message: str) -> None:
    release.check_changelog(root, "0.2.0")
    write(root, "CHANGELOG.md", text)
    with pytest.raises(Refusal, match=message):
        release.check_changelog(root, "0.2.0")


@pytest.mark.parametrize("origin", ["https://github.com/someone/mavibot", "ssh://git@github.com/someone/mavibot.git"])
def test_the_addresses_are_those_of_the_repository(root: Path, origin: str) -> None:
    git(root, "remote", "set-url", "origin", origin)
    release.check_addresses(root)
    write(root, "pyproject.toml", URLS.replace("someone", "OWNER"))
    with pytest.raises(
        Refusal, match=r"names https://github.com/OWNER/mavibot, and the remote origin is https://github.com/someone"
    ):
        release.check_addresses(root)


def test_no_address_leaves_the_owner_open(root: Path) -> None:
    write(root, "pyproject.toml", f'{URLS}Issues = "https://github.com/OWNER/mavibot/issues"\n')
    with pytest.raises(Refusal, match=r"leaves the owner open, OWNER: Issues"):
        release.check_addresses(root)


def test_generated_files_that_are_out_of_date(root: Path) -> None:
    script = root / "scripts/generate"
    write(
        root,
        "scripts/generate",
        '#!/bin/sh\n[ "$1" = --check ] && echo "generated/a.py is out of date" >&2 && exit 1\n',
    )
    script.chmod(0o755)
    with pytest.raises(Refusal, match=r"scripts/generate --check: generated/a.py is out of date"):
        release.check_generated(root)
    write(root, "scripts/generate", "#!/bin/sh\n")
    release.check_generated(root)


@pytest.mark.parametrize("address", ["https://mirror.example/simple", "file:///opt/wheels"])
def test_a_lock_that_others_cannot_use(root: Path, address: str) -> None:
    write(root, "uv.lock", f'source = {{ registry = "{address}" }}\n')
    with pytest.raises(Refusal, match=r"is not of the public index; run scripts/lock"):
        release.check_lock(root)


def edited(root: Path, action: str) -> None:
    document: Any = deepcopy(bundled())
    del document["paths"][f"/{action}"]
    write(root, "generated/mavibot_api/openapi.json", json.dumps(document))
    commit(root)


def test_a_step_that_is_too_small_for_the_contract(root: Path) -> None:
    edited(root, "get_messages")
    with pytest.raises(
        Refusal, match=r"0.1.5 is too small a step from v0.1.0; at least 0.2.0: .* breaking \(get_messages\)"
    ):
        release.check_step(root, "0.1.5")
    release.check_step(root, "0.2.0")


def test_a_step_that_is_too_small_for_the_client(root: Path) -> None:
    write(root, "overrides/mavibot/__init__.py", '"""mavibot."""\n')
    commit(root)
    with pytest.raises(Refusal, match=r"at least 0.2.0: .*send.*removed"):
        release.check_step(root, "0.1.1")
    release.check_step(root, "0.2.0")


def test_a_step_that_is_too_small_for_what_the_client_inherits(root: Path) -> None:
    write(root, "overrides/mavibot/__init__.py", CLIENT)
    commit(root)
    git(root, "tag", "--force", "v0.1.0")
    write(root, "generated/mavibot_api/__init__.py", FACADE.replace("message", "send_message"))
    commit(root)
    with pytest.raises(Refusal, match=r"at least 0.2.0: [^\x1b]*Mavibot.message: Public object was removed$"):
        release.check_step(root, "0.1.1")


def test_the_comparison_leaves_the_repository_alone(root: Path) -> None:
    git(root, "branch", "griffe-v0-1-0")  # an earlier run was killed
    release.check_step(root, "0.1.1")
    release.check_clean(root, "0.1.1")


def test_a_step_of_nothing(root: Path) -> None:
    release.check_step(root, "0.1.1")
    with pytest.raises(Refusal, match=r"there must be a step at all"):
        release.check_step(root, "0.0.9")


def test_the_first_release_may_be_any(root: Path) -> None:
    git(root, "tag", "--delete", "v0.1.0")
    release.check_step(root, "0.0.1")


def test_the_command_line_says_what_is_wrong(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(root, "new.txt", "")
    assert release.main(["0.2.0"], root=root) == 1
    assert capsys.readouterr().err == "scripts/release: the working tree is dirty; commit or remove: new.txt\n"
