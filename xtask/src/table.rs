//! Plain text tables.

/// Lines with the cells of each row in columns: the first column to the left, the others to the right.
pub fn render(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let cells: Vec<String> = row.iter().zip(&widths).enumerate().map(pad).collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
    }
    text
}

fn pad((column, (cell, width)): (usize, (&String, &usize))) -> String {
    if column == 0 { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
}

/// A row of texts.
#[macro_export]
macro_rules! row {
    ($($cell:expr),* $(,)?) => { vec![$(::std::string::ToString::to_string(&$cell)),*] };
}

#[cfg(test)]
mod tests {
    #[test]
    fn columns_line_up() {
        let rows = [row!["stage", "forms"], row!["1", 12], row!["λλλλλλλ", "–"]];
        assert_eq!(super::render(&rows), "stage    forms\n1           12\nλλλλλλλ      –\n");
    }
}
