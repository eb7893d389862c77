#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace reeve::api {

/// How text output is to look.
struct TextStyle {
    std::size_t width = 0;  // columns of the terminal; 0: without limit
    bool color = false;
};

enum class Color { Plain, Green, Yellow, Red, Cyan, Magenta, Blue, Dim, Bold };

/// The text in that colour, or as it is.
std::string paint(std::string_view text, Color color, const TextStyle& style);

/// Lines of cells under a heading, fitted into the terminal's width: the last column gives way
/// first, then the widest of the others. Cells are made printable.
class Table {
public:
    enum class Align { Left, Right };

    void add_column(std::string heading, Align align);

    /// Adds an empty row. Cells are then added from the left.
    void add_row();
    void add_cell(std::string_view text, Color color);

    /// The heading and the rows, each line ended by a newline, without blanks at its end.
    std::string render(const TextStyle& style) const;

private:
    struct Column {
        std::string heading;
        Align align;
        std::size_t width;
    };
    struct Cell {
        std::string text;
        Color color;
        std::size_t width;
    };
    std::vector<std::size_t> fitted_widths(std::size_t width) const;

    std::vector<Column> columns_;
    std::vector<std::vector<Cell>> rows_;
};

}  // namespace reeve::api
