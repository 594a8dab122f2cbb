#!/usr/bin/env python3
"""Writes the seeds of the fuzzers into FOLDER/<fuzzer>/: small files of every kind that is read.

    make_corpus.py FOLDER [--program admmbench]     with the program, also results that it makes
"""

import argparse
import gzip
import io
import pathlib
import pickle
import shutil
import struct
import subprocess
import tarfile
import tempfile
import zipfile

import h5py
import numpy as np
import scipy.io
import scipy.sparse as sp

ROOT = pathlib.Path(__file__).resolve().parents[2]

EXPERIMENT = """experiment: seed
precision: float32
datasets: [{name: blobs, label: b, train: 20, validation: 0.2, params: {samples: 40}}, {name: sbm, graph: {hops: 2}}]
network: &net {hidden: [4, 3], activation: relu}
seeds: [0, 1]
iterations: 3
tune: {method: random, runs: 4, iterations: 2, seeds: [0, 1]}
record: {every: 1, iterates: [1], weights: false}
stop: {residual: 1e-6, time_limit: 5}
solvers:
  - {name: dladmm, label: d, grid: {rho: [1e-3, 1], step.rule: [backtracking, exact]}, tune: false}
  - {name: adam, search: {learning_rate: {log_uniform: [1e-4, 1e-1]}}}
profiles: {quick: {network: *net, iterations: 1}}
"""


LARGE = 2_000  # bytes of an experiment: larger ones, and tuned ones, take the sanitizers seconds to read


def write_experiments(folder):
    for number, path in enumerate(sorted((ROOT / "experiments").rglob("*.yaml"))):
        if path.stat().st_size < LARGE and "\ntune:" not in path.read_text():
            shutil.copy(path, folder / f"{number}.yaml")
    (folder / "all.yaml").write_text(EXPERIMENT)
    (folder / "aliases.yaml").write_text("a: &a [x, x]\nb: &b [*a, *a]\nc: {<<: {d: *b}}\n")


def write_data(folder):
    numbers = np.random.default_rng(0)
    for name, options in (("plain", {}), ("packed", {"compression": "gzip", "shuffle": True, "fletcher32": True})):
        with h5py.File(folder / f"{name}.h5", "w") as file:
            for split in ("train", "val", "test"):
                file.create_dataset(f"{split}/x", data=numbers.normal(size=(6, 3)), **options)
                file.create_dataset(f"{split}/y", data=numbers.integers(0, 2, size=6), **options)
            file.attrs["classes"] = 2
            file.attrs["source"] = "text of variable length"
    with h5py.File(folder / "targets.h5", "w") as file:
        file["train/x"] = numbers.normal(size=(5, 2)).astype(np.float32)
        file["train/t"] = numbers.normal(size=5)
    with h5py.File(folder / "graph.h5", "w") as file:
        file["graph/edges"] = np.array([[0, 1, 2], [1, 2, 3]])
        file["nodes/y"] = np.array([0, 1, 0, 1])
        file["nodes/x/data"] = np.ones(4)
        file["nodes/x/indices"] = np.array([0, 1, 0, 1])
        file["nodes/x/indptr"] = np.arange(5)
        file["nodes/x"].attrs["shape"] = np.array([4, 2])
        file["split/train"] = np.array([0, 1])
        file["split/test"] = np.array([2, 3])


TEXTS = ("experiment", "dataset", "solver", "label", "precision", "config", "config_sha256", "content_hash", "code_version",
         "data_sha256", "git_commit", "host", "cpu", "blas", "started_at", "message")


