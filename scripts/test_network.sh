#!/usr/bin/env bash
# Runs tempo-train on two "hosts", network namespaces joined by a link: as it is, with delay and loss, and cut in the middle of the run.
# Needs root, iproute2 and a kernel with network namespaces and netem. Prints a line a case; exits 1 where one is not as expected.
#
# Usage: scripts/test_network.sh [--build DIR]     DIR: a build with the tests (default build/release)
set -euo pipefail
cd "$(dirname "$0")/.."
build=build/release
[ "${1:-}" != --build ] || build=$2

die() { printf '%s\n' "error: test_network: $*" >&2; exit 1; }

command -v ip >/dev/null || die "expected iproute2 (ip, tc), found none"
train=$(realpath "$build/bin/tempo-train") || die "expected a build in $build"
work=$(mktemp -d)
readonly hosts=(tempo-a tempo-b)
clean() {
  for host in "${hosts[@]}"; do
    ip netns pids "$host" 2>/dev/null | xargs -r kill -KILL 2>/dev/null || true
    ip netns del "$host" 2>/dev/null || true
  done
  rm -rf "$work"
}
trap clean EXIT

for host in "${hosts[@]}"; do ip netns add "$host" || die "expected root and network namespaces"; done
ip link add tempo-0 netns tempo-a type veth peer name tempo-1 netns tempo-b
ip -n tempo-a addr add 10.77.0.1/24 dev tempo-0
ip -n tempo-b addr add 10.77.0.2/24 dev tempo-1
for host in "${hosts[@]}"; do ip -n "$host" link set lo up; done
ip -n tempo-a link set tempo-0 up
ip -n tempo-b link set tempo-1 up
"$build/tests/programs/tiny_workspace" "$work/run"
cd "$work/run"

# start HOST RANK ARGUMENT...: one rank, in the background.
start() {
  local host=$1 rank=$2
  shift 2
  ip netns exec "$host" env RANK="$rank" LOCAL_RANK=0 WORLD_SIZE=2 MASTER_ADDR=10.77.0.1 MASTER_PORT=29500 \
    timeout -s KILL 120 "$train" run.yaml distributed.timeout_s=5 "$@" >"rank-$rank.log" 2>&1 &
}
# run NAME ARGUMENT...: both; sets status_0, status_1.
run() {
  status_0=0 status_1=0
  start tempo-a 0 "output.folder=$1" "${@:2}"; local first=$!
  start tempo-b 1 "output.folder=$1" "${@:2}"; local second=$!
  [ "${cut_after:-0}" = 0 ] || { sleep "$cut_after"; ip -n tempo-a link set tempo-0 down; }
  wait "$first" || status_0=$?
  wait "$second" || status_1=$?
}

"$train" run.yaml train.steps=20 output.folder=alone >alone.log 2>&1
run quick train.steps=20
[ "$status_0$status_1" = 00 ] || die "a good link: expected both to end well, got $status_0 and $status_1: $(cat rank-*.log)"
cmp -s alone/completions.jsonl quick/completions.jsonl || die "a good link: expected the samples of one process, got others"
echo "a good link: 20 steps, the samples of one process"

tc -n tempo-a qdisc add dev tempo-0 root netem delay 20ms 5ms loss 2%
tc -n tempo-b qdisc add dev tempo-1 root netem delay 20ms 5ms loss 2%
run slow train.steps=5
[ "$status_0$status_1" = 00 ] || die "delay and loss: expected both to end well, got $status_0 and $status_1: $(cat rank-*.log)"
echo "20 ms (+-5) of delay and 2 % of loss each way: 5 steps"
for host in "${hosts[@]}"; do tc -n "$host" qdisc del dev "$([ "$host" = tempo-a ] && echo tempo-0 || echo tempo-1)" root; done

SECONDS=0 cut_after=4
run cut train.steps=1000000 output.checkpoint_every=10
[ "$status_0" = 1 ] && [ "$status_1" = 1 ] || die "a cut link: expected status 1 twice, got $status_0 and $status_1: $(cat rank-*.log)"
echo "a cut link: both ended $((SECONDS - cut_after)) s after it (timeout_s 5), one saying: $(grep -h -m 1 error: rank-*.log | head -n 1)"
ip -n tempo-a link set tempo-0 up
cut_after=0
newest=$(find cut/checkpoints -name 'step-*' | sed 's/.*-//' | sort -n | tail -n 1)
run cut train.steps=$((newest + 5)) output.checkpoint_every=10
[ "$status_0$status_1" = 00 ] || die "mended: expected both to end well, got $status_0 and $status_1: $(cat rank-*.log)"
grep -q "goes on from" rank-0.log || die "mended: expected the run to go on, got: $(cat rank-0.log)"
echo "the link mended: the run went on from a checkpoint"
