//! Requests changed before they are sent, by what the user has seen before, and cut off when they
//! take too long.
//!
//! Sources: JMeter 5.6.3, `URLRewritingModifier`, `RegExUserParameters`, `SampleTimeout` and
//! `HTTPSamplerBase.setPath`. Not here: setting variables (see `setter`), sending.

mod link_parser;

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use loadline_events::ErrorKind;
use loadline_plan::program::{
    HttpProgram, ModifierProgram, ProgramArgument, RegexUserParametersProgram, RewritingId,
    SamplerProgram, Template, UrlRewritingProgram,
};
use loadline_units::Clock as _;

use crate::extract::MOST_MATCHES;
use crate::worker::Worker;
use crate::{Outcome, ResultView, RunClock, SampleError, Sampler, Scope, clock};

/// Longest time that a request may be given; longer ones are as good as none.
const LONGEST_BOUND: Duration = Duration::from_secs(366 * 24 * 3600);

/// The sessions that the URL Re-writing Modifiers of one user found last. A list of one word, as most
/// users have none.
#[derive(Debug, Default)]
pub(crate) struct Sessions(Option<Box<Session>>);

#[derive(Debug)]
struct Session {
    id: RewritingId,
    value: String,
    next: Sessions,
}

impl Sessions {
    /// `found`, which is kept, or in the place of an empty one what was kept last.
    fn kept(&mut self, id: RewritingId, found: String) -> String {
        match &mut self.0 {
            Some(session) if session.id == id => {
                if !found.is_empty() {
                    session.value = found;
                }
                session.value.clone()
            }
            Some(session) => session.next.kept(id, found),
            None => {
                self.0 = Some(Box::new(Session {
                    id,
                    value: found.clone(),
                    next: Sessions::default(),
                }));
                found
            }
        }
    }
}

/// Sends `request`, the one of `program`, as pre-processors have changed it, and cuts it off when its
/// time is over.
pub(crate) async fn sample<S: Sampler>(
    worker: &Worker<S>,
    program: &SamplerProgram,
    request: &HttpProgram,
    session: &S::Session,
    scope: &mut Scope<'_>,
) -> Option<Outcome> {
    let current = scope.per_user.sampler.as_ref();
    let changed = current.and_then(|current| current.request.clone());
    let request = changed.as_deref().unwrap_or(request);
    let bound = shortest(&program.timeouts, scope);
    // The time counts in which the request is rendered.
    let sampling = async {
        let now = worker.clock.now();
        worker.sampler.sample(session, request, now, scope).await
    };
    bounded(sampling, bound, worker.clock).await
}

/// Changes `request`, for the user of `scope` alone, as `modifier` says.
pub(crate) fn change(
    request: &mut Arc<HttpProgram>,
    modifier: &ModifierProgram,
    sessions: &mut Sessions,
    scope: &mut Scope<'_>,
) {
    match modifier {
        ModifierProgram::UrlRewriting(program) => rewrite(request, program, sessions, scope),
        ModifierProgram::RegexUserParameters(program) => set_arguments(request, program, scope),
        ModifierProgram::LinkParser => link_parser::follow(request, scope),
    }
}

/// Puts the session of the previous result into the URL; without such a result nothing changes.
fn rewrite(
    request: &mut Arc<HttpProgram>,
    program: &UrlRewritingProgram,
    sessions: &mut Sessions,
    scope: &mut Scope<'_>,
) {
    let Some(previous) = scope.previous else {
        return;
    };
    let name = scope.text(&program.argument);
    let mut value = session(ResultView::new(previous).body(), &name, program, scope);
    if program.keeps_value {
        value = sessions.kept(program.id, value);
    }
    let request = Arc::make_mut(request);
    if program.in_path {
        let path = scope.text(&request.path).replace(' ', "%20");
        let path = with_session(&path, &name, &value, program);
        set_path(request, path, scope);
    } else {
        (request.arguments).retain(|argument| scope.text_of(&argument.name) != *name);
        request.arguments.push(if program.encode {
            argument(&name, &value, true)
        } else {
            argument(&form_decoded(&name), &form_decoded(&value), true)
        });
    }
}

/// `path` with the session at its end, in the place of one that it has. As in JMeter, that is behind
/// a query.
fn with_session(path: &str, name: &str, value: &str, program: &UrlRewritingProgram) -> String {
    let mark = format!(";{name}");
    let mut path = match (path.find(&mark), path.find('?')) {
        (None, _) => path.to_owned(),
        (Some(start), Some(query)) => format!("{}{}", &path[..start], &path[query..]),
        (Some(start), None) => path[..start].to_owned(),
    };
    path.push_str(&mark);
    if !program.without_equals {
        path.push('=');
    }
    path.push_str(value);
    path
}

/// Gives `request` a path. The query of one that is no whole URL becomes arguments where these go
/// into the URL, as in JMeter.
pub(crate) fn set_path(request: &mut HttpProgram, path: String, scope: &mut Scope<'_>) {
    let is_whole = path.starts_with("http://") || path.starts_with("https://");
    let has_arguments_in_url = matches!(&*scope.text_of(&request.method), "GET" | "DELETE");
    let query = match path.split_once('?') {
        Some(parts) if !is_whole && has_arguments_in_url => Some(parts),
        _ => None,
    };
    let Some((path, query)) = query else {
        request.path = Template::literal(&path);
        return;
    };
    request.path = Template::literal(path);
    request.arguments.extend(arguments_of(query));
}

