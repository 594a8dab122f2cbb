#include "results/report/figure_layout.hpp"

#include <fmt/format.h>

#include <boost/test/unit_test.hpp>
#include <cmath>

#include "results/report/gnuplot.hpp"
#include "results/report/text_width.hpp"
#include "tests/support/contains.hpp"

using namespace admmbench;

BOOST_AUTO_TEST_SUITE(figure_layout_test)
using admmbench::testing::contains;

namespace {

/// Lines that rise to an accuracy over 200 iterations; every panel ends elsewhere.
std::vector<FigurePanel> panels_of(std::size_t methods, std::size_t datasets) {
  std::vector<FigurePanel> panels;
  for (std::size_t d = 0; d < datasets; ++d) {
    FigurePanel panel;
    panel.title = fmt::format("data-set-{}", d);
    panel.dataset = panel.title;
    panel.quantity = "test_accuracy";
    panel.y_label = "test accuracy";
    for (std::size_t m = 0; m < methods; ++m) {
      FigureLine line;
      line.label = fmt::format("method-{}", m);
      for (int k = 0; k <= 20; ++k) {
        line.x.push_back(10.0 * k);
        line.band.mean.push_back((0.5 + 0.01 * static_cast<double>(d)) * k / 20 +
                                 0.001 * static_cast<double>(m));
      }
      panel.lines.push_back(std::move(line));
    }
    panels.push_back(std::move(panel));
  }
  return panels;
}

FigureShape paper(double width, std::size_t columns, FigureKey key = FigureKey::below) {
  FigureShape shape;
  shape.width = width;
  shape.columns = columns;
  shape.points = 8;
  shape.plot_height = 1.1;
  shape.key = key;
  shape.letters = true;
  shape.x_label = "iteration";
  return shape;
}

struct Box {
  double left, right, low, high;
  std::string what;
};

/// Where the ink of a text is: capitals and digits are about three quarters of the type's size high.
Box box_of(const PlacedText& text, double em) {
  const double length = (text.marked ? marked_width(text.text) : text_width(text.text)) * em;
  const double before = text.anchor == TextAnchor::left     ? 0
                        : text.anchor == TextAnchor::middle ? length / 2
                                                            : length;
  const double half = 0.37 * em;
  if (text.upwards)
    return {text.x - half, text.x + half, text.y - before, text.y - before + length, text.text};
  return {text.x - before, text.x - before + length, text.y - half, text.y + half, text.text};
}

bool overlap(const Box& a, const Box& b) {
  constexpr double touching = 1e-6;
  return a.left < b.right - touching && b.left < a.right - touching && a.low < b.high - touching &&
         b.low < a.high - touching;
}

/// Every text is inside the figure, over no other one, and in no panel; all panels are of one size.
void check_layout(const FigureLayout& layout, const FigureShape& shape, const std::string& what) {
  const double em = shape.points / 72;
  std::vector<Box> boxes;
  for (const PlacedText& text : layout.texts) boxes.push_back(box_of(text, em));
  for (const PlacedPanel& panel : layout.panels) {
    BOOST_TEST(std::abs(panel.width - layout.panels.front().width) < 1e-9, what);
    BOOST_TEST(std::abs(panel.height - layout.panels.front().height) < 1e-9, what);
    boxes.push_back(
        {panel.left, panel.left + panel.width, panel.bottom, panel.bottom + panel.height, "panel"});
  }
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    const Box& box = boxes[i];
    const bool inside =
        box.left >= 0 && box.right <= layout.width && box.low >= 0 && box.high <= layout.height;
    if (!inside) BOOST_ERROR(what << ": '" << box.what << "' is cut off");
    for (std::size_t j = 0; j < i; ++j) {
      if (overlap(box, boxes[j]))
        BOOST_ERROR(what << ": '" << box.what << "' is over '" << boxes[j].what << "'");
    }
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(nothing_is_cut_off_or_overlaps) {
  for (const double width : {3.33, 3.5, 4.8, 5.5, 7.0, 7.16}) {
    for (const std::size_t methods : {1U, 2U, 7U, 21U, 30U}) {
      for (const std::size_t datasets : {1U, 2U, 3U, 5U, 25U}) {
        for (std::size_t columns = 1; columns <= std::min<std::size_t>(datasets, 3); ++columns) {
          for (const FigureKey key :
               {FigureKey::below, FigureKey::above, FigureKey::none, FigureKey::panel}) {
            const FigureShape shape = paper(width, columns, key);
            const auto panels = panels_of(methods, datasets);
            if (plot_width(panels, shape) < least_panel_width) continue;
            check_layout(
                figure_layout(panels, shape), shape,
                fmt::format("{} in, {} methods, {} sets, {} columns", width, methods, datasets, columns));
          }
        }
      }
    }
  }
}

/// The control of the test above: it sees texts that are too near.
BOOST_AUTO_TEST_CASE(boxes_see_an_overlap) {
  const Box a = box_of({1, 1, "abc"}, 0.1);
  BOOST_TEST(overlap(a, box_of({1.1, 1.05, "x"}, 0.1)));
  BOOST_TEST(!overlap(a, box_of({1.1, 1.2, "x"}, 0.1)));
  BOOST_TEST(!overlap(a, box_of({a.right + 0.01, 1, "x"}, 0.1)));
}

/// With 21 methods the key stays outside of panels that keep their height: it lengthens the figure.
BOOST_AUTO_TEST_CASE(a_key_takes_nothing_from_its_panel) {
  const FigureShape shape;
  const FigureLayout few = figure_layout(panels_of(2, 1), shape);
  const FigureLayout many = figure_layout(panels_of(21, 1), shape);
  BOOST_TEST(many.panels.front().height == few.panels.front().height);
  BOOST_TEST(std::abs(many.panels.front().width - few.panels.front().width) < 1e-9);
  BOOST_TEST(many.height > few.height + 0.2);
  BOOST_TEST(many.samples.size() == 21U);
}

BOOST_AUTO_TEST_CASE(one_key_names_every_method_once) {
  auto panels = panels_of(3, 4);
  panels[1].lines.pop_back();
  const FigureLayout layout = figure_layout(panels, paper(7.16, 4));
  BOOST_TEST(layout.samples.size() == 3U);
  std::size_t named = 0;
  for (const PlacedText& text : layout.texts) named += text.text.starts_with("method-") ? 1 : 0;
  BOOST_TEST(named == 3U);
}

BOOST_AUTO_TEST_CASE(letters_go_on_after_z_and_after_another_picture) {
  BOOST_TEST(panel_letter(0) == "(a)");
  BOOST_TEST(panel_letter(25) == "(z)");
  BOOST_TEST(panel_letter(26) == "(aa)");
  BOOST_TEST(panel_letter(27) == "(ab)");
  FigureShape shape = paper(3.5, 1);
  shape.first_letter = 3;
  const FigureLayout layout = figure_layout(panels_of(1, 1), shape);
  BOOST_TEST(std::any_of(layout.texts.begin(), layout.texts.end(),
                         [](const PlacedText& text) { return text.text == "(d) data-set-0"; }));
}

BOOST_AUTO_TEST_CASE(what_cannot_be_drawn_is_said_in_a_sentence) {
  const auto refused = [](const std::vector<FigurePanel>& panels, const FigureShape& shape,
                          const std::string& words) {
    BOOST_CHECK_EXCEPTION(figure_layout(panels, shape), FigureError, [&](const FigureError& error) {
      BOOST_TEST(contains(error.what(), words), error.what());
      return true;
    });
  };
  refused(panels_of(2, 4), paper(3.5, 4), "fewer columns");
  auto panels = panels_of(2, 2);
  panels[0].lines[0].label = std::string(60, 'w');
  refused(panels, paper(3.5, 1), "too long for the key");
  panels = panels_of(1, 2);
  panels[1].title = std::string(40, 'w');
  refused(panels, paper(3.5, 2), "wider than its panel");
  panels = panels_of(2, 2);
  for (FigureLine& line : panels[1].lines) std::fill(line.band.mean.begin(), line.band.mean.end(), 0.0);
  FigureShape logarithmic = paper(3.5, 1);
  BOOST_CHECK_NO_THROW(figure_layout(panels, logarithmic));
  logarithmic.log_y = true;
  refused(panels, logarithmic, "data-set-1: 'test_accuracy' has no value above 0");
  panels = panels_of(1, 1);
  panels[0].y_low = 2;
  refused(panels, paper(3.5, 1), "limits of y");
}

/// A title that is too long for a line has two.
BOOST_AUTO_TEST_CASE(long_titles_are_wrapped) {
  auto panels = panels_of(2, 2);
  panels[0].title =
      "an experiment of a long name (profile quick) on a data set: mean and sd over 2 to 3 seeds";
  const FigureShape shape = paper(7, 2);
  check_layout(figure_layout(panels, shape), shape, "long title");
  BOOST_TEST(wrapped_lines("one two three", text_width("one two")).size() == 2U);
}

BOOST_AUTO_TEST_CASE(large_numbers_of_x_have_their_power_in_the_label) {
  auto panels = panels_of(1, 1);
  for (double& x : panels[0].lines[0].x) x *= 1e7;
  FigureShape shape = paper(3.5, 1);
  const FigureLayout layout = figure_layout(panels, shape);
  BOOST_TEST(layout.x_exponent == 9);
  BOOST_TEST(layout.panels[0].x.high == 2.0, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(std::any_of(layout.texts.begin(), layout.texts.end(),
                         [](const PlacedText& text) { return text.text == "iteration (10^{9})"; }));
}

BOOST_AUTO_TEST_SUITE_END()
