//! Lines of a file, one at a time, of which no more is kept than the longest that is accepted.

use std::io::{self, BufRead, BufReader, Read};

/// So many bytes a line has at most, its LF not counted (rule `line-too-long`).
pub const MAX_LINE: usize = 1_048_576;

/// Read in pieces of so many bytes.
const BUFFER: usize = 64 << 10;

/// A line, or what there is of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line<'a> {
    /// Its bytes, without the LF; of one that is too long its beginning.
    pub bytes: &'a [u8],
    /// Whether an LF was seen to end it.
    pub ended: bool,
}

impl Line<'_> {
    /// Whether it has more than [`MAX_LINE`] bytes.
    #[must_use]
    pub fn is_too_long(&self) -> bool {
        self.bytes.len() > MAX_LINE
    }
}

/// Reads lines. Behind one that is too long nothing sensible comes: whoever meets it stops.
pub struct Lines<R> {
    input: BufReader<R>,
    line: Vec<u8>,
}

impl<R: Read> Lines<R> {
    /// The lines of `input`.
    pub fn new(input: R) -> Self {
        Self { input: BufReader::with_capacity(BUFFER, input), line: Vec::new() }
    }

    /// The next line; none at the end.
    ///
    /// # Errors
    ///
    /// If reading fails.
    pub fn read(&mut self) -> io::Result<Option<Line<'_>>> {
        self.line.clear();
        let most = MAX_LINE as u64 + 1;
        self.input.by_ref().take(most).read_until(b'\n', &mut self.line)?;
        let ended = self.line.pop_if(|byte| *byte == b'\n').is_some();
        let is_end = self.line.is_empty() && !ended;
        Ok((!is_end).then_some(Line { bytes: &self.line, ended }))
    }
}

#[cfg(test)]
mod tests {
    use super::{Line, Lines, MAX_LINE};

    fn lines(input: &[u8]) -> Vec<(Vec<u8>, bool)> {
        let mut lines = Lines::new(input);
        let mut all = Vec::new();
        while let Some(Line { bytes, ended }) = lines.read().expect("bytes in memory can be read") {
            all.push((bytes.to_vec(), ended));
        }
        all
    }

    #[test]
    fn lines_end_with_lf_alone() {
        assert_eq!(lines(b""), []);
        assert_eq!(lines(b"\n"), [(b"".to_vec(), true)]);
        assert_eq!(lines(b"a\r\n\nb"), [(b"a\r".to_vec(), true), (b"".to_vec(), true), (b"b".to_vec(), false)]);
    }

    #[test]
    fn a_line_of_1_mib_is_the_longest() {
        let longest = vec![b'x'; MAX_LINE];
        for (ending, ended) in [(&b""[..], false), (b"\n", true)] {
            assert_eq!(lines(&[&longest, ending].concat()), [(longest.clone(), ended)]);

            let longer = [&longest, &b"y"[..], ending].concat();
            let mut lines = Lines::new(&longer[..]);
            let line = lines.read().expect("bytes in memory can be read").expect("there is a line");
            assert!(line.is_too_long() && !line.ended);
        }
    }

    #[test]
    fn no_more_is_kept_than_the_longest_line() {
        let mut lines = Lines::new(std::io::repeat(b'x'));
        let line = lines.read().expect("it never fails").expect("there is a line");
        assert_eq!((line.bytes.len(), line.ended), (MAX_LINE + 1, false));
        assert!(lines.line.capacity() <= 4 * MAX_LINE);
    }
}
