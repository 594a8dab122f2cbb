#include "datasets/convert.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <fstream>
#include <functional>

#include "core/io/child_process.hpp"
#include "core/io/hdf5_file.hpp"
#include "core/io/sha256.hpp"
#include "datasets/cache.hpp"
#include "datasets/data_file.hpp"
#include "datasets/dataset.hpp"
#include "datasets/fetch.hpp"

namespace admmbench {
namespace fs = std::filesystem;
namespace {

fs::path converter() { return datasets_folder() / "convert.py"; }

/// An interpreter that has the modules. A python3 in PATH may be one without them, so Debian's comes first.
std::string find_python() {
  if (const char* chosen = std::getenv("ADMMBENCH_PYTHON"); chosen != nullptr && *chosen != '\0')
    return chosen;
  for (const char* candidate : {"/usr/bin/python3", "python3"}) {
    if (run_child({candidate, "-c", "import numpy, scipy.sparse, h5py"}).status == 0) return candidate;
  }
  throw std::runtime_error(
      "no python3 with numpy, scipy and h5py: install python3-numpy, python3-scipy and python3-h5py, or set "
      "ADMMBENCH_PYTHON to an interpreter that has them");
}

/// What convert.py is called with, apart from the output.
struct Conversion {
  std::string kind, name, source, sha256_lines;
  std::vector<std::pair<std::string, fs::path>> inputs;  ///< role, file
};

/// Converts to a temporary name, lets `check` look at the result, and publishes it.
void convert(const Conversion& conversion, const fs::path& output,
             const std::function<void(const Hdf5File&)>& check) {
  TemporaryFile temporary(output);
  std::vector<std::string> command{find_python(),
                                   converter().string(),
                                   conversion.kind,
                                   "--output",
                                   temporary.path().string(),
                                   "--name",
                                   conversion.name,
                                   "--source",
                                   conversion.source,
                                   "--sha256",
                                   conversion.sha256_lines};
  for (const auto& [role, path] : conversion.inputs) {
    command.insert(command.end(), {"--input", fmt::format("{}={}", role, path.string())});
  }
  spdlog::info("converting {}", conversion.name);
  const ChildResult result = run_child(command);
  if (result.status != 0) {
    // convert.py says in one line what is wrong with the input. Of anything unforeseen the last line says most.
    const std::size_t last = result.output.rfind('\n');
    if (last == std::string::npos && !result.output.empty()) throw DataError(result.output);
    throw std::runtime_error(fmt::format("conversion of {} ended with status {}: {}", conversion.name,
                                         result.status,
                                         last == std::string::npos ? "" : result.output.substr(last + 1)));
  }
  check(Hdf5File::open(temporary.path()));
  temporary.publish();
}

void check_counts(const RegistryEntry& entry, const Hdf5File& file) {
  const std::map<std::string, long> found = count_contents(file);
  for (const auto& [name, expected] : entry.expected) {
    const auto it = found.find(name);
    if (it == found.end())
      throw DataError(
          fmt::format("{}: the registry expects a count '{}' that it does not have", entry.name, name));
    if (it->second != expected) {
      throw DataError(
          fmt::format("{}: has {} {}, the registry expects {}", entry.name, it->second, name, expected));
    }
  }
}

std::string text_kind(const fs::path& file) {
  std::string ending = file.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  if (ending == ".csv") return "csv";
  // LIBSVM's own files have no ending (a9a) or name the split (a9a.t).
  if (ending == ".libsvm" || ending == ".svm" || ending == ".txt" || ending == ".t" || ending.empty())
    return "libsvm";
  throw DataError(
      fmt::format("{}: not an HDF5 file, and its ending is not known; expected data.h5, .csv, or LIBSVM text "
                  "(.libsvm, .svm, .txt)",
                  file.string()));
}

std::string key_of(const std::string& kind, const std::string& hashes) {
  return sha256(fmt::format("{}\n{}converter {}\n", kind, hashes, sha256_file(converter())));
}

}  // namespace

std::string content_key(const RegistryEntry& entry) {
  std::string hashes;
  for (const RawFile& file : entry.files) hashes += fmt::format("{} {}\n", file.role, file.declared_hash());
  return key_of(entry.kind, hashes);
}

std::string content_key(const fs::path& text) {
  return key_of(text_kind(text), fmt::format("train sha256 {}\n", sha256_file(text)));
}

fs::path converted_file(const RegistryEntry& entry) {
  return cache_folder() / "converted" / fmt::format("{}-{:.16}.h5", entry.name, content_key(entry));
}

fs::path require_data_file(const RegistryEntry& entry) {
  Downloads downloads;
  return require_data_file(entry, downloads);
}

fs::path require_data_file(const RegistryEntry& entry, Downloads& downloads) {
  fs::path output = converted_file(entry);
  if (!fs::exists(output)) {
    const CacheLock lock(entry.name);
    if (!fs::exists(output)) {  // another process may have made it meanwhile
      Conversion conversion{
          entry.kind, entry.name, fmt::format("{}", fmt::join(entry.addresses, " ")), "", {}};
      const std::vector<fs::path> raw = fetch_raw_files(entry, downloads);
      for (std::size_t i = 0; i < raw.size(); ++i) {
        const RawFile& file = entry.files[i];
        conversion.inputs.emplace_back(file.role, raw[i]);
        // What identifies the content, whichever packing it came in.
        conversion.sha256_lines +=
            file.unpacked_sha256.empty()
                ? fmt::format("{}  {}\n", sha256_file(raw[i]), file.name)
                : fmt::format("{}  {}\n", file.unpacked_sha256, fs::path(file.name).stem().string());
      }
      convert(conversion, output, [&](const Hdf5File& file) { check_counts(entry, file); });
      return output;
    }
  }
  try {
    check_counts(entry, Hdf5File::open(output));
  } catch (const std::runtime_error& error) {
    throw DataError(
        fmt::format("{}: damaged ({}); delete it and it will be made again", output.string(), error.what()));
  }
  return output;
}

fs::path require_data_file(const fs::path& file) {
  if (is_hdf5(file)) return file;
  const std::string kind = text_kind(file);
  const std::string name = file.stem().string();
  fs::path output = cache_folder() / "converted" / fmt::format("file-{:.16}.h5", content_key(file));
  if (!fs::exists(output)) {
    const CacheLock lock("file");
    const std::string hash = sha256_file(file);
    const std::string base = file.filename().string();
    if (!fs::exists(output)) {
      convert({kind, name, base, fmt::format("{}  {}\n", hash, base), {{"train", file}}}, output,
              [](const Hdf5File& converted) { count_contents(converted); });
    }
  }
  return output;
}

bool is_hdf5(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw DataError(fmt::format("{}: cannot be opened for reading", path.string()));
  constexpr std::string_view signature = "\x89HDF\r\n\x1a\n";
  std::array<char, 8> start{};
  in.read(start.data(), start.size());
  const bool has_signature = std::string_view(start.data(), start.size()) == signature;
  const std::string ending = path.extension().string();
  if (!has_signature && (ending == ".h5" || ending == ".hdf5")) {
    throw DataError(fmt::format("{}: damaged: it does not start with HDF5's signature", path.string()));
  }
  return has_signature;
}

}  // namespace admmbench
