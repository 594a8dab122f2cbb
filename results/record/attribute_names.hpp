#pragma once

#include "results/record/run_record.hpp"

namespace admmbench {

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
