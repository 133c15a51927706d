#!/usr/bin/env bash
# Runs plans one after the other in one Java process: see run-plans.groovy for what goes in and out.
#
#   oracle/run-plans.sh [name=value ...] < plans
#
# Host names other than localhost are not resolved, so that no plan reaches a server that is not ours.
#
# Exit: 3 with a line "skipped: ..." when JMeter cannot be had (see jmeter.sh).
#
# Environment: JVM_ARGS, options for the Java process.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly here
readonly home="$here/.cache/jmeter-5.6.3"

# Lays out the JMeter home on first use, and when its artefacts change.
cmp -s "$here/pom.xml" "$home/pom.xml" || "$here/jmeter.sh" -v >/dev/null
printf '127.0.0.1 localhost\n' >"$here/.cache/hosts"

# What JMeter's own start script opens to plugins that look into Java's classes.
readonly opens="--add-opens java.base/java.lang=ALL-UNNAMED --add-opens java.base/java.lang.reflect=ALL-UNNAMED \
  --add-opens java.base/java.util=ALL-UNNAMED --add-opens java.base/java.util.concurrent=ALL-UNNAMED"

# shellcheck disable=SC2086 # JVM_ARGS and opens are several words on purpose
exec java $opens ${JVM_ARGS:-} -Djava.awt.headless=true -Djava.util.prefs.userRoot="$here/.cache" \
  -Djdk.net.hosts.file="$here/.cache/hosts" -Dlog4j2.StatusLogger.level=OFF \
  -Dlog4j.configurationFile="$home/bin/log4j2.xml" -Djmeter.logfile="$here/.cache/run-plans.log" \
  -Dsun.net.http.allowRestrictedHeaders=true -Djmeter.home="$home" \
  -cp "$home/lib/*:$home/lib/ext/*:$home/bin/ApacheJMeter.jar" \
  groovy.ui.GroovyMain "$here/run-plans.groovy" "$@"
