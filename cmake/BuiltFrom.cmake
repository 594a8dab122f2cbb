# The commit that a program is built from, for the provenance of its results: looked at in every build, because a checkout changes
# without any source's being newer, and written only if it is another one. A file `built_from.cpp` defines built_from()
# (core/program/built_from.hpp). Asked at build time, not when the program runs: by then the checkout may be elsewhere.
#
# Included it defines admmbench_built_from(); run with `cmake -P` it writes OUTPUT for the sources in ROOT.

function(admmbench_built_from target)
  set(generated ${CMAKE_BINARY_DIR}/generated/built_from.cpp)
  add_custom_target(${target}_built_from
    COMMAND ${CMAKE_COMMAND} -DROOT=${CMAKE_SOURCE_DIR} -DOUTPUT=${generated} -P ${CMAKE_SOURCE_DIR}/cmake/BuiltFrom.cmake
    BYPRODUCTS ${generated} COMMENT "Asking git which commit this is" VERBATIM)
  target_sources(${target} PRIVATE ${generated})
  set_source_files_properties(${generated} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON SKIP_PRECOMPILE_HEADERS ON)
  add_dependencies(${target} ${target}_built_from)
endfunction()

if(NOT CMAKE_SCRIPT_MODE_FILE STREQUAL CMAKE_CURRENT_LIST_FILE)
  return()
endif()

cmake_minimum_required(VERSION 3.25)

# A build started by a hook of another repository has that one's variables.
foreach(variable DIR WORK_TREE INDEX_FILE OBJECT_DIRECTORY COMMON_DIR NAMESPACE)
  unset(ENV{GIT_${variable}})
endforeach()
# The checkout may belong to another user than the one who builds.
set(git git -c "safe.directory=*" -C ${ROOT})
# What programs are made of: an edited table or page makes no other program.
set(sources ":(glob)core/**" ":(glob)solvers/**" ":(glob)baselines/**" ":(glob)datasets/**" ":(glob)include/**" ":(glob)cmake/**"
  ":(glob)results/**/*.?pp" ":(glob)results/report/page/**" ":(glob)experiments/harness/**" ":(glob)tools/admmbench/**" CMakeLists.txt)

set(commit unknown)
# Of this folder, not of a repository around an unpacked archive.
execute_process(COMMAND ${git} rev-parse --show-prefix HEAD OUTPUT_VARIABLE answer ERROR_QUIET RESULT_VARIABLE failed)
if(failed EQUAL 0 AND answer MATCHES "^\n([0-9a-f]+)\n$")
  set(commit ${CMAKE_MATCH_1})
  execute_process(COMMAND ${git} status --porcelain --untracked-files=no -- ${sources} OUTPUT_VARIABLE changes ERROR_QUIET)
  if(NOT changes STREQUAL "")
    string(APPEND commit -dirty)
  endif()
endif()
file(CONFIGURE OUTPUT ${OUTPUT} CONTENT [[// Made by cmake/BuiltFrom.cmake.
#include "core/program/built_from.hpp"

std::string_view admmbench::built_from() { return "@commit@"; }
]] @ONLY)
