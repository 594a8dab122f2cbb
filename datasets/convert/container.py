"""The suite's own container (docs/reference/datasets.md, "Data file"), and what all readers share."""

import contextlib
import math

import h5py
import numpy as np
import scipy.sparse as sp


# Deflate packs no denser: what claims to hold more is not unpacked.
DENSEST_PACKING = 1100


# What text is converted to is dense.
MOST_FEATURES = 10_000_000
MOST_ENTRIES = 1 << 30
MOST_NODES = 1 << 28


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


def fixed_text(text):
    """Text and type of an attribute, of fixed length: those of variable length lie in a heap whose damage crashes HDF5."""
    content = text.encode("utf-8")
    return content, None, h5py.string_dtype("utf-8", max(len(content), 1))


def write_samples(file, split, x, y):
    if len(x) != len(y):
        raise ConversionError(f"{split}: {len(x)} samples but {len(y)} labels")
    group = file.create_group(split)
    write(group, "x", x, compress=True)
    write(group, "y", y.astype(np.int64))


def write_images(file, split, images, labels):
    """`images`: samples x height x width (x channels) of bytes. x = byte / 255, a row of pixels after the other, the channels of
    a pixel side by side. Written in parts: as numbers they take eight times the memory."""
    if len(images) != len(labels):
        raise ConversionError(f"{split}: {len(images)} samples but {len(labels)} labels")
    group = file.create_group(split)
    features = math.prod(images.shape[1:])
    rows = max(1, min(len(images), (1 << 20) // (8 * features)))
    x = group.create_dataset("x", (len(images), features), np.float64, track_times=False, chunks=(rows, features),
                             fletcher32=True, compression="gzip", compression_opts=1, shuffle=True)
    for begin in range(0, len(images), rows):
        part = images[begin : begin + rows]
        x[begin : begin + rows] = part.reshape(len(part), features) / 255.0
    write(group, "y", labels.astype(np.int64))


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
