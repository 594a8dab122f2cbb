#include "tools/admmbench/commands/completion.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/program/installed_files.hpp"
#include "datasets/registry.hpp"
#include "experiments/harness/config/load_experiment.hpp"
#include "experiments/harness/config/parameter_visitors.hpp"
#include "experiments/harness/config/shipped_experiments.hpp"
#include "results/claims/claims.hpp"
#include "solvers/solver.hpp"
#include "tools/admmbench/help.hpp"
#include "tools/admmbench/own_name.hpp"

namespace admmbench {

namespace {

struct Candidate {
  std::string word;
  std::string meaning;
};

/// What may stand where the cursor is.
struct Completions {
  std::vector<Candidate> candidates;
  std::string files;  ///< "files" or "folders" if the shell's own may stand there too
};

/// Where the cursor is: what has been given before it.
struct Position {
  const CLI::App* command = nullptr;
  const CLI::Option* awaiting = nullptr;  ///< an option that still wants its value
  std::vector<std::string> positionals;   ///< of `command`
  std::string word;                       ///< under the cursor
};

/// `name` as an option of `command` or, since they may stand anywhere, of those above it.
const CLI::Option* find_option(const CLI::App* command, const std::string& name) {
  for (; command != nullptr; command = command->get_parent()) {
    if (const CLI::Option* option = command->get_option_no_throw(name)) return option;
  }
  return nullptr;
}

const CLI::App* find_command(const CLI::App& app, const std::string& name) {
  const auto commands = visible_commands(app);
  const auto found = std::find_if(commands.begin(), commands.end(),
                                  [&](const CLI::App* command) { return command->get_name() == name; });
  return found == commands.end() ? nullptr : *found;
}

Position position_of(const CLI::App& app, const std::vector<std::string>& words) {
  Position at;
  at.command = &app;
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    const std::string& word = words[i];
    if (at.awaiting != nullptr) {
      at.awaiting = nullptr;
    } else if (word.starts_with("-")) {
      const CLI::Option* option = find_option(at.command, word);
      if (option != nullptr && option->get_items_expected_max() > 0) at.awaiting = option;
    } else if (const CLI::App* command = find_command(*at.command, word)) {
      at.command = command;
      at.positionals.clear();
    } else {
      at.positionals.push_back(word);
    }
  }
  if (!words.empty()) at.word = words.back();
  return at;
}

std::vector<Candidate> solvers() {
  std::vector<Candidate> found;
  for (const SolverInfo& info : registered_solvers()) found.push_back({info.name, info.summary});
  return found;
}

std::vector<Candidate> datasets() {
  std::vector<Candidate> found;
  for (const RegistryEntry& entry : dataset_registry()) found.push_back({entry.name, entry.summary});
  return found;
}

std::vector<Candidate> experiments() {
  std::vector<Candidate> found;
  for (const ShippedExperiment& entry : list_experiments(installed_files()))
    found.push_back({entry.name, entry.summary});
  return found;
}

std::vector<Candidate> presets(const std::string& solver) {
  std::vector<Candidate> found;
  const SolverInfo* info = find_solver(solver);
  if (info == nullptr) return found;
  for (const Preset& preset : info->presets) found.push_back({preset.name, preset.meaning});
  return found;
}

/// The experiment that has been named; throws ConfigError.
Experiment given_experiment(const Position& at) {
  return load_experiment(
      find_experiment(at.positionals.empty() ? std::string() : at.positionals.front(), installed_files()));
}

std::vector<Candidate> profiles(const Position& at) {
  std::vector<Candidate> found;
  for (const std::string& name : given_experiment(at).available_profiles) found.push_back({name, ""});
  return found;
}

/// dataset=, solver=, label=, seed=, run= and the grid's parameters, with their values once the key is there.
std::vector<Candidate> selections(const Position& at) {
  const Experiment experiment = given_experiment(at);
  std::vector<Candidate> found;
  const auto add = [&](const std::string& key, const std::string& value) {
    const bool whole = at.word.starts_with(key + "=");
    const std::string word = whole ? key + "=" + value : key + "=";
    const bool known =
        std::any_of(found.begin(), found.end(), [&](const Candidate& other) { return other.word == word; });
    if (!known) found.push_back({word, ""});
  };
  for (const DatasetEntry& entry : experiment.datasets) add("dataset", entry.request.label);
  for (const SolverVariant& solver : experiment.solvers) {
    add("solver", solver.name);
    add("label", solver.label);
    for (const auto& [parameter, value] : solver.grid) add(parameter, value);
  }
  for (const long seed : experiment.seeds) {
    add("seed", std::to_string(seed));
    for (const DatasetEntry& entry : experiment.datasets) {
      for (const SolverVariant& solver : experiment.solvers)
        add("run", fmt::format("{}/{}/{}", entry.request.label, solver.label, seed));
    }
  }
  return found;
}

/// The keys that --set reaches, with the parameters of the experiment's methods.
std::vector<Candidate> settings(const Position& at) {
  std::vector<Candidate> found;
  const auto add = [&](const std::string& prefix, const ParameterLister& declared) {
    for (const ParameterEntry& entry : declared.entries)
      found.push_back({prefix + entry.name + "=", entry.meaning});
  };
  add("", list_parameters(Experiment{}));
  std::erase_if(found,
                [](const Candidate& key) { return key.word == "experiment=" || key.word == "profiles="; });
  const ConfigValue root = read_yaml(find_experiment(at.positionals.front(), installed_files()));
  const ConfigValue* entries = root.find("solvers");
  for (std::size_t i = 0; entries != nullptr && i < entries->items.size(); ++i) {
    const ConfigValue* name = entries->items[i].find("name");
    const SolverInfo* info = name == nullptr ? nullptr : find_solver(name->text);
    if (info == nullptr) continue;
    add(fmt::format("solvers.{}.params.", i), list_parameters(*info->make_default()));
  }
  return found;
}

std::vector<Candidate> claims() {
  std::vector<Candidate> found;
  for (const Claim& claim : load_claims(claims_folder())) found.push_back({claim.id, claim.work});
  return found;
}

/// "{a,b}" -> a, b
std::vector<Candidate> members(const std::string& words) {
  std::vector<Candidate> found;
  for (std::size_t begin = 1; begin < words.size();) {
    const std::size_t end = words.find_first_of(",}", begin);
    found.push_back({words.substr(begin, end - begin), ""});
    begin = end == std::string::npos ? end : end + 1;
  }
  return found;
}

/// What `option` takes, told by the name of its value.
Completions values_of(const CLI::Option& option, const Position& at) {
  const std::string value = value_name(option);
  const std::string name = option.get_name();
  if (value.starts_with("{")) return {members(value), ""};
  if (value == "EXPERIMENT") return {experiments(), "files"};
  if (value == "SOLVER") return {solvers(), ""};
  if (value == "CLAIM") return {claims(), ""};
  if (value == "CLAIM|RESULTS") return {claims(), "files"};
  if (value == "DATASET") return {datasets(), ""};
  if (value == "PRESET") return {at.positionals.empty() ? solvers() : presets(at.positionals.front()), ""};
  if (value == "PROFILE") return {profiles(at), ""};
  if (name == "--only") return {selections(at), ""};
  if (name == "--set") return {settings(at), ""};
  if (value == "DIR") return {{}, "folders"};
  if (value == "FILE" || value == "RESULTS" || value == "PATH") return {{}, "files"};
  return {};
}

std::vector<Candidate> options_of(const CLI::App* command) {
  std::vector<Candidate> found;
  for (; command != nullptr; command = command->get_parent()) {
    for (const CLI::Option* option : command->get_options()) {
      if (option->get_positional() || option->get_group().empty()) continue;
      for (const std::string& name : option->get_lnames()) {
        const bool known = std::any_of(found.begin(), found.end(),
                                       [&](const Candidate& other) { return other.word == "--" + name; });
        if (!known) found.push_back({"--" + name, option->get_description()});
      }
    }
  }
  return found;
}

/// The positional that comes next; the last may take several.
const CLI::Option* next_positional(const Position& at) {
  std::size_t given = at.positionals.size();
  for (const CLI::Option* option : at.command->get_options()) {
    if (!option->get_positional()) continue;
    const auto takes = static_cast<std::size_t>(std::max(1, option->get_items_expected_max()));
    if (given < takes) return option;
    given -= takes;
  }
  return nullptr;
}

Completions completions_at(const CLI::App& app, const std::vector<std::string>& words) {
  Position at = position_of(app, words);
  if (at.awaiting != nullptr) return values_of(*at.awaiting, at);
  if (at.word.starts_with("-")) {
    const auto equals = at.word.find('=');
    if (equals == std::string::npos) return {options_of(at.command), ""};
    const std::string name = at.word.substr(0, equals);  // --color=al
    const CLI::Option* option = find_option(at.command, name);
    if (option == nullptr) return {};
    at.word.erase(0, equals + 1);
    Completions found = values_of(*option, at);
    for (Candidate& candidate : found.candidates) candidate.word.insert(0, name + "=");
    return found;
  }
  Completions found;
  for (const CLI::App* command : visible_commands(*at.command))
    found.candidates.push_back({command->get_name(), command->get_description()});
  if (const CLI::Option* positional = next_positional(at)) {
    Completions values = values_of(*positional, at);
    found.files = values.files;
    found.candidates.insert(found.candidates.end(), values.candidates.begin(), values.candidates.end());
  }
  return found;
}

/// One candidate a line: word, tab, meaning; then ":files" or ":folders". What a person is in the middle of typing may be
/// wrong, so mistakes give no candidates and no message.
void complete(const CLI::App& app, const std::vector<std::string>& words) {
  Completions found;
  try {
    found = completions_at(app, words);
  } catch (const std::exception&) {
    return;
  }
  const std::string word = words.empty() ? "" : words.back();
  for (const Candidate& candidate : found.candidates) {
    if (candidate.word.starts_with(word)) fmt::print("{}\t{}\n", candidate.word, candidate.meaning);
  }
  if (!found.files.empty()) fmt::print(":{}\n", found.files);
}

constexpr std::string_view bash_script = R"(# bash completion for admmbench
_admmbench() {
  local line=${COMP_LINE:0:COMP_POINT} words candidate cut=0
  COMPREPLY=()
  read -ra words <<< "$line"
  [[ $line == *' ' ]] && words+=('')
  local word=${words[-1]}
  # bash replaces what follows the last '=' or ':' only, where these break words.
  if [[ $COMP_WORDBREAKS == *=* && $word == *=* ]]; then
    local head=${word%=*}=
    cut=${#head}
  fi
  while IFS= read -r candidate; do
    case $candidate in
      :files) compopt -o filenames; COMPREPLY+=($(compgen -f -- "$word")) ;;
      :folders) compopt -o filenames; COMPREPLY+=($(compgen -d -- "$word")) ;;
      *) candidate=${candidate%%$'\t'*}
         [[ $candidate == *= ]] && compopt -o nospace
         COMPREPLY+=("${candidate:cut}") ;;
    esac
  done < <("${words[0]}" complete -- "${words[@]:1}" 2>/dev/null)
}
complete -F _admmbench admmbench
)";

