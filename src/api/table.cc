#include "api/table.h"

#include <algorithm>
#include <iterator>
#include <numeric>

#include "api/utf8.h"
#include "base/check.h"

namespace reeve::api {
namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kColumnMin = 6;  // no column is made narrower than this

std::string_view escape_of(Color color) {
    switch (color) {
        case Color::Plain:
            return "";
        case Color::Green:
            return "\x1b[32m";
        case Color::Yellow:
            return "\x1b[33m";
        case Color::Red:
            return "\x1b[31m";
        case Color::Cyan:
            return "\x1b[36m";
        case Color::Magenta:
            return "\x1b[35m";
        case Color::Blue:
            return "\x1b[34m";
        case Color::Dim:
            return "\x1b[2m";
        case Color::Bold:
            return "\x1b[1m";
    }
    return "";
}

/// Appends the text in its colour, and as many blanks as its column is wider; the last column on
/// the left side gets none.
void append_cell(std::string& out, std::string_view text, std::size_t text_width, std::size_t width,
                 Table::Align align, Color color, const TextStyle& style) {
    const std::size_t blanks = width > text_width ? width - text_width : 0;
    if (align == Table::Align::Right) out.append(blanks, ' ');
    if (style.color && color != Color::Plain && !text.empty()) {
        out.append(escape_of(color)).append(text).append("\x1b[0m");
    } else {
        out += text;
    }
    if (align == Table::Align::Left) out.append(blanks, ' ');
}

void end_line(std::string& out) {
    while (!out.empty() && out.back() == ' ')
        out.pop_back();
    out += '\n';
}

}  // namespace

std::string paint(std::string_view text, Color color, const TextStyle& style) {
    if (!style.color || color == Color::Plain || text.empty()) return std::string(text);
    return std::string(escape_of(color)).append(text).append("\x1b[0m");
}

void Table::add_column(std::string heading, Align align) {
    CHECK(rows_.empty());
    const std::size_t width = heading.size();
    columns_.push_back({std::move(heading), align, width});
}

void Table::add_row() {
    rows_.emplace_back().reserve(columns_.size());
}

void Table::add_cell(std::string_view text, Color color) {
    CHECK(!rows_.empty() && rows_.back().size() < columns_.size());
    std::vector<Cell>& row = rows_.back();
    Column& column = columns_[row.size()];
    Cell cell{printable(text), color, 0};
    cell.width = columns(cell.text);
    column.width = std::max(column.width, cell.width);
    row.push_back(std::move(cell));
}

std::vector<std::size_t> Table::fitted_widths(std::size_t width) const {
    std::vector<std::size_t> widths;
    for (const Column& column : columns_)
        widths.push_back(column.width);
    if (width == 0 || widths.empty()) return widths;
    const std::size_t gaps = kGap * (widths.size() - 1);
    const auto excess = [&] {
        const std::size_t all = std::accumulate(widths.begin(), widths.end(), gaps);
        return all > width ? all - width : 0;
    };
    const auto narrow = [&](std::size_t& column) {
        const std::size_t least = std::min(kColumnMin, column);
        column -= std::min(column - least, excess());
    };
    narrow(widths.back());
    for (std::size_t tries = 1; tries < widths.size() && excess() > 0; ++tries)
        narrow(*std::max_element(widths.begin(), std::prev(widths.end())));
    return widths;
}

std::string Table::render(const TextStyle& style) const {
    const std::vector<std::size_t> widths = fitted_widths(style.width);
    std::string out;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        if (i > 0) out.append(kGap, ' ');
        append_cell(out, fit(columns_[i].heading, widths[i]), columns_[i].heading.size(), widths[i],
                    columns_[i].align, Color::Dim, style);
    }
    end_line(out);
    for (const std::vector<Cell>& row : rows_) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            if (i > 0) out.append(kGap, ' ');
            const Cell& cell = row[i];
            if (cell.width <= widths[i]) {
                append_cell(out, cell.text, cell.width, widths[i], columns_[i].align, cell.color,
                            style);
            } else {
                append_cell(out, fit(cell.text, widths[i]), widths[i], widths[i], columns_[i].align,
                            cell.color, style);
            }
        }
        end_line(out);
    }
    return out;
}

}  // namespace reeve::api
