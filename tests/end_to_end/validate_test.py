"""`admmbench validate` and the JSON Schema: all mistakes at once with their places, and one verdict of both on files that
were broken at random."""

import copy
import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import tempfile
import unittest

import jsonschema
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("ADMMBENCH_PROGRAM", str(ROOT / "build/release/bin/admmbench"))
SHIPPED = sorted((ROOT / "experiments").rglob("*.yaml"))
PUBLISHED_SCHEMA = ROOT / "docs/schema/experiment.json"

VALID = """experiment: small
datasets:
  - {name: blobs, params: {samples: 30}, validation: 0.2}
  - {name: cora, label: papers, graph: {hops: 2}}
network: {hidden: [4], activation: tanh}
seeds: [0, 1]
iterations: 3
solvers:
  - {name: dladmm, preset: paper, params: {rho: 1, step: {rule: backtracking, growth: 2}}}
  - {name: adam, label: Adam, grid: {learning_rate: [1.0e-3, 1.0e-2]}, datasets: [papers]}
record: {every: 2}
stop: {patience: 5}
profiles:
  quick: {iterations: 2, network: {hidden: [2]}}
"""

TUNED = """experiment: tuned
datasets: [{name: blobs, params: {samples: 30}, validation: 0.2}]
network: {hidden: [4]}
iterations: 3
tune: {method: random, runs: 4, iterations: 2, seeds: [0, 1]}
solvers:
  - {name: dladmm, search: {rho: {log_uniform: [1.0e-4, 1]}, step.rule: [exact, lipschitz]}}
  - {name: adam, search: {batch_size: {integers: [4, 8]}, learning_rate: {uniform: [0.001, 0.1], points: 3}}}
  - {name: sgd, tune: false}
profiles:
  quick: {tune: {runs: 2}}
"""


