#!/usr/bin/env python3
"""datasets/convert on miniature files as CIFAR and SVHN publish them."""

import io
import tarfile
import unittest

import numpy as np
import scipy.io

from conversion import Folder

LARGE = 255.0


def pixels(number, seed):
    """`number` images of 32 x 32 x 3 bytes."""
    return np.random.RandomState(seed).randint(0, 256, (number, 32, 32, 3)).astype(np.uint8)


def inputs_of(images):
    """What a method sees: a row of pixels after the other, the colours of a pixel side by side."""
    return np.array([[image[row, column, colour] / LARGE for row in range(32) for column in range(32) for colour in range(3)]
                     for image in images])


def records(images, *labels):
    """The binary version: labels, then all red, all green and all blue bytes."""
    return b"".join(bytes(int(y[n]) for y in labels) + b"".join(image[:, :, colour].tobytes() for colour in range(3))
                    for n, image in enumerate(images))


class Cifar(Folder):
    def put(self, members, mode="w:gz", folder="cifar-binary/"):
        with tarfile.open(self.path("c.tar.gz"), mode) as archive:
            for name, content in members.items():
                entry = content if isinstance(content, tarfile.TarInfo) else tarfile.TarInfo(folder + name)
                if not isinstance(content, tarfile.TarInfo):
                    entry.size = len(content)
                archive.addfile(entry, None if isinstance(content, tarfile.TarInfo) else io.BytesIO(content))
        return "c.tar.gz"

    def ten(self):
        """Two images in each batch, labels 0 to 9 and 9, 0 in the test."""
        self.images = pixels(12, 1)
        labels = list(range(10)) + [9, 0]
        members = {"batches.meta.txt": b"airplane\n"}
        for n in range(5):
            members[f"data_batch_{n + 1}.bin"] = records(self.images[2 * n:2 * n + 2], labels[2 * n:2 * n + 2])
        members["test_batch.bin"] = records(self.images[10:], labels[10:])
        return members

    def hundred(self):
        self.images = pixels(3, 2)
        return {"train.bin": records(self.images[:2], [19, 0], [99, 7]), "test.bin": records(self.images[2:], [3], [42])}

    def test_ten(self):
        members = self.ten()
        found = self.converted("cifar", archive=self.put(members))
        np.testing.assert_array_equal(found["train/x"], inputs_of(self.images[:10]))
        np.testing.assert_array_equal(found["test/x"], inputs_of(self.images[10:]))
        self.assertEqual((found["train/y"].tolist(), found["test/y"].tolist()), (list(range(10)), [9, 0]))
        self.assertEqual(found["classes"], 10)
        # Batches are in the order of their numbers, wherever they are in the archive.
        again = self.converted("cifar", archive=self.put(dict(reversed(members.items()))))
        np.testing.assert_array_equal(again["train/y"], found["train/y"])

    def test_hundred_has_fine_and_coarse_labels(self):
        archive = self.put(self.hundred())
        fine = self.converted("cifar", archive=archive)
        coarse = self.converted("cifar", ["labels=coarse"], archive=archive)
        self.assertEqual((fine["train/y"].tolist(), fine["test/y"].tolist(), fine["classes"]), ([99, 7], [42], 100))
        self.assertEqual((coarse["train/y"].tolist(), coarse["test/y"].tolist(), coarse["classes"]), ([19, 0], [3], 20))
        for found in (fine, coarse):
            np.testing.assert_array_equal(found["train/x"], inputs_of(self.images[:2]))

    def test_damaged(self):
        good = self.ten()
        short = dict(good, **{"data_batch_3.bin": good["data_batch_3.bin"][:-1]})
        strange = dict(good, **{"test_batch.bin": records(self.images[10:], [10, 0])})
        missing = {name: content for name, content in good.items() if name != "data_batch_5.bin"}
        link = tarfile.TarInfo("cifar-binary/data_batch_2.bin")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        for said, members in (("data_batch_3.bin has 6145 bytes, expected records of 3073", short),
                              ("label in test is 10", strange), ("there is no data_batch_5.bin in it", missing),
                              ("data_batch_2.bin is no file", dict(good, **{"data_batch_2.bin": link}))):
            self.refused(said, "cifar", archive=self.put(members))
        self.refused("labels `rough`; expected coarse or fine", "cifar", ["labels=rough"], archive=self.put(good))
        with open(self.path("c.tar.gz"), "wb") as file:
            file.write(b"\x1f\x8b no archive")
        self.refused("damaged", "cifar", archive="c.tar.gz")

    def test_what_claims_more_than_it_holds_is_refused(self):
        claim = tarfile.TarInfo("train.bin")
        claim.size = 1 << 33
        with tarfile.open(self.path("c.tar"), "w") as archive:
            archive.addfile(tarfile.TarInfo("empty"))
            archive.fileobj.write(claim.tobuf())
        self.refused(f"claims {1 << 33} bytes", "cifar", archive="c.tar")


