"""Run by test_scoring_resume.py: a run that is killed again and again until it comes to its end.

Each is forked from this process, which has all imported and the model at hand; what is found is printed as JSON.
"""

from __future__ import annotations

import csv
import json
import os
import random
import signal
import sys
import time
from datetime import date
from pathlib import Path

from triage.config import Home, load_config
from triage.scoring import Opening, score_table

TEXTS = ("学校乱收费三百元", "教师工资拖欠半年", "请问小区划片到哪所小学", "孩子被打骨折住院", "", "食堂饭菜不卫生")
ROWS = 300


def main() -> None:
    """Take the bureau named first, work in the folder named second, and kill so many runs."""
    bureau, folder, ending, jobs, kills, longest, seed = sys.argv[1:]
    moments = random.Random(int(seed))
    home = Home(Path(bureau) / "data", Path(bureau) / "models")
    opening = Opening(home, "0001", load_config(home.data).fingerprint)
    pipeline, config = opening()
    source, work = Path(folder) / "in.csv", Path(folder)
    with source.open("w", encoding="utf-8", newline="") as stream:
        lines = [
            (number, number % 4 or "", TEXTS[number % 6] and f"{TEXTS[number % 6]}{number}") for number in range(ROWS)
        ]
        csv.writer(stream).writerows([("编号", "备注", "内容"), *lines])

    def score(out: Path, *, resume: bool = True) -> None:
        is_folder = not out.suffix
        score_table(
            source, out, pipeline=pipeline, config=config, on=date(2026, 10, 1), opening=opening, jobs=int(jobs),
            batch=4, part_rows=17, resume=resume, is_folder=is_folder,
        )  # fmt: skip

    def content(out: Path) -> dict[str, bytes]:
        files = sorted(out.iterdir()) if out.is_dir() else [out]
        rejected = out.with_name(f"{out.stem}.rejected.csv")
        return {path.name.replace(out.stem, ""): path.read_bytes() for path in [*files, rejected]}

    def is_done(out: Path) -> bool:
        child = os.fork()
        if not child:
            code = 1
            try:
                score(out)
                code = 0
            finally:
                os._exit(code)
        if int(jobs) > 1:
            wait_for_part(out)
        time.sleep(moments.uniform(0, float(longest)))
        os.kill(child, signal.SIGKILL)
        status = os.waitpid(child, 0)[1]
        if status == 0:
            return True
        if os.WIFEXITED(status):
            raise RuntimeError("a run failed")
        return False

    def parts(out: Path) -> int:
        return len(list(out.with_name(f"{out.name}.parts").glob("part-*.json")))

    def wait_for_part(out: Path) -> None:
        """Workers take long to start: no kill before they have done something new."""
        before, until = parts(out), time.monotonic() + 60
        while parts(out) == before and time.monotonic() < until and not out.exists():
            time.sleep(0.01)

    whole = work / f"whole{ending}"
    score(whole)
    problems, killed, ended, gone_on = [], 0, 0, 0
    while killed < int(kills):
        out = work / f"out{ended}{ending}"
        while not is_done(out) and killed < int(kills):
            killed += 1
            gone_on += parts(out) > 0
            if out.exists() and not out.with_name(f"{out.name}.parts").exists():
                break  # killed after its end
        if not out.exists():
            score(out)
        if content(out) != content(whole):
            problems.append(f"{out.name} differs")
        if out.with_name(f"{out.name}.parts").exists():
            problems.append("parts are left")
        ended += 1
    print(json.dumps({"problems": problems, "killed": killed, "ended": ended, "gone_on": gone_on}))


if __name__ == "__main__":
    main()
