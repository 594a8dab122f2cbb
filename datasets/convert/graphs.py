"""Attributed graphs in archives of arrays and of text."""

import collections
import gzip
import io
import json
import math
import os
import zipfile

import numpy as np
import scipy.sparse as sp

from container import DENSEST_PACKING, MOST_NODES, ConversionError, reading, write, write_graph


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


def check_archive(path):
    """Arrays that claim to be larger than what is packed of them can be are not unpacked."""
    with reading(path), zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            if member.file_size > DENSEST_PACKING * (member.compress_size + 64):
                raise ConversionError(
                    f"{path}: {member.filename} claims {member.file_size} bytes, packed into {member.compress_size}"
                )
            with archive.open(member) as stream:
                version = np.lib.format.read_magic(stream)
                read_header = (
                    np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
                )
                shape, _, dtype = read_header(stream)
            if math.prod(shape) * dtype.itemsize > member.file_size:
                raise ConversionError(f"{path}: {member.filename} says {shape}, but holds {member.file_size} bytes")


def convert_npz(inputs, file):
    path = inputs["graph"]
    check_archive(path)
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


def convert_masked_npz(inputs, file):
    """node_features, node_labels, edges (each undirected edge once) and {train,val,test}_masks, splits x nodes. The first is
    the file's; all of them are kept as splits/K."""
    path = inputs["graph"]
    check_archive(path)
    with reading(path), np.load(path, allow_pickle=False) as arrays:
        x, y, edges = arrays["node_features"], arrays["node_labels"].astype(np.int64), arrays["edges"]
        masks = {name: arrays[f"{name}_masks"].astype(bool) for name in ("train", "val", "test")}
        if edges.ndim != 2 or edges.shape[1] != 2 or y.min() < 0:
            raise ConversionError(f"{path}: edges {edges.shape}, expected two ends each; labels from {y.min()}")
        adjacency = sp.coo_matrix((np.ones(len(edges)), (edges[:, 0], edges[:, 1])), shape=(len(y), len(y)))
    shapes = {mask.shape for mask in masks.values()}
    if len(shapes) != 1 or masks["train"].ndim != 2 or masks["train"].shape[1] != len(y) or not len(masks["train"]):
        raise ConversionError(f"{path}: masks {sorted(shapes)} do not belong to {len(y)} nodes")
    if (sum(mask.astype(int) for mask in masks.values()) > 1).any():
        raise ConversionError(f"{path}: a node is in two parts of a split")

    def split(k):
        return {name: np.flatnonzero(mask[k]) for name, mask in masks.items()}

    write_graph(file, adjacency, x, y, split(0))
    for k in range(len(masks["train"])):
        group = file.create_group(f"splits/{k}")
        for name, members in split(k).items():
            write(group, name, members.astype(np.int64))
    return int(y.max()) + 1


# --- GraphSAINT --------------------------------------------------------------------------------------------------

MOST_JSON_BYTES = 1 << 28


def read_json(path):
    with reading(path), open(path, encoding="utf-8") as file:
        if os.path.getsize(path) > MOST_JSON_BYTES:
            raise ConversionError(f"{path}: {os.path.getsize(path)} bytes are more than {MOST_JSON_BYTES}")
        value = json.load(file)
        if not isinstance(value, dict):
            raise ConversionError(f"{path}: expected an object, {{...}}")
        return value


def read_npy(path):
    """An array that the file is large enough for."""
    with reading(path):
        return np.load(path, mmap_mode="r", allow_pickle=False)


def node_numbers(values, nodes, path):
    """`values` as node numbers below `nodes`, each once."""
    with reading(path):
        numbers = np.array(values)
        if numbers.ndim != 1 or numbers.dtype.kind not in "iu":
            raise ConversionError(f"{path}: expected a list of node numbers")
        numbers = numbers.astype(np.int64)
        if numbers.min(initial=0) < 0 or numbers.max(initial=0) >= nodes or len(np.unique(numbers)) != len(numbers):
            raise ConversionError(f"{path}: expected nodes from 0 to {nodes - 1}, each once")
    return numbers


