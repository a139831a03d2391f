"""Loads an exported model with Transformers and compares its embeddings with those that Vernier computed.

    python reference/check_export.py --export out/export-check/model --embeddings out/export-check/embeddings.json

`--export` is an unpacked export or its zip. The embeddings file holds `texts`, `text_embeds`, `images_png` (base64) and `image_embeds`,
each embedding L2-normalised. Exits with 1 when any number is off by more than the tolerance.
"""

import argparse
import base64
import io
import json
import sys
import tempfile
import zipfile
from pathlib import Path

import torch
from PIL import Image
from safetensors import safe_open
from transformers import CLIPModel, CLIPProcessor


def unpacked(path: Path, scratch: Path) -> Path:
    """The folder of an export, unpacked first when it is a zip."""
    if path.is_dir():
        return path
    with zipfile.ZipFile(path) as archive:
        archive.extractall(scratch)
    return scratch


def features(output: object) -> torch.Tensor:
    """`get_*_features` gives a tensor up to Transformers 4 and an output object with the projection as `pooler_output` since 5."""
    return output if isinstance(output, torch.Tensor) else output.pooler_output


def check_files(folder: Path, model: CLIPModel) -> list[str]:
    """Complaints about the files themselves: names, shapes, metadata, stored type."""
    complaints = []
    config = json.loads((folder / "config.json").read_text())
    dtypes = {"F32": "float32", "F16": "float16"}
    with safe_open(folder / "model.safetensors", framework="pt") as weights:
        if (weights.metadata() or {}).get("format") != "pt":
            complaints.append('model.safetensors lacks the metadata {"format": "pt"}')
        stored = {name: weights.get_slice(name) for name in weights.keys()}
        wanted = {name: list(value.shape) for name, value in model.state_dict().items() if not name.endswith("position_ids")}
        for name in sorted(wanted.keys() - stored.keys()):
            complaints.append(f"{name} is missing")
        for name in sorted(stored.keys() - wanted.keys()):
            complaints.append(f"{name} is not part of the model")
        for name in wanted.keys() & stored.keys():
            if stored[name].get_shape() != wanted[name]:
                complaints.append(f"{name} is {stored[name].get_shape()}, not {wanted[name]}")
        types = {dtypes.get(value.get_dtype(), value.get_dtype()) for value in stored.values()}
        if types != {config.get("dtype", config.get("torch_dtype"))}:
            complaints.append(f"config.json says {config.get('dtype')}, the weights are {types}")
    return complaints


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--export", type=Path, required=True, help="unpacked export, or its zip")
    parser.add_argument("--embeddings", type=Path, required=True, help="JSON file with what Vernier computed")
    parser.add_argument("--tolerance", type=float, default=1e-4)
    arguments = parser.parse_args()

    with tempfile.TemporaryDirectory() as scratch:
        folder = unpacked(arguments.export, Path(scratch))
        model = CLIPModel.from_pretrained(folder, dtype=torch.float32).eval()
        processor = CLIPProcessor.from_pretrained(folder)
        complaints = check_files(folder, model)

    expected = json.loads(arguments.embeddings.read_text())
    images = [Image.open(io.BytesIO(base64.b64decode(png))).convert("RGB") for png in expected["images_png"]]
    with torch.no_grad():
        texts = processor(text=expected["texts"], return_tensors="pt", padding=True, truncation=True)
        text_embeds = features(model.get_text_features(**texts))
        image_embeds = features(model.get_image_features(**processor(images=images, return_tensors="pt")))

    differences = {}
    for name, embeds in (("text", text_embeds), ("image", image_embeds)):
        ours = torch.tensor(expected[f"{name}_embeds"])
        theirs = torch.nn.functional.normalize(embeds, dim=-1)
        differences[name] = float((ours - theirs).abs().max())
        if not differences[name] <= arguments.tolerance:
            complaints.append(f"{name} embeddings differ by {differences[name]:.2e}")
    print(json.dumps({"ok": not complaints, "maxDifference": differences, "complaints": complaints}))
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
