#!/usr/bin/env bash
# Runs small scripts through the real Groovy 3.0.20, BeanShell 2.0b6, JEXL 3 and Rhino 1.7.14 of JMeter
# 5.6.3, and through Nashorn, with JMeter's own objects around them, and keeps what they answered in oracle/recorded/scripts.jsonl; then
# runs them here, compares, and writes docs/conformance-scripts.md.
#
#   oracle/scripts.sh
#   oracle/scripts.sh FILE...     # these files of scripts alone: prints what differs, keeps nothing
#
# Scripts are those of oracle/scripts and the inline scripts of the public plans in
# crates/jmx/tests/corpus that can be run here. Differences that are meant stand in
# oracle/script-differences.tsv with the reason; any other fails the command.
#
# Exit: 3 with a line "skipped: ..." when JMeter cannot be had (see jmeter.sh).
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly here
readonly home="$here/.cache/jmeter-5.6.3"

# Lays out the JMeter home on first use.
"$here/jmeter.sh" -v >/dev/null

# The JavaScript of JSR223 elements.
if ! compgen -G "$here/.cache/nashorn/*.jar" >/dev/null; then
  if ! mvn -q -B -f "$here/nashorn/pom.xml" org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies \
    -DoutputDirectory="$here/.cache/nashorn" -DincludeScope=runtime >/dev/null 2>&1; then
    echo "skipped: Maven could not fetch Nashorn" >&2
    exit 3
  fi
fi

# The scripts of the public plans, as the test finds them.
cd "$here/.."
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
if [[ $# -eq 0 ]]; then
  files=("$here"/scripts/*.txt)
  LOADLINE_CORPUS_SCRIPTS="$scratch/corpus.jsonl" \
    cargo test -q -p loadline-script --test it oracle::list_corpus_scripts >/dev/null
else
  files=()
  for file in "$@"; do files+=("$(realpath "$file")"); done
  : >"$scratch/corpus.jsonl"
fi

mkdir "$scratch/work"
cd "$scratch/work"
java -Djava.awt.headless=true -Djava.util.prefs.userRoot="$here/.cache" \
  -Duser.timezone=UTC -Duser.language=en -Duser.country=US -Dfile.encoding=UTF-8 \
  -Dlog4j2.StatusLogger.level=OFF -Dorg.apache.logging.log4j.level=OFF -Djmeter.home="$home" \
  -cp "$here/.cache/nashorn/*:$home/lib/*:$home/lib/ext/*:$home/bin/ApacheJMeter.jar" \
  groovy.ui.GroovyMain "$here/scripts.groovy" "$scratch/corpus.jsonl" "${files[@]}" \
  > "$scratch/scripts.jsonl"
cd "$here/.."
if [[ $# -gt 0 ]]; then
  LOADLINE_ANSWERS="$scratch/scripts.jsonl" \
    cargo test -q -p loadline-script --test it oracle::print_differences -- --nocapture
  exit
fi
cp "$scratch/scripts.jsonl" "$here/recorded/scripts.jsonl"

LOADLINE_WRITE=1 cargo test -q -p loadline-script --test it oracle::
