"""tools/check-vectors names a function that gathers, scatters or keeps a sum in memory, and no other."""

import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]

LOOP = """
  .text
  .globl {name}
  .type {name}, @function
{name}:
  xorl %eax, %eax
1:
{body}
  addq $8, %rax
  cmpq %rax, %rsi
  ja 1b
{after}
  ret
  .size {name}, .-{name}
"""
FINE = "  vmovupd (%rdi,%rax,8), %zmm1\n  vaddpd %zmm1, %zmm0, %zmm0"
SUM_IN_MEMORY = "  vmovupd (%rdi,%rax,8), %zmm1\n  vaddpd -64(%rsp), %zmm1, %zmm1\n  vmovupd %zmm1, -64(%rsp)"
SPILLED = "  vmovupd (%rdi,%rax,8), %zmm1\n  vmovupd %zmm1, -64(%rsp)\n  vaddpd -64(%rsp), %zmm0, %zmm0"
STRIP = "  vmovupd (%rdi,%rax,8), %zmm1\n  vaddpd (%rdx,%rax,8), %zmm1, %zmm1\n  vmovupd %zmm1, (%rdx,%rax,8)"
GATHER = "  kxnorw %k1, %k1, %k1\n  vgatherdpd (%rdi,%ymm2,8), %zmm0{%k1}"
SCATTER = "  kxnorw %k1, %k1, %k1\n  vscatterdpd %zmm0, (%rdi,%ymm2,8){%k1}"


@unittest.skipUnless(shutil.which("as") and shutil.which("objdump"), "no binutils")
class FindingsOfOneFunction(unittest.TestCase):
    def check(self, body, name="run_v4_pass", after=""):
        with tempfile.TemporaryDirectory() as folder:
            source, made = pathlib.Path(folder) / "pass.s", pathlib.Path(folder) / "pass.o"
            source.write_text(LOOP.format(name=name, body=body, after=after) + LOOP.format(
                name="run_v4_fine", body=FINE, after=""))
            subprocess.run(["as", "--64", source, "-o", made], check=True)
            done = subprocess.run([sys.executable, "-B", ROOT / "tools/check-vectors", made], capture_output=True, text=True)
        self.assertNotIn("run_v4_fine:", done.stdout)
        return done

    def assert_found(self, body, what):
        done = self.check(body)
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertRegex(done.stdout, rf"run_v4_pass: .*{what}")

    def assert_fine(self, *arguments, **options):
        done = self.check(*arguments, **options)
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_gather(self):
        self.assert_found(GATHER, "vgatherdpd")

    def test_scatter(self):
        self.assert_found(SCATTER, "vscatterdpd")

    def test_sum_in_memory(self):
        self.assert_found(SUM_IN_MEMORY, "sum is kept in memory")

    def test_sum_in_a_register(self):
        self.assert_fine(FINE)

    def test_a_register_spilled_within_a_turn_is_no_sum(self):
        self.assert_fine(SPILLED)

    def test_an_array_of_sums_is_not_one(self):
        self.assert_fine(STRIP)

    def test_a_store_behind_the_loop_is_none_in_it(self):
        self.assert_fine(FINE, after="  vmovupd %zmm0, -64(%rsp)")

    def test_base_of_a_build_with_levels_may_have_sums_in_memory(self):
        self.assert_fine(SUM_IN_MEMORY, name="run_base_pass")


class NothingToLookAt(unittest.TestCase):
    def test_exit_code_2(self):
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run([sys.executable, "-B", ROOT / "tools/check-vectors", "--build", folder],
                                  capture_output=True, text=True)
        self.assertEqual(done.returncode, 2)
        self.assertIn("build the program first", done.stderr)
