"""The embedded captioner and answerer as a plain torch module, with the parameter names and arithmetic of Transformers' BLIP.

It exists because it trains faster on a processor than Transformers' classes: fused products, several questions to a picture that
share its keys and values, and an image tower that may see only some of the patches. `blip_export.py` checks that
`BlipForConditionalGeneration` and `BlipForQuestionAnswering` give the same.
"""

import dataclasses

import torch
import torch.nn.functional as F
from torch import nn

PAD, UNK, CLS, SEP, MASK, DEC, ENC = range(7)
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "[DEC]", "[ENC]"]


@dataclasses.dataclass(frozen=True)
class Shape:
    """Sizes of the model; the defaults are the embedded model's."""

    vocabulary: int = 4000
    positions: int = 32
    image: int = 64
    patch: int = 8
    width: int = 192
    heads: int = 3
    vision_mlp: int = 768
    text_mlp: int = 576
    vision_layers: int = 6
    text_layers: int = 3


def split_heads(x, heads):
    """[n, length, width] to [n, heads, length, width / heads]."""
    return x.view(len(x), x.shape[1], heads, -1).transpose(1, 2)


def attend(query, key, value, mask, looking=False):
    """Attention of heads [n, heads, length, size]; the mask is added to the scores. Returns [n, length, width] and, when
    looking, the weights."""
    if not looking:
        mask = mask if mask is None else mask.to(query.dtype)
        return F.scaled_dot_product_attention(query, key, value, mask).transpose(1, 2).flatten(2), None
    scores = (query * query.shape[-1] ** -0.5) @ key.transpose(-1, -2)
    if mask is not None:
        scores = scores + mask
    weights = scores.softmax(-1).to(value.dtype)
    return (weights @ value).transpose(1, 2).flatten(2), weights


class VisionAttention(nn.Module):
    """Self-attention with one product for query, key and value."""

    def __init__(self, shape):
        super().__init__()
        self.heads = shape.heads
        self.qkv = nn.Linear(shape.width, 3 * shape.width)
        self.projection = nn.Linear(shape.width, shape.width)

    def forward(self, x):
        query, key, value = (split_heads(part, self.heads) for part in self.qkv(x).chunk(3, -1))
        return self.projection(attend(query, key, value, None)[0])


class VisionMlp(nn.Module):
    """Two layers with CLIP's quick GELU between."""

    def __init__(self, shape):
        super().__init__()
        self.fc1 = nn.Linear(shape.width, shape.vision_mlp)
        self.fc2 = nn.Linear(shape.vision_mlp, shape.width)

    def forward(self, x):
        x = self.fc1(x)
        return self.fc2(x * torch.sigmoid(1.702 * x))


class VisionBlock(nn.Module):
    """A pre-norm transformer block."""

    def __init__(self, shape):
        super().__init__()
        self.self_attn = VisionAttention(shape)
        self.layer_norm1 = nn.LayerNorm(shape.width)
        self.mlp = VisionMlp(shape)
        self.layer_norm2 = nn.LayerNorm(shape.width)

    def forward(self, x):
        x = x + self.self_attn(self.layer_norm1(x))
        return x + self.mlp(self.layer_norm2(x))


