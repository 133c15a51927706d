//! One run from recorded data to an answer.

use std::panic::resume_unwind;
use std::thread;

use loadline_events::{Phase, Signal};
use loadline_metrics::{Histogram, RunData};
use loadline_plan::Limit;

use crate::alive::{Life, first_silence, life};
use crate::anomalies::anomalies;
use crate::attribution::{Table, knee};
use crate::bottleneck;
use crate::breaking::breaking_point;
use crate::demand::demands;
use crate::errors::error_classes;
use crate::generator::{StepTrust, assess};
use crate::heat::heat_map;
use crate::knees::knees;
use crate::lateness::{add_lateness, biases, step_standings};
use crate::limits::{Evidence, judge_limit};
use crate::load_point::{is_database, load_points, start_point};
use crate::pauses::pauses;
use crate::result::{
    Analysis, BottleneckFinding, HealthStanding, LabelAnalysis, LimitResult, NetworkStats, Reason,
    Scaling, ServiceDemand, StepAnalysis, Verdict,
};
use crate::server_series::ServerView;
use crate::servers::{server_analysis, server_step};
use crate::spread::percentile_curve;
use crate::stats::{stats, time_stats_of, times};
use crate::steps::{JudgedStep, judge_steps};
use crate::story::story;
use crate::usl::scaling;
use crate::verdict::{reasons, run_verdict};
use crate::window::{Completions, Whose, Window};
use crate::wording;
use crate::worker_seconds::{GeneratorSeconds, generator_seconds};

/// Judges `run` by `limits`, which are in the plan's order.
///
/// A function of its arguments only: the same run gives the same analysis. Costs some
/// passes over the per-second histograms, of which it holds no copy, on two threads.
#[must_use]
pub fn analyse(run: &RunData, limits: &[Limit]) -> Analysis {
    let completions = Completions::of(run);
    let generator = generator_seconds(run);
    let judged = judge_steps(run, &completions, &generator);
    let seconds = run_seconds(run);
    thread::scope(|scope| {
        // Nearly half of the work on a long run, of which nothing else needs anything.
        let labels = scope.spawn(|| labels(run, &judged, &completions, seconds));
        let mut analysis =
            analyse_but_labels(run, limits, seconds, &judged, &completions, &generator);
        let labels = labels.join().unwrap_or_else(|panic| resume_unwind(panic));
        let (ran, idle): (Vec<_>, Vec<_>) =
            (labels.into_iter()).partition(|label| label.totals.samples > 0);
        analysis.labels = ran;
        analysis.never_ran = idle.into_iter().map(|label| label.label).collect();
        analysis
    })
}

