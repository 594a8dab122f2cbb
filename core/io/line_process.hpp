#pragma once
/// A program that is talked to line by line: a request on its standard input, an answer on its standard output.

#include <sys/types.h>

#include <chrono>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace admmbench {

/// The program ended, could not be started, said nothing in time, or said too much. what() is a sentence, with the last lines of its
/// standard error.
class LineProcessError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class LineProcess {
 public:
  using Seconds = std::chrono::duration<double>;

  /// Starts `arguments[0]`, looked for in PATH, in the caller's working directory, with the caller's environment and `variables` on top
  /// of it. It has a process group of its own, so that the keyboard's signals are the caller's to answer, and dies with the thread that
  /// started it. Throws LineProcessError.
  explicit LineProcess(const std::vector<std::string>& arguments,
                       const std::vector<std::pair<std::string, std::string>>& variables = {});
  /// Kills its whole process group if it is still there.
  ~LineProcess();
  LineProcess(const LineProcess&) = delete;
  LineProcess& operator=(const LineProcess&) = delete;

  /// Sends `line` and waits for a line in answer, at most `limit` long. Throws LineProcessError.
  std::string ask(std::string_view line, Seconds limit);

  /// Sends `line`, closes its standard input and gives it `grace` to end; what is there afterwards is killed. Nothing is thrown.
  void end(std::string_view line, Seconds grace);

 private:
  [[noreturn]] void fail(const std::string& what);
  void send(std::string_view line);
  bool read_some(Seconds limit);
  void take_errors();
  void kill_group();
  bool wait_until_dead(Seconds grace);

  std::string name_;
  pid_t process_ = -1;
  int to_ = -1;      ///< its standard input
  int from_ = -1;    ///< its standard output
  int errors_ = -1;  ///< its standard error
  std::string received_;
  std::string last_words_;  ///< the end of what it said on standard error
  int status_ = 0;          ///< as waitpid() gave it, once process_ is gone
};

}  // namespace admmbench
