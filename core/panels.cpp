#include "core/panels.hpp"

#ifdef _OPENMP
#include <omp.h>
#endif

namespace admmbench {

#ifdef _OPENMP

SerialPasses::SerialPasses() : before_(omp_get_max_threads()) { omp_set_num_threads(1); }
SerialPasses::~SerialPasses() { omp_set_num_threads(before_); }
void set_pass_threads(int threads) { omp_set_num_threads(threads); }

#else

SerialPasses::SerialPasses() : before_(1) {}
SerialPasses::~SerialPasses() = default;
void set_pass_threads(int /*threads*/) {}

#endif

}  // namespace admmbench
