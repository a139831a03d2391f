"""The embedded model as a plain torch module, with Hugging Face's parameter names and arithmetic.

It exists because it trains faster on a processor than `CLIPModel`: fused query/key/value products, plain attention,
and an image tower that may see only some of the patches. `export.py` checks that both give the same logits.
"""

import dataclasses

import torch
import torch.nn.functional as F
from torch import nn


@dataclasses.dataclass(frozen=True)
class Shape:
    """Sizes of the model; the defaults are the embedded model's."""

    vocabulary: int = 4096
    positions: int = 32
    image: int = 64
    patch: int = 8
    width: int = 192
    heads: int = 3
    mlp: int = 768
    vision_layers: int = 6
    text_layers: int = 4
    projection: int = 192


class Attention(nn.Module):
    """Self-attention with separate projections (as stored), multiplied as one."""

    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        for name in ("q_proj", "k_proj", "v_proj", "out_proj"):
            setattr(self, name, nn.Linear(width, width))

    def forward(self, x, mask):
        batch, length, width = x.shape
        scale = (width // self.heads) ** -0.5
        weight = torch.cat([self.q_proj.weight * scale, self.k_proj.weight, self.v_proj.weight])
        bias = torch.cat([self.q_proj.bias * scale, self.k_proj.bias, self.v_proj.bias])
        qkv = F.linear(x, weight, bias).view(batch, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        scores = qkv[0] @ qkv[1].transpose(-1, -2)
        if mask is not None:
            scores = scores + mask
        mixed = scores.softmax(-1).to(qkv.dtype) @ qkv[2]
        return self.out_proj(mixed.transpose(1, 2).reshape(batch, length, width))


class Mlp(nn.Module):
    """Two layers with CLIP's quick GELU between."""

    def __init__(self, width, hidden):
        super().__init__()
        self.fc1 = nn.Linear(width, hidden)
        self.fc2 = nn.Linear(hidden, width)

    def forward(self, x):
        x = self.fc1(x)
        return self.fc2(x * torch.sigmoid(1.702 * x))


class Block(nn.Module):
    """A pre-norm transformer block."""

    def __init__(self, shape):
        super().__init__()
        self.self_attn = Attention(shape.width, shape.heads)
        self.layer_norm1 = nn.LayerNorm(shape.width)
        self.mlp = Mlp(shape.width, shape.mlp)
        self.layer_norm2 = nn.LayerNorm(shape.width)

    def forward(self, x, mask):
        x = x + self.self_attn(self.layer_norm1(x), mask)
        return x + self.mlp(self.layer_norm2(x))


class Encoder(nn.Module):
    """A stack of blocks."""

    def __init__(self, shape, layers):
        super().__init__()
        self.layers = nn.ModuleList(Block(shape) for _ in range(layers))

    def forward(self, x, mask=None):
        for layer in self.layers:
            x = layer(x, mask)
        return x


class VisionTower(nn.Module):
    """Patches of an image to one vector; `forward` takes patches that were cut out already, and which ones they are."""

    def __init__(self, shape):
        super().__init__()
        self.shape = shape
        self.embeddings = nn.Module()
        self.embeddings.class_embedding = nn.Parameter(torch.randn(shape.width) * shape.width**-0.5)
        self.embeddings.patch_embedding = nn.Conv2d(3, shape.width, shape.patch, shape.patch, bias=False)
        count = (shape.image // shape.patch) ** 2 + 1
        self.embeddings.position_embedding = nn.Embedding(count, shape.width)
        self.pre_layrnorm = nn.LayerNorm(shape.width)
        self.encoder = Encoder(shape, shape.vision_layers)
        self.post_layernorm = nn.LayerNorm(shape.width)

    def forward(self, patches, which):
        positions = self.embeddings.position_embedding.weight
        x = F.linear(patches, self.embeddings.patch_embedding.weight.flatten(1))
        x = x + positions[1:][which]
        first = (self.embeddings.class_embedding + positions[0]).expand(len(x), 1, -1)
        x = self.encoder(self.pre_layrnorm(torch.cat([first, x], 1)))
        return self.post_layernorm(x[:, 0])


class TextTower(nn.Module):
    """Token ids to one vector: the one at the first end-of-text token."""

    def __init__(self, shape):
        super().__init__()
        self.embeddings = nn.Module()
        self.embeddings.token_embedding = nn.Embedding(shape.vocabulary, shape.width)
        self.embeddings.position_embedding = nn.Embedding(shape.positions, shape.width)
        self.encoder = Encoder(shape, shape.text_layers)
        self.final_layer_norm = nn.LayerNorm(shape.width)
        self.end = shape.vocabulary - 1

    def forward(self, ids):
        length = ids.shape[1]
        x = self.embeddings.token_embedding(ids) + self.embeddings.position_embedding.weight[:length]
        mask = torch.full((length, length), -1e9, device=ids.device).triu(1)
        x = self.encoder(x, mask)
        last = (ids == self.end).int().argmax(1)
        return self.final_layer_norm(x[torch.arange(len(x), device=ids.device), last])


class Clip(nn.Module):
    """Both towers, their projections and the logit scale."""

    def __init__(self, shape=Shape()):
        super().__init__()
        self.shape = shape
        self.vision_model = VisionTower(shape)
        self.text_model = TextTower(shape)
        self.visual_projection = nn.Linear(shape.width, shape.projection, bias=False)
        self.text_projection = nn.Linear(shape.width, shape.projection, bias=False)
        self.logit_scale = nn.Parameter(torch.tensor(2.6592))
        self.reset()

    def reset(self):
        """Small normal weights, smaller where a residual branch ends."""
        for name, parameter in self.named_parameters():
            if parameter.ndim < 2:
                if name.endswith("bias"):
                    nn.init.zeros_(parameter)
                continue
            std = 0.02 if "embedding" in name else self.shape.width**-0.5
            if "position_embedding" in name:
                std = 0.01
            if "patch_embedding" in name:
                std = parameter[0].numel() ** -0.5
            if "out_proj" in name or "fc2" in name:
                std = (2 * self.shape.vision_layers * parameter.shape[1]) ** -0.5
            if "fc1" in name:
                std = (2 * self.shape.width) ** -0.5
            nn.init.normal_(parameter, std=std)

    def cut(self, images):
        """Cuts images [n,3,s,s] into flat patches [n,count,3*p*p], in the convolution's order."""
        n, size, p = len(images), self.shape.image // self.shape.patch, self.shape.patch
        x = images.view(n, 3, size, p, size, p).permute(0, 2, 4, 1, 3, 5)
        return x.reshape(n, size * size, 3 * p * p)

    def encode_image(self, patches, which):
        """Unit embeddings of images given as patches and their indices."""
        return F.normalize(self.visual_projection(self.vision_model(patches, which)).float(), dim=-1)

    def encode_text(self, ids):
        """Unit embeddings of captions given as padded token ids."""
        return F.normalize(self.text_projection(self.text_model(ids)).float(), dim=-1)
