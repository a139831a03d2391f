"""Writes a CLIP of ViT-B/32's size with seeded random weights, and what PyTorch makes of one training step with it.

    python reference/large_clip.py OUT [--seed 0] [--batch 2]

`OUT/model/` is a Hugging Face folder without tokenizer (605 MB, float32). `OUT/step.safetensors` holds a batch of u8 pixels
[batch, 224, 224, 3] and token ids [batch, 77], the features, the logits, the loss before and after one step of AdamW, and for
some parameters the gradient (`grad.NAME`) and the value after the step (`after.NAME`). `npm run bench -- parity --folder OUT`
compares Vernier with it.
"""

import argparse
import pathlib

import torch
from safetensors.torch import save_file
from transformers import CLIPConfig, CLIPModel

MEAN = torch.tensor([0.48145466, 0.4578275, 0.40821073])
STD = torch.tensor([0.26862954, 0.26130258, 0.27577711])
LEARNING_RATE, BETAS, EPSILON, WEIGHT_DECAY = 1e-5, (0.9, 0.98), 1e-6, 0.1

# One parameter of every kind, at the bottom, in the middle and at the top of both towers.
WATCHED = [
    "logit_scale",
    "visual_projection.weight",
    "text_projection.weight",
    "vision_model.embeddings.patch_embedding.weight",
    "vision_model.embeddings.class_embedding",
    "vision_model.embeddings.position_embedding.weight",
    "vision_model.pre_layrnorm.weight",
    "vision_model.encoder.layers.0.self_attn.q_proj.weight",
    "vision_model.encoder.layers.0.self_attn.k_proj.weight",
    "vision_model.encoder.layers.5.layer_norm1.bias",
    "vision_model.encoder.layers.11.self_attn.out_proj.bias",
    "vision_model.encoder.layers.11.mlp.fc2.weight",
    "vision_model.post_layernorm.weight",
    "text_model.embeddings.token_embedding.weight",
    "text_model.embeddings.position_embedding.weight",
    "text_model.encoder.layers.0.self_attn.v_proj.bias",
    "text_model.encoder.layers.6.mlp.fc2.bias",
    "text_model.encoder.layers.11.mlp.fc1.weight",
    "text_model.final_layer_norm.bias",
]


def random_captions(batch, positions, end):
    """Token ids [batch, positions]: start, 6 to 19 words, end; filled up with the end token, as CLIP's tokenizer does."""
    ids = torch.full((batch, positions), end)
    for row in ids:
        words = torch.randint(320, 40_000, (int(torch.randint(6, 20, (1,))),))
        row[0] = end - 1
        row[1 : 1 + len(words)] = words
    return ids


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--batch", type=int, default=2)
    args = parser.parse_args()

    torch.manual_seed(args.seed)
    model = CLIPModel(CLIPConfig()).eval()
    model.save_pretrained(args.out / "model")
    pixels = torch.randint(0, 256, (args.batch, 224, 224, 3), dtype=torch.uint8)
    ids = random_captions(args.batch, 77, model.config.text_config.eos_token_id)
    images = ((pixels.float() / 255 - MEAN) / STD).permute(0, 3, 1, 2).contiguous()

    def run():
        return model(input_ids=ids, pixel_values=images, return_loss=True)

    parameters = dict(model.named_parameters())
    optimizer = torch.optim.AdamW(
        [
            {"params": [p for p in parameters.values() if p.ndim > 1], "weight_decay": WEIGHT_DECAY},
            {"params": [p for p in parameters.values() if p.ndim <= 1], "weight_decay": 0.0},
        ],
        lr=LEARNING_RATE,
        betas=BETAS,
        eps=EPSILON,
    )
    before = run()
    before.loss.backward()
    # The studio counts in 32-bit integers.
    step = {"pixels": pixels, "input_ids": ids.to(torch.int32), "loss": before.loss.detach().reshape(1)}
    step |= {name: getattr(before, name).detach() for name in ("image_embeds", "text_embeds", "logits_per_image")}
    step |= {f"grad.{name}": parameters[name].grad.clone() for name in WATCHED}
    optimizer.step()
    step |= {f"after.{name}": parameters[name].detach().clone() for name in WATCHED}
    with torch.no_grad():
        step["loss_after"] = run().loss.reshape(1)
    save_file({name: value.contiguous() for name, value in step.items()}, args.out / "step.safetensors")
    print(f"{sum(p.numel() for p in parameters.values()):,} parameters, loss {step['loss'].item():.6f} -> {step['loss_after'].item():.6f}")


if __name__ == "__main__":
    main()
