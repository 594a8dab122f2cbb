#include "datasets/registry.hpp"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cstdlib>
#include <sstream>

#include "core/io/yaml_text.hpp"
#include "core/program/installed_files.hpp"
#include "datasets/dataset.hpp"
#include "datasets/generator.hpp"

namespace admmbench {
namespace {

const std::vector<std::string> schemes{"https://", "http://", "ftp://", "file://"};
const std::vector<std::string> kinds{"idx",       "planetoid", "npz",   "libsvm", "masked_npz", "masked_csv",
                                     "table_csv", "rda",       "cifar", "svhn",   "graphsaint", "ogb"};

/// A mistake in a registry; read_registry() says in which file.
struct Mistake {
  int line;  ///< from 0
  std::string what;
};

[[noreturn]] void fail(const YAML::Node& node, const std::string& what) {
  throw Mistake{node.Mark().line, what};
}

/// Without what would steer a terminal.
std::string printable(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; },
      '?');
  return text;
}

void check_keys(const YAML::Node& node, const std::vector<std::string>& allowed) {
  if (!node.IsMap()) fail(node, "expected a mapping");
  for (const auto& item : node) {
    const auto key = item.first.as<std::string>();
    if (std::find(allowed.begin(), allowed.end(), key) == allowed.end()) {
      fail(item.first, fmt::format("unknown key {}; allowed: {}", key, fmt::join(allowed, ", ")));
    }
  }
}

/// What becomes a file in the cache, and a word of a command: it stays in its folder, and is no option.
void require_file_name(const YAML::Node& node, const std::string& what) {
  const auto name = node.as<std::string>();
  const bool odd = std::any_of(name.begin(), name.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == '/' || c == '\\';
  });
  if (odd || name.empty() || name.front() == '-' || name.front() == '.')
    fail(node, fmt::format("{} is '{}'; allowed: no slash, no control character, no - or . at the start",
                           what, printable(name)));
}

