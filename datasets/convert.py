#!/usr/bin/env python3
"""Converts the raw files of a data set into the suite's own container (docs/reference/datasets.md, "Data file").

    convert.py KIND --output data.h5 --name NAME --source SOURCE --sha256 LINES --input ROLE=PATH ...

KIND       roles
idx        train_images, train_labels, test_images, test_labels   (IDX, plain or gzip)
planetoid  x, y, tx, ty, allx, ally, graph, test_index            (Planetoid's pickles)
npz        graph                                                  (SciPy-CSR npz of gnn-benchmark)
libsvm     train, optional test                                   (LIBSVM text)
csv        train, optional test                                   (comma-separated text)

The output is the same bytes for the same input: no times are stored. Trouble is one line on stderr and exit code 1.
Called by datasets/convert.cpp, which checks hashes before and counts after.
"""

import argparse
import collections
import contextlib
import gzip
import pickle
import sys

import h5py
import numpy as np
import scipy.sparse as sp


class ConversionError(Exception):
    """What is wrong with the input, for people."""


@contextlib.contextmanager
def reading(path):
    """Whatever goes wrong inside is said with the name of the file."""
    try:
        yield
    except ConversionError:
        raise
    except Exception as error:  # a damaged file can make every reader below it fail in its own way
        raise ConversionError(f"{path}: damaged or of another format: {error}") from error


# --- The container -----------------------------------------------------------------------------------------------


