#include "experiments/harness/config/experiment.hpp"

#include <fmt/format.h>

namespace admmbench {

namespace {

constexpr Range seed_range{0, 9007199254740991.0, false, false};
const ListForm seed_list{.least = "one seed", .distinct = true, .alone = ListForm::Alone::counts};

constexpr std::string_view name_characters = "abcdefghijklmnopqrstuvwxyz0123456789-";
const TextForm name_form{
    "^[a-z0-9-]+$", 0,
    [](std::string_view text) { return text.find_first_not_of(name_characters) == std::string_view::npos; },
    "has other characters; allowed: a-z, 0-9, -"};

constexpr std::string_view label_characters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+=, -()";
constexpr std::size_t longest_label = 200;  // with ".h5" and friends well below the 255 bytes of a file name

bool is_label(std::string_view text) {
  return !text.empty() && text.size() <= longest_label &&
         text.find_first_not_of(label_characters) == std::string_view::npos && text.front() != '.' &&
         text.front() != ' ' && text.back() != ' ';
}

}  // namespace

const TextForm label_form{"^[-A-Za-z0-9_+=,()][-A-Za-z0-9._+=, ()]*$", longest_label, is_label,
                          "cannot be a folder name; allowed: letters, digits and . _ + = , - ( ), blanks "
                          "inside, at most 200 characters, no dot at the start"};

void Experiment::visit(ParameterVisitor& v) {
  v.needed().text("experiment", name, "name of the result folder: a-z, 0-9, -", &name_form);
  v.choice("precision", precision, {"float32", "float64"}, "arithmetic of the methods");
  v.needed().other("datasets", "[dataset]", "what the methods are trained on");
  v.needed().group("network", network, "the network that is trained");
  v.integers("seeds", seeds, seed_range, seed_list, "one run for each; a number n stands for 0, ..., n-1");
  v.needed().integer("iterations", iterations, at_least_one, "iterations of a run");
  v.group("initial", initial, "the initial point; without it every method draws its own from the seed");
  v.needed().other("solvers", "[solver]", "the methods, and their settings");
  v.group("record", record, "what is written, and when");
  v.group("stop", stop, "rules that end a run before its last iteration");
  v.stored_if(false).group("checkpoint", checkpoint,
                           "what a run saves of itself, to go on from if it is killed");
  v.stored_if(false).group("parallel", parallel, "how processes of mpirun or srun share a run");
  v.integer("threads", threads, at_least_one, "threads of a run, unless --threads says otherwise");
  v.boolean("alone", alone, "seconds are what is looked at: one run at a time, whatever --jobs says");
  v.group("table", table, "how `admmbench table` shows the results");
  v.group("rank", rank, "how `admmbench rank` compares the methods");
  v.text("note", note, "a line shown beside the results");
  v.texts("published", published, {.items = "keys of results/published"},
          "keys of results/published to compare with");
  v.group("tune", tune,
          "how parameters are chosen on the validation split, before the experiment's own runs");
  v.other("profiles", "{profile}", "keys laid over the file by --profile NAME");
  v.other("shared", "",
          "not looked at: a place for parts that other places refer to, &name and *name, <<: *name");
}

void DatasetEntry::visit(ParameterVisitor& v) {
  v.other("name", "", "a registered data set, see admmbench list datasets; or `file`");
  v.other("file", "text",
          "a data file, relative to the experiment's folder, else to the working directory; or `name`");
  v.text("label", request.label, "in result paths and tables", &label_form);
  v.other("graph", "graph", "graph sets: how the nodes' neighbourhoods become features");
  v.choice("features", request.features, {"counts", "binary"},
           "graph sets: the nodes' features as published, or 1 where they are positive (the papers' loader)");
  v.other("split", "split",
          "which published split, or each seed its own; Amazon and Coauthor, which have none: the rule");
  v.integers("classes", request.classes, non_negative, {.least = "one class", .distinct = true},
             "the samples of these classes alone, which become 0, 1, ... in this order; not of graphs");
  v.real("zoom", request.zoom, positive,
         "image sets: factor on the sides of the images, 0.5 makes 14 x 14 of 28 x 28 pixels");
  v.integer("train", request.train, at_least_one, "keep the first so many training samples");
  v.stored_if(false).boolean("stream", request.stream,
                             "training inputs stay in their file and are read as they are needed; same bits");
  v.real("validation", request.validation, below_one,
         "share of the training samples held out, drawn by the run's seed");
  v.other("params", "", "synthetic sets: parameters of the generator");
  v.other("network", "network-overlay", "on this set, laid over the experiment's");
  v.integer("iterations", iterations, at_least_one, "on this set, in place of the experiment's");
  v.group("tune", tuning, "on this set, in place of the experiment's: the same for every solver");
}

void DatasetTuning::visit(ParameterVisitor& v) {
  v.integer("runs", runs, at_least_one, "of every solver on this set: points times seeds");
  v.integer("iterations", iterations, at_least_one, "of a tuning run on this set");
}

void NetworkShape::visit(ParameterVisitor& v) {
  v.needed().integers("hidden", hidden, at_least_one, {},
                      "widths of the hidden layers; []: none, softmax or least-squares regression");
  v.choice("activation", activation, {"relu", "leaky_relu", "identity", "tanh", "sigmoid", "sign", "step"},
           "of the hidden layers");
  v.choice("loss", loss, {"cross_entropy", "squared"}, "of the output layer");
}

void TableKeys::visit(ParameterVisitor& v) {
  v.text("metric", metric,
         "trajectory column x (its last entry), its logarithm log10_x, or seconds_per_iteration; --metric");
}

void RankKeys::visit(ParameterVisitor& v) {
  v.text("reference", reference, "label of the method tested against each other one; --reference");
  v.other("targets", "{number}", "data set label: what is to be reached on it; --target");
}

void InitialPoint::visit(ParameterVisitor& v) {
  v.needed().text("file", written,
                  "W1, b1, ... at the file's root, or under /initial or /final of a result file");
}

void RecordOptions::visit(ParameterVisitor& v) {
  v.integer("every", every, at_least_one, "evaluate every so many iterations; the first and the last always");
  v.integers("iterates", iterates, non_negative, {},
             "iterations whose variables are all written; 0: the start");
  // Results from before there was a choice keep their hash.
  v.stored_if(!weights).boolean("weights", weights,
                                "write the first and the last W and b; false: small files");
  v.stored_if(squared_step)
      .boolean("squared_step", squared_step,
               "column squared_step: the least squared step of all primal variables since the last record");
}

void CheckpointOptions::visit(ParameterVisitor& v) {
  v.stored_if(false).text(
      "every", every, "time between two checkpoints of a run (60s, 15min, 2h), or iterations (100), or never",
      &interval_form);
}

void ParallelOptions::visit(ParameterVisitor& v) {
  v.stored_if(false).other(
      "layers", "layer-groups",
      "auto: balanced by what the layers cost; or how many layers each group has, [5, 5]");
  v.stored_if(false).integer_or_word(
      "samples", samples, "auto", at_least_one,
      "shards of the training samples; auto: one where the method shares layers, else one a process");
  v.stored_if(false).boolean("send_u", send_u,
                             "pdadmm and relatives: processes send u, as the papers do; false: the receiver "
                             "computes u + rho (p - q)");
}

void TuneOptions::visit(ParameterVisitor& v) {
  v.needed().choice("method", method, {"grid", "random"},
                    "all points of the search, or points drawn from it");
  v.needed().integer("runs", runs, at_least_one, "of every solver on every data set: points times seeds");
  v.integer("iterations", iterations, at_least_one, "of a tuning run; those of the experiment if left out");
  v.integer("seed", seed, seed_range, "draws the points");
  v.integers("seeds", seeds, seed_range, seed_list,
             "every point is run with each; a number n stands for 0, ..., n-1");
  // Nothing of the test set, and nothing of the training set.
  v.choice("select", select, {"val_accuracy", "val_loss"}, "what is best: a column of the validation split");
  v.choice("at", at, {"last", "best"}, "its last entry, or its best");
}

void Experiment::refuse(const std::string& key, const std::string& what) const {
  config_error(source ? origin_of(*source, key) : Origin(), key, what);
}

std::string Experiment::loss_key_on(const DatasetEntry& dataset) const {
  for (std::size_t d = 0; source && d < datasets.size(); ++d) {
    std::string own = fmt::format("datasets.{}.network.loss", d);
    if (datasets[d].request.label == dataset.request.label && find_path(*source, own) != nullptr) return own;
  }
  return "network.loss";
}

}  // namespace admmbench