def write_results(folder, program):
    for name, text in (("variable", str), ("fixed", lambda t: np.bytes_(t.encode()))):
        with h5py.File(folder / f"{name}.h5", "w") as file:
            file["trajectory/iteration"] = np.arange(3)
            for column in ("seconds", "objective", "test_accuracy"):
                file[f"trajectory/{column}"] = np.linspace(0, 1, 3)
            file["final/W1"] = np.ones((2, 3))
            file.attrs["schema_version"] = 1
            file.attrs["seed"] = 0
            file.attrs["threads"] = 1
            file.attrs["status"] = text("completed")
            for attribute in TEXTS:
                file.attrs[attribute] = text("a: 1")
    if program is None:
        return
    with tempfile.TemporaryDirectory() as work:
        pathlib.Path(work, "e.yaml").write_text(
            "experiment: e\ndatasets: [{name: blobs, params: {samples: 10, test_samples: 5}}]\nnetwork: {hidden: [2]}\n"
            "iterations: 2\nsolvers: [{name: adam}]\n")
        subprocess.run([str(pathlib.Path(program).resolve()), "run", "e.yaml", "--threads", "1", "--quiet"], cwd=work, check=True)
        for path in pathlib.Path(work).rglob("seed-*.h5"):
            shutil.copy(path, folder / "made.h5")


def write_summaries(folder):
    for number, path in enumerate(sorted((ROOT / "results").rglob("*.csv"))):
        if path.stat().st_size < 20_000 and number % 5 == 0:
            shutil.copy(path, folder / f"{number}.csv")
    (folder / "small.csv").write_text("dataset,label,seed,status,trajectory_sha256,test_accuracy,file\n"
                                      "d,\"a, b\",0,completed,0123,0.5,x\nd,\"a \"\"b\",1,failed,,NaN,y\n")


def idx(values):
    values = np.asarray(values, dtype=np.uint8)
    return (0x0800 + values.ndim).to_bytes(4, "big") + b"".join(n.to_bytes(4, "big") for n in values.shape) + values.tobytes()


def write_raw(folder):
    """For mutate_converters.py: a folder a kind, a file a role."""
    def put(kind, role, content):
        (folder / kind).mkdir(exist_ok=True)
        (folder / kind / role).write_bytes(content)

    put("libsvm", "train", b"# c\n+1 1:0.5 3:1e3\n-1 2:1\n+1 1:-.5 2:2 # x\n")
    put("csv", "train", b"\xef\xbb\xbfa,b,label\n1,2.5,0\n\n3,-4e2,1\n5,6,0\n")
    for split in ("train", "test"):
        put("idx", f"{split}_images", idx(np.arange(12).reshape(3, 2, 2)))
        put("idx", f"{split}_labels", gzip.compress(idx([0, 1, 1]), mtime=0))
    adjacency, features = sp.csr_matrix(np.eye(4)[[1, 0, 3, 2]]), sp.csr_matrix(np.eye(4))
    arrays = {"labels": np.array([0, 1, 0, 1])}
    for part, matrix in (("adj", adjacency), ("attr", features)):
        arrays.update({f"{part}_data": matrix.data, f"{part}_indices": matrix.indices, f"{part}_indptr": matrix.indptr,
                       f"{part}_shape": np.array(matrix.shape)})
    for name, save in (("npz", np.savez), ("npz-packed", np.savez_compressed)):
        stream = io.BytesIO()
        save(stream, **arrays)
        put(name, "graph", stream.getvalue())
    one_hot = np.eye(2)[[0, 1, 0]]
    for role, value in {"x": sp.csr_matrix(np.eye(3)[:2]), "y": one_hot[:2], "tx": sp.csr_matrix(np.eye(3)[:1]),
                        "ty": one_hot[:1], "allx": sp.csr_matrix(np.eye(3)), "ally": one_hot,
                        "graph": {0: [1], 1: [0, 2], 2: [3], 3: []}}.items():
        put("planetoid", role, pickle.dumps(value, protocol=4))
    put("planetoid", "test_index", b"3\n")
    write_further(put)


def packed(save, *arguments, **named):
    stream = io.BytesIO()
    save(stream, *arguments, **named)
    return stream.getvalue()


