"""Trains the embedded captioner and answerer within a budget of wall-clock time, on a GPU where there is one.

Usage: python blip_train.py --minutes 4 [--device cuda|cpu] [--captions 512] [--pictures 256] [--folder data/blip]
The image tower starts as the embedded CLIP's; the rest from random weights. Each step has captions of emoji and clip art, and
questions about generated shapes.
"""

import argparse
import json
import math
import pathlib
import random
import re
import time

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import nn
from torch.utils.data import DataLoader, IterableDataset

from augment import MEAN, STD, augment, choose_patches, over_white
from blip import DEC, ENC, PAD, Blip, Shape, from_clip, padding_mask, word_loss
from blip_corpus import BLIP
from train import DATA, EMOJI_SHARE, MODEL, STYLE_WEIGHT, Muon, read_pixels

QUESTIONS = 6
# (until this part of the time, patches kept of 64 for captions)
PHASES = [(0.75, 32), (1.0, 64)]
# How captions are put: as a sentence begins, as a name alone, or as a name with keywords.
SENTENCES, NAMES = 0.65, 0.2
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
    """Captions of pictures; emoji and other pictures in fixed shares, no concept twice before all others came."""

    def __init__(self, rnd):
        self.random = rnd
        self.entries = json.loads((DATA / "corpus.json").read_text())["train"]
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
        """A sentence with the name (or another of its names), the name alone, or the name and tags after commas."""
        entry, rnd = self.entries[index], self.random
        name = rnd.choice(entry["names"]) if rnd.random() < 0.2 else entry["names"][0]
        kind = rnd.random()
        if kind < SENTENCES:
            return f"a picture of {with_article(name)}"
        tags = [] if kind < SENTENCES + NAMES else rnd.sample(entry["tags"], min(len(entry["tags"]), rnd.randint(1, 3)))
        return ", ".join([name, *tags])

    def batch(self, count):
        """Places of pictures, and their captions."""
        emoji = round(count * EMOJI_SHARE)
        rows = [self.draw(0 if i < emoji else 1) for i in range(count)]
        return rows, [self.caption(row) for row in rows]


def with_article(name):
    """A name as it stands in a sentence: with an article unless its last word looks like a plural."""
    if re.search(r"[^su]s$", name):
        return name
    return f"{'an' if re.match(r'[aeio]|u[mp]|un(?!i)', name) else 'a'} {name}"


def read_questions(name, side):
    """Pictures [n,side,side,3] and the lists of their questions, as questions.ts wrote them."""
    entries = [json.loads(line) for line in (DATA / f"questions-{name}.jsonl").open()]
    pixels = np.fromfile(DATA / f"questions-{name}.rgb", np.uint8).reshape(-1, side, side, 3)
    return torch.from_numpy(pixels), entries


class Questions:
    """Questions about generated pictures, several a picture."""

    def __init__(self, entries, words):
        self.random, self.entries = random, entries
        self.asked = words.encode([text for entry in entries for text in entry["question"]], ENC)
        self.answers = words.encode([text for entry in entries for text in entry["answer"]], DEC)
        self.starts = np.cumsum([0, *(len(entry["question"]) for entry in entries)])

    def batch(self, count):
        """Places of pictures, QUESTIONS questions each, those of a picture together, and their answers."""
        rows = [self.random.randrange(len(self.entries)) for _ in range(count)]
        chosen = []
        for row in rows:
            kinds = self.entries[row]["kind"]
            keys = [self.random.random() ** (1 / KIND_WEIGHT[kind]) for kind in kinds]
            chosen += [self.starts[row] + i for i in sorted(range(len(keys)), key=keys.__getitem__)[-QUESTIONS:]]
        asked, answers = self.asked[chosen], self.answers[chosen]
        return rows, asked[:, : (asked != PAD).sum(1).max()], answers[:, : (answers != PAD).sum(1).max()]


class Feed(IterableDataset):
    """Batches of words without end, made in other processes; the pictures wait on the device."""

    def __init__(self, seed, words, entries, captions, pictures):
        self.seed, self.words, self.captions, self.pictures = seed, words, captions, pictures
        self.questions = Questions(entries, words)

    def __iter__(self):
        worker = torch.utils.data.get_worker_info()
        source = random.Random(f"{self.seed} {worker.id if worker else 0}")
        told, self.questions.random = Captions(source), source
        while True:
            rows, texts = told.batch(self.captions)
            yield torch.tensor(rows), self.words.encode(texts, DEC, 20), *map(torch.as_tensor, self.questions.batch(self.pictures))


