//! What hears results and acts on them.

use loadline_plan::{AutoStop, ElementKind};

use super::{Form, Settings, form};

pub(super) const FORMS: &[Form] = &[form(
    "auto_stop",
    "Ends the test when what it hears is bad for long enough.",
    || ElementKind::AutoStop(AutoStop::default()),
)];

pub(super) fn auto_stop<S: Settings>(own: &mut AutoStop, s: &mut S) {
    const TIME: &str = "For how many seconds it must be above it.";
    let mut text = |key, about, value| s.text(key, about, "", value);
    text(
        "response_time_ms",
        "Greatest mean service time of a second, in milliseconds.",
        &mut own.response_time_ms,
    );
    text("response_time_s", TIME, &mut own.response_time_s);
    text(
        "latency_ms",
        "Greatest mean time to the first byte of a second, in milliseconds.",
        &mut own.latency_ms,
    );
    text("latency_s", TIME, &mut own.latency_s);
    text(
        "error_percent",
        "Greatest share of failed results of a second, in percent.",
        &mut own.error_percent,
    );
    text("error_s", TIME, &mut own.error_s);
}
