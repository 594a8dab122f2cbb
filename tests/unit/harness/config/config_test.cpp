/// Experiment files: every mistake is named with file, line, key and what would be right.

#include <boost/test/unit_test.hpp>

#include "datasets/dataset.hpp"
#include "experiments/harness/config/load_experiment.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(config_test)

namespace {

const std::string valid = R"(experiment: smoke
precision: float32
datasets:
  - {name: blobs, params: {samples: 30}}
network: {hidden: [5, 4], activation: tanh, loss: squared}
seeds: [0, 2]
iterations: 7
solvers:
  - {name: dladmm, label: dlADMM, params: {rho: 2, step: exact}}
  - {name: adam, grid: {learning_rate: [1.0e-4, 1.0e-3], batch_size: [full, 8]}}
record: {every: 2, iterates: [2, 0, 2]}
stop: {time_limit: 60, residual: 1.0e-9, patience: 50, target_accuracy: 0.8}
profiles:
  quick: {iterations: 3, network: {hidden: [2]}, note: reduced}
)";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  BOOST_REQUIRE_MESSAGE(at != std::string::npos, "'" << from << "' is not in the valid file");
  return text.replace(at, from.size(), to);
}

/// The message of the ConfigError of `text`.
std::string error_of(const std::string& text, const std::string& profile = {},
                     const std::vector<std::string>& settings = {}) {
  const TemporaryFolder folder;
  const auto file = folder.write("x.yaml", text);
  try {
    load_experiment(file, profile, settings);
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "no error";
}

/// `from` replaced by `to` in the valid file is an error at `line` that mentions all of `parts`.
void check_error(const std::string& from, const std::string& to, int line,
                 const std::vector<std::string>& parts) {
  const std::string message = error_of(replaced(valid, from, to));
  const std::string place = "x.yaml:" + std::to_string(line) + ": ";
  BOOST_TEST(message.find(place) != std::string::npos, to << " gives: " << message);
  for (const std::string& part : parts) {
    BOOST_TEST(message.find(part) != std::string::npos, "no '" << part << "' in: " << message);
  }
}

Experiment load(const std::string& text, const std::string& profile = {},
                const std::vector<std::string>& settings = {}) {
  const TemporaryFolder folder;
  return load_experiment(folder.write("x.yaml", text), profile, settings);
}

}  // namespace

BOOST_AUTO_TEST_CASE(reads_every_key) {
  const Experiment experiment = load(valid);
  BOOST_TEST(experiment.name == "smoke");
  BOOST_TEST(experiment.precision == "float32");
  BOOST_TEST(load_dataset<float>(experiment.datasets.at(0).request).train->size() == 30u);
  BOOST_TEST(experiment.network.hidden == (std::vector<long>{5, 4}));
  BOOST_TEST((experiment.network.activation == Activation::tanh));
  BOOST_TEST((experiment.network.loss == Loss::squared));
  BOOST_TEST(experiment.seeds == (std::vector<long>{0, 2}));
  BOOST_TEST(experiment.iterations == 7);
  BOOST_TEST(experiment.record.iterates == (std::vector<long>{0, 2}));
  BOOST_TEST(*experiment.stop.target_accuracy == 0.8);
  BOOST_TEST(experiment.solvers.size() == 5);
  BOOST_TEST(experiment.solvers[0].label == "dlADMM");
  BOOST_TEST(experiment.solvers[1].label == "adam-learning_rate=1.0e-4,batch_size=full");
  BOOST_TEST(experiment.solvers[4].label == "adam-learning_rate=1.0e-3,batch_size=8");
}

BOOST_AUTO_TEST_CASE(unknown_keys) {
  check_error("iterations: 7", "iteration: 7", 7,
              {"iteration: unknown key", "did you mean 'iterations'?", "precision"});
  check_error("rho: 2", "roh: 2", 9, {"solvers.0.params.roh", "did you mean 'rho'?", "nu"});
  check_error("activation: tanh", "activaton: tanh", 5, {"network.activaton", "did you mean 'activation'?"});
  check_error("every: 2", "evry: 2", 11, {"record.evry", "iterates"});
  check_error("patience: 50", "patients: 50", 12, {"stop.patients", "did you mean 'patience'?"});
  check_error("samples: 30", "sample: 30", 4, {"datasets.0.params.sample", "did you mean 'samples'?"});
  check_error("quick: {iterations", "quick: {iterasions", 14, {"profiles.quick.iterasions", "iterations"});
}

