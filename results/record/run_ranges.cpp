#include "results/record/run_ranges.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <sstream>
#include <stdexcept>

namespace admmbench {

namespace {

[[noreturn]] void refuse(const RunRecord& record, const std::string& what, const std::string& value,
                         const std::string& right) {
  throw std::runtime_error(
      fmt::format("{}: damaged: {} is {}, expected {}", record.path.string(), what, value, right));
}

std::string shown(const std::string& text) { return "'" + plain_line(text.substr(0, 80)) + "'"; }

void check_column(const RunRecord& record, const std::string& name, const std::vector<double>& values) {
  const bool share = name.ends_with("_accuracy");
  const bool amount = name == "seconds" || name == "flops";
  if (!share && !amount) return;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double value = values[i];
    if (std::isnan(value) && share) continue;
    const bool right = value >= 0 && (share ? value <= 1 : std::isfinite(value));
    if (!right) {
      refuse(record, fmt::format("entry {} of /trajectory/{}", i, name), fmt::format("{}", value),
             share ? "0 to 1" : "a finite number >= 0");
    }
  }
}

}  // namespace

bool is_control(char c) {
  const auto code = static_cast<unsigned char>(c);
  return code < 0x20 || code == 0x7f;
}

std::string plain_line(std::string text) {
  std::replace_if(text.begin(), text.end(), is_control, ' ');
  return text;
}

bool is_safe_name(const std::string& name) {
  if (name.empty() || name.front() == '/' || name.back() == '/' ||
      std::any_of(name.begin(), name.end(), is_control))
    return false;
  std::istringstream parts(name);
  for (std::string part; std::getline(parts, part, '/');) {
    if (part.empty() || part == "." || part == "..") return false;
  }
  return true;
}

std::filesystem::path file_inside(const std::filesystem::path& folder, const std::string& name) {
  if (!is_safe_name(name) || name.find('/') != std::string::npos)
    throw std::runtime_error(
        fmt::format("{} is no name of a file in {}: nothing is written", shown(name), folder.string()));
  return folder / name;
}

void check_names(const RunRecord& record) {
  const RunAttributes& a = record.attributes;
  for (const auto& [what, name] : {std::pair("experiment", &a.experiment),
                                   {"dataset", &a.dataset},
                                   {"solver", &a.solver},
                                   {"label", &a.label},
                                   {"profile", &record.config.profile}}) {
    if (!name->empty() && !is_safe_name(*name))
      refuse(record, fmt::format("its {}", what), shown(*name), "a name");
  }
}

void check_ranges(const RunRecord& record) {
  const RunAttributes& a = record.attributes;
  check_names(record);
  for (const auto& [what, count] : {std::pair("threads", a.threads - 1),
                                    {"train_samples", a.samples.train},
                                    {"val_samples", a.samples.validation},
                                    {"test_samples", a.samples.test}}) {
    if (count < 0) refuse(record, fmt::format("attribute {}", what), "negative", "a number of them");
  }
  const std::vector<std::int64_t>& iteration = record.trajectory.iteration;
  for (std::size_t i = 0; i < iteration.size(); ++i) {
    if (iteration[i] < 0 || (i > 0 && iteration[i] <= iteration[i - 1])) {
      refuse(record, fmt::format("entry {} of /trajectory/iteration", i), fmt::format("{}", iteration[i]),
             "iterations from 0 in ascending order");
    }
  }
  for (const auto& [name, values] : record.trajectory.columns) check_column(record, name, values);
}

}  // namespace admmbench
