#!/usr/bin/env python3
"""A reward program: 1 where the response's last word is the answer.

    rewards:
      - kind: command
        command: [python3, examples/rewards/check.py]

Reads a JSON object a line, writes one a line (docs/rewards.md, "Programs").
"""

import json
import sys


def score(response, answer):
    """Returns the score, the answer that was found, and why."""
    words = response.split()
    if not words:
        return 0.0, "", "the response is empty"
    found = words[-1].strip(".,;:!?*\"'()$")
    if found != answer.strip():
        return 0.0, found, f"the last word is {found}, not {answer}"
    return 1.0, found, f"the last word is {answer}"


def main():
    for line in sys.stdin:
        request = json.loads(line)
        value, found, reason = score(request["response"], request["answer"])
        answer = {"id": request["id"], "score": value, "extracted": found, "reason": reason}
        print(json.dumps(answer), flush=True)  # flush: the trainer waits for this line


if __name__ == "__main__":
    main()