BOOST_AUTO_TEST_CASE(words_of_other_libraries) {
  check_error("iterations: 7", "epochs: 7", 7,
              {"it is called 'iterations' here", "one pass over the samples"});
  check_error("network:", "model:", 5, {"it is called 'network' here"});
  check_error("seeds:", "seed:", 6, {"it is called 'seeds' here"});
  check_error("solvers:", "optimizer:", 8, {"it is called 'solvers' here"});
  check_error("rho: 2", "lr: 2", 9,
              {"solvers.0.params.lr", "unknown key; allowed:"});  // dladmm has no such thing
  check_error("name: dladmm, label: dlADMM, params: {rho: 2, step: exact}", "name: sgd, params: {lr: 2}", 9,
              {"it is called 'learning_rate' here"});
  check_error("name: dladmm, label: dlADMM, params: {rho: 2, step: exact}",
              "name: sgd, params: {weight_decay: 2}", 9, {"it is called 'mu' here, the penalty"});
  check_error("name: dladmm", "name: AdamW", 9, {"it is called 'adam' here, with `preset: adamw`"});
  check_error("activation: tanh", "activation: gelu", 5, {"it is called 'relu' here, the nearest"});
  check_error("loss: squared", "loss: mse", 5, {"it is called 'squared' here"});
  check_error("float32", "double", 2, {"it is called 'float64' here"});
}

