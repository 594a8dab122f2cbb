#pragma once
/// A temporary folder with a cache, a mirror and a registry of its own, to which the environment points.

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "core/io/sha256.hpp"
#include "datasets/dataset.hpp"

namespace admmbench::testing {

namespace fs = std::filesystem;

/// A variable of the environment, until the end of the scope: whatever test comes next in the process finds it as it was.
class EnvironmentVariable {
 public:
  EnvironmentVariable(std::string name, const std::string& value) : name_(std::move(name)) {
    if (const char* before = std::getenv(name_.c_str()); before != nullptr) before_ = before;
    setenv(name_.c_str(), value.c_str(), 1);
  }
  ~EnvironmentVariable() {
    if (before_) {
      setenv(name_.c_str(), before_->c_str(), 1);
    } else {
      unsetenv(name_.c_str());
    }
  }
  EnvironmentVariable(const EnvironmentVariable&) = delete;
  EnvironmentVariable& operator=(const EnvironmentVariable&) = delete;

 private:
  std::string name_;
  std::optional<std::string> before_;
};

struct DataFolder {
  fs::path root = fs::temp_directory_path() / fmt::format("admmbench-data-{}", getpid());
  fs::path mirror = root / "mirror";
  fs::path cache = root / "cache";
  EnvironmentVariable cache_folder{"ADMMBENCH_CACHE", cache.string()};
  EnvironmentVariable mirror_folder{"ADMMBENCH_DATA_MIRROR", mirror.string()};
  EnvironmentVariable datasets_folder{"ADMMBENCH_DATASETS_DIR", (root / "datasets").string()};

  DataFolder() {
    fs::remove_all(root);
    fs::create_directories(mirror);
    fs::create_directories(root / "datasets");
    fs::create_directories(root / "web");
    fs::copy(fs::path(ADMMBENCH_SOURCE_DIR) / "datasets/convert", root / "datasets/convert");
    setenv("ADMMBENCH_PYTHON", interpreter().c_str(), 0);  // looked for once, not at every conversion
  }
  ~DataFolder() { fs::remove_all(root); }

  static const std::string& interpreter() {
    static const bool debian = std::system("/usr/bin/python3 -c 'import h5py, scipy' 2>/dev/null") == 0;
    static const std::string path = debian ? "/usr/bin/python3" : "python3";
    return path;
  }

  fs::path write(const std::string& name, const std::string& content) const {
    fs::path path = root / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << content;
    return path;
  }

  /// Runs a Python script with NumPy, SciPy and h5py in `root`.
  void python(const std::string& script) const {
    const fs::path path = write("script.py", script);
    const std::string command = fmt::format("cd {} && {} {}", root.string(), interpreter(), path.string());
    if (std::system(command.c_str()) != 0) throw std::runtime_error("the test's Python script failed");
  }

  /// An entry `name` whose files (role, path) have the hashes of what is there now; the public address is root/web.
  void registry(const std::string& name, const std::string& kind,
                const std::vector<std::pair<std::string, fs::path>>& files, const std::string& expect) const {
    std::string text = fmt::format("{}:\n  kind: {}\n  addresses: ['file://{}/']\n  files:\n", name, kind,
                                   (root / "web").string());
    for (const auto& [role, path] : files) {
      text += fmt::format("    - {{role: {}, name: {}, bytes: {}, sha256: {}}}\n", role,
                          path.filename().string(), fs::file_size(path), sha256_file(path));
    }
    write("datasets/registry.yaml", text + fmt::format("  expect: {{{}}}\n", expect));
  }
};

inline DataRequest named(const std::string& name) {
  DataRequest request;
  request.name = request.label = name;
  return request;
}

inline DataRequest of_file(const fs::path& file) {
  DataRequest request;
  request.file = file;
  request.label = file.stem().string();
  return request;
}

/// A predicate for BOOST_CHECK_EXCEPTION: the message is one line that holds all of `parts`.
inline auto says(std::vector<std::string> parts) {
  return [parts = std::move(parts)](const std::exception& error) {
    const std::string text = error.what();
    bool all = text.find('\n') == std::string::npos;
    for (const std::string& part : parts) all = all && text.find(part) != std::string::npos;
    if (!all) std::fprintf(stderr, "unexpected message: %s\n", text.c_str());
    return all;
  };
}

/// An IDX file of bytes.
inline std::string idx(const std::vector<unsigned>& shape, const std::string& entries) {
  std::string text{'\0', '\0', '\x08', static_cast<char>(shape.size())};
  for (const unsigned n : shape) {
    for (const int shift : {24, 16, 8, 0}) text += static_cast<char>((n >> shift) & 0xff);
  }
  return text + entries;
}

}  // namespace admmbench::testing
