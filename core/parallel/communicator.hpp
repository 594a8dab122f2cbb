#pragma once
/// Processes that work on one run together, and what they send each other (docs/distributed.md). The interface knows no MPI:
/// core/mpi/mpi.hpp makes communicators that do, where the program was built with it.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <type_traits>
#include <vector>

namespace admmbench {

/// What this process has sent, and how long it has waited, since the communicator was made.
struct Traffic {
  double bytes =
      0;  ///< of the user's data handed to send(); what a collective sends is its affair, see `reduced`
  double messages = 0;     ///< send()s
  double reduced = 0;      ///< bytes handed to sum(), max() and broadcast()
  double collectives = 0;  ///< of these calls
  double waiting =
      0;  ///< seconds inside of wait() and of collectives: communication that nothing was hidden behind
};

/// A message on its way. Its memory must live until wait().
class Message {
 public:
  virtual ~Message() = default;
  /// Blocks until the memory may be used again (a send) or holds the message (a receive).
  virtual void wait() = 0;
  /// Lets the transport work; true once wait() would not block. Large messages only move while someone asks.
  virtual bool test() = 0;
};

/// All members are called by every process of the communicator in the same order, except send() and receive(). What goes wrong in
/// the transport ends the job: none of them throws.
class Communicator {
 public:
  virtual ~Communicator() = default;

  virtual int rank() const = 0;  ///< of this process, 0 to size() - 1
  virtual int size() const = 0;
  bool leads() const { return rank() == 0; }

  virtual void barrier() = 0;
  /// The bytes of `root` in all processes.
  virtual void broadcast(std::span<std::byte> bytes, int root) = 0;
  /// Entry by entry the sum over all processes, in all of them; the same bits in all of them.
  virtual void sum(std::span<float> values) = 0;
  virtual void sum(std::span<double> values) = 0;
  virtual void max(std::span<double> values) = 0;

  /// Begins to send to process `to` what its receive() of the same tag takes; messages of one tag do not overtake each other.
  virtual std::unique_ptr<Message> send(std::span<const std::byte> bytes, int to, int tag) = 0;
  /// Begins to receive as many bytes as the sender sends.
  virtual std::unique_ptr<Message> receive(std::span<std::byte> bytes, int from, int tag) = 0;

  /// The processes of the same `color`, ranked by `key`.
  virtual std::unique_ptr<Communicator> split(int color, int key) = 0;

  virtual Traffic traffic() const = 0;
};

/// The memory of `count` values at `first` as bytes.
template <class T>
std::span<std::byte> bytes_of(T* first, std::size_t count) {
  static_assert(std::is_trivially_copyable_v<T>);
  return std::as_writable_bytes(std::span<T>(first, count));
}
template <class T>
std::span<const std::byte> bytes_of(const T* first, std::size_t count) {
  static_assert(std::is_trivially_copyable_v<T>);
  return std::as_bytes(std::span<const T>(first, count));
}

/// Who works on a run together: rank = group * shards + shard.
struct ParallelRun {
  Communicator* all = nullptr;  ///< all of its processes; rank 0 leads: it holds layer 1, records, and writes
  Communicator* layers = nullptr;   ///< those with the same samples: rank = group of layers
  Communicator* samples = nullptr;  ///< those with the same layers: rank = shard of the training samples
  std::vector<long>
      layer_groups;     ///< layers of each group, as the experiment says; empty: as the method balances them
  bool send_u = false;  ///< pdADMM family: u travels, as in the papers; false: its receiver computes it
};

/// [begin, end) of `total` samples that shard `rank` of `size` has: as even as can be, the longer ones first.
struct Shard {
  std::size_t begin = 0;
  std::size_t end = 0;
};
constexpr Shard shard_of(std::size_t total, int rank, int size) {
  const auto r = static_cast<std::size_t>(rank);
  const auto s = static_cast<std::size_t>(size);
  const std::size_t least = total / s;
  const std::size_t longer = total % s;
  const std::size_t begin = r * least + (r < longer ? r : longer);
  return {begin, begin + least + (r < longer ? 1U : 0U)};
}

}  // namespace admmbench
