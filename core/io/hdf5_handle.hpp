#pragma once
/// What the files over the HDF5 C API share; nobody else includes this.

#include <fmt/format.h>
#include <hdf5.h>

#include <filesystem>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "core/io/hdf5_file.hpp"

namespace admmbench::hdf5 {

// HDF5 keeps global state and Debian's serial build does not lock it, while runs of one process load and
// record in parallel: every public operation holds this lock. Recursive, because operations are built on each
// other.
std::recursive_mutex& library();
using Lock = std::lock_guard<std::recursive_mutex>;

/// Closes an HDF5 identifier of any kind at the end of its scope.
class Handle {
 public:
  using Close = herr_t (*)(hid_t);
  Handle(hid_t id, Close close) : id_(id), close_(close) {}
  Handle(Handle&& other) noexcept : id_(std::exchange(other.id_, -1)), close_(other.close_) {}
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  Handle& operator=(Handle&&) = delete;
  ~Handle() {
    if (id_ >= 0) close_(id_);
  }

  operator hid_t() const { return id_; }

 private:
  hid_t id_;
  Close close_;
};

/// HDF5's own words: what the called function says, and the root of the trouble below it.
std::string library_reason();

/// Throws Hdf5Error.
[[noreturn]] void fail(const std::filesystem::path& path, const std::string& object, const std::string& what);

/// Throws if `status` is HDF5's sign of failure.
template <class Status>
Status check(Status status, const std::filesystem::path& path, const std::string& object,
             std::string_view action) {
  if (status < 0) fail(path, object, fmt::format("cannot {}: {}", action, library_reason()));
  return status;
}

// HDF5 prints its error stack to stderr by default; here it goes into the exception. The setting is per
// thread in thread-safe builds, hence it is made by every operation that starts work on a file or an object.
inline void be_quiet() { H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr); }

}  // namespace admmbench::hdf5
