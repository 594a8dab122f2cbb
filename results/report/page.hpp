#pragma once
/// The report as one self-contained HTML page: template, style and scripts (results/report/page/) are compiled in, the data
/// are in it as JSON, nothing is loaded from elsewhere.

#include <string>

#include "results/report/model.hpp"

namespace admmbench {

/// `title` is plain text.
std::string render_page(const Report& report, const std::string& title, const std::string& version);

}  // namespace admmbench
