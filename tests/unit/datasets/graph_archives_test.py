#!/usr/bin/env python3
"""datasets/convert on miniature files as GraphSAINT and the Open Graph Benchmark publish them."""

import gzip
import io
import json
import unittest
import zipfile

import numpy as np
import scipy.sparse as sp

from conversion import Folder

# Five nodes: 0 - 1, 1 - 2, 3 - 4, and 2 with itself.
EDGES = [(0, 1), (1, 2), (2, 2), (3, 4)]
FEATURES = np.arange(10.0).reshape(5, 2) - 3
LABELS = [0, 2, 1, 0, 2]


def check(test, found):
    test.assertEqual(found["graph/edges"].tolist(), [[0, 1, 2, 3], [1, 2, 2, 4]])
    x = sp.csr_matrix((found["nodes/x/data"], found["nodes/x/indices"], found["nodes/x/indptr"]), shape=(5, 2))
    np.testing.assert_array_equal(x.toarray(), FEATURES)
    test.assertEqual((found["nodes/y"].tolist(), found["classes"]), (LABELS, 3))
    test.assertEqual([found[f"split/{part}"].tolist() for part in ("train", "val", "test")], [[0, 4], [2], [1]])


class GraphSaint(Folder):
    def put(self, x=FEATURES, classes=None, roles=None, directions=2):
        row, col = np.array(EDGES).T
        ends = (np.concatenate([row, col]), np.concatenate([col, row])) if directions == 2 else (row, col)
        adjacency = sp.csr_matrix((np.ones(len(ends[0])), ends), shape=(5, 5))
        sp.save_npz(self.path("adj_full.npz"), adjacency)
        np.save(self.path("feats.npy"), x)
        files = {"class_map.json": classes or {str(n): LABELS[n] for n in (3, 0, 1, 4, 2)},
                 "role.json": roles or {"tr": [4, 0], "va": [2], "te": [1]}}
        for name, value in files.items():
            with open(self.path(name), "w") as file:
                file.write(value if isinstance(value, str) else json.dumps(value))
        return {"adjacency": "adj_full.npz", "features": "feats.npy", "classes": "class_map.json", "roles": "role.json"}

    def test_graph(self):
        for directions in (1, 2):
            check(self, self.converted("graphsaint", **self.put(directions=directions)))

    def test_wrong_files_are_refused(self):
        infinite = np.where(FEATURES == 0, np.inf, FEATURES)
        for said, changes in (("expected features of 5 nodes", {"x": FEATURES[:4]}), ("not finite", {"x": infinite}),
                              ("expected one class", {"classes": {"0": 0}}),
                              ("expected one class", {"classes": {str(n): -1 for n in range(5)}}),
                              ("nodes from 0 to 4", {"classes": {str(n): 0 for n in range(1, 6)}}),
                              ("expected the keys tr, va and te", {"roles": {"tr": [0]}}),
                              ("in two parts of the split", {"roles": {"tr": [0], "va": [0], "te": [1]}}),
                              ("nodes from 0 to 4", {"roles": {"tr": [0], "va": [5], "te": [1]}}),
                              ("list of node numbers", {"roles": {"tr": ["a"], "va": [5], "te": [1]}}),
                              ("expected an object", {"roles": "[1, 2]"}), ("damaged", {"roles": "{"})):
            self.refused(said, "graphsaint", **self.put(**changes))

    def test_features_that_the_file_is_too_small_for_are_refused(self):
        inputs = self.put()
        with open(self.path("feats.npy"), "wb") as file:
            np.lib.format.write_array_header_1_0(file, {"descr": "<f8", "fortran_order": False, "shape": (5, 10**11)})
            file.write(bytes(80))
        self.refused("feats.npy: damaged", "graphsaint", **inputs)
        np.save(self.path("feats.npy"), np.array([object()]), allow_pickle=True)
        self.refused("feats.npy: damaged", "graphsaint", **inputs)


class OpenGraphBenchmark(Folder):
    def put(self, **changes):
        files = {"raw/node-feat": FEATURES.tolist(), "raw/node-label": [[y] for y in LABELS],
                 "raw/edge": [EDGES[n][::-1] if n == 1 else EDGES[n] for n in (3, 1, 0, 2)], "raw/num-node-list": [[5]],
                 "split/time/train": [[4], [0]], "split/time/valid": [[2]], "split/time/test": [[1]], **changes}
        with zipfile.ZipFile(self.path("arxiv.zip"), "w") as archive:
            for name, rows in files.items():
                if rows is not None:
                    text = rows if isinstance(rows, bytes) else "".join(",".join(map(str, row)) + "\n" for row in rows).encode()
                    archive.writestr(f"arxiv/{name}.csv.gz", gzip.compress(text))
        return "arxiv.zip"

    def test_graph(self):
        check(self, self.converted("ogb", archive=self.put()))

    def test_wrong_files_are_refused(self):
        for said, changes in (("0 files in it are called raw/edge.csv.gz", {"raw/edge": None}),
                              ("2 files in it are called train.csv.gz", {"split/random/train": [[3]]}),
                              ("edges (1, 3)", {"raw/edge": [(0, 1, 2)]}), ("nodes from 0 to 4", {"raw/edge": [(0, 5)]}),
                              ("labels (4, 1)", {"raw/node-label": [[0]] * 4}), ("labels (5, 1)", {"raw/node-label": [[9]] * 5}),
                              ("not finite", {"raw/node-feat": [["nan", 1]] * 5}),
                              ("node-feat.csv.gz: ", {"raw/node-feat": [["a", 1]] * 5}),
                              ("in two parts", {"split/time/valid": [[4]]}), ("each once", {"split/time/valid": [[2], [2]]})):
            self.refused(said, "ogb", archive=self.put(**changes))

    def test_what_claims_more_than_it_holds_is_refused(self):
        self.put()
        with open(self.path("arxiv.zip"), "rb") as file:
            content = file.read()
        directory = zipfile.ZipFile(io.BytesIO(content)).start_dir
        claimed = bytearray(content)
        at = claimed.index(b"PK\x01\x02", directory)
        claimed[at + 24:at + 28] = (0xFFFFFFF0).to_bytes(4, "little")  # size of the first member, node-feat
        with open(self.path("arxiv.zip"), "wb") as file:
            file.write(claimed)
        self.refused("claims 4294967280 bytes", "ogb", archive="arxiv.zip")


if __name__ == "__main__":
    unittest.main()
