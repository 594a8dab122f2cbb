// The entry of the test executables that mpirun starts.
#define BOOST_TEST_MODULE admmbench
#define BOOST_TEST_NO_MAIN
#define BOOST_TEST_ALTERNATIVE_INIT_API
#include <mpi.h>

#include <atomic>
#include <boost/test/unit_test.hpp>

#include "core/compute/blas_kernels.hpp"
#include "core/mpi/mpi.hpp"
#include "tests/distributed/world.hpp"

namespace {

admmbench::Communicator* the_world = nullptr;
std::atomic<std::uint64_t> handed_over{0};

}  // namespace

/// In the place of the library's own, which PMPI_Isend is the other name of. Libraries name its parameters differently.
// NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name)
extern "C" int MPI_Isend(const void* data, int count, MPI_Datatype type, int to, int tag,
                         MPI_Comm communicator, MPI_Request* request) {
  int size = 0;
  PMPI_Type_size(type, &size);
  handed_over += static_cast<std::uint64_t>(count) * static_cast<std::uint64_t>(size);
  return PMPI_Isend(data, count, type, to, tag, communicator, request);
}

admmbench::Communicator& admmbench::testing::world() { return *the_world; }

std::uint64_t admmbench::testing::isend_bytes() { return handed_over; }

int main(int argc, char** argv) {
  admmbench::use_better_kernels(argv);
  admmbench::MpiSession session;
  the_world = &session.world();
  return boost::unit_test::unit_test_main(&init_unit_test, argc, argv);
}
