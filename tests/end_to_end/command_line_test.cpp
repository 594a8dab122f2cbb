/// The real command line on a small data file: exit codes, result files, cache, Ctrl-C, several jobs.

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <thread>

#include "core/compute/rng.hpp"
#include "core/io/hdf5_file.hpp"
#include "results/record/run_file.hpp"
#include "tests/support/curl_stub.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(command_line_test)

namespace {

/// Three classes, 4 features.
void write_data(const std::filesystem::path& file) {
  Hdf5File out = Hdf5File::create(file);
  Rng rng(1);
  for (const auto& [split, count] :
       {std::pair{"train", arma::uword{60}}, std::pair{"test", arma::uword{30}}}) {
    arma::mat x(4, count);
    fill_normal(rng, 1.0, x);
    std::vector<std::int64_t> y;
    for (arma::uword n = 0; n < count; ++n) {
      y.push_back(static_cast<std::int64_t>(n % 3));
      x(n % 3, n) += 3;
    }
    out.write_samples(std::string("/") + split + "/x", x);
    out.write_vector(std::string("/") + split + "/y", y);
  }
  out.write_attribute("/", "classes", std::int64_t{3});
  out.write_attribute("/", "name", std::string("small"));
  out.write_attribute("/", "source", std::string("made by a test"));
  out.write_attribute("/", "sha256", std::string("none"));
  out.flush();
}

const std::string experiment = R"(# A small experiment.
experiment: small
datasets: [{file: data.h5, label: small}]
network: {hidden: [6, 5]}
seeds: [0, 1]
iterations: 8
solvers:
  - {name: dladmm, params: {rho: 1, nu: 1}}
  - {name: adam, params: {batch_size: 16}}
record: {iterates: [0, 1, 8]}
)";

struct Fixture {
  TemporaryFolder folder;
  Fixture() {
    write_data(folder / "data.h5");
    folder.write("x.yaml", experiment);
  }

  /// Exit code; what was printed is in text().
  int admmbench(const std::string& arguments) const {
    const std::string command =
        "cd '" + folder.path().string() + "' && " ADMMBENCH_EXECUTABLE " " + arguments + " > printed 2>&1";
    const int state = std::system(command.c_str());
    return WIFEXITED(state) ? WEXITSTATUS(state) : -1;
  }
  /// Without what the program says of this machine's BLAS.
  std::string text() const {
    std::ifstream stream(folder / "printed");
    std::string all;
    for (std::string line; std::getline(stream, line);) {
      if (!line.starts_with("admmbench: warning: OpenBLAS does not know")) all += line + "\n";
    }
    return all;
  }
  /// How often `part` was printed.
  int count(const std::string& part) const {
    const std::string all = text();
    int found = 0;
    for (std::size_t at = all.find(part); at != std::string::npos; at = all.find(part, at + 1)) ++found;
    return found;
  }
  bool printed(const std::string& part) const { return text().find(part) != std::string::npos; }
  std::filesystem::path result(const std::string& out, const std::string& solver, int seed = 0) const {
    return folder.path() / out / "small" / "small" / solver / ("seed-" + std::to_string(seed) + ".h5");
  }
};

template <class Values>
bool same_bits(const Values& a, const Values& b) {
  return a.size() == b.size() && std::memcmp(&*a.begin(), &*b.begin(), a.size() * sizeof(*a.begin())) == 0;
}

/// Trajectories (but the times) and final weights agree bit by bit.
void check_same(const std::filesystem::path& first, const std::filesystem::path& second) {
  const RunRecord a = read_run(first);
  const RunRecord b = read_run(second);
  BOOST_TEST(a.trajectory.iteration == b.trajectory.iteration, boost::test_tools::per_element());
  for (const auto& [name, values] : a.trajectory.columns) {
    if (name != "seconds") BOOST_TEST(same_bits(values, *b.trajectory.find(name)), name);
  }
  const Hdf5File fa = Hdf5File::open(first);
  const Hdf5File fb = Hdf5File::open(second);
  for (const std::string name : {"/final/W1", "/final/W3", "/iterates/1/W2"}) {
    BOOST_TEST(same_bits(fa.read_matrix<double>(name), fb.read_matrix<double>(name)), name);
  }
}

}  // namespace

