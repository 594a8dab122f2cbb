# The libraries of the suite, and what they are compiled with.

# What is parsed once instead of in every source: Armadillo alone takes four seconds. One precompiled header for all
# numerical code, one for the rest of the program, which is compiled with -O1: it waits for files and people, and
# optimising nlohmann's and fmt's templates took longer than all solvers (docs/measured/build.md). CLI11 is not
# among them: it has objects of static storage, whose constructors every source would compile that sees them.
function(admmbench_precompiled name)
  cmake_parse_arguments(ARG "" "" "HEADERS;LINK;OPTIONS" ${ARGN})
  set(empty ${CMAKE_BINARY_DIR}/generated/precompiled_${name}.cpp)
  if(NOT EXISTS ${empty})
    file(WRITE ${empty} "")
  endif()
  add_library(admmbench_precompiled_${name} OBJECT ${empty})
  target_link_libraries(admmbench_precompiled_${name} PRIVATE admmbench_settings ${ARG_LINK})
  target_compile_options(admmbench_precompiled_${name} PRIVATE ${ARG_OPTIONS})
  target_precompile_headers(admmbench_precompiled_${name} PRIVATE ${ARG_HEADERS})
endfunction()
set(ADMMBENCH_STANDARD_HEADERS <algorithm> <array> <cmath> <cstdint> <filesystem> <functional> <map> <memory> <optional>
  <set> <string> <vector>)
set(ADMMBENCH_QUICK_OPTIONS $<$<CONFIG:Release>:-O1>)
set(ADMMBENCH_QUICK_LIBRARY_OPTIONS ${ADMMBENCH_QUICK_OPTIONS})
if(ADMMBENCH_SANITIZE)  # optimising it takes longer than its tests do without
  set(ADMMBENCH_QUICK_LIBRARY_OPTIONS -O0)
endif()
admmbench_precompiled(numerical HEADERS ${ADMMBENCH_STANDARD_HEADERS} <armadillo> <fmt/format.h>
  LINK admmbench::armadillo fmt::fmt Threads::Threads)
admmbench_precompiled(program HEADERS ${ADMMBENCH_STANDARD_HEADERS} <armadillo> <fmt/format.h>
    <yaml-cpp/yaml.h> <nlohmann/json.hpp>
  LINK admmbench::armadillo fmt::fmt yaml-cpp CLI11::CLI11 Threads::Threads
  OPTIONS ${ADMMBENCH_QUICK_LIBRARY_OPTIONS})

# admmbench_library(NAME [OBJECT] [QUICK] FOLDERS folder ... LINK library ...): target admmbench_NAME of all sources in the
# folders. What it links of the suite is named without the prefix. QUICK: no numerical code, compiled with -O1.
function(admmbench_library name)
  cmake_parse_arguments(ARG "OBJECT;QUICK" "" "FOLDERS;LINK" ${ARGN})
  set(sources)
  foreach(folder IN LISTS ARG_FOLDERS)
    file(GLOB found CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${folder}/*.cpp)
    list(APPEND sources ${found})
  endforeach()
  if(ARG_OBJECT)
    add_library(admmbench_${name} OBJECT ${sources})  # self-registering objects must not be dropped by the linker
  else()
    add_library(admmbench_${name} STATIC ${sources})
  endif()
  set(links)
  foreach(link IN LISTS ARG_LINK)
    if(TARGET admmbench_${link})
      set(link admmbench_${link})
    endif()
    list(APPEND links ${link})
  endforeach()
  target_include_directories(admmbench_${name} PUBLIC $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/admmbench>)
  target_link_libraries(admmbench_${name} PUBLIC ${links} PRIVATE $<BUILD_INTERFACE:admmbench_settings>)
  if(ARG_QUICK)
    target_compile_options(admmbench_${name} PRIVATE ${ADMMBENCH_QUICK_LIBRARY_OPTIONS})
    target_precompile_headers(admmbench_${name} REUSE_FROM admmbench_precompiled_program)
    # Several sources at once: what fmt and nlohmann instantiate in each of them takes longer than the sources' own code.
    set_target_properties(admmbench_${name} PROPERTIES UNITY_BUILD ${ADMMBENCH_UNITY} UNITY_BUILD_BATCH_SIZE 5)
  elseif(sources)
    target_precompile_headers(admmbench_${name} REUSE_FROM admmbench_precompiled_numerical)
  endif()
endfunction()
