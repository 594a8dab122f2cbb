"""R's data files (.rda): what save() writes in XDR form, versions 2 and 3, plain or packed by gzip, bzip2 or xz. Data frames
of numbers and factors are read; other objects are refused by their type. Written after "Serialization Formats" of R Internals."""

import bz2
import dataclasses
import lzma
import zlib

import numpy as np

from container import ConversionError, reading

MOST_BYTES = 1 << 28  # unpacked
MOST_DICTIONARY = 1 << 27  # of an xz file
DEEPEST = 32  # lists in lists
NOT_AVAILABLE = -(1 << 31)  # R's NA among integers

# The types that occur in data frames.
NIL, GLOBAL_ENVIRONMENT, REFERENCE = 254, 253, 255
SYMBOL, PAIRS, TEXT, LOGICAL, INTEGER, REAL, TEXTS, LIST = 1, 2, 9, 10, 13, 14, 16, 19
NUMBERS = {LOGICAL: ">i4", INTEGER: ">i4", REAL: ">f8"}


@dataclasses.dataclass
class Vector:
    """Numbers, texts or a list, with its attributes by name."""

    values: object
    attributes: dict


class Reader:
    def __init__(self, content):
        self.content = content
        self.at = 0
        self.symbols = []  # in the order of appearance: later ones are references to them

    def take(self, size):
        if size < 0 or size > len(self.content) - self.at:
            raise ConversionError(f"{size} bytes are wanted where {len(self.content) - self.at} are left")
        self.at += size
        return self.content[self.at - size : self.at]

    def integer(self):
        return int.from_bytes(self.take(4), "big", signed=True)

    def header(self):
        if self.take(7) not in (b"RDX2\nX\n", b"RDX3\nX\n"):
            raise ConversionError("does not begin as the XDR form of R's save()")
        version = self.integer()
        self.take(8)  # of the R that wrote it, and the oldest that reads it
        if version == 3:
            self.take(self.integer())  # the encoding
        elif version != 2:
            raise ConversionError(f"version {version} of R's data files; expected 2 or 3")

    def attributes(self, depth):
        pairs = self.item(depth + 1)
        if pairs is not None and not isinstance(pairs, dict):
            raise ConversionError("attributes that are no list of pairs")
        return pairs or {}

    def pairs(self, flags, depth):
        """Tagged values up to the end of the list."""
        found = {}
        while True:
            if flags & 0x200:
                self.attributes(depth)
            tag = self.item(depth + 1) if flags & 0x400 else None
            found[tag if isinstance(tag, str) else len(found)] = self.item(depth + 1)
            flags = self.integer() & 0xFFFFFFFF
            if flags & 0xFF == NIL:
                return found
            if flags & 0xFF != PAIRS:
                raise ConversionError(f"a list of pairs ends with an object of type {flags & 0xFF}")

    def text(self):
        size = self.integer()
        return None if size == -1 else self.take(size).decode("utf-8", "replace")

    def symbol(self):
        self.integer()
        self.symbols.append(self.text())
        return self.symbols[-1]

    def reference(self, flags):
        number = flags >> 8 or self.integer()
        if not 1 <= number <= len(self.symbols):
            raise ConversionError(f"reference to symbol {number} of {len(self.symbols)}")
        return self.symbols[number - 1]

    def vector(self, kind, flags, depth):
        if kind not in NUMBERS and kind not in (TEXTS, LIST):
            raise ConversionError(f"an object of R's type {kind}, of which no table consists")
        size = self.integer()
        if kind in NUMBERS:
            values = np.frombuffer(self.take(size * np.dtype(NUMBERS[kind]).itemsize), NUMBERS[kind])
        else:
            if not 0 <= size <= (len(self.content) - self.at) // 4:  # an item takes four bytes at least
                raise ConversionError(f"a list of {size} items where {len(self.content) - self.at} bytes are left")
            values = [self.item(depth + 1) for _ in range(size)]
        return Vector(values, self.attributes(depth) if flags & 0x200 else {})

    def item(self, depth=0):
        if depth > DEEPEST:
            raise ConversionError(f"lists in lists, deeper than {DEEPEST}")
        flags = self.integer() & 0xFFFFFFFF
        kind = flags & 0xFF
        if kind in (NIL, GLOBAL_ENVIRONMENT):
            return None
        if kind == REFERENCE:
            return self.reference(flags)
        if kind == SYMBOL:
            return self.symbol()
        if kind == PAIRS:
            return self.pairs(flags, depth)
        if kind == TEXT:
            return self.text()
        return self.vector(kind, flags, depth)


def unpacked(content):
    """The content of a file that may be packed."""
    if content.startswith(b"\x1f\x8b"):
        stream = zlib.decompressobj(wbits=31)
    elif content.startswith(b"BZh"):
        stream = bz2.BZ2Decompressor()
    elif content.startswith(b"\xfd7zXZ\0"):
        stream = lzma.LZMADecompressor(memlimit=MOST_DICTIONARY)
    else:
        return content
    result = stream.decompress(content, MOST_BYTES + 1)
    if len(result) > MOST_BYTES:
        raise ConversionError(f"unpacks to more than {MOST_BYTES} bytes")
    if not stream.eof:
        raise ConversionError("ends before all of it is unpacked")
    return result


@dataclasses.dataclass
class Column:
    name: str
    values: np.ndarray  # numbers, or for factors 0, 1, ... by their level
    levels: list  # of a factor, else None


def read_column(name, vector):
    if not isinstance(vector, Vector) or not isinstance(vector.values, np.ndarray):
        raise ConversionError(f"column {name} holds neither numbers nor a factor")
    levels = vector.attributes.get("levels")
    whole = vector.values.dtype.kind == "i"
    values = vector.values.astype(np.int64 if whole else np.float64)
    if (values == NOT_AVAILABLE).any() if whole else not np.isfinite(values).all():
        raise ConversionError(f"column {name} has a missing value")
    if levels is None:
        return Column(name, values.astype(np.float64), None)
    known = levels.values if isinstance(levels, Vector) and isinstance(levels.values, list) else []
    if not whole or not known or values.min(initial=1) < 1 or values.max(initial=1) > len(known):
        raise ConversionError(f"column {name} is a factor with values beyond its {len(known)} levels")
    return Column(name, values - 1, [str(level) for level in known])


def read_frame(path):
    """The columns of the only data frame in the file."""
    with reading(path), open(path, "rb") as file:
        try:
            reader = Reader(unpacked(file.read(MOST_BYTES)))
            reader.header()
            objects = reader.item()
            if not isinstance(objects, dict) or len(objects) != 1:
                raise ConversionError("expected one object, a data frame")
            frame = next(iter(objects.values()))
            names = frame.attributes.get("names") if isinstance(frame, Vector) else None
            if names is None or not isinstance(frame.values, list) or len(names.values) != len(frame.values):
                raise ConversionError("the object is no data frame")
            columns = [read_column(name, vector) for name, vector in zip(names.values, frame.values)]
        except ConversionError as error:
            raise ConversionError(f"{path}: {error}") from None
    sizes = {len(column.values) for column in columns}
    if len(sizes) != 1 or sizes == {0}:
        raise ConversionError(f"{path}: columns of {sorted(sizes)} rows")
    return columns
