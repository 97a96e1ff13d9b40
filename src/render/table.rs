//! Tables: aligned and fitted on a terminal, tab-separated elsewhere.

use super::text::{clean, elide, width};
use crate::interrupt::{self, Answered};

/// Between two columns on a terminal.
const GAP: usize = 2;
/// A column that gives way keeps at least this much.
const LEAST: usize = 10;

/// How a column behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// Never cut.
    Fixed,
    /// Never cut, and aligned on the right.
    Number,
    /// Cut with `…` where the terminal is too narrow.
    Wide,
}

#[derive(Clone, Debug)]
struct Title {
    /// For a pipe.
    plain: String,
    /// For a terminal.
    shown: String,
    column: Column,
}

/// Rows of text under titles.
#[derive(Default)]
pub struct Table {
    titles: Vec<Title>,
    rows: Answered<Vec<Vec<String>>>,
}

impl Table {
    /// An empty table with titles of ours; a terminal shows them in capitals.
    #[must_use]
    pub fn new(titles: impl IntoIterator<Item = (&'static str, Column)>) -> Self {
        let titles = titles.into_iter().map(|(title, column)| Title {
            plain: title.to_owned(),
            shown: title.to_uppercase(),
            column,
        });
        Self {
            titles: titles.collect(),
            rows: Answered::default(),
        }
    }

    /// With one more column, whose title is somebody's name and stays as it is.
    #[must_use]
    pub fn named(mut self, name: &str, column: Column) -> Self {
        let name = clean(name).into_owned();
        self.titles.push(Title {
            plain: name.clone(),
            shown: name,
            column,
        });
        self
    }

    /// Adds a row; its cells are cleaned here.
    pub fn row<T: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = T>) {
        if interrupt::pressed() {
            return; // Nobody sees it: the question fails.
        }
        let cells = cells.into_iter();
        self.rows
            .push(cells.map(|c| clean(c.as_ref()).into_owned()).collect());
    }

    /// Whether it has no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The text, ending in a line end; `columns` is none when it is not for a terminal.
    #[must_use]
    pub fn text(&self, columns: Option<usize>) -> String {
        match columns {
            Some(columns) => self.aligned(columns),
            None => self.separated(),
        }
    }

    /// Aligned in any case, for a part of a larger text: uncut without `columns`.
    #[must_use]
    pub fn aligned_text(&self, columns: Option<usize>) -> String {
        self.aligned(columns.unwrap_or(usize::MAX))
    }

    /// A terminal shows no columns that are empty in every row.
    fn aligned(&self, columns: usize) -> String {
        let shown: Vec<usize> = (0..self.titles.len())
            .filter(|&i| self.rows.iter().any(|row| !cell(row, i).is_empty()))
            .collect();
        let widths = self.fit(&shown, columns);
        let titles: Vec<String> = self.titles.iter().map(|t| t.shown.clone()).collect();
        let mut text = String::new();
        for row in std::iter::once(&titles).chain(self.rows.iter()) {
            if interrupt::pressed() {
                return text; // Nobody sees it: the question fails.
            }
            let mut line = String::new();
            for (&i, &columns) in shown.iter().zip(&widths) {
                let cell = elide(cell(row, i), columns);
                let pad = " ".repeat(columns.saturating_sub(width(&cell)));
                match self.titles[i].column {
                    Column::Number => line.extend([pad.as_str(), &cell]),
                    _ => line.extend([cell.as_ref(), &pad]),
                }
                line.push_str(&" ".repeat(GAP));
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }

    /// Natural widths, the widest columns giving way first.
    fn fit(&self, shown: &[usize], columns: usize) -> Vec<usize> {
        let natural = |i: usize| {
            let cells = self.rows.iter().map(|row| width(cell(row, i)));
            cells
                .chain([width(&self.titles[i].shown)])
                .max()
                .unwrap_or(0)
        };
        let mut widths: Vec<usize> = shown.iter().map(|&i| natural(i)).collect();
        let room = columns.saturating_sub(GAP * shown.len().saturating_sub(1));
        loop {
            let excess = widths.iter().sum::<usize>().saturating_sub(room);
            let widest = (0..shown.len())
                .filter(|&n| self.titles[shown[n]].column == Column::Wide && widths[n] > LEAST)
                .max_by_key(|&n| widths[n]);
            match widest {
                Some(n) if excess > 0 => {
                    // Down to the next widest, so that equals give way together.
                    let next = (0..shown.len())
                        .filter(|&m| {
                            self.titles[shown[m]].column == Column::Wide && widths[m] < widths[n]
                        })
                        .map(|m| widths[m])
                        .max()
                        .unwrap_or(LEAST)
                        .max(LEAST);
                    let step = excess.min((widths[n] - next).max(1));
                    widths[n] -= step;
                }
                _ => return widths,
            }
        }
    }

    fn separated(&self) -> String {
        let titles: Vec<String> = self.titles.iter().map(|t| t.plain.clone()).collect();
        let lines = std::iter::once(&titles).chain(self.rows.iter());
        // Once Ctrl-C is pressed nobody sees it: the question fails.
        let lines = lines.take_while(|_| !interrupt::pressed());
        lines.map(|row| row.join("\t") + "\n").collect()
    }
}

fn cell(row: &[String], i: usize) -> &str {
    row.get(i).map_or("", String::as_str)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn table() -> Table {
        let mut table = Table::new([
            ("seq", Column::Number),
            ("empty", Column::Fixed),
            ("values", Column::Wide),
        ]);
        table.row(["1", "", "n = 3, s = \"a rather long text\""]);
        table.row(["12", "", "n = 4\x1b"]);
        table
    }

    #[test]
    fn a_terminal_gets_it_fitted() {
        let expected = "SEQ  VALUES\n  1  n = 3, s = \"a …\n 12  n = 4\\x1b\n";
        assert_eq!(table().text(Some(20)), expected);
    }

    #[test]
    fn a_pipe_gets_it_whole() {
        let expected =
            "seq\tempty\tvalues\n1\t\tn = 3, s = \"a rather long text\"\n12\t\tn = 4\\x1b\n";
        assert_eq!(table().text(None), expected);
    }

    proptest! {
        #[test]
        fn a_table_of_wide_columns_fits(
            cells in prop::collection::vec(prop::collection::vec("\\PC{0,60}", 3), 1..6),
            columns in 40usize..120,
        ) {
            let mut table = Table::new([("a", Column::Wide), ("b", Column::Wide), ("c", Column::Wide)]);
            for row in &cells {
                table.row(row);
            }
            for line in table.text(Some(columns)).lines() {
                prop_assert!(width(line) <= columns, "{line:?}");
            }
        }
    }
}
