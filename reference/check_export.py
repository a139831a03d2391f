"""Opens an exported model with the programs it is made for, and compares its embeddings with those that Vernier computed.

    python reference/check_export.py --export out/NAME.zip
    python reference/check_export.py --export out/export-check/huggingface --embeddings out/export-check/embeddings.json
    python reference/check_export.py --export out/export-check/openclip --embeddings out/export-check/embeddings.json

`--export` is an unpacked export or its zip. One in the Hugging Face format is tried with Transformers (its own class, the processor, the zero-shot
pipeline, saving and loading again) and with sentence-transformers where that is installed, one in OpenCLIP's with OpenCLIP; both with the code of
their model card and huggingface_hub's reader of model cards. Prints a line a check and exits with 1 when any has failed. What is not installed
is said and left out.

`--embeddings` is a JSON file with `texts`, `text_embeds`, `images_png` (base64) and `image_embeds`, each embedding L2-normalised.
"""

import argparse
import base64
import importlib.util
import io
import json
import os
import re
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import torch
import transformers
from huggingface_hub import ModelCard
from PIL import Image, ImageChops
from safetensors import safe_open
from transformers import AutoConfig, AutoProcessor, CLIPModel, CLIPProcessor, PreTrainedModel, SiglipModel, pipeline

PICTURES = [Image.new("RGB", (70, 50), (200, 30, 30)), Image.linear_gradient("L").resize((60, 90)).convert("RGB")]
TEXTS = ["a red square", "Two dogs, one cat!"]


class Checks:
    """Runs checks, prints a line for each and counts those that failed."""

    def __init__(self) -> None:
        self.failed = 0

    def __call__(self, name: str, work: Callable[[], object]) -> object:
        try:
            result = work()
        except Exception as error:  # whatever a program complains about is a finding
            self.failed += 1
            print(f"FAIL  {name}: {type(error).__name__}: {' '.join(str(error).split())[:400]}")
            return None
        print(f"ok    {name}" + (f": {result}" if isinstance(result, str) else ""))
        return result


def unpacked(path: Path, scratch: Path) -> Path:
    """The folder of an export, unpacked first when it is a zip."""
    if path.is_dir():
        return path
    with zipfile.ZipFile(path) as archive:
        archive.extractall(scratch)
    return scratch


def features(output: object) -> torch.Tensor:
    """`get_*_features` gives a tensor up to Transformers 4 and an output object with the projection as `pooler_output` since 5."""
    return output if isinstance(output, torch.Tensor) else output.pooler_output


@torch.no_grad()
def embeddings(model: CLIPModel, processor: CLIPProcessor, texts: list[str], images: list[Image.Image]) -> dict[str, torch.Tensor]:
    """L2-normalised embeddings."""
    whole = model.config.model_type == "siglip"  # which reads the last position, padding or not
    inputs = processor(text=texts, images=images, return_tensors="pt", padding="max_length" if whole else True, truncation=True)
    pixels = inputs.pop("pixel_values")
    both = {"text": model.get_text_features(**inputs), "image": model.get_image_features(pixel_values=pixels)}
    return {name: torch.nn.functional.normalize(features(output), dim=-1) for name, output in both.items()}


def check_class(folder: Path) -> PreTrainedModel:
    """""The class that config.json names, every tensor in its place."""
    [named] = json.loads((folder / "config.json").read_text())["architectures"]
    assert hasattr(transformers, named), f"config.json names {named}, which Transformers does not have"
    model, info = getattr(transformers, named).from_pretrained(folder, dtype=torch.float32, output_loading_info=True)
    problems = {kind: sorted(names)[:3] for kind, names in info.items() if names}
    assert not problems, f"Transformers reports {problems}"
    return model.eval()


