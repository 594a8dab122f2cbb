"""tools/mutate changes code and nothing else, makes the mutants it says, and the same ones every time."""

import importlib.machinery
import importlib.util
import pathlib
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
LOADER = importlib.machinery.SourceFileLoader("mutate", str(ROOT / "tools/mutate"))
mutate = importlib.util.module_from_spec(importlib.util.spec_from_loader("mutate", LOADER))
LOADER.exec_module(mutate)

SOURCE = """#include "a - b.hpp"  // 1 + 2
#define TWICE(x) \\
  (x + x)
/// u <- u + rho r;  tau > 0 && tau < 2
template <class T>
void Method<T>::visit(ParameterVisitor& v) {
  v.real("rho", rho > 0, "a - b");
}
template <class T>
double Method<T>::step(std::vector<double>&& moved, const T* const x) {
  /* c - d
     e - f */
  if (a + b > 0) throw std::invalid_argument("a + b > 0");
  if (a - c > 0) {
    throw std::invalid_argument("a - c > 0");
  }
  count_pass(2 * sizeof(T) * (n - 1));
  const std::string text = "x - y \\" - z";
  update(x);
  return rho * largest<double>(moved[l - 1], '+');
}
"""


class PlacesOfMutants(unittest.TestCase):
    def setUp(self):
        self.mutants = mutate.mutants_of("solvers/method.cpp", SOURCE)

    def after(self):
        return sorted(m.after for m in self.mutants)

    def test_all_that_can_be_mutated_and_nothing_else(self):
        self.assertEqual(self.after(), [
            ";", "return rho * largest<double>(moved[l], '+');", "return rho / largest<double>(moved[l - 1], '+');"])

    def test_each_is_one_change_of_the_source(self):
        for mutant in self.mutants:
            changed = (SOURCE[:mutant.begin] + mutant.put + SOURCE[mutant.end:]).split("\n")
            differing = [i for i, (old, new) in enumerate(zip(SOURCE.split("\n"), changed)) if old != new]
            self.assertEqual(differing, [mutant.line - 1])
            self.assertEqual(changed[mutant.line - 1].strip(), mutant.after)

    def test_a_line_elsewhere_renames_none(self):
        moved = mutate.mutants_of("solvers/method.cpp", "\n\n" + SOURCE)
        self.assertEqual([m.id for m in moved], [m.id for m in self.mutants])

    def test_lines_that_are_the_same_have_mutants_of_their_own(self):
        mutants = mutate.mutants_of("solvers/method.cpp", "void f() {\n  a += b;\n  a += b;\n}\n")
        self.assertEqual(len({m.id for m in mutants}), 2)


class MutantsOfTheSuite(unittest.TestCase):
    def test_every_file_of_updates_has_some(self):
        chosen = mutate.plan(ROOT, 4)
        self.assertGreaterEqual(len(chosen), 150)
        self.assertEqual({m.file for m in chosen}, set(mutate.sources(ROOT)))
        self.assertEqual({m.operator for m in chosen}, {operator for operator, _, _ in mutate.OPERATORS})
        for file in ("solvers/pdadmm/pdadmm.cpp", "baselines/adam.cpp", "core/blocks/weight_step.cpp",
                     "results/statistics/tests.cpp"):
            self.assertIn(file, {m.file for m in chosen})

    def test_more_per_file_keep_those_of_fewer(self):
        self.assertLessEqual({m.id for m in mutate.plan(ROOT, 4)}, {m.id for m in mutate.plan(ROOT, 6)})

    def test_a_known_mutant(self):
        mutants = mutate.mutants_of("solvers/dladmm/dladmm.cpp", (ROOT / "solvers/dladmm/dladmm.cpp").read_text())
        self.assertIn(("sign", "axpy(static_cast<T>(parameters_.rho), E, u_);"), [(m.operator, m.after) for m in mutants])

    def test_every_file_has_tests(self):
        for file in mutate.sources(ROOT):
            self.assertGreaterEqual(len(mutate.tests_of(file, False)), 3, file)

    def test_it_lists_them(self):
        done = subprocess.run([sys.executable, "-B", ROOT / "tools/mutate", "--list", "baselines/sgd.cpp"],
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"(?m)^[0-9a-f]{8} baselines/sgd.cpp:[0-9]+ \w+\n    .*\n    .*\n")


if __name__ == "__main__":
    unittest.main()
