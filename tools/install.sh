#!/bin/sh
# Installs the locked packages, checked by hash, and facegate itself in place.
# usage: install.sh BIN_FOLDER REQUIREMENTS_FILE
set -eu
bin=$1
requirements=$2

echo "facegate: installing the locked packages of $requirements (a minute or two the first time)"
if ! "$bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$requirements"; then
    echo "facegate: the packages could not be installed; check the network or your package index settings, then run make again" >&2
    exit 1
fi
# hatchling is in the lock, so this reaches no network.
"$bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
