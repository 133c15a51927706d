//! The page `docs/conformance.md`: what was compared and what came of it.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::series::SCRIPTS;
use crate::verdict::Verdict;

/// A plan's name, what it is about and what came of it.
#[derive(Clone, Debug)]
pub struct Row {
    /// The plan.
    pub name: String,
    /// The element it is about; of public plans, `scripts`, what is left out of it, or nothing.
    pub about: String,
    /// What came of it.
    pub verdict: Verdict,
}

/// How many plans ended how.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    /// Same requests and samples.
    pub same: usize,
    /// Known differences.
    pub known: usize,
    /// Refused by Loadline.
    pub refused: usize,
    /// Unexplained differences.
    pub differ: usize,
    /// Not comparable.
    pub not_comparable: usize,
}

impl Counts {
    /// Counts rows.
    #[must_use]
    pub fn of<'a>(rows: impl IntoIterator<Item = &'a Row>) -> Self {
        let mut counts = Self::default();
        for row in rows {
            let count = match row.verdict {
                Verdict::Same => &mut counts.same,
                Verdict::Known(_) => &mut counts.known,
                Verdict::Refused(_) => &mut counts.refused,
                Verdict::Differs(_) => &mut counts.differ,
                Verdict::NotComparable(_) => &mut counts.not_comparable,
            };
            *count += 1;
        }
        counts
    }

    /// Plans that could be compared or were refused.
    fn compared(self) -> usize {
        self.same + self.known + self.refused + self.differ
    }

    fn cells(self) -> String {
        format!(
            "{} | {} | {} | {}",
            self.same, self.known, self.refused, self.differ
        )
    }
}

/// The page.
#[must_use]
pub fn page(small: &[Row], public: &[Row], over_time: &str) -> String {
    let mut page = HEAD.to_owned();
    page.push_str(&shares(small, public));
    let total = Counts::of(small);
    page.push_str(
        "\n## Small plans\n\nEach is about one element or property. Same: every request and every sample is the \
         same.\n\n| element | same | known difference | refused | differs |\n| --- | --- | --- | --- | --- |\n",
    );
    let mut elements: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    for row in small {
        elements.entry(&row.about).or_default().push(row);
    }
    for (element, rows) in &elements {
        page.push_str(&format!(
            "| {element} | {} |\n",
            Counts::of(rows.iter().copied()).cells()
        ));
    }
    page.push_str(&format!("| **all** | {} |\n", total.cells()));
    list(&mut page, small);

    page.push_str(
        "\n## Public plans\n\nThe plans of `crates/jmx/tests/corpus`, pointed at the recording server and bounded: one user, \
         two iterations,\nno pauses, no listeners, Random Controllers in turn. What single scripts answer is compared in conformance-scripts.md. Elements that \
         need servers other\nthan HTTP ones, databases, Java classes of their own or programs of the machine are left out of what both are given.\n",
    );
    list(&mut page, public);
    page.push_str(&parts(public));
    page.push_str(over_time);
    page
}

/// What the comparison comes to: a row for each kind of plans.
fn shares(small: &[Row], public: &[Row]) -> String {
    let mut table = "\n| plans | compared | same | share | known difference | refused | unexplained difference | not comparable |\n\
                     | --- | --- | --- | --- | --- | --- | --- | --- |\n"
        .to_owned();
    let of = |is_meant: fn(&str) -> bool| {
        let rows = public.iter().filter(move |row| is_meant(&row.about));
        Counts::of(rows)
    };
    let rows = [
        ("small, of one element or property each", Counts::of(small)),
        ("public, without scripts", of(str::is_empty)),
        ("public, with scripts", of(|about| about == SCRIPTS)),
        (
            "public, less what needs databases, other protocols, Java classes or programs",
            of(is_part),
        ),
    ];
    for (name, counts) in rows {
        let compared = counts.compared();
        let share = match compared {
            0 => "-".to_owned(),
            all => format!("{} %", counts.same * 100 / all),
        };
        table.push_str(&format!(
            "| {name} | {compared} | {} | {share} | {} | {} | {} | {} |\n",
            counts.same, counts.known, counts.refused, counts.differ, counts.not_comparable
        ));
    }
    table.push_str(
        "\nShares are rounded down. Refused: Loadline says why before it sends anything. Not comparable: there is no answer of \
         JMeter to\ncompare with. A plan of which JMeter runs nothing is compared if that is its meaning, such as one without a \
         thread group, and not\nif it lacks something on this machine. The plans and the reasons are listed below.\n",
    );
    table
}

/// The table of public plans that are compared in part.
fn parts(public: &[Row]) -> String {
    let mut table =
        "\nCompared in part:\n\n| plan | left out is what needs |\n| --- | --- |\n".to_owned();
    let compared = |row: &&Row| !matches!(row.verdict, Verdict::NotComparable(_));
    for row in public
        .iter()
        .filter(|row| is_part(&row.about))
        .filter(compared)
    {
        table.push_str(&format!("| {} | {} |\n", row.name, row.about));
    }
    table
}

