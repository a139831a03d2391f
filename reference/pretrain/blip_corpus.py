"""Trains the WordPiece vocabulary of the embedded captioner and answerer and writes its tokenizer.

Reads data/corpus.json (of corpus.py) and data/questions-*.jsonl (of questions.ts). The words of the questions' sample get tokens of
their own although nothing is trained on them: so do the words of any large vocabulary.
"""

import json
import pathlib

from tokenizers import BertWordPieceTokenizer

from blip import SPECIAL, Shape
from train import DATA

BLIP = pathlib.Path(__file__).parents[2] / "public/models/seed-blip"


def question_words(name):
    """Every word of the questions and answers of a set."""
    words = set()
    for line in (DATA / f"questions-{name}.jsonl").open():
        entry = json.loads(line)
        for text in entry["question"] + entry["answer"]:
            words.update(text.replace("?", " ?").replace(",", " ,").replace(":", " :").split())
    return sorted(words)


def texts():
    """The captions by how often they are seen, and the words of the questions often enough to stay whole."""
    for entry in json.loads((DATA / "corpus.json").read_text())["train"]:
        weight = 3 if not entry["concept"].startswith("name:") else 2
        for name in entry["names"]:
            yield from [name] * weight
        yield ", ".join(entry["tags"])
    for word in question_words("plain") + question_words("other") + ["a picture of a", "a photo of the"]:
        yield from [word] * 1000


def main():
    tokenizer = BertWordPieceTokenizer(lowercase=True, strip_accents=True, handle_chinese_chars=True)
    tokenizer.train_from_iterator(
        texts(), vocab_size=Shape().vocabulary, special_tokens=SPECIAL, limit_alphabet=200, show_progress=False
    )
    vocabulary = tokenizer.get_vocab()
    assert len(vocabulary) == Shape().vocabulary
    assert [vocabulary[token] for token in SPECIAL] == list(range(len(SPECIAL)))
    whole = [word for word in question_words("other") if word not in vocabulary]
    assert not whole, f"words in pieces: {whole}"
    BLIP.mkdir(parents=True, exist_ok=True)
    tokens = sorted(vocabulary, key=vocabulary.get)
    (BLIP / "vocab.txt").write_text("\n".join(tokens) + "\n")
    tokenizer = BertWordPieceTokenizer(vocab=vocabulary, lowercase=True, strip_accents=True)
    tokenizer.add_special_tokens(SPECIAL)
    tokenizer.save(str(BLIP / "tokenizer.json"))
    names = dict(zip(["pad_token", "unk_token", "cls_token", "sep_token", "mask_token"], SPECIAL))
    (BLIP / "special_tokens_map.json").write_text(json.dumps(names, indent=2) + "\n")
    config = {
        "tokenizer_class": "BertTokenizer",
        "do_lower_case": True,
        "model_max_length": Shape().positions,
        "strip_accents": None,
        "tokenize_chinese_chars": True,
        **names,
        "bos_token": "[DEC]",
                "additional_special_tokens": ["[ENC]"],
    }
    (BLIP / "tokenizer_config.json").write_text(json.dumps(config, indent=2) + "\n")
    lengths = []
    for entry in json.loads((DATA / "corpus.json").read_text())["fluent"]:
        lengths.append(len(tokenizer.encode(entry["name"]).ids))
    print(f"vocabulary {len(tokens)}, tokens a fluent name: mean {sum(lengths) / len(lengths):.2f}, most {max(lengths)}")


if __name__ == "__main__":
    main()
