/** The Python that runs an exported head on its towers. It goes along as `head.py`; `reference/check_head.py` holds it against what the studio computes. */
export const loaderSource = `"""Runs a head that Vernier trained on top of a CLIP or SigLIP: python head.py picture.jpg "some words"

Needs torch, transformers, safetensors and Pillow. Either the picture or the words may be None where the head reads both.

model.onnx computes the same logits with ONNX Runtime; \`feeds\` gives its inputs:
    session = onnxruntime.InferenceSession("model.onnx")
    session.run(["logits"], feeds(".", "picture.jpg", "some words"))
"""

import json
import pathlib
import sys

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image, ImageOps
from safetensors.torch import load_file
from transformers import AutoImageProcessor, AutoModel, AutoTokenizer


class Head:
    def __init__(self, folder="."):
        folder = pathlib.Path(folder)
        self.config = json.loads((folder / "head.json").read_text())
        self.weights = {name: value.float() for name, value in load_file(folder / "head.safetensors").items()}
        self.model = AutoModel.from_pretrained(folder, dtype=torch.float32).eval()
        self.images = AutoImageProcessor.from_pretrained(folder)
        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        self.siglip = self.model.config.model_type == "siglip"

    def __call__(self, picture=None, words=None):
        """What the head makes of a picture (a path or a PIL image), of words, or of both."""
        config = self.config
        values = self.logits(picture, words)
        if config["task"] == "regression":
            return {each["name"]: each["mean"] + float(value) * each["deviation"] for each, value in zip(config["numbers"], values)}
        values = values / config["temperature"]
        if config["labelKind"] == "several":
            chances = values.sigmoid()
            return {label: {"probability": float(p), "said": float(p) >= t} for label, p, t in zip(config["labels"], chances, config["thresholds"])}
        if config["ordered"]:
            above = torch.cat([torch.ones(1), values.sigmoid(), torch.zeros(1)])
            chances = (above[:-1] - above[1:]).clamp(min=0)
            chances = chances / chances.sum()
        else:
            chances = values.softmax(-1)
        return {label: float(p) for label, p in zip(config["labels"], chances)}

    @torch.no_grad()
    def logits(self, picture=None, words=None):
        config = self.config
        seen = self.picture(picture) if config["picture"] else None
        read = self.words(words) if config["words"] else None
        if config["fusion"] == "attention":
            x = self.attended(seen, read, picture is not None, words is not None)
        elif config["fusion"]:
            a = self.filled("picture", self.norm("head.picture_norm", seen), picture is not None)
            b = self.filled("words", self.norm("head.words_norm", read), words is not None)
            x = torch.cat([a, b], -1)
            if config["fusion"] == "gate":
                share = self.linear("head.gate", x).sigmoid()
                x = share * F.gelu(self.linear("head.picture", a)) + (1 - share) * F.gelu(self.linear("head.words", b))
        elif config["plain"]:
            x = seen
        else:
            x = self.norm("head.words_norm", read) if seen is None else self.norm("head.picture_norm", seen)
        if config["head"] == "mlp":
            x = F.gelu(self.linear("head.dense", x))
        return (x @ self.weights["classifier.weight"].T + self.weights["classifier.bias"])[0]

    # What the towers give.

    def picture(self, picture):
        side = self.model.config.vision_config.image_size
        image = Image.new("RGB", (side, side)) if picture is None else open_picture(picture)
        pixels = self.images(images=image, return_tensors="pt").pixel_values
        tokens = self.model.vision_model(pixel_values=pixels).last_hidden_state
        if self.config["picture"] == "tokens":
            return tokens[0]
        return tokens.mean(1) if self.siglip else tokens[:, 1:].mean(1)

    def words(self, words):
        text = "" if words is None else words
        text = text.lower() if self.siglip else text
        longest = self.model.config.text_config.max_position_embeddings
        padding = {"padding": "max_length"} if self.siglip else {}
        inputs = self.tokenizer(text, return_tensors="pt", truncation=True, max_length=longest, **padding)
        # SigLIP was trained with padding that counts, and reads the last token whatever it is.
        self.length = longest if self.siglip else len(self.tokenizer(text, truncation=True, max_length=longest).input_ids)
        if self.config["words"] == "embedding":
            found = self.model.get_text_features(input_ids=inputs.input_ids)
            return F.normalize(getattr(found, "pooler_output", found), dim=-1)
        # CLIP's tokens are read as the last block leaves them, before the norm at the end.
        kept = []
        hook = self.model.text_model.encoder.layers[-1].register_forward_hook(lambda _, __, out: kept.append(out[0] if isinstance(out, tuple) else out))
        last = self.model.text_model(input_ids=inputs.input_ids).last_hidden_state
        hook.remove()
        return (last if self.siglip else kept[0])[0]

    # The head's own layers.

    def linear(self, name, x):
        return F.linear(x, self.weights[name + ".weight"], self.weights[name + ".bias"])

    def norm(self, name, x):
        return F.layer_norm(x, x.shape[-1:], self.weights[name + ".weight"], self.weights[name + ".bias"], 1e-5)

    def filled(self, which, x, present):
        return x if present else self.weights["head." + which + "_missing"].expand_as(x)

    def attended(self, seen, read, has_picture, has_words):
        enter = lambda which, x, there: self.filled(which, self.linear("head." + which, self.norm("head." + which + "_norm", x)), there)
        seen, read = enter("picture", seen, has_picture), enter("words", read, has_words)
        pictures = len(seen) if has_picture else 1
        length = self.length if has_words else 1
        for block in range(self.config["blocks"]):
            name = "head.blocks.%d." % block
            a, b = self.norm(name + "picture.norm", seen), self.norm(name + "words.norm", read)
            seen, read = self.block(name + "picture", seen, a, b, length), self.block(name + "words", read, b, a, pictures)
        a, b = self.norm("head.picture_out", seen), self.norm("head.words_out", read)
        return torch.cat([a.mean(0), b[length - 1]])[None]

    def block(self, name, x, normed, other, keys):
        heads = self.config["heads"]
        split = lambda t: t.reshape(len(t), heads, -1).transpose(0, 1)
        key, value = self.linear(name + ".key_value", other[:keys]).chunk(2, -1)
        attended = F.scaled_dot_product_attention(split(self.linear(name + ".query", normed)), split(key), split(value))
        y = x + self.linear(name + ".out", attended.transpose(0, 1).reshape(len(x), -1))
        return y + self.linear(name + ".fc2", F.gelu(self.linear(name + ".fc1", self.norm(name + ".norm2", y))))


def feeds(folder, picture=None, words=None):
    """The inputs of model.onnx for a picture, words or both, as NumPy arrays."""
    config = json.loads((pathlib.Path(folder) / "head.json").read_text())
    whole = json.loads((pathlib.Path(folder) / "config.json").read_text())
    given = {}
    if config["picture"]:
        side = whole["vision_config"].get("image_size", 224)
        image = Image.new("RGB", (side, side)) if picture is None else open_picture(picture)
        given["pixel_values"] = AutoImageProcessor.from_pretrained(folder)(images=image, return_tensors="np").pixel_values
    if config["words"]:
        tokenizer = AutoTokenizer.from_pretrained(folder)
        longest = whole["text_config"].get("max_position_embeddings", 64 if whole["model_type"] == "siglip" else 77)
        text = "" if words is None else words
        text = text.lower() if whole["model_type"] == "siglip" else text
        found = tokenizer(text, padding="max_length", max_length=longest, truncation=True, return_tensors="np")
        given["input_ids"] = found.input_ids.astype("int64")
        if whole["model_type"] != "siglip":
            given["attention_mask"] = found.attention_mask.astype("int64")
    if config["fusion"]:
        given["picture_present"] = np.array([int(picture is not None)], "int64")
        given["words_present"] = np.array([int(words is not None)], "int64")
    return given


def open_picture(picture):
    """As the studio opens pictures: turned as the camera held them, transparency on white."""
    image = picture if isinstance(picture, Image.Image) else Image.open(picture)
    image = ImageOps.exif_transpose(image).convert("RGBA")
    white = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(white, image).convert("RGB")


if __name__ == "__main__":
    given = [None if each in ("", "-") else each for each in sys.argv[1:3]] + [None, None]
    print(json.dumps(Head(pathlib.Path(__file__).parent)(given[0], given[1]), indent=1))
`;