/// All but the labels, which are left empty.
fn analyse_but_labels(
    run: &RunData,
    limits: &[Limit],
    seconds: u32,
    judged: &[JudgedStep],
    completions: &Completions,
    generator: &GeneratorSeconds,
) -> Analysis {
    let servers: Vec<ServerView<'_>> = run.servers.iter().map(ServerView::new).collect();
    let (mut health, trust) = assess(run, judged, completions, generator, &servers);
    let mut workbench = Histogram::default();

    let steps: Vec<StepAnalysis> = (0..run.steps.len())
        .map(|index| {
            analyse_step(
                run,
                index,
                judged,
                &trust,
                completions,
                &servers,
                &mut workbench,
            )
        })
        .collect();
    let lives = lives(run, judged, &steps, completions, generator, &servers);
    let evidence = Evidence {
        run,
        judged,
        completions,
        trust: &trust,
        servers: &servers,
        lives: &lives,
    };
    let judged_limits: Vec<_> = limits
        .iter()
        .map(|limit| judge_limit(&evidence, limit))
        .collect();
    let bent = judged_limits.iter().any(|limit| limit.bent_by_lag);
    let limit_results: Vec<LimitResult> = judged_limits
        .into_iter()
        .map(|limit| limit.result)
        .collect();
    let biases = biases(run, judged, &trust, completions, limits);
    add_lateness(&mut health, &biases, bent);

    let standings = step_standings(&health, &trust, &biases, &steps);
    let demand = demands(&servers, judged, completions);
    let scaling = scaling(run, &steps, generator);
    let (bottleneck, knee_index) = find_bottleneck(&Attribution {
        run,
        judged,
        steps: &steps,
        generator,
        servers: &servers,
        standings: &standings,
        limits: &limit_results,
        demand: &demand,
        scaling: &scaling,
        lives: &lives,
    });
    let server_results: Vec<_> = servers
        .iter()
        .zip(&lives)
        .map(|(server, life)| server_analysis(server, run, judged, life, knee_index))
        .collect();
    let breaking = breaking_point(
        &run.steps,
        &limit_results,
        knees(&steps, &server_results),
        &steps,
    );
    let verdict = run_verdict(limit_results.iter().map(|limit| limit.verdict));
    let knee_load = knee_index.map(|index| run.steps[index].load);
    let pairs: Vec<_> = limits.iter().zip(&limit_results).collect();
    let errors = error_classes(run);
    let (story, story_bin_s) = story(run, seconds, completions, generator, &servers, &errors);
    let whole = (main_start(run), seconds);
    let mixed = Reason::MixedLoads;
    let totals = Window::of_run(run, completions, Whose::All, whole);
    Analysis {
        facts: run.facts.clone(),
        verdict,
        reasons: reasons(&run.facts, &pairs, verdict, &steps, &breaking, knee_load),
        totals: stats(&totals, Some(&mixed), &mut workbench),
        labels: Vec::new(),
        never_ran: Vec::new(),
        limits: limit_results,
        errors,
        servers: server_results,
        breaking_point: breaking,
        demand,
        scaling,
        anomalies: anomalies(run, pauses(run).as_ref()),
        bottleneck,
        generator: health,
        story,
        story_bin_s,
        spread: spread(run, judged, completions, &mut workbench),
        heat: heat_map(run, seconds),
        steps,
    }
}

/// Length of the run in whole seconds, the last one perhaps cut.
fn run_seconds(run: &RunData) -> u32 {
    let recorded = run
        .series
        .cells
        .values()
        .flat_map(|cell| {
            cell.ended
                .keys()
                .next_back()
                .into_iter()
                .chain(cell.intended.keys().next_back())
        })
        .max()
        .map_or(0, |last| last.saturating_add(1));
    let stated = u32::try_from(run.facts.duration_us.div_ceil(1_000_000)).unwrap_or(u32::MAX);
    // What was recorded bounds what is drawn, so that a wrong statement costs nothing.
    stated.min(recorded.saturating_add(3600)).max(recorded)
}

fn main_start(run: &RunData) -> u32 {
    run.phases
        .iter()
        .find_map(|phase| match phase {
            Phase::MainStarted { at } => Some(*at),
            _ => None,
        })
        .unwrap_or(run.facts.main_started)
        .second()
}