BOOST_FIXTURE_TEST_CASE(runs_and_caches, Fixture) {
  BOOST_TEST(admmbench("run x.yaml --out out --threads 1") == 0, text());
  BOOST_TEST(printed("4 runs, 0 cached, 4 to run"), text());
  const RunRecord record = read_run(result("out", "dladmm", 1));
  BOOST_TEST(record.attributes.seed == 1);
  BOOST_TEST((record.attributes.status == RunStatus::completed));
  BOOST_TEST(record.trajectory.iteration.size() == 9);
  BOOST_TEST(record.trajectory.find("test_accuracy")->back() > 0.5);
  const Hdf5File file = Hdf5File::open(result("out", "dladmm"));
  BOOST_TEST(file.shape("/iterates/1/W1") == (std::vector<std::uint64_t>{6, 4}),
             boost::test_tools::per_element());
  BOOST_TEST(file.shape("/iterates/8/z2") == (std::vector<std::uint64_t>{5, 60}),
             boost::test_tools::per_element());
  BOOST_TEST(file.exists("/initial/b3"));

  const auto written = std::filesystem::last_write_time(result("out", "dladmm"));
  BOOST_TEST(admmbench("run x.yaml --out out --threads 1") == 0);
  BOOST_TEST(printed("4 runs, 4 cached, 0 to run"), text());
  BOOST_TEST((std::filesystem::last_write_time(result("out", "dladmm")) == written));
  BOOST_TEST(admmbench("plan x.yaml --out out") == 0);
  BOOST_TEST(printed("cached"), text());
  // One more iteration is another result; another note is not.
  BOOST_TEST(admmbench("run x.yaml --out out --set note=hello --dry-run") == 0);
  BOOST_TEST(!printed("new"), text());
  BOOST_TEST(admmbench("run x.yaml --out out --set iterations=9 --dry-run") == 0);
  BOOST_TEST(printed("new"), text());
  BOOST_TEST(admmbench("run x.yaml --out out --force --only solver=dladmm --only seed=0 --quiet") == 0);
  BOOST_TEST(text().empty(), text());
}

BOOST_FIXTURE_TEST_CASE(jobs_and_repetition_give_the_same_bits, Fixture) {
  BOOST_TEST(admmbench("run x.yaml --out one --threads 1") == 0, text());
  BOOST_TEST(admmbench("run x.yaml --out two --threads 1 --jobs 2") == 0, text());
  for (const std::string solver : {"dladmm", "adam"}) {
    for (const int seed : {0, 1}) check_same(result("one", solver, seed), result("two", solver, seed));
  }
}

BOOST_FIXTURE_TEST_CASE(starts_from_a_result_file, Fixture) {
  BOOST_TEST(admmbench("run x.yaml --out out --threads 1 --only seed=0") == 0, text());
  const std::string initial = result("out", "dladmm").string();
  BOOST_TEST(
      admmbench("run x.yaml --out again --threads 1 --only solver=dladmm --set initial.file=" + initial) == 0,
      text());
  check_same(result("out", "dladmm"), result("again", "dladmm", 0));
}

BOOST_FIXTURE_TEST_CASE(configuration_errors_exit_with_2, Fixture) {
  folder.write("wrong.yaml", experiment + "recrod: {}\n");
  BOOST_TEST(admmbench("run wrong.yaml") == 2);
  BOOST_TEST(printed("admmbench: error: wrong.yaml:11: recrod: unknown key; did you mean 'record'?"), text());
  BOOST_TEST(admmbench("run x.yaml --only seed=9") == 2);
  BOOST_TEST(admmbench("run x.yaml --set iterations=-1") == 2);
  BOOST_TEST(printed("--set iterations=-1: iterations"), text());
  BOOST_TEST(admmbench("run nothing.yaml") == 2);
  BOOST_TEST(admmbench("run x.yaml --jobs 0") == 2);
  BOOST_TEST(printed("admmbench: error: "), text());
  BOOST_TEST(admmbench("fly") == 2);
  BOOST_TEST(admmbench("") == 2);
  BOOST_TEST(admmbench("describe nothing") == 2);
}

