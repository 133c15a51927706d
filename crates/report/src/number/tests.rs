use super::*;

fn claimed(value: f64, low: f64, high: f64) -> Estimate {
    Estimate {
        value,
        low: Some(low),
        high: Some(high),
        censored: false,
        at_least: false,
        reason: None,
    }
}

fn unclaimed(value: f64, reason: Reason) -> Estimate {
    Estimate {
        value,
        low: None,
        high: None,
        censored: false,
        at_least: false,
        reason: Some(reason),
    }
}

#[track_caller]
fn check(quantity: Quantity, input: &Estimate, value: &str, interval: &str) {
    let shown = estimate(quantity, input);
    assert_eq!((&*shown.value, &*shown.interval), (value, interval));
}

#[test]
fn value_and_interval_share_the_unit_of_the_value() {
    check(
        Quantity::Time,
        &claimed(6.30e6, 5.91e6, 6.53e6),
        "6.30 s",
        "5.91–6.53 s",
    );
    check(
        Quantity::Time,
        &claimed(1.07e6, 0.844e6, 1.34e6),
        "1.07 s",
        "0.84–1.34 s",
    );
    check(
        Quantity::Time,
        &claimed(18_500.0, 16_500.0, 20_600.0),
        "18.5 ms",
        "16.5–20.6 ms",
    );
    check(
        Quantity::Time,
        &claimed(412.0, 404.0, 421.0),
        "412 µs",
        "404–421 µs",
    );
}

#[test]
fn wide_intervals_take_digits_away() {
    check(
        Quantity::Time,
        &claimed(99_700.0, 83_100.0, 118_000.0),
        "100 ms",
        "83–118 ms",
    );
    check(
        Quantity::Time,
        &claimed(3.11e6, 1.2e6, 90e6),
        "3 s",
        "1–90 s",
    );
    check(
        Quantity::Rate,
        &claimed(133.2, 99.4, 180.0),
        "133/s",
        "99–180",
    );
}

#[test]
fn narrow_intervals_keep_three_digits() {
    check(
        Quantity::Rate,
        &claimed(99.9, 99.2, 101.0),
        "99.9/s",
        "99.2–101",
    );
    check(
        Quantity::Share,
        &claimed(0.136, 0.1161, 0.1584),
        "13.6 %",
        "11.6–15.8 %",
    );
    check(
        Quantity::Time,
        &claimed(13_500.0, 13_499.0, 13_501.0),
        "13.5 ms",
        "13.5–13.5 ms",
    );
}

#[test]
fn no_errors_say_how_many_there_could_be() {
    check(
        Quantity::Share,
        &claimed(0.0, 0.0, 0.00032),
        "0",
        "≤ 0.032 %",
    );
    check(Quantity::Share, &claimed(0.0, 0.0, 0.071), "0", "≤ 7.1 %");
}

#[test]
fn censored_values_are_lower_bounds() {
    let mut waiting = claimed(9.4e6, 9.1e6, 9.7e6);
    waiting.censored = true;
    check(
        Quantity::Time,
        &waiting,
        "≥ 9.40 s",
        "still waiting at the end",
    );
}

#[test]
fn unknown_upper_ends_are_not_infinite() {
    let mut open = claimed(3.11e6, 1.75e6, 0.0);
    open.high = None;
    check(Quantity::Time, &open, "3.11 s", "≥ 1.75 s");
    open.high = Some(f64::INFINITY);
    check(Quantity::Time, &open, "3.11 s", "≥ 1.75 s");
}

#[test]
fn too_few_samples_show_no_number() {
    check(
        Quantity::Time,
        &unclaimed(1.0, Reason::TooFewSamples { need: 10_000 }),
        "not enough",
        "needs 10,000",
    );
    check(
        Quantity::Plain,
        &unclaimed(1.0, Reason::NoReadings),
        "no reading",
        "",
    );
    check(
        Quantity::Time,
        &unclaimed(0.0, Reason::NoSamples),
        "–",
        "no samples",
    );
}

#[test]
fn values_without_interval_say_why() {
    check(
        Quantity::Time,
        &unclaimed(5000.0, Reason::TooShort { need_s: 20 }),
        "5.00 ms",
        "needs 20 s",
    );
    check(
        Quantity::Time,
        &unclaimed(5000.0, Reason::NotSteady),
        "5.00 ms",
        "not steady",
    );
    check(
        Quantity::Time,
        &unclaimed(5000.0, Reason::MixedLoads),
        "5.00 ms",
        "",
    );
    check(
        Quantity::Time,
        &unclaimed(5000.0, Reason::Invalid("lag".into())),
        "5.00 ms ⊘",
        "not to be trusted",
    );
}

