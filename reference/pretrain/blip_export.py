"""Writes the averaged weights of blip_train.py as a Hugging Face directory, after checking that Transformers' classes agree.

Usage: python blip_export.py [--folder data/blip]
One directory serves `BlipForQuestionAnswering` (all of it) and `BlipForConditionalGeneration` (all but the encoder of questions).
"""

import argparse
import json
import pathlib

import torch
from PIL import Image
from safetensors.torch import save_file
from transformers import AutoTokenizer, BlipForConditionalGeneration, BlipForQuestionAnswering, BlipProcessor

from augment import MEAN, STD, over_white
from blip import CLS, DEC, ENC, PAD, SEP, Blip, Shape, word_loss
from blip_corpus import BLIP
from blip_train import Words, read_questions
from train import DATA, read_pixels

LIMIT = 15_000_000


def config_of(shape):
    """The configuration; fields that Transformers types as floats are written as such."""
    text = {
        "model_type": "blip_text_model",
        "vocab_size": shape.vocabulary,
        "hidden_size": shape.width,
        "encoder_hidden_size": shape.width,
        "intermediate_size": shape.text_mlp,
        "projection_dim": shape.width,
        "num_hidden_layers": shape.text_layers,
        "num_attention_heads": shape.heads,
        "max_position_embeddings": shape.positions,
        "hidden_act": "gelu",
        "layer_norm_eps": 1e-12,
        "hidden_dropout_prob": 0.0,
        "attention_probs_dropout_prob": 0.0,
        "initializer_range": 0.02,
        "bos_token_id": DEC,
        "eos_token_id": SEP,
        "pad_token_id": PAD,
        "sep_token_id": SEP,
        "is_decoder": True,
        "use_cache": True,
        "tie_word_embeddings": True,
        "label_smoothing": 0.1,
    }
    vision = {
        "model_type": "blip_vision_model",
        "hidden_size": shape.width,
        "intermediate_size": shape.vision_mlp,
        "projection_dim": shape.width,
        "num_hidden_layers": shape.vision_layers,
        "num_attention_heads": shape.heads,
        "image_size": shape.image,
        "patch_size": shape.patch,
        "hidden_act": "quick_gelu",
        "layer_norm_eps": 1e-05,
        "attention_dropout": 0.0,
        "initializer_range": 0.02,
    }
    return {
        "architectures": ["BlipForQuestionAnswering"],
        "model_type": "blip",
        "dtype": "float16",
        "projection_dim": shape.width,
        "image_text_hidden_size": shape.width,
        "initializer_factor": 1.0,
        "initializer_range": 0.02,
        "logit_scale_init_value": 2.6592,
        "label_smoothing": 0.1,
        "tie_word_embeddings": True,
        "text_config": text,
        "vision_config": vision,
    }


def preprocessor_of(shape):
    """What `BlipImageProcessor` does with a picture."""
    return {
        "image_processor_type": "BlipImageProcessor",
        "processor_class": "BlipProcessor",
        "do_convert_rgb": True,
        "do_resize": True,
        "size": {"height": shape.image, "width": shape.image},
        "resample": 3,
        "do_rescale": True,
        "rescale_factor": 1 / 255,
        "do_normalize": True,
        "image_mean": MEAN.flatten().double().mul(1e8).round().div(1e8).tolist(),
        "image_std": STD.flatten().double().mul(1e8).round().div(1e8).tolist(),
    }


def strict(cls, folder, unused=()):
    """Loads a directory in float32; nothing may be missing, and nothing left over but what is named."""
    model, info = cls.from_pretrained(folder, dtype=torch.float32, output_loading_info=True)
    left = [key for key in info["unexpected_keys"] if not key.startswith(tuple(unused))]
    assert not info["missing_keys"] and not left and not info["mismatched_keys"], info
    return model.eval()


@torch.no_grad()
def check(own, folder):
    """Largest differences of scores and losses between Transformers' classes and the training code, and words said by both."""
    teller, answerer = strict(BlipForConditionalGeneration, folder, ["text_encoder."]), strict(BlipForQuestionAnswering, folder)
    processor, words = BlipProcessor.from_pretrained(folder), Words(folder)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    images = over_white(read_pixels("fluent", list(range(12))))
    ids = words.encode(["a red heart, love"] * 6 + ["grinning face"] * 6, DEC)
    mine = own.text_decoder(ids, own.see(images))
    labels = ids.masked_fill(ids == PAD, -100)
    theirs = teller(pixel_values=images, input_ids=ids, labels=labels)
    differences = [(mine - theirs.logits).abs().max().item()]
    differences.append(abs(word_loss(mine[:, :-1], ids).item() - theirs.loss.item()))

    pixels, entries = read_questions("plain", 64)
    for picture, entry in list(zip(pixels, entries))[-6:]:
        picture = Image.fromarray(picture.numpy())
        inputs = processor(images=picture, text=entry["question"][0], return_tensors="pt")
        asked = words.encode(entry["question"][:1], ENC)
        assert inputs["input_ids"][0, 0] == CLS and (inputs["input_ids"][:, 1:] == asked[:, 1:]).all()
        memory = own.read(asked, own.see(inputs["pixel_values"]))
        generated = answerer.generate(**inputs, max_length=8, do_sample=False, num_beams=1)
        answer = words.decode(own.say(memory, longest=7)[0])
        assert tokenizer.decode(generated[0], skip_special_tokens=True) == answer, "other answers"
        told = teller.generate(pixel_values=inputs["pixel_values"], max_length=16, do_sample=False, num_beams=1)
        caption = words.decode(own.say(own.see(inputs["pixel_values"]), longest=15)[0])
        assert processor.decode(told[0], skip_special_tokens=True) == caption, "other captions"
        print(f"{entry['question'][0]} {answer} (wanted: {entry['answer'][0]}); caption: {caption}")
    return differences


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=pathlib.Path, default=DATA / "blip")
    args = parser.parse_args()
    torch.set_num_threads(1)
    state = torch.load(args.folder / "last.pt", weights_only=False)
    weights = {name: value.half().contiguous() for name, value in state["average"].items()}
    # LAVIS begins a question with [ENC], Transformers' processor with [CLS]: both are read alike.
    words = weights["text_encoder.embeddings.word_embeddings.weight"]
    words[CLS] = words[ENC]
    (BLIP / "config.json").write_text(json.dumps(config_of(Shape()), indent=2) + "\n")
    (BLIP / "preprocessor_config.json").write_text(json.dumps(preprocessor_of(Shape()), indent=2) + "\n")
    partial = BLIP / "model.safetensors.partial"
    save_file(weights, partial, metadata={"format": "pt"})
    partial.chmod(0o644)
    partial.rename(BLIP / "model.safetensors")
    own = Blip()
    own.load_state_dict({name: value.float() for name, value in weights.items()})
    differences = check(own.eval(), BLIP)
    assert max(differences) < 1e-3, f"Transformers disagrees with the training code by {max(differences)}"
    count = sum(value.numel() for value in weights.values())
    size = (BLIP / "model.safetensors").stat().st_size
    assert size <= LIMIT, f"{size:,} bytes are more than {LIMIT:,}"
    print(f"step {state['step']}, {state['spent'] / 60:.1f} minutes, {count:,} parameters, {size:,} bytes")
    print(f"largest difference of scores {differences[0]:.1e}, of the loss {differences[1]:.1e}")


if __name__ == "__main__":
    main()
