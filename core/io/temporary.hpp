#pragma once
/// Temporary files and folders: names that no other process on any host uses, and how those that a killed process leaves
/// are told from those at work.
///
/// A temporary of FILE lies in its folder and is called `.FILE.HOST-BOOT-RANDOM.part`: BOOT tells whether the processes of this
/// machine can be asked.

#include <filesystem>
#include <string>

namespace admmbench {

/// Of this machine, in characters that a file name may have; at most 32.
std::string host_name();
/// Of the running kernel: equal for processes that see each other's locks, containers included. Never empty.
const std::string& boot_id();
/// 64 random bits of the kernel, as 16 hexadecimal digits.
std::string random_id();

/// A temporary name for `path`, new at every call.
std::filesystem::path temporary_name(const std::filesystem::path& path);

/// Whose temporaries remove_leftovers() may remove.
enum class Leftovers {
  of_the_dead,  ///< whose process has ended: its lock is gone, or, of another kernel, a day has passed
  all,          ///< whoever calls is the only one who may write the file
};
/// Removes temporaries of `path`. Nothing is thrown: what cannot be removed stays.
void remove_leftovers(const std::filesystem::path& path, Leftovers which);

/// Makes what was renamed or removed in `folder` survive a power cut; does nothing where folders cannot be synchronised.
void sync_folder(const std::filesystem::path& folder);

/// Throws std::runtime_error, naming the folder and the reason, if no file can be written in `folder`, which is created.
void check_writable(const std::filesystem::path& folder);

/// A file or folder beside `path`, created new (O_EXCL, O_NOFOLLOW), locked for as long as it lives, so that others see that it
/// is at work; removed at the end of the scope unless published.
class Temporary {
 public:
  enum class Kind { file, folder };
  /// Removes leftovers of `path` first. Throws std::runtime_error naming `path`.
  explicit Temporary(std::filesystem::path path, Kind kind = Kind::file);
  ~Temporary();
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;

  const std::filesystem::path& path() const { return temporary_; }
  /// Open for writing (of a folder: for reading).
  int descriptor() const { return descriptor_; }
  /// Files only: synchronises it, gives it its real name, with the rights of what it replaces, and synchronises the folder. Throws
  /// std::runtime_error.
  void publish();

 private:
  std::filesystem::path path_;
  std::filesystem::path temporary_;
  int descriptor_ = -1;
};

}  // namespace admmbench
