"""Peer of the online stores: Feast's SQLite and Redis ones, filled from the same file and asked for the same users.

    python feast_lookup.py FOLDER ENTITIES TIMES [REDIS_HOST:PORT]

The last line on stdout is JSON: seconds to fill the store, microseconds per lookup, and the sum
of the first 100 users' values to compare with ours.
"""

import json
import logging
import os
import resource
import sys
import time
import warnings
from datetime import datetime, timedelta, timezone
from pathlib import Path

os.environ["FEAST_USAGE"] = "False"

from feast import Entity, FeatureStore, FeatureView, Field, FileSource, RepoConfig, ValueType  # noqa: E402
from feast.infra.online_stores.sqlite import SqliteOnlineStoreConfig  # noqa: E402
from feast.types import Float64  # noqa: E402

FEATURES = [f"f{n}" for n in range(10)]
MOMENT = datetime(2013, 6, 1, tzinfo=timezone.utc)


def main():
    folder, entities, times = Path(sys.argv[1]).resolve(), int(sys.argv[2]), int(sys.argv[3])
    store = open_store(folder, sys.argv[4] if len(sys.argv) > 4 else None)
    wall, cpu = time.perf_counter(), cpu_seconds()
    store.materialize(MOMENT - timedelta(days=1), MOMENT + timedelta(days=1))
    fill = {"wallS": time.perf_counter() - wall, "cpuS": cpu_seconds() - cpu}
    found = look(store, [f"user-{i}" for i in range(100)])
    measured = {
        "fill": fill,
        "check": sum(sum(found[name]) for name in FEATURES),
        "one": measure(store, entities, 1, times),
        "hundred": measure(store, entities, 100, times // 20),
    }
    print(json.dumps(measured))


def open_store(folder, redis):
    name = "redis" if redis else "sqlite"
    store = FeatureStore(
        config=RepoConfig(
            project="bench",
            registry=str(folder / f"feast-{name}.db"),
            provider="local",
            online_store=online_store(folder, redis),
            entity_key_serialization_version=3,
        )
    )
    source = FileSource(path=str(folder / "entities.parquet"), timestamp_field="event_time")
    entity = Entity(name="user", join_keys=["user"], value_type=ValueType.STRING)
    schema = [Field(name=name, dtype=Float64) for name in FEATURES]
    view = FeatureView(name="profile", entities=[entity], ttl=timedelta(days=0), schema=schema, source=source)
    store.apply([entity, view])
    return store


def online_store(folder, redis):
    if redis is None:
        return SqliteOnlineStoreConfig(path=str(folder / "feast-online.db"))
    from feast.infra.online_stores.redis import RedisOnlineStoreConfig

    return RedisOnlineStoreConfig(connection_string=redis)


def measure(store, entities, size, times):
    """As latencies.mjs does it: the same users, a twentieth more calls before to warm up."""
    state = size
    took = []
    for n in range(-(times // 20), times):
        users = []
        for _ in range(size):
            state = state * 48_271 % 2_147_483_647
            users.append(f"user-{int(state / 2_147_483_647 * entities)}")
        began = time.perf_counter_ns()
        look(store, users)
        if n >= 0:
            took.append((time.perf_counter_ns() - began) / 1000)
    took.sort()
    return {"p50": took[int(times * 0.5)], "p99": took[int(times * 0.99)]}


def look(store, users):
    names = [f"profile:{name}" for name in FEATURES]
    return store.get_online_features(features=names, entity_rows={"user": users}).to_dict()


def cpu_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    main()
