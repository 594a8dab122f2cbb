/// Going through all of a file: what is refused in one that nobody vouches for, and the digest of what it holds.

#include <fmt/format.h>
#include <hdf5.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <set>
#include <vector>

#include "core/io/guarded_read.hpp"
#include "core/io/hdf5_file.hpp"
#include "core/io/hdf5_handle.hpp"
#include "core/io/sha256.hpp"

namespace admmbench {

using namespace hdf5;

namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_objects = 100'000;
constexpr int deepest_group = 32;
constexpr std::uint64_t block_bytes = std::uint64_t{16} << 20;
/// So much may be declared and not stored (chunks that were never written), and no more than Deflate can pack into what is stored.
constexpr std::uint64_t free_bytes = std::uint64_t{16} << 20;
constexpr std::uint64_t densest_packing = 1100;

std::uint64_t product_or_fail(const std::vector<hsize_t>& factors, const fs::path& path,
                              const std::string& name) {
  std::uint64_t product = 1;
  for (const hsize_t factor : factors) {
    if (factor != 0 && product > std::numeric_limits<std::int64_t>::max() / factor)
      fail(path, name, fmt::format("declares the shape ({}), which no file holds", fmt::join(factors, ", ")));
    product *= factor;
  }
  return product;
}

/// True if the bytes of a value are not in the value, but somewhere else.
bool points_elsewhere(hid_t type) {
  return H5Tdetect_class(type, H5T_VLEN) > 0 || H5Tdetect_class(type, H5T_REFERENCE) > 0 ||
         H5Tis_variable_str(type) > 0;
}

/// Also of a file that is being written.
std::uint64_t size_of(hid_t file, const fs::path& path) {
  hsize_t size = 0;
  check(H5Fget_filesize(file, &size), path, "", "ask for its size");
  return size;
}

class Walk {
 public:
  enum class Purpose { looking, reading, digest };
  Walk(hid_t file, fs::path path, std::string left_out, Purpose purpose)
      : file_(file),
        path_(std::move(path)),
        left_out_(std::move(left_out)),
        purpose_(purpose),
        file_bytes_(size_of(file, path_)) {}

  void visit_all() { visit("/", 0); }
  std::string digest() { return digest_.hex(); }

 private:
  void line(const std::string& text) {
    if (purpose_ == Purpose::digest) digest_.update(text + '\n');
  }

  void visit(const std::string& name, int depth) {
    if (depth > deepest_group) fail(path_, name, "is nested too deeply");
    if (++objects_ > most_objects) fail(path_, "", "holds too many objects");
    const Handle object(check(H5Oopen(file_, name.c_str(), H5P_DEFAULT), path_, name, "open"), H5Oclose);
    H5O_info_t info;
    check(H5Oget_info2(object, &info, H5O_INFO_BASIC | H5O_INFO_NUM_ATTRS), path_, name, "look at");
    if (!seen_.insert(info.addr).second) {
      line(fmt::format("{} again", name));
      return;
    }
    if (info.type == H5O_TYPE_GROUP) {
      line(name + " group");
      attributes(object, name, info.num_attrs);
      members(object, name, depth);
    } else if (info.type == H5O_TYPE_DATASET) {
      dataset(object, name);
      attributes(object, name, info.num_attrs);
    } else {
      line(name + " type");
    }
  }

  void members(hid_t group, const std::string& name, int depth) {
    struct Found {
      std::vector<std::pair<std::string, H5L_type_t>> links;
      bool too_many = false;
    } found;
    check(H5Literate(
              group, H5_INDEX_NAME, H5_ITER_INC, nullptr,
              [](hid_t, const char* member, const H5L_info_t* info, void* out) -> herr_t {
                auto& list = *static_cast<Found*>(out);
                list.links.emplace_back(member, info->type);
                list.too_many = list.links.size() > most_objects;
                return list.too_many ? 1 : 0;
              },
              &found),
          path_, name, "list the members");
    if (found.too_many) fail(path_, name, "holds too many objects");
    std::sort(found.links.begin(), found.links.end());
    for (const auto& [member, kind] : found.links) {
      const std::string full = (name == "/" ? "" : name) + "/" + member;
      if (member.empty() || member.find('/') != std::string::npos || member == "." || member == "..")
        fail(path_, full, "is not a name");
      if (kind == H5L_TYPE_EXTERNAL)
        fail(path_, full, "is a link into another file, which is not followed; store the data here");
      if (kind != H5L_TYPE_HARD)
        fail(path_, full, "is a soft link, which is not followed; store the data, or a hard link");
      visit(full, depth + 1);
    }
  }

