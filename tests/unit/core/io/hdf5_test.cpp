#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "core/io/hdf5_file.hpp"
#include "core/io/sha256.hpp"

BOOST_AUTO_TEST_SUITE(hdf5_test)

namespace fs = std::filesystem;
using namespace admmbench;

namespace {

struct Folder {
  fs::path path = fs::temp_directory_path() / ("admmbench-hdf5-" + std::to_string(getpid()));
  Folder() { fs::create_directories(path); }
  ~Folder() { fs::remove_all(path); }
};

const arma::mat W = {{1, 2, 3}, {4, 5, 6}};  // 2 x 3

void write_example(const fs::path& path) {
  Hdf5File file = Hdf5File::create(path);
  file.write_matrix("/initial/W1", W);
  file.write_vector("/initial/b1", arma::vec{7, 8});
  file.write_vector("/trajectory/iteration", std::vector<std::int64_t>{0, 1, 2});
  file.write_samples("/train/x", arma::fmat{{1, 2, 3}, {4, 5, 6}});
  file.write_attribute("/", "label", std::string("dlADMM, \xCF\x81 = 1"));
  file.write_attribute("/", "seed", std::int64_t{3});
  file.write_attribute("/train", "scale", 0.1);
  file.flush();
}

}  // namespace

BOOST_FIXTURE_TEST_CASE(round_trip, Folder) {
  write_example(path / "a.h5");
  const Hdf5File file = Hdf5File::open(path / "a.h5");
  BOOST_TEST(arma::approx_equal(file.read_matrix<double>("/initial/W1"), W, "absdiff", 0.0));
  BOOST_TEST((file.read_vector<double>("/initial/b1") == std::vector<double>{7, 8}));
  BOOST_TEST((file.read_vector<std::int64_t>("trajectory/iteration") == std::vector<std::int64_t>{0, 1, 2}));
  BOOST_TEST((file.shape("/initial/W1") == std::vector<std::uint64_t>{2, 3}));
  BOOST_TEST((file.shape("/train/x") == std::vector<std::uint64_t>{3, 2}),
             "features x samples is stored transposed");
  BOOST_TEST(arma::approx_equal(file.read_samples<double>("/train/x"), W, "absdiff", 0.0));
  BOOST_TEST(file.read_text("/", "label") == "dlADMM, \xCF\x81 = 1");
  BOOST_TEST(file.read_integer("/", "seed") == 3);
  BOOST_TEST(file.read_real("/train", "scale") == 0.1);
  BOOST_TEST((file.members("/") == std::vector<std::string>{"initial", "train", "trajectory"}));
  BOOST_TEST(file.exists("/initial/W1"));
  BOOST_TEST(!file.exists("/final/W1"));
  BOOST_TEST(!file.has_attribute("/", "none"));
}

BOOST_FIXTURE_TEST_CASE(attributes_are_replaced, Folder) {
  Hdf5File file = Hdf5File::create(path / "a.h5");
  file.write_attribute("/", "status", std::string("failed"));
  file.write_attribute("/", "status", std::string(""));
  BOOST_TEST(file.read_text("/", "status") == "");
}

BOOST_FIXTURE_TEST_CASE(empty_matrices, Folder) {
  Hdf5File file = Hdf5File::create(path / "a.h5");
  file.write_matrix("/x", arma::mat(3, 0));
  const arma::mat x = file.read_matrix<double>("/x");
  BOOST_TEST(x.n_rows == 3);
  BOOST_TEST(x.n_cols == 0);
}

// Other readers decide what the axes mean: ask h5py.
BOOST_FIXTURE_TEST_CASE(h5py_sees_the_documented_axes_and_types, Folder) {
  write_example(path / "a.h5");
  std::ofstream(path / "check.py") << R"(import h5py, numpy as np, sys
f = h5py.File(sys.argv[1], "r")
assert f["initial/W1"].shape == (2, 3) and (f["initial/W1"][:] == [[1, 2, 3], [4, 5, 6]]).all()
assert f["initial/b1"].shape == (2,) and f["initial/b1"].dtype == np.float64
assert f["train/x"].shape == (3, 2) and f["train/x"].dtype == np.float32 and (f["train/x"][0] == [1, 4]).all()
assert f["trajectory/iteration"].dtype == np.int64
assert f.attrs["label"].decode() == "dlADMM, \u03c1 = 1"
assert f.attrs["seed"] == 3 and f["train"].attrs["scale"] == 0.1
)";
  const std::string python =
      std::system("/usr/bin/python3 -c 'import h5py' 2>/dev/null") == 0 ? "/usr/bin/python3" : "python3";
  const std::string command = python + " " + (path / "check.py").string() + " " + (path / "a.h5").string();
  BOOST_TEST(std::system(command.c_str()) == 0);
}

BOOST_FIXTURE_TEST_CASE(two_writes_give_the_same_bytes, Folder) {
  write_example(path / "a.h5");
  // Object times have seconds: a second write in the same second would not show them.
  std::this_thread::sleep_for(std::chrono::milliseconds(1100));
  write_example(path / "b.h5");
  BOOST_TEST(sha256_file(path / "a.h5") == sha256_file(path / "b.h5"));
}

BOOST_FIXTURE_TEST_CASE(errors_name_file_and_object, Folder) {
  write_example(path / "a.h5");
  const auto says = [](const std::vector<std::string>& parts) {
    return [parts](const Hdf5Error& error) {
      const std::string text = error.what();
      BOOST_TEST_INFO(text);
      for (const std::string& part : parts)
        BOOST_TEST(text.find(part) != std::string::npos, text << " lacks " << part);
      return true;
    };
  };
  const Hdf5File file = Hdf5File::open(path / "a.h5");
  BOOST_CHECK_EXCEPTION(file.read_matrix<double>("/final/W1"), Hdf5Error,
                        says({"a.h5", "/final/W1", "no such"}));
  BOOST_CHECK_EXCEPTION(file.read_vector<double>("/initial/W1"), Hdf5Error, says({"/initial/W1", "(2, 3)"}));
  BOOST_CHECK_EXCEPTION(file.read_matrix<double>("/initial/b1"), Hdf5Error, says({"/initial/b1", "(2)"}));
  BOOST_CHECK_EXCEPTION(file.read_text("/", "seed"), Hdf5Error, says({"seed", "not text"}));
  BOOST_CHECK_EXCEPTION(file.read_integer("/", "label"), Hdf5Error, says({"label", "not a number"}));
  BOOST_CHECK_EXCEPTION(file.read_text("/", "none"), Hdf5Error, says({"none", "no such attribute"}));
  BOOST_CHECK_EXCEPTION(Hdf5File::open(path / "none.h5"), Hdf5Error, says({"none.h5", "no such file"}));

  fs::copy_file(path / "a.h5", path / "cut.h5");
  fs::resize_file(path / "cut.h5", fs::file_size(path / "a.h5") / 2);
  BOOST_CHECK_EXCEPTION(Hdf5File::open(path / "cut.h5"), Hdf5Error, says({"cut.h5", "truncated"}));
  std::ofstream(path / "text.h5") << "not HDF5";
  BOOST_CHECK_EXCEPTION(Hdf5File::open(path / "text.h5"), Hdf5Error, says({"text.h5", "signature"}));
  BOOST_CHECK_EXCEPTION(Hdf5File::create(path / "none" / "a.h5"), Hdf5Error, says({"a.h5", "cannot create"}));
}

BOOST_AUTO_TEST_SUITE_END()
