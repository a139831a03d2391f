"""Fine-tunes the embedded captioner and answerer on a sample and prints its metrics before and after, on pictures kept out.

Usage: python blip_finetune.py --task captions|questions --mode full|last2|text --lr 3e-4 [--steps 300] [--batch 32]
Captions: public/samples/fluent-emoji.zip. Questions: the sample in other words, written by questions.ts. Decoding is greedy.
`last2` trains the last two blocks of the image tower and all of the text models, `text` the text models alone.
"""

import argparse
import collections
import json
import math
import pathlib
import random
import re
import time

import numpy as np
import torch
from PIL import Image
from safetensors.torch import load_file

from augment import augment
from blip import DEC, ENC, Blip, padding_mask, word_loss
from blip_corpus import BLIP
from blip_train import Words, answer, by_kind, caption, normalise, read_questions
from finetune import opaque, read_fluent


def words_of(text):
    """Lower-cased words without punctuation."""
    return re.sub(r"[^\w\s'-]", " ", text.lower()).split()


def grams(words, n):
    """How often each n-gram occurs."""
    return collections.Counter(tuple(words[i : i + n]) for i in range(len(words) - n + 1))


def cider_d(said, wanted):
    """CIDEr-D (Vedantam et al. 2015) with one reference each, document frequencies over the references, times 10."""
    said, wanted = [words_of(text) for text in said], [words_of(text) for text in wanted]
    frequency = collections.Counter(gram for text in wanted for n in range(1, 5) for gram in set(grams(text, n)))
    rarity = lambda gram: math.log(len(wanted)) - math.log(max(1, frequency[gram]))  # noqa: E731
    scores = []
    for mine, theirs in zip(said, wanted):
        penalty = math.exp(-((sum(grams(mine, 2).values()) - sum(grams(theirs, 2).values())) ** 2) / (2 * 6.0**2))
        total = 0.0
        for n in range(1, 5):
            one = {gram: count * rarity(gram) for gram, count in grams(mine, n).items()}
            other = {gram: count * rarity(gram) for gram, count in grams(theirs, n).items()}
            product = sum(min(value, other[gram]) * other[gram] for gram, value in one.items() if gram in other)
            norms = math.sqrt(sum(v * v for v in one.values())) * math.sqrt(sum(v * v for v in other.values()))
            total += product / norms * penalty if norms else 0.0
        scores.append(10 * total / 4)
    return sum(scores) / len(scores)


def bleu(said, wanted, most=4):
    """BLEU over the corpus up to n-grams of `most`, one reference each, with COCO's tiny constants."""
    said, wanted = [words_of(text) for text in said], [words_of(text) for text in wanted]
    lengths = sum(map(len, said)), sum(map(len, wanted))
    logs = 0.0
    for n in range(1, most + 1):
        right = sum(sum((grams(mine, n) & grams(theirs, n)).values()) for mine, theirs in zip(said, wanted))
        guessed = sum(max(0, len(mine) - n + 1) for mine in said)
        logs += math.log((right + 1e-15) / (guessed + 1e-9)) / most
    return math.exp(logs) * min(1.0, math.exp(1 - (lengths[1] + 1e-9) / (lengths[0] + 1e-15)))


@torch.no_grad()
def look_once(model, images):
    """States of all images."""
    with torch.autocast(images.device.type, torch.bfloat16):
        return torch.cat([model.see(part) for part in images.split(100)])


class CaptionSample:
    """Pictures with one caption each."""

    def __init__(self, words, seed, kept, device):
        self.words = words
        self.pixels, self.captions = read_fluent()
        self.pixels = self.pixels.to(device)
        self.states = None
        order = torch.randperm(len(self.captions), generator=torch.Generator().manual_seed(seed)).tolist()
        self.test, self.train = order[:kept], order[kept:]

    def loss(self, model, rows, strength):
        """The loss of a batch of places in `train`."""
        pixels = self.pixels[rows]
        flags = (torch.full((len(rows),), value, device=pixels.device) for value in (False, True))
        ids = self.words.encode([self.captions[row] for row in rows], DEC).to(pixels.device)
        if self.states is None:
            states = model.see(augment(opaque(pixels), *flags, strength) if strength else normalise(pixels))
        else:
            states = self.states[rows]
        return word_loss(model.text_decoder(ids[:, :-1], states), ids)

    def keep_states(self, model):
        """Looks at every picture once, for a frozen image tower."""
        self.states = look_once(model, normalise(self.pixels))

    def measure(self, model):
        """Metrics over the pictures kept out, and a few captions."""
        said = caption(model, self.words, normalise(self.pixels[self.test]))
        wanted = [self.captions[row] for row in self.test]
        exact = 100 * sum(a == b for a, b in zip(said, wanted)) / len(said)
        bare = [re.sub(r"^a picture of (an? )?", "", text).split(",")[0] for text in said]
        names = 100 * sum(a == b.split(",")[0] for a, b in zip(bare, wanted)) / len(said)
        return {
            "cider_d": round(cider_d(said, wanted), 3), "bleu1": round(bleu(said, wanted, 1), 3),
            "bleu4": round(bleu(said, wanted), 3), "exact": round(exact, 1), "name": round(names, 1), "said": said[:3],
        }  # fmt: skip


