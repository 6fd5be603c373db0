"""The same network behind FastAPI and onnxruntime: python fastapi_server.py WEIGHTS.json; prints its port.

Given the best of its kind: uvloop, httptools, no access log, one thread in the runtime, an async handler. It validates
32 numbers and predicts; it looks nothing up and logs nothing.
"""

import json
import socket
import sys

import numpy
import onnxruntime
import uvicorn
from fastapi import FastAPI
from onnx import TensorProto, helper, numpy_helper
from pydantic import BaseModel


def network(path: str) -> bytes:
    """The weights that fti serves, as an ONNX graph of Gemm and activation nodes."""
    with open(path) as file:
        weights = json.load(file)
    nodes, initializers, previous, width = [], [], "x", weights["inputs"]
    for i, layer in enumerate(weights["layers"]):
        kernel = numpy.array(layer["kernel"], dtype=numpy.float32).reshape(width, layer["units"])
        bias = numpy.array(layer["bias"], dtype=numpy.float32)
        initializers += [numpy_helper.from_array(kernel, f"k{i}"), numpy_helper.from_array(bias, f"b{i}")]
        nodes.append(helper.make_node("Gemm", [previous, f"k{i}", f"b{i}"], [f"s{i}"]))
        nodes.append(helper.make_node({"relu": "Relu", "sigmoid": "Sigmoid"}[layer["activation"]], [f"s{i}"], [f"a{i}"]))
        previous, width = f"a{i}", layer["units"]
    graph = helper.make_graph(
        nodes,
        "network",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, weights["inputs"]])],
        [helper.make_tensor_value_info(previous, TensorProto.FLOAT, [None, 1])],
        initializers,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 9
    return model.SerializeToString()


class Request(BaseModel):
    instances: list[list[float]]


options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
options.inter_op_num_threads = 1
session = onnxruntime.InferenceSession(network(sys.argv[1]), options, providers=["CPUExecutionProvider"])
app = FastAPI()


@app.post("/predict")
async def predict(request: Request):
    (answers,) = session.run(None, {"x": numpy.array(request.instances, dtype=numpy.float32)})
    return {"predictions": answers[:, 0].tolist()}


listener = socket.socket()
listener.bind(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
config = uvicorn.Config(app, loop="uvloop", http="httptools", access_log=False, log_level="warning")
uvicorn.Server(config).run(sockets=[listener])
