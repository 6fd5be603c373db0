"""Peer of the lookup: Feast's SQLite online store, 10 features: python feast_lookup.py FOLDER ROWS.

Materializes ROWS keys from Parquet, then reads one key and a hundred, random ones, by get_online_features().to_dict().
The last line on stdout is JSON: microseconds p50 and p99, and rows written a second.
"""

import json
import os
import random
import sys
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pandas as pd
from feast import Entity, FeatureStore, FeatureView, Field, FileSource, RepoConfig, ValueType
from feast.infra.online_stores.sqlite import SqliteOnlineStoreConfig
from feast.types import Float64

FEATURES = [f"f{n}" for n in range(10)]


def main():
    folder, rows = Path(sys.argv[1]).resolve(), int(sys.argv[2])
    folder.mkdir(parents=True)
    os.environ["FEAST_USAGE"] = "False"
    now = datetime.now(timezone.utc)
    frame = pd.DataFrame({name: np.arange(rows) * 0.1 + n for n, name in enumerate(FEATURES)})
    frame["entity"] = np.arange(rows)
    frame["event_time"] = now - timedelta(minutes=1)
    frame.to_parquet(folder / "features.parquet")
    store = FeatureStore(
        config=RepoConfig(
            project="bench",
            registry=str(folder / "feast.db"),
            provider="local",
            online_store=SqliteOnlineStoreConfig(path=str(folder / "online.db")),
            entity_key_serialization_version=3,
        )
    )
    source = FileSource(path=str(folder / "features.parquet"), timestamp_field="event_time")
    entity = Entity(name="entity", join_keys=["entity"], value_type=ValueType.INT64)
    schema = [Field(name=name, dtype=Float64) for name in FEATURES]
    view = FeatureView(name="features", entities=[entity], ttl=timedelta(days=30), schema=schema, source=source)
    store.apply([entity, view])
    began = time.perf_counter()
    store.materialize(now - timedelta(days=1), now)
    wrote = time.perf_counter() - began
    references = [f"features:{name}" for name in FEATURES]

    def look_up(count):
        keys = [{"entity": random.randrange(rows)} for _ in range(count)]
        found = store.get_online_features(features=references, entity_rows=keys).to_dict()
        assert all(value is not None for value in found["f9"])

    measured = {"one": percentiles(2000, lambda: look_up(1)), "hundred": percentiles(200, lambda: look_up(100))}
    print(json.dumps(measured | {"writePerSecond": rows / wrote}))


def percentiles(times, work):
    for _ in range(times // 10):
        work()
    taken = []
    for _ in range(times):
        began = time.perf_counter_ns()
        work()
        taken.append((time.perf_counter_ns() - began) / 1000)
    taken.sort()
    return {"p50": taken[times // 2], "p99": taken[int(times * 0.99)]}


main()
