#include "core/io/hdf5_file.hpp"

#include <fmt/format.h>
#include <hdf5.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <limits>
#include <type_traits>
#include <utility>

#include "core/io/hdf5_handle.hpp"

namespace admmbench {

using namespace hdf5;

namespace {

template <class T>
hid_t native_type() {
  if constexpr (std::is_same_v<T, float>) {
    return H5T_NATIVE_FLOAT;
  } else if constexpr (std::is_same_v<T, double>) {
    return H5T_NATIVE_DOUBLE;
  } else {
    static_assert(std::is_same_v<T, std::int64_t>);
    return H5T_NATIVE_INT64;
  }
}

/// What is stored: little-endian whatever the machine, so that bytes are the same everywhere.
template <class T>
hid_t stored_type() {
  if constexpr (std::is_same_v<T, float>) {
    return H5T_IEEE_F32LE;
  } else if constexpr (std::is_same_v<T, double>) {
    return H5T_IEEE_F64LE;
  } else {
    return H5T_STD_I64LE;
  }
}

/// "/a/b/c" -> "/a", "/a/b", "/a/b/c".
std::vector<std::string> prefixes(const std::string& name) {
  std::vector<std::string> result;
  std::string prefix;
  std::size_t begin = 0;
  while (begin < name.size()) {
    std::size_t end = name.find('/', begin);
    if (end == std::string::npos) end = name.size();
    if (end > begin) {
      prefix += '/' + name.substr(begin, end - begin);
      result.push_back(prefix);
    }
    begin = end + 1;
  }
  return result;
}

bool link_exists(hid_t file, const std::string& name) {
  for (const std::string& prefix : prefixes(name)) {
    if (H5Lexists(file, prefix.c_str(), H5P_DEFAULT) <= 0) {
      H5Eclear2(H5E_DEFAULT);
      return false;
    }
  }
  return true;
}

Handle open_object(hid_t file, const std::filesystem::path& path, const std::string& name) {
  be_quiet();
  if (!link_exists(file, name)) fail(path, name, "there is no such object");
  return {check(H5Oopen(file, name.c_str(), H5P_DEFAULT), path, name, "open"), H5Oclose};
}

Handle open_dataset(hid_t file, const std::filesystem::path& path, const std::string& name) {
  be_quiet();
  if (!link_exists(file, name)) fail(path, name, "there is no such data set");
  return {check(H5Dopen2(file, name.c_str(), H5P_DEFAULT), path, name, "open as a data set"), H5Dclose};
}

std::vector<hsize_t> extent(hid_t dataset, const std::filesystem::path& path, const std::string& name) {
  const Handle space(check(H5Dget_space(dataset), path, name, "read the shape"), H5Sclose);
  const int rank = check(H5Sget_simple_extent_ndims(space), path, name, "read the rank");
  std::vector<hsize_t> dims(static_cast<std::size_t>(rank));
  check(H5Sget_simple_extent_dims(space, dims.data(), nullptr), path, name, "read the shape");
  return dims;
}

std::string shape_text(const std::vector<hsize_t>& dims) {
  return fmt::format("({})", fmt::join(dims, ", "));
}

template <class T>
void read_all(hid_t dataset, const std::filesystem::path& path, const std::string& name, T* out) {
  const Handle type(check(H5Dget_type(dataset), path, name, "read the type"), H5Tclose);
  const H5T_class_t kind = H5Tget_class(type);
  if (kind != H5T_INTEGER && kind != H5T_FLOAT) fail(path, name, "its entries are not numbers");
  check(H5Dread(dataset, native_type<T>(), H5S_ALL, H5S_ALL, H5P_DEFAULT, out), path, name, "read");
}

void create_groups_above(hid_t file, const std::filesystem::path& path, const std::string& name) {
  std::vector<std::string> groups = prefixes(name);
  if (groups.empty()) fail(path, name, "is not the name of a data set");
  groups.pop_back();
  const Handle properties(H5Pcreate(H5P_GROUP_CREATE), H5Pclose);
  H5Pset_obj_track_times(properties, false);
  for (const std::string& group : groups) {
    if (link_exists(file, group)) continue;
    const Handle created(check(H5Gcreate2(file, group.c_str(), H5P_DEFAULT, properties, H5P_DEFAULT), path,
                               group, "create the group"),
                         H5Gclose);
  }
}

template <class T>
void write_all(hid_t file, const std::filesystem::path& path, const std::string& name,
               const std::vector<hsize_t>& dims, const T* values) {
  be_quiet();
  create_groups_above(file, path, name);
  const Handle space(check(H5Screate_simple(static_cast<int>(dims.size()), dims.data(), nullptr), path, name,
                           "create the shape"),
                     H5Sclose);
  const Handle properties(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
  H5Pset_obj_track_times(properties, false);
  const Handle dataset(
      check(H5Dcreate2(file, name.c_str(), stored_type<T>(), space, H5P_DEFAULT, properties, H5P_DEFAULT),
            path, name, "create the data set"),
      H5Dclose);
  check(H5Dwrite(dataset, native_type<T>(), H5S_ALL, H5S_ALL, H5P_DEFAULT, values), path, name, "write");
}

std::string attribute_name(const std::string& name, const std::string& attribute) {
  return fmt::format("attribute {} of {}", attribute, name);
}

/// Creates (replacing an earlier one) and writes a scalar attribute.
void write_scalar_attribute(hid_t file, const std::filesystem::path& path, const std::string& name,
                            const std::string& attribute, hid_t stored, hid_t native, const void* value) {
  const std::string label = attribute_name(name, attribute);
  const Handle object = open_object(file, path, name);
  if (H5Aexists(object, attribute.c_str()) > 0) {
    check(H5Adelete(object, attribute.c_str()), path, label, "replace");
  }
  const Handle space(H5Screate(H5S_SCALAR), H5Sclose);
  const Handle created(check(H5Acreate2(object, attribute.c_str(), stored, space, H5P_DEFAULT, H5P_DEFAULT),
                             path, label, "create"),
                       H5Aclose);
  check(H5Awrite(created, native, value), path, label, "write");
}

Handle open_attribute(hid_t file, const std::filesystem::path& path, const std::string& name,
                      const std::string& attribute) {
  const Handle object = open_object(file, path, name);
  const std::string label = attribute_name(name, attribute);
  if (H5Aexists(object, attribute.c_str()) <= 0) fail(path, label, "there is no such attribute");
  return {check(H5Aopen(object, attribute.c_str(), H5P_DEFAULT), path, label, "open"), H5Aclose};
}

std::size_t attribute_size(hid_t attribute, const std::filesystem::path& path, const std::string& label) {
  const Handle space(check(H5Aget_space(attribute), path, label, "read the shape"), H5Sclose);
  return static_cast<std::size_t>(check(H5Sget_simple_extent_npoints(space), path, label, "read the size"));
}

/// Opens an attribute that holds one value.
Handle open_scalar_attribute(hid_t file, const std::filesystem::path& path, const std::string& name,
                             const std::string& attribute) {
  Handle opened = open_attribute(file, path, name, attribute);
  const std::string label = attribute_name(name, attribute);
  if (attribute_size(opened, path, label) != 1) fail(path, label, "does not hold exactly one value");
  return opened;
}

template <class T>
void read_numbers(hid_t attribute, const std::filesystem::path& path, const std::string& label, T* out) {
  const Handle type(check(H5Aget_type(attribute), path, label, "read the type"), H5Tclose);
  const H5T_class_t kind = H5Tget_class(type);
  if (kind != H5T_INTEGER && kind != H5T_FLOAT) fail(path, label, "is not a number");
  check(H5Aread(attribute, native_type<T>(), out), path, label, "read");
}

template <class T>
T read_number_attribute(hid_t file, const std::filesystem::path& path, const std::string& name,
                        const std::string& attribute) {
  T value{};
  read_numbers(open_scalar_attribute(file, path, name, attribute), path, attribute_name(name, attribute),
               &value);
  return value;
}

/// UTF-8 of `size` characters.
Handle text_type(std::size_t size) {
  Handle type(H5Tcopy(H5T_C_S1), H5Tclose);
  H5Tset_size(type, std::max<std::size_t>(size, 1));
  H5Tset_strpad(type, H5T_STR_NULLPAD);
  H5Tset_cset(type, H5T_CSET_UTF8);
  return type;
}

}  // namespace

Hdf5File::Hdf5File(std::int64_t id, std::filesystem::path path) : id_(id), path_(std::move(path)) {}

Hdf5File::Hdf5File(Hdf5File&& other) noexcept
    : id_(std::exchange(other.id_, -1)), path_(std::move(other.path_)) {}

Hdf5File& Hdf5File::operator=(Hdf5File&& other) noexcept {
  std::swap(id_, other.id_);
  std::swap(path_, other.path_);
  return *this;
}

Hdf5File::~Hdf5File() {
  if (id_ < 0) return;
  const Lock lock(library());
  H5Fclose(id_);
}

namespace {

/// HDF5 locks what it opens, and gives up on file systems that have no locks. Here a file is written by one process under a name that no
/// other uses, and read when it is complete.
std::int64_t without_locks() {
  const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
  H5Pset_file_locking(access, false, true);
  return access;
}

std::int64_t create_file(const std::filesystem::path& path, unsigned mode) {
  be_quiet();
  const Handle properties(H5Pcreate(H5P_FILE_CREATE), H5Pclose);
  H5Pset_obj_track_times(properties, false);  // of the root group
  const Handle access(without_locks(), H5Pclose);
  return check(H5Fcreate(path.c_str(), mode, properties, access), path, "", "create the file");
}

}  // namespace

Hdf5File Hdf5File::create(const std::filesystem::path& path) {
  const Lock lock(library());
  return {create_file(path, H5F_ACC_TRUNC), path};
}

Hdf5File Hdf5File::create_new(const std::filesystem::path& path) {
  const Lock lock(library());
  return {create_file(path, H5F_ACC_EXCL), path};
}

Hdf5File Hdf5File::open_examined(const std::filesystem::path& path) {
  const Lock lock(library());
  be_quiet();
  if (!std::filesystem::exists(path)) fail(path, "", "there is no such file");
  if (!std::filesystem::is_regular_file(path)) fail(path, "", "is no file");
  const Handle access(without_locks(), H5Pclose);
  return {check(H5Fopen(path.c_str(), H5F_ACC_RDONLY, access), path, "", "open as an HDF5 file"), path};
}

bool Hdf5File::exists(const std::string& name) const {
  const Lock lock(library());
  be_quiet();
  return link_exists(id_, name);
}

std::vector<std::string> Hdf5File::members(const std::string& name) const {
  const Lock lock(library());
  const Handle group = open_object(id_, path_, name);
  std::vector<std::string> names;
  check(H5Literate(
            group, H5_INDEX_NAME, H5_ITER_INC, nullptr,
            [](hid_t, const char* member, const H5L_info_t*, void* out) -> herr_t {
              static_cast<std::vector<std::string>*>(out)->emplace_back(member);
              return 0;
            },
            &names),
        path_, name, "list the members");
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::uint64_t> Hdf5File::shape(const std::string& name) const {
  const Lock lock(library());
  const std::vector<hsize_t> dims = extent(open_dataset(id_, path_, name), path_, name);
  return {dims.begin(), dims.end()};
}

namespace {

/// A^T; Armadillo 11's own reads through a null pointer when A is empty.
template <class T>
arma::Mat<T> transposed(const arma::Mat<T>& A) {
  return A.is_empty() ? arma::Mat<T>(A.n_cols, A.n_rows) : arma::Mat<T>(A.t());
}

}  // namespace

template <class T>
void Hdf5File::write_matrix(const std::string& name, const arma::Mat<T>& value) {
  write_samples(name, transposed(value));
}

template <class T>
void Hdf5File::write_samples(const std::string& name, const arma::Mat<T>& value) {
  const Lock lock(library());
  write_all(id_, path_, name, {value.n_cols, value.n_rows}, value.memptr());
}

template <class T>
void Hdf5File::write_vector(const std::string& name, const std::vector<T>& value) {
  const Lock lock(library());
  write_all(id_, path_, name, {value.size()}, value.data());
}

template <class T>
void Hdf5File::write_vector(const std::string& name, const arma::Col<T>& value) {
  const Lock lock(library());
  write_all(id_, path_, name, {value.n_elem}, value.memptr());
}

template <class T>
arma::Mat<T> Hdf5File::read_matrix(const std::string& name) const {
  return transposed(read_samples<T>(name));
}

template <class T>
arma::Mat<T> Hdf5File::read_samples(const std::string& name) const {
  const Lock lock(library());
  const Handle dataset = open_dataset(id_, path_, name);
  const std::vector<hsize_t> dims = extent(dataset, path_, name);
  if (dims.size() != 2) fail(path_, name, fmt::format("has shape {}, not two dimensions", shape_text(dims)));
  arma::Mat<T> value(dims[1], dims[0], arma::fill::none);
  read_all(dataset, path_, name, value.memptr());
  return value;
}

template <class T>
void Hdf5File::read_panel(const std::string& name, std::uint64_t first, arma::Mat<T>& panel) const {
  const Lock lock(library());
  const Handle dataset = open_dataset(id_, path_, name);
  const Handle type(check(H5Dget_type(dataset), path_, name, "read the type"), H5Tclose);
  const H5T_class_t kind = H5Tget_class(type);
  if (kind != H5T_INTEGER && kind != H5T_FLOAT) fail(path_, name, "its entries are not numbers");
  const Handle space(check(H5Dget_space(dataset), path_, name, "read the shape"), H5Sclose);
  const std::array<hsize_t, 2> start{first, 0};
  const std::array<hsize_t, 2> count{panel.n_cols, panel.n_rows};
  check(H5Sselect_hyperslab(space, H5S_SELECT_SET, start.data(), nullptr, count.data(), nullptr), path_, name,
        "choose samples");
  const Handle memory(check(H5Screate_simple(2, count.data(), nullptr), path_, name, "read samples"),
                      H5Sclose);
  check(H5Dread(dataset, native_type<T>(), memory, space, H5P_DEFAULT, panel.memptr()), path_, name, "read");
}

template <class T>
std::optional<std::uint64_t> Hdf5File::offset_of(const std::string& name) const {
  const Lock lock(library());
  const Handle dataset = open_dataset(id_, path_, name);
  const Handle type(check(H5Dget_type(dataset), path_, name, "read the type"), H5Tclose);
  const Handle created(check(H5Dget_create_plist(dataset), path_, name, "read the layout"), H5Pclose);
  const haddr_t place = H5Dget_offset(dataset);
  const bool plain = H5Pget_layout(created) == H5D_CONTIGUOUS && H5Pget_external_count(created) == 0 &&
                     H5Tequal(type, native_type<T>()) > 0;
  if (!plain || place == HADDR_UNDEF || place % alignof(T) != 0) return std::nullopt;
  return place;
}

template <class T>
std::vector<T> Hdf5File::read_vector(const std::string& name) const {
  const Lock lock(library());
  const Handle dataset = open_dataset(id_, path_, name);
  const std::vector<hsize_t> dims = extent(dataset, path_, name);
  const bool is_vector = dims.size() == 1 || (dims.size() == 2 && (dims[0] == 1 || dims[1] == 1));
  if (!is_vector) fail(path_, name, fmt::format("has shape {}, not one dimension", shape_text(dims)));
  std::vector<T> value(static_cast<std::size_t>(dims.size() == 1 ? dims[0] : dims[0] * dims[1]));
  read_all(dataset, path_, name, value.data());
  return value;
}

void Hdf5File::write_attribute(const std::string& name, const std::string& attribute,
                               const std::string& value) {
  const Lock lock(library());
  if (value.find('\0') != std::string::npos)
    fail(path_, attribute_name(name, attribute), "is a text with the character 0 in it");
  const Handle type = text_type(value.size());
  write_scalar_attribute(id_, path_, name, attribute, type, type, value.c_str());
}

void Hdf5File::write_attribute(const std::string& name, const std::string& attribute, std::int64_t value) {
  const Lock lock(library());
  write_scalar_attribute(id_, path_, name, attribute, H5T_STD_I64LE, H5T_NATIVE_INT64, &value);
}

void Hdf5File::write_attribute(const std::string& name, const std::string& attribute, double value) {
  const Lock lock(library());
  write_scalar_attribute(id_, path_, name, attribute, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, &value);
}

bool Hdf5File::has_attribute(const std::string& name, const std::string& attribute) const {
  const Lock lock(library());
  return H5Aexists(open_object(id_, path_, name), attribute.c_str()) > 0;
}

std::string Hdf5File::read_text(const std::string& name, const std::string& attribute) const {
  const Lock lock(library());
  const std::string label = attribute_name(name, attribute);
  const Handle opened = open_scalar_attribute(id_, path_, name, attribute);
  const Handle stored(check(H5Aget_type(opened), path_, label, "read the type"), H5Tclose);
  if (H5Tget_class(stored) != H5T_STRING) fail(path_, label, "is not text");
  if (H5Tis_variable_str(stored) > 0) {
    const Handle type(H5Tcopy(stored), H5Tclose);
    char* text = nullptr;
    check(H5Aread(opened, type, &text), path_, label, "read");
    std::string value = text == nullptr ? "" : text;
    H5free_memory(text);
    return value;
  }
  std::string value(H5Tget_size(stored), '\0');
  check(H5Aread(opened, stored, value.data()), path_, label, "read");
  return value.substr(0, value.find('\0'));
}

std::int64_t Hdf5File::read_integer(const std::string& name, const std::string& attribute) const {
  const Lock lock(library());
  return read_number_attribute<std::int64_t>(id_, path_, name, attribute);
}

double Hdf5File::read_real(const std::string& name, const std::string& attribute) const {
  const Lock lock(library());
  return read_number_attribute<double>(id_, path_, name, attribute);
}

std::vector<std::int64_t> Hdf5File::read_integers(const std::string& name,
                                                  const std::string& attribute) const {
  const Lock lock(library());
  const std::string label = attribute_name(name, attribute);
  const Handle opened = open_attribute(id_, path_, name, attribute);
  std::vector<std::int64_t> values(attribute_size(opened, path_, label));
  read_numbers(opened, path_, label, values.data());
  return values;
}

void Hdf5File::flush() {
  const Lock lock(library());
  check(H5Fflush(id_, H5F_SCOPE_GLOBAL), path_, "", "flush");
  void* descriptor = nullptr;
  check(H5Fget_vfd_handle(id_, H5P_DEFAULT, &descriptor), path_, "", "get the file descriptor");
  if (fsync(*static_cast<int*>(descriptor)) != 0) fail(path_, "", "fsync failed");
}

#define ADMMBENCH_INSTANTIATE(T)                                                              \
  template void Hdf5File::write_matrix(const std::string&, const arma::Mat<T>&);              \
  template void Hdf5File::write_samples(const std::string&, const arma::Mat<T>&);             \
  template void Hdf5File::write_vector(const std::string&, const std::vector<T>&);            \
  template void Hdf5File::write_vector(const std::string&, const arma::Col<T>&);              \
  template arma::Mat<T> Hdf5File::read_matrix<T>(const std::string&) const;                   \
  template arma::Mat<T> Hdf5File::read_samples<T>(const std::string&) const;                  \
  template void Hdf5File::read_panel(const std::string&, std::uint64_t, arma::Mat<T>&) const; \
  template std::optional<std::uint64_t> Hdf5File::offset_of<T>(const std::string&) const;     \
  template std::vector<T> Hdf5File::read_vector<T>(const std::string&) const;
ADMMBENCH_INSTANTIATE(float)
ADMMBENCH_INSTANTIATE(double)
ADMMBENCH_INSTANTIATE(std::int64_t)
#undef ADMMBENCH_INSTANTIATE

}  // namespace admmbench
