"""What people see of the command line: help, man page, completion in real shells, progress on a terminal and off it,
colours, log files, Ctrl-C, exit codes, and the page that documents them."""

import json
import os
import pathlib
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

import h5py

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))
from terminal import Terminal  # noqa: E402

PROGRAM = os.environ.get("ADMMBENCH_PROGRAM", str(ROOT / "build/release/bin/admmbench"))
EXPERIMENT = """experiment: small
datasets: [{name: blobs, params: {samples: 30}}]
network: {hidden: [4]}
iterations: 3
solvers: [{name: dladmm, params: {rho: 1, nu: 1}}, {name: adam}]
"""
ENDLESS = ["--threads", "1", "--only", "solver=dladmm", "--set", "iterations=100000000", "--set",
           "record.every=100000000"]


class Folder(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        (self.folder / "x.yaml").write_text(EXPERIMENT)
        (self.folder / "wrong.yaml").write_text(EXPERIMENT.replace("rho", "roh").replace("iterations: 3", "iterations: 0"))

    def environment(self, **changes):
        environment = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "TERM")}
        environment["PATH"] = f"{pathlib.Path(PROGRAM).parent}:{environment['PATH']}"
        return {**environment, **changes}

    def run_program(self, *arguments, **environment):
        return subprocess.run([PROGRAM, *arguments], cwd=self.folder, capture_output=True, text=True,
                              env=self.environment(**environment))

    def commands(self, *parents):
        """The verbs below a command, as completion knows them."""
        words = self.run_program("complete", "--", *parents, "").stdout.splitlines()
        return [line.split("\t")[0] for line in words if not line.startswith(":")]


class OwnName(Folder):
    """A user's own program, built with the suite in it, speaks of itself by its own name."""

    def setUp(self):
        super().setUp()
        self.own = self.folder / "my-admmbench"
        self.own.symlink_to(PROGRAM)

    def run_own(self, *arguments):
        return subprocess.run([self.own, *arguments], cwd=self.folder, capture_output=True, text=True, env=self.environment())

    def test_help_and_messages(self):
        for arguments in (["--help"], ["run", "--help"], ["run", "no.yaml"], ["rum"], ["data", "info", "x"],
                          ["completion", "--help"]):
            with self.subTest(arguments=arguments):
                outcome = self.run_own(*arguments)
                text = outcome.stdout + outcome.stderr
                self.assertIn("my-admmbench", text)
                self.assertNotRegex(text, r"(^|[\s`(])admmbench ")
        self.assertRegex(self.run_own("--version").stdout, r"^my-admmbench \(with admmbench [0-9.]+\)$")

    def test_the_suites_own_name_is_untouched(self):
        for arguments in (["--help"], ["run", "--help"], ["--version"], ["completion", "bash"]):
            self.assertNotIn("my-", self.run_program(*arguments).stdout)

    def test_completion(self):
        script = self.run_own("completion", "bash").stdout
        self.assertIn("complete -F _my_admmbench my-admmbench", script)
        bash = subprocess.run(["bash", "-c", script + "complete -p my-admmbench; type -t _my_admmbench; type -t _admmbench"],
                              capture_output=True, text=True)
        self.assertEqual(bash.stdout.split(), ["complete", "-F", "_my_admmbench", "my-admmbench", "function"])
        self.assertIn("#compdef my-admmbench", self.run_own("completion", "zsh").stdout)
        self.assertIn("complete -c my-admmbench", self.run_own("completion", "fish").stdout)


class Mistyped(Folder):
    def test_what_was_meant_is_said(self):
        for arguments, *parts in (
                (["rum", "x.yaml"], "'rum' is no command", "did you mean 'run'?"),
                (["data", "fecth"], "'fecth' is no command", "did you mean 'fetch'?"),
                (["run", "--thread", "2", "x.yaml"], "--thread: no option of admmbench run", "did you mean '--threads'?"),
                (["run", "x.yaml", "--iteratons=2"], "--iteratons: no option of admmbench run"),
                (["table", "--metrik", "a", "x"], "did you mean '--metric'?"),
                (["describe", "adam", "adamx"], "'adamx' was not expected", "admmbench describe"),
                ([], "a command is missing", "run, plan"),
                (["data"], "a command is missing", "fetch")):
            with self.subTest(arguments=arguments):
                outcome = self.run_program(*arguments)
                self.assertEqual(outcome.returncode, 2)
                for part in parts:
                    self.assertIn(part, outcome.stderr)

    def test_what_is_like_nothing_is_not_guessed(self):
        self.assertNotIn("did you mean", self.run_program("frobnicate").stderr)


