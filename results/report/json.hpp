#pragma once
/// The report's values as the JSON that the page reads. Numbers that are not finite are null; curves have five digits.

#include <string>

#include "results/report/model.hpp"

namespace admmbench {

std::string to_json(const Report& report);

}  // namespace admmbench
