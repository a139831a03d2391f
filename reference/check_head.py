"""Holds the loader of exported heads against what the studio computes, to 1e-4.

usage: npx vitest run --project node src/training/tasks/exported-head.test.ts && python reference/check_head.py
"""

import importlib.util
import json
import pathlib
import sys

import numpy as np
from PIL import Image

OUT = pathlib.Path(__file__).resolve().parents[1] / "out/heads"
TOLERANCE = 1e-4


def head_of(folder):
    """The class in the export's own head.py."""
    spec = importlib.util.spec_from_file_location(f"head_{folder.name}", folder / "head.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Head(folder)


worst = 0.0
folders = sorted(path for path in OUT.iterdir() if path.is_dir())
for folder in folders:
    head = head_of(folder)
    config = head.config
    largest = 0.0
    for case in json.loads((folder / "values.json").read_text()):
        side = case["side"]
        picture = Image.fromarray(np.array(case["pixels"], np.uint8).reshape(side, side, 3))
        words = case["words"]
        found = head.logits(picture if config["picture"] else None, words if config["words"] else None)
        largest = max(largest, float(np.abs(found.numpy() - np.array(case["logits"])).max()))
        chances = head(picture if config["picture"] else None, words if config["words"] else None)
        assert abs(sum(chances.values()) - 1) < 1e-5
    print(f"{folder.name}: largest difference {largest:.2e}")
    worst = max(worst, largest)
if not folders or worst > TOLERANCE:
    sys.exit(f"{len(folders)} heads, {worst:.2e} is more than {TOLERANCE}.")
