"""Writes the averaged weights of a training run as a Hugging Face directory, after checking that `CLIPModel` agrees.

Usage: python export.py [--folder data/run]
"""

import argparse
import json
import pathlib

import torch
from safetensors.torch import save_file
from transformers import CLIPConfig, CLIPModel, CLIPProcessor

from augment import MEAN, STD, over_white
from clip import Clip, Shape
from train import DATA, MODEL, read_pixels

START_ID, END_ID = 4094, 4095


def config_of(shape, scale):
    """The configuration, with only what CLIPModel reads."""
    ids = {"bos_token_id": START_ID, "eos_token_id": END_ID, "pad_token_id": END_ID}
    common = {
        "attention_dropout": 0.0,
        "hidden_act": "quick_gelu",
        "hidden_size": shape.width,
        "initializer_factor": 1.0,
        "initializer_range": 0.02,
        "intermediate_size": shape.mlp,
        "layer_norm_eps": 1e-05,
        "num_attention_heads": shape.heads,
        "projection_dim": shape.projection,
    }
    return {
        "architectures": ["CLIPModel"],
        "model_type": "clip",
        "dtype": "float16",
        "initializer_factor": 1.0,
        "logit_scale_init_value": round(scale, 4),
        "projection_dim": shape.projection,
        **ids,
        "text_config": {
            "model_type": "clip_text_model",
            **common,
            **ids,
            "max_position_embeddings": shape.positions,
            "num_hidden_layers": shape.text_layers,
            "vocab_size": shape.vocabulary,
        },
        "vision_config": {
            "model_type": "clip_vision_model",
            **common,
            "image_size": shape.image,
            "num_channels": 3,
            "num_hidden_layers": shape.vision_layers,
            "patch_size": shape.patch,
        },
    }


def preprocessor_of(shape):
    """What `CLIPImageProcessor` does with a picture."""
    return {
        "image_processor_type": "CLIPImageProcessor",
        "do_convert_rgb": True,
        "do_resize": True,
        "size": {"shortest_edge": shape.image},
        "resample": 3,
        "do_center_crop": True,
        "crop_size": {"height": shape.image, "width": shape.image},
        "do_rescale": True,
        "rescale_factor": 1 / 255,
        "do_normalize": True,
        "image_mean": MEAN.flatten().double().mul(1e8).round().div(1e8).tolist(),
        "image_std": STD.flatten().double().mul(1e8).round().div(1e8).tolist(),
    }


@torch.no_grad()
def check(weights, folder):
    """Loads the folder with Transformers and compares its logits with the training code's."""
    own = Clip()
    own.load_state_dict(weights)
    own.eval()
    pixels = read_pixels("fluent", list(range(16)))
    images = over_white(pixels)
    model = CLIPModel.from_pretrained(folder, dtype=torch.float32).eval()
    processor = CLIPProcessor.from_pretrained(folder)
    inputs = processor(text=["a red heart", "grinning face", "cat"], return_tensors="pt", padding=True)
    patches = own.cut(images)
    which = torch.arange(patches.shape[1]).expand(len(patches), -1)
    mine = own.logit_scale.exp() * own.encode_image(patches, which) @ own.encode_text(inputs["input_ids"]).T
    theirs = model(pixel_values=images, **inputs).logits_per_image
    exact = CLIPModel(CLIPConfig.from_pretrained(folder)).float().eval()
    exact.load_state_dict(weights)
    same = (exact(pixel_values=images, **inputs).logits_per_image - mine).abs().max().item()
    rounded = (theirs - mine).abs().max().item()
    assert same < 1e-3, f"CLIPModel disagrees with the training code by {same}"
    return same, rounded


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=pathlib.Path, default=DATA / "run")
    args = parser.parse_args()
    torch.set_num_threads(1)
    state = torch.load(args.folder / "last.pt", weights_only=False)
    weights = {name: value.float() for name, value in state["average"].items()}
    shape = Shape()
    MODEL.mkdir(parents=True, exist_ok=True)
    (MODEL / "config.json").write_text(json.dumps(config_of(shape, weights["logit_scale"].item()), indent=2) + "\n")
    (MODEL / "preprocessor_config.json").write_text(json.dumps(preprocessor_of(shape), indent=2) + "\n")
    half = {name: value.half().contiguous() for name, value in weights.items()}
    partial = MODEL / "model.safetensors.partial"
    save_file(half, partial, metadata={"format": "pt"})
    partial.chmod(0o644)
    partial.rename(MODEL / "model.safetensors")
    same, rounded = check(weights, MODEL)
    count = sum(value.numel() for value in weights.values())
    size = (MODEL / "model.safetensors").stat().st_size
    print(f"step {state['step']}, {state['spent'] / 60:.1f} minutes, {count:,} parameters, {size:,} bytes")
    print(f"largest difference of logits: CLIPModel {same:.1e}, after rounding to float16 {rounded:.1e}")


if __name__ == "__main__":
    main()
