//! `__tstFeedback(timer,start[,most[,spare=0.1]])`: the number of users that a Throughput Shaping
//! Timer needs.
//!
//! Source: `TSTFeedback` of jpgc-tst 2.5. It reads what the timer tells in properties each second, and
//! changes the number once for each second told.

use loadline_plan::program::Call;

use super::{argument, print};
use crate::Scope;

/// Appends the number of users.
pub(super) fn users(call: &Call, scope: &mut Scope<'_>, out: &mut Vec<u8>) -> Result<(), String> {
    let timer = argument(call, 0, scope);
    let name = |figure: &str| format!("{timer}_{figure}");
    let run = scope.functions.run();
    let present = match run.property(&name("concurrency")) {
        Some(present) => present,
        None => argument(call, 1, scope).into_owned(),
    };
    let most = argument(call, 2, scope).parse().unwrap_or(i32::MAX);
    let spare = match call.parameters.get(3) {
        None => 0.1,
        Some(_) => argument(call, 3, scope).trim().parse().unwrap_or(1.0),
    };
    let run = scope.functions.run();
    let number = |figure: &str| {
        let text = run.property(&name(figure)).unwrap_or_default();
        text.parse::<f64>().unwrap_or(0.0)
    };
    let present: i32 = present
        .parse()
        .map_err(|_| format!("`{present}` is not a whole number of users"))?;
    let figures = Figures {
        sent: number("cntSent"),
        delayed: number("cntDelayed"),
        rate: number("rps"),
    };
    let needed = figures.needed(present, spare).max(1).min(most);
    run.set_property(&name("concurrency"), &needed.to_string());
    run.set_property(&name("rps"), "0");
    print(out, needed);
    Ok(())
}

/// What the timer tells.
struct Figures {
    sent: f64,
    delayed: f64,
    rate: f64,
}

impl Figures {
    /// The users needed where `present` run. With a `spare` below 1 that share of them may wait, else
    /// so many. Fractions are cut off as in the plugin.
    fn needed(&self, present: i32, spare: f64) -> i32 {
        let now = f64::from(present);
        let needed = if self.rate <= 0.0 {
            now
        } else if self.delayed > 0.0 {
            if spare >= 1.0 {
                let fewer = (now - (self.delayed - spare)).trunc();
                if now > spare { fewer.max(spare) } else { fewer }
            } else if self.delayed > (now * spare).ceil() {
                now * (1.0 - spare)
            } else {
                now
            }
        } else if self.sent < self.rate {
            (now * (2.0 - self.sent / self.rate)).ceil()
        } else {
            now
        };
        // Saturates.
        needed as i32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(sent: f64, delayed: f64, rate: f64, spare: f64, expected: i32) {
        let figures = Figures {
            sent,
            delayed,
            rate,
        };
        assert_eq!(figures.needed(10, spare), expected);
    }

    #[test]
    fn users_are_added_in_proportion_to_what_is_lacking() {
        check(5.0, 0.0, 10.0, 0.1, 15);
        check(0.0, 0.0, 10.0, 0.1, 20);
        check(10.0, 0.0, 10.0, 0.1, 10);
        check(0.0, 0.0, 0.0, 0.1, 10);
    }

    #[test]
    fn users_that_wait_are_taken_away_but_for_the_spare_ones() {
        check(10.0, 1.0, 10.0, 0.1, 10);
        check(10.0, 2.0, 10.0, 0.1, 9);
        check(10.0, 6.0, 10.0, 2.0, 6);
        check(10.0, 10.0, 10.0, 2.0, 2);
        check(10.0, 1.0, 10.0, 2.0, 11);
    }
}
