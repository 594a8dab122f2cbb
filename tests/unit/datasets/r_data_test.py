#!/usr/bin/env python3
"""datasets/convert on miniature data frames as R's save() writes them, tables with labels, and those of Debian's packages."""

import bz2
import gzip
import lzma
import struct
import unittest

import numpy as np

from conversion import Folder, published

END = struct.pack(">i", 254)


def integer(value):
    return struct.pack(">i", value)


def text(value):
    content = value.encode()
    return integer(9 | 64 << 12) + integer(len(content)) + content


def texts(values):
    return integer(16) + integer(len(values)) + b"".join(map(text, values))


def numbers(values, attributes=b""):
    whole = all(isinstance(value, int) for value in values)
    flags = 0x200 if attributes else 0
    return (integer((13 if whole else 14) | flags) + integer(len(values)) +
            struct.pack(f">{len(values)}{'i' if whole else 'd'}", *values) + attributes)


class Writer:
    """Pairs with names; a name's second appearance is a reference to the first."""

    def __init__(self):
        self.known = []

    def symbol(self, name):
        if name in self.known:
            return integer(255 | (self.known.index(name) + 1) << 8)
        self.known.append(name)
        return integer(1) + text(name)

    def pairs(self, **values):
        return b"".join(integer(2 | 0x400) + self.symbol(name) + value for name, value in values.items()) + END

    def factor(self, codes, levels):
        attributes = integer(2 | 0x400) + self.symbol("levels") + texts(levels)
        return numbers(codes, attributes + integer(2 | 0x400) + self.symbol("class") + texts(["factor"]) + END)


def frame(columns, header=b"RDX2\nX\n" + integer(2) + bytes(8)):
    """`columns`: name: numbers, or (codes, levels)."""
    writer = Writer()
    start = integer(2 | 0x400) + writer.symbol("mini")
    items = [writer.factor(*values) if isinstance(values, tuple) else numbers(values) for values in columns.values()]
    attributes = writer.pairs(names=texts(list(columns)), **{"row.names": numbers([-(1 << 31), -len(items)]),
                                                             "class": texts(["data.frame"])})
    return header + start + integer(19 | 0x200) + integer(len(items)) + b"".join(items) + attributes + END


GOOD = {"size": [1.0, 3.0, 5.0, 100.0], "kind": ([2, 1, 2, 3], ["pear", "apple", "fig"]), "count": [2, 2, 2, 9],
        "green": ([1, 2, 1, 2], ["0", "1"])}


class DataFrames(Folder):
    def put(self, content, name="mini.rda"):
        with open(self.path(name), "wb") as file:
            file.write(content)
        return name

    def test_label_is_the_factor_with_words_and_numbers_are_standardised(self):
        found = self.converted("rda", ["train=3"], data=self.put(frame(GOOD)))
        one = np.sqrt(1.5)  # (5 - 3) over the deviation of 1, 3, 5
        np.testing.assert_allclose(found["train/x"], [[-one, 0, 0], [0, 0, 1], [one, 0, 0]], atol=1e-15)
        np.testing.assert_allclose(found["test/x"], [[97 / np.sqrt(8 / 3), 7, 1]], rtol=1e-15)
        self.assertEqual((found["train/y"].tolist(), found["test/y"].tolist(), found["classes"]), ([1, 0, 1], [2], 3))
        self.assertFalse(any(name.startswith("splits") for name in found))

    def test_packings_and_versions_say_the_same(self):
        plain = frame(GOOD)
        third = frame(GOOD, b"RDX3\nX\n" + integer(3) + bytes(8) + integer(5) + b"UTF-8")
        expected = self.converted("rda", ["train=3"], data=self.put(plain))
        for content in (gzip.compress(plain), bz2.compress(plain), lzma.compress(plain), third):
            found = self.converted("rda", ["train=3"], data=self.put(content))
            self.assertEqual(found.keys(), expected.keys())
            for name, value in expected.items():
                np.testing.assert_array_equal(found[name], value, name)

    def test_ten_folds_without_a_number_of_training_rows(self):
        rows = 43
        columns = {"n": [float(n * n) for n in range(rows)], "kind": ([n % 2 + 1 for n in range(rows)], ["a", "b"])}
        found = self.converted("rda", data=self.put(frame(columns)))
        order = np.random.RandomState(100).permutation(rows).tolist()
        for k in range(10):
            test = sorted(order[k::10])
            train = np.delete(np.arange(rows), test).astype(float) ** 2
            self.assertEqual(found[f"splits/{k}/test"].tolist(), test)
            np.testing.assert_array_equal(found[f"splits/{k}/mean"], [train.mean()])
            np.testing.assert_array_equal(found[f"splits/{k}/deviation"], [train.std()])
        self.assertEqual(found["rows/y"].tolist(), [n % 2 for n in range(rows)])
        self.assertEqual(found["test/y"].tolist(), [n % 2 for n in sorted(order[::10])])

    def test_what_is_no_table_is_refused(self):
        two = dict(GOOD, green=([1, 2, 1, 2], ["no", "yes"]))
        none = {"size": GOOD["size"], "count": GOOD["count"]}
        lengths = dict(GOOD, count=[1, 2])
        missing, infinite = dict(GOOD, count=[1, -(1 << 31), 2, 2]), dict(GOOD, size=[1.0, 2.0, 3.0, np.inf])
        beyond = dict(GOOD, kind=([2, 1, 4, 3], ["pear", "apple", "fig"]))
        for said, content in (("2 columns are factors whose levels are words", frame(two)),
                              ("0 columns are factors", frame(none)), ("columns of [2, 4] rows", frame(lengths)),
                              ("column count has a missing value", frame(missing)),
                              ("column size has a missing value", frame(infinite)),
                              ("kind is a factor with values beyond its 3 levels", frame(beyond)),
                              ("does not begin as", frame(GOOD, b"RDA2\nA\n" + integer(2) + bytes(8))),
                              ("version 4", frame(GOOD, b"RDX3\nX\n" + integer(4) + bytes(8)))):
            self.refused(said, "rda", ["train=3"], data=self.put(content))

    def test_what_claims_more_than_it_holds_is_refused(self):
        header = b"RDX2\nX\n" + integer(2) + bytes(8) + integer(2 | 0x400) + integer(1) + text("a")
        huge = (1 << 31) - 1
        for said, rest in (("bytes are wanted", integer(14) + integer(huge)), ("bytes are wanted", integer(13) + integer(-4)),
                           (f"a list of {huge} items", integer(19) + integer(huge)),
                           ("a list of -1 items", integer(16) + integer(-1)),
                           ("deeper than", (integer(19) + integer(1)) * 100),
                           ("R's type 6", integer(6)), ("reference to symbol 7 of 1", integer(255 | 7 << 8))):
            self.refused(said, "rda", data=self.put(header + rest))
        for packed in (gzip.compress, bz2.compress, lzma.compress):
            content = packed(frame(GOOD))
            self.refused("ends before all of it is unpacked", "rda", data=self.put(content[:-20]))
        zeros = lzma.LZMACompressor()
        bomb = b"".join(zeros.compress(bytes(1 << 20)) for _ in range(257)) + zeros.flush()
        self.assertLess(len(bomb), 1 << 20)
        self.refused("unpacks to more than", "rda", data=self.put(bomb))

    def test_options(self):
        for said, option in (("`train: 4` of 4 rows", "train=4"), ("`train: x`", "train=x"), ("`train: 0`", "train=0")):
            self.refused(said, "rda", [option], data=self.put(frame(GOOD)))
        done = self.convert("rda", ["rows=3"], data=self.put(frame(GOOD)))
        self.assertEqual((done.returncode, done.stderr), (1, "kind rda has no option rows; allowed: train\n"))
        self.refused("4 rows are too few for 10 folds", "rda", data=self.put(frame(GOOD)))