BOOST_AUTO_TEST_CASE(short_forms) {
  const TemporaryFolder folder;
  const auto load = [&](const std::string& text, const std::string& profile = {},
                        const std::vector<std::string>& settings = {}) {
    return load_experiment(folder.write("x.yaml", text), profile, settings);
  };
  const std::string text = R"(experiment: short
shared: {anything: [{at: all}], settings: &rate {learning_rate: 0.25}}
datasets: [blobs]
network: {hidden: [5]}
iterations: 7
seeds: 3
solvers: [dladmm, {name: adam, params: {<<: *rate, beta1: 0.5}}]
profiles: {quick: {solvers: [sgd], seeds: 1}}
)";
  const Experiment experiment = load(text);
  BOOST_TEST((experiment.seeds == std::vector<long>{0, 1, 2}));
  BOOST_TEST(experiment.datasets.at(0).request.label == "blobs");
  BOOST_TEST(experiment.solvers.at(0).label == "dladmm");
  BOOST_TEST(to_flow(experiment.solvers.at(1).params).find("learning_rate: 0.25, beta1: 0.5") !=
             std::string::npos);
  const Experiment quick = load(text, "quick");
  BOOST_TEST((quick.seeds == std::vector<long>{0}));
  BOOST_TEST(quick.solvers.at(0).name == "sgd");
  BOOST_TEST(load(text, "", {"solvers=[sgd]", "datasets=[{name: blobs, label: b}]"}).solvers.at(0).name ==
             "sgd");
  // The list itself means what it says.
  BOOST_TEST((load(replaced(text, "seeds: 3", "seeds: [3]")).seeds == std::vector<long>{3}));
  BOOST_TEST(error_of(replaced(text, "seeds: 3", "seeds: 0")).find("out of range") != std::string::npos);
  BOOST_TEST(error_of(replaced(text, "[dladmm,", "[dladm,")).find("x.yaml:7: solvers.0.name") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(wrong_types) {
  check_error("iterations: 7", "iterations: many", 7, {"iterations", "'many' is not a whole number", ">= 1"});
  check_error("iterations: 7", "iterations: 7.5", 7, {"iterations", "not a whole number"});
  check_error("rho: 2", "rho: two", 9, {"solvers.0.params.rho", "'two' is not a number", "> 0"});
  check_error("rho: 2", "rho: \"2\"", 9, {"rho", "not a number"});
  check_error("rho: 2", "rho: [2]", 9, {"rho", "a list is not a number"});
  check_error("seeds: [0, 2]", "seeds: a", 6, {"seeds", "not a whole number"});
  check_error("seeds: [0, 2]", "seeds: [0, a]", 6, {"seeds", "'a'"});
  check_error("network: {hidden: [5, 4], activation: tanh, loss: squared}", "network: 3", 5,
              {"network", "not a mapping"});
  check_error("step: exact", "step: [exact]", 9, {"solvers.0.params.step", "a list"});
}

BOOST_AUTO_TEST_CASE(impossible_values) {
  check_error("iterations: 7", "iterations: 0", 7, {"iterations", "out of range", ">= 1"});
  check_error("rho: 2", "rho: -1", 9, {"rho", "out of range", "> 0"});
  check_error("rho: 2", "rho: .nan", 9, {"rho", "out of range"});
  check_error("rho: 2", "rho: .inf", 9, {"rho", "out of range"});
  check_error("precision: float32", "precision: float16", 2, {"precision", "float32, float64"});
  check_error("loss: squared", "loss: hinge", 5, {"network.loss", "cross_entropy, squared"});
  check_error("step: exact", "step: exakt", 9, {"step", "did you mean 'exact'?", "lipschitz"});
  check_error("name: dladmm", "name: dladm", 9, {"solvers.0.name", "did you mean 'dladmm'?"});
  check_error("name: blobs", "name: blob", 4, {"datasets.0.name", "did you mean 'blobs'?"});
  check_error("hidden: [5, 4]", "hidden: [5, 0]", 5, {"network.hidden", "out of range"});
  check_error("seeds: [0, 2]", "seeds: [1, 1]", 6, {"seeds", "1 is given twice"});
  check_error("target_accuracy: 0.8", "target_accuracy: 80", 12, {"stop.target_accuracy", "(0, 1]"});
  check_error("experiment: smoke", "experiment: Smoke/1", 1, {"experiment", "a-z"});
  check_error("batch_size: [full, 8]", "batch_size: [full, 0]", 10, {"batch_size", "full"});
  check_error("name: blobs", "file: nothing.h5", 4, {"datasets.0", "nothing.h5"});
}

BOOST_AUTO_TEST_CASE(labels) {
  check_error("label: dlADMM", "label: a/b", 9, {"solvers.0.label", "'a/b'", "folder name"});
  check_error("label: dlADMM", "label: ..", 9, {"solvers.0.label"});
  check_error("name: adam,", "name: dladmm, label: dlADMM}\n  - {name: adam,", 10,
              {"solvers.1", "second entry"});
  check_error("- {name: blobs", "- {name: blobs}\n  - {name: blobs", 5,
              {"datasets.1", "second entry", "label"});
}

BOOST_AUTO_TEST_CASE(yaml_mistakes) {
  check_error("iterations: 7", "iterations: 7\niterations: 8", 8, {"iterations", "given twice", "x.yaml:7"});
  check_error("seeds: [0, 2]", "seeds: [0, 2", 7, {"YAML"});
  BOOST_TEST(error_of("").find("is empty") != std::string::npos);
  BOOST_TEST(error_of("experiment: a\n").find("datasets: missing") != std::string::npos);
  BOOST_CHECK_THROW(load_experiment("/nowhere/x.yaml"), ConfigError);
}

BOOST_AUTO_TEST_CASE(profile_is_merged_key_by_key) {
  const Experiment experiment = load(valid, "quick");
  BOOST_TEST(experiment.profile == "quick");
  BOOST_TEST(experiment.note == "reduced");
  BOOST_TEST(experiment.iterations == 3);
  BOOST_TEST(experiment.network.hidden == (std::vector<long>{2}));
  BOOST_TEST((experiment.network.activation == Activation::tanh));  // kept
  BOOST_TEST(error_of(valid, "quik").find("did you mean 'quick'?") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(settings) {
  const Experiment experiment = load(
      valid, "quick", {"iterations=10", "network.hidden=[50]", "solvers.0.params.rho=1", "stop.patience=4"});
  BOOST_TEST(experiment.iterations == 10);
  BOOST_TEST(experiment.network.hidden == (std::vector<long>{50}));
  BOOST_TEST(to_flow(experiment.solvers[0].params).find("rho: 1,") != std::string::npos);
  BOOST_TEST(*experiment.stop.patience == 4);
  for (const std::string wrong : {"iteration=10", "iterations=x", "solvers.9.params.rho=1",
                                  "solvers.x.name=adam", "iterations.a=1", "iterations"}) {
    const std::string message = error_of(valid, "", {wrong});
    BOOST_TEST(message.starts_with("--set " + wrong), message);
  }
}

BOOST_AUTO_TEST_CASE(files_are_sought_beside_the_experiment) {
  const TemporaryFolder folder;
  folder.write("mine.h5", "");
  const auto file =
      folder.write("x.yaml", replaced(valid, "{name: blobs, params: {samples: 30}}", "{file: mine.h5}"));
  const Experiment experiment = load_experiment(file);
  BOOST_TEST(experiment.datasets[0].request.file == folder / "mine.h5");
  BOOST_TEST(experiment.datasets[0].request.label == "mine");
}

BOOST_AUTO_TEST_CASE(a_data_set_has_a_network_and_iterations_of_its_own) {
  const Experiment experiment =
      load(valid, {}, {"datasets=[{name: blobs}, {name: sbm, network: {hidden: [3]}, iterations: 20}]"});
  const DatasetEntry& common = experiment.datasets.at(0);
  const DatasetEntry& own = experiment.datasets.at(1);
  BOOST_TEST(experiment.network_on(common).hidden == (std::vector<long>{5, 4}));
  BOOST_TEST(experiment.iterations_of(common, experiment.solvers.at(0)) == 7);
  BOOST_TEST(experiment.network_on(own).hidden == (std::vector<long>{3}));
  BOOST_TEST((experiment.network_on(own).activation == Activation::tanh));  // the experiment's
  BOOST_TEST((experiment.network_on(own).loss == Loss::squared));
  BOOST_TEST(experiment.iterations_of(own, experiment.solvers.at(0)) == 20);
}

BOOST_AUTO_TEST_CASE(a_solver_s_own_iterations_come_first) {
  const Experiment experiment = load(valid, {},
                                     {"datasets=[{name: blobs}, {name: sbm, iterations: 20}]",
                                      "solvers=[{name: adam, label: long, iterations: 60}, {name: adam}]"});
  for (const DatasetEntry& dataset : experiment.datasets) {
    BOOST_TEST(experiment.iterations_of(dataset, experiment.solvers.at(0)) == 60);
  }
  BOOST_TEST(experiment.iterations_of(experiment.datasets.at(0), experiment.solvers.at(1)) == 7);
  BOOST_TEST(experiment.iterations_of(experiment.datasets.at(1), experiment.solvers.at(1)) == 20);
}

BOOST_AUTO_TEST_CASE(a_data_set_s_own_network_is_checked) {
  for (const char* wrong :
       {"network: {hidden: [0]}", "network: {hiden: [2]}", "network: [2]", "iterations: 0"}) {
    const std::string message = error_of(valid, {}, {std::string("datasets=[{name: blobs, ") + wrong + "}]"});
    BOOST_TEST(message.find("datasets.0.") != std::string::npos, wrong << " gives: " << message);
  }
  // One layer is a network, too.
  const Experiment one = load(valid, {}, {"datasets=[{name: blobs, network: {hidden: []}}]"});
  BOOST_TEST(one.network_on(one.datasets.at(0)).hidden.empty());
}

/// What there was before there was a choice is stored as it was.
BOOST_AUTO_TEST_CASE(features_and_split_of_graphs) {
  const auto written = [](const std::string& entry) {
    return to_flow(load(valid, {}, {"datasets=[" + entry + "]"}).datasets.at(0).written);
  };
  const std::string graph = "graph: {hops: 4, operator: normalized}";
  BOOST_TEST(written("{name: cora}") == "{name: cora, " + graph + "}");
  BOOST_TEST(written("{name: coauthor-cs, split: one_permutation, features: counts}") ==
             "{name: coauthor-cs, " + graph + "}");
  BOOST_TEST(written("{name: coauthor-cs}") == "{name: coauthor-cs, " + graph + ", split: released}");
  BOOST_TEST(written("{name: coauthor-cs, features: binary}") ==
             "{name: coauthor-cs, " + graph + ", features: binary, split: released}");
  BOOST_TEST(written("{name: sbm, features: binary}").find("features: binary") != std::string::npos);
  const Experiment experiment = load(valid, {}, {"datasets=[{name: amazon-photo, features: binary}]"});
  BOOST_TEST((experiment.datasets[0].request.features == NodeFeatures::binary));
  BOOST_TEST((experiment.datasets[0].request.split == NpzSplit::released));
}

BOOST_AUTO_TEST_CASE(features_and_split_where_there_is_no_choice) {
  check_error("{name: blobs, params: {samples: 30}}", "{name: mnist, features: binary}", 4,
              {"datasets.0.features", "mnist is not a graph"});
  check_error("{name: blobs, params: {samples: 30}}", "{name: cora, split: released}", 4,
              {"datasets.0.split", "cora has one split", "several"});
  check_error("{name: blobs, params: {samples: 30}}", "{name: coauthor-cs, split: public}", 4,
              {"datasets.0.split", "released, one_permutation"});
  check_error("{name: blobs, params: {samples: 30}}", "{name: coauthor-cs, features: bag}", 4,
              {"datasets.0.features", "counts, binary"});
}

/// A number of those that are published, or every seed its own.
BOOST_AUTO_TEST_CASE(published_splits) {
  const auto entry = [](const std::string& text, const std::string& seeds = "[0, 9]") {
    return load(valid, {}, {"datasets=[" + text + "]", "seeds=" + seeds}).datasets.at(0);
  };
  const DatasetEntry third = entry("{name: minesweeper, split: 2}");
  BOOST_TEST((third.request.published.number == 2));
  BOOST_TEST(to_flow(third.written).find(", split: 2") != std::string::npos);
  const DatasetEntry each = entry("{name: uci-pol, split: seed, network: {loss: squared}}");
  BOOST_TEST(!each.request.published.number.has_value());
  BOOST_TEST((for_seed(each.request, 4).published.number == 4));
  BOOST_TEST(to_flow(each.written) == "{name: uci-pol, split: seed}");
  for (const char* first : {"{name: uci-pol}", "{name: uci-pol, split: 0}"}) {
    BOOST_TEST(to_flow(entry(first).written) == "{name: uci-pol}",
               "results of before there was a choice keep their hash");
  }

  for (const char* wrong : {"10", "-1", "1.5", "released"}) {
    check_error("{name: blobs, params: {samples: 30}}", std::string("{name: tolokers, split: ") + wrong + "}",
                4, {"datasets.0.split", "[0, 9]", "or seed"});
  }
  check_error("{name: blobs, params: {samples: 30}}", "{name: coauthor-cs, split: 1}", 4,
              {"datasets.0.split", "released, one_permutation"});
  const std::string message =
      error_of(valid, {}, {"datasets=[{name: tolokers, split: seed}]", "seeds=[3, 10]"});
  for (const char* part : {"datasets.0.split", "splits 0 to 9", "seed 10", "allowed: seeds 0 to 9"})
    BOOST_TEST(message.find(part) != std::string::npos, message);
}

BOOST_AUTO_TEST_CASE(some_of_the_classes) {
  const Experiment experiment = load(valid, {}, {"datasets=[{name: svhn, classes: [2, 1]}]"});
  BOOST_TEST((experiment.datasets[0].request.classes == std::vector<long>{2, 1}));
  BOOST_TEST(to_flow(experiment.datasets[0].written) == "{name: svhn, classes: [2, 1]}");
  for (const auto& [entry, parts] : std::vector<std::pair<std::string, std::vector<std::string>>>{
           {"{name: cifar-10, classes: [0, 10]}", {"cifar-10 has no class 10", "0 to 9"}},
           {"{name: cora, classes: [0, 1]}", {"cora is a graph"}},
           {"{name: uci-pol, classes: [0]}", {"uci-pol is regression"}},
           {"{name: mnist, classes: [1, 1]}", {"1 is given twice"}},
           {"{name: mnist, classes: []}", {"at least one class"}}}) {
    const std::string message = error_of(valid, {}, {"datasets=[" + entry + "]"});
    BOOST_TEST(message.find("datasets.0.classes") != std::string::npos, message);
    for (const std::string& part : parts) BOOST_TEST(message.find(part) != std::string::npos, message);
  }
}

BOOST_AUTO_TEST_CASE(zoom_is_for_images) {
  const Experiment experiment =
      load(valid, {}, {"datasets=[{name: mnist, zoom: 0.5}, {name: mnist, label: all}]"});
  BOOST_TEST(to_flow(experiment.datasets[0].written) == "{name: mnist, zoom: 0.5}");
  BOOST_TEST(to_flow(experiment.datasets[1].written) == "{name: mnist}");
  check_error("{name: blobs, params: {samples: 30}}", "{name: cora, zoom: 0.5}", 4,
              {"datasets.0.zoom", "cora is a graph"});
  check_error("{name: blobs, params: {samples: 30}}", "{name: mnist, zoom: 0}", 4, {"datasets.0.zoom"});
}

BOOST_AUTO_TEST_CASE(lists_per_stage_fit_the_stages) {
  const std::string solver = "{name: dladmm, label: dlADMM, params: {rho: 2, step: exact}}";
  check_error(solver,
              "{name: pdadmm_gq, preset: released-cora,\n     params: {continuation: {cap: [1, 0.1]}}}", 10,
              {"solvers.0.params.continuation.cap", "has 2 values for 3 stages"});
  check_error(solver, "{name: pdadmm_g, params: {stages: [2, 3], stage_rho: [1, 1, 1]}}", 9,
              {"solvers.0.params.stage_rho", "has 3 values for 2 stages"});
  // Of lists that come with a preset the place is that of the parameters.
  check_error(solver, "{name: pdadmm_gq, preset: released-cora, params: {stages: [2, 3]}}", 9,
              {"solvers.0.params.continuation.drop", "has 3 values for 2 stages", "stage_mu"});
}

BOOST_AUTO_TEST_SUITE_END()
