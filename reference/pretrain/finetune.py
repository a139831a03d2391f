"""Fine-tunes the embedded model on a sample and prints retrieval before and after, over pictures kept out of training.

Usage: python finetune.py --sample fluent|shapes --mode full|last2|projections --lr 3e-4 [--steps 300] [--batch 64]
The fluent sample is read from public/samples/fluent-emoji.zip; write the shapes first, with shapes.ts.
Recall is over the kept-out fifth (or --gallery pictures), image->text and text->image, in per cent.
"""

import argparse
import io
import json
import math
import pathlib
import random
import time
import zipfile

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from safetensors.torch import load_file
from tokenizers import Tokenizer

from augment import MEAN, STD, augment
from clip import Clip
from export import END_ID
from train import DATA, MODEL, recall

SAMPLES = MODEL.parents[1] / "samples"


def read_fluent():
    """Pictures [n,64,64,3] and captions of the sample, resized as the model's preprocessor does."""
    with zipfile.ZipFile(SAMPLES / "fluent-emoji.zip") as archive:
        lines = [json.loads(line) for line in archive.read("metadata.jsonl").splitlines()]
        pictures = [Image.open(io.BytesIO(archive.read(line["file_name"]))).convert("RGB") for line in lines]
    pixels = np.stack([np.asarray(p.resize((64, 64), Image.Resampling.BICUBIC)) for p in pictures])
    return torch.from_numpy(pixels), [line["text"] for line in lines]


def read_shapes():
    """Pictures and captions that shapes.ts wrote."""
    captions = [json.loads(line)["text"] for line in (DATA / "shapes.jsonl").open()]
    pixels = np.fromfile(DATA / "shapes.rgba", np.uint8).reshape(-1, 64, 64, 4)[..., :3]
    return torch.from_numpy(np.ascontiguousarray(pixels)), captions


def normalise(pixels):
    """uint8 [n,64,64,3] to what the model reads."""
    return (pixels.permute(0, 3, 1, 2).float() / 255 - MEAN) / STD


def opaque(pixels):
    """RGB to RGBA, as the augmentation takes it."""
    return torch.cat([pixels, torch.full_like(pixels[..., :1], 255)], 3)


def encode_captions(tokenizer, captions, length=32):
    """Token ids padded to the longest caption."""
    found = [e.ids if len(e) <= length else e.ids[: length - 1] + [END_ID] for e in tokenizer.encode_batch(captions)]
    width = max(map(len, found))
    return torch.tensor([ids + [END_ID] * (width - len(ids)) for ids in found])


def trainable(model, mode):
    """Freezes what the mode does not train; returns the parameters left."""
    last = {"full": 99, "last2": 2, "last1": 1, "projections": 0}[mode]
    for name, p in model.named_parameters():
        depth = 6 if name.startswith("vision") else 4
        layer = int(name.split(".layers.")[1].split(".")[0]) if ".layers." in name else -1
        keep = layer >= depth - last if layer >= 0 else mode == "full"
        keep |= "projection" in name or name == "logit_scale"
        keep |= last > 0 and ("post_layernorm" in name or "final_layer_norm" in name)
        p.requires_grad_(keep)
    return [(name, p) for name, p in model.named_parameters() if p.requires_grad]


class Features:
    """Embeds pictures and captions, through the towers or, for projections, from pooled features computed once."""

    def __init__(self, model, pixels, ids, cached):
        self.model, self.pixels, self.ids, self.cached = model, pixels, ids, cached
        if cached:
            with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
                parts = torch.arange(len(pixels)).split(200)
                self.image = torch.cat([self.see(normalise(pixels[part])).float() for part in parts])
                self.text = torch.cat([model.text_model(ids[part]).float() for part in parts])

    def see(self, images):
        """Pooled vectors of normalised images."""
        patches = self.model.cut(images)
        which = torch.arange(patches.shape[1]).expand(len(patches), -1)
        return self.model.vision_model(patches, which)

    def embed(self, rows, strength=0.0, directional=True):
        """Unit embeddings of the pictures and captions in the rows."""
        model = self.model
        if self.cached:
            image, text = self.image[rows], self.text[rows]
        else:
            flags = torch.full((len(rows),), directional), torch.ones(len(rows), dtype=torch.bool)
            pixels = self.pixels[rows]
            images = augment(opaque(pixels), *flags, strength) if strength else normalise(pixels)
            with torch.autocast("cpu", torch.bfloat16):
                image, text = self.see(images).float(), model.text_model(self.ids[rows]).float()
        return (
            F.normalize(model.visual_projection(image), dim=-1),
            F.normalize(model.text_projection(text), dim=-1),
        )


