# The code version of every method, for the run cache: a header made at build time with one SHA-256 per registered
# solver, over core/ (but core/io) and the files that the solver's own file includes from solvers/ and baselines/,
# transitively and with the .cpp beside each header. Editing one method leaves the results of the others valid.
#
# Included from CMakeLists.txt it defines admmbench_source_hashes(); run with `cmake -P` it writes the header.

function(admmbench_source_hashes target)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS
    ${CMAKE_SOURCE_DIR}/core/*.?pp ${CMAKE_SOURCE_DIR}/solvers/*.?pp ${CMAKE_SOURCE_DIR}/baselines/*.?pp)
  set(header ${CMAKE_BINARY_DIR}/generated/code_versions.inc)
  add_custom_command(OUTPUT ${header}
    COMMAND ${CMAKE_COMMAND} -DROOT=${CMAKE_SOURCE_DIR} -DHEADER=${header}
      -P ${CMAKE_SOURCE_DIR}/cmake/SourceHash.cmake
    DEPENDS ${sources} ${CMAKE_SOURCE_DIR}/cmake/SourceHash.cmake
    COMMENT "Hashing the sources of every method" VERBATIM)
  target_sources(${target} PRIVATE ${header})
  target_include_directories(${target} PRIVATE ${CMAKE_BINARY_DIR}/generated)
endfunction()

if(NOT CMAKE_SCRIPT_MODE_FILE STREQUAL CMAKE_CURRENT_LIST_FILE)
  return()
endif()

cmake_minimum_required(VERSION 3.25)

# SHA-256 over the names and contents of `files`.
function(hash_files result)
  list(SORT ARGN)
  list(REMOVE_DUPLICATES ARGN)
  set(listing "")
  foreach(file IN LISTS ARGN)
    file(SHA256 ${ROOT}/${file} sum)
    string(APPEND listing "${file} ${sum}\n")
  endforeach()
  string(SHA256 sum "${listing}")
  set(${result} ${sum} PARENT_SCOPE)
endfunction()

# All files of solvers/ and baselines/ that `file` needs.
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
    if(text MATCHES "find_solver\\(|registered_solvers\\(\\)" AND next MATCHES "[.]cpp$")
      list(APPEND todo ${methods})  # chooses another method by name: may be any of them
    endif()
    string(REGEX MATCHALL "#include \"(solvers|baselines)/[^\"]+\"" includes "${text}")
    foreach(include IN LISTS includes)
      string(REGEX REPLACE "#include \"([^\"]+)\"" "\\1" header "${include}")
      string(REGEX REPLACE "[.]hpp$" ".cpp" implementation "${header}")
      foreach(needed ${header} ${implementation})
        if(EXISTS ${ROOT}/${needed})
          list(APPEND todo ${needed})
        endif()
      endforeach()
    endforeach()
  endwhile()
  set(${result} ${done} PARENT_SCOPE)
endfunction()

file(GLOB_RECURSE core RELATIVE ${ROOT} ${ROOT}/core/*.?pp)
list(FILTER core EXCLUDE REGEX "^core/io/")
file(GLOB methods RELATIVE ${ROOT} ${ROOT}/solvers/*.?pp ${ROOT}/baselines/*.?pp)

set(lines "// Made by cmake/SourceHash.cmake: {solver, SHA-256 of its sources}.\n")
foreach(file IN LISTS methods)
  if(NOT file MATCHES "[.]cpp$")
    continue()
  endif()
  file(READ ${ROOT}/${file} text)
  # CMake lists split at semicolons; the names have none, the text around them does.
  string(REPLACE ";" " " text "${text}")
  string(REGEX MATCHALL "RegisterSolver<[^>]*>[^(]*\\([ \n\r]*\"[^\"]+\"" registrations "${text}")
  foreach(registration IN LISTS registrations)
    string(REGEX REPLACE ".*\"([^\"]+)\"" "\\1" name "${registration}")
    closure(own ${file})
    hash_files(sum ${core} ${own})
    # With the name: a method that may use all others has their sources, but is itself all the same.
    string(SHA256 version "${name} ${sum}")
    string(APPEND lines "{\"${name}\", \"${version}\"},\n")
  endforeach()
endforeach()
hash_files(everything ${core} ${methods})
string(APPEND lines "{\"*\", \"${everything}\"},\n")
file(WRITE ${HEADER} "${lines}")