def write_further(put):
    """Graphs and tables with splits, archives of images and of text."""
    masks = np.eye(3, 4, dtype=bool)
    put("masked_npz", "graph", packed(np.savez, node_features=np.eye(4), node_labels=np.array([0, 1, 0, 1]),
                                      edges=np.array([[0, 1], [2, 3]]), train_masks=masks[:1], val_masks=masks[1:2],
                                      test_masks=masks[2:]))
    put("masked_csv", "data", b"1,2\n3,4.5\n5,-1e3\n")
    put("masked_csv", "test_mask", gzip.compress(b"0,1\n0,0\n1,0\n", mtime=0))
    put("table_csv", "data", b"".join(b"%d,%d\n" % (n * n, n % 2) for n in range(20)))
    put("rda", "data", r_frame(20))
    record = bytes(range(256)) * 12
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w:gz") as archive:
        for name in ("train.bin", "test.bin"):
            member = tarfile.TarInfo("c/" + name)
            member.size = 2 + len(record)
            archive.addfile(member, io.BytesIO(b"\1\2" + record))
    put("cifar", "archive", tar.getvalue())
    images = {"X": np.zeros((32, 32, 3, 2), dtype=np.uint8), "y": np.array([[1], [10]], dtype=np.uint8)}
    for role, options in (("train", {}), ("test", {"do_compression": True})):
        put("svhn", role, packed(scipy.io.savemat, images, **options))
    put("graphsaint", "adjacency", packed(sp.save_npz, sp.csr_matrix(np.eye(4)[[1, 0, 3, 2]])))
    put("graphsaint", "features", packed(np.save, np.eye(4)))
    put("graphsaint", "classes", b'{"0": 0, "1": 1, "2": 0, "3": 1}')
    put("graphsaint", "roles", b'{"tr": [0, 1], "va": [2], "te": [3]}')
    folder = io.BytesIO()
    with zipfile.ZipFile(folder, "w") as archive:
        for name, text in (("raw/node-feat", b"1,2\n3,4\n5,6\n"), ("raw/node-label", b"0\n1\n1\n"), ("raw/edge", b"0,1\n1,2\n"),
                           ("split/time/train", b"0\n"), ("split/time/valid", b"1\n"), ("split/time/test", b"2\n")):
            archive.writestr(f"a/{name}.csv.gz", gzip.compress(text, mtime=0))
    put("ogb", "archive", folder.getvalue())


def r_frame(rows):
    """What R's save() writes of a data frame with the columns n (numbers) and kind (a factor of a and b)."""
    def integers(*values):
        return struct.pack(f">{len(values)}i", *values)

    def text(value):
        return integers(9 | 64 << 12, len(value)) + value

    def texts(*values):
        return integers(16, len(values)) + b"".join(map(text, values))

    def pairs(*tagged):
        return b"".join(integers(2 | 0x400, 1) + text(tag) + value for tag, value in tagged) + integers(254)

    numbers = integers(14, rows) + struct.pack(f">{rows}d", *range(rows))
    factor = integers(13 | 0x200, rows, *(n % 2 + 1 for n in range(rows))) + pairs((b"levels", texts(b"a", b"b")))
    frame = integers(19 | 0x200, 2) + numbers + factor + pairs((b"names", texts(b"n", b"kind")))
    return b"RDX2\nX\n" + integers(2, 0, 0) + pairs((b"mini", frame))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--program")
    arguments = parser.parse_args()
    for name, write in (("experiment_fuzz", write_experiments), ("data_file_fuzz", write_data),
                        ("summary_fuzz", write_summaries), ("raw", write_raw)):
        (arguments.folder / name).mkdir(parents=True, exist_ok=True)
        write(arguments.folder / name)
    (arguments.folder / "result_file_fuzz").mkdir(exist_ok=True)
    write_results(arguments.folder / "result_file_fuzz", arguments.program)


if __name__ == "__main__":
    main()
