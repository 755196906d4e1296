#!/usr/bin/env bash
# Compares rollouts of tempo with transformers' generate and with llama.cpp. Prints Markdown.
# Sets up a Python environment first, once, in build/bench/venv, and compiles llama.cpp in it for this machine.
#   benchmarks/rollout/run.sh [--help] [--sequences 1,32] [--output FILE] ...
#   TEMPO_BENCH_VENV=DIR  use this environment
set -euo pipefail
cd "$(dirname "$0")/../.."
. benchmarks/step/environment.sh

export PYTHONPATH=benchmarks/step
case " $* " in *" --help "* | *" -h "*) exec python3 benchmarks/rollout/rollout_speed.py --help ;; esac
export CMAKE_ARGS="-DGGML_NATIVE=ON"
prepare_python "$trl_imports llama_cpp" "${trl_packages[@]}" llama-cpp-python
exec "$python" benchmarks/rollout/rollout_speed.py "$@"
