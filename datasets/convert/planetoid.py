"""Planetoid's citation graphs: pickles of SciPy matrices, read by an unpickler that admits nothing else."""

import collections
import pickle

import numpy as np
import scipy.sparse as sp

from container import MOST_NODES, ConversionError, reading, write_graph


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
    if test.min(initial=0) < 0 or test.max(initial=0) >= MOST_NODES:
        raise ConversionError(f"{inputs['test_index']}: expected nodes from 0 to {MOST_NODES - 1}")
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
