//! Tables for people.

use comfy_table::{Cell, CellAlignment, ContentArrangement, Table};
use klerk_core::values::printable;

/// Where the texts of a column stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

/// A table without lines: columns apart by two blanks, numbers to the right, a heading in capitals.
///
/// A table is never wrapped nor cut, since both would break a name that somebody is going to copy.
pub fn table(columns: &[(&str, Side)], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(columns.iter().map(|(name, _)| Cell::new(name)));
    for row in rows {
        table.add_row(row.iter().map(|cell| printable(cell)));
    }
    for (column, (_, side)) in table.column_iter_mut().zip(columns) {
        column.set_padding((0, 2));
        column.set_cell_alignment(match side {
            Side::Left => CellAlignment::Left,
            Side::Right => CellAlignment::Right,
        });
    }
    let mut text = String::new();
    for line in table.to_string().lines() {
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_to_the_right_and_no_line_ends_in_blanks() {
        let rows = [vec!["orders".to_owned(), "1,000".to_owned()], vec!["b".to_owned(), "7".to_owned()]];
        let text = table(&[("TOPIC", Side::Left), ("LAG", Side::Right)], rows);
        assert_eq!(text, "TOPIC     LAG\norders  1,000\nb           7\n");
    }
}
