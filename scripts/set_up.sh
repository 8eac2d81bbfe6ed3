#!/bin/sh
# Makes what `make` needs: `run` and `test` fill the environment in .venv, `browser` finds or installs a Chromium.
# Says what it does in sentences; what pip and apt say goes to .venv/set-up.log and is shown only when they fail.
# TORCH_INDEX=URL takes torch from there first: PyTorch's index of CPU builds saves gigabytes where there is no GPU.
set -eu
cd "$(dirname "$0")/.."
log=.venv/set-up.log

fail() { printf '%s\n' "$@" >&2; exit 1; }

right_version() { "$1" -c 'import sys; sys.exit(sys.version_info[:2] not in ((3, 11), (3, 12)))' 2>/dev/null; }

# `venv` alone can be imported on a Debian without python3-venv; ensurepip cannot.
has_venv() { "$1" -c 'import ensurepip, venv' 2>/dev/null; }

find_python() {
    bare=
    for candidate in ${PYTHON:-python3.12 python3.11 python3}; do
        right_version "$candidate" || continue
        if has_venv "$candidate"; then printf '%s' "$candidate"; return; fi
        bare=$candidate
    done
    [ -z "$bare" ] || fail "$bare is here, but not its venv module. On Debian and Ubuntu: sudo apt install python3-venv"
    fail "The playground needs Python 3.11 or 3.12 and found neither. On Debian 12 and Ubuntu 24.04: sudo apt install python3 python3-venv" \
        "If it is installed elsewhere: make run PYTHON=/path/to/python3.12"
}

make_environment() {
    if [ -x .venv/bin/python ] && .venv/bin/python -c '' 2>/dev/null; then
        right_version .venv/bin/python || fail "The environment in .venv is not of Python 3.11 or 3.12. Remove the folder .venv and try again."
        return 0
    fi
    python=$(find_python)
    echo "Creating the environment in .venv with $python ..."
    "$python" -m venv --clear .venv || fail "$python could not create .venv: see above."
}

pip_install() {
    .venv/bin/python -m pip install --disable-pip-version-check --quiet --progress-bar off "$@" >"$log" 2>&1 && return 0
    tail -n 15 "$log" >&2
    fail "pip could not install $*: the end of its log is above, all of it in $log." \
        "If it speaks of connections or of no matching distribution, this machine may have no network."
}

install_packages() {
    make_environment
    echo "Installing what $1 lists; the first time this takes some minutes ..."
    [ -z "${TORCH_INDEX:-}" ] || pip_install 'torch>=2.11,<2.14' --index-url "$TORCH_INDEX"
    pip_install -r "$1"
}

browser_starts() { .venv/bin/python tests/chromium.py >>"$log" 2>&1; }

administrator() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

# Playwright brings a Node.js that needs libatomic, which a minimal system lacks. Ubuntu's chromium package is an empty shell
# around a snap, so playwright's own build is taken there.
install_browser() {
    if grep -q '^ID=debian' /etc/os-release 2>/dev/null; then
        administrator apt-get update -qq
        administrator env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y chromium libatomic1
    else
        if administrator true; then
            administrator apt-get update -qq
            administrator env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y libatomic1
            administrator "$PWD/.venv/bin/playwright" install-deps chromium
        fi
        .venv/bin/playwright install chromium
    fi
}

find_browser() {
    browser_starts && return 0
    echo "Installing a Chromium for the browser tests ..."
    install_browser >>"$log" 2>&1 || true
    browser_starts || echo "No Chromium could be installed (see $log): the browser tests will not run."
}

case ${1:-} in
run) install_packages requirements.txt ;;
test) install_packages requirements-dev.txt ;;
browser) find_browser ;;
*) fail "usage: $0 run|test|browser" ;;
esac
