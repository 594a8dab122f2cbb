#pragma once
/// The papers' figures, results/published/*.yaml: what a table shows beside ours.
///
///     paper: dladmm                       # the key's first part
///     citation: "Wang, Yu, Chen, Zhao: ..., KDD 2019"
///     source: https://...               # where the text that was read is kept
///     figures:
///       figure-4b:                        # the key's second part: dladmm/figure-4b
///         title: MNIST test accuracy at iteration 195
///         metric: test_accuracy
///         provenance: digitised           # quoted | digitised | by eye
///         runs: 1                         # may be left out: of how many it is the mean; else of an unknown number
///         iteration: 120                  # may be left out: of which iteration; else of the last
///         setting: 784-1000-1000-10, ...
///         values:                         # data set -> method -> value, or [value, standard deviation]
///           mnist: {dladmm: 0.955, adam: 0.975}
///         causes:                         # may be left out: why ours is elsewhere, of those figures, at most 110 characters;
///           mnist: {adam: one seed without a published learning rate}    # `any` for all data sets, or all methods;
///                                         # one that begins with "not run" is that of figures without runs

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace admmbench {

struct PublishedFigure {
  std::string key;      ///< "dladmm/figure-4b"
  std::string dataset;  ///< registry name, or the label of one of an experiment's data sets ("mnist-200")
  std::string method;   ///< a solver's name, or the label of one of an experiment's rows
  std::string metric;   ///< a trajectory column's name
  double value = 0;
  std::optional<double> deviation;
  std::string provenance;  ///< quoted | digitised | by eye
  std::string citation;
  std::string title;
  std::string setting;
  std::string source;             ///< address of the text that was read
  std::string cause;              ///< why our figure is another one, or missing; empty: none is known
  std::optional<long> runs;       ///< that it is the mean of; empty: not known
  std::optional<long> iteration;  ///< empty: the last one of the run
};

/// All figures of all files in `folder`, sorted by file. Throws std::runtime_error naming file, line and key: unknown keys,
/// missing ones and a key that is there twice are errors.
std::vector<PublishedFigure> load_published(const std::filesystem::path& folder);

/// The distinct keys, in order.
std::vector<std::string> published_keys(const std::vector<PublishedFigure>& figures);

/// results/published of installed_files().
std::filesystem::path published_folder();

}  // namespace admmbench