def normalise(pixels):
    """uint8 [n,64,64,3] to what the model reads."""
    return (pixels.permute(0, 3, 1, 2).float() / 255 - MEAN.to(pixels.device)) / STD.to(pixels.device)


def shifted_light(images):
    """Normalised pictures, their light changed a little at random."""
    n, device = len(images), images.device
    return images * (1 + 0.05 * torch.randn(n, 1, 1, 1, device=device)) + 0.1 * torch.randn(n, 3, 1, 1, device=device)


def facts_of(entries):
    """What stands in each cell of each picture: [n,9,facts], -100 where nothing does."""
    labels = torch.full((len(entries), 9, len(FACTS)), -100)
    for row, entry in enumerate(entries):
        forms = [form for form, *_ in entry["things"]]
        for form, colour, large, cell in entry["things"]:
            labels[row, cell] = torch.tensor([form, colour, large, cell, forms.count(form) - 1])
    return labels


def label_patches(images, facts):
    """What each patch shows, [n,64,facts], from the facts of the pictures' cells; where it shows nothing, the form after the last
    one, its cell, and -100."""
    n = len(images)
    patches = images.view(n, 3, 8, 8, 8, 8).permute(0, 2, 4, 1, 3, 5).reshape(n, 64, 3, 64)
    ground = images[:, :, [0, 0, -1, -1], [0, -1, 0, -1]].median(2).values
    spread, away = patches.std(3).amax(2), (patches.mean(3) - ground[:, None]).abs().amax(2)
    blank = ((spread < 0.15) & (away < 0.15))[..., None]
    at = ((torch.arange(8, device=images.device) + 0.5) / 8 * 3).long()
    cells = (3 * at[:, None] + at[None, :]).flatten()
    nothing = torch.tensor([len(FORM_NAMES), -100, -100, -100, -100], device=images.device)
    shown = torch.where(blank, nothing, facts[:, cells])
    shown[..., 3] = cells
    return shown


def guide_looks(look, named, shown):
    """How far from its things a word looks that names a form: minus the logarithm of the attention on patches that show the form.

    look [pictures, words, 65], named [questions, length], shown [pictures, 64]; the words of a picture's questions stand together.
    """
    named = named.view(len(look), -1, 1)
    right = (named == shown[:, None]) & (named >= 0)
    there = right.any(-1)
    far = -((look[..., 1:].float() * right).sum(-1) + 1e-4).log()
    return (far * there).sum() / there.sum().clamp(min=1)


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
        muons.append(Muon(params, lr, 0.1))
        muons[-1].param_groups[0]["share"] = share
    return [adam, *muons]


@torch.no_grad()
def answer(model, words, images, questions):
    """Answers to questions [n lists], each list about one normalised picture."""
    said = []
    for start in range(0, len(images), 50):
        several = questions[start : start + 50]
        ids = words.encode([text for texts in several for text in texts], ENC).to(images.device)
        with torch.autocast(images.device.type, torch.bfloat16):
            counts = torch.tensor([*map(len, several)], device=images.device)
            states = model.see(images[start : start + 50]).repeat_interleave(counts, 0)
            said += model.say(model.read(ids, states), padding_mask(ids), longest=5)
    return [words.decode(ids) for ids in said]


