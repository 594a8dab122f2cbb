#pragma once
/// Writes result files. Those who only read runs include run_file.hpp, which knows neither networks nor Armadillo.

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/io/hdf5_file.hpp"
#include "core/problem/network.hpp"
#include "core/problem/state_archive.hpp"
#include "core/problem/state_visitor.hpp"
#include "results/record/run_record.hpp"

namespace admmbench {

/// Writes `path` under a temporary name in the same folder; commit() flushes, fsyncs, renames and fsyncs the folder. A writer destroyed
/// before commit() removes its temporary file.
class RunWriter {
 public:
  explicit RunWriter(std::filesystem::path path);
  ~RunWriter();
  RunWriter(const RunWriter&) = delete;
  RunWriter& operator=(const RunWriter&) = delete;

  /// group: "initial" or "final".
  template <class T>
  void write_network(const std::string& group, const Network<T>& network);
  /// /iterates/<k>/...: every named variable that `visit` shows its visitor.
  template <class T>
  void write_iterate(long k, const std::function<void(StateVisitor<T>&)>& visit);
  /// Those of `iterates` up to `last` that were written, to or from a checkpoint: restoring writes them here.
  template <class T>
  void archive_iterates(const std::vector<long>& iterates, long last, StateArchive& archive);
  void write_trajectory(const Trajectory& trajectory);
  void write_attributes(const RunAttributes& attributes);

  void commit();

 private:
  std::filesystem::path path_;
  std::filesystem::path temporary_;
  std::optional<Hdf5File> file_;
};

}  // namespace admmbench
