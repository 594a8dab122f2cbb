#include "core/parallel/team_state.hpp"

#include <algorithm>
#include <exception>
#include <stdexcept>

namespace admmbench {

namespace {

constexpr int column_tag = 4711;

/// Bytes [begin, end) of the columns of `total` that process `rank` has.
Shard bytes_of_rank(const Communicator& samples, std::size_t total, std::size_t size, int rank) {
  const Shard shard = shard_of(total, rank, samples.size());
  return {shard.begin * size, shard.end * size};
}

}  // namespace

void gather_columns(Communicator& samples, std::size_t total, std::size_t size,
                    std::span<const std::byte> own, std::span<std::byte> all) {
  if (!samples.leads()) {
    samples.send(own, 0, column_tag)->wait();
    return;
  }
  std::copy(own.begin(), own.end(), all.begin());
  for (int rank = 1; rank < samples.size(); ++rank) {
    const Shard part = bytes_of_rank(samples, total, size, rank);
    samples.receive(all.subspan(part.begin, part.end - part.begin), rank, column_tag)->wait();
  }
}

void scatter_columns(Communicator& samples, std::size_t total, std::size_t size, std::span<std::byte> own,
                     std::span<const std::byte> all) {
  if (!samples.leads()) {
    samples.receive(own, 0, column_tag)->wait();
    return;
  }
  std::copy_n(all.begin(), own.size(), own.begin());
  for (int rank = 1; rank < samples.size(); ++rank) {
    const Shard part = bytes_of_rank(samples, total, size, rank);
    samples.send(all.subspan(part.begin, part.end - part.begin), rank, column_tag)->wait();
  }
}

std::uint64_t TeamArchive::columns_here(std::uint64_t of_all) {
  const Shard own = shard_of(of_all, samples_.rank(), samples_.size());
  return own.end - own.begin;
}

/// From the leader's archive into `data` of the leader; all know whether it could.
void TeamArchive::read(void* data, std::size_t size) {
  std::exception_ptr failure;
  std::byte failed{0};
  if (whole_ != nullptr) {
    try {
      pass(*whole_, data, size);
    } catch (const std::exception&) {
      failure = std::current_exception();
      failed = std::byte{1};
    }
  }
  samples_.broadcast({&failed, 1}, 0);
  if (failure) std::rethrow_exception(failure);
  if (failed != std::byte{0}) throw std::runtime_error("the checkpoint cannot be read; the leader says why");
}

void TeamArchive::bytes(void* data, std::size_t size) {
  if (!restores_) {
    if (whole_ != nullptr) pass(*whole_, data, size);
    return;
  }
  read(data, size);
  if (size > 0) samples_.broadcast({static_cast<std::byte*>(data), size}, 0);
}

void TeamArchive::column_bytes(void* data, std::size_t size, std::size_t count) {
  if (count == 0) {  // here, and so everywhere: nobody is without a sample
    if (restores_) {
      read(data, 0);
    } else if (whole_ != nullptr) {
      pass(*whole_, data, 0);
    }
    return;
  }
  const std::span<std::byte> own(static_cast<std::byte*>(data), size * count);
  if (samples_.leads()) columns_.resize(size * total_);
  if (restores_) {
    read(columns_.data(), columns_.size());
    scatter_columns(samples_, total_, size, own, columns_);
  } else {
    gather_columns(samples_, total_, size, own, columns_);
    if (whole_ != nullptr) pass(*whole_, columns_.data(), columns_.size());
  }
}

template <class T>
void TeamVisitor<T>::columns(std::string_view name, const arma::Mat<T>& value) {
  arma::Mat<T> all;
  if (samples_.leads()) all.set_size(value.n_rows, total_);
  gather_columns(samples_, total_, value.n_rows * sizeof(T), bytes_of(value.memptr(), value.n_elem),
                 bytes_of(all.memptr(), all.n_elem));
  if (whole_ != nullptr) whole_->matrix(name, all);
}

template class TeamVisitor<float>;
template class TeamVisitor<double>;

}  // namespace admmbench