fn analyse_step(
    run: &RunData,
    index: usize,
    judged: &[JudgedStep],
    trust: &[StepTrust],
    completions: &Completions,
    servers: &[ServerView<'_>],
    workbench: &mut Histogram,
) -> StepAnalysis {
    let step = &run.steps[index];
    let own = &judged[index];
    let window = step_window(run, index, judged, completions, Whose::All);
    let totals = run.series.steps.get(&step.step);
    StepAnalysis {
        step: step.step,
        load: step.load,
        ramp_start_s: step.ramp_start.as_secs_f64(),
        hold_start_s: step.hold_start.as_secs_f64(),
        end_s: step.end.as_secs_f64(),
        state: own.state.clone(),
        window: own.window,
        hold_needed_s: own.hold_needed_s(),
        detectable_rise: own.detectable_rise,
        stats: stats(&window, own.withhold().as_ref(), workbench),
        connect: totals
            .map(|totals| time_stats_of(&totals.connect))
            .unwrap_or_default(),
        network: totals
            .map(|totals| NetworkStats {
                resolve: time_stats_of(&totals.network.resolve),
                tcp: time_stats_of(&totals.network.tcp),
                tls: time_stats_of(&totals.network.tls),
                send: time_stats_of(&totals.network.send),
                wait: time_stats_of(&totals.network.wait),
            })
            .unwrap_or_default(),
        first_byte: totals
            .map(|totals| time_stats_of(&totals.first_byte))
            .unwrap_or_default(),
        connections_opened: totals.map_or(0, |totals| totals.connections_opened),
        retried: totals.map_or(0, |totals| totals.retried),
        servers: servers
            .iter()
            .map(|server| server_step(server, own, completions))
            .collect(),
        little: trust[index].little,
        invalid: trust[index].invalid(),
    }
}

fn step_window<'a>(
    run: &'a RunData,
    index: usize,
    judged: &[JudgedStep],
    completions: &Completions,
    whose: Whose,
) -> Window<'a> {
    let span = judged[index].window.unwrap_or_default();
    Window::of_step(run, completions, run.steps[index].step, whose, span)
}

fn labels(
    run: &RunData,
    judged: &[JudgedStep],
    completions: &Completions,
    seconds: u32,
) -> Vec<LabelAnalysis> {
    let mut workbench = Histogram::default();
    let whole = (main_start(run), seconds);
    (0u16..)
        .map(loadline_events::LabelId)
        .zip(&run.labels)
        .map(|(id, label)| {
            let whose = Whose::Label(id);
            let totals = Window::of_run(run, completions, whose, whole);
            LabelAnalysis {
                id,
                label: label.name.clone(),
                transaction: label.transaction,
                totals: stats(&totals, Some(&Reason::MixedLoads), &mut workbench),
                steps: (0..run.steps.len())
                    .map(|index| {
                        let window = step_window(run, index, judged, completions, whose);
                        stats(&window, judged[index].withhold().as_ref(), &mut workbench)
                    })
                    .collect(),
            }
        })
        .collect()
}

fn spread(
    run: &RunData,
    judged: &[JudgedStep],
    completions: &Completions,
    workbench: &mut Histogram,
) -> Vec<crate::result::PercentileCurve> {
    (0..run.steps.len())
        .filter_map(|index| {
            let window = step_window(run, index, judged, completions, Whose::All);
            let times = times(&window, |row| &row.response, workbench);
            percentile_curve(&run.steps[index], &times)
        })
        .collect()
}

/// Whether each server lived through the main part.
fn lives(
    run: &RunData,
    judged: &[JudgedStep],
    steps: &[StepAnalysis],
    completions: &Completions,
    generator: &GeneratorSeconds,
    servers: &[ServerView<'_>],
) -> Vec<Life> {
    let start = main_start(run);
    let end = judged.iter().map(|step| step.hold.1).max().unwrap_or(start);
    let slowest_us = steps
        .iter()
        // Where most samples fail, their times tell of time-outs, not of the server.
        .filter(|step| 2 * step.stats.errors <= step.stats.samples)
        .filter_map(|step| {
            let response = &step.stats.response;
            response.p99.as_ref().map(|p99| p99.value).or(response.max)
        })
        .fold(0.0, f64::max);
    let silence = first_silence(run, completions, generator, (start, end), slowest_us);
    servers
        .iter()
        .enumerate()
        // The first server is the one that answers; others stand behind it.
        .map(|(index, server)| life(server, (start, end), silence.filter(|_| index == 0)))
        .collect()
}

/// What the attribution of a bottleneck rests on.
struct Attribution<'a> {
    run: &'a RunData,
    judged: &'a [JudgedStep],
    steps: &'a [StepAnalysis],
    generator: &'a GeneratorSeconds,
    servers: &'a [ServerView<'a>],
    standings: &'a [HealthStanding],
    limits: &'a [LimitResult],
    demand: &'a [ServiceDemand],
    scaling: &'a Scaling,
    lives: &'a [Life],
}

