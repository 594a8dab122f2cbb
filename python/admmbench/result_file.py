"""Result files of the suite (docs/reference/results.md): read with every check, and written."""

import hashlib
import math
import os
import pathlib
import secrets
from dataclasses import dataclass, field

import numpy as np

from admmbench import config_text
from admmbench.words import needs

h5py = needs("h5py", "python3-h5py", "reading or writing result files")

SCHEMA = 2
TEXTS = ("experiment", "dataset", "solver", "label", "precision", "config", "config_sha256", "content_hash", "code_version",
         "data_sha256", "git_commit", "host", "cpu", "blas", "started_at", "message")
COUNTS = ("train_samples", "val_samples", "test_samples")
STATUSES = ("completed", "stopped", "diverged", "failed", "interrupted")
FINISHED = ("completed", "stopped")
COMPLETE = ("completed", "stopped", "diverged")
LONGEST_TEXT = 60_000


class Damaged(Exception):
    """What is wrong with a result file, in words."""


def safe_name(name):
    """Whether a name leads nowhere else and steers no terminal."""
    parts = name.split("/")
    return bool(name) and not any(part in ("", ".", "..") for part in parts) and not any(c < " " or c == "\x7f" for c in name)


# --- the checksum: SHA-256 of names, types, shapes and bytes of all that is in the file, in the order of the names

_HAS_ORDER = (h5py.h5t.INTEGER, h5py.h5t.FLOAT)


def _kind(type_id):
    order = type_id.get_order() if type_id.get_class() in _HAS_ORDER else 4 if type_id.get_class() == h5py.h5t.STRING else -1
    return f"{type_id.get_class()}:{type_id.get_size()}:{order}"


def _points_elsewhere(type_id):
    return any(type_id.detect_class(kind) for kind in (h5py.h5t.VLEN, h5py.h5t.REFERENCE)) or (
        type_id.get_class() == h5py.h5t.STRING and type_id.is_variable_str())


def _sorted(names):
    return sorted((name if isinstance(name, bytes) else name.encode("utf-8", "surrogateescape") for name in names))


