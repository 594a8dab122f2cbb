#pragma once
/// RAII over the HDF5 C API: just what the data files (docs/reference/datasets.md) and result files
/// (docs/reference/results.md) need.
///
/// Orientation: HDF5 is row-major, Armadillo column-major. `write_matrix`/`read_matrix` keep the mathematical shape:
/// an n x m matrix appears to h5py as shape (n, m). `write_samples`/`read_samples` move memory as it lies: a
/// features x samples matrix appears as (samples, features), which is the data file's layout, without a transposition.
/// Object times are off, so that two identical writes give identical bytes.
///
/// Every failure throws Hdf5Error with the file, the object and HDF5's own reason.

#include <armadillo>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/io/guarded_read.hpp"

namespace admmbench {

class Hdf5Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Hdf5File {
 public:
  /// Creates (truncates) `path`.
  static Hdf5File create(const std::filesystem::path& path);
  /// Creates `path`, which must not exist (O_EXCL).
  static Hdf5File create_new(const std::filesystem::path& path);
  /// How much of a file is looked at before it is opened.
  enum class Examine {
    all,  ///< every value is read
    structure  ///< names, types, shapes and attributes: for files that the suite made, and for a look at what there is
  };
  /// Opens `path` read-only, after a child process has looked at it (core/io/guarded_read.hpp): a file that crashes the library is
  /// refused like one that is damaged in milder ways. Refused are also links into this or other files, data kept in other files, and
  /// shapes for which the file is too small.
  static Hdf5File open(const std::filesystem::path& path, Examine examine = Examine::all);
  /// The same for a file that has been looked at, or in the child process that looks at it.
  static Hdf5File open_examined(const std::filesystem::path& path);

  Hdf5File(Hdf5File&& other) noexcept;
  Hdf5File& operator=(Hdf5File&& other) noexcept;
  Hdf5File(const Hdf5File&) = delete;
  Hdf5File& operator=(const Hdf5File&) = delete;
  ~Hdf5File();

  const std::filesystem::path& path() const { return path_; }

  /// True if the object (group or data set) `name` exists; every component of the path is checked.
  bool exists(const std::string& name) const;
  /// Names of the members of group `name`, sorted; "/" is the root.
  std::vector<std::string> members(const std::string& name) const;
  /// Extent of data set `name` as h5py shows it.
  std::vector<std::uint64_t> shape(const std::string& name) const;

  /// Groups on the way are created. T: float, double.
  template <class T>
  void write_matrix(const std::string& name, const arma::Mat<T>& value);
  template <class T>
  void write_samples(const std::string& name, const arma::Mat<T>& value);
  /// One-dimensional data set. T: float, double, std::int64_t.
  template <class T>
  void write_vector(const std::string& name, const std::vector<T>& value);
  template <class T>
  void write_vector(const std::string& name, const arma::Col<T>& value);

  /// Any numeric storage type is converted to T.
  template <class T>
  arma::Mat<T> read_matrix(const std::string& name) const;
  template <class T>
  arma::Mat<T> read_samples(const std::string& name) const;
  /// Samples first, first + 1, ... of data set `name`, as many as `panel` has columns, into it.
  template <class T>
  void read_panel(const std::string& name, std::uint64_t first, arma::Mat<T>& panel) const;
  /// Where in the file the values of data set `name` lie one after the other as T of this machine; empty: they do not (pieces, packed
  /// ones, another type).
  template <class T>
  std::optional<std::uint64_t> offset_of(const std::string& name) const;
  /// One-dimensional data set (a shape (n, 1) or (1, n) is accepted). T: float, double, std::int64_t.
  template <class T>
  std::vector<T> read_vector(const std::string& name) const;

  /// Attributes of object `name` ("/" is the root). Strings are UTF-8 of fixed length: those of variable length
  /// lie in a heap of the file's, whose damage crashes the library.
  void write_attribute(const std::string& name, const std::string& attribute, const std::string& value);
  void write_attribute(const std::string& name, const std::string& attribute, std::int64_t value);
  void write_attribute(const std::string& name, const std::string& attribute, double value);
  bool has_attribute(const std::string& name, const std::string& attribute) const;
  /// Both kinds of strings are read.
  std::string read_text(const std::string& name, const std::string& attribute) const;
  std::int64_t read_integer(const std::string& name, const std::string& attribute) const;
  double read_real(const std::string& name, const std::string& attribute) const;
  /// An attribute that is a list.
  std::vector<std::int64_t> read_integers(const std::string& name, const std::string& attribute) const;

  /// Digest of all names, types, shapes, values and attributes but `left_out` of the root group. Of values that lie elsewhere in the
  /// file (references, lists of variable-length text) only the shape counts. Throws Hdf5Error for what open() refuses.
  std::string content_sha256(const std::string& left_out) const;

  /// Flushes HDF5's buffers and fsyncs the file.
  void flush();

 private:
  Hdf5File(std::int64_t id, std::filesystem::path path);
  std::int64_t id_ = -1;  ///< hid_t
  std::filesystem::path path_;
};

/// What reading all of `path` may cost.
ReadLimits hdf5_limits(const std::filesystem::path& path);

}  // namespace admmbench
