"""Reads an exported run back with the programs that it is made for.

    npx vitest run --project node src/export/run
    python reference/check_run.py --run out/run-check/run.zip

`--run` is what “Save curves and report” saves, as a zip or unpacked. TensorBoard must find every number of the tables at its step, and the run that
`wandb_run.py` makes offline must hold them too. Prints a line a check and exits with 1 when any has failed; what is not installed is said and left
out (`pip install tensorboard wandb`).
"""

import argparse
import csv
import importlib.util
import json
import math
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

GROUPS = {"train": "steps.csv", "validation": "evaluations.csv"}
PLACES = ("step", "epoch", "seconds")


def table(folder: Path, name: str) -> list[dict[str, float]]:
    with open(folder / name, newline="", encoding="utf-8") as file:
        return [{key: float(value) for key, value in row.items() if value != ""} for row in csv.DictReader(file)]


def expected(folder: Path) -> dict[str, dict[int, float]]:
    """Values by tag and step."""
    found: dict[str, dict[int, float]] = {}
    for group, name in GROUPS.items():
        for row in table(folder, name):
            for key, value in row.items():
                if key not in PLACES:
                    found.setdefault(f"{group}/{key}", {})[int(row["step"])] = value
    return found


def compare(want: dict[str, dict[int, float]], found: dict[str, dict[int, float]], tolerance: float) -> str:
    for tag, values in want.items():
        own = found.get(tag, {})
        assert own.keys() == values.keys(), f"{tag} has the steps {sorted(own)[:5]}…, not {sorted(values)[:5]}…"
        for step, value in values.items():
            assert math.isclose(own[step], value, rel_tol=tolerance), f"{tag} is {own[step]} at step {step}, not {value}"
    return f"{sum(map(len, want.values()))} numbers of {len(want)} curves"


def tensorboard(folder: Path) -> str:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(folder), size_guidance={"scalars": 0})
    events.Reload()
    found = {tag: {event.step: event.value for event in events.Scalars(tag)} for tag in events.Tags()["scalars"]}
    # TensorBoard keeps single precision.
    return compare(expected(folder), found, 1e-6)


def logged(file: bytes):
    """The records of an offline run: seven bytes of header, then a log as LevelDB writes it, in blocks of 32 KiB."""
    assert file[:4] == b":W&B", "it does not begin as an offline run"
    block, whole, first, middle, last = 32768, 1, 2, 3, 4
    at, parts = 7, b""
    while at + 7 <= len(file):
        left = block - at % block
        if left < 7:
            at += left
            continue
        length, kind = int.from_bytes(file[at + 4 : at + 6], "little"), file[at + 6]
        data = file[at + 7 : at + 7 + length]
        at += 7 + length
        if kind == whole:
            yield data
        elif kind == first:
            parts = data
        elif kind == middle:
            parts += data
        elif kind == last:
            yield parts + data


def wandb(folder: Path) -> str:
    from wandb.proto import wandb_internal_pb2

    with tempfile.TemporaryDirectory() as work:
        env = {**os.environ, "WANDB_MODE": "offline", "WANDB_SILENT": "true", "WANDB_DIR": work}
        subprocess.run([sys.executable, str(folder / "wandb_run.py")], check=True, cwd=work, env=env)
        [stored] = Path(work).glob("wandb/offline-run-*/*.wandb")
        found: dict[str, dict[int, float]] = {}
        summary: dict[str, object] = {}
        name = None
        for data in logged(stored.read_bytes()):
            record = wandb_internal_pb2.Record()
            record.ParseFromString(data)
            if record.HasField("run"):
                name = record.run.display_name
            for item in record.summary.update if record.HasField("summary") else []:
                summary[item.key or "/".join(item.nested_key)] = json.loads(item.value_json)
            if record.HasField("history"):
                row = {item.key or "/".join(item.nested_key): json.loads(item.value_json) for item in record.history.item}
                for key, value in row.items():
                    if key.split("/")[0] in GROUPS and key.split("/")[1] not in PLACES:
                        found.setdefault(key, {})[int(row["step"])] = value
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    assert name == record["name"], f"it is called {name}"
    for key, value in ((record["test"] or {}).get("tuned") or {}).items():
        assert summary.get(f"test/{key}") == value, f"test/{key} is {summary.get(f'test/{key}')}"
    return compare(expected(folder), found, 0)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", type=Path, required=True)
    path = parser.parse_args().run
    failed = 0
    with tempfile.TemporaryDirectory() as unpacked:
        folder = path
        if path.is_file():
            with zipfile.ZipFile(path) as archive:
                archive.extractall(unpacked)
            folder = Path(unpacked)
        for check in (tensorboard, wandb):
            name = check.__name__
            if importlib.util.find_spec(name) is None:
                print(f"  –   {name}: not installed")
                continue
            try:
                print(f"  ok  {name}: {check(folder)}")
            except Exception as error:  # noqa: BLE001 -- each check is told by itself
                failed += 1
                print(f"  ✗   {name}: {type(error).__name__}: {error}")
    print(f"{failed} failed")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