BOOST_FIXTURE_TEST_CASE(missing_and_damaged_data_exit_with_3, Fixture) {
  folder.write("data.h5", "damaged");
  BOOST_TEST(admmbench("run x.yaml") == 3, text());
  BOOST_TEST(printed("data.h5"), text());
  // No cache, no mirror, no network: the proxy does not exist.
  const std::string nowhere = "run x.yaml --out out --set 'datasets=[{name: kmnist}]'";
  setenv("ADMMBENCH_CACHE", (folder / "cache").c_str(), 1);
  setenv("ADMMBENCH_DATA_MIRROR", (folder / "mirror").c_str(), 1);
  for (const char* proxy : {"http_proxy", "https_proxy", "ALL_PROXY"}) setenv(proxy, "http://127.0.0.1:9", 1);
  BOOST_TEST(admmbench(nowhere) == 3, text());
  BOOST_TEST(printed("kmnist"), text());
  BOOST_TEST(admmbench(nowhere + " --skip-unavailable") == 0, text());
  BOOST_TEST(printed("skipped"), text());
  for (const char* variable :
       {"ADMMBENCH_CACHE", "ADMMBENCH_DATA_MIRROR", "http_proxy", "https_proxy", "ALL_PROXY"}) {
    unsetenv(variable);
  }
}

BOOST_FIXTURE_TEST_CASE(several_experiments_without_network, Fixture) {
  setenv("ADMMBENCH_CACHE", (folder / "cache").c_str(), 1);
  setenv("ADMMBENCH_DATA_MIRROR", (folder / "mirror").c_str(), 1);
  const auto called = [](const std::string& name, const std::string& datasets) {
    return "experiment: " + name + "\ndatasets: [" + datasets + "]\n" +
           "network: {hidden: [6]}\niterations: 2\nsolvers: [{name: adam}]\n";
  };
  folder.write("graphs.yaml", called("graphs", "{name: cora}, {name: coauthor-cs}"));
  folder.write("mixed.yaml", called("mixed", "{name: cora}, {name: a9a}, {file: data.h5, label: small}"));
  const testing::CurlStub curl;
  BOOST_TEST(admmbench("plan graphs.yaml") == 0, text());
  BOOST_TEST(curl.asked().empty(), "a plan downloads nothing");
  BOOST_TEST(admmbench("run graphs.yaml mixed.yaml x.yaml --threads 1 --skip-unavailable") == 0, text());
  BOOST_TEST(curl.asked().size() == 2, "github.com and www.csie.ntu.edu.tw, once each");
  BOOST_TEST(count("skipped: cora: not downloaded (github.com cannot be reached)") == 1, text());
  BOOST_TEST(count("skipped: ") == 3, text());
  BOOST_TEST(count("no network, none of 2 hosts could be reached") == 1, text());
  BOOST_TEST(printed("[1/3] graphs: nothing to run; without cora, coauthor-cs\n[2/3] mixed: 1 runs"), text());
  BOOST_TEST(printed("[3/3] small: 4 runs, 0 cached, 4 to run"), text());
  // The second time there is nothing to do at all: a line for each.
  BOOST_TEST(admmbench("run mixed.yaml x.yaml --threads 1 --only dataset=small") == 0, text());
  BOOST_TEST(text() ==
             "[1/2] mixed: 1 runs, 1 cached, 0 to run; results: results/runs/mixed\n"
             "[2/2] small: 4 runs, 4 cached, 0 to run; results: results/runs/small\n");

  BOOST_TEST(admmbench("data fetch cora coauthor-cs a9a kmnist") == 3, text());
  BOOST_TEST(curl.asked().size() == 2 + 3, "and codh.rois.ac.jp");
  BOOST_TEST(printed("cora: not downloaded (github.com cannot be reached)\ncoauthor-cs: not"), text());
  BOOST_TEST(!printed("put ind.cora.x"), text());  // the long advice is for who asks for one set
  BOOST_TEST(admmbench("data fetch cora") == 3, text());
  BOOST_TEST(printed("put ind.cora.x, "), text());
  unsetenv("ADMMBENCH_CACHE");
  unsetenv("ADMMBENCH_DATA_MIRROR");

  BOOST_TEST(admmbench("run x.yaml x.yaml") == 2, text());
  BOOST_TEST(printed("two of them are called 'small'"), text());
  // A mistake in any file comes before the first run; what happens to one experiment does not stop the next.
  folder.write("wrong.yaml", called("wrong", "{name: nothing}"));
  BOOST_TEST(admmbench("run mixed.yaml wrong.yaml --out new") == 2, text());
  BOOST_TEST(!std::filesystem::exists(folder / "new"));
  folder.write("bad.yaml", called("bad", "{file: other.h5, label: other}"));
  std::filesystem::copy_file(folder / "data.h5", folder / "other.h5");
  std::filesystem::resize_file(folder / "other.h5", std::filesystem::file_size(folder / "other.h5") / 2);
  BOOST_TEST(admmbench("run bad.yaml x.yaml --out new --threads 1") == 1, text());
  BOOST_TEST(printed("failed runs in: bad"), text());
  BOOST_TEST(std::filesystem::exists(result("new", "adam")));
}