#[test]
fn slow_fluctuations_mark_the_interval() {
    let mut wide = claimed(1.07e6, 0.84e6, 1.34e6);
    wide.at_least = true;
    check(Quantity::Time, &wide, "1.07 s", "0.84–1.34 s+");
}

#[track_caller]
fn check_beside(value_us: f64, bound_us: f64, expected: &str) {
    let shown = estimate_beside(
        Quantity::Time,
        &claimed(value_us, value_us * 0.9, value_us * 1.1),
        bound_us,
    );
    assert_eq!(shown.value, expected);
}

#[test]
fn rounding_never_changes_a_comparison_with_a_bound() {
    check_beside(4.998e6, 5e6, "4.998 s");
    check_beside(5.001e6, 5e6, "5.001 s");
    check_beside(5.0e6, 5e6, "5.00 s");
    check_beside(4.2e6, 5e6, "4.20 s");
    check_beside(4.999_999e6, 5e6, "4.999999 s");
}

#[test]
fn ends_keep_their_side_of_the_bound() {
    let shown = estimate_beside(Quantity::Share, &claimed(0.08, 0.05, 0.09996), 0.10);
    assert_eq!(shown.interval, "5.0–9.996 %");
}

#[test]
fn units_change_where_the_rounded_value_does() {
    assert_eq!(value(Quantity::Time, 999_700.0), "1.00 s");
    assert_eq!(value(Quantity::Time, 999_400.0), "999 ms");
    assert_eq!(value(Quantity::Time, 999.7), "1.00 ms");
    assert_eq!(value(Quantity::Time, 119.9e6), "120 s");
    assert_eq!(value(Quantity::Time, 150e6), "2:30 min");
    assert_eq!(value(Quantity::Bytes, 41_234.0), "41.2 kB");
    assert_eq!(value(Quantity::Bytes, 170e6), "170 MB");
    assert_eq!(value(Quantity::Bytes, 214.0), "214 B");
    assert_eq!(value(Quantity::Rate, 12_345.0), "12,300/s");
    assert_eq!(value(Quantity::Rate, 99.96), "100/s");
    assert_eq!(value(Quantity::Time, 0.0), "0 µs");
}

#[test]
fn rough_values_have_two_digits() {
    assert_eq!(rough(Quantity::Share, 0.041), "4.1 %");
    assert_eq!(rough(Quantity::Share, 0.265), "27 %");
    assert_eq!(rough(Quantity::Share, 0.999), "100 %");
    assert_eq!(rough(Quantity::Share, 0.0004), "0.040 %");
    assert_eq!(rough(Quantity::Bytes, 170.4e6), "170 MB");
    assert_eq!(rough(Quantity::Time, 0.0), "0 µs");
}

#[test]
fn bounds_are_written_with_their_own_digits() {
    assert_eq!(bound(Quantity::Time, 5e6), "5 s");
    assert_eq!(bound(Quantity::Time, 4.998e6), "4.998 s");
    assert_eq!(bound(Quantity::Time, 500e3), "500 ms");
    assert_eq!(bound(Quantity::Share, 0.1), "10 %");
    assert_eq!(bound(Quantity::Share, 0.0005), "0.05 %");
    assert_eq!(bound(Quantity::Rate, 2000.0), "2,000/s");
}

#[test]
fn counts_are_exact_with_thousands_commas() {
    assert_eq!(count(49_629), "49,629");
    assert_eq!(count(999), "999");
    assert_eq!(count(1_000_000), "1,000,000");
    assert_eq!(load(1870.0), "1,870");
    assert_eq!(load(0.5), "0.500");
}

#[test]
fn times_of_the_run_are_clock_times() {
    assert_eq!(clock(253.0), "4:13");
    assert_eq!(clock(3725.0), "1:02:05");
    assert_eq!(length(390.0), "6 min 30 s");
    assert_eq!(length(240.0), "4 min");
    assert_eq!(length(4.0), "4 s");
    assert_eq!(length(0.5), "500 ms");
    assert_eq!(length(7500.0), "2 h 5 min");
}

#[test]
fn changes_have_their_sign() {
    assert_eq!(signed_percent(0.5), "+50");
    assert_eq!(signed_percent(-0.001), "−0.1");
    assert_eq!(signed_percent(0.0), "0");
    assert_eq!(times(466.0), "470");
    assert_eq!(times(7.49), "7.5");
}

#[test]
fn nothing_that_is_not_a_number_is_printed() {
    assert_eq!(value(Quantity::Time, f64::NAN), "–");
    check(Quantity::Rate, &claimed(f64::INFINITY, 1.0, 2.0), "–", "");
    assert_eq!(times(f64::NAN), "–");
}
