"""Peer of the point-in-time join: Polars' join_asof, from Parquet to Parquet.

    python polars_join.py FOLDER

An as-of join knows one time: its answer is that of our join with availability ignored. Of values that share a moment it takes the
last in the order given, here by available time, so that it answers what a restatement says, as we do.
The last line on stdout is JSON: seconds, peak memory, and sums of the result to compare with ours.
"""

import json
import resource
import sys
import time
from pathlib import Path

import polars as pl

FEATURES = [f"f{n}" for n in range(10)]


def main():
    folder = Path(sys.argv[1]).resolve()
    wall, cpu = time.perf_counter(), cpu_seconds()
    spine = pl.scan_parquet(folder / "spine.parquet").sort("t")
    values = (
        pl.scan_parquet(folder / "features.parquet")
        .select("entity", "event_time", "_available_at", *FEATURES)
        .sort("event_time", "_available_at")
        .drop("_available_at")
    )
    joined = spine.join_asof(
        values, left_on="t", right_on="event_time", by="entity", tolerance="30d", check_sortedness=False
    )
    joined.collect().write_parquet(folder / "polars.parquet")
    measured = {"wallS": time.perf_counter() - wall, "cpuS": cpu_seconds() - cpu}

    frame = pl.read_parquet(folder / "polars.parquet", columns=FEATURES)
    check = {"rows": len(frame), "hits": int(frame["f0"].count())}
    check |= {name: float(frame[name].sum()) for name in FEATURES}
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(json.dumps(measured | {"rssGiB": rss, "check": check}))


def cpu_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main()
