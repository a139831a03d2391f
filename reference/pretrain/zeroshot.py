"""Measures the embedded model as published, with Transformers, on pictures that it was never trained on.

Usage: python zeroshot.py
Prints image->text and text->image Recall@1/5/10 in per cent for Fluent Emoji (query: the plain name, picture on white), for
the sample as shipped (its own captions), and for the generated shapes.
"""

import io
import json
import zipfile

import numpy as np
import torch
from PIL import Image
from transformers import CLIPModel, CLIPProcessor

from finetune import SAMPLES, read_shapes
from train import DATA, MODEL, read_pixels


def on_white(rgba):
    """Premultiplied RGBA bytes as a picture on white."""
    rgba = rgba.numpy().astype(int)
    return Image.fromarray(np.clip(rgba[..., :3] + 255 - rgba[..., 3:], 0, 255).astype(np.uint8))


@torch.no_grad()
def embed(model, processor, pictures, captions):
    """Unit embeddings of pictures and captions."""
    images, texts = [], []
    for start in range(0, len(pictures), 200):
        inputs = processor(
            images=pictures[start : start + 200],
            text=captions[start : start + 200],
            return_tensors="pt",
            padding=True,
            truncation=True,
        )
        out = model(**inputs)
        images.append(out.image_embeds)
        texts.append(out.text_embeds)
    return torch.cat(images), torch.cat(texts)


def recalls(similarity):
    """Recall@1, @5 and @10 of a square similarity."""
    rank = (similarity > similarity.diagonal()[:, None]).sum(1)
    return " / ".join(f"{100 * (rank < k).float().mean().item():.1f}" for k in (1, 5, 10))


def show(title, images, texts):
    """One line of figures."""
    similarity = images @ texts.T
    print(f"{title:44} {len(images):5}   {recalls(similarity):22}   {recalls(similarity.T)}", flush=True)


def main():
    torch.set_num_threads(1)
    model = CLIPModel.from_pretrained(MODEL, dtype=torch.float32).eval()
    processor = CLIPProcessor.from_pretrained(MODEL)
    print(f"{'':44} {'count':>5}   {'image->text R@1/5/10':22}   text->image R@1/5/10")

    fluent = json.loads((DATA / "corpus.json").read_text())["fluent"]
    pictures = [on_white(rgba) for rgba in read_pixels("fluent", [entry["row"] for entry in fluent])]
    images, texts = embed(model, processor, pictures, [entry["name"] for entry in fluent])
    known = [i for i, entry in enumerate(fluent) if entry["known"]]
    chosen = torch.randperm(len(known), generator=torch.Generator().manual_seed(0))
    show("Fluent Emoji, first 1,000 known concepts", images[known[:1000]], texts[known[:1000]])
    for count in (1000, 500):
        rows = torch.tensor(known)[chosen[:count]]
        show(f"Fluent Emoji, {count:,} known concepts at random", images[rows], texts[rows])
    show("Fluent Emoji, all", images, texts)

    with zipfile.ZipFile(SAMPLES / "fluent-emoji.zip") as archive:
        lines = [json.loads(line) for line in archive.read("metadata.jsonl").splitlines()]
        pictures = [Image.open(io.BytesIO(archive.read(line["file_name"]))).convert("RGB") for line in lines]
    show("the sample as shipped", *embed(model, processor, pictures, [line["text"] for line in lines]))

    pixels, captions = read_shapes()
    pictures = [Image.fromarray(picture) for picture in pixels[:200].numpy()]
    show("coloured shapes (generated)", *embed(model, processor, pictures, captions[:200]))


if __name__ == "__main__":
    main()
