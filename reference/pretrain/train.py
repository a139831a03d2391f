"""Pretrains the embedded model from random weights on the processor, within a budget of wall-clock time.

Usage: torchrun --nproc-per-node 2 train.py --minutes 100 [--folder data/run] [--optimizer muon|adamw]
Starting again with the same --folder goes on where the last checkpoint stood. One thread a process, gradients averaged
over the processes: on a busy machine two threads of one process spend most of their time waiting for each other.
"""

import argparse
import json
import math
import pathlib
import random
import time

import numpy as np
import torch
import torch.distributed as dist
import torch.nn.functional as F
from tokenizers import Tokenizer

from augment import augment, choose_patches, over_white
from clip import Clip

HERE = pathlib.Path(__file__).parent
DATA = HERE / "data"
MODEL = HERE.parents[1] / "public/models/seed-clip"
TEMPLATES = [
    "a photo of a {}",
    "a picture of a {}",
    "a drawing of a {}",
    "an emoji of a {}",
    "an icon of a {}",
    "a {}",
    "the {}",
    "{} emoji",
    "{} icon",
    "{} clip art",
]
# Share of a batch's concepts, by group; and how often a style of an emoji is drawn.
EMOJI_SHARE = 0.68
STYLE_WEIGHT = {"emojione-monotone": 0.4, "streamline-emojis": 0.6, "game-icons": 0.5, "openclipart": 0.6}
# (until this part of the time, patches kept of 64, concepts in a process's batch)
PHASES = [(0.55, 20, 112), (0.85, 32, 96), (1.0, 64, 80)]
SHORT, LONG = 10, 32


def read_pixels(split, rows):
    """The pictures of a split in the order of rows, as a uint8 tensor [n,64,64,4]."""
    pixels = np.memmap(DATA / f"{split}.rgba", np.uint8, "r").reshape(-1, 64, 64, 4)
    return torch.from_numpy(np.ascontiguousarray(pixels[rows]))


class Corpus:
    """Pictures by concept, and captions for them."""

    def __init__(self, seed):
        self.entries = json.loads((DATA / "corpus.json").read_text())["train"]
        self.pixels = read_pixels("train", [entry["row"] for entry in self.entries])
        self.directional = torch.tensor([entry["directional"] for entry in self.entries])
        self.coloured = torch.tensor([entry["coloured"] for entry in self.entries])
        self.members = {}
        for i, entry in enumerate(self.entries):
            self.members.setdefault(entry["concept"], []).append(i)
        self.random = random.Random(seed)
        self.groups = [
            [concept for concept in self.members if not concept.startswith("name:")],
            [concept for concept in self.members if concept.startswith("name:")],
        ]
        self.queues = [[], []]
        self.tokenizer = Tokenizer.from_file(str(MODEL / "tokenizer.json"))

    def draw(self, group):
        """The next concept of a group, each once before any comes again."""
        if not self.queues[group]:
            self.queues[group] = self.groups[group][:]
            self.random.shuffle(self.queues[group])
        return self.queues[group].pop()

    def pair(self, concept):
        """Two pictures of a concept, in different styles where it has them."""
        members = self.members[concept]
        if len(members) == 1:
            return members * 2
        weights = [STYLE_WEIGHT.get(self.entries[i]["source"], 1.0) for i in members]
        first = self.random.choices(members, weights)[0]
        rest = [(i, w) for i, w in zip(members, weights) if i != first]
        return [first, self.random.choices([i for i, _ in rest], [w for _, w in rest])[0]]

    def caption(self, index, long):
        """A caption of a picture: a name, or tags, or both, with a word dropped now and then."""
        entry, rnd = self.entries[index], self.random
        names, tags = entry["names"], entry["tags"]
        name = rnd.choice(names) if rnd.random() < 0.3 else names[0]
        if long:
            return " ".join([name, *rnd.sample(tags, min(len(tags), rnd.randint(1, 10)))])
        kind = rnd.random()
        if tags and kind < 0.1:
            return " ".join(rnd.sample(tags, min(len(tags), rnd.randint(1, 4))))
        parts = name.split()
        if len(parts) > 2 and rnd.random() < 0.15:
            del parts[rnd.randrange(len(parts))]
            name = " ".join(parts)
        if tags and kind < 0.25:
            return " ".join([name, *rnd.sample(tags, min(len(tags), rnd.randint(1, 2)))])
        return rnd.choice(TEMPLATES).format(name) if kind > 0.75 else name

    def encode(self, captions, length):
        """Token ids [n,length], padded with the end token, which always stands at the end."""
        ids = torch.full((len(captions), length), self.tokenizer.get_vocab_size() - 1)
        for row, found in enumerate(self.tokenizer.encode_batch(captions)):
            kept = found.ids[: length - 1]
            ids[row, : len(kept)] = torch.tensor(kept)
        return ids

    def batch(self, concepts, long):
        """Indices of two pictures a concept, one caption a concept, and the captions' ids; no concept comes twice."""
        chosen = {}
        emoji = round(concepts * EMOJI_SHARE)
        while len(chosen) < concepts:
            chosen[self.draw(0 if len(chosen) < emoji else 1)] = True
        indices, captions = [], []
        for concept in chosen:
            pair = self.pair(concept)
            indices += pair
            captions.append(self.caption(self.random.choice(pair), long))
        return torch.tensor(indices), captions, self.encode(captions, LONG if long else SHORT)