/// The bottleneck, and the index of the step with the knee. With several servers, the one for which
/// most speaks.
fn find_bottleneck(attribution: &Attribution<'_>) -> (BottleneckFinding, Option<usize>) {
    let watched = !attribution.servers.is_empty();
    // What a database says stands in the table of every other server: alone it is no view of its own.
    let only_databases = attribution.servers.iter().all(is_database);
    let views: Vec<(usize, Option<&ServerView<'_>>)> = if watched {
        attribution
            .servers
            .iter()
            .enumerate()
            .filter(|(_, server)| only_databases || !is_database(server))
            .map(|(index, server)| (index, Some(server)))
            .collect()
    } else {
        vec![(0, None)]
    };
    let many = views.len() > 1;
    let mut best: Option<(BottleneckFinding, Option<usize>)> = None;
    for (index, view) in views {
        let (mut table, mut turned) = table(attribution, view);
        if let (Some(table), Some(life)) = (table.as_mut(), attribution.lives.get(index))
            && let Some(at) = life.died_s.filter(|_| life.is_gone)
        {
            let at = wording::clock(at);
            table.ended = Some(format!("The server's process ended at {at}."));
            turned = true;
        }
        let knee_index = table
            .as_ref()
            .filter(|_| turned)
            .map(|table| table.points[table.knee].step);
        let steps = &attribution.run.steps;
        let mut finding = bottleneck::find(table.as_ref(), turned, steps, watched);
        // In the first sentence, which is shown alone where there is room for one.
        if let (Some(view), true, Some(first)) = (view, many, finding.evidence.first_mut()) {
            *first = format!("Server {}: {first}", view.series.name);
        }
        if let Some(at) = (attribution.lives.get(index))
            .filter(|life| !life.is_gone)
            .and_then(|life| life.died_s)
        {
            let how = &attribution.lives[index].how;
            let sentence = format!("The server was lost at {}: {how}.", wording::clock(at));
            finding.evidence.insert(0, sentence);
            finding.evidence.truncate(bottleneck::MOST_EVIDENCE);
        }
        if best
            .as_ref()
            .is_none_or(|(other, _)| finding.score > other.score)
        {
            best = Some((finding, knee_index));
        }
    }
    best.unwrap_or_else(|| {
        (
            bottleneck::find(None, false, &attribution.run.steps, watched),
            None,
        )
    })
}

/// The loads as the attribution sees them (`None` without any), and whether the curve turned or a
/// limit failed.
fn table(attribution: &Attribution<'_>, server: Option<&ServerView<'_>>) -> (Option<Table>, bool) {
    let points = load_points(
        attribution.run,
        attribution.judged,
        attribution.steps,
        attribution.generator,
        server,
        attribution.servers,
        attribution.standings,
    );
    let failed_at = || {
        points.iter().position(|point| {
            let step = attribution.run.steps[point.step].step;
            attribution
                .limits
                .iter()
                .flat_map(|limit| &limit.cells)
                .any(|cell| cell.step == Some(step) && cell.verdict == Verdict::Fail)
        })
    };
    let turn = knee(&points).or_else(failed_at);
    if points.is_empty() {
        return (None, false);
    }
    let name = server.map(|server| server.series.name.as_str());
    let table = Table {
        knee: turn.unwrap_or(points.len() - 1),
        start: server.and_then(|server| start_point(attribution.run, server)),
        retrograde_law: matches!(
            attribution.scaling,
            Scaling::Fitted(law) if law.peak.is_some()
        ),
        cpu_follows_law: attribution.demand.iter().any(|demand| {
            Some(demand.server.as_str()) == name && demand.signal == Signal::CpuCores
        }),
        ended: None,
        pauses: pauses(attribution.run),
        points,
    };
    (Some(table), turn.is_some())
}
