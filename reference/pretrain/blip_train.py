"""Trains the embedded captioner and answerer on the processor, within a budget of wall-clock time.

Usage: torchrun --nproc-per-node 2 blip_train.py --minutes 60 [--folder data/blip]
The image tower starts as the embedded CLIP's; the rest from random weights. Each step has captions of emoji and clip art, and
questions about generated shapes. Starting again with the same --folder goes on where the last checkpoint stood.
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
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import nn

from augment import MEAN, STD, augment, choose_patches, over_white
from blip import DEC, ENC, PAD, Blip, from_clip, padding_mask, word_loss
from blip_corpus import BLIP
from train import DATA, EMOJI_SHARE, MODEL, STYLE_WEIGHT, Muon, read_pixels

QUESTIONS = 6
# (until this part of the time, patches kept of 64 for captions, pictures with captions and with questions of a process's batch)
PHASES = [(0.9, 28, 48, 28), (1.0, 64, 32, 28)]
HELD_OUT = 200
# How often a question of a kind is asked, by how hard it is.
KIND_WEIGHT = {"size": 0.3, "colour": 1.0, "place": 1.0, "count": 1.5, "larger": 1.0}
# The first blocks of the image tower stay the embedded CLIP's.
FROZEN = ("vision_model.embeddings.", "vision_model.encoder.layers.0.", "vision_model.encoder.layers.1.")
# As the plain vocabulary of src/dataset/samples/vocabularies.ts has them.
FORM_NAMES = "circle square triangle star cross heart diamond ring bar frame dome corner".split()
# What is told of a patch: form (or none), colour, size, the cell it lies in, and how many things of its form there are.
FACTS = (len(FORM_NAMES) + 1, 10, 2, 9, 4)


class Words:
    """Encodes captions, questions and answers as LAVIS does: [DEC] or [ENC] in place of [CLS], padded to the longest."""

    def __init__(self, folder=BLIP):
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))

    def encode(self, texts, first, longest=32):
        """Token ids [n,length]."""
        found = [[first, *e.ids[1:-1][: longest - 2], e.ids[-1]] for e in self.tokenizer.encode_batch(texts)]
        width = max(map(len, found))
        return torch.tensor([ids + [PAD] * (width - len(ids)) for ids in found])

    def forms(self, ids):
        """Which form of the plain vocabulary each token names, in the singular or plural; -1 for other words."""
        named = torch.full((self.tokenizer.get_vocab_size(),), -1)
        for i, names in enumerate(zip(FORM_NAMES, (name + ("es" if name == "cross" else "s") for name in FORM_NAMES))):
            named[[self.tokenizer.token_to_id(name) for name in names]] = i
        return named[ids]

    def decode(self, ids):
        """Words of token ids, with punctuation next to its word."""
        return self.tokenizer.decode(ids).replace(" ,", ",")


class Captions:
    """Pictures with captions; emoji and other pictures in fixed shares, no concept twice before all others came."""

    def __init__(self, rnd):
        self.random = rnd
        self.entries = json.loads((DATA / "corpus.json").read_text())["train"]
        self.pixels = read_pixels("train", [entry["row"] for entry in self.entries])
        self.directional = torch.tensor([entry["directional"] for entry in self.entries])
        self.coloured = torch.tensor([entry["coloured"] for entry in self.entries])
        self.members = {}
        for i, entry in enumerate(self.entries):
            self.members.setdefault(entry["concept"], []).append(i)
        groups = {True: [], False: []}
        for concept in self.members:
            groups[concept.startswith("name:")].append(concept)
        self.groups, self.queues = [groups[False], groups[True]], [[], []]

    def draw(self, group):
        """A picture of the next concept of a group."""
        if not self.queues[group]:
            self.queues[group] = self.groups[group][:]
            self.random.shuffle(self.queues[group])
        members = self.members[self.queues[group].pop()]
        weights = [STYLE_WEIGHT.get(self.entries[i]["source"], 1.0) for i in members]
        return self.random.choices(members, weights)[0]

    def caption(self, index):
        """The name, or another of its names, now and then with tags after commas."""
        entry, rnd = self.entries[index], self.random
        name = rnd.choice(entry["names"]) if rnd.random() < 0.2 else entry["names"][0]
        tags = rnd.sample(entry["tags"], min(len(entry["tags"]), rnd.randint(1, 3))) if rnd.random() < 0.1 else []
        return ", ".join([name, *tags])

    def batch(self, count):
        """Pictures, changed at random and normalised, and their captions."""
        emoji = round(count * EMOJI_SHARE)
        rows = [self.draw(0 if i < emoji else 1) for i in range(count)]
        at = torch.tensor(rows)
        return augment(self.pixels[at], self.directional[at], self.coloured[at]), [self.caption(row) for row in rows]


def read_questions(name, side):
    """Pictures [n,side,side,3] and the lists of their questions, as questions.ts wrote them."""
    entries = [json.loads(line) for line in (DATA / f"questions-{name}.jsonl").open()]
    pixels = np.fromfile(DATA / f"questions-{name}.rgb", np.uint8).reshape(-1, side, side, 3)
    return torch.from_numpy(pixels), entries


def normalise(pixels):
    """uint8 [n,64,64,3] to what the model reads."""
    return (pixels.permute(0, 3, 1, 2).float() / 255 - MEAN) / STD


def label_patches(images, things):
    """What each patch shows, [n,64,facts]; where it shows nothing, the form after the last one, its cell, and -100."""
    n = len(images)
    patches = images.view(n, 3, 8, 8, 8, 8).permute(0, 2, 4, 1, 3, 5).reshape(n, 64, 3, 64)
    ground = images[:, :, [0, 0, -1, -1], [0, -1, 0, -1]].median(2).values
    spread, away = patches.std(3).amax(2), (patches.mean(3) - ground[:, None]).abs().amax(2)
    blank = (spread < 0.15) & (away < 0.15)
    at = ((torch.arange(8) + 0.5) / 8 * 3).long()
    cells = (3 * at[:, None] + at[None, :]).flatten()
    labels = torch.full((n, 9, len(FACTS)), -100)
    for row, several in enumerate(things):
        forms = [form for form, *_ in several]
        for form, colour, large, cell in several:
            labels[row, cell] = torch.tensor([form, colour, large, cell, forms.count(form) - 1])
    shown = labels[:, cells].clone()
    shown[blank] = torch.tensor([len(FORM_NAMES), -100, -100, -100, -100])
    shown[..., 3] = cells
    return shown


def guide_looks(look, named, shown):
    """How far from its things a word looks that names a form: minus the logarithm of the attention on patches that show the form.

    look [pictures, words, 65], named [questions, length], shown [pictures, 64]; the words of a picture's questions stand together.
    """
    named = named.view(len(look), -1, 1)
    right = (named == shown[:, None]) & (named >= 0)
    there = right.any(-1)
    return -((look[..., 1:].float() * right).sum(-1)[there] + 1e-4).log().mean()


class Questions:
    """Generated pictures, each with several questions."""

    def __init__(self, rnd):
        self.random = rnd
        pixels, entries = read_questions("plain", 64)
        self.pixels, self.entries = pixels[:-HELD_OUT], entries[:-HELD_OUT]
        self.held = pixels[-HELD_OUT:], entries[-HELD_OUT:]

    def images(self, rows):
        """Normalised pictures, their light changed a little at random."""
        images = normalise(self.pixels[rows])
        return images * (1 + 0.05 * torch.randn(len(rows), 1, 1, 1)) + 0.1 * torch.randn(len(rows), 3, 1, 1)

    def ask(self, rows):
        """QUESTIONS questions a picture, those of a picture together, and their answers."""
        questions, answers = [], []
        for row in rows:
            entry = self.entries[row]
            keys = [self.random.random() ** (1 / KIND_WEIGHT[kind]) for kind in entry["kind"]]
            for i in sorted(range(len(keys)), key=keys.__getitem__)[-QUESTIONS:]:
                questions.append(entry["question"][i])
                answers.append(entry["answer"][i])
        return questions, answers

    def batch(self, count):
        """Pictures, questions, answers, and what patches show."""
        rows = [self.random.randrange(len(self.entries)) for _ in range(count)]
        shown = label_patches(normalise(self.pixels[rows]), [self.entries[row]["things"] for row in rows])
        return self.images(rows), *self.ask(rows), shown


class SharedMuon(Muon):
    """Muon whose update of a matrix is computed by one of the processes and given to the others."""

    def __init__(self, parameters, lr, weight_decay):
        super().__init__(parameters, lr, weight_decay)
        rank, world = dist.get_rank(), dist.get_world_size()
        self.shares = [self.param_groups[0]["params"][i::world] for i in range(world)]
        self.param_groups[0]["params"] = self.shares[rank]

    @torch.no_grad()
    def step(self):
        """Updates this process's share and sends it around."""
        super().step()
        for owner, share in enumerate(self.shares):
            sent = torch.cat([p.flatten() for p in share])
            dist.broadcast(sent, owner)
            for p, part in zip(share, sent.split([p.numel() for p in share])):
                p.copy_(part.view_as(p))