def contrastive_loss(images, texts, captions, scale):
    """Image-text loss in both directions, and an image-image loss; images come in pairs, one pair a caption.

    Different concepts with one caption are neither positives nor negatives.
    """
    count = len(captions)
    codes = {caption: code for code, caption in enumerate(dict.fromkeys(captions))}
    codes = torch.tensor([codes[caption] for caption in captions])
    hidden = (codes[:, None] == codes[None, :]) & ~torch.eye(count, dtype=torch.bool)
    hidden = hidden.repeat_interleave(2, 0)
    numbers = torch.arange(count).repeat_interleave(2)
    logits = (scale * images @ texts.T).masked_fill(hidden, -1e4)
    positives = F.one_hot(numbers, count).float().T / 2
    pair = 0.5 * (F.cross_entropy(logits, numbers) + F.cross_entropy(logits.T, positives))
    alone = torch.eye(2 * count, dtype=torch.bool)
    twins = (10.0 * images @ images.T).masked_fill(alone | hidden.repeat_interleave(2, 1), -1e4)
    style = F.cross_entropy(twins, torch.arange(2 * count) ^ 1)
    return pair, style


def orthogonalise(stack):
    """Nearest matrices with equal singular values, for a stack [n,a,b] with a <= b, by five Newton-Schulz steps."""
    x = stack / (stack.norm(dim=(1, 2), keepdim=True) + 1e-7)
    x = x.bfloat16()
    for _ in range(5):
        gram = x @ x.mT
        x = 3.4445 * x + (-4.7750 * gram + 2.0315 * gram @ gram) @ x
    return x.float()


class Muon(torch.optim.Optimizer):
    """Momentum whose update is orthogonalised, for the matrices of the blocks; same step size as AdamW's."""

    def __init__(self, parameters, lr, weight_decay, momentum=0.95):
        super().__init__(parameters, {"lr": lr, "weight_decay": weight_decay, "momentum": momentum})

    @torch.no_grad()
    def step(self):
        """Updates every group, matrices of one shape together."""
        for group in self.param_groups:
            shapes = {}
            for p in group["params"]:
                shapes.setdefault(tuple(sorted(p.shape)), []).append(p)
            for (short, _), members in shapes.items():
                updates = []
                for p in members:
                    state = self.state[p]
                    if not state:
                        state["momentum"] = torch.zeros_like(p)
                    state["momentum"].lerp_(p.grad, 1 - group["momentum"])
                    update = p.grad.lerp(state["momentum"], group["momentum"])
                    updates.append(update if p.shape[0] == short else update.T)
                for p, update in zip(members, orthogonalise(torch.stack(updates))):
                    p.mul_(1 - group["lr"] * group["weight_decay"])
                    update = update if p.shape[0] == short else update.T
                    p.add_(update, alpha=-group["lr"] * 0.2 * max(p.shape) ** 0.5)


def make_optimizers(model, kind, lr):
    """Muon for the blocks' matrices (or AdamW), AdamW for the rest; no decay on vectors and embeddings of place."""
    blocks, matrices, vectors = [], [], []
    for name, p in model.named_parameters():
        if p.ndim < 2 or "position" in name:
            vectors.append(p)
        elif ".layers." in name and kind == "muon":
            blocks.append(p)
        else:
            matrices.append(p)
    groups = [{"params": matrices, "weight_decay": 0.1}, {"params": vectors, "weight_decay": 0.0}]
    optimizers = [torch.optim.AdamW(groups, lr=lr, betas=(0.9, 0.98), eps=1e-8, fused=True)]
    if blocks:
        optimizers.append(Muon(blocks, lr, 0.1))
    return optimizers


def recall(similarity):
    """Recall@1 and @5 in per cent of a square similarity whose diagonal is right."""
    rank = (similarity > similarity.diagonal()[:, None]).sum(1)
    return [round(100 * (rank < k).float().mean().item(), 1) for k in (1, 5)]


