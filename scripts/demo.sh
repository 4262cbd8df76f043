#!/usr/bin/env bash
# Films a person, adapts a policy to that one video, and shows the policy before and after: arguments go to `daml demo`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/setup.sh
setup
exec .venv/bin/daml demo "$@"
