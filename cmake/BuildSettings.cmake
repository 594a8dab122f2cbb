# Language, warnings, optimisation and sanitizers of every target, in one interface target.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

option(ADMMBENCH_WERROR "Treat warnings as errors" ON)
option(ADMMBENCH_NATIVE "Compile for this machine's instruction set alone" OFF)
option(ADMMBENCH_UNITY "Compile several sources of what is not numerical at once" ON)
option(ADMMBENCH_FUZZ "Build for libFuzzer (Clang, with sanitizers): tests/fuzz" OFF)
option(ADMMBENCH_VALGRIND "Build for Valgrind, which computes long double in double" OFF)
set(ADMMBENCH_SANITIZE "" CACHE STRING "Sanitizers to build with: address,undefined or thread; empty: none")

find_program(CCACHE ccache)
mark_as_advanced(CCACHE)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # Without this sloppiness ccache never serves an object made with a precompiled header.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
    CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${CCACHE})
endif()

# How code is made, without warnings: users' methods are compiled like the suite's, so that their times compare.
set(ADMMBENCH_CODE_OPTIONS -fopenmp-simd
  # No fused multiply-add of the compiler's own: the same source gives the same bits with and without FMA, whatever the surrounding code.
  -ffp-contract=off
  # Lets loops with sqrt and comparisons vectorise; results do not change.
  -fno-math-errno -fno-trapping-math)
# What is not a pass needs SSE4.2 at most; passes are compiled for x86-64-v2, v3 and v4, and the processor chooses
# (core/compute/vector_level.hpp). With ADMMBENCH_NATIVE everything is compiled once, for this processor.
if(ADMMBENCH_NATIVE)
  list(APPEND ADMMBENCH_CODE_OPTIONS $<$<CONFIG:Release>:-march=native> -DADMMBENCH_ONE_VECTOR_LEVEL)
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  list(APPEND ADMMBENCH_CODE_OPTIONS -march=x86-64-v2)
endif()

add_library(admmbench_settings INTERFACE)
if(CCACHE)
  target_compile_options(admmbench_settings INTERFACE $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)
endif()
target_compile_options(admmbench_settings INTERFACE ${ADMMBENCH_CODE_OPTIONS} -Wall -Wextra -Wconversion -Wshadow
  $<$<BOOL:${ADMMBENCH_WERROR}>:-Werror>
  # GCC 12 warns of overlapping copies inside std::string at -O2 and above (its bug 105651); there are none.
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
  # Clang warns where it cannot vectorise a loop marked `omp simd` (tanh, clipping with infinities): slower, not wrong.
  $<$<CXX_COMPILER_ID:Clang>:-Wno-pass-failed>)
if(ADMMBENCH_SANITIZE)
  # -O1: the tests finish in reasonable time, and stack traces stay readable; lines are all that these need of -g.
  set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g1")
  target_compile_options(admmbench_settings INTERFACE -fsanitize=${ADMMBENCH_SANITIZE} -fno-omit-frame-pointer
    -fno-sanitize-recover=undefined
    # GCC's instrumentation hides initialisations from this warning (false alarms inside <regex>); the release build keeps it.
    $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
  target_compile_definitions(admmbench_settings INTERFACE _GLIBCXX_ASSERTIONS)
  if(ADMMBENCH_FUZZ)
    target_compile_options(admmbench_settings INTERFACE -fsanitize=fuzzer-no-link)
  endif()
  target_link_options(admmbench_settings INTERFACE -fsanitize=${ADMMBENCH_SANITIZE})
endif()