  void attributes(hid_t object, const std::string& name, hsize_t count) {
    std::vector<std::string> names;
    check(H5Aiterate2(
              object, H5_INDEX_NAME, H5_ITER_INC, nullptr,
              [](hid_t, const char* attribute, const H5A_info_t*, void* out) -> herr_t {
                auto& list = *static_cast<std::vector<std::string>*>(out);
                list.emplace_back(attribute);
                return list.size() > most_objects ? 1 : 0;
              },
              &names),
          path_, name, "list the attributes");
    if (names.size() != count) fail(path_, name, "has attributes that cannot be listed");
    std::sort(names.begin(), names.end());
    for (const std::string& attribute : names) {
      if (name == "/" && attribute == left_out_) continue;
      value(object, name, attribute);
    }
  }

  void value(hid_t object, const std::string& name, const std::string& attribute) {
    const std::string label = fmt::format("attribute {} of {}", attribute, name);
    const Handle opened(check(H5Aopen(object, attribute.c_str(), H5P_DEFAULT), path_, label, "open"),
                        H5Aclose);
    const Handle type(check(H5Aget_type(opened), path_, label, "read the type"), H5Tclose);
    const Handle space(check(H5Aget_space(opened), path_, label, "read the shape"), H5Sclose);
    const auto count =
        static_cast<std::uint64_t>(check(H5Sget_simple_extent_npoints(space), path_, label, "read the size"));
    const bool one_text = count == 1 && H5Tis_variable_str(type) > 0;
    if (one_text) {
      char* text = nullptr;
      check(H5Aread(opened, type, &text), path_, label, "read");
      const std::string copy = text == nullptr ? "" : text;
      H5free_memory(text);
      line(fmt::format("{} text {}", label, sha256(copy)));
      return;
    }
    line(fmt::format("{} {} x {}", label, kind(type), count));
    if (points_elsewhere(type)) return;
    const std::uint64_t bytes = product_or_fail({count, H5Tget_size(type)}, path_, label);
    if (bytes > file_bytes_) fail(path_, label, "is larger than the file");
    std::string content(bytes, '\0');
    check(H5Aread(opened, type, content.data()), path_, label, "read");
    line(sha256(content));
  }

  static std::string kind(hid_t type) {
    return fmt::format("{}:{}:{}", static_cast<int>(H5Tget_class(type)), H5Tget_size(type),
                       static_cast<int>(H5Tget_order(type)));
  }

  void check_storage(hid_t data, hid_t type, const std::vector<hsize_t>& dims, const std::string& name) {
    const Handle created(check(H5Dget_create_plist(data), path_, name, "read the layout"), H5Pclose);
    const H5D_layout_t layout = H5Pget_layout(created);
    if (layout == H5D_VIRTUAL)
      fail(path_, name, "is a view of other files, which is not followed; store the data here");
    if (H5Pget_external_count(created) > 0)
      fail(path_, name, "keeps its data in another file, which is not read; store the data here");
    std::vector<hsize_t> factors = dims;
    factors.push_back(H5Tget_size(type));
    const std::uint64_t declared = product_or_fail(factors, path_, name);
    const std::uint64_t stored = H5Dget_storage_size(data);
    if (stored > file_bytes_) fail(path_, name, "claims more bytes than the file has");
    const bool packed = layout == H5D_CHUNKED && H5Pget_nfilters(created) > 0;
    const std::uint64_t most = std::max(free_bytes, packed ? stored * densest_packing : stored);
    if (declared > most) {
      fail(path_, name,
           fmt::format("declares the shape ({}), {} bytes, but {} are stored", fmt::join(dims, ", "),
                       declared, stored));
    }
    chunk_rows_ = 1;
    if (layout != H5D_CHUNKED) return;
    std::vector<hsize_t> chunk(std::max<std::size_t>(dims.size(), 1));
    check(H5Pget_chunk(created, static_cast<int>(chunk.size()), chunk.data()), path_, name,
          "read the chunks");
    chunk_rows_ = std::max<hsize_t>(chunk.front(), 1);
    chunk.push_back(H5Tget_size(type));
    if (product_or_fail(chunk, path_, name) > std::max(free_bytes, declared))
      fail(path_, name, "has chunks larger than itself");
  }

