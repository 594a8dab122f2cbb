#pragma once
/// `admmbench scaling --messages`.

#include <string>

namespace admmbench {

/// Measures messages and sums between the two processes that a launcher started together; the first one's result, in JSON, is empty in
/// the other. Throws CLI::ValidationError where there are not two of them.
std::string timed_messages();

}  // namespace admmbench