def convert_graphsaint(inputs, file):
    """adjacency: CSR in an npz; features: npy, nodes x features; classes: {"node": class}; roles: {"tr", "va", "te": nodes}."""
    path = inputs["adjacency"]
    check_archive(path)
    with reading(path), np.load(path, allow_pickle=False) as arrays:
        adjacency = sp.csr_matrix((arrays["data"], arrays["indices"], arrays["indptr"]), shape=arrays["shape"])
        adjacency.check_format()
    nodes = adjacency.shape[0]
    x = read_npy(inputs["features"])
    if x.ndim != 2 or len(x) != nodes or x.dtype.kind != "f":
        raise ConversionError(f"{inputs['features']}: {x.shape} of {x.dtype}, expected features of {nodes} nodes")
    if not np.isfinite(x).all():
        raise ConversionError(f"{inputs['features']}: a number in it is not finite")
    classes = read_json(inputs["classes"])
    where = inputs["classes"]
    with reading(where):
        order = node_numbers([int(node) for node in classes], nodes, where)
        labels = np.array(list(classes.values()))
        whole = labels.ndim == 1 and labels.dtype.kind in "iu"
        if len(order) != nodes or not whole or not 0 <= labels.min() <= labels.max() < nodes:
            raise ConversionError(f"{where}: expected one class 0, 1, ... for each of {nodes} nodes")
    y = np.empty(nodes, dtype=np.int64)
    y[order] = labels
    where = inputs["roles"]
    roles = read_json(where)
    if not {"tr", "va", "te"} <= roles.keys():
        raise ConversionError(f"{where}: expected the keys tr, va and te")
    split = {name: node_numbers(roles[role], nodes, where) for name, role in (("train", "tr"), ("val", "va"), ("test", "te"))}
    if len(np.unique(np.concatenate(list(split.values())))) != sum(map(len, split.values())):
        raise ConversionError(f"{where}: a node is in two parts of the split")
    write_graph(file, adjacency, x, y, {name: np.sort(members) for name, members in split.items()})
    return int(y.max()) + 1


# --- OGB ---------------------------------------------------------------------------------------------------------


def read_packed_csv(archive, ending, path, dtype):
    """The numbers of the gzip-packed CSV whose name in the archive ends so."""
    names = [member for member in archive.infolist() if ("/" + member.filename).endswith("/" + ending)]
    if len(names) != 1:
        raise ConversionError(f"{path}: {len(names)} files in it are called {ending}, expected one")
    member = names[0]
    if member.file_size > DENSEST_PACKING * (member.compress_size + 64):
        raise ConversionError(f"{path}: {member.filename} claims {member.file_size} bytes, packed into {member.compress_size}")
    with archive.open(member) as packed, gzip.open(packed) as unpacked, io.TextIOWrapper(unpacked, "ascii") as lines:
        try:
            return np.loadtxt(lines, dtype=dtype, delimiter=",", ndmin=2)
        except ValueError as error:
            raise ConversionError(f"{path}: {member.filename}: {error}") from None


def convert_ogb(inputs, file):
    """A zip of CSVs packed by gzip: raw/{edge,node-feat,node-label}.csv.gz and split/SCHEME/{train,valid,test}.csv.gz."""
    path = inputs["archive"]
    with reading(path), zipfile.ZipFile(path) as archive:
        x = read_packed_csv(archive, "raw/node-feat.csv.gz", path, np.float64)
        y = read_packed_csv(archive, "raw/node-label.csv.gz", path, np.int64)
        edges = read_packed_csv(archive, "raw/edge.csv.gz", path, np.int64)
        split = {name: read_packed_csv(archive, f"{part}.csv.gz", path, np.int64)[:, 0]
                 for name, part in (("train", "train"), ("val", "valid"), ("test", "test"))}
    nodes = len(x)
    if not 0 < nodes < MOST_NODES or not np.isfinite(x).all():
        raise ConversionError(f"{path}: features of {nodes} nodes, or numbers that are not finite")
    if y.shape != (nodes, 1) or not 0 <= y.min() <= y.max() < nodes:
        raise ConversionError(f"{path}: labels {y.shape}, expected one class 0, 1, ... for each of {nodes} nodes")
    if edges.shape[1] != 2 or edges.min(initial=0) < 0 or edges.max(initial=0) >= nodes:
        raise ConversionError(f"{path}: edges {edges.shape}, expected two nodes from 0 to {nodes - 1} each")
    members = {name: np.sort(node_numbers(part, nodes, path)) for name, part in split.items()}
    if len(np.unique(np.concatenate(list(members.values())))) != sum(map(len, members.values())):
        raise ConversionError(f"{path}: a node is in two parts of the split")
    adjacency = sp.coo_matrix((np.ones(len(edges)), (edges[:, 0], edges[:, 1])), shape=(nodes, nodes))
    write_graph(file, adjacency, x, y[:, 0], members)
    return int(y.max()) + 1
