"""Tests scripts/check_layers.py: each rule rejects a tree that breaks it, and nothing else is rejected."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "check_layers.py"
sys.path.insert(0, str(SCRIPT.parent))
sys.dont_write_bytecode = True
import check_layers  # noqa: E402 (the path must be set first)

# (file, its text, the error after "file:line: ", with the line).
WRONG = [
    ("libtempo/include/tempo/core/a.h", '#include "tempo/tree/forest.h"\n',
     "1: expected core to use no other layer, got tempo/tree/forest.h"),
    ("libtempo/src/tree/a.cpp", '\n#include "tempo/credit/fold.h"\n',
     "2: expected tree to use core, kernels, got tempo/credit/fold.h"),
    ("libtempo/src/credit/a.cpp", '#include "tempo/io/mapped_file.h"\n',
     "1: expected credit to use core, kernels, tree, got tempo/io/mapped_file.h"),
    ("libtempo/src/io/a.cpp", '#include "tempo/text/tokenizer.h"\n',
     "1: expected io to use core, got tempo/text/tokenizer.h"),
    ("libtempo/include/tempo/reward/a.h", '#include "tempo/tree/forest.h"\n',
     "1: expected reward to use core, io, text, data, got tempo/tree/forest.h"),
    ("libtempo/src/model/a.cpp", "#include <tempo/rollout/sampler.h>\n",
     "1: expected model to use core, kernels, tree, io, got tempo/rollout/sampler.h"),
    ("libtempo/src/objective/a.cpp", '#include "tempo/rollout/sampler.h"\n',
     "1: expected objective to use core, kernels, tree, credit, io, model, optim, got tempo/rollout/sampler.h"),
    ("kernels/src/a.cu", '#include "tempo/tree/forest.h"\n',
     "1: expected kernels to use core, got tempo/tree/forest.h"),
    ("libtempo/src/credit/a.cpp", "#include <ATen/ATen.h>\n", "1: expected no libtorch in credit, got ATen/ATen.h"),
    ("kernels/include/tempo/kernels/a.h", "#  include <c10/util/Half.h>\n",
     "1: expected no libtorch in kernels, got c10/util/Half.h"),
    ("libtempo/src/text/a.cpp", "#include <torch/torch.h>\n", "1: expected no libtorch in text, got torch/torch.h"),
    ("libtempo/src/train/a.cpp", "#include <yaml-cpp/yaml.h>\n",
     "1: expected no header of programs in the library, got yaml-cpp/yaml.h"),
    ("libtempo/src/train/a.cpp", '#include "../model/private.h"\n',
     "1: expected a path without .., got ../model/private.h"),
    ("libtempo/src/extras/a.cpp", "\n", "1: expected a layer of core, kernels, tree, credit, io, text, data, reward, "
     "model, optim, dist, rollout, objective, train, got extras"),
    ("libtempo/src/io/a.cpp", "void f() {\n  std::cout << 1;\n}\n",
     "2: expected the library not to print, read the environment or exit, got std::cout"),
    ("libtempo/src/io/a.cpp", "int x = printf (\"%d\", 1);\n",
     "1: expected the library not to print, read the environment or exit, got printf"),
    ("kernels/src/a.cpp", "/* a\nb */ auto* x = std::getenv(\"HOME\");\n",
     "2: expected the library not to print, read the environment or exit, got std::getenv"),
    ("libtempo/src/core/a.cpp", "void f() { exit(1); }\n",
     "1: expected the library not to print, read the environment or exit, got exit"),
    ("trainers/a.cpp", "//" + "x" * 109 + "\n", "1: expected at most 110 columns, got 111"),
    ("tests/core/a.cpp", "\n" * 401, "401: expected at most 400 lines, got 401"),
]

RIGHT = {
    "libtempo/include/tempo/train/a.h": '#include "tempo/reward/reward.h"\n#include "tempo/rollout/sampler.h"\n',
    "libtempo/src/objective/a.cpp": '#include <ATen/ATen.h>\n\n#include "tempo/credit/fold.h"\n#include "local.h"\n',
    "libtempo/src/io/a.cpp": "// std::cout\nint x = snprintf(a, 1, \"exit(1)\"), y = on.exit(1), z = my_exit(2);\n",
    "trainers/main.cpp": '#include <yaml-cpp/yaml.h>\nint main() { std::cout << getenv("HOME"); }\n' + "\n" * 398,
    "tests/core/a.cpp": '#include "tempo/train/a.h"\n// ' + "ü" * 107 + "\n",
}


def check(files):
    """Returns the errors found in a tree of these files."""
    with tempfile.TemporaryDirectory() as root:
        for name, text in files.items():
            path = Path(root) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return list(check_layers.errors_of(Path(root)))


def run_script(root):
    return subprocess.run([sys.executable, SCRIPT, root], capture_output=True, text=True, check=False)


class CheckLayers(unittest.TestCase):
    def test_each_wrong_file_is_rejected(self):
        for name, text, error in WRONG:
            with self.subTest(name=name, text=text[:40]):
                self.assertEqual(check({name: text}), [f"{name}:{error}"])

    def test_right_files_pass(self):
        self.assertEqual(check(RIGHT), [])

    def test_the_exit_status_tells(self):
        with tempfile.TemporaryDirectory() as root:
            (Path(root) / "libtempo").mkdir()
            self.assertEqual(run_script(root).returncode, 0)
            (Path(root) / "libtempo" / "a.h").write_text("\n" * 401, encoding="utf-8")
            run = run_script(root)
        self.assertEqual((run.returncode, run.stdout),
                         (1, "libtempo/a.h:401: expected at most 400 lines, got 401\n"))

    def test_a_folder_without_the_library_is_an_error(self):
        run = run_script("/dev")
        self.assertEqual((run.returncode, run.stderr), (1, "error: /dev: expected a folder with libtempo/, got none\n"))


if __name__ == "__main__":
    unittest.main()
