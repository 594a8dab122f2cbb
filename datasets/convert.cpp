#include "datasets/convert.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <map>

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

fs::path converter() { return datasets_folder() / "convert"; }

/// Names what the converter makes of a file. It changes only with that (data_convert_test looks), so that results stay comparable with
/// those of before.
constexpr std::string_view converter_revision =
    "5f44a000ea5128b134bd47d984d5bf42ae8d0c58529f1a152a90f5273bd6ac8a";

/// A converter of the user's own is another one with every change: lines of hash and name, as CMakeLists.txt writes them.
std::string converter_identity() {
  std::map<std::string, std::string> hashes;
  for (const auto& file : fs::directory_iterator(converter())) {
    if (file.path().extension() == ".py") hashes[file.path().filename().string()] = sha256_file(file.path());
  }
  std::string lines;
  for (const auto& [name, hash] : hashes) lines += fmt::format("{}  {}\n", hash, name);
  const std::string found = sha256(lines);
  return found == ADMMBENCH_CONVERTER_SHA256 ? std::string(converter_revision) : found;
}

/// Nothing that the suite reads takes as much; what a damaged or hostile file would take is not there for it.
constexpr ChildLimits conversion_limits{3600, std::uint64_t{16} << 30};

/// An interpreter that has the modules. A python3 in PATH may be one without them, so Debian's comes first.
std::string find_python() {
  if (const char* chosen = std::getenv("ADMMBENCH_PYTHON"); chosen != nullptr && *chosen != '\0')
    return chosen;
  for (const char* candidate : {"/usr/bin/python3", "python3"}) {
    if (run_child({candidate, "-I", "-c", "import numpy, scipy.sparse, h5py"}).status == 0) return candidate;
  }
  throw std::runtime_error(
      "no python3 with numpy, scipy and h5py: install python3-numpy, python3-scipy and python3-h5py, or set "
      "ADMMBENCH_PYTHON to an interpreter that has them");
}

/// What the converter is called with, apart from the output.
struct Conversion {
  std::string kind, name, source, sha256_lines;
  std::vector<std::pair<std::string, fs::path>> inputs;  ///< role, file
  std::map<std::string, std::string> options;
};

/// Converts to a temporary name, lets `check` look at the result, and publishes it.
void convert(const Conversion& conversion, const fs::path& output,
             const std::function<void(const Hdf5File&)>& check) {
  TemporaryFile temporary(output);
  std::vector<std::string> command{
      find_python(),
      "-I",  // nothing of the working folder, of PYTHONPATH or of the user's own is imported
      "-B",  // nothing is written beside the converter
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
  for (const auto& [name, value] : conversion.options)
    command.insert(command.end(), {"--option", fmt::format("{}={}", name, value)});
  spdlog::info("converting {}", conversion.name);
  const ChildResult result = run_child(command, conversion_limits);
  if (result.status != 0) {
    // The converter says in one line what is wrong with the input. Of anything unforeseen the last line says most.
    const std::size_t last = result.output.rfind('\n');
    if (last == std::string::npos && !result.output.empty()) throw DataError(result.output);
    std::vector<std::string> files;
    for (const auto& input : conversion.inputs) files.push_back(input.second.string());
    throw DataError(fmt::format("{}: damaged or of another format: its conversion ended with status {}: {}",
                                fmt::join(files, ", "), result.status,
                                last == std::string::npos ? "" : result.output.substr(last + 1)));
  }
  check(Hdf5File::open(temporary.path(), Hdf5File::Examine::structure));
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

/// A file without a published hash is known by what is made of it alone: it goes with a conversion that failed. True if there was one.
bool drop_unhashed(const RegistryEntry& entry) {
  bool dropped = false;
  for (const RawFile& file : entry.files) {
    if (!file.hashed()) dropped = fs::remove(cached_raw_file(entry, file)) || dropped;
  }
  return dropped;
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

/// How often something else began to be made of a kind while that of all others stayed the same.
const std::map<std::string, int> kind_revisions{{"masked_csv", 1}};  // 1: all published splits

std::string key_of(const std::string& kind, const std::string& hashes) {
  const auto revision = kind_revisions.find(kind);
  const std::string revised =
      revision == kind_revisions.end() ? kind : fmt::format("{} {}", kind, revision->second);
  return sha256(fmt::format("{}\n{}converter {}\n", revised, hashes, converter_identity()));
}

}  // namespace

std::string content_key(const RegistryEntry& entry) {
  std::string hashes;
  for (const RawFile& file : entry.files) hashes += fmt::format("{} {}\n", file.role, file.declared_hash());
  for (const auto& [name, value] : entry.options) hashes += fmt::format("option {} {}\n", name, value);
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
      Conversion conversion{entry.kind, entry.name, fmt::format("{}", fmt::join(entry.addresses, " ")),
                            "",         {},         entry.options};
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
      try {
        convert(conversion, output, [&](const Hdf5File& file) { check_counts(entry, file); });
      } catch (const DataError& error) {
        if (drop_unhashed(entry))
          throw DataError(
              fmt::format("{}; files without a published hash were removed from the cache", error.what()));
        throw;
      }
      return output;
    }
  }
  try {
    check_counts(entry, Hdf5File::open(output, Hdf5File::Examine::structure));
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
      convert({kind, name, base, fmt::format("{}  {}\n", hash, base), {{"train", file}}, {}}, output,
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
