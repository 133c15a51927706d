//! The generator and the host it shares as causes: whose doing is it that the generator is late?
//!
//! A program that uses little of a full host is late because it waits for the others there.

use crate::attribution::{Score, Table, Tally, cpu_queue};
use crate::result::{Cause, HealthStanding};
use crate::wording::percent;

/// Share of the host's CPU from which it counts as full of more than server and generator.
const HOST_BUSY: f64 = 0.90;
/// Share of the host's CPU from which other programs are the cause of a busy host.
const OTHERS_FILL: f64 = 0.25;
/// Share of the host's CPU from which the generator may be late by its own doing.
const GENERATOR_SHARE: f64 = 0.30;
/// Share of a core from which an engine thread may be late by its own doing.
const GENERATOR_THREAD: f64 = 0.80;

/// The generator as the cause.
pub(crate) fn generator(table: &Table) -> Score {
    let worst = table.beyond().iter().map(|point| point.generator).max();
    let mut tally = Tally::new(Cause::Generator, table.knee);
    if !generator_explains_itself(table) {
        return tally.finish();
    }
    match worst {
        Some(HealthStanding::Invalid) => tally.add(
            1.0,
            "Loadline's own figures at this load are not to be trusted (see its health).",
        ),
        Some(HealthStanding::Warning) => tally.add(
            0.5,
            "Loadline was near its own limits at this load (see its health).",
        ),
        _ => {}
    }
    tally.finish()
}

/// Whether what is wrong with the generator can be its own doing: on a host that others keep busy, a
/// program that uses little of it is late because it waits for them.
fn generator_explains_itself(table: &Table) -> bool {
    let host = table.high(|p| p.host_cpu);
    let others = table.high(|p| p.host_others_share);
    let contended = host.is_some_and(|host| host >= HOST_BUSY)
        || others.is_some_and(|others| others > OTHERS_FILL);
    let Some(share) = table.high(|p| p.host_generator_share).filter(|_| contended) else {
        return true;
    };
    let thread = table.high(|p| p.generator_thread);
    let own_errors = table.high(|p| Some(p.generator_errors));
    share >= GENERATOR_SHARE
        || thread.is_some_and(|thread| thread >= GENERATOR_THREAD)
        || own_errors.is_some_and(|errors| errors > 0.0)
}

impl Table {
    /// Share of the host's CPU that other programs take where they fill it; `None` elsewhere.
    pub(crate) fn others_fill_host(&self) -> Option<f64> {
        let host = self.high(|p| p.host_cpu)?;
        self.high(|p| p.host_others_share)
            .filter(|others| *others > OTHERS_FILL && host >= HOST_BUSY)
    }

    /// Whether figures cannot be trusted and other programs explain it.
    pub(crate) fn bent_by_others(&self) -> bool {
        let bent = self
            .beyond()
            .iter()
            .any(|point| point.generator == HealthStanding::Invalid);
        bent && self.others_fill_host().is_some()
    }
}

/// The host as the cause: it is full of other programs, or of Loadline.
pub(crate) fn shared_host(table: &Table) -> Score {
    let mut tally = Tally::new(Cause::SharedHost, table.onset(|p| p.host_cpu, 0.95));
    if let (Some(others), Some(host)) = (table.others_fill_host(), table.high(|p| p.host_cpu)) {
        let own = table
            .high(|p| p.host_generator_share)
            .map_or_else(String::new, |own| {
                format!("; Loadline takes {}", percent(own))
            });
        tally.add(
            1.0,
            format!(
                "The machine's CPU is {} full; programs other than the server and Loadline take {} \
                 of it{own}.",
                percent(host),
                percent(others)
            ),
        );
        if let Some(sentence) = cpu_queue(table) {
            tally.add(0.0, sentence);
        }
        return tally.finish();
    }
    let (Some(host), Some(share)) = (
        table.high(|p| p.host_cpu),
        table.high(|p| p.host_generator_share),
    ) else {
        return tally.finish();
    };
    if host >= 0.95 && share > 0.3 && table.rises(|p| p.host_cpu) {
        tally.add(
            0.7,
            format!(
                "The machine's CPU is {} full; Loadline itself takes {} of it.",
                percent(host),
                percent(share)
            ),
        );
        if let Some(sentence) = cpu_queue(table) {
            tally.add(0.2, sentence);
        }
    }
    tally.finish()
}

