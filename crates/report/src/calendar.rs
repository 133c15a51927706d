//! Instants of the wall clock as UTC dates, the same on every machine.

/// A date and time in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Utc {
    year: i64,
    month: u8,
    day: u8,
    /// Seconds of the day.
    seconds: i64,
}

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

impl Utc {
    /// The instant `ms` milliseconds after the Unix epoch, to the second below.
    pub(crate) fn from_epoch_ms(ms: i64) -> Self {
        let total = ms.div_euclid(1000);
        let days = total.div_euclid(86_400);
        // Days to a date: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms",
        // civil_from_days.
        let shifted = days + 719_468;
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
        let month = if shifted_month < 10 {
            shifted_month + 3
        } else {
            shifted_month - 9
        };
        Utc {
            year: year_of_era + era * 400 + i64::from(month <= 2),
            month: u8::try_from(month).unwrap_or(1),
            day: u8::try_from(day).unwrap_or(1),
            seconds: total.rem_euclid(86_400),
        }
    }

    /// `23 Nov 2026`.
    pub(crate) fn date(self) -> String {
        let month = MONTHS[usize::from(self.month.clamp(1, 12)) - 1];
        format!("{} {month} {}", self.day, self.year)
    }

    /// `10:15 UTC`.
    pub(crate) fn time(self) -> String {
        format!(
            "{:02}:{:02} UTC",
            self.seconds / 3600,
            self.seconds / 60 % 60
        )
    }

    /// `2026-11-23T10:15:02Z`, RFC 3339.
    pub(crate) fn rfc3339(self) -> String {
        format!(
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
            self.year,
            self.month,
            self.day,
            self.seconds / 3600,
            self.seconds / 60 % 60,
            self.seconds % 60
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(ms: i64, expected: &str) {
        assert_eq!(Utc::from_epoch_ms(ms).rfc3339(), expected);
    }

    #[test]
    fn instants_are_utc_dates() {
        check(0, "1970-01-01T00:00:00Z");
        check(951_782_400_000, "2000-02-29T00:00:00Z");
        check(1_795_428_902_999, "2026-11-23T10:15:02Z");
        check(-1, "1969-12-31T23:59:59Z");
    }

    #[test]
    fn dates_are_written_out_for_readers() {
        let start = Utc::from_epoch_ms(1_795_428_902_000);
        assert_eq!(
            (&*start.date(), &*start.time()),
            ("23 Nov 2026", "10:15 UTC")
        );
    }
}
