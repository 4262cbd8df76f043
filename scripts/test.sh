#!/usr/bin/env bash
# Runs every check there is, and stops at the first that fails: arguments go to pytest.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/setup.sh
setup dev

# The page is tried in a browser where there is one, or where it can be installed.
command -v chromium >/dev/null || command -v google-chrome >/dev/null ||
    { say "installing Chromium" && apt_install chromium; } ||
    say "no Chromium could be installed: the page is not tried in a browser"

check() {
    printf '\n== %s\n' "$*"
    local tool="$1"
    shift
    ".venv/bin/$tool" "$@"
}

check ruff check
check ruff format --check
check pyright
check lint-imports
# The theme announces the end of mkdocs at every build.
NO_MKDOCS_2_WARNING=1 check mkdocs build --strict --quiet
if [ $# -gt 0 ]; then
    check pytest "$@"
    exit
fi
# As many at a time as there are cores, each on one thread.
OMP_NUM_THREADS=1 check pytest --numprocesses auto --dist loadfile

# From nothing to the report, with tiny sizes.
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
printf '\n== reproduce.sh --quick --processes 2\n'
bash scripts/reproduce.sh --quick --processes 2 "$folder"
