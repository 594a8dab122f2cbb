/// The list of runs and their hashes: what must change them does, what must not does not.

#include "experiments/harness/plan/plan.hpp"

#include <boost/test/unit_test.hpp>
#include <set>

#include "core/io/sha256.hpp"
#include "experiments/harness/config/load_experiment.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(plan_test)

namespace {

const std::string base = R"(experiment: smoke
datasets:
  - {name: blobs, params: {samples: 30}}
  - {name: blobs, label: other, params: {samples: 40}}
network: {hidden: [5, 4]}
seeds: [0, 2, 5]
iterations: 7
solvers:
  - {name: dladmm, label: dlADMM, params: {rho: 2}}
  - {name: adam, grid: {learning_rate: [1.0e-4, 1.0e-3], batch_size: [full, 8]}}
)";

struct Planned {
  Experiment experiment;
  std::vector<Run> runs;
};

Planned plan(const std::vector<std::string>& settings = {}, const std::string& text = base,
             const std::vector<std::string>& identities = {"d0", "d1"}) {
  const TemporaryFolder folder;
  Planned result;
  result.experiment = load_experiment(folder.write("x.yaml", text), "", settings);
  result.runs = make_plan(result.experiment, "out", identities);
  return result;
}

std::string first_hash(const std::vector<std::string>& settings = {}) {
  return plan(settings).runs.at(0).content_hash;
}

std::size_t selected(const std::vector<std::string>& only) {
  const Planned planned = plan();
  return select_runs(planned.experiment, planned.runs, only).size();
}

std::string selection_error(const std::string& only) {
  try {
    selected({only});
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace

BOOST_AUTO_TEST_CASE(product_of_everything) {
  const Planned planned = plan();
  BOOST_TEST(planned.runs.size() == 2u * (1 + 2 * 2) * 3);
  std::set<std::filesystem::path> paths;
  std::set<std::string> hashes;
  for (const Run& run : planned.runs) {
    paths.insert(run.result);
    hashes.insert(run.content_hash);
    BOOST_TEST(run.config_sha256 == sha256(run.config));
  }
  BOOST_TEST(paths.size() == planned.runs.size());
  BOOST_TEST(hashes.size() == planned.runs.size());
  BOOST_TEST(planned.runs[1].result == "out/smoke/blobs/dlADMM/seed-2.h5");
  BOOST_TEST(planned.runs[3].result == "out/smoke/blobs/adam-learning_rate=1.0e-4,batch_size=full/seed-0.h5");
}

BOOST_AUTO_TEST_CASE(resolved_configuration_says_everything) {
  const std::string config = plan({"note=\"reduced: smaller\"", "published=[kdd19.table3]"}).runs[0].config;
  const ConfigValue value = parse_yaml(config, "config");
  BOOST_TEST(value.find("experiment")->text == "smoke");
  BOOST_TEST(value.find("note")->text == "reduced: smaller");
  BOOST_TEST(value.find("published")->items.at(0).text == "kdd19.table3");
  BOOST_TEST(value.find("dataset")->find("params")->find("samples")->text == "30");
  BOOST_TEST(value.find("network")->find("activation")->text == "relu");
  const ConfigValue& solver = *value.find("solver");
  BOOST_TEST(solver.find("label")->text == "dlADMM");
  BOOST_TEST(solver.find("params")->find("rho")->text == "2");
  BOOST_TEST(solver.find("params")->find("nu")->text == "1.0e-06");  // a default
  BOOST_TEST(solver.find("params")->find("step")->find("rule")->text == "exact");
  BOOST_TEST(value.find("record")->find("every")->text == "1");
}

BOOST_AUTO_TEST_CASE(hash_changes_with_what_decides_the_result) {
  const std::string original = first_hash();
  BOOST_TEST(first_hash() == original);
  for (const std::string setting :
       {"iterations=8", "precision=float32", "network.hidden=[5, 5]", "network.activation=tanh",
        "network.loss=squared", "seeds=[1]", "solvers.0.params.rho=3", "solvers.0.params.step=lipschitz",
        "solvers.0.name=last_layer", "datasets.0.params.samples=31", "datasets.0.train=20",
        "datasets.0.validation=0.5", "record.every=2", "record.iterates=[1]", "record.weights=false",
        "stop.time_limit=1", "stop.residual=1"}) {
    BOOST_TEST(first_hash({setting}) != original, setting);
  }
  BOOST_TEST(plan({}, base, {"changed", "d1"}).runs[0].content_hash != original);
}

BOOST_AUTO_TEST_CASE(hash_ignores_presentation) {
  const std::string original = first_hash();
  for (const std::string setting :
       {"experiment=renamed", "note=hello", "published=[a]", "solvers.0.label=other", "datasets.0.label=mine",
        "threads=2", "seeds=[0]", "solvers.0.params.rho=2.0", "solvers.0.params.step=exact",
        "solvers.1.params.mu=1", "record.weights=true"}) {
    BOOST_TEST(first_hash({setting}) == original, setting);
  }
  // Labels are in the configuration all the same.
  BOOST_TEST(plan({"note=hello"}).runs[0].config_sha256 != plan().runs[0].config_sha256);
}

BOOST_AUTO_TEST_CASE(initial_file_counts_by_content) {
  const TemporaryFolder folder;
  folder.write("a.h5", "one");
  folder.write("b.h5", "one");
  folder.write("c.h5", "two");
  const auto hash = [&](const std::string& name) {
    return first_hash({"initial.file=" + (folder / name).string()});
  };
  BOOST_TEST(hash("a.h5") == hash("b.h5"));
  BOOST_TEST(hash("a.h5") != hash("c.h5"));
  BOOST_TEST(hash("a.h5") != first_hash());
}

BOOST_AUTO_TEST_CASE(no_hash_without_data) {
  const Planned planned = plan({}, base, {"", "d1"});
  BOOST_TEST(planned.runs.front().content_hash.empty());
  BOOST_TEST(!is_cached(planned.runs.front()));
  BOOST_TEST(!planned.runs.back().content_hash.empty());
}

BOOST_AUTO_TEST_CASE(selection) {
  BOOST_TEST(selected({}) == 30);
  BOOST_TEST(selected({"seed=2"}) == 10);
  BOOST_TEST(selected({"seed=2", "seed=5"}) == 20);
  BOOST_TEST(selected({"dataset=other"}) == 15);
  BOOST_TEST(selected({"dataset=blobs"}) == 30);  // the name of both
  BOOST_TEST(selected({"solver=dlADMM"}) == 6);
  BOOST_TEST(selected({"solver=adam", "seed=0"}) == 8);
  BOOST_TEST(selected({"learning_rate=0.001"}) == 12);  // equal as a number
  BOOST_TEST(selected({"label=adam-learning_rate=1.0e-4,batch_size=8"}) == 6);
  BOOST_TEST(selection_error("seed=7").find("allowed: 0, 2, 5") != std::string::npos);
  BOOST_TEST(selection_error("solver=dladm").find("did you mean 'dladmm'?") != std::string::npos);
  BOOST_TEST(selection_error("sed=7").find("did you mean 'seed'?") != std::string::npos);
  BOOST_TEST(selection_error("sed=7").find("learning_rate") != std::string::npos);
  BOOST_TEST(selection_error("seed").find("key=value") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
