//! HTML Link Parser: the request goes where a link, form or frame of the previous result leads that it
//! fits as a pattern.
//!
//! Protocol, host, path and the names of arguments are patterns: equal texts, or regular expressions.
//! Of several places that fit, one is drawn. Source: JMeter 5.6.3, `AnchorModifier` and
//! `HtmlParsingUtils`, whose parser is Tidy; here pages are read as browsers do.

use std::sync::Arc;

use loadline_plan::program::{HttpProgram, ProgramArgument, Template};
use rand::RngExt as _;
use scraper::{ElementRef, Html};
use url::Url;

use super::{argument, arguments_of, form_decoded};
use crate::extract::Patterns;
use crate::{ResultView, Scope};

/// Where a page leads.
#[derive(Debug)]
struct Link {
    url: Url,
    arguments: Vec<ProgramArgument>,
    is_form: bool,
}

/// What a request says about where it goes.
struct Wanted {
    protocol: String,
    domain: String,
    path: String,
    names: Vec<String>,
}

/// Lets `request` follow the previous result, if that was an HTTP request's and leads to a place that
/// fits.
pub(super) fn follow(request: &mut Arc<HttpProgram>, scope: &mut Scope<'_>) {
    let Some(previous) = scope.previous else {
        return;
    };
    let Ok(base) = Url::parse(&previous.response.url) else {
        return;
    };
    let view = ResultView::new(previous);
    let body = view.body();
    let page = Html::parse_document(&body[body.find('<').unwrap_or(0)..]);
    let mut links = links(&page, "a", "href", &base);
    links.extend(forms(&page, &base));
    links.extend(self::links(&page, "frame", "src", &base));
    let wanted = Wanted {
        protocol: match scope.text(&request.protocol) {
            empty if empty.is_empty() => "http".to_owned(),
            protocol => protocol,
        },
        domain: scope.text(&request.domain),
        path: scope.text(&request.path).replace(' ', "%20"),
        names: (request.arguments.iter())
            .map(|argument| scope.text(&argument.name))
            .collect(),
    };
    let patterns = scope.functions.patterns();
    links.retain(|link| wanted.is_fit(link, patterns));
    if links.is_empty() {
        return;
    }
    let link = links.swap_remove(scope.chance.random_range(0..links.len()));
    let request = Arc::make_mut(request);
    request.domain = Template::literal(link.url.host_str().unwrap_or_default());
    request.path = Template::literal(link.url.path());
    request.protocol = Template::literal(link.url.scheme());
    if link.is_form {
        fill_in(request, link.arguments, scope);
    } else {
        request.arguments = link.arguments;
    }
}

impl Wanted {
    fn is_fit(&self, link: &Link, patterns: &Patterns) -> bool {
        let host = link.url.host_str().unwrap_or_default();
        let path = link.url.path();
        is_like(link.url.scheme(), &self.protocol, patterns)
            && (self.domain.is_empty() || is_like(host, &self.domain, patterns))
            && (path == self.path || matches(path, &format!("[/]*{}", self.path), patterns))
            && self.has_names(&link.arguments, patterns)
    }

    fn has_names(&self, arguments: &[ProgramArgument], patterns: &Patterns) -> bool {
        if self.names.is_empty() {
            return true;
        }
        let text = |template: &Template| template.as_literal().unwrap_or_default().to_owned();
        let pairs = arguments.iter().map(|argument| {
            let equals = if argument.use_equals { "=" } else { "" };
            format!("{}{equals}{}", text(&argument.name), text(&argument.value))
        });
        let query = pairs.collect::<Vec<_>>().join("&");
        self.names.iter().all(|name| {
            query.contains(&format!("{name}="))
                || (patterns.regex(name).ok())
                    .is_some_and(|regex| regex.contains(&query).unwrap_or(false))
        })
    }
}

/// Gives the arguments of `request` the values of those of a form that fit as a pattern; each of these
/// is taken once.
fn fill_in(request: &mut HttpProgram, mut found: Vec<ProgramArgument>, scope: &mut Scope<'_>) {
    for own in &mut request.arguments {
        let (name, value) = (scope.text(&own.name), scope.text(&own.value));
        let patterns = scope.functions.patterns();
        let is_like = |template: &Template, pattern: &str| {
            is_like(template.as_literal().unwrap_or_default(), pattern, patterns)
        };
        let fits = (0..found.len()).filter(|index| {
            is_like(&found[*index].name, &name) && is_like(&found[*index].value, &value)
        });
        let fits: Vec<usize> = fits.collect();
        if !fits.is_empty() {
            let drawn = fits[scope.chance.random_range(0..fits.len())];
            let taken = found.remove(drawn);
            own.name = taken.name;
            own.value = taken.value;
        }
    }
}

