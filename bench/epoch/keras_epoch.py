"""Peer of the training loop: Keras on the matrix that fti trained on.

    python keras_epoch.py FOLDER WIDTH BATCH DROPOUT EPOCHS UNITS...

FOLDER holds x.f32 and y.f32. The last line on stdout is JSON: seconds of the fastest epoch.
"""

import json
import os
import sys
import time
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import keras  # noqa: E402
import numpy as np  # noqa: E402


def main():
    folder, width, batch = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    dropout, epochs = float(sys.argv[4]), int(sys.argv[5])
    x = np.fromfile(folder / "x.f32", dtype="<f4").reshape(-1, width)
    y = np.fromfile(folder / "y.f32", dtype="<f4")
    keras.utils.set_random_seed(0)
    layers = [keras.Input((width,))]
    for units in map(int, sys.argv[6:]):
        layers += [keras.layers.Dense(units, activation="relu"), keras.layers.Dropout(dropout)]
    model = keras.Sequential([*layers, keras.layers.Dense(1, activation="sigmoid")])
    model.compile(optimizer=keras.optimizers.Adam(0.001), loss="binary_crossentropy")
    took = []
    for _ in range(epochs):
        wall, cpu = time.perf_counter(), time.process_time()
        history = model.fit(x, y, batch_size=batch, epochs=1, verbose=0)
        took.append((time.perf_counter() - wall, time.process_time() - cpu))
    loss = history.history["loss"][-1]
    print(json.dumps({"wallS": min(wall for wall, _ in took), "cpuS": min(cpu for _, cpu in took), "loss": loss}))


if __name__ == "__main__":
    main()
