#pragma once

#include <string>

namespace admmbench {

/// What `--json` prints. Texts come from files, which hold any bytes: what is no UTF-8 is shown as U+FFFD.
template <class Json>
std::string json_text(const Json& json) {
  constexpr int indent = 2;
  return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

}  // namespace admmbench
