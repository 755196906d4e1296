#!/usr/bin/env bash
# Compares a training step of tempo with TRL's GRPOTrainer: time, memory, tokens a second. Prints Markdown.
# Sets up a Python environment with the newest TRL first, once (several GB), in build/bench/venv.
#   benchmarks/step/run.sh [--help] [--shapes a,b] [--output FILE] ...
#   TEMPO_BENCH_VENV=DIR  use this environment
set -euo pipefail
cd "$(dirname "$0")/../.."
. benchmarks/step/environment.sh

case " $* " in *" --help "* | *" -h "*) exec python3 benchmarks/step/step_speed.py --help ;; esac
prepare_python "$trl_imports" "${trl_packages[@]}"
exec "$python" benchmarks/step/step_speed.py "$@"
