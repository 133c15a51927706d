//! What one element has in scope for the samplers below it: its direct children that are no
//! controllers and no samplers, compiled once and shared by all those samplers.

use std::sync::Arc;

use crate::program::{
    AssertionProgram, CsvId, CsvProgram, Number, PostProcessorProgram, Template, TimerProgram,
};
use crate::{
    Config, CookieManager, CsvDataSet, Element, ElementKind, HttpRequest, Location, Text, Timer,
};

use super::{Compiler, definitions};

/// The elements in scope from one level of the tree.
#[derive(Debug, Default)]
pub(super) struct Level {
    /// HTTP defaults, in file order.
    pub(super) defaults: Vec<HttpRequest>,
    /// Headers of all header managers, in file order.
    pub(super) headers: Vec<HeaderProgram>,
    /// The last cookie manager.
    pub(super) cookies: Option<Arc<CookieManager>>,
    /// Timers, in file order.
    pub(super) timers: Vec<TimerProgram>,
    /// Post-processors, in file order.
    pub(super) post_processors: Vec<Arc<PostProcessorProgram>>,
    /// Assertions, in file order.
    pub(super) assertions: Vec<Arc<AssertionProgram>>,
    /// Data sets, in the order in which they read: last in the file first.
    pub(super) csv: Vec<CsvId>,
}

/// One header of a header manager.
#[derive(Clone, Debug)]
pub(super) struct HeaderProgram {
    /// Which header manager of the level it stands in; two headers of one manager are both sent.
    pub(super) manager: usize,
    /// Name as written, in lower case: headers of the same name replace each other.
    pub(super) key: String,
    pub(super) name: Template,
    pub(super) value: Template,
}

impl Level {
    /// Compiles the direct `children` of an element, leaving controllers and samplers out.
    pub(super) fn compile(children: &[Element], compiler: &mut Compiler) -> Self {
        let mut level = Level::default();
        let mut header_managers = 0;
        for element in children {
            let location = &element.location;
            match &element.kind {
                ElementKind::Controller(_) | ElementKind::Sampler(_) | ElementKind::Output(_) => {}
                ElementKind::Config(Config::HttpDefaults(request)) => {
                    level.defaults.push((**request).clone());
                }
                ElementKind::Config(Config::Headers(headers)) => {
                    for (name, value) in headers {
                        level.headers.push(HeaderProgram {
                            manager: header_managers,
                            key: name.as_str().to_lowercase(),
                            name: compiler.template(name, location),
                            value: compiler.template(value, location),
                        });
                    }
                    header_managers += 1;
                }
                ElementKind::Config(Config::Cookies(manager)) => {
                    level.cookies = Some(Arc::new(manager.clone()));
                }
                ElementKind::Config(Config::Csv(csv)) => {
                    level.csv.insert(0, compiler.csv(csv, location));
                }
                ElementKind::Timer(timer) => level.timers.push(compiler.timer(timer, location)),
                ElementKind::PostProcessor(post_processor) => {
                    let program = PostProcessorProgram::compile(post_processor, &mut |text| {
                        compiler.template(text, location)
                    });
                    definitions::note_post_processor(&program, &mut compiler.names);
                    level.post_processors.push(Arc::new(program));
                }
                ElementKind::Assertion(assertion) => {
                    let program = AssertionProgram::compile(assertion, &mut |text| {
                        compiler.template(text, location)
                    });
                    level.assertions.push(Arc::new(program));
                }
            }
        }
        level
    }
}

impl Compiler {
    fn csv(&mut self, csv: &CsvDataSet, location: &Location) -> CsvId {
        let program = CsvProgram {
            file: self.template(&csv.file, location),
            encoding: self.template(&csv.encoding, location),
            variables: self.template(&csv.variables, location),
            delimiter: self.template(&csv.delimiter, location),
            ignore_first_line: csv.ignore_first_line,
            quoted: csv.quoted,
            recycle: csv.recycle,
            stop_thread: csv.stop_thread,
            share: csv.share.clone(),
            location: location.clone(),
        };
        definitions::note_csv(&program, &mut self.names);
        let id = CsvId(u32::try_from(self.csv.len()).expect("a plan has fewer than 2^32 elements"));
        self.csv.push(program);
        id
    }

    /// Compiles a timer, or the length of a pause.
    pub(super) fn timer(&mut self, timer: &Timer, location: &Location) -> TimerProgram {
        match timer {
            Timer::Constant { delay_ms } => TimerProgram::Constant {
                delay_ms: self.number(delay_ms, location),
            },
            Timer::Uniform {
                offset_ms,
                range_ms,
            } => TimerProgram::Uniform {
                offset_ms: self.number(offset_ms, location),
                range_ms: self.number(range_ms, location),
            },
            Timer::Gaussian {
                offset_ms,
                deviation_ms,
            } => TimerProgram::Gaussian {
                offset_ms: self.number(offset_ms, location),
                deviation_ms: self.number(deviation_ms, location),
            },
        }
    }

    /// Compiles a number; a text that is none is reported and is 0, as in JMeter. Empty is 0.
    fn number(&mut self, text: &Text, location: &Location) -> Number {
        let template = self.template(text, location);
        let Some(literal) = template.as_literal() else {
            return Number::Text(template);
        };
        let literal = literal.trim();
        // A text with references that could not be taken apart has its finding already.
        if literal.is_empty() || literal.contains("${") {
            return Number::Fixed(0.0);
        }
        match literal.parse::<f64>() {
            Ok(number) if number.is_finite() => Number::Fixed(number),
            _ => {
                let finding = crate::Diagnostic::error(
                    "not-a-number",
                    location.clone(),
                    format!("`{literal}` is not a number of milliseconds"),
                );
                self.diagnostics
                    .push(
                        super::names::soften(finding, self.lenient).with_help(if self.lenient {
                            "it counts as 0, as in JMeter"
                        } else {
                            "write digits, such as `500`"
                        }),
                    );
                Number::Fixed(0.0)
            }
        }
    }
}
