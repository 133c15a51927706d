//! The section of the watched servers: resources by their distance to the limit.

use std::fmt::Write;

use loadline_analysis::{Analysis, ResourceStanding, ResourceUse, ServerAnalysis};

use super::icon::Mark;
use super::markup::{escape, small};
use super::page::{lead, section};
use super::plot::step_color;
use super::sheet::Sheet;
use super::table::{Row, left, right, table};
use crate::number::{self, Quantity};
use crate::word;

/// With more steps than this the table shows the first, the last and those between by their dots.
const COLUMNS: usize = 4;

/// The section.
pub(super) fn server(analysis: &Analysis, sheet: &Sheet) -> String {
    if analysis.servers.is_empty() {
        return section(
            "server",
            "Server",
            "<p>No server was watched: add <code>--server local</code> to learn why.</p>",
        );
    }
    let mut body = String::new();
    for server in &analysis.servers {
        if analysis.servers.len() > 1 {
            let _ = write!(body, "<h3>{}</h3>", escape(&server.name));
        }
        body.push_str(&one(analysis, server, sheet));
    }
    section("server", "Server", &body)
}

fn one(analysis: &Analysis, server: &ServerAnalysis, sheet: &Sheet) -> String {
    let (alive, looked) = server.alive_readings;
    let life = match (server.died_s, server.alive) {
        (Some(died), _) if server.process_ended => {
            format!("Its process ended at {}.", number::clock(died))
        }
        (Some(died), _) => format!(
            "Its process went on, but nothing was answered from {} on.",
            number::clock(died)
        ),
        (None, Some(true)) => format!(
            "Alive in {} of {} s.",
            number::count(alive.into()),
            number::count(looked.into())
        ),
        (None, Some(false)) => "Not alive throughout.".to_owned(),
        (None, None) => "Whether it was alive was not seen.".to_owned(),
    };
    let text = format!(
        "{} ({}). {life} Ordered by closeness to the limit.",
        if server.description.is_empty() {
            "Not found".to_owned()
        } else {
            word::capitalised(&server.description)
        },
        server.source
    );
    let mut html = lead(&text);
    if server.resources.is_empty() {
        html.push_str(&small("No resource was read."));
    } else {
        html.push_str(&resources(analysis, server, sheet));
    }
    if !server.not_read.is_empty() {
        html.push_str(&small(&format!(
            "Not read: {}.",
            server.not_read.join("; ")
        )));
    }
    html
}

fn resources(analysis: &Analysis, server: &ServerAnalysis, sheet: &Sheet) -> String {
    let steps = analysis.steps.len();
    let columns: Vec<usize> = if steps <= COLUMNS {
        (0..steps).collect()
    } else {
        vec![0, steps / 2, steps - 1]
    };
    let loads: Vec<String> = columns
        .iter()
        .map(|index| word::bare_load(analysis.steps[*index].load))
        .collect();
    let mut headings = vec![
        left("Resource"),
        left("Share of its limit, a dot for each step;\ndashes: saturation"),
    ];
    headings.extend(loads.iter().map(|load| right(load)));
    headings.push(left("Found"));
    let rows: String = server
        .resources
        .iter()
        .map(|resource| row(resource, &columns, &loads, steps, sheet))
        .collect();
    table(&headings, &rows)
}

fn row(
    resource: &ResourceUse,
    columns: &[usize],
    loads: &[String],
    steps: usize,
    sheet: &Sheet,
) -> String {
    let name = word::signal(resource.signal);
    let saturated = matches!(resource.standing, ResourceStanding::Saturated { .. });
    let of = if resource.share_by_step.iter().any(Option::is_some) {
        name.of
    } else {
        ""
    };
    let mut row = Row::new(if saturated { "hot" } else { "" })
        .markup(
            "",
            &format!("<b>{}</b> <span class=\"sub\">{of}</span>", name.name),
        )
        .markup("", &strip(resource, steps, sheet));
    for (column, load) in columns.iter().zip(loads) {
        row = row.number(load, &figure(resource, *column));
    }
    let found = match resource.standing {
        ResourceStanding::Saturated { since_s } => Mark::Fail.word(&format!(
            "Saturated since {}",
            number::clock(f64::from(since_s))
        )),
        ResourceStanding::Busy => "<span class=\"sub\">busy, not the limit</span>".to_owned(),
        ResourceStanding::Free => "<span class=\"sub\">free</span>".to_owned(),
        ResourceStanding::NotRead => "<span class=\"sub\">no reading</span>".to_owned(),
    };
    row.markup("", &found).finish()
}

fn figure(resource: &ResourceUse, step: usize) -> String {
    let name = word::signal(resource.signal);
    let value = resource.by_step.get(step).copied().flatten();
    let share = resource.share_by_step.get(step).copied().flatten();
    // CPU in cores says little without the cores there are; counts and sizes say more themselves.
    match (name.quantity, share, value) {
        (Quantity::Plain, Some(share), _)
            if resource.signal == loadline_events::Signal::CpuCores =>
        {
            number::value(Quantity::Share, share)
        }
        (Quantity::Plain, _, Some(value)) if value >= 1.0 => number::load(value.round()),
        (quantity, _, Some(value)) => number::value(quantity, value),
        (_, Some(share), None) => number::value(Quantity::Share, share),
        (_, None, None) => "no reading".to_owned(),
    }
}

fn strip(resource: &ResourceUse, steps: usize, sheet: &Sheet) -> String {
    if resource.share_by_step.iter().all(Option::is_none) {
        return "<span class=\"sub\">no limit known</span>".to_owned();
    }
    let mut strip = String::from("<div class=\"bar\">");
    if let Some(saturation) = resource.saturation {
        let place = sheet.class(&format!("left:{:.1}%", saturation.clamp(0.0, 1.0) * 100.0));
        let _ = write!(strip, "<u class=\"{place}\"></u>");
    }
    for (index, share) in resource.share_by_step.iter().enumerate() {
        if let Some(share) = share {
            // Half a dot stays inside the strip.
            let left = (share * 100.0).clamp(1.0, 99.0);
            let class = sheet.class(&format!(
                "left:{left:.1}%;background:{}",
                step_color(index, steps)
            ));
            let _ = write!(strip, "<i class=\"{class}\"></i>");
        }
    }
    strip.push_str("</div>");
    strip
}
