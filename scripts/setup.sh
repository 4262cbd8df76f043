# Sets up what daml needs, then leaves: sourced by demo.sh, test.sh and reproduce.sh as `setup [EXTRA]` from the
# project's root.
#
# On a fresh Debian or Ubuntu with only Python >= 3.11: a software-rendering GL library (through apt, where there are
# rights to install it), a virtual environment in .venv, and the package with the tested versions of all it stands on.
# When nothing has changed since the last time it does nothing. pip's own settings are obeyed: without an NVIDIA GPU,
# PIP_EXTRA_INDEX_URL set to PyTorch's index of CPU builds saves gigabytes.
# shellcheck shell=bash

readonly VENV=.venv

say() { printf '[setup] %s\n' "$*" >&2; }

die() {
    say "error: $*"
    exit 1
}

# Runs a command as root: as it is, through sudo where that asks for no password, or not at all.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
        sudo -n "$@"
    else
        return 1
    fi
}

# Installs Debian packages; fails where there is no apt or no right to use it.
apt_install() {
    command -v apt-get >/dev/null 2>&1 || return 1
    local log
    log="$(mktemp)"
    # A list that cannot be refreshed may still do.
    as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq >"$log" 2>&1 || true
    if as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >>"$log" 2>&1; then
        rm -f "$log"
    else
        tail -n 3 "$log" >&2
        rm -f "$log"
        return 1
    fi
}

# Prints the first Python >= 3.11 there is; $PYTHON, when set, is the only candidate.
find_python() {
    local candidate
    for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11 python3.14 python}; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
            printf '%s\n' "$candidate"
            return
        fi
    done
    return 1
}

# A virtual environment holds its own absolute path: one that was moved or whose Python is gone is made again.
has_venv() {
    [ -x "$VENV/bin/python" ] && "$VENV/bin/python" -c '' 2>/dev/null && grep -qF "$(pwd -P)/$VENV/bin/" "$VENV/bin/pip"
}

has_library() {
    # ldconfig lies in /sbin, which is not on everybody's PATH.
    PATH="$PATH:/sbin:/usr/sbin" ldconfig -p 2>/dev/null | grep -F "$1" >/dev/null
}

# EGL counts only with a driver behind the dispatch library.
has_gl() {
    has_library libOSMesa.so || { has_library libEGL.so.1 && { has_library libEGL_mesa.so || has_library libEGL_nvidia.so; }; }
}

ensure_gl() {
    [ "$(uname -s)" = Linux ] || return 0
    if has_gl; then return 0; fi
    say "installing a software-rendering GL library"
    apt_install libegl1 libegl-mesa0 libgl1-mesa-dri || apt_install libosmesa6 ||
        say "no GL library found and none could be installed; nothing will render before somebody runs:" \
            "sudo apt-get install libegl1 libegl-mesa0 libgl1-mesa-dri"
}

make_venv() {
    local python="$1" version
    version="$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')"
    # Debian's python3 has venv but lacks ensurepip until python3-venv is installed.
    if ! "$python" -c 'import venv, ensurepip' >/dev/null 2>&1; then
        say "installing Python's venv module"
        apt_install "python$version-venv" || apt_install python3-venv ||
            die "$python has no venv module; run: sudo apt-get install python$version-venv"
    fi
    say "making a virtual environment in $VENV with Python $version"
    "$python" -m venv --clear "$VENV"
}

# What the environment was made from: when this changes, it is brought up to date.
fingerprint() {
    local python="$1" extra="$2"
    {
        cat pyproject.toml constraints.txt
        "$python" -c 'import sys; print(sys.version, sys.base_prefix)'
        printf '%s\n' "$extra"
    } | cksum
}

pip_install() {
    "$VENV/bin/python" -m pip install -qq --disable-pip-version-check --constraint constraints.txt --editable "$1"
}

install_package() {
    local extra="$1"
    say "installing daml${extra:+ with what $extra needs} into $VENV (a few minutes the first time)"
    if pip_install ".[hands${extra:+,$extra}]"; then
        return 0
    fi
    say "trying without the extra 'hands', which has no build for every Python: real videos will not be read"
    pip_install ".${extra:+[$extra]}" || die "pip could not install the package; its message is above"
}

# Fetches the models that find hands in real videos (6 MB, out of a pinned wheel): without them all else works.
fetch_models() {
    "$VENV/bin/python" -m daml.demos.hands >&2 ||
        say "real videos cannot be read before somebody runs: $VENV/bin/python -m daml.demos.hands"
}

# Makes .venv ready; the argument, if any, is an extra of pyproject.toml.
setup() {
    local extra="${1:-}" python stamp expected
    ensure_gl
    if has_venv 2>/dev/null; then
        python="$VENV/bin/python"
    else
        python="$(find_python)" || die "no Python >= 3.11 found; run: sudo apt-get install python3 python3-venv" \
            "(or set PYTHON to one)"
    fi
    # One stamp per extra: the demo and the tests can take turns.
    stamp="$VENV/.installed${extra:+-$extra}"
    expected="$(fingerprint "$python" "$extra")"
    if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$expected" ]; then return 0; fi
    if [ "$python" != "$VENV/bin/python" ]; then
        make_venv "$python"
        expected="$(fingerprint "$VENV/bin/python" "$extra")"
    fi
    install_package "$extra"
    fetch_models
    printf '%s\n' "$expected" >"$stamp"
    say "ready"
}
