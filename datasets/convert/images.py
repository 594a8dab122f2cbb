"""Image sets as their publishers pack them."""

import gzip
import math
import os
import tarfile

import numpy as np

from container import DENSEST_PACKING, ConversionError, reading, write_images, write_samples
from matlab import read_arrays


def read_idx(path, dimensions):
    """An IDX file of unsigned bytes: magic 0x000008 and the number of dimensions, big-endian extents, the entries."""
    with reading(path):
        with open(path, "rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
        stored = os.path.getsize(path)
        with gzip.open(path, "rb") if packed else open(path, "rb") as file:
            header = file.read(4 * (1 + dimensions))
            if len(header) < 4 * (1 + dimensions):
                raise ConversionError(f"{path}: {len(header)} bytes are too few for an IDX header")
            magic = int.from_bytes(header[:4], "big")
            if magic != 0x0800 + dimensions:
                raise ConversionError(f"{path}: IDX magic is 0x{magic:08x}, expected 0x{0x0800 + dimensions:08x}")
            shape = tuple(int(n) for n in np.frombuffer(header, ">u4", dimensions, offset=4))
            entries = math.prod(shape)
            if entries > DENSEST_PACKING * stored:
                raise ConversionError(f"{path}: header says {shape}, for which a file of {stored} bytes is too small")
            values = np.frombuffer(file.read(entries + 1), np.uint8)
        if values.size != entries:
            more = "more" if values.size > entries else values.size
            raise ConversionError(f"{path}: header says {shape}, but {more} entries follow")
        return values.reshape(shape)


def convert_idx(inputs, file):
    classes = 0
    for split in ("train", "test"):
        images = read_idx(inputs[f"{split}_images"], 3)
        labels = read_idx(inputs[f"{split}_labels"], 1)
        write_samples(file, split, images.reshape(len(images), -1) / 255.0, labels)
        classes = max(classes, int(labels.max(initial=0)) + 1)
    return classes


# --- CIFAR -------------------------------------------------------------------------------------------------------

CIFAR_SIDE = 32
CIFAR_PIXELS = 3 * CIFAR_SIDE * CIFAR_SIDE
MOST_MEMBER_BYTES = 1 << 28
# What the binary archives hold: the files of the parts, the bytes of labels before each image and the number of classes.
CIFAR_10 = {"train": [f"data_batch_{n}.bin" for n in range(1, 6)], "test": ["test_batch.bin"]}
CIFAR_100 = {"train": ["train.bin"], "test": ["test.bin"]}
CIFAR_LABELS = {"coarse": (0, 20), "fine": (1, 100)}


def read_members(path, wanted):
    """The regular files of a tar archive whose last names are `wanted`, by that name. Nothing is unpacked to the disk, no link is
    followed."""
    found = {}
    stored = os.path.getsize(path)
    with reading(path), tarfile.open(path, "r|*") as archive:
        for member in archive:
            name = os.path.basename(member.name)
            if name not in wanted:
                continue
            if not member.isreg() or name in found:
                raise ConversionError(f"{path}: {member.name} is no file, or there twice")
            if member.size > min(MOST_MEMBER_BYTES, DENSEST_PACKING * stored):
                raise ConversionError(f"{path}: {member.name} claims {member.size} bytes, in an archive of {stored}")
            found[name] = archive.extractfile(member).read()
            if len(found[name]) != member.size:
                raise ConversionError(f"{path}: {member.name} holds {len(found[name])} of {member.size} bytes")
    return found


def convert_cifar(inputs, file, labels="fine"):
    """Records of labels and an image, 1,024 bytes each of red, green and blue, rows from the top. CIFAR-10 has one label,
    CIFAR-100 a coarse and a fine one."""
    path = inputs["archive"]
    if labels not in CIFAR_LABELS:
        raise ConversionError(f"{path}: labels `{labels}`; expected {' or '.join(sorted(CIFAR_LABELS))}")
    members = read_members(path, sum([*CIFAR_10.values(), *CIFAR_100.values()], []))
    hundred = "train.bin" in members
    at, classes = CIFAR_LABELS[labels] if hundred else (0, 10)
    record = CIFAR_PIXELS + (2 if hundred else 1)
    for split, names in (CIFAR_100 if hundred else CIFAR_10).items():
        parts = []
        for name in names:
            if name not in members:
                raise ConversionError(f"{path}: there is no {name} in it")
            content = members.pop(name)
            if not content or len(content) % record:
                raise ConversionError(f"{path}: {name} has {len(content)} bytes, expected records of {record}")
            parts.append(np.frombuffer(content, np.uint8).reshape(-1, record))
        records = np.concatenate(parts)
        y = records[:, at]
        if y.max() >= classes:
            raise ConversionError(f"{path}: a label in {split} is {y.max()}, expected 0 to {classes - 1}")
        planes = records[:, record - CIFAR_PIXELS :].reshape(-1, 3, CIFAR_SIDE, CIFAR_SIDE)
        write_images(file, split, planes.transpose(0, 2, 3, 1), y)
    return classes


# --- SVHN --------------------------------------------------------------------------------------------------------


def convert_svhn(inputs, file):
    """Cropped digits: X of 32 x 32 x 3 x N bytes and y of N labels 1 to 10, of which 10 is the digit 0."""
    for split in ("train", "test"):
        path = inputs[split]
        arrays = read_arrays(path, ("X", "y"))
        images, labels = arrays["X"], arrays["y"].ravel()
        if images.ndim != 4 or images.shape[:3] != (32, 32, 3) or images.dtype != np.uint8:
            raise ConversionError(f"{path}: X is {images.shape} of {images.dtype}, expected 32 x 32 x 3 x N bytes")
        if len(labels) != images.shape[3] or not np.isin(labels, np.arange(1, 11)).all():
            raise ConversionError(f"{path}: y is no label from 1 to 10 for each of {images.shape[3]} images")
        write_images(file, split, np.moveaxis(images, 3, 0), labels % 10)
    return 10
