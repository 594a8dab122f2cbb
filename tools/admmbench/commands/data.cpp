#include "tools/admmbench/commands/data.hpp"

#include <fmt/format.h>

#include <exception>
#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "datasets/cache.hpp"
#include "datasets/convert.hpp"
#include "datasets/data_file.hpp"
#include "datasets/dataset.hpp"
#include "datasets/fetch.hpp"
#include "datasets/generator.hpp"
#include "datasets/registry.hpp"
#include "experiments/harness/config/parameter_visitors.hpp"
#include "tools/admmbench/console.hpp"
#include "tools/admmbench/json_text.hpp"

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
  const std::string answers = entry.regression() ? "regression" : fmt::format("{} classes", count("classes"));
  const std::string splits = entry.splits() > 0 ? fmt::format(", {} splits", entry.splits()) : "";
  return fmt::format("{}, {} features, {}{}", sizes, count("features"), answers, splits);
}

std::string status_text(const RegistryEntry& entry) {
  if (!entry.synthetic() && fs::exists(converted_file(entry))) return "ready";
  return to_string(availability(entry));
}

nlohmann::ordered_json to_json(const RegistryEntry& entry) {
  nlohmann::ordered_json json{{"name", entry.name},           {"kind", entry.kind},
                              {"status", status_text(entry)}, {"summary", entry.summary},
                              {"expected", entry.expected},   {"addresses", entry.addresses}};
  json["files"] = nlohmann::ordered_json::array();
  for (const RawFile& file : entry.files)
    json["files"].push_back({{"name", file.name}, {"hash", file.declared_hash()}});
  json["licence"] = entry.licence;
  json["citation"] = entry.citation;
  json["data"] = entry.synthetic() ? "" : converted_file(entry).string();
  return json;
}

void list(bool as_json) {
  if (as_json) {
    auto json = nlohmann::ordered_json::array();
    for (const RegistryEntry& entry : dataset_registry()) json.push_back(to_json(entry));
    fmt::print("{}\n", json_text(json));
    return;
  }
  for (const RegistryEntry& entry : dataset_registry()) {
    fmt::print("{:<17} {:<10} {:<21} {}\n", entry.name, entry.kind, status_text(entry), entry.summary);
    fmt::print("{:<50} {}\n", "", size_text(entry));
  }
  fmt::print("\nCache: {}\n", cache_folder().string());
}

/// The declared parameters of a synthetic set, for `params:` in an experiment.
void print_parameters(const std::string& name) {
  ParameterLister lister;
  find_generated_dataset(name)->make_default()->visit(lister);
  for (const ParameterEntry& entry : lister.entries) {
    fmt::print("  parameter {} = {} ({}{}{}): {}\n", entry.name, entry.value, entry.type,
               entry.allowed.empty() ? "" : " ", entry.allowed, entry.meaning);
  }
}

void info(const std::string& name, bool as_json) {
  const RegistryEntry entry = find_dataset(name);
  if (as_json) {
    fmt::print("{}\n", json_text(to_json(entry)));
    return;
  }
  fmt::print("{}: {}\n", entry.name, entry.summary);
  fmt::print("  kind      {}\n", entry.kind);
  fmt::print("  status    {}\n", status_text(entry));
  if (entry.synthetic()) {
    fmt::print("  size      {}\n", size_text(entry));
    print_parameters(name);
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
  fmt::print("  by hand   {}\n", mirror_advice(entry));
  fmt::print("  licence   {}\n", entry.licence);
  fmt::print("  citation  {}\n", entry.citation);
  fmt::print("  data.h5   {}\n", converted_file(entry).string());
}

/// Brings the raw files of the sets that are not converted yet to the cache; what went wrong, by the name of the set.
std::map<std::string, std::exception_ptr> fetch_raw(const std::vector<RegistryEntry>& entries,
                                                    Downloads& downloads) {
  std::vector<RegistryEntry> wanted;
  for (const RegistryEntry& entry : entries) {
    if (!entry.synthetic() && !fs::exists(converted_file(entry))) wanted.push_back(entry);
  }
  const std::vector<std::exception_ptr> errors = fetch_sets(wanted, downloads);
  std::map<std::string, std::exception_ptr> failed;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (errors[i]) failed[wanted[i].name] = errors[i];
  }
  return failed;
}

void fetch(const std::vector<std::string>& names) {
  std::vector<RegistryEntry> entries;
  for (const std::string& name : names)
    entries.push_back(find_dataset(name));  // a wrong name before any download
  Downloads downloads;
  show_downloads(downloads);
  const std::map<std::string, std::exception_ptr> failed = fetch_raw(entries, downloads);
  std::vector<std::string> missing;
  for (const RegistryEntry& entry : entries) {
    if (entry.synthetic()) {
      fmt::print("{}: generated when it is used\n", entry.name);
      continue;
    }
    try {
      if (const auto error = failed.find(entry.name); error != failed.end())
        std::rethrow_exception(error->second);
      fmt::print("{}: {}\n", entry.name, require_data_file(entry, downloads).string());
    } catch (const DataUnavailable& error) {
      if (entries.size() == 1) throw;
      fmt::print("{}\n", error.brief());
      missing.push_back(entry.name);
    } catch (const DataError& error) {
      if (entries.size() == 1) throw;
      fmt::print("{}: {}\n", entry.name, error.what());
      missing.push_back(entry.name);
    }
    std::fflush(stdout);
  }
  if (missing.empty()) return;
  throw DataUnavailable(
      fmt::format("not to be had{}: {}; `admmbench data info NAME` says what else can be done",
                  downloads.no_network() ? ", no host could be reached" : "", fmt::join(missing, ", ")));
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
  CLI::App* data = app.add_subcommand("data", "list, describe, fetch and verify data sets");
  data->require_subcommand(1);

  const auto json = std::make_shared<bool>(false);
  CLI::App* all = data->add_subcommand("list", "all data sets known by name, and where they come from")
                      ->group("Commands");
  all->add_flag("--json", *json, "machine-readable, with all that `info` shows");
  all->callback([json] { list(*json); });

  const auto names = std::make_shared<std::vector<std::string>>();
  const auto command = [&](const std::string& verb, const std::string& help, auto&& action, bool several) {
    CLI::App* sub = data->add_subcommand(verb, help)->group("Commands");
    CLI::Option* option =
        sub->add_option("NAME", *names, several ? "data sets" : "data set")->required()->type_name("DATASET");
    if (!several) option->expected(1);
    sub->callback([names, action] { action(*names); });
    return sub;
  };
  command(
      "info", "counts, addresses, hashes, licence and citation of a data set",
      [json](const std::vector<std::string>& given) { info(given.front(), *json); }, false)
      ->add_flag("--json", *json, "machine-readable");
  command("fetch", "bring data sets to the cache and convert them", fetch, true);
  command("verify", "check hashes and content of what the cache holds", verify, true);
  data->footer("Examples:\n  admmbench data list\n  admmbench data fetch cora citeseer pubmed");
}

}  // namespace admmbench
