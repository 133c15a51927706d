//! What stood out inside a run: bursts of errors, spells of slow answers, pauses.
//!
//! Each is compared with the run's own usual seconds, so a server that always fails a tenth has no
//! burst and one that is always slow has no spell. They are facts with times, not causes.

use std::collections::BTreeMap;

use loadline_events::StepId;
use loadline_metrics::{Distribution, Histogram, RunData};

use crate::pauses::{Pauses, around};
use crate::result::{Anomaly, AnomalyKind};
use crate::window::is_counted;
use crate::wording::{count, percent, seconds, time};

/// Fewest errors of a second in a burst.
const BURST_ERRORS: u64 = 5;
/// How far its share of errors stands above the usual one, which counts as at least 1 %.
const BURST_ABOVE: f64 = 10.0;
const BURST_FLOOR: f64 = 0.01;
/// Seconds between two of one burst.
const BURST_GAP: u32 = 2;
/// Fewest samples of a second whose p95 says anything.
const SPELL_SAMPLES: u64 = 20;
/// Seconds around a second whose median is its usual level.
const SPELL_AROUND: u32 = 15;
/// Robust standard deviations above the usual level: of one second, and of each of several in a row.
const SPELL_ONE: f64 = 6.0;
const SPELL_SEVERAL: f64 = 4.0;
/// Least standard deviation of ln p95.
const SPELL_SPREAD: f64 = 0.05;
/// Median absolute deviation to standard deviation, for normal values.
const MAD: f64 = 1.4826;
/// Anomalies of one kind that are listed at most, the greatest first.
const MOST: usize = 5;

/// What stood out in `run`, by time.
pub(crate) fn anomalies(run: &RunData, pauses: Option<&Pauses>) -> Vec<Anomaly> {
    let mut found = bursts(run);
    found.extend(spells(run));
    found.extend(pauses.and_then(paused));
    found.sort_by_key(|anomaly| anomaly.start_s);
    found
}

/// Samples and errors by the second of their end, set-up left out.
fn by_second(run: &RunData) -> BTreeMap<u32, (u64, u64)> {
    let mut seconds: BTreeMap<u32, (u64, u64)> = BTreeMap::new();
    for ((step, label), cell) in &run.series.cells {
        if *step == StepId::NONE || !is_counted(run, *label) {
            continue;
        }
        for (second, row) in &cell.ended {
            let (samples, errors) = seconds.entry(*second).or_default();
            *samples += row.samples;
            *errors += row.errors;
        }
    }
    seconds
}

fn bursts(run: &RunData) -> Vec<Anomaly> {
    let seconds = by_second(run);
    let shares = seconds
        .values()
        .filter(|(samples, _)| *samples > 0)
        .map(|(samples, errors)| *errors as f64 / *samples as f64);
    let usual = median(shares.collect()).max(BURST_FLOOR);
    let mut bursts: Vec<(u32, u32, u64, u64)> = Vec::new();
    for (second, (samples, errors)) in &seconds {
        let share = *errors as f64 / (*samples).max(1) as f64;
        if *errors < BURST_ERRORS || share <= BURST_ABOVE * usual {
            continue;
        }
        match bursts.last_mut() {
            Some(burst) if second - burst.1 <= BURST_GAP => {
                burst.1 = *second;
                burst.2 += errors;
                burst.3 += samples;
            }
            _ => bursts.push((*second, *second, *errors, *samples)),
        }
    }
    let all = bursts.len();
    bursts.sort_by_key(|burst| std::cmp::Reverse(burst.2));
    bursts.truncate(MOST);
    bursts
        .into_iter()
        .map(|(start_s, last, errors, samples)| Anomaly {
            kind: AnomalyKind::ErrorBurst,
            start_s,
            end_s: last + 1,
            what: format!(
                "{} of {} samples failed within {}{}",
                count(errors),
                count(samples),
                seconds_text(start_s, last + 1),
                of_all(all)
            ),
        })
        .collect()
}

