#include "api/table.h"

#include <gtest/gtest.h>

namespace reeve::api {
namespace {

TEST(TableTest, FitsTheTerminalByTheLastColumnFirst) {
    Table table;
    table.add_column("NAME", Table::Align::Left);
    table.add_column("N", Table::Align::Right);
    table.add_column("WHY", Table::Align::Left);
    table.add_row();
    table.add_cell("a-very-long-name", Color::Plain);
    table.add_cell("7", Color::Red);
    table.add_cell("because of this and that", Color::Plain);
    EXPECT_EQ(table.render({0, false}),
              "NAME              N  WHY\n"
              "a-very-long-name  7  because of this and that\n");
    EXPECT_EQ(table.render({30, false}),
              "NAME              N  WHY\n"
              "a-very-long-name  7  because …\n");
    EXPECT_EQ(table.render({20, false}),
              "NAME       N  WHY\n"
              "a-very-l…  7  becau…\n");
    EXPECT_EQ(table.render({20, true}),
              "\x1b[2mNAME\x1b[0m       \x1b[2mN\x1b[0m  \x1b[2mWHY\x1b[0m\n"
              "a-very-l…  \x1b[31m7\x1b[0m  becau…\n");
}

}  // namespace
}  // namespace reeve::api
