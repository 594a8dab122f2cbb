#include "core/io/hdf5_handle.hpp"

#include <vector>

namespace admmbench::hdf5 {

std::recursive_mutex& library() {
  static std::recursive_mutex mutex;
  return mutex;
}

std::string library_reason() {
  std::vector<std::string> descriptions;  // deepest first
  H5Ewalk2(
      H5E_DEFAULT, H5E_WALK_UPWARD,
      [](unsigned, const H5E_error2_t* error, void* out) -> herr_t {
        if (error->desc != nullptr) static_cast<std::vector<std::string>*>(out)->emplace_back(error->desc);
        return 0;
      },
      &descriptions);
  H5Eclear2(H5E_DEFAULT);
  if (descriptions.empty()) return "no reason given";
  if (descriptions.size() == 1) return descriptions.front();
  return fmt::format("{} ({})", descriptions.back(), descriptions.front());
}

void fail(const std::filesystem::path& path, const std::string& object, const std::string& what) {
  throw Hdf5Error(object.empty() ? fmt::format("{}: {}", path.string(), what)
                                 : fmt::format("{}: {}: {}", path.string(), object, what));
}

}  // namespace admmbench::hdf5
