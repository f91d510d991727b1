//! Go's `text/tabwriter` as kubectl and docker use it: cells end with a tab, columns are blocks of
//! consecutive lines that have the cell. Widths count characters, not display columns, as Go does.
//!
//! With remembered widths (`liggitt/tabwriter`, used by `kubectl get -w`) columns never shrink
//! between flushes. Left out: HTML filtering and escapes.

/// Cells are padded on their left side.
pub const ALIGN_RIGHT: u32 = 1 << 2;
/// Empty columns take no room.
pub const DISCARD_EMPTY_COLUMNS: u32 = 1 << 3;
/// Tabs instead of blanks for indentation.
pub const TAB_INDENT: u32 = 1 << 4;
/// A `|` between columns.
pub const DEBUG: u32 = 1 << 5;
/// Columns keep the widths they once had (kubectl's fork).
pub const REMEMBER_WIDTHS: u32 = 1 << 6;

/// See the module's head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TabWriter {
    min_width: usize,
    tab_width: usize,
    padding: usize,
    pad_char: char,
    flags: u32,
    text: String,
    remembered: Vec<usize>,
}

struct Cell<'a> {
    text: &'a str,
    width: usize,
}

impl TabWriter {
    /// As Go's `Init`.
    #[must_use]
    pub fn new(min_width: usize, tab_width: usize, padding: usize, pad_char: char, flags: u32) -> TabWriter {
        // Tabs only line up to the left, whatever the flags say.
        let flags = if pad_char == '\t' { flags & !ALIGN_RIGHT } else { flags };
        TabWriter {
            min_width,
            tab_width,
            padding,
            pad_char,
            flags,
            text: String::new(),
            remembered: Vec::new(),
        }
    }
    /// kubectl's printer: `GetNewTabWriter` (6, 4, 3, blank) with remembered widths.
    #[must_use]
    pub fn kubectl() -> TabWriter {
        TabWriter::new(6, 4, 3, ' ', REMEMBER_WIDTHS)
    }
    /// Adds text: cells end with `\t` (or `\v`), lines with `\n`; `\f` also ends all columns.
    pub fn write(&mut self, text: &str) {
        self.text.push_str(text);
    }
    /// The text so far, laid out; the writer is empty afterwards but remembers widths if it shall.
    pub fn flush(&mut self) -> String {
        let text = std::mem::take(&mut self.text);
        let mut out = String::with_capacity(text.len() * 2);
        let mut blocks = text.split('\u{c}').peekable();
        while let Some(block) = blocks.next() {
            let lines: Vec<Vec<Cell<'_>>> = block.split('\n').map(Self::cells).collect();
            let mut widths = Vec::new();
            let end = lines.len();
            self.format(&lines, 0, end, &mut widths, &mut out);
            if blocks.peek().is_some() {
                out.push('\n');
            }
        }
        out
    }
    fn cells(line: &str) -> Vec<Cell<'_>> {
        line.split(['\t', '\u{b}']).map(|text| Cell { text, width: text.chars().count() }).collect()
    }
    /// Prints the lines `from..to`, which share the columns whose widths are known, and recurses
    /// into blocks of lines that have one column more (depth: number of columns of a line).
    fn format(
        &mut self,
        lines: &[Vec<Cell<'_>>],
        from: usize,
        to: usize,
        widths: &mut Vec<usize>,
        out: &mut String,
    ) {
        // An explicit stack in place of recursion: a line may have any number of cells.
        let mut frames = vec![(from, from, to)];
        while let Some((start, mut at, end)) = frames.pop() {
            let column = widths.len();
            let mut printed_from = start;
            let mut entered = false;
            while at < end {
                let has_cell = lines.get(at).is_some_and(|line| column + 1 < line.len());
                if !has_cell {
                    at += 1;
                    continue;
                }
                self.print(lines, printed_from, at, widths, out, lines.len());
                let block = lines.get(at..end).unwrap_or(&[]);
                let height = block.iter().take_while(|line| column + 1 < line.len()).count();
                let width = self.column_width(block.get(..height).unwrap_or(&[]), column);
                printed_from = at + height;
                frames.push((printed_from, printed_from, end));
                frames.push((at, at, at + height));
                widths.push(width);
                entered = true;
                break;
            }
            if entered {
                continue;
            }
            self.print(lines, printed_from, end, widths, out, lines.len());
            widths.pop();
        }
    }
    fn column_width(&mut self, block: &[Vec<Cell<'_>>], column: usize) -> usize {
        let mut width = self.min_width;
        if self.flags & REMEMBER_WIDTHS != 0 {
            width = width.max(self.remembered.get(column).copied().unwrap_or(0));
        }
        let mut discardable = true;
        for cell in block.iter().filter_map(|line| line.get(column)) {
            width = width.max(cell.width + self.padding);
            // A column is only discarded if every cell was ended by a vertical tab; plain tabs keep it.
            discardable &= cell.width == 0;
        }
        if discardable && self.flags & DISCARD_EMPTY_COLUMNS != 0 {
            width = 0;
        }
        if self.flags & REMEMBER_WIDTHS != 0 {
            if self.remembered.len() <= column {
                self.remembered.resize(column + 1, 0);
            }
            if let Some(kept) = self.remembered.get_mut(column) {
                *kept = width;
            }
        }
        width
    }
    fn pad(&self, out: &mut String, text_width: usize, cell_width: usize, tabs: bool) {
        if self.pad_char == '\t' || tabs {
            if self.tab_width == 0 {
                return;
            }
            let rounded = cell_width.div_ceil(self.tab_width) * self.tab_width;
            let count = rounded.saturating_sub(text_width).div_ceil(self.tab_width);
            out.extend(std::iter::repeat_n('\t', count));
        } else {
            out.extend(std::iter::repeat_n(self.pad_char, cell_width.saturating_sub(text_width)));
        }
    }
    fn print(
        &self,
        lines: &[Vec<Cell<'_>>],
        from: usize,
        to: usize,
        widths: &[usize],
        out: &mut String,
        last: usize,
    ) {
        for (number, line) in lines.iter().enumerate().take(to).skip(from) {
            let mut tabs = self.flags & TAB_INDENT != 0;
            for (column, cell) in line.iter().enumerate() {
                if column > 0 && self.flags & DEBUG != 0 {
                    out.push('|');
                }
                let width = widths.get(column).copied();
                if cell.width == 0 {
                    if let Some(width) = width {
                        self.pad(out, 0, width, tabs);
                    }
                    continue;
                }
                tabs = false;
                if self.flags & ALIGN_RIGHT == 0 {
                    out.push_str(cell.text);
                    if let Some(width) = width {
                        self.pad(out, cell.width, width, false);
                    }
                } else {
                    if let Some(width) = width {
                        self.pad(out, cell.width, width, false);
                    }
                    out.push_str(cell.text);
                }
            }
            if number + 1 < last {
                out.push('\n');
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kubectl(text: &str) -> String {
        let mut w = TabWriter::kubectl();
        w.write(text);
        w.flush()
    }

    #[test]
    fn tables_line_up_as_kubectls() {
        assert_eq!(
            kubectl("NAME\tREADY\tSTATUS\nweb-1\t1/1\tRunning\nx\t0/1\tPending\n"),
            "NAME    READY   STATUS\nweb-1   1/1     Running\nx       0/1     Pending\n"
        );
        // Characters are counted, not columns of the terminal.
        assert_eq!(kubectl("이름\tB\nabcdef\tB\n"), "이름       B\nabcdef   B\n");
    }

    #[test]
    fn columns_are_blocks_of_lines() {
        // A line without the cell ends the block, so the blocks have widths of their own.
        assert_eq!(
            kubectl("a\tb\tc\nlong text here\nccccccccc\td\n"),
            "a     b     c\nlong text here\nccccccccc   d\n"
        );
        assert_eq!(kubectl("Name:\tx\nLabels:\t<none>\n"), "Name:     x\nLabels:   <none>\n");
    }

    #[test]
    fn widths_are_remembered_between_flushes() {
        let mut w = TabWriter::kubectl();
        w.write("a-long-name\tB\n");
        assert_eq!(w.flush(), "a-long-name   B\n");
        w.write("x\tB\n");
        assert_eq!(w.flush(), "x             B\n");
    }

    #[test]
    fn right_alignment_and_tabs() {
        let mut w = TabWriter::new(5, 0, 1, ' ', ALIGN_RIGHT);
        w.write("a\tb\tc\naa\tbb\tc\n");
        assert_eq!(w.flush(), "    a    bc\n   aa   bbc\n");
        let mut w = TabWriter::new(8, 8, 1, '\t', 0);
        w.write("a\tb\nlonglong\tb\n");
        assert_eq!(w.flush(), "a\t\tb\nlonglong\tb\n");
    }
}