class VisionTower(nn.Module):
    """Images [n,3,s,s] to states of the class token and of the patches."""

    def __init__(self, shape):
        super().__init__()
        self.shape = shape
        count = (shape.image // shape.patch) ** 2 + 1
        self.embeddings = nn.Module()
        self.embeddings.class_embedding = nn.Parameter(torch.randn(1, 1, shape.width))
        self.embeddings.patch_embedding = nn.Conv2d(3, shape.width, shape.patch, shape.patch)
        self.embeddings.position_embedding = nn.Parameter(torch.randn(1, count, shape.width))
        self.encoder = nn.Module()
        self.encoder.layers = nn.ModuleList(VisionBlock(shape) for _ in range(shape.vision_layers))
        self.post_layernorm = nn.LayerNorm(shape.width)

    def cut(self, images):
        """Cuts images into flat patches [n,count,3*p*p], in the convolution's order."""
        n, p = len(images), self.shape.patch
        size = self.shape.image // p
        return images.view(n, 3, size, p, size, p).permute(0, 2, 4, 1, 3, 5).reshape(n, size * size, 3 * p * p)

    def forward(self, patches, which=None):
        """States of patches that were cut out; `which` [n,kept] says which ones they are, unless all are there."""
        own, positions = self.embeddings, self.embeddings.position_embedding[0]
        x = F.linear(patches, own.patch_embedding.weight.flatten(1), own.patch_embedding.bias)
        x = x + (positions[1:] if which is None else positions[1:][which])
        first = (own.class_embedding[0] + positions[:1]).expand(len(x), 1, -1)
        x = torch.cat([first, x], 1)
        for layer in self.encoder.layers:
            x = layer(x)
        return self.post_layernorm(x)


class TextAttention(nn.Module):
    """Attention to the words themselves or to a memory, with the residual and the norm after it."""

    def __init__(self, shape):
        super().__init__()
        self.heads = shape.heads
        self.self = nn.Module()
        for name in ("query", "key", "value"):
            setattr(self.self, name, nn.Linear(shape.width, shape.width))
        self.output = nn.Module()
        self.output.dense = nn.Linear(shape.width, shape.width)
        self.output.LayerNorm = nn.LayerNorm(shape.width, eps=1e-12)

    def forward(self, x, mask, memory=None, looking=False):
        """x [n,length,width]; a memory [m,…] is shared by n / m rows each, in order. Looking, also returns where the first head
        looks."""
        own = self.self
        if memory is None:
            weight = torch.cat([own.query.weight, own.key.weight, own.value.weight])
            bias = torch.cat([own.query.bias, own.key.bias, own.value.bias])
            query, key, value = F.linear(x, weight, bias).chunk(3, -1)
        else:
            query = own.query(x).view(len(memory), -1, x.shape[-1])
            weight, bias = torch.cat([own.key.weight, own.value.weight]), torch.cat([own.key.bias, own.value.bias])
            key, value = F.linear(memory, weight, bias).chunk(2, -1)
        mixed, weights = attend(*(split_heads(part, self.heads) for part in (query, key, value)), mask, looking)
        return self.output.LayerNorm(self.output.dense(mixed.reshape(x.shape)) + x), weights[:, 0] if looking else None


class TextBlock(nn.Module):
    """A post-norm block of BERT with attention to a memory."""

    def __init__(self, shape):
        super().__init__()
        self.attention = TextAttention(shape)
        self.crossattention = TextAttention(shape)
        self.intermediate = nn.Module()
        self.intermediate.dense = nn.Linear(shape.width, shape.text_mlp)
        self.output = nn.Module()
        self.output.dense = nn.Linear(shape.text_mlp, shape.width)
        self.output.LayerNorm = nn.LayerNorm(shape.width, eps=1e-12)

    def forward(self, x, mask, memory, memory_mask, looking):
        x, _ = self.attention(x, mask)
        x, looks = self.crossattention(x, memory_mask, memory, looking)
        return self.output.LayerNorm(self.output.dense(F.gelu(self.intermediate.dense(x))) + x), looks


class TextModel(nn.Module):
    """Words with a memory to states."""

    def __init__(self, shape):
        super().__init__()
        self.embeddings = nn.Module()
        self.embeddings.word_embeddings = nn.Embedding(shape.vocabulary, shape.width, padding_idx=PAD)
        self.embeddings.position_embeddings = nn.Embedding(shape.positions, shape.width)
        self.embeddings.LayerNorm = nn.LayerNorm(shape.width, eps=1e-12)
        self.encoder = nn.Module()
        self.encoder.layer = nn.ModuleList(TextBlock(shape) for _ in range(shape.text_layers))

    def forward(self, ids, mask, memory, memory_mask=None, looking=False):
        """States, and for each block, looking, where the first head of each word looks in the memory."""
        own = self.embeddings
        x = own.LayerNorm(own.word_embeddings(ids) + own.position_embeddings.weight[: ids.shape[1]])
        looks = []
        for layer in self.encoder.layer:
            x, look = layer(x, mask, memory, memory_mask, looking)
            looks.append(look)
        return x, looks


class Decoder(nn.Module):
    """Words with a memory to scores of the next word."""

    def __init__(self, shape):
        super().__init__()
        self.bert = TextModel(shape)
        self.cls = nn.Module()
        self.cls.predictions = nn.Module()
        self.cls.predictions.transform = nn.Module()
        self.cls.predictions.transform.dense = nn.Linear(shape.width, shape.width)
        self.cls.predictions.transform.LayerNorm = nn.LayerNorm(shape.width, eps=1e-12)
        self.cls.predictions.bias = nn.Parameter(torch.zeros(shape.vocabulary))

    def forward(self, ids, memory, memory_mask=None):
        mask = torch.full((ids.shape[1], ids.shape[1]), -1e9, device=ids.device).triu(1)
        head = self.cls.predictions
        x, _ = self.bert(ids, mask, memory, memory_mask)
        x = head.transform.LayerNorm(F.gelu(head.transform.dense(x)))
        return F.linear(x, self.bert.embeddings.word_embeddings.weight, head.bias)


def padding_mask(ids):
    """What to add to scores so that padding is not attended to: [n,1,1,length]."""
    return ((ids == PAD) * -1e9)[:, None, None]


class Blip(nn.Module):
    """The image tower, the encoder of questions, and the decoder of captions and answers."""

    def __init__(self, shape=Shape()):
        super().__init__()
        self.shape = shape
        self.vision_model = VisionTower(shape)
        self.text_encoder = TextModel(shape)
        self.text_decoder = Decoder(shape)
        for name, parameter in self.named_parameters():
            if parameter.ndim >= 2 and name.startswith("text"):
                nn.init.normal_(parameter, std=0.02)
            elif name.startswith("text") and name.endswith("bias"):
                nn.init.zeros_(parameter)

    def see(self, images, which=None):
        """States of normalised images; `which` [n,kept] chooses patches."""
        patches = self.vision_model.cut(images)
        if which is not None:
            patches = patches.gather(1, which[:, :, None].expand(-1, -1, patches.shape[2]))
        return self.vision_model(patches, which)

    def read(self, questions, states):
        """States of questions [n,length]; n is a multiple of the pictures' count, those of a picture stand together."""
        return self.text_encoder(questions, padding_mask(questions), states)[0]

    @torch.no_grad()
    def say(self, memory, memory_mask=None, longest=20):
        """Greedy decoding: lists of token ids, without the special ones."""
        ids = torch.full((len(memory), 1), DEC, device=memory.device)
        done = torch.zeros(len(memory), dtype=torch.bool, device=memory.device)
        for _ in range(longest):
            following = self.text_decoder(ids, memory, memory_mask)[:, -1].argmax(-1)
            following[done] = PAD
            ids = torch.cat([ids, following[:, None]], 1)
            done |= following == SEP
            if done.all():
                break
        return [[token for token in row if token >= len(SPECIAL)] for row in ids.tolist()]


def word_loss(logits, ids, smoothing=0.1):
    """Cross-entropy of the following words of padded ids, with label smoothing, averaged over words that are not padding."""
    targets = ids[:, 1:].masked_fill(ids[:, 1:] == PAD, -100)
    return F.cross_entropy(logits.float().flatten(0, 1), targets.flatten(), label_smoothing=smoothing)


def from_clip(model, clip, images):
    """Takes the image tower of a CLIP over. BLIP has no norm before its blocks: it is folded into the embeddings, with the
    typical deviation of tokens (over the images given) in place of each token's own."""
    old = {name.removeprefix("vision_model."): value for name, value in clip.items() if name.startswith("vision_model.")}
    gain, shift = old["pre_layrnorm.weight"], old["pre_layrnorm.bias"]
    weight, positions = old["embeddings.patch_embedding.weight"], old["embeddings.position_embedding.weight"]
    tower = model.vision_model
    with torch.no_grad():
        patches = tower.cut(images) @ weight.flatten(1).T + positions[1:]
        scale = gain / patches.std(-1, correction=0).median()
        own = tower.embeddings
        own.patch_embedding.weight.copy_((weight - weight.mean(0)) * scale[:, None, None, None])
        own.patch_embedding.bias.copy_(shift)
        centred = positions - positions.mean(-1, keepdim=True)
        own.position_embedding[0].copy_(centred * scale)
        first = old["embeddings.class_embedding"] + positions[0]
        own.class_embedding[0, 0].copy_(F.layer_norm(first, first.shape, gain, shift) - centred[0] * scale)
    renamed = {}
    for name, value in old.items():
        if name.startswith("encoder.") or name.startswith("post_layernorm."):
            renamed[name.replace("self_attn.out_proj", "self_attn.projection")] = value
    for i in range(model.shape.vision_layers):
        for part in ("weight", "bias"):
            at = f"encoder.layers.{i}.self_attn."
            renamed[f"{at}qkv.{part}"] = torch.cat([renamed.pop(f"{at}{p}_proj.{part}") for p in "qkv"])
    missing, unexpected = tower.load_state_dict(renamed, strict=False)
    assert not unexpected and all(name.startswith("embeddings.") for name in missing), (missing, unexpected)
