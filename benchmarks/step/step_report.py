"""What a comparison of training steps found, as Markdown: a table and the goals of a shape."""

from statistics import median

import report

SIDES = {"tempo": "tempo", "trl": "TRL", "trl-pages": "TRL, pages kept",
         "tempo-checkpointing": "tempo, activation checkpointing"}
PHASES = ("rollout", "scoring", "training", "optimiser")


def summary(shape, steps, runs):
    values = {name: median(step.get(name, 0.0) for step in steps) for name in ("step_time", *PHASES)}
    values["length"] = sum(step["mean_length"] for step in steps) / len(steps)
    responses = shape.prompts * shape.responses
    values["speed"] = median(responses * step["mean_length"] / step["step_time"] for step in steps)
    values["memory"] = median(run.peak_gib for run in runs)
    values["faults"] = median(run.page_faults for run in runs) / 1e6
    values["other"] = max(run.other_work for run in runs)
    values["flat"] = sum(step["flat_groups"] for step in steps) / len(steps)
    return values


def result_table(found):
    ours = found.get("tempo")
    rows = []
    for side, values in found.items():
        ratio = [f"{values[name] / ours[name]:.2f}" if ours else "" for name in ("step_time", "memory")]
        rows.append([SIDES[side], *(f"{values[name]:.2f}" for name in ("step_time", *PHASES)), f"{values['speed']:.0f}",
                     f"{values['length']:.1f}", f"{values['memory']:.2f}", f"{values['faults']:.1f}", *ratio,
                     f"{values['flat']:.2f}", f"{values['other']:.2f}"])
    header = ["side", "s a step", *PHASES, "tokens/s", "tokens a response", "peak GiB", "page faults (M)",
              "time / tempo's", "memory / tempo's", "flat groups", "other work (cores)"]
    return report.table(header, rows)


def goal_lines(shape, found):
    ours = found.get("tempo")
    goals = []
    for side, wanted in shape.faster.items():
        if ours and side in found:
            ratio = found[side]["step_time"] / ours["step_time"]
            other = max(found[side]["other"], ours["other"])
            goals.append(report.goal(f"times faster than {SIDES[side]}", ratio, wanted, other_work=other))
    for side in ("tempo", "tempo-checkpointing"):
        if shape.memory and side in found and "trl" in found:
            share = found[side]["memory"] / found["trl"]["memory"]
            goals.append(report.goal(f"peak memory of {SIDES[side]} as a share of TRL's", share, shape.memory,
                                     at_least=False))
    return goals


def shape_section(shape, results):
    found = {side: summary(shape, *result) for side, result in results.items()}
    ours = found.get("tempo")
    goals = goal_lines(shape, found)
    length = f"{shape.new_tokens} tokens each" if shape.forced else f"at most {shape.new_tokens} tokens"
    unique = [step["unique"] for step in results["tempo"][0]] if ours else []
    distinct = f"; distinct response tokens {median(unique):.2f} of all" if unique else ""
    title = (f"## {shape.name}: {shape.title}, {shape.prompts} prompts x {shape.responses} responses, "
             f"{length}{distinct}")
    return "\n\n".join([title, result_table(found)] + (["\n".join(goals)] if goals else []))
