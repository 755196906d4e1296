#!/usr/bin/env python3
"""Runs the Python of docs/data.md on rows as the public sets publish them, and checks the files that it writes.

    docs_test.py DOCS_DATA_MD [DATA_DIR]     DATA_DIR: public data; its MATH solutions are read, too, where it has them
"""

import json
import os
import re
import sys
import tempfile
import types
import unittest
from pathlib import Path

# What load_dataset returns: by name, configuration and split.
MULTIPLE_CHOICE = {"question": "Q?", "subject": "anatomy", "choices": ["w", "x", "y", "z"], "answer": 2}
MEDQA = {"question": "Q?", "answer": "y", "options": {"A": "x", "B": "y"}, "meta_info": "step1", "answer_idx": "B",
         "metamap_phrases": ["q"]}
PUBLISHED = {
    "EleutherAI/hendrycks_math": {"problem": "P", "level": "Level 5", "type": "Algebra",
                                  "solution": "Not \\boxed{1} but \\boxed{\\frac{1}{2}}."},
    "HuggingFaceH4/MATH-500": {"problem": "P", "solution": "S", "answer": "\\frac12", "subject": "Algebra", "level": 3,
                               "unique_id": "test/algebra/1.json"},
    "openai/gsm8k": {"question": "Q?", "answer": "48/2 = <<48/2=24>>24 clips\n#### 1,024"},
    "reasoning-machines/gsm-hard": {"input": "Q?", "code": "def solution(): ...", "target": -4933826.0},
    "math-ai/amc23": {"id": 7, "question": "Q?", "answer": "27.0", "url": "https://example.org"},
    "GBaker/MedQA-USMLE-4-options": MEDQA,
    "openlifescienceai/medmcqa": {"id": "u", "question": "Q?", "opa": "w", "opb": "x", "opc": "y", "opd": "z", "cop": 3,
                                  "choice_type": "single", "exp": None, "subject_name": "Surgery", "topic_name": None},
    "cais/mmlu": MULTIPLE_CHOICE,
}
CHOICE_ROW = {"problem": "Q?", "options": ["w", "x", "y", "z"], "answer": 2, "subject": "anatomy"}
MEDQA_ROW = {"problem": "Q?", "options": {"A": "x", "B": "y"}, "answer": "B", "subject": "step1"}
MATH_ROW = {"problem": "P", "answer": "\\frac{1}{2}", "subject": "Algebra", "level": "Level 5"}
# The files that the document writes, and their rows.
WRITTEN = {
    "math_train.jsonl": [MATH_ROW] * 7,
    "math500.jsonl": [{"id": "test/algebra/1.json", "problem": "P", "answer": "\\frac12", "subject": "Algebra", "level": 3}],
    "gsm8k_train.jsonl": [{"problem": "Q?", "answer": "1024"}],
    "gsm8k_test.jsonl": [{"problem": "Q?", "answer": "1024"}],
    "gsm_hard.jsonl": [{"problem": "Q?", "answer": "-4933826"}],
    "amc23.jsonl": [{"id": "amc23/7", "problem": "Q?", "answer": "27"}],
    "medqa_train.jsonl": [MEDQA_ROW],
    "medqa_test.jsonl": [MEDQA_ROW],
    "medmcqa_dev.jsonl": [{"id": "u", "problem": "Q?", "options": {"A": "w", "B": "x", "C": "y", "D": "z"}, "answer": "D",
                           "subject": "Surgery"}],
    "mmlu_medical_test.jsonl": [CHOICE_ROW] * 6,
    "questions.jsonl": [{"problem": "Q?", "options": ["w", "x", "y", "z"], "answer": 3}],
}


def run_document(text):
    """Runs the document's Python in the current folder and returns its names."""
    module = types.ModuleType("datasets")
    module.load_dataset = lambda name, config=None, split=None: [PUBLISHED[name]]
    sys.modules["datasets"] = module
    names = {}
    for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
        exec(compile(block, "docs/data.md", "exec"), names)
    return names


class DocumentTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        document = DOCUMENT.read_text(encoding="utf-8")
        cls.folder = tempfile.TemporaryDirectory()
        os.chdir(cls.folder.name)
        Path("questions.csv").write_text("question,a,b,c,d,correct\nQ?,w,x,y,z,3\n", encoding="utf-8")
        cls.names = run_document(document)

    @classmethod
    def tearDownClass(cls):
        os.chdir("/")
        cls.folder.cleanup()

    def test_writes_the_rows_that_it_says(self):
        for name, rows in WRITTEN.items():
            with self.subTest(name):
                lines = Path(name).read_text(encoding="utf-8").splitlines()
                self.assertEqual([json.loads(line) for line in lines], rows)

    def test_writes_no_other_file(self):
        self.assertEqual(sorted(path.name for path in Path().glob("*.jsonl")), sorted(WRITTEN))

    def test_numbers_with_a_fraction_stay_as_they_are(self):
        row = self.names["gsm_hard_row"]({"input": "Q?", "code": "", "target": 5867630.8})
        self.assertEqual(row["answer"], "5867630.8")

    def test_a_box_without_braces_ends_with_the_formula(self):
        self.assertEqual(self.names["last_boxed"]("so $x = \\boxed 5$."), "5")

    @unittest.skipUnless(len(sys.argv) > 2 and Path(sys.argv[2], "math_train.jsonl").exists(), "no public data")
    def test_finds_every_answer_of_math(self):
        with open(Path(DATA, "math_train.jsonl"), encoding="utf-8") as file:
            wrong = [row["id"] for row in map(json.loads, file)
                     if self.names["math_row"]({**row, "type": row["subject"]})["answer"] != row["answer"]]
        self.assertEqual(wrong, [])


if __name__ == "__main__":
    DOCUMENT = Path(sys.argv[1]).resolve()
    DATA = Path(sys.argv[2]).resolve() if len(sys.argv) > 2 else None
    unittest.main(argv=sys.argv[:1])