/// Whether something is left out of a public plan that is about `about`.
fn is_part(about: &str) -> bool {
    !about.is_empty() && about != SCRIPTS
}

/// The last section of the page: what was measured over time, in `took`.
#[must_use]
pub fn over_time(rows: &[String], took: Duration) -> String {
    let minutes = took.as_secs_f64() / 60.0;
    let mut section = format!(
        "{OVER_TIME}\n\nWhen users start and end, how long they pause and how often they send, measured at the server in both \
         programs, one\nafter the other on one machine, in {minutes:.0} minutes (`--over-time`); not part of the tests.\n\n\
         | plan | measured | JMeter | Loadline | rule |\n| --- | --- | --- | --- | --- |\n"
    );
    for row in rows {
        section.push_str(row);
        section.push('\n');
    }
    section
}

/// The section of [`over_time`] in a `page` that was made before; empty without one.
#[must_use]
pub fn over_time_of(page: &str) -> &str {
    page.find(OVER_TIME).map_or("", |start| &page[start..])
}

const OVER_TIME: &str = "\n## Over time";

/// Tables of the plans that are not the same.
fn list(page: &mut String, rows: &[Row]) {
    type Reason = fn(&Verdict) -> Option<String>;
    let kinds: [(&str, Reason); 4] = [
        ("Known differences", |verdict| match verdict {
            Verdict::Known(reason) => Some(reason.clone()),
            _ => None,
        }),
        ("Refused", |verdict| match verdict {
            Verdict::Refused(reason) => Some(reason.clone()),
            _ => None,
        }),
        ("Differences", |verdict| match verdict {
            Verdict::Differs(difference) => Some(difference.place.clone()),
            _ => None,
        }),
        ("Not comparable", |verdict| match verdict {
            Verdict::NotComparable(reason) => Some(reason.clone()),
            _ => None,
        }),
    ];
    for (title, reason) in kinds {
        let found: Vec<(&Row, String)> = rows
            .iter()
            .filter_map(|row| Some((row, reason(&row.verdict)?)))
            .collect();
        if found.is_empty() {
            continue;
        }
        page.push_str(&format!("\n{title}:\n\n| plan | why |\n| --- | --- |\n"));
        for (row, reason) in found {
            page.push_str(&format!("| {} | {} |\n", row.name, in_cell(&reason)));
        }
    }
}

/// Text that fits a cell of a table.
fn in_cell(text: &str) -> String {
    const MOST: usize = 160;
    let line = text
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .replace('|', "\\|");
    match line.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

const HEAD: &str = "# Conformance

<!-- Written by `oracle/conformance`. -->

A plan means the same in JMeter 5.6.3 and in Loadline if both send the same requests (method, path, headers with order and
case, body, and which requests share a connection) and report the same samples (labels, codes, messages, success, data types,
assertion results, sub-samples). This page is the result of running plans in both against a server that records what it gets:

    oracle/conformance target/release/loadline

Left out of the comparison is only what must differ: the server's port, the Java version in `User-Agent`, the boundary of a
multipart body, times. JMeter runs each plan twice, in two time zones; where its own two runs differ (random numbers, the
time) anything is accepted of Loadline. What JMeter did is kept in `oracle/recorded`, and the check compares Loadline with it where
there is no Java.
";

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &str, verdict: Verdict) -> Row {
        Row {
            name: name.to_owned(),
            about: "Loop Controller".to_owned(),
            verdict,
        }
    }

    #[test]
    fn plans_are_counted_by_element() {
        let rows = [
            row("a", Verdict::Same),
            row("b", Verdict::Known("a | b".to_owned())),
            row("c", Verdict::Same),
        ];
        let measured = over_time(&["| a | starts |".to_owned()], Duration::from_secs(130));
        let page = page(&rows, &[], &measured);
        assert!(
            page.contains("| Loop Controller | 2 | 1 | 0 | 0 |\n"),
            "{page}"
        );
        assert!(page.contains("| b | a \\| b |\n"), "{page}");
        assert!(page.contains("in 2 minutes"), "{page}");
        assert_eq!(over_time_of(&page), measured);
    }

    #[test]
    fn public_plans_are_counted_by_what_they_hold() {
        let about = |about: &str, verdict| Row {
            about: about.to_owned(),
            ..row("p", verdict)
        };
        let public = [
            about("", Verdict::Same),
            about("", Verdict::Same),
            about("", Verdict::Known("k".to_owned())),
            about("", Verdict::NotComparable("n".to_owned())),
            about(SCRIPTS, Verdict::Same),
            about("databases", Verdict::Refused("r".to_owned())),
        ];
        let page = page(&[], &public, "");
        for row in [
            "| public, without scripts | 3 | 2 | 66 % | 1 | 0 | 0 | 1 |\n",
            "| public, with scripts | 1 | 1 | 100 % | 0 | 0 | 0 | 0 |\n",
            " programs | 1 | 0 | 0 % | 0 | 1 | 0 | 0 |\n",
            "| plan | left out is what needs |\n| --- | --- |\n| p | databases |\n",
        ] {
            assert!(page.contains(row), "{row}{page}");
        }
    }
}