def check_weights(folder: Path, model: PreTrainedModel) -> str:
    """Names, shapes, metadata and stored type of model.safetensors."""
    config = json.loads((folder / "config.json").read_text())
    dtypes = {"F32": "float32", "F16": "float16"}
    with safe_open(folder / "model.safetensors", framework="pt") as weights:
        assert (weights.metadata() or {}).get("format") == "pt", 'model.safetensors lacks the metadata {"format": "pt"}'
        stored = {name: weights.get_slice(name) for name in weights.keys()}
        shapes = {name: value.get_shape() for name, value in stored.items()}
        wanted = {name: list(value.shape) for name, value in model.state_dict().items() if not name.endswith("position_ids")}
        odd = sorted(name for name in shapes.keys() | wanted.keys() if shapes.get(name) != wanted.get(name))
        assert not odd, f"not as the model has them: {odd[:5]}"
        types = {dtypes.get(value.get_dtype(), value.get_dtype()) for value in stored.values()}
    named = config.get("dtype", config.get("torch_dtype"))
    assert types == {named}, f"config.json says {named}, the weights are {types}"
    return f"{len(stored)} tensors in {named}"


def check_pipeline(folder: Path) -> str:
    guesses = pipeline("zero-shot-image-classification", model=str(folder))(PICTURES[0], candidate_labels=TEXTS)
    return ", ".join(f"{guess['label']} {guess['score']:.3f}" for guess in guesses)


def check_saving(model: PreTrainedModel) -> None:
    """What Transformers saves loads again with the same numbers."""
    with tempfile.TemporaryDirectory() as place:
        model.save_pretrained(place)
        again = type(model).from_pretrained(place).state_dict()
    assert all(torch.equal(value, again[name]) for name, value in model.state_dict().items()), "the weights differ"


def check_card(folder: Path, library: str) -> str:
    data = ModelCard((folder / "README.md").read_text(encoding="utf-8")).data
    assert data.library_name == library, f"the front matter names {data.library_name} as its library"
    return f"licence {data.license}, {len(data.eval_results or [])} results"


