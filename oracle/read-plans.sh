#!/usr/bin/env bash
# Prints how the real JMeter reads test plans: one line for each enabled element whose settings
# Loadline keeps, as `file <tab> kind <tab> name <tab> settings...`. Nothing is run or sent.
#
#   oracle/read-plans.sh crates/jmx/tests/corpus/*.jmx > crates/jmx/tests/corpus-in-jmeter.tsv
#
# Exit: 3 with a line "skipped: ..." when JMeter cannot be had (see jmeter.sh).
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly here
readonly home="$here/.cache/jmeter-5.6.3"

# Lays out the JMeter home on first use.
"$here/jmeter.sh" -v >/dev/null

exec java -Djava.awt.headless=true -Djava.util.prefs.userRoot="$here/.cache" \
  -Dlog4j2.StatusLogger.level=OFF -Djmeter.home="$home" \
  -cp "$home/lib/*:$home/lib/ext/*:$home/bin/ApacheJMeter.jar" \
  groovy.ui.GroovyMain "$here/read-plans.groovy" "$@"