class Help(Folder):
    def all_commands(self):
        for verb in self.commands():
            subcommands = self.commands(verb) if verb == "data" else []
            yield [verb]
            yield from ([verb, name] for name in subcommands)

    def test_every_help_fits_a_screen(self):
        seen = 0
        for command in [[], *self.all_commands()]:
            shown = self.run_program(*command, "--help")
            self.assertEqual(shown.returncode, 0, shown.stderr)
            lines = shown.stdout.splitlines()
            self.assertLess(len(lines), 24, command)  # and the prompt
            self.assertLessEqual(max(map(len, lines)), 80, command)
            seen += 1
        self.assertGreater(seen, 12)

    def test_help_has_examples_and_exit_codes(self):
        text = self.run_program("--help").stdout
        self.assertIn("such as: admmbench run first-run\n", text)
        for verb in self.commands():
            self.assertIn(f" {verb} ", text)
            self.assertIn("xample", self.run_program(verb, "--help").stdout, verb)
        for code in (0, 1, 2, 3, 4, 130):
            self.assertRegex(text[text.index("Exit codes"):], rf"\b{code}\s")

    def test_wrong_usage(self):
        for arguments in (["fly"], [], ["run"], ["run", "x.yaml", "--nothing"], ["--color", "blue", "list", "solvers"],
                          ["-q", "-v", "list", "solvers"]):
            shown = self.run_program(*arguments)
            self.assertEqual(shown.returncode, 2, arguments)
            self.assertTrue(shown.stderr.startswith("admmbench: error: "), shown.stderr)
            self.assertEqual(shown.stdout, "")


class ManPage(Folder):
    def test_names_everything(self):
        page = self.run_program("man").stdout
        self.assertTrue(page.startswith(".TH ADMMBENCH 1"))
        for verb in self.commands():
            self.assertIn(".SS " + verb.replace("-", "\\-"), page)
        for text in ("\\-\\-skip\\-unavailable", ".SH EXIT STATUS", "ADMMBENCH_DATA_MIRROR", "NO_COLOR"):
            self.assertIn(text, page)

    @unittest.skipUnless(shutil.which("groff"), "groff is not installed")
    def test_roff_is_right(self):
        page = self.run_program("man").stdout
        shown = subprocess.run(["groff", "-man", "-ww", "-Tascii", "-P-c"], input=page, capture_output=True, text=True)
        self.assertEqual(shown.stderr, "")
        self.assertIn("admmbench run", shown.stdout)


class Completion(Folder):
    def bash(self, line):
        """What bash's completion function offers at the end of the line."""
        script = ('eval "$("$1" completion bash)"; compopt() { :; }; COMP_LINE=$2 COMP_POINT=${#2}; _admmbench; '
                  'printf "%s\\n" "${COMPREPLY[@]}"')
        done = subprocess.run(["bash", "-c", script, "bash", PROGRAM, line], cwd=self.folder, capture_output=True,
                              text=True, env=self.environment())
        self.assertEqual(done.stderr, "")
        return done.stdout.split()

    def test_candidates(self):
        self.assertIn("validate", self.bash("admmbench "))
        self.assertEqual(self.bash("admmbench desc"), ["describe"])
        self.assertIn("dladmm", self.bash("admmbench describe "))
        self.assertNotIn("adam", self.bash("admmbench describe d"))
        self.assertIn("released", self.bash("admmbench describe dladmm --preset "))
        self.assertIn("first-run", self.bash("admmbench run fir"))
        self.assertEqual(self.bash("admmbench run x.y"), ["x.yaml"])
        self.assertEqual(self.bash("admmbench run x.yaml --skip"), ["--skip-unavailable"])
        self.assertEqual(self.bash("admmbench --color "), ["auto", "always", "never"])
        self.assertEqual(self.bash("admmbench run x.yaml --color=al"), ["always"])  # after the '=', which breaks words
        self.assertEqual(self.bash("admmbench run x.yaml --only solver=dl"), ["dladmm"])
        self.assertEqual(self.bash("admmbench run x.yaml --only so"), ["solver="])
        self.assertIn("solvers.0.params.rho=", self.bash("admmbench run x.yaml --set solvers.0.params.r"))
        self.assertIn("cora", self.bash("admmbench data fetch mnist c"))
        self.assertEqual(self.bash("admmbench list exp"), ["experiments"])
        self.assertEqual(self.bash("admmbench new pa"), ["paper"])
        self.assertEqual(self.bash("admmbench new solver x --language p"), ["python"])
        self.assertEqual(self.bash("admmbench check-claim stages"), ["stages-help"])
        self.assertEqual(self.bash("admmbench claims x.y"), ["x.yaml"])

    def test_nonsense_is_silent(self):
        for line in ("admmbench nothing ", "admmbench run nothing.yaml --only s", "admmbench run --profile "):
            self.bash(line)

    def press_tab(self, shell, prepare, line, expected):
        terminal = Terminal([shutil.which(shell[0]), *shell[1:]], self.folder, self.environment(TERM="xterm", PS1="$ "))
        try:
            terminal.type(prepare + "; echo read''y\n")
            terminal.read(until="ready")
            terminal.type(line + "\t\t")  # twice: the first may only complete what is common to all
            terminal.read(until=expected)
        finally:
            terminal.type("\x15exit\n")
            terminal.end()

    def test_interactive_bash(self):
        self.press_tab(["bash", "--norc", "--noprofile", "-i"], 'eval "$(admmbench completion bash)"',
                       "admmbench describe dla", r"dladmm +dlam")
        self.press_tab(["bash", "--norc", "--noprofile", "-i"], 'eval "$(admmbench completion bash)"',
                       "admmbench valid", r"admmbench validate ")

    @unittest.skipUnless(shutil.which("zsh"), "zsh is not installed")
    def test_interactive_zsh(self):
        self.press_tab(["zsh", "-f", "-i"], 'autoload -U compinit; compinit -u -D; eval "$(admmbench completion zsh)"',
                       "admmbench valid", r"admmbench validate")

    @unittest.skipUnless(shutil.which("fish"), "fish is not installed")
    def test_fish(self):
        script = "admmbench completion fish | source; complete -C 'admmbench run x.yaml --only solver='"
        done = subprocess.run(["fish", "--no-config", "-c", script], cwd=self.folder, capture_output=True, text=True,
                              env=self.environment(HOME=str(self.folder)))
        self.assertEqual([line.split("\t")[0] for line in done.stdout.splitlines()], ["solver=adam", "solver=dladmm"],
                         done.stderr)