def check_snippet(folder: Path) -> None:
    """The Python of the model card runs, and opens pictures as the studio does: oriented by EXIF, transparency laid on white."""
    [code] = re.findall(r"```python\n(.*?)```", (folder / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    names: dict = {"print": lambda *_: None}
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as place:
        os.chdir(place)
        try:
            PICTURES[1].save("picture.jpg")
            here = re.sub(r'^folder = "(local-dir:)?\."$', lambda place: f"folder = {(place[1] or '') + str(folder)!r}", code, flags=re.MULTILINE)
            exec(compile(here, "README.md", "exec"), names)
            # Heads with files of their own have it in their loader.
            opened = names["open_picture"] if "open_picture" in names else sys.modules["head"].open_picture

            turned = Image.Exif()
            turned[0x0112] = 6  # to be turned by a quarter
            PICTURES[1].save("turned.png", exif=turned)
            difference = ImageChops.difference(opened("turned.png"), PICTURES[1].rotate(-90, expand=True))
            assert difference.getbbox() is None, "a picture with EXIF orientation is not turned"

            clear = Image.merge("RGBA", [Image.linear_gradient("L").rotate(90)] * 3 + [Image.linear_gradient("L")])
            clear.save("clear.png")
            value, alpha = (clear.getchannel(name).tobytes() for name in "RA")
            laid = bytes(round((v * a + 255 * (255 - a)) / 255) for v, a in zip(value, alpha))
            assert opened("clear.png").getchannel("R").tobytes() == laid, "transparency is not laid on white"
        finally:
            os.chdir(before)


def check_sentence_transformers(folder: Path, expected: torch.Tensor) -> str:
    from sentence_transformers import SentenceTransformer

    encoded = SentenceTransformer(str(folder), device="cpu").encode(TEXTS)
    difference = (torch.nn.functional.normalize(torch.tensor(encoded), dim=-1) - expected).abs().max().item()
    assert difference < 1e-3, f"texts differ by {difference:.1e}"
    return f"texts within {difference:.1e}"


Embed = Callable[[list[str], list[Image.Image]], dict[str, torch.Tensor]]


def check_embeddings(embed: Embed, path: Path, tolerance: float, reads: Callable[[str], bool] = lambda _: True) -> str:
    """`reads` says whether a program takes a text as it is; others are left out."""
    expected = json.loads(path.read_text())
    images = [Image.open(io.BytesIO(base64.b64decode(png))).convert("RGB") for png in expected["images_png"]]
    pairs = [pair for pair in zip(expected["texts"], expected["text_embeds"]) if reads(pair[0])]
    expected["text_embeds"] = [embedding for _, embedding in pairs]
    theirs = embed([text for text, _ in pairs], images)
    apart = {name: (torch.tensor(expected[f"{name}_embeds"]) - theirs[name]).abs().max().item() for name in theirs}
    told = ", ".join(f"{name} within {difference:.1e}" for name, difference in apart.items())
    assert all(difference <= tolerance for difference in apart.values()), told
    return told


def check_transformers(check: Checks, folder: Path, expected: Path | None, tolerance: float) -> None:
    check("AutoConfig", lambda: AutoConfig.from_pretrained(folder).model_type)
    model = check("the class that config.json names", lambda: check_class(folder))
    processor = check("AutoProcessor", lambda: AutoProcessor.from_pretrained(folder))
    check("model card", lambda: check_card(folder, "transformers"))
    if model is None or processor is None:
        return
    check("weights", lambda: check_weights(folder, model))
    check("code of the model card", lambda: check_snippet(folder))
    check("saved and loaded again", lambda: check_saving(model))
    if not isinstance(model, (CLIPModel, SiglipModel)):
        return
    check("zero-shot pipeline", lambda: check_pipeline(folder))
    if expected is not None:
        check("embeddings", lambda: check_embeddings(lambda texts, images: embeddings(model, processor, texts, images), expected, tolerance))
    if importlib.util.find_spec("sentence_transformers") is None:
        print("-     sentence-transformers is not installed")
    else:
        own = embeddings(model, processor, TEXTS, PICTURES)
        check("sentence-transformers", lambda: check_sentence_transformers(folder, own["text"]))


def check_open_clip(check: Checks, folder: Path, expected: Path | None, tolerance: float) -> None:
    check("model card", lambda: check_card(folder, "open_clip"))
    if importlib.util.find_spec("open_clip") is None:
        print("-     open_clip is not installed")
        return
    import open_clip

    name = f"local-dir:{folder}"
    loaded = check("open_clip.create_model_and_transforms", lambda: open_clip.create_model_and_transforms(name))
    tokenizer = check("open_clip.get_tokenizer", lambda: open_clip.get_tokenizer(name))
    check("code of the model card", lambda: check_snippet(folder))
    if loaded is None or tokenizer is None or expected is None:
        return
    model, _, preprocess = loaded
    model.eval()

    @torch.no_grad()
    def embed(texts: list[str], images: list[Image.Image]) -> dict[str, torch.Tensor]:
        pixels = torch.stack([preprocess(image) for image in images])
        return {"text": model.encode_text(tokenizer(texts), normalize=True), "image": model.encode_image(pixels, normalize=True)}

    # Its tokenizers mend texts first: curly quotes become straight ones, HTML entities characters.
    check("embeddings", lambda: check_embeddings(embed, expected, tolerance, lambda text: open_clip.tokenizer.basic_clean(text) == text))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--export", type=Path, required=True, help="unpacked export, or its zip")
    parser.add_argument("--embeddings", type=Path, help="JSON file with what Vernier computed")
    parser.add_argument("--tolerance", type=float, default=1e-4)
    arguments = parser.parse_args()

    check = Checks()
    with tempfile.TemporaryDirectory() as scratch:
        folder = unpacked(arguments.export, Path(scratch)).resolve()
        of_format = check_open_clip if (folder / "open_clip_config.json").exists() else check_transformers
        of_format(check, folder, arguments.embeddings, arguments.tolerance)
    print(f"{check.failed} failed")
    return 1 if check.failed else 0


if __name__ == "__main__":
    sys.exit(main())
