#include "datasets/registry.hpp"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cstdlib>
#include <sstream>

#include "core/program/installed_files.hpp"
#include "datasets/dataset.hpp"
#include "datasets/generator.hpp"

namespace admmbench {
namespace {

const std::vector<std::string> kinds{"idx", "planetoid", "npz", "libsvm"};

/// A mistake in a registry; read_registry() says in which file.
struct Mistake {
  int line;  ///< from 0
  std::string what;
};

[[noreturn]] void fail(const YAML::Node& node, const std::string& what) {
  throw Mistake{node.Mark().line, what};
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

std::string text(const YAML::Node& node, const std::string& key) {
  return node[key] ? node[key].as<std::string>() : std::string();
}

RawFile read_file(const YAML::Node& node) {
  check_keys(node, {"role", "name", "bytes", "sha256", "unpacked_sha256", "md5"});
  RawFile file{text(node, "role"), text(node, "name"), text(node, "sha256"), text(node, "unpacked_sha256"),
               text(node, "md5"),  std::nullopt};
  if (node["bytes"]) file.bytes = node["bytes"].as<std::uintmax_t>();
  if (file.role.empty() || file.name.empty()) fail(node, "a file needs role and name");
  const bool one_hash = file.sha256.empty() + file.unpacked_sha256.empty() + file.md5.empty() == 2;
  if (!one_hash) fail(node, "a file needs exactly one of sha256, unpacked_sha256, md5");
  return file;
}

RegistryEntry read_entry(const std::string& name, const YAML::Node& node) {
  check_keys(node, {"kind", "summary", "addresses", "system", "files", "expect", "licence", "citation"});
  RegistryEntry entry;
  entry.name = name;
  entry.kind = text(node, "kind");
  if (std::find(kinds.begin(), kinds.end(), entry.kind) == kinds.end()) {
    fail(node, fmt::format("kind of {} is '{}'; allowed: {}", name, entry.kind, fmt::join(kinds, ", ")));
  }
  entry.summary = text(node, "summary");
  entry.licence = text(node, "licence");
  entry.citation = text(node, "citation");
  for (const auto& address : node["addresses"]) entry.addresses.push_back(address.as<std::string>());
  if (node["system"]) {
    check_keys(node["system"], {"folder", "package"});
    entry.system_folder = text(node["system"], "folder");
    entry.system_package = text(node["system"], "package");
  }
  for (const auto& file : node["files"]) entry.files.push_back(read_file(file));
  for (const auto& count : node["expect"])
    entry.expected[count.first.as<std::string>()] = count.second.as<long>();
  if (entry.files.empty()) fail(node, fmt::format("{} has no files", name));
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
    for (const auto& item : YAML::LoadFile(file)) {
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
  return "md5 " + md5;
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