fn spells(run: &RunData) -> Vec<Anomaly> {
    let mut pooled: BTreeMap<u32, Vec<&Distribution>> = BTreeMap::new();
    for ((step, label), cell) in &run.series.cells {
        if *step == StepId::NONE || !is_counted(run, *label) {
            continue;
        }
        for (second, row) in &cell.intended {
            pooled.entry(*second).or_default().push(&row.response);
        }
    }
    let samples = |rows: &[&Distribution]| rows.iter().map(|row| row.count).sum::<u64>();
    let mut workbench = Histogram::default();
    let levels: Vec<(u32, f64)> = pooled
        .iter()
        .filter(|(_, rows)| samples(rows) >= SPELL_SAMPLES)
        .filter_map(|(second, rows)| {
            workbench.clear();
            for row in rows {
                workbench.add(row);
            }
            let p95 = workbench.quantile(0.95)?;
            Some((*second, (p95.value_us.max(1) as f64).ln()))
        })
        .collect();
    spells_of(&levels)
}

/// Spells in seconds with ln of their p95 in microseconds, ascending.
fn spells_of(levels: &[(u32, f64)]) -> Vec<Anomaly> {
    let usual: Vec<f64> = levels
        .iter()
        .map(|(second, _)| {
            let around = around(levels, *second, SPELL_AROUND).iter();
            median(around.map(|(_, level)| *level).collect())
        })
        .collect();
    let off: Vec<f64> = levels
        .iter()
        .zip(&usual)
        .map(|((_, level), usual)| level - usual)
        .collect();
    let spread = (MAD * median(off.iter().map(|off| off.abs()).collect())).max(SPELL_SPREAD);
    let mut spells: Vec<(usize, usize)> = Vec::new();
    for (index, off) in off.iter().enumerate() {
        if *off <= SPELL_SEVERAL * spread {
            continue;
        }
        match spells.last_mut() {
            Some(spell) if spell.1 + 1 == index && levels[index].0 == levels[spell.1].0 + 1 => {
                spell.1 = index;
            }
            _ => spells.push((index, index)),
        }
    }
    let worst = |spell: &(usize, usize)| off[spell.0..=spell.1].iter().copied().fold(0.0, f64::max);
    spells.retain(|spell| spell.1 > spell.0 || worst(spell) > SPELL_ONE * spread);
    let all = spells.len();
    spells.sort_by(|a, b| worst(b).total_cmp(&worst(a)));
    spells.truncate(MOST);
    spells
        .into_iter()
        .map(|spell| {
            let peak = (spell.0..=spell.1)
                .max_by(|a, b| levels[*a].1.total_cmp(&levels[*b].1))
                .unwrap_or(spell.0);
            let (start_s, end_s) = (levels[spell.0].0, levels[spell.1].0 + 1);
            Anomaly {
                kind: AnomalyKind::SlowSpell,
                start_s,
                end_s,
                what: format!(
                    "p95 rose to {} for {}, {} around it{}",
                    time(levels[peak].1.exp()),
                    seconds_text(start_s, end_s),
                    time(usual[peak].exp()),
                    of_all(all)
                ),
            }
        })
        .collect()
}

fn paused(pauses: &Pauses) -> Option<Anomaly> {
    let (period, share) = pauses.period_s.zip(pauses.share())?;
    Some(Anomaly {
        kind: AnomalyKind::Pauses,
        start_s: *pauses.at.first()?,
        end_s: pauses.at.last()? + 1,
        what: format!(
            "requests under way were held up for {} every {}, {} of the time",
            time(pauses.length_s * 1e6),
            seconds(period),
            percent(share)
        ),
    })
}

fn seconds_text(start_s: u32, end_s: u32) -> String {
    seconds(f64::from(end_s - start_s))
}

/// Says how many there were, where only the greatest are listed.
fn of_all(all: usize) -> String {
    if all > MOST {
        format!(" (one of {all})")
    } else {
        String::new()
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn levels(ms: impl Fn(u32) -> f64) -> Vec<Anomaly> {
        let levels: Vec<(u32, f64)> = (0..60)
            .map(|second| (second, (1e3 * ms(second)).ln()))
            .collect();
        spells_of(&levels)
    }

    #[test]
    fn a_spell_is_told_with_its_time_and_size() {
        let found = levels(|second| match second {
            30..33 => 80.0,
            _ => 20.0 + f64::from(second % 3),
        });
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].start_s, found[0].end_s), (30, 33));
        assert!(found[0].what.contains("80 ms"), "{}", found[0].what);
    }

    #[test]
    fn a_new_level_and_usual_noise_are_no_spells() {
        assert!(levels(|second| if second < 30 { 20.0 } else { 60.0 }).len() <= 1);
        assert!(levels(|second| 20.0 + f64::from(second % 7)).is_empty());
        assert!(spells_of(&[]).is_empty());
    }
}
