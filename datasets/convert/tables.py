"""Text files of labelled samples: LIBSVM and comma-separated."""

import numpy as np

from container import MOST_ENTRIES, MOST_FEATURES, ConversionError, reading, write_samples


def class_number(text, where):
    """An integer label; "+1", "3" and "3.0" are integers."""
    try:
        value = float(text)
    except ValueError:
        value = np.nan
    if not np.isfinite(value) or value != int(value):
        raise ConversionError(f"{where}: the label is {text!r}, expected an integer (regression: use a data.h5)")
    if abs(value) >= 2**53:
        raise ConversionError(f"{where}: the label is {text!r}, expected a class")
    return int(value)


def finite_number(text, where):
    try:
        value = float(text)
    except ValueError:
        raise ConversionError(f"{where}: {text!r} is not a number") from None
    if not np.isfinite(value):
        raise ConversionError(f"{where}: {text!r} is not a finite number")
    return value


def read_libsvm(path):
    """Lines `label index:value ...`, indices from 1; text after # is a comment."""
    labels, rows, cols, values = [], [], [], []
    with reading(path), open(path, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            words = line.split("#", 1)[0].split()
            if not words:
                continue
            where = f"{path}: line {number}"
            seen = set()
            for word in words[1:]:
                index, colon, value = word.partition(":")
                if not colon or not index.isdecimal() or int(index) < 1 or int(index) in seen:
                    raise ConversionError(f"{where}: {word!r}: expected index:value with indices from 1, each once")
                if int(index) > MOST_FEATURES:
                    raise ConversionError(f"{where}: {word!r}: expected indices up to {MOST_FEATURES}")
                seen.add(int(index))
                rows.append(len(labels))
                cols.append(int(index) - 1)
                values.append(finite_number(value, where))
            labels.append(class_number(words[0], where))
    if not labels:
        raise ConversionError(f"{path}: there is no sample in it")
    return np.array(labels, dtype=np.int64), np.array(rows, dtype=np.int64), np.array(cols, dtype=np.int64), values


def convert_libsvm(inputs, file):
    parts = {split: read_libsvm(path) for split, path in inputs.items()}
    features = max(int(cols.max(initial=-1)) + 1 for _, _, cols, _ in parts.values())
    known = np.unique(parts["train"][0])  # sorted: label number c becomes class c
    for split, (labels, rows, cols, values) in parts.items():
        strange = np.setdiff1d(labels, known)
        if len(strange):
            raise ConversionError(f"{inputs[split]}: label {strange[0]} is not among those of {inputs['train']}")
        if len(labels) * features > MOST_ENTRIES:
            raise ConversionError(f"{inputs[split]}: {len(labels)} samples of {features} features are too many in dense form")
        x = np.zeros((len(labels), features))
        x[rows, cols] = values
        write_samples(file, split, x, np.searchsorted(known, labels))
    return len(known)


def read_csv(path):
    """Rows of numbers, with or without a header row; returns features and labels."""
    with reading(path), open(path, encoding="utf-8-sig") as text:
        lines = [(number, line.strip().split(",")) for number, line in enumerate(text, 1) if line.strip()]
    if not lines:
        raise ConversionError(f"{path}: there is no sample in it")

    def is_number(word):
        try:
            float(word)
        except ValueError:
            return False
        return True

    columns = len(lines[0][1])
    label = columns - 1
    if not any(is_number(word) for word in lines[0][1]):
        header = [word.strip().strip('"').lower() for word in lines.pop(0)[1]]
        named = [column for column, word in enumerate(header) if word in ("label", "y", "class")]
        if len(named) > 1:
            raise ConversionError(f"{path}: line 1: more than one column is named label, y or class")
        label = named[0] if named else label
    if columns < 2 or not lines:
        raise ConversionError(f"{path}: expected samples of at least one feature and the label, separated by commas")

    x, y = np.empty((len(lines), columns - 1)), np.empty(len(lines), dtype=np.int64)
    for row, (number, words) in enumerate(lines):
        where = f"{path}: line {number}"
        if len(words) != columns:
            raise ConversionError(f"{where}: {len(words)} columns, expected {columns}")
        y[row] = class_number(words[label], where)
        if y[row] < 0:
            raise ConversionError(f"{where}: the label is {y[row]}, expected 0, 1, ..., classes - 1")
        features = words[:label] + words[label + 1 :]
        x[row] = [finite_number(word, where) for word in features]
    return x, y


def convert_csv(inputs, file):
    classes = 0
    for split, path in inputs.items():
        x, y = read_csv(path)
        write_samples(file, split, x, y)
        classes = max(classes, int(y.max()) + 1)
    return classes
