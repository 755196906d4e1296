# Sourced by the run.sh of benchmarks/step and benchmarks/rollout, in the project's root.

die() { printf '%s\n' "error: $*" >&2; exit 1; }

# prepare_python IMPORTS PACKAGE...: sets $python to a Python that has the packages, of TEMPO_BENCH_VENV, in which
# nothing is installed, or of build/bench/venv, which is made, and kept until the list of packages changes.
prepare_python() {
  local imports=$1 venv=build/bench/venv
  shift
  if [ -n "${TEMPO_BENCH_VENV:-}" ]; then
    python=$TEMPO_BENCH_VENV/bin/python
    [ -x "$python" ] || die "TEMPO_BENCH_VENV: expected $python, found nothing"
    "$python" - $imports <<'CHECK' || die "TEMPO_BENCH_VENV: expected these packages in it: $*"
import importlib.util, sys
sys.exit(not all(importlib.util.find_spec(name) for name in sys.argv[1:]))
CHECK
    return 0
  fi
  python=$venv/bin/python
  local package missing=()
  for package in "$@"; do grep -qxF "$package" "$venv/packages" 2>/dev/null || missing+=("$package"); done
  [ ${#missing[@]} -gt 0 ] || return 0
  printf '%s\n' "installing ${missing[*]} into $venv" >&2
  if [ ! -x "$python" ]; then
    python3 -m venv "$venv" || die "expected python3 with venv (Debian: python3-venv)"
  fi
  mkdir -p build/bench
  nice -n 10 "$python" -m pip install --disable-pip-version-check "${missing[@]}" >build/bench/pip.log 2>&1 ||
    { tail -n 3 build/bench/pip.log >&2; die "could not install ${missing[*]} (whole log: build/bench/pip.log)"; }
  printf '%s\n' "${missing[@]}" >>"$venv/packages"
}

# The settings of the caller's shell must not reach one side alone; each side's own are set by the scripts.
unset GOMP_SPINCOUNT OMP_WAIT_POLICY OMP_NUM_THREADS MKL_NUM_THREADS "${!MALLOC_@}"
export TOKENIZERS_PARALLELISM=false TRANSFORMERS_VERBOSITY=error TQDM_DISABLE=1 PYTHONWARNINGS=ignore

readonly trl_packages=(torch==2.15.0 transformers trl accelerate datasets gguf)
readonly trl_imports="torch transformers trl accelerate datasets gguf"
