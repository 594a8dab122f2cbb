#include "core/problem/state_visitor.hpp"

namespace admmbench {

std::string layer_name(const char* variable, arma::uword layer) { return variable + std::to_string(layer); }

}  // namespace admmbench