class QuestionSample:
    """Pairs of a picture and one of its questions."""

    def __init__(self, words, seed, kept, device):
        self.words = words
        pixels, self.entries = read_questions("other", 96)
        self.states = None
        pictures = [Image.fromarray(picture).resize((64, 64), Image.Resampling.BICUBIC) for picture in pixels.numpy()]
        self.images = normalise(torch.from_numpy(np.stack([np.asarray(picture) for picture in pictures]))).to(device)
        order = torch.randperm(len(self.entries), generator=torch.Generator().manual_seed(seed)).tolist()
        self.test, train = order[:kept], order[kept:]
        self.train = [(row, i) for row in train for i in range(len(self.entries[row]["question"]))]

    def loss(self, model, pairs, _):
        """The loss of a batch of `train`."""
        asked = self.words.encode([self.entries[row]["question"][i] for row, i in pairs], ENC).to(self.images.device)
        ids = self.words.encode([self.entries[row]["answer"][i] for row, i in pairs], DEC).to(self.images.device)
        rows = [row for row, _ in pairs]
        states = model.read(asked, model.see(self.images[rows]) if self.states is None else self.states[rows])
        return word_loss(model.text_decoder(ids[:, :-1], states, padding_mask(asked)), ids)

    def keep_states(self, model):
        """Looks at every picture once, for a frozen image tower."""
        self.states = look_once(model, self.images)

    def measure(self, model):
        """Accuracy over the pictures kept out, of all and by kind."""
        entries = [self.entries[row] for row in self.test]
        return by_kind(entries, answer(model, self.words, self.images[self.test], [e["question"] for e in entries]))


def trainable(model, mode):
    """Freezes what the mode does not train; returns the parameters left."""
    first = {"full": 0, "last2": model.shape.vision_layers - 2, "text": 99}[mode]
    for name, p in model.named_parameters():
        layer = int(name.split(".layers.")[1].split(".")[0]) if ".layers." in name else -1
        p.requires_grad_(not name.startswith("vision_model") or layer >= first or mode == "full"
                         or (mode == "last2" and "post_layernorm" in name))  # fmt: skip
    return [p for p in model.parameters() if p.requires_grad]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--task", choices=["captions", "questions"], required=True)
    parser.add_argument("--mode", choices=["full", "last2", "text"], required=True)
    parser.add_argument("--lr", type=float, required=True)
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--warmup", type=int, default=20)
    parser.add_argument("--weight-decay", type=float, default=0.05)
    parser.add_argument("--augment", type=float, default=0.0, help="strength of the augmentation of pictures with captions")
    parser.add_argument("--kept", type=int, default=160, help="pictures kept out")
    parser.add_argument("--every", type=int, default=0, help="also measure every so many steps")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--weights", type=pathlib.Path, help="what blip_train.py keeps, in place of the embedded weights")
    args = parser.parse_args()
    device = torch.device(args.device)
    torch.set_num_threads(1)
    torch.manual_seed(args.seed)

    sample = {"captions": CaptionSample, "questions": QuestionSample}[args.task](Words(), args.seed, args.kept, device)
    model = Blip()
    if args.weights:
        weights = torch.load(args.weights, weights_only=False)["average"]
    else:
        weights = load_file(BLIP / "model.safetensors")
    model.load_state_dict({name: value.float() for name, value in weights.items()})
    model.to(device)
    chosen = trainable(model, args.mode)
    groups = [
        {"params": [p for p in chosen if p.ndim > 1], "weight_decay": args.weight_decay},
        {"params": [p for p in chosen if p.ndim <= 1], "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(groups, lr=args.lr)
    before = sample.measure(model)
    print(f"{len(sample.train)} to train on, {len(sample.test)} pictures kept out, {sum(p.numel() for p in chosen):,} trainable")
    print("before", before, flush=True)
    if args.mode == "text" and not args.augment:
        sample.keep_states(model)
    source, queue, losses, begun = random.Random(args.seed), [], [], time.time()
    for step in range(args.steps):
        if len(queue) < args.batch:
            queue = sample.train[:]
            source.shuffle(queue)
        batch = [queue.pop() for _ in range(args.batch)]
        factor = min(1, (step + 1) / args.warmup) * 0.5 * (1 + math.cos(math.pi * step / args.steps))
        for group in optimizer.param_groups:
            group["lr"] = args.lr * factor
        with torch.autocast(device.type, torch.bfloat16):
            loss = sample.loss(model, batch, args.augment)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(chosen, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.item())
        if args.every and (step + 1) % args.every == 0:
            print(step + 1, f"loss {np.mean(losses[-20:]):.3f}", sample.measure(model), flush=True)
    line = {
        **{key: str(value) for key, value in vars(args).items()}, "before": before, "after": sample.measure(model),
        "loss": [round(losses[0], 3), round(float(np.mean(losses[-20:])), 3)], "seconds": round(time.time() - begun, 1),
    }  # fmt: skip
    print(json.dumps(line))


if __name__ == "__main__":
    main()
