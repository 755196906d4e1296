#!/usr/bin/env bash
# Runs tempo-train on two "hosts", network namespaces joined by a link that a program of this script carries packet by packet: as it is,
# with delay and loss, and cut in the middle of the run. Needs root, iproute2, Python, and a kernel with network namespaces and TUN devices.
# Prints a line a case; exits 1 where one is not as expected.
#
# Usage: scripts/test_network.sh [--build DIR]     DIR: a build with the tests (default build/release)
set -euo pipefail
cd "$(dirname "$0")/.."
build=build/release
[ "${1:-}" != --build ] || build=$2

die() { printf '%s\n' "error: test_network: $*" >&2; exit 1; }

command -v ip >/dev/null || die "expected iproute2 (ip), found none"
train=$(realpath "$build/bin/tempo-train") || die "expected a build in $build"
work=$(mktemp -d)
readonly hosts=(tempo-a tempo-b)
clean() {
  [ -z "${relay:-}" ] || { kill -KILL "$relay" && wait "$relay"; } 2>/dev/null || true
  for host in "${hosts[@]}"; do
    ip netns pids "$host" 2>/dev/null | xargs -r kill -KILL 2>/dev/null || true
    ip netns del "$host" 2>/dev/null || true
  done
  rm -rf "$work"
}
trap clean EXIT

for host in "${hosts[@]}"; do ip netns add "$host" || die "expected root and network namespaces"; done
# The link: packets from one device go to the other, after a delay, or are lost. The file says "DELAY_S JITTER_S LOSS"; loss 1 is a cut.
echo "0 0 0" >"$work/link"
python3 - "$work/link" <<'PYTHON' &
import fcntl, heapq, itertools, os, random, select, struct, sys, time

def device(name):
    descriptor = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(descriptor, 0x400454CA, struct.pack("16sH", name.encode(), 0x0001 | 0x1000))  # TUNSETIFF: IFF_TUN, IFF_NO_PI
    return descriptor

ends = [device("tempo-0"), device("tempo-1")]
waiting, order, random = [], itertools.count(), random.Random(1)
while True:
    timeout = max(0, waiting[0][0] - time.monotonic()) if waiting else 0.05
    ready, _, _ = select.select(ends, [], [], timeout)
    delay, jitter, loss = map(float, open(sys.argv[1]).read().split() or "000")
    for end in ready:
        packet = os.read(end, 65536)
        if random.random() >= loss:
            due = time.monotonic() + max(0, random.uniform(delay - jitter, delay + jitter))
            heapq.heappush(waiting, (due, next(order), ends[end == ends[0]], packet))
    while waiting and waiting[0][0] <= time.monotonic():
        _, _, to, packet = heapq.heappop(waiting)
        try:
            os.write(to, packet)
        except OSError:
            pass  # the device is down
PYTHON
relay=$!
for ((i = 0; i < 50; ++i)); do
  ip link show tempo-1 >/dev/null 2>&1 && break
  kill -0 "$relay" 2>/dev/null || die "expected root and TUN devices (/dev/net/tun)"
  sleep 0.1
done
for end in 0 1; do
  host=${hosts[$end]}
  ip link set "tempo-$end" netns "$host"
  ip -n "$host" addr add "10.77.0.$((end + 1))/24" dev "tempo-$end"
  ip -n "$host" link set lo up
  ip -n "$host" link set "tempo-$end" mtu 1500 up
done
# set_link DELAY_S JITTER_S LOSS, all at once: the program may read it at any moment.
set_link() { echo "$*" >"$work/link.new" && mv "$work/link.new" "$work/link"; }
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
  [ "${cut_after:-0}" = 0 ] || { sleep "$cut_after"; set_link 0 0 1; }
  { wait "$first" || status_0=$?; wait "$second" || status_1=$?; } 2>/dev/null
}

"$train" run.yaml train.steps=20 output.folder=alone >alone.log 2>&1
run quick train.steps=20
[ "$status_0$status_1" = 00 ] || die "a good link: expected both to end well, got $status_0 and $status_1: $(tail -n 2 rank-*.log)"
cmp -s alone/completions.jsonl quick/completions.jsonl || die "a good link: expected the samples of one process, got others"
echo "a good link: 20 steps, the samples of one process"

set_link 0.020 0.005 0.02
run slow train.steps=5
[ "$status_0$status_1" = 00 ] || die "delay and loss: expected both to end well, got $status_0 and $status_1: $(tail -n 2 rank-*.log)"
echo "20 ms (+-5) of delay and 2 % of loss each way: 5 steps"
set_link 0 0 0

SECONDS=0 cut_after=4
run cut train.steps=1000000 output.checkpoint_every=10
[ "$status_0" = 1 ] && [ "$status_1" = 1 ] || die "a cut link: expected status 1 twice, got $status_0 and $status_1: $(tail -n 2 rank-*.log)"
echo "a cut link: both ended $((SECONDS - cut_after)) s after it (timeout_s 5), one saying: $(grep -h -m 1 error: rank-*.log | head -n 1)"
set_link 0 0 0
cut_after=0
newest=$(find cut/checkpoints -name 'step-*' | sed 's/.*-//' | sort -n | tail -n 1)
run cut train.steps=$((newest + 5)) output.checkpoint_every=10
[ "$status_0$status_1" = 00 ] || die "mended: expected both to end well, got $status_0 and $status_1: $(tail -n 2 rank-*.log)"
grep -q "goes on from" rank-0.log || die "mended: expected the run to go on, got: $(tail -n 2 rank-0.log)"
echo "the link mended: the run went on from a checkpoint"