class Loader(yaml.SafeLoader):
    """YAML 1.2's numbers and booleans, as the program and editors read them."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers
            if tag not in ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:float", "tag:yaml.org,2002:timestamp")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()}
Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(true|True|TRUE|false|False|FALSE)$"), list("tTfF"))
Loader.add_implicit_resolver("tag:yaml.org,2002:float",
                             re.compile(r"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$"), list("-+.0123456789"))


def load(text):
    return yaml.load(text, Loader)


def run(*arguments):
    return subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True)


def schema_validator():
    schema = json.loads(run("schema").stdout)
    jsonschema.Draft7Validator.check_schema(schema)
    return jsonschema.Draft7Validator(schema)


class Folder(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)

    def write(self, text, name="x.yaml"):
        path = self.folder / name
        path.write_text(text)
        return path

    def broken(self, *changes):
        text = VALID
        for before, after in changes:
            self.assertIn(before, text)
            text = text.replace(before, after)
        return text

    def problems(self, text):
        shown = run("validate", self.write(text), "--json")
        answer = json.loads(shown.stdout)
        self.assertEqual(shown.returncode, 0 if answer["valid"] else 2)
        return answer["files"][0]["problems"]


class Validate(Folder):
    def test_valid(self):
        self.assertEqual(self.problems(VALID), [])
        shown = run("validate", self.folder)
        self.assertEqual((shown.returncode, shown.stderr), (0, ""))
        self.assertIn("valid, 8 runs; profiles: quick", shown.stdout)

    def test_all_mistakes_with_their_places(self):
        changes = [("experiment: small", "experiment: Not Small"), ("name: blobs", "name: blob"),
                   ("label: papers", "lable: papers"), ("hops: 2", "hops: two"), ("activation: tanh", "activation: tnah"),
                   ("iterations: 3\n", "iteratons: 3\n"), ("preset: paper", "preset: papers"), ("rho: 1", "roh: 1"),
                   ("rule: backtracking", "rule: backtraking"), ("1.0e-2]", "-1]"), ("every: 2", "every: 0"),
                   ("iterations: 2,", "iterations: none,")]
        text = self.broken(*changes)
        found = self.problems(text)
        lines = text.splitlines()
        keys = {problem["key"] for problem in found}
        for key in ("experiment", "datasets.0.name", "datasets.1.lable", "datasets.1.graph.hops", "network.activation",
                    "iteratons", "solvers.0.preset", "solvers.0.params.roh", "solvers.0.params.step.rule",
                    "solvers.1.params.learning_rate", "record.every"):
            self.assertIn(key, keys)
        for problem in found:
            last = problem["key"].split(".")[-1]
            line = lines[problem["line"] - 1]
            if "missing" in problem["message"]:
                continue
            if re.search(rf"\b{last}:", line) and last != "learning_rate":
                self.assertTrue(line[problem["column"] - 1:].startswith(last), (problem, line))
        suggestions = re.findall("did you mean '([^']*)'", " ".join(problem["message"] for problem in found))
        for word in ("blobs", "label", "tanh", "iterations", "paper", "rho", "backtracking"):
            self.assertIn(word, suggestions)
        self.assertEqual(found, sorted(found, key=lambda p: (p["line"], p["column"])))

    def test_run_and_plan_say_the_same(self):
        path = self.write(self.broken(("every: 2", "every: 0"), ("rho: 1", "roh: 1")))
        for command in ("run", "plan"):
            shown = run(command, path)
            self.assertEqual(shown.returncode, 2)
            self.assertIn("record.every: 0 is out of range", shown.stderr)
            self.assertIn("did you mean 'rho'?", shown.stderr)
            self.assertEqual(shown.stderr.count("admmbench: error: "), 2)

    def test_what_a_run_would_not_complain_of(self):
        (problem,) = self.problems(self.broken(("datasets: [papers]", "datasets: [paper]")))
        self.assertIn("did you mean 'papers'?", problem["message"])
        (problem,) = self.problems(VALID + "published: [dladmm/figure-4]\n")
        self.assertIn("did you mean 'dladmm/figure-4", problem["message"])

    def test_mistakes_in_a_profile(self):
        (problem,) = self.problems(self.broken(("iterations: 2,", "iterations: 0,")))
        self.assertEqual((problem["line"], problem["key"]), (14, "iterations"))

    def test_tuning(self):
        self.assertEqual(self.problems(TUNED), [])
        self.assertTrue(schema_validator().is_valid(load(TUNED)))
        text = TUNED.replace("rho: {log_uniform: [1.0e-4, 1]}", "roh: {log_unifrom: [1.0e-4, 1]}")
        text = text.replace("points: 3", "points: 1")
        keys = [problem["key"] for problem in self.problems(text)]
        self.assertEqual(keys, ["solvers.0.search.roh.log_unifrom", "solvers.1.search.learning_rate.points"])
        keys = [problem["key"] for problem in self.problems(TUNED.replace("method: random, runs: 4", "metod: random, runs: 3"))]
        self.assertEqual(keys, ["tune.method", "tune.metod", "tune.runs"])  # and nothing of the searches
        keys = [problem["key"] for problem in self.problems(TUNED.replace(", validation: 0.2", ""))]
        self.assertEqual(keys, ["datasets.0"])

    def test_several_files_and_text(self):
        self.write(VALID, "a.yaml")
        self.write("experiment: [\n", "b.yaml")
        shown = run("validate", self.folder)
        self.assertEqual(shown.returncode, 2)
        self.assertIn("a.yaml: valid", shown.stdout)
        self.assertRegex(shown.stdout, r"b\.yaml:\d+:\d+: error: YAML: ")
        self.assertIn("1 mistake in 1 of 2 files", shown.stderr)
        self.assertEqual(run("validate", self.folder / "none.yaml").returncode, 2)
        self.assertEqual(run("validate", "frst-run").returncode, 2)
        self.assertIn("did you mean 'first-run'?", run("validate", "frst-run").stderr)


class Schema(Folder):
    def test_shipped_experiments(self):
        validator = schema_validator()
        for path in SHIPPED:
            text = path.read_text()
            self.assertEqual([error.message for error in validator.iter_errors(load(text))], [], path)
            named = re.search(r"^# yaml-language-server: \$schema=(.*)$", text, flags=re.M)
            if named:
                self.assertEqual((path.parent / named.group(1)).resolve(), PUBLISHED_SCHEMA)
            else:
                self.assertNotIn("examples", path.parts)  # these are copied by beginners
        self.assertEqual(run("validate", *SHIPPED).returncode, 0)

    def test_says_what_editors_show(self):
        schema = json.loads(run("schema").stdout)
        rho = schema["definitions"]["params-dladmm"]["anyOf"][0]["properties"]["rho"]
        self.assertEqual(rho["exclusiveMinimum"], 0)
        self.assertTrue(rho["description"])
        self.assertIn("default", rho)
        solvers = [entry["name"] for entry in json.loads(run("list", "solvers", "--json").stdout)]
        self.assertEqual(schema["definitions"]["solver"]["properties"]["name"]["enum"], solvers)
        self.assertIn("cora", schema["definitions"]["dataset"]["properties"]["name"]["enum"])

    def test_all_spellings_of_a_group(self):
        validator = schema_validator()
        for params in ("{step: exact}", "{step: {rule: exact}}", "{step: {method: exact}}", "{step: {backtracking: {growth: 2}}}",
                       "{zL: {fista: {max_iter: 5}}}", "null"):
            text = self.broken(("params: {rho: 1, step: {rule: backtracking, growth: 2}}", f"params: {params}"))
            self.assertEqual(self.problems(text), [], params)
            self.assertTrue(validator.is_valid(load(text)), params)
        for grid in ("{step.rule: [exact]}", "{step: [exact, {rule: backtracking}]}", "{zL.fista.max_iter: [5, 6]}",
                     "{zL.fista: [{max_iter: 5}]}"):
            text = self.broken(("params: {rho: 1, step: {rule: backtracking, growth: 2}}", f"grid: {grid}"))
            self.assertEqual(self.problems(text), [], grid)
            self.assertTrue(validator.is_valid(load(text)), grid)

    def test_whatever_the_schema_refuses_validate_refuses(self):
        validator = schema_validator()
        random_source = random.Random(7)
        originals = [load(VALID), load(TUNED), load(TUNED), load(TUNED)] + [load(path.read_text()) for path in SHIPPED]
        mutants = [mutated(random_source.choice(originals), random_source) for _ in range(400)]
        for number, mutant in enumerate(mutants):
            self.write(yaml.safe_dump(mutant, sort_keys=False), f"m-{number:03}.yaml")
        answer = json.loads(run("validate", self.folder, "--json").stdout)
        refused_by_both = 0
        for file in answer["files"]:
            error = next(validator.iter_errors(load(pathlib.Path(file["file"]).read_text())), None)
            if error is None:
                continue
            self.assertFalse(file["valid"], f"{pathlib.Path(file['file']).read_text()}\n{error.message}")
            refused_by_both += 1
        refused = sum(not file["valid"] for file in answer["files"])
        self.assertGreater(refused_by_both, 100)  # the property is about something
        self.assertGreater(refused_by_both, 0.8 * refused)  # and the schema leaves little to validate
        self.assertLess(refused, len(mutants))  # negative control: not everything is refused


def places(value):
    """All (container, key) of a tree."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in items:
        yield value, key
        yield from places(member)


def mutated(original, source):
    """A copy with one change: a key misspelt, removed or added, a value replaced or changed a little."""
    value = copy.deepcopy(original)
    container, key = source.choice(list(places(value)))
    change = source.randrange(5)
    if change == 0 and isinstance(container, dict):
        container[str(key) + source.choice("xyz")] = container.pop(key)
    elif change == 1:
        del container[key]
    elif change == 2:
        container[key] = source.choice([None, [], {}, "word", -1, 0, 1.5, True, [1, 2], {"a": 1}, 1e300, "two words"])
    elif change == 3 and isinstance(container[key], dict):
        container[key][source.choice(["extra", "name", "params", "rho", "label"])] = source.choice([1, "x", [0]])
    elif isinstance(container[key], (int, float)) and not isinstance(container[key], bool):
        container[key] = source.choice([-container[key], container[key] + 1, str(container[key])])
    return value


if __name__ == "__main__":
    unittest.main()