def make_optimizers(model, heads, lr):
    """Muon for the blocks' matrices, AdamW for the rest; the image tower, which is trained already, at a lower rate."""
    blocks, groups = {}, {}
    for name, p in [*model.named_parameters(), *heads.named_parameters()]:
        if not p.requires_grad:
            continue
        share = 0.8 if name.startswith("vision_model") else 1.0
        if p.ndim == 2 and (".layers." in name or ".layer." in name):
            blocks.setdefault(share, []).append(p)
        else:
            groups.setdefault((share, 0.1 if p.ndim == 2 and "position" not in name else 0.0), []).append(p)
    adam = torch.optim.AdamW(
        [{"params": params, "weight_decay": decay} for (_, decay), params in groups.items()],
        lr=lr, betas=(0.9, 0.98), eps=1e-8, fused=True,
    )  # fmt: skip
    for group, (share, _) in zip(adam.param_groups, groups):
        group["share"] = share
    muons = []
    for share, params in blocks.items():
        muons.append(SharedMuon(params, lr, 0.1))
        muons[-1].param_groups[0]["share"] = share
    return [adam, *muons]


@torch.no_grad()
def answer(model, words, images, questions):
    """Answers to questions [n lists], each list about one normalised picture."""
    said = []
    for start in range(0, len(images), 50):
        several = questions[start : start + 50]
        ids = words.encode([text for texts in several for text in texts], ENC)
        with torch.autocast("cpu", torch.bfloat16):
            states = model.see(images[start : start + 50]).repeat_interleave(torch.tensor([*map(len, several)]), 0)
            said += model.say(model.read(ids, states), padding_mask(ids), longest=5)
    return [words.decode(ids) for ids in said]


