#!/usr/bin/env bash
# Kills runs of tempo-train at random moments, again and again, and compares what they leave in the end with a run in one go: weights,
# optimiser, metrics, sampled text, bit by bit. Prints a line a number of processes; exits 1 where anything differs.
#
# Usage: scripts/test_resume.sh [--kills N] [--ranks "1 2"] [--build DIR]
#   --kills N        times that each run is killed (default 100)
#   --ranks "N ..."  numbers of processes (default "1 2")
#   --build DIR      a build with the tests (default build/release)
set -euo pipefail
cd "$(dirname "$0")/.."
kills=100 ranks="1 2" build=build/release

die() { printf '%s\n' "error: test_resume: $*" >&2; exit 1; }

while [ $# -gt 0 ]; do
  case "$1" in
    --kills) kills=$2 ;;
    --ranks) ranks=$2 ;;
    --build) build=$2 ;;
    *) sed -n '2,8s/^# \{0,1\}//p' "$0"; exit 2 ;;
  esac
  shift 2
done
train=$(realpath "$build/bin/tempo-train") || die "expected a build in $build"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$build/tests/programs/tiny_workspace" "$work/run"
cd "$work/run"

# What a run leaves that must be equal: times are not.
outcome() {
  python3 - "$1" <<'PYTHON'
import glob, hashlib, json, sys
folder = sys.argv[1]
lines = []
for line in open(f"{folder}/metrics.jsonl"):
    metrics = json.loads(line)
    lines.append({k: v for k, v in metrics.items() if k != "step_time" and not k.startswith("time/")})
print("metrics", hashlib.sha256(json.dumps(lines).encode()).hexdigest())
newest = max(glob.glob(f"{folder}/checkpoints/step-*"), key=lambda name: int(name.rsplit("-", 1)[1]))
files = ["completions.jsonl", "evaluations.jsonl", "final/model.safetensors"]
for name in [f"{folder}/{file}" for file in files] + sorted(glob.glob(f"{newest}/shard-*")):
    print(name.removeprefix(folder), hashlib.sha256(open(name, "rb").read()).hexdigest())
PYTHON
}

# Each run has no end until it was killed often enough; then it goes a few steps on, and another run as far in one go.
for count in $ranks; do
  arguments=(run.yaml output.checkpoint_every=1 evaluation.every=50)
  [ "$count" = 1 ] || arguments+=(--nproc "$count")
  for ((kill = 0; kill < kills; ++kill)); do
    moment=$(printf '%d.%02d' $((RANDOM % 2)) $((30 + RANDOM % 70)))
    status=0
    { timeout -s KILL "$moment" "$train" "${arguments[@]}" train.steps=1000000 "output.folder=killed-$count" >log 2>&1 ||
      status=$?; } 2>/dev/null
    [ "$status" = 137 ] || die "$count processes, after $kill kills: $(grep -m 1 error: log)"
  done
  at=$(find "killed-$count/checkpoints" -name 'step-*' | sed 's/.*-//' | sort -n | tail -n 1)
  for folder in killed once; do
    "$train" "${arguments[@]}" "train.steps=$((at + 3))" "output.folder=$folder-$count" >log 2>&1 ||
      die "$count processes, the run to the end failed: $(grep -m 1 error: log)"
  done
  diff <(outcome "once-$count") <(outcome "killed-$count") >&2 || die "$count processes: what the runs left differs, see above"
  printf '%s processes: %s kills until step %s: equal in every bit\n' "$count" "$kills" "$at"
done
