# Which BLAS is linked. Debian's alternatives decide at run time which library stands behind libblas.so.3; naming one here
# puts its folder into the programs' search path and so ahead of them. docs/performance.md has the measurements behind the
# default. What was really loaded is in every result file.
set(ADMMBENCH_BLAS auto CACHE STRING "BLAS: auto (OpenBLAS if it is there, else the system's), system, openblas, blis, reference")
set_property(CACHE ADMMBENCH_BLAS PROPERTY STRINGS auto system openblas blis reference)

set(blas_folders_auto openblas-pthread)
set(blas_folders_openblas openblas-pthread openblas-openmp openblas-serial)
set(blas_folders_blis blis-pthread blis-openmp blis-serial)
set(blas_folders_reference blas)

set(ADMMBENCH_BLAS_FILE)
if(DEFINED blas_folders_${ADMMBENCH_BLAS})
  set(folders)
  foreach(folder IN LISTS blas_folders_${ADMMBENCH_BLAS})
    list(APPEND folders /usr/lib/${CMAKE_LIBRARY_ARCHITECTURE}/${folder})
  endforeach()
  find_file(found NAMES libblas.so.3 PATHS ${folders} NO_DEFAULT_PATH NO_CACHE)
  if(found)
    set(ADMMBENCH_BLAS_FILE ${found})
  elseif(NOT ADMMBENCH_BLAS STREQUAL auto)
    list(JOIN folders ", " looked)
    message(FATAL_ERROR "ADMMBENCH_BLAS=${ADMMBENCH_BLAS}: there is no libblas.so.3 in ${looked}. Install "
      "libopenblas-pthread-dev (openblas), libblis-dev (blis) or libblas3 (reference), or use ADMMBENCH_BLAS=system.")
  endif()
elseif(NOT ADMMBENCH_BLAS STREQUAL system)
  message(FATAL_ERROR "ADMMBENCH_BLAS=${ADMMBENCH_BLAS}: allowed are auto, system, openblas, blis, reference.")
endif()
if(ADMMBENCH_BLAS_FILE)
  message(STATUS "BLAS: ${ADMMBENCH_BLAS_FILE}")
else()
  message(STATUS "BLAS: the system's (${BLAS_LIBRARIES})")
endif()
