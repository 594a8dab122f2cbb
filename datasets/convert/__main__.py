"""Converts the raw files of a data set into the suite's own container (docs/reference/datasets.md, "Data file").

    python3 -I datasets/convert KIND --output data.h5 --name NAME --source SOURCE --sha256 LINES --input ROLE=PATH ...

KIND       roles
idx        train_images, train_labels, test_images, test_labels   (IDX, plain or gzip)
planetoid  x, y, tx, ty, allx, ally, graph, test_index            (Planetoid's pickles)
npz        graph                                                  (SciPy-CSR npz of gnn-benchmark)
libsvm     train, optional test                                   (LIBSVM text)
masked_npz graph                                                  (npz of heterophilous-graphs, with published splits)
masked_csv data, test_mask                                        (numbers of uci_datasets, gzip, with published splits)
table_csv  data                                                   (numbers, the last column the label; gzip or plain)
rda        data                                                   (a data frame of R)
cifar      archive                                                (the binary archives of CIFAR-10 and CIFAR-100)
svhn       train, test                                            (cropped digits, MATLAB 5)
graphsaint adjacency, features, classes, roles                    (npz, npy and JSON of GraphSAINT's sets)
ogb        archive                                                (zip of packed CSVs of an OGB node-property set)
csv        train, optional test                                   (comma-separated text)

Options: table_csv and rda have `train`, the number of rows that train; without it ten folds are drawn. cifar has `labels`,
fine (as it is without it) or coarse, which applies to CIFAR-100.

The output is the same bytes for the same input: no times are stored. Trouble is one line on stderr and exit code 1.
Called by datasets/convert.cpp, which checks hashes before and counts after.
"""

import argparse
import inspect
import sys

import h5py
import numpy as np

from container import ConversionError, fixed_text
from kinds import CONVERTERS


def main():
    parser = argparse.ArgumentParser(
        prog="convert", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("kind", choices=CONVERTERS)
    parser.add_argument("--output", required=True)
    parser.add_argument("--name", required=True)
    parser.add_argument("--source", required=True)
    parser.add_argument("--sha256", required=True, help="lines of the raw files' hashes, as sha256sum prints them")
    parser.add_argument("--input", action="append", required=True, metavar="ROLE=PATH")
    parser.add_argument("--option", action="append", default=[], metavar="NAME=VALUE", help="of the registry's entry")
    arguments = parser.parse_args()
    inputs = dict(item.split("=", 1) for item in arguments.input)
    try:
        with h5py.File(arguments.output, "w") as file:
            converter = CONVERTERS[arguments.kind]
            known = list(inspect.signature(converter).parameters)[2:]
            options = dict(item.split("=", 1) for item in arguments.option)
            for name in options:
                if name not in known:
                    raise ConversionError(f"kind {arguments.kind} has no option {name}; allowed: {', '.join(known) or 'none'}")
            classes = converter(inputs, file, **options)
            file.attrs["classes"] = np.int64(classes)
            for name in ("name", "source", "sha256"):
                file.attrs.create(name, *fixed_text(getattr(arguments, name)))
    except ConversionError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