class Progress(Folder):
    ESCAPE = "\x1b"

    def on_terminal(self, *arguments, **environment):
        terminal = Terminal([PROGRAM, "run", "x.yaml", "--force", *arguments], self.folder,
                            self.environment(**{"TERM": "xterm", **environment}))
        self.assertEqual(terminal.end(), 0, terminal.printed)
        return terminal.printed

    def test_terminal_redraws_and_colours(self):
        shown = self.on_terminal()
        self.assertIn("\r\x1b[K", shown)
        self.assertIn("\x1b[32mcompleted\x1b[0m", shown)
        self.assertIn("0/2 runs", shown)

    def test_no_color_and_dumb_terminals(self):
        plain = self.on_terminal(NO_COLOR="1")
        self.assertIn("\x1b[K", plain)  # the line is drawn again, without colour
        self.assertIsNone(re.search(r"\x1b\[[0-9;]*m", plain))
        self.assertIn("completed", plain)
        self.assertNotIn(self.ESCAPE, self.on_terminal(TERM="dumb"))
        self.assertIsNone(re.search(r"\x1b\[[0-9;]*m", self.on_terminal("--color", "never")))

    def test_plain_lines_off_a_terminal(self):
        shown = self.run_program("run", "x.yaml", TERM="xterm")
        self.assertEqual(shown.returncode, 0, shown.stderr)
        self.assertNotIn(self.ESCAPE, shown.stdout + shown.stderr)
        finished = [line for line in shown.stdout.splitlines() if ": completed" in line]
        self.assertEqual(len(finished), 2, shown.stdout)
        self.assertIn("left for all", finished[0])
        forced = self.run_program("run", "x.yaml", "--force", "--color", "always")
        self.assertIn("\x1b[32mcompleted", forced.stdout)

    def test_quiet_and_log_file(self):
        shown = self.run_program("run", "x.yaml", "--quiet", "--log-file", "log.txt")
        said = re.sub("admmbench: warning: OpenBLAS does not know this processor.*\n", "", shown.stderr)  # of this machine
        self.assertEqual((shown.stdout, said), ("", ""))
        log = (self.folder / "log.txt").read_text().splitlines()
        self.assertIn("run x.yaml --quiet --log-file log.txt", log[0])
        self.assertEqual(sum("completed" in line for line in log), 2, log)
        self.assertRegex(log[-1], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]")
        self.assertEqual(self.run_program("list", "solvers", "--log-file", "nowhere/x/y/" + "z" * 300).returncode, 1)

    def test_verbose(self):
        shown = self.run_program("run", "x.yaml", "-v")
        result = "results/runs/small/blobs/adam/seed-0.h5"
        self.assertIn(f"admmbench: debug: written: {result}", shown.stderr)
        self.assertIn(f"admmbench: debug: cached: {result}", self.run_program("run", "x.yaml", "-v").stderr)
        self.assertEqual(self.run_program("run", "x.yaml").stderr, "")

    def test_the_stopping_rule_is_named(self):
        shown = self.run_program("run", "x.yaml", "--only", "solver=dladmm", "--set", "stop.residual=1e+9", "--set",
                                 "iterations=50")
        reason = re.search(r"residual \S+ <= \S+ after 1 iterations", shown.stdout)
        self.assertIsNotNone(reason, shown.stdout)
        with h5py.File(self.folder / "results/runs/small/blobs/dladmm/seed-0.h5") as file:
            message = file.attrs["message"].decode()
        self.assertEqual(message.decode() if isinstance(message, bytes) else message, reason.group())


