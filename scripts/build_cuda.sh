#!/usr/bin/env bash
# Builds all of tempo for CUDA, against libtorch's CUDA libraries, and checks that its programs load. On a machine without
# a device it checks that they say so.
#
# Usage: scripts/build_cuda.sh [TARGET...]     TARGET: of the build (default: everything)
#   CUDAARCHS=…  architectures to compile for (default: those of a release)
set -euo pipefail
cd "$(dirname "$0")/.."
readonly build=build/cuda

run() { printf '+ %s\n' "$*" >&2; "$@"; }
die() { printf '%s\n' "error: $*" >&2; exit 1; }

run scripts/setup.sh --cuda
run cmake --preset cuda --log-level=WARNING ${CUDAARCHS:+-DCMAKE_CUDA_ARCHITECTURES="$CUDAARCHS"} \
  ${CMAKE_CXX_COMPILER_LAUNCHER:+-DCMAKE_CXX_COMPILER_LAUNCHER="$CMAKE_CXX_COMPILER_LAUNCHER"}
run cmake --build "$build" ${1:+--target "$@"}
for program in "$build"/bin/tempo-*; do
  if ldd "$program" | grep 'not found'; then die "$program: expected all its libraries, see above"; fi
done
compgen -G '/dev/nvidia[0-9]*' >/dev/null && exit 0
output=$(run "$build/bin/tempo-train" examples/quickstart.yaml model.device=cuda 2>&1 >/dev/null) && status=0 || status=$?
printf '%s\n' "$output"
[ "$status" = 1 ] || die "expected exit status 1 without a device, got $status"
grep -q "^error: .*expected a CUDA device and its driver for 'cuda', found none" <<<"$output" ||
  die "expected one line that names the missing device, see above"
