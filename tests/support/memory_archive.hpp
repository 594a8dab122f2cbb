#pragma once
/// The state of a solver, kept in memory.

#include <cstring>
#include <stdexcept>
#include <string>

#include "core/problem/state_archive.hpp"

namespace admmbench::testing {

class SavedInMemory final : public StateArchive {
 public:
  bool restores() const override { return false; }
  std::string saved;

 protected:
  void bytes(void* data, std::size_t size) override { saved.append(static_cast<const char*>(data), size); }
};

class RestoredFromMemory final : public StateArchive {
 public:
  explicit RestoredFromMemory(std::string saved) : saved_(std::move(saved)) {}
  bool restores() const override { return true; }
  bool at_end() const { return next_ == saved_.size(); }

 protected:
  void bytes(void* data, std::size_t size) override {
    if (saved_.size() - next_ < size) throw std::runtime_error("the archive ends early");
    if (size > 0) std::memcpy(data, saved_.data() + next_, size);
    next_ += size;
  }

 private:
  std::string saved_;
  std::size_t next_ = 0;
};

}  // namespace admmbench::testing
