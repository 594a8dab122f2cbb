"""Tables of numbers, standardised by their training rows."""

import gzip

import numpy as np

from container import ConversionError, reading, write
from rdata import read_frame

FOLDS = 10
FOLDS_SEED = 100


def write_answers(group, answers, rows, mean, deviation):
    """Targets are standardised, labels are not."""
    if answers.ndim == 2:
        write(group, "t", ((answers - mean) / deviation)[rows])
    else:
        write(group, "y", answers[rows].astype(np.int64))


def write_splits(file, x, answers, tests, kept=None):
    """`answers`: targets (rows x outputs) or labels (rows); `tests`: a mask of the test rows for each split. Columns get mean 0
    and variance 1 over the training rows, constant ones become 0; `kept` is a mask of columns left as they are. train and test
    are those of the first split; of several, rows holds all rows as published, and splits/K those that test in split K and what
    standardises them (the columns of x, then those of the targets)."""
    regression = answers.ndim == 2
    numbers = np.hstack([x, answers]) if regression else x
    kept = np.zeros(x.shape[1], dtype=bool) if kept is None else kept
    kept = np.concatenate([kept, np.zeros(numbers.shape[1] - x.shape[1], dtype=bool)])
    if len(tests) > 1:
        group = file.create_group("rows")
        write(group, "x", x, compress=True)
        write(group, "t" if regression else "y", answers if regression else answers.astype(np.int64))
    for k, test in enumerate(tests):
        mean, deviation = numbers[~test].mean(axis=0), numbers[~test].std(axis=0)
        mean = np.where(kept, 0, mean)
        deviation = np.where(kept | (deviation == 0), 1, deviation)
        if len(tests) > 1:
            split = file.create_group(f"splits/{k}")
            write(split, "test", np.flatnonzero(test).astype(np.int64))
            write(split, "mean", mean)
            write(split, "deviation", deviation)
        if k == 0:
            columns = x.shape[1]
            for name, rows in (("train", ~test), ("test", test)):
                group = file.create_group(name)
                write(group, "x", ((x - mean[:columns]) / deviation[:columns])[rows], compress=True)
                write_answers(group, answers, rows, mean[columns:], deviation[columns:])


def test_rows(rows, train, where):
    """What follows the first `train` rows tests; without a number, ten folds: fold k tests the entries k, k + 10, ... of a
    permutation of the rows."""
    if train is None:
        if rows < 2 * FOLDS:
            raise ConversionError(f"{where}: {rows} rows are too few for {FOLDS} folds")
        fold = np.empty(rows, dtype=np.int64)
        fold[np.random.RandomState(FOLDS_SEED).permutation(rows)] = np.arange(rows) % FOLDS
        return [fold == k for k in range(FOLDS)]
    if not str(train).isdecimal() or not 0 < int(train) < rows:
        raise ConversionError(f"{where}: `train: {train}` of {rows} rows; expected 1 to {rows - 1}")
    return [np.arange(rows) >= int(train)]


# --- Comma-separated ---------------------------------------------------------------------------------------------


def read_numbers(path):
    """Rows of comma-separated finite numbers, gzip or plain, without a header."""
    with reading(path):
        with open(path, "rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
        with gzip.open(path, "rt") if packed else open(path, encoding="utf-8") as lines:
            values = np.loadtxt(lines, delimiter=",", ndmin=2)
    if not np.isfinite(values).all():
        raise ConversionError(f"{path}: a number in it is not finite")
    return values


def convert_masked_csv(inputs, file):
    """The last column is the target; a column of the mask is a published split and says which rows test."""
    data, mask = read_numbers(inputs["data"]), read_numbers(inputs["test_mask"])
    if len(data) != len(mask) or not np.isin(mask, (0, 1)).all() or data.shape[1] < 2:
        raise ConversionError(f"{inputs['test_mask']}: {mask.shape}, expected a 0 or 1 for each of {len(data)} rows")
    for k, test in enumerate(mask.T == 1):
        if test.all() or not test.any():
            raise ConversionError(f"{inputs['test_mask']}: split {k} has no training or no test rows")
    write_splits(file, data[:, :-1], data[:, -1:], mask.T == 1)
    return 0


def convert_table_csv(inputs, file, train=None):
    """The last column is the label, 0, 1, ..., classes - 1."""
    path = inputs["data"]
    data = read_numbers(path)
    labels = data[:, -1]
    if data.shape[1] < 2 or (labels < 0).any() or (labels != np.floor(labels)).any() or labels.max() >= len(labels):
        raise ConversionError(f"{path}: expected labels 0, 1, ..., classes - 1 in the last column")
    write_splits(file, data[:, :-1], labels, test_rows(len(data), train, path))
    return int(labels.max()) + 1


# --- R -----------------------------------------------------------------------------------------------------------


def numeric_levels(column):
    """The levels of a factor as numbers, or None if they are words."""
    try:
        return np.array([float(level) for level in column.levels])
    except ValueError:
        return None


def convert_rda(inputs, file, train=None):
    """A data frame. The label is its only factor whose levels are words; classes are in the order of the levels. Factors whose
    levels are numbers (indicators) are taken as these numbers and not standardised."""
    path = inputs["data"]
    columns = read_frame(path)
    with reading(path):
        labels = [column for column in columns if column.levels is not None and numeric_levels(column) is None]
        if len(labels) != 1 or len(columns) < 2:
            raise ConversionError(f"{path}: {len(labels)} columns are factors whose levels are words; expected one, the label")
        others = [column for column in columns if column is not labels[0]]
        factor = np.array([column.levels is not None for column in others])
        x = np.column_stack(
            [column.values if column.levels is None else numeric_levels(column)[column.values] for column in others]
        )
    write_splits(file, x, labels[0].values, test_rows(len(x), train, path), kept=factor)
    return len(labels[0].levels)