@torch.no_grad()
def caption(model, words, images):
    """Captions of normalised pictures."""
    said = []
    for part in images.split(100):
        with torch.autocast(images.device.type, torch.bfloat16):
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
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--captions", type=int, default=512, help="pictures with captions of a batch")
    parser.add_argument("--pictures", type=int, default=256, help="pictures with questions of a batch")
    parser.add_argument("--folder", type=pathlib.Path, default=DATA / "blip")
    parser.add_argument("--lr", type=float, default=1e-3)
    parser.add_argument("--evaluate-every", type=float, default=1, help="minutes between measurements")
    parser.add_argument("--workers", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    device = torch.device(args.device)
    torch.manual_seed(args.seed)
    args.folder.mkdir(parents=True, exist_ok=True)

    words = Words()
    plain, asked_about = read_questions("plain", 64)
    held = normalise(plain[-HELD_OUT:]).to(device), asked_about[-HELD_OUT:]
    plain, asked_about = plain[:-HELD_OUT].to(device), asked_about[:-HELD_OUT]
    facts, forms = facts_of(asked_about).to(device), words.forms(torch.arange(Shape.vocabulary)).to(device)
    corpus = json.loads((DATA / "corpus.json").read_text())
    told = corpus["train"]
    pixels = read_pixels("train", [entry["row"] for entry in told]).to(device)
    directional = torch.tensor([entry["directional"] for entry in told], device=device)
    coloured = torch.tensor([entry["coloured"] for entry in told], device=device)
    fluent = corpus["fluent"][:300]
    fluent_images = over_white(read_pixels("fluent", [entry["row"] for entry in fluent])).to(device)
    feed = Feed(args.seed, words, asked_about, args.captions, args.pictures)
    ahead = {"num_workers": args.workers, "prefetch_factor": 4} if args.workers else {}
    batches = iter(DataLoader(feed, None, pin_memory=device.type == "cuda", **ahead))

    model = Blip()
    clip = {name: value.float() for name, value in load_file(MODEL / "model.safetensors").items()}
    from_clip(model, clip, over_white(pixels[::100]).cpu())
    model.to(device)
    for name, p in model.named_parameters():
        p.requires_grad_(not name.startswith(FROZEN))
    # Only for training: what each patch of a generated picture shows, so that the tower soon tells what questions ask for.
    heads = nn.Linear(model.shape.width, sum(FACTS)).to(device)
    average = {name: p.detach().clone() for name, p in model.named_parameters()}
    optimizers = make_optimizers(model, heads, args.lr)
    parameters = [p for p in [*model.parameters(), *heads.parameters()] if p.requires_grad]
    averaged = [value for name, value in average.items() if not name.startswith(FROZEN)]
    log = (args.folder / "log.jsonl").open("a")
    tuned = Blip().to(device)
    begun = shown_at = measured_at = time.time()
    step, losses = 0, []

    def measure():
        """Prints how well the averaged weights do, and keeps them."""
        kept = {name: p.cpu() for name, p in average.items()}
        torch.save({"average": kept, "step": step, "spent": time.time() - begun}, args.folder / "last.pt")
        tuned.load_state_dict(average)
        said = answer(tuned, words, held[0], [entry["question"] for entry in held[1]])
        names = caption(tuned, words, fluent_images)
        right = sum(name in (e["name"], f"a picture of {with_article(e['name'])}") for e, name in zip(fluent, names))
        line = {
            "step": step,
            "minutes": round((time.time() - begun) / 60, 1),
            "answers": by_kind(held[1], said),
            "fluent names": round(100 * right / len(fluent), 1),
            "said": names[:200:25],
        }
        print("EVAL", json.dumps(line), flush=True)
        log.write(json.dumps(line) + "\n")
        log.flush()

    while (progress := (time.time() - begun) / (60 * args.minutes)) < 1:
        keep = next(phase[1] for phase in PHASES if progress < phase[0] or phase[0] == 1)
        lr = args.lr * min(1, (step + 1) / 100) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * progress)))
        for optimizer in optimizers:
            for group in optimizer.param_groups:
                group["lr"] = lr * group["share"]
        rows, caption_ids, question_rows, asked, answers = (part.to(device, non_blocking=True) for part in next(batches))
        images = augment(pixels[rows], directional[rows], coloured[rows])
        which = choose_patches(model.vision_model.cut(images), keep) if keep < 64 else None
        plain_images = normalise(plain[question_rows])
        shown = label_patches(plain_images, facts[question_rows])
        with torch.autocast(device.type, torch.bfloat16):
            telling = word_loss(model.text_decoder(caption_ids[:, :-1], model.see(images, which)), caption_ids)
            seen = model.see(shifted_light(plain_images))
            states, looks = model.text_encoder(asked, padding_mask(asked), seen, looking=True)
            answering = word_loss(model.text_decoder(answers[:, :-1], states, padding_mask(asked)), answers)
        parts = heads(seen[:, 1:].float()).split(FACTS, -1)
        showing = sum(F.cross_entropy(part.flatten(0, 1), shown[..., i].flatten()) for i, part in enumerate(parts))
        looking = sum(guide_looks(look, forms[asked], shown[..., 0]) for look in looks[:2])
        (telling + answering + 0.2 * showing + 0.2 * looking).backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        step += 1
        with torch.no_grad():
            torch._foreach_lerp_(averaged, parameters[: len(averaged)], 1 - min(0.998, (step + 1) / (step + 20)))
        losses.append(torch.stack([telling, answering, showing, looking]).detach())
        if step % 200 == 0:
            now, mean = time.time(), torch.stack(losses).mean(0).tolist()
            losses = []
            print(
                f"step {step} {progress:.3f} lr {lr:.2e} captions {mean[0]:.3f} answers {mean[1]:.3f} patches {mean[2]:.3f} "
                f"looks {mean[3]:.3f} {(now - shown_at) / 200:.3f} s/step",
                flush=True,
            )
            shown_at = now
        if time.time() - measured_at > 60 * args.evaluate_every:
            measure()
            measured_at = shown_at = time.time()
    measure()


if __name__ == "__main__":
    main()
