"""How long the model in use takes to load, against reading its files alone, in the same run.

Run: python benchmarks/load_model.py [BUREAU]
"""

from __future__ import annotations

import json
import subprocess
import sys

ROUNDS = 7
LIMIT = 0.3
"""Seconds that a load may take."""
ONCE = """
import sys, time
from pathlib import Path
from triage.config import find_home, load_taxonomy
from triage.registry import Registry
from triage.tokens import Tokenizer, read_dictionary

home = find_home(Path(sys.argv[1]) if sys.argv[1] else None)
fingerprint = Tokenizer(read_dictionary(home.dictionary)).fingerprint
categories = load_taxonomy(home.data).ids
registry = Registry(home.models)
folder = home.models / registry.champion()
begin = time.perf_counter()
for file in folder.iterdir():
    file.read_bytes()
read = time.perf_counter()
registry.load(tokenizer_fingerprint=fingerprint, categories=categories)
loaded = time.perf_counter()
registry.versions()
print(read - begin, loaded - read, time.perf_counter() - loaded, sum(file.stat().st_size for file in folder.iterdir()))
"""


def main() -> None:
    """Print the best of several fresh processes, each of which loads once; imports are apart."""
    home = sys.argv[1] if len(sys.argv) > 1 else ""
    rounds = [
        [float(figure) for figure in subprocess.check_output([sys.executable, "-c", ONCE, home], text=True).split()]
        for _ in range(ROUNDS)
    ]
    read, load, manifests, size = (min(figures) for figures in zip(*rounds, strict=True))
    result = {
        "megabytes": round(size / 1e6, 1),
        "read_ms": round(1000 * read, 1),
        "load_ms": round(1000 * load, 1),
        "load_ms_each": [round(1000 * figures[1], 1) for figures in rounds],
        "ratio_to_read": round(load / read, 2),
        "ratio_to_limit": round(load / LIMIT, 2),
        "manifests_ms": round(1000 * manifests, 1),
    }
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
