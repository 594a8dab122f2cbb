# Text files compiled into the program: a header made at build time with one line {name, text} per file, as raw string
# literals, to be included in the braces of an array.
#
# Included from CMakeLists.txt it defines admmbench_embed_files(); run with `cmake -P` it writes the header.

function(admmbench_embed_files target header)
  set(output ${CMAKE_BINARY_DIR}/generated/${header})
  add_custom_command(OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} "-DFILES=${ARGN}" -DHEADER=${output} -P ${CMAKE_SOURCE_DIR}/cmake/EmbedFiles.cmake
    DEPENDS ${ARGN} ${CMAKE_SOURCE_DIR}/cmake/EmbedFiles.cmake
    COMMENT "Embedding ${header}" VERBATIM)
  target_sources(${target} PRIVATE ${output})
  target_include_directories(${target} PRIVATE ${CMAKE_BINARY_DIR}/generated)
endfunction()

if(NOT CMAKE_SCRIPT_MODE_FILE STREQUAL CMAKE_CURRENT_LIST_FILE)
  return()
endif()

cmake_minimum_required(VERSION 3.25)

set(lines "// Made by cmake/EmbedFiles.cmake: {name, text}.\n")
foreach(file IN LISTS FILES)
  get_filename_component(name ${file} NAME)
  file(READ ${file} text)
  string(APPEND lines "{\"${name}\", R\"~embedded~(${text})~embedded~\"},\n")
endforeach()
file(WRITE ${HEADER} "${lines}")
