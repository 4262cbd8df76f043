#!/usr/bin/env bash
# Runs every check there is, and stops at the first that fails: arguments go to pytest.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/setup.sh
setup dev

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
check pytest "$@"

# From nothing to the report, with tiny sizes: not when only some tests are asked for.
if [ $# -eq 0 ]; then
    folder="$(mktemp -d)"
    trap 'rm -rf "$folder"' EXIT
    printf '\n== reproduce.sh --quick --processes 2\n'
    bash scripts/reproduce.sh --quick --processes 2 "$folder"
fi
