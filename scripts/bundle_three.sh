#!/usr/bin/env bash
# Makes daml/page/vendored/three.js, which shows scenes in the browser, from the packages that scripts/three names, and its licence.
# Needs npm and its registry; the page itself needs neither. With --check it only tells whether that file is up to date.
set -euo pipefail

main() {
    local here target work
    here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
    target="$here/../daml/page/vendored/three.js"
    work="$(mktemp -d)"
    trap "rm -rf '$work'" EXIT
    cp "$here"/three/* "$work"
    (
        cd "$work"
        # The lock file states the hash of each package; none may run a script of its own.
        npm ci --ignore-scripts --no-audit --no-fund --silent
        npx --no-install esbuild three.js --bundle --minify --format=esm --target=es2022 --legal-comments=eof \
            --log-level=warning --outfile=bundle.js
    )
    if [[ "${1:-}" == --check ]]; then
        cmp "$work/bundle.js" "$target"
    else
        cp "$work/bundle.js" "$target"
        cp "$work/node_modules/three/LICENSE" "$(dirname "$target")/LICENSE-three.txt"
        wc --bytes "$target"
    fi
}

main "$@"
