"""The kinds of raw files, and what reads them: a function of the files by role, the output, and the options of the registry's
entry as keywords. It returns the number of classes (0: regression)."""

from graphs import convert_graphsaint, convert_masked_npz, convert_npz, convert_ogb
from images import convert_cifar, convert_idx, convert_svhn
from planetoid import convert_planetoid
from standardised import convert_masked_csv, convert_rda, convert_table_csv
from tables import convert_csv, convert_libsvm

CONVERTERS = {
    "idx": convert_idx,
    "planetoid": convert_planetoid,
    "npz": convert_npz,
    "libsvm": convert_libsvm,
    "csv": convert_csv,
    "masked_npz": convert_masked_npz,
    "masked_csv": convert_masked_csv,
    "table_csv": convert_table_csv,
    "rda": convert_rda,
    "cifar": convert_cifar,
    "svhn": convert_svhn,
    "graphsaint": convert_graphsaint,
    "ogb": convert_ogb,
}