/// Whether the generator fills the machine that it shares with the server.
pub(crate) fn generator_fills_host(table: &Table) -> bool {
    table
        .high(|p| p.host_generator_share)
        .is_some_and(|share| share > 0.3)
        && table.high(|p| p.host_cpu).is_none_or(|host| host >= 0.95)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attribution::scores;
    use crate::attribution::tests::{check, table};
    use crate::load_point::LoadPoint;

    /// A full host on which other programs take seven tenths, and a late generator.
    fn crowded(step: usize, point: &mut LoadPoint) {
        point.host_cpu = Some([0.97, 0.98, 1.0][step]);
        point.host_generator_share = Some(0.03);
        point.host_others_share = Some(0.7);
        point.generator_thread = Some(0.1);
        point.generator = HealthStanding::Invalid;
    }

    #[test]
    fn other_programs_that_fill_the_host_are_the_cause_not_the_generator() {
        check(crowded, Cause::SharedHost, 1.0);
        let table = table(crowded);
        assert!(
            scores(&table)
                .iter()
                .all(|score| score.cause != Cause::Generator)
        );
        let finding = crate::bottleneck::find(Some(&table), true, &[], true);
        assert_eq!(finding.cause, Cause::SharedHost);
        assert!(!finding.likely_only);
        assert_eq!(
            finding.evidence[0],
            "The machine's CPU is 99 % full; programs other than the server and Loadline take 70 % \
             of it; Loadline takes 3 %."
        );
        assert!(
            finding.advice[0].starts_with("Stop other programs"),
            "{finding:?}"
        );
    }

    #[test]
    fn what_the_server_answers_is_no_doing_of_a_crowd_or_a_late_generator() {
        let limited = |step: usize, point: &mut LoadPoint| {
            point.generator = HealthStanding::Invalid;
            point.status_429 = [0.0, 0.3, 0.6][step];
            point.good = 100.0;
        };
        let of = |change: &dyn Fn(usize, &mut LoadPoint)| {
            crate::bottleneck::find(Some(&table(change)), true, &[], true).cause
        };
        assert_eq!(of(&limited), Cause::RateLimiter);
        let crowded_too = |step: usize, point: &mut LoadPoint| {
            crowded(step, point);
            limited(step, point);
        };
        assert_eq!(of(&crowded_too), Cause::RateLimiter);
    }

    #[test]
    fn other_programs_explain_figures_not_to_be_trusted_without_a_knee() {
        let finding = crate::bottleneck::find(Some(&table(crowded)), false, &[], true);
        assert_eq!(finding.cause, Cause::SharedHost);
    }

    #[test]
    fn a_generator_that_is_busy_itself_stays_the_cause() {
        check(
            |step, point| {
                crowded(step, point);
                point.host_others_share = Some(0.1);
                point.generator_thread = Some(0.9);
            },
            Cause::Generator,
            1.0,
        );
    }

    #[test]
    fn a_generator_that_others_delay_on_a_host_with_room_is_not_the_cause() {
        let table = table(|step, point| {
            crowded(step, point);
            point.host_cpu = Some(0.8);
        });
        assert!(
            scores(&table)
                .iter()
                .all(|score| !matches!(score.cause, Cause::Generator | Cause::SharedHost))
        );
    }

    #[test]
    fn a_host_that_the_server_fills_does_not_make_the_generator_the_cause() {
        check(
            |step, point| {
                crowded(step, point);
                point.host_others_share = Some(0.02);
                point.cpu_ratio = Some([0.5, 0.95, 0.96][step]);
            },
            Cause::Cpu,
            0.7,
        );
    }
}
