"""MATLAB's data files of version 5 (save -v6, save -v7): arrays of numbers by name. Written after MathWorks' "MAT-File Format".
Other classes (text, cells, objects, sparse) are refused when they are asked for."""

import math
import os
import zlib

import numpy as np

from container import DENSEST_PACKING, ConversionError, reading

HEADER_BYTES = 128
MOST_BYTES = 1 << 30  # of an element, unpacked
# Types of data elements.
NUMBERS = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
MATRIX, COMPRESSED = 14, 15
# Classes of arrays: what their numbers are, however they are stored.
CLASSES = {6: "f8", 7: "f4", 8: "i1", 9: "u1", 10: "i2", 11: "u2", 12: "i4", 13: "u4", 14: "i8", 15: "u8"}


class Elements:
    """Data elements one after the other in `content`."""

    def __init__(self, content, order):
        self.content = content
        self.order = order  # "little" or "big"
        self.at = 0

    def left(self):
        return len(self.content) - self.at

    def next(self):
        """Type and content of the next element; up to four bytes may lie in the tag itself."""
        tag = bytes(self.content[self.at : self.at + 8])
        if len(tag) < 8:
            raise ConversionError(f"ends with {len(tag)} bytes of an element's tag")
        first = int.from_bytes(tag[:4], self.order)
        if first >> 16:
            kind, size, begin, end = first & 0xFFFF, first >> 16, self.at + 4, self.at + 8
            if size > 4:
                raise ConversionError(f"a small element of {size} bytes")
        else:
            kind, size, begin = first, int.from_bytes(tag[4:], self.order), self.at + 8
            padded = size if kind == COMPRESSED else size + -size % 8
            end = begin + padded
        if begin + size > len(self.content):
            raise ConversionError(f"an element of {size} bytes where {len(self.content) - begin} are left")
        self.at = min(end, len(self.content))
        return kind, self.content[begin : begin + size]

    def numbers(self):
        kind, content = self.next()
        if kind not in NUMBERS:
            raise ConversionError(f"an element of type {kind} where numbers are expected")
        dtype = np.dtype(NUMBERS[kind]).newbyteorder("<" if self.order == "little" else ">")
        if len(content) % dtype.itemsize:
            raise ConversionError(f"{len(content)} bytes of numbers of {dtype.itemsize} bytes")
        return np.frombuffer(content, dtype)


def unpacked(content):
    stream = zlib.decompressobj()
    result = stream.decompress(content, min(MOST_BYTES, DENSEST_PACKING * (len(content) + 64)) + 1)
    if stream.unconsumed_tail or len(result) > MOST_BYTES:
        raise ConversionError(f"an element unpacks to more than {MOST_BYTES} bytes")
    return result


def read_array(content, order, wanted):
    """Name and values of an array; without values if its name is not in `wanted`."""
    parts = Elements(content, order)
    flags = parts.numbers()
    shape = tuple(int(n) for n in parts.numbers())
    name = parts.numbers().astype(np.uint8).tobytes().decode("ascii", "replace")
    if name not in wanted:
        return name, None
    kind = int(flags[0]) & 0xFF if flags.size else 0
    if kind not in CLASSES or int(flags[0]) & 0x800:
        raise ConversionError(f"{name} is no array of real numbers")
    values = parts.numbers()
    if len(shape) < 2 or min(shape) < 0 or math.prod(shape) != values.size:
        raise ConversionError(f"{name} says {shape}, but {values.size} numbers follow")
    return name, values.astype(CLASSES[kind]).reshape(shape, order="F")


def read_arrays(path, wanted):
    """The arrays `wanted`, by name."""
    with reading(path), open(path, "rb") as file:
        if os.path.getsize(path) > MOST_BYTES:
            raise ConversionError(f"{path}: {os.path.getsize(path)} bytes are more than {MOST_BYTES}")
        content = memoryview(file.read())
        ends = {b"IM": "little", b"MI": "big"}
        if bytes(content[126:128]) not in ends or len(content) < HEADER_BYTES:
            raise ConversionError(f"{path}: no MATLAB file of version 5")
        order = ends[bytes(content[126:128])]
        found = {}
        try:
            elements = Elements(content[HEADER_BYTES:], order)
            while elements.left() > 0:
                kind, element = elements.next()
                if kind == COMPRESSED:
                    kind, element = Elements(memoryview(unpacked(element)), order).next()
                if kind == MATRIX:
                    name, values = read_array(element, order, wanted)
                    if values is not None:
                        found[name] = values
        except ConversionError as error:
            raise ConversionError(f"{path}: {error}") from None
    for name in wanted:
        if name not in found:
            raise ConversionError(f"{path}: there is no array {name} in it")
    return found