@torch.no_grad()
def caption(model, words, images):
    """Captions of normalised pictures."""
    said = []
    for part in images.split(100):
        with torch.autocast("cpu", torch.bfloat16):
            said += model.say(model.see(part))
    return [words.decode(ids) for ids in said]


def by_kind(entries, said):
    """Share of right answers in per cent, of all and by kind."""
    right = {}
    wanted = [(kind, text) for entry in entries for kind, text in zip(entry["kind"], entry["answer"])]
    for (kind, text), given in zip(wanted, said, strict=True):
        right.setdefault("all", []).append(text == given)
        right.setdefault(kind, []).append(text == given)
    return {kind: round(100 * sum(values) / len(values), 1) for kind, values in right.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, required=True)
    parser.add_argument("--folder", type=pathlib.Path, default=DATA / "blip")
    parser.add_argument("--lr", type=float, default=1e-3)
    parser.add_argument("--evaluate-every", type=float, default=5, help="minutes between checkpoints")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(1)
    dist.init_process_group("gloo")
    rank, world = dist.get_rank(), dist.get_world_size()
    torch.manual_seed(args.seed)
    args.folder.mkdir(parents=True, exist_ok=True)

    source = random.Random()
    words, captions, questions = Words(), Captions(source), Questions(source)
    fluent = json.loads((DATA / "corpus.json").read_text())["fluent"][:300]
    fluent_images = over_white(read_pixels("fluent", [entry["row"] for entry in fluent]))
    model = Blip()
    clip = {name: value.float() for name, value in load_file(MODEL / "model.safetensors").items()}
    from_clip(model, clip, over_white(captions.pixels[::100]))
    for name, p in model.named_parameters():
        p.requires_grad_(not name.startswith(FROZEN))
    # Only for training: what each patch of a generated picture shows, so that the tower soon tells what questions ask for.
    heads = nn.Linear(model.shape.width, sum(FACTS))
    average = {name: p.detach().clone() for name, p in model.named_parameters()}
    optimizers = make_optimizers(model, heads, args.lr)
    step, spent = 0, 0.0
    checkpoint, own = args.folder / "last.pt", args.folder / f"optimizers-{rank}.pt"
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=False)
        model.load_state_dict(state["model"])
        heads.load_state_dict(state["heads"])
        average = state["average"]
        for optimizer, saved in zip(optimizers, torch.load(own, weights_only=False)):
            optimizer.load_state_dict(saved)
        step, spent = state["step"], state["spent"]
    source.seed(f"{args.seed} {rank} {step}")
    torch.manual_seed(args.seed + 1000 * rank + 1_000_000 * step)

    budget = args.minutes * 60
    begun, saved_at, shown_at = time.time() - spent, time.time(), time.time()
    losses = []
    parameters = [p for p in [*model.parameters(), *heads.parameters()] if p.requires_grad]
    averaged = [value for name, value in average.items() if not name.startswith(FROZEN)]
    clock, saving = torch.zeros(2), False
    log = (args.folder / "log.jsonl").open("a")

    def save():
        """Writes a checkpoint, then measures the averaged weights."""
        state = {
            "model": model.state_dict(),
            "heads": heads.state_dict(),
            "average": average,
            "step": step,
            "spent": time.time() - begun,
        }
        torch.save(state, checkpoint.with_suffix(".tmp"))
        checkpoint.with_suffix(".tmp").rename(checkpoint)
        tuned = Blip()
        tuned.load_state_dict(average)
        pixels, entries = questions.held
        said = answer(tuned, words, normalise(pixels), [entry["question"] for entry in entries])
        names = caption(tuned, words, fluent_images)
        line = {
            "step": step,
            "minutes": round((time.time() - begun) / 60, 1),
            "answers": by_kind(entries, said),
            "fluent names": round(100 * sum(e["name"] == name for e, name in zip(fluent, names)) / len(fluent), 1),
            "said": names[:200:25],
        }
        print("EVAL", json.dumps(line), flush=True)
        log.write(json.dumps(line) + "\n")
        log.flush()

    while True:
        clock[0], clock[1] = (time.time() - begun) / budget, time.time() - saved_at > args.evaluate_every * 60
        dist.broadcast(clock, 0)
        progress, saving = clock[0].item(), clock[1].item() > 0
        if saving or progress >= 1:
            torch.save([optimizer.state_dict() for optimizer in optimizers], own)
            if rank == 0:
                save()
            saved_at = time.time()
        if progress >= 1:
            break
        _, keep, captioned, asked = next(phase for phase in PHASES if progress < phase[0] or phase[0] == 1)
        lr = args.lr * min(1, (step + 1) / 100) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * progress)))
        for optimizer in optimizers:
            for group in optimizer.param_groups:
                group["lr"] = lr * group["share"]
        images, texts = captions.batch(captioned)
        ids = words.encode(texts, DEC, 16)
        which = choose_patches(model.vision_model.cut(images), keep) if keep < 64 else None
        with torch.autocast("cpu", torch.bfloat16):
            telling = word_loss(model.text_decoder(ids[:, :-1], model.see(images, which)), ids)
        telling.backward()
        images, texts, answers, shown = questions.batch(asked)
        asked_ids, ids = words.encode(texts, ENC), words.encode(answers, DEC)
        with torch.autocast("cpu", torch.bfloat16):
            seen = model.see(images)
            states, looks = model.text_encoder(asked_ids, padding_mask(asked_ids), seen)
            answering = word_loss(model.text_decoder(ids[:, :-1], states, padding_mask(asked_ids)), ids)
        parts = heads(seen[:, 1:].float()).split(FACTS, -1)
        showing = sum(F.cross_entropy(part.flatten(0, 1), shown[..., i].flatten()) for i, part in enumerate(parts))
        looking = sum(guide_looks(look, words.forms(asked_ids), shown[..., 0]) for look in looks[:2])
        (answering + 0.2 * showing + 0.2 * looking).backward()
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
            torch._foreach_lerp_(averaged, parameters[: len(averaged)], 1 - decay)
        losses.append((telling.item(), answering.item(), showing.item(), looking.item()))
        if rank == 0 and step % 50 == 0:
            now = time.time()
            mean = np.mean(losses[-50:], 0).round(3).tolist()
            print(
                f"step {step} {progress:.3f} lr {lr:.2e} captions {mean[0]} answers {mean[1]} patches {mean[2]} looks {mean[3]} "
                f"{(now - shown_at) / 50:.2f} s/step",
                flush=True,
            )
            shown_at = now
    dist.barrier()
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
