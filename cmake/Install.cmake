# cmake --install: component `tool` is what people run (program, the files it reads, completion, manual page, licence),
# component `development` is what their own methods are built with (headers, libraries, CMake package).
set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/admmbench)
set(share_folder ${CMAKE_INSTALL_DATADIR}/admmbench)

# The program finds its files from where it is (core/program/installed_files.hpp). The BLAS's folder stays in its search path, as
# in the build tree: Blas.cmake says why.
if(ADMMBENCH_BLAS_FILE)
  get_filename_component(blas_folder ${ADMMBENCH_BLAS_FILE} DIRECTORY)
  set_target_properties(admmbench PROPERTIES INSTALL_RPATH ${blas_folder})
endif()
install(TARGETS admmbench RUNTIME COMPONENT tool)
install(DIRECTORY experiments/ DESTINATION ${share_folder}/experiments COMPONENT tool FILES_MATCHING PATTERN "*.yaml"
  PATTERN harness EXCLUDE)
# The Python package: found by external solvers in the share folder, by Python itself (Debian's, where the prefix is /usr) through a link.
install(DIRECTORY python/admmbench DESTINATION ${share_folder}/python COMPONENT tool FILES_MATCHING PATTERN "*.py"
  PATTERN __pycache__ EXCLUDE)
file(CREATE_LINK ../../../share/admmbench/python/admmbench ${CMAKE_BINARY_DIR}/installed-python-link SYMBOLIC)
install(FILES ${CMAKE_BINARY_DIR}/installed-python-link DESTINATION lib/python3/dist-packages RENAME admmbench COMPONENT tool)
install(DIRECTORY examples/external examples/notebook DESTINATION ${share_folder}/examples COMPONENT tool)
install(FILES datasets/registry.yaml DESTINATION ${share_folder}/datasets COMPONENT tool)
install(DIRECTORY datasets/convert DESTINATION ${share_folder}/datasets COMPONENT tool FILES_MATCHING PATTERN "*.py"
  PATTERN __pycache__ EXCLUDE)
install(DIRECTORY results/published results/timings results/claims results/summaries results/paper results/reduced DESTINATION ${share_folder}/results
  COMPONENT tool FILES_MATCHING PATTERN "*.yaml" PATTERN "*.csv" PATTERN "*.json*")
install(FILES CITATION.cff README.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT tool)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME copyright COMPONENT tool)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR}-dev RENAME copyright COMPONENT development)

# Completion and manual page, from the program itself.
function(install_output place)
  list(JOIN ARGN " " words)
  list(JOIN ARGN "-" made)
  set(made ${CMAKE_BINARY_DIR}/installed/${made})
  install(CODE "
    execute_process(COMMAND \"$<TARGET_FILE:admmbench>\" ${words} OUTPUT_FILE \"${made}\" RESULT_VARIABLE status ERROR_QUIET)
    if(status)
      message(STATUS \"admmbench ${words}: ended with \${status}; not installed\")
      file(REMOVE \"${made}\")
    endif()
  " COMPONENT tool)
  get_filename_component(folder ${place} DIRECTORY)
  get_filename_component(name ${place} NAME)
  install(FILES ${made} DESTINATION ${folder} RENAME ${name} OPTIONAL COMPONENT tool)
endfunction()
install_output(${CMAKE_INSTALL_DATADIR}/bash-completion/completions/admmbench completion bash)
install_output(${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions/_admmbench completion zsh)
install_output(${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d/admmbench.fish completion fish)
install_output(${CMAKE_INSTALL_MANDIR}/man1/admmbench.1 man)
# The schema that the first lines of the installed experiments name, for editors.
install(FILES docs/schema/experiment.json DESTINATION ${share_folder}/docs/schema COMPONENT tool)
install(DIRECTORY examples/templates DESTINATION ${share_folder}/examples COMPONENT tool PATTERN __pycache__ EXCLUDE)  # admmbench new
install(PROGRAMS tools/timings/bench tools/timings/compare-timings DESTINATION ${share_folder}/tools/timings COMPONENT tool)
# What compare-timings imports; it finds them through the link.
set(timing_modules benchmark codes files gate job mann_whitney report revision)
list(TRANSFORM timing_modules REPLACE "(.+)" "tools/timings/\\1.py")
install(FILES ${timing_modules} DESTINATION ${share_folder}/tools/timings COMPONENT tool)
file(CREATE_LINK ../share/admmbench/tools/timings/compare-timings ${CMAKE_BINARY_DIR}/installed-compare-timings-link SYMBOLIC)
install(FILES ${CMAKE_BINARY_DIR}/installed-compare-timings-link DESTINATION ${CMAKE_INSTALL_BINDIR}
  RENAME admmbench-compare-timings COMPONENT tool)

# Libraries. Methods and synthetic data sets register themselves, so a program must take the whole archive
# (admmbench_add_tool does).
add_library(admmbench_all_methods STATIC $<TARGET_OBJECTS:admmbench_methods> $<TARGET_OBJECTS:admmbench_synthetic>)
target_link_libraries(admmbench_all_methods PUBLIC admmbench_solver admmbench_data)
set_target_properties(admmbench_all_methods PROPERTIES EXPORT_NAME methods)
set(exported admmbench_all_methods)
foreach(library core mpi build_facts io solver data record statistics analysis report harness tool)
  set_target_properties(admmbench_${library} PROPERTIES EXPORT_NAME ${library})
  list(APPEND exported admmbench_${library})
endforeach()
install(TARGETS ${exported} EXPORT admmbench ARCHIVE COMPONENT development)
install(EXPORT admmbench NAMESPACE admmbench:: FILE admmbench-targets.cmake DESTINATION ${package_folder}
  COMPONENT development)
foreach(folder core solvers baselines datasets results experiments/harness)
  get_filename_component(parent ${folder} DIRECTORY)
  install(DIRECTORY ${folder} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/admmbench/${parent} COMPONENT development
    FILES_MATCHING PATTERN "*.hpp"
    PATTERN published EXCLUDE PATTERN figures EXCLUDE PATTERN tables EXCLUDE PATTERN timings EXCLUDE PATTERN summaries EXCLUDE PATTERN paper EXCLUDE PATTERN runs EXCLUDE)
endforeach()
install(DIRECTORY include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/admmbench COMPONENT development
  FILES_MATCHING PATTERN "*.hpp")

# The CMake package.
include(CMakePackageConfigHelpers)
configure_package_config_file(cmake/admmbench-config.cmake.in ${CMAKE_BINARY_DIR}/installed/admmbench-config.cmake
  INSTALL_DESTINATION ${package_folder} PATH_VARS CMAKE_INSTALL_INCLUDEDIR share_folder)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/installed/admmbench-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/installed/admmbench-config.cmake
  ${CMAKE_BINARY_DIR}/installed/admmbench-config-version.cmake ${CMAKE_BINARY_DIR}/generated/code_versions.inc
  cmake/Dependencies.cmake cmake/Blas.cmake cmake/SourceHash.cmake
  DESTINATION ${package_folder} COMPONENT development)
