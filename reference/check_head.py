"""Holds the loader of exported heads, the classifiers that Transformers opens, and the ONNX files of both in ONNX Runtime, against what the
studio computes, to 1e-4.

usage: npx vitest run --project node src/training/tasks/exported-head.test.ts && python reference/check_head.py
"""

import importlib.util
import json
import pathlib
import sys

import numpy as np
import onnx
import onnxruntime
import torch
from PIL import Image
from transformers import AutoImageProcessor, AutoModelForImageClassification

OUT = pathlib.Path(__file__).resolve().parents[1] / "out/heads"
TOLERANCE = 1e-4


def loader_of(folder):
    """The export's own head.py."""
    spec = importlib.util.spec_from_file_location(f"head_{folder.name}", folder / "head.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Classifier:
    """An image classifier as Transformers opens it, asked as head.py asks a head."""

    def __init__(self, folder):
        self.model = AutoModelForImageClassification.from_pretrained(folder, dtype=torch.float32).eval()
        self.processor = AutoImageProcessor.from_pretrained(folder)
        several = self.model.config.problem_type == "multi_label_classification"
        self.config = {"picture": "patch-mean", "words": None, "task": "classification", "labelKind": "several" if several else "one"}

    @torch.no_grad()
    def logits(self, picture, _words):
        return self.model(**self.processor(images=picture, return_tensors="pt")).logits[0]

    def __call__(self, picture, _words):
        return dict(enumerate(self.logits(picture, None).softmax(-1).tolist()))

    def feeds(self, _folder, picture, _words):
        return {"pixel_values": self.processor(images=picture, return_tensors="np").pixel_values}


worst = 0.0
folders = sorted(path for path in OUT.iterdir() if path.is_dir())
for folder in folders:
    if (folder / "head.py").exists():
        loader = loader_of(folder)
        head, feeds = loader.Head(folder), loader.feeds
    else:
        head = Classifier(folder)
        feeds = head.feeds
    config = head.config
    onnx.checker.check_model(folder / "model.onnx", full_check=True)
    session = onnxruntime.InferenceSession(folder / "model.onnx", providers=["CPUExecutionProvider"])
    largest = by_onnx = 0.0
    batch, wanted = [], []
    for case in json.loads((folder / "values.json").read_text()):
        side = case["side"]
        picture = Image.fromarray(np.array(case["pixels"], np.uint8).reshape(side, side, 3))
        words = case["words"]
        found = head.logits(picture if config["picture"] else None, words if config["words"] else None)
        largest = max(largest, float(np.abs(found.numpy() - np.array(case["logits"])).max()))
        given = feeds(folder, picture if config["picture"] else None, words if config["words"] else None)
        by_onnx = max(by_onnx, float(np.abs(session.run(["logits"], given)[0][0] - np.array(case["logits"])).max()))
        batch.append(given)
        wanted.append(case["logits"])
        chances = head(picture if config["picture"] else None, words if config["words"] else None)
        if config["task"] == "classification" and config["labelKind"] != "several":
            assert abs(sum(chances.values()) - 1) < 1e-5
    together = {name: np.concatenate([each[name] for each in batch]) for name in batch[0]}
    by_onnx = max(by_onnx, float(np.abs(session.run(["logits"], together)[0] - np.array(wanted)).max()))
    # What says that nothing is missing may be left out.
    whole = [at for at, given in enumerate(batch) if all(given[name][0] for name in given if name.endswith("_present"))]
    found = session.run(["logits"], {name: value[whole] for name, value in together.items() if not name.endswith("_present")})[0]
    by_onnx = max(by_onnx, float(np.abs(found - np.array(wanted)[whole]).max()))
    print(f"{folder.name}: largest difference of the loader {largest:.2e}, of ONNX {by_onnx:.2e}")
    worst = max(worst, largest, by_onnx)
if not folders or worst > TOLERANCE:
    sys.exit(f"{len(folders)} heads, {worst:.2e} is more than {TOLERANCE}.")