  void dataset(hid_t data, const std::string& name) {
    const Handle type(check(H5Dget_type(data), path_, name, "read the type"), H5Tclose);
    const Handle space(check(H5Dget_space(data), path_, name, "read the shape"), H5Sclose);
    const int rank = check(H5Sget_simple_extent_ndims(space), path_, name, "read the rank");
    std::vector<hsize_t> dims(static_cast<std::size_t>(rank));
    check(H5Sget_simple_extent_dims(space, dims.data(), nullptr), path_, name, "read the shape");
    check_storage(data, type, dims, name);
    line(fmt::format("{} data {} ({})", name, kind(type), fmt::join(dims, ", ")));
    if (points_elsewhere(type) || purpose_ == Purpose::looking) return;
    std::vector<hsize_t> factors(dims.begin() + (dims.empty() ? 0 : 1), dims.end());
    factors.push_back(H5Tget_size(type));
    const std::uint64_t row_bytes = product_or_fail(factors, path_, name);
    const hsize_t rows = dims.empty() ? 1 : dims.front();
    if (rows == 0 || row_bytes == 0) return;
    const hsize_t wanted =
        std::max<hsize_t>(block_bytes / row_bytes / chunk_rows_ * chunk_rows_, chunk_rows_);
    std::string block;
    for (hsize_t begin = 0; begin < rows; begin += wanted) {
      const hsize_t count = std::min(wanted, rows - begin);
      block.resize(count * row_bytes);
      if (dims.empty()) {
        check(H5Dread(data, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, block.data()), path_, name, "read");
      } else {
        std::vector<hsize_t> start(dims.size(), 0), extent = dims;
        start.front() = begin;
        extent.front() = count;
        const Handle memory(H5Screate_simple(rank, extent.data(), nullptr), H5Sclose);
        check(H5Sselect_hyperslab(space, H5S_SELECT_SET, start.data(), nullptr, extent.data(), nullptr),
              path_, name, "choose rows");
        check(H5Dread(data, type, memory, space, H5P_DEFAULT, block.data()), path_, name, "read");
      }
      if (purpose_ == Purpose::digest) digest_.update(block);
    }
  }

  hid_t file_;
  fs::path path_;
  std::string left_out_;
  Purpose purpose_;
  std::uint64_t file_bytes_;
  hsize_t chunk_rows_ = 1;
  Sha256 digest_;
  std::set<haddr_t> seen_;
  std::size_t objects_ = 0;
};

}  // namespace

std::string Hdf5File::content_sha256(const std::string& left_out) const {
  const Lock lock(library());
  be_quiet();
  Walk walk(id_, path_, left_out, Walk::Purpose::digest);
  walk.visit_all();
  return walk.digest();
}

ReadLimits hdf5_limits(const fs::path& path) {
  std::error_code missing;
  const std::uintmax_t size = fs::file_size(path, missing);
  ReadLimits limits;
  if (missing) return limits;
  limits.seconds += static_cast<long>(size >> 22);
  limits.bytes += size;
  return limits;
}

Hdf5File Hdf5File::open(const fs::path& path, Examine examine) {
  const auto look = [&](const fs::path& name) {
    const Hdf5File file = open_examined(name);
    Walk(file.id_, name, "", examine == Examine::all ? Walk::Purpose::reading : Walk::Purpose::looking)
        .visit_all();
  };
  const std::string wrong = examine_guarded({path}, look, hdf5_limits(path)).front();
  if (!wrong.empty()) throw Hdf5Error(wrong);
  return open_examined(path);
}

}  // namespace admmbench