class Interruption(Folder):
    def start(self):
        terminal = Terminal([PROGRAM, "run", "x.yaml", "--set", "note=two words", *ENDLESS], self.folder,
                            self.environment(TERM="xterm"))
        terminal.read(until=r"dladmm / seed 0 [1-9]")  # at work
        return terminal

    def test_ctrl_c_saves_and_says_how_to_resume(self):
        terminal = self.start()
        terminal.type("\x03")
        self.assertEqual(terminal.end(), 130, terminal.printed)
        shown = terminal.printed.replace("\r", "")
        self.assertIn("Ctrl-C again ends at once", shown)
        resume = shown[shown.index("This resumes:"):].splitlines()[1]
        self.assertEqual(shlex.split(resume), [PROGRAM, "run", "x.yaml", "--set", "note=two words", *ENDLESS])
        with h5py.File(self.folder / "results/runs/small/blobs/dladmm/seed-0.h5") as file:
            self.assertIn("trajectory", file)
        self.assertEqual([p.name for p in self.folder.rglob("*.part")], [])
        # The command really goes on: it starts the unfinished run and nothing else.
        again = Terminal(shlex.split(resume), self.folder, self.environment(TERM="xterm"))
        again.read(until=r"1 runs, 0 cached, 1 to run")
        again.read(until=r"dladmm / seed 0 [1-9]")
        again.type("\x03")
        self.assertEqual(again.end(), 130)

    def test_second_ctrl_c_ends_at_once(self):
        terminal = self.start()
        children = pathlib.Path(f"/proc/{terminal.process}/task/{terminal.process}/children")
        worker = int(children.read_text().split()[0])
        os.kill(worker, signal.SIGSTOP)  # an iteration that never ends
        try:
            terminal.type("\x03")
            terminal.read(until="Ctrl-C again ends at once")
            terminal.type("\x03")
            _, state = os.waitpid(terminal.process, 0)
            self.assertEqual(os.waitstatus_to_exitcode(state), -signal.SIGINT)
            self.assertFalse(pathlib.Path(f"/proc/{worker}").exists())
        finally:
            os.close(terminal.terminal)
        self.assertEqual([path for path in self.folder.rglob("*") if "seed" in path.name], [])  # nothing half-written


class Scripts(Folder):
    def json(self, *arguments, code=0):
        shown = self.run_program(*arguments)
        self.assertEqual(shown.returncode, code, shown.stderr)
        return json.loads(shown.stdout)

    def test_json(self):
        solvers = self.json("list", "solvers", "--json")
        self.assertIn("dladmm", [entry["name"] for entry in solvers])
        text = self.run_program("list", "solvers").stdout
        self.assertEqual([line.split()[0] for line in text.splitlines()], [entry["name"] for entry in solvers])
        description = self.json("describe", "dladmm", "--preset", "paper", "--json")
        self.assertEqual({p["name"]: p["value"] for p in description["parameters"]}["rho"], "1.0e-06")
        sets = {entry["name"]: entry for entry in self.json("data", "list", "--json")}
        self.assertEqual(self.json("data", "info", "cora", "--json"), sets["cora"])
        plan = self.json("plan", "x.yaml", "--json")
        self.assertEqual([run["solver"] for run in plan["runs"]], ["dladmm", "adam"])
        self.assertEqual({run["state"] for run in plan["runs"]}, {"new"})
        self.assertEqual(self.run_program("run", "x.yaml", "-q").returncode, 0)
        plan = self.json("plan", "x.yaml", "--json")
        self.assertEqual({run["state"] for run in plan["runs"]}, {"cached"})
        for run in plan["runs"]:
            self.assertTrue((self.folder / run["result"]).exists(), run)
        self.assertTrue(self.json("validate", "x.yaml", "--json")["valid"])


class Page(Folder):
    PAGE = ROOT / "docs/reference/command-line.md"

    def test_names_every_command(self):
        text = self.PAGE.read_text()
        for verb in self.commands():
            self.assertIn(f"`{verb}", text)


if __name__ == "__main__":
    unittest.main()
