"""Peer of the point-in-time join: Feast's DuckDB offline store, from Parquet to Parquet, in a repository of its own.

    python feast_join.py FOLDER

Feast knows the moment a row was created only as a tie-breaker: its answer is that of our join with availability ignored.
The last line on stdout is JSON: seconds, peak memory, and sums of the result to compare with ours.
"""

import json
import os
import resource
import sys
import time
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pyarrow.parquet as parquet
from feast import Entity, FeatureStore, FeatureView, Field, FileSource, RepoConfig, ValueType
from feast.infra.offline_stores.duckdb import DuckDBOfflineStoreConfig
from feast.types import Float64, Int64

FEATURES = [f"f{n}" for n in range(10)]


def main():
    folder = Path(sys.argv[1]).resolve()
    os.chdir(folder)  # Feast leaves a folder where it runs.
    os.environ["FEAST_USAGE"] = "False"
    store = FeatureStore(
        config=RepoConfig(
            project="bench",
            registry=str(folder / "feast.db"),
            provider="local",
            offline_store=DuckDBOfflineStoreConfig(),
            entity_key_serialization_version=3,
        )
    )
    source = FileSource(
        path=str(folder / "features.parquet"), timestamp_field="event_time", created_timestamp_column="_available_at"
    )
    entity = Entity(name="entity", join_keys=["entity"], value_type=ValueType.INT64)
    schema = [Field(name=name, dtype=Float64 if n < 7 else Int64) for n, name in enumerate(FEATURES)]
    view = FeatureView(name="features", entities=[entity], ttl=timedelta(days=30), schema=schema, source=source)
    store.apply([entity, view])

    wall, cpu = time.perf_counter(), cpu_seconds()
    spine = pd.read_parquet(folder / "spine.parquet").rename(columns={"t": "event_timestamp"})
    job = store.get_historical_features(entity_df=spine, features=[f"features:{name}" for name in FEATURES])
    table = job.to_arrow()
    parquet.write_table(table, folder / "feast.parquet")
    measured = {"wallS": time.perf_counter() - wall, "cpuS": cpu_seconds() - cpu}

    frame = table.select(FEATURES).to_pandas()
    check = {"rows": len(frame), "hits": int(frame["f0"].notna().sum())}
    check |= {name: float(frame[name].sum()) for name in FEATURES}
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(json.dumps(measured | {"rssGiB": rss, "check": check}))


def cpu_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main()