class Tables(Folder):
    def put(self, rows):
        with gzip.open(self.path("mini.csv.gz"), "wt") as file:
            file.write("\n".join(",".join(map(str, row)) for row in rows) + "\n")
        return "mini.csv.gz"

    def test_last_column_is_the_label(self):
        found = self.converted("table_csv", ["train=2"], data=self.put([[1, 7, 0], [3, 7, 2], [8, 7, 1]]))
        np.testing.assert_array_equal(found["train/x"], [[-1, 0], [1, 0]])
        np.testing.assert_array_equal(found["test/x"], [[6, 0]])
        self.assertEqual((found["train/y"].tolist(), found["test/y"].tolist(), found["classes"]), ([0, 2], [1], 3))

    def test_other_labels_are_refused(self):
        for label in (-1, 0.5, 3):
            self.refused("expected labels 0, 1, ...", "table_csv", ["train=2"], data=self.put([[1, 0], [2, 1], [3, label]]))


class OfPackages(Folder):
    """The published split is the order of the rows: class counts of both parts as StatLog and UCI give them."""

    def load(self, name, kind, folder, file, options=()):
        return self.converted(kind, options, data=published(self, name, [file], folder)[0])

    def mlbench(self, name, file, train):
        found = self.load(name, "rda", "/usr/lib/R/site-library/mlbench/data", file, [f"train={train}"])
        return [np.bincount(found[f"{part}/y"]).tolist() for part in ("train", "test")], found["train/x"].shape[1]

    def test_satellite(self):
        self.assertEqual(self.mlbench("satellite", "Satellite.rda", 4435),
                         ([[1072, 479, 961, 415, 470, 1038], [461, 224, 397, 211, 237, 470]], 36))

    def test_shuttle(self):
        self.assertEqual(self.mlbench("shuttle", "Shuttle.rda", 43500),
                         ([[34108, 37, 132, 6748, 2458, 6, 11], [11478, 13, 39, 2155, 809, 4, 2]], 9))

    def test_dna(self):
        self.assertEqual(self.mlbench("dna", "DNA.rda", 2000), ([[464, 485, 1051], [303, 280, 603]], 180))
        found = self.load("dna", "rda", "/usr/lib/R/site-library/mlbench/data", "DNA.rda", ["train=2000"])
        self.assertEqual(set(np.unique(found["train/x"])), {0, 1})

    def test_letter(self):
        counts, features = self.mlbench("letter", "LetterRecognition.rda", 16000)
        whole = [789, 766, 736, 805, 768, 775, 773, 734, 755, 747, 739, 761, 792, 783, 753, 803, 783, 758, 748, 796, 813, 764,
                 752, 787, 786, 734]
        self.assertEqual((np.sum(counts, axis=0).tolist(), sum(counts[1]), features), (whole, 4000, 16))

    def test_spam(self):
        found = self.load("spam", "rda", "/usr/lib/R/site-library/kernlab/data", "spam.rda")
        self.assertEqual((np.bincount(found["rows/y"]).tolist(), found["rows/x"].shape), ([2788, 1813], (4601, 57)))

    def test_digits(self):
        found = self.load("digits", "table_csv", "/usr/lib/python3/dist-packages/sklearn/datasets/data", "digits.csv.gz")
        self.assertEqual(np.bincount(found["rows/y"]).tolist(), [178, 182, 177, 183, 181, 182, 181, 179, 174, 180])
        self.assertEqual((found["rows/x"].shape, found["rows/x"].min(), found["rows/x"].max()), ((1797, 64), 0, 16))


if __name__ == "__main__":
    unittest.main()
