#!/bin/sh
# Resolves requirements/*.txt anew from pyproject.toml, for every supported Python and system, with hashes.
# usage: lock.sh BIN_FOLDER
set -eu
bin=$1

compile() {
    output=$1
    shift
    "$bin/uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
        --custom-compile-command "make lock" --output-file "$output" "$@"
}

compile requirements/run.txt pyproject.toml requirements/build.in --extra redis
compile requirements/ui.txt pyproject.toml requirements/build.in --extra redis --extra ui
compile requirements/dev.txt pyproject.toml requirements/build.in --extra ui --extra plots --extra openvino --group dev
