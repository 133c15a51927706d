//! What is written to standard error while a run goes on, and how the summary is styled.

use std::io::{IsTerminal, Write};
use std::time::Duration;

use anyhow::Context as _;

use loadline_conductor::LiveSecond;
use loadline_report::{Progress, TextStyle, progress_line};

/// Writes one line to standard error. A closed standard error is no reason to stop a run.
pub(crate) fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// Writes results to standard output. A reader that has gone (`| head`) is no reason to fail, nor to
/// hide the exit code.
pub(crate) fn print(text: &str) -> anyhow::Result<()> {
    let mut stdout = std::io::stdout();
    match stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
    {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(error).context("write to standard output")
        }
        _ => Ok(()),
    }
}

/// Progress of a run on standard error: one line that is redrawn on a terminal, else a line every
/// ten seconds and at each step.
#[derive(Debug)]
pub(crate) struct ProgressLines {
    quiet: bool,
    redraws: bool,
    next: Duration,
    step: Option<u32>,
}

/// Time between two lines where nothing is redrawn.
const INTERVAL: Duration = Duration::from_secs(10);

impl ProgressLines {
    pub(crate) fn new(quiet: bool) -> Self {
        let redraws = std::io::stderr().is_terminal() && std::env::var_os("CI").is_none();
        Self {
            quiet,
            redraws,
            next: INTERVAL,
            step: None,
        }
    }

    /// Shows a second of the run.
    pub(crate) fn show(&mut self, live: &LiveSecond) {
        if self.quiet {
            return;
        }
        let line = progress_line(&Progress {
            elapsed_s: live.elapsed.as_secs_f64(),
            planned_s: live.planned.map(|planned| planned.as_secs_f64()),
            step: live
                .step
                .filter(|(_, _, count)| *count > 1)
                .map(|(step, _, count)| (step, count)),
            users: live.users,
            offered_per_s: None,
            good_per_s: live.good_per_s,
            errors_per_s: live.errors_per_s,
            p50_us: live.p50_us,
            p95_us: live.p95_us,
            busiest_thread: live.busiest_thread,
            memory_bytes: live.memory_bytes,
            own: live.own,
        });
        if self.redraws {
            // Return, line, clear to its end.
            let _ = write!(std::io::stderr(), "\r{line}\x1b[K");
            return;
        }
        let step = live.step.map(|(step, _, _)| step);
        let is_due = live.elapsed >= self.next || step != self.step;
        if is_due {
            say(&line);
            self.step = step;
            while self.next <= live.elapsed {
                self.next += INTERVAL;
            }
        }
    }

    /// Ends the line that is redrawn.
    pub(crate) fn end(&self) {
        if self.redraws && !self.quiet {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}

/// The style of summaries on standard output.
pub(crate) fn text_style(no_color: bool) -> TextStyle {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let is_terminal = std::io::stdout().is_terminal();
    let color = !no_color && !set("NO_COLOR") && (is_terminal || set("FORCE_COLOR"));
    let columns = std::env::var("COLUMNS")
        .ok()
        .and_then(|columns| columns.parse().ok());
    let terminal = if is_terminal { terminal_width() } else { None };
    let utf8 = ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
        .is_none_or(|locale| {
            let locale = locale.to_ascii_lowercase();
            locale.contains("utf-8") || locale.contains("utf8") || !is_terminal
        });
    TextStyle {
        color,
        width: columns.or(terminal).unwrap_or(100),
        ascii: !utf8,
    }
}

fn terminal_width() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(std::io::stdout()).ok()?;
    (size.ws_col > 0).then_some(usize::from(size.ws_col))
}
