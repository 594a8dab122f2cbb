#pragma once
/// Which kernels OpenBLAS multiplies with. It chooses by the processor's model number, and takes those of the oldest
/// processor for a model that is newer than itself: 0.3.21 does on Intel's model 207, several times slower than need be,
/// and its strsm for Prescott crashes there. OPENBLAS_CORETYPE in the environment overrules it, if it is there when the
/// library is loaded.

#include <string>
#include <string_view>

#include "core/compute/vector_level.hpp"

namespace admmbench {

/// The file of the library that answers for this program's products.
std::string blas_file();

/// The function `name` of that library; null if it has none. OpenBLAS may answer although another library does the work
/// (liblapack pulls it in): such a function is not returned.
void* blas_function(const char* name);

/// The processor whose kernels OpenBLAS uses (openblas_get_corename); empty if the BLAS is another one.
std::string blas_core();

/// The name of kernels for a processor of `level` where those for `core` do without its instructions; else empty.
std::string_view better_kernels(std::string_view core, VectorLevel level);

/// Starts the program anew with better_kernels(), if there are any and the environment does not ask for certain ones.
/// To be called first in main(), with its arguments.
void use_better_kernels(char** arguments);

}  // namespace admmbench
