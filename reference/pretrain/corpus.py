"""Turns the rasterised pictures' records into concepts and captions, and trains the tokenizer.

Reads  data/{train,fluent}.jsonl and WordNet's index files (to tell English words from author names).
Writes data/corpus.json (one entry a kept picture: row, concept, weight group, names, tags, flags) and the tokenizer
files of the embedded model.

Usage: python corpus.py [--wordnet data/deb/usr/share/wordnet]
"""

import argparse
import collections
import json
import pathlib
import re
import unicodedata

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from tokenizers import Regex

HERE = pathlib.Path(__file__).parent
DATA = HERE / "data"
MODEL = HERE.parents[1] / "public/models/seed-clip"
VOCABULARY = 4096
START, END = "<|startoftext|>", "<|endoftext|>"
CLIP_WORDS = r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"

NOISE = {"hash", "clipart", "clip art", "unsorted", "www", "svg", "http", "appicon", "mapsym", "weathersym", "work"}
DIRECTIONAL = re.compile(
    r"\b(left|right|leftwards|rightwards|arrows?|clockwise|anticlockwise|counterclockwise|button|hand|digit|letter|"
    r"keycap|medal|clock|oclock|thirty|sign|text|number|ideograph|squared|east|west|northeast|northwest|southeast|"
    r"southwest|question|symbol|japanese|input|moon|play|forward|reverse|fast|track|word|abc)\b"
)
COLOURED = re.compile(
    r"\b(red|orange|yellow|green|blue|purple|brown|black|white|pink|grey|gray|golden|gold|silver|bronze|rainbow|"
    r"colou?r\w*|medium|dark|light|hair|blond\w*)\b"
)
TEMPLATES_EXTRA = [
    "a photo of a",
    "a picture of a",
    "clip art of",
    "an emoji of a",
    "an icon of a",
    "a drawing of a",
    "small medium large circle square triangle star heart diamond hexagon cross ring",
    "left of right of above below inside on top of under next to beside between",
    "red orange yellow green blue purple brown black white pink grey cyan",
]


def simplify(text):
    """Lower-cases and keeps letters and digits, so that spellings of one name agree."""
    text = unicodedata.normalize("NFKD", text.lower().replace("’", "'").replace("'", ""))
    text = "".join(c for c in text if not unicodedata.combining(c))
    return re.sub(r"[^a-z0-9]+", " ", text).strip()


def english_words(folder):
    """Single words of WordNet's four indexes, with a few function words that it lacks."""
    words = set("a an the of in on at with and or to for by from no not his her its this that up down off out".split())
    for part in ("noun", "verb", "adj", "adv"):
        for line in (folder / f"index.{part}").read_text().splitlines():
            if not line.startswith(" "):
                words.update(line.split(" ", 1)[0].split("_"))
    return words


def is_english(word, words):
    """Knows a word, or its singular, as English; numbers do not count."""
    if len(word) < 2:
        return word == "a"
    singular = [word]
    if word.endswith("s"):
        singular += [word[:-1], word[:-2], word[:-3] + "y"]
    if word.endswith("ing"):
        singular += [word[:-3], word[:-4], word[:-3] + "e"]
    if word.endswith("ed"):
        singular += [word[:-2], word[:-1]]
    return any(form in words for form in singular)


def clipart_name(record, words, title_count):
    """The best caption of an openclipart record: its title where that is telling, else its file's name."""
    title = re.sub(r"^clipart by [^-]*- ", "", record["title"].lower())
    title = re.sub(r"\d+", " ", title)
    stem = pathlib.Path(record["file"]).stem.lower()
    candidates = []
    if title_count[record["title"]] <= 12 or "clipart by" in record["title"].lower():
        candidates.append((simplify(title), True))
    candidates.append((re.sub(r"\s+", " ", re.sub(r"\d\w*", " ", simplify(stem))).strip(), False))
    for text, is_title in candidates:
        parts = text.split()
        if not is_title:
            known = []
            for part in parts:
                if not is_english(part, words) or len(part) < 3:
                    break
                known.append(part)
            parts = known[:4]
        good = sum(is_english(part, words) for part in parts)
        if parts and len(parts) <= 9 and good >= 0.7 * len(parts) and any(len(part) > 2 for part in parts):
            return " ".join(parts)
    return None


