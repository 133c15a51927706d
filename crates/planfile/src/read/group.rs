//! A group: its load, what is in scope of all its requests, and its steps.

use std::time::Duration;

use loadline_plan::{
    Config, CookieManager, CsvDataSet, Element, ElementKind, HttpRequest, HttpStreams, HttpVersion,
    Load, NativeLoad, OnSampleError, ShareMode, Stage, Text, ThreadGroup,
};

use super::{Fields, Reader};
use crate::grammar;
use crate::node::{Node, Place};
use crate::target::Target;

/// The words for what a failed sample does.
pub(crate) const ON_ERROR: [(&str, OnSampleError); 5] = [
    ("continue", OnSampleError::Continue),
    ("start_next_loop", OnSampleError::StartNextLoop),
    ("stop_thread", OnSampleError::StopThread),
    ("stop_test", OnSampleError::StopTest),
    ("stop_test_now", OnSampleError::StopTestNow),
];

/// A group and the place of its `after`, which is checked when all groups are known.
pub(super) struct ReadGroup {
    pub(super) group: ThreadGroup,
    pub(super) after_place: Place,
    pub(super) name_place: Place,
}

impl Reader<'_> {
    pub(super) fn group(
        &mut self,
        node: &Node,
        stage: Stage,
        target: Option<&Target>,
    ) -> Option<ReadGroup> {
        let object = match stage {
            Stage::Main => &grammar::GROUP,
            Stage::SetUp | Stage::TearDown => &grammar::STAGE_GROUP,
        };
        let fields = self.fields(node, object)?;
        let name = self.name_of(&fields, "name");
        let path = name
            .clone()
            .unwrap_or_else(|| "(group without name)".to_owned());
        self.within(path, |reader| {
            let location = reader.location(node.place);
            let load = match fields.find("load") {
                Some(node) => reader.load(node),
                None => Some(one_iteration()),
            };
            let mut children = reader.scope(&fields);
            if let Some(node) = fields.find("data") {
                for (file, node) in reader.entries(node, "files") {
                    let csv = reader.within(&file.text, |reader| reader.data(&file.text, node));
                    let config = csv.map(|csv| ElementKind::Config(Config::Csv(csv)));
                    children.extend(
                        config.map(|kind| reader.element(file.text.as_str(), kind, file.place)),
                    );
                }
            }
            if let Some(node) = fields.find("think") {
                children.extend(
                    reader.think(node).map(|timer| {
                        reader.element("think", ElementKind::Timer(timer), node.place)
                    }),
                );
            }
            let after = reader.text_of(&fields, "after");
            let same_user = reader.flag_of(&fields, "same_user");
            let on_sample_error = reader.on_sample_error(&fields);
            if let Some(node) = fields.find("do") {
                children.extend(reader.steps(node, target));
            }
            let place_of = |name| fields.find(name).map_or(node.place, |node| node.place);
            Some(ReadGroup {
                group: ThreadGroup {
                    name: name?,
                    stage,
                    load: load?,
                    on_sample_error,
                    same_user_on_next_iteration: same_user.unwrap_or(true),
                    after,
                    children,
                    location,
                },
                after_place: place_of("after"),
                name_place: place_of("name"),
            })
        })
    }

    fn on_sample_error(&mut self, fields: &Fields<'_>) -> OnSampleError {
        let words: Vec<&str> = ON_ERROR.iter().map(|(word, _)| *word).collect();
        let node = fields.find("on_error");
        let word = node.and_then(|node| self.word(node, &words));
        ON_ERROR
            .iter()
            .find(|(name, _)| Some(*name) == word)
            .map_or(OnSampleError::Continue, |(_, action)| *action)
    }

    /// How servers are spoken to, cookies and headers, of a plan or a group.
    pub(super) fn scope(&mut self, fields: &Fields<'_>) -> Vec<Element> {
        let mut elements = Vec::new();
        if let Some(node) = fields.find("http")
            && let Some(request) = self.http(node)
        {
            let kind = ElementKind::Config(Config::HttpDefaults(Box::new(request)));
            elements.push(self.element("http", kind, node.place));
        }
        if let Some(node) = fields.find("cookies")
            && self.flag(node) == Some(true)
        {
            let kind = ElementKind::Config(Config::Cookies(CookieManager::default()));
            elements.push(self.element("cookies", kind, node.place));
        }
        if let Some(node) = fields.find("headers") {
            let headers = self.named_texts(node, "headers");
            let kind = ElementKind::Config(Config::Headers(headers));
            elements.push(self.element("headers", kind, node.place));
        }
        elements
    }

    fn http(&mut self, node: &Node) -> Option<HttpRequest> {
        let fields = self.fields(node, &grammar::HTTP)?;
        let mut word = |key, words: &[&'static str]| {
            let node = fields.find(key);
            node.and_then(|node| self.word(node, words))
        };
        let version = word("version", &["1.1", "2"]).and_then(HttpVersion::named);
        let streams = word("streams", &["one", "many"]).and_then(HttpStreams::named);
        Some(HttpRequest {
            http_version: version,
            streams,
            unix_socket: self.text_of(&fields, "unix_socket").map(Text),
            ..HttpRequest::default()
        })
    }

    fn data(&mut self, file: &str, node: &Node) -> Option<CsvDataSet> {
        let fields = self.fields(node, &grammar::DATA)?;
        let mut names = Vec::new();
        if let Some(node) = fields.find("variables") {
            for item in self.list(node, "names") {
                let Some(name) = self.text(item) else {
                    continue;
                };
                if name.is_empty() || name.contains(',') {
                    let message = format!("`{name}` is no name of a variable");
                    self.error(
                        "invalid-name",
                        item.place,
                        message,
                        "write one name an item",
                    );
                }
                names.push(name);
            }
        }
        let share = fields
            .find("share")
            .and_then(|node| self.word(node, &["all", "group", "user"]));
        let recycle = self.flag_of(&fields, "recycle").unwrap_or(true);
        let header = self.flag_of(&fields, "header");
        if let (Some(false), None, Some(node)) =
            (header, fields.find("variables"), fields.find("header"))
        {
            let help = "list `variables`, or let the first line give the names";
            self.error("missing-key", node.place, "nothing names the columns", help);
        }
        Some(CsvDataSet {
            random_order: false,
            file: file.into(),
            encoding: Text::default(),
            variables: Text(names.join(",")),
            delimiter: self
                .text_of(&fields, "delimiter")
                .unwrap_or_else(|| ",".to_owned())
                .into(),
            ignore_first_line: header == Some(true) && !names.is_empty(),
            quoted: self.flag_of(&fields, "quoted").unwrap_or(true),
            recycle,
            stop_thread: self.flag_of(&fields, "stop").unwrap_or(!recycle),
            share: match share {
                Some("group") => ShareMode::Group,
                Some("user") => ShareMode::Thread,
                _ => ShareMode::All,
            },
        })
    }
}

/// What groups before and after the load do by default.
fn one_iteration() -> Load {
    Load::Native(NativeLoad::UserIterations {
        users: 1,
        iterations: 1,
        each: true,
        ramp: Duration::ZERO,
        start: Duration::ZERO,
        pacing: None,
    })
}
