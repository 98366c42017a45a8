#!/bin/sh
# Makes the environment with the best supported Python of this machine, or says in one line what is missing.
# usage: make-venv.sh FOLDER        FACEGATE_PYTHON=/path/to/python chooses one by hand
set -eu
venv=$1

is_usable() {
    "$1" -c 'import sys; raise SystemExit(sys.version_info[:2] < (3, 11))' 2>/dev/null
}

for candidate in ${FACEGATE_PYTHON:-} python3.12 python3.13 python3.11 python3.14 python3 python; do
    if command -v "$candidate" >/dev/null 2>&1 && is_usable "$candidate"; then
        python=$candidate
        break
    fi
done
if [ -z "${python:-}" ]; then
    echo "facegate needs Python 3.11 or newer: install it (Debian, Ubuntu: apt-get install python3 python3-venv) or name one with FACEGATE_PYTHON=/path/to/python3" >&2
    exit 1
fi
if ! "$python" -c 'import venv, ensurepip' 2>/dev/null; then
    echo "facegate needs Python's venv module: install it (Debian, Ubuntu: apt-get install python3-venv)" >&2
    exit 1
fi
echo "facegate: making $venv with $("$python" --version 2>&1)"
rm -rf "$venv"
"$python" -m venv "$venv"
