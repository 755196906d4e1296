#!/usr/bin/env bash
# Formats the C++ sources in place; with --check only says which are not formatted, and exits 1 if there are some.
# Needs clang-format 14: other versions break lines elsewhere. CLANG_FORMAT=PROGRAM names one.
set -euo pipefail
cd "$(dirname "$0")/.."

find_clang_format() {
  local program
  for program in ${CLANG_FORMAT:-clang-format-14 clang-format}; do
    if "$program" --version 2>/dev/null | grep -q 'version 14\.'; then
      echo "$program"
      return
    fi
  done
  echo "error: format: expected clang-format 14, found none (Debian: apt-get install clang-format-14)" >&2
  return 1
}

clang_format=$(find_clang_format)
mapfile -t sources < <(git ls-files --cached --others --exclude-standard -- '*.h' '*.c' '*.cpp' '*.cu' '*.cuh')
existing=()
for source in "${sources[@]}"; do [[ -f $source ]] && existing+=("$source"); done
case "${1:-}" in
  "") "$clang_format" -i "${existing[@]}" ;;
  --check) "$clang_format" --dry-run -Werror "${existing[@]}" ;;
  *) echo "usage: scripts/format.sh [--check]" >&2; exit 2 ;;
esac
