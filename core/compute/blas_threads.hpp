#pragma once
/// The threads of BLAS and LAPACK themselves. Products use none of them: gemm() cuts big ones into parts for ComputeThreads'
/// threads, which sleep when there is nothing to do; BLAS's own wait actively for the next product, tens of
/// milliseconds long, and take the processor from the passes between products and from other runs.

#include <cstddef>

namespace admmbench {

/// Sets the number of threads of the BLAS in use, through the library's own call and the environment of children. Does
/// nothing if the library has no such call.
void set_blas_threads(std::size_t threads);

}  // namespace admmbench
