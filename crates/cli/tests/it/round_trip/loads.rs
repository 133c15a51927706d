//! Our loads in JMeter's terms: the same number of users, and the same arrivals, at every time.

use std::time::Duration;

use loadline_jmx::in_jmeters_terms;
use loadline_plan::{Diagnostic, Load, NativeLoad, Text};
use loadline_schedule::{IterationBound, LoadProfile};
use proptest::prelude::*;

use super::chance::Chance;
use super::{config, plans};

fn profile(load: &Load) -> LoadProfile {
    LoadProfile::from_load(load, &mut |text: &Text| text.as_str().to_owned()).unwrap()
}

/// How many users may be there at a time that are not in the other: the one that is just coming, one
/// for each block of users of the same times.
fn slack(load: &Load) -> u32 {
    match load {
        Load::Ultimate(rows) => u32::try_from(rows.len()).unwrap(),
        _ => 1,
    }
}

proptest! {
    #![proptest_config(config(96))]

    #[test]
    fn loads_keep_their_course(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let plan = plans::of_ours(&bytes);
        let terms = in_jmeters_terms(&plan);
        let Some(of_jmeter) = terms.plan else {
            prop_assert!(terms.diagnostics.iter().any(Diagnostic::is_error));
            return Ok(());
        };
        for (own, other) in plan.groups.iter().zip(&of_jmeter.groups) {
            same_course(&own.load, &other.load)?;
        }
    }

    #[test]
    fn whole_seconds_are_never_refused(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
        let mut plan = plans::of_ours(&[]);
        plan.groups.truncate(1);
        plan.groups[0].load = plans::own_load(&mut Chance::new(&bytes));
        let load = &plan.groups[0].load;
        let refused = in_jmeters_terms(&plan);
        let is_shared = matches!(load, Load::Native(NativeLoad::UserIterations { each: false, users, .. }) if *users > 1);
        // Who leaves in a fall may have come in the middle of a rise.
        let is_staged = matches!(load, Load::Native(NativeLoad::UserStages { .. }));
        prop_assert!(
            is_shared || is_staged || refused.plan.is_some(),
            "{:?}",
            refused.diagnostics
        );
    }
}

fn same_course(own: &Load, other: &Load) -> Result<(), TestCaseError> {
    let slack = slack(other);
    let (own, other) = (profile(own), profile(other));
    prop_assert_eq!(own.is_open(), other.is_open());
    let end = own.duration().unwrap_or(Duration::from_secs(120));
    if let Some(length) = other.duration()
        && own.duration().is_some()
    {
        // A load that ends without users, or a pause before a schedule, ends no one.
        prop_assert!(length <= end, "{:?} after {:?}", length, end);
    }
    for tenth in 0..=end.as_millis() / 100 {
        let time = Duration::from_millis(u64::try_from(tenth * 100).unwrap() + 50);
        let (expected, found) = (own.planned_users(time), other.planned_users(time));
        prop_assert!(
            expected.abs_diff(found) <= slack,
            "{} and {} users at {:?}: {:?} and {:?}",
            expected,
            found,
            time,
            own,
            other
        );
        let (expected, found) = (own.arrivals_due(time), other.arrivals_due(time));
        prop_assert!(
            (expected - found).abs() < 1e-6,
            "{} and {} arrivals at {:?}: {:?} and {:?}",
            expected,
            found,
            time,
            own,
            other
        );
    }
    let iterations = |profile: &LoadProfile| {
        let window = profile.user_window(0);
        window.map(|window| match window.iterations {
            IterationBound::Unbounded => None,
            IterationBound::Each(count) | IterationBound::Shared(count) => Some(count),
        })
    };
    if !own.is_open() && own.user_count() > 0 {
        prop_assert_eq!(iterations(&own), iterations(&other));
    }
    Ok(())
}
