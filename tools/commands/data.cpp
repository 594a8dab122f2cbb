#include "tools/commands/data.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "datasets/cache.hpp"
#include "datasets/convert.hpp"
#include "datasets/data_file.hpp"
#include "datasets/dataset.hpp"
#include "datasets/fetch.hpp"
#include "datasets/registry.hpp"

namespace admmbench {
namespace {

namespace fs = std::filesystem;

/// "60000 + 10000 samples, 784 features, 10 classes"
std::string size_text(const RegistryEntry& entry) {
  if (entry.synthetic()) return "as its parameters say";
  const auto count = [&](const char* name) {
    const auto it = entry.expected.find(name);
    return it == entry.expected.end() ? 0 : it->second;
  };
  const std::string sizes = entry.graph() ? fmt::format("{} nodes, {} edges", count("nodes"), count("edges"))
                                          : fmt::format("{} + {} samples", count("train"), count("test"));
  return fmt::format("{}, {} features, {} classes", sizes, count("features"), count("classes"));
}

std::string status_text(const RegistryEntry& entry) {
  if (!entry.synthetic() && fs::exists(converted_file(entry))) return "ready";
  return to_string(availability(entry));
}

void list() {
  for (const RegistryEntry& entry : dataset_registry()) {
    fmt::print("{:<17} {:<9} {:<21} {}\n", entry.name, entry.kind, status_text(entry), entry.summary);
    fmt::print("{:<49} {}\n", "", size_text(entry));
  }
  fmt::print("\nCache: {}\n", cache_folder().string());
}

void info(const std::string& name) {
  const RegistryEntry entry = find_dataset(name);
  fmt::print("{}: {}\n", entry.name, entry.summary);
  fmt::print("  kind      {}\n", entry.kind);
  fmt::print("  status    {}\n", status_text(entry));
  if (entry.synthetic()) {
    fmt::print("  size      {}\n", size_text(entry));
    return;
  }
  fmt::print("  expected  ");
  for (const char* separator = ""; const auto& [count, value] : entry.expected) {
    fmt::print("{}{} {}", separator, count, value);
    separator = ", ";
  }
  fmt::print("\n");
  for (const std::string& address : entry.addresses) fmt::print("  address   {}\n", address);
  if (!entry.system_package.empty()) fmt::print("  package   {}\n", entry.system_package);
  for (const RawFile& file : entry.files)
    fmt::print("  file      {} ({})\n", file.name, file.declared_hash());
  fmt::print("  licence   {}\n", entry.licence);
  fmt::print("  citation  {}\n", entry.citation);
  fmt::print("  data.h5   {}\n", converted_file(entry).string());
}

void fetch(const std::vector<std::string>& names) {
  std::vector<RegistryEntry> entries;
  for (const std::string& name : names)
    entries.push_back(find_dataset(name));  // a wrong name before any download
  std::vector<std::string> unavailable;
  for (const RegistryEntry& entry : entries) {
    if (entry.synthetic()) {
      fmt::print("{}: generated when it is used\n", entry.name);
      continue;
    }
    try {
      fmt::print("{}: {}\n", entry.name, require_data_file(entry).string());
    } catch (const DataUnavailable& error) {
      if (entries.size() == 1) throw;
      spdlog::error("{}", error.what());
      unavailable.push_back(entry.name);
    }
  }
  if (!unavailable.empty())
    throw DataUnavailable(fmt::format("not to be had: {}", fmt::join(unavailable, ", ")));
}

/// Checks what the cache holds: hashes of the raw files, counts and content of the converted file.
void verify(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    const RegistryEntry entry = find_dataset(name);
    if (entry.synthetic()) {
      fmt::print("{}: generated, nothing to verify\n", name);
      continue;
    }
    std::size_t present = 0;
    for (const RawFile& file : entry.files) {
      const fs::path path = cached_raw_file(entry, file);
      if (!fs::is_regular_file(path)) continue;
      verify_raw_file(file, path, "delete it and it will be fetched again");
      ++present;
    }
    const bool converted = fs::exists(converted_file(entry));
    if (present == 0 && !converted) {
      throw DataUnavailable(
          fmt::format("{} is not in the cache: `admmbench data fetch {}` brings it there", name, name));
    }
    if (converted) {
      const Hdf5File file = Hdf5File::open(require_data_file(entry));
      is_graph_file(file) ? static_cast<void>(read_graph(file))
                          : static_cast<void>(read_dataset<double>(file));
    }
    fmt::print("{}: {} of {} raw files in the cache, hashes right; {}\n", name, present, entry.files.size(),
               converted ? "converted file readable, counts as registered" : "not converted yet");
  }
}

}  // namespace

void add_data_command(CLI::App& app) {
  CLI::App* data = app.add_subcommand("data", "Data sets: list, describe, fetch and verify them");
  data->require_subcommand(1);

  data->add_subcommand("list", "All data sets known by name, and where they would come from")->callback(list);

  const auto names = std::make_shared<std::vector<std::string>>();
  const auto command = [&](const std::string& verb, const std::string& help, auto&& action, bool several) {
    CLI::App* sub = data->add_subcommand(verb, help);
    CLI::Option* option =
        sub->add_option("NAME", *names, several ? "data sets" : "data set")->required()->type_name("DATASET");
    if (!several) option->expected(1);
    sub->callback([names, action] { action(*names); });
  };
  command(
      "info", "Counts, addresses, hashes, licence and citation of a data set",
      [](const std::vector<std::string>& given) { info(given.front()); }, false);
  command("fetch", "Bring data sets to the cache and convert them", fetch, true);
  command("verify", "Check hashes and content of what the cache holds", verify, true);
}

}  // namespace admmbench
