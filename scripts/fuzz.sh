#!/usr/bin/env bash
# Builds the fuzz targets of tests/fuzz with clang and runs them, from their seeds and their kept corpus. Prints a line a
# target; exits 1 when one found something, with the input's file and the command that shows it again.
#
# Usage: scripts/fuzz.sh [--seconds N] [--jobs N] [--timeout N] [--keep] [target...]    (default: all targets)
#   --seconds N      time a target (default 60)
#   --jobs N         targets at a time (default 2)
#   --timeout N      seconds, of the clock, that an input may take (default 5; more where other work shares the cores)
#   --keep           afterwards put the inputs that reach new code into tests/fuzz/corpus, the smallest that do
#   CLANGXX=PROGRAM  the compiler: clang++ 15 or newer with its libFuzzer (scripts/setup.sh --fuzz installs one)
set -euo pipefail
cd "$(dirname "$0")/.."
readonly build=build/fuzz
readonly memory_mb=1024
readonly largest_input=16384 largest_corpus=100000 most_inputs=300  # bytes, and number, of what --keep keeps

die() { printf '%s\n' "error: fuzz: $*" >&2; exit 1; }
usage() { sed -n '2,10s/^# \{0,1\}//p' "$0"; exit 2; }

find_clang() {
  local program version
  for program in ${CLANGXX:-clang++-16 clang++-18 clang++-19 clang++}; do
    version=$("$program" -dumpversion 2>/dev/null) || continue
    if [ "${version%%.*}" -ge 15 ]; then
      command -v "$program"
      return
    fi
  done
  die "expected clang++ 15 or newer, found none (scripts/setup.sh --fuzz)"
}

# Prints "name max_len dictionary" of the targets named, all without a name.
select_targets() {
  local name
  if [ $# = 0 ]; then
    cat "$build/fuzz_targets"
    return
  fi
  for name in "$@"; do
    grep "^$name " "$build/fuzz_targets" ||
      die "expected a target of $(cut -d' ' -f1 "$build/fuzz_targets" | tr '\n' ' '), got $name"
  done
}

build_targets() {
  local compiler launcher=()
  compiler=$(find_clang)
  command -v ccache >/dev/null && launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
  cmake --preset fuzz --log-level=WARNING -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_C_COMPILER="${compiler/++/}" \
    "${launcher[@]}" >/dev/null
  select_targets "$@" >"$build/selected_targets"
  mapfile -t programs < <(sed 's/^\([^ ]*\).*/fuzz-\1/' "$build/selected_targets")
  cmake --build "$build" --target "${programs[@]}" >"$build/build.log" 2>&1 ||
    { grep -E "error|FAILED" "$build/build.log" >&2; die "the targets do not compile (log: $build/build.log)"; }
}

last_of() { grep -aoE "$1[ :]+[0-9]+" "$2" | tail -n 1 | grep -oE '[0-9]+$' || echo 0; }

# fuzz_target NAME MAX_LEN [DICTIONARY]: runs one target and prints its line.
fuzz_target() {
  local name=$1 max_len=$2 dictionary=${3:-} folder=$PWD/$build/runs/$1 found=() options=()
  local program=$build/bin/fuzz-$name log=$build/runs/$name/log
  rm -rf "$folder"
  mkdir -p "$folder/corpus" "$folder/found" "tests/fuzz/corpus/$name"
  [ -z "$dictionary" ] || options=("-dict=tests/fuzz/dictionaries/$dictionary.dict")
  timeout -k 5 $((seconds + timeout + 60)) "$program" -max_total_time="$seconds" -timeout="$timeout" \
    -rss_limit_mb=$memory_mb -max_len="$max_len" \
    "${options[@]}" -report_slow_units="$timeout" -artifact_prefix="$folder/found/" -print_final_stats=1 \
    "$folder/corpus" "tests/fuzz/corpus/$name" "tests/fuzz/seeds/$name" >"$log" 2>&1 || true
  found=("$folder"/found/*)
  [ -e "${found[0]}" ] || found=()
  printf '%-16s runs %9s  exec/s %6s  coverage %6s  features %6s  corpus %5s  found %s\n' "$name" \
    "$(last_of 'stat::number_of_executed_units' "$log")" "$(last_of 'stat::average_exec_per_sec' "$log")" \
    "$(last_of ' cov' "$log")" "$(last_of ' ft' "$log")" "$(last_of ' corp' "$log")" "${#found[@]}"
  if [ ${#found[@]} -gt 0 ]; then
    grep -a -m 1 -E "ERROR|runtime error|what\(\)|^expected" "$log" || true
    printf 'show again: %s/%s %s\n' "$PWD" "$program" "${found[@]}"
    return 1
  fi
  grep -aq '^Done [0-9]* runs' "$log" || { printf '%s\n' "$name did not end well (log: $log)"; return 1; }
}

# Puts the smallest inputs that reach all that was reached into tests/fuzz/corpus/NAME, up to a size.
keep_corpus() {
  local name=$1 merged=$PWD/$build/runs/$1/merged size total=0 count=0 file
  rm -rf "$merged" && mkdir -p "$merged"
  "$build/bin/fuzz-$name" -merge=1 -timeout="$timeout" -rss_limit_mb=$memory_mb \
    -artifact_prefix="$PWD/$build/runs/$name/found/" "$merged" "tests/fuzz/corpus/$name" "$build/runs/$name/corpus" \
    >"$build/runs/$name/merge_log" 2>&1 || die "could not merge $name"
  rm -rf "tests/fuzz/corpus/$name" && mkdir -p "tests/fuzz/corpus/$name"
  while read -r size file; do
    total=$((total + size))
    count=$((count + 1))
    [ "$size" -le $largest_input ] && [ $total -le $largest_corpus ] && [ $count -le $most_inputs ] || break
    cp "$merged/$file" "tests/fuzz/corpus/$name/"
  done < <(find "$merged" -type f -printf '%s %f\n' | sort -n)
}

seconds=60 jobs=2 timeout=5 keep=false names=()
while [ $# -gt 0 ]; do
  case "$1" in
    --seconds) seconds=${2:?} && shift 2 ;;
    --jobs) jobs=${2:?} && shift 2 ;;
    --timeout) timeout=${2:?} && shift 2 ;;
    --keep) keep=true && shift ;;
    -*) usage ;;
    *) names+=("$1") && shift ;;
  esac
done

build_targets "${names[@]}"
failed=0 running=0
while read -r name max_len dictionary; do
  if [ $running -ge "$jobs" ]; then
    wait -n || failed=1
    running=$((running - 1))
  fi
  fuzz_target "$name" "$max_len" "$dictionary" &
  running=$((running + 1))
done <"$build/selected_targets"
while [ $running -gt 0 ]; do
  wait -n || failed=1
  running=$((running - 1))
done
if $keep; then
  while read -r name _; do keep_corpus "$name"; done <"$build/selected_targets"
fi
exit $failed
