# Sourced by the scripts: makes `.venv` with everything that they need. A second run finds it up to date.
# shellcheck shell=bash
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
unset PYTHONDONTWRITEBYTECODE # where it is set, each of the many processes of a test run would compile every module anew

die() {
  printf '\n%s\n' "$@" >&2
  exit 1
}

find_python() {
  local candidate
  for candidate in "${PYTHON:-}" python3 python3.14 python3.13 python3.12 python3.11 python; do
    [ -n "$candidate" ] || continue
    "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && {
      printf '%s' "$candidate"
      return
    }
  done
  die "Python 3.11 or newer is needed and was not found." "Install it, or name it: PYTHON=/path/to/python3.11 $0"
}

# The versions of uv.lock, where uv is installed and reaches the public index.
install_locked() {
  command -v uv >/dev/null || return 1
  uv venv --quiet --allow-existing --seed --python "$1" .venv &&
    UV_PROJECT_ENVIRONMENT=.venv uv sync --quiet --frozen --inexact --all-extras --group dev
}

# The newest versions that pyproject.toml allows; groups need pip 25.1.
install_newest() {
  local pip=(.venv/bin/python -m pip --quiet --disable-pip-version-check install)
  "$1" -m venv .venv || die "venv failed." "On Debian and Ubuntu: apt-get install python3-venv"
  "${pip[@]}" --upgrade 'pip>=25.1' && "${pip[@]}" --group dev --editable '.[all]'
}

setup() {
  local stamp=.venv/made-from wanted python
  wanted=$(cksum pyproject.toml)
  if [ -x .venv/bin/python ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then
    return
  fi
  python=$(find_python)
  printf '== setting up .venv with %s (once; a few minutes at most)\n' "$("$python" --version)"
  rm -f "$stamp"
  install_locked "$python" || install_newest "$python" ||
    die "Installing the dependencies failed." "Check the network and the package index, then run $0 again."
  printf '%s' "$wanted" >"$stamp"
}

step() { printf '\n== %s\n' "$1"; }

setup
