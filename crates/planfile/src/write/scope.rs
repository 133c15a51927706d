//! What is in scope of a plan, a group or a request in short forms: the first elements, in the order
//! in which the reader makes them.

use loadline_plan::{
    Config, CookieManager, CsvDataSet, Element, ElementKind, HttpRequest, ShareMode, Text,
};

use super::Entries;
use super::quantity::think;
use super::settings::{are_unique, pairs};
use super::yaml::Yaml;

/// Takes defaults that say how servers are spoken to and nothing else, likewise.
pub(super) fn http(children: &mut &[Element]) -> Option<Yaml> {
    let (first, rest) = children.split_first()?;
    let ElementKind::Config(Config::HttpDefaults(request)) = &first.kind else {
        return None;
    };
    let said = HttpRequest {
        http_version: request.http_version,
        streams: request.streams,
        unix_socket: request.unix_socket.clone(),
        ..HttpRequest::default()
    };
    if first.name.as_str() != "http" || !first.children.is_empty() || said != **request {
        return None;
    }
    let mut entries = Entries::new();
    let mut push = |key: &str, value: Yaml| entries.push((key.to_owned(), value));
    if let Some(version) = said.http_version {
        push("version", Yaml::plain(version.name()));
    }
    if let Some(streams) = said.streams {
        push("streams", Yaml::plain(streams.name()));
    }
    if let Some(file) = &said.unix_socket {
        push("unix_socket", Yaml::text(file.as_str()));
    }
    *children = rest;
    Some(Yaml::Map(entries))
}

/// Takes a Header Manager with the name that `headers` gives it from the front of `children`.
pub(super) fn headers(children: &mut &[Element]) -> Option<Yaml> {
    let (first, rest) = children.split_first()?;
    let ElementKind::Config(Config::Headers(headers)) = &first.kind else {
        return None;
    };
    if first.name.as_str() != "headers"
        || !first.children.is_empty()
        || !are_unique(headers)
        || headers.is_empty()
    {
        return None;
    }
    *children = rest;
    Some(pairs(headers))
}

/// Takes a plain Cookie Manager, likewise; whether there was one.
pub(super) fn cookies(children: &mut &[Element]) -> bool {
    let Some((first, rest)) = children.split_first() else {
        return false;
    };
    let plain = ElementKind::Config(Config::Cookies(CookieManager::default()));
    let is_plain =
        first.name.as_str() == "cookies" && first.children.is_empty() && first.kind == plain;
    if is_plain {
        *children = rest;
    }
    is_plain
}

/// Takes a think time, likewise.
pub(super) fn think_time(children: &mut &[Element]) -> Option<Yaml> {
    let (first, rest) = children.split_first()?;
    let ElementKind::Timer(timer) = &first.kind else {
        return None;
    };
    if first.name.as_str() != "think" || !first.children.is_empty() {
        return None;
    }
    let text = think(timer)?;
    *children = rest;
    Some(Yaml::text(text))
}

/// Takes data files, likewise.
pub(super) fn data(children: &mut &[Element]) -> Entries {
    let mut files = Entries::new();
    while let Some((first, rest)) = children.split_first() {
        let ElementKind::Config(Config::Csv(csv)) = &first.kind else {
            break;
        };
        let file = csv.file.as_str();
        let is_named = first.name == csv.file && first.children.is_empty();
        let is_known = files.iter().any(|(known, _)| known == file);
        let Some(settings) = data_file(csv).filter(|_| is_named && !is_known) else {
            break;
        };
        files.push((file.to_owned(), Yaml::Map(settings)));
        *children = rest;
    }
    files
}

fn data_file(csv: &CsvDataSet) -> Option<Entries> {
    let names: Vec<&str> = match csv.variables.as_str() {
        "" => Vec::new(),
        names => names.split(',').collect(),
    };
    let is_sayable = csv.encoding.is_empty()
        && !csv.random_order
        && !names.contains(&"")
        && (!csv.ignore_first_line || !names.is_empty());
    if !is_sayable {
        return None;
    }
    let mut entries = Entries::new();
    let mut push = |key: &str, value: Yaml| entries.push((key.to_owned(), value));
    if !names.is_empty() {
        let names = names.iter().map(|name| Yaml::text(*name));
        push("variables", Yaml::List(names.collect()));
    }
    if csv.ignore_first_line {
        push("header", Yaml::plain(true));
    }
    match csv.share {
        ShareMode::All => {}
        ShareMode::Group => push("share", Yaml::plain("group")),
        ShareMode::Thread => push("share", Yaml::plain("user")),
        ShareMode::Key(_) | ShareMode::Element => return None,
    }
    if !csv.recycle {
        push("recycle", Yaml::plain(false));
    }
    if csv.stop_thread == csv.recycle {
        push("stop", Yaml::plain(csv.stop_thread));
    }
    if csv.delimiter != Text::from(",") {
        push("delimiter", Yaml::text(csv.delimiter.as_str()));
    }
    if !csv.quoted {
        push("quoted", Yaml::plain(false));
    }
    Some(entries)
}
