/**
 * A script that makes a run of Weights & Biases of the files beside it, with its public interface alone: the form of its offline files is its own
 * affair.
 */
export const wandbScript = `"""Makes a run of Weights & Biases of the files beside this script.

    pip install wandb
    python wandb_run.py                 # or WANDB_MODE=offline python wandb_run.py
"""

import csv
import json
import os
from pathlib import Path

import wandb

here = Path(__file__).resolve().parent
record = json.loads((here / "run.json").read_text(encoding="utf-8"))


def rows(name):
    with open(here / name, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            yield {key: float(value) for key, value in row.items() if value != ""}


run = wandb.init(
    project=os.environ.get("WANDB_PROJECT", "vernier"),
    name=record["name"],
    notes=record["remarks"] or None,
    tags=record["tags"] or None,
    group=((record.get("sweep") or {}).get("name") or "")[:128] or None,
    config={
        key: record.get(key)
        for key in ("recipe", "dataset", "base", "environment", "kernels", "plan", "taken", "createdAt", "endedAt", "since")
    },
)
run.define_metric("validation/*", step_metric="step")
run.define_metric("train/*", step_metric="step")
merged = {}
for group, name in (("train", "steps.csv"), ("validation", "evaluations.csv")):
    for row in rows(name):
        step = int(row.pop("step"))
        merged.setdefault(step, {"step": step}).update({f"{group}/{key}": value for key, value in row.items()})
for step in sorted(merged):
    run.log(merged[step], step=step)
run.summary["state"] = record["state"]
for key, value in (record["test"] or {}).get("tuned", {}).items():
    run.summary[f"test/{key}"] = value
run.finish()
`;
