#pragma once

#include <fmt/format.h>

#include "core/io/hdf5_file.hpp"
#include "results/record/run_record.hpp"

namespace admmbench {

/// The attribute that holds Hdf5File::content_sha256() of everything else.
inline constexpr const char* checksum_attribute = "checksum";

/// HDF5 keeps no attribute of 64 KiB or more: a longer text is continued in NAME.1, NAME.2, ...
inline constexpr std::size_t longest_text_attribute = 60'000;

inline std::string continued_name(const std::string& name, std::size_t part) {
  return part == 0 ? name : fmt::format("{}.{}", name, part);
}

inline void write_long_text(Hdf5File& file, const std::string& name, const std::string& text) {
  for (std::size_t part = 0, begin = 0; part == 0 || begin < text.size(); ++part) {
    file.write_attribute("/", continued_name(name, part), text.substr(begin, longest_text_attribute));
    begin += longest_text_attribute;
  }
}

inline std::string read_long_text(const Hdf5File& file, const std::string& name) {
  std::string text = file.read_text("/", name);
  for (std::size_t part = 1; file.has_attribute("/", continued_name(name, part)); ++part)
    text += file.read_text("/", continued_name(name, part));
  return text;
}

/// One declaration of the text and integer attributes of a result file for its writer and its reader.
template <class Attributes, class Text, class Integer>
void visit_attributes(Attributes& a, Text text, Integer integer) {
  integer("schema_version", a.schema_version);
  text("experiment", a.experiment);
  text("dataset", a.dataset);
  text("solver", a.solver);
  text("label", a.label);
  integer("seed", a.seed);
  text("precision", a.precision);
  text("config", a.config);
  text("config_sha256", a.config_sha256);
  text("content_hash", a.content_hash);
  text("code_version", a.code_version);
  text("data_sha256", a.data_sha256);
  text("git_commit", a.git_commit);
  text("host", a.host);
  text("cpu", a.cpu);
  integer("threads", a.threads);
  text("blas", a.blas);
  text("started_at", a.started_at);
  text("message", a.message);
}

/// The same of the numbers of samples, which older files do not have.
template <class Counts, class Integer>
void visit_sample_counts(Counts& counts, Integer integer) {
  integer("train_samples", counts.train);
  integer("val_samples", counts.validation);
  integer("test_samples", counts.test);
}

}  // namespace admmbench
