#ifdef ADMMBENCH_WITH_MPI

#include <fmt/format.h>
#include <mpi.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <limits>
#include <stdexcept>
#include <vector>

#include "core/io/temporary.hpp"
#include "core/mpi/mpi.hpp"

namespace admmbench {

namespace {

using Clock = std::chrono::steady_clock;

/// MPI 3 counts with int: what is larger goes in pieces.
constexpr std::size_t largest_piece = std::size_t{1} << 30U;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

/// Calls piece(offset, count) until `count` entries are covered.
template <class Piece>
void in_pieces(std::size_t count, std::size_t largest, const Piece& piece) {
  for (std::size_t offset = 0; offset < count; offset += largest)
    piece(offset, static_cast<int>(std::min(largest, count - offset)));
}

class MpiMessage final : public Message {
 public:
  explicit MpiMessage(Traffic& traffic) : traffic_(traffic) {}
  ~MpiMessage() override { MpiMessage::wait(); }

  MPI_Request* add() { return &requests_.emplace_back(MPI_REQUEST_NULL); }

  void wait() override {
    if (requests_.empty()) return;
    const auto begin = Clock::now();
    MPI_Waitall(static_cast<int>(requests_.size()), requests_.data(), MPI_STATUSES_IGNORE);
    traffic_.waiting += seconds_since(begin);
    requests_.clear();
  }

  bool test() override {
    if (requests_.empty()) return true;
    int done = 0;
    MPI_Testall(static_cast<int>(requests_.size()), requests_.data(), &done, MPI_STATUSES_IGNORE);
    if (done != 0) requests_.clear();
    return done != 0;
  }

 private:
  Traffic& traffic_;
  std::vector<MPI_Request> requests_;
};

class MpiCommunicator final : public Communicator {
 public:
  /// Owns `communicator` unless it is MPI_COMM_WORLD.
  explicit MpiCommunicator(MPI_Comm communicator) : communicator_(communicator) {
    MPI_Comm_rank(communicator_, &rank_);
    MPI_Comm_size(communicator_, &size_);
  }
  ~MpiCommunicator() override {
    if (communicator_ != MPI_COMM_WORLD) MPI_Comm_free(&communicator_);
  }
  MpiCommunicator(const MpiCommunicator&) = delete;
  MpiCommunicator& operator=(const MpiCommunicator&) = delete;

  int rank() const override { return rank_; }
  int size() const override { return size_; }
  Traffic traffic() const override { return traffic_; }

  void barrier() override {
    const auto begin = Clock::now();
    MPI_Barrier(communicator_);
    traffic_.waiting += seconds_since(begin);
  }

  void broadcast(std::span<std::byte> bytes, int root) override {
    collective(bytes.size(), [&] {
      in_pieces(bytes.size(), largest_piece, [&](std::size_t offset, int count) {
        MPI_Bcast(bytes.data() + offset, count, MPI_BYTE, root, communicator_);
      });
    });
  }

  void sum(std::span<float> values) override { reduce(values, MPI_FLOAT, MPI_SUM); }
  void sum(std::span<double> values) override { reduce(values, MPI_DOUBLE, MPI_SUM); }
  void max(std::span<double> values) override { reduce(values, MPI_DOUBLE, MPI_MAX); }

  std::unique_ptr<Message> send(std::span<const std::byte> bytes, int to, int tag) override {
    auto message = std::make_unique<MpiMessage>(traffic_);
    in_pieces(bytes.size(), largest_piece, [&](std::size_t offset, int count) {
      MPI_Isend(bytes.data() + offset, count, MPI_BYTE, to, tag, communicator_, message->add());
    });
    traffic_.bytes += static_cast<double>(bytes.size());
    traffic_.messages += 1;
    return message;
  }

  std::unique_ptr<Message> receive(std::span<std::byte> bytes, int from, int tag) override {
    auto message = std::make_unique<MpiMessage>(traffic_);
    in_pieces(bytes.size(), largest_piece, [&](std::size_t offset, int count) {
      MPI_Irecv(bytes.data() + offset, count, MPI_BYTE, from, tag, communicator_, message->add());
    });
    return message;
  }

  std::unique_ptr<Communicator> split(int color, int key) override {
    MPI_Comm part = MPI_COMM_NULL;
    MPI_Comm_split(communicator_, color, key, &part);
    return std::make_unique<MpiCommunicator>(part);
  }

 private:
  template <class Work>
  void collective(std::size_t bytes, const Work& work) {
    if (size_ == 1) return;
    const auto begin = Clock::now();
    work();
    traffic_.waiting += seconds_since(begin);
    traffic_.reduced += static_cast<double>(bytes);
    traffic_.collectives += 1;
  }

  /// To the first process and back from there: MPI only recommends that MPI_Allreduce gives all of them the same bits.
  template <class Value>
  void reduce(std::span<Value> values, MPI_Datatype type, MPI_Op operation) {
    collective(values.size_bytes(), [&] {
      in_pieces(values.size(), largest_piece / sizeof(Value), [&](std::size_t offset, int count) {
        Value* first = values.data() + offset;
        if (rank_ == 0) {
          MPI_Reduce(MPI_IN_PLACE, first, count, type, operation, 0, communicator_);
        } else {
          MPI_Reduce(first, nullptr, count, type, operation, 0, communicator_);
        }
        MPI_Bcast(first, count, type, 0, communicator_);
      });
    });
  }

  MPI_Comm communicator_;
  int rank_ = 0;
  int size_ = 1;
  Traffic traffic_;
};

}  // namespace

std::string mpi_library() {
  std::array<char, MPI_MAX_LIBRARY_VERSION_STRING> text{};
  int length = 0;
  MPI_Get_library_version(text.data(), &length);
  // "Open MPI v4.1.4, package: ...", "MPICH Version:      4.0.2\nMPICH Release date: ..."
  std::string first(text.data(), static_cast<std::size_t>(length));
  first = first.substr(0, first.find_first_of(",\n"));
  std::string result;
  for (const char c : first) {
    const bool space = c == ' ' || c == '\t';
    if (!space || (!result.empty() && result.back() != ' ')) result += space ? ' ' : c;
  }
  return result;
}

MpiSession::MpiSession() {
  int provided = MPI_THREAD_SINGLE;
  if (MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &provided) != MPI_SUCCESS)
    throw std::runtime_error("MPI could not be initialised");
  world_ = std::make_unique<MpiCommunicator>(MPI_COMM_WORLD);
}

MpiSession::~MpiSession() {
  world_.reset();
  MPI_Finalize();
}

void MpiSession::abort(int code, const std::string& why) {
  std::fprintf(stderr, "admmbench: rank %d of %d on %s ends the job: %s\n", world_->rank(), world_->size(),
               host_name().c_str(), why.c_str());
  std::fflush(nullptr);
  MPI_Abort(MPI_COMM_WORLD, code);
  std::abort();  // not reached
}

}  // namespace admmbench

#endif
