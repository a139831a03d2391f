"""Goes on with the words of the embedded captioner and answerer alone: the image tower stays as blip_train.py left it.

Usage: torchrun --nproc-per-node 2 blip_settle.py --minutes 15 [--folder data/blip]
What the tower makes of every picture, under a few random changes each, is computed once and kept (about 1 GB a process, each its
own part of the pictures), so that a caption costs a third of what it costs while the tower learns. Writes settled.pt beside last.pt.
"""

import argparse
import math
import pathlib
import random
import time

import numpy as np
import torch
import torch.distributed as dist

from augment import augment
from blip import DEC, ENC, Blip, padding_mask, word_loss
from blip_train import Captions, Questions, Words, caption, make_optimizers, over_white, read_pixels
from train import DATA, EMOJI_SHARE
import json


class KeptCaptions(Captions):
    """Captions of this process's part of the concepts, with states of their pictures that were computed once."""

    def __init__(self, rnd, model, rank, world, versions):
        super().__init__(rnd)
        self.groups = [group[rank::world] for group in self.groups]
        rows = sorted(row for group in self.groups for concept in group for row in self.members[concept])
        self.places = {row: place for place, row in enumerate(rows)}
        self.versions = []
        for _ in range(versions):
            kept = []
            for part in torch.tensor(rows).split(100):
                images = augment(self.pixels[part], self.directional[part], self.coloured[part], 0.8)
                with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
                    kept.append(model.see(images).bfloat16())
            self.versions.append(torch.cat(kept))
        self.pixels = None

    def batch(self, count):
        """States of pictures and their captions."""
        emoji = round(count * EMOJI_SHARE)
        rows = [self.draw(0 if i < emoji else 1) for i in range(count)]
        places = [self.places[row] for row in rows]
        states = torch.stack([self.versions[self.random.randrange(len(self.versions))][place] for place in places])
        return states, [self.caption(row) for row in rows]


class KeptQuestions(Questions):
    """Questions about some of the pictures, with their states."""

    def __init__(self, rnd, model, count):
        super().__init__(rnd)
        chosen = rnd.sample(range(len(self.entries)), count)
        self.pixels, self.entries = self.pixels[chosen], [self.entries[i] for i in chosen]
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            parts = torch.arange(count).split(100)
            self.states = torch.cat([model.see(self.images(part.tolist())).bfloat16() for part in parts])

    def batch(self, count):
        """States of pictures, six questions a picture, and the answers."""
        rows = [self.random.randrange(len(self.entries)) for _ in range(count)]
        questions, answers = self.ask(rows)
        return self.states[rows], questions, answers


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, required=True)
    parser.add_argument("--folder", type=pathlib.Path, default=DATA / "blip")
    parser.add_argument("--lr", type=float, default=1e-3)
    parser.add_argument("--captions", type=int, default=160, help="in a process's batch")
    parser.add_argument("--versions", type=int, default=2, help="random changes of each picture")
    parser.add_argument("--seed", type=int, default=2)
    args = parser.parse_args()
    torch.set_num_threads(1)
    dist.init_process_group("gloo")
    rank, world = dist.get_rank(), dist.get_world_size()
    torch.manual_seed(args.seed + 1000 * rank)
    begun = time.time()
    source = random.Random(f"{args.seed} {rank}")
    state = torch.load(args.folder / "last.pt", weights_only=False)
    model = Blip()
    model.load_state_dict(state["average"])
    for name, p in model.named_parameters():
        p.requires_grad_(not name.startswith("vision_model"))
    words = Words()
    captions = KeptCaptions(source, model, rank, world, args.versions)
    questions = KeptQuestions(source, model, 2000)
    fluent = json.loads((DATA / "corpus.json").read_text())["fluent"][:300]
    fluent_images = over_white(read_pixels("fluent", [entry["row"] for entry in fluent]))
    dist.barrier()
    print(f"kept after {(time.time() - begun) / 60:.1f} minutes", flush=True)

    optimizers = make_optimizers(model, torch.nn.Module(), args.lr)
    parameters = [p for p in model.parameters() if p.requires_grad]
    average = [p.detach().clone() for p in parameters]
    clock, step, losses, shown_at = torch.zeros(1), 0, [], time.time()
    while True:
        clock[0] = (time.time() - begun) / (60 * args.minutes)
        dist.broadcast(clock, 0)
        progress = clock.item()
        if progress >= 1:
            break
        lr = args.lr * min(1, (step + 1) / 20) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * progress)))
        for optimizer in optimizers:
            for group in optimizer.param_groups:
                group["lr"] = lr * group["share"]
        states, texts = captions.batch(args.captions)
        ids = words.encode(texts, DEC, 16)
        with torch.autocast("cpu", torch.bfloat16):
            telling = word_loss(model.text_decoder(ids[:, :-1], states), ids)
        telling.backward()
        states, texts, answers = questions.batch(8)
        asked, ids = words.encode(texts, ENC), words.encode(answers, DEC)
        with torch.autocast("cpu", torch.bfloat16):
            answering = word_loss(model.text_decoder(ids[:, :-1], model.read(asked, states), padding_mask(asked)), ids)
        (0.5 * answering).backward()
        gradient = torch.cat([p.grad.flatten() for p in parameters])
        dist.all_reduce(gradient)
        gradient *= (world / gradient.norm()).clamp(max=1.0) / world
        for p, part in zip(parameters, gradient.split([p.numel() for p in parameters])):
            p.grad.copy_(part.view_as(p))
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        step += 1
        with torch.no_grad():
            torch._foreach_lerp_(average, parameters, 1 - min(0.99, (step + 1) / (step + 20)))
        losses.append((telling.item(), answering.item()))
        if rank == 0 and step % 50 == 0:
            now, mean = time.time(), np.mean(losses[-50:], 0).round(3).tolist()
            names = caption(model, words, fluent_images)
            right = sum(entry["name"] == name for entry, name in zip(fluent, names))
            print(
                f"step {step} {progress:.3f} captions {mean[0]} answers {mean[1]} fluent names {right / 3:.1f} "
                f"{(now - shown_at) / 50:.2f} s/step",
                flush=True,
            )
            shown_at = now
    if rank == 0:
        names = [name for name, p in model.named_parameters() if p.requires_grad]
        settled = {**state["average"], **dict(zip(names, average))}
        torch.save(
            {"average": settled, "step": state["step"] + step, "spent": state["spent"] + time.time() - begun},
            args.folder / "settled.pt",
        )
    dist.barrier()
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