@torch.no_grad()
def evaluate(model, corpus, fluent, pixels):
    """Retrieval on the style that is never trained on: image->text and text->image Recall@1/5."""
    images = []
    for part in over_white(pixels).split(250):
        patches = model.cut(part)
        which = torch.arange(patches.shape[1]).expand(len(patches), -1)
        with torch.autocast("cpu", torch.bfloat16):
            images.append(model.encode_image(patches, which))
    with torch.autocast("cpu", torch.bfloat16):
        texts = model.encode_text(corpus.encode([entry["name"] for entry in fluent], LONG))
    similarity = torch.cat(images) @ texts.T
    return recall(similarity), recall(similarity.T)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, required=True)
    parser.add_argument("--folder", type=pathlib.Path, default=DATA / "run")
    parser.add_argument("--optimizer", choices=["muon", "adamw"], default="muon")
    parser.add_argument("--lr", type=float, default=1e-3)
    parser.add_argument("--evaluate-every", type=float, default=5, help="minutes between checkpoints")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(1)
    dist.init_process_group("gloo")
    rank, world = dist.get_rank(), dist.get_world_size()
    torch.manual_seed(args.seed)
    args.folder.mkdir(parents=True, exist_ok=True)

    corpus = Corpus(args.seed + 1000 * rank)
    fluent = [e for e in json.loads((DATA / "corpus.json").read_text())["fluent"] if e["known"]][:1000]
    pixels = read_pixels("fluent", [entry["row"] for entry in fluent])
    model = Clip()
    average = {name: p.detach().clone() for name, p in model.named_parameters()}
    optimizers = make_optimizers(model, args.optimizer, args.lr)
    step, spent = 0, 0.0
    checkpoint = args.folder / "last.pt"
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=False)
        model.load_state_dict(state["model"])
        average = state["average"]
        for optimizer, saved in zip(optimizers, state["optimizers"]):
            optimizer.load_state_dict(saved)
        step, spent = state["step"], state["spent"]
    corpus.random.seed(f"{args.seed} {rank} {step}")
    torch.manual_seed(args.seed + 1000 * rank + 1_000_000 * step)

    budget = args.minutes * 60
    begun, saved_at, shown_at = time.time() - spent, time.time(), time.time()
    losses = []
    parameters = list(model.parameters())
    clock = torch.zeros(1)
    log = (args.folder / "log.jsonl").open("a")

    def save():
        """Writes a checkpoint, then measures the averaged weights."""
        state = {
            "model": model.state_dict(),
            "average": average,
            "optimizers": [optimizer.state_dict() for optimizer in optimizers],
            "step": step,
            "spent": time.time() - begun,
        }
        torch.save(state, checkpoint.with_suffix(".tmp"))
        checkpoint.with_suffix(".tmp").rename(checkpoint)
        tuned = Clip()
        tuned.load_state_dict(average)
        scores = evaluate(tuned.eval(), corpus, fluent, pixels)
        line = {"step": step, "minutes": round((time.time() - begun) / 60, 1), "i2t": scores[0], "t2i": scores[1]}
        print("EVAL", json.dumps(line), flush=True)
        log.write(json.dumps(line) + "\n")
        log.flush()

    while True:
        clock[0] = (time.time() - begun) / budget
        dist.broadcast(clock, 0)
        progress = clock.item()
        if progress >= 1:
            break
        keep, concepts = next((k, c) for until, k, c in PHASES if progress < until or until == 1)
        lr = args.lr * min(1, (step + 1) / 80) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * progress)))
        for optimizer in optimizers:
            for group in optimizer.param_groups:
                group["lr"] = lr
        indices, captions, ids = corpus.batch(concepts, long=step % 8 == 7)
        images = augment(corpus.pixels[indices], corpus.directional[indices], corpus.coloured[indices])
        patches = model.cut(images)
        which = choose_patches(patches, keep) if keep < patches.shape[1] else None
        if which is None:
            which = torch.arange(patches.shape[1]).expand(len(patches), -1).contiguous()
        else:
            patches = patches.gather(1, which[:, :, None].expand(-1, -1, patches.shape[2]))
        with torch.autocast("cpu", torch.bfloat16):
            image_vectors = model.encode_image(patches, which)
            text_vectors = model.encode_text(ids)
        scale = model.logit_scale.clamp(max=math.log(100)).exp()
        pair, style = contrastive_loss(image_vectors, text_vectors, captions, scale)
        (pair + 0.3 * style).backward()
        gradient = torch.cat([p.grad.flatten() for p in parameters])
        dist.all_reduce(gradient)
        gradient *= (world / gradient.norm()).clamp(max=1.0) / world
        for p, part in zip(parameters, gradient.split([p.numel() for p in parameters])):
            p.grad.copy_(part.view_as(p))
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        step += 1
        decay = min(0.998, (step + 1) / (step + 20))
        with torch.no_grad():
            torch._foreach_lerp_(list(average.values()), parameters, 1 - decay)
        losses.append((pair.item(), style.item()))
        if rank == 0 and step % 50 == 0:
            now = time.time()
            mean = np.mean(losses[-50:], 0).round(3).tolist()
            print(
                f"step {step} {progress:.3f} lr {lr:.2e} loss {mean[0]} style {mean[1]} scale {scale.item():.1f} "
                f"{(now - shown_at) / 50:.2f} s/step",
                flush=True,
            )
            shown_at = now
        if rank == 0 and time.time() - saved_at > args.evaluate_every * 60:
            save()
            saved_at = time.time()
    if rank == 0:
        save()
    dist.barrier()
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
