#pragma once
/// What processes that share the layers of a pdADMM run send each other (docs/distributed.md#layers).

#include <array>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <type_traits>
#include <vector>

#include "core/parallel/communicator.hpp"
#include "core/problem/state_archive.hpp"

namespace admmbench {

namespace detail {

/// A value as bytes, to be sent.
class PackedValue final : public StateArchive {
 public:
  bool restores() const override { return false; }
  std::vector<std::byte> packed;

 protected:
  void bytes(void* data, std::size_t size) override {
    const auto* first = static_cast<const std::byte*>(data);
    packed.insert(packed.end(), first, first + size);
  }
};

/// And back.
class UnpackedValue final : public StateArchive {
 public:
  explicit UnpackedValue(const std::vector<std::byte>& packed) : packed_(packed) {}
  bool restores() const override { return true; }

 protected:
  void bytes(void* data, std::size_t size) override {
    if (packed_.size() - next_ < size) throw std::runtime_error("a message between processes ends early");
    if (size > 0) std::memcpy(data, packed_.data() + next_, size);
    next_ += size;
  }

 private:
  const std::vector<std::byte>& packed_;
  std::size_t next_ = 0;
};

template <class V>
struct IsMatrix : std::false_type {};
template <class T>
struct IsMatrix<arma::Mat<T>> : std::true_type {};
template <class T>
struct IsMatrix<arma::Col<T>> : std::true_type {};

}  // namespace detail

/// A process's place among those that share the layers, and what is under way between it and the groups below and above. Only the
/// thread that made the communicator may call it.
class LayerExchange {
 public:
  /// p goes to the group below, q and u to the one above.
  enum class Variable : std::size_t { p, q, u, activation };

  /// `layers`: the processes that share the layers; null or one process: nothing is exchanged.
  void join(Communicator* layers);
  bool shared() const { return layers_ != nullptr; }
  int rank() const { return shared() ? layers_->rank() : 0; }
  int size() const { return shared() ? layers_->size() : 1; }
  bool leads() const { return rank() == 0; }

  /// Begins to send a variable; the bytes must stay as they are until finish_sending().
  void send(Variable variable, std::span<const std::byte> bytes);
  void finish_sending(Variable variable);
  /// Begins to receive a variable from the group that sends it.
  void receive(Variable variable, std::span<std::byte> bytes);
  /// Whether nothing of the kind is awaited, or it is here.
  bool arrived(Variable variable);
  void finish_receiving(Variable variable);
  /// Lets the transport work.
  void progress();
  /// Waits for all that is under way.
  void finish();

  /// Bytes that send() was given since join(), or what set_sent() says and since then.
  double sent() const { return sent_; }
  void set_sent(double bytes) { sent_ = bytes; }

  /// The sum over all processes, in all of them.
  void sum(std::span<double> values) {
    if (shared()) layers_->sum(values);
  }
  /// The value of process `from` in all of them.
  template <class V>
  void broadcast(V& value, int from) {
    if (!shared()) return;
    if constexpr (detail::IsMatrix<V>::value) {
      layers_->broadcast(bytes_of(value.memptr(), value.n_elem), from);  // of the same shape everywhere
    } else {
      layers_->broadcast(bytes_of(&value, 1), from);
    }
  }

  /// to's value <- from's, and waits for it. To be called by all processes in the same order; not counted by sent().
  template <class V>
  void transfer(V& value, int from, int to) {
    if (!shared() || from == to) return;
    if constexpr (detail::IsMatrix<V>::value) {
      transfer_matrix(value, from, to);
    } else if (rank() == from) {
      detail::PackedValue archive;
      archive(value);
      std::uint64_t size = archive.packed.size();
      send_now(bytes_of(&size, 1), to);
      send_now(archive.packed, to);
    } else if (rank() == to) {
      std::uint64_t size = 0;
      receive_now(bytes_of(&size, 1), from);
      std::vector<std::byte> packed(size);
      receive_now(packed, from);
      detail::UnpackedValue archive(packed);
      archive(value);
    }
  }

  /// Hands a value that process `owner` has to the leader's archive, or the leader's archive's value to the owner: in the archive are
  /// the bytes of a run in one process. Only the leader's archive is asked for bytes.
  template <class V>
  void archive_of(int owner, StateArchive& archive, V& value) {
    hand_over(owner, archive.restores(), value, [&](V& held) { archive(held); });
  }
  /// The same for a matrix with a column for every sample.
  template <class T>
  void archive_columns_of(int owner, StateArchive& archive, arma::Mat<T>& value) {
    hand_over(owner, archive.restores(), value, [&](arma::Mat<T>& held) { archive.columns(held); });
  }

  /// Hands values that all processes have to the leader's archive; restored, they are the leader's in all of them.
  template <class... Values>
  void archive_same(StateArchive& archive, Values&... values) {
    if (leads()) archive(values...);
    if (archive.restores()) (broadcast(values, 0), ...);
  }

 private:
  static constexpr std::size_t variables = 4;
  using Messages = std::array<std::unique_ptr<Message>, variables>;

  template <class V, class Archive>
  void hand_over(int owner, bool restores, V& value, const Archive& archive) {
    if (owner == 0) {
      if (leads()) archive(value);
      return;
    }
    V here{};
    V& end = leads() ? here : value;
    if (restores) {
      if (leads()) archive(here);
      transfer(end, 0, owner);
    } else {
      transfer(end, owner, 0);
      if (leads()) archive(here);
    }
  }

  template <class M>
  void transfer_matrix(M& A, int from, int to) {
    std::array<std::uint64_t, 2> shape{A.n_rows, A.n_cols};
    if (rank() == from) {
      send_now(bytes_of(shape.data(), 2), to);
      send_now(bytes_of(A.memptr(), A.n_elem), to);
    } else if (rank() == to) {
      receive_now(bytes_of(shape.data(), 2), from);
      if (shape[0] != A.n_rows || shape[1] != A.n_cols) A.set_size(shape[0], shape[1]);
      receive_now(bytes_of(A.memptr(), A.n_elem), from);
    }
  }
  void send_now(std::span<const std::byte> bytes, int to);
  void receive_now(std::span<std::byte> bytes, int from);

  Communicator* layers_ = nullptr;  ///< null: one process has all layers
  Messages sending_;
  Messages receiving_;
  double sent_ = 0;
};

}  // namespace admmbench