/// The arguments of a `query`.
fn arguments_of(query: &str) -> Vec<ProgramArgument> {
    let parts = query.split('&').map(|part| match part.split_once('=') {
        Some((name, value)) => (name, value, true),
        None => (part, "", false),
    });
    parts
        .filter(|(name, ..)| !name.is_empty())
        .map(|(name, value, equals)| argument(&form_decoded(name), &form_decoded(value), equals))
        .collect()
}

fn argument(name: &str, value: &str, use_equals: bool) -> ProgramArgument {
    ProgramArgument {
        name: Template::literal(name),
        value: Template::literal(value),
        always_encode: true,
        use_equals,
        content_type: Template::default(),
    }
}

/// The session in `text` by the name `name`; empty without one.
fn session(text: &str, name: &str, program: &UrlRewritingProgram, scope: &Scope<'_>) -> String {
    // A pattern that is made here is well formed.
    let found = scope
        .functions
        .patterns()
        .regex(&pattern(name, program))
        .ok()
        .and_then(|regex| regex.find_all(text, 1).ok());
    let Some(found) = found.as_ref().and_then(|found| found.first()) else {
        return String::new();
    };
    (1..found.groups.len())
        .find_map(|index| found.group(index, text))
        .unwrap_or_default()
        .to_owned()
}

/// The pattern whose only group that takes part is the session.
fn pattern(name: &str, program: &UrlRewritingProgram) -> String {
    let name = quote_meta(name);
    if program.in_path {
        let equals = if program.without_equals { "" } else { "=" };
        let mark = if program.without_question_mark {
            "?"
        } else {
            ""
        };
        return format!(r#";{name}{equals}([^"'<>&\s;{mark}]*)"#);
    }
    let value = r#"\s[vV][aA][lL][uU][eE]\s*=\s*["']([^"']*)["']"#;
    let named = format!(r#"\s[nN][aA][mM][eE]\s*=\s*["']{name}["']"#);
    format!(r#"[;\?&]{name}=([^"'<>&\s;\\]*)|{named}[^>]*{value}|{value}[^>]*{named}"#)
}

/// `text` with every character escaped that is no letter, digit or `_`, as Perl's `quotemeta`.
fn quote_meta(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len());
    for character in text.chars() {
        if !(character.is_alphanumeric() || character == '_') {
            quoted.push('\\');
        }
        quoted.push(character);
    }
    quoted
}

/// `text` with `+` as space and `%XX` as bytes of UTF-8. One that is not so encoded stays as it is;
/// JMeter loses its sample.
fn form_decoded(text: &str) -> Cow<'_, str> {
    if !text.contains(['+', '%']) {
        return Cow::Borrowed(text);
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let mut digit = || rest.next().and_then(|byte| char::from(byte).to_digit(16));
                let (Some(high), Some(low)) = (digit(), digit()) else {
                    return Cow::Borrowed(text);
                };
                bytes.extend(u8::try_from(high * 16 + low));
            }
            other => bytes.push(other),
        }
    }
    Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
}

/// Gives arguments the values that an extractor found beside their names. Without such names nothing
/// changes.
fn set_arguments(
    request: &mut Arc<HttpProgram>,
    program: &RegexUserParametersProgram,
    scope: &mut Scope<'_>,
) {
    let reference = scope.text(&program.reference);
    let names_group = scope.text(&program.names_group);
    let values_group = scope.text(&program.values_group);
    let count = (scope.variables)
        .get_by_name(&format!("{reference}_matchNr"))
        .and_then(|count| count.parse::<usize>().ok());
    let Some(count) = count else {
        return;
    };
    let variables = &*scope.variables;
    let text =
        |index: usize, group: &str| variables.get_by_name(&format!("{reference}_{index}_g{group}"));
    if text(1, &names_group).is_none() || text(1, &values_group).is_none() {
        return;
    }
    // Copied, as the texts of arguments may set variables.
    let found: Vec<(String, Option<String>)> = (1..=count.min(MOST_MATCHES))
        .filter_map(|index| {
            let name = text(index, &names_group)?;
            Some((
                name.to_owned(),
                text(index, &values_group).map(str::to_owned),
            ))
        })
        .collect();
    for index in 0..request.arguments.len() {
        let name = scope.text_of(&request.arguments[index].name);
        // The last of several values of one name counts.
        let named = found.iter().rev().find(|(known, _)| **known == *name);
        if let Some((_, Some(value))) = named {
            Arc::make_mut(request).arguments[index].value = Template::literal(value);
        }
    }
}

/// The shortest of `bounds`, texts in milliseconds; one that is no number above 0 is no bound.
fn shortest(bounds: &[Template], scope: &mut Scope<'_>) -> Option<Duration> {
    bounds
        .iter()
        .filter_map(|bound| scope.text_of(bound).parse::<i64>().ok())
        .filter_map(|bound| u64::try_from(bound).ok().filter(|bound| *bound > 0))
        .min()
        .map(|bound| Duration::from_millis(bound).min(LONGEST_BOUND))
}

/// The outcome of `sampling`, or of a connection that is closed when `bound` is over before.
async fn bounded(
    sampling: impl Future<Output = Option<Outcome>>,
    bound: Option<Duration>,
    run_clock: RunClock,
) -> Option<Outcome> {
    let Some(bound) = bound else {
        return sampling.await;
    };
    let started = run_clock.now();
    tokio::select! {
        biased;
        outcome = sampling => outcome,
        () = clock::sleep_until(run_clock, started + bound) => Some(Outcome {
            started,
            ended: run_clock.now(),
            error: Some(SampleError {
                kind: ErrorKind::Timeout,
                code: "Non HTTP response code: java.net.SocketException".into(),
                message: "Socket closed".into(),
            }.into()),
            ..Outcome::default()
        }),
    }
}

#[cfg(test)]
mod tests;