constexpr std::string_view zsh_script = R"(#compdef admmbench
# zsh completion for admmbench
_admmbench() {
  local -a open closed
  local candidate word meaning files
  while IFS= read -r candidate; do
    case $candidate in
      :files) files=1 ;;
      :folders) files=2 ;;
      *) word=${candidate%%$'\t'*}
         meaning=${candidate#*$'\t'}
         # _describe splits at the first colon that is not escaped.
         if [[ $word == *= ]]; then open+=("${word//:/\\:}:$meaning"); else closed+=("${word//:/\\:}:$meaning"); fi ;;
    esac
  done < <("${words[1]}" complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)
  (( $#closed )) && _describe -t values value closed
  (( $#open )) && _describe -t keys key open -S ''
  [[ $files == 1 ]] && _files
  [[ $files == 2 ]] && _files -/
  return 0
}
if [[ $funcstack[1] == _admmbench ]]; then _admmbench "$@"; else compdef _admmbench admmbench; fi
)";

constexpr std::string_view fish_script = R"(# fish completion for admmbench
function __admmbench_complete
  set -l words (commandline -opc)
  set -l word (commandline -ct)
  set -l program $words[1]
  set -e words[1]
  for candidate in ($program complete -- $words $word 2>/dev/null)
    switch $candidate
      case :files
        __fish_complete_path $word
      case :folders
        __fish_complete_directories $word
      case '*'
        echo $candidate
    end
  end
end
complete -c admmbench -f -a '(__admmbench_complete)'
)";

}  // namespace

void add_completion_commands(CLI::App& app) {
  CLI::App* completion = app.add_subcommand("completion", "print what makes a shell complete arguments");
  const auto shell = std::make_shared<std::string>();
  completion->add_option("shell", *shell, "of which shell")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  completion->footer(
      "Example, in ~/.bashrc or ~/.zshrc (the latter after compinit):\n"
      "  eval \"$(admmbench completion bash)\"\n"
      "or once and for all:\n"
      "  D=~/.local/share/bash-completion/completions; mkdir -p $D\n"
      "  admmbench completion bash > $D/admmbench\n"
      "  admmbench completion zsh > DIR/_admmbench                  (DIR of $fpath)\n"
      "  admmbench completion fish > ~/.config/fish/completions/admmbench.fish");
  completion->callback([shell] {
    const std::string_view script = *shell == "bash"  ? bash_script
                                    : *shell == "zsh" ? zsh_script
                                                      : fish_script;
    fmt::print("{}", completion_in_own_name(std::string(script)));
  });

  CLI::App* ask = app.add_subcommand("complete", "what may stand at the end of the given words")->group("");
  const auto words = std::make_shared<std::vector<std::string>>();
  ask->add_option("word", *words, "");
  ask->callback([&app, words] { complete(app, *words); });
}

}  // namespace admmbench