/// Where elements `tag` with the attribute `attribute` lead.
fn links(page: &Html, tag: &str, attribute: &str, base: &Url) -> Vec<Link> {
    let mut elements = elements(page);
    let given = elements.find_map(|element| {
        (element.value().name() == "base").then(|| element.attr("href").unwrap_or_default())
    });
    let base = match given {
        Some(given) => base.join(given).ok(),
        None => Some(base.clone()),
    };
    let Some(base) = base else {
        return Vec::new();
    };
    self::elements(page)
        .filter(|element| element.value().name() == tag)
        .filter_map(|element| element.attr(attribute))
        .filter(|place| !(tag == "a" && place.starts_with("javascript:")))
        .filter_map(|place| link(place, &base, false))
        .collect()
}

/// The forms of a page. As in JMeter, what stands behind a form belongs to it up to the next.
fn forms(page: &Html, base: &Url) -> Vec<Link> {
    let mut forms: Vec<Link> = Vec::new();
    let mut is_in_form = false;
    let mut select = "";
    for element in elements(page) {
        let attribute = |name| element.attr(name).unwrap_or_default();
        let tag = element.value().name();
        if tag == "form" {
            let form = element.attr("action");
            let form = form.and_then(|action| link(action, base, true));
            is_in_form = form.is_some();
            forms.extend(form);
            continue;
        }
        let Some(form) = forms.last_mut().filter(|_| is_in_form) else {
            continue;
        };
        let (name, value) = match tag {
            "input" => (attribute("name"), attribute("value").to_owned()),
            "textarea" => (attribute("name"), element.text().collect()),
            "option" => (select, attribute("value").to_owned()),
            "select" => {
                select = attribute("name");
                continue;
            }
            _ => continue,
        };
        let (name, value) = (form_decoded(name), form_decoded(&value));
        form.arguments.push(argument(&name, &value, true));
    }
    forms
}

fn link(place: &str, base: &Url, is_form: bool) -> Option<Link> {
    let url = base.join(place).ok()?;
    let arguments = arguments_of(url.query().unwrap_or_default());
    matches!(url.scheme(), "http" | "https").then_some(Link {
        url,
        arguments,
        is_form,
    })
}

fn elements(page: &Html) -> impl Iterator<Item = ElementRef<'_>> {
    page.root_element()
        .descendants()
        .filter_map(ElementRef::wrap)
}

fn is_like(text: &str, pattern: &str, patterns: &Patterns) -> bool {
    text == pattern || matches(text, pattern, patterns)
}

/// Whether all of `text` is as `pattern` says; not by a malformed one.
fn matches(text: &str, pattern: &str, patterns: &Patterns) -> bool {
    let regex = patterns.regex(pattern).ok();
    regex.is_some_and(|regex| regex.matches(text).unwrap_or(false))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_user::User;
    use crate::{Outcome, Response};

    const PAGE: &str = "<html><a href='/first?x=1'>1</a> <a href='mailto:a@b'>2</a>\
        <a href='second?a=1&amp;b=2'>3</a> <a href='https://other/first'>4</a>\
        <form action='/login'><input type=hidden name=csrf value=c-1><input name=user>\
        <select name=colour><option value=red>r</option></select></form></html>";

    /// Where a request of `path` with `arguments` goes behind `page`, which came from `http://h/d/p`.
    fn followed(page: &str, path: &str, arguments: &[(&str, &str)]) -> String {
        let mut user = User::new();
        user.set_previous(Outcome {
            status: 200,
            response: Response {
                body: page.into(),
                url: "http://h/d/p".into(),
                ..Response::default()
            }
            .into(),
            ..Outcome::default()
        });
        let mut scope = user.scope();
        let mut request = Arc::new(HttpProgram {
            path: Template::literal(path),
            arguments: (arguments.iter())
                .map(|(name, value)| argument(name, value, true))
                .collect(),
            ..HttpProgram::default()
        });
        follow(&mut request, &mut scope);
        let text = |template: &Template| template.as_literal().unwrap_or("?").to_owned();
        let mut shown = format!(
            "{}://{}{}",
            text(&request.protocol),
            text(&request.domain),
            text(&request.path)
        );
        for argument in &request.arguments {
            shown += &format!(" {}={}", text(&argument.name), text(&argument.value));
        }
        shown
    }

    #[test]
    fn a_link_that_fits_is_followed_with_its_arguments() {
        assert_eq!(followed(PAGE, "/first", &[]), "http://h/first x=1");
        assert_eq!(
            followed(PAGE, "d/s.*", &[("b", "")]),
            "http://h/d/second a=1 b=2"
        );
        assert_eq!(followed(PAGE, "/first", &[("y", "")]), ":///first y=");
    }

    #[test]
    fn a_form_fills_in_the_arguments_that_fit() {
        let arguments = [("csrf", ".*"), ("user", "me"), ("col.*", "r.d")];
        assert_eq!(
            followed(PAGE, "/login", &arguments),
            "http://h/login csrf=c-1 user=me colour=red"
        );
    }

    #[test]
    fn a_base_counts_for_links() {
        let page = "<head><base href='http://b/x/'></head><a href=y>1</a>";
        assert_eq!(followed(page, ".*", &[]), "http://b/x/y");
        assert_eq!(followed("no page", ".*", &[]), "://.*");
    }
}
