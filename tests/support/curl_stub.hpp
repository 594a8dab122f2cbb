#pragma once
/// A machine without network: a `curl` in PATH that reaches nobody, and counts who was asked for.

#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "tests/support/temporary_folder.hpp"

namespace admmbench::testing {

/// In PATH during its lifetime, also of programs that the test starts. Hosts called alive.* answer that they have no such file.
class CurlStub {
 public:
  CurlStub() : path_(std::getenv("PATH")) {
    const std::filesystem::path stub = folder_.write(
        "curl", "#!/bin/sh\nfor address; do :; done\necho \"$address\" >>'" + (folder_ / "asked").string() +
                    "'\ncase $address in\n"
                    "  *//alive.*) echo 'curl: (22) error: 404' >&2; exit 22 ;;\n"
                    "  *) echo 'curl: (6) Could not resolve host' >&2; exit 6 ;;\nesac\n");
    std::filesystem::permissions(stub, std::filesystem::perms::owner_all);
    setenv("PATH", (folder_.path().string() + ":" + path_).c_str(), 1);
  }
  ~CurlStub() { setenv("PATH", path_.c_str(), 1); }
  CurlStub(const CurlStub&) = delete;
  CurlStub& operator=(const CurlStub&) = delete;

  /// The addresses that were tried so far, in order.
  std::vector<std::string> asked() const {
    std::ifstream in(folder_ / "asked");
    std::vector<std::string> addresses;
    for (std::string line; std::getline(in, line);) addresses.push_back(line);
    return addresses;
  }

 private:
  TemporaryFolder folder_;
  std::string path_;
};

}  // namespace admmbench::testing
