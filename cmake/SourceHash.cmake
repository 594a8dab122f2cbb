# The code version of every method, for the run cache: at build time a source file is made that defines build_facts()
# (core/program/build_facts.hpp) with one SHA-256 per registered solver or generated data set, over what its own file
# includes from the same code, transitively and with the .cpp beside each header, and over a base:
#   the suite itself   core/ (but core/io and core/program); the methods are those of solvers/ and baselines/
#   a user's program   the whole installed suite; the methods are those of the program's SOURCES
# Editing one method leaves the results of the others valid.
#
# Included it defines admmbench_source_hashes() and admmbench_plugin_hashes(); run with `cmake -P` it writes the file.

# Adds the suite's own file to `target`.
function(admmbench_source_hashes target)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS
    ${CMAKE_SOURCE_DIR}/core/*.?pp ${CMAKE_SOURCE_DIR}/solvers/*.?pp ${CMAKE_SOURCE_DIR}/baselines/*.?pp
    ${CMAKE_SOURCE_DIR}/include/*.hpp ${CMAKE_SOURCE_DIR}/experiments/harness/external/*.?pp)
  set(generated ${CMAKE_BINARY_DIR}/generated/build_facts.cpp)
  add_custom_command(OUTPUT ${generated} ${CMAKE_BINARY_DIR}/generated/code_versions.inc
    COMMAND ${CMAKE_COMMAND} -DROOT=${CMAKE_SOURCE_DIR} -DOUTPUT=${generated}
      -P ${CMAKE_SOURCE_DIR}/cmake/SourceHash.cmake
    DEPENDS ${sources} ${CMAKE_SOURCE_DIR}/cmake/SourceHash.cmake
    COMMENT "Hashing the sources of every method" VERBATIM)
  target_sources(${target} PRIVATE ${generated})
endfunction()

# Adds to `target`, a user's program, a file with the versions of what its SOURCES register and, from `package_versions`,
# of the installed suite's methods; `include` and `share` are the suite's installed folders. Looked at in every build,
# for the headers among the sources are not known here.
function(admmbench_plugin_hashes target package_versions include share)
  cmake_parse_arguments(ARG "" "" "SOURCES" ${ARGN})
  set(generated ${CMAKE_CURRENT_BINARY_DIR}/${target}_build_facts.cpp)
  add_custom_target(${target}_code_versions
    COMMAND ${CMAKE_COMMAND} -DROOT=${CMAKE_CURRENT_SOURCE_DIR} -DOUTPUT=${generated} "-DSOURCES=${ARG_SOURCES}"
      "-DINCLUDES=$<TARGET_PROPERTY:${target},INCLUDE_DIRECTORIES>"
      -DPACKAGE_VERSIONS=${package_versions} -DBASE_FOLDER=${include} -DSHARE=${share} -P ${CMAKE_CURRENT_FUNCTION_LIST_FILE}
    BYPRODUCTS ${generated}
    COMMENT "Hashing the sources of ${target}'s methods" VERBATIM)
  target_sources(${target} PRIVATE ${generated})
  add_dependencies(${target} ${target}_code_versions)
endfunction()

if(NOT CMAKE_SCRIPT_MODE_FILE STREQUAL CMAKE_CURRENT_LIST_FILE)
  return()
endif()

cmake_minimum_required(VERSION 3.25)

# SHA-256 over the contents of `files`, relative to ROOT; where they stand does not count, so that moving a file leaves
# results valid.
function(hash_files result)
  list(REMOVE_DUPLICATES ARGN)
  set(sums "")
  foreach(file IN LISTS ARGN)
    file(SHA256 ${ROOT}/${file} sum)
    list(APPEND sums ${sum})
  endforeach()
  list(SORT sums)
  string(SHA256 sum "${sums}")
  set(${result} ${sum} PARENT_SCOPE)
endfunction()

# The file, relative to ROOT, that `#include "written"` in `includer` means, or nothing if it is none of the code hashed
# here: BASE_FOLDER is in the base already, system headers are not the user's.
function(included_file result written includer)
  set(${result} "" PARENT_SCOPE)
  get_filename_component(folder ${ROOT}/${includer} DIRECTORY)
  foreach(folder IN LISTS folder INCLUDES)
    set(candidate ${folder}/${written})
    if(EXISTS ${candidate} AND NOT IS_DIRECTORY ${candidate})
      string(FIND ${candidate} ${BASE_FOLDER}/ place)
      if(NOT place EQUAL 0)
        file(RELATIVE_PATH file ${ROOT} ${candidate})
        set(${result} ${file} PARENT_SCOPE)
      endif()
      return()
    endif()
  endforeach()
endfunction()

# All files that `file` needs of the code hashed here.
function(closure result file)
  set(done "")
  set(todo ${file})
  while(todo)
    list(POP_FRONT todo next)
    if(next IN_LIST done)
      continue()
    endif()
    list(APPEND done ${next})
    file(READ ${ROOT}/${next} text)
    if(text MATCHES "find_solver\\(|registered_solvers\\(\\)" AND next MATCHES "[.](cpp|cc|cxx)$")
      list(APPEND todo ${methods})  # chooses another method by name: may be any of them
    endif()
    string(REGEX MATCHALL "#include (\"[^\"]+\"|<admmbench/[^>]+>)" includes "${text}")
    foreach(include IN LISTS includes)
      string(REGEX REPLACE "#include .(.+)." "\\1" written "${include}")
      included_file(header ${written} ${next})
      if(NOT header)
        continue()
      endif()
      list(APPEND todo ${header})
      string(REGEX REPLACE "[.][a-z]+$" "" stem ${header})
      foreach(implementation ${stem}.cpp ${stem}.cc ${stem}.cxx)
        if(EXISTS ${ROOT}/${implementation})
          list(APPEND todo ${implementation})
        endif()
      endforeach()
    endforeach()
  endwhile()
  set(${result} ${done} PARENT_SCOPE)
endfunction()

# The names under which `text` registers something by Register`kind`<...>.
function(registered_names result kind text)
  # CMake lists split at semicolons; the names have none, the text around them does.
  string(REPLACE ";" " " text "${text}")
  string(REGEX MATCHALL "Register${kind}<[^>]*>[^(]*\\([ \n\r]*\"[^\"]+\"" registrations "${text}")
  list(TRANSFORM registrations REPLACE ".*\"([^\"]+)\"" "\\1")
  set(${result} ${registrations} PARENT_SCOPE)
endfunction()

if(DEFINED SOURCES)  # a user's program
  set(methods "")
  foreach(source IN LISTS SOURCES)
    get_filename_component(source ${source} ABSOLUTE BASE_DIR ${ROOT})
    file(RELATIVE_PATH source ${ROOT} ${source})
    list(APPEND methods ${source})
  endforeach()
  list(TRANSFORM INCLUDES REPLACE "/+$" "")
  set(core "")
  set(own_mark ", true")
  file(READ ${PACKAGE_VERSIONS} package)
  string(REGEX MATCH "{\"[*]\", \"([0-9a-f]+)\"}" ignored "${package}")
  set(base ${CMAKE_MATCH_1})
  string(REGEX REPLACE "{\"[*]\"[^\n]*\n" "" lines "${package}")
else()
  file(GLOB_RECURSE core RELATIVE ${ROOT} ${ROOT}/core/*.?pp)
  list(FILTER core EXCLUDE REGEX "^core/(io|program)/")
  file(GLOB_RECURSE methods RELATIVE ${ROOT} ${ROOT}/solvers/*.?pp ${ROOT}/baselines/*.?pp)
  set(INCLUDES ${ROOT} ${ROOT}/include)
  set(base "")
  set(own_mark "")
  set(SHARE "")
  set(lines "// Made by cmake/SourceHash.cmake: {name, SHA-256 of its sources}.\n")
  set(BASE_FOLDER ${ROOT}/core)
endif()

foreach(file IN LISTS methods)
  if(NOT file MATCHES "[.](cpp|cc|cxx)$")
    continue()
  endif()
  file(READ ${ROOT}/${file} text)
  registered_names(solvers Solver "${text}")
  registered_names(datasets Dataset "${text}")
  list(TRANSFORM datasets PREPEND "data set ")
  foreach(name IN LISTS solvers datasets)
    closure(own ${file})
    hash_files(sum ${core} ${own})
    # With the name: a method that may use all others has their sources, but is itself all the same.
    string(SHA256 version "${name} ${base}${sum}")
    string(APPEND lines "{\"${name}\", \"${version}\"${own_mark}},\n")
  endforeach()
endforeach()
if(NOT DEFINED SOURCES)  # solver `external` is the harness's, and talks to its program by what core/io has for it
  closure(own experiments/harness/external/external_solver.cpp)
  file(GLOB talk RELATIVE ${ROOT} ${ROOT}/core/io/line_process.?pp ${ROOT}/core/io/shared_memory.?pp)
  hash_files(sum ${core} ${own} ${talk})
  string(SHA256 version "external ${sum}")
  string(APPEND lines "{\"external\", \"${version}\"},\n")
endif()
set(everything "")
foreach(file IN LISTS methods)
  closure(own ${file})
  list(APPEND everything ${own})
endforeach()
hash_files(sum ${core} ${everything})
if(base)
  string(SHA256 sum "${base}${sum}")
endif()
string(APPEND lines "{\"*\", \"${sum}\"},\n")

get_filename_component(folder ${OUTPUT} DIRECTORY)
if(NOT base)
  file(WRITE ${folder}/code_versions.inc "${lines}")  # installed, for users' programs
endif()
file(WRITE ${OUTPUT}.new "// Made by cmake/SourceHash.cmake.
#include \"core/program/build_facts.hpp\"

namespace admmbench {
namespace {
constexpr CodeVersion versions[] = {
${lines}};
}  // namespace
BuildFacts build_facts() { return {versions, \"${SHARE}\"}; }
}  // namespace admmbench
")
if(base)
  file(COPY_FILE ${OUTPUT}.new ${OUTPUT} ONLY_IF_DIFFERENT)
  file(REMOVE ${OUTPUT}.new)
else()
  file(RENAME ${OUTPUT}.new ${OUTPUT})
endif()
