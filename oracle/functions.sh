#!/usr/bin/env bash
# Prints what the functions of the real JMeter answer: one JSON object for each line of a table of
# calls. A line is a text with references, or a JSON object with `text` and, where it needs them,
# `vars` (variables set beforehand) and `times` (how often it is evaluated). Empty lines and lines
# that begin with `#` are left out.
#
#   oracle/functions.sh crates/engine/tests/golden/calls.txt > crates/engine/tests/golden/functions.jsonl
#
# Files are named relative to crates/engine, where the test that reads the answers runs too.
#
# Exit: 3 with a line "skipped: ..." when JMeter cannot be had (see jmeter.sh).
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly here
readonly home="$here/.cache/jmeter-5.6.3"
calls=$(realpath "$1")

# Lays out the JMeter home on first use.
"$here/jmeter.sh" -v >/dev/null

cd "$here/../crates/engine"
exec java -Djava.awt.headless=true -Djava.util.prefs.userRoot="$here/.cache" \
  -Duser.timezone=Europe/Berlin -Duser.language=en -Duser.country=US -Dfile.encoding=UTF-8 \
  -Dlog4j2.StatusLogger.level=OFF -Dorg.apache.logging.log4j.level=OFF -Djmeter.home="$home" \
  -cp "$home/lib/*:$home/lib/ext/*:$home/bin/ApacheJMeter.jar" \
  groovy.ui.GroovyMain "$here/functions.groovy" "$calls"