class _Digest:
    def __init__(self, left_out):
        self.left_out, self.sha, self.seen = left_out, hashlib.sha256(), set()

    def line(self, text):
        self.sha.update((text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape")) + b"\n")

    def visit(self, file_id, name):
        object_id = h5py.h5o.open(file_id, name)
        info = h5py.h5o.get_info(object_id)
        if info.addr in self.seen:
            self.line(name + b" again")
        elif isinstance(object_id, h5py.h5g.GroupID):
            self.seen.add(info.addr)
            self.line(name + b" group")
            self.attributes(object_id, name)
            for member in _sorted(object_id):
                link = object_id.links.get_info(member)
                full = (b"" if name == b"/" else name) + b"/" + member
                if link.type != h5py.h5l.TYPE_HARD:
                    raise Damaged(f"{full.decode(errors='replace')} is a link, which is not followed")
                self.visit(file_id, full)
        elif isinstance(object_id, h5py.h5d.DatasetID):
            self.seen.add(info.addr)
            self.dataset(object_id, name)
            self.attributes(object_id, name)
        else:
            self.line(name + b" type")

    def attributes(self, object_id, name):
        names = []
        h5py.h5a.iterate(object_id, names.append)
        for attribute in _sorted(names):
            if name != b"/" or attribute != self.left_out:
                self.attribute(h5py.h5a.open(object_id, attribute), b"attribute " + attribute + b" of " + name)

    def attribute(self, opened, label):
        type_id, shape = opened.get_type(), opened.shape
        count = math.prod(shape)
        if count == 1 and type_id.get_class() == h5py.h5t.STRING and type_id.is_variable_str():
            text = np.empty(shape, dtype=object)
            opened.read(text)
            content = text.reshape(-1)[0] or b""
            self.line(label + b" text " + hashlib.sha256(content).hexdigest().encode())
            return
        self.line(label + f" {_kind(type_id)} x {count}".encode())
        if not _points_elsewhere(type_id):
            content = np.empty(shape, dtype=f"V{type_id.get_size()}")
            if count:
                opened.read(content, mtype=type_id)
            self.line(hashlib.sha256(content.tobytes()).hexdigest())

    def dataset(self, data, name):
        type_id = data.get_type()
        layout = data.get_create_plist()
        if layout.get_layout() == h5py.h5d.VIRTUAL or layout.get_external_count() > 0:
            raise Damaged(f"{name.decode(errors='replace')} keeps its data in another file, which is not read")
        declared = math.prod(data.shape) * type_id.get_size()
        if declared > max(1 << 24, 1100 * data.get_storage_size()):
            raise Damaged(f"{name.decode(errors='replace')} declares the shape {data.shape}, for which the file is too small")
        self.line(name + f" data {_kind(type_id)} ({', '.join(map(str, data.shape))})".encode())
        if not _points_elsewhere(type_id) and declared:
            content = np.empty(data.shape, dtype=f"V{type_id.get_size()}")
            data.read(h5py.h5s.ALL, h5py.h5s.ALL, content, mtype=type_id)
            self.sha.update(content.tobytes())


def content_sha256(file, left_out="checksum"):
    """Of an open h5py.File, what the suite's Hdf5File::content_sha256 is."""
    digest = _Digest(left_out.encode())
    digest.visit(file.id, b"/")
    return digest.sha.hexdigest()


# --- reading

@dataclass(eq=False)
class RunRecord:
    """A run as its file tells it: attributes, configuration and trajectory (iteration first)."""

    path: pathlib.Path
    attributes: dict
    config: dict
    trajectory: dict = field(default_factory=dict)

    def __getattr__(self, name):
        if name in ("attributes", "config"):
            raise AttributeError(name)
        try:
            return self.attributes[name]
        except KeyError:
            raise AttributeError(f"a run has no {name!r}") from None

    @property
    def profile(self):
        return str(self.config.get("profile") or "")

    @property
    def finished(self):
        return self.attributes["status"] in FINISHED

    @property
    def params(self):
        """{"step.rule": "exact", ...}"""
        solver = self.config.get("solver")
        params = solver.get("params") if isinstance(solver, dict) else None
        return config_text.flat(params) if isinstance(params, dict) else {}

    @property
    def iterations(self):
        steps = self.trajectory.get("iteration", ())
        return int(steps[-1]) if len(steps) else 0

    def last(self, column):
        values = self.trajectory.get(column, ())
        return float(values[-1]) if len(values) else None

    @property
    def trajectory_sha256(self):
        return trajectory_sha256(self.trajectory)


def trajectory_sha256(trajectory):
    """Of all columns but seconds, as the suite has it."""
    names = ["iteration", *sorted(set(trajectory) - {"iteration", "seconds"})]
    parts = (name.encode() + b"\n" + np.ascontiguousarray(trajectory.get(name, np.zeros(0))).tobytes() for name in names)
    return hashlib.sha256(b"".join(parts)).hexdigest()


def _bytes(file, name):
    value = file.attrs[name]
    if isinstance(value, np.ndarray) and value.size == 1:
        value = value.reshape(-1)[0]
    if isinstance(value, str):  # of variable length, in files of schema 1
        return value.encode()
    if not isinstance(value, bytes):
        raise Damaged(f"attribute {name} is no text")
    return value.split(b"\0")[0]


def _text(file, name):
    """A text, with what of it goes on in NAME.1, NAME.2, ..."""
    data, part = _bytes(file, name), 1
    while f"{name}.{part}" in file.attrs:
        data += _bytes(file, f"{name}.{part}")
        part += 1
    return data.decode(errors="replace")


def read(path):
    """The run in a file. Damaged says what is wrong with it. What makes HDF5 itself crash, results.py catches."""
    path = pathlib.Path(path)
    try:
        with h5py.File(path, "r") as file:
            return _read(file, path)
    except Damaged:
        raise
    except Exception as error:  # h5py's, of many types
        raise Damaged(f"not a readable result file: {error}") from None


def _read(file, path):
    if "schema_version" not in file.attrs:
        raise Damaged("not a result file: attribute schema_version is missing")
    schema = int(file.attrs["schema_version"])
    if not 1 <= schema <= SCHEMA:
        raise Damaged(f"result schema {schema} is not known here; this version reads 1 to {SCHEMA}")
    content = content_sha256(file)
    missing = [name for name in (*TEXTS, "seed", "threads", "status") if name not in file.attrs]
    if missing:
        raise Damaged(f"attributes are missing: {', '.join(missing)}")
    if schema > 1 and ("checksum" not in file.attrs or _text(file, "checksum") != content):
        raise Damaged("its content is not what its checksum was made of")
    attributes = {name: _text(file, name) for name in TEXTS}
    attributes.update({name: int(file.attrs[name]) for name in ("seed", "threads")})
    attributes.update({name: int(file.attrs[name]) if name in file.attrs else 0 for name in COUNTS})
    attributes["status"] = _text(file, "status")
    trajectory = {}
    if "trajectory/iteration" in file:
        group = file["trajectory"]
        trajectory["iteration"] = np.asarray(group["iteration"][()], dtype=np.int64).reshape(-1)
        for name in sorted(group):
            if name != "iteration":
                trajectory[name] = np.asarray(group[name][()], dtype=np.float64).reshape(-1)
    run = RunRecord(path, attributes, config_text.parse(attributes["config"]), trajectory)
    wrong = problems(attributes, trajectory, run.profile)
    if wrong:
        raise Damaged("; ".join(wrong))
    return run


def problems(attributes, trajectory, profile=""):
    """All that is out of range in a run."""
    found = []
    for name in ("experiment", "dataset", "solver", "label"):
        if attributes[name] and not safe_name(attributes[name]):
            found.append(f"{name} is {attributes[name][:80]!r}; it must be a name: no control characters, no '..' or '' between "
                         "slashes")
    if profile and not safe_name(profile):
        found.append(f"profile is {profile[:80]!r}; it must be a name")
    if attributes["status"] not in STATUSES:
        found.append(f"status is {attributes['status']!r}; there are: {', '.join(STATUSES)}")
    if attributes["threads"] < 1:
        found.append(f"threads is {attributes['threads']}; it must be at least 1")
    found += [f"{name} is {attributes[name]}; it cannot be negative" for name in COUNTS if attributes.get(name, 0) < 0]
    steps = trajectory.get("iteration", np.zeros(0, dtype=np.int64))
    for i, k in enumerate(steps):
        if k < 0 or i > 0 and k <= steps[i - 1]:
            found.append(f"entry {i} of iteration is {k}; iterations ascend from 0")
            break
    for name, values in trajectory.items():
        if len(values) != len(steps):
            found.append(f"{name} has {len(values)} entries, iteration has {len(steps)}")
        bad = out_of_range(name, values)
        if bad:
            found.append(bad)
    return found


def out_of_range(name, values):
    """What is wrong with the values of a column; empty: nothing."""
    values = np.asarray(values, dtype=np.float64)
    if name.endswith("_accuracy"):
        wrong, right = ~(np.isnan(values) | (values >= 0) & (values <= 1)), "from 0 to 1"
    elif name in ("seconds", "flops"):
        wrong, right = ~(np.isfinite(values) & (values >= 0)), "a finite number >= 0"
    else:
        return ""
    if not wrong.any():
        return ""
    first = int(np.argmax(wrong))
    return f"{name} is {values[first]:g} (entry {first}); it must be {right}"


# --- writing

def _write_text(file, name, text):
    data = text.encode()
    if b"\0" in data:
        raise ValueError(f"{name} has the character 0 in it")
    for part, begin in enumerate(range(0, max(len(data), 1), LONGEST_TEXT)):
        piece = data[begin:begin + LONGEST_TEXT]
        kind = h5py.string_dtype("utf-8", max(len(piece), 1))
        file.attrs.create(name if part == 0 else f"{name}.{part}", np.array(piece, dtype=kind), dtype=kind)


def write(path, attributes, trajectory, networks):
    """A result file, under another name until it is whole. networks: {"initial" or "final": (W, b)}."""
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}.part")
    try:
        with h5py.File(temporary, "x") as file:
            file.attrs.create("schema_version", SCHEMA, dtype="<i8")
            for name, value in attributes.items():
                if isinstance(value, str):
                    _write_text(file, name, value)
                else:
                    file.attrs.create(name, value, dtype="<i8")
            for name, values in trajectory.items():
                file.create_dataset(f"trajectory/{name}", data=values, dtype="<i8" if name == "iteration" else "<f8")
            for group, (W, b) in networks.items():
                for l, (weight, bias) in enumerate(zip(W, b), 1):
                    for name, array in ((f"W{l}", weight), (f"b{l}", bias)):
                        file.create_dataset(f"{group}/{name}", data=array, dtype=array.dtype.newbyteorder("<"))
            _write_text(file, "checksum", content_sha256(file))
            file.flush()
        with open(temporary, "rb") as done:
            os.fsync(done.fileno())
        os.replace(temporary, path)
        folder = os.open(path.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)
    finally:
        temporary.unlink(missing_ok=True)
