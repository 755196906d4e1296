"""What nvcc says of each kernel: registers, shared memory, and the occupancy that follows on an H100."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FLAGS = ["-std=c++20", "--fmad=false", "--expt-relaxed-constexpr", "-arch=sm_90", "-Xptxas=-v", "-O3",
         f"-I{ROOT}/kernels", f"-I{ROOT}/kernels/include", f"-I{ROOT}/libtempo/include", "-cubin", "-o", "/dev/null"]

# Of one multiprocessor, compute capability 9.0 (CUDA programming guide, "Compute capabilities").
REGISTERS, SHARED_BYTES, THREADS, BLOCKS, WARP = 65536, 228 << 10, 2048, 32, 32
REGISTER_UNIT, SHARED_UNIT, SHARED_OF_SYSTEM = 256, 128, 1 << 10


@dataclass
class Resources:
    registers: int
    shared: int  # bytes a block, without dynamic ones
    spills: int  # bytes a thread, stores and loads

    def occupancy(self, threads, dynamic_shared=0):
        """Returns the share of a multiprocessor's threads that blocks of so many threads can fill."""
        warps = -(-threads // WARP)
        per_warp = -(-self.registers * WARP // REGISTER_UNIT) * REGISTER_UNIT
        shared = -(-(self.shared + dynamic_shared) // SHARED_UNIT) * SHARED_UNIT + SHARED_OF_SYSTEM
        blocks = min(BLOCKS, THREADS // (warps * WARP), REGISTERS // (per_warp * warps), SHARED_BYTES // shared)
        return blocks * warps * WARP / THREADS


def demangled(names):
    text = subprocess.run(["c++filt", *names], capture_output=True, text=True, check=True).stdout
    return text.splitlines()


def short_name(name):
    """tempo::kernels::cuda::(anonymous namespace)::order_leaves(...) -> order_leaves; templates keep their arguments."""
    name = name.replace("(anonymous namespace)::", "").replace("tempo::kernels::cuda::", "")
    name = re.sub(r"^void ", "", name).replace("tempo::kernels::", "")
    depth = 0
    for index, letter in enumerate(name):
        depth += (letter == "<") - (letter == ">")
        if letter == "(" and depth == 0:
            return name[:index]
    return name


def of_source(nvcc, source):
    """Returns {kernel: Resources} of a CUDA source."""
    done = subprocess.run([nvcc, *FLAGS, source], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"error: {source}: nvcc: {done.stderr.strip()[:400]}")
    found = {}
    for part in re.split(r"Compiling entry function '", done.stderr)[1:]:
        name = part.split("'", 1)[0]
        registers = int(re.search(r"Used (\d+) registers", part).group(1))
        shared = re.search(r"(\d+) bytes smem", part)
        spills = re.search(r"(\d+) bytes spill stores, (\d+) bytes spill loads", part)
        found[name] = Resources(registers, int(shared.group(1)) if shared else 0,
                                sum(map(int, spills.groups())) if spills else 0)
    return dict(zip(map(short_name, demangled(list(found))), found.values())) if found else {}


def of_all(nvcc):
    """Returns {kernel: (family, Resources)} of all CUDA sources."""
    return {name: (source.stem, resources) for source in sorted((ROOT / "kernels/cuda").glob("*.cu"))
            for name, resources in of_source(nvcc, source).items()}


if __name__ == "__main__":
    import shutil
    for kernel, (family, r) in of_all(shutil.which("nvcc") or "/usr/local/cuda/bin/nvcc").items():
        print(f"{family:16} {kernel:32} {r.registers:4} registers {r.shared:6} bytes shared {r.spills:4} bytes spilled")
