#pragma once
/// The state of a run whose training samples several processes share, as one process would hold it: what the leader saves is a
/// checkpoint for any number of processes. All of them hand their state to an archive, or show it to a visitor, together; matrices with
/// a column for every sample are put together from everybody's, and cut again, all other values are the leader's.

#include <vector>

#include "core/parallel/communicator.hpp"
#include "core/problem/state_archive.hpp"
#include "core/problem/state_visitor.hpp"

namespace admmbench {

class TeamArchive final : public StateArchive {
 public:
  /// `samples`: ParallelRun::samples. `total`: training samples of all. `whole`: in the leader the archive of the whole state, else
  /// null. `restores`: what `whole` says, known to all of them. If `whole` throws while it restores, all throw.
  TeamArchive(Communicator& samples, std::size_t total, StateArchive* whole, bool restores)
      : samples_(samples), total_(total), whole_(whole), restores_(restores) {}

  bool restores() const override { return restores_; }

 protected:
  void bytes(void* data, std::size_t size) override;
  std::uint64_t columns_of_all(std::uint64_t own) override { return own == 0 ? 0 : total_; }
  std::uint64_t columns_here(std::uint64_t of_all) override;
  void column_bytes(void* data, std::size_t size, std::size_t count) override;

 private:
  void read(void* data, std::size_t size);

  Communicator& samples_;
  std::size_t total_;
  StateArchive* whole_;
  bool restores_;
  std::vector<std::byte> columns_;  ///< of all, in the leader
};

template <class T>
class TeamVisitor final : public StateVisitor<T> {
 public:
  /// `whole`: in the leader who is shown the whole state, else null.
  TeamVisitor(Communicator& samples, std::size_t total, StateVisitor<T>* whole)
      : samples_(samples), total_(total), whole_(whole) {}

  void matrix(std::string_view name, const arma::Mat<T>& value) override {
    if (whole_ != nullptr) whole_->matrix(name, value);
  }
  void vector(std::string_view name, const arma::Col<T>& value) override {
    if (whole_ != nullptr) whole_->vector(name, value);
  }
  void columns(std::string_view name, const arma::Mat<T>& value) override;

 private:
  Communicator& samples_;
  std::size_t total_;
  StateVisitor<T>* whole_;
};

/// In the leader `all` <- the columns of all processes, `size` bytes each, of `total`; elsewhere own ones are sent.
void gather_columns(Communicator& samples, std::size_t total, std::size_t size,
                    std::span<const std::byte> own, std::span<std::byte> all);
/// `own` <- this process's columns of the leader's `all`.
void scatter_columns(Communicator& samples, std::size_t total, std::size_t size, std::span<std::byte> own,
                     std::span<const std::byte> all);

}  // namespace admmbench
