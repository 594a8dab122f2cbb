#include "core/compute/blas_threads.hpp"

#include <dlfcn.h>

#include <cstdlib>
#include <string>

namespace admmbench {

void set_blas_threads(std::size_t threads) {
  const std::string text = std::to_string(threads);
  for (const char* variable :
       {"OPENBLAS_NUM_THREADS", "BLIS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"}) {
    setenv(variable, text.c_str(), 1);
  }
  // The variables are read when the library is loaded, which is past.
  for (const char* name : {"openblas_set_num_threads", "MKL_Set_Num_Threads"}) {
    if (void* symbol = dlsym(RTLD_DEFAULT, name)) {
      reinterpret_cast<void (*)(int)>(symbol)(static_cast<int>(threads));
    }
  }
  if (void* symbol = dlsym(RTLD_DEFAULT, "bli_thread_set_num_threads")) {
    reinterpret_cast<void (*)(long)>(symbol)(static_cast<long>(threads));
  }
}

}  // namespace admmbench
