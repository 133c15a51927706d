#!/usr/bin/env bash
# Writes the answers of the real JMeter into the golden files of extractors and assertions, anew and in place.
#
#   oracle/record-answers.sh                     all of them
#   oracle/record-answers.sh FILE.jsonl...       some
#
# Each line of a golden file is a case: its inputs and, behind them, JMeter's answers. To add a case, add a line with
# inputs only and run this. A field `known` says why Loadline differs; it is kept.
#
# Exit: 3 with a line "skipped: ..." when JMeter cannot be had (see jmeter.sh).
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly here
readonly home="$here/.cache/jmeter-5.6.3"
readonly golden="$here/../crates/engine/tests/golden"

# Lays out the JMeter home on first use.
"$here/jmeter.sh" -v >/dev/null

if [ $# = 0 ]; then
  set -- "$golden"/{extractors,captures,assertions,judgements,oro}.jsonl
fi
exec java -Djava.awt.headless=true -Djava.util.prefs.userRoot="$here/.cache" -Dfile.encoding=UTF-8 \
  -Dlog4j2.StatusLogger.level=OFF -Djmeter.home="$home" -Duser.language=en -Duser.country=US \
  -cp "$home/lib/*:$home/lib/ext/*:$home/bin/ApacheJMeter.jar" \
  groovy.ui.GroovyMain "$here/record-answers.groovy" "$golden" "$@"
