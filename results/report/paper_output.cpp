#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <set>

#include "core/io/csv.hpp"
#include "core/io/latex.hpp"
#include "results/record/run_set.hpp"
#include "results/report/figure.hpp"
#include "results/report/gnuplot.hpp"
#include "results/report/paper_figure.hpp"

namespace admmbench {

namespace {

/// "a", "a and b", "a, b and c".
std::string enumerated(const std::vector<std::string>& items) {
  std::string text;
  for (std::size_t i = 0; i < items.size(); ++i)
    text += (i == 0 ? "" : i + 1 == items.size() ? " and " : ", ") + items[i];
  return text;
}

template <class Items, class Item>
bool among(const Items& items, const Item& item) {
  return std::find(items.begin(), items.end(), item) != items.end();
}

/// What a caption says is of these: the runs that a line is made of, and those of its cell that did not finish.
struct DrawnRuns {
  std::vector<const RunRecord*> finished;
  std::size_t left_out = 0;
};

DrawnRuns drawn_runs(const PaperDrawing& drawing, const std::vector<RunRecord>& runs) {
  std::set<std::pair<std::string, std::string>> cells;
  for (const FigurePanel& panel : drawing.panels) {
    for (const FigureLine& line : panel.lines) cells.emplace(panel.dataset, line.label);
  }
  DrawnRuns drawn;
  for (const RunRecord* run : distinct_runs(runs)) {
    if (!cells.contains({run->attributes.dataset, run->attributes.label})) continue;
    if (run->finished()) {
      drawn.finished.push_back(run);
    } else {
      ++drawn.left_out;
    }
  }
  return drawn;
}

std::string seeds_of(const DrawnRuns& drawn) {
  std::set<std::int64_t> seeds;
  for (const RunRecord* run : drawn.finished) seeds.insert(run->attributes.seed);
  if (seeds.size() == 1) return fmt::format("one seed ({})", *seeds.begin());
  const bool gapless = *seeds.rbegin() - *seeds.begin() + 1 == static_cast<std::int64_t>(seeds.size());
  return gapless ? fmt::format("{} seeds ({} to {})", seeds.size(), *seeds.begin(), *seeds.rbegin())
                 : fmt::format("{} seeds ({})", seeds.size(), fmt::join(seeds, ", "));
}

std::string band_text(FigureBand band) {
  if (band == FigureBand::deviation) return "bands: one sample standard deviation to each side";
  return band == FigureBand::range ? "bands: from the smallest to the largest seed" : "without bands";
}

/// "test accuracy on (a) cora and (b) citeseer"
std::string panels_text(const PaperDrawing& drawing, std::size_t begin, std::size_t count) {
  std::vector<std::string> quantities;
  std::vector<std::string> places;
  const bool letters = drawing.pictures.front().shape.letters;
  for (const FigurePanel& panel : drawing.panels) {
    if (!among(quantities, panel.y_label)) quantities.push_back(panel.y_label);
  }
  for (std::size_t p = begin; p < begin + count; ++p) {
    const FigurePanel& panel = drawing.panels[p];
    std::string place = latex_text(panel.dataset);
    if (quantities.size() > 1 && letters) place.insert(0, latex_text(panel.y_label) + " on ");
    places.push_back((letters ? panel_letter(p) + "~" : "") + place);
  }
  if (quantities.size() > 1 && letters) return enumerated(places);
  std::vector<std::string> named;
  for (const std::string& quantity : quantities) named.push_back(latex_text(quantity));
  return enumerated(named) + " on " + enumerated(places);
}

bool is_number(const std::string& text, double& value) {
  try {
    std::size_t used = 0;
    value = std::stod(text, &used);
    return used == text.size() && std::isfinite(value);
  } catch (const std::logic_error&) {
    return false;
  }
}

/// The values of one parameter over the data sets: itself, or where it was chosen for each, from where to where.
std::string values_text(const std::vector<std::string>& values) {
  if (std::all_of(values.begin(), values.end(), [&](const auto& value) { return value == values.front(); }))
    return latex_text(values.front());
  double low = INFINITY;
  double high = -INFINITY;
  for (const std::string& text : values) {
    double value = 0;
    if (!is_number(text, value)) return "by data set";
    low = std::min(low, value);
    high = std::max(high, value);
  }
  return fmt::format("{:g} to {:g} by data set", low, high);
}

/// "dlADMM: rho = 1, nu = 0.1 to 10 by data set"; nothing where every parameter has its default.
std::string method_parameters(const std::string& label, const DrawnRuns& drawn, const Defaults& defaults) {
  std::vector<std::string> names;
  std::map<std::string, std::vector<std::string>> values;
  std::string solver;
  for (const RunRecord* run : drawn.finished) {
    if (run->attributes.label != label) continue;
    solver = run->attributes.solver;
    for (const auto& [name, value] : run->config.params) {
      if (!among(names, name)) names.push_back(name);
      values[name].push_back(value);
    }
  }
  std::map<std::string, std::string> usual;
  for (const auto& [name, value] : defaults(solver)) usual[name] = value;
  std::vector<std::string> shown;
  for (const std::string& name : names) {
    const auto known = usual.find(name);
    const std::vector<std::string>& found = values[name];
    if (known != usual.end() &&
        std::all_of(found.begin(), found.end(), [&](const auto& value) { return value == known->second; }))
      continue;
    shown.push_back(latex_text(name) + " = " + values_text(found));
  }
  return shown.empty() ? "" : latex_text(label) + ": " + fmt::format("{}", fmt::join(shown, ", "));
}

std::string parameters_text(const PaperDrawing& drawing, const DrawnRuns& drawn, const Defaults& defaults) {
  std::vector<std::string> labels;
  for (const FigurePanel& panel : drawing.panels) {
    for (const FigureLine& line : panel.lines) {
      if (!among(labels, line.label)) labels.push_back(line.label);
    }
  }
  std::vector<std::string> texts;
  for (const std::string& label : labels) {
    std::string text = method_parameters(label, drawn, defaults);
    if (!text.empty()) texts.push_back(std::move(text));
  }
  return texts.empty() ? "All parameters have their defaults."
                       : fmt::format("Parameters that are no defaults: {}.", fmt::join(texts, "; "));
}

std::string capital(std::string text) {
  if (!text.empty() && text.front() >= 'a' && text.front() <= 'z')
    text.front() = static_cast<char>(text.front() - 'a' + 'A');
  return text;
}

std::string first_caption(const PaperDrawing& drawing, const PaperDrawing::Picture& picture,
                          const std::vector<RunRecord>& runs, const PaperFigure& figure,
                          const Defaults& defaults) {
  const DrawnRuns drawn = drawn_runs(drawing, runs);
  const RunRecord& any = *drawn.finished.front();
  const bool several =
      std::any_of(drawing.panels.begin(), drawing.panels.end(), [](const FigurePanel& panel) {
        return std::any_of(panel.lines.begin(), panel.lines.end(),
                           [](const FigureLine& line) { return line.runs > 1; });
      });
  std::string text =
      capital(panels_text(drawing, picture.begin, picture.count)) +
      fmt::format(" against {}: {}{}{}.", latex_text(picture.shape.x_label), several ? "mean over " : "",
                  seeds_of(drawn), several ? "; " + band_text(figure.band) : "");
  if (figure.gap) text += " The gap is the distance to the least value of the run itself.";
  if (drawn.left_out > 0) {
    text += fmt::format(" {} that did not finish {} left out.",
                        drawn.left_out == 1 ? "A run" : fmt::format("{} runs", drawn.left_out),
                        drawn.left_out == 1 ? "is" : "are");
  }
  text += " " + parameters_text(drawing, drawn, defaults);
  return text + fmt::format(" Experiment \\texttt{{{}}}{}.", latex_text(any.attributes.experiment),
                            any.config.profile.empty() ? "" : ", profile " + latex_text(any.config.profile));
}

/// The settings of each method as they were stored, for whoever writes the text around the figure.
std::string settings_comment(const PaperDrawing& drawing, const std::vector<RunRecord>& runs) {
  std::set<std::string> known;
  std::string text;
  for (const RunRecord* run : drawn_runs(drawing, runs).finished) {
    const WrittenConfig config = written_config(run->attributes.config);
    const std::string line = fmt::format("{} on {}: {}", run->attributes.label, run->attributes.dataset,
                                         config.params.empty() ? "parameters not recorded" : config.params);
    if (known.insert(line).second) text += latex_comment_lines(line);
    const std::string network = "network: " + config.network;
    if (!config.network.empty() && known.insert(network).second) text += latex_comment_lines(network);
  }
  return text;
}

std::string stem_of(const std::filesystem::path& file) { return file.stem().string(); }

std::filesystem::path picture_path(const std::filesystem::path& file, std::size_t index, std::size_t count) {
  if (count == 1) return file;
  return file.parent_path() / fmt::format("{}-{}{}", stem_of(file), index + 1, file.extension().string());
}

}  // namespace

std::string paper_latex(const PaperDrawing& drawing, const std::vector<RunRecord>& runs,
                        const PaperFigure& figure, const std::vector<std::string>& pictures,
                        const Defaults& defaults) {
  const bool wide = figure.columns == 2;
  const char* environment = wide ? "figure*" : "figure";
  std::string text = latex_comment_lines(
      fmt::format("{:.4g} inches wide for {}: include it at its natural size, then its type has {:g} points.",
                  drawing.pictures.front().shape.width, figure.venue, figure.font_size));
  text += latex_comment_lines(
      "In a folder of its own it needs \\graphicspath{{that folder/}} before \\begin{document}.");
  text += settings_comment(drawing, runs);
  const std::string label =
      figure.label.empty() ? "fig:" + std::filesystem::path(pictures.front()).stem().string() : figure.label;
  for (std::size_t i = 0; i < drawing.pictures.size(); ++i) {
    const PaperDrawing::Picture& picture = drawing.pictures[i];
    std::string caption = figure.caption;
    if (i > 0) {
      caption = fmt::format("Continuation of Figure~\\ref{{{}}}: {}.", label,
                            panels_text(drawing, picture.begin, picture.count));
    } else if (caption.empty()) {
      caption = first_caption(drawing, picture, runs, figure, defaults);
    }
    text += fmt::format(
        "\\begin{{{0}}}[t]\n  \\centering\n  \\includegraphics{{{1}}}\n  \\caption{{{2}}}\n  "
        "\\label{{{3}{4}}}\n\\end{{{0}}}\n",
        environment, pictures[i], caption, label, i == 0 ? "" : fmt::format("-{}", i + 1));
  }
  return text;
}

std::string paper_csv(const PaperDrawing& drawing, const PaperFigure& figure) {
  std::string text =
      fmt::format("panel,dataset,metric,label,solver,seeds,{},mean,sd,smallest,largest\n", figure.x);
  for (std::size_t p = 0; p < drawing.panels.size(); ++p) {
    const FigurePanel& panel = drawing.panels[p];
    for (const FigureLine& line : panel.lines) {
      const std::string begin =
          fmt::format("{},{},{},{},{},{}", panel_letter(p), csv_field(panel.dataset),
                      csv_field(panel.quantity), csv_field(line.label), csv_field(line.solver), line.runs);
      const auto cell = [](const std::vector<double>& values, std::size_t i) {
        return values.empty() || !std::isfinite(values[i]) ? std::string() : fmt::format("{}", values[i]);
      };
      for (std::size_t i = 0; i < line.x.size(); ++i) {
        text += fmt::format("{},{},{},{},{},{}\n", begin, cell(line.x, i), cell(line.band.mean, i),
                            cell(line.band.deviation, i), cell(line.band.low, i), cell(line.band.high, i));
      }
    }
  }
  return text;
}

std::vector<std::filesystem::path> write_paper_figure(const std::vector<RunRecord>& runs,
                                                      const PaperFigure& figure,
                                                      const std::filesystem::path& file,
                                                      const Defaults& defaults) {
  const PaperDrawing drawing = paper_drawing(runs, figure);
  std::vector<std::filesystem::path> written;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < drawing.pictures.size(); ++i) {
    const PaperDrawing::Picture& picture = drawing.pictures[i];
    const auto begin = drawing.panels.begin() + static_cast<std::ptrdiff_t>(picture.begin);
    const std::filesystem::path path = picture_path(file, i, drawing.pictures.size());
    draw_figure({begin, begin + static_cast<std::ptrdiff_t>(picture.count)}, picture.shape, path);
    names.push_back(path.filename().string());
    written.push_back(path);
  }
  const std::filesystem::path latex = file.parent_path() / (stem_of(file) + ".tex");
  write_text_file(latex, paper_latex(drawing, runs, figure, names, defaults));
  written.push_back(latex);
  const std::filesystem::path csv = file.parent_path() / (stem_of(file) + ".csv");
  write_text_file(csv, paper_csv(drawing, figure));
  written.push_back(csv);
  return written;
}

}  // namespace admmbench