def write(group, name, values, compress=False):
    """One data set with a checksum per chunk, without times."""
    values = np.ascontiguousarray(values)
    options = {}
    if values.size > 0:
        row = values[0].nbytes
        options["chunks"] = (max(1, min(len(values), (1 << 20) // max(row, 1))),) + values.shape[1:]
        options["fletcher32"] = True
        if compress:
            options.update(compression="gzip", compression_opts=1, shuffle=True)
    group.create_dataset(name, data=values, track_times=False, **options)


def write_samples(file, split, x, y):
    if len(x) != len(y):
        raise ConversionError(f"{split}: {len(x)} samples but {len(y)} labels")
    group = file.create_group(split)
    write(group, "x", x, compress=True)
    write(group, "y", y.astype(np.int64))


def write_graph(file, adjacency, x, y, split):
    """`adjacency` is any square sparse matrix: its pattern is made undirected, an edge is stored once as u <= v."""
    nodes = adjacency.shape[0]
    if adjacency.shape != (nodes, nodes) or x.shape[0] != nodes or y.shape != (nodes,):
        raise ConversionError(
            f"adjacency {adjacency.shape}, features {x.shape} and labels {y.shape} do not belong together"
        )
    adjacency = sp.coo_matrix(adjacency)
    there = adjacency.data != 0
    ends = np.sort(np.stack([adjacency.row[there], adjacency.col[there]]).astype(np.int64), axis=0)
    edges = np.unique(ends, axis=1)  # sorted by u, then v

    x = sp.csr_matrix(x, dtype=np.float64)
    x.sum_duplicates()
    x.sort_indices()
    x.eliminate_zeros()

    write(file.create_group("graph"), "edges", edges)
    group = file.create_group("nodes")
    write(group, "y", y.astype(np.int64))
    features = group.create_group("x")
    write(features, "data", x.data, compress=True)
    write(features, "indices", x.indices.astype(np.int64), compress=True)
    write(features, "indptr", x.indptr.astype(np.int64))
    features.attrs["shape"] = np.array(x.shape, dtype=np.int64)
    group = file.create_group("split")
    for name, members in split.items():
        write(group, name, np.asarray(members, dtype=np.int64))


# --- IDX ---------------------------------------------------------------------------------------------------------


def read_idx(path, dimensions):
    """An IDX file of unsigned bytes: magic 0x000008 and the number of dimensions, big-endian extents, the entries."""
    with reading(path):
        with open(path, "rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
        with gzip.open(path, "rb") if packed else open(path, "rb") as file:
            content = file.read()
        if len(content) < 4 * (1 + dimensions):
            raise ConversionError(f"{path}: {len(content)} bytes are too few for an IDX header")
        magic = int.from_bytes(content[:4], "big")
        if magic != 0x0800 + dimensions:
            raise ConversionError(f"{path}: IDX magic is 0x{magic:08x}, expected 0x{0x0800 + dimensions:08x}")
        shape = tuple(int(n) for n in np.frombuffer(content, ">u4", dimensions, offset=4))
        values = np.frombuffer(content, np.uint8, offset=4 * (1 + dimensions))
        if values.size != np.prod(shape, dtype=np.int64):
            raise ConversionError(f"{path}: header says {shape}, but {values.size} entries follow")
        return values.reshape(shape)


def convert_idx(inputs, file):
    classes = 0
    for split in ("train", "test"):
        images = read_idx(inputs[f"{split}_images"], 3)
        labels = read_idx(inputs[f"{split}_labels"], 1)
        write_samples(file, split, images.reshape(len(images), -1) / 255.0, labels)
        classes = max(classes, int(labels.max(initial=0)) + 1)
    return classes


# --- Planetoid ---------------------------------------------------------------------------------------------------


class PlanetoidUnpickler(pickle.Unpickler):
    """Admits the names that Planetoid's files need (and their newer spellings), and nothing else."""

    reconstruct = np.ndarray.__reduce__(np.zeros(0))[0]
    allowed = {
        ("numpy.core.multiarray", "_reconstruct"): reconstruct,
        ("numpy._core.multiarray", "_reconstruct"): reconstruct,
        ("numpy", "ndarray"): np.ndarray,
        ("numpy", "dtype"): np.dtype,
        ("scipy.sparse.csr", "csr_matrix"): sp.csr_matrix,
        ("scipy.sparse._csr", "csr_matrix"): sp.csr_matrix,
        ("collections", "defaultdict"): collections.defaultdict,
        ("__builtin__", "list"): list,
        ("builtins", "list"): list,
    }

    def find_class(self, module, name):
        try:
            return self.allowed[module, name]
        except KeyError:
            raise ConversionError(f"refused: the pickle asks for {module}.{name}, which no data file needs") from None


def unpickle(path):
    with reading(path), open(path, "rb") as file:
        try:
            return PlanetoidUnpickler(file, encoding="latin1").load()
        except ConversionError as error:
            raise ConversionError(f"{path}: {error}") from None


def convert_planetoid(inputs, file):
    def features(role):
        value = unpickle(inputs[role])
        if not sp.issparse(value):
            raise ConversionError(f"{inputs[role]}: holds {type(value).__name__}, not a sparse matrix")
        with reading(inputs[role]):
            value.check_format()
        return value

    def labels(role):
        value = unpickle(inputs[role])
        if not isinstance(value, np.ndarray) or value.ndim != 2 or not (value.sum(axis=1) <= 1).all():
            raise ConversionError(f"{inputs[role]}: not an array of one-hot rows")
        return value

    y, tx, ty, allx, ally = labels("y"), features("tx"), labels("ty"), features("allx"), labels("ally")
    if features("x").shape[0] != len(y):
        raise ConversionError(f"{inputs['x']}: {features('x').shape[0]} rows, but {len(y)} labels")
    neighbours = unpickle(inputs["graph"])
    if not isinstance(neighbours, dict):
        raise ConversionError(f"{inputs['graph']}: holds {type(neighbours).__name__}, not a dictionary")
    with reading(inputs["test_index"]), open(inputs["test_index"], encoding="ascii") as lines:
        test = np.array([int(line) for line in lines], dtype=np.int64)
    if tx.shape[0] != len(test) or len(ty) != len(test):
        raise ConversionError(f"{inputs['test_index']}: {len(test)} indices, but {tx.shape[0]} rows and {len(ty)} labels")
    if len(ally) != allx.shape[0] or tx.shape[1] != allx.shape[1] or ty.shape[1] != ally.shape[1]:
        raise ConversionError(f"{inputs['allx']}: allx {allx.shape}, ally {ally.shape}, tx {tx.shape} do not fit")

    # Rows of allx come first; test rows go where test.index says. Indices that it skips (15 isolated nodes of
    # citeseer) are nodes without features; they are in no split, and their label is 0 for want of one.
    nodes = max(len(neighbours), int(test.max(initial=-1)) + 1, allx.shape[0])
    place = np.concatenate([np.arange(allx.shape[0]), test])
    if len(np.unique(place)) != len(place):
        raise ConversionError(f"{inputs['test_index']}: an index is there twice, or belongs to a training row")
    stacked = sp.vstack([allx, tx]).tocoo()
    x = sp.csr_matrix((stacked.data, (place[stacked.row], stacked.col)), shape=(nodes, allx.shape[1]))
    one_hot = np.zeros((nodes, ally.shape[1]))
    one_hot[place] = np.vstack([ally, ty])

    with reading(inputs["graph"]):
        row = np.concatenate([np.full(len(vs), u, dtype=np.int64) for u, vs in neighbours.items()])
        col = np.concatenate([np.asarray(vs, dtype=np.int64) for vs in neighbours.values()])
        adjacency = sp.coo_matrix((np.ones(len(row)), (row, col)), shape=(nodes, nodes))

    validation = np.arange(len(y), min(len(y) + 500, allx.shape[0]))
    split = {"train": np.arange(len(y)), "val": validation, "test": np.sort(test)}
    write_graph(file, adjacency, x, one_hot.argmax(axis=1), split)
    return ally.shape[1]


# --- SciPy-CSR npz -----------------------------------------------------------------------------------------------


def one_permutation_split(y, per_class=20, test=1000, validation=1000, seed=100):
    """pdADMM-G's split: walk one permutation of all nodes. The first `per_class` of each class train; of the others,
    in the same order, the first `test` test and the next `validation` validate."""
    order = np.random.RandomState(seed).permutation(len(y))
    taken = collections.Counter()
    train, rest = [], []
    for node in order:
        if taken[y[node]] < per_class:
            taken[y[node]] += 1
            train.append(node)
        else:
            rest.append(node)
    return {"train": train, "test": rest[:test], "val": rest[test : test + validation]}


def convert_npz(inputs, file):
    path = inputs["graph"]
    with reading(path), np.load(path, allow_pickle=False) as arrays:
        adjacency, x = (
            sp.csr_matrix(
                (arrays[f"{part}_data"], arrays[f"{part}_indices"], arrays[f"{part}_indptr"]),
                shape=arrays[f"{part}_shape"],
            )
            for part in ("adj", "attr")
        )
        y = arrays["labels"].astype(np.int64)
        adjacency.check_format()
        x.check_format()
    write_graph(file, adjacency, x, y, one_permutation_split(y))
    return int(y.max()) + 1


# --- Text --------------------------------------------------------------------------------------------------------


def class_number(text, where):
    """An integer label; "+1", "3" and "3.0" are integers."""
    try:
        value = float(text)
    except ValueError:
        value = np.nan
    if not np.isfinite(value) or value != int(value):
        raise ConversionError(f"{where}: the label is {text!r}, expected an integer (regression: use a data.h5)")
    return int(value)


def finite_number(text, where):
    try:
        value = float(text)
    except ValueError:
        raise ConversionError(f"{where}: {text!r} is not a number") from None
    if not np.isfinite(value):
        raise ConversionError(f"{where}: {text!r} is not a finite number")
    return value


def read_libsvm(path):
    """Lines `label index:value ...`, indices from 1; text after # is a comment."""
    labels, rows, cols, values = [], [], [], []
    with reading(path), open(path, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            words = line.split("#", 1)[0].split()
            if not words:
                continue
            where = f"{path}: line {number}"
            seen = set()
            for word in words[1:]:
                index, colon, value = word.partition(":")
                if not colon or not index.isdecimal() or int(index) < 1 or int(index) in seen:
                    raise ConversionError(f"{where}: {word!r}: expected index:value with indices from 1, each once")
                seen.add(int(index))
                rows.append(len(labels))
                cols.append(int(index) - 1)
                values.append(finite_number(value, where))
            labels.append(class_number(words[0], where))
    if not labels:
        raise ConversionError(f"{path}: there is no sample in it")
    return np.array(labels, dtype=np.int64), np.array(rows, dtype=np.int64), np.array(cols, dtype=np.int64), values


def convert_libsvm(inputs, file):
    parts = {split: read_libsvm(path) for split, path in inputs.items()}
    features = max(int(cols.max(initial=-1)) + 1 for _, _, cols, _ in parts.values())
    known = np.unique(parts["train"][0])  # sorted: label number c becomes class c
    for split, (labels, rows, cols, values) in parts.items():
        strange = np.setdiff1d(labels, known)
        if len(strange):
            raise ConversionError(f"{inputs[split]}: label {strange[0]} is not among those of {inputs['train']}")
        x = np.zeros((len(labels), features))
        x[rows, cols] = values
        write_samples(file, split, x, np.searchsorted(known, labels))
    return len(known)


def read_csv(path):
    """Rows of numbers, with or without a header row; returns features and labels."""
    with reading(path), open(path, encoding="utf-8-sig") as text:
        lines = [(number, line.strip().split(",")) for number, line in enumerate(text, 1) if line.strip()]
    if not lines:
        raise ConversionError(f"{path}: there is no sample in it")

    def is_number(word):
        try:
            float(word)
        except ValueError:
            return False
        return True

    columns = len(lines[0][1])
    label = columns - 1
    if not any(is_number(word) for word in lines[0][1]):
        header = [word.strip().strip('"').lower() for word in lines.pop(0)[1]]
        named = [column for column, word in enumerate(header) if word in ("label", "y", "class")]
        if len(named) > 1:
            raise ConversionError(f"{path}: line 1: more than one column is named label, y or class")
        label = named[0] if named else label
    if columns < 2 or not lines:
        raise ConversionError(f"{path}: expected samples of at least one feature and the label, separated by commas")

    x, y = np.empty((len(lines), columns - 1)), np.empty(len(lines), dtype=np.int64)
    for row, (number, words) in enumerate(lines):
        where = f"{path}: line {number}"
        if len(words) != columns:
            raise ConversionError(f"{where}: {len(words)} columns, expected {columns}")
        y[row] = class_number(words[label], where)
        if y[row] < 0:
            raise ConversionError(f"{where}: the label is {y[row]}, expected 0, 1, ..., classes - 1")
        features = words[:label] + words[label + 1 :]
        x[row] = [finite_number(word, where) for word in features]
    return x, y


def convert_csv(inputs, file):
    classes = 0
    for split, path in inputs.items():
        x, y = read_csv(path)
        write_samples(file, split, x, y)
        classes = max(classes, int(y.max()) + 1)
    return classes


CONVERTERS = {
    "idx": convert_idx,
    "planetoid": convert_planetoid,
    "npz": convert_npz,
    "libsvm": convert_libsvm,
    "csv": convert_csv,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=CONVERTERS)
    parser.add_argument("--output", required=True)
    parser.add_argument("--name", required=True)
    parser.add_argument("--source", required=True)
    parser.add_argument("--sha256", required=True, help="lines of the raw files' hashes, as sha256sum prints them")
    parser.add_argument("--input", action="append", required=True, metavar="ROLE=PATH")
    arguments = parser.parse_args()
    inputs = dict(item.split("=", 1) for item in arguments.input)
    try:
        with h5py.File(arguments.output, "w") as file:
            classes = CONVERTERS[arguments.kind](inputs, file)
            file.attrs["classes"] = np.int64(classes)
            file.attrs["name"] = arguments.name
            file.attrs["source"] = arguments.source
            file.attrs["sha256"] = arguments.sha256
    except ConversionError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
