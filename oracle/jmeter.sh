#!/usr/bin/env bash
# Runs the real Apache JMeter 5.6.3 from the command line, to compare its behaviour with ours.
#
#   oracle/jmeter.sh -n -t plan.jmx -l results.jtl -Jhost=127.0.0.1
#
# All arguments are JMeter's own. On first use it fetches JMeter and its libraries with Maven and
# lays them out as a JMeter home in oracle/.cache/jmeter-5.6.3; later uses need no network until the
# list of artefacts in pom.xml changes.
# What the script does is said on stderr; stdout belongs to JMeter.
#
# Exit: JMeter's own code; 3 with a line "skipped: ..." when Java, Maven or the artefacts are missing.
#
# Environment: JVM_ARGS, options for the Java process, such as "-Xmx1g".
set -euo pipefail

readonly VERSION=5.6.3
readonly COPY_GOAL=org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly here
readonly cache="$here/.cache"
readonly home="$cache/jmeter-$VERSION"

say() {
  printf 'oracle: %s\n' "$*" >&2
}

skip() {
  printf 'skipped: %s\n' "$*" >&2
  exit 3
}

# Builds the home in a folder of its own and moves it into place when it is complete, so that an
# interrupted or simultaneous first use leaves no half of it.
build_home() {
  command -v mvn >/dev/null || skip "Maven (mvn) is not installed"
  command -v unzip >/dev/null || command -v jar >/dev/null || skip "neither unzip nor jar is installed"
  mkdir -p "$cache"
  local work
  work=$(mktemp -d "$cache/building.XXXXXX")
  # shellcheck disable=SC2064 # the folder's name is known now
  trap "rm -rf '$work'" EXIT

  say "fetching JMeter $VERSION and its libraries with Maven"
  if ! mvn -q -B -f "$here/pom.xml" "$COPY_GOAL" \
    -DoutputDirectory="$work/jars" -DincludeScope=runtime >"$work/maven.log" 2>&1; then
    tail -n 5 "$work/maven.log" >&2
    skip "Maven could not fetch JMeter $VERSION"
  fi

  say "laying out $home"
  mkdir -p "$work/home/bin" "$work/home/lib/ext" "$work/home/lib/junit"
  # The settings of the distribution (bin/*.properties and others) come in a jar of their own.
  (
    cd "$work/home"
    if command -v unzip >/dev/null; then
      unzip -q -o "$work/jars/ApacheJMeter_config-$VERSION.jar" 'bin/*'
    else
      jar xf "$work/jars/ApacheJMeter_config-$VERSION.jar" bin
    fi
  )
  local needed
  for needed in jmeter saveservice upgrade; do
    [ -f "$work/home/bin/$needed.properties" ] || skip "bin/$needed.properties is not in the artefacts"
  done
  # Log4j warns on stdout, four times a start, of a habit of JMeter's own log settings.
  sed -i.orig 's/status="WARN"/status="ERROR"/' "$work/home/bin/log4j2.xml"
  mv "$work/jars/ApacheJMeter-$VERSION.jar" "$work/home/bin/ApacheJMeter.jar"
  mv "$work"/jars/ApacheJMeter_*.jar "$work"/jars/jmeter-p*.jar "$work/home/lib/ext/"
  mv "$work"/jars/*.jar "$work/home/lib/"
  cp "$here/pom.xml" "$work/home/pom.xml"
  rm -rf "$home"
  mv "$work/home" "$home"
  rm -rf "$work"
  trap - EXIT
}

command -v java >/dev/null || skip "Java is not installed"
cmp -s "$here/pom.xml" "$home/pom.xml" || build_home

# JMeter writes jmeter.log into the working directory unless told where; keep it in the cache.
log_given=no
for argument in "$@"; do
  case $argument in
    -j | -j?* | --jmeterlogfile) log_given=yes ;;
  esac
done
if [ "$log_given" = no ]; then
  set -- -j "$cache/jmeter.log" "$@"
  say "log: $cache/jmeter.log"
fi
# What JMeter's own start script opens to plugins that look into Java's classes.
readonly opens="--add-opens java.base/java.lang=ALL-UNNAMED --add-opens java.base/java.lang.reflect=ALL-UNNAMED \
  --add-opens java.base/java.util=ALL-UNNAMED --add-opens java.base/java.util.concurrent=ALL-UNNAMED"

# shellcheck disable=SC2086 # JVM_ARGS and opens are several words on purpose
exec java $opens ${JVM_ARGS:-} -Djava.awt.headless=true -Djava.util.prefs.userRoot="$cache" \
  -jar "$home/bin/ApacheJMeter.jar" "$@"
