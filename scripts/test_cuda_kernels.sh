#!/usr/bin/env bash
# Compiles the CUDA kernels with nvcc and runs their tests: on a device when there is one, and on the CPU, with checks of
# every access, race and barrier, when the emulator is there.
#
# Usage: scripts/test_cuda_kernels.sh [--no-run]
#   --no-run     only compile
#   GPUEMU=DIR   folder of the emulator, built on first use (default: ../shared/tools/gpuemu)
#   CUDAARCHS=…  architectures to compile for (default: those of a release)
set -euo pipefail
cd "$(dirname "$0")/.."
readonly build=build/cuda-kernels
readonly programs=$build/tests/kernels/device/cuda
readonly emulator=${GPUEMU:-../shared/tools/gpuemu}

run() { printf '+ %s\n' "$*" >&2; "$@"; }
die() { printf '%s\n' "error: $*" >&2; exit 1; }

# Runs a defect, which the emulator must report.
must_report() {
  local output
  printf '+ must be reported: %s\n' "$*" >&2
  output=$("$@" 2>&1) || true
  grep -E -m 1 "ERROR|RACE|WARNING" <<<"$output" || die "expected a report of a defect, got: $output"
}

test_on_emulator() {
  local copy=build/gpuemu toolkit=/usr/local/cuda option defect
  if [ ! -e "$copy/lib/libcudart.so.13" ]; then
    [ -e "$toolkit/include/cuda_runtime_api.h" ] || toolkit=$PWD/.deps/cuda/nvidia/cu13
    mkdir -p build && rm -rf "$copy" && cp -r "$emulator" "$copy"
    (cd "$copy" && CUDA_HOME=$toolkit run ./build.sh)
  fi
  for option in "-r" "-l" "-r -s 1" "-r -s 2" "-l -s 3"; do
    # shellcheck disable=SC2086  # options are words
    run "$copy/gpuemu" -x 99 $option "$programs/test_kernels_cuda" "[.device]"
  done
  run "$copy/gpuemu" -x 99 -r "$programs/kernel_defects_cuda" none
  for defect in guard barrier reach; do
    must_report "$copy/gpuemu" -x 99 -r "$programs/kernel_defects_cuda" "$defect"
  done
}

[ "${1:-}" = "" ] || [ "${1:-}" = --no-run ] || { sed -n '2,8s/^# \{0,1\}//p' "$0"; exit 2; }
run scripts/setup.sh --no-model --nvcc
run cmake --preset cuda-kernels --log-level=WARNING ${CI:+-DTEMPO_WERROR=ON} \
  ${CUDAARCHS:+-DCMAKE_CUDA_ARCHITECTURES="$CUDAARCHS"}
run cmake --build "$build" --target test_kernels_cuda kernel_defects_cuda
[ "${1:-}" != --no-run ] || exit 0
if compgen -G '/dev/nvidia[0-9]*' >/dev/null; then
  run "$programs/test_kernels_cuda" "[.device]"
else
  printf '%s\n' "no device: the kernels' tests did not run on one" >&2
fi
if [ -d "$emulator" ]; then
  test_on_emulator
else
  printf '%s\n' "no emulator: the kernels' tests did not run on it" >&2
fi
