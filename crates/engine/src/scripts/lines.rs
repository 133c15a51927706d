//! Lines that scripts log and print, kept until the engine thread hands them on.
//!
//! A script that logs without end must cost neither memory nor disk without end: each engine thread
//! keeps a bounded number of lines of a second, and tells how many it left out.

use std::cell::RefCell;

use loadline_events::{ScriptLevel, ScriptLine};
use loadline_units::RunTime;

/// Most lines that one engine thread keeps of a second.
const MOST_LINES: u32 = 1_000;

/// Longest text of a line, in bytes; the rest is cut.
const LONGEST: usize = 8_192;

/// Lines of the users of one engine thread.
#[derive(Debug, Default)]
pub(crate) struct ScriptLines(RefCell<Waiting>);

#[derive(Debug, Default)]
struct Waiting {
    lines: Vec<ScriptLine>,
    second: u32,
    in_second: u32,
    left_out: u64,
}

impl ScriptLines {
    pub(crate) fn add(&self, mut line: ScriptLine) {
        let mut waiting = self.0.borrow_mut();
        if waiting.second != line.at.second() {
            waiting.tell_left_out(line.at);
            waiting.second = line.at.second();
            waiting.in_second = 0;
        }
        if waiting.in_second == MOST_LINES {
            waiting.left_out += 1;
            return;
        }
        waiting.in_second += 1;
        if line.text.len() > LONGEST {
            let end = (0..=LONGEST)
                .rev()
                .find(|at| line.text.is_char_boundary(*at));
            line.text.truncate(end.unwrap_or(0));
            line.text.push('…');
        }
        waiting.lines.push(line);
    }

    /// The lines since this was last asked.
    pub(crate) fn take(&self) -> Vec<ScriptLine> {
        std::mem::take(&mut self.0.borrow_mut().lines)
    }

    /// The last lines of the run, which ends at `at`.
    pub(crate) fn finish(&self, at: RunTime) -> Vec<ScriptLine> {
        self.0.borrow_mut().tell_left_out(at);
        self.take()
    }
}

impl Waiting {
    fn tell_left_out(&mut self, at: RunTime) {
        let left_out = std::mem::take(&mut self.left_out);
        if left_out > 0 {
            self.lines.push(ScriptLine {
                at,
                level: ScriptLevel::Warn,
                thread: String::new(),
                logger: "loadline".to_owned(),
                text: format!(
                    "{left_out} lines of scripts were left out: more than {MOST_LINES} in a second"
                ),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(at_ms: u64, text: &str) -> ScriptLine {
        ScriptLine {
            at: RunTime::from_micros(at_ms * 1000),
            level: ScriptLevel::Info,
            thread: String::new(),
            logger: String::new(),
            text: text.to_owned(),
        }
    }

    #[test]
    fn a_flood_is_counted() {
        let lines = ScriptLines::default();
        for _ in 0..MOST_LINES + 5 {
            lines.add(line(500, "x"));
        }
        lines.add(line(1_500, "y"));
        let taken = lines.take();
        assert_eq!(taken.len(), 1_002);
        assert!(taken[1_000].text.starts_with("5 lines of scripts"));
        assert_eq!(taken[1_001].text, "y");
        assert_eq!(lines.finish(RunTime::ZERO).len(), 0);
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        let lines = ScriptLines::default();
        lines.add(line(0, &"é".repeat(LONGEST)));
        let text = &lines.take()[0].text;
        assert_eq!(text.len(), LONGEST + '…'.len_utf8());
    }
}
