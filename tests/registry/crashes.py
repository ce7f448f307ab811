"""Run by test_crashes.py: processes that write at the same time, and processes that are killed while they write.

Each is forked from this one, which has all imported and the model at hand; what it finds is printed as JSON.
"""

from __future__ import annotations

import json
import os
import random
import select
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from triage.classifier import PetitionClassifier
from triage.registry import Registry, TrainingFacts

FACTS = TrainingFacts(bureau_labels=0, starter_messages=9, unlabelled_messages=0, starter_weight=1.0)
FINGERPRINT = "a fingerprint"
LONGEST = 0.12
"""Seconds until a kill, at most: some rounds of saving and promoting."""


def save(registry: Registry, classifier: PetitionClassifier) -> str:
    """Save a version of the model."""
    return registry.save(classifier, tokenizer_fingerprint=FINGERPRINT, trained_on=FACTS).version


def fork(work: Callable[[int], None]) -> tuple[int, int]:
    """Start the work in another process; give its id, and from where to read what it tells."""
    heard, told = os.pipe()
    child = os.fork()
    if child:
        os.close(told)
        return child, heard
    code = 1
    try:
        os.close(heard)
        work(told)
        code = 0
    finally:
        os._exit(code)


def told(heard: int) -> list[str]:
    """All that a process told, whole lines."""
    with os.fdopen(heard, "rb") as stream:
        return stream.read().decode().split("\n")[:-1]


def kills(folder: Path, classifier: PetitionClassifier, times: int, seed: int) -> dict[str, object]:
    """Kill a process that saves and promotes without end, at random moments; look at what is left each time."""
    moments = random.Random(seed)
    registry = Registry(folder)
    half_done = 0
    problems: list[str] = []
    for _ in range(times):
        before = len(registry.log())

        def work(out: int) -> None:
            os.write(out, b"ready\n")
            while True:
                version = save(registry, classifier)
                os.write(out, f"saved {version}\n".encode())
                registry.promote(version, by="a process", reason="that is killed")
                os.write(out, f"promoted {version}\n".encode())

        child, heard = fork(work)
        select.select([heard], [], [], 60)
        time.sleep(moments.uniform(0, LONGEST))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        done = [line.split()[-1] for line in told(heard)[1:]]
        half_done += bool(list(folder.glob(".new-*")))
        problems += left(registry, classifier, before, done)
    return {"problems": problems, "half_done": half_done, "versions": len(registry.names())}


def left(registry: Registry, classifier: PetitionClassifier, before: int, done: list[str]) -> list[str]:
    """What is wrong after a kill: a version or an entry is lost, or not whole, or the next run does not work."""
    problems = []
    log, names = registry.log(), registry.names()
    if any(version not in names for version in done):
        problems.append(f"of {done} there are only {names[-3:]}")
    promoted = [entry.version for entry in log[before:]]
    wanted = [version for version in done if done.count(version) == 2]
    if promoted[: len(dict.fromkeys(wanted))] != list(dict.fromkeys(wanted)):
        problems.append(f"of {wanted} only {promoted} are in the log")
    for name in names[-2:]:
        registry.load(name, tokenizer_fingerprint=FINGERPRINT, categories=classifier.categories)
    if log and registry.champion() != log[-1].version:
        problems.append("another version is in use than the log says")
    version = save(registry, classifier)
    registry.promote(version, by="the next run", reason="to see that it works")
    loaded = registry.load(tokenizer_fingerprint=FINGERPRINT, categories=classifier.categories)[1]
    if loaded.version != version or list(registry.folder.glob(".new-*")):
        problems.append("the next run did not work")
    return problems


def together(folder: Path, classifier: PetitionClassifier, processes: int, times: int) -> dict[str, object]:
    """Several processes save and promote at once."""
    registry = Registry(folder)

    def work(out: int) -> None:
        for _ in range(times):
            version = save(registry, classifier)
            registry.promote(version, by=str(os.getpid()), reason="at once")
            os.write(out, f"{version}\n".encode())

    children = [fork(work) for _ in range(processes)]
    codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child, _ in children]
    given = [version for _, heard in children for version in told(heard)]
    for info in registry.versions():
        registry.load(info.version, tokenizer_fingerprint=FINGERPRINT, categories=classifier.categories)
    return {"codes": codes, "given": given, "logged": [entry.version for entry in registry.log()]}


def main() -> None:
    """Take the model from the registry that is named first, and work in the folder that is named second."""
    models, folder, what, *numbers = sys.argv[1:]
    manifest = Registry(Path(models)).info("0001")
    classifier, _ = Registry(Path(models)).load(
        "0001", tokenizer_fingerprint=manifest.tokenizer_fingerprint, categories=manifest.categories
    )
    work = {"kills": kills, "together": together}[what]
    print(json.dumps(work(Path(folder), classifier, *map(int, numbers))))


if __name__ == "__main__":
    main()