@torch.no_grad()
def measure(features, rows):
    """Recall@1/5 in both directions over the rows."""
    parts = [features.embed(part) for part in rows.split(200)]
    similarity = torch.cat([p[0] for p in parts]) @ torch.cat([p[1] for p in parts]).T
    return {"i2t": recall(similarity), "t2i": recall(similarity.T)}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", choices=["fluent", "shapes"], required=True)
    parser.add_argument("--mode", choices=["full", "last2", "last1", "projections"], required=True)
    parser.add_argument("--lr", type=float, required=True)
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--warmup", type=int, default=20)
    parser.add_argument("--weight-decay", type=float, default=0.05)
    parser.add_argument("--augment", type=float, default=0.0, help="strength of the augmentation; no mirroring on shapes")
    parser.add_argument("--gallery", type=int, help="pictures kept out; a fifth of the sample otherwise")
    parser.add_argument("--random-weights", action="store_true", help="start from nothing, to see what pretraining gives")
    parser.add_argument("--folder", type=pathlib.Path, default=MODEL)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--every", type=int, default=0, help="also measure every so many steps")
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(args.seed)

    pixels, captions = read_fluent() if args.sample == "fluent" else read_shapes()
    ids = encode_captions(Tokenizer.from_file(str(MODEL / "tokenizer.json")), captions)
    order = torch.randperm(len(captions), generator=torch.Generator().manual_seed(args.seed))
    kept = args.gallery or len(captions) // 5
    test, train = order[:kept], order[kept:].tolist()
    model = Clip()
    if not args.random_weights:
        model.load_state_dict({name: value.float() for name, value in load_file(args.folder / "model.safetensors").items()})
    chosen = trainable(model, args.mode)
    decay = [p for _, p in chosen if p.ndim > 1]
    plain = [p for _, p in chosen if p.ndim <= 1]
    optimizer = torch.optim.AdamW(
        [{"params": decay, "weight_decay": args.weight_decay}, {"params": plain, "weight_decay": 0.0}], lr=args.lr
    )
    begun = time.time()
    features = Features(model, pixels, ids, cached=args.mode == "projections")
    before = measure(features, test)
    print(f"{len(train)} to train on, gallery {len(test)}, {sum(p.numel() for _, p in chosen):,} trainable parameters")
    print("before", before, flush=True)
    source = random.Random(args.seed)
    queue, losses = [], []
    for step in range(args.steps):
        if len(queue) < args.batch:
            queue = train[:]
            source.shuffle(queue)
        rows = torch.tensor([queue.pop() for _ in range(args.batch)])
        factor = min(1, (step + 1) / args.warmup) * 0.5 * (1 + math.cos(math.pi * step / args.steps))
        for group in optimizer.param_groups:
            group["lr"] = args.lr * factor
        image, text = features.embed(rows, args.augment, directional=args.sample == "shapes")
        logits = model.logit_scale.clamp(max=math.log(100)).exp() * image @ text.T
        target = torch.arange(len(rows))
        loss = 0.5 * (F.cross_entropy(logits, target) + F.cross_entropy(logits.T, target))
        loss.backward()
        torch.nn.utils.clip_grad_norm_([p for _, p in chosen], 1.0)
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.item())
        if args.every and (step + 1) % args.every == 0:
            print(step + 1, f"loss {np.mean(losses[-20:]):.3f}", measure(features, test), flush=True)
    after = measure(features, test)
    line = {
        "sample": args.sample, "mode": args.mode, "lr": args.lr, "steps": args.steps, "batch": args.batch,
        "augment": args.augment, "gallery": len(test), "before": before, "after": after,
        "loss": [round(losses[0], 3), round(float(np.mean(losses[-20:])), 3)], "seconds": round(time.time() - begun, 1),
    }
    print(json.dumps(line))


if __name__ == "__main__":
    main()