BOOST_FIXTURE_TEST_CASE(tables_and_rankings_as_the_experiment_says, Fixture) {
  folder.write("shown.yaml", experiment + "alone: true\ntable: {metric: train_accuracy}\n" +
                                 "rank: {reference: dladmm, targets: {small: 0.4, elsewhere: 0.9}}\n");
  BOOST_TEST(admmbench("run shown.yaml --out out --threads 1 --jobs 2") == 0, text());
  BOOST_TEST(printed("4 to run; 1 at a time"), text());
  BOOST_TEST(admmbench("table out") == 0, text());
  const std::string table = text();
  BOOST_TEST(admmbench("table out/small --metric train_accuracy") == 0, text());
  BOOST_TEST(text() == table);
  BOOST_TEST(admmbench("table out --metric test_accuracy") == 0, text());
  BOOST_TEST(text() != table);
  BOOST_TEST(admmbench("rank out") == 0, text());
  const std::string ranking = text();
  BOOST_TEST(admmbench("rank out --reference dladmm --target small=0.4") == 0, text());
  BOOST_TEST(text() == ranking);
  BOOST_TEST(admmbench("rank out --reference adam --target 0.5") == 0, text());
  BOOST_TEST(text() != ranking);

  BOOST_TEST(admmbench("run shown.yaml --out out --threads 1 --set table.metric=nothing") == 0, text());
  BOOST_TEST(printed("4 runs, 4 cached, 0 to run"), text());
  BOOST_TEST(admmbench("table out") == 1, text());
  BOOST_TEST(printed("`table: {metric: ...}` of experiment small: no run has 'nothing'"), text());
}

BOOST_FIXTURE_TEST_CASE(information_commands, Fixture) {
  BOOST_TEST(admmbench("--version") == 0);
  BOOST_TEST(admmbench("--help") == 0);
  BOOST_TEST(printed("Exit codes"), text());
  BOOST_TEST(admmbench("list solvers") == 0);
  BOOST_TEST(printed("dladmm"), text());
  BOOST_TEST(admmbench("list datasets") == 0);
  BOOST_TEST(printed("cora"), text());
  BOOST_TEST(admmbench("list experiments") == 0);
  BOOST_TEST(printed("first-run"), text());
  BOOST_TEST(admmbench("describe dladmm --preset paper") == 0);
  BOOST_TEST(printed("step.growth"), text());
}

BOOST_FIXTURE_TEST_CASE(ctrl_c_saves_and_a_second_call_resumes, Fixture) {
  const std::filesystem::path log = folder / "log";
  const pid_t process = fork();
  if (process == 0) {
    if (chdir(folder.path().c_str()) != 0 || std::freopen(log.c_str(), "w", stdout) == nullptr) _exit(99);
    dup2(STDOUT_FILENO, STDERR_FILENO);
    execl(ADMMBENCH_EXECUTABLE, "admmbench", "run", "x.yaml", "--out", "out", "--threads", "1", "--only",
          "solver=dladmm", "--set", "iterations=100000000", "--set", "record.every=100000000",
          static_cast<char*>(nullptr));
    _exit(98);
  }
  // The signal must come once the first run is on its way, which its line says.
  const auto printed_so_far = [&] {
    std::ifstream stream(log);
    return std::string{std::istreambuf_iterator<char>(stream), {}};
  };
  for (int i = 0; i < 1200 && printed_so_far().find("started") == std::string::npos; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  kill(process, SIGINT);
  int state = 0;
  waitpid(process, &state, 0);
  BOOST_TEST(WIFEXITED(state));
  BOOST_TEST(WEXITSTATUS(state) == 130, printed_so_far());
  BOOST_TEST(printed_so_far().find("resumes") != std::string::npos, printed_so_far());
  const RunRecord record = read_run(result("out", "dladmm"));
  BOOST_TEST((record.attributes.status == RunStatus::interrupted));
  BOOST_TEST(!std::filesystem::exists(result("out", "dladmm", 1)));
  BOOST_TEST(admmbench("run x.yaml --out out --threads 1 --only solver=dladmm") == 0);
  BOOST_TEST((read_run(result("out", "dladmm")).attributes.status == RunStatus::completed));
}

BOOST_AUTO_TEST_SUITE_END()
