# cpack: admmbench_VERSION_ARCH.deb, which people run, and admmbench-dev_VERSION_ARCH.deb, to build their own methods with.
# `make package` builds them for any machine of the architecture (preset release).
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_VENDOR "The admmbench authors")
set(CPACK_PACKAGE_CONTACT "The admmbench authors <admmbench@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "benchmarks of ADMM in neural-network training")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL tool development)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(which_machines "")
if(ADMMBENCH_NATIVE)
  set(which_machines "\n.\nBuilt for the processor that it was made on (ADMMBENCH_NATIVE): on another one
it may end with `illegal instruction`.")
endif()

set(CPACK_DEBIAN_TOOL_PACKAGE_NAME admmbench)
set(CPACK_DEBIAN_TOOL_DESCRIPTION "Runs published ADMM methods for training neural networks, and the gradient
methods that they are compared with, on the papers' data, and writes tables
with the published figures beside its own.${which_machines}")
# Libraries by dpkg-shlibdeps. OpenBLAS by name, since any BLAS would do for it; the rest fetches and converts data sets.
set(CPACK_DEBIAN_TOOL_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_TOOL_PACKAGE_DEPENDS
  "libopenblas0-pthread, python3-numpy, python3-scipy, python3-h5py, curl, ca-certificates")
set(CPACK_DEBIAN_TOOL_PACKAGE_RECOMMENDS "gnuplot-nox, openmpi-bin")
set(CPACK_DEBIAN_TOOL_PACKAGE_SUGGESTS "admmbench-dev, python3-pandas, python3-matplotlib, dataset-fashion-mnist, r-cran-mlbench, r-cran-kernlab, python3-sklearn")

set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME admmbench-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_DESCRIPTION "Headers, libraries and CMake package, for repositories that add solvers and
data sets of their own: find_package(admmbench) and admmbench_add_tool().")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS "admmbench (= ${PROJECT_VERSION}), g++, cmake (>= 3.25), libarmadillo-dev, \
libopenblas-pthread-dev, liblapack-dev, libhdf5-dev, libyaml-cpp-dev, libcli11-dev, libfmt-dev, libspdlog-dev, libssl-dev, \
zlib1g-dev, libopenmpi-dev")
# Of what `admmbench new` makes: its tests, and the time gate.
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SUGGESTS "libboost-test-dev, git")
include(CPack)
