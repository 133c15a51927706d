#!/usr/bin/env bash
# Exports the YAML plans of `exports/`, runs them in JMeter and in Loadline, and the plans themselves,
# against a recording server, and compares what they do.
#
#   oracle/export.sh target/release/loadline
#
# Further arguments: `oracle/export.sh --help`.
#
# Exit: 0 if nothing differs, 1 if something does, 3 with "skipped: ..." when JMeter cannot be had (see
# jmeter.sh).
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
exec cargo run --quiet --manifest-path "$here/../Cargo.toml" -p loadline-conformance --bin exports -- "$@"