def build_corpus(wordnet):
    """Reads the records, gives each picture its concept, and returns the entries kept."""
    words = english_words(wordnet)
    emoji = [json.loads(line) for line in (DATA / "fluent.jsonl").open()]
    records = [json.loads(line) for line in (DATA / "train.jsonl").open()]

    by_name = {}
    for record in sorted(records + emoji, key=lambda r: r["source"] != "noto"):
        if record["hex"]:
            for name in [record["name"], *record["others"]]:
                by_name.setdefault(simplify(name), record["hex"])
    squashed = {}
    for code in list(range(0x2000, 0x3300)) + list(range(0x1F000, 0x1FB00)):
        name = unicodedata.name(chr(code), None)
        if name:
            squashed[re.sub("[^a-z0-9]", "", name.lower())] = (f"{code:X}", simplify(name))
    base = {r["hex"]: r for r in records if r["hex"] and r["tags"]}

    title_count = collections.Counter(r.get("title") for r in records)
    seen_per_name = collections.Counter()
    entries = []
    for row, record in enumerate(records):
        source = record["source"]
        names, tags, concept = [], [simplify(tag) for tag in record["tags"]], record["hex"]
        if source == "fxemoji":
            found = squashed.get(record["name"])
            if not found:
                if record["name"].startswith("flag") or not is_english(record["name"], words):
                    continue
                names = [record["name"]]
                concept = by_name.get(record["name"])
            else:
                concept, name = found
                names = [name]
            if concept in base:
                names += [simplify(base[concept]["name"]), *map(simplify, base[concept]["others"])]
                tags = [simplify(tag) for tag in base[concept]["tags"]]
        elif source == "openclipart":
            name = clipart_name(record, words, title_count)
            if not name:
                continue
            names = [name]
            tags = [t for t in tags if t and t not in NOISE and all(is_english(w, words) for w in t.split())]
        else:
            names = [simplify(record["name"]), *map(simplify, record["others"])]
            if source == "streamline-emojis" and not concept and not all(
                is_english(word, words) for word in names[0].split()
            ):
                continue
        names = list(dict.fromkeys(name for name in names if name))
        if not names:
            continue
        concept = concept or by_name.get(names[0]) or f"name:{names[0]}"
        if source in ("openclipart", "game-icons", "flat-color-icons"):
            seen_per_name[names[0]] += 1
            if seen_per_name[names[0]] > 8:
                continue
        text = " ".join(names)
        entries.append(
            {
                "row": row,
                "source": source,
                "concept": concept,
                "names": names,
                "tags": [tag for tag in dict.fromkeys(tags) if tag and tag not in names][:12],
                "directional": bool(DIRECTIONAL.search(text)),
                "coloured": bool(COLOURED.search(text)),
            }
        )
    return entries, emoji


def train_tokenizer(entries):
    """A lower-cased byte-level BPE laid out like OpenAI's: bytes, bytes with `</w>`, merges, start, end."""
    texts = list(TEMPLATES_EXTRA) * 40
    for entry in entries:
        weight = 3 if not entry["concept"].startswith("name:") else 2
        texts += [" ".join(entry["names"])] * weight + [" ".join(entry["tags"])]
    tokenizer = Tokenizer(models.BPE(end_of_word_suffix="</w>"))
    splitter = [
        pre_tokenizers.Split(Regex(CLIP_WORDS), behavior="removed", invert=True),
        pre_tokenizers.ByteLevel(add_prefix_space=False),
    ]
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(splitter)
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()]
    )
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        end_of_word_suffix="</w>",
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    merges = [tuple(merge) for merge in json.loads(tokenizer.to_str())["model"]["merges"]]

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokens = alphabet + [symbol + "</w>" for symbol in alphabet]
    tokens += ["".join(merge) for merge in merges][: VOCABULARY - 2 - len(tokens)]
    merges = merges[: len(tokens) - 512]
    tokens += [START, END]
    vocab = {token: i for i, token in enumerate(tokens)}
    assert len(vocab) == len(tokens), "a merge made a token twice"

    final = Tokenizer(
        models.BPE(
            vocab=vocab,
            merges=merges,
            unk_token=END,
            continuing_subword_prefix="",
            end_of_word_suffix="</w>",
            fuse_unk=False,
        )
    )
    final.normalizer = tokenizer.normalizer
    final.pre_tokenizer = tokenizer.pre_tokenizer
    final.decoder = decoders.ByteLevel()
    final.post_processor = processors.RobertaProcessing(
        (END, vocab[END]), (START, vocab[START]), trim_offsets=False, add_prefix_space=False
    )
    final.add_special_tokens([START, END])
    return final, vocab, merges


def write_tokenizer(final, vocab, merges):
    """Writes the five tokenizer files that Transformers reads."""
    MODEL.mkdir(parents=True, exist_ok=True)
    final.save(str(MODEL / "tokenizer.json"))
    (MODEL / "vocab.json").write_text(json.dumps(vocab, ensure_ascii=False))
    lines = ["#version: 0.2", *(" ".join(merge) for merge in merges)]
    (MODEL / "merges.txt").write_text("\n".join(lines) + "\n")
    special = {"bos_token": START, "eos_token": END, "unk_token": END, "pad_token": END}
    (MODEL / "special_tokens_map.json").write_text(json.dumps(special, indent=2) + "\n")
    config = {
        "tokenizer_class": "CLIPTokenizer",
        "add_prefix_space": False,
        "do_lower_case": True,
        "errors": "replace",
        "model_max_length": 32,
        **special,
    }
    (MODEL / "tokenizer_config.json").write_text(json.dumps(config, indent=2) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wordnet", type=pathlib.Path, default=DATA / "deb/usr/share/wordnet")
    entries, emoji = build_corpus(parser.parse_args().wordnet)
    known = {entry["concept"] for entry in entries}
    fluent = [
        {
            "row": row,
            "concept": record["hex"],
            "name": simplify(record["name"]),
            "tags": list(map(simplify, record["tags"])),
            "known": record["hex"] in known,
        }
        for row, record in enumerate(emoji)
    ]
    (DATA / "corpus.json").write_text(json.dumps({"train": entries, "fluent": fluent}))
    final, vocab, merges = train_tokenizer(entries)
    write_tokenizer(final, vocab, merges)
    print(f"pictures {len(entries)}, concepts {len(known)}, vocabulary {len(vocab)}, merges {len(merges)}")
    print(collections.Counter(entry["source"] for entry in entries))
    print("emoji pictures", sum(not entry["concept"].startswith("name:") for entry in entries))
    print("emoji concepts", sum(not concept.startswith("name:") for concept in known))
    print(f"fluent {len(fluent)}, known {sum(f['known'] for f in fluent)}")
    lengths = sorted(len(final.encode(entry["names"][0]).ids) for entry in entries)
    print("tokens a name: median", lengths[len(lengths) // 2], "95 %", lengths[len(lengths) * 95 // 100])


if __name__ == "__main__":
    main()