/// The name of a folder in /usr/share/datasets, or an absolute path that does not lead back.
void require_system_folder(const YAML::Node& node) {
  const auto folder = node.as<std::string>();
  if (!folder.starts_with('/')) return require_file_name(node, "the folder");
  const bool odd = std::any_of(folder.begin(), folder.end(),
                               [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
  if (odd || folder.find("/.") != std::string::npos)
    fail(node, fmt::format("the folder is '{}'; allowed: no control character, no /.", printable(folder)));
}

/// An address that curl takes for nothing else.
void require_address(const YAML::Node& node) {
  const auto address = node.as<std::string>();
  const bool known = std::any_of(schemes.begin(), schemes.end(),
                                 [&](const std::string& scheme) { return address.starts_with(scheme); });
  const bool odd = std::any_of(address.begin(), address.end(),
                               [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f; });
  if (!known || odd)
    fail(node, fmt::format("the address is '{}'; allowed: an address of {} without blanks",
                           printable(address), fmt::join(schemes, ", ")));
}

std::string text(const YAML::Node& node, const std::string& key) {
  return node[key] ? node[key].as<std::string>() : std::string();
}

RawFile read_file(const YAML::Node& node) {
  check_keys(node, {"role", "name", "address", "bytes", "sha256", "unpacked_sha256", "md5", "hash"});
  RawFile file{text(node, "role"), text(node, "name"), text(node, "sha256"), text(node, "unpacked_sha256"),
               text(node, "md5"),  std::nullopt};
  if (node["bytes"]) file.bytes = node["bytes"].as<std::uintmax_t>();
  if (file.role.empty() || file.name.empty()) fail(node, "a file needs role and name");
  require_file_name(node["name"], "the name of a file");
  if (node["address"]) {
    require_address(node["address"]);
    file.address = text(node, "address");
  }
  const int hashes = !file.sha256.empty() + !file.unpacked_sha256.empty() + !file.md5.empty();
  if (hashes + (text(node, "hash") == "none") != 1)
    fail(node,
         "a file needs exactly one of sha256, unpacked_sha256, md5, or hash: none where none is published");
  return file;
}

RegistryEntry read_entry(const std::string& name, const YAML::Node& node) {
  check_keys(node,
             {"kind", "summary", "addresses", "system", "options", "files", "expect", "licence", "citation"});
  RegistryEntry entry;
  entry.name = name;
  entry.kind = text(node, "kind");
  if (std::find(kinds.begin(), kinds.end(), entry.kind) == kinds.end()) {
    fail(node, fmt::format("kind of {} is '{}'; allowed: {}", name, entry.kind, fmt::join(kinds, ", ")));
  }
  entry.summary = text(node, "summary");
  entry.licence = text(node, "licence");
  entry.citation = text(node, "citation");
  for (const auto& address : node["addresses"]) {
    require_address(address);
    entry.addresses.push_back(address.as<std::string>());
  }
  if (node["system"]) {
    check_keys(node["system"], {"folder", "package"});
    entry.system_folder = text(node["system"], "folder");
    if (!entry.system_folder.empty()) {
      require_system_folder(node["system"]["folder"]);
      if (!entry.system_folder.starts_with('/')) entry.system_folder.insert(0, "/usr/share/datasets/");
    }
    entry.system_package = text(node["system"], "package");
  }
  for (const auto& option : node["options"])
    entry.options[option.first.as<std::string>()] = option.second.as<std::string>();
  for (const auto& file : node["files"]) entry.files.push_back(read_file(file));
  for (const auto& count : node["expect"])
    entry.expected[count.first.as<std::string>()] = count.second.as<long>();
  if (entry.files.empty()) fail(node, fmt::format("{} has no files", name));
  if (entry.kind.starts_with("masked_") && entry.splits() < 1)
    fail(node, fmt::format("{} is {}: `expect:` needs the number of its published splits (splits: 10)", name,
                           entry.kind));
  return entry;
}

/// The suite's, then those of $ADMMBENCH_REGISTRY.
std::vector<std::string> registry_files() {
  std::vector<std::string> files{(datasets_folder() / "registry.yaml").string()};
  const char* further = std::getenv("ADMMBENCH_REGISTRY");
  std::istringstream list(further == nullptr ? "" : further);
  for (std::string file; std::getline(list, file, ':');) {
    if (!file.empty()) files.push_back(file);
  }
  return files;
}

bool contains(const std::vector<RegistryEntry>& entries, const std::string& name) {
  return std::any_of(entries.begin(), entries.end(),
                     [&](const RegistryEntry& entry) { return entry.name == name; });
}

/// Appends the entries of one file.
void append_registry(const std::filesystem::path& file, std::vector<RegistryEntry>& entries) {
  try {
    for (const auto& item : load_yaml_file(file)) {
      require_file_name(item.first, "the name of a data set");
      RegistryEntry entry = read_entry(item.first.as<std::string>(), item.second);
      if (contains(entries, entry.name))
        fail(item.first, fmt::format("{} is registered already", entry.name));
      entries.push_back(std::move(entry));
    }
  } catch (const Mistake& mistake) {
    throw DataError(fmt::format("{}:{}: {}", file.string(), mistake.line + 1, mistake.what));
  } catch (const YAML::Exception& error) {
    throw DataError(fmt::format("{}: {}", file.string(), error.what()));
  }
}

}  // namespace

std::string RawFile::declared_hash() const {
  if (!sha256.empty()) return "sha256 " + sha256;
  if (!unpacked_sha256.empty()) return "unpacked sha256 " + unpacked_sha256;
  return md5.empty() ? "no hash" : "md5 " + md5;
}

std::filesystem::path datasets_folder() {
  if (const char* folder = std::getenv("ADMMBENCH_DATASETS_DIR"); folder != nullptr && *folder != '\0')
    return folder;
  return installed_files() / "datasets";
}

std::vector<RegistryEntry> dataset_registry() {
  std::vector<RegistryEntry> entries;
  for (const std::string& file : registry_files()) append_registry(file, entries);
  for (const GeneratedDataset& generated : generated_datasets()) {
    if (contains(entries, generated.name)) {
      throw DataError(fmt::format("{}: there is a data set of that name in {}, too; give one of them another",
                                  generated.name, fmt::join(registry_files(), " or ")));
    }
    RegistryEntry entry;
    entry.name = generated.name;
    entry.kind = "synthetic";
    entry.summary = generated.summary;
    entry.generates_graph = generated.graph;
    entries.push_back(std::move(entry));
  }
  return entries;
}

RegistryEntry find_dataset(const std::string& name) {
  std::vector<std::string> names;
  for (RegistryEntry& entry : dataset_registry()) {
    if (entry.name == name) return std::move(entry);
    names.push_back(entry.name);
  }
  throw DataError(fmt::format("no data set is called '{}'; known: {}", name, fmt::join(names, ", ")));
}

}  // namespace admmbench
