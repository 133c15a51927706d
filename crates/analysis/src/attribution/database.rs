//! A watched database as a cause: its sessions, its locks, its statements.

use crate::attribution::table::Table;
use crate::attribution::{Score, Tally};
use crate::result::Cause;
use crate::wording::{percent, significant};

/// Share of the allowed sessions from which they are used up.
const SESSIONS_FULL: f64 = 0.95;
/// Share of the busy sessions that wait for locks from which locks are the cause.
const LOCKED_SHARE: f64 = 0.3;
/// Share of the requests' time that statements take from which they are the cause.
const STATEMENT_SHARE: f64 = 0.5;

pub(super) fn connections(table: &Table) -> Score {
    let mut tally = Tally::new(
        Cause::DatabaseConnections,
        table.onset(|p| p.db_connections_ratio, SESSIONS_FULL),
    );
    let Some(share) = table
        .high(|p| p.db_connections_ratio)
        .filter(|share| *share >= SESSIONS_FULL)
    else {
        return tally.finish();
    };
    tally.add(
        0.7,
        format!(
            "The database has {} of its allowed sessions in use.",
            percent(share)
        ),
    );
    let failed = table.high(|p| Some(p.status_5xx)).unwrap_or(0.0);
    if failed >= 0.01 {
        tally.add(
            0.1,
            format!(
                "{} of the requests fail with a status of 500 to 599.",
                percent(failed)
            ),
        );
    }
    tally.finish()
}

pub(super) fn locks(table: &Table) -> Score {
    let mut tally = Tally::new(Cause::DatabaseLocks, table.onset(|p| p.db_lock_waits, 1.0));
    let (Some(waiting), Some(active)) =
        (table.high(|p| p.db_lock_waits), table.high(|p| p.db_active))
    else {
        return tally.finish();
    };
    let share = waiting / (waiting + active).max(1e-9);
    if waiting < 0.3 || share < LOCKED_SHARE {
        return tally.finish();
    }
    // Less than one on the average is seen too seldom to be sure.
    tally.add(
        if waiting >= 1.0 { 0.7 } else { 0.4 },
        format!(
            "On the average {} sessions of the database wait for a lock of another, {} run.",
            significant(waiting),
            significant(active)
        ),
    );
    tally.finish()
}

pub(super) fn statements(table: &Table) -> Score {
    let mut tally = Tally::new(Cause::DatabaseStatements, table.knee);
    let Some(active) = table.high(|p| p.db_active).filter(|active| *active >= 1.0) else {
        return tally.finish();
    };
    let inside = table.high(|p| Some(p.throughput * p.mean_s)).unwrap_or(0.0);
    let share = active / inside.max(1e-9);
    if share < STATEMENT_SHARE {
        return tally.finish();
    }
    let oldest = table.high(|p| p.db_oldest_statement_s);
    tally.add(
        0.6,
        format!(
            "Requests spend {} of their time in statements of the database: {} run at once{}.",
            percent(share.min(1.0)),
            significant(active),
            oldest.map_or_else(String::new, |oldest| format!(
                ", the oldest for {} on the average",
                crate::wording::time(oldest * 1e6)
            ))
        ),
    );
    tally.finish()
}

#[cfg(test)]
mod tests {
    use crate::attribution::tests::{check, table};
    use crate::result::Cause;

    #[test]
    fn a_database_is_named_by_what_it_says_itself() {
        check(
            |step, point| {
                point.db_connections_ratio = Some([0.4, 0.97, 1.0][step]);
                point.status_5xx = [0.0, 0.02, 0.1][step];
            },
            Cause::DatabaseConnections,
            0.8,
        );
        check(
            |step, point| {
                point.db_lock_waits = Some([0.0, 4.0, 9.0][step]);
                point.db_active = Some(1.0);
            },
            Cause::DatabaseLocks,
            0.7,
        );
    }

    /// The last two loads of the table keep 80 and 280 requests inside.
    fn named(active: f64) -> Cause {
        let table = table(|step, point| {
            point.db_active = Some([2.0, active, active][step]);
            point.db_lock_waits = Some(0.0);
            point.threads = Some(6.0);
        });
        crate::bottleneck::find(Some(&table), true, &[], true).cause
    }

    #[test]
    fn a_pool_whose_places_wait_for_statements_is_their_symptom() {
        assert_eq!(named(150.0), Cause::DatabaseStatements);
        assert_eq!(named(10.0), Cause::WorkerPool);
    }
}
