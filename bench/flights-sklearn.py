"""Peer of `fti train`: scikit-learn on the training dataset that fti made, in the same run.

    python bench/flights-sklearn.py DATASET [--epochs 6] [--seed 0] [--threads 1] [--one-hot weekday]
        [--log distance] [--json]

DATASET is a folder with train.parquet, validation.parquet and test.parquet (`fti dataset path MODEL`), its label in
`_label`. The matrix is made as fti makes it: fitted on train alone, missing values get a column of their own and numbers
the mean, numbers are standardized (those under --log after a logarithm), strings become one column for each of the 50 most
frequent values and, where there are more, one for the rest.
Prints the AUC of logistic regression and of an MLP on test (the epoch chosen on validation), and seconds per epoch of
`partial_fit` in batches of 512. Needs pandas, pyarrow and scikit-learn.
"""

import argparse
import json
import os
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, log_loss, roc_auc_score
from sklearn.neural_network import MLPClassifier
from threadpoolctl import threadpool_limits

IDENTIFIER_VALUES = 1000  # a string with more distinct values names a row or an entity; fti keeps those out too


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("dataset", type=Path)
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--batch", type=int, default=512)
    parser.add_argument("--layers", type=int, nargs="+", default=[64, 32])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--one-hot", nargs="*", default=["weekday"], help="numbers that are names")
    parser.add_argument("--log", nargs="*", default=["distance"], help="numbers to take the logarithm of")
    parser.add_argument("--threads", type=int, default=None, help="of the matrix library; on a busy machine one is faster")
    parser.add_argument("--skip-logistic", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    frames = {part: pd.read_parquet(options.dataset / f"{part}.parquet") for part in ("train", "validation", "test")}
    x, names = encode(frames, options.one_hot, options.log)
    y = {part: frame["_label"].to_numpy().astype(int) for part, frame in frames.items()}
    report = {
        "rows": {part: len(frame) for part, frame in frames.items()},
        "width": len(names),
        "squares": float(np.square(x["train"], dtype=float).sum()),
        "baseRate": float(y["test"].mean()),
    }
    with threadpool_limits(options.threads):
        if not options.skip_logistic:
            report["logistic"] = fit_logistic(x, y)
        report["mlp"] = fit_mlp(x, y, options)
    print(json.dumps(report) if options.json else "\n".join(lines(report)))


def encode(frames, one_hot, log):
    """Matrix of each part, and the names of its columns."""
    train = frames["train"]
    parts = {part: [] for part in frames}
    names = []

    def add(name, column_of):
        names.append(name)
        for part, frame in frames.items():
            parts[part].append(np.nan_to_num(column_of(frame).astype(np.float32)))

    for name in train.columns:
        column = train[name]
        if name.startswith("_") or pd.api.types.is_datetime64_any_dtype(column):
            continue
        if name in one_hot or not (pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column)):
            values = column.value_counts().index
            if len(values) > IDENTIFIER_VALUES:
                continue
            for value in values[:50]:
                add(f"{name}={value}", lambda frame: (frame[name] == value).to_numpy())
            if len(values) > 50:
                add(f"{name} else", lambda frame: (frame[name].notna() & ~frame[name].isin(values[:50])).to_numpy())
            if column.isna().any():
                add(f"{name} missing", lambda frame: frame[name].isna().to_numpy())
            continue
        scale = np.log1p if name in log else np.asarray
        known = scale(column.to_numpy(dtype=float, na_value=np.nan))
        mean, spread = np.nanmean(known), np.nanstd(known) or 1.0
        if np.isnan(known).any():
            add(f"{name} missing", lambda frame: frame[name].isna().to_numpy())
        add(name, lambda frame: (scale(frame[name].to_numpy(dtype=float, na_value=np.nan)) - mean) / spread)
    return {part: np.ascontiguousarray(np.stack(columns, axis=1)) for part, columns in parts.items()}, names


def fit_logistic(x, y):
    model = LogisticRegression(max_iter=300).fit(x["train"], y["train"])
    return scores(y["test"], model.predict_proba(x["test"])[:, 1])


def fit_mlp(x, y, options):
    """One pass over shuffled rows an epoch, as fti's own loop does; the best epoch on validation is judged on test."""
    model = MLPClassifier(tuple(options.layers), learning_rate_init=0.001, random_state=options.seed)
    order = np.random.RandomState(options.seed)
    history = []
    for _ in range(options.epochs):
        wall, cpu = time.perf_counter(), time.process_time()
        rows = order.permutation(len(y["train"]))
        for start in range(0, len(rows), options.batch):
            batch = rows[start : start + options.batch]
            model.partial_fit(x["train"][batch], y["train"][batch], classes=[0, 1])
        seconds, cpu_seconds = time.perf_counter() - wall, time.process_time() - cpu
        loss = log_loss(y["validation"], model.predict_proba(x["validation"])[:, 1])
        test = scores(y["test"], model.predict_proba(x["test"])[:, 1])
        history.append({"seconds": seconds, "cpuSeconds": cpu_seconds, "validationLoss": loss, "test": test})
    best = min(history, key=lambda epoch: epoch["validationLoss"])
    steps = -(-len(y["train"]) // options.batch)
    epoch_seconds = float(np.median([epoch["seconds"] for epoch in history]))
    return {
        **best["test"],
        "bestEpoch": history.index(best) + 1,
        "epochSeconds": epoch_seconds,
        "epochCpuSeconds": float(np.median([epoch["cpuSeconds"] for epoch in history])),
        "millisecondsPerStep": 1000 * epoch_seconds / steps,
        "cores": os.cpu_count(),
        "threads": options.threads,
        "history": history,
    }


def scores(truth, probability):
    return {
        "auc": float(roc_auc_score(truth, probability)),
        "averagePrecision": float(average_precision_score(truth, probability)),
        "logLoss": float(log_loss(truth, probability)),
    }


def lines(report):
    yield f"rows {report['rows']}, width {report['width']}, base rate {report['baseRate']:.3f}"
    for name in ("logistic", "mlp"):
        if name in report:
            found = report[name]
            yield f"{name}: AUC {found['auc']:.4f}, AP {found['averagePrecision']:.4f}, log loss {found['logLoss']:.4f}"
    mlp = report["mlp"]
    yield f"mlp: best epoch {mlp['bestEpoch']}, {mlp['epochSeconds']:.2f} s an epoch, {mlp['millisecondsPerStep']:.2f} ms a step"


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main()
