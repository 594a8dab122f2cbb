/// Programs that are talked to line by line, and memory that they share.

#include "core/io/line_process.hpp"

#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <optional>

#include "core/io/shared_memory.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(line_process_test)

namespace {

constexpr LineProcess::Seconds ample{60};

/// What asking `script` for something ends with.
std::string fault_of(const std::string& script, LineProcess::Seconds limit = ample) {
  LineProcess process({"sh", "-c", script});
  try {
    process.ask("question", limit);
  } catch (const LineProcessError& error) {
    return error.what();
  }
  return "none";
}

void check_fault(const std::string& script, const std::vector<std::string>& parts,
                 LineProcess::Seconds limit = ample) {
  const std::string fault = fault_of(script, limit);
  for (const std::string& part : parts)
    BOOST_TEST(fault.find(part) != std::string::npos, "no '" << part << "' in: " << fault);
}

/// False once the process has ended, though nobody may have asked for its status yet.
bool runs(pid_t process) {
  std::ifstream stat("/proc/" + std::to_string(process) + "/stat");
  std::string line;
  if (!std::getline(stat, line)) return false;
  return line.substr(line.rfind(')') + 2, 1) != "Z";
}

}  // namespace

BOOST_AUTO_TEST_CASE(answers_come_in_order_and_whole) {
  LineProcess echo({"cat"});
  for (int i = 0; i < 100; ++i)
    BOOST_TEST(echo.ask("line " + std::to_string(i), ample) == "line " + std::to_string(i));
  // A long one arrives in many pieces; two that come at once are two answers.
  const std::string long_line(100'000, 'x');
  LineProcess reader({"sh", "-c", "while read -r line; do printf '%s\\n%s\\n' \"$line\" second; done"});
  BOOST_TEST(reader.ask(long_line, ample) == long_line);
  BOOST_TEST(reader.ask("next", ample) == "second");
}

BOOST_AUTO_TEST_CASE(variables_are_laid_over_the_environment) {
  LineProcess process({"sh", "-c", "read -r line; echo \"$MINE $HOME\""},
                      {{"MINE", "a b"}, {"HOME", "here"}});
  BOOST_TEST(process.ask("?", ample) == "a b here");
}

BOOST_AUTO_TEST_CASE(every_fault_is_a_sentence) {
  check_fault("read -r line; exit 3", {"ended with exit status 3"});
  check_fault("exit 0", {"ended with exit status 0"});
  check_fault("read -r line; echo first >&2; echo second >&2; kill -SEGV $$",
              {"signal 11", "its last words: first|second"});
  check_fault("read -r line; sleep 1000", {"no answer within 0.2 s"}, LineProcess::Seconds(0.2));
  check_fault("read -r line; exec >&-; sleep 1000", {"closed its standard output"});
  check_fault("read -r line; head -c 2000000 /dev/zero | tr '\\0' x; sleep 1000", {"more than a megabyte"});
  check_fault("read -r line; for i in 1 2 3 4 5 6; do echo line $i >&2; done; exit 1",
              {"last words: line 4|line 5|line 6"});
  BOOST_CHECK_EXCEPTION(
      LineProcess({"/no/such/program"}), LineProcessError, [](const LineProcessError& error) {
        return std::string(error.what()) == "cannot start '/no/such/program': No such file or directory";
      });
  BOOST_CHECK_THROW(LineProcess({}), LineProcessError);
}

BOOST_AUTO_TEST_CASE(much_on_standard_error_stops_nobody) {
  LineProcess process({"sh", "-c",
                       "read -r line; head -c 3000000 /dev/zero >&2; echo done; read -r line; head -c "
                       "3000000 /dev/zero >&2"});
  BOOST_TEST(process.ask("?", ample) == "done");
  process.end("end", ample);
}

BOOST_AUTO_TEST_CASE(what_it_started_goes_with_it) {
  pid_t child = 0;
  {
    LineProcess process({"sh", "-c", "read -r line; sleep 1000 & echo $!; read -r line; sleep 1000"});
    child = static_cast<pid_t>(std::stol(process.ask("?", ample)));
    BOOST_TEST(runs(child));
  }
  for (int i = 0; i < 1000 && runs(child); ++i) usleep(10'000);
  BOOST_TEST(!runs(child));
}

BOOST_AUTO_TEST_CASE(an_end_waits_for_what_ends_and_no_longer_for_what_does_not) {
  // Whoever ends by itself has the time to.
  const std::string file = "line-process-end-" + std::to_string(getpid());
  LineProcess orderly(
      {"sh", "-c", "read -r line; echo ready; read -r line; sleep 0.2; echo $line > " + file});
  orderly.ask("?", ample);
  orderly.end("farewell", ample);
  std::ifstream left(file);
  std::string line;
  std::getline(left, line);
  BOOST_TEST(line == "farewell");
  unlink(file.c_str());
  LineProcess stubborn({"sh", "-c", "trap '' TERM; read -r line; echo ready; while :; do sleep 1; done"});
  stubborn.ask("?", ample);
  stubborn.end("end", LineProcess::Seconds(0.1));  // comes back
  BOOST_CHECK_THROW(stubborn.ask("?", ample), LineProcessError);
}

BOOST_AUTO_TEST_CASE(memory_is_shared_by_its_path) {
  std::optional<SharedMemory> memory(std::in_place, 1000);
  const std::string path = memory->path();
  BOOST_TEST(static_cast<char*>(memory->data())[999] == 0);
  static_cast<char*>(memory->data())[7] = 'a';
  LineProcess other({"sh", "-c",
                     "read -r line; printf b | dd of=" + path +
                         " bs=1 seek=8 conv=notrunc 2>/dev/null; dd if=" + path +
                         " bs=1 skip=7 count=2 2>/dev/null; echo"});
  BOOST_TEST(other.ask("?", ample) == "ab");
  BOOST_TEST(static_cast<char*>(memory->data())[8] == 'b');
  memory.reset();
  BOOST_TEST(access(path.c_str(), F_OK) != 0);
  BOOST_CHECK_THROW(SharedMemory(std::size_t{1} << 60), std::runtime_error);
}

BOOST_AUTO_TEST_SUITE_END()
