"""Augmentation of premultiplied RGBA pictures: one batched warp, then colour and style changes."""

import torch
import torch.nn.functional as F

MEAN = torch.tensor([0.48145466, 0.4578275, 0.40821073]).view(1, 3, 1, 1)
STD = torch.tensor([0.26862954, 0.26130258, 0.27577711]).view(1, 3, 1, 1)
LUMA = torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)


def uniform(n, low, high):
    """n random numbers in [low, high)."""
    return torch.rand(n) * (high - low) + low


def chance(n, probability):
    """n booleans, true with the probability."""
    return torch.rand(n) < probability


def over_white(rgba):
    """uint8 premultiplied RGBA [n,64,64,4] on white, as normalised [n,3,64,64]: what evaluation sees."""
    x = rgba.permute(0, 3, 1, 2).float() / 255
    return (x[:, :3] + 1 - x[:, 3:] - MEAN.to(x.device)) / STD.to(x.device)


def warp_grid(n, directional, strength):
    """Sampling grid of a random zoom, stretch, turn, shift, mirror and smooth bend."""
    zoom = torch.exp(uniform(n, -0.33, 0.33) * strength)
    stretch = torch.exp(uniform(n, -0.15, 0.15) * strength)
    angle = uniform(n, -0.25, 0.25) * strength * chance(n, 0.6)
    shear = uniform(n, -0.15, 0.15) * strength * chance(n, 0.3)
    mirror = torch.where(chance(n, 0.5) & ~directional, -1.0, 1.0)
    cos, sin = angle.cos(), angle.sin()
    theta = torch.zeros(n, 2, 3)
    theta[:, 0, 0] = zoom * stretch * cos * mirror
    theta[:, 0, 1] = zoom * (shear - sin)
    theta[:, 1, 0] = zoom * sin * mirror
    theta[:, 1, 1] = zoom / stretch * cos
    theta[:, :, 2] = (torch.rand(n, 2) * 2 - 1) * 0.2 * strength
    grid = F.affine_grid(theta, [n, 1, 64, 64], align_corners=False)
    bend = torch.randn(n, 2, 4, 4) * (uniform(n, 0, 0.07) * chance(n, 0.6) * strength).view(n, 1, 1, 1)
    bend = F.interpolate(bend, size=64, mode="bicubic", align_corners=True)
    return grid + bend.permute(0, 2, 3, 1)


def augment(rgba, directional, coloured, strength=1.0):
    """uint8 premultiplied RGBA [n,64,64,4] to normalised [n,3,64,64], changed at random on the device that holds them.

    Mirroring spares pictures whose name says a direction; strong colour changes spare names with colours.
    """
    with rgba.device:
        return changed(rgba, directional, coloured, strength)


def changed(rgba, directional, coloured, strength):
    """What augment does, with random numbers from the default device."""
    n = len(rgba)
    column = (n, 1, 1, 1)
    luma = LUMA.to(rgba.device)
    x = rgba.permute(0, 3, 1, 2).float() / 255
    x = F.grid_sample(x, warp_grid(n, directional, strength), align_corners=False)
    ground = torch.ones(n, 3, 1, 1)
    kind = torch.rand(n)
    pastel = kind < 0.25 * strength
    ground[pastel] = 1 - 0.3 * torch.rand(int(pastel.sum()), 3, 1, 1)
    anything = (kind > 1 - 0.15 * strength) & ~coloured
    ground[anything] = torch.rand(int(anything.sum()), 3, 1, 1)
    image = (x[:, :3] + (1 - x[:, 3:]) * ground).clamp(0, 1)

    grey = (image * luma).sum(1, keepdim=True)
    saturation = torch.exp(uniform(n, -0.5, 0.4) * strength)
    saturation[chance(n, 0.08 * strength) & ~coloured] = 0
    image = grey + (image - grey) * saturation.view(column)
    gain = torch.exp(0.2 * strength * torch.randn(n, 3, 1, 1) * (~coloured).view(column))
    image = (image * gain * torch.exp(0.15 * strength * torch.randn(column))).clamp(0, 1)
    image = image ** torch.exp(0.25 * strength * torch.randn(column))

    pick = torch.rand(n)
    flat = pick < 0.12 * strength
    if flat.any():
        levels = torch.randint(3, 7, (int(flat.sum()), 1, 1, 1))
        image[flat] = (image[flat] * (levels - 1)).round() / (levels - 1)
    outline = (pick > 1 - 0.06 * strength) & ~coloured
    if outline.any():
        part = (image[outline] * luma).sum(1, keepdim=True)
        across = F.pad(part, (1, 1, 0, 0), mode="replicate").diff(n=2, dim=3).abs()
        down = F.pad(part, (0, 0, 1, 1), mode="replicate").diff(n=2, dim=2).abs()
        image[outline] = (1 - 2 * (across + down)).clamp(0, 1).expand(-1, 3, -1, -1)
    soft = (pick > 0.3) & (pick < 0.3 + 0.12 * strength)
    if soft.any():
        image[soft] = F.avg_pool2d(F.pad(image[soft], (1, 1, 1, 1), mode="replicate"), 3, 1)
    return (image - MEAN.to(rgba.device)) / STD.to(rgba.device)


def choose_patches(patches, keep):
    """Indices [n,keep] of patches to train on: at random, preferring those that show something."""
    n, count, _ = patches.shape
    noise = -torch.log(-torch.log(torch.rand(n, count, device=patches.device).clamp(1e-6, 1 - 1e-6)))
    score = noise + 1.5 * (patches.std(2) > 0.08)
    return score.topk(keep, 1).indices.sort(1).values
