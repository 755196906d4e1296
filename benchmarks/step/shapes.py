"""The shapes of a training step that are compared, and what each must reach."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Shape:
    name: str
    title: str
    task: str      # file <task>.jsonl of the work folder
    reward: str    # tempo's kind of reward; trl_step.py has the same rule
    prompts: int   # a step
    responses: int
    new_tokens: int
    steps: int     # that are timed, of each process
    forced: bool = True  # every response has new_tokens tokens, and every group is trained
    quickstart: bool = False
    # at least: how many times faster than this side; memory: at most this share of TRL's
    faster: dict = field(default_factory=dict)
    memory: float | None = None


SHAPES = (
    Shape("a", "arithmetic", "arithmetic", "number", 4, 8, 64, 3,
          faster={"trl": 7, "trl-pages": 4}, memory=0.4),
    Shape("b", "MedQA", "medqa", "choice", 2, 8, 64, 3,
          faster={"trl": 12, "trl-pages": 7}, memory=0.3),
    Shape("c", "MATH", "math", "number", 2, 8, 512, 2),
    Shape("d", "quickstart's model", "arithmetic", "number", 8, 8, 24, 5, forced=False, quickstart=True,
          faster={"trl-pages": 10}),
)
