//! What a plan comes to: its program, without what two programs of one meaning differ in.

use loadline_plan::program::{Program, SamplerKind, Template};
use loadline_plan::{
    CompileInputs, Element, ElementKind, HttpRequest, Plan, PlanSource, Sampler, Text, compile,
};

/// The program of `plan` as text. Numbers of calls and slots follow the order of the file, places and
/// sources are no meaning, and neither is what stands around the value of a raw body.
pub(crate) fn meaning(plan: &Plan) -> String {
    let mut plan = plan.without_places();
    plan.source = PlanSource::Jmx;
    plan.groups.sort_by_key(|group| group.stage);
    let mut sets: Vec<usize> = plan.variables.iter().map(|variable| variable.set).collect();
    sets.dedup();
    for variable in &mut plan.variables {
        variable.set = sets.iter().position(|set| *set == variable.set).unwrap();
    }
    plan.children.iter_mut().for_each(settle);
    for group in &mut plan.groups {
        group.children.iter_mut().for_each(settle);
    }
    let inputs = CompileInputs {
        verify_tls: Some(false),
        ..CompileInputs::default()
    };
    match compile(&plan, &inputs) {
        (Some(program), _) => text_of(program),
        (None, findings) => {
            let errors = findings.iter().filter(|found| found.is_error());
            let mut codes: Vec<&str> = errors.map(|error| error.code).collect();
            codes.sort_unstable();
            codes.dedup();
            format!("no program: {codes:?}")
        }
    }
}

fn settle(element: &mut Element) {
    if let ElementKind::Sampler(Sampler::Http(request)) = &mut element.kind {
        body(request);
    }
    element.children.iter_mut().for_each(settle);
}

fn body(request: &mut HttpRequest) {
    if let (Some(true), [argument]) = (request.raw_body, request.arguments.as_mut_slice())
        && argument.name.is_empty()
    {
        argument.use_equals = true;
        argument.always_encode = false;
        argument.content_type = Text::default();
    }
}

fn text_of(mut program: Program) -> String {
    let slots = std::mem::take(&mut program.slots);
    program.call_count = 0;
    for sampler in program
        .groups
        .iter_mut()
        .flat_map(|group| &mut group.samplers)
    {
        if let SamplerKind::Http(request) = &mut sampler.kind {
            let request = std::sync::Arc::make_mut(request);
            if request.protocol.is_empty() {
                // JMeter's default.
                request.protocol = Template::literal("http");
            }
        }
    }
    let text = format!("{program:#?}");
    let text = numbered(&text, "CallId(", |_| "?".to_owned());
    numbered(&text, "Slot(", |number| slots[number].to_string())
}

/// `text` with the numbers behind `name` replaced.
fn numbered(text: &str, name: &str, replace: impl Fn(usize) -> String) -> String {
    let mut out = String::new();
    let mut parts = text.split(name);
    out.push_str(parts.next().unwrap());
    for part in parts {
        out.push_str(name);
        let digits = part.trim_start();
        let end = digits
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(digits.len());
        match digits[..end].parse() {
            Ok(number) => {
                out.push_str(&replace(number));
                out.push_str(&digits[end..]);
            }
            Err(_) => out.push_str(part),
        }
    }
    out
}