class Svhn(Folder):
    def put(self, name, images, labels, **options):
        arrays = {"X": np.moveaxis(images, 0, 3), "y": np.array(labels, dtype=np.uint8).reshape(-1, 1)}
        scipy.io.savemat(self.path(name), arrays, **options)
        return name

    def test_ten_is_the_digit_zero(self):
        images = pixels(5, 3)
        for options in ({}, {"do_compression": True}):
            found = self.converted("svhn", train=self.put("train.mat", images[:3], [10, 1, 9], **options),
                                   test=self.put("test.mat", images[3:], [2, 10], **options))
            np.testing.assert_array_equal(found["train/x"], inputs_of(images[:3]))
            np.testing.assert_array_equal(found["test/x"], inputs_of(images[3:]))
            self.assertEqual((found["train/y"].tolist(), found["test/y"].tolist()), ([0, 1, 9], [2, 0]))
            self.assertEqual(found["classes"], 10)

    def test_other_arrays_are_refused(self):
        images = pixels(2, 4)
        good = self.put("good.mat", images, [1, 2])
        for said, number, labels, dtype in (("y is no label", 2, [0, 1], np.uint8), ("y is no label", 2, [1, 2, 3], np.uint8),
                                            ("expected 32 x 32 x 3 x N bytes", 2, [1, 2], np.float64)):
            self.refused(said, "svhn", train=self.put("train.mat", images[:number].astype(dtype), labels), test=good)
        scipy.io.savemat(self.path("train.mat"), {"X": np.moveaxis(images, 0, 3), "z": [1]})
        self.refused("there is no array y in it", "svhn", train="train.mat", test=good)
        scipy.io.savemat(self.path("train.mat"), {"X": np.array(["a"], dtype=object), "y": [1]})
        self.refused("X is no array of real numbers", "svhn", train="train.mat", test=good)

    def test_damaged(self):
        images = pixels(2, 5)
        good = self.put("good.mat", images, [1, 2])
        with open(self.path(self.put("train.mat", images, [1, 2], do_compression=True)), "rb") as file:
            packed = file.read()
        with open(self.path(good), "rb") as file:
            plain = file.read()
        header = plain[:128]
        tag = (lambda kind, size: kind.to_bytes(4, "little") + size.to_bytes(4, "little"))
        array = tag(6, 8) + tag(9, 0) + tag(5, 16) + b"".join(n.to_bytes(4, "little") for n in (32, 32, 3, 1 << 30)) + \
            tag(1, 1) + b"X".ljust(8, b"\0") + tag(2, 8) + bytes(8)
        for said, content in (("no MATLAB file of version 5", b"MATLAB 7.3".ljust(512)), ("no MATLAB file", b""),
                              ("train.mat: an element of", packed[:200]),
                              ("an element of 4294967040 bytes", header + tag(14, 0xFFFFFF00)),
                              ("says (32, 32, 3, 1073741824), but 8 numbers follow", header + tag(14, len(array)) + array),
                              ("ends with 4 bytes", header + bytes(4)), ("damaged", header + tag(15, 8) + b"no zlib.")):
            with open(self.path("train.mat"), "wb") as file:
                file.write(content)
            self.refused(said, "svhn", train="train.mat", test=good)


if __name__ == "__main__":
    unittest.main()
